package stores

import (
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/web/chart"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

const (
	days    = 30 // of a report where none are asked for
	rows    = 100
	bars    = 40 // of a picture
	ranking = 10 // rows of the operator's lists
)

// taken is a report that was read.
type taken struct {
	head *reports.Head
	rows [][]string
	next string
	// leads is where a cell of a row leads, "" for nowhere; nil: none leads anywhere.
	leads func(column string, row []string) string
	names map[string]string // of the publishers in it
}

// Begin implements reports.Sink.
func (t *taken) Begin(h *reports.Head) error { t.head = h; return nil }

// Row implements reports.Sink.
func (t *taken) Row(cells []string) error { t.rows = append(t.rows, slices.Clone(cells)); return nil }

// End implements reports.Sink.
func (t *taken) End(next string) error { t.next = next; return nil }

// column is the place of a column, -1 where there is none.
func (t *taken) column(name string) int {
	return slices.IndexFunc(t.head.Columns, func(c reports.Column) bool { return c.Name == name })
}

func (t *taken) cell(row []string, name string) string {
	if i := t.column(name); i >= 0 {
		return row[i]
	}
	return ""
}

// all are the cells of a column.
func (t *taken) all(name string) []string {
	cells := make([]string, len(t.rows))
	for i, row := range t.rows {
		cells[i] = t.cell(row, name)
	}
	return cells
}

// reportView is the report of a store.
type reportView struct {
	side
	taken
	store                           sellers.Outlook
	by, program, from, to, day      string
	programs                        []program.ID
	first, csv, xlsx, path, sorting string
}

// period reads days as they were entered; last is a day of the period.
func period(from, to string) (q reports.Query, err error) {
	if q.From, err = sellers.ParseDay("from", from); err != nil {
		return q, err
	}
	if q.To, err = sellers.ParseDay("to", to); err == nil && !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	return q, err
}

func (p *Pages) report(r *page.Request, s side) (page.Answer, error) {
	in := r.URL.Query()
	v := &reportView{side: s, by: in.Get("by"), program: in.Get("program"), from: in.Get("from"), to: in.Get("to"), day: in.Get("date"), programs: p.Programs(), sorting: in.Get("sort")}
	if v.by == "" {
		v.by = "day"
	}
	if v.from == "" && v.to == "" {
		v.from, v.to = r.Now.AddDate(0, 0, 1-days).Format(time.DateOnly), r.Now.Format(time.DateOnly)
	}
	var err error
	if v.store, err = p.found(r); err != nil {
		return page.Answer{}, err
	}
	q, err := period(v.from, v.to)
	if err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()}
	}
	q.By, q.Program, q.Basis = []reports.Dim{reports.Dim(v.by)}, program.ID(v.program), reports.Basis(v.day)
	if q.By[0] != reports.ByItem {
		q.Sort = v.sorting
	}
	id := v.store.Store.ID
	if f := export.Format(in.Get("format")); f == export.CSV || f == export.XLSX {
		return page.Answer{File: &page.File{Name: "store-" + id + "-" + v.by + "." + string(f), Type: f.MediaType(), Write: func(w io.Writer) error {
			to, err := export.New(f, w)
			if err != nil {
				return err
			}
			return errors.Join(p.Reports.OfStore(r.Context(), id, q, to), to.Close())
		}}}, nil
	}
	q.Limit, q.After = rows, in.Get("after")
	err = p.Reports.OfStore(r.Context(), id, q, &v.taken)
	var wrong *reports.QueryError
	switch {
	case errors.As(err, &wrong):
		return page.Answer{}, &page.Refused{Why: wrong.Error()}
	case errors.Is(err, reports.ErrCursor):
		return page.Answer{}, page.ErrNotFound
	case err != nil:
		return page.Answer{}, err
	}
	v.path, v.leads = s.address(id, "report"), s.toOrders(id, &v.taken)
	v.first, v.next = r.More(v.next)
	in.Del("after")
	v.csv, v.xlsx = file(v.path, in, export.CSV), file(v.path, in, export.XLSX)
	return page.Answer{
		Title: r.T.Sellers.Report, Area: s.home, Crumbs: s.crumbs(r.T, ui.Crumb{Href: s.address(id), Label: name(v.store.Store)}), Body: reportPage(r.T, v),
	}, nil
}

// file is the address of a report as a file.
func file(path string, in url.Values, f export.Format) string {
	q := url.Values{}
	for k, vs := range in {
		q[k] = vs
	}
	q.Set("format", string(f))
	return path + "?" + q.Encode()
}

func figure(c reports.Column) bool {
	return c.Kind == reports.Count || c.Kind == reports.Amount || c.Kind == reports.Percent
}

// write writes a cell as the language does.
func write(t *text.Texts, c reports.Column, s string) string {
	switch {
	case s == "":
		return "–"
	case c.Kind == reports.Count, c.Kind == reports.Amount, c.Kind == reports.Percent:
		return t.Decimal(s)
	case c.Kind == reports.Time:
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			return t.Time(at)
		}
	case c.Name == "state":
		return text.Name(t.States, s)
	}
	return s
}

