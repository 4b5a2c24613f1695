package wire

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Fault is input that is well formed and yet cannot be kept: where it stands, what is wrong, and what to do about it.
type Fault struct {
	Line     int    // counted from 1; 0: the input as a whole
	Member   string // such as "coupons[1]"
	Reason   string
	Fix      string
	Conflict bool // it contradicts something that is kept, or another line; otherwise it is wrong by itself
}

func (f *Fault) Error() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", f.Line)
	}
	if f.Member != "" {
		fmt.Fprintf(&b, "member %q: ", f.Member)
	}
	b.WriteString(f.Reason)
	if f.Fix != "" {
		b.WriteString("; " + f.Fix)
	}
	return b.String()
}

// OnLine is a fault with the line that it stands on; other errors stay as they are.
func OnLine(line int, err error) error {
	var f *Fault
	if !errors.As(err, &f) {
		return err
	}
	on := *f
	on.Line = line
	return &on
}

// What a database keeps beside the limits of its contract.
const (
	// MaxItems is the number of items an order event has at most.
	MaxItems = 1000
	// MaxID is the length of an id in bytes.
	MaxID = store.MaxKey
	// MaxText is the length of free text in bytes, such as evidence.
	MaxText = 4000
	// A cause names program, order and item with escapes, and a reason and a time.
	causeRoom = store.MaxCause - 150
)

// Times of events lie in these years, so that no window, hold or deadline leaves the years that a database keeps.
const firstYear, lastYear = 1970, 8999

// checker keeps the first fault that is found.
type checker struct{ fault *Fault }

func (c *checker) found(member, fix, format string, args ...any) {
	if c.fault == nil {
		c.fault = &Fault{Member: member, Reason: fmt.Sprintf(format, args...), Fix: fix}
	}
}

// err is the fault as an error, nil where there is none.
func (c *checker) err() error {
	if c.fault == nil {
		return nil
	}
	return c.fault
}

func (c *checker) text(member, s string, most int) {
	switch {
	case !utf8.ValidString(s):
		c.found(member, "send UTF-8", "is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		c.found(member, "leave the character out", "holds the character 0, which cannot be kept")
	case len(s) > most:
		c.found(member, "shorten it", "has %d bytes, and %d are the most", len(s), most)
	}
}

func (c *checker) id(member, s string) { c.text(member, s, MaxID) }

// ids checks pairs of member and id.
func (c *checker) ids(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		c.id(pairs[i], pairs[i+1])
	}
}

func (c *checker) list(member string, ids []string) {
	for i, s := range ids {
		c.id(fmt.Sprintf("%s[%d]", member, i), s)
	}
}

func (c *checker) time(member string, t time.Time) {
	if y := t.Year(); !t.IsZero() && (y < firstYear || y > lastYear) {
		c.found(member, "correct the year", "is in the year %d; the years %d to %d are kept", y, firstYear, lastYear)
	}
}

// CheckID says whether an id can be kept; the error is a *Fault.
func CheckID(member, id string) error {
	var c checker
	c.id(member, id)
	return c.err()
}

// CheckText says whether text of a length in bytes can be kept; the error is a *Fault.
func CheckText(member, s string, most int) error {
	var c checker
	c.text(member, s, most)
	return c.err()
}

// CheckEvent says whether an order event can be kept; the error is a *Fault.
func CheckEvent(e *order.Event) error {
	var c checker
	c.ids("order", e.Order, "program", string(e.Program))
	c.time("at", e.At)
	c.text("evidence", e.Evidence, MaxText)
	c.count(len(e.Items) + len(e.Refunds))
	c.list("items", e.Items)
	longest := 0
	item := func(i int, id string) {
		c.id(fmt.Sprintf("items[%d].item", i), id)
		longest = max(longest, escaped(id))
	}
	for i := range e.Refunds {
		item(i, e.Refunds[i].Item)
	}
	if p := e.Placed; p != nil {
		c.ids("visitor", p.Visitor, "session", p.Session, "click", p.Click, "coupon.code", p.CouponCode, "buyer.id", p.BuyerID)
		c.count(len(p.Items))
		for i := range p.Items {
			it, at := &p.Items[i], fmt.Sprintf("items[%d].", i)
			item(i, it.ID)
			c.ids(at+"product", it.Product, at+"store", it.Store, at+"category", it.Category)
		}
	}
	if escaped(string(e.Program))+escaped(e.Order)+longest > causeRoom {
		c.found("order", "use shorter ids, or fewer of the characters / and %", "and the ids of its items are too long together: / and %% count three times")
	}
	return c.err()
}

func (c *checker) count(items int) {
	if items > MaxItems {
		c.found("items", "split the order", "are %d, and %d are the most", items, MaxItems)
	}
}

// escaped is the length of an id in a cause.
func escaped(id string) int { return len(id) + 2*strings.Count(id, "/") + 2*strings.Count(id, "%") }

// CheckClick says whether a touch can be kept; the error is a *Fault.
func CheckClick(k *click.Click) error {
	var c checker
	c.ids("click", k.ID, "program", string(k.Program), "visitor", k.Visitor, "channel", k.Channel, "publisher", k.Publisher, "ad_space", k.AdSpace,
		"tracking_id", k.TrackingID, "session", k.Session, "target.product", k.Target.Product, "target.store", k.Target.Store)
	c.text("sub.af", k.Sub.AF, MaxText)
	c.text("sub.cn", k.Sub.CN, MaxText)
	c.text("sub.cv", k.Sub.CV, MaxText)
	c.text("sub.dp", k.Sub.DP, MaxText)
	c.time("at", k.At)
	return c.err()
}

// CheckAdSpace says whether an ad space can be kept; the error is a *Fault.
func CheckAdSpace(s *publisher.AdSpace) error {
	var c checker
	c.ids("publisher", s.Publisher, "ad_space", s.ID, "program", string(s.Program), "parent", s.Parent)
	c.list("tracking_ids", s.TrackingIDs)
	c.list("coupons", s.Coupons)
	c.time("approved_at", s.ApprovedAt)
	c.time("blocked_at", s.BlockedAt)
	return c.err()
}

// CheckProduct says whether a product can be kept; the error is a *Fault.
func CheckProduct(p *catalog.Product) error {
	var c checker
	c.ids("product", p.ID, "store", p.Store, "category", p.Category)
	for i := range p.Campaigns {
		at := fmt.Sprintf("campaigns[%d].", i)
		c.time(at+"from", p.Campaigns[i].From)
		c.time(at+"to", p.Campaigns[i].To)
	}
	return c.err()
}

// CheckStore says whether a store can be kept; the error is a *Fault.
func CheckStore(s *seller.Store) error {
	var c checker
	c.id("store", s.ID)
	c.text("name", s.Name, MaxText)
	c.list("lists", s.Lists)
	return c.err()
}
