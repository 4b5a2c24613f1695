package store

import (
	"context"
	"time"
)

// Agreements are what people agree to: the terms of the network and of programs, and each other's proposals.
type Agreements interface {
	// PutTerms publishes a version of the network's terms. Versions begin at 1 and have no gaps; a version that is there, or does not
	// follow the newest, is ErrConflict: what somebody agreed to is never changed.
	PutTerms(ctx context.Context, t NetworkTerms) error
	// Terms returns all versions of the network's terms, the newest first.
	Terms(ctx context.Context) ([]NetworkTerms, error)
	// Accept keeps that somebody agreed. A second time for the same person, organisation, document and version changes nothing: the
	// first one counts.
	Accept(ctx context.Context, a Acceptance) error
	// Accepted returns what an organisation (empty: any) or a person (empty: any) agreed to, the newest first, then by document, version
	// and person.
	Accepted(ctx context.Context, organisation, person string) ([]Acceptance, error)
	// PutProposal enters a proposal, or replaces the one with the same id as long as that is open; one that was decided stays: ErrConflict.
	PutProposal(ctx context.Context, p Proposal) error
	// Proposal returns a proposal, or ErrNotFound.
	Proposal(ctx context.Context, id string) (Proposal, error)
	// Proposals returns up to limit proposals of a kind in a state (empty: any), the newest first, then by id backwards.
	Proposals(ctx context.Context, kind, state string, limit int) ([]Proposal, error)
}

// NetworkTerms is a version of what publishers agree to with the operator.
type NetworkTerms struct {
	Version     int
	Texts       map[string]string // by language
	PublishedAt time.Time
	PublishedBy string // id of a person
}

// Acceptance is that somebody agreed to a version of a document.
type Acceptance struct {
	Person       string
	Organisation string // for which the person agreed
	Document     string // "network", or "program " and its id
	Version      int
	At           time.Time
	Network      string // from where
}

// The states of a proposal.
const (
	ProposalOpen      = "open"
	ProposalApproved  = "approved"
	ProposalRejected  = "rejected"
	ProposalWithdrawn = "withdrawn" // by who proposed it
)

// Proposal is a change that takes two people: one proposes it, another one decides.
type Proposal struct {
	ID         string
	Kind       string // what is to be changed, such as "program"
	Object     string // id of it
	Text       string // what it is to become
	Why        string
	State      string
	ProposedBy string // as By of a session or an app
	ProposedAt time.Time
	DecidedBy  string
	DecidedAt  time.Time // zero: not yet
	Reason     string    // of the decision
}
