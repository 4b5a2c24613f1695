package money

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// AnswerReader reads a bank's file: its answers about payouts of the runs, and what could not be understood.
type AnswerReader func(file io.Reader, runs []payout.Run) (answers []payout.Answer, problems []string, err error)

func (s *Area) registerRuns(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.SeePayouts}}
	moves := call.Policy{Scope: call.ScopePayouts, Writes: true, Needs: []people.Permission{people.BuildPayouts}}
	agrees := call.Policy{Scope: call.ScopePayouts, Writes: true, Needs: []people.Permission{people.ApprovePayouts}}
	call.Handle(a, "POST /v1/payout-runs", "start-payout-run", "Open and freeze the run that is due, or one by hand", moves, s.startRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/build", "build-payout-run", "Make the bank files of a frozen run", moves, s.buildRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/approve", "approve-payout-run", "Agree to a built run as another person, with its totals", agrees, s.approveRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/release", "release-payout-run", "Book that the files of an approved run go to the bank", moves, s.releaseRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/close", "close-payout-run", "Close a run whose payouts the bank has all answered", moves, s.closeRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/cancel", "cancel-payout-run", "Give a run up before its release", moves, s.cancelRun)
	call.Handle(a, "POST /v1/payout-runs/{run}/exclude", "exclude-payout", "Take a publisher out of a frozen run", moves, s.exclude)
	call.Handle(a, "POST /v1/payout-answers", "take-payout-answers", "Take a bank's file of answers in: camt.053, pain.002 or CSV", moves, s.takeAnswers)
	call.Handle(a, "GET /v1/payout-runs/{run}/files/{file}", "get-payout-file", "A bank file of a run", reads, s.getFile, func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{Description: "The file, byte for byte as it was built.", Content: map[string]*huma.MediaType{
			"application/xml": {Schema: &huma.Schema{Type: "string"}}, "text/csv": {Schema: &huma.Schema{Type: "string"}},
		}}
	})
}

// refused turns what is wrong with a step into a problem.
func refused(err error) error {
	var state *payout.StateError
	var same *payout.SamePersonError
	var totals *payout.TotalsError
	var no *payout.Refusal
	var changed *payouts.ChangedError
	var files *payouts.FilesError
	problem := func(t call.Type, field, reason, fix string) error {
		return call.NewProblem(t, call.ProblemError{Field: field, Reason: reason, Fix: fix})
	}
	switch {
	case errors.As(err, &state):
		return problem(call.Conflict, "run", state.Error(), "read the run: its state says which step is next")
	case errors.As(err, &same):
		return problem(call.NotAllowed, call.HeaderKey, same.Error(), "let another person approve it, with a key of that person's or in the console")
	case errors.As(err, &totals):
		return problem(call.InvalidParameter, "total", "the number or the sum of payments is not that of the run", "take both from the bank files, not from memory")
	case errors.As(err, &no):
		return problem(call.Conflict, "", no.Reason("en"), no.Fix("en"))
	case errors.As(err, &changed):
		return problem(call.Conflict, "amount", "the balance changed meanwhile", "read the withdrawal again and agree to what it says")
	case errors.As(err, &files):
		return problem(call.Conflict, "run", files.Err.Error(), "exclude the publisher that it names, or cancel the run")
	case errors.Is(err, payouts.ErrNoPayer):
		return problem(call.Conflict, "", "nobody said whose bank account pays", "start the server with --payer-name and --payer-iban")
	}
	return err
}

// ran answers with a run after a step.
func ran(r payout.Run, err error) (*runOutput, error) {
	if err != nil {
		return nil, refused(err)
	}
	return &runOutput{viewOf(&r)}, nil
}

type startRunInput struct {
	Body struct {
		Program    string   `json:"program" maxLength:"64"`
		Way        string   `json:"way" enum:"due,manual,requested" doc:"due: the run that the program's schedule asks for now; manual: one by hand; requested: publishers who asked, in a program that pays on request."`
		Publishers []string `json:"publishers,omitempty" maxItems:"1000" doc:"Of a run by hand or on request: only these; left out: everybody who can be paid."`
	}
}

func (s *Area) startRun(ctx context.Context, in *startRunInput) (*runOutput, error) {
	by, err := call.Acts(ctx, people.BuildPayouts)
	if err != nil {
		return nil, err
	}
	id := program.ID(in.Body.Program)
	if in.Body.Way != "due" {
		return ran(s.Payouts.Start(ctx, id, payout.Way(in.Body.Way), in.Body.Publishers, by))
	}
	r, due, err := s.Payouts.Due(ctx, id, by)
	if err == nil && !due {
		return nil, call.NewProblem(call.Conflict, call.ProblemError{Field: "way", Reason: "no run of the program is due now", Fix: "wait for the program's schedule, or start one by hand"})
	}
	return ran(r, err)
}

// step leads a run on in the name of the key's person, who may do it in the console too.
func (s *Area) step(ctx context.Context, may people.Permission, id string, do func(context.Context, string, string) (payout.Run, error)) (*runOutput, error) {
	by, err := call.Acts(ctx, may)
	if err != nil {
		return nil, err
	}
	return ran(do(ctx, id, by))
}

