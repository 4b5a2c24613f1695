// Package attribution decides who wins each item of an order (T1-T7). It is a pure function of the order, the touches of
// its visitor and the program's terms.
package attribution

import (
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Fate is how far a touch came. The greater, the further.
type Fate uint8

// The fates, from least far to furthest. Those up to OtherChannel are also the reasons why nobody wins an item.
const (
	NoClick      Fate = iota // there was no touch at all
	InvalidClick             // its verdict is not valid (T6)
	NotJoined                // its ad space had not joined the program, or was blocked (A4)
	OutOfWindow              // too old (L4, T2, T3)
	Restricted               // its traffic type may not win this item (T4)
	OtherChannel             // a later paid touch of another channel displaces it (T1)
	Outranked                // another click wins by rank or by time (T5, T1)
	Won
	// Fates that are no step on the way: such a touch says nothing about why nobody won.
	AfterOrder // stamped after the order, while another touch was before it
	Unpaid     // an unpaid channel
	Displacer  // a paid touch of another channel that is in the window
	Aged       // a paid touch of another channel that is not
)

var fateCodes = [...]string{"no_click", "invalid_click", "not_joined", "window", "restricted", "other_channel", "outranked", "won",
	"after_order", "unpaid_channel", "other_channel_paid", "other_channel_old"}

// String is the fate's code, which is also the rule of an unattributed item.
func (f Fate) String() string { return fateCodes[f] }

// Touch is a click, or a visit through another channel, with the facts that decide about it.
type Touch struct {
	Click *click.Click
	Space *publisher.AdSpace // whose click it is; nil for other channels and unknown ad spaces
	// Product is the catalogue's product that the click led to; nil where it led to none or to an unknown one.
	Product *catalog.Product
}

// Input is what a decision is made from.
type Input struct {
	Terms   *program.Terms
	Order   *order.History
	Touches []Touch            // those of the order's visitor and the click it names, in any order
	Coupon  *publisher.AdSpace // the ad space that the order's coupon code is tied to, or nil
	// Stores are the stores of the items, as the catalogue has them or else as the order says.
	Stores []string
	At     time.Time // what is known then decides; an unpaid order's window is held against it
}

// Candidate is a touch that was considered, and how far it came before the items were looked at.
type Candidate struct {
	Touch
	Fate     Fate      // Won stands for: passed on to the items
	Anchor   time.Time // from when the window is measured; zero where it was not reached
	Deadline time.Time // until when the click counts; zero: no deadline, or not reached
}

// Result is a decision.
type Result struct {
	Candidates []Candidate // by time, then id
	Coupon     *publisher.AdSpace
	Items      []Item
	// Until is the next time at which this decision could change without any news, or zero: the earliest deadline that an
	// unpaid order's clicks have still ahead.
	Until time.Time
}

// Item is the decision about one item.
type Item struct {
	Winner int  // index into Candidates; -1: nobody, or the coupon
	Reason Fate // Won, or why nobody did
	Rank   int  // the winner's
	Fates  []Fate
}

// Decide decides about all items of an order.
func Decide(in *Input) Result {
	r := Result{Candidates: candidates(in)}
	judge(in, r.Candidates)
	window(in, &r)
	if s := in.Coupon; s != nil && in.Terms.Attribution.CouponWins && s.JoinedAt(in.Order.PlacedAt) {
		r.Coupon = s
	}
	r.Items = make([]Item, len(in.Order.Items))
	fates := make([]Fate, len(r.Items)*len(r.Candidates))
	for i := range r.Items {
		r.Items[i].Fates, fates = fates[:len(r.Candidates):len(r.Candidates)], fates[len(r.Candidates):]
		decideItem(in, &r, i)
	}
	return r
}

// candidates are the touches of the order's program that belong to its visitor or that it names, each once, by time.
func candidates(in *Input) []Candidate {
	o := in.Order
	cs := make([]Candidate, 0, len(in.Touches))
	for _, t := range in.Touches {
		c := t.Click
		if c.Program != o.Program {
			continue
		}
		if (c.Visitor == "" || c.Visitor != o.Visitor) && (o.Placement.Click == "" || c.ID != o.Placement.Click) {
			continue
		}
		if c.At.After(o.PlacedAt.Add(in.Terms.Attribution.ClockSkew)) {
			continue
		}
		cs = append(cs, Candidate{Touch: t})
	}
	slices.SortFunc(cs, func(a, b Candidate) int { return click.Compare(a.Click, b.Click) })
	return slices.CompactFunc(cs, func(a, b Candidate) bool { return a.Click.ID == b.Click.ID })
}

// judge passes or fails each candidate by its own merits (replay step 1).
func judge(in *Input, cs []Candidate) {
	placed := in.Order.PlacedAt
	passedInTime := false
	for i := range cs {
		c := &cs[i]
		c.Fate = passes(in.Terms, &c.Touch)
		if (c.Fate == Won || c.Fate == Displacer) && !c.Click.At.After(placed) {
			passedInTime = true
		}
	}
	if !passedInTime {
		return
	}
	for i := range cs {
		if cs[i].Click.At.After(placed) {
			cs[i].Fate = AfterOrder
		}
	}
}

func passes(terms *program.Terms, t *Touch) Fate {
	affiliate := t.Click.Channel == click.Affiliate
	switch {
	case !affiliate && !terms.Attribution.Channels[t.Click.Channel]:
		return Unpaid
	case !affiliate && t.Click.Verdict != click.Valid:
		return Aged
	case !affiliate:
		return Displacer
	case t.Click.Verdict != click.Valid:
		return InvalidClick
	case t.Space == nil || !t.Space.JoinedAt(t.Click.At):
		return NotJoined
	}
	return Won
}

// window fails the candidates whose window is over (replay step 2).
func window(in *Input, r *Result) {
	w, o := in.Terms.Attribution.Window, in.Order
	until, open := o.PlacedAt, false
	if w.ToPayment {
		until, open = in.At, true
		if o.PaidBy(in.At) {
			until, open = o.PaidAt, false
		}
	}
	var run *Candidate // the click that began the current run
	for i := range r.Candidates {
		c := &r.Candidates[i]
		switch c.Fate {
		case Displacer:
			run = nil
			if w.Session {
				if o.Session == "" || c.Click.Session != o.Session {
					c.Fate = Aged
				}
			} else if c.Click.At.Before(o.PlacedAt.Add(-w.Length)) {
				c.Fate = Aged
			}
		case Won:
			if w.Session {
				c.Anchor = c.Click.At
				if !sameSession(o, c.Click) {
					c.Fate = OutOfWindow
				}
				continue
			}
			if !w.FromFirst || run == nil || run.Click.Publisher != c.Click.Publisher || c.Click.At.After(run.Anchor.Add(w.Length)) {
				run, c.Anchor = c, c.Click.At
			} else {
				c.Anchor = run.Anchor
			}
			c.Deadline = c.Anchor.Add(w.Length)
			if until.After(c.Deadline) {
				c.Fate = OutOfWindow
			} else if open && (r.Until.IsZero() || c.Deadline.Before(r.Until)) {
				r.Until = c.Deadline
			}
		}
	}
}

// sameSession reports whether a click and an order belong to one session. Who redirects a click knows nothing of the shop's sessions, so a
// click without one belongs to the order that names it: the shop keeps the token of such a program no longer than the session (L4).
func sameSession(o *order.History, c *click.Click) bool {
	if c.Session == "" {
		return o.Placement.Click != "" && o.Placement.Click == c.ID
	}
	return c.Session == o.Session
}

// decideItem finds the winner of one item (replay steps 3 to 5).
func decideItem(in *Input, r *Result, item int) {
	it := &r.Items[item]
	it.Winner, it.Reason = -1, NoClick
	if r.Coupon != nil {
		it.Reason = Won
		for i := range r.Candidates {
			it.Fates[i] = r.Candidates[i].Fate
			if it.Fates[i] == Won {
				it.Fates[i] = Outranked
			}
		}
		return
	}
	for i := range r.Candidates {
		c := &r.Candidates[i]
		f := c.Fate
		if f == Won && restricted(in, c, item) {
			f = Restricted
		}
		it.Fates[i] = f
		if f <= Won {
			it.Reason = max(it.Reason, f)
		}
		if f != Won {
			continue
		}
		rank := rankOf(in, c, item)
		// Candidates stand by time, so of equal ranks the later one takes over.
		if it.Winner < 0 || rank >= it.Rank {
			if it.Winner >= 0 {
				it.Fates[it.Winner] = Outranked
			}
			it.Winner, it.Rank = i, rank
		} else {
			it.Fates[i] = Outranked
		}
	}
	if it.Winner < 0 {
		return
	}
	for i := it.Winner + 1; i < len(r.Candidates); i++ {
		if it.Fates[i] == Displacer {
			it.Fates[it.Winner] = OtherChannel
			it.Winner, it.Rank, it.Reason = -1, 0, OtherChannel
			return
		}
	}
}

// restricted reports whether a restriction of the click's traffic type keeps it from winning an item (T4).
func restricted(in *Input, c *Candidate, item int) bool {
	for _, r := range in.Terms.Attribution.Restriction {
		if r.SameStore && slices.Contains(r.TrafficTypes, c.Space.TrafficType) && !sameStore(in, c, item) {
			return true
		}
	}
	return false
}

// sameStore reports whether the click led to the page of a product of the item's store.
func sameStore(in *Input, c *Candidate, item int) bool {
	target := &c.Click.Target
	if target.Kind != program.LinkProduct && target.Kind != program.LinkHot {
		return false
	}
	switch {
	case c.Product != nil:
		return c.Product.Store == in.Stores[item]
	case target.Product != "" && target.Product == in.Order.Items[item].Product:
		return true // a product that the catalogue does not have is of the item's own store
	}
	return target.Store != "" && target.Store == in.Stores[item]
}

// rankOf is the rank of the first precedence entry that fits the click (T5).
func rankOf(in *Input, c *Candidate, item int) int {
	for i := range in.Terms.Attribution.Precedence {
		p := &in.Terms.Attribution.Precedence[i]
		if len(p.Kinds) > 0 && !slices.Contains(p.Kinds, c.Click.Target.Kind) {
			continue
		}
		if p.SameProduct && (c.Click.Target.Product == "" || c.Click.Target.Product != in.Order.Items[item].Product) {
			continue
		}
		if slices.Contains(p.NotFor, c.Space.TrafficType) {
			continue
		}
		return p.Rank
	}
	return 0
}
