package payout

import (
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
)

// Answer is what the bank, or a payment service, says about a payout.
type Answer struct {
	Payout string `json:"payout"` // the payout's id
	Status Status `json:"status"` // Paid, Rejected, Returned or Unknown
	// Amount must be the payout's net amount. It may be left out, with an empty currency, where nothing was paid.
	Amount money.Amount `json:"amount,omitzero"`
	Reason string       `json:"reason,omitempty"` // the bank's reason code, such as "AC04"
	Text   string       `json:"text,omitempty"`   // the bank's words
	Ref    string       `json:"ref,omitempty"`    // the bank's reference; a return must have one
	At     time.Time    `json:"at,omitzero"`      // when the bank booked it; zero: not said
}

// Answer takes the bank's answer in and returns what must be booked (E14-E16). The same final state again changes
// nothing, however often and in whatever order it comes; a return says by itself that the payout was paid before. Answers
// that exclude each other are a *ContradictionError and change nothing.
func (r Run) Answer(a Answer, by string, now time.Time) (Run, []ledger.Transaction, error) {
	if err := r.need("answering", by, Released, Closed); err != nil {
		return r, nil, err
	}
	i := slices.IndexFunc(r.Payouts, func(p Payout) bool { return p.ID == a.Payout })
	if i < 0 {
		return r, nil, fmt.Errorf("answer about payout %q: run %s has no such payout", a.Payout, r.ID)
	}
	p := r.Payouts[i]
	if err := r.plausible(&a, &p); err != nil {
		return r, nil, err
	}
	steps, err := r.follow(&a, &p)
	if err != nil || len(steps) == 0 {
		return r, nil, err
	}
	at := r.effective(a.At, now)
	var ts []ledger.Transaction
	for _, to := range steps {
		switch to {
		case Paid:
			ts = append(ts, r.paid(&p, at))
		case Rejected:
			ts = append(ts, r.rejected(&p, at))
		case Returned:
			ts = append(ts, r.returned(&p, a.Ref, at))
		}
		p.Status = to
	}
	a.At = at
	p.Answers = append(slices.Clone(p.Answers), a)
	r.Payouts = slices.Clone(r.Payouts)
	r.Payouts[i] = p
	return r, ts, nil
}

// plausible checks an answer by itself and against its payout's amount.
func (r *Run) plausible(a *Answer, p *Payout) error {
	switch a.Status {
	case Paid, Rejected, Returned, Unknown:
	default:
		return fmt.Errorf("answer about payout %s: %q is not an answer; it is paid, rejected, returned or unknown", p.ID, a.Status)
	}
	if p.Status == Reserved || !p.Status.live() {
		return fmt.Errorf("answer about payout %s: it was never sent (%s)", p.ID, p.Status)
	}
	if a.Status == Returned && a.Ref == "" {
		return fmt.Errorf("answer about payout %s: a return needs the bank's reference", p.ID)
	}
	if a.Amount.Currency == "" && a.Status != Paid && a.Status != Returned {
		return nil
	}
	if want := money.New(p.Net, r.Currency); a.Amount != want && !r.flaw.has(ignoresAmount) {
		return &AmountError{Payout: p.ID, Sent: want, Answered: a.Amount}
	}
	return nil
}

// follow says which states an answer takes a payout through: none where it says nothing new.
func (r *Run) follow(a *Answer, p *Payout) ([]Status, error) {
	if r.flaw.has(answersTwice) && p.Status.Final() {
		return []Status{a.Status}, nil
	}
	switch {
	case a.Status == p.Status, a.Status == Unknown && p.Status.Final():
		if a.Status == Returned && !r.sameReturn(a, p) {
			return nil, contradiction(a, p)
		}
		return nil, nil
	case p.Status == Sent || p.Status == Unknown:
		if a.Status == Returned {
			return []Status{Paid, Returned}, nil
		}
		return []Status{a.Status}, nil
	case p.Status == Paid && a.Status == Returned:
		return []Status{Returned}, nil
	case p.Status == Returned && a.Status == Paid:
		return nil, nil // the confirmation came after the return
	}
	return nil, contradiction(a, p)
}

// sameReturn reports whether a return is the one that is known: what came back twice was not sent once.
func (r *Run) sameReturn(a *Answer, p *Payout) bool {
	return slices.ContainsFunc(p.Answers, func(had Answer) bool { return had.Status == Returned && had.Ref == a.Ref })
}

func contradiction(a *Answer, p *Payout) error {
	had := Answer{Payout: p.ID, Status: p.Status}
	if n := len(p.Answers); n > 0 {
		had = p.Answers[n-1]
	}
	return &ContradictionError{Had: had, Got: *a}
}

// effective is when an answer takes effect: the bank's day, but not before the release and not in the future.
func (r *Run) effective(at, now time.Time) time.Time {
	now = instant(now)
	if at.IsZero() || at.After(now) {
		return now
	}
	if at.Before(r.ReleasedBy.At) {
		return r.ReleasedBy.At
	}
	return instant(at)
}
