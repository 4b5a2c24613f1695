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

type people struct{ *sqltx.Tx }

// personColumns is what scanPerson reads.
const personColumns = `id, email, name, language, password, checked_at, locked_at, created_at, totp_secret, totp_since, totp_step, recovery, passkeys, erased_at`

func scanPerson(scan func(...any) error) (p store.Person, err error) {
	var checked, locked, since, erased *int64
	var created int64
	var recovery, passkeys string
	err = scan(&p.ID, &p.Email, &p.Name, &p.Language, &p.Password, &checked, &locked, &created, &p.TOTPSecret, &since, &p.TOTPStep, &recovery, &passkeys, &erased)
	if err != nil {
		return p, err
	}
	p.CheckedAt, p.LockedAt, p.CreatedAt, p.TOTPSince = sqltx.Optional(checked), sqltx.Optional(locked), sqltx.Instant(created), sqltx.Optional(since)
	p.TOTPSecret, p.ErasedAt = some(p.TOTPSecret), sqltx.Optional(erased)
	if p.Recovery, err = list(recovery); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(passkeys), &p.Passkeys); err != nil {
		return p, fmt.Errorf("reading passkeys: %w", err)
	}
	return p, nil
}

// Hold implements store.People.
func (t people) Hold(ctx context.Context, id string) error {
	return wrap(t.LockName(ctx, "person "+id), "waiting for a person")
}

// Put implements store.People.
func (t people) Put(ctx context.Context, p store.Person) error {
	passkeys := slices.Clone(p.Passkeys)
	for i := range passkeys {
		k := &passkeys[i]
		k.CreatedAt, k.UsedAt = k.CreatedAt.UTC().Truncate(time.Microsecond), k.UsedAt.UTC().Truncate(time.Microsecond)
		if err := keepable(k.Name); err != nil {
			return wrap(err, "keeping a passkey")
		}
	}
	keys, err := json.Marshal(passkeys)
	if err != nil {
		return wrap(err, "keeping a person")
	}
	columns := []sqltx.Column{
		given("id", p.ID), given("email", p.Email), free("name", p.Name), free("language", p.Language), free("password", p.Password),
		maybe("checked_at", p.CheckedAt), maybe("locked_at", p.LockedAt), when("created_at", p.CreatedAt), data("totp_secret", p.TOTPSecret),
		maybe("totp_since", p.TOTPSince), number("totp_step", p.TOTPStep), texts("recovery", p.Recovery), free("passkeys", string(keys)),
		maybe("erased_at", p.ErasedAt),
	}
	if err := check(t.Tx, columns); err != nil {
		return wrap(err, "keeping a person")
	}
	// Two who enter the same address at once: the second one waits, and sees the first one.
	if err := t.LockName(ctx, "email "+p.Email); err != nil {
		return wrap(err, "waiting for an e-mail address")
	}
	same, err := t.ByEmail(ctx, p.Email)
	switch {
	case err == nil && same.ID != p.ID:
		return fmt.Errorf("keeping a person: somebody else has the e-mail address: %w", store.ErrConflict)
	case ignore(err) != nil:
		return err
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- people.Put
WITH r AS ({rows})
INSERT INTO people (` + personColumns + `) SELECT ` + personColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, language = excluded.language, password = excluded.password,
	checked_at = excluded.checked_at, locked_at = excluded.locked_at, created_at = excluded.created_at, totp_secret = excluded.totp_secret,
	totp_since = excluded.totp_since, totp_step = excluded.totp_step, recovery = excluded.recovery,
	passkeys = excluded.passkeys, erased_at = excluded.erased_at`,
		Rows: columns,
	})
	return wrap(err, "keeping a person")
}

// ByID implements store.People.
func (t people) ByID(ctx context.Context, id string) (store.Person, error) {
	p, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- people.ByID
SELECT ` + personColumns + ` FROM people WHERE id = $1`,
		Args: []any{id},
	}, scanPerson)
	return p, wrap(err, "reading a person")
}

// ByEmail implements store.People.
func (t people) ByEmail(ctx context.Context, email string) (store.Person, error) {
	p, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- people.ByEmail
SELECT ` + personColumns + ` FROM people WHERE email = $1`,
		Args: []any{email},
	}, scanPerson)
	return p, wrap(err, "reading a person")
}
