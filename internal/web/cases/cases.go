// Package cases is where the operator's people work on trust cases, and where publishers read of theirs, answer and appeal (M4, F5).
package cases

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// Pages are the pages of trust cases.
type Pages struct {
	Cases    *cases.Service
	Programs func() []program.ID
	Names    *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /cases", Permission: people.SeeEverything, Handle: p.queue},
		{Pattern: "GET /cases/open", Permission: people.DecideCases, Handle: p.form},
		{Pattern: "POST /cases", Permission: people.DecideCases, Handle: p.open},
		{Pattern: "GET /cases/{case}", Permission: people.SeeEverything, Handle: p.one},
		{Pattern: "POST /cases/{case}/evidence", Permission: people.DecideCases, Handle: p.evidence},
		{Pattern: "POST /cases/{case}/file", Permission: people.DecideCases, Handle: p.attach},
		{Pattern: "GET /cases/{case}/files/{file}", Permission: people.SeeEverything, Handle: p.file},
		{Pattern: "POST /cases/{case}/message", Permission: people.DecideCases, Handle: p.message},
		{Pattern: "POST /cases/{case}/step", Permission: people.DecideCases, Handle: p.step},
		{Pattern: "POST /cases/{case}/decision", Permission: people.DecideCases, Handle: p.decide},
		{Pattern: "GET /publisher/cases", Permission: people.SeeBalance, Handle: p.own},
		{Pattern: "GET /publisher/cases/{case}", Permission: people.SeeBalance, Handle: p.ownOne},
		{Pattern: "GET /publisher/cases/{case}/files/{file}", Permission: people.SeeBalance, Handle: p.ownFile},
		{Pattern: "POST /publisher/cases/{case}/answer", Permission: people.AnswerCases, Handle: p.answer},
		{Pattern: "POST /publisher/cases/{case}/appeal", Permission: people.AnswerCases, Handle: p.appeal},
		{Pattern: "POST /publisher/orders/{program}/{order}/appeal", Permission: people.AnswerCases, Handle: p.appealReport},
	}
}

const perPage = 50

// list is a page of cases.
type list struct {
	cases       []trust.Case
	state, prog string
	programs    []program.ID
	statistics  cases.Statistics
	publishers  map[string]string // their names
	first, next string
	may         bool
}

func (p *Pages) queue(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	l := &list{state: q.Get("state"), prog: q.Get("program"), programs: p.Programs(), may: r.Viewer.Can(people.DecideCases)}
	var next string
	var err error
	if l.cases, next, err = p.Cases.List(r.Context(), cases.Filter{State: l.state, Program: program.ID(l.prog)}, q.Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	var publishers []string
	for i := range l.cases {
		publishers = append(publishers, l.cases[i].Publisher)
	}
	l.publishers = p.Names.Publishers(r.Context(), publishers...)
	if l.statistics, err = p.Cases.Statistics(r.Context(), program.ID(l.prog)); err != nil {
		return page.Answer{}, err
	}
	l.first, l.next = r.More(next)
	return page.Answer{Title: r.T.Cases.Title, Area: "/cases", Body: queuePage(r.T, l)}, nil
}

// form is a case that is being opened, and what is wrong with it.
type form struct {
	program, publisher, category, orders, kind, evidence string
	wrong                                                page.Problem
	programs                                             []program.ID
}

func (p *Pages) form(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	return p.ask(r, &form{program: q.Get("program"), publisher: q.Get("publisher"), orders: q.Get("orders"), category: "bots", kind: "text"}, 0)
}

func (p *Pages) ask(r *page.Request, f *form, status int) (page.Answer, error) {
	f.programs = p.Programs()
	return page.Answer{
		Title: r.T.Cases.Open, Area: "/cases", Crumbs: []ui.Crumb{{Href: "/cases", Label: r.T.Cases.Title}}, Status: status, Body: openPage(r.T, f),
	}, nil
}

// refs are the orders that were typed in, one a line, each with an item behind a slash or without.
func refs(text string) []cases.Ref {
	var all []cases.Ref
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			o, item, _ := strings.Cut(line, "/")
			all = append(all, cases.Ref{Order: strings.TrimSpace(o), Item: strings.TrimSpace(item)})
		}
	}
	return all
}

