package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/demo/show"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// build makes the database under another name first, so that half of one is never taken for a whole.
func build(ctx context.Context, o options) error {
	began := time.Now()
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		return err
	}
	programs := len(program.ReferenceIDs())
	// Of a click some 1.4 % are followed by an order as a rule, and to two hundred clicks comes an order that nobody sent.
	each := o.clicks / programs
	buys := (float64(o.orders) - float64(o.clicks)/200) / (float64(o.clicks) * 0.0144)
	m := demo.Simulate(demo.Shape{Seed: 1, From: from(), Days: days, Clicks: each, Buys: max(buys, 0.1)}, quotes, nil)
	fmt.Printf("simulated %d touches and %d order events in %.0f s\n", len(m.Clicks), len(m.Events), time.Since(began).Seconds())
	unfinished := o.db + ".unfinished"
	for _, ending := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(unfinished + ending); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	db, err := sqlite.Open(ctx, unfinished)
	if err != nil {
		return err
	}
	if err := errors.Join(live(ctx, db, m), db.Close()); err != nil {
		return err
	}
	fmt.Printf("built in %.0f s\n\n", time.Since(began).Seconds())
	return os.Rename(unfinished, o.db)
}

// live lets the year happen. Ten minutes before the end the figures of reports are added up, as a server does every ten minutes.
func live(ctx context.Context, db *sqlite.Store, m *demo.Market) error {
	clock := &demo.Clock{}
	clock.Set(from())
	s, err := settle.New(ctx, db, clock.Now)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	defer func() { stop(); <-done }()
	bank := demo.Bank{Settle: s, Clock: clock, Payouts: payouts.New(db, s.Terms, bankfile.Files, show.Payer(), clock.Now)}
	r := demo.Runner{Store: db, Settle: s, Clock: clock}
	if err := r.Facts(ctx, m); err != nil {
		return err
	}
	if err := bank.Details(ctx, m); err != nil {
		return err
	}
	clicks, events := m.Clicks, m.Events
	happen := func(until time.Time) error {
		nc, _ := slices.BinarySearchFunc(clicks, until, func(c *click.Click, t time.Time) int { return c.At.Compare(t) })
		ne, _ := slices.BinarySearchFunc(events, until, func(e order.Event, t time.Time) int { return e.At.Compare(t) })
		clock.Set(until)
		for part := range slices.Chunk(clicks[:nc], 5000) {
			if err := db.Update(ctx, func(tx store.Tx) error { return tx.Platform().Visits().Put(ctx, visits(part)) }); err != nil {
				return err
			}
			if _, err := s.ImportClicks(ctx, part); err != nil {
				return err
			}
		}
		outcomes, err := s.Report(ctx, events[:ne])
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			if o.Err != nil {
				return fmt.Errorf("order %q: %w", events[i].Order, o.Err)
			}
		}
		clicks, events = clicks[nc:], events[ne:]
		_, err = s.Tick(ctx)
		return err
	}
	last := from().AddDate(0, 0, days-1)
	for day := from(); day.Before(last); day = day.AddDate(0, 0, 1) {
		end := day.AddDate(0, 0, 1)
		if err := happen(end); err != nil {
			return fmt.Errorf("%s: %w", day.Format(time.DateOnly), err)
		}
		if err := bank.Day(ctx, end); err != nil {
			return err
		}
		if end.Day() == 1 {
			fmt.Printf("  until %s\n", end.Format(time.DateOnly))
		}
	}
	if err := happen(now().Add(-10 * time.Minute)); err != nil {
		return err
	}
	began := time.Now()
	n, err := reports.New(db, clock.Now).Roll(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  added up %d days and months in %.0f s\n", n, time.Since(began).Seconds())
	return happen(now())
}

// upToDate adds up what this version of the program adds up and the one that built the database did not, as a server did that is about to do
// it again. The days that had sums and were stale are stale again afterwards: there are always some.
func upToDate(ctx context.Context, kept *sqlite.Store, path string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the temporary table is its connection's
	if _, err := db.ExecContext(ctx, `CREATE TEMP TABLE were AS SELECT d.* FROM main.stale_days d WHERE EXISTS (SELECT 1 FROM main.report_sums s
		WHERE s.publisher = '' AND s.kind = CASE d.kind WHEN 'click' THEN 1 WHEN 'order' THEN 2 WHEN 'transaction' THEN 3 END AND s.span = 1 AND s.part = 0 AND s.day = d.day AND s.program = d.program)`); err != nil {
		return err
	}
	began := time.Now()
	if _, err := db.ExecContext(ctx, "UPDATE main.stale_days SET upto = 0"); err != nil {
		return err
	}
	n, err := reports.New(kept, func() time.Time { return now().Add(-10 * time.Minute) }).Roll(ctx)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO main.stale_days SELECT * FROM were WHERE true ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	fmt.Printf("added up %d days and months in %.0f s\n", n, time.Since(began).Seconds())
	return nil
}

// visits are what edges would have seen of clicks.
func visits(clicks []*click.Click) []store.Visit {
	all := make([]store.Visit, 0, len(clicks))
	for _, c := range clicks {
		if c.Channel != click.Affiliate {
			continue
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(c.Visitor)) // it never fails
		x := h.Sum64()
		v := store.Visit{
			Program: c.Program, Click: c.ID, At: c.At, Publisher: c.Publisher, Link: int64(1 + x%500), Repeat: 1, Consent: "granted",
			Country: []string{"TR", "DE", "PL", "RO", "FR", "ES", "GB", "KZ"}[x>>8%8], Device: []string{"phone", "phone", "desktop", "tablet"}[x>>16%4],
			Agent: "chrome", OS: "android", Network: fmt.Sprintf("192.0.%d.0/24", x>>24%256),
		}
		if c.Verdict != click.Valid {
			v.Reason = "agent"
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b store.Visit) int { return cmp.Compare(a.Click, b.Click) })
	return all
}

// size prints what takes how much room.
func size(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	var clicks, orders, records, bytes, sums int64
	for _, q := range []struct {
		sql string
		to  *int64
	}{
		{"SELECT COUNT(*) FROM clicks WHERE channel = 'affiliate'", &clicks}, {"SELECT COUNT(*) FROM orders", &orders}, {"SELECT COUNT(*) FROM newest_records", &records},
		{"SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", &bytes},
		{"SELECT SUM(pgsize) FROM dbstat WHERE name LIKE 'report_sums%'", &sums},
	} {
		if err := db.QueryRowContext(ctx, q.sql).Scan(q.to); err != nil {
			return fmt.Errorf("%s: %w", q.sql, err)
		}
	}
	fmt.Printf("%d clicks, %d orders with %d items; the database has %.1f GB, of which the sums of reports %.0f MB: %.0f bytes a click\n\n",
		clicks, orders, records, float64(bytes)/1e9, float64(sums)/1e6, float64(sums)/float64(clicks))
	return nil
}
