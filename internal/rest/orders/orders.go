// Package orders is the API of orders: events in, decision records out; and of the clicks that they considered.
package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Settle *settle.Service
	Books  *books.Service

	events *prometheus.CounterVec
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	s.events = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_order_events_total", Help: "Order events by outcome."}, []string{"outcome"})
	writes, own := call.Policy{Scope: call.ScopeOrders, Writes: true}, call.Policy{Scope: call.ScopeRead, Publishers: true}
	call.Handle(a, "POST /v1/orders:batch", "report-orders", "Report order events", writes, s.reportOrders)
	call.Handle(a, "POST /v1/orders/{order}/events", "report-order-event", "Report an event of one order", writes, s.reportEvent)
	call.Handle(a, "GET /v1/orders", "list-orders", "Decisions, the latest order first", own, s.listOrders)
	call.Handle(a, "GET /v1/orders/{order}", "get-order", "An order's decision record", own, s.getOrder)
	call.Handle(a, "GET /v1/clicks/{click}", "get-click", "A click: whether it counts, and how it came out in the orders that considered it", own, s.getClick)
}

// Collect are the metrics of order events.
func (s *Area) Collect() prometheus.Collector { return s.events }

// outcome is what became of one event.
type outcome struct {
	Order   string `json:"order"`
	Event   string `json:"event"`
	Outcome string `json:"outcome" enum:"accepted,known,refused"`
	Line    int    `json:"line" doc:"Line of the body, or element of its array, from 1."`
	Reason  string `json:"reason,omitempty"`
	Member  string `json:"member,omitempty" doc:"The member that is wrong."`
	Fix     string `json:"fix,omitempty" doc:"What to do."`
}

type outcomes struct {
	Body struct {
		Accepted int       `json:"accepted"`
		Known    int       `json:"known"`
		Refused  int       `json:"refused"`
		Events   []outcome `json:"events" nullable:"false"`
	}
}

func (s *Area) reportOrders(ctx context.Context, in *call.BodyInput) (*outcomes, error) {
	return s.report(ctx, in.RawBody, "")
}

type eventInput struct {
	Order string `path:"order" maxLength:"500"`
	call.BodyInput
}

func (s *Area) reportEvent(ctx context.Context, in *eventInput) (*outcomes, error) {
	return s.report(ctx, in.RawBody, in.Order)
}

// report keeps events. Bad ones are refused one by one; the answer comes after the others are committed.
func (s *Area) report(ctx context.Context, body []byte, only string) (*outcomes, error) {
	set, err := call.SplitLines(body, "events")
	if err != nil {
		return nil, err
	}
	out := &outcomes{}
	out.Body.Events = make([]outcome, len(set.Raw))
	var r wire.Reader
	var good []order.Event
	var at []int
	for i, line := range set.Raw {
		e, err := r.Event(line)
		o := &out.Body.Events[i]
		o.Order, o.Event, o.Line = e.Order, e.Kind.String(), set.Number[i]
		if err == nil && only != "" && e.Order != only {
			err = &wire.Fault{Member: "order", Reason: fmt.Sprintf("is %q, the address says %q", e.Order, only), Fix: "send the event to the address of its order"}
		}
		if err != nil {
			o.name(line)
			o.refuse(err)
			continue
		}
		good, at = append(good, e), append(at, i)
	}
	got, err := s.Settle.Report(ctx, good)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		o := &out.Body.Events[i]
		switch {
		case got[n].Err != nil:
			o.refuse(got[n].Err)
		case got[n].Fresh:
			o.Outcome = "accepted"
		default:
			o.Outcome = "known"
		}
	}
	in := call.Of(ctx)
	for _, o := range out.Body.Events {
		s.events.WithLabelValues(o.Outcome).Inc()
		switch o.Outcome {
		case "accepted":
			out.Body.Accepted++
		case "known":
			out.Body.Known++
		default:
			out.Body.Refused++
			in.Refused = append(in.Refused, call.ProblemError{Line: o.Line, Field: o.Member, Reason: o.Reason, Fix: o.Fix})
		}
	}
	return out, nil
}

// name says which event a line that could not be read seems to be.
func (o *outcome) name(line []byte) {
	var x struct{ Order, Event string }
	if json.Unmarshal(line, &x) == nil {
		o.Order, o.Event = x.Order, x.Event
	}
}

