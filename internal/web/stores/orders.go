package stores

import (
	"errors"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// orderView is what a store sold of an order.
type orderView struct {
	store sellers.Outlook
	key   order.Key
	sold  []sellers.Sold
}

// order shows what a store sold of an order through publishers and what that costs, with nothing of who they are (S3).
func (p *Pages) order(r *page.Request, s side) (page.Answer, error) {
	v := &orderView{key: order.Key{Program: program.ID(r.PathValue("program")), Order: r.PathValue("order")}}
	var err error
	if v.store, err = p.found(r); err != nil {
		return page.Answer{}, err
	}
	if v.sold, err = p.Sellers.Order(r.Context(), v.store.Store.ID, v.key); err != nil {
		if errors.Is(err, sellers.ErrNotFound) {
			err = page.ErrNotFound
		}
		return page.Answer{}, err
	}
	id := v.store.Store.ID
	return page.Answer{
		Title: r.T.Order.Title(v.key.Order), Area: s.home, Body: orderPage(r.T, v),
		Crumbs: s.crumbs(r.T, ui.Crumb{Href: s.address(id), Label: name(v.store.Store)}, ui.Crumb{Href: s.address(id, "report") + "?by=item", Label: r.T.Sellers.Report}),
	}, nil
}

// toOrders leads from the rows of a report by item to the orders.
func (s side) toOrders(id string, v *taken) func(column string, row []string) string {
	return func(column string, row []string) string {
		if column != "order" {
			return ""
		}
		return s.address(id, "orders", v.cell(row, "program"), v.cell(row, "order"))
	}
}

// because is why an item is declined, in words.
func because(t *text.Texts, s *sellers.Sold) string {
	return explain.Word(string(t.Lang), "reason", s.Reason)
}

// lookOf is how a step of an explanation looks: what was tried and does not apply, and what decides.
func lookOf(code string) string {
	switch code {
	case "rule_passed":
		return "passed"
	case "rule", "amount", "state":
		return "decides"
	}
	return ""
}

// rule is the rate rule of an item, in words.
func rule(t *text.Texts, s *sellers.Sold) string { return explain.Word(string(t.Lang), "rule", s.Rule) }
