package files

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/clickledger/clickledger/internal/replay"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

type Whatif struct {
	In      string    `required:"" type:"existingdir" help:"Input directory, as for replay." placeholder:"DIR"`
	Program []string  `required:"" type:"existingfile" help:"The changed program document." placeholder:"FILE"`
	AsOf    time.Time `name:"as-of" help:"Decide with what was known then (RFC 3339)." placeholder:"TIME"`
	CSV     string    `type:"path" help:"Write each item that comes out otherwise into this CSV file." placeholder:"FILE"`
	Top     int       `default:"20" help:"How many lines each table has at most."`
}

func (c *Whatif) Run(e *Env) (err error) {
	var changed []*program.Terms
	for _, name := range c.Program {
		data, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a program document: %w", err)
		}
		terms, err := program.Parse(name, data)
		if err != nil {
			return err
		}
		changed = append(changed, terms...)
	}
	if err := hasInput(c.In); err != nil {
		return err
	}
	bar, done := progress(e)
	in, err := replay.Load(replay.Options{In: c.In, AsOf: c.AsOf.UTC(), Progress: bar, Now: e.Now})
	done()
	if err != nil {
		return err
	}
	var visit func(replay.ItemChange) error
	finish := func() error { return nil }
	if c.CSV != "" {
		f, err := os.Create(c.CSV)
		if err != nil {
			return fmt.Errorf("writing the CSV file: %w", err)
		}
		var flush func() error
		visit, flush = replay.ChangesCSV(f)
		finish = func() error {
			if err := cmp.Or(flush(), f.Close()); err != nil {
				return fmt.Errorf("writing the CSV file: %w", err)
			}
			return nil
		}
	}
	diffs, err := replay.WhatIf(in, changed, visit)
	if err := cmp.Or(err, finish()); err != nil {
		return err
	}
	for _, d := range diffs {
		if err := printDifference(e.Stdout, d, c.Top); err != nil {
			return err
		}
	}
	return nil
}

func printDifference(out io.Writer, d *replay.Difference, top int) error {
	dec := func(minor int64) string { return money.New(minor, d.Currency).Decimal() }
	fmt.Fprintf(out, "%s: %d of %d orders come out otherwise; commission %s -> %s %s (%s)\n\n", d.Program, d.Changed, d.Orders,
		dec(d.Total.Before), dec(d.Total.After), d.Currency, signed(dec(d.Total.By())))
	for _, t := range []struct {
		title string
		rows  map[string]replay.Change
	}{{"publisher", d.Publishers}, {"category", d.Categories}, {"rule", d.Rules}} {
		keys := slices.SortedFunc(maps.Keys(t.rows), func(a, b string) int {
			return cmp.Or(cmp.Compare(abs(t.rows[b].By()), abs(t.rows[a].By())), cmp.Compare(a, b))
		})
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(w, "%s\tbefore\tafter\tdifference\t\n", t.title)
		for i, k := range keys {
			if i == top {
				fmt.Fprintf(w, "(%d more)\t\t\t\t\n", len(keys)-top)
				break
			}
			r := t.rows[k]
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", cmp.Or(k, "(nobody)"), dec(r.Before), dec(r.After), signed(dec(r.By())))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	return nil
}

func signed(s string) string {
	if s[0] == '-' {
		return s
	}
	return "+" + s
}

func abs(n int64) int64 { return max(n, -n) }
