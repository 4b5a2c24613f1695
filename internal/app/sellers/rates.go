package sellers

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// LineError says what is wrong with a line of a file.
type LineError struct {
	Line   int // from 1, with the heading
	Field  string
	Reason string
}

// A FileError is what is wrong with a file, of which nothing was taken.
type FileError struct{ Lines []LineError }

// Error is the first line's.
func (e *FileError) Error() string {
	return fmt.Sprintf("line %d: %s: %s", e.Lines[0].Line, e.Lines[0].Field, e.Lines[0].Reason)
}

// maxLineErrors is how many errors of a file are told at once.
const maxLineErrors = 100

// columns of a file of rates. The last three may be missing or empty.
var columns = [...]string{"product", "rate", "from", "to", "campaign"}

// Import sets the rates of many products from a file of CSV (S2), all or none: with the columns product, rate, from, to and campaign.
// A line without a campaign sets the standing rate, or takes it away where the rate is empty. It returns how many lines it took;
// lines that cannot be taken are a *FileError.
func (v *Service) Import(ctx context.Context, id string, in io.Reader, by string) (int, error) {
	lines, err := readLines(in)
	if err != nil {
		return 0, err
	}
	err = v.update(ctx, id, by, func(tx store.Tx, w *world, s *seller.Store) error {
		b := &book{w: w, s: s, by: by}
		ids := make([]string, len(lines))
		for i := range lines {
			ids[i] = lines[i].product
		}
		slices.Sort(ids)
		known, err := productsOf(ctx, tx, s, slices.Compact(ids))
		if err != nil {
			return err
		}
		var bad []LineError
		for _, l := range lines {
			err := b.line(known[l.product], &l)
			var no *field.Error
			if errors.As(err, &no) {
				if bad = append(bad, LineError{l.number, no.Field, no.Reason}); len(bad) == maxLineErrors {
					break
				}
			} else if err != nil {
				return err
			}
		}
		if len(bad) > 0 {
			return &FileError{bad}
		}
		return b.keep(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	return len(lines), nil
}

// line is a line of a file of rates.
type line struct {
	number            int
	product, campaign string
	rate              *money.Rate
	from, to          time.Time
}

func (b *book) line(p *catalog.Product, l *line) error {
	if p == nil {
		return field.Wrong("product", "the store has no product %.70q", l.product)
	}
	if l.campaign != "" {
		return b.campaign(p, l.campaign, l.rate, l.from, l.to)
	}
	if !l.to.IsZero() {
		return field.Wrong("to", "only campaigns have an end: name the campaign, or leave the day out")
	}
	_, err := b.rate(p, l.rate, l.from)
	return err
}

func readLines(in io.Reader) ([]line, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	var at [len(columns)]int
	var all []line
	var bad []LineError
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, &FileError{[]LineError{{broken.Line, "file", "it is no CSV: " + broken.Err.Error()}}}
		}
		if err != nil {
			return nil, fmt.Errorf("reading a file of rates: %w", err)
		}
		number, _ := r.FieldPos(0)
		if at == [len(columns)]int{} {
			if at, err = heading(cells); err != nil {
				return nil, err
			}
			continue
		}
		if len(all) == MaxProducts {
			return nil, &FileError{[]LineError{{number, "file", "one file has 10,000 lines at most: split it"}}}
		}
		l, err := readLine(cells, at)
		l.number = number
		var no *field.Error
		if errors.As(err, &no) {
			if bad = append(bad, LineError{number, no.Field, no.Reason}); len(bad) == maxLineErrors {
				break
			}
		}
		all = append(all, l)
	}
	switch {
	case len(bad) > 0:
		return nil, &FileError{bad}
	case len(all) == 0:
		return nil, &FileError{[]LineError{{1, "file", "it has no lines: write a heading with product and rate, and a line for each product"}}}
	}
	return all, nil
}

// heading finds the columns: their places, counted from 1, 0 for one that is missing.
func heading(cells []string) (at [len(columns)]int, err error) {
	for i, c := range cells {
		name := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(c, "\ufeff")))
		n := slices.Index(columns[:], name)
		if n < 0 {
			return at, &FileError{[]LineError{{1, "heading", fmt.Sprintf("%.40q is no column: there are %s", name, strings.Join(columns[:], ", "))}}}
		}
		at[n] = i + 1
	}
	if at[0] == 0 || at[1] == 0 {
		return at, &FileError{[]LineError{{1, "heading", "the columns product and rate are needed"}}}
	}
	return at, nil
}

