// Package search is the API of the one box that finds things by their names.
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
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/trust"
)

// Area is what the operation looks in.
type Area struct {
	Books   *books.Service
	Cases   *cases.Service
	Desk    *desk.Service
	Links   *links.Service
	Sellers *sellers.Service
	Settle  *settle.Service
	Now     func() time.Time
}

// Register registers the operation.
func (s *Area) Register(a *call.API) {
	call.Handle(a, "GET /v1/search", "search", "Orders, clicks, links, publishers, payouts and their runs, programs, stores, tickets and trust cases by their names",
		call.Policy{Scope: call.ScopeRead, Publishers: true, Sellers: true}, s.search)
}

type searchInput struct {
	Q string `query:"q" required:"true" minLength:"1" maxLength:"500" doc:"An id, a name or a part of one, or a whole link."`
}

type foundView struct {
	Kind      string     `json:"kind" enum:"order,click,link,publisher,run,payout,program,store,ticket,case"`
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty" doc:"Of a program or a store; of a ticket its subject."`
	Program   string     `json:"program,omitempty"`
	Publisher string     `json:"publisher,omitempty"`
	State     string     `json:"state,omitempty"`
	Run       string     `json:"run,omitempty"`
	At        *time.Time `json:"at,omitempty"`
}

type searchOutput struct {
	Body struct {
		Found []foundView `json:"found" nullable:"false" doc:"Nothing that the caller may not read."`
	}
}

// most is how many of a kind are found by a part of their name.
const most = 10

// look is one search.
type look struct {
	*Area
	q     string
	key   *call.Key
	found []foundView
}

func (s *Area) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	q := strings.TrimSpace(in.Q)
	if i := strings.LastIndex(q, "/e/"); i >= 0 { // a whole link
		q = q[i+len("/e/"):]
	}
	l := &look{Area: s, q: q, key: call.Of(ctx).Key, found: []foundView{}}
	steps := []func(context.Context) error{l.books, l.links, l.programs, l.stores, l.tickets, l.cases}
	if l.key.Seller != "" {
		steps = []func(context.Context) error{l.stores, l.tickets}
	}
	if l.q == "" {
		steps = nil
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	out := &searchOutput{}
	out.Body.Found = l.found
	return out, nil
}

func (l *look) books(ctx context.Context) error {
	found, err := l.Books.Find(ctx, l.q, l.key.Publisher, l.Settle.Programs())
	money := people.SeePayouts
	if l.key.Publisher != "" {
		money = people.SeeBalance
	}
	for _, f := range found {
		if (f.Kind == books.FoundRun || f.Kind == books.FoundPayout) && !call.Can(ctx, money) {
			continue
		}
		l.found = append(l.found, foundView{Kind: f.Kind, ID: f.ID, Program: string(f.Program), Publisher: f.Publisher, State: f.State, Run: f.Run, At: call.Time(f.At)})
	}
	return err
}

func (l *look) links(ctx context.Context) error {
	x, err := l.Links.ByCode(ctx, l.q)
	if errors.Is(err, links.ErrNotFound) || err == nil && l.key.Publisher != "" && x.Publisher != l.key.Publisher {
		return nil
	}
	if err == nil {
		l.found = append(l.found, foundView{Kind: "link", ID: x.Code, Program: string(x.Program), Publisher: x.Publisher, State: x.State, At: call.Time(x.CreatedAt)})
	}
	return err
}

// holds reports whether one of some names holds what is looked for.
func (l *look) holds(names ...string) bool {
	q := strings.ToLower(l.q)
	return slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), q) })
}

func (l *look) programs(context.Context) error {
	for _, id := range l.Settle.Programs() {
		t := l.Settle.Terms(id, l.Now())
		if t == nil {
			continue
		}
		names := []string{string(id)}
		for _, name := range t.Page.Name {
			names = append(names, name)
		}
		if l.holds(names...) {
			l.found = append(l.found, foundView{Kind: "program", ID: string(id), Program: string(id), Name: t.Page.Name.In("en")})
		}
	}
	return nil
}

// stores finds stores for the marketplace, and a seller's own for it.
func (l *look) stores(ctx context.Context) error {
	var all []sellers.Outlook
	var err error
	switch {
	case l.key.Publisher != "":
		return nil
	case l.key.Seller == "":
		all, _, err = l.Sellers.All(ctx, l.q, "", most)
	default:
		all, err = l.Sellers.Stores(ctx, l.key.Stores)
		all = slices.DeleteFunc(all, func(o sellers.Outlook) bool { return !l.holds(o.Store.ID, o.Store.Name) })
	}
	for _, o := range all[:min(len(all), most)] {
		l.found = append(l.found, foundView{Kind: "store", ID: o.Store.ID, Name: o.Store.Name})
	}
	return err
}

// tickets finds the caller's tickets, or for those of the operator who answer them all.
func (l *look) tickets(ctx context.Context) error {
	a := desk.Asker{Publisher: l.key.Publisher, Seller: l.key.Seller}
	if (a == desk.Asker{}) && !call.Can(ctx, people.ManagePublishers) {
		return nil
	}
	all, err := l.Desk.Find(ctx, a, l.q, most)
	for _, i := range all {
		l.found = append(l.found, foundView{Kind: "ticket", ID: strconv.FormatInt(i.ID, 10), Name: i.Subject, Program: string(i.Program), Publisher: i.Publisher, State: i.State, At: call.Time(i.CreatedAt)})
	}
	return err
}

// cases finds trust cases: a publisher's own that it was told of, and for the operator all.
func (l *look) cases(ctx context.Context) error {
	var all []trust.Case
	var err error
	switch {
	case l.key.Publisher == "":
		all, err = l.Cases.Find(ctx, l.q, most)
	case call.Can(ctx, people.SeeBalance):
		all, err = l.Cases.FindOwn(ctx, l.key.Publisher, l.q, most)
	}
	for i := range all {
		c := &all[i]
		l.found = append(l.found, foundView{Kind: "case", ID: c.ID, Program: string(c.Program), Publisher: c.Publisher, State: string(c.State), At: call.Time(c.OpenedAt)})
	}
	return err
}
