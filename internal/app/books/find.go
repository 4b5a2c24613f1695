package books

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// What a search can find here.
const (
	FoundOrder     = "order"
	FoundClick     = "click"
	FoundPublisher = "publisher"
	FoundRun       = "run"
	FoundPayout    = "payout"
)

// Found is something that a search found by its name.
type Found struct {
	Kind      string
	ID        string
	Program   program.ID // of a publisher: the first program that it is in
	Publisher string     // whose it is; empty: nobody's, or several publishers'
	State     string     // of orders: the first item's; of runs and payouts
	Run       string     // of a payout
	At        time.Time
	Detail    string // of a click: its ad space; of a publisher: what its organisation is called, where it has one
}

// foundMost is how many publishers and payout runs a search names, fewest how many letters of a run's id it takes: fewer are in most of them.
const (
	foundMost = 10
	fewest    = 4
)

// Find looks a name up among the orders, clicks, publishers, payout runs and payouts of the programs. A publisher, where one is named,
// finds its own only.
func (v *Service) Find(ctx context.Context, name, publisher string, programs []program.ID) ([]Found, error) {
	if name == "" || len(name) > store.MaxKey || strings.ContainsRune(name, 0) {
		return nil, nil
	}
	return view(ctx, v, func(tx store.Tx) ([]Found, error) {
		f := finder{tx: tx, name: name, publisher: publisher, programs: programs}
		for _, look := range []func(context.Context) error{f.orders, f.clicks, f.publishers, f.payouts} {
			if err := look(ctx); err != nil {
				return nil, fmt.Errorf("looking for %q: %w", name, err)
			}
		}
		return f.found, nil
	})
}

// finder looks for one name.
type finder struct {
	tx              store.Tx
	name, publisher string
	programs        []program.ID
	found           []Found
}

func (f *finder) mine(publisher string) bool { return f.publisher == "" || f.publisher == publisher }

func (f *finder) orders(ctx context.Context) error {
	for _, p := range f.programs {
		records, err := f.tx.Decisions().Newest(ctx, order.Key{Program: p, Order: f.name})
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(records, func(r store.Record) bool { return f.mine(r.Publisher) }); i >= 0 {
			r := &records[i]
			f.found = append(f.found, Found{Kind: FoundOrder, ID: f.name, Program: p, Publisher: r.Publisher, State: r.State, At: r.PlacedAt})
		}
	}
	return nil
}

func (f *finder) clicks(ctx context.Context) error {
	wishes := make([]store.TouchWish, len(f.programs))
	for i, p := range f.programs {
		wishes[i] = store.TouchWish{Program: p, Click: f.name}
	}
	touches, err := f.tx.Clicks().ForOrders(ctx, wishes)
	if err != nil {
		return err
	}
	for i, list := range touches {
		for _, c := range list {
			if f.mine(c.Publisher) {
				f.found = append(f.found, Found{Kind: FoundClick, ID: c.ID, Program: f.programs[i], Publisher: c.Publisher, At: c.At, Detail: c.AdSpace})
			}
		}
	}
	return nil
}

// publishers finds those whose id begins with what is looked for, or whose organisation's name holds it; a publisher does not look for
// others.
func (f *finder) publishers(ctx context.Context) error {
	if f.publisher != "" {
		return nil
	}
	spaces, err := f.tx.Facts().AdSpaces(ctx)
	if err != nil {
		return err
	}
	role := f.tx.Platform().Accounts().Organisations()
	named, err := role.Find(ctx, store.OrganisationFilter{Kind: store.KindPublisher, Words: f.name}, foundMost)
	if err != nil {
		return err
	}
	called := make(map[string]*store.Organisation)
	for i := range named {
		called[named[i].Publisher] = &named[i]
	}
	first := len(f.found)
	seen := make(map[string]bool)
	for _, s := range spaces {
		if len(seen) < foundMost && !seen[s.Publisher] && (called[s.Publisher] != nil || strings.HasPrefix(strings.ToLower(s.Publisher), strings.ToLower(f.name))) {
			seen[s.Publisher] = true
			f.found = append(f.found, Found{Kind: FoundPublisher, ID: s.Publisher, Program: s.Program, Publisher: s.Publisher, At: s.ApprovedAt})
		}
	}
	for _, o := range named { // those without an ad space in a program
		if !seen[o.Publisher] && len(seen) < foundMost {
			seen[o.Publisher] = true
			f.found = append(f.found, Found{Kind: FoundPublisher, ID: o.Publisher, Publisher: o.Publisher, At: o.CreatedAt})
		}
	}
	if len(seen) == 0 {
		return nil
	}
	all, err := role.Find(ctx, store.OrganisationFilter{Publishers: slices.Sorted(maps.Keys(seen))}, foundMost)
	for i := range all {
		for n := first; n < len(f.found); n++ {
			if f.found[n].ID == all[i].Publisher {
				f.found[n].Detail = all[i].Name
			}
		}
	}
	return err
}

func (f *finder) payouts(ctx context.Context) error {
	if f.publisher == "" && len(f.name) >= fewest {
		runs, _, err := f.tx.Payouts().Page(ctx, store.RunFilter{Words: f.name}, "", foundMost)
		if err != nil {
			return err
		}
		for _, r := range runs {
			f.found = append(f.found, Found{Kind: FoundRun, ID: r.ID, Program: r.Program, State: string(r.State), At: r.DraftedAt})
		}
	}
	all, err := f.tx.Payouts().Of(ctx, store.PayoutFilter{ID: f.name, Publisher: f.publisher})
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		f.found = append(f.found, Found{Kind: FoundPayout, ID: p.ID, Program: p.Program, Publisher: p.Publisher, State: string(p.Status), Run: p.Run, At: p.DraftedAt})
	}
	return nil
}
