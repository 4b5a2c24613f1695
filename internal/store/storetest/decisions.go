package storetest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

func decisionChecks() []Check {
	return []Check{
		{"decision records come back as they were put, in the order of the items", decisionsComeBack},
		{"a record that says nothing new changes nothing", decisionsRepeated},
		{"Decisions.Items says where the items of an order came from, in their order", decisionsItems},
		{"Decisions.History returns all records in the order they were put in", decisionsHistory},
		{"Decisions.Page goes from the newest order to the oldest, by key and item", decisionsPage},
		{"Decisions.Page filters by program, publisher, state and time", decisionsFilter},
		{"no page shifts when records come in between", decisionsStable},
		{"Decisions.Open is what the newest records say, after any history (M2, M4)", decisionsOpen},
		{"Decisions.Sums adds up what is newest, by program, publisher, state and currency", decisionsSums},
		{"sums of decisions are exact up to the largest amounts", decisionsExact},
	}
}

// decisionsOpen changes items again and again and holds what is open of each publisher against a walk over all records.
func decisionsOpen(k *kit) {
	h := rand.New(rand.NewPCG(7, 7))
	heldNow := make(map[string]bool)
	name := func(r *store.Record) string { return string(r.Program) + " " + r.Order + " " + r.Item }
	for range 6 {
		var rs []store.Record
		for range 40 {
			r := record(order.Key{Program: pickOf(h, tr, ro), Order: fmt.Sprint("o", h.IntN(12))}, fmt.Sprint(h.IntN(3)))
			r.State, r.Publisher = pickOf(h, "tracked", "pending", "pending", "approved", "declined", "unattributed"), pickOf(h, "pub1", "pub2", "")
			r.Amount = h.Int64N(1 << 40)
			if h.IntN(2) == 0 {
				r.Completed = at(h.Int64N(100))
			}
			r.Origin.Held = r.State == "pending" && h.IntN(3) == 0
			r.JSON = fmt.Appendf(nil, `{"held":%t}`, r.Origin.Held)
			rs = append(rs, r)
		}
		put(k, rs...)
		for i := range rs {
			heldNow[name(&rs[i])] = rs[i].Origin.Held
		}
		for _, p := range []program.ID{tr, ro} {
			for _, publisher := range []string{"pub1", "pub2", "nobody"} {
				var want, got []string
				for _, r := range pages(k, store.RecordFilter{Program: p, Publisher: publisher}, 1000) {
					if r.State == "tracked" || r.State == "pending" {
						want = append(want, fmt.Sprint(r.State, heldNow[name(&r)], r.Completed, r.Amount))
					}
				}
				k.view(func(tx store.Tx) error {
					return tx.Decisions().Open(k.ctx, p, publisher, func(o store.OpenItem) error {
						got = append(got, fmt.Sprint(o.State, o.Held, o.Completed, o.Amount))
						return nil
					})
				})
				slices.Sort(want)
				slices.Sort(got)
				k.same(fmt.Sprintf("what is open of %q in %q", publisher, p), got, want)
			}
		}
	}
	stop := errors.New("stop")
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		return tx.Decisions().Open(k.ctx, tr, "pub1", func(store.OpenItem) error { return stop })
	}), stop, "an error of whom what is open is handed to")
}

func decisionsItems(k *kit) {
	if none := read(k, func(tx store.Tx) ([]store.ItemRow, error) { return tx.Decisions().Items(k.ctx, key(1)) }); len(none) != 0 {
		k.Errorf("an order that is not known has items: %v", none)
	}
	from := func(r store.Record, line int, o store.Origin) store.Record {
		r.Line, r.Origin = line, o
		return r
	}
	put(k, from(record(key(1), "z"), 0, store.Origin{Product: "p1", Category: "shoes", Store: "s1", Fee: 7, Reason: "cancelled"}), from(record(key(1), "a"), 1, store.Origin{Product: "p2", Store: "s2", Held: true}),
		from(record(key(2), "z"), 0, store.Origin{Store: "s9"}))
	later := from(record(key(1), "a"), 1, store.Origin{Product: "p2", Store: "s3", TrackingID: "blog"})
	later.Amount = 999
	put(k, later)
	var got []string
	for _, r := range read(k, func(tx store.Tx) ([]store.ItemRow, error) { return tx.Decisions().Items(k.ctx, key(1)) }) {
		got = append(got, fmt.Sprint(r.Order, " ", r.Item, " ", r.Amount, " ", r.State, " ", r.PlacedAt.Equal(later.PlacedAt), " ", r.Product, r.Category, r.Origin.Store, r.Fee, r.Origin.Reason, r.Origin.TrackingID, r.Held))
	}
	first := record(key(1), "z")
	k.same("the items", got, []string{
		fmt.Sprint(first.Order, " z ", first.Amount, " ", first.State, " true p1shoess17cancelledfalse"), fmt.Sprint(first.Order, " a 999 ", first.State, " true p2s30blogfalse"),
	})
}

