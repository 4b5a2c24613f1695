package storetest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

func linkChecks() []Check {
	return []Check{
		{"links come back as they were put, and a change replaces what may change (L1)", linksRoundTrip},
		{"a link id or code belongs to one link (L1)", linksConflict},
		{"reserved link ids are given once", linksReserve},
		{"whoever follows the changes of links misses none (L1)", linksFollow},
		{"Links.Page returns what matches, the newest first", linksPage},
	}
}

func sampleLink(id int64) store.Link {
	return store.Link{
		ID: id, Code: fmt.Sprintf("code%06d", id), Program: tr, Publisher: "pub1", AdSpace: "site", TrackingID: "blog",
		Target:     link.Target{Kind: program.LinkProduct, Product: "p1", Store: "s1", URL: "https://shop.example/p1?a=b"},
		Substitute: link.Target{Kind: program.LinkStore, Store: "s1", Ref: "r", URL: "https://shop.example/s1"},
		State:      "live", CreatedAt: at(id), ChangedAt: at(id + 1),
	}
}

func putLinks(k *kit, ls ...store.Link) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Platform().Links().Put(k.ctx, ls) })
}

// linksOf reads links by id, without their change.
func linksOf(k *kit, ids ...int64) []store.Link {
	k.Helper()
	ls := read(k, func(tx store.Tx) ([]store.Link, error) { return tx.Platform().Links().ByID(k.ctx, ids) })
	for i := range ls {
		ls[i].Change = 0
	}
	return ls
}

func linksRoundTrip(k *kit) {
	one, two := sampleLink(1), sampleLink(link.MaxID)
	two.Substitute, two.Target = link.Target{}, link.Target{Kind: program.LinkHome}
	putLinks(k, two, one)
	k.same("the links", linksOf(k, link.MaxID, 7, 1, 1), []store.Link{one, two})
	changed := one
	changed.State, changed.ChangedAt, changed.Substitute = "revoked", at(99), link.Target{}
	changed.Target.URL = "https://shop.example/p1"
	putLinks(k, changed)
	k.reopen()
	k.same("the changed link", linksOf(k, 1), []store.Link{changed})
}

func linksConflict(k *kit) {
	putLinks(k, sampleLink(1))
	taken := sampleLink(2)
	taken.Code = sampleLink(1).Code
	put := func(ls ...store.Link) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Links().Put(k.ctx, ls) })
	}
	k.is(put(sampleLink(3), taken), store.ErrConflict, "a code that another link has")
	twin := sampleLink(4)
	twin.ID = 5
	k.is(put(sampleLink(4), twin), store.ErrConflict, "one code for two links of a call")
	k.is(put(sampleLink(6), sampleLink(6)), store.ErrInvalid, "one id for two links of a call")
	for _, id := range []int64{0, -1, link.MaxID + 1} {
		k.is(put(sampleLink(id)), store.ErrInvalid, "an id that has no code")
	}
	k.same("what is kept", linksOf(k, 1, 2, 3, 4, 5, 6), []store.Link{sampleLink(1)})
}

func linksReserve(k *kit) {
	reserve := func(n int) (first int64) {
		k.update(func(tx store.Tx) (err error) {
			first, err = tx.Platform().Links().Reserve(k.ctx, n)
			return err
		})
		return first
	}
	k.same("the first ids", reserve(3), int64(1))
	k.same("the next ids", reserve(1), int64(4))
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Links().Reserve(k.ctx, 0)
		return err
	}), store.ErrInvalid, "reserving none")
	var mu sync.Mutex
	var all []int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				var first int64
				err := k.store.Update(k.ctx, func(tx store.Tx) (err error) {
					first, err = tx.Platform().Links().Reserve(k.ctx, 2)
					return err
				})
				mu.Lock()
				if err != nil {
					k.Errorf("reserving: %v", err)
				}
				all = append(all, first, first+1)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	k.same("ids that several writers reserved", len(slices.Compact(all)), 80)
}

// A reader that asks for what came after the last change it saw sees every change of every writer.
func linksFollow(k *kit) {
	const writers, each = 4, 25
	seen := map[int64]bool{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					l := sampleLink(int64(w*each + i + 1))
					if err := k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Platform().Links().Put(k.ctx, []store.Link{l}) }); err != nil {
						k.Errorf("putting a link: %v", err)
					}
				}
			})
		}
		wg.Wait()
	}()
	after := int64(0)
	for last := false; ; {
		page := read(k, func(tx store.Tx) ([]store.Link, error) { return tx.Platform().Links().Changes(k.ctx, after, 7) })
		for _, l := range page {
			if l.Change <= after {
				k.Fatalf("change %d comes after %d", l.Change, after)
			}
			after = l.Change
			seen[l.ID] = true
		}
		if len(page) > 0 {
			continue
		}
		if last {
			break
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
	k.same("links that the follower saw", len(seen), writers*each)
	k.update(func(tx store.Tx) error {
		_, err := tx.Platform().Links().Changes(k.ctx, 0, 0)
		k.is(err, store.ErrInvalid, "a limit of 0")
		return nil
	})
}

func linksPage(k *kit) {
	var all []store.Link
	for i := range int64(5) {
		all = append(all, sampleLink(i+1))
	}
	all[1].Publisher, all[2].Program, all[3].State = "pub2", ro, "revoked"
	all[4].AdSpace, all[4].TrackingID = "app", "x"
	putLinks(k, all...)
	for _, c := range []struct {
		f    store.LinkFilter
		want []int64
	}{
		{store.LinkFilter{}, []int64{5, 4, 3, 2, 1}},
		{store.LinkFilter{Publisher: "pub1"}, []int64{5, 4, 3, 1}},
		{store.LinkFilter{Program: ro}, []int64{3}},
		{store.LinkFilter{State: "revoked"}, []int64{4}},
		{store.LinkFilter{AdSpace: "app", TrackingID: "x"}, []int64{5}},
		{store.LinkFilter{Publisher: "PUB1"}, nil},
	} {
		var got []int64
		for after := ""; ; {
			var page []store.Link
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Links().Page(k.ctx, c.f, after, 2)
				return err
			})
			for _, l := range page {
				got = append(got, l.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		k.same(fmt.Sprintf("links that match %+v", c.f), got, c.want)
	}
}
