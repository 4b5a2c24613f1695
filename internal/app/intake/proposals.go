package intake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// Proposal is a program document that somebody wants to publish and another person decides.
type Proposal = store.Proposal

// The states of a proposal.
const (
	Open      = store.ProposalOpen
	Approved  = store.ProposalApproved
	Rejected  = store.ProposalRejected
	Withdrawn = store.ProposalWithdrawn
)

// ofProgram is the kind of proposals of program documents.
const ofProgram = "program"

// What the two-person rule refuses.
var (
	// ErrTwoPeople says that nobody publishes alone here: propose it, and another person decides.
	ErrTwoPeople = errors.New("publishing takes two people: propose the document, and somebody else approves it in the console")
	// ErrSamePerson says that who proposed something wants to decide it too.
	ErrSamePerson = errors.New("somebody else must decide this: it is your own proposal")
	// ErrNobody says that nobody is signed in who could answer for a decision: keys and commands decide nothing.
	ErrNobody = errors.New("a decision needs a person who is signed in to the console")
)

// TakeTwoPeople makes publishing take two people: one proposes, another one approves. It is called before the service is used.
func (s *Service) TakeTwoPeople() { s.twoPeople = true }

// TwoPeople reports whether publishing takes two people.
func (s *Service) TwoPeople() bool { return s.twoPeople }

// proposer is who proposes in a context, as it is compared with who decides: the person who answers for it, or else the key or command.
func proposer(ctx context.Context) string {
	by := audit.Of(ctx)
	if who := by.Who(); who != "" {
		return who
	}
	return by.Via
}

// Submit publishes a document where one person may, and proposes it where that takes two; ok says that it is published. A document with
// conflicts is refused either way (ErrRefused), so nobody is asked to approve what cannot be published.
func (s *Service) Submit(ctx context.Context, id program.ID, text []byte, why string) (p Proposal, ok bool, err error) {
	if why = strings.TrimSpace(why); len(why) > 2000 {
		return p, false, &field.Error{Field: "why", Reason: "it has more than 2,000 characters: say it shorter"}
	}
	fresh, err := one(id, text)
	if err != nil {
		return p, false, err
	}
	err = s.update(ctx, func(tx store.Tx) error {
		if !s.twoPeople {
			if err := s.publish(ctx, tx, id, fresh, text); err != nil {
				return err
			}
			act := published(id, fresh, text, why)
			act.After["people"] = "1"
			return audit.Note(ctx, tx, s.now(), act)
		}
		return nil
	})
	if err != nil || !s.twoPeople {
		return p, err == nil, err
	}
	if err := s.tryout(ctx, id, fresh, text); err != nil {
		return p, false, err
	}
	p = Proposal{
		ID: "pro_" + strings.ToLower(rand.Text()), Kind: ofProgram, Object: string(id), Text: string(text), Why: why, State: Open,
		ProposedBy: proposer(ctx), ProposedAt: s.now().UTC(),
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Platform().Accounts().Agreements().PutProposal(ctx, p); err != nil {
			return err
		}
		act := published(id, fresh, text, why)
		act.Action, act.After["proposal"] = "program.proposed", p.ID
		return audit.Note(ctx, tx, s.now(), act)
	})
	return p, false, err
}

// errTried undoes the transaction of a tryout.
var errTried = errors.New("tried")

