package sellers

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

type storeOrderInput struct {
	Store   string `path:"store" maxLength:"500"`
	Order   string `path:"order" maxLength:"500"`
	Program string `query:"program" required:"true" doc:"The order's program."`
	Lang    string `query:"lang" enum:"en,tr" default:"en"`
}

// soldView is an item; its figures are those of the item in the store's report.
type soldView struct {
	Item       string         `json:"item"`
	Product    string         `json:"product,omitempty"`
	Category   string         `json:"category,omitempty"`
	Country    string         `json:"country,omitempty"`
	State      string         `json:"state" enum:"tracked,pending,approved,declined"`
	Reason     string         `json:"reason,omitempty" doc:"Why it is declined."`
	Currency   money.Currency `json:"currency" doc:"The program's."`
	Sold       string         `json:"sold"`
	Commission string         `json:"commission"`
	Fee        string         `json:"network_fee"`
	Rule       string         `json:"rule"`
	Sentences  []string       `json:"sentences" nullable:"false" doc:"How the commission came about."`
	PlacedAt   time.Time      `json:"placed_at"`
	Completed  *time.Time     `json:"completed_at,omitempty" doc:"When receipt was confirmed."`
	SettledAt  *time.Time     `json:"settled_at,omitempty" doc:"When it was approved or declined."`
}

type storeOrderOutput struct {
	Body struct {
		Order   string     `json:"order"`
		Program string     `json:"program"`
		Store   string     `json:"store"`
		Items   []soldView `json:"items" nullable:"false" doc:"Those that the store sold through publishers; nothing is said of who they are."`
	}
}

func (s *Area) order(ctx context.Context, in *storeOrderInput) (*storeOrderOutput, error) {
	if err := call.Store(ctx, in.Store); err != nil {
		return nil, err
	}
	sold, err := s.Sellers.Order(ctx, in.Store, order.Key{Program: program.ID(in.Program), Order: in.Order})
	if err != nil {
		return nil, err
	}
	out := &storeOrderOutput{}
	out.Body.Order, out.Body.Program, out.Body.Store = in.Order, in.Program, in.Store
	for i := range sold {
		out.Body.Items = append(out.Body.Items, viewOfSold(&sold[i], in.Lang))
	}
	return out, nil
}

func viewOfSold(s *sellers.Sold, lang string) soldView {
	amount := func(minor int64) string { return money.New(minor, s.Currency).Decimal() }
	return soldView{
		Item: s.Item, Product: s.Product, Category: s.Category, Country: s.Country, State: s.State, Reason: s.Reason, Currency: s.Currency, Sold: amount(s.Value),
		Commission: amount(s.Commission), Fee: amount(s.Fee), Rule: s.Rule, Sentences: explain.Sentences(lang, s.Steps), PlacedAt: s.PlacedAt, Completed: call.Time(s.Completed), SettledAt: call.Time(s.SettledAt),
	}
}
