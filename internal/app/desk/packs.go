package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// The spans that best sellers are found in: the short one, and the long one for markets that sold too little in it. bestMost is how many
// there are of a market, and bestFew how many are too few.
const (
	bestShort, bestLong = 30, 90 // days
	bestMost, bestFew   = 20, 10
)

// Monthly finds the best sellers of each program anew where that was not done in this month (K5, P5).
func (v *Service) Monthly(ctx context.Context) error {
	month := v.at().Format("2006-01")
	var due []program.ID
	err := v.store.View(ctx, func(tx store.Tx) error {
		due = nil
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range f.Programs() {
			best, err := tx.Platform().Desk().Packs().BestSellers(ctx, p)
			if err != nil {
				return err
			}
			if len(best) == 0 || best[0].Month != month {
				due = append(due, p)
			}
		}
		return nil
	})
	for _, p := range due {
		if err == nil {
			err = v.FindBestSellers(ctx, p)
		}
	}
	return err
}

// FindBestSellers finds the best-selling products of a program's markets for this month, whoever sent their buyers: by the number of
// orders that were not declined, of the last 30 days, or of 90 where a market sold fewer than ten products in those. Products that earn
// nothing are left out: virtual ones, those whose seller does not take part, and those of stores without commission.
func (v *Service) FindBestSellers(ctx context.Context, p program.ID) error {
	now := v.at()
	var found []BestSellers
	err := v.store.View(ctx, func(tx store.Tx) error {
		found = nil
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		terms := f.Terms(p, now)
		if terms == nil {
			return fmt.Errorf("program %q: %w", p, ErrNotFound)
		}
		c := counter{terms: terms, short: now.AddDate(0, 0, -bestShort), counts: make(map[sold]*[2]int64)}
		if err := c.count(ctx, tx, now.AddDate(0, 0, -bestLong), now); err != nil {
			return err
		}
		found, err = c.best(ctx, tx, f, now)
		return err
	})
	if err != nil {
		return err
	}
	return v.store.Update(ctx, func(tx store.Tx) error {
		for _, b := range found {
			if err := tx.Platform().Desk().Packs().PutBestSellers(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// sold is a product that was delivered to a market.
type sold struct{ market, product string }

// counter counts orders of products by market, in the long span and in the short one.
type counter struct {
	terms  *program.Terms
	short  time.Time
	counts map[sold]*[2]int64
	batch  []purchase
}

// purchase is a product that an order has.
type purchase struct {
	key     order.Key
	product string
	at      time.Time
}

// rowsAtOnce is how many items are read at a time, and ordersAtOnce how many orders.
const rowsAtOnce, ordersAtOnce = 2000, 400

func (c *counter) count(ctx context.Context, tx store.Tx, from, to time.Time) error {
	q := store.Figures{Program: c.terms.Program, From: from, To: to}
	for after := ""; ; {
		next, err := tx.Platform().Reports().List(ctx, q, after, rowsAtOnce, func(r *store.ItemRow) error {
			if r.Product != "" && r.State != "declined" {
				c.batch = append(c.batch, purchase{r.Key, r.Product, r.PlacedAt})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading the items of %q: %w", c.terms.Program, err)
		}
		if after = next; next == "" {
			return c.flush(ctx, tx)
		}
		if len(c.batch) >= ordersAtOnce {
			if err := c.flush(ctx, tx); err != nil {
				return err
			}
		}
	}
}

// flush counts the purchases that were read. Items of an order follow each other, so an order is counted twice at the most where a page
// ends inside it, and a product of it only if it stands there twice.
func (c *counter) flush(ctx context.Context, tx store.Tx) error {
	var keys []order.Key
	at := make(map[order.Key]int)
	for _, p := range c.batch {
		if _, ok := at[p.key]; !ok {
			at[p.key] = len(keys)
			keys = append(keys, p.key)
		}
	}
	shipTo := make([]string, 0, len(keys))
	for part := range slices.Chunk(keys, ordersAtOnce) {
		all, err := tx.Orders().Events(ctx, part)
		if err != nil {
			return fmt.Errorf("reading orders: %w", err)
		}
		for _, events := range all {
			country := ""
			for _, e := range events {
				if e.Placed != nil {
					country = e.Placed.ShipTo
				}
			}
			shipTo = append(shipTo, country)
		}
	}
	counted := make(map[purchase]bool)
	for _, p := range c.batch {
		if counted[p] {
			continue
		}
		counted[p] = true
		c.add("", p)
		for _, m := range c.terms.MarketNames() {
			if c.terms.InMarket(m, shipTo[at[p.key]]) {
				c.add(m, p)
			}
		}
	}
	c.batch = c.batch[:0]
	return nil
}

func (c *counter) add(market string, p purchase) {
	n := c.counts[sold{market, p.product}]
	if n == nil {
		n = new([2]int64)
		c.counts[sold{market, p.product}] = n
	}
	n[0]++
	if !p.at.Before(c.short) {
		n[1]++
	}
}

// best are the best sellers of each market that sold something, and of all deliveries together, which stand there always.
func (c *counter) best(ctx context.Context, tx store.Tx, f *facts.Facts, now time.Time) ([]BestSellers, error) {
	var ids []string
	for s := range c.counts {
		if s.market == "" {
			ids = append(ids, s.product)
		}
	}
	slices.Sort(ids)
	products, stores := make(map[string]*catalog.Product), make(map[string]*seller.Store)
	for part := range slices.Chunk(ids, ordersAtOnce) {
		ps, ss, err := tx.Facts().Catalog(ctx, part, nil)
		if err != nil {
			return nil, fmt.Errorf("reading products: %w", err)
		}
		for _, p := range ps {
			products[p.ID] = p
		}
		for _, s := range ss {
			stores[s.ID] = s
		}
	}
	zero := zeroLists(c.terms)
	earns := func(id string) bool {
		p := products[id]
		if p == nil {
			return true // nothing is known of it that speaks against it
		}
		takesPart, known := stores[p.Store].ParticipatesAt(now)
		if !known {
			takesPart = p.Affiliate
		}
		return takesPart && !p.Virtual && !slices.ContainsFunc(zero, stores[p.Store].OnList)
	}
	markets := map[string]bool{"": true}
	for s := range c.counts {
		markets[s.market] = true
	}
	var out []BestSellers
	for _, m := range slices.Sorted(maps.Keys(markets)) {
		b := BestSellers{Program: c.terms.Program, Market: m, Month: now.Format("2006-01"), To: now, MadeAt: now}
		for _, span := range []int{1, 0} {
			b.From, b.Products = now.AddDate(0, 0, -[]int{bestLong, bestShort}[span]), nil
			for s, n := range c.counts {
				if s.market != m || n[span] == 0 || !earns(s.product) {
					continue
				}
				x := store.BestSeller{Product: s.product, Orders: n[span]}
				if p := products[s.product]; p != nil {
					x.Store, x.Category = p.Store, p.Category
				}
				b.Products = append(b.Products, x)
			}
			if len(b.Products) >= bestFew {
				break
			}
		}
		slices.SortFunc(b.Products, func(x, y store.BestSeller) int {
			return cmp.Or(cmp.Compare(y.Orders, x.Orders), cmp.Compare(x.Product, y.Product))
		})
		b.Products = b.Products[:min(len(b.Products), bestMost)]
		out = append(out, b)
	}
	return out, nil
}

// zeroLists are the store lists that a program pays no commission for.
func zeroLists(t *program.Terms) []string {
	var out []string
	for _, s := range t.Rates.Steps {
		for _, l := range s.Lists {
			if l.Percent.IsZero() {
				out = append(out, l.List)
			}
		}
	}
	return out
}

// UnpaidList is a list of stores that earn nothing.
type UnpaidList struct {
	Name        string
	Description program.Text
	Stores      []*seller.Store // their ids, names and lists
}

// Welcome is what a publisher is told when an ad space of it was accepted (P5).
type Welcome struct {
	Terms    *program.Terms
	Best     []BestSellers // by market; that of "" is for all deliveries
	Keywords []string      // that must not be bid on (F3)
	Unpaid   []UnpaidList  // stores whose products earn nothing (C3)
	Pack     *Pack         // the one that was sent last; nil: none was
}

// Welcome is what a publisher with an ad space in a program is told, as it stands now. To others it is ErrNotFound.
func (v *Service) Welcome(ctx context.Context, p program.ID, publisher string) (w *Welcome, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(f.AdSpaces, func(s *AdSpace) bool { return s.Program == p && s.Publisher == publisher && s.JoinedAt(v.now()) }) {
			return fmt.Errorf("program %q of publisher %q: %w", p, publisher, ErrNotFound)
		}
		if w, err = v.welcome(ctx, tx, f, p); err != nil {
			return err
		}
		packs, err := tx.Platform().Desk().Packs().Of(ctx, publisher)
		for i := range packs {
			if packs[i].Program == p && w.Pack == nil {
				w.Pack = &packs[i]
			}
		}
		return err
	})
	return w, err
}

func (v *Service) welcome(ctx context.Context, tx store.Tx, f *facts.Facts, p program.ID) (*Welcome, error) {
	terms := f.Terms(p, v.now())
	if terms == nil {
		return nil, fmt.Errorf("program %q: %w", p, ErrNotFound)
	}
	w := &Welcome{Terms: terms, Keywords: terms.Page.Keywords}
	var err error
	if w.Best, err = tx.Platform().Desk().Packs().BestSellers(ctx, p); err != nil {
		return nil, err
	}
	zero := zeroLists(terms)
	if len(zero) == 0 {
		return w, nil
	}
	stores, err := tx.Platform().Desk().Packs().ListedStores(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range terms.StoreLists {
		if !slices.Contains(zero, l.Name) {
			continue
		}
		u := UnpaidList{Name: l.Name, Description: l.Description}
		for _, s := range stores {
			if s.OnList(l.Name) {
				u.Stores = append(u.Stores, s)
			}
		}
		w.Unpaid = append(w.Unpaid, u)
	}
	return w, nil
}

// Tell writes the e-mails about an application whose state changed: what was decided and why (A2) and, when it was accepted, the welcome
// pack, once (P5). It belongs into the transaction of the decision.
func (v *Service) Tell(ctx context.Context, tx store.Tx, a store.Application) error {
	if a.State == "pending" {
		return nil
	}
	f, err := v.facts.Current(ctx, tx)
	if err != nil {
		return err
	}
	to, err := people(ctx, tx, Asker{Publisher: a.Publisher})
	if err != nil {
		return err
	}
	name := string(a.Program)
	if t := f.Terms(a.Program, v.now()); t != nil {
		name = t.Page.Name.In("en")
	}
	if a.State != "approved" {
		l := letter{what: a.State, path: "/publisher/spaces", about: []string{a.Place, name}, below: a.Note}
		if a.Reason != "" {
			l.reason = strings.ReplaceAll(a.Reason, "_", " ")
		}
		return v.post(ctx, tx, to, l)
	}
	err = tx.Platform().Desk().Packs().Put(ctx, Pack{Application: a.ID, Program: a.Program, Publisher: a.Publisher, AdSpace: a.Place, SentAt: v.at(), Letters: len(to)})
	if errors.Is(err, ErrConflict) {
		return nil // it was sent
	}
	if err != nil {
		return err
	}
	w, err := v.welcome(ctx, tx, f, a.Program)
	if err != nil {
		return err
	}
	for _, p := range to {
		l := letter{what: "approved", path: "/publisher/programs/" + string(a.Program) + "/welcome", about: []string{a.Place, w.Terms.Page.Name.In(p.Language)}, below: w.text(p.Language)}
		if a.ChangedBy != "rule" && a.Note != "" {
			l.below = a.Note + "\n\n" + l.below
		}
		if err := v.post(ctx, tx, []Colleague{p}, l); err != nil {
			return err
		}
	}
	return nil
}
