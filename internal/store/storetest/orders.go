package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

func orderChecks() []Check {
	return []Check{
		{"order events come back as they were reported, by time", eventsComeBack},
		{"an event that was reported before is not fresh (O1)", eventsRepeated},
		{"the order of events does not depend on the order of arrival (O1)", eventsAnyOrder},
		{"Orders.Due returns the orders whose time has come, the earliest first", ordersDue},
		{"Orders.SetNext replaces what was noted before", ordersSetNext},
		{"Orders.Touched returns the orders of a visitor and those that name a click", ordersTouched},
		{"the facts that an order was first decided with stay", factsStay},
	}
}

func enter(k *kit, events ...order.Event) []bool {
	k.Helper()
	var fresh []bool
	k.update(func(tx store.Tx) (err error) {
		fresh, err = tx.Orders().InsertEvents(k.ctx, events, at(5))
		return err
	})
	return fresh
}

func events(k *kit, keys ...order.Key) [][]order.Event {
	k.Helper()
	return read(k, func(tx store.Tx) ([][]order.Event, error) { return tx.Orders().Events(k.ctx, keys) })
}

func eventsComeBack(k *kit) {
	all := eventsOf(key(1))
	elsewhere := placed(order.Key{Program: ro, Order: "o1"}, at(10))
	elsewhere.Placed.Currency, elsewhere.Placed.Items = "RON", elsewhere.Placed.Items[:1]
	least := order.Event{Key: key(2), Kind: order.Placed, At: time.Date(1, 1, 2, 0, 0, 0, 1000, time.UTC), Placed: &order.Placement{Items: []order.Item{{ID: "1"}}}}
	most := order.Event{Key: key(2), Kind: order.Cancelled, At: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)}
	fresh := enter(k, append(slices.Clone(all), elsewhere, most, least)...)
	k.same("freshness", fresh, slices.Repeat([]bool{true}, len(all)+3))
	got := events(k, key(404), key(1), elsewhere.Key, key(2), key(1), order.Key{Program: tr, Order: "O1"})
	want := [][]order.Event{nil, all, {elsewhere}, {least, most}, all, nil}
	for i := range want {
		if len(got[i]) == 0 && len(want[i]) == 0 {
			continue
		}
		k.same(fmt.Sprint("order ", i), got[i], want[i])
	}
	k.same("the events of no order", len(events(k)), 0)
	k.same("the freshness of no event", len(enter(k)), 0)
}

func eventsRepeated(k *kit) {
	all := eventsOf(key(1))
	k.same("freshness, twice in one call", enter(k, all[0], all[1], all[0], all[1]), []bool{true, true, false, false})
	k.same("freshness, known and new", enter(k, all[1], all[2], all[0]), []bool{false, true, false})
	// The items of a cancellation are a set.
	a := order.Event{Key: key(2), Kind: order.Cancelled, At: at(1), Items: []string{"1", "2"}}
	b := a
	b.Items = []string{"2", "1"}
	k.same("freshness, items in another order", enter(k, a, b), []bool{true, false})
	k.same("what is kept of two that are the same", events(k, key(2))[0], []order.Event{a})
	// One difference makes another event.
	other := placed(key(1), at(10))
	other.Placed.Items[1].InStock = true
	later := all[1]
	later.At = later.At.Add(time.Microsecond)
	elsewhere := all[1]
	elsewhere.Program = ro
	upper := all[1]
	upper.Order = "O1"
	k.same("freshness, different events", enter(k, other, later, elsewhere, upper), []bool{true, true, true, true})
	// What is finer than a microsecond is cut off.
	fine := all[1]
	fine.At = fine.At.Add(999 * time.Nanosecond)
	k.same("freshness, the same but for nanoseconds", enter(k, fine), []bool{false})
}

func eventsAnyOrder(k *kit) {
	// Five events, four of them at the same instant.
	all := []order.Event{
		{Key: key(1), Kind: order.Completed, At: at(1)}, {Key: key(1), Kind: order.Paid, At: at(1)}, {Key: key(1), Kind: order.Paid, At: at(0)},
		{Key: key(1), Kind: order.Fraud, At: at(1), Evidence: "a"}, {Key: key(1), Kind: order.Fraud, At: at(1), Evidence: "b"},
	}
	var want []order.Event
	for turn := range 2 * len(all) {
		arrival := append(slices.Clone(all[turn%len(all):]), all[:turn%len(all)]...)
		if turn >= len(all) {
			slices.Reverse(arrival)
		}
		err := k.store.Update(k.ctx, func(tx store.Tx) error {
			for _, e := range arrival {
				if _, err := tx.Orders().InsertEvents(k.ctx, []order.Event{e}, at(9)); err != nil {
					return err
				}
			}
			got, err := tx.Orders().Events(k.ctx, []order.Key{key(1)})
			if err != nil {
				return err
			}
			if want == nil {
				want = got[0]
			}
			k.same(fmt.Sprint("the events of arrival ", turn), got[0], want)
			return errUndo
		})
		k.is(err, errUndo, "a transaction that was undone")
	}
	k.same("the first event", want[0], all[2])
	k.same("how many events", len(want), len(all))
}

func setNext(k *kit, next ...store.OrderNext) {
	k.Helper()
	k.update(func(tx store.Tx) error { return tx.Orders().SetNext(k.ctx, next) })
}

func due(k *kit, when time.Time, limit int) []order.Key {
	k.Helper()
	return read(k, func(tx store.Tx) ([]order.Key, error) { return tx.Orders().Due(k.ctx, when, limit) })
}