// charts are the pictures of a breakdown: the cost in each program and currency, the first three.
func charts(t *text.Texts, v *reportView) []*chart.Chart {
	value, programs, currency, label := v.column("cost"), v.column("program"), v.column("currency"), v.column(v.by)
	if value < 0 || label < 0 || len(v.rows) < 2 {
		return nil
	}
	var all []*chart.Chart
	for _, row := range v.rows {
		cur := money.Currency(row[currency])
		unit := row[programs] + " " + string(cur)
		i := slices.IndexFunc(all, func(c *chart.Chart) bool { return c.Unit == unit })
		if i < 0 {
			if len(all) == 3 {
				continue
			}
			i = len(all)
			all = append(all, &chart.Chart{
				ID: "chart-" + strconv.Itoa(i), Title: t.Sellers.Columns["cost"], Unit: unit, Label: t.Sellers.Columns[v.by], Column: t.Sellers.Columns["cost"], Table: t.Words.Table,
				Note: t.Reports.Empty, Line: v.by == "day", Tick: func(n int64) string { return t.Amount(n, cur) },
			})
		}
		minor, err := money.ParseMinor(row[value], cur.Exponent())
		if err != nil || len(all[i].Points) == bars {
			continue
		}
		all[i].Points = append(all[i].Points, chart.Point{Label: write(t, v.head.Columns[label], row[label]), Value: minor, Text: t.Decimal(row[value])})
	}
	return slices.DeleteFunc(all, func(c *chart.Chart) bool { return len(c.Points) < 2 })
}

func dims(t *text.Texts) []ui.Choice {
	var all []ui.Choice
	for _, d := range reports.SellerDims() {
		all = append(all, ui.Choice{Value: string(d), Label: t.Sellers.Dims[string(d)]})
	}
	return all
}

func basis(t *text.Texts) []ui.Choice {
	return []ui.Choice{{Value: "order", Label: t.Reports.OrderDay}, {Value: "transaction", Label: t.Reports.TransactionDay}}
}

func sorts(t *text.Texts, v *reportView) []ui.Choice {
	all := []ui.Choice{{Label: "–"}}
	for _, c := range v.head.Columns {
		if figure(c) {
			all = append(all, ui.Choice{Value: "-" + c.Name, Label: t.Sellers.Columns[c.Name]})
		}
	}
	return all
}

// overview is the operator's page of sellers and of what is paid for what was sold.
type overview struct {
	stores                    []sellers.Outlook
	first, next               string
	from, to, named           string
	programs, publishers, top taken
}

func (p *Pages) all(r *page.Request) (page.Answer, error) {
	in := r.URL.Query()
	v := &overview{from: in.Get("from"), to: in.Get("to"), named: strings.TrimSpace(in.Get("named"))}
	if v.from == "" && v.to == "" {
		v.from, v.to = r.Now.AddDate(0, 0, 1-days).Format(time.DateOnly), r.Now.Format(time.DateOnly)
	}
	q, err := period(v.from, v.to)
	if err != nil {
		return page.Answer{}, &page.Refused{Why: err.Error()}
	}
	for _, x := range []struct {
		by   reports.Dim
		into *taken
	}{{"program", &v.programs}, {"publisher", &v.publishers}, {"store", &v.top}} {
		q := q
		q.By = []reports.Dim{x.by}
		if x.by != "program" {
			q.Sort, q.Limit = "-cost", ranking
		}
		if f := export.Format(in.Get("format")); in.Get("of") == string(x.by) && (f == export.CSV || f == export.XLSX) {
			q.Limit = 0
			return page.Answer{File: &page.File{Name: "cost-" + string(x.by) + "." + string(f), Type: f.MediaType(), Write: func(w io.Writer) error {
				to, err := export.New(f, w)
				if err != nil {
					return err
				}
				return errors.Join(p.Reports.AcrossStores(r.Context(), q, to), to.Close())
			}}}, nil
		}
		if err := p.Reports.AcrossStores(r.Context(), q, x.into); err != nil {
			return page.Answer{}, err
		}
	}
	v.publishers.names = p.Names.Publishers(r.Context(), v.publishers.all("publisher")...)
	var next string
	if v.stores, next, err = p.Sellers.All(r.Context(), v.named, in.Get("after"), perPage); err != nil {
		return page.Answer{}, refuse(err)
	}
	v.first, v.next = r.More(next)
	return page.Answer{Title: r.T.Sellers.All, Area: "/sellers", Body: allPage(r.T, v)}, nil
}

// download is the address of one of the operator's lists as a file.
func (v *overview) download(of string) string {
	return ui.Address([]string{"sellers"}, "of", of, "from", v.from, "to", v.to, "format", "csv")
}

// fill puts a day into a sentence.
func fill(sentence, at string) string { return strings.ReplaceAll(sentence, "#", at) }
