package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

func joiningChecks() []Check {
	return []Check{
		{"what publishers say of ad spaces comes back as it was (A1)", placesRoundTrip},
		{"one application of an ad space to a program is open at a time (A2)", applicationsOpen},
		{"of writers that apply with the same ad space, one does (A2)", applicationsRace},
	}
}

func samplePlace(publisher, id string) store.Place {
	return store.Place{
		Publisher: publisher, ID: id, Kind: "blog", Name: "A blog", URL: "https://blog.example/", TrafficType: program.Content, Languages: []string{"en", "tr"},
		Countries: []string{"TR"}, Description: "About things.", TrackingIDs: []string{"a", "b"}, Proof: "proof", VerifiedAt: at(5), VerifiedBy: "dns", CreatedAt: at(1),
	}
}

func placesOf(k *kit, publisher string) []store.Place {
	k.Helper()
	return read(k, func(tx store.Tx) ([]store.Place, error) { return tx.Platform().Joining().Places(k.ctx, publisher) })
}

func placesRoundTrip(k *kit) {
	one, two, other := samplePlace("ann", "b"), samplePlace("ann", "a"), samplePlace("Ann", "b")
	two.VerifiedAt, two.VerifiedBy, two.TrackingIDs, two.Countries = time.Time{}, "", []string{}, []string{}
	put := func(ps ...store.Place) {
		k.Helper()
		k.update(func(tx store.Tx) error {
			for _, p := range ps {
				if err := tx.Platform().Joining().PutPlace(k.ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	put(one, two, other)
	k.same("a publisher's ad spaces", placesOf(k, "ann"), []store.Place{two, one})
	changed := one
	changed.URL, changed.VerifiedAt, changed.VerifiedBy, changed.Proof = "https://other.example/", time.Time{}, "", "new"
	put(changed)
	k.reopen()
	k.same("the changed ad spaces", placesOf(k, "ann"), []store.Place{two, changed})
	k.same("those of another publisher", placesOf(k, "Ann"), []store.Place{other})
}

func sampleApplication(place string) store.Application {
	return store.Application{Program: tr, Publisher: "ann", Place: place, State: "pending", CreatedAt: at(1), ChangedAt: at(2)}
}

func applied(k *kit, a store.Application) (store.Application, error) {
	var out store.Application
	err := k.store.Update(k.ctx, func(tx store.Tx) (err error) {
		out, err = tx.Platform().Joining().PutApplication(k.ctx, a)
		return err
	})
	return out, err
}

func applicationsOpen(k *kit) {
	first, err := applied(k, sampleApplication("blog"))
	k.must(err)
	_, err = applied(k, sampleApplication("blog"))
	k.is(err, store.ErrConflict, "a second application while one is open")
	elsewhere := sampleApplication("blog")
	elsewhere.Program = ro
	_, err = applied(k, elsewhere)
	k.must(err)
	first.State, first.Reason, first.Note, first.ChangedBy, first.ChangedAt = "declined", "no_content", "Write more.", "maria", at(9)
	changed, err := applied(k, first)
	k.must(err)
	k.same("the declined application", changed, first)
	again, err := applied(k, sampleApplication("blog"))
	k.must(err)
	if again.ID <= first.ID {
		k.Errorf("the second application has id %d, the first %d", again.ID, first.ID)
	}
	first.State = "approved"
	_, err = applied(k, first)
	k.is(err, store.ErrConflict, "approving an old application while another one is open")
	k.same("an application", read(k, func(tx store.Tx) (store.Application, error) {
		return tx.Platform().Joining().Application(k.ctx, changed.ID)
	}), changed)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Joining().Application(k.ctx, 99)
		return err
	}), store.ErrNotFound, "an application that is not there")
	for _, c := range []struct {
		f    store.ApplicationFilter
		want int
	}{{store.ApplicationFilter{}, 3}, {store.ApplicationFilter{Program: ro}, 1}, {store.ApplicationFilter{State: "pending"}, 2}, {store.ApplicationFilter{Publisher: "ben"}, 0}, {store.ApplicationFilter{State: "pending", Oldest: true}, 2}} {
		got, last := 0, int64(1<<62)
		if c.f.Oldest {
			last = 0
		}
		for after := ""; ; {
			var page []store.Application
			var next string
			k.view(func(tx store.Tx) (err error) {
				page, next, err = tx.Platform().Joining().Applications(k.ctx, c.f, after, 1)
				return err
			})
			for _, a := range page {
				if got++; a.ID == last || a.ID > last != c.f.Oldest {
					k.Errorf("application %d comes after %d", a.ID, last)
				}
				last = a.ID
			}
			if after = next; next == "" {
				break
			}
		}
		k.same(fmt.Sprintf("applications that match %+v", c.f), got, c.want)
	}
}

// Several writers apply at once with the same ad space: one application is open.
func applicationsRace(k *kit) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	entered := 0
	for range 6 {
		wg.Go(func() {
			_, err := applied(k, sampleApplication("blog"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				entered++
			} else {
				k.is(err, store.ErrConflict, "applying at once")
			}
		})
	}
	wg.Wait()
	k.same("applications that were entered", entered, 1)
}
