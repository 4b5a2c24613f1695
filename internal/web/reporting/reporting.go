// Package reporting shows reports: orders, traffic, income and live orders, as a table with a picture, and as files (R1–R4).
package reporting

import (
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/web/chart"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Pages are the reports.
type Pages struct {
	Reports  *reports.Service
	Programs func() []program.ID
	Names    *page.Names
}

// Routes are the pages: of a publisher, and of the operator across publishers (R3).
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/reports", Permission: people.SeeReports, Handle: func(r *page.Request) (page.Answer, error) {
			if r.Viewer.Organisation.Publisher == "" {
				return page.Answer{}, page.ErrNotFound
			}
			return p.show(r, "/publisher/reports", r.Viewer.Organisation.Publisher)
		}},
		{Pattern: "GET /reports", Permission: people.SeeEverything, Handle: func(r *page.Request) (page.Answer, error) {
			return p.show(r, "/reports", "")
		}},
	}
}

const (
	perPage = 100
	period  = 30 // days, where none is asked for
	bars    = 40 // of a picture
)

// form is what was asked for, as it was entered.
type form struct {
	area                                       string
	own                                        bool
	kind, by, then, program, publisher         string
	from, to, date, tracking, promotion, state string
	sort                                       string
	link                                       string // of the pages of links, which lead here with one
}

// view is what the page shows.
type view struct {
	form
	programs    []program.ID
	head        *reports.Head
	rows        [][]string
	first, next string
	csv, xlsx   string
	names       map[string]string // of the publishers in it
}

// Begin implements reports.Sink.
func (v *view) Begin(h *reports.Head) error { v.head = h; return nil }

// Row implements reports.Sink.
func (v *view) Row(cells []string) error {
	v.rows = append(v.rows, slices.Clone(cells))
	return nil
}

// End implements reports.Sink.
func (v *view) End(next string) error { v.next = next; return nil }

func readForm(q url.Values, now time.Time) form {
	f := form{
		kind: q.Get("report"), by: q.Get("by"), then: q.Get("then"), program: q.Get("program"), publisher: q.Get("publisher"), from: q.Get("from"), to: q.Get("to"),
		date: q.Get("date"), tracking: q.Get("tracking_id"), promotion: q.Get("promotion"), state: q.Get("state"), sort: q.Get("sort"), link: q.Get("link"),
	}
	if f.kind == "" {
		f.kind, f.by = string(reports.Orders), "day"
	}
	if f.from == "" && f.to == "" {
		f.from, f.to = now.AddDate(0, 0, 1-period).Format(time.DateOnly), now.Format(time.DateOnly)
	}
	return f
}

// query is the query of the use case. What the chosen report does not have is left out, so that changing the report is no error.
func (f *form) query(publisher string) (reports.Query, error) {
	kind := reports.Kind(f.kind)
	q := reports.Query{Kind: kind, Publisher: publisher, Program: program.ID(f.program)}
	for _, d := range []string{f.by, f.then} {
		if dim := reports.Dim(d); d != "" && slices.Contains(reports.Dims(kind), dim) && !slices.Contains(q.By, dim) {
			q.By = append(q.By, dim)
		}
	}
	if kind == reports.Orders || kind == reports.Live {
		q.Basis = reports.Basis(f.date)
	}
	for _, m := range []reports.Match{{Dim: "tracking_id", Value: f.tracking}, {Dim: "kind", Value: f.promotion}, {Dim: "state", Value: f.state}, {Dim: "link", Value: f.link}} {
		if m.Value != "" && slices.Contains(reports.Filters(kind), m.Dim) {
			q.Where = append(q.Where, m)
		}
	}
	if kind != reports.Live {
		q.Sort = f.sort
	}
	for _, d := range []struct {
		text string
		to   *time.Time
		days int
	}{{f.from, &q.From, 0}, {f.to, &q.To, 1}} {
		if d.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return q, &page.Refused{Why: strconv.Quote(d.text)}
		}
		*d.to = at.AddDate(0, 0, d.days)
	}
	return q, nil
}

