// Package money is the API of money: balances, journals, payout runs and the daily proof.
package money

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Settle *settle.Service
	Books  *books.Service
	Now    func() time.Time
	// Payouts lead runs; ReadAnswers reads the bank's files.
	Payouts     *payouts.Service
	ReadAnswers AnswerReader
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	own := call.Policy{Scope: call.ScopeRead, Publishers: true}
	reads := call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.SeePayouts}}
	call.Handle(a, "GET /v1/publishers/{publisher}/balance", "get-balance", "A publisher's balance in a program", own, s.getBalance)
	call.Handle(a, "GET /v1/publishers/{publisher}/journal", "list-journal", "A publisher's transactions in a program, in the order they were booked in", own, s.listJournal)
	call.Handle(a, "GET /v1/payout-runs", "list-payout-runs", "Payout runs, the one drafted last first", reads, s.listRuns)
	call.Handle(a, "GET /v1/payout-runs/{run}", "get-payout-run", "A payout run", reads, s.getRun)
	s.registerRuns(a)
	s.registerPublishers(a)
	call.Handle(a, "GET /v1/proof", "get-proof", "The daily proof", reads, s.getProof)
}

type balanceInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true"`
}

type balanceOutput struct {
	Body struct {
		Publisher    string         `json:"publisher"`
		Program      string         `json:"program"`
		Currency     money.Currency `json:"currency"`
		AsOf         time.Time      `json:"as_of"`
		Tracked      string         `json:"tracked"`
		Pending      string         `json:"pending"`
		Approved     string         `json:"approved" doc:"Everything that was ever approved, less reversals."`
		Available    string         `json:"available"`
		Hold         string         `json:"hold"`
		Reserved     string         `json:"reserved"`
		Clearing     string         `json:"clearing"`
		Paid         string         `json:"paid"`
		Clawback     string         `json:"clawback" doc:"Owed after a reversal that came when the money was gone."`
		Withdrawable string         `json:"withdrawable"`
	}
}

func (s *Area) getBalance(ctx context.Context, in *balanceInput) (*balanceOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	terms := s.Settle.Terms(program.ID(in.Program), s.Now())
	if terms == nil {
		return nil, books.ErrNotFound
	}
	b, err := s.Books.Balance(ctx, terms.Program, in.Publisher, terms.Currency)
	if err != nil {
		return nil, err
	}
	dec := func(minor int64) string { return money.New(minor, b.Currency).Decimal() }
	out := &balanceOutput{}
	o := &out.Body
	o.Publisher, o.Program, o.Currency, o.AsOf = b.Publisher, string(b.Program), b.Currency, b.AsOf
	o.Tracked, o.Pending, o.Approved, o.Available, o.Hold = dec(b.Tracked), dec(b.Pending), dec(b.Approved), dec(b.Available), dec(b.Hold)
	o.Reserved, o.Clearing, o.Paid, o.Clawback, o.Withdrawable = dec(b.Reserved), dec(b.Clearing), dec(b.Paid), dec(b.Clawback), dec(b.Withdrawable())
	return out, nil
}

type proofOutput struct {
	Body struct {
		Holds        bool     `json:"holds"`
		Transactions int64    `json:"transactions"`
		Differences  []string `json:"differences" nullable:"false"`
	}
}

func (s *Area) getProof(ctx context.Context, _ *struct{}) (*proofOutput, error) {
	p, err := s.Books.Proof(ctx)
	if err != nil {
		return nil, err
	}
	out := &proofOutput{}
	out.Body.Holds, out.Body.Transactions, out.Body.Differences = p.Holds(), p.Transactions, []string{}
	for _, d := range p.Differences {
		out.Body.Differences = append(out.Body.Differences, d.String())
	}
	return out, nil
}

type journalInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true" maxLength:"500"`
	call.PageInput
}

