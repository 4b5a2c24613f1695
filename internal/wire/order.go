package wire

import (
	"fmt"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
)

// draft is an order event whose amounts are still text, because the currency may stand behind them.
type draft struct {
	event   order.Event
	kind    string
	placed  order.Placement
	amounts []string // of the items
	coupon  string   // amount
	seen    members
	buyer   members
}

// Event reads a line of orders.jsonl.
func (r *Reader) Event(line []byte) (order.Event, error) {
	if err := r.start(line); err != nil {
		return order.Event{}, err
	}
	var d draft
	err := r.s.object(func(key []byte) error { return r.eventMember(&d, key) })
	if err == nil {
		err = r.s.end()
	}
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return order.Event{}, err
	}
	return d.event, nil
}

// Event members, as bits.
const (
	mOrder = iota
	mEvent
	mAt
	mProgram
	mVisitor
	mSession
	mClick
	mCoupon
	mBuyer
	mShipTo
	mCurrency
	mItems
	mEvidence
	mCase
)

// memberNames stand in the order of the bits.
var memberNames = [...]string{"order", "event", "at", "program", "visitor", "session", "click", "coupon", "buyer", "ship_to", "currency", "items", "evidence", "case"}

func (r *Reader) eventMember(d *draft, key []byte) error {
	bit := -1
	for i, n := range memberNames {
		if n == string(key) {
			bit = i
		}
	}
	if bit < 0 {
		return unknown(key)
	}
	name := memberNames[bit]
	if err := d.seen.see(bit, name); err != nil {
		return err
	}
	str := func(dst *string) error {
		b, err := r.s.text()
		if err != nil {
			return at(err, name)
		}
		*dst = string(b)
		return nil
	}
	optional := func(dst *string) error {
		if r.s.null() {
			return nil
		}
		return str(dst)
	}
	p := &d.placed
	switch bit {
	case mOrder:
		return str(&d.event.Order)
	case mEvent:
		return str(&d.kind)
	case mProgram:
		return str((*string)(&d.event.Program))
	case mAt:
		t, err := r.s.instant()
		if err != nil {
			return at(err, name)
		}
		d.event.At = t
		return nil
	case mVisitor:
		return optional(&p.Visitor)
	case mSession:
		return optional(&p.Session)
	case mClick:
		return optional(&p.Click)
	case mCoupon:
		if r.s.null() {
			return nil
		}
		if err := r.coupon(d); err != nil {
			return at(err, name)
		}
		return nil
	case mBuyer:
		if err := r.buyer(d); err != nil {
			return at(err, name)
		}
		return nil
	case mShipTo:
		return str(&p.ShipTo)
	case mCurrency:
		return str((*string)(&p.Currency))
	case mItems:
		return r.items(d)
	}
	if bit == mCase {
		return str(&d.event.Case)
	}
	return optional(&d.event.Evidence)
}

func (r *Reader) coupon(d *draft) error {
	var seen members
	err := r.s.object(func(key []byte) error {
		switch string(key) {
		case "code":
			return r.owned(&seen, 0, "code", &d.placed.CouponCode)
		case "amount":
			return r.owned(&seen, 1, "amount", &d.coupon)
		}
		return unknown(key)
	})
	switch {
	case err != nil:
		return err
	case d.placed.CouponCode == "":
		return missing("code")
	case !seen.has(1):
		return missing("amount")
	}
	return nil
}

func (r *Reader) buyer(d *draft) error {
	err := r.s.object(func(key []byte) error {
		switch string(key) {
		case "id":
			return r.owned(&d.buyer, 0, "id", &d.placed.BuyerID)
		case "new":
			return r.flag(&d.buyer, 1, "new", &d.placed.NewBuyer)
		}
		return unknown(key)
	})
	switch {
	case err != nil:
		return err
	case !d.buyer.has(0):
		return missing("id")
	case !d.buyer.has(1):
		return missing("new")
	}
	return nil
}

// owned reads a string member into a string of its own.
func (r *Reader) owned(seen *members, bit int, name string, dst *string) error {
	if err := seen.see(bit, name); err != nil {
		return err
	}
	b, err := r.s.text()
	if err != nil {
		return at(err, name)
	}
	*dst = string(b)
	return nil
}

func (r *Reader) flag(seen *members, bit int, name string, dst *bool) error {
	if err := seen.see(bit, name); err != nil {
		return err
	}
	b, err := r.s.boolean()
	if err != nil {
		return at(err, name)
	}
	*dst = b
	return nil
}

// items reads the items of any event: ids, refunds or lines. Which it may be is checked when the event is known, because
// the event may stand behind them.
func (r *Reader) items(d *draft) error {
	if r.s.null() {
		return nil
	}
	err := r.s.array(func(int) error {
		if r.s.peek() == '"' {
			b, err := r.s.text()
			if err != nil {
				return err
			}
			d.event.Items = append(d.event.Items, string(b))
			return nil
		}
		return r.item(d)
	})
	if err != nil {
		return at(err, "items")
	}
	return nil
}

func (r *Reader) item(d *draft) error {
	var seen members
	it := order.Item{Quantity: 1, InStock: true}
	amount := ""
	err := r.s.object(func(key []byte) error {
		switch string(key) {
		case "item":
			return r.owned(&seen, 0, "item", &it.ID)
		case "amount":
			return r.owned(&seen, 1, "amount", &amount)
		case "product":
			return r.owned(&seen, 2, "product", &it.Product)
		case "store":
			return r.owned(&seen, 3, "store", &it.Store)
		case "category":
			return r.owned(&seen, 4, "category", &it.Category)
		case "quantity":
			if err := seen.see(5, "quantity"); err != nil {
				return err
			}
			n, err := r.s.count()
			if err != nil {
				return at(err, "quantity")
			}
			it.Quantity = n
			return nil
		case "in_stock":
			return r.flag(&seen, 6, "in_stock", &it.InStock)
		}
		return unknown(key)
	})
	switch {
	case err != nil:
		return err
	case it.ID == "":
		return missing("item")
	case !seen.has(1):
		return missing("amount")
	}
	d.placed.Items = append(d.placed.Items, it)
	d.amounts = append(d.amounts, amount)
	return nil
}

