package programs

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

// registerProposals registers the operations that change documents. None approves or rejects: a decision is a person's who is signed in.
func (s *Area) registerProposals(a *call.API) {
	reads, writes := call.Policy{Scope: call.ScopeRead}, call.Policy{Scope: call.ScopeFacts, Writes: true, Needs: []people.Permission{people.EditPrograms}}
	call.Handle(a, "PUT /v1/programs/{program}/document", "publish-program", "Publish a version of a program document, or propose it", writes, s.publish, func(op *huma.Operation) {
		op.Description = "Where publishing takes two people, which is so unless the server was started for one person, the document is proposed (202) and changes nothing until another person approves it in the console. Otherwise it is published (200)."
		schema := a.Huma().OpenAPI().Components.Schemas.Schema(reflect.TypeFor[submitted](), true, "")
		op.Responses["202"] = &huma.Response{Description: "It is proposed and not in force.", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	})
	call.Handle(a, "GET /v1/proposals", "list-proposals", "Program documents that somebody proposed, the newest first", reads, s.proposals)
	call.Handle(a, "GET /v1/proposals/{proposal}", "get-proposal", "A proposal with its document", reads, s.proposal, undecided)
	call.Handle(a, "POST /v1/proposals/{proposal}/withdraw", "withdraw-proposal", "Take one's own proposal back", writes, s.withdraw, undecided)
}

// undecided says why no operation decides a proposal.
func undecided(op *huma.Operation) {
	op.Description = "Proposals are approved and rejected in the console only, by another person than who proposed them: a key cannot, whoever it belongs to."
}

type documentInput struct {
	Program string `path:"program" maxLength:"500"`
	Why     string `query:"why" maxLength:"500" doc:"What it is for: whoever decides reads it, and so does the audit log."`
	RawBody []byte `contentType:"application/yaml" doc:"The program document."`
}

type submitted struct {
	State    string `json:"state" enum:"published,open" doc:"open: it is proposed and not in force; another person decides."`
	Proposal string `json:"proposal,omitempty" doc:"The proposal; none where it is published."`
}

type submittedOutput struct {
	Status int
	Body   submitted
}

func (s *Area) publish(ctx context.Context, in *documentInput) (*submittedOutput, error) {
	p, published, err := s.Intake.Submit(ctx, program.ID(in.Program), in.RawBody, in.Why)
	if err == nil && published {
		err = s.Settle.Refresh(ctx)
	}
	if err != nil {
		return nil, err
	}
	if !published {
		return &submittedOutput{http.StatusAccepted, submitted{p.State, p.ID}}, nil
	}
	return &submittedOutput{http.StatusOK, submitted{State: "published"}}, nil
}

type proposalView struct {
	Proposal   string     `json:"proposal"`
	Program    string     `json:"program"`
	State      string     `json:"state" enum:"open,approved,rejected,withdrawn"`
	Why        string     `json:"why,omitempty"`
	ProposedBy string     `json:"proposed_by" doc:"Id of the person, or the key or command where it belongs to nobody."`
	ProposedAt time.Time  `json:"proposed_at"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"Of the decision."`
	Document   string     `json:"document,omitempty" doc:"The proposed text; lists leave it out."`
}

func viewOf(p *intake.Proposal, whole bool) proposalView {
	v := proposalView{
		Proposal: p.ID, Program: p.Object, State: p.State, Why: p.Why, ProposedBy: p.ProposedBy, ProposedAt: p.ProposedAt,
		DecidedBy: p.DecidedBy, DecidedAt: call.Time(p.DecidedAt), Reason: p.Reason,
	}
	if whole {
		v.Document = p.Text
	}
	return v
}

type proposalsInput struct {
	State string `query:"state" enum:"open,approved,rejected,withdrawn"`
}

type proposalsOutput struct {
	Body struct {
		Proposals []proposalView `json:"proposals" nullable:"false" doc:"At most 200."`
	}
}

func (s *Area) proposals(ctx context.Context, in *proposalsInput) (*proposalsOutput, error) {
	all, err := s.Intake.Proposals(ctx, in.State)
	if err != nil {
		return nil, err
	}
	out := &proposalsOutput{}
	out.Body.Proposals = make([]proposalView, len(all))
	for i := range all {
		out.Body.Proposals[i] = viewOf(&all[i], false)
	}
	return out, nil
}

type proposalInput struct {
	Proposal string `path:"proposal" maxLength:"64"`
}

type proposalOutput struct{ Body proposalView }

func (s *Area) proposal(ctx context.Context, in *proposalInput) (*proposalOutput, error) {
	p, err := s.Intake.Proposal(ctx, in.Proposal)
	if err != nil {
		return nil, err
	}
	return &proposalOutput{viewOf(&p, true)}, nil
}

type withdrawProposalInput struct {
	Proposal string `path:"proposal" maxLength:"64"`
	Body     struct {
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

func (s *Area) withdraw(ctx context.Context, in *withdrawProposalInput) (*proposalOutput, error) {
	p, err := s.Intake.Withdraw(ctx, in.Proposal, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &proposalOutput{viewOf(&p, true)}, nil
}