type journalOutput struct {
	Body struct {
		Transactions []json.RawMessage `json:"transactions" nullable:"false" doc:"As in ledger.jsonl."`
		Next         string            `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) listJournal(ctx context.Context, in *journalInput) (*journalOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	ts, next, err := s.Books.Journal(ctx, program.ID(in.Program), in.Publisher, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &journalOutput{}
	out.Body.Transactions, out.Body.Next = make([]json.RawMessage, len(ts)), next
	for i := range ts {
		out.Body.Transactions[i] = wire.AppendEntry(nil, &ts[i])
	}
	return out, nil
}

// RunSummary is a payout run in a list. It is exported because the library does not describe what embeds an unexported struct.
type RunSummary struct {
	ID        string         `json:"id"`
	Program   string         `json:"program"`
	State     string         `json:"state" enum:"draft,frozen,built,approved,released,closed,cancelled"`
	Currency  money.Currency `json:"currency"`
	Payouts   int            `json:"payouts" doc:"How many publishers are paid."`
	Net       string         `json:"net" doc:"What the bank is asked to pay in all."`
	ExecuteOn string         `json:"execute_on,omitempty" doc:"The day the bank is asked to pay on."`
	DraftedAt time.Time      `json:"drafted_at"`
}

func summary(r *payout.Run) RunSummary {
	t := r.Totals()
	return RunSummary{r.ID, string(r.Program), string(r.State), r.Currency, t.Payments, decimal(t.Net, r.Currency), r.ExecuteOn, r.Drafted.At}
}

type runsOutput struct {
	Body struct {
		Runs []RunSummary `json:"runs" nullable:"false"`
		Next string       `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

type runsInput struct {
	Program string `query:"program" maxLength:"500"`
	Filled  bool   `query:"filled" doc:"Without runs that are closed and paid nobody."`
	call.PageInput
}

func (s *Area) listRuns(ctx context.Context, in *runsInput) (*runsOutput, error) {
	runs, next, err := s.Payouts.Page(ctx, program.ID(in.Program), in.Filled, in.After, in.Limit)
	if errors.Is(err, books.ErrInvalid) {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: call.CursorParameter, Reason: "is not one of this list", Fix: "take the one that the page before answered"})
	}
	if err != nil {
		return nil, err
	}
	out := &runsOutput{}
	out.Body.Runs, out.Body.Next = make([]RunSummary, len(runs)), next
	for i := range runs {
		r := &runs[i]
		out.Body.Runs[i] = RunSummary{r.ID, string(r.Program), string(r.State), r.Currency, r.Payments, decimal(r.Net, r.Currency), r.ExecuteOn, r.DraftedAt}
	}
	return out, nil
}

// runPayout is one publisher's part of a run. How the publisher is paid is not told: bank accounts stay inside.
type runPayout struct {
	Publisher string `json:"publisher"`
	Method    string `json:"method"`
	Gross     string `json:"gross"`
	Fee       string `json:"fee"`
	Tax       string `json:"tax"`
	Net       string `json:"net"`
	Status    string `json:"status" enum:"reserved,excluded,not_sent,sent,unknown,paid,rejected,returned"`
	Why       string `json:"why,omitempty" doc:"Why it was put back."`
}

type runPassed struct {
	Publisher string `json:"publisher"`
	Refusal   string `json:"refusal"`
}

type runFile struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Payments int    `json:"payments"`
	Total    string `json:"total"`
}

type runInput struct {
	Run string `path:"run" maxLength:"500"`
}

// RunView is a payout run.
type RunView struct {
	RunSummary
	Parts  []runPayout `json:"parts" nullable:"false" doc:"Each publisher's payout."`
	Passed []runPassed `json:"passed" nullable:"false" doc:"Who was looked at and is not paid, and why."`
	Files  []runFile   `json:"files" nullable:"false" doc:"The bank files."`
}

type runOutput struct{ Body *RunView }

func (s *Area) getRun(ctx context.Context, in *runInput) (*runOutput, error) {
	r, err := s.Books.Run(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	return &runOutput{viewOf(&r)}, nil
}

func viewOf(r *payout.Run) *RunView {
	dec := func(minor int64) string { return decimal(minor, r.Currency) }
	out := &RunView{RunSummary: summary(r), Parts: []runPayout{}, Passed: []runPassed{}, Files: []runFile{}}
	for _, p := range r.Payouts {
		out.Parts = append(out.Parts, runPayout{p.Publisher, p.Method, dec(p.Gross), dec(p.Fee), dec(p.Tax), dec(p.Net), string(p.Status), p.Why})
	}
	for _, p := range r.Passed {
		out.Passed = append(out.Passed, runPassed{p.Publisher, string(p.Refusal.Code)})
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, runFile{f.Name, f.SHA256, f.Payments, dec(f.Total)})
	}
	return out
}
