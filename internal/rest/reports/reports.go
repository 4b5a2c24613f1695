// Package reports is the API of reports.
package reports

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/export"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Reports *reports.Service

	files chan struct{} // holds the files that are being sent
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	own := call.Policy{Scope: call.ScopeRead, Publishers: true}
	s.files = make(chan struct{}, filesAtOnce)
	schemas := a.Huma().OpenAPI().Components.Schemas
	answer := func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{
			Description: "The report. Every row names what it is about; totals are of all rows. Amounts are decimal text, counts are numbers, and null says that there is no such figure.",
			Content: map[string]*huma.MediaType{
				export.JSON.MediaType(): {Schema: schemas.Schema(reflect.TypeFor[reportDocument](), true, "")},
				"text/csv":              {Schema: &huma.Schema{Type: "string"}},
				export.XLSX.MediaType(): {Schema: &huma.Schema{Type: "string", Format: "binary"}},
			},
			Headers: map[string]*huma.Param{headerComplete: {Description: "The report is complete up to this time: what was due to be decided by then is decided.", Schema: &huma.Schema{Type: "string", Format: "date-time"}}},
		}
	}
	call.Handle(a, "GET /v1/reports/{kind}", "get-report", "A report of orders, traffic or income", own, func(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
		return s.send(ctx, a, reports.Kind(in.Kind), &in.ReportQuery, in.By, in.Sort)
	}, answer)
	call.Handle(a, "GET /v1/live-orders", "list-live-orders", "Items of orders, the latest first", own, func(ctx context.Context, in *ReportQuery) (*huma.StreamResponse, error) {
		return s.send(ctx, a, reports.Live, in, "", "")
	}, answer)
	s.registerStores(a, answer)
	call.Handle(a, "GET /v1/programs/{program}/statistics", "get-statistics", "The live statistics of a program", own, s.getStatistics)
	call.Handle(a, "GET /v1/ranking", "get-ranking", "The ranking of publishers", own, s.getRanking)
}

// A file is read from one state of the data while it is sent, which keeps a connection to the database: so there are a few at a time,
// and nobody takes for ever.
const (
	filesAtOnce = 2
	fileWithin  = 15 * time.Minute
)

// reportDocument is a report as JSON, as package export writes it.
type reportDocument struct {
	Report   string `json:"report" enum:"orders,traffic,income,live-orders,stores"`
	Complete struct {
		AsOf      time.Time     `json:"as_of" doc:"The state of the data that the report was read from."`
		OrdersTo  time.Time     `json:"orders_to" doc:"Every decision that was due by then is in it."`
		LastClick *time.Time    `json:"last_click" doc:"The newest click in it."`
		Logs      []logPosition `json:"logs" doc:"How far the logs of edges are read."`
	} `json:"complete"`
	Totals []reportRow `json:"totals" doc:"The sums of all rows, also of those on other pages, for each program and currency. Of live orders they stand on the first page."`
	Rows   []reportRow `json:"rows" doc:"The dimensions and the figures, by name."`
	Next   string      `json:"next" doc:"The cursor of the next page; empty on the last one."`
}

// reportRow is a row of a report, by the names of its columns.
type reportRow map[string]any

// Schema describes a row: text, counts, and null for figures that do not exist.
func (reportRow) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: &huma.Schema{OneOf: []*huma.Schema{{Type: "string"}, {Type: "integer"}, {Type: "null"}}}}
}

type logPosition struct {
	Log      string `json:"log"`
	Position string `json:"position"`
}

// headerComplete tells as of when a report is true, where the format has no place for it.
const headerComplete = "Clickledger-Complete-Up-To"

