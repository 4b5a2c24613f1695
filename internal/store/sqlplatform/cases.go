package sqlplatform

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type cases struct{ *sqltx.Tx }

// Put implements store.Cases.
func (t cases) Put(ctx context.Context, c store.CaseRow, revision int) error {
	text := func(name, of string) sqltx.Column { return sqltx.TextOf(name, 1, func(int) string { return of }) }
	var kept int64
	found, err := t.One(ctx, sqltx.Statement{
		// An update of nothing returns nothing: the revision was another one.
		SQL: `-- cases.Put
WITH r AS ({rows})
INSERT INTO trust_cases (id, program, publisher, state, outcome, category, opened_at, next_at, revision, body)
SELECT id, program, publisher, state, outcome, category, opened_at, next_at, revision, body FROM r
WHERE revision = 1 OR EXISTS (SELECT 1 FROM trust_cases c WHERE c.id = r.id)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, outcome = excluded.outcome, category = excluded.category, next_at = excluded.next_at,
	revision = excluded.revision, body = excluded.body
WHERE trust_cases.revision = excluded.revision - 1
RETURNING revision`,
		Rows: []sqltx.Column{
			sqltx.Key("id", 1, func(int) string { return c.ID }),
			sqltx.Key("program", 1, func(int) program.ID { return c.Program }),
			sqltx.Key("publisher", 1, func(int) string { return c.Publisher }),
			text("state", c.State), text("outcome", c.Outcome), text("category", c.Category),
			sqltx.When("opened_at", 1, func(int) time.Time { return c.OpenedAt }),
			sqltx.Maybe("next_at", 1, func(int) time.Time { return c.Next }),
			sqltx.Number("revision", 1, func(int) int64 { return int64(revision) + 1 }),
			text("body", string(c.JSON)),
		},
	}, &kept)
	if err == nil && !found {
		err = store.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("keeping case %q: %w", c.ID, err)
	}
	return nil
}

const caseColumns = `id, program, publisher, state, outcome, category, opened_at, next_at, revision, body`

func scanCase(scan func(...any) error) (c store.CaseRow, revision int, err error) {
	var opened int64
	var next *int64
	err = scan(&c.ID, &c.Program, &c.Publisher, &c.State, &c.Outcome, &c.Category, &opened, &next, &revision, &c.JSON)
	c.OpenedAt, c.Next = sqltx.Instant(opened), sqltx.Optional(next)
	return c, revision, err
}

// Get implements store.Cases.
func (t cases) Get(ctx context.Context, id string) (c store.CaseRow, revision int, err error) {
	found := false
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- cases.Get
SELECT ` + caseColumns + ` FROM trust_cases WHERE id = $1`,
		Args: []any{id},
	}, func(scan func(...any) error) (err error) {
		found = true
		c, revision, err = scanCase(scan)
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return c, 0, fmt.Errorf("reading case %.70q: %w", id, err)
	}
	return c, revision, nil
}

// casePlace is where a page of cases ended.
type casePlace struct {
	Opened int64  `json:"at"`
	ID     string `json:"id"`
}

// Page implements store.Cases.
func (t cases) Page(ctx context.Context, f store.CaseFilter, after string, limit int) ([]store.CaseRow, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("program", string(f.Program))
	w.Equal("publisher", f.Publisher)
	w.Equal("state", f.State)
	w.Equal("category", f.Category)
	w.Holds(f.Words, "id", "publisher")
	if after != "" {
		var from casePlace
		if err := sqltx.DecodeCursor(after, &from); err != nil {
			return nil, "", err
		}
		at, than := w.Arg(from.Opened), w.Arg(from.ID)
		w.Conditions = append(w.Conditions, "(opened_at < "+at+" OR (opened_at = "+at+" AND id > "+than+"))")
	}
	var all []store.CaseRow
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- cases.Page
SELECT ` + caseColumns + ` FROM trust_cases c ` + w.String() + ` ORDER BY opened_at DESC, id LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		c, _, err := scanCase(scan)
		all = append(all, c)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing cases: %w", err)
	}
	if len(all) <= limit {
		return all, "", nil
	}
	all = all[:limit]
	last := &all[limit-1]
	next, err := sqltx.EncodeCursor(casePlace{last.OpenedAt.UnixMicro(), last.ID})
	return all, next, err
}

// Due implements store.Cases.
func (t cases) Due(ctx context.Context, at time.Time, limit int) ([]store.CaseRow, error) {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var due []store.CaseRow
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- cases.Due
SELECT ` + caseColumns + ` FROM trust_cases WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2`,
		Args: []any{us, int64(limit)},
	}, func(scan func(...any) error) error {
		c, _, err := scanCase(scan)
		due = append(due, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading cases that are due: %w", err)
	}
	return due, nil
}
