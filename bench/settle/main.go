// Command settle measures how many order events a second a server's store settles, with decision records and postings
// committed, on SQLite and on PostgreSQL (CLICKLEDGER_TEST_POSTGRES), in turn.
//
//	scripts/with-postgres.sh --durable go run ./bench/settle -clicks 20000 -runs 3
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

func main() {
	clicks := flag.Int("clicks", 100_000, "clicks of each program; there is an order to about every 60")
	runs := flag.Int("runs", 3, "runs on each engine")
	flag.Parse()
	if err := run(context.Background(), *clicks, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench/settle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, clicks, runs int) error {
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		return err
	}
	m := demo.Simulate(demo.Shape{Seed: 1, From: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), Days: 60, Clicks: clicks}, quotes, nil)
	fmt.Printf("%d clicks, %d order events in batches of up to 1000\n", len(m.Clicks), len(m.Events))
	figures := make(map[string][]float64)
	for range runs {
		for _, engine := range []string{"sqlite", "postgres"} {
			f, err := once(ctx, engine, m)
			if err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
			figures[engine] = append(figures[engine], f)
		}
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		s := slices.Sorted(slices.Values(figures[engine]))
		fmt.Printf("%-9s %8.0f order events a second (median of %d; %.0f to %.0f)\n", engine, s[len(s)/2], runs, s[0], s[len(s)-1])
	}
	return nil
}

// once reports all order events to a fresh database and returns how many were settled in a second.
func once(ctx context.Context, engine string, m *demo.Market) (float64, error) {
	db, drop, err := open(ctx, engine)
	if err != nil {
		return 0, err
	}
	defer drop()
	clock := &demo.Clock{}
	clock.Set(m.Until())
	s, err := settle.New(ctx, db, clock.Now)
	if err != nil {
		return 0, err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	r := demo.Runner{Store: db, Settle: s, Clock: clock}
	if err := r.Facts(ctx, m); err != nil {
		stop()
		return 0, err
	}
	for part := range slices.Chunk(m.Clicks, 5000) {
		if _, err := s.ImportClicks(ctx, part); err != nil {
			stop()
			return 0, err
		}
	}
	began := time.Now()
	_, err = s.Report(ctx, m.Events)
	took := time.Since(began)
	stop()
	if err != nil {
		return 0, err
	}
	return float64(len(m.Events)) / took.Seconds(), <-done
}

func open(ctx context.Context, engine string) (store.Store, func(), error) {
	if engine == "sqlite" {
		dir, err := os.MkdirTemp("", "settle-bench-*")
		if err != nil {
			return nil, nil, err
		}
		db, err := sqlite.Open(ctx, filepath.Join(dir, "clickledger.db"))
		return db, func() { _ = db.Close(); _ = os.RemoveAll(dir) }, err // a bench's leftovers
	}
	dsn := os.Getenv("CLICKLEDGER_TEST_POSTGRES")
	if dsn == "" {
		return nil, nil, fmt.Errorf("CLICKLEDGER_TEST_POSTGRES is not set; run scripts/with-postgres.sh --durable go run ./bench/settle")
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, nil, err
	}
	name := fmt.Sprintf("bench_%d", rand.Uint64())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, nil, err
	}
	u.Path = "/" + name
	db, err := postgres.Open(ctx, u.String())
	return db, func() {
		_ = db.Close()
		_, _ = conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)") // the cluster is thrown away
		_ = conn.Close(ctx)
	}, err
}
