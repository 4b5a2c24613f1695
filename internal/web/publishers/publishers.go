// Package publishers shows operators the publishers of the programs and their money.
package publishers

import (
	"cmp"
	"errors"
	"slices"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Pages are the operator's pages about publishers.
type Pages struct {
	Books   *books.Service
	Joining *joining.Service
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publishers", Permission: people.SeeEverything, Handle: p.list},
		{Pattern: "GET /publishers/{program}/{publisher}", Permission: people.SeeEverything, Handle: p.one},
	}
}

// list is all publishers, sorted as the address asks.
type list struct {
	rows    []*books.Funnel
	sort    string
	program string
	all     []string          // programs
	names   map[string]string // of publishers
}

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	funnels, err := p.Books.Funnels(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	names, err := p.Joining.Names(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	l := list{names: names, sort: cmp.Or(r.URL.Query().Get("sort"), "earned"), program: r.URL.Query().Get("program")}
	for _, f := range funnels {
		switch {
		case f.Publisher == "":
			l.all = append(l.all, string(f.Program))
		case l.program == "" || l.program == string(f.Program):
			l.rows = append(l.rows, f)
		}
	}
	slices.SortStableFunc(l.rows, func(a, b *books.Funnel) int {
		switch l.sort {
		case "name":
			return cmp.Or(cmp.Compare(cmp.Or(names[a.Publisher], a.Publisher), cmp.Or(names[b.Publisher], b.Publisher)), cmp.Compare(a.Publisher, b.Publisher))
		case "clicks":
			return cmp.Compare(b.Tally.Clicks, a.Tally.Clicks)
		case "actions":
			return cmp.Compare(b.Tally.Actions, a.Tally.Actions)
		}
		return cmp.Compare(b.Tally.Earnings, a.Tally.Earnings)
	})
	return page.Answer{Title: r.T.Shell.Publishers, Area: "/publishers", Body: listPage(r.T, &l)}, nil
}

// columns are the columns that the list can be sorted by.
func columns(t *text.Texts) []ui.Choice {
	return []ui.Choice{{Value: "name", Label: t.Words.Publisher}, {Value: "clicks", Label: t.Words.Clicks}, {Value: "actions", Label: t.Words.Actions}, {Value: "earned", Label: t.Overview.Earned}}
}

// view is a publisher's balance and journal in a program.
type view struct {
	balance books.Balance
	ts      []ledger.Transaction
	first   string
	next    string
	name    string // of its organisation; empty: it has none here
	profile joining.Profile
	joined  []joining.Membership
	manage  bool // whether the person may look after the publisher
	decide  bool // and open a case about it
}

const entriesPerPage = 100

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	id, name := program.ID(r.PathValue("program")), r.PathValue("publisher")
	c, err := money.ParseCurrency(cmp.Or(r.URL.Query().Get("currency"), "USD"))
	if err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()}
	}
	v := view{manage: r.Viewer.Can(people.ManagePublishers), decide: r.Viewer.Can(people.DecideCases)}
	if v.balance, err = p.Books.Balance(r.Context(), id, name, c); err != nil {
		return page.Answer{}, err
	}
	var next string
	if v.ts, next, err = p.Books.Journal(r.Context(), id, name, r.URL.Query().Get("after"), entriesPerPage); err != nil {
		return page.Answer{}, err
	}
	if v.name, v.profile, err = p.Joining.Profile(r.Context(), name); err != nil && !errors.Is(err, joining.ErrNotFound) {
		return page.Answer{}, err
	}
	if v.joined, err = p.Joining.Memberships(r.Context(), name, ""); err != nil {
		return page.Answer{}, err
	}
	if b := &v.balance; len(v.joined) == 0 && len(v.ts) == 0 && b.Approved == 0 && b.Pending == 0 && b.Tracked == 0 {
		return page.Answer{}, page.ErrNotFound
	}
	v.first, v.next = r.More(next)
	return page.Answer{Title: cmp.Or(v.name, name), Area: "/publishers", Crumbs: []ui.Crumb{{Href: "/publishers", Label: r.T.Shell.Publishers}}, Body: onePage(r.T, &v)}, nil
}

// Part is a part of a balance and what it is.
type Part struct {
	Name, Meaning string
	Minor         int64
	Sum           bool
}

// Parts are the parts of a balance.
func Parts(t *text.Texts, b *books.Balance) []Part {
	p := &t.Publisher
	return []Part{
		{p.Tracked, p.TrackedIs, b.Tracked, false},
		{p.Pending, p.PendingIs, b.Pending, false},
		{p.Approved, p.ApprovedIs, b.Approved, false},
		{p.Available, p.AvailableIs, b.Available, false},
		{p.Hold, p.HoldIs, b.Hold, false},
		{p.Reserved, p.ReservedIs, b.Reserved, false},
		{p.Clearing, p.ClearingIs, b.Clearing, false},
		{p.Paid, p.PaidIs, b.Paid, false},
		{p.Clawback, p.ClawbackIs, b.Clawback, false},
		{p.Withdrawable, p.WithdrawableIs, b.Withdrawable(), true},
	}
}
