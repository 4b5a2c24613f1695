package sqlaccounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type audit struct{ *sqltx.Tx }

// auditColumns is what scanEntry reads.
const auditColumns = `sequence, at, person, organisation, via, network, action, object, detail, salt, commitment, hash`

func scanEntry(scan func(...any) error) (e store.AuditEntry, err error) {
	var at int64
	err = scan(&e.Sequence, &at, &e.Person, &e.Organisation, &e.Via, &e.Network, &e.Action, &e.Object, &e.Detail, &e.Salt, &e.Commitment, &e.Hash)
	e.At, e.Salt, e.Commitment = sqltx.Instant(at), some(e.Salt), some(e.Commitment)
	return e, err
}

// Append implements store.Audit.
func (t audit) Append(ctx context.Context, entries []store.AuditEntry) error {
	n := len(entries)
	if n == 0 {
		return nil
	}
	// Whoever comes second waits, so that there is one newest entry. Refused values are refused before.
	row := make([]store.AuditEntry, n)
	copy(row, entries)
	columns := func() []sqltx.Column {
		return []sqltx.Column{
			sqltx.Number("sequence", n, func(i int) int64 { return row[i].Sequence }),
			sqltx.When("at", n, func(i int) time.Time { return row[i].At }),
			sqltx.Key("person", n, func(i int) string { return row[i].Person }),
			sqltx.Key("organisation", n, func(i int) string { return row[i].Organisation }),
			sqltx.TextOf("via", n, func(i int) string { return row[i].Via }),
			sqltx.TextOf("network", n, func(i int) string { return row[i].Network }),
			sqltx.Key("action", n, func(i int) string { return row[i].Action }),
			sqltx.Key("object", n, func(i int) string { return row[i].Object }),
			sqltx.TextOf("detail", n, func(i int) string { return row[i].Detail }),
			sqltx.Data("salt", n, func(i int) []byte { return row[i].Salt }),
			sqltx.Data("commitment", n, func(i int) []byte { return row[i].Commitment }),
			sqltx.Data("hash", n, func(i int) []byte { return row[i].Hash }),
		}
	}
	if err := check(t.Tx, columns()); err != nil {
		return wrap(err, "writing to the audit log")
	}
	if err := t.LockName(ctx, "audit"); err != nil {
		return wrap(err, "waiting for the audit log")
	}
	var sequence int64
	var before []byte
	if _, err := t.One(ctx, sqltx.Statement{
		SQL: `-- audit.newest
SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1`,
	}, &sequence, &before); err != nil {
		return wrap(err, "reading the end of the audit log")
	}
	for i := range row {
		sequence++
		row[i].Sequence = sequence
		row[i].At = row[i].At.UTC().Truncate(time.Microsecond)
		row[i].Salt = make([]byte, 16)
		_, _ = rand.Read(row[i].Salt) // it never fails
		row[i].Commitment = row[i].Commit()
		row[i].Hash = row[i].Chain(before)
		before = row[i].Hash
	}
	return wrap(t.Enter(ctx, sqltx.Statement{
		SQL: `-- audit.Append
WITH r AS ({rows})
INSERT INTO audit (` + auditColumns + `) SELECT ` + auditColumns + ` FROM r WHERE true`,
		Rows: columns(),
	}), "writing to the audit log")
}

// Redact implements store.Audit.
func (t audit) Redact(ctx context.Context, sequence int64, detail string) error {
	const doing = "cutting an entry of the audit log"
	if err := keepable(detail); err != nil {
		return wrap(err, doing)
	}
	var size int64
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- audit.Redact
SELECT length(commitment) FROM audit WHERE sequence = $1`,
		Args: []any{sequence},
	}, &size)
	switch {
	case err != nil:
		return wrap(err, doing)
	case !found:
		return wrap(store.ErrNotFound, doing)
	case size == 0:
		return wrap(fmt.Errorf("entry %d was written before details could be cut: %w", sequence, store.ErrInvalid), doing)
	}
	return wrap(changed(ctx, t.Tx, sqltx.Statement{
		SQL: `-- audit.Redact
UPDATE audit SET detail = $2, salt = $3 WHERE sequence = $1`,
		Args: []any{sequence, detail, []byte{}},
	}), doing)
}

// After implements store.Audit.
func (t audit) After(ctx context.Context, sequence int64, limit int) ([]store.AuditEntry, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- audit.After
SELECT ` + auditColumns + ` FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2`,
		Args: []any{sequence, int64(limit)},
	}, scanEntry)
	return found, wrap(err, "reading the audit log")
}

