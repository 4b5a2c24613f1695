package sqlaccounts

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type apps struct{ *sqltx.Tx }

// appColumns is what scanApp reads.
const appColumns = `id, organisation, name, scopes, tracking_ids, created_at, created_by, revoked_at`

func scanApp(scan func(...any) error) (a store.App, err error) {
	var scopes, tracking string
	var created int64
	var revoked *int64
	if err = scan(&a.ID, &a.Organisation, &a.Name, &scopes, &tracking, &created, &a.CreatedBy, &revoked); err != nil {
		return a, err
	}
	a.CreatedAt, a.RevokedAt = sqltx.Instant(created), sqltx.Optional(revoked)
	if a.Scopes, err = list(scopes); err != nil {
		return a, err
	}
	a.TrackingIDs, err = list(tracking)
	return a, err
}

// Put implements store.Apps.
func (t apps) Put(ctx context.Context, a store.App) error {
	columns := []sqltx.Column{
		given("id", a.ID), given("organisation", a.Organisation), free("name", a.Name), texts("scopes", a.Scopes), texts("tracking_ids", a.TrackingIDs),
		when("created_at", a.CreatedAt), free("created_by", a.CreatedBy), maybe("revoked_at", a.RevokedAt),
	}
	err := check(t.Tx, columns)
	if err == nil {
		err = there(ctx, t.Tx, sqltx.Statement{
			SQL: `-- apps.Put
SELECT 1 FROM organisations WHERE id = $1`,
			Args: []any{a.Organisation},
		})
	}
	if err != nil {
		return wrap(err, "keeping an app")
	}
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- apps.Put
WITH r AS ({rows})
INSERT INTO apps (` + appColumns + `) SELECT ` + appColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, tracking_ids = excluded.tracking_ids,
	created_at = excluded.created_at, created_by = excluded.created_by, revoked_at = excluded.revoked_at
WHERE apps.organisation = excluded.organisation`,
		Rows: columns,
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("it belongs to another organisation: %w", store.ErrConflict)
	}
	return wrap(err, "keeping an app")
}

// ByID implements store.Apps.
func (t apps) ByID(ctx context.Context, id string) (store.App, error) {
	a, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- apps.ByID
SELECT ` + appColumns + ` FROM apps WHERE id = $1`,
		Args: []any{id},
	}, scanApp)
	return a, wrap(err, "reading an app")
}

// Of implements store.Apps.
func (t apps) Of(ctx context.Context, organisation string) ([]store.App, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- apps.Of
SELECT ` + appColumns + ` FROM apps WHERE organisation = $1 ORDER BY created_at, id`,
		Args: []any{organisation},
	}, scanApp)
	return found, wrap(err, "reading apps")
}

func scanKey(scan func(...any) error) (k store.AppKey, err error) {
	var created int64
	var expires *int64
	err = scan(&k.ID, &k.App, &k.Secret, &created, &expires, &k.CreatedBy)
	k.CreatedAt, k.ExpiresAt, k.Secret = sqltx.Instant(created), sqltx.Optional(expires), some(k.Secret)
	return k, err
}

// PutKey implements store.Apps.
func (t apps) PutKey(ctx context.Context, k store.AppKey) error {
	columns := []sqltx.Column{given("id", k.ID), given("app", k.App), data("secret", k.Secret), when("created_at", k.CreatedAt), maybe("expires_at", k.ExpiresAt), free("created_by", k.CreatedBy)}
	err := check(t.Tx, columns)
	if err == nil {
		err = there(ctx, t.Tx, sqltx.Statement{
			SQL: `-- apps.PutKey
SELECT 1 FROM apps WHERE id = $1`,
			Args: []any{k.App},
		})
	}
	if err == nil {
		_, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- apps.PutKey
WITH r AS ({rows})
INSERT INTO app_keys (id, app, secret, created_at, expires_at, created_by) SELECT id, app, secret, created_at, expires_at, created_by FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET app = excluded.app, secret = excluded.secret, created_at = excluded.created_at, expires_at = excluded.expires_at,
	created_by = excluded.created_by`,
			Rows: columns,
		})
	}
	return wrap(err, "keeping an app's key")
}

// Key implements store.Apps.
func (t apps) Key(ctx context.Context, id string) (store.AppKey, error) {
	k, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- apps.Key
SELECT id, app, secret, created_at, expires_at, created_by FROM app_keys WHERE id = $1`,
		Args: []any{id},
	}, scanKey)
	return k, wrap(err, "reading an app's key")
}

// Keys implements store.Apps.
func (t apps) Keys(ctx context.Context, app string) ([]store.AppKey, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- apps.Keys
SELECT id, app, secret, created_at, expires_at, created_by FROM app_keys WHERE app = $1 ORDER BY created_at, id`,
		Args: []any{app},
	}, scanKey)
	return found, wrap(err, "reading an app's keys")
}
