package ledger

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Reason is why a transaction moved money (M1).
type Reason string

// The reasons.
const (
	ReasonTrack      Reason = "track"              // attributed, not paid yet
	ReasonPend       Reason = "pend"               // the order was paid
	ReasonAdjust     Reason = "adjust"             // the amount changed before approval
	ReasonApprove    Reason = "approve"            // completed and the hold is over
	ReasonDecline    Reason = "decline"            // cancelled, refunded in full, lapsed or lost before approval
	ReasonReversal   Reason = "reversal"           // changed after approval (O3)
	ReasonAntispam   Reason = "antispam_deduction" // fraud (M4)
	ReasonBonus      Reason = "bonus"              // C9
	ReasonReserve    Reason = "reserve"            // taken into a payout run
	ReasonUnreserve  Reason = "unreserve"          // the run was cancelled
	ReasonRelease    Reason = "release"            // the run was sent to the bank; its fee is taken
	ReasonPayout     Reason = "payout"             // the bank confirmed
	ReasonReject     Reason = "reject"             // the bank refused; everything goes back
	ReasonReturn     Reason = "return"             // the payee's bank sent it back; the fee stays
	ReasonFunding    Reason = "funding"            // the advertiser paid (M6)
	ReasonRepay      Reason = "repay"              // the publisher paid its debt back
	ReasonWriteoff   Reason = "writeoff"           // a debt was given up
	ReasonHold       Reason = "hold"               // a fraud case keeps money back
	ReasonUnhold     Reason = "unhold"             // the case was cleared
	ReasonAppeal     Reason = "appeal"             // a deduction was undone
	ReasonCorrection Reason = "correction"         // an entry that late news made wrong is undone
)

// Movement takes Amount minor units from one account to another. It balances by construction.
type Movement struct {
	From, To Account
	Amount   int64 // above zero
}

// Transaction is a set of movements in one currency that are booked together or not at all. It is never changed after it
// was booked; it is undone by another one.
type Transaction struct {
	ID          string // given when it is booked: "ent_" and 128 bits that sort by time
	Cause       string // what made it happen; unique, so nothing is booked twice
	Reason      Reason
	Program     program.ID
	Publisher   string // whose money it is; empty where nobody's
	Order, Item string // which order item it is about; empty where none
	Currency    money.Currency
	EffectiveAt time.Time // when what it books happened, UTC
	RecordedAt  time.Time // when it was booked, UTC
	Corrects    string    // the cause of the transaction that it undoes; empty for all others
	Movements   []Movement
}

// Posting is one side of a movement, as it stands in the journal: a signed amount on an account.
type Posting struct {
	Account Account
	Amount  int64
}

// Postings are both sides of all movements, in their order; they add up to zero.
func (t *Transaction) Postings() []Posting {
	p := make([]Posting, 0, 2*len(t.Movements))
	for _, m := range t.Movements {
		p = append(p, Posting{m.From, -m.Amount}, Posting{m.To, m.Amount})
	}
	return p
}

// Validate reports what makes a transaction unfit to be booked.
func (t *Transaction) Validate() error {
	switch {
	case t.Cause == "":
		return errors.New("transaction without a cause")
	case t.Reason == "":
		return fmt.Errorf("transaction %s has no reason", t.Cause)
	case !t.Currency.Valid():
		return fmt.Errorf("transaction %s is in %q, which is not a currency", t.Cause, t.Currency)
	case t.EffectiveAt.IsZero():
		return fmt.Errorf("transaction %s has no effective time", t.Cause)
	case len(t.Movements) == 0:
		return fmt.Errorf("transaction %s moves nothing", t.Cause)
	}
	for i, m := range t.Movements {
		switch {
		case m.Amount <= 0:
			return fmt.Errorf("transaction %s, movement %d: the amount %d is not above zero", t.Cause, i, m.Amount)
		case m.From == m.To:
			return fmt.Errorf("transaction %s, movement %d: from %v to itself", t.Cause, i, m.From)
		case m.From.Kind == 0 || m.From.Kind >= kinds || m.To.Kind == 0 || m.To.Kind >= kinds:
			return fmt.Errorf("transaction %s, movement %d: an account has no kind", t.Cause, i)
		}
	}
	return nil
}

// Reverse returns the transaction that undoes t: the same movements, turned round, the last one first. Its cause names
// t's, so t is undone at most once.
func (t *Transaction) Reverse(reason Reason, effectiveAt time.Time) Transaction {
	u := *t
	u.ID, u.RecordedAt = "", time.Time{}
	u.Cause, u.Corrects = t.Cause+"/undo", t.Cause
	u.Reason, u.EffectiveAt = reason, effectiveAt
	u.Movements = slices.Clone(t.Movements)
	slices.Reverse(u.Movements)
	for i, m := range u.Movements {
		u.Movements[i].From, u.Movements[i].To = m.To, m.From
	}
	return u
}
