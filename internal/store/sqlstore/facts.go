package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

type facts struct{ *Tx }

// PutDocument implements store.Facts.
func (t facts) PutDocument(ctx context.Context, d store.Document) error {
	doing := fmt.Sprintf("keeping version %d of program %q", d.Version, d.Program)
	var text string
	known, err := t.One(ctx, sqltx.Statement{
		SQL: `-- facts.PutDocument
SELECT body FROM documents WHERE program = $1 AND version = $2`,
		Args: []any{string(d.Program), int64(d.Version)},
	}, &text)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if known {
		if text != d.Text {
			return fmt.Errorf("%s: it was published with another text; publish the change as version %d: %w", doing, d.Version+1, store.ErrConflict)
		}
		return nil
	}
	return wrap(t.changed(ctx, t.Enter(ctx, sqltx.Statement{
		SQL: `-- facts.PutDocument
WITH r AS ({rows})
INSERT INTO documents (program, version, effective_from, body, published_at)
SELECT program, version, effective_from, body, published_at FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("program", 1, func(int) program.ID { return d.Program }),
			sqltx.Number("version", 1, func(int) int { return d.Version }),
			sqltx.When("effective_from", 1, func(int) time.Time { return d.EffectiveFrom }),
			sqltx.TextOf("body", 1, func(int) string { return d.Text }),
			sqltx.When("published_at", 1, func(int) time.Time { return d.PublishedAt }),
		},
	})), doing)
}

// Documents implements store.Facts.
func (t facts) Documents(ctx context.Context) ([]store.Document, error) {
	var all []store.Document
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.Documents
SELECT program, version, effective_from, body, published_at FROM documents ORDER BY program, version`,
	}, func(scan func(...any) error) error {
		var d store.Document
		var from, at int64
		err := scan(&d.Program, &d.Version, &from, &d.Text, &at)
		d.EffectiveFrom, d.PublishedAt = sqltx.Instant(from), sqltx.Instant(at)
		all = append(all, d)
		return err
	})
	return all, wrap(err, "reading program documents")
}

// spaceKey names an ad space.
type spaceKey struct {
	program       program.ID
	publisher, id string
}

func keyOfSpace(s **publisher.AdSpace) spaceKey {
	return spaceKey{(*s).Program, (*s).Publisher, (*s).ID}
}

func compareSpaces(a, b spaceKey) int {
	return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.id, b.id))
}

// PutAdSpaces implements store.Facts.
func (t facts) PutAdSpaces(ctx context.Context, spaces []*publisher.AdSpace) error {
	spaces = lastOfEach(spaces, keyOfSpace, compareSpaces)
	n := len(spaces)
	if n == 0 {
		return nil
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- facts.PutAdSpaces
WITH r AS ({rows})
INSERT INTO ad_spaces (program, publisher, id, traffic_type, approved_at, blocked_at, parent, tracking_ids, coupons)
SELECT program, publisher, id, traffic_type, approved_at, blocked_at, parent, tracking_ids, coupons FROM r WHERE true
ON CONFLICT (program, publisher, id) DO UPDATE
SET traffic_type = excluded.traffic_type, approved_at = excluded.approved_at, blocked_at = excluded.blocked_at, parent = excluded.parent,
	tracking_ids = excluded.tracking_ids, coupons = excluded.coupons`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return spaces[i].Program }),
			sqltx.Key("publisher", n, func(i int) string { return spaces[i].Publisher }),
			sqltx.Key("id", n, func(i int) string { return spaces[i].ID }),
			sqltx.TextOf("traffic_type", n, func(i int) string { return spaces[i].TrafficType.String() }),
			sqltx.When("approved_at", n, func(i int) time.Time { return spaces[i].ApprovedAt }),
			sqltx.Maybe("blocked_at", n, func(i int) time.Time { return spaces[i].BlockedAt }),
			sqltx.TextOf("parent", n, func(i int) string { return spaces[i].Parent }),
			sqltx.Lists("tracking_ids", n, func(i int) []string { return spaces[i].TrackingIDs }),
			sqltx.Lists("coupons", n, func(i int) []string { return spaces[i].Coupons }),
		},
	})
	return wrap(t.changed(ctx, err), "keeping ad spaces")
}

// AdSpaces implements store.Facts.
func (t facts) AdSpaces(ctx context.Context) ([]*publisher.AdSpace, error) {
	var all []*publisher.AdSpace
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.AdSpaces
SELECT program, publisher, id, traffic_type, approved_at, blocked_at, parent, tracking_ids, coupons FROM ad_spaces
ORDER BY program, publisher, id`,
	}, func(scan func(...any) error) error {
		var s publisher.AdSpace
		var traffic string
		var approved int64
		var blocked *int64
		var trackingIDs, coupons []byte
		err := scan(&s.Program, &s.Publisher, &s.ID, &traffic, &approved, &blocked, &s.Parent, &trackingIDs, &coupons)
		if err != nil {
			return err
		}
		s.ApprovedAt, s.BlockedAt = sqltx.Instant(approved), sqltx.Optional(blocked)
		if s.TrafficType, err = program.ParseTrafficType(traffic); err != nil {
			return err
		}
		if err := json.Unmarshal(trackingIDs, &s.TrackingIDs); err != nil {
			return err
		}
		all = append(all, &s)
		return json.Unmarshal(coupons, &s.Coupons)
	})
	return all, wrap(err, "reading ad spaces")
}

