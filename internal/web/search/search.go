// Package search finds orders, clicks, links, publishers, stores, programs, tickets, trust cases, payout runs and payouts by what they are
// called, from one box on every page. Each viewer finds what its role may open, and nothing else.
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
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Terms knows the programs.
type Terms interface {
	Programs() []program.ID
	Terms(id program.ID, at time.Time) *program.Terms
}

// Pages are the searches: the operator's over everything, a publisher's and a seller's over their own.
type Pages struct {
	Books   *books.Service
	Links   *links.Service
	Desk    *desk.Service
	Cases   *cases.Service
	Sellers *sellers.Service
	Terms   Terms
	Names   *page.Names
}

// The addresses of the searches.
const (
	All    = "/search"
	Own    = "/publisher/search"
	Stores = "/seller/search"
)

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET " + All, Permission: people.SeeEverything, Handle: p.all},
		{Pattern: "GET " + Own, Permission: people.SeeReports, Handle: p.own},
		{Pattern: "GET " + Stores, Permission: people.SeeStores, Handle: p.stores},
	}
}

// most is how many of one kind a search names.
const most = 10

// hit is something that was found.
type hit struct {
	kind, label, note string // what it is, what it is called, and more of it
	name, href, state string // whose it is, by name; where it is; how it stands
	states            map[string]string
	books.Found
}

// look is one search: what is looked for, and what was found so far.
type look struct {
	*Pages
	r    *page.Request
	q    string
	hits []hit
}

func (p *Pages) look(r *page.Request) *look {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if i := strings.LastIndex(q, "/e/"); i >= 0 { // a whole link
		q = q[i+len("/e/"):]
	}
	return &look{Pages: p, r: r, q: q}
}

// answer shows what was found. The only thing found is gone to at once.
func (l *look) answer(steps ...func() error) (page.Answer, error) {
	if l.q != "" {
		for _, step := range steps {
			if err := step(); err != nil {
				return page.Answer{}, err
			}
		}
	}
	if len(l.hits) == 1 && l.hits[0].href != "" {
		return page.Answer{Redirect: l.hits[0].href}, nil
	}
	l.name()
	return page.Answer{Title: l.r.T.Shell.Search, Body: resultPage(l.r.T, l.q, l.hits)}, nil
}

// name tells of each hit whose it is, by name. Publishers and sellers find nothing but their own.
func (l *look) name() {
	if l.r.Viewer.Organisation.Kind != people.Operator {
		return
	}
	var ids []string
	for i := range l.hits {
		ids = append(ids, l.hits[i].Publisher)
	}
	names := l.Names.Publishers(l.r.Context(), ids...)
	for i := range l.hits {
		l.hits[i].name = names[l.hits[i].Publisher]
	}
}

func (p *Pages) all(r *page.Request) (page.Answer, error) {
	l := p.look(r)
	return l.answer(func() error { return l.books("") }, func() error { return l.links("") }, l.programs, l.everyStore, func() error { return l.tickets(desk.Asker{}) }, l.cases)
}

func (p *Pages) own(r *page.Request) (page.Answer, error) {
	publisher := r.Viewer.Organisation.Publisher
	if publisher == "" {
		return page.Answer{}, page.ErrNotFound
	}
	l := p.look(r)
	return l.answer(func() error { return l.books(publisher) }, func() error { return l.links(publisher) }, l.programs, func() error { return l.tickets(desk.Asker{Publisher: publisher}) }, l.cases)
}

func (p *Pages) stores(r *page.Request) (page.Answer, error) {
	l := p.look(r)
	return l.answer(l.ownStores, func() error { return l.tickets(desk.Asker{Seller: r.Viewer.Organisation.ID}) })
}

// books finds what the books know. Payouts and their runs are for those who may see them.
func (l *look) books(publisher string) error {
	found, err := l.Books.Find(l.r.Context(), l.q, publisher, l.Terms.Programs())
	if err != nil {
		return err
	}
	money := people.SeePayouts
	if publisher != "" {
		money = people.SeeBalance
	}
	for _, f := range found {
		if (f.Kind == books.FoundRun || f.Kind == books.FoundPayout) && !l.r.Viewer.Can(money) {
			continue
		}
		l.hits = append(l.hits, newHit(l.r.T, f, publisher))
	}
	return nil
}

func newHit(t *text.Texts, f books.Found, publisher string) hit {
	h := hit{label: f.ID, state: f.State, note: f.Detail, Found: f}
	own := publisher != ""
	switch f.Kind {
	case books.FoundOrder:
		h.kind, h.states, h.href = t.Words.Order, t.States, ui.Address([]string{"orders", string(f.Program), f.ID})
		if own {
			h.href = "/publisher" + h.href
		}
	case books.FoundClick:
		h.kind = t.Search.Click
	case books.FoundPublisher:
		h.kind, h.Publisher = t.Words.Publisher, "" // it is itself
		if f.Detail != "" {
			h.label, h.note = f.Detail, f.ID
		}
		if f.Program != "" { // of no program there are figures
			h.href = ui.Address([]string{"publishers", string(f.Program), f.ID})
		}
	case books.FoundRun:
		h.kind, h.states, h.href = t.Balance.Run, t.Runs.States, ui.Address([]string{"payouts", f.ID})
	case books.FoundPayout:
		h.kind, h.states, h.href = t.Search.Payout, t.Balance.Statuses, ui.Address([]string{"payouts", f.Run})
		if own {
			h.href = "/publisher/balance"
		}
	}
	return h
}

