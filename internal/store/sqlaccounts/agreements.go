package sqlaccounts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

type agreements struct{ *sqltx.Tx }

// PutTerms implements store.Agreements.
func (t agreements) PutTerms(ctx context.Context, n store.NetworkTerms) error {
	for _, text := range n.Texts {
		if err := keepable(text); err != nil {
			return wrap(err, "keeping the network's terms")
		}
	}
	texts, err := json.Marshal(n.Texts)
	if err != nil {
		return wrap(err, "keeping the network's terms")
	}
	columns := []sqltx.Column{
		number("version", int64(n.Version)), free("texts", string(texts)), when("published_at", n.PublishedAt), given("published_by", n.PublishedBy),
	}
	if err := check(t.Tx, columns); err != nil {
		return wrap(err, "keeping the network's terms")
	}
	// Two who publish at once: the second one waits, and sees the first one.
	if err := t.LockName(ctx, "network terms"); err != nil {
		return wrap(err, "waiting for the network's terms")
	}
	var newest int64
	if _, err := t.One(ctx, sqltx.Statement{
		SQL: `-- agreements.newest
SELECT COALESCE(MAX(version), 0) FROM network_terms`,
	}, &newest); err != nil {
		return wrap(err, "reading the network's terms")
	}
	if int64(n.Version) != newest+1 {
		return fmt.Errorf("keeping the network's terms: version %d does not follow version %d: %w", n.Version, newest, store.ErrConflict)
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- agreements.PutTerms
WITH r AS ({rows})
INSERT INTO network_terms (version, texts, published_at, published_by) SELECT version, texts, published_at, published_by FROM r WHERE true`,
		Rows: columns,
	})
	return wrap(err, "keeping the network's terms")
}

// Terms implements store.Agreements.
func (t agreements) Terms(ctx context.Context) ([]store.NetworkTerms, error) {
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- agreements.Terms
SELECT version, texts, published_at, published_by FROM network_terms ORDER BY version DESC`,
	}, func(scan func(...any) error) (n store.NetworkTerms, err error) {
		var texts string
		var at int64
		if err := scan(&n.Version, &texts, &at, &n.PublishedBy); err != nil {
			return n, err
		}
		n.PublishedAt = sqltx.Instant(at)
		return n, json.Unmarshal([]byte(texts), &n.Texts)
	})
	return found, wrap(err, "reading the network's terms")
}

// acceptanceColumns is what scanAcceptance reads.
const acceptanceColumns = `person, organisation, document, version, at, network`

func scanAcceptance(scan func(...any) error) (a store.Acceptance, err error) {
	var at int64
	err = scan(&a.Person, &a.Organisation, &a.Document, &a.Version, &at, &a.Network)
	a.At = sqltx.Instant(at)
	return a, err
}

// Accept implements store.Agreements.
func (t agreements) Accept(ctx context.Context, a store.Acceptance) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- agreements.Accept
WITH r AS ({rows})
INSERT INTO acceptances (` + acceptanceColumns + `) SELECT ` + acceptanceColumns + ` FROM r WHERE true
ON CONFLICT (person, organisation, document, version) DO NOTHING`,
		Rows: []sqltx.Column{
			given("person", a.Person), given("organisation", a.Organisation), given("document", a.Document), number("version", int64(a.Version)),
			when("at", a.At), free("network", a.Network),
		},
	})
	return wrap(err, "keeping an acceptance")
}

// Accepted implements store.Agreements.
func (t agreements) Accepted(ctx context.Context, organisation, person string) ([]store.Acceptance, error) {
	var w sqltx.Where
	w.Equal("organisation", organisation)
	w.Equal("person", person)
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- agreements.Accepted
SELECT ` + acceptanceColumns + ` FROM acceptances ` + w.String() + ` ORDER BY at DESC, document, version DESC, person`,
		Args: w.Args,
	}, scanAcceptance)
	return found, wrap(err, "reading acceptances")
}

// proposalColumns is what scanProposal reads.
const proposalColumns = `id, kind, object, text, why, state, proposed_by, proposed_at, decided_by, decided_at, reason`

func scanProposal(scan func(...any) error) (p store.Proposal, err error) {
	var proposed int64
	var decided *int64
	err = scan(&p.ID, &p.Kind, &p.Object, &p.Text, &p.Why, &p.State, &p.ProposedBy, &proposed, &p.DecidedBy, &decided, &p.Reason)
	p.ProposedAt, p.DecidedAt = sqltx.Instant(proposed), sqltx.Optional(decided)
	return p, err
}

// PutProposal implements store.Agreements.
func (t agreements) PutProposal(ctx context.Context, p store.Proposal) error {
	columns := []sqltx.Column{
		given("id", p.ID), given("kind", p.Kind), given("object", p.Object), free("text", p.Text), free("why", p.Why), given("state", p.State),
		free("proposed_by", p.ProposedBy), when("proposed_at", p.ProposedAt), free("decided_by", p.DecidedBy), maybe("decided_at", p.DecidedAt), free("reason", p.Reason),
	}
	if err := check(t.Tx, columns); err != nil {
		return wrap(err, "keeping a proposal")
	}
	n, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- agreements.PutProposal
WITH r AS ({rows})
INSERT INTO proposals (` + proposalColumns + `) SELECT ` + proposalColumns + ` FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, object = excluded.object, text = excluded.text, why = excluded.why, state = excluded.state,
	proposed_by = excluded.proposed_by, proposed_at = excluded.proposed_at, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
	reason = excluded.reason
WHERE proposals.state = 'open'`,
		Rows: columns,
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("it was decided already: %w", store.ErrConflict)
	}
	return wrap(err, "keeping a proposal")
}

// Proposal implements store.Agreements.
func (t agreements) Proposal(ctx context.Context, id string) (store.Proposal, error) {
	p, err := one(ctx, t.Tx, sqltx.Statement{
		SQL: `-- agreements.Proposal
SELECT ` + proposalColumns + ` FROM proposals WHERE id = $1`,
		Args: []any{id},
	}, scanProposal)
	return p, wrap(err, "reading a proposal")
}

// Proposals implements store.Agreements.
func (t agreements) Proposals(ctx context.Context, kind, state string, limit int) ([]store.Proposal, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var w sqltx.Where
	w.Equal("kind", kind)
	w.Equal("state", state)
	found, err := all(ctx, t.Tx, sqltx.Statement{
		SQL: `-- agreements.Proposals
SELECT ` + proposalColumns + ` FROM proposals ` + w.String() + ` ORDER BY proposed_at DESC, id DESC LIMIT ` + w.Arg(int64(limit)),
		Args: w.Args,
	}, scanProposal)
	return found, wrap(err, "reading proposals")
}
