// Package stores shows sellers their stores: whether they take part, since when, and the rate that they set (S1, S2).
package stores

import (
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
)

// Pages is the page of a seller's stores.
type Pages struct {
	Books *books.Service
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{{Pattern: "GET /seller", Permission: people.SeeStores, Handle: p.show}}
}

// show shows the stores of the viewer's organisation, and no others.
func (p *Pages) show(r *page.Request) (page.Answer, error) {
	stores, err := p.Books.Stores(r.Context(), r.Viewer.Organisation.Stores)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Title: r.T.Shell.Stores, Area: "/seller", Body: storesPage(r.T, stores, r.Now)}, nil
}
