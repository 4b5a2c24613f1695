// Package search finds things by what they are called, for whoever asks: the one place that says who finds what (I6). It asks the use
// cases that know the things, so that what each of them lets somebody see is decided there and nowhere else.
package search

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Kind is what a hit is.
type Kind string

// The kinds of things that can be found.
const (
	Order     Kind = books.FoundOrder
	Click     Kind = books.FoundClick
	Publisher Kind = books.FoundPublisher
	Run       Kind = books.FoundRun
	Payout    Kind = books.FoundPayout
	Link      Kind = "link"
	Program   Kind = "program"
	Store     Kind = "store"
	Ticket    Kind = "ticket"
	Case      Kind = "case"
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Order, Click, Link, Publisher, Run, Payout, Program, Store, Ticket, Case}
}

// Hit is something that was found. Members that a kind has no use for are empty.
type Hit struct {
	Kind      Kind
	ID        string
	Name      string     // what it is called: of a program, a publisher or a store; of a ticket its subject
	Program   program.ID // of a publisher: the first program that it is in
	Publisher string     // whose it is; of a publisher itself
	Store     string     // of an order that a seller found: its store that sold of it
	State     string     // of an order: its first item's
	Run       string     // of a payout
	Number    int64      // of a ticket: its id as a number
	AdSpace   string     // of a click
	Target    string     // of a link: the address that it leads to
	Category  string     // of a case
	At        time.Time
}

// Terms are the programs and their terms.
type Terms interface {
	Programs() []program.ID
	Terms(id program.ID, at time.Time) *program.Terms
}

// Parts are the use cases that are asked.
type Parts struct {
	Books   *books.Service
	Cases   *cases.Service
	Desk    *desk.Service
	Links   *links.Service
	Sellers *sellers.Service
	Terms   Terms
	Now     func() time.Time
}

// Service finds things.
type Service struct{ Parts }

// New returns a service over its parts.
func New(p Parts) *Service { return &Service{p} }

// Actor is who looks: somebody of a publisher, of a seller or of the operator.
type Actor struct {
	Kind      people.Kind
	Publisher string                       // of a publisher: its id
	Seller    string                       // of a seller: the id of its organisation
	Stores    []string                     // of a seller: its stores
	Can       func(people.Permission) bool // what the actor may see
}

// Viewer is the actor that somebody is who has signed in.
func Viewer(v people.Viewer) Actor {
	a := Actor{Kind: v.Organisation.Kind, Can: v.Can}
	switch a.Kind {
	case people.Publisher:
		a.Publisher = v.Organisation.Publisher
	case people.Seller:
		a.Seller, a.Stores = v.Organisation.ID, v.Organisation.Stores
	}
	return a
}

// most is how many of a kind are found by a part of their name.
const most = 10

// look is one search.
type look struct {
	*Service
	ctx  context.Context
	by   Actor
	q    string
	lang string
	hits []Hit
}

