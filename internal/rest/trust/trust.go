// Package trust is the API of trust cases: what operators do about suspicious traffic, what publishers read, answer and appeal against,
// and what became of cases (M4, F5).
package trust

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Area is what the operations lead to.
type Area struct {
	Cases *cases.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads, all := call.Policy{Scope: call.ScopeRead, Publishers: true}, call.Policy{Scope: call.ScopeCases, Publishers: true, Writes: true}
	works := call.Policy{Scope: call.ScopeCases, Writes: true}
	call.Handle(a, "GET /v1/cases", "list-cases", "Trust cases, the newest first; to a publisher its own, as far as it was told of them", reads, s.list)
	call.Handle(a, "GET /v1/cases/{case}", "get-case", "A trust case; to its publisher without the people who work on it", reads, s.get)
	call.Handle(a, "GET /v1/programs/{program}/case-statistics", "get-case-statistics", "What became of a program's cases, for everybody to see", reads, s.statistics)
	s.registerFiles(a, reads, all)
	call.Handle(a, "POST /v1/cases", "open-case", "Open a case with evidence", works, s.open)
	call.Handle(a, "POST /v1/cases/{case}/evidence", "add-case-evidence", "Add evidence, before the publisher is told", works, s.evidence)
	call.Handle(a, "POST /v1/cases/{case}/items", "add-case-items", "Add order items, before anything is held", works, s.items)
	call.Handle(a, "POST /v1/cases/{case}/step", "step-case", "Take, hold, release or dismiss a case, agree to a decision, or decide an appeal", works, s.step, func(op *huma.Operation) {
		op.Description = "hold keeps the case's commissions back and tells the publisher at once. approve and refuse are the second person's: somebody else than who opened and who decided, whichever keys they use. uphold and reject decide an appeal, by a person who took no part."
	})
	call.Handle(a, "POST /v1/cases/{case}/decision", "decide-case", "Decide against the publisher; a large deduction then waits for a second person", works, s.decide)
	call.Handle(a, "POST /v1/cases/{case}/messages", "write-in-case", "Answer as the publisher, or write to it as the operator", all, s.write)
	call.Handle(a, "POST /v1/cases/{case}/appeal", "appeal-case", "Appeal against a decision, as its publisher", all, s.appeal)
	call.Handle(a, "POST /v1/orders/{order}/appeal", "appeal-order", "Appeal against a deduction that the marketplace reported without a case, as the publisher", all, s.appealReport)
}

// refused is an error of the service as callers read it.
func refused(err error) error {
	problem := func(t call.Type, field, reason, fix string) error {
		return call.NewProblem(t, call.ProblemError{Field: field, Reason: reason, Fix: fix})
	}
	switch {
	case errors.Is(err, trust.ErrSamePerson):
		return problem(call.NotAllowed, call.HeaderKey, err.Error(), "let another person do it, with a key of that person's or in the console")
	case errors.Is(err, trust.ErrTooEarly), errors.Is(err, trust.ErrTooLate), errors.Is(err, trust.ErrState):
		return problem(call.Conflict, "case", err.Error(), "read the case: its state and its times say what can be done")
	case errors.Is(err, cases.ErrConflict):
		return problem(call.Conflict, "case", "somebody else changed the case just now", "read it again")
	case errors.Is(err, trust.ErrInput):
		return problem(call.InvalidParameter, "", err.Error(), call.FixParameter)
	}
	return err
}

type caseItem struct {
	Order    string         `json:"order"`
	Item     string         `json:"item"`
	State    string         `json:"state"`
	Amount   string         `json:"amount"`
	Currency money.Currency `json:"currency"`
	Held     bool           `json:"held" doc:"The case keeps it back, or kept."`
	Taken    bool           `json:"taken"`
}

type caseEvidence struct {
	Kind string    `json:"kind" enum:"text,link,order,click,figure,file"`
	Text string    `json:"text" doc:"Of a file its name."`
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at"`
	File int       `json:"file,omitempty" doc:"The number of the file in the case, of kind file."`
}

type caseMessage struct {
	By            string    `json:"by,omitempty"`
	FromPublisher bool      `json:"from_publisher"`
	Text          string    `json:"text"`
	At            time.Time `json:"at"`
	File          int       `json:"file,omitempty" doc:"The number of the file in the case that came with it."`
}

type caseRuling struct {
	By         string     `json:"by,omitempty"`
	At         time.Time  `json:"at"`
	Sanctions  []string   `json:"sanctions" nullable:"false"`
	Reason     string     `json:"reason"`
	Note       string     `json:"note"`
	ApprovedBy string     `json:"approved_by,omitempty"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

type caseAppeal struct {
	By        string     `json:"by,omitempty"`
	At        time.Time  `json:"at"`
	Text      string     `json:"text"`
	File      int        `json:"file,omitempty" doc:"The number of the file in the case that came with it."`
	DecidedBy string     `json:"decided_by,omitempty"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	Upheld    bool       `json:"upheld"`
	Note      string     `json:"note,omitempty"`
}

