// Package sqlaccounts is the roles of store.Accounts in SQL, the same for each engine.
package sqlaccounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// New returns the roles over a transaction.
func New(tx *sqltx.Tx) store.Accounts { return accounts{tx} }

type accounts struct{ *sqltx.Tx }

func (a accounts) People() store.People               { return people(a) }
func (a accounts) Organisations() store.Organisations { return organisations(a) }
func (a accounts) Sessions() store.Sessions           { return sessions(a) }
func (a accounts) Tickets() store.Tickets             { return tickets(a) }
func (a accounts) Apps() store.Apps                   { return apps(a) }
func (a accounts) Rejected() store.RejectedCalls      { return rejected(a) }
func (a accounts) Audit() store.Audit                 { return audit(a) }
func (a accounts) Outbox() store.Outbox               { return outbox(a) }
func (a accounts) Agreements() store.Agreements       { return agreements(a) }
func (a accounts) Traces() store.Traces               { return traces(a) }

// wrap says what was being done when an error came up.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// list reads a list that is kept as JSON.
func list(text string) (out []string, err error) {
	if err = json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("reading a list: %w", err)
	}
	return out, nil
}

// some returns bytes, or nil where there are none.
func some(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// all reads the rows of a statement.
func all[T any](ctx context.Context, t *sqltx.Tx, s sqltx.Statement, read func(scan func(...any) error) (T, error)) ([]T, error) {
	var found []T
	err := t.Query(ctx, s, func(scan func(...any) error) error {
		v, err := read(scan)
		if err == nil {
			found = append(found, v)
		}
		return err
	})
	return found, err
}

// one reads the row of a statement; none is ErrNotFound.
func one[T any](ctx context.Context, t *sqltx.Tx, s sqltx.Statement, read func(scan func(...any) error) (T, error)) (T, error) {
	found, err := all(ctx, t, s, read)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// there checks that a row is there to which another one is going to refer.
func there(ctx context.Context, t *sqltx.Tx, s sqltx.Statement) error {
	var found int64
	ok, err := t.One(ctx, s, &found)
	if err == nil && !ok {
		return store.ErrNotFound
	}
	return err
}

// changed runs a statement that must change a row.
func changed(ctx context.Context, t *sqltx.Tx, s sqltx.Statement) error {
	n, err := t.Exec(ctx, s)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

// given is a row of one text.
func given[S ~string](name string, v S) sqltx.Column {
	return sqltx.Key(name, 1, func(int) S { return v })
}

// free is a column of one text that no index holds.
func free(name, v string) sqltx.Column {
	return sqltx.TextOf(name, 1, func(int) string { return v })
}

func when(name string, at time.Time) sqltx.Column {
	return sqltx.When(name, 1, func(int) time.Time { return at })
}

func maybe(name string, at time.Time) sqltx.Column {
	return sqltx.Maybe(name, 1, func(int) time.Time { return at })
}

func data(name string, b []byte) sqltx.Column {
	return sqltx.Data(name, 1, func(int) []byte { return b })
}

func texts(name string, v []string) sqltx.Column {
	return sqltx.Lists(name, 1, func(int) []string { return v })
}

func number(name string, n int64) sqltx.Column {
	return sqltx.Number(name, 1, func(int) int64 { return n })
}

// check refuses values that no engine can keep, before anything is read or locked by them.
func check(t *sqltx.Tx, columns []sqltx.Column) error {
	return t.Check(&sqltx.Statement{Rows: columns})
}

// keepable refuses texts that are kept inside of JSON and that no engine could keep by themselves.
func keepable(texts ...string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return fmt.Errorf("a text of characters that no database keeps: %w", store.ErrInvalid)
		}
	}
	return nil
}

// ignore hides that something is not there.
func ignore(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