func pickOf[T any](h *rand.Rand, from ...T) T { return from[h.IntN(len(from))] }

func put(k *kit, records ...store.Record) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Decisions().Put(k.ctx, records) })
}

func newest(k *kit, key order.Key) []store.Record {
	k.Helper()
	return read(k, func(tx store.Tx) ([]store.Record, error) { return tx.Decisions().Newest(k.ctx, key) })
}

func history(k *kit, key order.Key) []store.Record {
	k.Helper()
	return read(k, func(tx store.Tx) ([]store.Record, error) { return tx.Decisions().History(k.ctx, key) })
}

// line returns a record of a line of its order.
func lineOf(r store.Record, n int) store.Record {
	r.Line = n
	return r
}

func numbered(r store.Record, sequence int) store.Record {
	r.Sequence = sequence
	return r
}

func decisionsComeBack(k *kit) {
	full := lineOf(record(key(1), "z"), 0)
	full.Hidden, full.Completed, full.SettledAt, full.State = true, at(20), at(30), "approved"
	second := lineOf(record(key(1), "a"), 1)
	third := lineOf(record(key(1), "b"), 10)
	bare := store.Record{Key: order.Key{Program: ro, Order: "o1"}, Item: "1", PlacedAt: at(1), DecidedAt: at(2), JSON: []byte("{}")}
	put(k, third, full, bare, second)
	k.same("the records of an order", newest(k, key(1)), []store.Record{numbered(full, 1), numbered(second, 1), numbered(third, 1)})
	k.same("the records of an order of another program", newest(k, bare.Key), []store.Record{numbered(bare, 1)})
	for _, key := range []order.Key{key(404), {Program: tr, Order: "O1"}, {Program: "TR", Order: "o1"}} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, err := tx.Decisions().Newest(k.ctx, key)
			return err
		}), store.ErrNotFound, "the records of an unknown order")
		k.same("the history of an unknown order", len(history(k, key)), 0)
	}
	put(k)
}

func decisionsRepeated(k *kit) {
	r := record(key(1), "1")
	put(k, r)
	later := r
	later.DecidedAt = at(2000)
	put(k, later, later)
	k.same("the record", newest(k, key(1)), []store.Record{numbered(r, 1)})
	changes := []func(r *store.Record){
		func(r *store.Record) { r.Line = 1 },
		func(r *store.Record) { r.State = "approved" },
		func(r *store.Record) { r.Publisher = "" },
		func(r *store.Record) { r.AdSpace = "Site" },
		func(r *store.Record) { r.Rule = "v2" },
		func(r *store.Record) { r.Currency = "USD" },
		func(r *store.Record) { r.Amount++ },
		func(r *store.Record) { r.Value-- },
		func(r *store.Record) { r.Hidden = true },
		func(r *store.Record) { r.PlacedAt = r.PlacedAt.Add(time.Microsecond) },
		func(r *store.Record) { r.Completed = at(1) },
		func(r *store.Record) { r.SettledAt = at(1) },
		func(r *store.Record) { r.JSON = append(slices.Clone(r.JSON), ' ') },
	}
	for i, change := range changes {
		change(&r)
		r.DecidedAt = at(3000 + int64(i))
		put(k, r)
		k.same(fmt.Sprint("the record after change ", i), newest(k, key(1)), []store.Record{numbered(r, i+2)})
	}
	// Back to what it was once: that is news again.
	first := record(key(1), "1")
	put(k, first)
	k.same("the first record again", newest(k, key(1)), []store.Record{numbered(first, len(changes)+2)})
	k.same("the length of the history", len(history(k, key(1))), len(changes)+2)
	// Its own Sequence does not matter.
	put(k, numbered(first, 77))
	k.same("the length of the history", len(history(k, key(1))), len(changes)+2)
}

