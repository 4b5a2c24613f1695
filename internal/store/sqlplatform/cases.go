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
	return sqltx.Cut(all, limit, func(c *store.CaseRow) any { return casePlace{c.OpenedAt.UnixMicro(), c.ID} })
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

const fileColumns = `case_id, number, name, type, size, sha256, put_by, from_publisher, at`

func scanFile(scan func(...any) error, more ...any) (f store.CaseFile, err error) {
	var at int64
	err = scan(append([]any{&f.Case, &f.Number, &f.Name, &f.Type, &f.Size, &f.SHA256, &f.By, &f.FromPublisher, &at}, more...)...)
	f.At = sqltx.Instant(at)
	return f, err
}

// PutFile implements store.Cases.
func (t cases) PutFile(ctx context.Context, f store.CaseFile) error {
	var one int64
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- cases.PutFile
SELECT 1 FROM trust_cases WHERE id = $1`,
		Args: []any{f.Case},
	}, &one)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	var n int64
	if err == nil {
		n, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- cases.PutFile
WITH r AS ({rows})
INSERT INTO case_files (` + fileColumns + `, data) SELECT ` + fileColumns + `, data FROM r WHERE true ON CONFLICT (case_id, number) DO NOTHING`,
			Rows: []sqltx.Column{
				keyed("case_id", f.Case), numbered("number", f.Number), given("name", f.Name), given("type", f.Type), numbered("size", f.Size), given("sha256", f.SHA256),
				given("put_by", f.By), flag("from_publisher", f.FromPublisher), when("at", f.At), sqltx.Data("data", 1, func(int) []byte { return f.Data }),
			},
		})
		if err == nil && n == 0 {
			err = store.ErrConflict
		}
	}
	if err != nil {
		return fmt.Errorf("keeping file %d of case %.70q: %w", f.Number, f.Case, err)
	}
	return nil
}

// Files implements store.Cases.
func (t cases) Files(ctx context.Context, id string) ([]store.CaseFile, error) {
	var all []store.CaseFile
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- cases.Files
SELECT ` + fileColumns + ` FROM case_files WHERE case_id = $1 ORDER BY number`,
		Args: []any{id},
	}, func(scan func(...any) error) error {
		f, err := scanFile(scan)
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the files of case %.70q: %w", id, err)
	}
	return all, nil
}

// File implements store.Cases.
func (t cases) File(ctx context.Context, id string, number int) (f store.CaseFile, err error) {
	found := false
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- cases.File
SELECT ` + fileColumns + `, data FROM case_files WHERE case_id = $1 AND number = $2`,
		Args: []any{id, int64(number)},
	}, func(scan func(...any) error) (err error) {
		found = true
		var data []byte
		f, err = scanFile(scan, &data)
		f.Data = data
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.CaseFile{}, fmt.Errorf("reading file %d of case %.70q: %w", number, id, err)
	}
	return f, nil
}