// tryout says what would keep a document from being published now, and publishes nothing.
func (s *Service) tryout(ctx context.Context, id program.ID, t *program.Terms, text []byte) error {
	err := s.update(ctx, func(tx store.Tx) error {
		if err := s.publish(ctx, tx, id, t, text); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// Proposals returns the newest proposals of program documents in a state (empty: any).
func (s *Service) Proposals(ctx context.Context, state string) (all []Proposal, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Platform().Accounts().Agreements().Proposals(ctx, ofProgram, state, 200)
		return err
	})
	return all, err
}

// Proposal returns a proposal of a program document, or ErrNotFound.
func (s *Service) Proposal(ctx context.Context, id string) (p Proposal, err error) {
	err = s.store.View(ctx, func(tx store.Tx) (err error) {
		p, err = proposal(ctx, tx, id)
		return err
	})
	return p, err
}

func proposal(ctx context.Context, tx store.Tx, id string) (Proposal, error) {
	p, err := tx.Platform().Accounts().Agreements().Proposal(ctx, id)
	if err == nil && p.Kind != ofProgram {
		err = fmt.Errorf("proposal %.40q: %w", id, ErrNotFound)
	}
	return p, err
}

// Mine reports whether who acts in a context made a proposal, and so cannot decide it.
func Mine(ctx context.Context, p Proposal) bool { return p.ProposedBy == proposer(ctx) }

// Approve publishes what somebody else proposed. Who proposed it is refused (ErrSamePerson), and so is who is nobody (ErrNobody): a key,
// a command. What was decided already is ErrConflict; a document that cannot be published any more is ErrRefused, and stays open.
func (s *Service) Approve(ctx context.Context, id, reason string) (Proposal, error) {
	return s.decide(ctx, id, Approved, reason)
}

// Reject ends a proposal of somebody else; it needs a reason.
func (s *Service) Reject(ctx context.Context, id, reason string) (Proposal, error) {
	return s.decide(ctx, id, Rejected, reason)
}

// Withdraw takes one's own proposal back.
func (s *Service) Withdraw(ctx context.Context, id, reason string) (Proposal, error) {
	return s.decide(ctx, id, Withdrawn, reason)
}

func (s *Service) decide(ctx context.Context, id, state, reason string) (p Proposal, err error) {
	if reason = strings.TrimSpace(reason); len(reason) > 2000 {
		return p, &field.Error{Field: "reason", Reason: "it has more than 2,000 characters: say it shorter"}
	}
	if state == Rejected && reason == "" {
		return p, &field.Error{Field: "reason", Reason: "say why, so that the proposal can be made better"}
	}
	err = s.update(ctx, func(tx store.Tx) error {
		if p, err = proposal(ctx, tx, id); err != nil {
			return err
		}
		if p.State != Open {
			return fmt.Errorf("proposal %q is %s: %w", id, p.State, ErrConflict)
		}
		person := audit.Of(ctx).Person
		switch mine := Mine(ctx, p); {
		case state == Withdrawn && !mine:
			return &field.Error{Field: "proposal", Reason: "only who made it takes it back; reject it instead"}
		case state != Withdrawn && mine:
			return ErrSamePerson
		case state != Withdrawn && person == "":
			return ErrNobody
		}
		act := audit.Act{
			Action: "program.proposal_" + state, Object: "program " + p.Object, Reason: reason,
			Before: audit.Values{"state": Open}, After: audit.Values{"state": state, "proposal": p.ID, "proposed_by": p.ProposedBy},
		}
		if state == Approved {
			fresh, err := one(program.ID(p.Object), []byte(p.Text))
			if err != nil {
				return err
			}
			docs, err := tx.Facts().Documents(ctx)
			if err != nil {
				return fmt.Errorf("reading program documents: %w", err)
			}
			if len(of(docs, fresh.Program)) > 0 && !fresh.EffectiveFrom.After(s.now()) {
				return &field.Error{Field: "effective_from", Reason: "it has passed while the proposal waited, and terms that are in force are never changed: propose it again with a time to come"}
			}
			if err := s.publish(ctx, tx, program.ID(p.Object), fresh, []byte(p.Text)); err != nil {
				return err
			}
			act.Action, act.After["version"] = "program.published", strconv.Itoa(fresh.Version)
		}
		p.State, p.DecidedBy, p.DecidedAt, p.Reason = state, proposer(ctx), s.now().UTC(), reason
		if err := tx.Platform().Accounts().Agreements().PutProposal(ctx, p); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.now(), act)
	})
	return p, err
}