// span is a time from and to, in microseconds as everywhere, and what holds in it. A period that did not end has no to.
type span struct {
	From int64  `json:"from"`
	To   *int64 `json:"to,omitempty"`
	Rate string `json:"rate,omitempty"`
}

func rateText(r *money.Rate) string {
	if r == nil {
		return ""
	}
	return r.String()
}

func parseRate(s string) (*money.Rate, error) {
	if s == "" {
		return nil, nil
	}
	r, err := money.ParseRate(s)
	return &r, err
}

// PutCatalog implements store.Facts.
func (t facts) PutCatalog(ctx context.Context, products []*catalog.Product, stores []*seller.Store) error {
	statements := []sqltx.Statement{productStatement(products), storeStatement(stores)}
	for i := range statements { // nothing is entered where something is invalid
		if err := t.Check(&statements[i]); err != nil {
			return fmt.Errorf("keeping the catalogue: %w", err)
		}
	}
	for _, s := range statements {
		if s.Len() == 0 {
			continue
		}
		if _, err := t.Exec(ctx, s); err != nil {
			return fmt.Errorf("keeping the catalogue: %w", err)
		}
	}
	return nil
}

func productStatement(products []*catalog.Product) sqltx.Statement {
	products = lastOfEach(products, func(p **catalog.Product) string { return (*p).ID }, cmp.Compare[string])
	n := len(products)
	return sqltx.Statement{
		SQL: `-- facts.PutCatalog
WITH r AS ({rows})
INSERT INTO products (id, store, category, affiliate, virtual, hot_rate, seller_rate, campaigns)
SELECT id, store, category, affiliate, virtual, hot_rate, seller_rate, campaigns FROM r WHERE true
ON CONFLICT (id) DO UPDATE
SET store = excluded.store, category = excluded.category, affiliate = excluded.affiliate, virtual = excluded.virtual,
	hot_rate = excluded.hot_rate, seller_rate = excluded.seller_rate, campaigns = excluded.campaigns`,
		Rows: []sqltx.Column{
			sqltx.Key("id", n, func(i int) string { return products[i].ID }),
			sqltx.Key("store", n, func(i int) string { return products[i].Store }),
			sqltx.TextOf("category", n, func(i int) string { return products[i].Category }),
			sqltx.Flag("affiliate", n, func(i int) bool { return products[i].Affiliate }),
			sqltx.Flag("virtual", n, func(i int) bool { return products[i].Virtual }),
			sqltx.TextOf("hot_rate", n, func(i int) string { return rateText(products[i].HotRate) }),
			sqltx.TextOf("seller_rate", n, func(i int) string { return rateText(products[i].SellerRate) }),
			sqltx.JSONOf("campaigns", n, func(i int) []span {
				var all []span
				for _, c := range products[i].Campaigns {
					to := c.To.UnixMicro()
					all = append(all, span{c.From.UnixMicro(), &to, c.Rate.String()})
				}
				return all
			}),
		},
	}
}

func storeStatement(stores []*seller.Store) sqltx.Statement {
	stores = lastOfEach(stores, func(s **seller.Store) string { return (*s).ID }, cmp.Compare[string])
	n := len(stores)
	return sqltx.Statement{
		SQL: `-- facts.PutCatalog
WITH r AS ({rows})
INSERT INTO stores (id, name, lists, rate, periods) SELECT id, name, lists, rate, periods FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET name = excluded.name, lists = excluded.lists, rate = excluded.rate, periods = excluded.periods`,
		Rows: []sqltx.Column{
			sqltx.Key("id", n, func(i int) string { return stores[i].ID }),
			sqltx.TextOf("name", n, func(i int) string { return stores[i].Name }),
			sqltx.Lists("lists", n, func(i int) []string { return stores[i].Lists }),
			sqltx.TextOf("rate", n, func(i int) string { return rateText(stores[i].Rate) }),
			sqltx.JSONOf("periods", n, func(i int) []span {
				var all []span
				for _, p := range stores[i].Periods {
					s := span{From: p.From.UnixMicro()}
					if !p.To.IsZero() {
						to := p.To.UnixMicro()
						s.To = &to
					}
					all = append(all, s)
				}
				return all
			}),
		},
	}
}

