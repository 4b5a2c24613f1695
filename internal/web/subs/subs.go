// Package subs is where a subnetwork enters its sub-publishers and sees what each brought and what part of its payouts is theirs, and where
// the operator blocks one of them (A8).
package subs

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of sub-publishers.
type Pages struct {
	Subs    *subnetworks.Service
	Reports *reports.Service
	// Refresh makes what changed known at once.
	Refresh func(ctx context.Context) error
	Names   *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	mine := func(do func(*page.Request, *view) (page.Answer, error)) func(*page.Request) (page.Answer, error) {
		return func(r *page.Request) (page.Answer, error) {
			id := r.Viewer.Organisation.Publisher
			if id == "" {
				return page.Answer{}, page.ErrNotFound
			}
			return do(r, &view{of: id, own: true, base: []string{"publisher", "subs"}, area: "/publisher/subs"})
		}
	}
	theirs := func(do func(*page.Request, *view) (page.Answer, error)) func(*page.Request) (page.Answer, error) {
		return func(r *page.Request) (page.Answer, error) {
			id := r.PathValue("publisher")
			return do(r, &view{of: id, base: []string{"publishers", id, "subs"}, area: "/publishers"})
		}
	}
	return []page.Route{
		{Pattern: "GET /publisher/subs", Permission: people.SeeReports, Handle: mine(p.list)},
		{Pattern: "POST /publisher/subs", Permission: people.ManageSpaces, Handle: mine(p.enter)},
		{Pattern: "POST /publisher/subs/upload", Permission: people.ManageSpaces, Handle: mine(p.upload)},
		{Pattern: "GET /publisher/subs/payouts.csv", Permission: people.SeeBalance, Handle: mine(p.parts)},
		{Pattern: "GET /publishers/{publisher}/subs", Permission: people.SeeEverything, Handle: theirs(p.list)},
		{Pattern: "GET /publishers/{publisher}/subs/payouts.csv", Permission: people.SeeEverything, Handle: theirs(p.parts)},
		{Pattern: "POST /publishers/{publisher}/subs/block", Permission: people.ManagePublishers, Handle: theirs(p.block)},
	}
}

// view is what the page shows.
type view struct {
	of         string // the subnetwork
	whose      string // what the subnetwork is called, for the operator
	own        bool
	base       []string
	area       string
	subs       []subnetworks.Sub
	parents    []string
	parts      []subnetworks.Part
	from, to   string
	head       *reports.Head
	rows       [][]string
	may, block bool
	form       subnetworks.Sub
	wrong      page.Problem
	done       string
}

// Begin implements reports.Sink.
func (v *view) Begin(h *reports.Head) error { v.head = h; return nil }

// Row implements reports.Sink.
func (v *view) Row(cells []string) error { v.rows = append(v.rows, slices.Clone(cells)); return nil }

// End implements reports.Sink.
func (v *view) End(string) error { return nil }

func (v *view) address(more ...string) string { return ui.Address(slices.Concat(v.base, more)) }

func (v *view) csv() string {
	return ui.Address(v.base, "format", "csv", "from", v.from, "to", v.to)
}

// called is the name of what an ad space stands for.
func (v *view) called(t *text.Texts, space string) string {
	for _, s := range v.subs {
		if s.ID == space {
			return s.Name
		}
	}
	return t.Subs.Own
}

const (
	days  = 30 // of the figures where none are asked for
	shown = 60 // parts of payouts on the page; the file has all
)

func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

func (p *Pages) list(r *page.Request, v *view) (page.Answer, error) {
	if r.URL.Query().Get("entered") != "" {
		v.done = r.T.Subs.Entered
	}
	return p.show(r, v, 0)
}

func (p *Pages) show(r *page.Request, v *view, status int) (page.Answer, error) {
	in := r.URL.Query()
	v.from, v.to = in.Get("from"), in.Get("to")
	if v.from == "" && v.to == "" {
		v.from, v.to = r.Now.AddDate(0, 0, 1-days).Format(time.DateOnly), r.Now.Format(time.DateOnly)
	}
	q := reports.Query{Kind: reports.Orders, Publisher: v.of, By: []reports.Dim{"ad_space"}}
	var err error
	if q.From, err = day(v.from); err == nil {
		q.To, err = day(v.to)
	}
	if err != nil {
		return page.Answer{}, &page.Refused{Why: "a day is written 2026-03-10"}
	}
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if export.Format(in.Get("format")) == export.CSV {
		return page.Answer{File: &page.File{Name: "sub-publishers.csv", Type: export.CSV.MediaType(), Write: func(w io.Writer) error {
			to, err := export.New(export.CSV, w)
			if err != nil {
				return err
			}
			return errors.Join(p.Reports.Run(r.Context(), q, to), to.Close())
		}}}, nil
	}
	if err := p.Reports.Run(r.Context(), q, v); err != nil {
		var wrong *reports.QueryError
		if errors.As(err, &wrong) {
			return page.Answer{}, &page.Refused{Why: wrong.Error()}
		}
		return page.Answer{}, err
	}
	if v.subs, err = p.Subs.List(r.Context(), v.of); err != nil {
		return page.Answer{}, err
	}
	if v.parents, err = p.Subs.Parents(r.Context(), v.of); err != nil {
		return page.Answer{}, err
	}
	if len(v.subs) > 0 && (!v.own || r.Viewer.Can(people.SeeBalance)) {
		if v.parts, err = p.Subs.Parts(r.Context(), v.of); err != nil {
			return page.Answer{}, err
		}
	}
	v.may, v.block = v.own && r.Viewer.Can(people.ManageSpaces), !v.own && r.Viewer.Can(people.ManagePublishers)
	if !v.own {
		v.whose = p.Names.Publishers(r.Context(), v.of)[v.of]
	}
	a := page.Answer{Title: v.title(r.T), Area: v.area, Status: status, Body: listPage(r.T, v)}
	if !v.own {
		a.Crumbs = []ui.Crumb{{Href: "/publishers", Label: r.T.Shell.Publishers}}
	}
	return a, nil
}

