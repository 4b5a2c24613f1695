package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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

// TallyIncome adds transactions that were booked to the sums of publishers' accounts.
func TallyIncome(ctx context.Context, tx *sqltx.Tx, booked []ledger.Transaction) error {
	sums := make(map[incomePlace]incomeSum)
	for i := range booked {
		b := &booked[i]
		for _, p := range b.Postings() {
			if !p.Account.Kind.OfPublisher() {
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

// incomeKey is how many columns name a sum of a publisher.
const incomeKey = 5

// Income implements store.Reports.
func (t reports) Income(ctx context.Context, q store.Figures, each func(store.IncomeFigure) error) error {
	groups := []string{"currency", "reason", "kind"}
	if len(q.By) > store.MaxDims {
		return fmt.Errorf("%d dimensions: %d are the most: %w", len(q.By), store.MaxDims, store.ErrInvalid)
	}
	for _, d := range q.By {
		switch d {
		case store.DimDay:
			groups = append(groups, "day")
		case store.DimProgram:
			groups = append(groups, "program")
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
	cols := []string{"0", "''"} // day and program
	for i, d := range []store.Dim{store.DimDay, store.DimProgram} {
		if slices.Contains(q.By, d) {
			cols[i] = string(d)
		}
	}
	amounts, end := "amount_high, amount_low", ""
	if len(groups) < incomeKey { // by all of its key no sum stands in two rows
		amounts, end = "CAST(SUM(amount_high) AS BIGINT), CAST(SUM(amount_low) AS BIGINT)", " GROUP BY "+strings.Join(groups, ", ")
	}
	dates := make(dayTexts)
	return t.Query(ctx, sqltx.Statement{
		SQL:  "-- reports.Income\nSELECT " + strings.Join(cols, ", ") + ", currency, reason, kind, " + amounts + " FROM income_sums " + w.String() + end,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var f store.IncomeFigure
		var kind string
		var d, high, low int64
		var p program.ID
		err := scan(&d, &p, &f.Currency, &f.Reason, &kind, &high, &low)
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
		for i, dim := range q.By {
			if f.Keys[i] = string(p); dim == store.DimDay {
				f.Keys[i] = dates.of(d)
			}
		}
		return each(f)
	})
}