func readLine(cells []string, at [len(columns)]int) (l line, err error) {
	cell := func(n int) string {
		if at[n] == 0 || at[n] > len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[at[n]-1])
	}
	l.product, l.campaign = cell(0), cell(4)
	if bare, ok := strings.CutPrefix(l.product, "'"); ok && wire.SafeCell(bare) == l.product { // as WriteRates writes it
		l.product = bare
	}
	if l.product == "" {
		return l, field.Wrong("product", "it is missing")
	}
	if l.rate, err = ParsePercent("rate", cell(1)); err != nil {
		return l, err
	}
	if l.from, err = ParseDay("from", cell(2)); err != nil {
		return l, err
	}
	l.to, err = ParseDay("to", cell(3))
	return l, err
}

// WriteRates writes a store's products with the rates of their own that stand now, as a file that Import takes: the first MaxProducts.
// A product whose id begins like a formula gets an apostrophe in front, which Import takes off.
func (v *Service) WriteRates(ctx context.Context, id string, to io.Writer) error {
	w := csv.NewWriter(to)
	if err := w.Write(columns[:]); err != nil {
		return err
	}
	for after, n := "", 0; n < MaxProducts; {
		products, next, err := v.Products(ctx, id, after, 1000)
		if err != nil {
			return err
		}
		for _, p := range products {
			rate := ""
			if own := p.RateAt(nil, v.at()); own != nil {
				rate = own.String()
			}
			if err := w.Write([]string{wire.SafeCell(p.ID), rate, "", "", ""}); err != nil {
				return err
			}
		}
		if n, after = n+len(products), next; after == "" {
			break
		}
	}
	w.Flush()
	return w.Error()
}

// ParsePercent reads a percentage as people write it, with a point or a comma; empty is nil.
func ParsePercent(name, text string) (*money.Rate, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if text == "" {
		return nil, nil
	}
	r, err := money.ParseRate(strings.Replace(text, ",", ".", 1))
	if err != nil {
		return nil, field.Wrong(name, "%.40q is no percentage, such as 7.5", text)
	}
	return &r, nil
}

// ParseDay reads a day, such as 2026-03-10; empty is the zero time.
func ParseDay(name, text string) (time.Time, error) {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return t, field.Wrong(name, "%.40q is no day, such as 2026-03-10", text)
	}
	return t, nil
}

// Offers returns a page of a store's offers, the one that begins last first.
func (v *Service) Offers(ctx context.Context, id, after string, limit int) (all []Offer, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		all, next, err = tx.Platform().Sellers().Offers(ctx, store.OfferFilter{Store: id}, after, limit)
		return err
	})
	return all, next, err
}

// Promotion is an offer as publishers see it.
type Promotion struct {
	Offer
	Name     string     // of the store
	Percent  money.Rate // what the program pays of it: inside its range
	Category string     // of the product
	Address  string     // of the product's or the store's page; empty: the program does not say where its pages are
	Running  bool       // it is in force; else it is announced
}

// Promotions returns a page of what sellers who take part offer in a program, running or announced, the one that begins last first:
// campaigns, or featured products with a standing rate of their own (S2). A page may be shorter than its limit. A program that asks
// sellers for no rates has none.
func (v *Service) Promotions(ctx context.Context, id program.ID, featured bool, after string, limit int) (all []Promotion, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		now := v.at()
		terms := f.Terms(id, now)
		if terms == nil {
			return fmt.Errorf("program %.70q: %w", id, ErrNotFound)
		}
		if !asksSellers(terms) {
			return nil
		}
		all = nil
		var offers []Offer
		if offers, next, err = tx.Platform().Sellers().Offers(ctx, store.OfferFilter{Campaigns: !featured, Standing: featured, Until: now}, after, limit); err != nil {
			return err
		}
		var products, stores []string
		for _, o := range offers {
			stores = append(stores, o.Store)
			if o.Product != "" {
				products = append(products, o.Product)
			}
		}
		ps, ss, err := tx.Facts().Catalog(ctx, products, stores)
		if err != nil {
			return fmt.Errorf("reading the catalogue: %w", err)
		}
		byID, byStore := make(map[string]*catalog.Product), make(map[string]*seller.Store)
		for _, p := range ps {
			byID[p.ID] = p
		}
		for _, s := range ss {
			byStore[s.ID] = s
		}
		within := rangeOf(terms)
		for _, o := range offers {
			s, p := byStore[o.Store], byID[o.Product]
			when := o.From
			if when.Before(now) {
				when = now
			}
			if s == nil || s.Out(when) || (o.Product != "" && (p == nil || p.Store != o.Store || !p.AffiliateAt(s, when))) {
				continue // whose seller left, or what is not sold by it any more, earns nothing
			}
			x := Promotion{Offer: o, Name: s.Name, Percent: o.Rate.Clamp(within.Min, within.Max), Running: o.At(now)}
			if p != nil {
				x.Category = p.Category
				x.Address, _ = terms.Tracking.Address(program.LinkProduct, p.ID)
			} else {
				x.Address, _ = terms.Tracking.Address(program.LinkStore, s.ID)
			}
			all = append(all, x)
		}
		return nil
	})
	return all, next, err
}