// Catalog implements store.Facts.
func (t facts) Catalog(ctx context.Context, products, stores []string) ([]*catalog.Product, []*seller.Store, error) {
	ps, err := t.products(ctx, distinct(products))
	if err != nil {
		return nil, nil, fmt.Errorf("reading products: %w", err)
	}
	ids := slices.Clone(stores)
	for _, p := range ps {
		ids = append(ids, p.Store)
	}
	ss, err := t.stores(ctx, distinct(ids))
	if err != nil {
		return nil, nil, fmt.Errorf("reading stores: %w", err)
	}
	return ps, ss, withOffers(ctx, t.Tx.Tx, ps, ss)
}

// withOffers gives products and stores the offers that their sellers set.
func withOffers(ctx context.Context, tx *sqltx.Tx, ps []*catalog.Product, ss []*seller.Store) error {
	n := len(ps) + len(ss)
	if n == 0 {
		return nil
	}
	into := func(i int) *[]seller.Offer {
		if i < len(ps) {
			return &ps[i].Offers
		}
		return &ss[i-len(ps)].Offers
	}
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- facts.offers
WITH r AS ({rows})
SELECT r.n, o.campaign, o.from_at, o.to_at, o.rate FROM r CROSS JOIN seller_offers o WHERE o.store = r.store AND o.product = r.product`,
		Rows: []sqltx.Column{
			sqltx.TextOf("store", n, func(i int) string {
				if i < len(ps) {
					return ps[i].Store
				}
				return ss[i-len(ps)].ID
			}),
			sqltx.TextOf("product", n, func(i int) string {
				if i < len(ps) {
					return ps[i].ID
				}
				return ""
			}),
		},
	}, func(scan func(...any) error) error {
		var i, from int64
		var to *int64
		var o seller.Offer
		var rate string
		err := scan(&i, &o.Campaign, &from, &to, &rate)
		if err != nil {
			return err
		}
		if o.Rate, err = money.ParseRate(rate); err != nil {
			return err
		}
		o.From, o.To = sqltx.Instant(from), sqltx.Optional(to)
		*into(int(i)) = append(*into(int(i)), o)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading sellers' offers: %w", err)
	}
	for i := range n {
		slices.SortFunc(*into(i), func(a, b seller.Offer) int {
			return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Campaign, b.Campaign))
		})
	}
	return nil
}

func distinct(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (t facts) products(ctx context.Context, ids []string) ([]*catalog.Product, error) {
	n := len(ids)
	if n == 0 {
		return nil, nil
	}
	found := make([]*catalog.Product, n)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.products
WITH r AS ({rows})
SELECT r.n, p.id, p.store, p.category, p.affiliate, p.virtual, p.hot_rate, p.seller_rate, p.campaigns
FROM r CROSS JOIN products p WHERE p.id = r.id`,
		Rows: []sqltx.Column{sqltx.TextOf("id", n, func(i int) string { return ids[i] })},
	}, func(scan func(...any) error) error {
		var p catalog.Product
		var i int64
		var hot, own string
		var campaigns []byte
		err := scan(&i, &p.ID, &p.Store, &p.Category, &p.Affiliate, &p.Virtual, &hot, &own, &campaigns)
		if err != nil {
			return err
		}
		if p.HotRate, err = parseRate(hot); err != nil {
			return err
		}
		if p.SellerRate, err = parseRate(own); err != nil {
			return err
		}
		found[i] = &p
		return eachSpan(campaigns, func(s span) error {
			rate, err := money.ParseRate(s.Rate)
			p.Campaigns = append(p.Campaigns, catalog.Campaign{Rate: rate, From: sqltx.Instant(s.From), To: sqltx.Optional(s.To)})
			return err
		})
	})
	return slices.DeleteFunc(found, func(p *catalog.Product) bool { return p == nil }), err
}