// ReportQuery is what all reports can be asked for. It is exported because a request is read into its members.
type ReportQuery struct {
	Publisher  string `query:"publisher" maxLength:"500" doc:"Whose report it is; left out: all publishers'. A publisher's key reads that publisher's."`
	Program    string `query:"program" maxLength:"500"`
	From       string `query:"from" format:"date" doc:"The first day (UTC)."`
	To         string `query:"to" format:"date" doc:"The last day (UTC)."`
	Date       string `query:"date" enum:"order,transaction" default:"order" doc:"The day that counts: that of the order, or that of the transaction, on which the buyer confirmed receipt."`
	AdSpace    string `query:"ad_space" maxLength:"500"`
	TrackingID string `query:"tracking_id" maxLength:"500"`
	AF         string `query:"af" maxLength:"500"`
	CN         string `query:"cn" maxLength:"500"`
	CV         string `query:"cv" maxLength:"500"`
	DP         string `query:"dp" maxLength:"500"`
	Kind       string `query:"promotion" maxLength:"500" doc:"The type of promotion: the kind of the link."`
	Product    string `query:"product" maxLength:"500"`
	Category   string `query:"category" maxLength:"500"`
	Country    string `query:"country" maxLength:"500"`
	Device     string `query:"device" maxLength:"500"`
	Link       string `query:"link" maxLength:"500"`
	State      string `query:"state" maxLength:"500" enum:"unattributed,declined,tracked,pending,approved" doc:"Of live orders and of orders."`
	Reason     string `query:"reason" maxLength:"500" doc:"Why an order or a click earns nothing."`
	Limit      int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Of JSON. Files have all rows."`
	After      string `query:"after" maxLength:"4000" doc:"The cursor that the page before returned as next."`
	Format     string `query:"format" enum:"json,csv,xlsx" default:"json"`
}

type reportInput struct {
	Kind string `path:"kind" enum:"orders,traffic,income"`
	By   string `query:"by" maxLength:"200" doc:"Up to three dimensions with commas between: day, program, publisher, ad_space, tracking_id, af, cn, cv, dp, kind, product, category, country, device, link, rule, reason, state."`
	Sort string `query:"sort" maxLength:"40" doc:"A column, with - in front for the greatest first."`
	ReportQuery
}

// filters are the filters of the query; an empty one asks for nothing.
func (in *ReportQuery) filters() (where []reports.Match) {
	for _, f := range [...]struct {
		dim   reports.Dim
		value string
	}{
		{"ad_space", in.AdSpace}, {"tracking_id", in.TrackingID}, {"af", in.AF}, {"cn", in.CN}, {"cv", in.CV}, {"dp", in.DP}, {"kind", in.Kind},
		{"product", in.Product}, {"category", in.Category}, {"country", in.Country}, {"device", in.Device}, {"link", in.Link}, {"state", in.State}, {"reason", in.Reason},
	} {
		if f.value != "" {
			where = append(where, reports.Match{Dim: f.dim, Value: f.value})
		}
	}
	return where
}

// query is the query of the use case.
func (in *ReportQuery) query(ctx context.Context, kind reports.Kind, by, sort string) (q reports.Query, err error) {
	q = reports.Query{Kind: kind, Program: program.ID(in.Program), Where: in.filters(), Sort: sort, After: in.After, Limit: in.Limit}
	if q.Publisher, err = call.Own(ctx, in.Publisher); err != nil {
		return q, err
	}
	if q.Publisher == "" {
		q.Publisher = in.Publisher
	}
	if kind != reports.Income && kind != reports.Traffic {
		q.Basis = reports.Basis(in.Date)
	}
	for d := range strings.SplitSeq(by, ",") {
		if d = strings.TrimSpace(d); d != "" {
			q.By = append(q.By, reports.Dim(d))
		}
	}
	return q, bound(&q, in.From, in.To, in.Format)
}

// bound reads the first and the last day of a report; files have all rows.
func bound(q *reports.Query, from, to, format string) error {
	for _, day := range [...]struct {
		member, text string
		to           *time.Time
		days         int
	}{{"from", from, &q.From, 0}, {"to", to, &q.To, 1}} {
		if day.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return &reports.QueryError{Field: day.member, Reason: fmt.Sprintf("%q is not a day such as 2026-03-01", day.text)}
		}
		*day.to = at.AddDate(0, 0, day.days)
	}
	if export.Format(format) != export.JSON {
		q.Limit, q.After = 0, ""
	}
	return nil
}

// begun is a report whose head was sent: from then on an error can only break it off.
type begun struct {
	export.Writer
	c      huma.Context
	format export.Format
	name   string
	done   bool
}

func (b *begun) Begin(h *reports.Head) error {
	b.done = true
	b.c.SetHeader("Content-Type", b.format.MediaType())
	b.c.SetHeader(headerComplete, h.Complete.OrdersTo.UTC().Format(time.RFC3339))
	if b.format != export.JSON {
		b.c.SetHeader("Content-Disposition", `attachment; filename="`+b.name+`"`)
	}
	b.c.SetStatus(http.StatusOK)
	return b.Writer.Begin(h)
}

