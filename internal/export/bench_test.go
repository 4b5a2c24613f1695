package export_test

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// The benchmarks' database: CLICKLEDGER_BENCH_CLICKS clicks and CLICKLEDGER_BENCH_ORDERS orders of one item, spread over a year and a
// thousand publishers of which the first has a tenth of everything. CLICKLEDGER_BENCH_DB names a file that is made once and kept.
func size(name string, or int) int {
	n, err := strconv.Atoi(os.Getenv("CLICKLEDGER_BENCH_" + name))
	if err != nil {
		return or
	}
	return n
}

var begin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

const year = 365 * 24 * time.Hour

func database(b *testing.B) (path string, db *sqlite.Store) {
	b.Helper()
	path = os.Getenv("CLICKLEDGER_BENCH_DB")
	if path == "" {
		path = filepath.Join(b.TempDir(), "ledger.db")
	}
	_, err := os.Stat(path)
	fresh := os.IsNotExist(err)
	db, err = sqlite.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	if fresh {
		must(b, db.Close())
		fill(b, path, size("CLICKS", 200_000), size("ORDERS", 10_000))
		if db, err = sqlite.Open(b.Context(), path); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { must(b, db.Close()) })
	if _, err := service(db).Roll(b.Context()); err != nil {
		b.Fatal(err)
	}
	return path, db
}

func service(db store.Store) *reports.Service {
	return reports.New(db, func() time.Time { return begin.Add(year) })
}

func must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// fill writes rows as the store would have, in the engine itself.
func fill(b testing.TB, path string, clicks, orders int) {
	b.Helper()
	raw, err := sql.Open("sqlite", path)
	must(b, err)
	defer raw.Close()
	publisher := "CASE WHEN i %% 10 = 0 THEN 'pub-000' ELSE printf('pub-%%03d', 1 + i * 7919 %% 999) END"
	series := "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) "
	for _, statement := range []string{
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000",
		fmt.Sprintf("INSERT INTO clicks (program, id, at, visitor, channel, publisher, ad_space, tracking_id, target_kind, target_product, target_store, sub_af, sub_cn, sub_cv, sub_dp, session, verdict, token_only) "+series+
			`SELECT 'tr', printf('clk%%012d', i), %d + i * %d, printf('v%%09d', i / 3), 'affiliate', `+publisher+`, 'space-' || (i / 10 %% 3), 'track-' || (i / 10 %% 7), 'product',
				'p-' || (i * 31 %% 20000), '', 'af-' || (i / 10 %% 11), 'cn-' || (i / 10 %% 40), '', printf('dp-%%d', i %% 5000), 's', CASE WHEN i %% 13 = 0 THEN 'bot' ELSE 'valid' END, 0 FROM n`,
			clicks, begin.UnixMicro(), year.Microseconds()/int64(clicks)),
		fmt.Sprintf("INSERT INTO visits (program, click, at, publisher, link, reason, flags, repeat, consent, country, device, agent, os, user_agent, referrer, network) "+series+
			`SELECT 'tr', printf('clk%%012d', i), %d + i * %d, '', 1 + i %% 300, '', 0, 1, 'unknown', substr('TRDEROUS', 1 + i %% 4 * 2, 2), CASE WHEN i %% 3 = 0 THEN 'desktop' ELSE 'phone' END, '', '', '', '', '' FROM n`,
			clicks, begin.UnixMicro(), year.Microseconds()/int64(clicks)),
		fmt.Sprintf("INSERT INTO newest_records (program, order_id, item, sequence, state, publisher, currency, amount, hidden, placed_at, settled_at, digest, ad_space, rule, value, completed_at, tracking_id, click, sub_af, sub_cn, sub_dp, kind, product, category, country, device, link) "+series+
			`SELECT 'tr', printf('o-%%09d', i), '1', 1, CASE WHEN i %% 7 = 0 THEN 'declined' WHEN i > %d THEN 'pending' ELSE 'approved' END, `+publisher+`, 'USD', CASE WHEN i %% 7 = 0 THEN 0 ELSE 100 + i %% 900 END, 0,
				%d + i * %d, NULL, x'00', 'space-' || (i / 10 %% 3), 'v1/categories/toys', 5000 + i %% 9000, %d + i * %d + 1000000, 'track-' || (i / 10 %% 7), printf('clk%%012d', i), 'af-' || (i / 10 %% 11), 'cn-' || (i / 10 %% 40), printf('dp-%%d', i %% 5000),
				'product', 'p-' || (i * 31 %% 20000), 'c-' || (i / 10 %% 25), 'TR', 'phone', 1 + i %% 300 FROM n`,
			orders, orders*9/10, begin.UnixMicro(), year.Microseconds()/int64(orders), begin.UnixMicro(), year.Microseconds()/int64(orders)),
		"INSERT INTO stale_days (kind, program, day, changes) SELECT 'click', program, at / 86400000000, 1 FROM clicks GROUP BY 2, 3",
		"INSERT INTO stale_days (kind, program, day, changes) SELECT 'order', program, placed_at / 86400000000, 1 FROM newest_records GROUP BY 2, 3",
		"INSERT INTO stale_days (kind, program, day, changes) SELECT 'transaction', program, completed_at / 86400000000, 1 FROM newest_records GROUP BY 2, 3",
	} {
		if _, err := raw.ExecContext(b.Context(), statement); err != nil {
			b.Fatalf("%.60s: %v", statement, err)
		}
	}
}

