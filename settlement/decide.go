// Package settlement decides orders as a whole and says what the books must hold for them: the fold from an order, its
// touches and the facts to decisions, and from those to transactions.
package settlement

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/attribution"
	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Facts are what decisions look up. A nil result means that the thing is not known.
type Facts interface {
	// Table is the compiled program whose terms were in force at a time.
	Table(p program.ID, at time.Time) *commission.Table
	// Space is a publisher's ad space in a program; an empty adSpace means the publisher's only one.
	Space(p program.ID, publisher, adSpace string) *publisher.AdSpace
	// SpaceByCoupon is the ad space that a coupon code is tied to.
	SpaceByCoupon(p program.ID, code string) *publisher.AdSpace
	Product(id string) *catalog.Product
	Store(id string) *seller.Store
	// Exchange is the rate to convert a currency into another at, of the last day on or before the one asked for. A missing
	// rate is a *money.MissingRateError.
	Exchange(day money.Day, from, to money.Currency) (money.Rate, money.Day, error)
}

// State is how far an action, that is an attributed item, has come.
type State uint8

// The states.
const (
	Unattributed State = iota // nobody won it
	Declined                  // it earns nothing any more
	Tracked                   // the order is not paid
	Pending                   // paid
	Approved                  // completed, and the hold is over
)

var stateNames = [...]string{"unattributed", "declined", "tracked", "pending", "approved"}

// String is the state's name.
func (s State) String() string { return stateNames[s] }

// Decline is why an action was declined.
type Decline uint8

// The reasons for declining.
const (
	NotDeclined Decline = iota
	ByFraud
	ByCancellation
	ByRefund
	ByLateCompletion
	ByLapse // not completed in time
)

var declineNames = [...]string{"", "fraud", "cancelled", "refunded", "completed_late", "not_completed"}

// String is the reason's code.
func (d Decline) String() string { return declineNames[d] }

// Decision is what is decided about an order at a time.
type Decision struct {
	Order       *order.History
	Table       *commission.Table
	At          time.Time // what is known then decides
	Conversion  commission.Conversion
	Attribution attribution.Result
	Items       []Item
}

// Item is what is decided about an item.
type Item struct {
	State   State
	Decline Decline
	Rule    string             // the rate rule; of an unattributed item the reason why nobody won it
	Space   *publisher.AdSpace // the winner's; nil: nobody
	Click   *click.Click       // the winning click; nil: nobody, or a coupon
	Line    commission.Line    // how the amount came about; its Amount is the one before the state is looked at
	Amount  int64              // minor units of the program currency; 0 where declined or unattributed
	Fee     int64              // the network's own fee on it, which the advertiser owes, minor units (M6)
	Check   bool               // the winner's ad space was under traffic check
	// Held says that a fraud hold keeps its money back: it is pending, however far the order has come (M4).
	Held bool
}

// Hidden reports whether an action is left out of statistics (C5).
func (d *Decision) Hidden(item int) bool {
	it := &d.Items[item]
	return it.Space != nil && it.Rule == program.StepNonAffiliate.String() &&
		slices.Contains(d.Table.Terms().Statistics.HiddenNonAffiliate, it.Space.TrafficType)
}

// Publisher is the winner, or "".
func (i *Item) Publisher() string {
	if i.Space == nil {
		return ""
	}
	return i.Space.Publisher
}

// TrackingID is the winning click's tracking ID, or "".
func (i *Item) TrackingID() string {
	if i.Click == nil {
		return ""
	}
	return i.Click.TrackingID
}

// ErrUnknownProgram says that no terms are known for an order's program.
var ErrUnknownProgram = errors.New("unknown program")

// decider decides one order at several times. What cannot change between them is looked up once.
type decider struct {
	facts    Facts
	order    *order.History
	table    *commission.Table
	in       attribution.Input
	facets   []commission.Facts // of each item, without the winner
	couponed []commission.Line  // prices and coupon shares
	result   attribution.Result
	decided  bool // result is of a time when the order's payment was as it is now
	paid     bool // the order was paid then
}

