package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

type importCmd struct {
	OnlineRetail importRetailCmd `cmd:"" help:"Turn the UCI data set Online Retail into a replay input, with a report of its totals."`
	Rates        importRatesCmd  `cmd:"" help:"Turn the European Central Bank's reference rates into fx.jsonl."`
}

type importRetailCmd struct {
	In      string `type:"existingfile" help:"The CSV file, also .gz or .zst; default: the copy that is shipped." placeholder:"FILE"`
	Out     string `required:"" type:"path" help:"Folder for the replay input." placeholder:"DIR"`
	Program string `default:"portals" help:"The program that the orders belong to."`
}

// Run imports Online Retail. Nothing is written where a line is bad.
func (c *importRetailCmd) Run(e *env) error {
	in, err := realdata.OnlineRetail()
	if c.In != "" {
		in, err = openPacked(c.In)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	got, err := importer.OnlineRetail(in, program.ID(c.Program))
	if err != nil {
		return fmt.Errorf("%s: %w", c.In, err)
	}
	var products, stores, events []byte
	for _, p := range got.Products {
		products = wire.AppendProduct(products, p)
	}
	for _, s := range got.Stores {
		stores = wire.AppendStore(stores, s)
	}
	for i := range got.Events {
		events = wire.AppendEvent(events, &got.Events[i])
	}
	report, err := json.MarshalIndent(got.Report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	for name, data := range map[string][]byte{"products.jsonl": products, "stores.jsonl": stores, "orders.jsonl": events, "import-report.json": append(report, '\n')} {
		if err := writeWhole(c.Out, name, data); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.stdout, "%s\n", report)
	return err
}

type importRatesCmd struct {
	In    string   `type:"existingfile" help:"eurofxref-hist.csv, also .gz or .zst; default: the days that are shipped." placeholder:"FILE"`
	Out   string   `required:"" type:"path" help:"Folder for fx.jsonl." placeholder:"DIR"`
	Quote string   `default:"USD" help:"The currency to convert into."`
	Base  []string `default:"EUR,GBP" help:"The currencies to convert from."`
}

// Run imports reference rates.
func (c *importRatesCmd) Run(e *env) error {
	in := io.NopCloser(realdata.ReferenceRates())
	if c.In != "" {
		var err error
		if in, err = openPacked(c.In); err != nil {
			return err
		}
	}
	defer in.Close()
	quoted, err := money.ParseCurrency(c.Quote)
	if err != nil {
		return fmt.Errorf("--quote: %w", err)
	}
	bases := make([]money.Currency, len(c.Base))
	for i, b := range c.Base {
		if bases[i], err = money.ParseCurrency(b); err != nil {
			return fmt.Errorf("--base: %w", err)
		}
	}
	quotes, err := importer.ReferenceRates(in, quoted, bases...)
	if err != nil {
		return err
	}
	var lines []byte
	for _, q := range quotes {
		lines = wire.AppendQuote(lines, &wire.Quote{Day: q.Day, Base: q.Base, Quote: q.Quoted, Rate: q.Rate})
	}
	fmt.Fprintf(e.stdout, "%d rates\n", len(quotes))
	return writeWhole(c.Out, "fx.jsonl", lines)
}

// openPacked opens a file that may be compressed.
func openPacked(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the data: %w", err)
	}
	var r io.Reader = bufio.NewReader(f)
	switch filepath.Ext(path) {
	case ".gz":
		if r, err = gzip.NewReader(r); err != nil {
			return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), f.Close())
		}
	case ".zst":
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(1<<27))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), f.Close())
		}
		r = z
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// writeWhole writes a file that appears when it is complete.
func writeWhole(dir, name string, data []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the output folder: %w", err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
