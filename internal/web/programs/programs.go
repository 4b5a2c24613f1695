// Package programs shows the operator's programs: what publishers are told of them, with live statistics (P2), and their documents,
// which are checked, compared and tried on past orders before they are published (P1).
package programs

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of programs.
type Pages struct {
	Settle  *settle.Service
	Intake  *intake.Service
	Reports *reports.Service
	Cases   *cases.Service
	// Name is what somebody is called; it returns the id where nobody is known by it.
	Name    func(ctx context.Context, id string) string
	Joining *joining.Service
	Names   *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /programs", Permission: people.SeeEverything, Handle: p.list},
		{Pattern: "GET /programs/{program}", Permission: people.SeeEverything, Handle: p.one(false)},
		{Pattern: "GET /programs/{program}/edit", Permission: people.EditPrograms, Handle: p.edit},
		{Pattern: "POST /programs/{program}/edit", Permission: people.EditPrograms, Handle: p.review},
		{Pattern: "GET /proposals", Permission: people.SeeEverything, Handle: p.proposals},
		{Pattern: "GET /proposals/{proposal}", Permission: people.SeeEverything, Handle: p.proposal},
		{Pattern: "POST /proposals/{proposal}", Permission: people.EditPrograms, Handle: p.decide},
		{Pattern: "GET /publisher/programs", Permission: people.SeeReports, Handle: p.offered},
		{Pattern: "GET /publisher/programs/{program}", Permission: people.SeeReports, Handle: p.one(true)},
	}
}

func (p *Pages) terms(r *page.Request) []*program.Terms {
	var all []*program.Terms
	for _, id := range p.Settle.Programs() {
		if t := p.Settle.Terms(id, r.Now); t != nil {
			all = append(all, t)
		}
	}
	return all
}

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	return page.Answer{Title: r.T.Shell.Programs, Area: "/programs", Body: listPage(r.T, p.terms(r), []string{"programs"}, true)}, nil
}

func (p *Pages) offered(r *page.Request) (page.Answer, error) {
	return page.Answer{Title: r.T.Shell.Programs, Area: "/publisher/programs", Body: listPage(r.T, p.terms(r), []string{"publisher", "programs"}, false)}, nil
}

// view is a program's page.
type view struct {
	terms    *program.Terms
	stats    reports.Statistics
	measured bool // there are statistics
	docs     []intake.Document
	cases    cases.Statistics
	may      bool
	events   []event
	offer    *offer // to the publisher who looks; nil: the operator does
}

// event is a sale event with the dates of the year to come.
type event struct {
	title    string
	from, to time.Time
	points   string
}

func (p *Pages) one(publisher bool) func(*page.Request) (page.Answer, error) {
	return func(r *page.Request) (page.Answer, error) {
		v := view{terms: p.Settle.Terms(program.ID(r.PathValue("program")), r.Now), may: r.Viewer.Can(people.EditPrograms)}
		if v.terms == nil {
			return page.Answer{}, page.ErrNotFound
		}
		var err error
		v.stats, err = p.Reports.Statistics(r.Context(), v.terms.Program)
		if v.measured = err == nil; err != nil && !errors.Is(err, intake.ErrNotFound) {
			return page.Answer{}, err
		}
		if v.cases, err = p.Cases.Statistics(r.Context(), v.terms.Program); err != nil {
			return page.Answer{}, err
		}
		area := "/publisher/programs"
		if v.docs, err = p.Intake.Documents(r.Context(), v.terms.Program); err != nil {
			return page.Answer{}, err
		}
		if !publisher {
			area = "/programs"
		} else if v.offer, err = p.offer(r, v.terms); err != nil {
			return page.Answer{}, err
		}
		v.events = events(v.terms, string(r.T.Lang), r.Now)
		return page.Answer{
			Title: v.terms.Page.Name.In(string(r.T.Lang)), Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Shell.Programs}}, Body: onePage(r.T, &v),
		}, nil
	}
}

