package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

func clickChecks() []Check {
	return []Check{
		{"Clicks.Insert returns those that were not there, each once, and keeps all they say", clicksInsert},
		{"a known click with other contents conflicts, and nothing is entered (I8)", clicksConflict},
		{"Clicks.ForOrders finds the touches of a visitor and the one that is named, each once", clicksForOrders},
		{"an empty visitor or click id matches no touch", clicksOfNobody},
		{"Clicks.Count counts valid affiliate clicks up to a time, by publisher", clicksCount},
	}
}

func insert(k *kit, cs ...*click.Click) []*click.Click {
	k.Helper()
	var fresh []*click.Click
	k.update(func(tx store.Tx) (err error) {
		fresh, err = tx.Clicks().Insert(k.ctx, cs)
		return err
	})
	return fresh
}

// forOrder returns the touches of a wish by id.
func forOrder(k *kit, wishes ...store.TouchWish) [][]*click.Click {
	k.Helper()
	all := read(k, func(tx store.Tx) ([][]*click.Click, error) { return tx.Clicks().ForOrders(k.ctx, wishes) })
	for _, cs := range all {
		slices.SortFunc(cs, func(a, b *click.Click) int { return cmp.Compare(a.ID, b.ID) })
	}
	return all
}

func ids(cs []*click.Click) []string {
	out := []string{}
	for _, c := range cs {
		out = append(out, c.ID)
	}
	return out
}

// visit is a touch of another channel: most of its members are empty.
func visit(id, visitor string) *click.Click {
	return &click.Click{ID: id, At: at(2), Program: tr, Visitor: visitor, Channel: "search_ads"}
}

func clicksInsert(k *kit) {
	c1, c2, c3 := sampleClick("c1", "v1"), visit("c2", "v1"), sampleClick("c3", "v1")
	c3.Verdict, c3.Target = click.CookieStuffing, click.Target{Kind: program.LinkHome}
	elsewhere := sampleClick("c1", "v1")
	elsewhere.Program = ro
	twin := *c1
	k.same("the fresh clicks", insert(k, c1, c2, &twin, elsewhere), []*click.Click{c1, c2, elsewhere})
	k.same("the fresh clicks of a second call", ids(insert(k, &twin, c3, visit("c2", "v1"))), []string{"c3"})
	k.same("the fresh clicks of a third call", ids(insert(k, c1, c3)), []string{})
	k.same("the fresh clicks of no click", ids(insert(k)), []string{})
	k.same("what is kept", forOrder(k, store.TouchWish{Program: tr, Visitor: "v1"}, store.TouchWish{Program: ro, Visitor: "v1"}),
		[][]*click.Click{{c1, c2, c3}, {elsewhere}})
	// What is finer than a microsecond is cut off, and another zone is the same instant.
	fine := *c1
	fine.At = c1.At.Add(999 * time.Nanosecond).In(time.FixedZone("", 3*3600))
	k.same("the same click with nanoseconds", ids(insert(k, &fine)), []string{})
	for v := click.Valid; v <= click.Fraud; v++ {
		c := visit("v"+v.String(), "v9")
		c.Verdict, c.At = v, time.Date(1+int(v)*1500, 1, 2, 3, 4, 5, 678901000, time.UTC)
		insert(k, c)
		k.same("a click", forOrder(k, store.TouchWish{Program: tr, Click: c.ID})[0], []*click.Click{c})
	}
}

func clicksConflict(k *kit) {
	insert(k, sampleClick("c1", "v1"))
	changes := []func(c *click.Click){
		func(c *click.Click) { c.At = c.At.Add(time.Microsecond) },
		func(c *click.Click) { c.Visitor = "V1" },
		func(c *click.Click) { c.Channel = "search_ads" },
		func(c *click.Click) { c.Publisher = "pub1 " },
		func(c *click.Click) { c.AdSpace = "" },
		func(c *click.Click) { c.TrackingID = "Blog" },
		func(c *click.Click) { c.Target.Kind = program.LinkHot },
		func(c *click.Click) { c.Target.Product = "" },
		func(c *click.Click) { c.Target.Store = "s2" },
		func(c *click.Click) { c.Sub.AF = "x" },
		func(c *click.Click) { c.Sub.CN = "x" },
		func(c *click.Click) { c.Sub.CV = "x" },
		func(c *click.Click) { c.Sub.DP = "x" },
		func(c *click.Click) { c.Session = "" },
		func(c *click.Click) { c.Verdict = click.Bot },
	}
	for i, change := range changes {
		other := sampleClick("c1", "v1")
		change(other)
		err := k.store.Update(k.ctx, func(tx store.Tx) error {
			_, err := tx.Clicks().Insert(k.ctx, []*click.Click{sampleClick("c2", "v1"), other})
			k.is(err, store.ErrConflict, "change "+show(i))
			return nil // what was entered before the conflict would be kept
		})
		k.must(err)
	}
	first, second := sampleClick("c3", "v1"), sampleClick("c3", "v2")
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		_, err := tx.Clicks().Insert(k.ctx, []*click.Click{first, second})
		return err
	}), store.ErrConflict, "two contents in one call")
	k.same("what is kept", ids(forOrder(k, store.TouchWish{Program: tr, Visitor: "v1"})[0]), []string{"c1"})
}

