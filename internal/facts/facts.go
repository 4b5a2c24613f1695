// Package facts holds in memory what all decisions look up: program documents, ad spaces and exchange rates. What it holds never
// changes; a change in the store makes a new one.
package facts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Facts are the facts as they stood at a version.
type Facts struct {
	Version  int64 // see store.Platform
	AdSpaces []*publisher.AdSpace
	Exchange money.Exchange

	programs  map[program.ID]compiled
	directory publisher.Directory
}

type compiled struct {
	versions program.Versions
	tables   map[*program.Terms]*commission.Table
}

// Load reads the facts of a database. Reference programs stand in for programs that were not published.
func Load(ctx context.Context, tx store.Tx) (*Facts, error) {
	f := &Facts{programs: make(map[program.ID]compiled)}
	var err error
	if f.Version, err = tx.Platform().FactsVersion(ctx); err != nil {
		return nil, err
	}
	for _, id := range program.ReferenceIDs() {
		v, _ := program.Reference(id)
		f.use(id, v)
	}
	docs, err := tx.Facts().Documents(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading program documents: %w", err)
	}
	var all []*program.Terms
	for _, d := range docs {
		terms, err := program.Parse(fmt.Sprintf("%s version %d", d.Program, d.Version), []byte(d.Text))
		if err != nil {
			return nil, err
		}
		all = append(all, terms...)
	}
	grouped, err := program.Group(all)
	if err != nil {
		return nil, err
	}
	for id, v := range grouped {
		f.use(id, v)
	}
	if f.AdSpaces, err = tx.Facts().AdSpaces(ctx); err != nil {
		return nil, fmt.Errorf("reading ad spaces: %w", err)
	}
	f.AdSpaces = publisher.Inherit(f.AdSpaces)
	for _, a := range f.AdSpaces {
		if err := f.directory.Add(a); err != nil {
			return nil, err
		}
	}
	quotes, err := tx.Facts().Quotes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading exchange rates: %w", err)
	}
	for _, q := range quotes {
		if err := f.Exchange.Add(q.Day, q.Base, q.Quoted, q.Rate); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *Facts) use(id program.ID, v program.Versions) {
	c := compiled{v, make(map[*program.Terms]*commission.Table, len(v))}
	for _, t := range v {
		c.tables[t] = commission.Compile(t)
	}
	f.programs[id] = c
}

// Programs are the ids of all known programs, ordered.
func (f *Facts) Programs() []program.ID { return slices.Sorted(maps.Keys(f.programs)) }

// Knows reports whether there is such a program.
func (f *Facts) Knows(p program.ID) bool { return f.programs[p].versions != nil }

// Terms are the terms of a program that are in force at a time, or nil.
func (f *Facts) Terms(p program.ID, at time.Time) *program.Terms {
	if !f.Knows(p) {
		return nil
	}
	return f.programs[p].versions.At(at)
}

// Table is the compiled rates of the terms that are in force at a time, or nil.
func (f *Facts) Table(p program.ID, at time.Time) *commission.Table {
	c, ok := f.programs[p]
	if !ok {
		return nil
	}
	return c.tables[c.versions.At(at)]
}

// Space is an ad space of a publisher in a program, or nil.
func (f *Facts) Space(p program.ID, publisher, adSpace string) *publisher.AdSpace {
	return f.directory.Find(p, publisher, adSpace)
}

// SpaceByCoupon is the ad space that a coupon code is tied to, or nil.
func (f *Facts) SpaceByCoupon(p program.ID, code string) *publisher.AdSpace {
	return f.directory.ByCoupon(p, code)
}

// Cache keeps the newest facts. Its methods may be called by many goroutines.
type Cache struct{ newest atomic.Pointer[Facts] }

// Newest are the facts that were read last, nil before the first time.
func (c *Cache) Newest() *Facts { return c.newest.Load() }

// Current returns the facts as they stand in the transaction's state of the data: another process may have changed them.
func (c *Cache) Current(ctx context.Context, tx store.Tx) (*Facts, error) {
	f := c.newest.Load()
	if f != nil {
		version, err := tx.Platform().FactsVersion(ctx)
		if err != nil || version == f.Version {
			return f, err
		}
	}
	f, err := Load(ctx, tx)
	if err != nil {
		return nil, err
	}
	c.newest.Store(f)
	return f, nil
}
