package sellers

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/table"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// ratesForm is a file of rates; its last three columns may be missing or empty.
func ratesForm() *table.Form {
	return &table.Form{Columns: []string{"product", "rate", "from", "to", "campaign"}, Needed: [][]string{{"product"}, {"rate"}}, Most: MaxProducts}
}

// Import sets the rates of many products from a file of CSV (S2), all or none: with the columns product, rate, from, to and campaign.
// A line without a campaign sets the standing rate, or takes it away where the rate is empty. It returns how many lines it took;
// lines that cannot be taken are a *field.FileError.
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
		var bad field.Lines
		for _, l := range lines {
			full, err := bad.Add(l.number, b.line(known[l.product], &l))
			if err != nil {
				return err
			}
			if full {
				break
			}
		}
		if err := bad.Err(); err != nil {
			return err
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

func readLines(in io.Reader) (all []line, err error) {
	err = ratesForm().Read(in, func(r *table.Row, wrong error) error {
		if wrong != nil {
			return wrong
		}
		l, err := readLine(r)
		all = append(all, l)
		return err
	})
	return all, err
}

func readLine(r *table.Row) (l line, err error) {
	l = line{number: r.Line, product: r.Get("product"), campaign: r.Get("campaign")}
	if bare, ok := strings.CutPrefix(l.product, "'"); ok && wire.SafeCell(bare) == l.product { // as WriteRates writes it
		l.product = bare
	}
	if l.product == "" {
		return l, field.Wrong("product", "it is missing")
	}
	if l.rate, err = ParsePercent("rate", r.Get("rate")); err != nil {
		return l, err
	}
	if l.from, err = ParseDay("from", r.Get("from")); err != nil {
		return l, err
	}
	l.to, err = ParseDay("to", r.Get("to"))
	return l, err
}

// WriteRates writes a store's products with the rates of their own that stand now, as a file that Import takes: the first MaxProducts.
// A product whose id begins like a formula gets an apostrophe in front, which Import takes off.
func (v *Service) WriteRates(ctx context.Context, id string, to io.Writer) error {
	w := csv.NewWriter(to)
	if err := w.Write(ratesForm().Columns); err != nil {
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
