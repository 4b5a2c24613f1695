package storetest

import (
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

func visitChecks() []Check {
	return []Check{
		{"visits come back as they were put, and a known one stays (L3)", visitsRoundTrip},
		{"the position of a log is the last that was set", logPositions},
		{"a touch known from its token gives way to the whole one, not the other way round (L4)", tokenOnly},
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