func ordersDue(k *kit) {
	next := func(p program.ID, id string, when time.Time) store.OrderNext {
		return store.OrderNext{Key: order.Key{Program: p, Order: id}, PlacedAt: at(0), Next: when}
	}
	setNext(k, next(tr, "o3", at(20)), next(tr, "o1", at(20)), next(ro, "o9", at(20)), next(tr, "o2", at(10)), next(tr, "never", time.Time{}), next(tr, "late", at(31)),
		next(tr, "old", time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)))
	want := []order.Key{{Program: tr, Order: "old"}, {Program: tr, Order: "o2"}, {Program: ro, Order: "o9"}, {Program: tr, Order: "o1"}, {Program: tr, Order: "o3"}}
	k.same("the orders that are due", due(k, at(30), 100), want)
	k.same("the first orders that are due", due(k, at(30), 3), want[:3])
	k.same("the orders that are due at the very time", due(k, at(20), 100), want)
	k.same("the orders that are due just before", due(k, at(19), 100), want[:2])
	k.same("the orders that are due in the end", len(due(k, at(31), 100)), 6)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Orders().Due(k.ctx, at(30), 0)
		return err
	}), store.ErrInvalid, "a limit of 0")
}

func touched(k *kit, cs ...*click.Click) []string {
	k.Helper()
	out := []string{}
	for _, key := range read(k, func(tx store.Tx) ([]order.Key, error) { return tx.Orders().Touched(k.ctx, cs) }) {
		out = append(out, string(key.Program)+"/"+key.Order)
	}
	return out
}

func ordersSetNext(k *kit) {
	first := store.OrderNext{Key: key(1), Visitor: "v1", Click: "c1", PlacedAt: at(1), Next: at(10)}
	setNext(k, first)
	second := store.OrderNext{Key: key(1), Visitor: "v2", Click: "c2", PlacedAt: at(2), Next: at(20)}
	setNext(k, first, second) // the last one counts
	k.same("due at the first time", len(due(k, at(19), 10)), 0)
	k.same("due at the second time", due(k, at(20), 10), []order.Key{key(1)})
	k.same("touched by the first click", touched(k, visit("c1", "v1")), []string{})
	k.same("touched by the second visitor", touched(k, visit("c9", "v2")), []string{"tr/o1"})
	k.same("touched by the second click", touched(k, visit("c2", "v9")), []string{"tr/o1"})
	// Each member by itself is replaced.
	second.Visitor = "v3"
	setNext(k, second)
	k.same("touched by the third visitor", touched(k, visit("c9", "v3")), []string{"tr/o1"})
	second.Click = "c3"
	setNext(k, second)
	k.same("touched by the third click", touched(k, visit("c3", "v9")), []string{"tr/o1"})
	second.Next = time.Time{}
	setNext(k, second)
	k.same("never due", len(due(k, at(1<<40), 10)), 0)
	setNext(k)
}

func ordersTouched(k *kit) {
	next := func(p program.ID, id, visitor, clickID string) store.OrderNext {
		return store.OrderNext{Key: order.Key{Program: p, Order: id}, Visitor: visitor, Click: clickID, PlacedAt: at(0)}
	}
	setNext(k, next(tr, "o2", "v1", "c2"), next(tr, "o1", "v1", ""), next(tr, "o3", "v2", "c1"), next(tr, "o4", "", "c4"), next(ro, "o5", "v1", "c1"),
		next(tr, "o6", "", ""))
	k.same("by visitor and by click", touched(k, visit("c1", "v1")), []string{"tr/o1", "tr/o2", "tr/o3"})
	k.same("each once", touched(k, visit("c1", "v1"), visit("c2", "v1"), visit("c4", "")), []string{"tr/o1", "tr/o2", "tr/o3", "tr/o4"})
	k.same("by nobody's click", touched(k, visit("c404", "")), []string{})
	elsewhere := visit("c1", "v1")
	elsewhere.Program = ro
	k.same("in another program", touched(k, elsewhere, visit("c4", "v404")), []string{"ro/o5", "tr/o4"})
	k.same("by no click", touched(k), []string{})
	k.same("by another visitor", touched(k, visit("C1", "V1"), visit("c1 ", "v1 ")), []string{})
}

func factsStay(k *kit) {
	pin := func(pins ...store.FactPin) []string {
		k.Helper()
		var out []string
		k.update(func(tx store.Tx) error {
			facts, err := tx.Orders().PinFacts(k.ctx, pins)
			out = []string{}
			for _, f := range facts {
				if f == nil {
					out = append(out, "none")
				} else {
					out = append(out, string(f))
				}
			}
			return err
		})
		return out
	}
	first, second := []byte("{\"a\":  1}\n"), []byte(`{"a": 2}`)
	k.same("asking", pin(store.FactPin{Key: key(1)}, store.FactPin{Key: key(2)}), []string{"none", "none"})
	k.same("pinning", pin(store.FactPin{Key: key(1), JSON: first}, store.FactPin{Key: key(2)}), []string{string(first), "none"})
	k.same("pinning again", pin(store.FactPin{Key: key(1), JSON: second}), []string{string(first)})
	k.same("pinning twice in one call", pin(store.FactPin{Key: key(3), JSON: second}, store.FactPin{Key: key(3), JSON: first}, store.FactPin{Key: key(1)}),
		[]string{string(second), string(second), string(first)})
	k.same("another program", pin(store.FactPin{Key: order.Key{Program: ro, Order: "o1"}}), []string{"none"})
	k.same("nothing", pin(), []string{})
	k.reopen()
	k.same("after closing and opening", pin(store.FactPin{Key: key(1)}, store.FactPin{Key: key(3)}), []string{string(first), string(second)})
}
