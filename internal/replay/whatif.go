package replay

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// Difference is what changed terms would have changed (C12). Amounts are minor units of Currency.
type Difference struct {
	Program  program.ID
	Currency money.Currency
	Orders   int64 // orders that were decided
	Changed  int64 // orders of which an item changed
	Total    Change
	// By publisher, category and rule. A change of winner or rule counts on both sides.
	Publishers, Categories, Rules map[string]Change
}

// Change is a sum before and after.
type Change struct{ Before, After int64 }

// By is After less Before.
func (c Change) By() int64 { return c.After - c.Before }

func (c Change) plus(before, after int64) Change {
	return Change{c.Before + before, c.After + after}
}

// ItemChange is one item that the changed terms decide otherwise.
type ItemChange struct {
	Program       program.ID
	Order, Item   string
	Category      string
	Before, After ItemOutcome
	Currency      money.Currency
}

// ItemOutcome is what an item comes to under some terms.
type ItemOutcome struct {
	State, Publisher, Rule, Percent string
	Amount                          int64
}

// WhatIf decides the orders of an input once as they are and once under changed program documents. The books are not
// touched. visit is called for each item that comes out otherwise, in the order of orders; it may be nil.
func WhatIf(in *Input, changed []*program.Terms, visit func(ItemChange) error) ([]*Difference, error) {
	other := *in
	otherFacts := *in.facts
	otherFacts.programs = maps.Clone(in.facts.programs)
	grouped, err := program.Group(changed)
	if err != nil {
		return nil, err
	}
	diffs := make(map[program.ID]*Difference)
	for id, v := range grouped {
		if in.facts.programs[id] == nil {
			return nil, fmt.Errorf("program %q is not in the input, so there is nothing to compare with", id)
		}
		before, after := in.facts.programs[id].terms, v
		if before[0].Currency != after[0].Currency {
			return nil, fmt.Errorf("program %q changes its currency from %s to %s; amounts cannot be compared", id, before[0].Currency, after[0].Currency)
		}
		otherFacts.use(id, v)
		diffs[id] = &Difference{
			Program: id, Currency: v[0].Currency,
			Publishers: make(map[string]Change), Categories: make(map[string]Change), Rules: make(map[string]Change),
		}
	}
	other.facts = &otherFacts
	if visit == nil {
		visit = func(ItemChange) error { return nil }
	}
	err = settleAll(in, func(from int, tls []*settlement.Timeline) ([][2]*settlement.Decision, error) {
		pairs := make([][2]*settlement.Decision, 0, len(tls))
		for i, tl := range tls {
			if diffs[tl.Final.Order.Program] == nil {
				continue
			}
			again, _, err := other.unroll(from+i, from+i+1, nil)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*settlement.Decision{tl.Final, again[0].Final})
		}
		return pairs, nil
	}, func(pairs [][2]*settlement.Decision) error {
		for _, p := range pairs {
			if err := diffs[p[0].Order.Program].take(p[0], p[1], visit); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(diffs), func(a, b *Difference) int { return cmp.Compare(a.Program, b.Program) }), nil
}

func (d *Difference) take(before, after *settlement.Decision, visit func(ItemChange) error) error {
	d.Orders++
	changed := false
	for i := range before.Items {
		b, a := outcome(before, i), outcome(after, i)
		if b == a {
			continue
		}
		changed = true
		c := ItemChange{
			d.Program, before.Order.Order, before.Order.Items[i].ID, before.Order.Items[i].Category, b, a, d.Currency,
		}
		if err := visit(c); err != nil {
			return err
		}
	}
	for i := range before.Items {
		b, a := outcome(before, i), outcome(after, i)
		d.Total = d.Total.plus(b.Amount, a.Amount)
		category := before.Order.Items[i].Category
		d.Categories[category] = d.Categories[category].plus(b.Amount, a.Amount)
		for m, keys := range map[*map[string]Change][2]string{&d.Publishers: {b.Publisher, a.Publisher}, &d.Rules: {b.Rule, a.Rule}} {
			(*m)[keys[0]] = (*m)[keys[0]].plus(b.Amount, 0)
			(*m)[keys[1]] = (*m)[keys[1]].plus(0, a.Amount)
		}
	}
	if changed {
		d.Changed++
	}
	return nil
}

func outcome(d *settlement.Decision, item int) ItemOutcome {
	it := &d.Items[item]
	return ItemOutcome{it.State.String(), it.Publisher(), it.Rule, it.Line.Rated.Percent.String(), it.Amount}
}

// ChangesCSV writes item changes as CSV. It returns the visitor for WhatIf and the function to call at the end.
func ChangesCSV(w io.Writer) (visit func(ItemChange) error, finish func() error) {
	out := csv.NewWriter(w)
	err := out.Write([]string{
		"program", "order", "item", "category", "currency", "state_before", "state_after", "publisher_before", "publisher_after",
		"rule_before", "rule_after", "rate_before", "rate_after", "amount_before", "amount_after", "difference",
	})
	return func(c ItemChange) error {
			dec := func(minor int64) string { return money.New(minor, c.Currency).Decimal() }
			row := []string{
				string(c.Program), c.Order, c.Item, c.Category, string(c.Currency), c.Before.State, c.After.State, c.Before.Publisher, c.After.Publisher,
				c.Before.Rule, c.After.Rule, c.Before.Percent, c.After.Percent, dec(c.Before.Amount), dec(c.After.Amount), dec(c.After.Amount - c.Before.Amount),
			}
			for i, cell := range row[:11] {
				row[i] = wire.SafeCell(cell)
			}
			return out.Write(row)
		}, func() error {
			out.Flush()
			return errors.Join(err, out.Error())
		}
}
