package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
)

// RunAnalytics proves that an engine beside the store answers what the store answers. open makes the store, and engine an engine that took
// nothing.
func RunAnalytics(t *testing.T, open Opener, engine func(t testing.TB) store.Analytics) {
	for _, c := range []struct {
		name string
		run  func(k *kit, e store.Analytics)
	}{
		{"Analytics: the figures are those of a recount after any history (R4)", analyticsRecount},
		{"Analytics: what is forgotten in the store stays counted, and what comes late is added (L3)", analyticsForgotten},
		{"Analytics: a feeding that broke off counts nothing, and the next one everything once", analyticsBroken},
		{"Analytics refuses questions without an answer", analyticsInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			Check{run: func(k *kit) {
				e := engine(t)
				defer func() { k.must(e.Close()) }()
				c.run(k, e)
			}}.Run(t, open)
		})
	}
}

// feedTo brings an engine up to date and returns how many days it took.
func feedTo(k *kit, e store.Analytics) int {
	k.Helper()
	k.update(func(tx store.Tx) error {
		later := day0.AddDate(1, 0, 0)
		days, err := tx.Platform().Reports().Stale(k.ctx, later)
		for _, d := range days {
			err = errors.Join(err, tx.Platform().Reports().Roll(k.ctx, d, later))
		}
		return err
	})
	changed, err := take(k, e, nil)
	k.must(err)
	k.update(func(tx store.Tx) error { return tx.Platform().Reports().Feed().Took(k.ctx, changed) })
	return len(changed)
}

func take(k *kit, e store.Analytics, fail error) (changed []store.FeedDay, err error) {
	return changed, k.store.View(k.ctx, func(tx store.Tx) error {
		f := tx.Platform().Reports().Feed()
		var err error
		if changed, err = f.Changed(k.ctx); err != nil {
			return err
		}
		days := make([]store.StaleDay, len(changed))
		for i, d := range changed {
			days[i] = d.StaleDay
		}
		return e.Take(k.ctx, days, func(d store.StaleDay, each func(*store.Fact) error) (bool, error) {
			whole, err := f.Rows(k.ctx, d, each)
			return whole, errors.Join(err, fail)
		}, store.Fed{At: day0, Complete: store.Complete{Orders: day0, Clicks: day0.Add(time.Hour), Logs: []store.LogPosition{{Log: "a", Position: "1"}}}})
	})
}

// asked reads what an engine finds, in an order of its own.
func asked(k *kit, e store.Analytics, q store.Figures, clicks bool) (found []store.Figure) {
	k.Helper()
	ask := e.Items
	if clicks {
		ask = e.Clicks
	}
	k.must(ask(k.ctx, q, func(f store.Figure) error { found = append(found, f); return nil }))
	sortFigures(found)
	return found
}

func analyticsRecount(k *kit, e store.Analytics) {
	fed, err := e.Fed(k.ctx)
	k.must(err)
	if !fed.At.IsZero() {
		k.Fatalf("a new engine says that it was fed: %+v", fed)
	}
	for seed := range uint64(8) {
		h := &chronicle{Rand: rand.New(rand.NewPCG(seed, 19)), k: k}
		for n := range 1000 * int(seed) {
			h.clicks = append(h.clicks, &click.Click{ID: fmt.Sprintf("c%d", n)})
		}
		h.run(60)
		if feedTo(k, e) == 0 {
			k.Fatal("nothing changed")
		}
		if n := feedTo(k, e); n != 0 {
			k.Fatalf("%d days changed while nothing happened", n)
		}
		found := 0
		for range 80 {
			clicks := h.IntN(2) == 0
			q := h.query(clicks)
			got := asked(k, e, q, clicks)
			q.Recount = true
			want := figures(k, q, clicks)
			if !slices.Equal(got, want) {
				k.Fatalf("history %d, %+v:\nthe engine says %s\n rows add up to %s", seed, q, show(got), show(want))
			}
			found += len(want)
		}
		if found == 0 {
			k.Fatalf("history %d: nothing was found", seed)
		}
	}
	fed, err = e.Fed(k.ctx)
	k.must(err)
	k.same("how far it is fed", fed, store.Fed{At: day0, Complete: store.Complete{Orders: day0, Clicks: day0.Add(time.Hour), Logs: []store.LogPosition{{Log: "a", Position: "1"}}}})
	// An engine that is new gets everything again, and that changes nothing.
	k.update(func(tx store.Tx) error { return tx.Platform().Reports().Feed().All(k.ctx) })
	if feedTo(k, e) < 6 {
		k.Error("not all days were on the list")
	}
	q := store.Figures{By: []store.Dim{store.DimDay, store.DimProgram, store.DimAF, store.DimCountry}}
	k.same("after everything came again", asked(k, e, q, true), figures(k, q, true))
}

