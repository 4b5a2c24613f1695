package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/report"
	"github.com/clickledger/clickledger/settlement"
)

// Statistics are the live figures of a program page (P2), over all its publishers. A figure that does not exist is "".
type Statistics struct {
	Program      program.ID
	Currency     money.Currency
	EPC          string
	CR           string
	CR48         string // of the last 48 hours
	ApprovalRate string
	HoldHours    string // on average, from action to approval or decline
	PaymentHours string // on average, from action to payout
	Complete     Complete
}

// statisticsFor is how long the figures of a program page stand before they are read anew.
const statisticsFor = 10 * time.Minute

// paidOn is what payTimes found on a day: it goes through all approved actions.
type paidOn struct {
	day  time.Time
	paid int64
	took report.Seconds
}

// Statistics returns the figures of a program, at most ten minutes old and the payment time at most a day, or store.ErrNotFound.
func (v *Service) Statistics(ctx context.Context, p program.ID) (Statistics, error) {
	v.mu.Lock()
	s, ok := v.statistics[p]
	v.mu.Unlock()
	if age := v.now().Sub(s.Complete.AsOf); ok && age >= 0 && age < statisticsFor {
		return s, nil
	}
	s, err := v.readStatistics(ctx, p)
	if err != nil {
		return s, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.statistics[p] = s
	return s, nil
}

func (v *Service) readStatistics(ctx context.Context, p program.ID) (Statistics, error) {
	s := Statistics{Program: p}
	err := v.store.View(ctx, func(tx store.Tx) error {
		now := v.now().UTC().Truncate(time.Microsecond)
		known, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		terms := known.Terms(p, now)
		if terms == nil {
			return fmt.Errorf("program %q: %w", p, store.ErrNotFound)
		}
		c, err := tx.Platform().Reports().Complete(ctx, now)
		if err != nil {
			return err
		}
		s.Currency, s.Complete = terms.Currency, Complete{AsOf: now, OrdersTo: c.Orders, LastClick: c.Clicks, Logs: c.Logs}
		all, err := tallyOf(ctx, tx, store.Figures{Program: p}, s.Currency)
		if err != nil {
			return err
		}
		last, err := tallyOf(ctx, tx, store.Figures{Program: p, From: now.Add(-48 * time.Hour), To: now.Add(time.Microsecond)}, s.Currency)
		if err != nil {
			return err
		}
		if all.Paid, all.PayTime, err = v.payTimes(ctx, tx, p, s.Currency, now); err != nil {
			return err
		}
		s.EPC, s.CR, s.CR48, s.ApprovalRate = all.EPC(s.Currency), all.CR(), last.CR(), all.ApprovalRate()
		s.HoldHours, s.PaymentHours = all.HoldHours(), all.PaymentHours()
		return nil
	})
	return s, err
}

// tallyOf adds a program up in one currency.
func tallyOf(ctx context.Context, tx store.Tx, f store.Figures, c money.Currency) (report.Tally, error) {
	x := &figure{}
	take := func(s store.Figure) error {
		if s.Currency != "" && s.Currency != c {
			return nil
		}
		return x.take(&s)
	}
	r := tx.Platform().Reports()
	if err := r.Clicks(ctx, f, take); err != nil {
		return x.tally, err
	}
	err := r.Items(ctx, f, take)
	return x.tally, err
}

// payTimes returns what readPayTimes found today.
func (v *Service) payTimes(ctx context.Context, tx store.Tx, p program.ID, c money.Currency, now time.Time) (int64, report.Seconds, error) {
	day := now.Truncate(24 * time.Hour)
	v.mu.Lock()
	known := v.paid[p]
	v.mu.Unlock()
	if known.day.Equal(day) {
		return known.paid, known.took, nil
	}
	paid, took, err := readPayTimes(ctx, tx, p, c)
	if err != nil {
		return 0, 0, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.paid[p] = paidOn{day, paid, took}
	return paid, took, nil
}

// readPayTimes are how many actions of a program were paid out and how long that took, added up. Payouts are of balances and not of
// actions, so a publisher's money leaves in the order in which it was approved: an action is paid when as much left as was
// approved until then.
func readPayTimes(ctx context.Context, tx store.Tx, p program.ID, c money.Currency) (paid int64, took report.Seconds, err error) {
	left, err := payments(ctx, tx, p, c)
	if err != nil {
		return 0, 0, err
	}
	if len(left) == 0 {
		return 0, 0, nil
	}
	type action struct {
		placed, settled time.Time
		amount          int64
	}
	approved := make(map[string][]action)
	q := store.Figures{Program: p, Where: []store.Match{{Dim: store.DimState, Value: settlement.Approved.String()}}}
	if _, err := tx.Platform().Reports().List(ctx, q, "", 0, func(r *store.ItemRow) error {
		if len(left[r.Publisher]) > 0 && !r.Hidden && r.Currency == c {
			approved[r.Publisher] = append(approved[r.Publisher], action{r.PlacedAt, r.SettledAt, r.Amount})
		}
		return nil
	}); err != nil {
		return 0, 0, err
	}
	for publisher, actions := range approved {
		slices.SortStableFunc(actions, func(a, b action) int { return a.settled.Compare(b.settled) })
		payments := left[publisher]
		slices.SortStableFunc(payments, func(a, b payment) int { return a.at.Compare(b.at) })
		var earned, gone int64
		n := 0
		for _, a := range actions {
			earned += a.amount
			for gone < earned && n < len(payments) {
				gone += payments[n].amount
				n++
			}
			if gone < earned || n == 0 {
				break
			}
			paid++
			took += report.InSeconds(payments[n-1].at.Sub(a.placed))
		}
	}
	return paid, took, nil
}

// payment is money that left a publisher's account: to the publisher, or as a fee.
type payment struct {
	at     time.Time
	amount int64
}

// payments are the payments of a program by publisher.
func payments(ctx context.Context, tx store.Tx, p program.ID, c money.Currency) (map[string][]payment, error) {
	left := make(map[string][]payment)
	for _, reason := range [...]ledger.Reason{ledger.ReasonRelease, ledger.ReasonPayout} {
		for after := ""; ; {
			ts, next, err := tx.Ledger().Page(ctx, store.JournalFilter{Program: p, Reason: reason}, after, 1000)
			if err != nil {
				return nil, fmt.Errorf("reading payouts: %w", err)
			}
			for i := range ts {
				for _, m := range ts[i].Movements {
					if (m.To.Kind == ledger.Paid || m.To.Kind == ledger.Fees) && ts[i].Currency == c {
						left[ts[i].Publisher] = append(left[ts[i].Publisher], payment{ts[i].EffectiveAt, m.Amount})
					}
				}
			}
			if after = next; next == "" {
				break
			}
		}
	}
	return left, nil
}
