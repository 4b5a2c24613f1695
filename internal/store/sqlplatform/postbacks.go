package sqlplatform

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type postbacks struct{ *sqltx.Tx }

// PutEndpoint implements store.Postbacks.
func (t postbacks) PutEndpoint(ctx context.Context, e store.Endpoint) error {
	secrets := make([]string, len(e.Secrets))
	for i, s := range e.Secrets {
		secrets[i] = base64.StdEncoding.EncodeToString(s)
	}
	text := func(name, of string) sqltx.Column { return sqltx.TextOf(name, 1, func(int) string { return of }) }
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- postbacks.PutEndpoint
WITH r AS ({rows})
INSERT INTO endpoints (publisher, id, kind, address, events, secrets, state, created_at, changed_at)
SELECT publisher, id, kind, address, events, secrets, state, created_at, changed_at FROM r WHERE true
ON CONFLICT (publisher, id) DO UPDATE SET kind = excluded.kind, address = excluded.address, events = excluded.events, secrets = excluded.secrets,
	state = excluded.state, changed_at = excluded.changed_at`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", 1, func(int) string { return e.Publisher }),
			sqltx.Key("id", 1, func(int) string { return e.ID }),
			text("kind", e.Kind), text("address", e.Address),
			sqltx.Lists("events", 1, func(int) []string { return e.Events }),
			sqltx.Lists("secrets", 1, func(int) []string { return secrets }),
			text("state", e.State),
			sqltx.When("created_at", 1, func(int) time.Time { return e.CreatedAt }),
			sqltx.When("changed_at", 1, func(int) time.Time { return e.ChangedAt }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping an endpoint: %w", err)
	}
	return nil
}

// Endpoints implements store.Postbacks.
func (t postbacks) Endpoints(ctx context.Context, publisher string) ([]store.Endpoint, error) {
	var w sqltx.Where
	w.Equal("e.publisher", publisher)
	var all []store.Endpoint
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- postbacks.Endpoints
SELECT publisher, id, kind, address, events, secrets, state, created_at, changed_at FROM endpoints e ` + w.String() + ` ORDER BY publisher, id`,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		var e store.Endpoint
		var events, secrets []byte
		var created, changed int64
		if err := scan(&e.Publisher, &e.ID, &e.Kind, &e.Address, &events, &secrets, &e.State, &created, &changed); err != nil {
			return err
		}
		if err := json.Unmarshal(events, &e.Events); err != nil {
			return fmt.Errorf("reading the events of an endpoint: %w", err)
		}
		if err := json.Unmarshal(secrets, &e.Secrets); err != nil { // base64 is how JSON writes bytes
			return fmt.Errorf("reading the secrets of an endpoint: %w", err)
		}
		e.CreatedAt, e.ChangedAt = sqltx.Instant(created), sqltx.Instant(changed)
		all = append(all, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading endpoints: %w", err)
	}
	return all, nil
}

// Changes implements store.Postbacks.
func (t postbacks) Changes(ctx context.Context, p program.ID, after int64, limit int) ([]store.ItemChange, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var all []store.ItemChange
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- postbacks.Changes
SELECT r.id, r.order_id, r.item, r.sequence, r.state, r.publisher, r.ad_space, r.currency, r.amount, r.decided_at, r.body, b.id IS NOT NULL,
	COALESCE(b.publisher, ''), COALESCE(b.state, ''), COALESCE(b.amount, 0), COALESCE(b.currency, '')
FROM records r LEFT JOIN records b ON b.program = r.program AND b.order_id = r.order_id AND b.item = r.item AND b.sequence = r.sequence - 1
WHERE r.program = $1 AND r.id > $2 ORDER BY r.id LIMIT $3`,
		Args: []any{string(p), after, int64(limit)},
	}, func(scan func(...any) error) error {
		c := store.ItemChange{}
		r := &c.Record
		r.Program = p
		var decided int64
		err := scan(&c.Number, &r.Order, &r.Item, &r.Sequence, &r.State, &r.Publisher, &r.AdSpace, &r.Currency, &r.Amount, &decided, &r.JSON,
			&c.Before, &c.Publisher, &c.State, &c.Amount, &c.Currency)
		r.DecidedAt = sqltx.Instant(decided)
		all = append(all, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading changes of decisions: %w", err)
	}
	return all, nil
}

// Cursor implements store.Postbacks.
func (t postbacks) Cursor(ctx context.Context, p program.ID) (number int64, err error) {
	_, err = t.One(ctx, sqltx.Statement{
		SQL: `-- postbacks.Cursor
INSERT INTO message_cursors (program, number) VALUES ($1, 0)
ON CONFLICT (program) DO UPDATE SET number = message_cursors.number RETURNING number`,
		Args: []any{string(p)},
	}, &number)
	if err != nil {
		return 0, fmt.Errorf("reading how far messages were made: %w", err)
	}
	return number, nil
}

// SetCursor implements store.Postbacks.
func (t postbacks) SetCursor(ctx context.Context, p program.ID, number int64) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- postbacks.SetCursor
INSERT INTO message_cursors (program, number) VALUES ($1, $2) ON CONFLICT (program) DO UPDATE SET number = excluded.number`,
		Args: []any{string(p), number},
	})
	if err != nil {
		return fmt.Errorf("storing how far messages were made: %w", err)
	}
	return nil
}

