package rest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// ownOnly lets a publisher's key ask for that publisher only; of others it says what it says of nobody.
func ownOnly(ctx context.Context, publisher string) error {
	if key := caller(ctx).key; key.Publisher != "" && key.Publisher != publisher {
		return books.ErrNotFound
	}
	return nil
}

// cursorParameter is the name of the parameter that a list goes on from.
const cursorParameter = "after"

// PageInput asks for a page of a list.
type PageInput struct {
	After string `query:"after" maxLength:"8000" doc:"The next of the page before; none for the first page."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type ordersInput struct {
	Program   string    `query:"program" maxLength:"500"`
	Publisher string    `query:"publisher" maxLength:"500"`
	State     string    `query:"state" enum:"tracked,pending,approved,declined,unattributed"`
	From      time.Time `query:"from" doc:"Orders placed at this time or later."`
	To        time.Time `query:"to" doc:"Orders placed before this time."`
	PageInput
}

// decision is the newest decision about an item, without its explanation.
type decision struct {
	Order     string         `json:"order"`
	Item      string         `json:"item"`
	Program   string         `json:"program"`
	State     string         `json:"state"`
	Publisher string         `json:"publisher,omitempty"`
	AdSpace   string         `json:"ad_space,omitempty"`
	Rule      string         `json:"rule"`
	Amount    string         `json:"amount" doc:"What the publisher earns."`
	Currency  money.Currency `json:"currency" doc:"The program's."`
	PlacedAt  time.Time      `json:"placed_at"`
	Completed *time.Time     `json:"completed_at,omitempty" doc:"When receipt was confirmed."`
	SettledAt *time.Time     `json:"settled_at,omitempty" doc:"When it was approved or declined."`
	DecidedAt time.Time      `json:"decided_at"`
}

type ordersOutput struct {
	Body struct {
		Decisions []decision `json:"decisions" nullable:"false"`
		Next      string     `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Server) listOrders(ctx context.Context, in *ordersInput) (*ordersOutput, error) {
	f := books.OrderFilter{Program: program.ID(in.Program), Publisher: in.Publisher, State: in.State, From: in.From, To: in.To}
	if key := caller(ctx).key; key.Publisher != "" && f.Publisher == "" {
		f.Publisher = key.Publisher
	}
	if err := ownOnly(ctx, f.Publisher); err != nil {
		return nil, s.fail(err)
	}
	records, next, err := s.books.Orders(ctx, f, in.After, in.Limit)
	if err != nil {
		return nil, s.fail(err)
	}
	out := &ordersOutput{}
	out.Body.Decisions, out.Body.Next = make([]decision, len(records)), next
	for i := range records {
		r := &records[i]
		out.Body.Decisions[i] = decision{
			Order: r.Order, Item: r.Item, Program: string(r.Program), State: r.State, Publisher: r.Publisher, AdSpace: r.AdSpace, Rule: r.Rule,
			Amount: money.New(r.Amount, r.Currency).Decimal(), Currency: r.Currency, PlacedAt: r.PlacedAt,
			Completed: whenSet(r.Completed), SettledAt: whenSet(r.SettledAt), DecidedAt: r.DecidedAt,
		}
	}
	return out, nil
}

// whenSet is a time, or nil where it is none.
func whenSet(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type journalInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true" maxLength:"500"`
	PageInput
}

type journalOutput struct {
	Body struct {
		Transactions []json.RawMessage `json:"transactions" nullable:"false" doc:"As in ledger.jsonl."`
		Next         string            `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Server) listJournal(ctx context.Context, in *journalInput) (*journalOutput, error) {
	if err := ownOnly(ctx, in.Publisher); err != nil {
		return nil, s.fail(err)
	}
	ts, next, err := s.books.Journal(ctx, program.ID(in.Program), in.Publisher, in.After, in.Limit)
	if err != nil {
		return nil, s.fail(err)
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
	out := RunSummary{ID: r.ID, Program: string(r.Program), State: string(r.State), Currency: r.Currency, ExecuteOn: r.ExecuteOn, DraftedAt: r.Drafted.At}
	var net int64
	for i := range r.Payouts {
		if p := &r.Payouts[i]; p.Status != payout.Excluded && p.Status != payout.NotSent {
			out.Payouts++
			net += p.Net
		}
	}
	out.Net = money.New(net, r.Currency).Decimal()
	return out
}

type runsOutput struct {
	Body struct {
		Runs []RunSummary `json:"runs" nullable:"false"`
		Next string       `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

type runsInput struct {
	Program string `query:"program" maxLength:"500"`
	PageInput
}

func (s *Server) listRuns(ctx context.Context, in *runsInput) (*runsOutput, error) {
	runs, err := s.books.Runs(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	out := &runsOutput{}
	out.Body.Runs = []RunSummary{}
	found := in.After == ""
	for i := range runs {
		r := &runs[i]
		switch {
		case !found:
			found = r.ID == in.After
		case in.Program != "" && string(r.Program) != in.Program:
		case len(out.Body.Runs) == in.Limit:
			out.Body.Next = out.Body.Runs[in.Limit-1].ID
			return out, nil
		default:
			out.Body.Runs = append(out.Body.Runs, summary(r))
		}
	}
	if !found {
		return nil, newProblem(invalidParameter, ProblemError{Field: "after", Reason: "is not one of this list", Fix: "take the one that the page before answered"})
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

type runOutput struct {
	Body struct {
		RunSummary
		Parts  []runPayout `json:"parts" nullable:"false" doc:"Each publisher's payout."`
		Passed []runPassed `json:"passed" nullable:"false" doc:"Who was looked at and is not paid, and why."`
		Files  []runFile   `json:"files" nullable:"false" doc:"The bank files."`
	}
}

func (s *Server) getRun(ctx context.Context, in *runInput) (*runOutput, error) {
	r, err := s.books.Run(ctx, in.Run)
	if err != nil {
		return nil, s.fail(err)
	}
	dec := func(minor int64) string { return money.New(minor, r.Currency).Decimal() }
	out := &runOutput{}
	out.Body.RunSummary = summary(&r)
	out.Body.Parts, out.Body.Passed, out.Body.Files = []runPayout{}, []runPassed{}, []runFile{}
	for _, p := range r.Payouts {
		out.Body.Parts = append(out.Body.Parts, runPayout{p.Publisher, p.Method, dec(p.Gross), dec(p.Fee), dec(p.Tax), dec(p.Net), string(p.Status), p.Why})
	}
	for _, p := range r.Passed {
		out.Body.Passed = append(out.Body.Passed, runPassed{p.Publisher, string(p.Refusal.Code)})
	}
	for _, f := range r.Files {
		out.Body.Files = append(out.Body.Files, runFile{f.Name, f.SHA256, f.Payments, dec(f.Total)})
	}
	return out, nil
}
