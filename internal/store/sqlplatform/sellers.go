package sqlplatform

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
)

type sellers struct{ *sqltx.Tx }

// offerKey names an offer.
type offerKey struct {
	store, product, campaign string
	from                     int64
}

func keyOfOffer(o *store.StoreOffer) offerKey {
	return offerKey{o.Store, o.Product, o.Campaign, o.From.UnixMicro()}
}

func compareOffers(a, b offerKey) int {
	return cmp.Or(cmp.Compare(a.store, b.store), cmp.Compare(a.product, b.product), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.from, b.from))
}

// byKey returns the last offer of each key, ordered, so that writers meet in the same order.
func byKey(offers []store.StoreOffer) []store.StoreOffer {
	last := make(map[offerKey]store.StoreOffer, len(offers))
	for i := range offers {
		last[keyOfOffer(&offers[i])] = offers[i]
	}
	return slices.SortedFunc(maps.Values(last), func(a, b store.StoreOffer) int { return compareOffers(keyOfOffer(&a), keyOfOffer(&b)) })
}

func offerKeyColumns(all []store.StoreOffer) []sqltx.Column {
	n := len(all)
	return []sqltx.Column{
		sqltx.Key("store", n, func(i int) string { return all[i].Store }),
		sqltx.Key("product", n, func(i int) string { return all[i].Product }),
		sqltx.Key("campaign", n, func(i int) string { return all[i].Campaign }),
		sqltx.When("from_at", n, func(i int) time.Time { return all[i].From }),
	}
}

// PutOffers implements store.Sellers.
func (t sellers) PutOffers(ctx context.Context, offers []store.StoreOffer) error {
	all := byKey(offers)
	n := len(all)
	if n == 0 {
		return nil
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- sellers.PutOffers
WITH r AS ({rows})
INSERT INTO seller_offers (store, product, campaign, from_at, to_at, rate, entered_at, entered_by)
SELECT store, product, campaign, from_at, to_at, rate, entered_at, entered_by FROM r WHERE true
ON CONFLICT (store, product, campaign, from_at) DO UPDATE
SET to_at = excluded.to_at, rate = excluded.rate, entered_at = excluded.entered_at, entered_by = excluded.entered_by`,
		Rows: append(offerKeyColumns(all),
			sqltx.Maybe("to_at", n, func(i int) time.Time { return all[i].To }),
			sqltx.TextOf("rate", n, func(i int) string { return all[i].Rate.String() }),
			sqltx.When("entered_at", n, func(i int) time.Time { return all[i].EnteredAt }),
			sqltx.TextOf("entered_by", n, func(i int) string { return all[i].EnteredBy }),
		),
	})
	if err != nil {
		return fmt.Errorf("keeping sellers' offers: %w", err)
	}
	return nil
}

// DropOffers implements store.Sellers.
func (t sellers) DropOffers(ctx context.Context, offers []store.StoreOffer) error {
	all := byKey(offers)
	if len(all) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- sellers.DropOffers
WITH r AS ({rows})
DELETE FROM seller_offers WHERE EXISTS (
	SELECT 1 FROM r WHERE r.store = seller_offers.store AND r.product = seller_offers.product AND r.campaign = seller_offers.campaign AND r.from_at = seller_offers.from_at
) AND store IN (SELECT store FROM r)`,
		Rows: offerKeyColumns(all),
	})
	if err != nil {
		return fmt.Errorf("taking sellers' offers away: %w", err)
	}
	return nil
}

// offerPlace is where a page of offers ended.
type offerPlace struct {
	From                     int64
	Store, Product, Campaign string
}

// Offers implements store.Sellers.
func (t sellers) Offers(ctx context.Context, f store.OfferFilter, after string, limit int) ([]store.StoreOffer, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("store", f.Store)
	if f.Product != nil {
		w.Conditions = append(w.Conditions, "product = "+w.Arg(*f.Product))
	}
	if f.Campaigns {
		w.Conditions = append(w.Conditions, "campaign <> ''")
	}
	if f.Standing {
		w.Conditions = append(w.Conditions, "campaign = ''")
	}
	for _, b := range [...]struct {
		at   time.Time
		text string
	}{{f.Until, "(to_at IS NULL OR to_at > %s)"}, {f.Within, "from_at <= %s"}} {
		if b.at.IsZero() {
			continue
		}
		us, err := sqltx.Micros("time", b.at)
		if err != nil {
			return nil, "", err
		}
		w.Conditions = append(w.Conditions, fmt.Sprintf(b.text, w.Arg(us)))
	}
	if after != "" {
		var p offerPlace
		if err := sqltx.DecodeCursor(after, &p); err != nil {
			return nil, "", err
		}
		at := w.Arg(p.From)
		w.Conditions = append(w.Conditions, fmt.Sprintf("from_at <= %s AND (from_at < %s OR (store, product, campaign) > (%s, %s, %s))",
			at, at, w.Arg(p.Store), w.Arg(p.Product), w.Arg(p.Campaign)))
	}
	var found []store.StoreOffer
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- sellers.Offers
SELECT store, product, campaign, from_at, to_at, rate, entered_at, entered_by FROM seller_offers o ` + w.String() + `
ORDER BY from_at DESC, store, product, campaign LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var o store.StoreOffer
		var from, entered int64
		var to *int64
		var rate string
		err := scan(&o.Store, &o.Product, &o.Campaign, &from, &to, &rate, &entered, &o.EnteredBy)
		if err != nil {
			return err
		}
		if o.Rate, err = money.ParseRate(rate); err != nil {
			return err
		}
		o.From, o.To, o.EnteredAt = sqltx.Instant(from), sqltx.Optional(to), sqltx.Instant(entered)
		found = append(found, o)
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing sellers' offers: %w", err)
	}
	return sqltx.Cut(found, limit, func(o *store.StoreOffer) any {
		k := keyOfOffer(o)
		return offerPlace{k.from, k.store, k.product, k.campaign}
	})
}