func (o *outcome) refuse(err error) {
	o.Outcome, o.Fix = "refused", "correct the event and send it again"
	var bad *wire.Error
	var fault *wire.Fault
	var clash *order.ConflictError
	switch {
	case errors.As(err, &fault):
		o.Member, o.Reason, o.Fix = fault.Member, fault.Reason, fault.Fix
	case errors.As(err, &bad):
		o.Member, o.Reason = bad.Member, bad.Reason
	case errors.As(err, &clash):
		o.Member, o.Reason = "order", clash.Error()
	default:
		o.Reason = err.Error()
	}
}

type orderInput struct {
	Order   string `path:"order" maxLength:"500"`
	Program string `query:"program" required:"true" doc:"The order's program."`
	Lang    string `query:"lang" enum:"en,tr" default:"en"`
}

// item is the decision about an item: the record as replay writes it, in sentences too.
type item struct {
	Record    json.RawMessage `json:"record" doc:"As in commissions.jsonl."`
	Sentences []string        `json:"sentences" nullable:"false"`
	DecidedAt time.Time       `json:"decided_at"`
	Earlier   []earlier       `json:"earlier" nullable:"false"`
}

type earlier struct {
	State     string    `json:"state"`
	Rule      string    `json:"rule"`
	Amount    string    `json:"amount"`
	DecidedAt time.Time `json:"decided_at"`
}

type orderOutput struct {
	Body struct {
		Order   string            `json:"order"`
		Program string            `json:"program"`
		AsOf    time.Time         `json:"as_of"`
		Items   []item            `json:"items" nullable:"false"`
		Journal []json.RawMessage `json:"journal" nullable:"false" doc:"As in ledger.jsonl."`
	}
}

func (s *Area) getOrder(ctx context.Context, in *orderInput) (*orderOutput, error) {
	o, err := s.Books.Order(ctx, order.Key{Program: program.ID(in.Program), Order: in.Order})
	if key := call.Of(ctx).Key; err == nil && key.Publisher != "" {
		o, err = o.For(key.Publisher)
	}
	if err != nil {
		return nil, err
	}
	out := &orderOutput{}
	out.Body.Order, out.Body.Program, out.Body.AsOf = in.Order, in.Program, o.AsOf
	out.Body.Items, out.Body.Journal = []item{}, []json.RawMessage{}
	for _, it := range o.Items {
		x := item{Record: it.Record.JSON, Sentences: explain.Sentences(in.Lang, it.Steps), DecidedAt: it.Record.DecidedAt, Earlier: []earlier{}}
		for _, e := range it.Earlier {
			x.Earlier = append(x.Earlier, earlier{e.State, e.Rule, money.New(e.Amount, e.Currency).Decimal(), e.DecidedAt})
		}
		out.Body.Items = append(out.Body.Items, x)
	}
	for i := range o.Journal {
		out.Body.Journal = append(out.Body.Journal, wire.AppendEntry(nil, &o.Journal[i]))
	}
	return out, nil
}

type ordersInput struct {
	Program   string    `query:"program" maxLength:"500"`
	Publisher string    `query:"publisher" maxLength:"500"`
	State     string    `query:"state" enum:"tracked,pending,approved,declined,unattributed"`
	From      time.Time `query:"from" doc:"Orders placed at this time or later."`
	To        time.Time `query:"to" doc:"Orders placed before this time."`
	call.PageInput
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

func (s *Area) listOrders(ctx context.Context, in *ordersInput) (*ordersOutput, error) {
	f := books.OrderFilter{Program: program.ID(in.Program), Publisher: in.Publisher, State: in.State, From: in.From, To: in.To}
	if key := call.Of(ctx).Key; key.Publisher != "" && f.Publisher == "" {
		f.Publisher = key.Publisher
	}
	if err := call.Only(ctx, f.Publisher); err != nil {
		return nil, err
	}
	records, next, err := s.Books.Orders(ctx, f, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &ordersOutput{}
	out.Body.Decisions, out.Body.Next = make([]decision, len(records)), next
	for i := range records {
		r := &records[i]
		out.Body.Decisions[i] = decision{
			Order: r.Order, Item: r.Item, Program: string(r.Program), State: r.State, Publisher: r.Publisher, AdSpace: r.AdSpace, Rule: r.Rule,
			Amount: money.New(r.Amount, r.Currency).Decimal(), Currency: r.Currency, PlacedAt: r.PlacedAt,
			Completed: call.Time(r.Completed), SettledAt: call.Time(r.SettledAt), DecidedAt: r.DecidedAt,
		}
	}
	return out, nil
}
