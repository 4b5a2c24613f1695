package payout

import (
	"strings"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

// The causes. They are unique, so the ledger books each step of a payout once at most, whatever the states say.
func causeReserve(run, publisher string) string { return "payout/" + run + "/" + segment(publisher) }
func causeCancel(run, publisher string) string  { return causeReserve(run, publisher) + "/cancel" }
func causeRelease(id string) string             { return "payout/" + id + "/release" }
func causeFinal(id string) string               { return "payout/" + id + "/final" }
func causeReturn(id, ref string) string         { return "payout/" + id + "/return/" + segment(ref) }

// segment keeps a slash in a name from making two causes one.
func segment(s string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(s)
}

// Clearing is the account of what was sent by a payout method and is not answered. It returns to zero.
func Clearing(p program.ID, method string) ledger.Account {
	return ledger.Account{Kind: ledger.Clearing, Program: p, Owner: method}
}

// FeesOf is the account that payout fees go to.
func FeesOf(p program.ID) ledger.Account { return ledger.Account{Kind: ledger.Fees, Program: p} }

// TaxOf is the account of a tax that was kept back for an authority.
func TaxOf(p program.ID, authority string) ledger.Account {
	return ledger.Account{Kind: ledger.Bank, Program: p, Owner: "tax/" + authority}
}

func (r *Run) transaction(p *Payout, cause string, reason ledger.Reason, at time.Time, ms ...ledger.Movement) ledger.Transaction {
	t := ledger.Transaction{
		Cause: cause, Reason: reason, Program: r.Program, Publisher: p.Publisher, Currency: r.Currency, EffectiveAt: at,
		Movements: make([]ledger.Movement, 0, len(ms)),
	}
	for _, m := range ms {
		if m.Amount > 0 {
			t.Movements = append(t.Movements, m)
		}
	}
	return t
}

func (r *Run) account(k ledger.Kind, p *Payout) ledger.Account {
	return ledger.Of(k, r.Program, p.Publisher)
}

// reservations take the balances into the run (E11).
func (r *Run) reservations(at time.Time) []ledger.Transaction {
	if r.flaw.has(reservesNothing) {
		return nil
	}
	ts := make([]ledger.Transaction, len(r.Payouts))
	for i := range r.Payouts {
		ts[i] = r.reserve(&r.Payouts[i], at)
	}
	return ts
}

func (r *Run) reserve(p *Payout, at time.Time) ledger.Transaction {
	return r.transaction(p, causeReserve(r.ID, p.Publisher), ledger.ReasonReserve, at,
		ledger.Movement{From: r.account(ledger.Available, p), To: r.account(ledger.Reserved, p), Amount: p.Gross})
}

// unreserve puts a balance back (E12).
func (r *Run) unreserve(p *Payout, at time.Time) ledger.Transaction {
	return r.transaction(p, causeCancel(r.ID, p.Publisher), ledger.ReasonUnreserve, at,
		ledger.Movement{From: r.account(ledger.Reserved, p), To: r.account(ledger.Available, p), Amount: p.Gross})
}

// release gives a payout to the bank (E13).
func (r *Run) release(p *Payout, at time.Time) ledger.Transaction {
	reserved := r.account(ledger.Reserved, p)
	return r.transaction(p, causeRelease(p.ID), ledger.ReasonRelease, at,
		ledger.Movement{From: reserved, To: Clearing(r.Program, p.Method), Amount: p.Net},
		ledger.Movement{From: reserved, To: FeesOf(r.Program), Amount: p.Fee},
		ledger.Movement{From: reserved, To: TaxOf(r.Program, p.Authority), Amount: p.Tax})
}

// paid is the bank's confirmation (E14).
func (r *Run) paid(p *Payout, at time.Time) ledger.Transaction {
	return r.transaction(p, causeFinal(p.ID), ledger.ReasonPayout, at,
		ledger.Movement{From: Clearing(r.Program, p.Method), To: r.account(ledger.Paid, p), Amount: p.Net})
}

// rejected gives everything back, the fee and the tax too (E15).
func (r *Run) rejected(p *Payout, at time.Time) ledger.Transaction {
	available := r.account(ledger.Available, p)
	fee := p.Fee
	if r.flaw.has(keepsFee) {
		fee = 0
	}
	return r.transaction(p, causeFinal(p.ID), ledger.ReasonReject, at,
		ledger.Movement{From: Clearing(r.Program, p.Method), To: available, Amount: p.Net},
		ledger.Movement{From: FeesOf(r.Program), To: available, Amount: fee},
		ledger.Movement{From: TaxOf(r.Program, p.Authority), To: available, Amount: p.Tax})
}

// returned gives the net amount back; the fee stays (E16).
func (r *Run) returned(p *Payout, ref string, at time.Time) ledger.Transaction {
	return r.transaction(p, causeReturn(p.ID, ref), ledger.ReasonReturn, at,
		ledger.Movement{From: r.account(ledger.Paid, p), To: r.account(ledger.Available, p), Amount: p.Net})
}

// booked is all that the books must hold about a payout as far as it has come.
func (r *Run) booked(p *Payout) []ledger.Transaction {
	reserved := r.FrozenBy.At
	ts := []ledger.Transaction{r.reserve(p, reserved)}
	switch p.Status {
	case Reserved:
	case Excluded, NotSent:
		ts = append(ts, r.unreserve(p, reserved))
	default:
		ts = append(ts, r.release(p, r.ReleasedBy.At))
	}
	switch p.Status {
	case Paid:
		ts = append(ts, r.paid(p, r.ReleasedBy.At))
	case Rejected:
		ts = append(ts, r.rejected(p, r.ReleasedBy.At))
	case Returned:
		var ref string
		for _, a := range p.Answers {
			if a.Status == Returned {
				ref = a.Ref
			}
		}
		ts = append(ts, r.paid(p, r.ReleasedBy.At), r.returned(p, ref, r.ReleasedBy.At))
	}
	return ts
}

// Causes are how the causes of all that is booked for a payout begin: taking its money into the run, and what the bank does with it. The
// first is the whole cause of the reservation.
func (r *Run) Causes(p *Payout) (reserve, bank string) {
	return causeReserve(r.ID, p.Publisher), "payout/" + p.ID + "/"
}
