package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// routes registers all operations.
func (s *Server) routes(api huma.API) {
	orders, clicks, facts := policy{scope: ScopeOrders, writes: true}, policy{scope: ScopeClicks, writes: true}, policy{scope: ScopeFacts, writes: true}
	reads, own := policy{scope: ScopeRead}, policy{scope: ScopeRead, publishers: true}
	huma.Register(api, route(api, http.MethodPost, "/v1/orders:batch", "report-orders", "Report order events", orders), s.reportOrders)
	huma.Register(api, route(api, http.MethodPost, "/v1/orders/{order}/events", "report-order-event", "Report an event of one order", orders), s.reportEvent)
	huma.Register(api, route(api, http.MethodGet, "/v1/orders", "list-orders", "Decisions, the latest order first", own), s.listOrders)
	huma.Register(api, route(api, http.MethodGet, "/v1/orders/{order}", "get-order", "An order's decision record", own), s.getOrder)
	huma.Register(api, route(api, http.MethodGet, "/v1/publishers/{publisher}/balance", "get-balance", "A publisher's balance in a program", own), s.getBalance)
	huma.Register(api, route(api, http.MethodGet, "/v1/publishers/{publisher}/journal", "list-journal", "A publisher's transactions in a program, in the order they were booked in", own), s.listJournal)
	huma.Register(api, route(api, http.MethodGet, "/v1/payout-runs", "list-payout-runs", "Payout runs, the one drafted last first", reads), s.listRuns)
	huma.Register(api, route(api, http.MethodGet, "/v1/payout-runs/{run}", "get-payout-run", "A payout run", reads), s.getRun)
	huma.Register(api, route(api, http.MethodPost, "/v1/clicks:import", "import-clicks", "Report clicks and other touches", clicks), s.importClicks)
	huma.Register(api, route(api, http.MethodPost, "/v1/ad-spaces:import", "import-ad-spaces", "Enter ad spaces that joined", facts), s.importSpaces)
	huma.Register(api, route(api, http.MethodPost, "/v1/products:import", "import-products", "Enter products", facts), s.importProducts)
	huma.Register(api, route(api, http.MethodPost, "/v1/stores:import", "import-stores", "Enter stores", facts), s.importStores)
	huma.Register(api, route(api, http.MethodPost, "/v1/fx:import", "import-fx", "Enter exchange rates", facts), s.importQuotes)
	huma.Register(api, route(api, http.MethodPut, "/v1/programs/{program}/document", "publish-program", "Publish a version of a program document", facts), s.publish)
	huma.Register(api, route(api, http.MethodGet, "/v1/proof", "get-proof", "The daily proof", reads), s.getProof)
	huma.Register(api, route(api, http.MethodGet, "/v1/rejected-calls", "list-rejected-calls", "The key's own calls that were rejected, since the server started", own), s.getRejected)
	s.linkRoutes(api)
	s.joiningRoutes(api)
	s.postbackRoutes(api)
	s.reportRoutes(api)
	examples(api)
}

const linesMedia = "application/x-ndjson"

// BodyInput is the body of a writing call.
type BodyInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same key with the same call is answered as the first time."`
	RawBody        []byte `contentType:"application/x-ndjson" doc:"One JSON object a line, as in the files of a replay."`
}

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

func (s *Server) reportOrders(ctx context.Context, in *BodyInput) (*outcomes, error) {
	return once(ctx, s, in, "", func() (*outcomes, error) { return s.report(ctx, in.RawBody, "") })
}

type eventInput struct {
	Order string `path:"order" maxLength:"500"`
	BodyInput
}

func (s *Server) reportEvent(ctx context.Context, in *eventInput) (*outcomes, error) {
	return once(ctx, s, &in.BodyInput, in.Order, func() (*outcomes, error) { return s.report(ctx, in.RawBody, in.Order) })
}