func newDecider(facts Facts, o *order.History, touches []*click.Click) (*decider, error) {
	d := &decider{facts: facts, order: o, table: facts.Table(o.Program, o.PlacedAt)}
	if d.table == nil {
		return nil, fmt.Errorf("order %q: %w %q", o.Order, ErrUnknownProgram, o.Program)
	}
	d.in = attribution.Input{
		Terms: d.table.Terms(), Order: o,
		Touches: make([]attribution.Touch, len(touches)), Stores: make([]string, len(o.Items)),
	}
	for i, c := range touches {
		t := attribution.Touch{Click: c}
		if c.Channel == click.Affiliate {
			t.Space = facts.Space(c.Program, c.Publisher, c.AdSpace)
		}
		if c.Target.Product != "" {
			t.Product = facts.Product(c.Target.Product)
		}
		d.in.Touches[i] = t
	}
	if o.CouponCode != "" {
		d.in.Coupon = facts.SpaceByCoupon(o.Program, o.CouponCode)
	}
	event := d.table.EventAt(o.PlacedAt)
	d.facets = make([]commission.Facts, len(o.Items))
	d.couponed = make([]commission.Line, len(o.Items))
	for i := range o.Items {
		it := &o.Items[i]
		f := commission.Facts{
			Product: facts.Product(it.Product), Category: it.Category, ItemProduct: it.Product, InStock: it.InStock,
			NewBuyer: o.NewBuyer, ShipTo: o.ShipTo, PlacedAt: o.PlacedAt, Event: event,
		}
		d.in.Stores[i] = it.Store
		if f.Product != nil { // the catalogue knows better than the report
			f.Category, d.in.Stores[i] = f.Product.Category, f.Product.Store
		}
		f.Store = facts.Store(d.in.Stores[i])
		d.facets[i] = f
		d.couponed[i].Price = it.Amount
	}
	if err := commission.ShareCoupon(d.couponed, o.CouponAmount); err != nil {
		return nil, fmt.Errorf("order %q: %w", o.Order, err)
	}
	return d, nil
}

// Decide decides an order with what is known at a time. Touches are all touches of the order's visitor and the one that it
// names; others do no harm.
func Decide(facts Facts, o *order.History, touches []*click.Click, at time.Time) (*Decision, error) {
	d, err := newDecider(facts, o, touches)
	if err != nil {
		return nil, err
	}
	return d.decide(at)
}

func (d *decider) decide(at time.Time) (*Decision, error) {
	d.attribute(at)
	o := d.order
	dec := &Decision{Order: o, Table: d.table, At: at, Attribution: d.result, Items: make([]Item, len(o.Items))}
	lines := slices.Clone(d.couponed)
	won := false
	for i := range dec.Items {
		it, l, f := &dec.Items[i], &lines[i], d.facets[i]
		l.Refunded = o.RefundedBy(i, at)
		l.Nothing = o.CancelledBy(i, at) || !o.Items[i].InStock
		a := &d.result.Items[i]
		switch {
		case d.result.Coupon != nil:
			it.Space = d.result.Coupon
		case a.Winner >= 0:
			c := &d.result.Candidates[a.Winner]
			it.Space, it.Click = c.Space, c.Click
			f.LinkKind, f.LinkProduct = c.Click.Target.Kind, c.Click.Target.Product
		default:
			it.Rule = a.Reason.String()
			continue
		}
		it.Check = it.Space.InTrafficCheck(o.PlacedAt, d.table.Terms().Settlement.TrafficCheck)
		f.TrafficType, f.TrafficCheck = it.Space.TrafficType, it.Check
		l.Won, won = true, true
		l.Rated = d.table.Rate(&f)
		it.Rule = l.Rated.Rule
	}
	if won {
		if err := d.convert(dec); err != nil {
			return nil, err
		}
	}
	if err := d.table.Amounts(lines, dec.Conversion); err != nil {
		return nil, fmt.Errorf("order %q: %w", o.Order, err)
	}
	for i := range dec.Items {
		it := &dec.Items[i]
		it.Line = lines[i]
		if it.Space == nil {
			continue
		}
		it.State, it.Decline, it.Held = d.state(i, &it.Line, at)
		if it.State != Declined {
			it.Amount = it.Line.Amount
		}
		if it.State == Approved {
			var err error
			if it.Fee, err = d.fee(it.Amount); err != nil {
				return nil, err
			}
		}
	}
	return dec, nil
}

