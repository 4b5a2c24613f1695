package settlement

import (
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

// builder collects the movements of one transaction about one publisher.
type builder struct {
	program   program.ID
	publisher string
	movements []ledger.Movement
}

// move takes an item's money from one position to the next. What is in both moves over, the difference comes from the
// advertiser's fund or goes back to it.
func (b *builder) move(was, is position) {
	common := min(was.amount, is.amount)
	if was.bucket == 0 || is.bucket == 0 {
		common = 0
	}
	if common > 0 && was.bucket != is.bucket {
		b.pass(was.bucket, is.bucket, common)
	}
	if was.bucket != 0 {
		b.pass(was.bucket, ledger.Fund, was.amount-common)
	}
	if is.bucket != 0 {
		b.pass(ledger.Fund, is.bucket, is.amount-common)
	}
	fund, fees := b.account(ledger.Fund), ledger.Account{Kind: ledger.Fees, Program: b.program}
	b.add(fund, fees, is.fee-was.fee)
	b.add(fees, fund, was.fee-is.fee)
}

// pass moves an amount between two accounts. Into the available balance and out of it money passes through the approved
// account, whose turnover is what was ever approved.
func (b *builder) pass(from, to ledger.Kind, amount int64) {
	if from == ledger.Available || to == ledger.Available {
		b.add(b.account(from), b.account(ledger.Approved), amount)
		from = ledger.Approved
	}
	b.add(b.account(from), b.account(to), amount)
}

func (b *builder) add(from, to ledger.Account, amount int64) {
	if amount > 0 {
		b.movements = append(b.movements, ledger.Movement{From: from, To: to, Amount: amount})
	}
}

func (b *builder) account(k ledger.Kind) ledger.Account {
	if k == ledger.Fund {
		return ledger.Account{Kind: ledger.Fund, Program: b.program}
	}
	return ledger.Of(k, b.program, b.publisher)
}
