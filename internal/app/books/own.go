package books

import (
	"context"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
)

// OwnOrder reads what a publisher may know of an order: the items that it won, with its own touches, the reports about them and its
// own transactions. Of an order without such an item it knows nothing: that is ErrNotFound.
func (v *Service) OwnOrder(ctx context.Context, k order.Key, publisher string) (*Order, error) {
	o, err := v.Order(ctx, k)
	if err != nil {
		return nil, err
	}
	if publisher == "" {
		return nil, ErrNotFound
	}
	o.Items = slices.DeleteFunc(o.Items, func(it Item) bool { return it.Record.Publisher != publisher })
	if len(o.Items) == 0 {
		return nil, ErrNotFound
	}
	won := make(map[string]bool)
	for i := range o.Items {
		it := &o.Items[i]
		won[it.Record.Item] = true
		steps := len(it.Steps)
		it.Steps = slices.DeleteFunc(it.Steps, func(s step) bool { return s.Code == "candidate" && s.Get("publisher") != publisher })
		it.Others = steps - len(it.Steps)
		it.Earlier = slices.DeleteFunc(it.Earlier, func(r store.Record) bool { return r.Publisher != publisher })
	}
	o.Journal = slices.DeleteFunc(o.Journal, func(t ledger.Transaction) bool { return t.Publisher != publisher })
	events := o.Events[:0]
	for _, e := range o.Events {
		about := len(e.Items) + len(e.Refunds)
		e.Items = kept(e.Items, func(id string) bool { return won[id] })
		e.Refunds = kept(e.Refunds, func(r order.Refund) bool { return won[r.Item] })
		if about == 0 || len(e.Items)+len(e.Refunds) > 0 {
			events = append(events, e)
		}
	}
	o.Events = events
	return o, nil
}

// kept are the elements that pass, in a slice of their own.
func kept[E any](all []E, pass func(E) bool) []E {
	var out []E
	for _, e := range all {
		if pass(e) {
			out = append(out, e)
		}
	}
	return out
}
