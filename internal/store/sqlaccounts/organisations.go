package sqlaccounts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type organisations struct{ *sqltx.Tx }

// organisationColumns is what scanOrganisation reads.
const organisationColumns = `id, kind, name, publisher, stores, created_at, profile`

func scanOrganisation(scan func(...any) error) (o store.Organisation, err error) {
	var stores, profile string
	var created int64
	if err = scan(&o.ID, &o.Kind, &o.Name, &o.Publisher, &stores, &created, &profile); err != nil {
		return o, err
	}
	o.CreatedAt = sqltx.Instant(created)
	if o.Stores, err = list(stores); err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(profile), &o.Profile); err != nil {
		return o, fmt.Errorf("reading a profile: %w", err)
	}
	return o, nil
}

// Put implements store.Organisations.
func (t organisations) Put(ctx context.Context, o store.Organisation) error {
	said := slices.Concat([]string{o.Profile.Audience, o.Profile.Sources, o.Profile.Website, o.Profile.Contact}, o.Profile.Methods, o.Profile.Languages, o.Profile.Countries)
	if err := keepable(said...); err != nil {
		return wrap(err, "keeping a profile")
	}
	profile, err := json.Marshal(o.Profile)
	if err != nil {
		return wrap(err, "keeping an organisation")
	}
	columns := []sqltx.Column{
		given("id", o.ID), given("kind", o.Kind), free("name", o.Name), given("publisher", o.Publisher), texts("stores", o.Stores), when("created_at", o.CreatedAt),
		free("profile", string(profile)),
	}
	if err := check(t.Tx, columns); err != nil {
		return wrap(err, "keeping an organisation")
	}
	if o.Publisher != "" {
		if err := t.LockName(ctx, "publisher of an organisation "+o.Publisher); err != nil {
			return wrap(err, "waiting for a publisher")
		}
		same, err := one(ctx, t.Tx, sqltx.Statement{
			SQL: `-- organisations.Put
SELECT ` + organisationColumns + ` FROM organisations WHERE publisher = $1 AND publisher <> ''`,
			Args: []any{o.Publisher},
		}, scanOrganisation)
		switch {
		case err == nil && same.ID != o.ID:
			return fmt.Errorf("keeping an organisation: another one stands for publisher %q: %w", o.Publisher, store.ErrConflict)
		case ignore(err) != nil:
			return wrap(err, "looking for a publisher's organisation")
		}
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- organisations.Put
WITH r AS ({rows})
INSERT INTO organisations (` + organisationColumns + `) SELECT ` + organisationColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, publisher = excluded.publisher, stores = excluded.stores,
	created_at = excluded.created_at, profile = excluded.profile`,
		Rows: columns,
	})
	return wrap(err, "keeping an organisation")
}

// ByID implements store.Organisations.
func (t organisations) ByID(ctx context.Context, id string) (store.Organisation, error) {
	o, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.ByID
SELECT ` + organisationColumns + ` FROM organisations WHERE id = $1`,
		Args: []any{id},
	}, scanOrganisation)
	return o, wrap(err, "reading an organisation")
}

// Find implements store.Organisations.
func (t organisations) Find(ctx context.Context, f store.OrganisationFilter, limit int) ([]store.Organisation, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, wrap(err, "looking for organisations")
	}
	var w sqltx.Where
	w.Equal("kind", string(f.Kind))
	w.Among("id", f.IDs)
	w.Among("publisher", f.Publishers)
	w.Holds(f.Words, "name")
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.Find
SELECT ` + organisationColumns + ` FROM organisations o ` + w.String() + ` ORDER BY id LIMIT ` + w.Arg(int64(limit)),
		Args: w.Args,
	}, scanOrganisation)
	return found, wrap(err, "looking for organisations")
}

// OfKind implements store.Organisations.
func (t organisations) OfKind(ctx context.Context, k store.Kind) ([]store.Organisation, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.OfKind
SELECT ` + organisationColumns + ` FROM organisations WHERE kind = $1 ORDER BY id`,
		Args: []any{string(k)},
	}, scanOrganisation)
	return found, wrap(err, "reading organisations")
}

func scanMembership(scan func(...any) error) (m store.Membership, err error) {
	var since int64
	err = scan(&m.Organisation, &m.Person, &m.Role, &since)
	m.Since = sqltx.Instant(since)
	return m, err
}

// PutMember implements store.Organisations.
func (t organisations) PutMember(ctx context.Context, m store.Membership) error {
	columns := []sqltx.Column{given("organisation", m.Organisation), given("person", m.Person), given("role", m.Role), when("since", m.Since)}
	err := check(t.Tx, columns)
	if err == nil {
		err = there(ctx, t.Tx, sqltx.Statement{
			SQL: `-- organisations.PutMember
SELECT 1 FROM organisations, people WHERE organisations.id = $1 AND people.id = $2`,
			Args: []any{m.Organisation, m.Person},
		})
	}
	if err == nil {
		_, err = t.Exec(ctx, sqltx.Statement{
			SQL: `-- organisations.PutMember
WITH r AS ({rows})
INSERT INTO memberships (organisation, person, role, since) SELECT organisation, person, role, since FROM r WHERE true
ON CONFLICT (organisation, person) DO UPDATE SET role = excluded.role, since = excluded.since`,
			Rows: columns,
		})
	}
	return wrap(err, "keeping a membership")
}

// RemoveMember implements store.Organisations.
func (t organisations) RemoveMember(ctx context.Context, organisation, person string) error {
	return wrap(changed(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.RemoveMember
DELETE FROM memberships WHERE organisation = $1 AND person = $2`,
		Args: []any{organisation, person},
	}), "ending a membership")
}

// Members implements store.Organisations.
func (t organisations) Members(ctx context.Context, organisation string) ([]store.Membership, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.Members
SELECT organisation, person, role, since FROM memberships WHERE organisation = $1 ORDER BY person`,
		Args: []any{organisation},
	}, scanMembership)
	return found, wrap(err, "reading members")
}

// Of implements store.Organisations.
func (t organisations) Of(ctx context.Context, person string) ([]store.Membership, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- organisations.Of
SELECT organisation, person, role, since FROM memberships WHERE person = $1 ORDER BY since, organisation`,
		Args: []any{person},
	}, scanMembership)
	return found, wrap(err, "reading memberships")
}
