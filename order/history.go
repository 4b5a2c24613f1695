package order

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/money"
)

// ErrNotPlaced says that events are known of an order whose placing is not.
var ErrNotPlaced = errors.New("the order was not placed yet")

// ConflictError says that two reports of one order contradict each other.
type ConflictError struct {
	Key    Key
	Reason string
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("order %q of program %q: %s", e.Key.Order, e.Key.Program, e.Reason)
}

// History is all that is known of one order: its placing and, of each item, what happened when.
type History struct {
	Key
	*Placement
	PlacedAt    time.Time
	PaidAt      time.Time // the earliest; zero: not paid
	CompletedAt time.Time // the earliest; zero: not completed
	items       []itemHistory
	changes     []time.Time // when anything of the above happened, rising, each time once
}

type itemHistory struct {
	cancelledAt time.Time
	suspicions  []Suspicion // rising
	refunds     []refundAt
}

// Suspicion is what was said about an item being fraudulent, or not: by the marketplace, or by a trust case (M4, F5).
type Suspicion struct {
	Kind     EventKind // Fraud, Held, Cleared, Deducted or Restored
	At       time.Time
	Case     string // "" where the marketplace said it
	Evidence string
}

type refundAt struct {
	at     time.Time
	amount int64
}

// NewHistory puts the events of one order together. They may stand in any order and may be repeated (O1). It returns
// ErrNotPlaced where the placing is missing, and a *ConflictError where events name items that the order does not have,
// or contradict each other.
func NewHistory(events []Event) (*History, error) {
	if len(events) == 0 {
		return nil, ErrNotPlaced
	}
	sorted := events
	if !slices.IsSortedFunc(events, byTime) || hasTies(events) {
		sorted = slices.Clone(events)
		slices.SortFunc(sorted, func(a, b Event) int { return Compare(&a, &b) })
		sorted = slices.CompactFunc(sorted, func(a, b Event) bool { return Compare(&a, &b) == 0 })
	}
	h := &History{Key: events[0].Key}
	for i := range sorted {
		if e := &sorted[i]; e.Kind == Placed {
			if h.Placement != nil {
				return nil, h.conflict("placed twice, at %s and at %s, with different contents", stamp(h.PlacedAt), stamp(e.At))
			}
			h.Placement, h.PlacedAt = e.Placed, e.At
		}
	}
	if h.Placement == nil {
		return nil, ErrNotPlaced
	}
	h.items = make([]itemHistory, len(h.Placement.Items))
	for i := range sorted {
		if err := h.apply(&sorted[i]); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func byTime(a, b Event) int { return a.At.Compare(b.At) }

// hasTies reports whether two neighbours have the same time: then the full comparison must order them.
func hasTies(events []Event) bool {
	for i := 1; i < len(events); i++ {
		if events[i].At.Equal(events[i-1].At) {
			return true
		}
	}
	return false
}

func (h *History) apply(e *Event) error {
	if e.Key != h.Key {
		return h.conflict("an event of order %q of program %q was put to it", e.Order, e.Program)
	}
	if e.At.Before(h.PlacedAt) {
		return h.conflict("%s at %s, before it was placed at %s", e.Kind, stamp(e.At), stamp(h.PlacedAt))
	}
	if n := len(h.changes); n == 0 || !h.changes[n-1].Equal(e.At) {
		h.changes = append(h.changes, e.At)
	}
	switch e.Kind {
	case Paid:
		if h.PaidAt.IsZero() {
			h.PaidAt = e.At
		}
	case Completed:
		if h.CompletedAt.IsZero() {
			h.CompletedAt = e.At
		}
	case Cancelled:
		return h.eachItem(e, func(it *itemHistory) {
			if it.cancelledAt.IsZero() {
				it.cancelledAt = e.At
			}
		})
	case Fraud, Held, Cleared, Deducted, Restored:
		return h.eachItem(e, func(it *itemHistory) {
			it.suspicions = append(it.suspicions, Suspicion{e.Kind, e.At, e.Case, e.Evidence})
		})
	case Refunded:
		for _, r := range e.Refunds {
			i := h.index(r.Item)
			if i < 0 {
				return h.unknown(e, r.Item)
			}
			minor, err := money.ParseMinor(r.Amount, h.Currency.Exponent())
			if err != nil {
				return h.conflict("%s at %s, item %q: %v", e.Kind, stamp(e.At), r.Item, err)
			}
			if minor < 0 {
				return h.conflict("%s at %s, item %q: the amount %q is negative", e.Kind, stamp(e.At), r.Item, r.Amount)
			}
			h.items[i].refunds = append(h.items[i].refunds, refundAt{e.At, minor})
		}
	}
	return nil
}

func (h *History) eachItem(e *Event, do func(*itemHistory)) error {
	if len(e.Items) == 0 {
		for i := range h.items {
			do(&h.items[i])
		}
		return nil
	}
	for _, id := range e.Items {
		i := h.index(id)
		if i < 0 {
			return h.unknown(e, id)
		}
		do(&h.items[i])
	}
	return nil
}

func (h *History) index(item string) int {
	for i := range h.Placement.Items {
		if h.Placement.Items[i].ID == item {
			return i
		}
	}
	return -1
}

func (h *History) unknown(e *Event, item string) error {
	return h.conflict("%s at %s names item %q, which the order does not have", e.Kind, stamp(e.At), item)
}

func (h *History) conflict(format string, args ...any) error {
	return &ConflictError{h.Key, fmt.Sprintf(format, args...)}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Changes are the times at which something happened to the order, rising.
func (h *History) Changes() []time.Time { return h.changes }

// PaidBy reports whether the order was paid at a time.
func (h *History) PaidBy(t time.Time) bool { return by(h.PaidAt, t) }

// CompletedBy reports whether the order was completed at a time.
func (h *History) CompletedBy(t time.Time) bool { return by(h.CompletedAt, t) }

// CancelledBy reports whether an item was cancelled at a time.
func (h *History) CancelledBy(item int, t time.Time) bool { return by(h.items[item].cancelledAt, t) }

// FraudBy reports whether an item counted as fraudulent at a time: the marketplace said so, or a case deducted it, and no appeal
// undid that since. It returns the earliest of what stands.
func (h *History) FraudBy(item int, t time.Time) (Suspicion, bool) {
	return h.standing(item, t, func(s *Suspicion) bool { return s.Kind == Fraud || s.Kind == Deducted }, func(s, later *Suspicion) bool {
		// An appeal undoes what its own case took, and what the marketplace said without a case.
		return later.Kind == Restored && (s.Case == later.Case || s.Kind == Fraud)
	})
}

// HeldBy reports whether a case kept an item back at a time. It returns the earliest hold that stands.
func (h *History) HeldBy(item int, t time.Time) (Suspicion, bool) {
	return h.standing(item, t, func(s *Suspicion) bool { return s.Kind == Held }, func(s, later *Suspicion) bool {
		return later.Kind.OfCase() && later.Kind != Held && later.Case == s.Case
	})
}

// RestoredBy returns the last appeal that gave an item back, of those at or before a time.
func (h *History) RestoredBy(item int, t time.Time) (Suspicion, bool) {
	for i := len(h.items[item].suspicions) - 1; i >= 0; i-- {
		if s := h.items[item].suspicions[i]; s.Kind == Restored && !s.At.After(t) {
			return s, true
		}
	}
	return Suspicion{}, false
}

// GivenBack is when a case last gave an item back, cleared or on appeal, at or before a time; zero: none ever did.
func (h *History) GivenBack(item int, t time.Time) (last time.Time) {
	for _, s := range h.items[item].suspicions {
		if (s.Kind == Cleared || s.Kind == Restored) && !s.At.After(t) {
			last = s.At
		}
	}
	return last
}

// standing is the earliest suspicion of a kind that nothing later ended.
func (h *History) standing(item int, t time.Time, begins func(*Suspicion) bool, ends func(s, later *Suspicion) bool) (Suspicion, bool) {
	all := h.items[item].suspicions
	for i := range all {
		if all[i].At.After(t) || !begins(&all[i]) {
			continue
		}
		over := slices.ContainsFunc(all[i+1:], func(later Suspicion) bool { return !later.At.After(t) && ends(&all[i], &later) })
		if !over {
			return all[i], true
		}
	}
	return Suspicion{}, false
}

// RefundedBy is what was refunded of an item at a time, in minor units of the order's currency.
func (h *History) RefundedBy(item int, t time.Time) int64 {
	var sum int64
	for _, r := range h.items[item].refunds {
		if !r.at.After(t) {
			// A sum past the largest amount is as good as the largest: a base is never below zero.
			if sum += r.amount; sum < 0 {
				return 1<<63 - 1
			}
		}
	}
	return sum
}

func by(at, t time.Time) bool { return !at.IsZero() && !at.After(t) }
