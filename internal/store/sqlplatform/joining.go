package sqlplatform

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type joining struct{ *sqltx.Tx }

// PutPlace implements store.Joining.
func (t joining) PutPlace(ctx context.Context, p store.Place) error {
	text := func(name string, of string) sqltx.Column {
		return sqltx.TextOf(name, 1, func(int) string { return of })
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- joining.PutPlace
WITH r AS ({rows})
INSERT INTO places (publisher, id, kind, name, url, traffic_type, languages, countries, description, tracking_ids, proof, verified_at, verified_by,
	created_at)
SELECT publisher, id, kind, name, url, traffic_type, languages, countries, description, tracking_ids, proof, verified_at, verified_by, created_at
FROM r WHERE true
ON CONFLICT (publisher, id) DO UPDATE SET kind = excluded.kind, name = excluded.name, url = excluded.url, traffic_type = excluded.traffic_type,
	languages = excluded.languages, countries = excluded.countries, description = excluded.description, tracking_ids = excluded.tracking_ids,
	proof = excluded.proof, verified_at = excluded.verified_at, verified_by = excluded.verified_by`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", 1, func(int) string { return p.Publisher }),
			sqltx.Key("id", 1, func(int) string { return p.ID }),
			text("kind", p.Kind), text("name", p.Name), text("url", p.URL), text("traffic_type", p.TrafficType.String()),
			sqltx.Lists("languages", 1, func(int) []string { return p.Languages }),
			sqltx.Lists("countries", 1, func(int) []string { return p.Countries }),
			text("description", p.Description),
			sqltx.Lists("tracking_ids", 1, func(int) []string { return p.TrackingIDs }),
			text("proof", p.Proof),
			sqltx.Maybe("verified_at", 1, func(int) time.Time { return p.VerifiedAt }),
			text("verified_by", p.VerifiedBy),
			sqltx.When("created_at", 1, func(int) time.Time { return p.CreatedAt }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping an ad space: %w", err)
	}
	return nil
}

// Places implements store.Joining.
func (t joining) Places(ctx context.Context, publisher string) ([]store.Place, error) {
	var all []store.Place
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- joining.Places
SELECT id, kind, name, url, traffic_type, languages, countries, description, tracking_ids, proof, verified_at, verified_by, created_at
FROM places WHERE publisher = $1 ORDER BY id`,
		Args: []any{publisher},
	}, func(scan func(...any) error) error {
		p := store.Place{Publisher: publisher}
		var traffic string
		var languages, countries, trackingIDs []byte
		var verified *int64
		var created int64
		err := scan(&p.ID, &p.Kind, &p.Name, &p.URL, &traffic, &languages, &countries, &p.Description, &trackingIDs, &p.Proof, &verified, &p.VerifiedBy, &created)
		if err != nil {
			return err
		}
		for _, l := range []struct {
			text []byte
			into *[]string
		}{{languages, &p.Languages}, {countries, &p.Countries}, {trackingIDs, &p.TrackingIDs}} {
			if err := json.Unmarshal(l.text, l.into); err != nil {
				return fmt.Errorf("reading a list: %w", err)
			}
		}
		if p.TrafficType, err = program.ParseTrafficType(traffic); err != nil {
			return err
		}
		p.VerifiedAt, p.CreatedAt = sqltx.Optional(verified), sqltx.Instant(created)
		all = append(all, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading ad spaces of %q: %w", publisher, err)
	}
	return all, nil
}

// open are the states of an application that keep others out.
const open = `('pending', 'question', 'approved')`

// PutApplication implements store.Joining.
func (t joining) PutApplication(ctx context.Context, a store.Application) (store.Application, error) {
	if err := t.LockName(ctx, "applications"); err != nil {
		return a, fmt.Errorf("waiting to keep an application: %w", err)
	}
	var other int64
	taken, err := t.One(ctx, sqltx.Statement{
		SQL: `-- joining.open
SELECT id FROM applications WHERE program = $1 AND publisher = $2 AND place = $3 AND id <> $4 AND state IN ` + open + ` LIMIT 1`,
		Args: []any{string(a.Program), a.Publisher, a.Place, a.ID},
	}, &other)
	if err != nil {
		return a, fmt.Errorf("looking for applications: %w", err)
	}
	switch a.State {
	case "pending", "question", "approved":
		if taken {
			return a, fmt.Errorf("application %d of the ad space is open: %w", other, store.ErrConflict)
		}
	}
	if a.ID == 0 {
		before, err := take(ctx, t.Tx, "application", 1)
		if err != nil {
			return a, fmt.Errorf("numbering an application: %w", err)
		}
		a.ID = before + 1
	}
	text := func(name string, of string) sqltx.Column {
		return sqltx.TextOf(name, 1, func(int) string { return of })
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- joining.PutApplication
WITH r AS ({rows})
INSERT INTO applications (id, program, publisher, place, state, reason, note, created_at, changed_at, changed_by)
SELECT id, program, publisher, place, state, reason, note, created_at, changed_at, changed_by FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, note = excluded.note, changed_at = excluded.changed_at,
	changed_by = excluded.changed_by`,
		Rows: []sqltx.Column{
			sqltx.Number("id", 1, func(int) int64 { return a.ID }),
			sqltx.Key("program", 1, func(int) program.ID { return a.Program }),
			sqltx.Key("publisher", 1, func(int) string { return a.Publisher }),
			sqltx.Key("place", 1, func(int) string { return a.Place }),
			text("state", a.State), text("reason", a.Reason), text("note", a.Note),
			sqltx.When("created_at", 1, func(int) time.Time { return a.CreatedAt }),
			sqltx.When("changed_at", 1, func(int) time.Time { return a.ChangedAt }),
			text("changed_by", a.ChangedBy),
		},
	})
	if err != nil {
		return a, fmt.Errorf("keeping an application: %w", err)
	}
	return a, nil
}

const applicationColumns = `id, program, publisher, place, state, reason, note, created_at, changed_at, changed_by`

func scanApplication(scan func(...any) error) (a store.Application, err error) {
	var created, changed int64
	err = scan(&a.ID, &a.Program, &a.Publisher, &a.Place, &a.State, &a.Reason, &a.Note, &created, &changed, &a.ChangedBy)
	a.CreatedAt, a.ChangedAt = sqltx.Instant(created), sqltx.Instant(changed)
	return a, err
}

// Application implements store.Joining.
func (t joining) Application(ctx context.Context, id int64) (a store.Application, err error) {
	found := false
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- joining.Application
SELECT ` + applicationColumns + ` FROM applications WHERE id = $1`,
		Args: []any{id},
	}, func(scan func(...any) error) (err error) {
		found = true
		a, err = scanApplication(scan)
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("reading application %d: %w", id, err)
	}
	return a, nil
}

// Applications implements store.Joining.
func (t joining) Applications(ctx context.Context, f store.ApplicationFilter, after string, limit int) ([]store.Application, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("program", string(f.Program))
	w.Equal("publisher", f.Publisher)
	w.Equal("state", f.State)
	order, err := way(&w, "id", after, f.Oldest)
	if err != nil {
		return nil, "", err
	}
	var found []store.Application
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- joining.Applications
SELECT ` + applicationColumns + ` FROM applications a ` + w.String() + order + ` LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		a, err := scanApplication(scan)
		found = append(found, a)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing applications: %w", err)
	}
	return sqltx.Cut(found, limit, func(x *store.Application) any { return x.ID })
}