// Page implements store.Audit.
func (t audit) Page(ctx context.Context, f store.AuditFilter, after string, limit int) ([]store.AuditEntry, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("person", f.Person)
	w.Equal("organisation", f.Organisation)
	if begin, ok := strings.CutSuffix(f.Action, "."); ok {
		w.Conditions = append(w.Conditions, "action >= "+w.Arg(f.Action), "action < "+w.Arg(begin+"/")) // the character after the dot
	} else {
		w.Equal("action", f.Action)
	}
	w.Equal("object", f.Object)
	if err := w.Between("at", f.From, f.Before); err != nil {
		return nil, "", err
	}
	if after != "" {
		var sequence int64
		if err := sqltx.DecodeCursor(after, &sequence); err != nil {
			return nil, "", err
		}
		w.Conditions = append(w.Conditions, "sequence < "+w.Arg(sequence))
	}
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- audit.Page
SELECT ` + auditColumns + ` FROM audit ` + w.String() + ` ORDER BY sequence DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, scanEntry)
	if err != nil {
		return found, "", wrap(err, "reading the audit log")
	}
	return sqltx.Cut(found, limit, func(e *store.AuditEntry) any { return e.Sequence })
}

type outbox struct{ *sqltx.Tx }

// mailColumns is what scanMail reads.
const mailColumns = `id, recipient, body, created_at, next_at, attempts, sent_at, failure`

func scanMail(scan func(...any) error) (m store.Mail, err error) {
	var created int64
	var next, sent *int64
	err = scan(&m.ID, &m.To, &m.Body, &created, &next, &m.Attempts, &sent, &m.Failure)
	m.CreatedAt, m.NextAt, m.SentAt, m.Body = sqltx.Instant(created), sqltx.Optional(next), sqltx.Optional(sent), some(m.Body)
	return m, err
}

// Put implements store.Outbox.
func (t outbox) Put(ctx context.Context, m store.Mail) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- outbox.Put
WITH r AS ({rows})
INSERT INTO outbox (` + mailColumns + `) SELECT ` + mailColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET recipient = excluded.recipient, body = excluded.body, created_at = excluded.created_at, next_at = excluded.next_at,
	attempts = excluded.attempts, sent_at = excluded.sent_at, failure = excluded.failure`,
		Rows: []sqltx.Column{
			given("id", m.ID), free("recipient", m.To), data("body", m.Body), when("created_at", m.CreatedAt), maybe("next_at", m.NextAt),
			number("attempts", int64(m.Attempts)), maybe("sent_at", m.SentAt), free("failure", m.Failure),
		},
	})
	return wrap(err, "keeping an e-mail")
}

// Due implements store.Outbox.
func (t outbox) Due(ctx context.Context, at time.Time, limit int) ([]store.Mail, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- outbox.Due
SELECT ` + mailColumns + ` FROM outbox WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2`,
		Args: []any{us, int64(limit)},
	}, scanMail)
	return found, wrap(err, "reading e-mail that is to be sent")
}

// Forget implements store.Outbox.
func (t outbox) Forget(ctx context.Context, before time.Time) (int64, error) {
	us, err := sqltx.Micros("before", before)
	if err != nil {
		return 0, err
	}
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- outbox.Forget
DELETE FROM outbox WHERE next_at IS NULL AND created_at < $1`,
		Args: []any{us},
	})
	return n, wrap(err, "forgetting e-mail that was sent")
}
