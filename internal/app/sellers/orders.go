package sellers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// Sold is an item that a store sold through a publisher, as its seller may know it: what it is and what it costs, and nothing of who sent the
// buyer (S3). What buyers bought by themselves is no affair of the program.
type Sold struct {
	order.Key
	Item              string
	Store             string
	Product, Category string
	Country           string // of the click
	State             string
	Reason            string // why it is declined
	Rule              string
	Currency          money.Currency // the program's
	Value             int64          // what was sold, minor units
	Commission        int64
	Fee               int64 // the network's own fee on it (M6)
	PlacedAt          time.Time
	Completed         time.Time      // when receipt was confirmed; zero: it was not
	SettledAt         time.Time      // when it was approved or declined; zero: it is open
	Steps             []explain.Step // how the commission came about, see explain.ForSeller
}

// Order returns what a store sold of an order through publishers, in the order of its items; ErrNotFound where that is nothing.
func (v *Service) Order(ctx context.Context, id string, k order.Key) (sold []Sold, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		if sold, err = soldOf(ctx, tx, []string{id}, k); err == nil && len(sold) == 0 {
			err = fmt.Errorf("order %.70q of store %.70q: %w", k.Order, id, ErrNotFound)
		}
		return err
	})
	return sold, err
}

// FindOrders finds the orders of some stores by their whole number, in any of the programs: for each store the first item that it sold.
func (v *Service) FindOrders(ctx context.Context, stores []string, name string, programs []program.ID) (found []Sold, err error) {
	if len(stores) == 0 || name == "" || len(name) > store.MaxKey || strings.ContainsRune(name, 0) {
		return nil, nil
	}
	err = v.store.View(ctx, func(tx store.Tx) error {
		for _, p := range programs {
			sold, err := soldOf(ctx, tx, stores, order.Key{Program: p, Order: name})
			if err != nil {
				return err
			}
			for _, s := range sold {
				if !slices.ContainsFunc(found, func(f Sold) bool { return f.Key == s.Key && f.Store == s.Store }) {
					found = append(found, s)
				}
			}
		}
		return nil
	})
	return found, err
}

// soldOf reads the items of an order that some stores sold through publishers.
func soldOf(ctx context.Context, tx store.Tx, stores []string, k order.Key) ([]Sold, error) {
	items, err := tx.Decisions().Items(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("reading what was sold of order %q: %w", k.Order, err)
	}
	var sold []Sold
	for i := range items {
		r := &items[i]
		if r.Store == "" || !slices.Contains(stores, r.Store) || r.State == settlement.Unattributed.String() {
			continue
		}
		steps, err := wire.Explanation(r.JSON)
		if err != nil {
			return nil, fmt.Errorf("order %q, item %q: %w", r.Order, r.Item, err)
		}
		sold = append(sold, Sold{
			Key: r.Key, Item: r.Item, Store: r.Store, Product: r.Product, Category: r.Category, Country: r.Country, State: r.State, Reason: r.Reason, Rule: r.Rule,
			Currency: r.Currency, Value: r.Value, Commission: r.Amount, Fee: r.Fee, PlacedAt: r.PlacedAt, Completed: r.Completed, SettledAt: r.SettledAt, Steps: explain.ForSeller(steps),
		})
	}
	return sold, nil
}
