package storetest

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
)

func targetChecks() []Check {
	return []Check{
		{"targets come back as they were put (L7)", targetsRoundTrip},
		{"the newest change of a link is known, and all can be listed (L7)", linkChanges},
		{"similar products are affiliate products of the category (L7)", similarProducts},
	}
}

func sampleTarget(url string) store.Target {
	return store.Target{Program: tr, URL: url, Status: 404, Error: "no", Failures: 2, FailedAt: at(7), CheckedAt: at(8), Next: at(9)}
}

func targetsRoundTrip(k *kit) {
	long := "https://shop.example/" + fmt.Sprintf("%02000d", 1)
	one, two, fine := sampleTarget("https://shop.example/b"), sampleTarget(long), sampleTarget("https://shop.example/a")
	fine.Status, fine.Error, fine.Failures, fine.FailedAt = 200, "", 0, time.Time{}
	elsewhere := one
	elsewhere.Program, elsewhere.Status = ro, 200
	put := func(ts ...store.Target) {
		k.update(func(tx store.Tx) error { return tx.Platform().Care().Targets().Put(k.ctx, ts) })
	}
	put(one, two, fine, elsewhere)
	one.Failures, one.Next = 3, at(90)
	put(one)
	k.reopen()
	got := read(k, func(tx store.Tx) ([]store.Target, error) {
		return tx.Platform().Care().Targets().Get(k.ctx, tr, []string{one.URL, long, fine.URL, one.URL, "https://shop.example/A"})
	})
	k.same("the targets", got, []store.Target{two, fine, one})
}

func linkChange(link int64, to string) store.LinkChange {
	return store.LinkChange{Link: link, Code: fmt.Sprint("c", link), Program: tr, At: at(3), From: "live", To: to, Cause: "gone", Detail: "404", Substitute: "https://shop.example/x"}
}

func linkChanges(k *kit) {
	elsewhere := linkChange(3, "dead")
	elsewhere.Program = ro
	for _, cs := range [][]store.LinkChange{{linkChange(1, "dead"), linkChange(2, "dead")}, {linkChange(1, "live")}, {elsewhere}} {
		k.update(func(tx store.Tx) error { return tx.Platform().Care().Targets().PutChanges(k.ctx, cs) })
	}
	k.reopen()
	short := func(cs []store.LinkChange) (out []string) {
		for _, c := range cs {
			out = append(out, fmt.Sprint(c.Link, " ", c.To))
		}
		return out
	}
	newest := read(k, func(tx store.Tx) ([]store.LinkChange, error) {
		return tx.Platform().Care().Targets().Changes(k.ctx, []int64{2, 1, 9, 1})
	})
	k.same("the newest of each", short(newest), []string{"1 live", "2 dead"})
	want := linkChange(1, "live")
	want.Number = newest[0].Number
	k.same("a change", newest[0], want)
	var all []store.LinkChange
	for after := ""; ; {
		var page []store.LinkChange
		var next string
		k.view(func(tx store.Tx) (err error) {
			page, next, err = tx.Platform().Care().Targets().ChangePage(k.ctx, tr, after, 2)
			return err
		})
		all = append(all, page...)
		if after = next; next == "" {
			break
		}
	}
	k.same("those of a program", short(all), []string{"1 live", "2 dead", "1 dead"})
}

func similarProducts(k *kit) {
	products := []*catalog.Product{product("p3", "s1"), product("p1", "s1"), product("p2", "s1"), product("x", "s1")}
	products[2].Affiliate = false
	products[3].Category = "phones"
	k.update(func(tx store.Tx) error { return tx.Facts().PutCatalog(k.ctx, products, nil) })
	similar := func(after string, limit int) []string {
		return read(k, func(tx store.Tx) ([]string, error) {
			return tx.Platform().Care().Targets().Similar(k.ctx, "shoes", after, limit)
		})
	}
	k.same("similar products", similar("", 9), []string{"p1", "p3"})
	k.same("the first", similar("", 1), []string{"p1"})
	k.same("those behind one", similar("p1", 9), []string{"p3"})
}
