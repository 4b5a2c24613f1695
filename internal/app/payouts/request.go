package payouts

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Quote says what a publisher would be paid in a program if it asked now, or why not (M3). Exactly one of the two is given.
func (s *Service) Quote(ctx context.Context, p program.ID, publisher string) (q payout.Quote, no *payout.Refusal, err error) {
	terms := s.terms(p, s.now())
	if terms == nil {
		return q, nil, fmt.Errorf("program %q: %w", p, store.ErrNotFound)
	}
	err = s.store.View(ctx, func(tx store.Tx) error {
		cs, err := s.candidates(ctx, tx, terms, []string{publisher})
		if err != nil {
			return err
		}
		c := payout.Candidate{Payee: payout.Payee{Publisher: publisher}}
		if len(cs) == 1 {
			c = cs[0]
		}
		q, no = payout.Eligible(terms, c.Balance, c.Payee, payout.Requested, s.now())
		if len(cs) == 0 && no != nil && no.Code == payout.NoDetails {
			no = &payout.Refusal{Code: payout.NothingToPay} // details are looked up for those who have money
		}
		return nil
	})
	return q, no, err
}

// Withdraw opens and freezes a run for a publisher who asks for its money (M3). The run pays nobody else. Where the
// balance is not gross, which the publisher has seen, it refuses with a *ChangedError.
func (s *Service) Withdraw(ctx context.Context, p program.ID, publisher string, gross int64, by string) (payout.Run, error) {
	q, no, err := s.Quote(ctx, p, publisher)
	switch {
	case err != nil:
		return payout.Run{}, err
	case no != nil:
		return payout.Run{}, no
	case q.Gross != gross:
		return payout.Run{}, &ChangedError{Agreed: gross, Is: q.Gross}
	}
	r, err := s.Start(ctx, p, payout.Requested, []string{publisher}, by)
	if err != nil {
		return r, err
	}
	for i := range r.Passed {
		if r.Passed[i].Publisher == publisher {
			return r, &r.Passed[i].Refusal
		}
	}
	return r, nil
}

// ChangedError says that a balance changed after its publisher looked at it.
type ChangedError struct{ Agreed, Is int64 }

// Error says it.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the balance was %d when you looked and is %d now: look again", e.Agreed, e.Is)
}

// Run returns a run, or store.ErrNotFound.
func (s *Service) Run(ctx context.Context, id string) (payout.Run, error) {
	var r payout.Run
	err := s.store.View(ctx, func(tx store.Tx) (err error) {
		r, _, err = tx.Payouts().Run(ctx, id)
		return err
	})
	return r, err
}