func (s *Area) buildRun(ctx context.Context, in *runInput) (*runOutput, error) {
	return s.step(ctx, people.BuildPayouts, in.Run, s.Payouts.Build)
}

func (s *Area) releaseRun(ctx context.Context, in *runInput) (*runOutput, error) {
	return s.step(ctx, people.BuildPayouts, in.Run, s.Payouts.Release)
}

func (s *Area) closeRun(ctx context.Context, in *runInput) (*runOutput, error) {
	r, err := s.Payouts.Run(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	if waiting(&r) {
		return nil, call.NewProblem(call.Conflict, call.ProblemError{Field: "run", Reason: "the bank has not answered all of its payouts", Fix: "take the bank's answers in first"})
	}
	return s.step(ctx, people.BuildPayouts, in.Run, s.Payouts.Close)
}

type approveRunInput struct {
	Run  string `path:"run" maxLength:"500"`
	Body struct {
		Payments int    `json:"payments" minimum:"1" doc:"How many payments the bank files have, as they say."`
		Total    string `json:"total" pattern:"^[0-9]{1,18}(\\.[0-9]{1,4})?$" doc:"Their sum, as the bank files say: 1234.50"`
	}
}

func (s *Area) approveRun(ctx context.Context, in *approveRunInput) (*runOutput, error) {
	return s.step(ctx, people.ApprovePayouts, in.Run, func(ctx context.Context, id, by string) (payout.Run, error) {
		return s.Payouts.Approve(ctx, id, payout.Approval{By: by, Payments: in.Body.Payments, Total: in.Body.Total})
	})
}

type cancelRunInput struct {
	Run  string `path:"run" maxLength:"500"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func (s *Area) cancelRun(ctx context.Context, in *cancelRunInput) (*runOutput, error) {
	return s.step(ctx, people.BuildPayouts, in.Run, func(ctx context.Context, id, by string) (payout.Run, error) {
		return s.Payouts.Cancel(ctx, id, in.Body.Reason, by)
	})
}

type excludePayoutInput struct {
	Run  string `path:"run" maxLength:"500"`
	Body struct {
		Publisher string `json:"publisher" minLength:"1" maxLength:"500"`
		Reason    string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func (s *Area) exclude(ctx context.Context, in *excludePayoutInput) (*runOutput, error) {
	return s.step(ctx, people.BuildPayouts, in.Run, func(ctx context.Context, id, by string) (payout.Run, error) {
		return s.Payouts.Exclude(ctx, id, in.Body.Publisher, in.Body.Reason, by)
	})
}

type answersInput struct {
	RawBody []byte `contentType:"application/octet-stream" doc:"The bank's file."`
}

type strangeAnswer struct {
	Payout string `json:"payout"`
	Reason string `json:"reason"`
}

type payoutAnswersOutput struct {
	Body struct {
		New     int             `json:"new" doc:"Answers that changed something."`
		Known   int             `json:"known" doc:"Answers that said what was known."`
		Strange []strangeAnswer `json:"strange" nullable:"false" doc:"Answers that could not be taken in: about no payout of ours, or in contradiction to another one."`
		Unread  []string        `json:"unread" nullable:"false" doc:"Records that somebody must look at."`
	}
}

// takeAnswers takes a bank's file in. The whole file is read before the first answer counts.
func (s *Area) takeAnswers(ctx context.Context, in *answersInput) (*payoutAnswersOutput, error) {
	by, err := call.Acts(ctx, people.BuildPayouts)
	if err != nil {
		return nil, err
	}
	runs, err := s.Payouts.Runs(ctx)
	if err != nil {
		return nil, err
	}
	answers, unread, err := s.ReadAnswers(bytes.NewReader(in.RawBody), runs)
	if err != nil {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "body", Reason: err.Error(), Fix: "send the bank's file as it is: camt.053, pain.002 or CSV"})
	}
	got, err := s.Payouts.Answers(ctx, answers, by)
	if err != nil {
		return nil, refused(err)
	}
	out := &payoutAnswersOutput{}
	out.Body.New, out.Body.Known, out.Body.Strange, out.Body.Unread = got.New, got.Known, []strangeAnswer{}, append([]string{}, unread...)
	for _, x := range got.Strange {
		out.Body.Strange = append(out.Body.Strange, strangeAnswer{x.Answer.Payout, x.Err.Error()})
	}
	return out, nil
}

type fileInput struct {
	Run  string `path:"run" maxLength:"500"`
	File string `path:"file" maxLength:"200"`
}

func (s *Area) getFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	data, err := s.Payouts.File(ctx, in.Run, in.File)
	if err != nil {
		return nil, err
	}
	kind := "text/csv"
	if strings.HasSuffix(in.File, ".xml") {
		kind = "application/xml"
	}
	return call.File(kind, in.File, data), nil
}

// decimal is an amount of a run's currency.
func decimal(minor int64, c money.Currency) string { return money.New(minor, c).Decimal() }