func (t facts) stores(ctx context.Context, ids []string) ([]*seller.Store, error) {
	n := len(ids)
	if n == 0 {
		return nil, nil
	}
	found := make([]*seller.Store, n)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.stores
WITH r AS ({rows})
SELECT r.n, s.id, s.name, s.lists, s.rate, s.periods FROM r CROSS JOIN stores s WHERE s.id = r.id`,
		Rows: []sqltx.Column{sqltx.TextOf("id", n, func(i int) string { return ids[i] })},
	}, func(scan func(...any) error) error {
		var s seller.Store
		var i int64
		var rate string
		var lists, periods []byte
		err := scan(&i, &s.ID, &s.Name, &lists, &rate, &periods)
		if err != nil {
			return err
		}
		if s.Rate, err = parseRate(rate); err != nil {
			return err
		}
		if err := json.Unmarshal(lists, &s.Lists); err != nil {
			return err
		}
		found[i] = &s
		return eachSpan(periods, func(p span) error {
			s.Periods = append(s.Periods, seller.Period{From: sqltx.Instant(p.From), To: sqltx.Optional(p.To)})
			return nil
		})
	})
	return slices.DeleteFunc(found, func(s *seller.Store) bool { return s == nil }), err
}

func eachSpan(text []byte, do func(span) error) error {
	var all []span
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for _, s := range all {
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// quoteKey names an exchange rate.
type quoteKey struct {
	base, quoted money.Currency
	day          money.Day
}

func compareQuotes(a, b quoteKey) int {
	return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.quoted, b.quoted), cmp.Compare(a.day, b.day))
}

// PutQuotes implements store.Facts.
func (t facts) PutQuotes(ctx context.Context, quotes []store.Quote) error {
	known, err := t.knownQuotes(ctx, quotes)
	if err != nil {
		return fmt.Errorf("looking for exchange rates: %w", err)
	}
	var fresh []store.Quote
	for _, q := range quotes {
		k := quoteKey{q.Base, q.Quoted, q.Day}
		was, ok := known[k]
		if !ok {
			known[k] = q.Rate
			fresh = append(fresh, q)
		} else if was.Cmp(q.Rate) != 0 {
			return fmt.Errorf("one %s was worth %v %s on %s, not %v: %w", q.Base, was, q.Quoted, q.Day, q.Rate, store.ErrConflict)
		}
	}
	slices.SortFunc(fresh, func(a, b store.Quote) int {
		return compareQuotes(quoteKey{a.Base, a.Quoted, a.Day}, quoteKey{b.Base, b.Quoted, b.Day})
	})
	n := len(fresh)
	if n == 0 {
		return nil
	}
	return wrap(t.changed(ctx, t.Enter(ctx, sqltx.Statement{
		SQL: `-- facts.PutQuotes
WITH r AS ({rows})
INSERT INTO quotes (base, quoted, day, rate) SELECT base, quoted, day, rate FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: append(quoteColumns(fresh), sqltx.TextOf("rate", n, func(i int) string { return fresh[i].Rate.String() })),
	})), "keeping exchange rates")
}

// changed moves the version of the facts on, after a change that went well.
func (t facts) changed(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- facts.changed
INSERT INTO counters (name, last) VALUES ('facts', 1) ON CONFLICT (name) DO UPDATE SET last = counters.last + 1`,
	})
	return err
}

func quoteColumns(quotes []store.Quote) []sqltx.Column {
	n := len(quotes)
	return []sqltx.Column{
		sqltx.Key("base", n, func(i int) money.Currency { return quotes[i].Base }),
		sqltx.Key("quoted", n, func(i int) money.Currency { return quotes[i].Quoted }),
		sqltx.Key("day", n, func(i int) money.Day { return quotes[i].Day }),
	}
}

func (t facts) knownQuotes(ctx context.Context, quotes []store.Quote) (map[quoteKey]money.Rate, error) {
	known := make(map[quoteKey]money.Rate)
	if len(quotes) == 0 {
		return known, nil
	}
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.knownQuotes
WITH r AS ({rows})
SELECT q.base, q.quoted, q.day, q.rate FROM r CROSS JOIN quotes q
WHERE q.base = r.base AND q.quoted = r.quoted AND q.day = r.day`,
		Rows: quoteColumns(quotes),
	}, scanQuote(func(q store.Quote) { known[quoteKey{q.Base, q.Quoted, q.Day}] = q.Rate }))
	return known, err
}

func scanQuote(do func(store.Quote)) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var q store.Quote
		var rate string
		err := scan(&q.Base, &q.Quoted, &q.Day, &rate)
		if err != nil {
			return err
		}
		if q.Rate, err = money.ParseRate(rate); err != nil {
			return err
		}
		do(q)
		return nil
	}
}

// Quotes implements store.Facts.
func (t facts) Quotes(ctx context.Context) ([]store.Quote, error) {
	var all []store.Quote
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- facts.Quotes
SELECT base, quoted, day, rate FROM quotes ORDER BY base, quoted, day`,
	}, scanQuote(func(q store.Quote) { all = append(all, q) }))
	return all, wrap(err, "reading exchange rates")
}