func (l *look) links(publisher string) error {
	found, err := l.Links.ByCode(l.r.Context(), l.q)
	if errors.Is(err, links.ErrNotFound) || err == nil && publisher != "" && found.Publisher != publisher {
		return nil
	}
	if err != nil {
		return err
	}
	h := hit{kind: l.r.T.Search.Link, label: found.Code, state: found.State, states: l.r.T.Links.States, note: found.Target.URL}
	h.Program, h.Publisher, h.At = found.Program, found.Publisher, found.CreatedAt
	if publisher != "" {
		h.href = ui.Address([]string{"publisher", "links", found.Code})
	}
	l.hits = append(l.hits, h)
	return nil
}

// holds reports whether one of some names holds what is looked for.
func (l *look) holds(names ...string) bool {
	q := strings.ToLower(l.q)
	return slices.ContainsFunc(names, func(s string) bool { return strings.Contains(strings.ToLower(s), q) })
}

// programs finds programs by id and name. Publishers see those that are offered, and these are all.
func (l *look) programs() error {
	for _, id := range l.Terms.Programs() {
		t := l.Terms.Terms(id, l.r.Now)
		if t == nil {
			continue
		}
		names := []string{string(id)}
		for _, name := range t.Page.Name {
			names = append(names, name)
		}
		if !l.holds(names...) {
			continue
		}
		h := hit{kind: l.r.T.Words.Program, label: t.Page.Name.In(string(l.r.T.Lang)), note: string(id), href: ui.Address([]string{"programs", string(id)})}
		if l.r.Viewer.Organisation.Kind == people.Publisher {
			h.href = "/publisher" + h.href
		}
		h.Program = id
		l.hits = append(l.hits, h)
	}
	return nil
}

func (l *look) everyStore() error {
	found, _, err := l.Sellers.All(l.r.Context(), l.q, "", most)
	if err == nil {
		l.enter(found, "sellers")
	}
	return err
}

func (l *look) ownStores() error {
	ids := l.r.Viewer.Organisation.Stores
	if len(ids) == 0 {
		return nil
	}
	found, err := l.Sellers.Stores(l.r.Context(), ids)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(o sellers.Outlook) bool { return !l.holds(o.Store.ID, o.Store.Name) })
	l.enter(found[:min(len(found), most)], "seller", "stores")
	return nil
}

func (l *look) enter(found []sellers.Outlook, under ...string) {
	for _, o := range found {
		h := hit{kind: l.r.T.Search.Store, label: o.Store.ID, href: ui.Address(append(slices.Clone(under), o.Store.ID))}
		if o.Store.Name != "" {
			h.label, h.note = o.Store.Name, o.Store.ID
		}
		l.hits = append(l.hits, h)
	}
}

// tickets finds an asker's tickets, or for the operator's people who answer them all.
func (l *look) tickets(a desk.Asker) error {
	under := []string{"publisher", "help", "tickets"}
	switch {
	case a == desk.Asker{}:
		under = []string{"tickets"}
		if !l.r.Viewer.Can(people.ManagePublishers) {
			return nil
		}
	case a.Seller != "":
		under[0] = "seller"
	}
	found, err := l.Desk.Find(l.r.Context(), a, l.q, most)
	for _, i := range found {
		h := hit{kind: l.r.T.Desk.Ticket, label: l.r.T.Desk.Number(i.ID) + " · " + i.Subject, state: i.State, states: l.r.T.Desk.States}
		h.href = ui.Address(append(slices.Clone(under), strconv.FormatInt(i.ID, 10)))
		h.Program, h.Publisher, h.At = i.Program, i.Publisher, i.CreatedAt
		l.hits = append(l.hits, h)
	}
	return err
}

// cases finds trust cases: a publisher's own that it was told of, where the viewer may see its money, and for the operator all.
func (l *look) cases() error {
	v := l.r.Viewer
	find, under, states := func(ctx context.Context) ([]trust.Case, error) { return l.Cases.Find(ctx, l.q, most) }, []string{"cases"}, l.r.T.Cases.States
	if v.Organisation.Kind == people.Publisher {
		if !v.Can(people.SeeBalance) {
			return nil
		}
		find, under, states = func(ctx context.Context) ([]trust.Case, error) {
			return l.Cases.FindOwn(ctx, v.Organisation.Publisher, l.q, most)
		}, []string{"publisher", "cases"}, l.r.T.Cases.States
	}
	found, err := find(l.r.Context())
	for _, c := range found {
		h := hit{kind: l.r.T.Cases.Case, label: l.r.T.Cases.Categories[c.Category], note: c.ID, state: string(c.State), states: states, href: ui.Address(append(slices.Clone(under), c.ID))}
		h.Program, h.Publisher, h.At = c.Program, c.Publisher, c.OpenedAt
		l.hits = append(l.hits, h)
	}
	return err
}
