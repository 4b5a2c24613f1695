package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

func sellerChecks() []Check {
	return []Check{
		{"sellers' offers come back with the store and the product that they are of, and the catalogue leaves them alone (S2)", offersBesideCatalogue},
		{"Sellers.Offers returns what matches, page by page (S2)", offersPage},
		{"changes of a store come back, the newest first (S1)", storeChanges},
		{"stores and their products are listed by id (S1)", storesListed},
		{"sub-publishers come back as they were put (A8)", subPublishers},
		{"Reports: what a store sold is found by the store, with the network's fee (S3)", reportsOfStore},
	}
}

func sampleOffer(of, product, campaign string, from int64) store.StoreOffer {
	o := store.StoreOffer{
		Store: of, Product: product, Offer: seller.Offer{Rate: money.MustRate("7.125"), From: at(from), Campaign: campaign}, EnteredAt: at(1), EnteredBy: "Ayşe",
	}
	if campaign != "" {
		o.To = at(from + 10)
	}
	return o
}

func sampleChange(of string) store.StoreChange {
	return store.StoreChange{Store: of, At: at(3), By: "Ayşe", What: "campaign", Product: "p1", Campaign: "Bahar", Rate: "7.125", From: at(4), To: at(9)}
}

func sampleSub(publisher, id string) store.SubPublisher {
	return store.SubPublisher{
		Publisher: publisher, ID: id, Parent: "net", Name: "A blog below", Site: "https://below.example/", TrafficType: program.Social, Note: "since March",
		CreatedAt: at(2), BlockedAt: at(7), BlockedBy: "Ayşe", Reason: "bought clicks",
	}
}

func putOffers(k *kit, offers ...store.StoreOffer) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Platform().Sellers().PutOffers(k.ctx, offers) })
}

func offersBesideCatalogue(k *kit) {
	p, s := product("p1", "s1"), sampleStore("s1")
	enter := func() {
		k.update(func(tx store.Tx) error {
			return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{p, product("p2", "s1")}, []*seller.Store{s, sampleStore("s2")})
		})
	}
	enter()
	standing, campaign, later := sampleOffer("s1", "p1", "", 5), sampleOffer("s1", "p1", "Bahar", 5), sampleOffer("s1", "p1", "", 9)
	whole, strange := sampleOffer("s1", "", "Yaz", 1), sampleOffer("s2", "p1", "", 1) // p1 is not of s2
	putOffers(k, later, campaign, standing, whole, strange)
	enter()
	want := func(p1, s1 []seller.Offer) {
		k.Helper()
		a, b := *p, *s
		a.Offers, b.Offers = p1, s1
		k.same("the catalogue with offers", offered(k, []string{"p1", "p2"}, nil), offer{[]*catalog.Product{&a, product("p2", "s1")}, []*seller.Store{&b}})
	}
	want([]seller.Offer{standing.Offer, campaign.Offer, later.Offer}, []seller.Offer{whole.Offer})
	ended := standing
	ended.To, ended.Rate = at(9), money.MustRate("0.40")
	putOffers(k, sampleOffer("s1", "p1", "", 5), ended) // the last counts
	putOffers(k)
	want([]seller.Offer{ended.Offer, campaign.Offer, later.Offer}, []seller.Offer{whole.Offer})
	gone := later
	gone.Rate = money.MustRate("1") // the key decides
	k.update(func(tx store.Tx) error {
		return tx.Platform().Sellers().DropOffers(k.ctx, []store.StoreOffer{gone, whole, sampleOffer("s9", "p1", "", 5)})
	})
	k.update(func(tx store.Tx) error { return tx.Platform().Sellers().DropOffers(k.ctx, nil) })
	want([]seller.Offer{ended.Offer, campaign.Offer}, nil)
}

