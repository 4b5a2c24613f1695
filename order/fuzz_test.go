package order_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickledger/clickledger/order"
)

// tell makes events of bytes: a few of each kind, on few times, items and amounts, so that they meet.
func tell(data []byte) []order.Event {
	var events []order.Event
	for len(data) >= 4 && len(events) < 40 {
		kind, hour, what, amount := data[0], data[1], data[2], data[3]
		data = data[4:]
		e := order.Event{Key: key, Kind: order.EventKind(1 + kind%10), At: placed.Add(time.Duration(hour%8) * time.Hour)}
		if kind&0x80 != 0 {
			e.Order = "A-2"
		}
		ids := []string{"1", "2", "9"}
		switch e.Kind {
		case order.Placed:
			e.Placed = placement()
			e.Placed.Items[0].Amount = int64(what % 2)
			if amount%2 == 1 {
				e.Placed.Currency = "JPY"
			}
		case order.Cancelled, order.Fraud, order.Held, order.Cleared, order.Deducted, order.Restored:
			if e.Kind.OfCase() {
				e.Case = []string{"k1", "k2"}[amount%2]
			}
			for i, id := range ids {
				if what&(1<<i) != 0 {
					e.Items = append(e.Items, id)
				}
			}
		case order.Refunded:
			for i, id := range ids {
				if what&(1<<i) != 0 {
					e.Refunds = append(e.Refunds, order.Refund{Item: id, Amount: []string{"1", "1.00", "2.5", "-1", "x", "92233720368547758.07"}[amount%6]})
				}
			}
		}
		events = append(events, e)
	}
	return events
}

// O1: whatever is reported, in any order and repeated: no panic, the same order or the same refusal.
func FuzzNewHistory(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 4, 3, 1, 1}, uint64(1))
	f.Add([]byte{0, 1, 0, 0, 1, 0, 0, 0}, uint64(7))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 1, 0}, uint64(3))
	f.Add([]byte{0, 0, 0, 0, 4, 1, 1, 5, 4, 2, 1, 5, 5, 2, 7, 0}, uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, shuffle uint64) {
		events := tell(data)
		h, err := order.NewHistory(events)
		var conflict *order.ConflictError
		switch {
		case err != nil && !errors.Is(err, order.ErrNotPlaced) && !errors.As(err, &conflict):
			t.Fatalf("%v is an error of no known kind", err)
		case conflict != nil && conflict.Reason == "":
			t.Fatal("refused without a reason")
		}
		again := slices.Clone(events)
		seed := binary.LittleEndian.AppendUint64(nil, shuffle)
		for i := range again { // rotate, swap and repeat as the seed says
			j := int(seed[i%8]) % len(again)
			again[i], again[j] = again[j], again[i]
		}
		if len(again) > 0 {
			again = append(again, again[int(seed[0])%len(again)])
		}
		g, err2 := order.NewHistory(again)
		if (err == nil) != (err2 == nil) {
			// Events of two orders are told apart by the first one, so either may be the stranger; both are refused.
			t.Fatalf("%v, and shuffled %v", err, err2)
		}
		if err != nil {
			return
		}
		for hour := -1; hour < 9; hour++ {
			at := placed.Add(time.Duration(hour) * time.Hour)
			if w, got := view(h, at), view(g, at); w != got {
				t.Fatalf("at %v\n%s\nshuffled\n%s", at, w, got)
			}
			for i := range h.Items {
				if h.RefundedBy(i, at) < 0 {
					t.Fatalf("%d refunded", h.RefundedBy(i, at))
				}
			}
		}
	})
}