type caseView struct {
	Case      string         `json:"case"`
	Program   string         `json:"program"`
	Publisher string         `json:"publisher"`
	Category  string         `json:"category"`
	State     string         `json:"state" enum:"signal,open,held,notified,proposed,deducted,appealed,closed"`
	Outcome   string         `json:"outcome,omitempty" enum:"dismissed,released,timed_out,sanctioned,restored"`
	OpenedBy  string         `json:"opened_by,omitempty"`
	OpenedAt  time.Time      `json:"opened_at"`
	TakenBy   string         `json:"taken_by,omitempty"`
	HeldAt    *time.Time     `json:"held_at,omitempty"`
	HoldEnds  *time.Time     `json:"hold_ends,omitempty" doc:"What is held is given back then, where nobody has decided."`
	ToldAt    *time.Time     `json:"told_at,omitempty"`
	AnswerBy  *time.Time     `json:"answer_by,omitempty"`
	AppealBy  *time.Time     `json:"appeal_by,omitempty"`
	ClosedAt  *time.Time     `json:"closed_at,omitempty"`
	Items     []caseItem     `json:"items" nullable:"false"`
	Evidence  []caseEvidence `json:"evidence" nullable:"false"`
	Messages  []caseMessage  `json:"messages" nullable:"false"`
	Decision  *caseRuling    `json:"decision,omitempty"`
	Appeal    *caseAppeal    `json:"appeal,omitempty"`
}

func viewOf(c *trust.Case) *caseView {
	v := &caseView{
		Case: c.ID, Program: string(c.Program), Publisher: c.Publisher, Category: c.Category, State: string(c.State), Outcome: string(c.Outcome), OpenedBy: c.OpenedBy, OpenedAt: c.OpenedAt,
		TakenBy: c.TakenBy, HeldAt: call.Time(c.HeldAt), HoldEnds: call.Time(c.HoldEnds), ToldAt: call.Time(c.ToldAt), AnswerBy: call.Time(c.AnswerBy), AppealBy: call.Time(c.AppealBy),
		ClosedAt: call.Time(c.ClosedAt), Items: []caseItem{}, Evidence: []caseEvidence{}, Messages: []caseMessage{},
	}
	for _, i := range c.Items {
		v.Items = append(v.Items, caseItem{i.Order, i.Item, i.State, money.New(i.Amount, i.Currency).Decimal(), i.Currency, i.Held, i.Taken})
	}
	for _, e := range c.Evidence {
		v.Evidence = append(v.Evidence, caseEvidence(e))
	}
	for _, m := range c.Messages {
		v.Messages = append(v.Messages, caseMessage(m))
	}
	if r := c.Ruling; r != nil {
		v.Decision = &caseRuling{r.By, r.At, []string{}, r.Reason, r.Note, r.ApprovedBy, call.Time(r.ApprovedAt)}
		for _, x := range r.Sanctions {
			v.Decision.Sanctions = append(v.Decision.Sanctions, string(x))
		}
	}
	if p := c.Appeal; p != nil {
		v.Appeal = &caseAppeal{p.By, p.At, p.Text, p.File, p.DecidedBy, call.Time(p.DecidedAt), p.Upheld, p.Note}
	}
	return v
}

type caseOutput struct{ Body *caseView }

func done(c trust.Case, err error) (*caseOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	return &caseOutput{viewOf(&c)}, nil
}

type casesInput struct {
	Program   string `query:"program" maxLength:"64"`
	Publisher string `query:"publisher" maxLength:"500"`
	State     string `query:"state" enum:"signal,open,held,notified,proposed,deducted,appealed,closed" doc:"A publisher's key gets all of its own cases."`
	call.PageInput
}

type casesOutput struct {
	Body struct {
		Cases []*caseView `json:"cases" nullable:"false"`
		Next  string      `json:"next,omitempty" doc:"The cursor of the next page; none on the last one. A page may be shorter than the limit."`
	}
}

func (s *Area) list(ctx context.Context, in *casesInput) (*casesOutput, error) {
	own, err := call.Own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	var all []trust.Case
	out := &casesOutput{}
	if own != "" {
		all, out.Body.Next, err = s.Cases.ListOwn(ctx, own, in.After, in.Limit)
	} else {
		all, out.Body.Next, err = s.Cases.List(ctx, cases.Filter{Program: program.ID(in.Program), Publisher: in.Publisher, State: in.State}, in.After, in.Limit)
	}
	if err != nil {
		return nil, refused(err)
	}
	out.Body.Cases = make([]*caseView, len(all))
	for i := range all {
		out.Body.Cases[i] = viewOf(&all[i])
	}
	return out, nil
}

