package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

func platformChecks() []Check {
	return []Check{
		{"links come back as they were put, and a change replaces what may change (L1)", linksRoundTrip},
		{"a link id or code belongs to one link (L1)", linksConflict},
		{"reserved link ids are given once", linksReserve},
		{"whoever follows the changes of links misses none (L1)", linksFollow},
		{"Links.Page returns what matches, the newest first", linksPage},
		{"visits come back as they were put, and a known one stays (L3)", visitsRoundTrip},
		{"what publishers say of ad spaces comes back as it was (A1)", placesRoundTrip},
		{"one application of an ad space to a program is open at a time (A2)", applicationsOpen},
		{"of writers that apply with the same ad space, one does (A2)", applicationsRace},
		{"the position of a log is the last that was set", logPositions},
		{"the version of the facts rises with every change", factsVersion},
		{"a touch known from its token gives way to the whole one, not the other way round (L4)", tokenOnly},
		{"Tidy keeps the touches that orders need, and forgets the others (L3)", tidy},
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

func sampleVisit(click string) store.Visit {
	return store.Visit{
		Program: tr, Click: click, At: at(1), Publisher: "pub1", Link: 1 << 52, Reason: "flood", Flags: 5, Repeat: 11, Consent: "granted", Country: "TR",
		Device: "mobile", Agent: "Chrome", OS: "Android", UserAgent: "ua", Referrer: "blog.example/post", Network: "192.0.2.0/24",
	}
}

func visitOf(k *kit, p program.ID, click string) store.Visit {
	k.Helper()
	return read(k, func(tx store.Tx) (store.Visit, error) { return tx.Platform().Visits().Get(k.ctx, p, click) })
}

func visitsRoundTrip(k *kit) {
	v, bare := sampleVisit("c1"), store.Visit{Program: ro, Click: "c1", At: at(2)}
	put := func(vs ...store.Visit) {
		k.Helper()
		k.update(func(tx store.Tx) error { return tx.Platform().Visits().Put(k.ctx, vs) })
	}
	put()
	put(v, bare)
	k.same("a visit", visitOf(k, tr, "c1"), v)
	k.same("a visit of another program", visitOf(k, ro, "c1"), bare)
	again := v
	again.Country = "DE"
	put(again, sampleVisit("c2"))
	k.same("a visit that came twice", visitOf(k, tr, "c1"), v)
	k.same("a visit beside it", visitOf(k, tr, "c2"), sampleVisit("c2"))
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Visits().Get(k.ctx, tr, "C1")
		return err
	}), store.ErrNotFound, "a visit that is not there")
}

func logPositions(k *kit) {
	position := func(log string) string {
		return read(k, func(tx store.Tx) (string, error) { return tx.Platform().Visits().Position(k.ctx, log) })
	}
	set := func(log, p string) {
		k.update(func(tx store.Tx) error { return tx.Platform().Visits().SetPosition(k.ctx, log, p) })
	}
	k.same("a log that was never read", position("a"), "")
	set("a", "1")
	set("b", "9")
	set("a", "2")
	k.reopen()
	k.same("positions", []string{position("a"), position("b"), position("A")}, []string{"2", "9", ""})
}

func factsVersion(k *kit) {
	version := func() int64 {
		return read(k, func(tx store.Tx) (int64, error) { return tx.Platform().FactsVersion(k.ctx) })
	}
	last := version()
	for name, change := range map[string]func(tx store.Tx) error{
		"document": func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, document(tr, 1)) },
		"ad space": func(tx store.Tx) error {
			return tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{space("pub1", "site")})
		},
		"quote": func(tx store.Tx) error {
			return tx.Facts().PutQuotes(k.ctx, []store.Quote{quote("2026-03-01", "45.12")})
		},
	} {
		k.update(change)
		if now := version(); now <= last {
			k.Errorf("after a new %s the version is %d, and was %d", name, now, last)
		} else {
			last = now
		}
	}
}

// edgeClick is a click with an id as edges give them, which tells its time.
func edgeClick(n byte) *click.Click {
	c := sampleClick(token.IDAt(at(int64(n)).UnixMicro(), token.Nonce{n}).String(), "")
	c.At = at(int64(n))
	return c
}

func tokenOnly(k *kit) {
	whole := edgeClick(1)
	short := *whole
	short.Sub, short.Session, short.TokenOnly = click.Sub{}, "", true
	count := func() int64 {
		return read(k, func(tx store.Tx) (map[string]int64, error) {
			return tx.Clicks().Count(k.ctx, tr, at(1).AddDate(0, 0, 2))
		})["pub1"]
	}
	wish := store.TouchWish{Program: tr, Click: whole.ID}
	k.same("a token's touch is new", ids(insert(k, &short)), []string{whole.ID})
	k.same("the token's touch", forOrder(k, wish)[0], []*click.Click{&short})
	k.same("clicks that count", count(), int64(1))
	k.same("the whole touch is new", ids(insert(k, whole)), []string{whole.ID})
	k.same("the whole touch", forOrder(k, wish)[0], []*click.Click{whole})
	k.same("the token again", ids(insert(k, &short)), []string{})
	k.same("the whole touch after it", forOrder(k, wish)[0], []*click.Click{whole})
	k.same("a click that came in two ways counts once", count(), int64(1))
	// Both in one call, in either order.
	second, third := edgeClick(2), edgeClick(3)
	short2, short3 := *second, *third
	short2.TokenOnly, short3.TokenOnly = true, true
	k.same("both in one call", ids(insert(k, &short2, second, third, &short3)), []string{second.ID, third.ID})
	k.same("clicks that count", count(), int64(3))
}

