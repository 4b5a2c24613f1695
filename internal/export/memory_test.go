package export_test

import (
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// gauge hands a report on and looks now and then how much memory is in use that nothing can free.
type gauge struct {
	reports.Sink
	rows int
	peak uint64
}

func (g *gauge) Row(cells []string) error {
	if g.rows++; g.rows%20_000 == 0 {
		g.look()
	}
	return g.Sink.Row(cells)
}

func (g *gauge) End(next string) error {
	g.look()
	err := g.Sink.End(next)
	g.look()
	return err
}

func (g *gauge) look() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	g.peak = max(g.peak, m.HeapAlloc)
}

// collector keeps all rows before it hands them on, as a report must not.
type collector struct {
	reports.Sink
	rows [][]string
}

func (c *collector) Row(cells []string) error {
	c.rows = append(c.rows, slices.Clone(cells))
	return nil
}

func (c *collector) End(next string) error {
	for _, r := range c.rows {
		if err := c.Sink.Row(r); err != nil {
			return err
		}
	}
	return c.Sink.End(next)
}

// R4: a file of 200,000 rows takes no more memory than one of a few: rows are written as they are read. Red control: whoever collects them
// first takes many times as much.
func TestR4_FilesOfManyRowsTakeLittleMemory(t *testing.T) {
	const rows, most = 200_000, 64 << 20 // a workbook holds a part of 16 MB before it goes to a file
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := sqlite.Open(t.Context(), path)
	must(t, err)
	must(t, db.Close())
	fill(t, path, 1000, rows)
	db, err = sqlite.Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	s := service(db)
	takes := func(f export.Format, collect bool) uint64 {
		t.Helper()
		w, err := export.New(f, io.Discard)
		must(t, err)
		g := &gauge{Sink: w}
		if collect {
			g.Sink = &collector{Sink: w}
		}
		g.look()
		before := g.peak
		must(t, s.Run(t.Context(), reports.Query{Kind: reports.Live}, g))
		must(t, w.Close())
		if g.rows != rows {
			t.Fatalf("%s has %d rows", f, g.rows)
		}
		return g.peak - before
	}
	for _, f := range []export.Format{export.CSV, export.XLSX} {
		got := takes(f, false)
		if got > most {
			t.Errorf("%s of %d rows takes %d bytes, and %d are the most", f, rows, got, most)
		}
	}
	if got := takes(export.CSV, true); got < most {
		t.Errorf("the check does not see that all rows are collected: %d bytes", got)
	}
}
