package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

func factChecks() []Check {
	return []Check{
		{"documents come back by program and version, as they were published", documents},
		{"a published version never changes (P1)", documentStays},
		{"ad spaces come back as they were, by program, publisher and id", adSpaces},
		{"ad spaces replace those with the same program, publisher and id", adSpacesReplace},
		{"the catalogue comes back as it was; unknown ids are left out", catalogue},
		{"products and stores replace those with the same id", catalogueReplaces},
		{"exchange rates come back by base, quote and day, exactly", quotes},
		{"an exchange rate never changes; the same one again is no error", quoteStays},
	}
}

func documents(k *kit) {
	want := []store.Document{document(ro, 2), document(tr, 1), document(tr, 2), document(tr, 10)}
	for _, i := range []int{3, 0, 2, 1} {
		k.update(func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, want[i]) })
	}
	k.same("documents", read(k, func(tx store.Tx) ([]store.Document, error) { return tx.Facts().Documents(k.ctx) }), want)
}

func documentStays(k *kit) {
	d := document(tr, 1)
	k.update(func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, d) })
	again := d
	again.PublishedAt = at(77)
	k.update(func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, again) })
	for _, text := range []string{d.Text + " ", d.Text[1:], ""} {
		other := d
		other.Text = text
		k.is(k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, other) }), store.ErrConflict, "another text")
	}
	k.same("documents", read(k, func(tx store.Tx) ([]store.Document, error) { return tx.Facts().Documents(k.ctx) }), []store.Document{d})
}

func spaces(k *kit) []*publisher.AdSpace {
	return read(k, func(tx store.Tx) ([]*publisher.AdSpace, error) { return tx.Facts().AdSpaces(k.ctx) })
}

func adSpaces(k *kit) {
	other := space("pub1", "site")
	other.Program = ro
	plain := &publisher.AdSpace{ID: "z", Publisher: "pub1", Program: tr, TrafficType: program.Content, ApprovedAt: at(9)}
	want := []*publisher.AdSpace{other, space("pub1", "app"), space("pub1", "site"), plain, space("pub10", "site"), space("pub2", "site")}
	k.update(func(tx store.Tx) error {
		if err := tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{want[5], want[3], want[0]}); err != nil {
			return err
		}
		return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{want[4], want[2], want[1]})
	})
	k.same("ad spaces", spaces(k), want)
	for _, t := range program.TrafficTypes() {
		s := space("pub1", "app")
		s.TrafficType = t
		k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{s}) })
		k.same("the traffic type", spaces(k)[1].TrafficType, t)
	}
}

func adSpacesReplace(k *kit) {
	first, second := space("pub1", "site"), space("pub1", "site")
	second.BlockedAt, second.Parent, second.TrackingIDs, second.Coupons, second.ApprovedAt = time.Time{}, "", []string{"x"}, nil, at(8)
	k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{first}) })
	k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{second}) })
	k.same("the replaced ad space", spaces(k), []*publisher.AdSpace{second})
	k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{second, first}) })
	k.same("the last of two in one call", spaces(k), []*publisher.AdSpace{first})
	k.update(func(tx store.Tx) error { return tx.Facts().PutAdSpaces(k.ctx, nil) })
}

// offer is what Catalog returns.
type offer struct {
	Products []*catalog.Product
	Stores   []*seller.Store
}

func offered(k *kit, products, stores []string) offer {
	return read(k, func(tx store.Tx) (offer, error) {
		ps, ss, err := tx.Facts().Catalog(k.ctx, products, stores)
		return offer{ps, ss}, err
	})
}

func catalogue(k *kit) {
	plain := &catalog.Product{ID: "p3", Store: "s3", Category: "phones"}
	bare := &seller.Store{ID: "s3"}
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{plain, product("p2", "s2"), product("p1", "s1"), product("p4", "s404")},
			[]*seller.Store{bare, sampleStore("s2"), sampleStore("s1"), sampleStore("s0")})
	})
	k.same("products with their stores", offered(k, []string{"p3", "p404", "p1", "p3", "p4"}, []string{"s0", "s1", "s405"}), offer{
		[]*catalog.Product{product("p1", "s1"), plain, product("p4", "s404")},
		[]*seller.Store{sampleStore("s0"), sampleStore("s1"), bare},
	})
	if o := offered(k, nil, nil); len(o.Products)+len(o.Stores) != 0 {
		k.Errorf("nothing was asked for, and %s came", show(o))
	}
	if o := offered(k, []string{"P1", "p1 ", ""}, []string{"S1"}); len(o.Products)+len(o.Stores) != 0 {
		k.Errorf("only other ids were asked for, and %s came", show(o))
	}
}

func catalogueReplaces(k *kit) {
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product("p1", "s1")}, []*seller.Store{sampleStore("s1")})
	})
	p, s := &catalog.Product{ID: "p1", Store: "s2", Category: "phones", HotRate: rate("0.00")}, &seller.Store{ID: "s2", Name: "x"}
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product("p1", "s1"), p}, []*seller.Store{sampleStore("s2"), s})
	})
	k.same("what was replaced", offered(k, []string{"p1"}, nil), offer{[]*catalog.Product{p}, []*seller.Store{s}})
}

func allQuotes(k *kit) []store.Quote {
	return read(k, func(tx store.Tx) ([]store.Quote, error) { return tx.Facts().Quotes(k.ctx) })
}

func quotes(k *kit) {
	var want []store.Quote
	for i, r := range []string{"0.00000000000000001", "1.00", "45.1234567890123456", "9999999999999999", "86.125"} {
		want = append(want, quote(fmt.Sprintf("2026-03-%02d", i+1), r))
	}
	usd := quote("2026-03-01", "3.75")
	usd.Base = "USD"
	jpy := quote("2026-03-01", "160.55")
	jpy.Quoted = "JPY"
	want = append(want, usd, jpy)
	k.update(func(tx store.Tx) error { return tx.Facts().PutQuotes(k.ctx, want) })
	slices.SortFunc(want, func(a, b store.Quote) int {
		return cmp.Or(cmp.Compare(a.Base, b.Base), cmp.Compare(a.Quoted, b.Quoted), cmp.Compare(a.Day, b.Day))
	})
	got := allQuotes(k)
	if len(got) != len(want) {
		k.Fatalf("%d exchange rates came back of %d", len(got), len(want))
	}
	for i, q := range got {
		if q.Rate.Cmp(want[i].Rate) != 0 {
			k.Errorf("the rate %v came back as %v", want[i].Rate, q.Rate)
		}
		q.Rate = want[i].Rate
		k.same("the exchange rate", q, want[i])
	}
}

func quoteStays(k *kit) {
	put := func(qs ...store.Quote) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Facts().PutQuotes(k.ctx, qs) })
	}
	first := quote("2026-03-01", "45.50")
	k.must(put(first))
	k.must(put(first, quote("2026-03-01", "45.5"), quote("2026-03-01", "45.500"), quote("2026-03-02", "46.00"), quote("2026-03-02", "46.00")))
	k.is(put(quote("2026-03-03", "1.00"), quote("2026-03-01", "45.51")), store.ErrConflict, "another rate for a day")
	k.is(put(quote("2026-03-04", "1.00"), quote("2026-03-04", "1.01")), store.ErrConflict, "two rates for a day in one call")
	var rates []string
	for _, q := range allQuotes(k) {
		rates = append(rates, q.Rate.String())
	}
	k.same("the rates", rates, []string{money.MustRate("45.50").String(), "46.00"})
}
