package reports

import (
	"context"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
)

// income is a row of the income report: how balances changed, in minor units. The changes of the withdrawable balance are told apart
// by their cause; together they are its whole change.
type income struct {
	open     int64 // tracked and pending commission, what cases keep back included
	approved int64
	bonus    int64
	reversed int64 // taken back, or given again: reversals, deductions, appeals, corrections
	held     int64 // kept back by cases, below zero, and given back
	payouts  int64 // taken into payouts, less what came back
	other    int64
	balance  int64 // the sum of these six: available less debts
	deducted int64 // antispam deductions less what appeals gave back, out of the balance or before it (M4)
	paid     int64 // what the bank paid out
}

func (i *income) take(f *store.IncomeFigure) error {
	add := func(to *int64) error {
		sum, err := money.Add(*to, f.Amount)
		*to = sum
		return err
	}
	if f.Kind != ledger.Approved && (f.Reason == ledger.ReasonAntispam || f.Reason == ledger.ReasonAppeal) {
		if err := add(&i.deducted); err != nil {
			return err
		}
	}
	switch f.Kind {
	case ledger.Tracked, ledger.Pending, ledger.Hold:
		return add(&i.open)
	case ledger.Paid:
		return add(&i.paid)
	case ledger.Available, ledger.Clawback:
	default:
		return nil // approved money passes through; reserved money was taken into a payout
	}
	if err := add(&i.balance); err != nil {
		return err
	}
	switch f.Reason {
	case ledger.ReasonApprove:
		return add(&i.approved)
	case ledger.ReasonBonus:
		return add(&i.bonus)
	case ledger.ReasonReversal, ledger.ReasonAntispam, ledger.ReasonAppeal, ledger.ReasonCorrection, ledger.ReasonDecline, ledger.ReasonAdjust:
		return add(&i.reversed)
	case ledger.ReasonHold, ledger.ReasonUnhold:
		return add(&i.held)
	case ledger.ReasonReserve, ledger.ReasonUnreserve, ledger.ReasonRelease, ledger.ReasonPayout, ledger.ReasonReject, ledger.ReasonReturn:
		return add(&i.payouts)
	}
	return add(&i.other)
}

// runIncome answers the income report: the ledger's own sums (R4).
func runIncome(ctx context.Context, tx store.Tx, h *Head, to Sink) error {
	q := &h.Query
	f := q.figures()
	f.By = byWithProgram(q)
	rows, totals := make(map[place]*income), make(map[place]*income)
	at := slices.Index(f.By, store.DimProgram)
	var last place // several reasons and accounts come for one row
	var row, sum *income
	err := tx.Platform().Reports().Income(ctx, f, func(s store.IncomeFigure) error {
		if p := (place{s.Keys, s.Currency}); row == nil || p != last {
			total := place{currency: s.Currency}
			total.keys[at] = s.Keys[at]
			if rows[p] == nil {
				rows[p] = &income{}
			}
			if totals[total] == nil {
				totals[total] = &income{}
			}
			last, row, sum = p, rows[p], totals[total]
		}
		if err := row.take(&s); err != nil {
			return err
		}
		return sum.take(&s)
	})
	if err != nil {
		return err
	}
	t := newTable(q, f.By, []Column{{"currency", Text}, {"open", Amount}, {"approved", Amount}, {"bonus", Amount}, {"reversed", Amount}, {"held", Amount},
		{"payouts", Amount}, {"other", Amount}, {"balance", Amount}, {"deducted", Amount}, {"paid", Amount}}, rows, totals,
		func(p place, i *income) ([]string, error) {
			row := append(slices.Clone(p.keys[:len(f.By)]), string(p.currency))
			for _, minor := range [...]int64{i.open, i.approved, i.bonus, i.reversed, i.held, i.payouts, i.other, i.balance, i.deducted, i.paid} {
				row = append(row, money.New(minor, p.currency).Decimal())
			}
			return row, nil
		})
	return t.send(h, to)
}

func sortRows(rows [][]string) {
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
}