// PutSubPublishers implements store.Joining.
func (t joining) PutSubPublishers(ctx context.Context, subs []store.SubPublisher) error {
	type key struct{ publisher, id string }
	last := make(map[key]store.SubPublisher, len(subs))
	for _, s := range subs {
		last[key{s.Publisher, s.ID}] = s
	}
	all := slices.SortedFunc(maps.Values(last), func(a, b store.SubPublisher) int {
		return cmp.Or(cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.ID, b.ID))
	})
	n := len(all)
	if n == 0 {
		return nil
	}
	text := func(name string, of func(*store.SubPublisher) string) sqltx.Column {
		return sqltx.TextOf(name, n, func(i int) string { return of(&all[i]) })
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- joining.PutSubPublishers
WITH r AS ({rows})
INSERT INTO sub_publishers (publisher, id, parent, name, site, traffic_type, note, created_at, blocked_at, blocked_by, reason)
SELECT publisher, id, parent, name, site, traffic_type, note, created_at, blocked_at, blocked_by, reason FROM r WHERE true
ON CONFLICT (publisher, id) DO UPDATE SET parent = excluded.parent, name = excluded.name, site = excluded.site, traffic_type = excluded.traffic_type,
	note = excluded.note, created_at = excluded.created_at, blocked_at = excluded.blocked_at, blocked_by = excluded.blocked_by, reason = excluded.reason`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return all[i].Publisher }),
			sqltx.Key("id", n, func(i int) string { return all[i].ID }),
			text("parent", func(s *store.SubPublisher) string { return s.Parent }),
			text("name", func(s *store.SubPublisher) string { return s.Name }),
			text("site", func(s *store.SubPublisher) string { return s.Site }),
			text("traffic_type", func(s *store.SubPublisher) string { return s.TrafficType.String() }),
			text("note", func(s *store.SubPublisher) string { return s.Note }),
			sqltx.When("created_at", n, func(i int) time.Time { return all[i].CreatedAt }),
			sqltx.Maybe("blocked_at", n, func(i int) time.Time { return all[i].BlockedAt }),
			text("blocked_by", func(s *store.SubPublisher) string { return s.BlockedBy }),
			text("reason", func(s *store.SubPublisher) string { return s.Reason }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping sub-publishers: %w", err)
	}
	return nil
}

// SubPublishers implements store.Joining.
func (t joining) SubPublishers(ctx context.Context, publisher string) ([]store.SubPublisher, error) {
	var all []store.SubPublisher
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- joining.SubPublishers
SELECT id, parent, name, site, traffic_type, note, created_at, blocked_at, blocked_by, reason FROM sub_publishers WHERE publisher = $1 ORDER BY id`,
		Args: []any{publisher},
	}, func(scan func(...any) error) error {
		s := store.SubPublisher{Publisher: publisher}
		var traffic string
		var created int64
		var blocked *int64
		err := scan(&s.ID, &s.Parent, &s.Name, &s.Site, &traffic, &s.Note, &created, &blocked, &s.BlockedBy, &s.Reason)
		if err != nil {
			return err
		}
		if s.TrafficType, err = program.ParseTrafficType(traffic); err != nil {
			return err
		}
		s.CreatedAt, s.BlockedAt = sqltx.Instant(created), sqltx.Optional(blocked)
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the sub-publishers of %q: %w", publisher, err)
	}
	return all, nil
}