func (p *Pages) open(r *page.Request) (page.Answer, error) {
	f := &form{
		program: r.PostFormValue("program"), publisher: strings.TrimSpace(r.PostFormValue("publisher")), category: r.PostFormValue("category"), orders: r.PostFormValue("orders"),
		kind: r.PostFormValue("kind"), evidence: r.PostFormValue("evidence"),
	}
	c, err := p.Cases.Open(r.Context(), cases.Draft{
		Program: program.ID(f.program), Publisher: f.publisher, Category: f.category, Items: refs(f.orders), Evidence: []trust.Evidence{{Kind: f.kind, Text: f.evidence}},
	}, r.Viewer.Person)
	if f.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	if f.wrong.Any() {
		return p.ask(r, f, f.wrong.Status())
	}
	return page.Answer{Redirect: ui.Address([]string{"cases", c.ID})}, nil
}

// view is a case as somebody looks at it.
type view struct {
	trust.Case
	own    bool // by its publisher
	may    bool // do something about it
	viewer string
	called string // the publisher's name
	files  map[int]cases.File
	names  map[string]string // of the people, by id
	early  bool              // the publisher may still answer
	second bool              // the viewer may be the second person, or decide the appeal
	decide bool              // the viewer may decide against the publisher
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	c, err := p.Cases.Case(r.Context(), r.PathValue("case"))
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	v := &view{Case: c, may: r.Viewer.Can(people.DecideCases), viewer: r.Viewer.Person}
	if v.names, err = p.Cases.Names(r.Context(), &c); err != nil {
		return page.Answer{}, err
	}
	files, err := p.Cases.Files(r.Context(), c.ID)
	if err != nil {
		return page.Answer{}, err
	}
	v.files = byNumber(files)
	v.called = p.Names.Publishers(r.Context(), c.Publisher)[c.Publisher]
	v.early = c.State == trust.Notified && r.Now.Before(c.AnswerBy) && !c.Answered()
	v.decide = r.Viewer.Person != c.Opener()
	v.second = v.decide && (c.Ruling == nil || r.Viewer.Person != c.Ruling.By && r.Viewer.Person != c.Ruling.ApprovedBy)
	return page.Answer{Title: r.T.Cases.Case + " " + short(c.ID), Area: "/cases", Crumbs: []ui.Crumb{{Href: "/cases", Label: r.T.Cases.Title}}, Body: casePage(r.T, v)}, nil
}

// short is the part of an id that people tell cases apart by.
func short(id string) string {
	s := strings.TrimPrefix(strings.TrimPrefix(id, "case_"), "report_")
	return s[:min(len(s), 8)]
}

func byNumber(files []cases.File) map[int]cases.File {
	all := make(map[int]cases.File, len(files))
	for _, f := range files {
		all[f.Number] = f
	}
	return all
}

// failed is an error of the service as people read it.
func failed(r *page.Request, err error) error {
	var wrong *field.Error
	t := &r.T.Cases
	switch {
	case errors.As(err, &wrong):
		return &page.Refused{Why: wrong.Reason}
	case errors.Is(err, cases.ErrNotFound):
		return page.ErrNotFound
	case errors.Is(err, cases.ErrConflict):
		return &page.Refused{Why: t.Changed}
	case errors.Is(err, trust.ErrSamePerson):
		return &page.Refused{Why: t.SamePerson}
	case errors.Is(err, trust.ErrTooEarly):
		return &page.Refused{Why: t.TooEarly}
	case errors.Is(err, trust.ErrTooLate):
		return &page.Refused{Why: t.TooLate}
	case errors.Is(err, trust.ErrState):
		return &page.Refused{Why: t.WrongState}
	case errors.Is(err, trust.ErrInput):
		return &page.Refused{Why: err.Error()}
	}
	return err
}

