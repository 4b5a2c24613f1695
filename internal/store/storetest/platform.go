package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/publisher"
)

func platformChecks() []Check {
	return slices.Concat(linkChecks(), visitChecks(), joiningChecks(), []Check{
		{"the version of the facts rises with every change", factsVersion},
		{"Tidy keeps the touches that orders need, and forgets the others (L3)", tidy},
	})
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
