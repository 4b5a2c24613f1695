package sqlstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type keys struct{ *Tx }

// Claim implements store.Keys.
func (t keys) Claim(ctx context.Context, scope, name string, hash []byte, at time.Time) ([]byte, bool, error) {
	doing := fmt.Sprintf("claiming key %q of %q", name, scope)
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- keys.Claim
WITH r AS ({rows})
INSERT INTO idempotency_keys (scope, key, hash, claimed_at) SELECT scope, key, hash, claimed_at FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("scope", 1, func(int) string { return scope }),
			sqltx.Key("key", 1, func(int) string { return name }),
			sqltx.Data("hash", 1, func(int) []byte { return hash }),
			sqltx.When("claimed_at", 1, func(int) time.Time { return at }),
		},
	})
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", doing, err)
	}
	if n > 0 {
		return nil, false, nil
	}
	var kept, answer []byte
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- keys.Claim
SELECT hash, answer FROM idempotency_keys WHERE scope = $1 AND key = $2`,
		Args: []any{scope, name},
	}, &kept, &answer)
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%s: %w", doing, err)
	case !found:
		return nil, false, fmt.Errorf("%s: %w", doing, t.Fail(sqltx.ErrOvertaken))
	case !bytes.Equal(kept, hash):
		return nil, false, fmt.Errorf("%s: it was used for another call: %w", doing, store.ErrConflict)
	}
	return answer, true, nil
}

// Answer implements store.Keys.
func (t keys) Answer(ctx context.Context, scope, name string, answer []byte) error {
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- keys.Answer
WITH r AS ({rows})
UPDATE idempotency_keys SET answer = r.answer FROM r WHERE idempotency_keys.scope = r.scope AND idempotency_keys.key = r.key`,
		Rows: []sqltx.Column{
			sqltx.Key("scope", 1, func(int) string { return scope }),
			sqltx.Key("key", 1, func(int) string { return name }),
			sqltx.Data("answer", 1, func(int) []byte { return answer }),
		},
	})
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return wrap(err, fmt.Sprintf("answering key %q of %q", name, scope))
}
