// Package order holds the orders that the marketplace reports: their events, and what is true of an order at a time (O1-O4).
package order

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Key names an order: two programs may use the same order number.
type Key struct {
	Program program.ID
	Order   string
}

// EventKind is what happened to an order.
type EventKind uint8

// The events.
const (
	Placed    EventKind = iota + 1
	Paid                // the buyer paid
	Completed           // the buyer confirmed receipt
	Cancelled           // some items, or all
	Refunded            // amounts of items
	Fraud               // some items, or all: the antispam deduction (M4)
	// What a trust case does to items is a fact of the order as well (M4, F5). Only cases tell it, no marketplace.
	Held     // some items, or all: a fraud hold keeps their money back
	Cleared  // the hold is over, and nothing was found
	Deducted // the case took the commission: an antispam deduction
	Restored // an appeal undid the deduction
)

var eventSlugs = [...]string{"", "placed", "paid", "completed", "cancelled", "refunded", "fraud", "held", "cleared", "deducted", "restored"}

// OfCase reports whether a kind of event is told by trust cases alone.
func (k EventKind) OfCase() bool { return k >= Held && k <= Restored }

// String is the event's slug.
func (k EventKind) String() string { return eventSlugs[k] }

// ParseEventKind returns the event kind of a slug.
func ParseEventKind(slug string) (EventKind, error) {
	for i, s := range eventSlugs[1:] {
		if s == slug {
			return EventKind(i + 1), nil
		}
	}
	return 0, fmt.Errorf("%q is not an order event; it is one of %s", slug, strings.Join(eventSlugs[1:Held], ", "))
}

// Event is one report about an order. Which of the last members it has depends on Kind.
type Event struct {
	Key
	Kind EventKind
	At   time.Time // UTC, microseconds

	Placed   *Placement // placed
	Items    []string   // cancelled, fraud, and those of cases: item ids; none: all items
	Refunds  []Refund   // refunded
	Evidence string     // fraud, deducted; held: what kind of thing is looked into
	Case     string     // the case's id: held, cleared, deducted, restored
}

// Placement is what an order was when it was placed.
type Placement struct {
	Visitor, Session string
	Click            string // the id of the click that the order's click token names, or ""
	CouponCode       string
	CouponAmount     int64 // minor units of Currency that the coupon took off the whole order
	BuyerID          string
	NewBuyer         bool
	ShipTo           string // ISO 3166-1 alpha-2
	Currency         money.Currency
	Items            []Item
}

// Item is a line of an order.
type Item struct {
	ID       string
	Product  string
	Store    string
	Category string
	Quantity int64
	Amount   int64 // minor units: the line's price in all, before the order's coupon
	InStock  bool
}

// Refund gives back a part of an item's amount, or all of it. The amount stays text until the order's currency is known: a
// refund may be reported before the placing that names it.
type Refund struct {
	Item   string
	Amount string // a decimal in the order's currency, such as "12.34"
}

// Compare orders the events of one order by time, then by kind, then by content: an order of its own, so that the order
// of arrival does not matter (O1).
func Compare(a, b *Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Fingerprint(), b.Fingerprint()))
}

// Fingerprint is the event's content as text: two events with the same fingerprint are the same event, reported twice.
func (e *Event) Fingerprint() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %v %d", e.Program, e.Order, e.Kind, e.At.UnixMicro())
	if p := e.Placed; p != nil {
		fmt.Fprintf(&b, " %q %q %q %q %d %q %t %q %s", p.Visitor, p.Session, p.Click, p.CouponCode, p.CouponAmount, p.BuyerID, p.NewBuyer, p.ShipTo, p.Currency)
		for _, i := range p.Items {
			fmt.Fprintf(&b, " (%q %q %q %q %d %d %t)", i.ID, i.Product, i.Store, i.Category, i.Quantity, i.Amount, i.InStock)
		}
	}
	items := slices.Clone(e.Items)
	slices.Sort(items)
	fmt.Fprintf(&b, " %q %q", items, e.Evidence)
	for _, r := range e.Refunds {
		fmt.Fprintf(&b, " (%q %q)", r.Item, r.Amount)
	}
	if e.Case != "" { // events that were kept before there were cases keep their fingerprints
		fmt.Fprintf(&b, " %q", e.Case)
	}
	return b.String()
}
