// Package facts is the API of facts: clicks, ad spaces, products, stores and exchange rates that are entered.
package facts

import (
	"context"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Area is what the operations lead to.
type Area struct {
	Settle *settle.Service
	Intake *intake.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	clicks, facts := call.Policy{Scope: call.ScopeClicks, Writes: true}, call.Policy{Scope: call.ScopeFacts, Writes: true}
	call.Handle(a, "POST /v1/clicks:import", "import-clicks", "Report clicks and other touches", clicks, s.importClicks)
	call.Handle(a, "POST /v1/ad-spaces:import", "import-ad-spaces", "Enter ad spaces that joined", facts, s.importSpaces)
	call.Handle(a, "POST /v1/products:import", "import-products", "Enter products", facts, s.importProducts)
	call.Handle(a, "POST /v1/stores:import", "import-stores", "Enter stores", facts, s.importStores)
	call.Handle(a, "POST /v1/fx:import", "import-fx", "Enter exchange rates", facts, s.importQuotes)
}

// taken says how many were taken in.
type taken struct {
	Body struct {
		Received int `json:"received"`
		New      int `json:"new,omitempty"`
	}
}

func (s *Area) importClicks(ctx context.Context, in *call.BodyInput) (*taken, error) {
	all, set, err := call.ReadLines(in.RawBody, "clicks", func(r *wire.Reader, line []byte) (*click.Click, error) {
		var c wire.Click
		if err := r.Click(line, &c); err != nil {
			return nil, err
		}
		return c.Click(func(b []byte) string { return string(b) }), nil
	})
	out := &taken{}
	out.Body.Received = len(all)
	if err == nil {
		out.Body.New, err = s.Settle.ImportClicks(ctx, all)
	}
	if err != nil {
		return nil, set.Place(err)
	}
	return out, nil
}

// importFacts reads facts line by line, keeps them and makes them known.
func importFacts[T any](ctx context.Context, s *Area, in *call.BodyInput, member string, one func(*wire.Reader, []byte) (T, error), keep func([]T) error) (*taken, error) {
	all, set, err := call.ReadLines(in.RawBody, member, one)
	if err == nil {
		err = keep(all)
	}
	if err == nil {
		err = s.Settle.Refresh(ctx)
	}
	if err != nil {
		return nil, set.Place(err)
	}
	out := &taken{}
	out.Body.Received = len(all)
	return out, nil
}

func (s *Area) importSpaces(ctx context.Context, in *call.BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "ad_spaces", (*wire.Reader).AdSpace, func(all []*publisher.AdSpace) error { return s.Intake.AdSpaces(ctx, all) })
}

func (s *Area) importProducts(ctx context.Context, in *call.BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "products", (*wire.Reader).Product, func(all []*catalog.Product) error { return s.Intake.Catalog(ctx, all, nil) })
}

func (s *Area) importStores(ctx context.Context, in *call.BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "stores", (*wire.Reader).Store, func(all []*seller.Store) error { return s.Intake.Catalog(ctx, nil, all) })
}

func (s *Area) importQuotes(ctx context.Context, in *call.BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "fx", (*wire.Reader).Quote, func(all []wire.Quote) error { return s.Intake.Quotes(ctx, all) })
}