// send answers a report. It is written while it is read; only breakdowns are put together first.
func (s *Area) send(ctx context.Context, a *call.API, kind reports.Kind, in *ReportQuery, by, sort string) (*huma.StreamResponse, error) {
	q, err := in.query(ctx, kind, by, sort)
	if err != nil {
		return nil, err
	}
	return s.stream(ctx, a, kind, in.Format, func(ctx context.Context, to reports.Sink) error { return s.Reports.Run(ctx, q, to) }), nil
}

// stream writes a report in a format while run reads it.
func (s *Area) stream(ctx context.Context, a *call.API, kind reports.Kind, as string, run func(context.Context, reports.Sink) error) *huma.StreamResponse {
	format := export.Format(as)
	return &huma.StreamResponse{Body: func(c huma.Context) {
		if format != export.JSON {
			select {
			case s.files <- struct{}{}:
				defer func() { <-s.files }()
			case <-ctx.Done():
				return
			}
			_, raw := humago.Unwrap(c)
			//arch:allow clock a deadline of a connection is a time of the machine
			_ = http.NewResponseController(raw).SetWriteDeadline(time.Now().Add(fileWithin)) // without it there is less time
		}
		w, err := export.New(format, c.BodyWriter())
		if err != nil {
			a.Broken(c, err)
			return
		}
		sink := &begun{Writer: w, c: c, format: format, name: string(kind) + "." + as}
		err = errors.Join(run(c.Context(), sink), w.Close())
		if err == nil {
			return
		}
		if sink.done {
			a.Log().Error("a report broke off", "report", kind, "error", err)
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		}
		a.Broken(c, err)
	}}
}

type statisticsInput struct {
	Program string `path:"program" maxLength:"200"`
}

type statisticsOutput struct {
	Body struct {
		Program      string    `json:"program"`
		Currency     string    `json:"currency"`
		EPC          *string   `json:"epc" doc:"Average earnings per 100 clicks."`
		CR           *string   `json:"cr" doc:"Actions for 100 clicks."`
		CR48         *string   `json:"cr_48h" doc:"The same of the last 48 hours."`
		ApprovalRate *string   `json:"approval_rate" doc:"Percent of all actions that were approved."`
		HoldHours    *string   `json:"hold_hours" doc:"From action to approval or decline, on average."`
		PaymentHours *string   `json:"payment_hours" doc:"From action to payout, on average."`
		AsOf         time.Time `json:"as_of"`
		CompleteTo   time.Time `json:"complete_to"`
	}
}

func (s *Area) getStatistics(ctx context.Context, in *statisticsInput) (*statisticsOutput, error) {
	st, err := s.Reports.Statistics(ctx, program.ID(in.Program))
	if err != nil {
		return nil, err
	}
	orNull := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	out := &statisticsOutput{}
	b := &out.Body
	b.Program, b.Currency, b.EPC, b.CR, b.CR48, b.ApprovalRate = in.Program, string(st.Currency), orNull(st.EPC), orNull(st.CR), orNull(st.CR48), orNull(st.ApprovalRate)
	b.HoldHours, b.PaymentHours, b.AsOf, b.CompleteTo = orNull(st.HoldHours), orNull(st.PaymentHours), st.Complete.AsOf, st.Complete.OrdersTo
	return out, nil
}

type rankView struct {
	Rank      int    `json:"rank"`
	Publisher string `json:"publisher"`
	Score     int64  `json:"score" doc:"The sum of the publisher's shares in each program's commission, in millionths."`
	Actions   int64  `json:"actions"`
}

type rankingOutput struct {
	Body struct {
		Day        string     `json:"day"`
		From       string     `json:"from"`
		To         string     `json:"to" doc:"The last day of the period."`
		Publishers int        `json:"publishers" doc:"How many are ranked."`
		Ranks      []rankView `json:"ranks" doc:"A publisher's key sees that publisher's own."`
	}
}

func (s *Area) getRanking(ctx context.Context, _ *struct{}) (*rankingOutput, error) {
	only, err := call.Own(ctx, "")
	if err != nil {
		return nil, err
	}
	r, err := s.Reports.Ranking(ctx)
	if err != nil {
		return nil, err
	}
	out := &rankingOutput{}
	out.Body.Day, out.Body.From, out.Body.To = r.Day.Format(time.DateOnly), r.From.Format(time.DateOnly), r.To.AddDate(0, 0, -1).Format(time.DateOnly)
	out.Body.Publishers, out.Body.Ranks = len(r.Rows), []rankView{}
	for _, x := range r.Rows {
		if only == "" || x.Publisher == only {
			out.Body.Ranks = append(out.Body.Ranks, rankView(x))
		}
	}
	return out, nil
}
