// Package programs is the API of programs as publishers and operators see them: what they offer, their documents, and what another
// document would change.
package programs

import (
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Settle *settle.Service
	Intake *intake.Service
	Books  *books.Service
	// Reports know the ranks of publishers.
	Reports *reports.Service
	Now     func() time.Time
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	all, reads := call.Policy{Scope: call.ScopeRead, Publishers: true}, call.Policy{Scope: call.ScopeRead}
	call.Handle(a, "GET /v1/programs", "list-programs", "The programs whose terms are in force", all, s.list)
	call.Handle(a, "GET /v1/programs/{program}", "get-program", "What a program offers, as its page says", all, s.get)
	call.Handle(a, "GET /v1/programs/{program}/versions", "list-program-versions", "The versions of a program document, the newest first", reads, s.versions)
	call.Handle(a, "POST /v1/programs/{program}/document:review", "review-program", "Check a document before it is published: errors, findings, differences, and what the newest orders would earn", call.Policy{Scope: call.ScopeFacts, Needs: []people.Permission{people.EditPrograms}}, s.review)
	call.Handle(a, "GET /v1/programs/{program}/page", "get-program-page", "A program's page: rates by category, traffic policy, markets, payouts, similar programs, the caller's rank", all, s.page)
	s.registerProposals(a)
}

type programView struct {
	Program    string         `json:"program"`
	Name       string         `json:"name"`
	Currency   money.Currency `json:"currency"`
	Version    int            `json:"version"`
	Since      time.Time      `json:"since" doc:"When these terms came into force."`
	TimeZone   string         `json:"time_zone"`
	HoldDays   string         `json:"hold" doc:"From the confirmed receipt to the approval, such as 336h0m0s."`
	Schedule   string         `json:"payout_schedule"`
	Minimum    string         `json:"payout_minimum"`
	MustExceed bool           `json:"payout_must_exceed"`
}

func (s *Area) view(t *program.Terms, lang string) programView {
	return programView{
		Program: string(t.Program), Name: t.Page.Name.In(lang), Currency: t.Currency, Version: t.Version, Since: t.EffectiveFrom, TimeZone: t.TimeZone.String(),
		HoldDays: t.Settlement.Hold.String(), Schedule: t.Payout.Schedule.String(), Minimum: money.New(t.Payout.Minimum, t.Currency).Decimal(), MustExceed: t.Payout.MustExceed,
	}
}

type listInput struct {
	Lang string `query:"lang" enum:"en,tr" default:"en"`
}

type programsOutput struct {
	Body struct {
		Programs []programView `json:"programs" nullable:"false"`
	}
}

func (s *Area) list(_ context.Context, in *listInput) (*programsOutput, error) {
	out := &programsOutput{}
	out.Body.Programs = []programView{}
	for _, id := range s.Settle.Programs() {
		if t := s.Settle.Terms(id, s.Now()); t != nil {
			out.Body.Programs = append(out.Body.Programs, s.view(t, in.Lang))
		}
	}
	return out, nil
}

type getInput struct {
	Program string `path:"program" maxLength:"64"`
	Lang    string `query:"lang" enum:"en,tr" default:"en"`
}

type getOutput struct{ Body programView }

func (s *Area) get(_ context.Context, in *getInput) (*getOutput, error) {
	t := s.Settle.Terms(program.ID(in.Program), s.Now())
	if t == nil {
		return nil, books.ErrNotFound
	}
	return &getOutput{s.view(t, in.Lang)}, nil
}

type versionView struct {
	Version  int    `json:"version"`
	Document string `json:"document" doc:"The text, as it was published."`
}

type versionsOutput struct {
	Body struct {
		Versions []versionView `json:"versions" nullable:"false"`
	}
}

func (s *Area) versions(ctx context.Context, in *getInput) (*versionsOutput, error) {
	docs, err := s.Intake.Documents(ctx, program.ID(in.Program))
	if err != nil {
		return nil, err
	}
	out := &versionsOutput{}
	out.Body.Versions = []versionView{}
	for _, d := range docs {
		out.Body.Versions = append(out.Body.Versions, versionView{d.Version, string(d.Text)})
	}
	return out, nil
}

type reviewInput struct {
	Program string `path:"program" maxLength:"64"`
	RawBody []byte `contentType:"application/yaml" doc:"The program document."`
}

type finding struct {
	Severity string `json:"severity"`
	Kind     string `json:"kind"`
	Line     int    `json:"line,omitempty"`
	Path     string `json:"path,omitempty"`
	Problem  string `json:"problem"`
	Fix      string `json:"fix,omitempty"`
}

type documentChange struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

type whatIfShift struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type whatIf struct {
	Orders     int           `json:"orders" doc:"The newest ones."`
	Changed    int           `json:"changed"`
	Before     string        `json:"before"`
	After      string        `json:"after"`
	Publishers []whatIfShift `json:"publishers" nullable:"false"`
	Rules      []whatIfShift `json:"rules" nullable:"false"`
}

type reviewOutput struct {
	Body struct {
		Publishable bool             `json:"publishable"`
		Wrong       string           `json:"wrong,omitempty" doc:"Why it cannot be the program's next version."`
		Errors      []finding        `json:"errors" nullable:"false" doc:"Why it cannot be read."`
		Findings    []finding        `json:"findings" nullable:"false"`
		Changes     []documentChange `json:"changes" nullable:"false" doc:"Against the newest version."`
		WhatIf      *whatIf          `json:"what_if,omitempty" doc:"What the newest orders come to, and would have under these terms."`
	}
}

func (s *Area) review(ctx context.Context, in *reviewInput) (*reviewOutput, error) {
	r, err := s.Intake.Review(ctx, program.ID(in.Program), in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &reviewOutput{}
	b := &out.Body
	b.Publishable, b.Wrong, b.Errors, b.Findings, b.Changes = r.Publishable(), r.Wrong, []finding{}, []finding{}, []documentChange{}
	for _, e := range r.Errors {
		b.Errors = append(b.Errors, finding{Severity: "error", Kind: "invalid", Line: e.Line, Path: e.Path, Problem: e.Problem, Fix: e.Fix})
	}
	for _, f := range r.Findings {
		b.Findings = append(b.Findings, finding{f.Severity.String(), f.Kind, f.Line, f.Path, f.Problem, f.Fix})
	}
	for _, c := range r.Changes {
		b.Changes = append(b.Changes, documentChange(c))
	}
	if r.Terms == nil || r.Wrong != "" {
		return out, nil
	}
	w, err := s.Settle.WhatIf(ctx, r.Terms)
	if errors.Is(err, settle.ErrCurrency) {
		return out, nil // there is nothing to compare
	}
	if err != nil {
		return nil, err
	}
	dec := func(minor int64) string { return money.New(minor, w.Currency).Decimal() }
	shifts := func(all []settle.Shift) []whatIfShift {
		out := make([]whatIfShift, len(all))
		for i, x := range all {
			out[i] = whatIfShift{x.Name, dec(x.Before), dec(x.After)}
		}
		return out
	}
	b.WhatIf = &whatIf{w.Orders, w.Changed, dec(w.Before), dec(w.After), shifts(w.Publishers), shifts(w.Rules)}
	return out, nil
}
