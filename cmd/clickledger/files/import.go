package files

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

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

type Retail struct {
	In      string `type:"existingfile" help:"The CSV file, also .gz or .zst; default: the copy that is shipped." placeholder:"FILE"`
	Out     string `required:"" type:"path" help:"Folder for the replay input." placeholder:"DIR"`
	Program string `default:"portals" help:"The program that the orders belong to."`
}

// Run imports Online Retail. Nothing is written where a line is bad.
func (c *Retail) Run(e *Env) error {
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

type Olist struct {
	In      string `required:"" type:"existingdir" help:"Folder with olist_{orders,order_items,products,customers}_dataset.csv, also .gz or .zst." placeholder:"DIR"`
	Out     string `required:"" type:"path" help:"Folder for the replay input." placeholder:"DIR"`
	Program string `default:"portals" help:"The program that the orders belong to."`
}

// Run imports an Olist sample. Nothing is written where a line is bad.
func (c *Olist) Run(e *Env) error {
	open := func(name string) (io.ReadCloser, error) {
		path := filepath.Join(c.In, "olist_"+name+"_dataset.csv")
		for _, packed := range []string{path, path + ".gz", path + ".zst"} {
			if _, err := os.Stat(packed); err == nil {
				return openPacked(packed)
			}
		}
		return nil, Bad("--in: %s is not there, nor as .gz or .zst: name the folder of the data set", path)
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
func writeImport(e *Env, dir string, products []*catalog.Product, stores []*seller.Store, events []order.Event, report any) error {
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
		if err := WriteWhole(dir, f.name, f.data); err != nil {
			return err
		}
	}
	_, err = e.Stdout.Write(text)
	return err
}

type Rates struct {
	In    string   `type:"existingfile" help:"eurofxref-hist.csv, also .gz or .zst; default: the days that are shipped." placeholder:"FILE"`
	Out   string   `required:"" type:"path" help:"Folder for fx.jsonl." placeholder:"DIR"`
	Quote string   `default:"USD" help:"The currency to convert into."`
	Base  []string `default:"EUR,GBP" help:"The currencies to convert from."`
}

// Run imports reference rates.
func (c *Rates) Run(e *Env) error {
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
	fmt.Fprintf(e.Stdout, "%d rates\n", len(quotes))
	return WriteWhole(c.Out, "fx.jsonl", lines)
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

// WriteWhole writes a file that appears when it is complete.
func WriteWhole(dir, name string, data []byte) error {
	if err := Folder("--out", dir, 0o755); err != nil {
		return err
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