// done answers an action on a case: with the case, or with what is wrong.
func done(r *page.Request, area []string, err error) (page.Answer, error) {
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	return page.Answer{Redirect: ui.Address(append(area, r.PathValue("case")))}, nil
}

func (p *Pages) evidence(r *page.Request) (page.Answer, error) {
	_, err := p.Cases.AddEvidence(r.Context(), r.PathValue("case"), r.Viewer.Person, r.PostFormValue("kind"), r.PostFormValue("text"))
	return done(r, []string{"cases"}, err)
}

// sent is the file that came with a form; nil: none did.
func sent(r *page.Request) (*cases.Upload, error) {
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, &page.Refused{Why: r.T.Cases.BadFile}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, cases.MaxFile+1))
	if err != nil {
		return nil, &page.Refused{Why: r.T.Cases.BadFile}
	}
	return &cases.Upload{Name: head.Filename, Data: data}, nil
}

// attach adds a file to the evidence.
func (p *Pages) attach(r *page.Request) (page.Answer, error) {
	u, err := sent(r)
	switch {
	case err != nil:
		return page.Answer{}, err
	case u == nil:
		return page.Answer{}, &page.Refused{Why: r.T.Cases.BadFile}
	}
	_, err = p.Cases.Attach(r.Context(), r.PathValue("case"), r.Viewer.Person, *u)
	return done(r, []string{"cases"}, err)
}

func (p *Pages) file(r *page.Request) (page.Answer, error) {
	return handed(r, func(n int) (cases.File, error) { return p.Cases.File(r.Context(), r.PathValue("case"), n) })
}

func (p *Pages) ownFile(r *page.Request) (page.Answer, error) {
	return handed(r, func(n int) (cases.File, error) {
		return p.Cases.OwnFile(r.Context(), r.PathValue("case"), r.Viewer.Organisation.Publisher, n)
	})
}

// handed is a file to save: never one that a browser opens here.
func handed(r *page.Request, read func(number int) (cases.File, error)) (page.Answer, error) {
	n, err := strconv.Atoi(r.PathValue("file"))
	if err != nil {
		return page.Answer{}, page.ErrNotFound
	}
	f, err := read(n)
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	return page.Answer{File: &page.File{Name: f.Name, Type: f.Type, Data: f.Data}}, nil
}

func (p *Pages) message(r *page.Request) (page.Answer, error) {
	u, err := sent(r)
	if err != nil {
		return page.Answer{}, err
	}
	if u != nil {
		_, err = p.Cases.SayWith(r.Context(), r.PathValue("case"), r.Viewer.Person, r.PostFormValue("text"), *u)
	} else {
		_, err = p.Cases.Say(r.Context(), r.PathValue("case"), r.Viewer.Person, r.PostFormValue("text"))
	}
	return done(r, []string{"cases"}, err)
}

// step does one of the steps that need no more than a note.
func (p *Pages) step(r *page.Request) (page.Answer, error) {
	ctx, id, by, note := r.Context(), r.PathValue("case"), r.Viewer.Person, r.PostFormValue("note")
	var err error
	switch r.PostFormValue("step") {
	case "take":
		_, err = p.Cases.Take(ctx, id, by)
	case "dismiss":
		_, err = p.Cases.Dismiss(ctx, id, by, note)
	case "hold":
		_, err = p.Cases.Hold(ctx, id)
	case "release":
		_, err = p.Cases.Release(ctx, id, by, note)
	case "approve":
		_, err = p.Cases.Approve(ctx, id, by)
	case "refuse":
		_, err = p.Cases.Refuse(ctx, id, note)
	case "uphold":
		_, err = p.Cases.DecideAppeal(ctx, id, by, true, note)
	case "reject":
		_, err = p.Cases.DecideAppeal(ctx, id, by, false, note)
	default:
		err = page.ErrNotFound
	}
	return done(r, []string{"cases"}, err)
}