// Note implements store.Sellers.
func (t sellers) Note(ctx context.Context, changes []store.StoreChange) error {
	n := len(changes)
	if n == 0 {
		return nil
	}
	before, err := take(ctx, t.Tx, "seller_change", n)
	if err != nil {
		return fmt.Errorf("numbering changes of stores: %w", err)
	}
	text := func(name string, of func(*store.StoreChange) string) sqltx.Column {
		return sqltx.TextOf(name, n, func(i int) string { return of(&changes[i]) })
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- sellers.Note
WITH r AS ({rows})
INSERT INTO seller_changes (id, store, at, by_whom, what, product, campaign, rate, from_at, to_at)
SELECT id, store, at, by_whom, what, product, campaign, rate, from_at, to_at FROM r`,
		Rows: []sqltx.Column{
			sqltx.Number("id", n, func(i int) int64 { return before + 1 + int64(i) }),
			sqltx.Key("store", n, func(i int) string { return changes[i].Store }),
			sqltx.When("at", n, func(i int) time.Time { return changes[i].At }),
			text("by_whom", func(c *store.StoreChange) string { return c.By }),
			text("what", func(c *store.StoreChange) string { return c.What }),
			text("product", func(c *store.StoreChange) string { return c.Product }),
			text("campaign", func(c *store.StoreChange) string { return c.Campaign }),
			text("rate", func(c *store.StoreChange) string { return c.Rate }),
			sqltx.Maybe("from_at", n, func(i int) time.Time { return changes[i].From }),
			sqltx.Maybe("to_at", n, func(i int) time.Time { return changes[i].To }),
		},
	})
	if err != nil {
		return fmt.Errorf("noting changes of stores: %w", err)
	}
	return nil
}

// Changes implements store.Sellers.
func (t sellers) Changes(ctx context.Context, of, after string, limit int) ([]store.StoreChange, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	w := sqltx.Where{Conditions: []string{"store = $1"}, Args: []any{of}}
	if err := behind(&w, "id", after); err != nil {
		return nil, "", err
	}
	var found []store.StoreChange
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- sellers.Changes
SELECT id, at, by_whom, what, product, campaign, rate, from_at, to_at FROM seller_changes c ` + w.String() + ` ORDER BY id DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		c := store.StoreChange{Store: of}
		var at int64
		var from, to *int64
		err := scan(&c.ID, &at, &c.By, &c.What, &c.Product, &c.Campaign, &c.Rate, &from, &to)
		c.At, c.From, c.To = sqltx.Instant(at), sqltx.Optional(from), sqltx.Optional(to)
		found = append(found, c)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing changes of store %q: %w", of, err)
	}
	return sqltx.Cut(found, limit, func(x *store.StoreChange) any { return x.ID })
}

// Stores implements store.Sellers.
func (t sellers) Stores(ctx context.Context, words, after string, limit int) ([]string, string, error) {
	var w sqltx.Where
	w.Holds(words, "id", "name")
	return t.ids(ctx, "-- sellers.Stores\nSELECT id FROM stores s", w, after, limit)
}

// Products implements store.Sellers.
func (t sellers) Products(ctx context.Context, of, after string, limit int) ([]string, string, error) {
	return t.ids(ctx, "-- sellers.Products\nSELECT id FROM products p", sqltx.Where{Conditions: []string{"store = $1"}, Args: []any{of}}, after, limit)
}

func (t sellers) ids(ctx context.Context, sql string, w sqltx.Where, after string, limit int) ([]string, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	if after != "" {
		var id string
		if err := sqltx.DecodeCursor(after, &id); err != nil {
			return nil, "", err
		}
		w.Conditions = append(w.Conditions, "id > "+w.Arg(id))
	}
	var found []string
	err := t.Query(ctx, sqltx.Statement{SQL: sql + " " + w.String() + " ORDER BY id LIMIT " + w.Arg(int64(limit)+1), Args: w.Args}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		found = append(found, id)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing ids: %w", err)
	}
	return sqltx.Cut(found, limit, func(id *string) any { return *id })
}