// Find looks for what is called q: an id, a name or a part of one, or a whole link. Programs are called as in the language given. Nothing is
// found that the actor may not open; an actor that may not search at all is people.ErrForbidden, and an empty q finds nothing.
func (s *Service) Find(ctx context.Context, by Actor, q, lang string) ([]Hit, error) {
	l := &look{Service: s, ctx: ctx, by: by, q: wanted(q), lang: lang}
	var may people.Permission
	var steps []func() error
	switch {
	case by.Kind == people.Operator:
		may, steps = people.SeeEverything, []func() error{l.books, l.links, l.programs, l.stores, l.tickets, l.cases}
	case by.Kind == people.Publisher && by.Publisher != "":
		may, steps = people.SeeReports, []func() error{l.books, l.links, l.programs, l.tickets, l.cases}
	case by.Kind == people.Seller && by.Seller != "":
		may, steps = people.SeeStores, []func() error{l.sold, l.stores, l.tickets}
	default: // whoever is nobody's would be everybody's
		return nil, people.ErrForbidden
	}
	if !by.Can(may) {
		return nil, people.ErrForbidden
	}
	if l.q == "" {
		return nil, nil
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.hits, nil
}

// wanted is what is looked for: of a whole link its code.
func wanted(q string) string {
	q = strings.TrimSpace(q)
	if i := strings.LastIndex(q, "/e/"); i >= 0 {
		q = q[i+len("/e/"):]
	}
	return q
}

// books finds orders, clicks, publishers, payouts and their runs; those of payouts only for those who may see money.
func (l *look) books() error {
	found, err := l.Books.Find(l.ctx, l.q, l.by.Publisher, l.Terms.Programs())
	money := people.SeePayouts
	if l.by.Kind == people.Publisher {
		money = people.SeeBalance
	}
	for _, f := range found {
		h := Hit{Kind: Kind(f.Kind), ID: f.ID, Program: f.Program, Publisher: f.Publisher, State: f.State, Run: f.Run, At: f.At}
		switch h.Kind {
		case Run, Payout:
			if !l.by.Can(money) {
				continue
			}
		case Publisher:
			h.Name = f.Detail
		case Click:
			h.AdSpace = f.Detail
		}
		l.hits = append(l.hits, h)
	}
	return err
}

// sold finds orders of which a seller's stores sold something.
func (l *look) sold() error {
	found, err := l.Sellers.FindOrders(l.ctx, l.by.Stores, l.q, l.Terms.Programs())
	for i := range found {
		f := &found[i]
		l.hits = append(l.hits, Hit{Kind: Order, ID: f.Order, Program: f.Program, Store: f.Store, State: f.State, At: f.PlacedAt})
	}
	return err
}

// links finds a link by its code.
func (l *look) links() error {
	found, err := l.Links.ByCode(l.ctx, l.q)
	if errors.Is(err, links.ErrNotFound) || err == nil && l.by.Publisher != "" && found.Publisher != l.by.Publisher {
		return nil
	}
	if err == nil {
		l.hits = append(l.hits, Hit{
			Kind: Link, ID: found.Code, Program: found.Program, Publisher: found.Publisher, State: found.State, Target: found.Target.URL, At: found.CreatedAt,
		})
	}
	return err
}

// holds reports whether one of some names holds what is looked for.
func (l *look) holds(names ...string) bool {
	q := strings.ToLower(l.q)
	return slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), q) })
}

func (l *look) programs() error {
	for _, id := range l.Terms.Programs() {
		t := l.Terms.Terms(id, l.Now())
		if t == nil {
			continue
		}
		names := []string{string(id)}
		for _, name := range t.Page.Name {
			names = append(names, name)
		}
		if l.holds(names...) {
			l.hits = append(l.hits, Hit{Kind: Program, ID: string(id), Name: t.Page.Name.In(l.lang), Program: id})
		}
	}
	return nil
}

// stores finds all stores for the operator, and a seller's own for it.
func (l *look) stores() (err error) {
	var found []sellers.Outlook
	if l.by.Kind == people.Seller {
		found, err = l.Sellers.Stores(l.ctx, l.by.Stores)
		found = slices.DeleteFunc(found, func(o sellers.Outlook) bool { return !l.holds(o.Store.ID, o.Store.Name) })
	} else {
		found, _, err = l.Sellers.All(l.ctx, l.q, "", most)
	}
	for _, o := range found[:min(len(found), most)] {
		l.hits = append(l.hits, Hit{Kind: Store, ID: o.Store.ID, Name: o.Store.Name})
	}
	return err
}

// tickets finds the asker's own, or for those of the operator who answer them all.
func (l *look) tickets() error {
	if l.by.Kind == people.Operator && !l.by.Can(people.ManagePublishers) {
		return nil
	}
	found, err := l.Desk.Find(l.ctx, desk.Asker{Publisher: l.by.Publisher, Seller: l.by.Seller}, l.q, most)
	for i := range found {
		x := &found[i]
		l.hits = append(l.hits, Hit{Kind: Ticket, ID: strconv.FormatInt(x.ID, 10), Number: x.ID, Name: x.Subject, Program: x.Program, Publisher: x.Publisher, State: x.State, At: x.CreatedAt})
	}
	return err
}

// cases finds trust cases: for the operator all, for a publisher those that it was told of.
func (l *look) cases() (err error) {
	var found []trust.Case
	if l.by.Kind == people.Operator {
		found, err = l.Cases.Find(l.ctx, l.q, most)
	} else if l.by.Can(people.SeeBalance) {
		found, err = l.Cases.FindOwn(l.ctx, l.by.Publisher, l.q, most)
	}
	for i := range found {
		c := &found[i]
		l.hits = append(l.hits, Hit{Kind: Case, ID: c.ID, Program: c.Program, Publisher: c.Publisher, State: string(c.State), Category: c.Category, At: c.OpenedAt})
	}
	return err
}