func decisionsHistory(k *kit) {
	a, b := record(key(1), "1"), lineOf(record(key(1), "2"), 1)
	a2, b2, a3 := a, b, a
	a2.Amount, b2.Amount, a3.Amount = 5, 6, 7
	a2.DecidedAt = at(1) // a clock that was set back
	put(k, a, b)
	put(k, a2)
	put(k, record(key(2), "1"), b2, a3)
	k.same("the history", history(k, key(1)), []store.Record{numbered(a, 1), numbered(b, 1), numbered(a2, 2), numbered(b2, 2), numbered(a3, 3)})
	k.same("the newest", newest(k, key(1)), []store.Record{numbered(a3, 3), numbered(b2, 2)})
	// Several records of an item in one call.
	c, c2 := record(key(3), "1"), record(key(3), "1")
	c2.Amount = 9
	put(k, c, c2, c2, c)
	k.same("the history of one call", history(k, key(3)), []store.Record{numbered(c, 1), numbered(c2, 2), numbered(c, 3)})
}

// pages reads all pages of a filter.
func pages(k *kit, f store.RecordFilter, limit int) []store.Record {
	k.Helper()
	var all []store.Record
	for after := ""; ; {
		k.view(func(tx store.Tx) error {
			records, next, err := tx.Decisions().Page(k.ctx, f, after, limit)
			if len(records) > limit || (next != "" && len(records) < limit) {
				k.Errorf("a page of %d has %d records, and the next page begins at %q", limit, len(records), next)
			}
			all, after = append(all, records...), next
			return err
		})
		if after == "" {
			return all
		}
	}
}

// placedRecords are records of orders that were placed at few different times, in the order of pages.
func placedRecords() []store.Record {
	var all []store.Record
	for _, us := range []int64{30, 20, 10} {
		for _, k := range []order.Key{{Program: ro, Order: "o1"}, {Program: tr, Order: "O1"}, {Program: tr, Order: "o1"}, {Program: tr, Order: "o10"}, {Program: tr, Order: "o2"}} {
			for i, item := range []string{"1", "10", "2", "a"} {
				k := order.Key{Program: k.Program, Order: fmt.Sprint(k.Order, "-", us)}
				r := record(k, item)
				r.PlacedAt, r.Publisher, r.State = at(us), fmt.Sprint("pub", i%2), []string{"pending", "approved", "declined", "tracked"}[i]
				all = append(all, numbered(r, 1))
			}
		}
	}
	return all
}

func decisionsPage(k *kit) {
	want := placedRecords()
	// An older record is in no page.
	old := want[7]
	old.Amount = 1
	put(k, old)
	back := slices.Clone(want)
	slices.Reverse(back)
	put(k, back...)
	want[7].Sequence = 2
	for _, limit := range []int{1, 7, len(want) - 1, len(want), len(want) + 1, 1000} {
		k.same(fmt.Sprint("pages of ", limit), pages(k, store.RecordFilter{}, limit), want)
	}
	for _, bad := range []struct {
		after string
		limit int
	}{{"", 0}, {"", -1}, {"x", 1}, {"eyJhIjoxfQ==", 1}, {"W10", 1}} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, _, err := tx.Decisions().Page(k.ctx, store.RecordFilter{}, bad.after, bad.limit)
			return err
		}), store.ErrInvalid, fmt.Sprintf("a page of %d behind %q", bad.limit, bad.after))
	}
}

func decisionsFilter(k *kit) {
	all := placedRecords()
	put(k, all...)
	for _, f := range []store.RecordFilter{
		{Program: tr}, {Program: "TR"}, {Publisher: "pub1"}, {State: "declined"}, {From: at(20)}, {To: at(20)}, {From: at(20), To: at(30)}, {From: at(20), To: at(20)},
		{Program: tr, Publisher: "pub0", State: "pending", From: at(10), To: at(30)}, {Program: ro, State: "tracked"}, {State: "approved", Program: tr}, {State: "declined", Program: ro, To: at(30)}, {State: "unattributed"}, {State: "approved"},
	} {
		var want []store.Record
		for _, r := range all {
			if (f.Program == "" || f.Program == r.Program) && (f.Publisher == "" || f.Publisher == r.Publisher) && (f.State == "" || f.State == r.State) &&
				(f.From.IsZero() || !r.PlacedAt.Before(f.From)) && (f.To.IsZero() || r.PlacedAt.Before(f.To)) {
				want = append(want, r)
			}
		}
		for _, limit := range []int{3, 1000} {
			got := pages(k, f, limit)
			if len(got)+len(want) > 0 {
				k.same("the filter "+show(f), got, want)
			}
		}
	}
}

