package sqlaccounts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type rejected struct{ *sqltx.Tx }

// rejectedColumns is what scanRejected reads.
const rejectedColumns = `key, at, operation, path, status, type, refused, errors`

func scanRejected(scan func(...any) error) (c store.RejectedCall, err error) {
	var at int64
	var errs string
	if err = scan(&c.Key, &at, &c.Operation, &c.Path, &c.Status, &c.Type, &c.Refused, &errs); err != nil {
		return c, err
	}
	c.At = sqltx.Instant(at)
	if err = json.Unmarshal([]byte(errs), &c.Errors); err != nil {
		return c, fmt.Errorf("reading what was wrong: %w", err)
	}
	return c, nil
}

// Add implements store.RejectedCalls.
func (t rejected) Add(ctx context.Context, calls []store.RejectedCall, keep int) error {
	const doing = "keeping rejected calls"
	n := len(calls)
	if n == 0 {
		return nil
	}
	if err := sqltx.CheckLimit(keep); err != nil {
		return wrap(err, doing)
	}
	var newest int64
	columns := []sqltx.Column{
		sqltx.Key("key", n, func(i int) string { return calls[i].Key }),
		sqltx.When("at", n, func(i int) time.Time { return calls[i].At }),
		sqltx.TextOf("operation", n, func(i int) string { return calls[i].Operation }),
		sqltx.TextOf("path", n, func(i int) string { return calls[i].Path }),
		sqltx.Number("status", n, func(i int) int { return calls[i].Status }),
		sqltx.TextOf("type", n, func(i int) string { return calls[i].Type }),
		sqltx.Number("refused", n, func(i int) int { return calls[i].Refused }),
		sqltx.JSONOf("errors", n, func(i int) []store.CallError { return calls[i].Errors }),
	}
	err := check(t.Tx, columns)
	for i := range calls {
		for _, e := range calls[i].Errors {
			if err == nil {
				err = keepable(e.Field, e.Reason, e.Fix)
			}
		}
	}
	if err == nil {
		// Whoever comes second waits, so that no two calls get one number.
		err = t.LockName(ctx, "rejected calls")
	}
	if err == nil {
		_, err = t.One(ctx, sqltx.Statement{
			SQL: `-- rejected.newest
SELECT COALESCE(MAX(number), 0) FROM rejected_calls`,
		}, &newest)
	}
	if err == nil {
		err = t.Enter(ctx, sqltx.Statement{
			SQL: `-- rejected.Add
WITH r AS ({rows})
INSERT INTO rejected_calls (number, ` + rejectedColumns + `) SELECT number, ` + rejectedColumns + ` FROM r WHERE true`,
			Rows: append(columns, sqltx.Number("number", n, func(i int) int64 { return newest + 1 + int64(i) })),
		})
	}
	var keys []string
	for i := range calls {
		keys = append(keys, calls[i].Key)
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if err == nil {
			_, err = t.Exec(ctx, sqltx.Statement{
				SQL: `-- rejected.older
DELETE FROM rejected_calls WHERE key = $1 AND number <= (SELECT number FROM rejected_calls WHERE key = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)`,
				Args: []any{key, int64(keep)},
			})
		}
	}
	return wrap(err, doing)
}

// Of implements store.RejectedCalls.
func (t rejected) Of(ctx context.Context, key string, limit int) ([]store.RejectedCall, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- rejected.Of
SELECT ` + rejectedColumns + ` FROM rejected_calls WHERE key = $1 ORDER BY number DESC LIMIT $2`,
		Args: []any{key, int64(limit)},
	}, scanRejected)
	return found, wrap(err, "reading rejected calls")
}

// Forget implements store.RejectedCalls.
func (t rejected) Forget(ctx context.Context, before time.Time) (int64, error) {
	limit, err := sqltx.Micros("before", before)
	if err != nil {
		return 0, err
	}
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- rejected.Forget
DELETE FROM rejected_calls WHERE at < $1`,
		Args: []any{limit},
	})
	return n, wrap(err, "forgetting rejected calls")
}
