package books

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Outlook is a publisher's money in a program from the completed order to the bank, and when the rest of it becomes payable (M2).
// Amounts are minor units of the program currency. Of every amount it holds that
// Completed = Waiting + KeptBack + Approved and Approved + Other = Available + Reserved + Clearing + Paid - Clawback.
type Outlook struct {
	Balance
	Completed int64 // commissions of orders whose receipt is confirmed, less those that were declined or reversed
	Waiting   int64 // of Completed, what waits for the end of the hold
	KeptBack  int64 // of Completed, what trust cases keep back: no day can be named (M4)
	Other     int64 // bonuses, fees, taxes, deductions and corrections together
	Ripening  []Ripening
	// NotReceived is what is paid by the buyer and waits for the confirmation of receipt: no day can be named.
	NotReceived      int64
	NotReceivedItems int
	TrackedItems     int
}

// Ripening is what is approved on a day, if nothing happens to its orders.
type Ripening struct {
	ApprovedAt time.Time // the first instant of it on the day
	PaidFrom   time.Time // the payout run after it; zero: the publisher asks for it from then on
	Items      int
	Amount     int64
}

// Outlook reads a publisher's outlook in the program with the given terms.
func (v *Service) Outlook(ctx context.Context, terms *program.Terms, publisher string) (Outlook, error) {
	var open []store.OpenItem
	o, err := view(ctx, v, func(tx store.Tx) (o Outlook, err error) { // one state of the data: else its parts would not add up
		if o.Balance, err = v.balance(ctx, tx, terms.Program, publisher, terms.Currency); err != nil {
			return o, err
		}
		return o, tx.Decisions().Open(ctx, terms.Program, publisher, func(item store.OpenItem) error {
			open = append(open, item)
			return nil
		})
	})
	if err != nil {
		return Outlook{}, err
	}
	days := make(map[string]*Ripening)
	for _, item := range open {
		o.add(&item, terms, days)
	}
	for _, d := range days {
		d.PaidFrom = payout.NextRun(terms, d.ApprovedAt)
	}
	o.Ripening = slices.SortedFunc(values(days), func(a, b Ripening) int { return a.ApprovedAt.Compare(b.ApprovedAt) })
	o.Completed = o.Waiting + o.KeptBack + o.Approved
	o.Other = o.Available + o.Reserved + o.Clearing + o.Paid - o.Clawback - o.Approved
	return o, nil
}

func (o *Outlook) add(r *store.OpenItem, terms *program.Terms, days map[string]*Ripening) {
	switch {
	case r.State == "tracked":
		o.TrackedItems++
	case r.Held:
		if !r.Completed.IsZero() {
			o.KeptBack += r.Amount
		}
	case r.Completed.IsZero():
		o.NotReceived += r.Amount
		o.NotReceivedItems++
	default:
		o.Waiting += r.Amount
		at := r.Completed.Add(terms.Settlement.Hold)
		day := at.In(terms.TimeZone).Format(time.DateOnly)
		d := days[day]
		if d == nil {
			d = &Ripening{ApprovedAt: at}
			days[day] = d
		}
		if at.Before(d.ApprovedAt) {
			d.ApprovedAt = at
		}
		d.Items++
		d.Amount += r.Amount
	}
}

func values[K comparable, V any](m map[K]*V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for v := range maps.Values(m) {
			if !yield(*v) {
				return
			}
		}
	}
}

// Sent is a payout of a publisher, with the run that it is part of.
type Sent struct {
	Run       string
	Program   program.ID
	Currency  money.Currency
	DraftedAt time.Time
	payout.Payout
}

// PayoutsOf reads a publisher's payouts in all programs, the newest first.
func (v *Service) PayoutsOf(ctx context.Context, publisher string) ([]Sent, error) {
	return view(ctx, v, func(tx store.Tx) ([]Sent, error) {
		all, err := tx.Payouts().Of(ctx, store.PayoutFilter{Publisher: publisher})
		if err != nil {
			return nil, fmt.Errorf("reading the payouts of %q: %w", publisher, err)
		}
		var out []Sent
		for i := range all {
			x := &all[i]
			out = append(out, Sent{Run: x.Run, Program: x.Program, Currency: x.Currency, DraftedAt: x.DraftedAt, Payout: x.Payout})
		}
		slices.SortStableFunc(out, func(a, b Sent) int { return cmp.Or(b.DraftedAt.Compare(a.DraftedAt), cmp.Compare(a.ID, b.ID)) })
		return out, nil
	})
}

// atTheBank is what was sent to a publisher in a program and is not answered: the account of that money is the payout method's, so the
// runs say whose it is.
func atTheBank(ctx context.Context, tx store.Tx, p program.ID, publisher string) (net int64, err error) {
	all, err := tx.Payouts().Of(ctx, store.PayoutFilter{Publisher: publisher, Program: p})
	if err != nil {
		return 0, fmt.Errorf("reading the payouts of %q: %w", publisher, err)
	}
	for i := range all {
		if x := &all[i]; x.Status == payout.Sent || x.Status == payout.Unknown {
			net += x.Net
		}
	}
	return net, nil
}
