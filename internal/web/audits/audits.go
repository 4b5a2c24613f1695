// Package audits is where publishers have their links and pages looked at, and where operators read what became of links whose targets
// are gone (L6, L7, F4).
package audits

import (
	"errors"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/linktabs"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of audits.
type Pages struct {
	Care     *links.Care
	Programs func() []program.ID
}

// Changes is the operator's page.
const Changes = "/link-changes"

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/audits", Permission: people.SeeReports, Handle: p.list},
		{Pattern: "POST /publisher/audits", Permission: people.MakeLinks, Handle: p.plan},
		{Pattern: "GET /publisher/audits/{audit}", Permission: people.SeeReports, Handle: p.one},
		{Pattern: "GET /publisher/audits/{audit}/csv", Permission: people.SeeReports, Handle: p.table},
		{Pattern: "GET " + Changes, Permission: people.SeeEverything, Handle: p.changes},
	}
}

// planned is something that can be looked at, with what was found the last time.
type planned struct {
	plan   links.Plan
	latest *links.Audit
}

// view is the list.
type view struct {
	plans       []planned
	audits      []links.Audit
	first, next string
	may         bool
}

const perPage = 25

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	v := view{may: r.Viewer.Can(people.MakeLinks)}
	plans, err := p.Care.Plans(r.Context(), id)
	if err != nil {
		return page.Answer{}, err
	}
	for _, x := range plans {
		latest, _, err := p.Care.Audits(r.Context(), id, x.Subject, "", 1)
		if err != nil {
			return page.Answer{}, err
		}
		one := planned{plan: x}
		if len(latest) > 0 {
			one.latest = &latest[0]
		}
		v.plans = append(v.plans, one)
	}
	var next string
	if v.audits, next, err = p.Care.Audits(r.Context(), id, "", r.URL.Query().Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	return page.Answer{Title: r.T.Tools.Audits.Title, Area: linktabs.Links, Body: listPage(r.T, &v)}, nil
}

func (p *Pages) plan(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Care.SetPlan(r.Context(), id, r.PostFormValue("subject"), r.PostFormValue("every"), r.PostFormValue("do") == "now")
	return r.Done(err, linktabs.Audits)
}

// own is an audit of the viewer's publisher; others' are not there.
func (p *Pages) own(r *page.Request) (a links.Audit, err error) {
	publisher, err := r.Publisher()
	if err != nil {
		return a, err
	}
	id, err := strconv.ParseInt(r.PathValue("audit"), 10, 64)
	if err != nil {
		return a, page.ErrNotFound
	}
	if a, err = p.Care.Audit(r.Context(), publisher, id); errors.Is(err, links.ErrNotFound) {
		return a, page.ErrNotFound
	}
	return a, err
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	a, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{
		Title: r.T.Tools.Audits.Audit, Area: linktabs.Links, Crumbs: []ui.Crumb{{Href: linktabs.Links, Label: r.T.Shell.Links}, {Href: linktabs.Audits, Label: r.T.Tools.Audits.Title}},
		Body: onePage(r.T, &a),
	}, nil
}

func (p *Pages) table(r *page.Request) (page.Answer, error) {
	a, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	data, err := links.AuditCSV(&a)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{File: &page.File{Name: "audit-" + strconv.FormatInt(a.ID, 10) + ".csv", Type: "text/csv; charset=utf-8", Data: data}}, nil
}

// changesView is what operators see.
type changesView struct {
	programs    []program.ID
	program     program.ID
	changes     []links.Change
	sweeps      []links.Audit
	first, next string
}

func (p *Pages) changes(r *page.Request) (page.Answer, error) {
	v := changesView{programs: p.Programs(), program: program.ID(r.URL.Query().Get("program"))}
	var next string
	var err error
	if v.changes, next, err = p.Care.Changes(r.Context(), v.program, r.URL.Query().Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	subject := ""
	if v.program != "" {
		subject = links.SubjectOfSweep(v.program)
	}
	if v.sweeps, _, err = p.Care.Audits(r.Context(), "", subject, "", 10); err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Title: r.T.Tools.Audits.Changes, Area: Changes, Body: changesPage(r.T, &v)}, nil
}

// what is a subject in words.
func what(links_, space, subject string) string {
	if id, ok := strings.CutPrefix(subject, "space/"); ok {
		return space + " " + id
	}
	if subject == links.SubjectLinks {
		return links_
	}
	return strings.TrimPrefix(subject, "sweep/")
}
