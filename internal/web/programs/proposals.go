package programs

import (
	"errors"
	"net/http"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// listed is a proposal with the names of the people who made and decided it.
type listed struct {
	intake.Proposal
	proposer, decider string
}

func (p *Pages) named(r *page.Request, x intake.Proposal) listed {
	l := listed{Proposal: x, proposer: p.Name(r.Context(), x.ProposedBy)}
	if x.DecidedBy != "" {
		l.decider = p.Name(r.Context(), x.DecidedBy)
	}
	return l
}

func (p *Pages) proposals(r *page.Request) (page.Answer, error) {
	found, err := p.Intake.Proposals(r.Context(), r.URL.Query().Get("state"))
	all := make([]listed, len(found))
	for i, x := range found {
		all[i] = p.named(r, x)
	}
	return page.Answer{
		Title: r.T.Agreements.Proposals, Area: "/programs", Crumbs: []ui.Crumb{{Href: "/programs", Label: r.T.Shell.Programs}}, Body: proposalsPage(r.T, all),
	}, err
}

// proposalView is a proposal as whoever decides it sees it: what it changes, and what past orders would have come to.
type proposalView struct {
	listed
	draft  *draft
	may    bool // the viewer's role decides
	mine   bool
	done   bool
	note   string
	reason string // what was entered
}

func (p *Pages) proposal(r *page.Request) (page.Answer, error) {
	return p.proposalAnswer(r, "", 0)
}

func (p *Pages) proposalAnswer(r *page.Request, note string, status int) (page.Answer, error) {
	ctx := r.Context()
	x, err := p.Intake.Proposal(ctx, r.PathValue("proposal"))
	if err != nil {
		return page.Answer{}, err
	}
	v := &proposalView{
		listed: p.named(r, x), draft: &draft{}, may: r.Viewer.Can(people.EditPrograms), mine: intake.Mine(ctx, x), note: note,
		done: r.URL.Query().Get("done") == "proposed", reason: r.PostFormValue("reason"),
	}
	if x.State == intake.Open {
		if v.draft.review, err = p.Intake.Review(ctx, program.ID(x.Object), []byte(x.Text)); err != nil {
			return page.Answer{}, err
		}
		if v.draft.review.Publishable() {
			err = p.compare(ctx, v.draft)
			if errors.Is(err, settle.ErrCurrency) {
				v.note, err = r.T.Programs.OtherCurrency, nil
			}
		}
	}
	return page.Answer{
		Title: r.T.Agreements.Proposal, Area: "/programs", Status: status, Body: proposalPage(r.T, v),
		Crumbs: []ui.Crumb{{Href: "/programs", Label: r.T.Shell.Programs}, {Href: "/proposals", Label: r.T.Agreements.Proposals}},
	}, err
}

// decide takes a decision in. The use case refuses whoever made the proposal, whatever the form says.
func (p *Pages) decide(r *page.Request) (page.Answer, error) {
	do := p.Intake.Withdraw
	switch r.PostFormValue("do") {
	case "approve":
		do = p.Intake.Approve
	case "reject":
		do = p.Intake.Reject
	}
	x, err := do(r.Context(), r.PathValue("proposal"), r.PostFormValue("reason"))
	var wrong *field.Error
	switch {
	case errors.Is(err, intake.ErrSamePerson), errors.Is(err, intake.ErrNobody):
		return p.proposalAnswer(r, r.T.Agreements.Own, http.StatusForbidden)
	case errors.As(err, &wrong):
		return p.proposalAnswer(r, r.T.Reason(wrong.Reason), http.StatusUnprocessableEntity)
	case errors.Is(err, intake.ErrConflict), errors.Is(err, intake.ErrRefused):
		return p.proposalAnswer(r, r.T.Agreements.Stale, http.StatusConflict)
	case err != nil:
		return page.Answer{}, err
	}
	return page.Answer{Redirect: ui.Address([]string{"proposals", x.ID})}, p.Settle.Refresh(r.Context())
}