func offersPage(k *kit) {
	a, b, c := sampleOffer("s1", "", "", 1), sampleOffer("s1", "p1", "Bahar", 3), sampleOffer("s1", "p2", "Bahar", 3)
	d, e := sampleOffer("s2", "", "Yaz", 3), sampleOffer("s2", "p9", "", 8)
	putOffers(k, a, b, c, d, e)
	whole, p1 := "", "p1"
	for _, q := range []struct {
		f    store.OfferFilter
		want []store.StoreOffer
	}{
		{store.OfferFilter{}, []store.StoreOffer{e, b, c, d, a}},
		{store.OfferFilter{Store: "s1"}, []store.StoreOffer{b, c, a}},
		{store.OfferFilter{Store: "s1", Product: &whole}, []store.StoreOffer{a}},
		{store.OfferFilter{Product: &p1}, []store.StoreOffer{b}},
		{store.OfferFilter{Campaigns: true}, []store.StoreOffer{b, c, d}},
		{store.OfferFilter{Standing: true}, []store.StoreOffer{e, a}},
		{store.OfferFilter{Until: at(13)}, []store.StoreOffer{e, a}},
		{store.OfferFilter{Until: at(12), Within: at(3)}, []store.StoreOffer{b, c, d, a}},
		{store.OfferFilter{Within: at(2)}, []store.StoreOffer{a}},
		{store.OfferFilter{Store: "S1"}, nil},
	} {
		for _, limit := range []int{1, 2, 10} {
			var got []store.StoreOffer
			for after := ""; ; {
				k.view(func(tx store.Tx) error {
					page, next, err := tx.Platform().Sellers().Offers(k.ctx, q.f, after, limit)
					got, after = append(got, page...), next
					return err
				})
				if after == "" {
					break
				}
			}
			k.same(fmt.Sprintf("offers that match %s in pages of %d", show(q.f), limit), got, q.want)
		}
	}
}

func storeChanges(k *kit) {
	open := store.StoreChange{Store: "s1", At: at(1), By: "Can", What: "join", From: at(1)}
	k.update(func(tx store.Tx) error {
		return tx.Platform().Sellers().Note(k.ctx, []store.StoreChange{open, sampleChange("s1"), sampleChange("s2")})
	})
	k.update(func(tx store.Tx) error {
		if err := tx.Platform().Sellers().Note(k.ctx, nil); err != nil {
			return err
		}
		return tx.Platform().Sellers().Note(k.ctx, []store.StoreChange{{Store: "s1", At: at(0), By: "Can", What: "leave", From: at(8)}})
	})
	var got []store.StoreChange
	for after := ""; ; {
		k.view(func(tx store.Tx) error {
			page, next, err := tx.Platform().Sellers().Changes(k.ctx, "s1", after, 2)
			got, after = append(got, page...), next
			return err
		})
		if after == "" {
			break
		}
	}
	ids := make([]int64, len(got))
	for i := range got {
		ids[i], got[i].ID = got[i].ID, 0
	}
	k.same("changes", got, []store.StoreChange{{Store: "s1", At: at(0), By: "Can", What: "leave", From: at(8)}, sampleChange("s1"), open})
	if !slices.IsSortedFunc(ids, func(a, b int64) int { return int(b - a) }) || ids[0] == ids[1] {
		k.Errorf("the ids are %v", ids)
	}
}

func storesListed(k *kit) {
	k.update(func(tx store.Tx) error {
		return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product("p2", "s1"), product("p1", "s1"), product("p3", "s2"), product("P9", "s1")},
			[]*seller.Store{sampleStore("s2"), sampleStore("s1"), sampleStore("S3"), {ID: "other", Name: "Kitap Evi"}, {ID: "named", Name: "Ali KITAP EVI"}})
	})
	list := func(ask func(tx store.Tx, after string) ([]string, string, error)) (got []string) {
		for after := ""; ; {
			k.view(func(tx store.Tx) error {
				page, next, err := ask(tx, after)
				got, after = append(got, page...), next
				return err
			})
			if after == "" {
				return got
			}
		}
	}
	for _, limit := range []int{1, 2, 9} {
		k.same("stores", list(func(tx store.Tx, after string) ([]string, string, error) {
			return tx.Platform().Sellers().Stores(k.ctx, "", after, limit)
		}), []string{"S3", "named", "other", "s1", "s2"})
		k.same("stores by id", list(func(tx store.Tx, after string) ([]string, string, error) {
			return tx.Platform().Sellers().Stores(k.ctx, "s3", after, limit)
		}), []string{"S3"})
		k.same("stores by name", list(func(tx store.Tx, after string) ([]string, string, error) {
			return tx.Platform().Sellers().Stores(k.ctx, "kitap E", after, limit)
		}), []string{"named", "other"})
		k.same("products", list(func(tx store.Tx, after string) ([]string, string, error) {
			return tx.Platform().Sellers().Products(k.ctx, "s1", after, limit)
		}), []string{"P9", "p1", "p2"})
	}
}

