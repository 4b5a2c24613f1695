package storetest

import (
	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

func packChecks() []Check {
	return []Check{
		{"best sellers are those of the newest month (K5)", bestSellers},
		{"a welcome pack is sent once for an application (P5)", packsOnce},
		{"stores that are on a list are found (P5)", listedStores},
	}
}

func sampleBestSellers(market, month string) store.BestSellers {
	return store.BestSellers{Program: tr, Market: market, Month: month, From: at(1), To: at(9), Products: []store.BestSeller{{Product: "p1", Store: "s1", Category: "toys", Orders: 7}, {Product: "p2", Orders: 3}}, MadeAt: at(9)}
}

func bestSellers(k *kit) {
	put := func(b store.BestSellers) {
		k.update(func(tx store.Tx) error { return tx.Platform().Desk().Packs().PutBestSellers(k.ctx, b) })
	}
	put(sampleBestSellers("", "2026-02"))
	put(sampleBestSellers("", "2026-03"))
	put(sampleBestSellers("cis", "2026-03"))
	put(sampleBestSellers("gone", "2026-01"))
	changed := sampleBestSellers("", "2026-03")
	changed.Products, changed.To = changed.Products[:1], at(10)
	put(changed)
	k.reopen()
	of := func(p program.ID) []store.BestSellers {
		return read(k, func(tx store.Tx) ([]store.BestSellers, error) {
			return tx.Platform().Desk().Packs().BestSellers(k.ctx, p)
		})
	}
	k.same("the best sellers", of(tr), []store.BestSellers{changed, sampleBestSellers("cis", "2026-03")})
	k.same("those of another program", len(of(ro)), 0)
}

func samplePack(application int64) store.Pack {
	return store.Pack{Application: application, Program: tr, Publisher: "ann", AdSpace: "blog", SentAt: at(5), Letters: 2}
}

func packsOnce(k *kit) {
	put := func(p store.Pack) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Desk().Packs().Put(k.ctx, p) })
	}
	k.must(put(samplePack(1)))
	again := samplePack(1)
	again.Letters = 9
	k.is(put(again), store.ErrConflict, "a second pack for an application")
	k.must(put(samplePack(2)))
	other := samplePack(3)
	other.Publisher = "ben"
	k.must(put(other))
	k.same("a publisher's packs", read(k, func(tx store.Tx) ([]store.Pack, error) { return tx.Platform().Desk().Packs().Of(k.ctx, "ann") }),
		[]store.Pack{samplePack(2), samplePack(1)})
}

func listedStores(k *kit) {
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product("p1", "s1")}, []*seller.Store{
			{ID: "s3", Name: "Three", Lists: []string{"zero", "a list"}}, {ID: "s1", Name: "One"}, {ID: "s2", Name: "Two", Lists: []string{}}, {ID: "S3", Lists: []string{"}"}},
		})
	})
	got := read(k, func(tx store.Tx) ([]*seller.Store, error) { return tx.Platform().Desk().Packs().ListedStores(k.ctx) })
	k.same("the stores on lists", got, []*seller.Store{{ID: "S3", Lists: []string{"}"}}, {ID: "s3", Name: "Three", Lists: []string{"zero", "a list"}}})
}
