package main

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

func gunzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

// joiningOf is the service that ad spaces join through; here nobody looks at other people's pages.
func joiningOf(db store.Store) *joining.Service {
	return joining.New(db, joining.Prover{}, func(context.Context, program.ID, string) (int, error) { return 0, nil }, rand.Text, now)
}

// exports measures reports over a year of the publisher with the most clicks, and the export of all live orders as CSV beside the
// engine's bare reading of the same rows.
func (c *console) exports(ctx context.Context, o options) error {
	fmt.Print("| a year's report of the publisher with the most clicks | rows | median | p95 | processor time, median |\n|---|---|---|---|---|\n")
	runtime.LockOSThread() // so that the thread's time is the report's
	defer runtime.UnlockOSThread()
	for _, q := range []reports.Query{
		{Kind: reports.Orders, By: []reports.Dim{store.DimDay}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimProduct}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimAF}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimAF, store.DimDay}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimProduct, store.DimDay}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimCategory}},
		{Kind: reports.Orders, By: []reports.Dim{store.DimAdSpace}},
		{Kind: reports.Traffic, By: []reports.Dim{store.DimDay}},
		{Kind: reports.Traffic, By: []reports.Dim{store.DimCountry}},
		{Kind: reports.Traffic, By: []reports.Dim{store.DimLink}},
		{Kind: reports.Traffic, By: []reports.Dim{store.DimCountry, store.DimDevice}},
		{Kind: reports.Income, By: []reports.Dim{store.DimDay}},
		{Kind: reports.Live, Limit: 100},
	} {
		q.Publisher, q.From, q.To = "pub-00", from(), from().AddDate(0, 0, days)
		var took, cpu []time.Duration
		rows := 0
		for range 2 * o.times {
			n := &counter{}
			began, before := time.Now(), busy()
			if err := c.run(ctx, q, export.JSON, n); err != nil {
				return err
			}
			took, cpu = append(took, time.Since(began)), append(cpu, busy()-before)
			rows = n.rows
		}
		slices.Sort(took)
		slices.Sort(cpu)
		fmt.Printf("| %s by %v | %d | %.0f ms | %.0f ms | %.0f ms |\n", q.Kind, q.By, rows, ms(quantile(took, 0.5)), ms(quantile(took, 0.95)), ms(quantile(cpu, 0.5)))
	}
	var ratios []float64
	var exported, bare time.Duration
	var rows int
	for range 3 {
		n := &counter{}
		began := time.Now()
		if err := c.run(ctx, reports.Query{Kind: reports.Live}, export.CSV, n); err != nil {
			return err
		}
		exported, rows = time.Since(began), n.rows
		var err error
		if bare, err = copyOut(ctx, o.db); err != nil {
			return err
		}
		ratios = append(ratios, bare.Seconds()/exported.Seconds())
	}
	slices.Sort(ratios)
	fmt.Printf("\nCSV of %d live orders: %.2f s, the engine's bare reading %.2f s; %.2f times its speed (median of 3; %.2f to %.2f)\n", rows, exported.Seconds(), bare.Seconds(), ratios[1], ratios[0], ratios[2])
	for _, f := range []export.Format{export.CSV, export.JSON, export.XLSX} {
		if err := c.memory(ctx, o, f); err != nil {
			return err
		}
	}
	return nil
}

// counter takes what is exported and counts rows.
type counter struct {
	export.Writer
	rows int
	peak uint64
	base uint64
}

func (n *counter) Row(cells []string) error {
	if n.rows++; n.rows%20_000 == 0 && n.base > 0 {
		runtime.GC() // what is left is what is held
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		n.peak = max(n.peak, m.HeapAlloc)
	}
	return n.Writer.Row(cells)
}

func (c *console) run(ctx context.Context, q reports.Query, f export.Format, n *counter) (err error) {
	if n.Writer, err = export.New(f, io.Discard); err != nil {
		return err
	}
	return c.reports.Run(ctx, q, n)
}

// memory exports as many live orders as are there, or as are wanted, and says how much memory that held at the most.
func (c *console) memory(ctx context.Context, o options, f export.Format) error {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	n := &counter{base: m.HeapAlloc}
	if err := c.run(ctx, reports.Query{Kind: reports.Live, Limit: o.live}, f, n); err != nil {
		return err
	}
	fmt.Printf("%s of %d live orders: held %.1f MB at the most beside the %.1f MB before\n", f, n.rows, float64(int64(max(n.peak, n.base))-int64(n.base))/1e6, float64(n.base)/1e6)
	return nil
}

// copyOut reads what the export reads, without any of the work on it.
func copyOut(ctx context.Context, path string) (time.Duration, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	began := time.Now()
	rows, err := db.QueryContext(ctx, `SELECT placed_at, completed_at, program, publisher, order_id, item, state, reason, product, category, ad_space, tracking_id, kind,
		sub_af, sub_cn, sub_cv, sub_dp, click, link, country, device, currency, value, amount, rule, settled_at FROM newest_records ORDER BY placed_at DESC, program, order_id, item`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	cells, into := make([]sql.RawBytes, 26), make([]any, 26)
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return 0, err
		}
		for _, cell := range cells {
			_, _ = io.Discard.Write(cell) // it never fails
		}
	}
	return time.Since(began), rows.Err()
}
