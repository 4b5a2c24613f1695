// Package search is the page of the one box that finds things by what they are called (I6). Who finds what is decided by the use case;
// here stands what each thing is called and where it leads.
package search

import (
	"strings"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/search"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// Pages are the results.
type Pages struct {
	Search *search.Service
	Names  *page.Names
}

// The addresses that the box leads to.
const (
	All    = "/search"           // of the operator
	Own    = "/publisher/search" // of a publisher, among its own
	Stores = "/seller/search"    // of a seller, among its own
)

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET " + All, Permission: people.SeeEverything, Handle: p.find},
		{Pattern: "GET " + Own, Permission: people.SeeReports, Handle: p.find},
		{Pattern: "GET " + Stores, Permission: people.SeeStores, Handle: p.find},
	}
}

// find shows what was found; the only hit is shown itself.
func (p *Pages) find(r *page.Request) (page.Answer, error) {
	q := r.URL.Query().Get("q")
	found, err := p.Search.Find(r.Context(), search.Viewer(r.Viewer), q, string(r.T.Lang))
	if err != nil {
		return page.Answer{}, err
	}
	hits := make([]hit, len(found))
	for i := range found {
		hits[i] = hitOf(r.T, r.Viewer.Organisation.Kind, &found[i])
	}
	if len(hits) == 1 && hits[0].href != "" {
		return page.Answer{Redirect: hits[0].href}, nil
	}
	if r.Viewer.Organisation.Kind == people.Operator {
		p.name(r, hits)
	}
	return page.Answer{Title: r.T.Shell.Search, Body: resultPage(r.T, strings.TrimSpace(q), hits)}, nil
}

// hit is something that was found, in words.
type hit struct {
	*search.Hit
	kind, label, note string // what it is, what it is called, and more of it
	owner, owned      string // whose it is, by name and by id; of a publisher nobody's but its own
	href              string // where it is
	states            map[string]string
}

// name says whose things are, for those who read ids all day.
func (p *Pages) name(r *page.Request, hits []hit) {
	ids := make([]string, len(hits))
	for i := range hits {
		ids[i] = hits[i].owned
	}
	names := p.Names.Publishers(r.Context(), ids...)
	for i := range hits {
		hits[i].owner = names[hits[i].owned]
	}
}

// hitOf says what a hit is called for somebody of an organisation of a kind, and where it leads.
func hitOf(t *text.Texts, by people.Kind, f *search.Hit) hit {
	h := hit{Hit: f, label: f.ID, owned: f.Publisher}
	own, area := by == people.Publisher, map[people.Kind][]string{people.Publisher: {"publisher"}, people.Seller: {"seller"}}[by]
	at := func(segments ...string) { h.href = ui.Address(append(area[:len(area):len(area)], segments...)) }
	if f.Name != "" {
		h.label, h.note = f.Name, f.ID
	}
	switch f.Kind {
	case search.Order:
		h.kind, h.states = t.Words.Order, t.States
		if by == people.Seller {
			h.note = f.Store
			at("stores", f.Store, "orders", string(f.Program), f.ID)
		} else {
			at("orders", string(f.Program), f.ID)
		}
	case search.Click:
		h.kind, h.note = t.Search.Click, f.AdSpace
		at("clicks", string(f.Program), f.ID)
	case search.Publisher:
		h.kind, h.owned = t.Words.Publisher, ""
		if f.Program != "" { // of no program there are figures
			at("publishers", string(f.Program), f.ID)
		}
	case search.Run:
		h.kind, h.states = t.Balance.Run, t.Runs.States
		at("payouts", f.ID)
	case search.Payout:
		h.kind, h.states = t.Search.Payout, t.Balance.Statuses
		if own {
			at("balance")
		} else {
			at("payouts", f.Run)
		}
	case search.Link:
		h.kind, h.states, h.note = t.Search.Link, t.Links.States, f.Target
		at("links", f.ID)
	case search.Program:
		h.kind = t.Words.Program
		at("programs", f.ID)
	case search.Store:
		h.kind = t.Search.Store
		if by == people.Seller {
			at("stores", f.ID)
		} else {
			at("sellers", f.ID)
		}
	case search.Ticket:
		h.kind, h.states, h.label, h.note = t.Desk.Ticket, t.Desk.States, t.Desk.Number(f.Number)+" · "+f.Name, ""
		if by == people.Operator {
			at("tickets", f.ID)
		} else {
			at("help", "tickets", f.ID)
		}
	case search.Case:
		h.kind, h.states, h.label, h.note = t.Cases.Case, t.Cases.States, t.Cases.Categories[f.Category], f.ID
		at("cases", f.ID)
	}
	return h
}
