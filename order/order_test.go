package order_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/order"
	"pgregory.net/rapid"
)

var (
	key    = order.Key{Program: "tr", Order: "A-1"}
	placed = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
)

// placement is an order of two items in dollars.
func placement() *order.Placement {
	return &order.Placement{
		Visitor: "v", Session: "s", Click: "c", CouponCode: "SAVE", CouponAmount: 100, BuyerID: "b", NewBuyer: true, ShipTo: "RO", Currency: "USD",
		Items: []order.Item{
			{ID: "1", Product: "p1", Store: "s1", Category: "toys", Quantity: 2, Amount: 1000, InStock: true},
			{ID: "2", Product: "p2", Store: "s2", Category: "tablets", Quantity: 1, Amount: 500, InStock: true},
		},
	}
}

func event(kind order.EventKind, after time.Duration) order.Event {
	return order.Event{Key: key, Kind: kind, At: placed.Add(after)}
}

func placing() order.Event {
	e := event(order.Placed, 0)
	e.Placed = placement()
	return e
}

func refund(after time.Duration, item, amount string) order.Event {
	e := event(order.Refunded, after)
	e.Refunds = []order.Refund{{Item: item, Amount: amount}}
	return e
}

func items(kind order.EventKind, after time.Duration, evidence string, ids ...string) order.Event {
	e := event(kind, after)
	e.Items, e.Evidence = ids, evidence
	return e
}

// view is all that can be seen of an order at a time.
func view(h *order.History, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v placed %v paid %v %v completed %v %v changes %v\n%+v\n", h.Key, h.PlacedAt, h.PaidAt, h.PaidBy(at), h.CompletedAt, h.CompletedBy(at), h.Changes(), *h.Placement)
	for i := range h.Items {
		fraud, lost := h.FraudBy(i, at)
		hold, held := h.HeldBy(i, at)
		back, restored := h.RestoredBy(i, at)
		fmt.Fprintf(&b, "%d: cancelled %v refunded %d fraud %v %v held %v %v restored %v %v given back %v\n", i, h.CancelledBy(i, at), h.RefundedBy(i, at), lost, fraud,
			held, hold, restored, back, h.GivenBack(i, at))
	}
	return b.String()
}

// O1: events may stand in any order and may be repeated; the order is the same at any time.
func TestO1_AnyOrderAnyRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := []order.Event{placing()}
		// Few distinct times, so that ties happen.
		after := func() time.Duration { return time.Duration(rapid.IntRange(0, 4).Draw(t, "hours")) * time.Hour }
		ids := func() []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2"}), 0, 2, rapid.ID[string]).Draw(t, "items")
		}
		for range rapid.IntRange(0, 7).Draw(t, "events") {
			switch rapid.SampledFrom([]order.EventKind{order.Paid, order.Completed, order.Cancelled, order.Refunded, order.Fraud, order.Held}).Draw(t, "kind") {
			case order.Paid:
				events = append(events, event(order.Paid, after()))
			case order.Completed:
				events = append(events, event(order.Completed, after()))
			case order.Cancelled:
				events = append(events, items(order.Cancelled, after(), "", ids()...))
			case order.Fraud:
				events = append(events, items(order.Fraud, after(), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "evidence"), ids()...))
			case order.Held:
				e := items(rapid.SampledFrom([]order.EventKind{order.Held, order.Cleared, order.Deducted, order.Restored}).Draw(t, "step"), after(), "", ids()...)
				e.Case = rapid.SampledFrom([]string{"k1", "k2"}).Draw(t, "case")
				events = append(events, e)
			default:
				events = append(events, refund(after(), rapid.SampledFrom([]string{"1", "2"}).Draw(t, "item"), rapid.SampledFrom([]string{"1.00", "2.50", "12.00"}).Draw(t, "amount")))
			}
		}
		want, err := order.NewHistory(events)
		if err != nil {
			t.Fatal(err)
		}
		arrived := slices.Clone(events)
		for range rapid.IntRange(0, 4).Draw(t, "repeats") {
			arrived = append(arrived, rapid.SampledFrom(events).Draw(t, "again"))
		}
		arrived = rapid.Permutation(arrived).Draw(t, "arrived")
		given := slices.Clone(arrived)
		got, err := order.NewHistory(arrived)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(arrived, given) {
			t.Fatalf("the caller's events were changed")
		}
		for h := -1; h <= 5; h++ {
			at := placed.Add(time.Duration(h) * time.Hour)
			if w, g := view(want, at), view(got, at); w != g {
				t.Fatalf("at %v\n%s\nwant\n%s", at, g, w)
			}
		}
		if !slices.IsSortedFunc(got.Changes(), time.Time.Compare) || len(slices.CompactFunc(slices.Clone(got.Changes()), time.Time.Equal)) != len(got.Changes()) {
			t.Fatalf("changes %v are not rising", got.Changes())
		}
	})
}