type caseInput struct {
	Case string `path:"case" maxLength:"200"`
}

func (s *Area) get(ctx context.Context, in *caseInput) (*caseOutput, error) {
	if own := call.Of(ctx).Key.Publisher; own != "" {
		return done(s.Cases.Own(ctx, in.Case, own))
	}
	return done(s.Cases.Case(ctx, in.Case))
}

type stake struct {
	Currency money.Currency `json:"currency"`
	Amount   string         `json:"amount"`
}

type caseStatisticsOutput struct {
	Body struct {
		Cases      int     `json:"cases" doc:"That people opened, and appeals against a marketplace's reports."`
		Open       int     `json:"open"`
		Released   int     `json:"released" doc:"Nothing was found."`
		TimedOut   int     `json:"timed_out" doc:"Of released: nobody decided in time."`
		Sanctioned int     `json:"sanctioned" doc:"Decided against the publisher, restored ones included."`
		Deducted   int     `json:"deducted" doc:"Of sanctioned: commissions were taken."`
		Appeals    int     `json:"appeals" doc:"Decided ones."`
		Restored   int     `json:"restored" doc:"Of appeals: the publisher won."`
		Taken      []stake `json:"taken" nullable:"false"`
		Returned   []stake `json:"returned" nullable:"false" doc:"Of taken: what appeals gave back."`
	}
}

type caseStatisticsInput struct {
	Program string `path:"program" maxLength:"64"`
}

func (s *Area) statistics(ctx context.Context, in *caseStatisticsInput) (*caseStatisticsOutput, error) {
	n, err := s.Cases.Statistics(ctx, program.ID(in.Program))
	if err != nil {
		return nil, err
	}
	stakes := func(all []trust.Stake) []stake {
		out := make([]stake, len(all))
		for i, x := range all {
			out[i] = stake{x.Currency, money.New(x.Minor, x.Currency).Decimal()}
		}
		return out
	}
	out := &caseStatisticsOutput{}
	b := &out.Body
	b.Cases, b.Open, b.Released, b.TimedOut, b.Sanctioned, b.Deducted, b.Appeals, b.Restored = n.Cases, n.Open, n.Released, n.TimedOut, n.Sanctioned, n.Deducted, n.Appeals, n.Restored
	b.Taken, b.Returned = stakes(n.Taken), stakes(n.Returned)
	return out, nil
}

type newEvidence struct {
	Kind string `json:"kind" enum:"text,link,order,click,figure"`
	Text string `json:"text" minLength:"1" maxLength:"20000"`
}

type caseRef struct {
	Order string `json:"order" maxLength:"2000"`
	Item  string `json:"item,omitempty" maxLength:"2000" doc:"Left out: every item that the publisher won."`
}

func refs(all []caseRef) []cases.Ref {
	out := make([]cases.Ref, len(all))
	for i, r := range all {
		out[i] = cases.Ref(r)
	}
	return out
}

type openCaseInput struct {
	Body struct {
		Program   string        `json:"program" maxLength:"64"`
		Publisher string        `json:"publisher" maxLength:"500"`
		Category  string        `json:"category" maxLength:"64" doc:"What is suspected; it is all that the publisher reads until a decision stands."`
		Items     []caseRef     `json:"items,omitempty" maxItems:"1000"`
		Evidence  []newEvidence `json:"evidence" minItems:"1" maxItems:"100"`
	}
}

func (s *Area) open(ctx context.Context, in *openCaseInput) (*caseOutput, error) {
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	d := cases.Draft{Program: program.ID(in.Body.Program), Publisher: in.Body.Publisher, Category: in.Body.Category, Items: refs(in.Body.Items)}
	for _, e := range in.Body.Evidence {
		d.Evidence = append(d.Evidence, trust.Evidence{Kind: e.Kind, Text: e.Text})
	}
	return done(s.Cases.Open(ctx, d, by))
}

type evidenceInput struct {
	Case string `path:"case" maxLength:"200"`
	Body newEvidence
}

func (s *Area) evidence(ctx context.Context, in *evidenceInput) (*caseOutput, error) {
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	return done(s.Cases.AddEvidence(ctx, in.Case, by, in.Body.Kind, in.Body.Text))
}

type caseItemsInput struct {
	Case string `path:"case" maxLength:"200"`
	Body struct {
		Items []caseRef `json:"items" minItems:"1" maxItems:"1000"`
	}
}

func (s *Area) items(ctx context.Context, in *caseItemsInput) (*caseOutput, error) {
	if _, err := call.Acts(ctx, people.DecideCases); err != nil {
		return nil, err
	}
	return done(s.Cases.AddItems(ctx, in.Case, refs(in.Body.Items)))
}