// report keeps events. Bad ones are refused one by one; the answer comes after the others are committed.
func (s *Server) report(ctx context.Context, body []byte, only string) (*outcomes, error) {
	set, err := lines(body, "events")
	if err != nil {
		return nil, s.fail(err)
	}
	out := &outcomes{}
	out.Body.Events = make([]outcome, len(set.raw))
	var r wire.Reader
	var good []order.Event
	var at []int
	for i, line := range set.raw {
		e, err := r.Event(line)
		o := &out.Body.Events[i]
		o.Order, o.Event, o.Line = e.Order, e.Kind.String(), set.number[i]
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
	got, err := s.settle.Report(ctx, good)
	if err != nil {
		return nil, s.fail(err)
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
	in := caller(ctx)
	for _, o := range out.Body.Events {
		s.events.WithLabelValues(o.Outcome).Inc()
		switch o.Outcome {
		case "accepted":
			out.Body.Accepted++
		case "known":
			out.Body.Known++
		default:
			out.Body.Refused++
			in.refused = append(in.refused, ProblemError{o.Line, o.Member, o.Reason, o.Fix})
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

func (s *Server) getOrder(ctx context.Context, in *orderInput) (*orderOutput, error) {
	o, err := s.books.Order(ctx, order.Key{Program: program.ID(in.Program), Order: in.Order})
	if key := caller(ctx).key; err == nil && key.Publisher != "" {
		o, err = o.For(key.Publisher)
	}
	if err != nil {
		return nil, s.fail(err)
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

type balanceInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true"`
}

type balanceOutput struct {
	Body struct {
		Publisher    string         `json:"publisher"`
		Program      string         `json:"program"`
		Currency     money.Currency `json:"currency"`
		AsOf         time.Time      `json:"as_of"`
		Tracked      string         `json:"tracked"`
		Pending      string         `json:"pending"`
		Approved     string         `json:"approved" doc:"Everything that was ever approved, less reversals."`
		Available    string         `json:"available"`
		Hold         string         `json:"hold"`
		Reserved     string         `json:"reserved"`
		Clearing     string         `json:"clearing"`
		Paid         string         `json:"paid"`
		Clawback     string         `json:"clawback" doc:"Owed after a reversal that came when the money was gone."`
		Withdrawable string         `json:"withdrawable"`
	}
}

func (s *Server) getBalance(ctx context.Context, in *balanceInput) (*balanceOutput, error) {
	if err := ownOnly(ctx, in.Publisher); err != nil {
		return nil, s.fail(err)
	}
	terms := s.settle.Terms(program.ID(in.Program), s.now())
	if terms == nil {
		return nil, s.fail(books.ErrNotFound)
	}
	b, err := s.books.Balance(ctx, terms.Program, in.Publisher, terms.Currency)
	if err != nil {
		return nil, s.fail(err)
	}
	dec := func(minor int64) string { return money.New(minor, b.Currency).Decimal() }
	out := &balanceOutput{}
	o := &out.Body
	o.Publisher, o.Program, o.Currency, o.AsOf = b.Publisher, string(b.Program), b.Currency, b.AsOf
	o.Tracked, o.Pending, o.Approved, o.Available, o.Hold = dec(b.Tracked), dec(b.Pending), dec(b.Approved), dec(b.Available), dec(b.Hold)
	o.Reserved, o.Clearing, o.Paid, o.Clawback, o.Withdrawable = dec(b.Reserved), dec(b.Clearing), dec(b.Paid), dec(b.Clawback), dec(b.Withdrawable())
	return out, nil
}

// taken says how many were taken in.
type taken struct {
	Body struct {
		Received int `json:"received"`
		New      int `json:"new,omitempty"`
	}
}

func (s *Server) importClicks(ctx context.Context, in *BodyInput) (*taken, error) {
	return once(ctx, s, in, "", func() (*taken, error) {
		all, set, err := read(in.RawBody, "clicks", func(r *wire.Reader, line []byte) (*click.Click, error) {
			var c wire.Click
			if err := r.Click(line, &c); err != nil {
				return nil, err
			}
			return c.Click(func(b []byte) string { return string(b) }), nil
		})
		out := &taken{}
		out.Body.Received = len(all)
		if err == nil {
			out.Body.New, err = s.settle.ImportClicks(ctx, all)
		}
		if err != nil {
			return nil, s.fail(set.place(err))
		}
		return out, nil
	})
}

// importFacts reads facts line by line, keeps them and makes them known.
func importFacts[T any](ctx context.Context, s *Server, in *BodyInput, member string, one func(*wire.Reader, []byte) (T, error), keep func([]T) error) (*taken, error) {
	return once(ctx, s, in, "", func() (*taken, error) {
		all, set, err := read(in.RawBody, member, one)
		if err == nil {
			err = keep(all)
		}
		if err == nil {
			err = s.settle.Refresh(ctx)
		}
		if err != nil {
			return nil, s.fail(set.place(err))
		}
		out := &taken{}
		out.Body.Received = len(all)
		return out, nil
	})
}

func (s *Server) importSpaces(ctx context.Context, in *BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "ad_spaces", (*wire.Reader).AdSpace, func(all []*publisher.AdSpace) error { return s.intake.AdSpaces(ctx, all) })
}

func (s *Server) importProducts(ctx context.Context, in *BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "products", (*wire.Reader).Product, func(all []*catalog.Product) error { return s.intake.Catalog(ctx, all, nil) })
}

func (s *Server) importStores(ctx context.Context, in *BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "stores", (*wire.Reader).Store, func(all []*seller.Store) error { return s.intake.Catalog(ctx, nil, all) })
}

func (s *Server) importQuotes(ctx context.Context, in *BodyInput) (*taken, error) {
	return importFacts(ctx, s, in, "fx", (*wire.Reader).Quote, func(all []wire.Quote) error { return s.intake.Quotes(ctx, all) })
}

type documentInput struct {
	Program        string `path:"program" maxLength:"500"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same key with the same call is answered as the first time."`
	RawBody        []byte `contentType:"application/yaml" doc:"The program document."`
}

func (s *Server) publish(ctx context.Context, in *documentInput) (*taken, error) {
	return once(ctx, s, &BodyInput{in.IdempotencyKey, in.RawBody}, in.Program, func() (*taken, error) {
		err := s.intake.Publish(ctx, program.ID(in.Program), in.RawBody)
		if err == nil {
			err = s.settle.Refresh(ctx)
		}
		if err != nil {
			return nil, s.fail(err)
		}
		out := &taken{}
		out.Body.Received = 1
		return out, nil
	})
}

type proofOutput struct {
	Body struct {
		Holds        bool     `json:"holds"`
		Transactions int64    `json:"transactions"`
		Differences  []string `json:"differences" nullable:"false"`
	}
}

func (s *Server) getProof(ctx context.Context, _ *struct{}) (*proofOutput, error) {
	p, err := s.books.Proof(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	out := &proofOutput{}
	out.Body.Holds, out.Body.Transactions, out.Body.Differences = p.Holds(), p.Transactions, []string{}
	for _, d := range p.Differences {
		out.Body.Differences = append(out.Body.Differences, d.String())
	}
	return out, nil
}
