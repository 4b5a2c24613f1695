package sqlaccounts

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type sessions struct{ *sqltx.Tx }

// sessionColumns is what scanSession reads.
const sessionColumns = `id, person, organisation, created_at, seen_at, proved_at, network, agent`

func scanSession(scan func(...any) error) (s store.Session, err error) {
	var created, seen int64
	var proved *int64
	err = scan(&s.ID, &s.Person, &s.Organisation, &created, &seen, &proved, &s.Network, &s.Agent)
	s.CreatedAt, s.SeenAt, s.ProvedAt = sqltx.Instant(created), sqltx.Instant(seen), sqltx.Optional(proved)
	return s, err
}

// Put implements store.Sessions.
func (t sessions) Put(ctx context.Context, s store.Session) error {
	columns := []sqltx.Column{
		given("id", s.ID), given("person", s.Person), given("organisation", s.Organisation), when("created_at", s.CreatedAt), when("seen_at", s.SeenAt),
		maybe("proved_at", s.ProvedAt), free("network", s.Network), free("agent", s.Agent),
	}
	err := check(t.Tx, columns)
	if err == nil {
		err = there(ctx, t.Tx, sqltx.Statement{
			SQL: `-- sessions.Put
SELECT 1 FROM people WHERE id = $1`,
			Args: []any{s.Person},
		})
	}
	if err == nil {
		_, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- sessions.Put
WITH r AS ({rows})
INSERT INTO sessions (` + sessionColumns + `) SELECT ` + sessionColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET person = excluded.person, organisation = excluded.organisation, created_at = excluded.created_at,
	seen_at = excluded.seen_at, proved_at = excluded.proved_at, network = excluded.network, agent = excluded.agent`,
			Rows: columns,
		})
	}
	return wrap(err, "keeping a session")
}

// Get implements store.Sessions.
func (t sessions) Get(ctx context.Context, id string) (store.Session, error) {
	s, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- sessions.Get
SELECT ` + sessionColumns + ` FROM sessions WHERE id = $1`,
		Args: []any{id},
	}, scanSession)
	return s, wrap(err, "reading a session")
}

// Of implements store.Sessions.
func (t sessions) Of(ctx context.Context, person string) ([]store.Session, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- sessions.Of
SELECT ` + sessionColumns + ` FROM sessions WHERE person = $1 ORDER BY seen_at DESC, id`,
		Args: []any{person},
	}, scanSession)
	return found, wrap(err, "reading sessions")
}

// Remove implements store.Sessions.
func (t sessions) Remove(ctx context.Context, id string) (bool, error) {
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- sessions.Remove
DELETE FROM sessions WHERE id = $1`,
		Args: []any{id},
	})
	return n > 0, wrap(err, "ending a session")
}

// RemoveOf implements store.Sessions.
func (t sessions) RemoveOf(ctx context.Context, person, but string) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- sessions.RemoveOf
DELETE FROM sessions WHERE person = $1 AND id <> $2`,
		Args: []any{person, but},
	})
	return wrap(err, "ending a person's sessions")
}

// RemoveBefore implements store.Sessions.
func (t sessions) RemoveBefore(ctx context.Context, created, seen time.Time) error {
	c, err := sqltx.Micros("created", created)
	if err != nil {
		return err
	}
	s, err := sqltx.Micros("seen", seen)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- sessions.RemoveBefore
DELETE FROM sessions WHERE created_at < $1 OR seen_at < $2`,
		Args: []any{c, s},
	})
	return wrap(err, "ending old sessions")
}

type tickets struct{ *sqltx.Tx }

// ticketColumns is what scanTicket reads.
const ticketColumns = `hash, purpose, person, email, organisation, role, made_by, created_at, expires_at, used_at`

func scanTicket(scan func(...any) error) (k store.Ticket, err error) {
	var created, expires int64
	var used *int64
	err = scan(&k.Hash, &k.Purpose, &k.Person, &k.Email, &k.Organisation, &k.Role, &k.By, &created, &expires, &used)
	k.CreatedAt, k.ExpiresAt, k.UsedAt = sqltx.Instant(created), sqltx.Instant(expires), sqltx.Optional(used)
	return k, err
}

// Put implements store.Tickets.
func (t tickets) Put(ctx context.Context, k store.Ticket) error {
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- tickets.Put
WITH r AS ({rows})
INSERT INTO tickets (` + ticketColumns + `) SELECT ` + ticketColumns + ` FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			given("hash", k.Hash), given("purpose", k.Purpose), given("person", k.Person), free("email", k.Email), given("organisation", k.Organisation),
			free("role", string(k.Role)), free("made_by", k.By), when("created_at", k.CreatedAt), when("expires_at", k.ExpiresAt), maybe("used_at", k.UsedAt),
		},
	})
	if err == nil && n == 0 {
		err = store.ErrConflict
	}
	return wrap(err, "keeping a ticket")
}

// Get implements store.Tickets.
func (t tickets) Get(ctx context.Context, hash string) (store.Ticket, error) {
	k, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- tickets.Get
SELECT ` + ticketColumns + ` FROM tickets WHERE hash = $1`,
		Args: []any{hash},
	}, scanTicket)
	return k, wrap(err, "reading a ticket")
}

// Use implements store.Tickets.
func (t tickets) Use(ctx context.Context, hash string, at time.Time) error {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return err
	}
	return wrap(changed(ctx, t.Tx, sqltx.Statement{
		SQL: `-- tickets.Use
UPDATE tickets SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`,
		Args: []any{hash, us},
	}), "using a ticket")
}

// Open implements store.Tickets.
func (t tickets) Open(ctx context.Context, purpose, organisation string, at time.Time) ([]store.Ticket, error) {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- tickets.Open
SELECT ` + ticketColumns + ` FROM tickets
WHERE purpose = $1 AND organisation = $2 AND used_at IS NULL AND expires_at > $3 ORDER BY created_at, hash`,
		Args: []any{purpose, organisation, us},
	}, scanTicket)
	return found, wrap(err, "reading tickets")
}

// Void implements store.Tickets.
func (t tickets) Void(ctx context.Context, purpose, person string, at time.Time) error {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- tickets.Void
UPDATE tickets SET used_at = $3 WHERE person = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3`,
		Args: []any{person, purpose, us},
	})
	return wrap(err, "ending a person's tickets")
}

// Forget implements store.Tickets.
func (t tickets) Forget(ctx context.Context, before time.Time) (int64, error) {
	us, err := sqltx.Micros("before", before)
	if err != nil {
		return 0, err
	}
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- tickets.Forget
DELETE FROM tickets WHERE expires_at < $1`,
		Args: []any{us},
	})
	return n, wrap(err, "forgetting old tickets")
}