func (p *Pages) show(r *page.Request, area, own string) (page.Answer, error) {
	in := r.URL.Query()
	v := view{form: readForm(in, r.Now), programs: p.Programs()}
	v.area, v.own = area, own != ""
	publisher := own
	if own == "" {
		publisher = v.publisher
	}
	q, err := v.query(publisher)
	if err != nil {
		return page.Answer{}, err
	}
	if f := export.Format(in.Get("format")); f == export.CSV || f == export.XLSX {
		return page.Answer{File: &page.File{Name: v.kind + "." + string(f), Type: f.MediaType(), Write: func(w io.Writer) error {
			to, err := export.New(f, w)
			if err != nil {
				return err
			}
			return errors.Join(p.Reports.Run(r.Context(), q, to), to.Close())
		}}}, nil
	}
	q.Limit, q.After = perPage, in.Get("after")
	err = p.Reports.Run(r.Context(), q, &v)
	var wrong *reports.QueryError
	if errors.As(err, &wrong) {
		if v.sort != "" && wrong.Field == "sort" { // another report has other columns
			in.Del("sort")
			return page.Answer{Redirect: area + "?" + in.Encode()}, nil
		}
		return page.Answer{}, &page.Refused{Why: wrong.Error()}
	}
	if err != nil {
		return page.Answer{}, err
	}
	if i := v.column("publisher"); i >= 0 {
		ids := make([]string, len(v.rows))
		for n, row := range v.rows {
			ids[n] = row[i]
		}
		v.names = p.Names.Publishers(r.Context(), ids...)
	}
	v.first, v.next = r.More(v.next)
	in.Del("after")
	v.csv, v.xlsx = file(area, in, export.CSV), file(area, in, export.XLSX)
	return page.Answer{Title: r.T.Reports.Title, Area: area, Body: reportPage(r.T, &v)}, nil
}

// column is the place of a column, -1 where there is none.
func (v *view) column(name string) int {
	return slices.IndexFunc(v.head.Columns, func(c reports.Column) bool { return c.Name == name })
}

// leads is where a cell of a list of items leads, "" for nowhere: an order and a click have pages.
func (v *view) leads(name string, row []string) string {
	under, ok := map[string]string{"order": "orders", "click": "clicks"}[name]
	if i, p := v.column(name), v.column("program"); ok && v.kind == string(reports.Live) && i >= 0 && p >= 0 && row[i] != "" {
		path := []string{"publisher", under, row[p], row[i]}
		if !v.own {
			path = path[1:]
		}
		return ui.Address(path)
	}
	return ""
}

// file is the address of a report as a file.
func file(area string, in url.Values, f export.Format) string {
	q := url.Values{}
	for k, vs := range in {
		q[k] = vs
	}
	q.Set("format", string(f))
	return area + "?" + q.Encode()
}

// cell writes a cell as the language does.
func cell(t *text.Texts, c reports.Column, s string) string {
	switch {
	case s == "":
		return "–"
	case c.Kind == reports.Count:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return s
		}
		return t.Number(n)
	case c.Kind == reports.Amount, c.Kind == reports.Percent:
		return t.Decimal(s)
	case c.Kind == reports.Time:
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return t.Time(at)
	case c.Name == "state":
		return text.Name(t.States, s)
	}
	return s
}

func figures(c reports.Column) bool {
	return c.Kind == reports.Count || c.Kind == reports.Amount || c.Kind == reports.Percent
}

// drawn is the column that a report's picture shows.
func drawn(k reports.Kind) string {
	switch k {
	case reports.Orders:
		return "commission"
	case reports.Traffic:
		return "clicks"
	case reports.Income:
		return "balance"
	}
	return ""
}