func clicksForOrders(k *kit) {
	insert(k, sampleClick("c1", "v1"), sampleClick("c2", "v1"), sampleClick("c3", "v2"), sampleClick("c4", ""))
	elsewhere := sampleClick("c5", "v1")
	elsewhere.Program = ro
	insert(k, elsewhere)
	wishes := []store.TouchWish{
		{Program: tr, Visitor: "v1"},
		{Program: tr, Visitor: "v1", Click: "c1"}, // once, though it is found both ways
		{Program: tr, Visitor: "v2", Click: "c1"},
		{Program: tr, Click: "c4"},
		{Program: tr, Visitor: "v1", Click: "c4"},
		{Program: tr, Visitor: "v404", Click: "c404"},
		{Program: ro, Visitor: "v1", Click: "c1"},
		{Program: tr, Visitor: "v1"}, // asked for twice
	}
	var got [][]string
	for _, cs := range forOrder(k, wishes...) {
		got = append(got, ids(cs))
	}
	k.same("the touches", got, [][]string{{"c1", "c2"}, {"c1", "c2"}, {"c1", "c3"}, {"c4"}, {"c1", "c2", "c4"}, {}, {"c5"}, {"c1", "c2"}})
	k.same("the touches of no wish", len(forOrder(k)), 0)
}

func clicksOfNobody(k *kit) {
	insert(k, sampleClick("c1", ""), visit("c2", ""))
	k.same("the touches of nobody", ids(forOrder(k, store.TouchWish{Program: tr})[0]), []string{})
	k.same("the named touch", ids(forOrder(k, store.TouchWish{Program: tr, Click: "c2"})[0]), []string{"c2"})
}

func clicksCount(k *kit) {
	count := func(p program.ID, until time.Time) map[string]int64 {
		k.Helper()
		return read(k, func(tx store.Tx) (map[string]int64, error) { return tx.Clicks().Count(k.ctx, p, until) })
	}
	n := 0
	// click enters an affiliate click.
	enter := func(publisherID string, when time.Time, change func(*click.Click)) {
		n++
		c := sampleClick(show(n), "v1")
		c.Publisher, c.At = publisherID, when
		if change != nil {
			change(c)
		}
		insert(k, c)
	}
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	old := time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)
	enter("pub1", old, nil)
	enter("pub1", old.Add(time.Microsecond), nil) // 1970 begins
	enter("pub1", midnight.Add(-time.Microsecond), nil)
	enter("pub1", midnight, nil)
	enter("pub2", midnight.Add(time.Hour), nil)
	enter("pub1", midnight.Add(25*time.Hour), nil)
	enter("pub1", midnight.Add(25*time.Hour), nil)
	// These do not count.
	enter("pub1", midnight, func(c *click.Click) { c.Verdict = click.Bot })
	enter("pub1", midnight, func(c *click.Click) { c.Channel = "search_ads" })
	enter("pub1", midnight, func(c *click.Click) { c.Program = ro })
	for _, w := range []struct {
		until time.Time
		want  map[string]int64
	}{
		{old.Add(-time.Microsecond), map[string]int64{}},
		{old, map[string]int64{"pub1": 1}},
		{old.Add(time.Microsecond), map[string]int64{"pub1": 2}},
		{midnight.Add(-time.Microsecond), map[string]int64{"pub1": 3}},
		{midnight, map[string]int64{"pub1": 4}},
		{midnight.Add(time.Hour - time.Microsecond), map[string]int64{"pub1": 4}},
		{midnight.Add(time.Hour), map[string]int64{"pub1": 4, "pub2": 1}},
		{midnight.AddDate(1, 0, 0), map[string]int64{"pub1": 6, "pub2": 1}},
	} {
		k.same("the count up to "+w.until.String(), count(tr, w.until), w.want)
	}
	k.same("the count of another program", count(ro, midnight), map[string]int64{"pub1": 1})
	// A click that is entered again counts once.
	again := sampleClick("1", "v1")
	again.At = old
	insert(k, again)
	k.same("the count after a repeated click", count(tr, old), map[string]int64{"pub1": 1})
}
