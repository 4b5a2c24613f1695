// Package search finds orders, clicks, links, publishers, payout runs and payouts by their names, from one box on every page.
package search

import (
	"errors"
	"strings"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Pages are the two searches: the operator's over everything, and a publisher's over its own.
type Pages struct {
	Books    *books.Service
	Links    *links.Service
	Programs func() []program.ID
}

// The addresses of the searches.
const (
	All = "/search"
	Own = "/publisher/search"
)

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET " + All, Permission: people.SeeEverything, Handle: func(r *page.Request) (page.Answer, error) { return p.find(r, "") }},
		{Pattern: "GET " + Own, Permission: people.SeeReports, Handle: p.own},
	}
}

func (p *Pages) own(r *page.Request) (page.Answer, error) {
	if r.Viewer.Organisation.Publisher == "" {
		return page.Answer{}, page.ErrNotFound
	}
	return p.find(r, r.Viewer.Organisation.Publisher)
}

// hit is something that was found.
type hit struct {
	kind, id, href, note, state string
	states                      map[string]string
	books.Found
}

// find looks everywhere. The only thing found is gone to at once.
func (p *Pages) find(r *page.Request, publisher string) (page.Answer, error) {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if i := strings.LastIndex(q, "/e/"); i >= 0 { // a whole link
		q = q[i+len("/e/"):]
	}
	found, err := p.Books.Find(r.Context(), q, publisher, p.Programs())
	if err != nil {
		return page.Answer{}, err
	}
	var hits []hit
	for _, f := range found {
		hits = append(hits, newHit(r.T, f, publisher))
	}
	l, err := p.Links.ByCode(r.Context(), q)
	switch {
	case err == nil && (publisher == "" || l.Publisher == publisher):
		h := hit{kind: r.T.Search.Link, id: l.Code, state: l.State, states: r.T.Links.States, note: l.Target.URL}
		h.Program, h.Publisher, h.At = l.Program, l.Publisher, l.CreatedAt
		if publisher != "" {
			h.href = ui.Address([]string{"publisher", "links", l.Code})
		}
		hits = append(hits, h)
	case err != nil && !errors.Is(err, links.ErrNotFound):
		return page.Answer{}, err
	}
	if len(hits) == 1 && hits[0].href != "" {
		return page.Answer{Redirect: hits[0].href}, nil
	}
	return page.Answer{Title: r.T.Shell.Search, Body: resultPage(r.T, q, hits)}, nil
}

func newHit(t *text.Texts, f books.Found, publisher string) hit {
	h := hit{id: f.ID, state: f.State, note: f.Detail, Found: f}
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
		h.kind, h.href = t.Words.Publisher, ui.Address([]string{"publishers", string(f.Program), f.ID})
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
