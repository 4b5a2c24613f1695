package payout

import (
	"errors"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/money"
)

// errNobody says that a step was asked for in nobody's name.
var errNobody = errors.New("say who does it")

// StateError says that a run has not come so far, or further than that.
type StateError struct {
	Doing string
	Run   string
	Is    State
	Need  []State
}

func (e *StateError) Error() string {
	need := make([]string, len(e.Need))
	for i, s := range e.Need {
		need[i] = string(s)
	}
	return fmt.Sprintf("%s run %s: it is %s, and must be %s", e.Doing, e.Run, e.Is, strings.Join(need, " or "))
}

// SamePersonError says that the person who made a run wanted to approve it.
type SamePersonError struct{ Run, By string }

func (e *SamePersonError) Error() string {
	return fmt.Sprintf("approving run %s: %s had a part in making it; another person must approve it", e.Run, e.By)
}

// TotalsError says that the totals that were typed are not those of the run.
type TotalsError struct {
	Run           string
	Payments      int
	Total         money.Amount
	TypedPayments int
	Typed         money.Amount
}

func (e *TotalsError) Error() string {
	return fmt.Sprintf("approving run %s: %d payments of together %v were typed; the run does not have these totals: read the file again", e.Run,
		e.TypedPayments, e.Typed)
}

// AmountError says that the bank speaks of another amount than was sent.
type AmountError struct {
	Payout         string
	Sent, Answered money.Amount
}

func (e *AmountError) Error() string {
	answered := "no amount"
	if e.Answered.Currency != "" {
		answered = e.Answered.String()
	}
	return fmt.Sprintf("answer about payout %s: the bank says %s, and %v was sent: ask the bank", e.Payout, answered, e.Sent)
}

// ContradictionError says that two answers about a payout cannot both be true.
type ContradictionError struct{ Had, Got Answer }

func (e *ContradictionError) Error() string {
	say := func(a Answer) string {
		s := string(a.Status)
		if a.Reason != "" {
			s += " " + a.Reason
		}
		if a.Ref != "" {
			s += " (reference " + a.Ref + ")"
		}
		if !a.At.IsZero() {
			s += " of " + stamp(a.At)
		}
		return s
	}
	return fmt.Sprintf("payout %s: the answer %q contradicts the answer %q: ask the bank which is true", e.Got.Payout, say(e.Got), say(e.Had))
}