type stepCaseInput struct {
	Case string `path:"case" maxLength:"200"`
	Body struct {
		Step string `json:"step" enum:"take,dismiss,hold,release,approve,refuse,uphold,reject"`
		Note string `json:"note,omitempty" maxLength:"20000" doc:"Why; dismiss, release, refuse, uphold and reject need it."`
	}
}

func (s *Area) step(ctx context.Context, in *stepCaseInput) (*caseOutput, error) {
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	note := in.Body.Note
	switch in.Body.Step {
	case "take":
		return done(s.Cases.Take(ctx, in.Case, by))
	case "dismiss":
		return done(s.Cases.Dismiss(ctx, in.Case, by, note))
	case "hold":
		return done(s.Cases.Hold(ctx, in.Case))
	case "release":
		return done(s.Cases.Release(ctx, in.Case, by, note))
	case "approve":
		return done(s.Cases.Approve(ctx, in.Case, by))
	case "refuse":
		return done(s.Cases.Refuse(ctx, in.Case, note))
	}
	return done(s.Cases.DecideAppeal(ctx, in.Case, by, in.Body.Step == "uphold", note))
}

type decideCaseInput struct {
	Case string `path:"case" maxLength:"200"`
	Body struct {
		Sanctions []string `json:"sanctions" minItems:"1" maxItems:"4" enum:"warning,block,decline_open,deduction"`
		Reason    string   `json:"reason" maxLength:"64" doc:"A category."`
		Note      string   `json:"note" minLength:"1" maxLength:"20000" doc:"For the publisher."`
	}
}

func (s *Area) decide(ctx context.Context, in *decideCaseInput) (*caseOutput, error) {
	by, err := call.Acts(ctx, people.DecideCases)
	if err != nil {
		return nil, err
	}
	r := trust.Ruling{By: by, Reason: in.Body.Reason, Note: in.Body.Note}
	for _, x := range in.Body.Sanctions {
		r.Sanctions = append(r.Sanctions, trust.Sanction(x))
	}
	return done(s.Cases.Decide(ctx, in.Case, r))
}

type caseTextInput struct {
	Case string `path:"case" maxLength:"200"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"20000"`
	}
}

func (s *Area) write(ctx context.Context, in *caseTextInput) (*caseOutput, error) {
	own := call.Of(ctx).Key.Publisher
	if own == "" {
		by, err := call.Acts(ctx, people.DecideCases)
		if err != nil {
			return nil, err
		}
		return done(s.Cases.Say(ctx, in.Case, by, in.Body.Text))
	}
	by, err := call.Acts(ctx, people.AnswerCases)
	if err != nil {
		return nil, err
	}
	return s.asPublisher(ctx, own)(s.Cases.Answer(ctx, in.Case, own, by, in.Body.Text))
}

// asPublisher answers a publisher: with the case as it may see it.
func (s *Area) asPublisher(ctx context.Context, own string) func(trust.Case, error) (*caseOutput, error) {
	return func(c trust.Case, err error) (*caseOutput, error) {
		if err == nil {
			c, err = s.Cases.Own(ctx, c.ID, own)
		}
		return done(c, err)
	}
}

// publisher is the key's publisher and the person who speaks for it.
func publisher(ctx context.Context) (own, by string, err error) {
	if own = call.Of(ctx).Key.Publisher; own == "" {
		return "", "", call.NewProblem(call.NotAllowed, call.ProblemError{Field: call.HeaderKey, Reason: "only the publisher itself appeals", Fix: "use a key of the publisher"})
	}
	by, err = call.Acts(ctx, people.AnswerCases)
	return own, by, err
}

func (s *Area) appeal(ctx context.Context, in *caseTextInput) (*caseOutput, error) {
	own, by, err := publisher(ctx)
	if err != nil {
		return nil, err
	}
	return s.asPublisher(ctx, own)(s.Cases.Appeal(ctx, in.Case, own, by, in.Body.Text, nil))
}

type appealOrderInput struct {
	Order string `path:"order" maxLength:"2000"`
	Body  struct {
		Program string `json:"program" maxLength:"64"`
		Item    string `json:"item" maxLength:"2000"`
		Text    string `json:"text" minLength:"1" maxLength:"20000"`
	}
}

func (s *Area) appealReport(ctx context.Context, in *appealOrderInput) (*caseOutput, error) {
	own, by, err := publisher(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.Cases.AppealReport(ctx, order.Key{Program: program.ID(in.Body.Program), Order: in.Order}, in.Body.Item, own, by, in.Body.Text, nil)
	return s.asPublisher(ctx, own)(c, err)
}