func analyticsForgotten(k *kit, e store.Analytics) {
	insert(k, sampleClick("c1", "v1"), sampleClick("c2", "v2"))
	feedTo(k, e)
	tidied, err := k.store.Tidy(k.ctx, day0.AddDate(0, 0, 100), store.Retention{Clicks: 24 * time.Hour, Visits: 24 * time.Hour})
	k.must(err)
	k.same("forgotten", tidied, store.Tidied{Clicks: 2})
	late := sampleClick("c3", "v3")
	insert(k, late)
	if feedTo(k, e) != 1 {
		k.Error("the day of the late click was not fed")
	}
	q := store.Figures{Publisher: "pub1"}
	k.same("all three", asked(k, e, q, true), []store.Figure{{Clicks: 3}})
	k.same("as the store says", figures(k, q, true), []store.Figure{{Clicks: 3}})
	insert(k, sampleClick("c4", "v4")) // c3 comes again with its day
	feedTo(k, e)
	k.same("all four", asked(k, e, q, true), []store.Figure{{Clicks: 4}})
}

var errFeed = errors.New("the feeding breaks off")

func analyticsBroken(k *kit, e store.Analytics) {
	insert(k, sampleClick("c1", "v1"), sampleClick("c2", "v2"))
	feedTo(k, e)
	insert(k, sampleClick("c3", "v3"))
	k.update(func(tx store.Tx) error {
		return tx.Platform().Reports().Roll(k.ctx, store.StaleDay{Kind: "click", Program: tr, Day: day0.Unix() / 86400}, day0.AddDate(0, 0, 1))
	})
	_, err := take(k, e, errFeed)
	k.is(err, errFeed, "a feeding that breaks off")
	q := store.Figures{Publisher: "pub1"}
	k.same("as before", asked(k, e, q, true), []store.Figure{{Clicks: 2}})
	// It reaches the engine, and the store does not hear of it: it comes again.
	_, err = take(k, e, nil)
	k.must(err)
	if feedTo(k, e) != 1 {
		k.Error("what was not noted did not come again")
	}
	k.same("all, once", asked(k, e, q, true), []store.Figure{{Clicks: 3}})
}

func analyticsInvalid(k *kit, e store.Analytics) {
	none := func(store.Figure) error { return nil }
	ctx := context.Context(k.ctx)
	for _, q := range []store.Figures{
		{By: []store.Dim{"colour"}}, {By: []store.Dim{store.DimDay, store.DimDay}}, {Basis: "moon"}, {Where: []store.Match{{Dim: store.DimDay, Value: "1"}}},
		{Where: []store.Match{{Dim: "1=1 OR af", Value: "x"}}}, {By: []store.Dim{store.DimDay, store.DimAF, store.DimCN, store.DimCV, store.DimDP}},
	} {
		k.is(e.Items(ctx, q, none), store.ErrInvalid, fmt.Sprintf("items by %+v", q))
		k.is(e.Clicks(ctx, q, none), store.ErrInvalid, fmt.Sprintf("clicks by %+v", q))
	}
	k.is(e.Clicks(ctx, store.Figures{By: []store.Dim{store.DimCategory}}, none), store.ErrInvalid, "clicks by category")
	for _, value := range []string{"'", `\`, `\'`, "?", "$1", "a' OR '1'='1", "日本", "--"} {
		k.must(e.Clicks(ctx, store.Figures{Publisher: value, Where: []store.Match{{Dim: store.DimAF, Value: value}}}, func(f store.Figure) error {
			k.Errorf("a filter by %q found %+v", value, f)
			return nil
		}))
	}
}
