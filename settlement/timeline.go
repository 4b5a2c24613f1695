package settlement

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
)

// Timeline is all that the books must hold for an order: the transactions by the time at which they took effect, and the
// decision that they end in. It depends on what happened and when, not on when the news of it came in.
type Timeline struct {
	Final        *Decision
	Transactions []ledger.Transaction
	// Settled is when each item was approved or declined last; zero: it is open.
	Settled []time.Time
	// Next is when the timeline will go on without news: a hold, a limit or a window ends then. Zero: it will not.
	Next time.Time
}

// Unroll walks an order's history from its placing to a time and collects what must be booked on the way. An order that
// was placed later is order.ErrNotPlaced.
func Unroll(facts Facts, o *order.History, touches []*click.Click, asOf time.Time) (*Timeline, error) {
	if o.PlacedAt.After(asOf) {
		return nil, order.ErrNotPlaced
	}
	d, err := newDecider(facts, o, touches)
	if err != nil {
		return nil, err
	}
	tl := &Timeline{Settled: make([]time.Time, len(o.Items))}
	was := make([]position, len(o.Items))
	moments := d.moments()
	last := len(moments)
	for i, at := range moments {
		if at.After(asOf) {
			tl.Next, last = at, i
			break
		}
	}
	for i, at := range moments[:last] {
		dec, err := d.decide(at)
		var missing *money.MissingRateError
		if errors.As(err, &missing) && i < last-1 {
			continue // not known yet, and not needed for what the books must hold in the end
		}
		if err != nil {
			return nil, err
		}
		for n := range dec.Items {
			is := positionOf(&dec.Items[n])
			tl.Transactions = append(tl.Transactions, transactions(dec, n, was[n], is)...)
			switch s := dec.Items[n].State; {
			case s != Approved && s != Declined:
				tl.Settled[n] = time.Time{}
			case tl.Final == nil || tl.Final.Items[n].State != s:
				tl.Settled[n] = at
			}
			was[n] = is
		}
		tl.Final = dec
	}
	tl.Final.At = asOf // nothing changed since the last moment
	return tl, nil
}

// moments are the times at which the decision can change, rising.
func (d *decider) moments() []time.Time {
	o, s := d.order, &d.table.Terms().Settlement
	const instant = time.Microsecond // deadlines are inclusive: what is over at a deadline is over right after it
	ms := slices.Clone(o.Changes())
	if !o.CompletedAt.IsZero() && s.Hold > 0 {
		ms = append(ms, o.CompletedAt.Add(s.Hold))
	}
	if s.CompletionLimit > 0 {
		if limit := o.PlacedAt.Add(s.CompletionLimit); !o.CompletedBy(limit) {
			ms = append(ms, limit.Add(instant))
		}
	}
	if d.table.Terms().Attribution.Window.ToPayment {
		d.attribute(o.PlacedAt)
		for i := range d.result.Candidates {
			c := &d.result.Candidates[i]
			if over := c.Deadline.Add(instant); !c.Deadline.IsZero() && over.After(o.PlacedAt) && !o.PaidBy(over) {
				ms = append(ms, over)
			}
		}
	}
	slices.SortFunc(ms, time.Time.Compare)
	return slices.CompactFunc(ms, time.Time.Equal)
}

// position is what the books hold for an item: an amount of a publisher in one of its accounts.
type position struct {
	publisher string
	bucket    ledger.Kind // Tracked, Pending, Hold, Available; 0: nothing
	amount    int64
	fee       int64
	fraud     bool // it was emptied for fraud
}

func positionOf(it *Item) position {
	p := position{publisher: it.Publisher(), amount: it.Amount, fee: it.Fee, fraud: it.Decline == ByFraud}
	switch it.State {
	case Tracked:
		p.bucket = ledger.Tracked
	case Pending:
		p.bucket = ledger.Pending
		if it.Held {
			p.bucket = ledger.Hold
		}
	case Approved:
		p.bucket = ledger.Available
	}
	return p
}

// transactions takes the books from one position of an item to the next: none, one, or two where the winner changed.
func transactions(dec *Decision, item int, was, is position) []ledger.Transaction {
	var ts []ledger.Transaction
	book := func(was, is position) {
		publisher := is.publisher
		if is.bucket == 0 && was.bucket != 0 {
			publisher = was.publisher
		}
		b := builder{program: dec.Order.Program, publisher: publisher}
		b.move(was, is)
		if len(b.movements) == 0 {
			return
		}
		reason := reasonFor(was, is)
		ts = append(ts, ledger.Transaction{
			Cause:  cause(dec, item, reason),
			Reason: reason, Program: dec.Order.Program, Publisher: publisher,
			Order: dec.Order.Order, Item: dec.Order.Items[item].ID,
			Currency: dec.Table.Terms().Currency, EffectiveAt: dec.At, Movements: b.movements,
		})
	}
	if was.bucket != 0 && is.bucket != 0 && was.publisher != is.publisher {
		book(was, position{})
		book(position{}, is)
	} else {
		book(was, is)
	}
	return ts
}

// cause names what made a transaction necessary: the item, what was booked, and when it took effect.
func cause(dec *Decision, item int, reason ledger.Reason) string {
	return "order/" + segment(string(dec.Order.Program)) + "/" + segment(dec.Order.Order) + "/" + segment(dec.Order.Items[item].ID) + "/" +
		string(reason) + "/" + dec.At.UTC().Format(causeTime)
}

// causeTime is how times stand in causes.
const causeTime = "2006-01-02T15:04:05.000000Z"

// segment keeps a slash in an id from making two causes one.
func segment(id string) string {
	if !strings.ContainsAny(id, "/%") {
		return id
	}
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(id)
}

func reasonFor(was, is position) ledger.Reason {
	switch {
	case is.bucket == 0 && is.fraud:
		return ledger.ReasonAntispam
	case is.bucket != 0 && was.bucket == 0 && was.fraud:
		return ledger.ReasonAppeal
	case is.bucket == ledger.Hold && was.bucket != ledger.Hold:
		return ledger.ReasonHold
	case was.bucket == ledger.Available && (is.bucket == 0 || is.amount < was.amount):
		return ledger.ReasonReversal
	case is.bucket == 0:
		return ledger.ReasonDecline
	case was.bucket == is.bucket:
		return ledger.ReasonAdjust
	case was.bucket == ledger.Hold:
		return ledger.ReasonUnhold
	case is.bucket == ledger.Available:
		return ledger.ReasonApprove
	case is.bucket == ledger.Pending:
		return ledger.ReasonPend
	}
	return ledger.ReasonTrack
}
