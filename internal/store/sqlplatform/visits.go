package sqlplatform

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type visits struct{ *sqltx.Tx }

// Put implements store.Visits.
func (t visits) Put(ctx context.Context, vs []store.Visit) error {
	if len(vs) == 0 {
		return nil
	}
	vs, err := sqlreport.FreshVisits(ctx, t.Tx, vs)
	n := len(vs)
	if err != nil || n == 0 {
		return err
	}
	err = t.Enter(ctx, sqltx.Statement{
		SQL: `-- visits.Put
WITH r AS ({rows})
INSERT INTO visits (program, click, at, publisher, link, reason, flags, repeat, consent, country, device, agent, os, user_agent, referrer, network)
SELECT program, click, at, publisher, link, reason, flags, repeat, consent, country, device, agent, os, user_agent, referrer, network
FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return vs[i].Program }),
			sqltx.Key("click", n, func(i int) string { return vs[i].Click }),
			sqltx.When("at", n, func(i int) time.Time { return vs[i].At }),
			sqltx.Key("publisher", n, func(i int) string { return vs[i].Publisher }),
			sqltx.Number("link", n, func(i int) int64 { return vs[i].Link }),
			sqltx.TextOf("reason", n, func(i int) string { return vs[i].Reason }),
			sqltx.Number("flags", n, func(i int) int { return vs[i].Flags }),
			sqltx.Number("repeat", n, func(i int) int { return vs[i].Repeat }),
			sqltx.TextOf("consent", n, func(i int) string { return vs[i].Consent }),
			sqltx.TextOf("country", n, func(i int) string { return vs[i].Country }),
			sqltx.TextOf("device", n, func(i int) string { return vs[i].Device }),
			sqltx.TextOf("agent", n, func(i int) string { return vs[i].Agent }),
			sqltx.TextOf("os", n, func(i int) string { return vs[i].OS }),
			sqltx.TextOf("user_agent", n, func(i int) string { return vs[i].UserAgent }),
			sqltx.TextOf("referrer", n, func(i int) string { return vs[i].Referrer }),
			sqltx.TextOf("network", n, func(i int) string { return vs[i].Network }),
		},
	})
	if err != nil {
		return fmt.Errorf("entering visits: %w", err)
	}
	return sqlreport.TallyVisits(ctx, t.Tx, vs)
}

// Get implements store.Visits.
func (t visits) Get(ctx context.Context, p program.ID, click string) (store.Visit, error) {
	v := store.Visit{Program: p, Click: click}
	var at int64
	found, err := t.One(ctx, sqltx.Statement{
		SQL: `-- visits.Get
SELECT at, publisher, link, reason, flags, repeat, consent, country, device, agent, os, user_agent, referrer, network
FROM visits WHERE click = $1 AND program = $2`,
		Args: []any{click, string(p)},
	}, &at, &v.Publisher, &v.Link, &v.Reason, &v.Flags, &v.Repeat, &v.Consent, &v.Country, &v.Device, &v.Agent, &v.OS, &v.UserAgent,
		&v.Referrer, &v.Network)
	if err != nil {
		return v, fmt.Errorf("reading a visit: %w", err)
	}
	if !found {
		return v, fmt.Errorf("visit of click %q: %w", click, store.ErrNotFound)
	}
	v.At = sqltx.Instant(at)
	return v, nil
}

// Position implements store.Visits.
func (t visits) Position(ctx context.Context, log string) (position string, err error) {
	_, err = t.One(ctx, sqltx.Statement{
		SQL: `-- visits.Position
SELECT position FROM log_positions WHERE log = $1`,
		Args: []any{log},
	}, &position)
	if err != nil {
		return "", fmt.Errorf("reading the position of a click log: %w", err)
	}
	return position, nil
}

// SetPosition implements store.Visits.
func (t visits) SetPosition(ctx context.Context, log, position string) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- visits.SetPosition
INSERT INTO log_positions (log, position) VALUES ($1, $2) ON CONFLICT (log) DO UPDATE SET position = excluded.position`,
		Args: []any{log, position},
	})
	if err != nil {
		return fmt.Errorf("storing the position of a click log: %w", err)
	}
	return nil
}
