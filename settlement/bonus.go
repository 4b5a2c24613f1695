package settlement

import (
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

// BonusTransactions are what the books must hold for a publisher's rewards. They name no order; their Item is the reward's
// label, so that Missing compares each reward for itself.
func BonusTransactions(terms *program.Terms, publisher string, rewards []commission.Reward) []ledger.Transaction {
	ts := make([]ledger.Transaction, 0, len(rewards))
	expense := ledger.Account{Kind: ledger.Bonus, Program: terms.Program}
	available := ledger.Of(ledger.Available, terms.Program, publisher)
	for _, r := range rewards {
		ts = append(ts, ledger.Transaction{
			Cause:  "bonus/" + segment(string(terms.Program)) + "/" + segment(publisher) + "/" + r.Label + "/" + r.At.UTC().Format(causeTime),
			Reason: ledger.ReasonBonus, Program: terms.Program, Publisher: publisher, Item: r.Label,
			Currency: terms.Currency, EffectiveAt: r.At.UTC(),
			Movements: []ledger.Movement{{From: expense, To: available, Amount: r.Amount}},
		})
	}
	return ts
}
