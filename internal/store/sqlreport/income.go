package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

type incomePlace struct {
	publisher string
	day       int64
	program   program.ID
	currency  money.Currency
	reason    ledger.Reason
	kind      ledger.Kind
}

type incomeSum struct{ high, low int64 }

// ofPublisher reports whether accounts of a kind belong to publishers.
func ofPublisher(k ledger.Kind) bool {
	switch k {
	case ledger.Tracked, ledger.Pending, ledger.Approved, ledger.Available, ledger.Hold, ledger.Reserved, ledger.Paid, ledger.Clawback:
		return true
	}
	return false
}

// TallyIncome adds transactions that were booked to the sums of publishers' accounts.
func TallyIncome(ctx context.Context, tx *sqltx.Tx, booked []ledger.Transaction) error {
	sums := make(map[incomePlace]incomeSum)
	for i := range booked {
		b := &booked[i]
		for _, p := range b.Postings() {
			if !ofPublisher(p.Account.Kind) {
				continue
			}
			k := incomePlace{p.Account.Owner, day(b.EffectiveAt.UnixMicro()), p.Account.Program, b.Currency, b.Reason, p.Account.Kind}
			high, low := sqltx.Halves(p.Amount)
			for _, publisher := range [...]string{p.Account.Owner, everybody} {
				k.publisher = publisher
				s := sums[k]
				s.high += high
				s.low += low
				sums[k] = s
			}
		}
	}
	places := make([]incomePlace, 0, len(sums))
	for k, s := range sums {
		s.high, s.low = sqltx.Carry(s.high, s.low)
		if sums[k] = s; s != (incomeSum{}) {
			places = append(places, k)
		}
	}
	slices.SortFunc(places, func(a, b incomePlace) int {
		return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.day, b.day), cmp.Compare(a.program, b.program),
			cmp.Compare(a.currency, b.currency), cmp.Compare(a.reason, b.reason), cmp.Compare(a.kind, b.kind))
	})
	n := len(places)
	if n == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.addIncome
WITH r AS ({rows})
INSERT INTO income_sums (publisher, day, program, currency, reason, kind, amount_high, amount_low)
SELECT publisher, day, program, currency, reason, kind, amount_high, amount_low FROM r WHERE true
ON CONFLICT (publisher, day, program, currency, reason, kind) DO UPDATE
SET amount_high = income_sums.amount_high + excluded.amount_high, amount_low = income_sums.amount_low + excluded.amount_low`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return places[i].publisher }),
			sqltx.Number("day", n, func(i int) int64 { return places[i].day }),
			sqltx.Key("program", n, func(i int) program.ID { return places[i].program }),
			sqltx.TextOf("currency", n, func(i int) money.Currency { return places[i].currency }),
			sqltx.TextOf("reason", n, func(i int) ledger.Reason { return places[i].reason }),
			sqltx.TextOf("kind", n, func(i int) string { return places[i].kind.String() }),
			sqltx.Number("amount_high", n, func(i int) int64 { return sums[places[i]].high }),
			sqltx.Number("amount_low", n, func(i int) int64 { return sums[places[i]].low }),
		},
	})
	if err != nil {
		return fmt.Errorf("adding postings up: %w", err)
	}
	return nil
}

// Income implements store.Reports.
func (t reports) Income(ctx context.Context, q store.Figures, each func(store.IncomeFigure) error) error {
	by := [store.MaxDims]string{"''", "''", "''", "''"}
	if len(q.By) > store.MaxDims {
		return fmt.Errorf("%d dimensions: %d are the most: %w", len(q.By), store.MaxDims, store.ErrInvalid)
	}
	for i, d := range q.By {
		switch d {
		case store.DimDay:
			by[i] = "CAST(day AS TEXT)"
		case store.DimProgram:
			by[i] = "program"
		default:
			return fmt.Errorf("income by %q: it is by day and program only: %w", d, store.ErrInvalid)
		}
	}
	if len(q.Where) > 0 {
		return fmt.Errorf("income is asked for by publisher, program and day only: %w", store.ErrInvalid)
	}
	from, to, whole, err := bounds(q)
	if err != nil {
		return err
	}
	if !whole {
		return fmt.Errorf("income is asked for by whole days: %w", store.ErrInvalid)
	}
	w := sqltx.Where{Conditions: []string{"publisher = $1"}, Args: []any{q.Publisher}}
	w.Equal("program", string(q.Program))
	w.Conditions = append(w.Conditions, "day >= "+w.Arg(day(from)), "day < "+w.Arg(day(to)))
	return t.Query(ctx, sqltx.Statement{
		SQL: `-- reports.Income
SELECT k0, k1, k2, k3, currency, reason, kind, CAST(SUM(amount_high) AS BIGINT), CAST(SUM(amount_low) AS BIGINT) FROM (
	SELECT ` + by[0] + " AS k0, " + by[1] + " AS k1, " + by[2] + " AS k2, " + by[3] + " AS k3, currency, reason, kind, amount_high, amount_low FROM income_sums " + w.String() + `
) AS s GROUP BY k0, k1, k2, k3, currency, reason, kind`,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var f store.IncomeFigure
		var kind string
		var high, low int64
		err := scan(&f.Keys[0], &f.Keys[1], &f.Keys[2], &f.Keys[3], &f.Currency, &f.Reason, &kind, &high, &low)
		if err != nil {
			return err
		}
		if f.Kind, err = ledger.ParseKind(kind); err != nil {
			return err
		}
		if f.Amount, err = sqltx.Whole(high, low); err != nil {
			return err
		}
		if f.Amount == 0 {
			return nil
		}
		if err := ReadDays(q.By, &f.Keys); err != nil {
			return err
		}
		return each(f)
	})
}