// placedOnly are the members that only `placed` has.
const placedOnly = 1<<mVisitor | 1<<mSession | 1<<mClick | 1<<mCoupon | 1<<mBuyer | 1<<mShipTo | 1<<mCurrency

// check completes the event once all members are read.
func (d *draft) check() error {
	for _, bit := range [...]int{mOrder, mEvent, mAt, mProgram} {
		if !d.seen.has(bit) {
			return missing(memberNames[bit])
		}
	}
	if d.event.Order == "" || d.event.Program == "" {
		return &Error{"order", "is empty, or the program is"}
	}
	kind, err := order.ParseEventKind(d.kind)
	if err != nil {
		return at(err, "event")
	}
	d.event.Kind = kind
	may := members(1<<mOrder | 1<<mEvent | 1<<mAt | 1<<mProgram)
	switch kind {
	case order.Placed:
		may |= placedOnly | 1<<mItems
	case order.Cancelled, order.Refunded:
		may |= 1 << mItems
	case order.Fraud:
		may |= 1<<mItems | 1<<mEvidence
	case order.Held, order.Deducted:
		may |= 1<<mItems | 1<<mEvidence | 1<<mCase
	case order.Cleared, order.Restored:
		may |= 1<<mItems | 1<<mCase
	}
	for bit, name := range memberNames {
		if d.seen.has(bit) && !may.has(bit) {
			return &Error{name, fmt.Sprintf("does not belong to a %q event; remove it", kind)}
		}
	}
	switch kind {
	case order.Placed:
		return d.checkPlaced()
	case order.Refunded:
		return d.checkRefund()
	case order.Cancelled, order.Fraud, order.Held, order.Cleared, order.Deducted, order.Restored:
		if len(d.placed.Items) > 0 {
			return &Error{"items", fmt.Sprintf("of a %q event are item ids, such as [\"1\", \"2\"]", kind)}
		}
		if may.has(mEvidence) && !d.seen.has(mEvidence) {
			return missing("evidence")
		}
		if kind.OfCase() && d.event.Case == "" {
			return missing("case")
		}
	}
	return nil
}

func (d *draft) checkPlaced() error {
	p := &d.placed
	for _, bit := range [...]int{mBuyer, mShipTo, mCurrency, mItems} {
		if !d.seen.has(bit) {
			return missing(memberNames[bit])
		}
	}
	if len(d.event.Items) > 0 || len(p.Items) == 0 {
		return &Error{"items", "of a placed order are lines, one at least"}
	}
	if len(p.ShipTo) != 2 || p.ShipTo[0] < 'A' || p.ShipTo[0] > 'Z' || p.ShipTo[1] < 'A' || p.ShipTo[1] > 'Z' {
		return &Error{"ship_to", fmt.Sprintf("%q is not an ISO 3166-1 alpha-2 country code (two capital letters, such as RO)", p.ShipTo)}
	}
	c, err := money.ParseCurrency(string(p.Currency))
	if err != nil {
		return at(err, "currency")
	}
	if d.seen.has(mCoupon) && d.coupon != "" {
		if p.CouponAmount, err = amountOf(d.coupon, c); err != nil {
			return at(err, "coupon.amount")
		}
	}
	ids := make(map[string]bool, len(p.Items))
	for i := range p.Items {
		it, name := &p.Items[i], fmt.Sprintf("items[%d]", i)
		switch {
		case it.Product == "":
			return missing(name + ".product")
		case it.Store == "":
			return missing(name + ".store")
		case it.Category == "":
			return missing(name + ".category")
		case ids[it.ID]:
			return &Error{name + ".item", fmt.Sprintf("%q stands twice in the order", it.ID)}
		}
		ids[it.ID] = true
		if it.Amount, err = amountOf(d.amounts[i], c); err != nil {
			return at(err, name+".amount")
		}
	}
	d.event.Placed = p
	return nil
}

func (d *draft) checkRefund() error {
	if len(d.event.Items) > 0 || len(d.placed.Items) == 0 {
		return &Error{"items", "of a refund are objects with item and amount, one at least"}
	}
	for i := range d.placed.Items {
		it := &d.placed.Items[i]
		if it.Product != "" || it.Store != "" || it.Category != "" {
			return &Error{fmt.Sprintf("items[%d]", i), "of a refund has the members item and amount only"}
		}
		// The currency is not known here; no currency has more than four decimals.
		if n, err := money.ParseMinor(d.amounts[i], 4); err != nil || n < 0 {
			return &Error{fmt.Sprintf("items[%d].amount", i), fmt.Sprintf("%q is not an amount such as \"12.34\"", d.amounts[i])}
		}
		d.event.Refunds = append(d.event.Refunds, order.Refund{Item: it.ID, Amount: d.amounts[i]})
	}
	return nil
}

// amountOf reads an amount that may not be negative.
func amountOf(s string, c money.Currency) (int64, error) {
	n, err := money.ParseMinor(s, c.Exponent())
	if err != nil {
		return 0, fmt.Errorf("%w in %s", err, c)
	}
	if n < 0 {
		return 0, fmt.Errorf("%q is negative", s)
	}
	return n, nil
}