func (p *Pages) decide(r *page.Request) (page.Answer, error) {
	if err := r.ParseForm(); err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()}
	}
	ruling := trust.Ruling{By: r.Viewer.Person, Reason: r.PostFormValue("reason"), Note: r.PostFormValue("note")}
	for _, s := range trust.Sanctions() {
		if slices.Contains(r.PostForm["sanction"], string(s)) {
			ruling.Sanctions = append(ruling.Sanctions, s)
		}
	}
	_, err := p.Cases.Decide(r.Context(), r.PathValue("case"), ruling)
	return done(r, []string{"cases"}, err)
}

// own lists the cases of the viewer's publisher.
func (p *Pages) own(r *page.Request) (page.Answer, error) {
	l := &list{}
	all, next, err := p.Cases.ListOwn(r.Context(), r.Viewer.Organisation.Publisher, r.URL.Query().Get("after"), perPage)
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	l.cases = all
	l.first, l.next = r.More(next)
	return page.Answer{Title: r.T.Cases.OwnTitle, Area: "/publisher/cases", Body: ownPage(r.T, l)}, nil
}

func (p *Pages) ownOne(r *page.Request) (page.Answer, error) {
	c, err := p.Cases.Own(r.Context(), r.PathValue("case"), r.Viewer.Organisation.Publisher)
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	v := &view{Case: c, own: true, may: r.Viewer.Can(people.AnswerCases), viewer: r.Viewer.Person}
	files, err := p.Cases.OwnFiles(r.Context(), c.ID, c.Publisher)
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	v.files = byNumber(files)
	v.second = c.State == trust.Deducted && c.Appeal == nil && !r.Now.After(c.AppealBy)
	return page.Answer{
		Title: r.T.Cases.Case + " " + short(c.ID), Area: "/publisher/cases", Crumbs: []ui.Crumb{{Href: "/publisher/cases", Label: r.T.Cases.OwnTitle}}, Body: casePage(r.T, v),
	}, nil
}

func (p *Pages) answer(r *page.Request) (page.Answer, error) {
	u, err := sent(r)
	if err != nil {
		return page.Answer{}, err
	}
	if u != nil {
		_, err = p.Cases.AnswerWith(r.Context(), r.PathValue("case"), r.Viewer.Organisation.Publisher, r.Viewer.Person, r.PostFormValue("text"), *u)
	} else {
		_, err = p.Cases.Answer(r.Context(), r.PathValue("case"), r.Viewer.Organisation.Publisher, r.Viewer.Person, r.PostFormValue("text"))
	}
	return done(r, []string{"publisher", "cases"}, err)
}

func (p *Pages) appeal(r *page.Request) (page.Answer, error) {
	u, err := sent(r)
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Cases.Appeal(r.Context(), r.PathValue("case"), r.Viewer.Organisation.Publisher, r.Viewer.Person, r.PostFormValue("text"), u)
	return done(r, []string{"publisher", "cases"}, err)
}

// appealReport appeals against what the marketplace reported about an item of an order.
func (p *Pages) appealReport(r *page.Request) (page.Answer, error) {
	k := order.Key{Program: program.ID(r.PathValue("program")), Order: r.PathValue("order")}
	u, err := sent(r)
	if err != nil {
		return page.Answer{}, err
	}
	c, err := p.Cases.AppealReport(r.Context(), k, r.PostFormValue("item"), r.Viewer.Organisation.Publisher, r.Viewer.Person, r.PostFormValue("text"), u)
	if err != nil {
		return page.Answer{}, failed(r, err)
	}
	return page.Answer{Redirect: ui.Address([]string{"publisher", "cases", c.ID})}, nil
}

// clock is a time that matters to a case, with its name.
type clock struct {
	name string
	at   time.Time
}
