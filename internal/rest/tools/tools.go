// Package tools is the API of what helps publishers to keep their links and ads in order, and operators to see their publishers: audits of
// links and pages (L6, L7), banned keywords (F3), and the list of publishers.
package tools

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Books    *books.Service
	Care     *links.Care
	Keywords *keywords.Service
	Joining  *joining.Service // knows what publishers are called
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads, all := call.Policy{Scope: call.ScopeRead}, call.Policy{Scope: call.ScopeRead, Publishers: true}
	plans := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.MakeLinks, people.ManagePublishers}}
	call.Handle(a, "GET /v1/publishers", "list-publishers", "Publishers of each program with their figures, the one that earned most first", reads, s.publishers)
	call.Handle(a, "GET /v1/publishers/{publisher}/audits", "list-audits", "Audits of a publisher's links and pages, the newest first, and when they are due", all, s.audits)
	call.Handle(a, "PUT /v1/publishers/{publisher}/audits", "plan-audit", "Say how often links or the pages of an ad space are audited, or have it done now", plans, s.plan)
	call.Handle(a, "GET /v1/publishers/{publisher}/audits/{audit}", "get-audit", "An audit with its findings", all, s.audit)
	call.Handle(a, "GET /v1/link-changes", "list-link-changes", "Links whose targets died or came back, the newest change first", reads, s.changes)
	call.Handle(a, "GET /v1/programs/{program}/keywords", "list-keywords", "The keywords that a program forbids in ads", all, s.banned)
	call.Handle(a, "POST /v1/programs/{program}/keywords:check", "check-keywords", "Look for forbidden keywords in the text of an ad, or in a list of keywords", all, s.check)
}

type publishersInput struct {
	Program string `query:"program" maxLength:"64"`
}

type publisherFigures struct {
	Program      string         `json:"program"`
	Publisher    string         `json:"publisher"`
	Name         string         `json:"name,omitempty" doc:"Of its organisation; none: nobody signed up for it."`
	Currency     money.Currency `json:"currency"`
	Clicks       int64          `json:"clicks"`
	Actions      int64          `json:"actions"`
	Approved     int64          `json:"approved"`
	Declined     int64          `json:"declined"`
	Commission   string         `json:"commission" doc:"Of all actions that are not declined."`
	CR           string         `json:"cr"`
	EPC          string         `json:"epc"`
	ApprovalRate string         `json:"approval_rate"`
}

type publishersOutput struct {
	Body struct {
		Publishers []publisherFigures `json:"publishers" nullable:"false"`
	}
}

func (s *Area) publishers(ctx context.Context, in *publishersInput) (*publishersOutput, error) {
	all, err := s.Books.Funnels(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.Joining.Names(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *books.Funnel) int { return cmp.Compare(b.Tally.Earnings, a.Tally.Earnings) })
	out := &publishersOutput{}
	out.Body.Publishers = []publisherFigures{}
	for _, f := range all {
		if f.Publisher == "" || (in.Program != "" && in.Program != string(f.Program)) {
			continue
		}
		t := &f.Tally
		out.Body.Publishers = append(out.Body.Publishers, publisherFigures{
			string(f.Program), f.Publisher, names[f.Publisher], f.Currency, t.Clicks, t.Actions, t.Approved, t.Declined, money.New(t.Earnings, f.Currency).Decimal(), t.CR(), t.EPC(f.Currency), t.ApprovalRate(),
		})
	}
	return out, nil
}

type auditFinding struct {
	Code   string `json:"code"`
	Link   string `json:"link,omitempty"`
	Page   string `json:"page,omitempty"`
	Target string `json:"target,omitempty"`
	Detail string `json:"detail,omitempty"`
	New    bool   `json:"new" doc:"The audit before did not have it."`
}

type auditView struct {
	Audit     int64          `json:"audit"`
	Subject   string         `json:"subject" doc:"links, or space/ and the ad space."`
	StartedAt time.Time      `json:"started_at"`
	EndedAt   time.Time      `json:"ended_at"`
	Links     int            `json:"links" doc:"How many were looked at."`
	Pages     int            `json:"pages"`
	Notes     []string       `json:"notes" nullable:"false" doc:"What was not looked at, and why."`
	Found     int            `json:"found"`
	New       int            `json:"new"`
	Gone      int            `json:"gone"`
	Findings  []auditFinding `json:"findings,omitempty" doc:"The first ones; lists leave them out."`
}

func viewOf(a *links.Audit) auditView {
	v := auditView{
		Audit: a.ID, Subject: a.Subject, StartedAt: a.StartedAt, EndedAt: a.EndedAt, Links: a.Links, Pages: a.Pages, Notes: append([]string{}, a.Notes...), Found: a.Found, New: a.New, Gone: a.Gone,
	}
	for _, f := range a.Findings {
		v.Findings = append(v.Findings, auditFinding(f))
	}
	return v
}

type auditPlan struct {
	Subject string     `json:"subject"`
	Every   string     `json:"every" enum:",daily,weekly" doc:"Empty: when somebody asks for it."`
	Next    *time.Time `json:"next,omitempty"`
}

type auditsInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Subject   string `query:"subject" maxLength:"200"`
	call.PageInput
}

