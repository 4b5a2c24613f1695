package settle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// WhatIf is what a program's newest orders come to as they are, and what they would come to had other terms been in force all along.
// Amounts are minor units of the program currency.
type WhatIf struct {
	Currency      money.Currency
	From          time.Time // when the oldest of the orders was placed
	Orders        int
	Changed       int // orders of which an item comes out otherwise
	Before, After int64
	Publishers    []Shift // those whose commission changes, the greatest change first
	Rules         []Shift
}

// Shift is an amount before and after.
type Shift struct {
	Name          string // empty: nobody
	Before, After int64
}

// WhatIfOrders is how many orders a comparison decides at most.
const WhatIfOrders = 2000

// otherTerms are facts under other terms.
type otherTerms struct {
	settlement.Facts
	table *commission.Table
}

// Table is that of the other terms, at any time.
func (o otherTerms) Table(program.ID, time.Time) *commission.Table { return o.table }

// WhatIf decides the newest orders of a program once as they are and once under other terms. Nothing is booked or kept. Terms in another
// currency cannot be compared: that is ErrCurrency.
func (v *Service) WhatIf(ctx context.Context, terms *program.Terms) (*WhatIf, error) {
	w := &WhatIf{Currency: terms.Currency}
	c := comparison{w: w, publishers: make(map[string]*Shift), rules: make(map[string]*Shift), table: commission.Compile(terms), now: v.now()}
	err := v.store.View(ctx, func(tx store.Tx) error {
		keys, from, err := newest(ctx, tx, terms.Program)
		if err != nil {
			return err
		}
		w.From = from
		return v.compare(ctx, tx, keys, &c)
	})
	if err != nil {
		return nil, err
	}
	w.Publishers, w.Rules = shifts(c.publishers), shifts(c.rules)
	return w, nil
}

// ErrCurrency says that terms are in another currency than the orders were decided in.
var ErrCurrency = errors.New("the program changes its currency, so amounts cannot be compared")

// newest are the newest orders of a program and when the oldest of them was placed.
func newest(ctx context.Context, tx store.Tx, p program.ID) (keys []order.Key, from time.Time, err error) {
	seen := make(map[order.Key]bool)
	for after := ""; ; {
		records, next, err := tx.Decisions().Page(ctx, store.RecordFilter{Program: p}, after, batchSize)
		if err != nil {
			return nil, from, fmt.Errorf("reading the newest orders: %w", err)
		}
		for i := range records {
			if seen[records[i].Key] {
				continue
			}
			if len(keys) == WhatIfOrders {
				return keys, from, nil
			}
			seen[records[i].Key] = true
			keys, from = append(keys, records[i].Key), records[i].PlacedAt
		}
		if after = next; next == "" {
			return keys, from, nil
		}
	}
}

// comparison adds up what comes out otherwise.
type comparison struct {
	w                 *WhatIf
	publishers, rules map[string]*Shift
	table             *commission.Table
	now               time.Time
}

func (v *Service) compare(ctx context.Context, tx store.Tx, keys []order.Key, c *comparison) error {
	snap, err := v.facts.Current(ctx, tx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(keys, batchSize) {
		events, err := tx.Orders().Events(ctx, part)
		if err != nil {
			return fmt.Errorf("reading order events: %w", err)
		}
		var histories []*order.History
		var wishes []store.TouchWish
		asks := make([]store.FactPin, 0, len(part))
		for i := range part {
			h, err := order.NewHistory(events[i])
			if err != nil {
				return fmt.Errorf("order %q: %w", part[i].Order, err)
			}
			histories = append(histories, h)
			wishes = append(wishes, store.TouchWish{Program: h.Program, Visitor: h.Visitor, Click: h.Click})
			asks = append(asks, store.FactPin{Key: h.Key})
		}
		touches, err := tx.Clicks().ForOrders(ctx, wishes)
		if err != nil {
			return fmt.Errorf("reading clicks: %w", err)
		}
		pins, err := pinsOf(ctx, tx, asks)
		if err != nil {
			return err
		}
		for i, h := range histories {
			known := &orderFacts{snap, pins[i]}
			before, err := settlement.Unroll(known, h, touches[i], later(h.PlacedAt, c.now))
			var missing *money.MissingRateError
			if errors.As(err, &missing) {
				continue // it waits for an exchange rate
			}
			if err != nil {
				return fmt.Errorf("order %q: %w", h.Order, err)
			}
			after, err := settlement.Unroll(otherTerms{known, c.table}, h, touches[i], later(h.PlacedAt, c.now))
			if err != nil {
				return fmt.Errorf("order %q under the other terms: %w", h.Order, err)
			}
			if err := c.take(before.Final, after.Final); err != nil {
				return err
			}
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *comparison) take(before, after *settlement.Decision) error {
	if before.Table.Terms().Currency != after.Table.Terms().Currency {
		return ErrCurrency
	}
	c.w.Orders++
	changed := false
	for i := range before.Items {
		b, a := &before.Items[i], &after.Items[i]
		changed = changed || b.State != a.State || b.Publisher() != a.Publisher() || b.Rule != a.Rule || b.Amount != a.Amount
		c.w.Before += b.Amount
		c.w.After += a.Amount
		at(c.publishers, b.Publisher()).Before += b.Amount
		at(c.publishers, a.Publisher()).After += a.Amount
		at(c.rules, b.Rule).Before += b.Amount
		at(c.rules, a.Rule).After += a.Amount
	}
	if changed {
		c.w.Changed++
	}
	return nil
}

func at(m map[string]*Shift, name string) *Shift {
	if m[name] == nil {
		m[name] = &Shift{Name: name}
	}
	return m[name]
}

// shifts are those that differ, the greatest difference first.
func shifts(m map[string]*Shift) []Shift {
	var out []Shift
	for s := range maps.Values(m) {
		if s.Before != s.After {
			out = append(out, *s)
		}
	}
	size := func(s Shift) int64 { return max(s.After-s.Before, s.Before-s.After) }
	slices.SortFunc(out, func(a, b Shift) int { return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a.Name, b.Name)) })
	return out
}
