package payout

import (
	"fmt"
	"iter"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Receipt confirms what an advertiser paid (M6). Amounts are minor units.
type Receipt struct {
	Program  program.ID     `json:"program"`
	Ref      string         `json:"ref"` // the bank's reference
	At       time.Time      `json:"at"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"`
	Before   int64          `json:"before"` // the fund before: below zero is owed, above is paid ahead
	After    int64          `json:"after"`
}

// Fund books what an advertiser paid, ahead or for an invoice: the two differ only in what the fund held before (M6). The
// bank's reference makes it unique. bank is the operator's account that it came in on.
func Fund(terms *program.Terms, bank, ref string, amount money.Amount, at time.Time, before int64) (ledger.Transaction, Receipt, error) {
	fail := func(why string) (ledger.Transaction, Receipt, error) {
		return ledger.Transaction{}, Receipt{}, fmt.Errorf("funding of program %s: %s", terms.Program, why)
	}
	switch {
	case ref == "":
		return fail("give the bank's reference, which keeps it from being booked twice")
	case amount.Currency != terms.Currency:
		return fail(fmt.Sprintf("%v came in, and the program's books are in %s: exchange it first", amount, terms.Currency))
	case amount.Minor <= 0:
		return fail(fmt.Sprintf("%v is not above zero", amount))
	case at.IsZero():
		return fail("say when it came in")
	}
	after, err := money.Add(before, amount.Minor)
	if err != nil {
		return ledger.Transaction{}, Receipt{}, fmt.Errorf("funding of program %s: %w", terms.Program, err)
	}
	at = instant(at)
	t := ledger.Transaction{
		Cause: "funding/" + segment(string(terms.Program)) + "/" + segment(bank) + "/" + segment(ref), Reason: ledger.ReasonFunding,
		Program: terms.Program, Currency: terms.Currency, EffectiveAt: at,
		Movements: []ledger.Movement{{
			From: ledger.Account{Kind: ledger.Bank, Program: terms.Program, Owner: bank},
			To:   ledger.Account{Kind: ledger.Fund, Program: terms.Program}, Amount: amount.Minor,
		}},
	}
	return t, Receipt{terms.Program, ref, at, terms.Currency, amount.Minor, before, after}, nil
}

// Invoice is what an advertiser is asked to pay for a period, or, where it pays ahead, what was taken from its fund (M6).
// Commissions count when they are approved, and what is taken back counts against them; the network's own fee is a line
// of its own. Nothing is booked for it: the books hold the debt since the commission was. Amounts are minor units.
type Invoice struct {
	Number     string         `json:"number"`
	Program    program.ID     `json:"program"`
	Advertiser string         `json:"advertiser"`
	Currency   money.Currency `json:"currency"`
	From       time.Time      `json:"from"`
	To         time.Time      `json:"to"` // exclusive
	Prefunded  bool           `json:"prefunded"`

	Lines      []InvoiceLine `json:"lines"`
	Commission int64         `json:"commission"`  // sum of the lines
	NetworkFee int64         `json:"network_fee"` // on balance
	Total      int64         `json:"total"`       // Commission + NetworkFee

	Before   int64 `json:"before"`   // open from earlier periods; below zero: paid ahead
	Received int64 `json:"received"` // came in during the period
	Due      int64 `json:"due"`      // Before + Total - Received; below zero: paid ahead
	// Expected is what the fund owes beyond Due: commissions that are tracked or pending, and may still be declined.
	Expected int64 `json:"expected"`
}

// InvoiceLine is the commissions of one reason: approvals, reversals, antispam deductions, corrections.
type InvoiceLine struct {
	Reason       ledger.Reason `json:"reason"`
	Transactions int64         `json:"transactions"`
	Amount       int64         `json:"amount"`
}

// NewInvoice draws up the invoice of a program for a period, from its journal up to the period's end in the order it was
// booked in. Later transactions and those of other programs are passed over.
func NewInvoice(terms *program.Terms, number string, from, to time.Time, journal iter.Seq[*ledger.Transaction]) (Invoice, error) {
	v := Invoice{
		Number: number, Program: terms.Program, Advertiser: terms.Page.Advertiser, Currency: terms.Currency, From: from.UTC(), To: to.UTC(),
		Prefunded: terms.Settlement.Prefunded, Lines: []InvoiceLine{},
	}
	if number == "" || !from.Before(to) {
		return Invoice{}, fmt.Errorf("invoice %q of program %s from %s to %s: give a number, and a period that begins before it ends", number, terms.Program,
			stamp(from), stamp(to))
	}
	fund := ledger.Account{Kind: ledger.Fund, Program: terms.Program}
	var balance int64
	lines := make(map[ledger.Reason]*InvoiceLine)
	var order []ledger.Reason
	for t := range journal {
		if t.Program != terms.Program || t.Currency != terms.Currency || !bookedAt(t).Before(to) {
			continue
		}
		var commission, fee, received int64
		for _, m := range t.Movements {
			commission += approvedBy(m)
			fee += networkFee(m)
			if m.To == fund {
				balance += m.Amount
			}
			if m.From == fund {
				balance -= m.Amount
			}
			if t.Reason == ledger.ReasonFunding && m.To == fund {
				received += m.Amount
			}
		}
		if bookedAt(t).Before(from) {
			v.Before += commission + fee - received
			continue
		}
		v.NetworkFee += fee
		v.Received += received
		if commission == 0 {
			continue
		}
		l := lines[t.Reason]
		if l == nil {
			l = &InvoiceLine{Reason: t.Reason}
			lines[t.Reason] = l
			order = append(order, t.Reason)
		}
		l.Transactions++
		l.Amount += commission
		v.Commission += commission
	}
	for _, r := range order {
		v.Lines = append(v.Lines, *lines[r])
	}
	v.Total = v.Commission + v.NetworkFee
	v.Due = v.Before + v.Total - v.Received
	v.Expected = -balance - v.Due
	return v, nil
}