// PutDeliveries implements store.Postbacks.
func (t postbacks) PutDeliveries(ctx context.Context, all []store.Delivery) error {
	if len(all) == 0 {
		return nil
	}
	ds := slices.SortedFunc(slices.Values(all), func(a, b store.Delivery) int {
		return cmp.Or(cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Message, b.Message))
	})
	n := len(ds)
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- postbacks.PutDeliveries
WITH r AS ({rows})
INSERT INTO deliveries (publisher, endpoint, message, body, state, attempts, next_at, status, error, created_at, changed_at)
SELECT publisher, endpoint, message, body, state, attempts, next_at, status, error, created_at, changed_at FROM r WHERE true
ON CONFLICT (publisher, endpoint, message) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, next_at = excluded.next_at,
	status = excluded.status, error = excluded.error, changed_at = excluded.changed_at`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return ds[i].Publisher }),
			sqltx.Key("endpoint", n, func(i int) string { return ds[i].Endpoint }),
			sqltx.TextOf("message", n, func(i int) string { return ds[i].Message }),
			sqltx.TextOf("body", n, func(i int) string { return string(ds[i].JSON) }),
			sqltx.TextOf("state", n, func(i int) string { return ds[i].State }),
			sqltx.Number("attempts", n, func(i int) int { return ds[i].Attempts }),
			sqltx.Maybe("next_at", n, func(i int) time.Time { return ds[i].Next }),
			sqltx.Number("status", n, func(i int) int { return ds[i].Status }),
			sqltx.TextOf("error", n, func(i int) string { return ds[i].Error }),
			sqltx.When("created_at", n, func(i int) time.Time { return ds[i].CreatedAt }),
			sqltx.When("changed_at", n, func(i int) time.Time { return ds[i].ChangedAt }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping deliveries: %w", err)
	}
	return nil
}

const deliveryColumns = `d.publisher, d.endpoint, d.message, d.body, d.state, d.attempts, d.next_at, d.status, d.error, d.created_at, d.changed_at`

func collectDeliveries(into *[]store.Delivery) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var d store.Delivery
		var next *int64
		var created, changed int64
		err := scan(&d.Publisher, &d.Endpoint, &d.Message, &d.JSON, &d.State, &d.Attempts, &next, &d.Status, &d.Error, &created, &changed)
		d.Next, d.CreatedAt, d.ChangedAt = sqltx.Optional(next), sqltx.Instant(created), sqltx.Instant(changed)
		*into = append(*into, d)
		return err
	}
}

// DueDeliveries implements store.Postbacks.
func (t postbacks) DueDeliveries(ctx context.Context, at time.Time, limit int) ([]store.Delivery, error) {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var due []store.Delivery
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- postbacks.DueDeliveries
SELECT ` + deliveryColumns + ` FROM deliveries d WHERE d.next_at <= $1 ORDER BY d.next_at, d.publisher, d.endpoint, d.message LIMIT $2`,
		Args: []any{us, int64(limit)},
	}, collectDeliveries(&due))
	if err != nil {
		return nil, fmt.Errorf("reading deliveries that are due: %w", err)
	}
	return due, nil
}

// DeliveryPage implements store.Postbacks.
func (t postbacks) DeliveryPage(ctx context.Context, f store.DeliveryFilter, after string, limit int) ([]store.Delivery, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	type place struct {
		At      int64
		Message string
	}
	w := sqltx.Where{Conditions: []string{"d.publisher = $1", "d.endpoint = $2"}, Args: []any{f.Publisher, f.Endpoint}}
	w.Equal("d.message", f.Message)
	w.Equal("d.state", f.State)
	if after != "" {
		var p place
		if err := sqltx.DecodeCursor(after, &p); err != nil {
			return nil, "", err
		}
		w.Conditions = append(w.Conditions, "(d.created_at, d.message) < ("+w.Arg(p.At)+", "+w.Arg(p.Message)+")")
	}
	most := w.Arg(int64(limit) + 1)
	var found []store.Delivery
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- postbacks.DeliveryPage
SELECT ` + deliveryColumns + ` FROM deliveries d ` + w.String() + ` ORDER BY d.created_at DESC, d.message DESC LIMIT ` + most,
		Args: w.Args,
	}, collectDeliveries(&found))
	if err != nil {
		return nil, "", fmt.Errorf("listing deliveries: %w", err)
	}
	return sqltx.Cut(found, limit, func(d *store.Delivery) any { return place{d.CreatedAt.UnixMicro(), d.Message} })
}
