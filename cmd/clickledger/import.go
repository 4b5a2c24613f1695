package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

type importCmd struct {
	OnlineRetail importRetailCmd `cmd:"" help:"Turn the UCI data set Online Retail into a replay input, with a report of its totals."`
	Olist        importOlistCmd  `cmd:"" help:"Turn a sample of the marketplace Olist into a replay input, with a report of its totals."`
	Rates        importRatesCmd  `cmd:"" help:"Turn the European Central Bank's reference rates into fx.jsonl."`
	AdSpaces     importSpacesCmd `cmd:"" help:"Enter ad spaces that joined into a database."`
}

type importSpacesCmd struct {
	databaseFlags
	File string `arg:"" type:"existingfile" help:"JSON Lines, an ad space a line, as publishers.jsonl of a replay input."`
}

// Run enters ad spaces into a database. Nothing is entered where a line is bad.
func (c *importSpacesCmd) Run(e *env) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading ad spaces: %w", err)
	}
	var r wire.Reader
	var spaces []*publisher.AdSpace
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		s, err := r.AdSpace(line)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", c.File, i+1, err)
		}
		spaces = append(spaces, s)
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := intake.New(db, e.now).AdSpaces(e.ctx, spaces); err != nil {
		return fmt.Errorf("entering ad spaces: %w", err)
	}
	fmt.Fprintf(e.stdout, "%d ad spaces entered\n", len(spaces))
	return nil
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
	return writeImport(e, c.Out, got.Products, got.Stores, got.Events, got.Report)
}

type importOlistCmd struct {
	In      string `required:"" type:"existingdir" help:"Folder with olist_{orders,order_items,products,customers}_dataset.csv, also .gz or .zst." placeholder:"DIR"`
	Out     string `required:"" type:"path" help:"Folder for the replay input." placeholder:"DIR"`
	Program string `default:"portals" help:"The program that the orders belong to."`
}

// Run imports an Olist sample. Nothing is written where a line is bad.
func (c *importOlistCmd) Run(e *env) error {
	open := func(name string) (io.ReadCloser, error) {
		path := filepath.Join(c.In, "olist_"+name+"_dataset.csv")
		for _, packed := range []string{path, path + ".gz", path + ".zst"} {
			if _, err := os.Stat(packed); err == nil {
				return openPacked(packed)
			}
		}
		return nil, fmt.Errorf("%s is not there", path)
	}
	var files importer.OlistFiles
	for _, f := range []struct {
		name string
		to   *io.Reader
	}{{"orders", &files.Orders}, {"order_items", &files.Items}, {"products", &files.Products}, {"customers", &files.Customers}} {
		in, err := open(f.name)
		if err != nil {
			return err
		}
		defer in.Close()
		*f.to = in
	}
	got, err := importer.ReadOlist(files, program.ID(c.Program))
	if err != nil {
		return err
	}
	return writeImport(e, c.Out, got.Products, got.Stores, got.Events, got.Report)
}

// writeImport writes a replay input and the report of its import, and prints the report.
func writeImport(e *env, dir string, products []*catalog.Product, stores []*seller.Store, events []order.Event, report any) error {
	var productLines, storeLines, eventLines []byte
	for _, p := range products {
		productLines = wire.AppendProduct(productLines, p)
	}
	for _, s := range stores {
		storeLines = wire.AppendStore(storeLines, s)
	}
	for i := range events {
		eventLines = wire.AppendEvent(eventLines, &events[i])
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	text = append(text, '\n')
	for _, f := range []struct {
		name string
		data []byte
	}{{"products.jsonl", productLines}, {"stores.jsonl", storeLines}, {"orders.jsonl", eventLines}, {"import-report.json", text}} {
		if err := writeWhole(dir, f.name, f.data); err != nil {
			return err
		}
	}
	_, err = e.stdout.Write(text)
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
