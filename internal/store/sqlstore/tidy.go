package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// Needed is a condition on a touch c: an order names it, or its visitor ordered something.
const Needed = `EXISTS (SELECT 1 FROM orders o WHERE o.visitor <> '' AND o.program = c.program AND o.visitor = c.visitor)
	OR EXISTS (SELECT 1 FROM orders o WHERE o.click <> '' AND o.program = c.program AND o.click = c.id)`

// Kept is something that is kept for a while: rows of a table with a program and a time.
type Kept struct {
	table, oldest, next, forget string
}

// Touches and Visits are what is kept for a while.
var (
	Touches = Kept{
		table: "touches",
		oldest: `-- tidy.oldestTouch
SELECT MIN(at) FROM clicks WHERE program = $1`,
		next: `-- tidy.programOfTouches
SELECT MIN(program) FROM clicks WHERE program > $1`,
		forget: `-- tidy.forgetTouches
DELETE FROM clicks AS c WHERE c.program = $1 AND c.at < $2 AND NOT (` + Needed + `)`,
	}
	Visits = Kept{
		table: "visits",
		oldest: `-- tidy.oldestVisit
SELECT MIN(at) FROM visits WHERE program = $1`,
		next: `-- tidy.programOfVisits
SELECT MIN(program) FROM visits WHERE program > $1`,
		forget: `-- tidy.forgetVisits
DELETE FROM visits WHERE program = $1 AND at < $2`,
	}
)

// Seal adds up the days that lose touches or visits, before they are forgotten: reports keep their figures.
func Seal(ctx context.Context, s store.Store, now time.Time, keep store.Retention) error {
	for _, age := range [...]time.Duration{keep.Clicks, keep.Visits} {
		if age <= 0 {
			continue
		}
		if err := sqlreport.Seal(ctx, s, func(tx store.Tx) *sqltx.Tx { return tx.(*Tx).Tx }, now.Add(-age)); err != nil {
			return err
		}
	}
	return nil
}

// Adopt takes over what an older version kept in another form. An engine calls it when it opens a database.
func Adopt(ctx context.Context, s store.Store) error {
	return sqlreport.Adopt(ctx, s, func(tx store.Tx) *sqltx.Tx { return tx.(*Tx).Tx })
}

// slice is how much time one transaction of Forget covers, so that nobody waits long for it.
const slice = 6 * time.Hour

// Forget takes out what is older than a time, in several transactions, and returns how much it was.
func Forget(ctx context.Context, s store.Store, k Kept, before time.Time) (n int64, err error) {
	limit, err := sqltx.Micros("before", before)
	if err != nil {
		return 0, err
	}
	for p := program.ID(""); ; {
		var oldest *int64
		err := s.View(ctx, func(tx store.Tx) error {
			t := tx.(*Tx)
			var next *string
			if _, err := t.One(ctx, sqltx.Statement{SQL: k.next, Args: []any{string(p)}}, &next); err != nil || next == nil {
				p = ""
				return err
			}
			p = program.ID(*next)
			_, err := t.One(ctx, sqltx.Statement{SQL: k.oldest, Args: []any{*next}}, &oldest)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("looking for old %s: %w", k.table, err)
		}
		if p == "" {
			return n, nil
		}
		for oldest != nil && *oldest < limit {
			*oldest = min(*oldest+slice.Microseconds(), limit)
			var gone int64
			err := s.Update(ctx, func(tx store.Tx) (err error) {
				gone, err = tx.(*Tx).Exec(ctx, sqltx.Statement{SQL: k.forget, Args: []any{string(p), *oldest}})
				return err
			})
			if err != nil {
				return n, fmt.Errorf("forgetting %s: %w", k.table, err)
			}
			n += gone
		}
	}
}
