package settle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/seller"
)

// pinned are the catalogue facts that an order was first decided with: what the catalogue says later does not change it.
type pinned struct {
	Products []*catalog.Product `json:"products,omitempty"`
	Stores   []*seller.Store    `json:"stores,omitempty"`
}

// orderFacts are the facts for one order.
type orderFacts struct {
	*facts.Facts
	pin pinned
}

func (f *orderFacts) Product(id string) *catalog.Product {
	for _, p := range f.pin.Products {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (f *orderFacts) Store(id string) *seller.Store {
	for _, s := range f.pin.Stores {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (f *orderFacts) Exchange(day money.Day, from, to money.Currency) (money.Rate, money.Day, error) {
	return f.Facts.Exchange.On(day, from, to)
}

// pin gives each order its catalogue facts: those that it was first decided with, or the catalogue's of now.
func pin(ctx context.Context, tx store.Tx, histories []*order.History, touches [][]*click.Click) ([]pinned, error) {
	asks := make([]store.FactPin, len(histories))
	for i, h := range histories {
		asks[i].Key = h.Key
	}
	known, err := tx.Orders().PinFacts(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("reading pinned facts: %w", err)
	}
	pins := make([]pinned, len(histories))
	wanted := make([]bool, len(histories))
	var products, stores []string
	for i, h := range histories {
		if len(known[i]) > 0 {
			if err := json.Unmarshal(known[i], &pins[i]); err != nil {
				return nil, fmt.Errorf("pinned facts of order %q: %w", h.Order, err)
			}
			continue
		}
		wanted[i] = true
		p, s := needs(h, touches[i])
		products, stores = append(products, p...), append(stores, s...)
	}
	if !slices.Contains(wanted, true) {
		return pins, nil
	}
	ps, ss, err := tx.Facts().Catalog(ctx, unique(products), unique(stores))
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	byProduct, byStore := make(map[string]*catalog.Product, len(ps)), make(map[string]*seller.Store, len(ss))
	for _, p := range ps {
		byProduct[p.ID] = p
	}
	for _, s := range ss {
		byStore[s.ID] = s
	}
	var fresh []store.FactPin
	for i, h := range histories {
		if !wanted[i] {
			continue
		}
		p, s := needs(h, touches[i])
		for _, id := range unique(p) {
			if x := byProduct[id]; x != nil {
				pins[i].Products = append(pins[i].Products, x)
				s = append(s, x.Store)
			}
		}
		for _, id := range unique(s) {
			if x := byStore[id]; x != nil {
				pins[i].Stores = append(pins[i].Stores, x)
			}
		}
		b, err := json.Marshal(pins[i])
		if err != nil {
			return nil, fmt.Errorf("pinning facts of order %q: %w", h.Order, err)
		}
		fresh = append(fresh, store.FactPin{Key: h.Key, JSON: b})
	}
	if _, err := tx.Orders().PinFacts(ctx, fresh); err != nil {
		return nil, fmt.Errorf("pinning facts: %w", err)
	}
	return pins, nil
}

// pinsOf are the catalogue facts that orders were first decided with; those of an order that never was are empty.
func pinsOf(ctx context.Context, tx store.Tx, asks []store.FactPin) ([]pinned, error) {
	known, err := tx.Orders().PinFacts(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("reading pinned facts: %w", err)
	}
	pins := make([]pinned, len(asks))
	for i := range asks {
		if len(known[i]) == 0 {
			continue
		}
		if err := json.Unmarshal(known[i], &pins[i]); err != nil {
			return nil, fmt.Errorf("pinned facts of order %q: %w", asks[i].Order, err)
		}
	}
	return pins, nil
}

// needs are the products and stores that an order's decision looks up.
func needs(h *order.History, touches []*click.Click) (products, stores []string) {
	for i := range h.Items {
		products = append(products, h.Items[i].Product)
		stores = append(stores, h.Items[i].Store)
	}
	for _, c := range touches {
		if c.Target.Product != "" {
			products = append(products, c.Target.Product)
		}
	}
	return products, stores
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