// charts are the pictures of a breakdown: one for each program and currency, the first three.
func charts(t *text.Texts, v *view) []*chart.Chart {
	q := &v.head.Query
	column := func(name string) int {
		return slices.IndexFunc(v.head.Columns, func(c reports.Column) bool { return c.Name == name })
	}
	value, programs, currency := column(drawn(q.Kind)), column("program"), column("currency")
	if value < 0 || programs < 0 || len(q.By) == 0 || len(v.rows) < 2 {
		return nil
	}
	var all []*chart.Chart
	for _, row := range v.rows {
		name, cur := row[programs], money.Currency("")
		if currency >= 0 {
			cur = money.Currency(row[currency])
		}
		unit := strings.TrimSpace(name + " " + string(cur))
		i := slices.IndexFunc(all, func(c *chart.Chart) bool { return c.Unit == unit })
		if i < 0 {
			if len(all) == 3 {
				continue
			}
			i = len(all)
			all = append(all, &chart.Chart{
				ID: "chart-" + strconv.Itoa(i), Title: t.Reports.Columns[drawn(q.Kind)], Unit: unit, Label: t.Reports.Columns[string(q.By[0])], Column: t.Reports.Columns[drawn(q.Kind)],
				Table: t.Words.Table, Note: t.Reports.Empty, Line: q.By[0] == "day", Tick: func(n int64) string {
					if cur == "" {
						return t.Number(n)
					}
					return t.Amount(n, cur)
				},
			})
		}
		if len(all[i].Points) == bars {
			continue
		}
		places := 0 // of clicks
		if cur != "" {
			places = cur.Exponent()
		}
		minor, err := money.ParseMinor(row[value], places)
		if err != nil {
			continue // a row without a figure
		}
		var label []string
		for _, d := range q.By {
			label = append(label, row[column(string(d))])
		}
		all[i].Points = append(all[i].Points, chart.Point{Label: strings.Join(label, " · "), Value: minor, Text: cell(t, v.head.Columns[value], row[value])})
	}
	return slices.DeleteFunc(all, func(c *chart.Chart) bool { return len(c.Points) < 2 })
}

// The choices of the form.

func kinds(t *text.Texts) []ui.Choice {
	var all []ui.Choice
	for _, k := range reports.Kinds() {
		all = append(all, ui.Choice{Value: string(k), Label: t.Reports.Kinds[string(k)]})
	}
	return all
}

func dims(t *text.Texts, v *view) []ui.Choice {
	all := []ui.Choice{{Label: t.Reports.Nothing}}
	of := reports.Kind(v.kind)
	if of == reports.Live {
		of = reports.Orders
	}
	for _, d := range reports.Dims(of) {
		if d != "publisher" || !v.own {
			all = append(all, ui.Choice{Value: string(d), Label: t.Reports.Columns[string(d)]})
		}
	}
	return all
}

func states(t *text.Texts, own bool) []ui.Choice {
	all := []ui.Choice{{Label: t.Words.All}}
	for _, s := range []string{"tracked", "pending", "approved", "declined", "unattributed"} {
		if s != "unattributed" || !own {
			all = append(all, ui.Choice{Value: s, Label: t.States[s]})
		}
	}
	return all
}

func promotions(t *text.Texts) []ui.Choice {
	all := []ui.Choice{{Label: t.Words.All}}
	for k := program.LinkHome; k <= program.LinkPage; k++ {
		all = append(all, ui.Choice{Value: k.String(), Label: k.String()})
	}
	return all
}

func sorts(t *text.Texts, v *view) []ui.Choice {
	all := []ui.Choice{{Label: "–"}}
	for _, c := range v.head.Columns {
		if figures(c) {
			all = append(all, ui.Choice{Value: "-" + c.Name, Label: t.Reports.Columns[c.Name]})
		}
	}
	return all
}

func days(t *text.Texts) []ui.Choice {
	return []ui.Choice{{Value: "order", Label: t.Reports.OrderDay}, {Value: "transaction", Label: t.Reports.TransactionDay}}
}

// total is a cell of a total: what it does not tell stays empty.
func total(t *text.Texts, c reports.Column, s string) string {
	if s == "" {
		return ""
	}
	return cell(t, c, s)
}
