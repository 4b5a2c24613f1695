package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
)

// question is a query as SQL.
type question struct {
	kind  string
	keys  []string // what is told apart, in the order of the query's dimensions
	by    []string
	where []string
	args  []any
}

func (q *question) and(condition string, args ...any) {
	q.where, q.args = append(q.where, condition), append(q.args, args...)
}

// ask writes a query. Names of dimensions are checked before they stand in SQL; values never do.
func ask(f store.Figures, clicks bool) (*question, error) {
	if err := sqlreport.Check(f, clicks); err != nil {
		return nil, err
	}
	q := &question{kind: clickKind}
	at, day := "at", "day"
	if !clicks {
		q.kind = string(store.ByOrder)
		if f.Basis == store.ByTransaction {
			at, day = "received", "received_day"
			q.and("has_received = 1")
		}
	}
	q.and(counting(q.kind))
	column := func(d store.Dim) string {
		if d == store.DimDay {
			return "toString(" + day + ")"
		}
		return string(d)
	}
	for _, d := range f.By {
		q.keys = append(q.keys, column(d))
	}
	q.by = slices.Clone(q.keys)
	if f.Publisher != "" {
		q.and("publisher = ?", f.Publisher)
	}
	if f.Program != "" {
		q.and("program = ?", string(f.Program))
	}
	for _, b := range []struct {
		t  time.Time
		op string
	}{{f.From, ">="}, {f.To, "<"}} {
		if b.t.IsZero() {
			continue
		}
		us, err := sqltx.Micros("time", b.t)
		if err != nil {
			return nil, err
		}
		q.and(at+" "+b.op+" ?", us)
	}
	for _, m := range f.Where {
		q.and(column(m.Dim)+" = ?", sqlreport.Cut(m.Value))
	}
	return q, nil
}

func (q *question) sql(sums string, split ...string) string {
	keys := slices.Clone(q.keys)
	for len(keys) < store.MaxDims {
		keys = append(keys, "''")
	}
	text := "SELECT " + strings.Join(append(keys, split...), ", ") + ", " + sums + " FROM " + tableOf(q.kind).name + " WHERE " + strings.Join(q.where, " AND ")
	if by := append(slices.Clone(q.by), split...); len(by) > 0 {
		text += " GROUP BY " + strings.Join(by, ", ")
	}
	return text
}

// Clicks implements store.Analytics.
func (e *Engine) Clicks(ctx context.Context, f store.Figures, each func(store.Figure) error) error {
	q, err := ask(f, true)
	if err != nil {
		return err
	}
	return e.read(ctx, q.sql("sum(clicks), sum(rejected)"), q, f, func(scan func(...any) error, to *store.Figure) error {
		return scan(&to.Keys[0], &to.Keys[1], &to.Keys[2], &to.Keys[3], &to.Clicks, &to.Rejected)
	}, each)
}

// Items implements store.Analytics.
func (e *Engine) Items(ctx context.Context, f store.Figures, each func(store.Figure) error) error {
	q, err := ask(f, false)
	if err != nil {
		return err
	}
	return e.read(ctx, q.sql("sum(items), sum(actions), sum(sold_high), sum(sold_low), sum(amount_high), sum(amount_low), sum(fee_high), sum(fee_low), sum(held), sum(held_for)", "currency", "state"),
		q, f, func(scan func(...any) error, to *store.Figure) error {
			var currency string
			var sold, amount, fee [2]int64
			err := scan(&to.Keys[0], &to.Keys[1], &to.Keys[2], &to.Keys[3], &currency, &to.State, &to.Items, &to.Actions,
				&sold[0], &sold[1], &amount[0], &amount[1], &fee[0], &fee[1], &to.Held, &to.HeldFor)
			if err != nil {
				return err
			}
			to.Currency = money.Currency(currency)
			if to.Value, err = sqltx.Whole(sold[0], sold[1]); err != nil {
				return err
			}
			if to.Amount, err = sqltx.Whole(amount[0], amount[1]); err != nil {
				return err
			}
			to.Fee, err = sqltx.Whole(fee[0], fee[1])
			return err
		}, each)
}

func (e *Engine) read(ctx context.Context, text string, q *question, f store.Figures, scan func(func(...any) error, *store.Figure) error, each func(store.Figure) error) error {
	rows, err := e.conn.Query(ctx, text, q.args...)
	if err != nil {
		return fmt.Errorf("asking ClickHouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var found store.Figure
		if err := scan(rows.Scan, &found); err != nil {
			return fmt.Errorf("reading the answer of ClickHouse: %w", err)
		}
		if found.Clicks == 0 && found.Rejected == 0 && found.Items == 0 {
			continue
		}
		if err := sqlreport.ReadDays(f.By, &found.Keys); err != nil {
			return err
		}
		if err := each(found); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the answer of ClickHouse: %w", err)
	}
	return nil
}