func decisionsStable(k *kit) {
	all := placedRecords()
	put(k, all...)
	var got []store.Record
	after := ""
	for n := 0; ; n++ {
		k.view(func(tx store.Tx) error {
			records, next, err := tx.Decisions().Page(k.ctx, store.RecordFilter{}, after, 3)
			got, after = append(got, records...), next
			return err
		})
		if after == "" {
			break
		}
		// A newer order, and an order with the time and key of those that were read already.
		early := record(order.Key{Program: ro, Order: fmt.Sprint("a", n)}, "1")
		early.PlacedAt = at(30)
		late := record(key(1000+n), "1")
		late.PlacedAt = at(1000)
		put(k, early, late)
	}
	k.same("the pages", got, all)
}

func decisionsSums(k *kit) {
	add := func(id int, state string, change func(*store.Record)) {
		r := record(key(id), "1")
		r.State, r.Amount = state, 100
		if change != nil {
			change(&r)
		}
		put(k, r)
	}
	settled := func(d time.Duration) func(*store.Record) {
		return func(r *store.Record) { r.SettledAt = r.PlacedAt.Add(d) }
	}
	add(1, "pending", nil)
	add(1, "approved", settled(90*time.Second)) // its newest record counts alone
	add(2, "approved", settled(1500*time.Millisecond))
	add(3, "approved", func(r *store.Record) { settled(time.Hour)(r); r.Hidden = true })
	add(4, "approved", nil)
	add(5, "declined", func(r *store.Record) { r.Amount = -7 })
	add(6, "pending", func(r *store.Record) { r.Publisher = "" })
	add(7, "pending", func(r *store.Record) { r.Currency = "EUR"; r.Publisher = "PUB1" })
	add(8, "pending", func(r *store.Record) { r.Program = ro })
	k.same("the sums", read(k, func(tx store.Tx) ([]store.StateSum, error) { return tx.Decisions().Sums(k.ctx) }), []store.StateSum{
		{Program: ro, Publisher: "pub1", State: "pending", Currency: "TRY", Items: 1, Shown: 1, Amount: 100},
		{Program: tr, Publisher: "", State: "pending", Currency: "TRY", Items: 1, Shown: 1, Amount: 100},
		{Program: tr, Publisher: "PUB1", State: "pending", Currency: "EUR", Items: 1, Shown: 1, Amount: 100},
		{Program: tr, Publisher: "pub1", State: "approved", Currency: "TRY", Items: 4, Shown: 3, Amount: 400, Held: 2, HeldFor: 91},
		{Program: tr, Publisher: "pub1", State: "declined", Currency: "TRY", Items: 1, Shown: 1, Amount: -7},
	})
}

func decisionsExact(k *kit) {
	// Sums whose parts pass 63 bits on the way and whose whole does not, in any order.
	for i, amounts := range [][]int64{{math.MaxInt64}, {math.MinInt64}, {math.MaxInt64, math.MaxInt64, math.MinInt64, math.MinInt64, 5}, {math.MinInt64, math.MaxInt64},
		{1<<53 + 1}, {1 << 32, 1<<32 - 1, -1, -1 << 32}} {
		var sum int64
		for j, a := range amounts {
			sum += a
			r := record(key(10*i+j), "1")
			r.Publisher, r.Amount, r.Value = fmt.Sprint("pub", i), a, -(a + 1)
			put(k, r)
			k.same("a record", newest(k, r.Key), []store.Record{numbered(r, 1)})
		}
		for _, s := range read(k, func(tx store.Tx) ([]store.StateSum, error) { return tx.Decisions().Sums(k.ctx) }) {
			if s.Publisher == fmt.Sprint("pub", i) && s.Amount != sum {
				k.Errorf("the sum of %v is %d, want %d", amounts, s.Amount, sum)
			}
		}
	}
	// A sum that is too large is an error and no other number.
	more := record(key(99), "1")
	more.Publisher, more.Amount = "pub0", 1
	put(k, more)
	if err := k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Decisions().Sums(k.ctx)
		return err
	}); err == nil {
		k.Errorf("a sum past the largest amount is no error")
	}
}