type auditsOutput struct {
	Body struct {
		Plans  []auditPlan `json:"plans" nullable:"false"`
		Audits []auditView `json:"audits" nullable:"false"`
		Next   string      `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) audits(ctx context.Context, in *auditsInput) (*auditsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	plans, err := s.Care.Plans(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &auditsOutput{}
	out.Body.Plans, out.Body.Audits = []auditPlan{}, []auditView{}
	for _, p := range plans {
		out.Body.Plans = append(out.Body.Plans, auditPlan{p.Subject, p.Every, call.Time(p.Next)})
	}
	all, next, err := s.Care.Audits(ctx, in.Publisher, in.Subject, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out.Body.Next = next
	for i := range all {
		out.Body.Audits = append(out.Body.Audits, viewOf(&all[i]))
	}
	return out, nil
}

type planAuditInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Body      struct {
		Subject string `json:"subject" maxLength:"200" doc:"links, or space/ and a verified ad space."`
		Every   string `json:"every" enum:",daily,weekly" doc:"Empty: never by itself."`
		Now     bool   `json:"now,omitempty" doc:"Have it done as soon as possible, too; the audit is then in the list."`
	}
}

type planAuditOutput struct{ Body auditPlan }

func (s *Area) plan(ctx context.Context, in *planAuditInput) (*planAuditOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	p, err := s.Care.SetPlan(ctx, in.Publisher, in.Body.Subject, in.Body.Every, in.Body.Now)
	if err != nil {
		return nil, err
	}
	return &planAuditOutput{auditPlan{p.Subject, p.Every, call.Time(p.Next)}}, nil
}

type auditInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Audit     int64  `path:"audit" minimum:"1"`
}

type auditOutput struct{ Body auditView }

func (s *Area) audit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	a, err := s.Care.Audit(ctx, in.Publisher, in.Audit)
	if err != nil {
		return nil, err
	}
	return &auditOutput{viewOf(&a)}, nil
}

type linkChangesInput struct {
	Program string `query:"program" maxLength:"64"`
	call.PageInput
}

type linkChange struct {
	Link       string    `json:"link" doc:"Its code."`
	Program    string    `json:"program"`
	At         time.Time `json:"at"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Cause      string    `json:"cause"`
	Detail     string    `json:"detail,omitempty"`
	Substitute string    `json:"substitute,omitempty" doc:"Where it leads instead."`
}

type linkChangesOutput struct {
	Body struct {
		Changes []linkChange `json:"changes" nullable:"false"`
		Next    string       `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) changes(ctx context.Context, in *linkChangesInput) (*linkChangesOutput, error) {
	all, next, err := s.Care.Changes(ctx, program.ID(in.Program), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &linkChangesOutput{}
	out.Body.Changes, out.Body.Next = []linkChange{}, next
	for _, c := range all {
		out.Body.Changes = append(out.Body.Changes, linkChange{c.Code, string(c.Program), c.At, c.From, c.To, c.Cause, c.Detail, c.Substitute})
	}
	return out, nil
}

type keywordsInput struct {
	Program string `path:"program" maxLength:"64"`
}

type keywordsOutput struct {
	Body struct {
		Version  int       `json:"version" doc:"Of the program document."`
		Since    time.Time `json:"since"`
		Keywords []string  `json:"keywords" nullable:"false"`
	}
}

func (s *Area) banned(ctx context.Context, in *keywordsInput) (*keywordsOutput, error) {
	b, err := s.Keywords.Banned(ctx, program.ID(in.Program))
	if err != nil {
		return nil, err
	}
	out := &keywordsOutput{}
	out.Body.Version, out.Body.Since, out.Body.Keywords = b.Version, b.Since, append([]string{}, b.Keywords...)
	return out, nil
}

type checkKeywordsInput struct {
	Program string `path:"program" maxLength:"64"`
	Body    struct {
		Text string `json:"text" minLength:"1" maxLength:"200000"`
		List bool   `json:"list,omitempty" doc:"The text is a list of keywords, one a line, for which ads are to be shown."`
	}
}

type keywordLine struct {
	Line     int      `json:"line"`
	Text     string   `json:"text"`
	Negative bool     `json:"negative" doc:"It begins with a minus: ads are not shown for it, so it may stay."`
	Bad      bool     `json:"bad" doc:"It must go."`
	Keywords []string `json:"keywords" nullable:"false" doc:"The forbidden ones in it."`
}

type checkKeywordsOutput struct {
	Body struct {
		Keywords []string      `json:"keywords" nullable:"false" doc:"The forbidden ones in the text, in order; of a list see lines."`
		Lines    []keywordLine `json:"lines,omitempty"`
	}
}

func (s *Area) check(ctx context.Context, in *checkKeywordsInput) (*checkKeywordsOutput, error) {
	names := func(hits []keywords.Hit) []string {
		out := make([]string, len(hits))
		for i, h := range hits {
			out[i] = h.Keyword
		}
		return out
	}
	out := &checkKeywordsOutput{}
	out.Body.Keywords = []string{}
	if !in.Body.List {
		hits, err := s.Keywords.Check(ctx, program.ID(in.Program), in.Body.Text)
		if err != nil {
			return nil, err
		}
		out.Body.Keywords = names(hits)
		return out, nil
	}
	lines, err := s.Keywords.CheckList(ctx, program.ID(in.Program), in.Body.Text)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		l := &lines[i]
		out.Body.Lines = append(out.Body.Lines, keywordLine{l.Number, l.Text, l.Negative, l.Bad(), names(l.Hits)})
	}
	return out, nil
}
