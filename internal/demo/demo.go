// Package demo runs a marketplace forward in time against a server's store: what the input directory of a replay says
// happened is reported on the day that it happened, time passes, holds end, and publishers are paid.
package demo

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Clock is a clock that is moved by hand. The zero value stands at the zero time.
type Clock struct {
	at   atomic.Int64
	real atomic.Pointer[running]
}

// running is how a clock goes on by itself.
type running struct {
	now   func() time.Time
	began time.Time
}

// Now is the clock's time, UTC.
func (c *Clock) Now() time.Time {
	t := time.UnixMicro(c.at.Load()).UTC()
	if r := c.real.Load(); r != nil {
		t = t.Add(r.now().Sub(r.began)).Truncate(time.Microsecond)
	}
	return t
}

// Go lets the clock go on from where it stands, as fast as another one.
func (c *Clock) Go(now func() time.Time) { c.real.Store(&running{now, now()}) }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.at.Store(t.UnixMicro()) }

// Market is what happens, in the order of time.
type Market struct {
	Spaces   []*publisher.AdSpace
	Products []*catalog.Product
	Stores   []*seller.Store
	Quotes   []store.Quote
	Clicks   []*click.Click
	Events   []order.Event
}

// Read reads the input directory of a replay. Program documents in it are not read: the demo shows the reference programs.
func Read(dir string) (*Market, error) {
	m := &Market{}
	var r wire.Reader
	var c wire.Click
	files := []struct {
		name string
		read func(line []byte) error
	}{
		{"publishers.jsonl", func(line []byte) error {
			s, err := r.AdSpace(line)
			m.Spaces = append(m.Spaces, s)
			return err
		}},
		{"products.jsonl", func(line []byte) error {
			p, err := r.Product(line)
			m.Products = append(m.Products, p)
			return err
		}},
		{"stores.jsonl", func(line []byte) error {
			s, err := r.Store(line)
			m.Stores = append(m.Stores, s)
			return err
		}},
		{"fx.jsonl", func(line []byte) error {
			q, err := r.Quote(line)
			m.Quotes = append(m.Quotes, store.Quote{Day: q.Day, Base: q.Base, Quoted: q.Quote, Rate: q.Rate})
			return err
		}},
		{"clicks.jsonl", func(line []byte) error {
			if err := r.Click(line, &c); err != nil {
				return err
			}
			m.Clicks = append(m.Clicks, c.Click(func(b []byte) string { return string(b) }))
			return nil
		}},
		{"orders.jsonl", func(line []byte) error {
			e, err := r.Event(line)
			m.Events = append(m.Events, e)
			return err
		}},
	}
	for _, f := range files {
		if err := eachLine(dir, f.name, f.read); err != nil {
			return nil, err
		}
	}
	m.sort()
	return m, nil
}

// eachLine reads a file that may be compressed; one that is absent has no lines.
func eachLine(dir, name string, read func([]byte) error) (err error) {
	for _, suffix := range []string{"", ".gz", ".zst"} {
		f, oerr := os.Open(filepath.Join(dir, name+suffix))
		if errors.Is(oerr, os.ErrNotExist) {
			continue
		}
		if oerr != nil {
			return fmt.Errorf("reading the market: %w", oerr)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		var in io.Reader = f
		switch suffix {
		case ".gz":
			if in, err = gzip.NewReader(f); err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
		case ".zst":
			z, err := zstd.NewReader(f)
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			defer z.Close()
			in = z
		}
		sc := bufio.NewScanner(in)
		sc.Buffer(make([]byte, 1<<20), 64<<20)
		for n := 1; sc.Scan(); n++ {
			if len(strings.TrimSpace(sc.Text())) == 0 {
				continue
			}
			if err := read(sc.Bytes()); err != nil {
				return fmt.Errorf("%s:%d: %w", name, n, err)
			}
		}
		return sc.Err()
	}
	return nil
}

// Until is the time of the last thing that happens.
func (m *Market) Until() time.Time {
	var last time.Time
	if n := len(m.Clicks); n > 0 {
		last = m.Clicks[n-1].At
	}
	if n := len(m.Events); n > 0 && m.Events[n-1].At.After(last) {
		last = m.Events[n-1].At
	}
	return last
}

// From is the time of the first thing that happens.
func (m *Market) From() time.Time {
	var first time.Time
	if len(m.Clicks) > 0 {
		first = m.Clicks[0].At
	}
	if len(m.Events) > 0 && (first.IsZero() || m.Events[0].At.Before(first)) {
		first = m.Events[0].At
	}
	return first
}

// Runner drives a market.
type Runner struct {
	Store  store.Store
	Settle *settle.Service
	Clock  *Clock
	// Seen says what edges saw of clicks; nil: nobody saw anything.
	Seen func([]*click.Click) []store.Visit
	// Day is called at the end of each day, after what happened was settled and what was due was done; it may be nil.
	Day func(ctx context.Context, end time.Time) error
}

// Facts enters who is there and what is sold, before anything happens.
func (r *Runner) Facts(ctx context.Context, m *Market) error {
	err := r.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Facts().PutAdSpaces(ctx, m.Spaces); err != nil {
			return fmt.Errorf("entering ad spaces: %w", err)
		}
		if err := tx.Facts().PutQuotes(ctx, m.Quotes); err != nil {
			return fmt.Errorf("entering exchange rates: %w", err)
		}
		if err := tx.Facts().PutCatalog(ctx, m.Products, m.Stores); err != nil {
			return fmt.Errorf("entering the catalogue: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Settle.Refresh(ctx)
}

// load takes clicks in, as edges logged them or as the marketplace reports them.
func (r *Runner) load(ctx context.Context, clicks []*click.Click) error {
	if r.Seen != nil {
		return r.Settle.Load(ctx, settle.Logged{Clicks: clicks, Visits: r.Seen(clicks)})
	}
	_, err := r.Settle.ImportClicks(ctx, clicks)
	return err
}

// Run lets everything happen, day by day, and time go on until a time. The service's Run must be running.
func (r *Runner) Run(ctx context.Context, m *Market, until time.Time) error {
	clicks, events := m.Clicks, m.Events
	day := m.From().Truncate(24 * time.Hour)
	for !day.After(until) {
		end := day.Add(24 * time.Hour)
		if end.After(until) {
			end = until
		}
		nc, _ := slices.BinarySearchFunc(clicks, end, func(c *click.Click, t time.Time) int { return c.At.Compare(t) })
		ne, _ := slices.BinarySearchFunc(events, end, func(e order.Event, t time.Time) int { return e.At.Compare(t) })
		r.Clock.Set(end)
		if nc > 0 {
			if err := r.load(ctx, clicks[:nc]); err != nil {
				return fmt.Errorf("reporting the clicks of %s: %w", day.Format(time.DateOnly), err)
			}
		}
		if ne > 0 {
			outcomes, err := r.Settle.Report(ctx, events[:ne])
			if err != nil {
				return fmt.Errorf("reporting the orders of %s: %w", day.Format(time.DateOnly), err)
			}
			for i, o := range outcomes {
				if o.Err != nil {
					return fmt.Errorf("order %q: %w", events[i].Order, o.Err)
				}
			}
		}
		clicks, events = clicks[nc:], events[ne:]
		if _, err := r.Settle.Tick(ctx); err != nil {
			return err
		}
		if r.Day != nil {
			if err := r.Day(ctx, end); err != nil {
				return err
			}
		}
		day = day.Add(24 * time.Hour)
	}
	return nil
}