// events are the sale events that run or begin within a year, by their beginning.
func events(t *program.Terms, lang string, now time.Time) []event {
	var out []event
	for i := range t.SaleEvents {
		e := &t.SaleEvents[i]
		for year := now.Year() - 1; year <= now.Year()+1; year++ {
			from, to := e.Period(year, t.TimeZone)
			if to.After(now) && from.Before(now.AddDate(1, 0, 0)) {
				out = append(out, event{e.Title.In(lang), from, to, e.Points.String()})
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b event) int { return a.from.Compare(b.from) })
	return out
}

// rate is a line of the rate card.
type rate struct {
	step, what, percent string
}

// card is the rate card: the steps in the order in which they are tried, with what they rate.
func card(t *text.Texts, terms *program.Terms) []rate {
	var out []rate
	for i := range terms.Rates.Steps {
		s := &terms.Rates.Steps[i]
		name := text.Name(t.Programs.Steps, s.Kind.String())
		add := func(what, percent string) { out = append(out, rate{name, what, percent}) }
		switch {
		case len(s.Lists) > 0:
			for _, l := range s.Lists {
				add(l.List, t.Percent(l.Percent.String()))
			}
		case s.Kind == program.StepMarket:
			add(s.Market, t.Percent(s.Min.String())+" – "+t.Percent(s.Max.String()))
		case len(s.Rates) > 0:
			for _, c := range s.Rates {
				add(strings.ReplaceAll(strings.Join(c.Categories, ", "), "_", " "), t.Percent(c.Percent.String()))
			}
		}
		if s.Otherwise != nil {
			add(t.Programs.AllOthers, t.Percent(s.Otherwise.String()))
		}
		switch s.Kind {
		case program.StepOutOfStock, program.StepVirtual, program.StepNonAffiliate:
			add("", t.Percent("0"))
		case program.StepHot, program.StepCampaign, program.StepSellerRate:
			add("", t.Programs.SetBySeller)
		}
	}
	return out
}

// draft is a document on its way to being published.
type draft struct {
	terms  *program.Terms
	text   string
	review *intake.Review
	whatIf *settle.WhatIf
	names  map[string]string // of the publishers that it names
	note   string
	alone  bool // one person publishes alone here
	why    string
}

func (p *Pages) draft(r *page.Request) (*draft, []intake.Document, error) {
	d := &draft{terms: p.Settle.Terms(program.ID(r.PathValue("program")), r.Now), alone: !p.Intake.TwoPeople(), why: r.PostFormValue("why")}
	if d.terms == nil {
		return nil, nil, page.ErrNotFound
	}
	docs, err := p.Intake.Documents(r.Context(), d.terms.Program)
	if err == nil && len(docs) == 0 {
		err = page.ErrNotFound
	}
	return d, docs, err
}

var (
	versionLine   = regexp.MustCompile(`(?m)^version:.*$`)
	effectiveLine = regexp.MustCompile(`(?m)^effective_from:.*$`)
)

// edit offers the newest document as the beginning of the next version.
func (p *Pages) edit(r *page.Request) (page.Answer, error) {
	d, docs, err := p.draft(r)
	if err != nil {
		return page.Answer{}, err
	}
	from := r.Now.In(d.terms.TimeZone)
	from = time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, d.terms.TimeZone).UTC()
	if last := docs[0].EffectiveFrom; !from.After(last) {
		from = last.Add(24 * time.Hour)
	}
	d.text = versionLine.ReplaceAllString(docs[0].Text, "version: "+strconv.Itoa(docs[0].Version+1))
	d.text = effectiveLine.ReplaceAllString(d.text, "effective_from: "+from.Format(time.RFC3339))
	return p.answer(r, d, 0), nil
}

func (p *Pages) answer(r *page.Request, d *draft, status int) page.Answer {
	id := string(d.terms.Program)
	return page.Answer{
		Title: r.T.Programs.Edit, Area: "/programs", Status: status, Body: editPage(r.T, d),
		Crumbs: []ui.Crumb{{Href: "/programs", Label: r.T.Shell.Programs}, {Href: ui.Address([]string{"programs", id}), Label: id}},
	}
}

// review checks a document, compares it with the newest one and tries it on past orders; asked to, it publishes it.
func (p *Pages) review(r *page.Request) (page.Answer, error) {
	d, _, err := p.draft(r)
	if err != nil {
		return page.Answer{}, err
	}
	ctx, id := r.Context(), d.terms.Program
	d.text = strings.ReplaceAll(r.PostFormValue("document"), "\r\n", "\n")
	if d.review, err = p.Intake.Review(ctx, id, []byte(d.text)); err != nil {
		return page.Answer{}, err
	}
	if !d.review.Publishable() {
		return p.answer(r, d, http.StatusUnprocessableEntity), nil
	}
	if r.PostFormValue("do") == "publish" {
		proposed, published, err := p.Intake.Submit(ctx, id, []byte(d.text), d.why)
		var wrong *field.Error
		switch {
		case errors.As(err, &wrong):
			d.note = r.T.Reason(wrong.Reason)
			return p.answer(r, d, http.StatusUnprocessableEntity), nil
		case errors.Is(err, intake.ErrConflict), errors.Is(err, intake.ErrRefused):
			d.note = r.T.Programs.Beaten
			return p.answer(r, d, http.StatusConflict), nil
		case err != nil:
			return page.Answer{}, err
		case !published:
			return page.Answer{Redirect: ui.Address([]string{"proposals", proposed.ID}, "done", "proposed")}, nil
		}
		if err := p.Settle.Refresh(ctx); err != nil {
			return page.Answer{}, err
		}
		return page.Answer{Redirect: ui.Address([]string{"programs", string(id)})}, nil
	}
	err = p.compare(ctx, d)
	if errors.Is(err, settle.ErrCurrency) {
		d.note, err = r.T.Programs.OtherCurrency, nil
	}
	if err != nil {
		return page.Answer{}, err
	}
	return p.answer(r, d, 0), nil
}

// compare says what a draft would have changed, for each publisher by its name.
func (p *Pages) compare(ctx context.Context, d *draft) (err error) {
	if d.whatIf, err = p.Settle.WhatIf(ctx, d.review.Terms); err != nil {
		return err
	}
	var ids []string
	for _, s := range few(d.whatIf.Publishers) {
		ids = append(ids, s.Name)
	}
	d.names = p.Names.Publishers(ctx, ids...)
	return nil
}

// few are the first of many.
func few[T any](all []T) []T { return all[:min(len(all), 10)] }

// site is the address of the landing site, or none where it is none that a page may lead to.
func site(t *program.Terms) string {
	if strings.HasPrefix(t.Page.Site, "https://") {
		return t.Page.Site
	}
	return ""
}

func or(s, other string) string { return cmp.Or(s, other) }