// BenchmarkReport measures a year's reports of the publisher who has a tenth of everything.
func BenchmarkReport(b *testing.B) {
	_, db := database(b)
	s := service(db)
	for _, c := range []struct {
		name string
		q    reports.Query
	}{
		{"orders by day", reports.Query{Kind: reports.Orders, By: []reports.Dim{store.DimDay}}},
		{"orders by product", reports.Query{Kind: reports.Orders, By: []reports.Dim{store.DimProduct}, Sort: "-commission", Limit: 100}},
		{"orders by sub-ID and day", reports.Query{Kind: reports.Orders, By: []reports.Dim{store.DimAF, store.DimDay}}},
		{"traffic by country", reports.Query{Kind: reports.Traffic, By: []reports.Dim{store.DimCountry}}},
		{"one page of live orders", reports.Query{Kind: reports.Live, Limit: 100}},
	} {
		q := c.q
		q.Publisher, q.From, q.To = "pub-000", begin, begin.Add(year)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				w, err := export.New(export.JSON, io.Discard)
				must(b, err)
				must(b, s.Run(b.Context(), q, w))
			}
		})
	}
}

// BenchmarkReportCSV measures the CSV of all live orders beside the engine's bare reading of the same rows.
func BenchmarkReportCSV(b *testing.B) {
	path, db := database(b)
	s := service(db)
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			w, err := export.New(export.CSV, io.Discard)
			must(b, err)
			must(b, s.Run(b.Context(), reports.Query{Kind: reports.Live}, w))
		}
	})
	raw, err := sql.Open("sqlite", path)
	must(b, err)
	defer raw.Close()
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			rows, err := raw.QueryContext(b.Context(), `SELECT placed_at, completed_at, program, publisher, order_id, item, state, reason, product, category, ad_space, tracking_id, kind,
				sub_af, sub_cn, sub_cv, sub_dp, click, link, country, device, currency, value, amount, rule, settled_at FROM newest_records ORDER BY placed_at DESC, program, order_id, item`)
			must(b, err)
			cells, into := make([]sql.RawBytes, 26), make([]any, 26)
			for i := range cells {
				into[i] = &cells[i]
			}
			for rows.Next() {
				must(b, rows.Scan(into...))
				for _, c := range cells {
					_, _ = io.Discard.Write(c)
				}
			}
			must(b, rows.Err())
			must(b, rows.Close())
		}
	})
}