func subPublishers(k *kit) {
	one, two, other := sampleSub("ann", "b"), sampleSub("ann", "a"), sampleSub("bob", "b")
	two.BlockedAt, two.BlockedBy, two.Reason = time.Time{}, "", ""
	put := func(subs ...store.SubPublisher) {
		k.update(func(tx store.Tx) error { return tx.Platform().Joining().PutSubPublishers(k.ctx, subs) })
	}
	put(one, other, two)
	put()
	list := func(publisher string) []store.SubPublisher {
		return read(k, func(tx store.Tx) ([]store.SubPublisher, error) {
			return tx.Platform().Joining().SubPublishers(k.ctx, publisher)
		})
	}
	k.same("sub-publishers", list("ann"), []store.SubPublisher{two, one})
	changed := sampleSub("ann", "b")
	changed.Name, changed.Site, changed.TrafficType, changed.Note, changed.Parent, changed.BlockedAt = "x", "https://x.example/", program.Video, "", "net2", at(9)
	put(one, changed)
	k.same("those that were changed", list("ann"), []store.SubPublisher{two, changed})
	k.same("those of another one", list("bob"), []store.SubPublisher{other})
	k.same("those of nobody", list("Ann"), []store.SubPublisher(nil))
}

func reportsOfStore(k *kit) {
	k.update(func(tx store.Tx) error {
		for i := range 6 {
			r := record(key(i), "1")
			r.State, r.Amount, r.Value = "approved", int64(100+i), 1000
			r.Origin = store.Origin{Store: []string{"s1", "s2", ""}[i%3], Product: fmt.Sprint("p", i), Fee: int64(10 + i)}
			if err := tx.Decisions().Put(k.ctx, []store.Record{r}); err != nil {
				return err
			}
		}
		return nil
	})
	figure := func(value string, items, amount, fee int64) store.Figure {
		return store.Figure{Keys: [store.MaxDims]string{value}, Currency: "TRY", State: "approved", Items: items, Actions: items, Value: 1000 * items, Amount: amount, Fee: fee}
	}
	byStore := store.Figures{By: []store.Dim{store.DimStore}}
	ofStore := store.Figures{By: []store.Dim{store.DimProduct}, Where: []store.Match{{Dim: store.DimStore, Value: "s2"}}}
	for range 2 { // from the rows, then from the sums
		k.same("by store", figures(k, byStore, false), []store.Figure{figure("", 2, 207, 27), figure("s1", 2, 203, 23), figure("s2", 2, 205, 25)})
		k.same("of a store", figures(k, ofStore, false), []store.Figure{figure("p1", 1, 101, 11), figure("p4", 1, 104, 14)})
		k.update(func(tx store.Tx) error {
			later := at(1_000_000_000_000)
			days, err := tx.Platform().Reports().Stale(k.ctx, later)
			for _, d := range days {
				if err == nil {
					err = tx.Platform().Reports().Roll(k.ctx, d, later)
				}
			}
			return err
		})
	}
	var rows []string
	k.view(func(tx store.Tx) error {
		_, err := tx.Platform().Reports().List(k.ctx, store.Figures{Where: ofStore.Where}, "", 0, func(r *store.ItemRow) error {
			rows = append(rows, fmt.Sprint(r.Order, " ", r.Store, " ", r.Fee))
			return nil
		})
		return err
	})
	k.same("its items", rows, []string{"o1 s2 11", "o4 s2 14"})
}

// sellerWrites are the methods of Sellers and of subnetworks that change something.
func sellerWrites() []write {
	return []write{
		{"Sellers.PutOffers", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Sellers().PutOffers(ctx, []store.StoreOffer{sampleOffer("s1", "p1", "", 5), sampleOffer("s1", "", "Bahar", 5)})
		}},
		{"Sellers.Note", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Sellers().Note(ctx, []store.StoreChange{sampleChange("s1")})
		}},
		{"Joining.PutSubPublishers", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Joining().PutSubPublishers(ctx, []store.SubPublisher{sampleSub("ann", "b")})
		}},
		{"Sellers.DropOffers", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Sellers().DropOffers(ctx, []store.StoreOffer{sampleOffer("s1", "p1", "", 5)})
		}},
	}
}

// lookAtSellers reads everything of Sellers and of subnetworks.
func lookAtSellers(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	offers, _, err := tx.Platform().Sellers().Offers(ctx, store.OfferFilter{Store: "s1"}, "", 10)
	note("Sellers.Offers", offers, err)
	changes, _, err := tx.Platform().Sellers().Changes(ctx, "s1", "", 10)
	note("Sellers.Changes", changes, err)
	stores, _, err := tx.Platform().Sellers().Stores(ctx, "s", "", 10)
	note("Sellers.Stores", stores, err)
	products, _, err := tx.Platform().Sellers().Products(ctx, "s1", "", 10)
	note("Sellers.Products", products, err)
	subs, err := tx.Platform().Joining().SubPublishers(ctx, "ann")
	note("SubPublishers", subs, err)
}