// tried answers an action: what is wrong stands on the page.
func (p *Pages) tried(r *page.Request, v *view, err error, then string) (page.Answer, error) {
	if v.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	if v.wrong.Any() {
		return p.show(r, v, v.wrong.Status())
	}
	if err := p.Refresh(r.Context()); err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Redirect: then}, nil
}

func (p *Pages) enter(r *page.Request, v *view) (page.Answer, error) {
	v.form = subnetworks.Sub{
		ID: strings.TrimSpace(r.PostFormValue("id")), Parent: r.PostFormValue("parent"), Name: r.PostFormValue("name"), Site: r.PostFormValue("site"), Note: r.PostFormValue("note"),
	}
	if t, err := program.ParseTrafficType(r.PostFormValue("traffic_type")); err == nil {
		v.form.TrafficType = t
	}
	return p.tried(r, v, p.Subs.Enter(r.Context(), v.of, v.form), v.address()+"?entered=1")
}

func (p *Pages) upload(r *page.Request, v *view) (page.Answer, error) {
	f, _, err := r.FormFile("file")
	if err != nil {
		v.wrong = r.NoFile()
		return p.show(r, v, v.wrong.Status())
	}
	defer f.Close()
	n, err := p.Subs.Import(r.Context(), v.of, f)
	if err != nil {
		return p.tried(r, v, err, "")
	}
	if err := p.Refresh(r.Context()); err != nil {
		return page.Answer{}, err
	}
	v.done = r.T.Subs.TookLines(int64(n))
	return p.show(r, v, 0)
}

func (p *Pages) block(r *page.Request, v *view) (page.Answer, error) {
	by := r.Viewer.Name
	if by == "" {
		by = r.Viewer.Person
	}
	var err error
	switch r.PostFormValue("do") {
	case "block":
		err = p.Subs.Block(r.Context(), v.of, r.PostFormValue("sub"), r.PostFormValue("reason"), by)
	case "unblock":
		err = p.Subs.Unblock(r.Context(), v.of, r.PostFormValue("sub"), by)
	default:
		return page.Answer{}, page.ErrNotFound
	}
	return p.tried(r, v, err, v.address())
}

// parts is the statement of payouts by sub-publisher.
func (p *Pages) parts(r *page.Request, v *view) (page.Answer, error) {
	parts, err := p.Subs.Parts(r.Context(), v.of)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{File: &page.File{Name: "payouts-by-sub-publisher.csv", Type: export.CSV.MediaType(), Write: func(w io.Writer) error {
		c := csv.NewWriter(w)
		rows := [][]string{{"payout", "at", "program", "state", "sub_publisher", "currency", "amount"}}
		for _, x := range parts {
			rows = append(rows, []string{x.Payout, x.At.UTC().Format(time.RFC3339), string(x.Program), x.State, x.Sub, string(x.Currency), money.New(x.Amount, x.Currency).Decimal()})
		}
		return c.WriteAll(rows)
	}}}, nil
}

// columns are those of the figures that are shown.
func (v *view) columns() []int {
	var at []int
	for _, name := range []string{"program", "ad_space", "currency", "clicks", "rejected_clicks", "actions", "approved", "declined", "sold", "commission_approved", "commission", "cr", "epc"} {
		if i := slices.IndexFunc(v.head.Columns, func(c reports.Column) bool { return c.Name == name }); i >= 0 {
			at = append(at, i)
		}
	}
	return at
}

func figure(c reports.Column) bool {
	return c.Kind == reports.Count || c.Kind == reports.Amount || c.Kind == reports.Percent
}

func write(t *text.Texts, c reports.Column, s string) string {
	if figure(c) {
		return t.Decimal(s)
	}
	return s
}

func traffic(t *text.Texts) []ui.Choice {
	var all []ui.Choice
	for _, k := range program.TrafficTypes() {
		all = append(all, ui.Choice{Value: k.String(), Label: text.Name(t.Programs.TrafficTypes, k.String())})
	}
	return all
}

func (v *view) trafficValue() string {
	if v.form.TrafficType == 0 {
		return program.Content.String()
	}
	return v.form.TrafficType.String()
}

func (v *view) title(t *text.Texts) string {
	if v.own {
		return t.Subs.Title
	}
	return t.Subs.Title + " · " + cmp.Or(v.whose, v.of)
}

// lead is for the subnetwork; the operator makes no links.
func (v *view) lead(t *text.Texts) string {
	if v.own {
		return t.Subs.Lead
	}
	return ""
}