// O1, O3: what is true of an order at a time, to the instant.
func TestO1_WhatIsTrueWhen(t *testing.T) {
	h, err := order.NewHistory([]order.Event{
		placing(), event(order.Paid, 2*time.Hour), event(order.Paid, time.Hour), event(order.Completed, 4*time.Hour), event(order.Completed, 3*time.Hour),
		items(order.Cancelled, 6*time.Hour, "", "2"), items(order.Cancelled, 5*time.Hour, "", "2"),
		items(order.Fraud, 8*time.Hour, "later"), items(order.Fraud, 7*time.Hour, "seen", "1"),
		refund(9*time.Hour, "1", "2.50"), refund(10*time.Hour, "1", "1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) time.Time { return placed.Add(d) }
	if !h.PlacedAt.Equal(placed) || !h.PaidAt.Equal(at(time.Hour)) || !h.CompletedAt.Equal(at(3*time.Hour)) {
		t.Errorf("placed %v, paid %v, completed %v: the earliest counts", h.PlacedAt, h.PaidAt, h.CompletedAt)
	}
	const instant = time.Microsecond
	for _, c := range []struct {
		what string
		by   func(time.Time) bool
		from time.Duration
	}{
		{"paid", h.PaidBy, time.Hour},
		{"completed", h.CompletedBy, 3 * time.Hour},
		{"item 2 cancelled", func(x time.Time) bool { return h.CancelledBy(1, x) }, 5 * time.Hour},
		{"item 1 fraud", func(x time.Time) bool { s, ok := h.FraudBy(0, x); return ok && s.Evidence == "seen" }, 7 * time.Hour},
		{"item 2 fraud", func(x time.Time) bool { s, ok := h.FraudBy(1, x); return ok && s.Evidence == "later" }, 8 * time.Hour},
		{"2.50 refunded", func(x time.Time) bool { return h.RefundedBy(0, x) >= 250 }, 9 * time.Hour},
		{"3.50 refunded", func(x time.Time) bool { return h.RefundedBy(0, x) == 350 }, 10 * time.Hour},
	} {
		if c.by(at(c.from - instant)) {
			t.Errorf("%s an instant before it happened", c.what)
		}
		if !c.by(at(c.from)) {
			t.Errorf("%s: not at the instant it happened", c.what)
		}
	}
	if h.CancelledBy(0, at(time.Hour*99)) || h.RefundedBy(1, at(time.Hour*99)) != 0 {
		t.Error("what happened to an item happened to the other one too")
	}
	open, err := order.NewHistory([]order.Event{placing()})
	if err != nil || open.PaidBy(at(1e6*time.Hour)) || open.CompletedBy(at(1e6*time.Hour)) || open.CancelledBy(0, at(1e6*time.Hour)) {
		t.Errorf("what was never reported came true: %v", err)
	}
	if changes := open.Changes(); len(changes) != 1 || !changes[0].Equal(placed) {
		t.Errorf("changes are %v", changes)
	}
}

// O3: an event without items is about all of them.
func TestO3_AllItemsIfNoneIsNamed(t *testing.T) {
	h, err := order.NewHistory([]order.Event{placing(), items(order.Cancelled, time.Hour, ""), items(order.Fraud, 2*time.Hour, "seen")})
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Items {
		_, fraud := h.FraudBy(i, placed.Add(2*time.Hour))
		if !h.CancelledBy(i, placed.Add(time.Hour)) || !fraud {
			t.Errorf("item %d was left out", i)
		}
	}
}

// O3: refunds of the same item add up, one event may refund several items, and a sum that does not fit stays the greatest.
func TestO3_RefundsAddUp(t *testing.T) {
	e := event(order.Refunded, time.Hour)
	e.Refunds = []order.Refund{{Item: "1", Amount: "1.00"}, {Item: "2", Amount: "0.05"}, {Item: "1", Amount: "2"}}
	h, err := order.NewHistory([]order.Event{placing(), e, refund(2*time.Hour, "1", "92233720368547758.07"), refund(3*time.Hour, "1", "0.02")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		item  int
		after time.Duration
		want  int64
	}{{0, time.Hour, 300}, {1, time.Hour, 5}, {0, 2 * time.Hour, math.MaxInt64}, {0, 3 * time.Hour, math.MaxInt64}} {
		if got := h.RefundedBy(c.item, placed.Add(c.after)); got != c.want {
			t.Errorf("item %d after %v: %d refunded, want %d", c.item, c.after, got, c.want)
		}
	}
}

// O1: an order that was not placed yet waits; one whose reports contradict each other is refused, with the reason.
func TestO1_ContradictionsAreRefused(t *testing.T) {
	for _, events := range [][]order.Event{nil, {event(order.Paid, 0)}, {event(order.Paid, 0), items(order.Fraud, 0, "x", "9")}} {
		if _, err := order.NewHistory(events); !errors.Is(err, order.ErrNotPlaced) {
			t.Errorf("%v: %v", events, err)
		}
	}
	otherPlacing := placing()
	otherPlacing.Placed.Items[0].Amount++
	laterPlacing := placing()
	laterPlacing.At = placed.Add(time.Second)
	otherOrder := event(order.Paid, time.Hour)
	otherOrder.Order = "A-2"
	otherProgram := event(order.Paid, time.Hour)
	otherProgram.Program = "portals"
	for _, c := range []struct {
		name   string
		events []order.Event
		want   string
	}{
		{"two contents", []order.Event{placing(), otherPlacing}, "placed twice"},
		{"two times", []order.Event{laterPlacing, placing()}, "placed twice, at 2026-03-10T12:00:00Z and at 2026-03-10T12:00:01Z"},
		{"another order", []order.Event{placing(), otherOrder}, `order "A-2"`},
		{"another program", []order.Event{placing(), otherProgram}, `program "portals"`},
		{"paid before it was placed", []order.Event{placing(), event(order.Paid, -time.Microsecond)}, "before it was placed"},
		{"cancelled unknown item", []order.Event{placing(), items(order.Cancelled, 0, "", "1", "9")}, `item "9"`},
		{"fraud unknown item", []order.Event{placing(), items(order.Fraud, 0, "x", "9")}, `item "9"`},
		{"refund unknown item", []order.Event{placing(), refund(0, "9", "1.00")}, `item "9"`},
		{"refund of too many decimals", []order.Event{placing(), refund(0, "1", "1.001")}, `"1.001"`},
		{"refund of less than nothing", []order.Event{placing(), refund(0, "1", "-1.00")}, "negative"},
		{"refund of no number", []order.Event{placing(), refund(0, "1", "much")}, `"much"`},
	} {
		_, err := order.NewHistory(c.events)
		var conflict *order.ConflictError
		if !errors.As(err, &conflict) || conflict.Key != key || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"A-1"`) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
		// Whatever the order in which they come.
		reversed := slices.Clone(c.events)
		slices.Reverse(reversed)
		if _, err := order.NewHistory(reversed); !errors.As(err, &conflict) {
			t.Errorf("%s, the other way round: %v", c.name, err)
		}
	}
	// At the very instant of the placing is not before it; a refund may be of nothing.
	if _, err := order.NewHistory([]order.Event{event(order.Paid, 0), refund(0, "1", "0.00"), placing()}); err != nil {
		t.Error(err)
	}
	// The order's own currency says how many decimals there are.
	yen := placing()
	yen.Placed.Currency = "JPY"
	if _, err := order.NewHistory([]order.Event{yen, refund(0, "1", "1.0")}); err == nil {
		t.Error("a tenth of a yen was refunded")
	}
}

// mutants are copies of an event, each with one member changed.
func mutants(e order.Event) map[string]order.Event {
	out := make(map[string]order.Event)
	for _, path := range leaves(reflect.TypeFor[order.Event](), "") {
		c := e
		if e.Placed != nil {
			p := *e.Placed
			p.Items = slices.Clone(p.Items)
			c.Placed = &p
		}
		c.Items, c.Refunds = slices.Clone(e.Items), slices.Clone(e.Refunds)
		if change(reflect.ValueOf(&c).Elem(), strings.Split(path, ".")) {
			out[path] = c
		}
	}
	return out
}

// leaves are the paths to all members that hold a value.
func leaves(t reflect.Type, at string) []string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return []string{at}
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice:
		return leaves(t.Elem(), at)
	case t.Kind() == reflect.Struct:
		var all []string
		for i := range t.NumField() {
			all = append(all, leaves(t.Field(i).Type, strings.TrimPrefix(at+"."+t.Field(i).Name, "."))...)
		}
		return all
	}
	return []string{at}
}

// change changes the member at a path; it reports whether the event has one.
func change(v reflect.Value, path []string) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && change(v.Elem(), path)
	case reflect.Slice:
		return v.Len() > 0 && change(v.Index(v.Len()-1), path)
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			return change(v.FieldByName(path[0]), path[1:])
		}
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Microsecond)))
	case reflect.String:
		v.SetString(v.String() + `"`)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint((v.Uint() + 1) % 7)
	case reflect.Int64:
		v.SetInt(v.Int() + 1)
	default:
		panic("a member of kind " + v.Kind().String())
	}
	return true
}

// O1: two reports are the same event only if every member is the same. Each member of the event is changed in turn, so a
// new one cannot be forgotten.
func TestO1_FingerprintHasEveryMember(t *testing.T) {
	cancelled := items(order.Cancelled, time.Hour, "", "1", "2")
	fraud, held := items(order.Fraud, time.Hour, "seen", "1"), items(order.Held, time.Hour, "bots", "1")
	held.Case = "k1"
	covered := make(map[string]bool)
	for _, e := range []order.Event{placing(), cancelled, fraud, held, refund(time.Hour, "1", "1.00")} {
		same := e
		if same.Fingerprint() != e.Fingerprint() || order.Compare(&same, &e) != 0 {
			t.Errorf("%+v is not the same as itself", e)
		}
		for path, m := range mutants(e) {
			covered[path] = true
			if m.Fingerprint() == e.Fingerprint() {
				t.Errorf("%v: the fingerprint does not have %s", e.Kind, path)
			}
			if order.Compare(&m, &e) == 0 || order.Compare(&m, &e) != -order.Compare(&e, &m) {
				t.Errorf("%v with another %s compares %d and %d", e.Kind, path, order.Compare(&m, &e), order.Compare(&e, &m))
			}
		}
	}
	for _, path := range leaves(reflect.TypeFor[order.Event](), "") {
		if !covered[path] {
			t.Errorf("no event of this test has the member %s", path)
		}
	}
	// The items of an event are a set.
	if a, b := items(order.Cancelled, 0, "", "1", "2"), items(order.Cancelled, 0, "", "2", "1"); a.Fingerprint() != b.Fingerprint() || a.Items[0] != "1" {
		t.Error("the order in which items are named makes another event of it")
	}
	// Members do not run into each other.
	a, b := placing(), placing()
	a.Placed.Visitor, a.Placed.Session = "x", "y z"
	b.Placed.Visitor, b.Placed.Session = "x y", "z"
	if a.Fingerprint() == b.Fingerprint() {
		t.Error("two visitors and sessions have one fingerprint")
	}
}

// O1: time comes first, then the kind.
func TestO1_EventsSortByTime(t *testing.T) {
	early, late := event(order.Fraud, 0), event(order.Paid, time.Microsecond)
	paid, done := event(order.Paid, 0), event(order.Completed, 0)
	if order.Compare(&early, &late) >= 0 || order.Compare(&paid, &done) >= 0 || order.Compare(&done, &paid) <= 0 {
		t.Error("events do not sort by time, then kind")
	}
}

func TestO1_EventKinds(t *testing.T) {
	for i, slug := range []string{"placed", "paid", "completed", "cancelled", "refunded", "fraud", "held", "cleared", "deducted", "restored"} {
		k, err := order.ParseEventKind(slug)
		if err != nil || k != order.EventKind(i+1) || k.String() != slug {
			t.Errorf("%q is %v, %v", slug, k, err)
		}
		if k.OfCase() != (i >= 6) { // F5: what only a case may tell
			t.Errorf("%q: only cases tell it is %v", slug, k.OfCase())
		}
	}
	for _, slug := range []string{"", "Paid", "settled"} {
		if k, err := order.ParseEventKind(slug); err == nil || !strings.Contains(err.Error(), "placed, paid, completed, cancelled, refunded, fraud") {
			t.Errorf("%q is %v, %v", slug, k, err)
		}
	}
}

// M4, F5: what stands of what was said about an item: a hold ends with its own case, a deduction with an appeal of its own case,
// and a marketplace's report of fraud with an appeal of any.
func TestM4_WhatStandsOfASuspicion(t *testing.T) {
	of := func(kind order.EventKind, hours int, id string) order.Event {
		e := items(kind, time.Duration(hours)*time.Hour, "why", "1")
		e.Case = id
		return e
	}
	for _, c := range []struct {
		name   string
		events []order.Event
		fraud  string // hours at which it counts as fraudulent, as from-to pairs
		held   string
	}{
		{"held and cleared", []order.Event{of(order.Held, 1, "a"), of(order.Cleared, 3, "a")}, "", "12"},
		{"held and deducted", []order.Event{of(order.Held, 1, "a"), of(order.Deducted, 3, "a")}, "345678", "12"},
		{"deducted and restored", []order.Event{of(order.Held, 1, "a"), of(order.Deducted, 3, "a"), of(order.Restored, 5, "a")}, "34", "12"},
		{"held twice", []order.Event{of(order.Held, 1, "a"), of(order.Cleared, 2, "a"), of(order.Held, 4, "b"), of(order.Cleared, 6, "b")}, "", "145"},
		{"two cases at once", []order.Event{of(order.Held, 1, "a"), of(order.Held, 2, "b"), of(order.Cleared, 3, "a"), of(order.Cleared, 5, "b")}, "", "1234"},
		{"another case's appeal", []order.Event{of(order.Deducted, 2, "a"), of(order.Restored, 4, "b")}, "2345678", ""},
		{"the marketplace's report, and an appeal", []order.Event{of(order.Fraud, 2, ""), of(order.Restored, 4, "a")}, "23", ""},
		{"reported during a hold that is cleared", []order.Event{of(order.Held, 1, "a"), of(order.Fraud, 2, ""), of(order.Cleared, 3, "a")}, "2345678", "12"},
		{"reported again after an appeal", []order.Event{of(order.Fraud, 1, ""), of(order.Restored, 3, "a"), of(order.Fraud, 5, "")}, "125678", ""},
		{"held and cleared at once", []order.Event{of(order.Held, 1, "a"), of(order.Cleared, 1, "a")}, "", ""},
	} {
		h, err := order.NewHistory(append([]order.Event{placing()}, c.events...))
		if err != nil {
			t.Fatal(err)
		}
		var fraud, held string
		for hour := range 9 {
			at := placed.Add(time.Duration(hour) * time.Hour)
			if s, ok := h.FraudBy(0, at); ok {
				fraud += fmt.Sprint(hour)
				if s.Evidence != "why" {
					t.Errorf("%s: evidence %q", c.name, s.Evidence)
				}
			}
			if _, ok := h.HeldBy(0, at); ok {
				held += fmt.Sprint(hour)
			}
			if _, other := h.FraudBy(1, at); other {
				t.Errorf("%s: the other item is fraudulent too", c.name)
			}
		}
		if fraud != c.fraud || held != c.held {
			t.Errorf("%s: fraudulent at %s and held at %s, want %s and %s", c.name, fraud, held, c.fraud, c.held)
		}
	}
}