func tidy(k *kit) {
	const daysKept = 30
	now := day0
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	tidied := func(at time.Time, keep store.Retention) store.Tidied {
		k.Helper()
		done, err := k.store.Tidy(k.ctx, at, keep)
		k.must(err)
		return done
	}
	touch := func(id, visitor string, at time.Time) {
		c := sampleClick(id, visitor)
		c.At = at
		insert(k, c)
		v := sampleVisit(id)
		v.At = at
		k.update(func(tx store.Tx) error { return tx.Platform().Visits().Put(k.ctx, []store.Visit{v}) })
	}
	// Days that have a partition of their own, and those before them.
	tidied(days(60), store.Retention{})
	for d, id := range map[int]string{90: "ancient", 58: "old", 55: "named", 54: "visitor", 20: "young", 0: "new"} {
		visitor := "somebody"
		if id == "visitor" {
			visitor = "buyer"
		}
		touch(id, visitor, days(d))
	}
	k.update(func(tx store.Tx) error {
		return tx.Orders().SetNext(k.ctx, []store.OrderNext{{Key: key(1), Visitor: "buyer", Click: "named", PlacedAt: days(50)}})
	})
	k.same("Tidy with nothing to forget", tidied(now, store.Retention{}), store.Tidied{})
	k.same("Tidy", tidied(now, store.Retention{Clicks: daysKept * 24 * time.Hour, Visits: daysKept * 24 * time.Hour}), store.Tidied{Clicks: 2, Visits: 4})
	k.same("Tidy again", tidied(now, store.Retention{Clicks: daysKept * 24 * time.Hour, Visits: daysKept * 24 * time.Hour}), store.Tidied{})
	var left []string
	for _, id := range []string{"ancient", "old", "named", "visitor", "young", "new"} {
		left = append(left, ids(forOrder(k, store.TouchWish{Program: tr, Click: id})[0])...)
	}
	k.same("the touches that are left", left, []string{"named", "visitor", "young", "new"})
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Visits().Get(k.ctx, tr, "visitor")
		return err
	}), store.ErrNotFound, "an old visit")
	k.same("a young visit", visitOf(k, tr, "young").Click, "young")
}

// platformWrites are the methods of the platform's roles that change something.
func platformWrites() []write {
	return []write{
		{"Links.Reserve", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Platform().Links().Reserve(ctx, 1)
			return err
		}},
		{"Links.Put", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Links().Put(ctx, []store.Link{sampleLink(1), sampleLink(2)})
		}},
		{"Visits.Put", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Visits().Put(ctx, []store.Visit{sampleVisit("c1")})
		}},
		{"Joining.PutPlace", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Joining().PutPlace(ctx, samplePlace("ann", "blog"))
		}},
		{"Joining.PutApplication", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Platform().Joining().PutApplication(ctx, sampleApplication("blog"))
			return err
		}},
		{"Visits.SetPosition", func(ctx context.Context, tx store.Tx) error {
			return tx.Platform().Visits().SetPosition(ctx, "log", "1")
		}},
	}
}

// lookAtPlatform reads everything of the platform's roles.
func lookAtPlatform(ctx context.Context, tx store.Tx, note func(string, any, error)) {
	byID, err := tx.Platform().Links().ByID(ctx, []int64{1, 2})
	note("Links.ByID", byID, err)
	changes, err := tx.Platform().Links().Changes(ctx, 0, 10)
	note("Links.Changes", changes, err)
	page, next, err := tx.Platform().Links().Page(ctx, store.LinkFilter{Program: tr, Publisher: "pub1"}, "", 1)
	if err == nil && next != "" {
		var more []store.Link
		more, _, err = tx.Platform().Links().Page(ctx, store.LinkFilter{}, next, 1)
		page = append(page, more...)
	}
	note("Links.Page", page, err)
	reserved, err := tx.Platform().Links().Reserve(ctx, 1) // in a transaction that is undone
	note("Links.Reserve", reserved, err)
	v, err := tx.Platform().Visits().Get(ctx, tr, "c1")
	note("Visits.Get", v, err)
	position, err := tx.Platform().Visits().Position(ctx, "log")
	note("Visits.Position", position, err)
	places, err := tx.Platform().Joining().Places(ctx, "ann")
	note("Places", places, err)
	application, err := tx.Platform().Joining().Application(ctx, 1)
	note("Application", application, err)
	applications, _, err := tx.Platform().Joining().Applications(ctx, store.ApplicationFilter{Publisher: "ann"}, "", 10)
	note("Applications", applications, err)
	lookAtSellers(ctx, tx, note)
	version, err := tx.Platform().FactsVersion(ctx)
	note("FactsVersion", version, err)
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
