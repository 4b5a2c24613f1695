package payout

import (
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Journal adds transactions up for the daily proof. It grows with accounts and payouts, not with transactions. The zero
// value is empty.
type Journal struct {
	book     ledger.Book
	approved map[publisherKey]int64  // what was approved on balance
	payouts  map[string]*payoutEntry // what was booked about payouts, by cause
	fees     map[programKey]int64    // the network's own fee on balance
	Count    int64                   // transactions
}

// payoutEntry is what was booked under a cause about a payout.
type payoutEntry struct {
	currency money.Currency
	amounts  map[ledger.Reason]int64
}

type programKey struct {
	program  program.ID
	currency money.Currency
}

type publisherKey struct {
	programKey
	publisher string
}

// Add adds a transaction. Transactions must come in the order they were booked in, each once.
func (j *Journal) Add(t *ledger.Transaction) error {
	j.Count++
	pk := programKey{t.Program, t.Currency}
	for _, m := range t.Movements {
		for _, p := range [2]ledger.Posting{{Account: m.From, Amount: -m.Amount}, {Account: m.To, Amount: m.Amount}} {
			sum, err := money.Add(j.book.Balance(p.Account, t.Currency), p.Amount)
			if err != nil {
				return fmt.Errorf("adding up %v: %w", p.Account, err)
			}
			j.book.Set(p.Account, t.Currency, sum)
		}
		j.flow(pk, m)
	}
	if strings.HasPrefix(t.Cause, "payout/") {
		if j.payouts == nil {
			j.payouts = make(map[string]*payoutEntry)
		}
		if j.payouts[t.Cause] == nil {
			j.payouts[t.Cause] = &payoutEntry{t.Currency, make(map[ledger.Reason]int64)}
		}
		j.payouts[t.Cause].amounts[t.Reason] += moved(t)
	}
	return nil
}

// moved is the amount of a transaction about a payout: what leaves the account that it starts from, or returns to the
// balance. Debts that were paid off on the way are not counted again.
func moved(t *ledger.Transaction) int64 {
	var sum int64
	for _, m := range t.Movements {
		if m.To.Kind != ledger.Clawback {
			sum += m.Amount
		}
	}
	return sum
}

func (j *Journal) flow(k programKey, m ledger.Movement) {
	if a := approvedBy(m); a != 0 {
		if j.approved == nil {
			j.approved = make(map[publisherKey]int64)
		}
		owner := m.To.Owner
		if a < 0 {
			owner = m.From.Owner
		}
		j.approved[publisherKey{k, owner}] += a
	}
	if f := networkFee(m); f != 0 {
		if j.fees == nil {
			j.fees = make(map[programKey]int64)
		}
		j.fees[k] += f
	}
}

// approvedBy is what a movement adds to the approved commissions: what crosses from the advertiser's side (fund, tracked,
// pending, approved, and what a case keeps back) to the publisher's (available, or a debt that it pays off), less what crosses back.
func approvedBy(m ledger.Movement) int64 {
	switch {
	case advertisers(m.From.Kind) && publishers(m.To.Kind):
		return m.Amount
	case publishers(m.From.Kind) && advertisers(m.To.Kind):
		return -m.Amount
	}
	return 0
}

func advertisers(k ledger.Kind) bool {
	return k == ledger.Fund || k == ledger.Tracked || k == ledger.Pending || k == ledger.Hold || k == ledger.Approved
}

func publishers(k ledger.Kind) bool { return k == ledger.Available || k == ledger.Clawback }

// networkFee is what a movement adds to the network's own fee.
func networkFee(m ledger.Movement) int64 {
	switch {
	case m.From.Kind == ledger.Fund && m.To.Kind == ledger.Fees:
		return m.Amount
	case m.From.Kind == ledger.Fees && m.To.Kind == ledger.Fund:
		return -m.Amount
	}
	return 0
}

// bookedAt is when a transaction entered the books. What is recorded late belongs to the period in which it is recorded,
// so that closed periods stay as they were stated.
func bookedAt(t *ledger.Transaction) time.Time {
	if t.RecordedAt.IsZero() {
		return t.EffectiveAt
	}
	return t.RecordedAt
}