// attribute decides who wins, unless that was decided already and cannot have changed since: only the window of an unpaid
// order depends on the time.
func (d *decider) attribute(at time.Time) {
	paid := d.order.PaidBy(at)
	byPayment := d.table.Terms().Attribution.Window.ToPayment
	if d.decided && (!byPayment || (paid && d.paid)) {
		return
	}
	d.in.At = at
	d.result, d.decided, d.paid = attribution.Decide(&d.in), true, paid
}

// convert finds the exchange rate of the payment's day, or of the placing's while the order is unpaid (replay step 8).
func (d *decider) convert(dec *Decision) error {
	o, to := d.order, d.table.Terms().Currency
	day := o.PlacedAt
	if o.PaidBy(dec.At) {
		day = o.PaidAt
	}
	rate, of, err := d.facts.Exchange(money.Day(day.UTC().Format(time.DateOnly)), o.Currency, to)
	if err != nil {
		return fmt.Errorf("order %q: %w", o.Order, err)
	}
	dec.Conversion = commission.Conversion{Rate: rate, Day: of, FromExp: o.Currency.Exponent(), ToExp: to.Exponent()}
	return nil
}

// state is how far an attributed item has come (replay step 10), and whether a fraud hold keeps it back. A hold keeps back what is
// paid: it is not approved before the hold is over. What is not paid is nobody's money yet.
func (d *decider) state(i int, l *commission.Line, at time.Time) (_ State, _ Decline, held bool) {
	s, why := d.timely(i, l, at)
	if s == Pending || s == Approved {
		if _, held = d.order.HeldBy(i, at); held {
			s = Pending
		}
	}
	return s, why, held
}

// timely is how far an attributed item has come by its timeline.
func (d *decider) timely(i int, l *commission.Line, at time.Time) (State, Decline) {
	o, s := d.order, &d.table.Terms().Settlement
	if _, fraud := o.FraudBy(i, at); fraud {
		return Declined, ByFraud
	}
	if o.CancelledBy(i, at) {
		return Declined, ByCancellation
	}
	if l.FullyRefunded() {
		return Declined, ByRefund
	}
	if s.CompletionLimit > 0 {
		limit := o.PlacedAt.Add(s.CompletionLimit)
		if o.CompletedBy(at) && o.CompletedAt.After(limit) {
			return Declined, ByLateCompletion
		}
		if !o.CompletedBy(at) && at.After(limit) {
			return Declined, ByLapse
		}
	}
	switch {
	case !o.PaidBy(at):
		return Tracked, NotDeclined
	case o.CompletedBy(at) && !o.CompletedAt.Add(s.Hold).After(at):
		return Approved, NotDeclined
	}
	return Pending, NotDeclined
}

// fee is the network's own fee on an approved commission.
func (d *decider) fee(amount int64) (int64, error) {
	terms := d.table.Terms()
	if terms.Settlement.NetworkFee.IsZero() {
		return 0, nil
	}
	e := terms.Currency.Exponent()
	fee, err := money.Percent(amount, terms.Settlement.NetworkFee, money.One(), e, e)
	if err != nil {
		return 0, fmt.Errorf("order %q: network fee: %w", d.order.Order, err)
	}
	return fee, nil
}
