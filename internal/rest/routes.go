package rest

import (
	"context"
	"encoding/json"
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
	huma.Register(api, route(http.MethodPost, "/v1/orders:batch", "report-orders", "Report order events", ScopeOrders, false), s.reportOrders)
	huma.Register(api, route(http.MethodPost, "/v1/orders/{order}/events", "report-order-event", "Report an event of one order", ScopeOrders, false), s.reportEvent)
	huma.Register(api, route(http.MethodGet, "/v1/orders/{order}", "get-order", "An order's decision record", ScopeRead, true), s.getOrder)
	huma.Register(api, route(http.MethodGet, "/v1/publishers/{publisher}/balance", "get-balance", "A publisher's balance in a program", ScopeRead, true), s.getBalance)
	huma.Register(api, route(http.MethodPost, "/v1/clicks:import", "import-clicks", "Report clicks and other touches", ScopeClicks, false), s.importClicks)
	huma.Register(api, route(http.MethodPost, "/v1/ad-spaces:import", "import-ad-spaces", "Enter ad spaces that joined", ScopeFacts, false), s.importSpaces)
	huma.Register(api, route(http.MethodPost, "/v1/products:import", "import-products", "Enter products", ScopeFacts, false), s.importProducts)
	huma.Register(api, route(http.MethodPost, "/v1/stores:import", "import-stores", "Enter stores", ScopeFacts, false), s.importStores)
	huma.Register(api, route(http.MethodPost, "/v1/fx:import", "import-fx", "Enter exchange rates", ScopeFacts, false), s.importQuotes)
	huma.Register(api, route(http.MethodPut, "/v1/programs/{program}/document", "publish-program", "Publish a version of a program document", ScopeFacts, false), s.publish)
	huma.Register(api, route(http.MethodGet, "/v1/proof", "get-proof", "The daily proof", ScopeRead, false), s.getProof)
	s.linkRoutes(api)
}

// linesInput is a body of JSON Lines.
type linesInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same key with the same body is answered as the first time."`
	RawBody        []byte `contentType:"application/x-ndjson" doc:"One JSON object a line, as in the files of a replay."`
}

// outcome is what became of one event.
type outcome struct {
	Order   string `json:"order"`
	Event   string `json:"event"`
	Outcome string `json:"outcome" enum:"accepted,known,refused"`
	Reason  string `json:"reason,omitempty"`
	Member  string `json:"member,omitempty" doc:"The member that is wrong."`
}

type outcomes struct {
	Body struct {
		Accepted int       `json:"accepted"`
		Known    int       `json:"known"`
		Refused  int       `json:"refused"`
		Events   []outcome `json:"events"`
	}
}

func (s *Server) reportOrders(ctx context.Context, in *linesInput) (*outcomes, error) {
	return once(ctx, s, "report-orders", in.IdempotencyKey, in.RawBody, func() (*outcomes, error) {
		return s.report(ctx, in.RawBody, "")
	})
}

type eventInput struct {
	Order string `path:"order" maxLength:"200"`
	linesInput
}

func (s *Server) reportEvent(ctx context.Context, in *eventInput) (*outcomes, error) {
	return once(ctx, s, "report-order-event "+in.Order, in.IdempotencyKey, in.RawBody, func() (*outcomes, error) {
		return s.report(ctx, in.RawBody, in.Order)
	})
}

// report keeps events. Bad ones are refused one by one; the answer comes after the others are committed.
func (s *Server) report(ctx context.Context, body []byte, only string) (*outcomes, error) {
	raw, err := lines(body, "events")
	if err != nil {
		return nil, s.fail(err)
	}
	out := &outcomes{}
	out.Body.Events = make([]outcome, len(raw))
	var r wire.Reader
	var good []order.Event
	var place []int
	for i, line := range raw {
		e, err := r.Event(line)
		o := &out.Body.Events[i]
		o.Order, o.Event = e.Order, e.Kind.String()
		if err == nil && only != "" && e.Order != only {
			err = &wire.Error{Member: "order", Reason: fmt.Sprintf("is %q, the address says %q", e.Order, only)}
		}
		if err != nil {
			o.refuse(err)
			continue
		}
		good, place = append(good, e), append(place, i)
	}
	got, err := s.settle.Report(ctx, good)
	if err != nil {
		return nil, s.fail(err)
	}
	for n, i := range place {
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
	for _, o := range out.Body.Events {
		s.events.WithLabelValues(o.Outcome).Inc()
		switch o.Outcome {
		case "accepted":
			out.Body.Accepted++
		case "known":
			out.Body.Known++
		default:
			out.Body.Refused++
		}
	}
	return out, nil
}

func (o *outcome) refuse(err error) {
	o.Outcome, o.Reason = "refused", err.Error()
	if bad, ok := err.(*wire.Error); ok {
		o.Member, o.Reason = bad.Member, bad.Reason
	}
}

type orderInput struct {
	Order   string `path:"order" maxLength:"200"`
	Program string `query:"program" required:"true" doc:"The order's program."`
	Lang    string `query:"lang" enum:"en,tr" default:"en"`
}

// item is the decision about an item: the record as replay writes it, in sentences too.
type item struct {
	Record    json.RawMessage `json:"record" doc:"As in commissions.jsonl."`
	Sentences []string        `json:"sentences"`
	DecidedAt time.Time       `json:"decided_at"`
	Earlier   []earlier       `json:"earlier"`
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
		Items   []item            `json:"items"`
		Journal []json.RawMessage `json:"journal" doc:"As in ledger.jsonl."`
	}
}

func (s *Server) getOrder(ctx context.Context, in *orderInput) (*orderOutput, error) {
	o, err := s.books.Order(ctx, order.Key{Program: program.ID(in.Program), Order: in.Order})
	if err != nil {
		return nil, s.fail(err)
	}
	key := ctx.Value(keyOf{}).(*Key)
	out := &orderOutput{}
	out.Body.Order, out.Body.Program, out.Body.AsOf = in.Order, in.Program, o.AsOf
	out.Body.Journal = []json.RawMessage{}
	for _, it := range o.Items {
		if key.Publisher != "" && it.Record.Publisher != key.Publisher {
			continue // what others earned is not this publisher's business
		}
		x := item{Record: it.Record.JSON, Sentences: explain.Sentences(in.Lang, it.Steps), DecidedAt: it.Record.DecidedAt, Earlier: []earlier{}}
		for _, e := range it.Earlier {
			x.Earlier = append(x.Earlier, earlier{e.State, e.Rule, money.New(e.Amount, e.Currency).Decimal(), e.DecidedAt})
		}
		out.Body.Items = append(out.Body.Items, x)
	}
	if len(out.Body.Items) == 0 {
		return nil, s.fail(books.ErrNotFound)
	}
	for i := range o.Journal {
		if t := &o.Journal[i]; key.Publisher == "" || t.Publisher == key.Publisher {
			out.Body.Journal = append(out.Body.Journal, wire.AppendEntry(nil, t))
		}
	}
	return out, nil
}

type balanceInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
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
	if key := ctx.Value(keyOf{}).(*Key); key.Publisher != "" && key.Publisher != in.Publisher {
		return nil, s.fail(books.ErrNotFound)
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

// each reads every line of a body; the error names the line.
func each(body []byte, member string, read func(r *wire.Reader, line []byte) error) (int, error) {
	raw, err := lines(body, member)
	if err != nil {
		return 0, err
	}
	var r wire.Reader
	for i, line := range raw {
		if err := read(&r, line); err != nil {
			if bad, ok := err.(*wire.Error); ok {
				return 0, &wire.Error{Member: fmt.Sprintf("line %d: %s", i+1, bad.Member), Reason: bad.Reason}
			}
			return 0, err
		}
	}
	return len(raw), nil
}

func (s *Server) importClicks(ctx context.Context, in *linesInput) (*taken, error) {
	var all []*click.Click
	var c wire.Click
	n, err := each(in.RawBody, "clicks", func(r *wire.Reader, line []byte) error {
		if err := r.Click(line, &c); err != nil {
			return err
		}
		all = append(all, c.Click(func(b []byte) string { return string(b) }))
		return nil
	})
	if err != nil {
		return nil, s.fail(err)
	}
	out := &taken{}
	out.Body.Received = n
	if out.Body.New, err = s.settle.ImportClicks(ctx, all); err != nil {
		return nil, s.fail(err)
	}
	return out, nil
}

// keepAll enters facts and makes them known.
func (s *Server) keepAll(ctx context.Context, n int, err error, keep func() error) (*taken, error) {
	if err == nil {
		err = keep()
	}
	if err == nil {
		err = s.settle.Refresh(ctx)
	}
	if err != nil {
		return nil, s.fail(err)
	}
	out := &taken{}
	out.Body.Received = n
	return out, nil
}

func (s *Server) importSpaces(ctx context.Context, in *linesInput) (*taken, error) {
	var all []*publisher.AdSpace
	n, err := each(in.RawBody, "ad_spaces", func(r *wire.Reader, line []byte) error {
		x, err := r.AdSpace(line)
		all = append(all, x)
		return err
	})
	return s.keepAll(ctx, n, err, func() error { return s.intake.AdSpaces(ctx, all) })
}

func (s *Server) importProducts(ctx context.Context, in *linesInput) (*taken, error) {
	var all []*catalog.Product
	n, err := each(in.RawBody, "products", func(r *wire.Reader, line []byte) error {
		x, err := r.Product(line)
		all = append(all, x)
		return err
	})
	return s.keepAll(ctx, n, err, func() error { return s.intake.Catalog(ctx, all, nil) })
}

func (s *Server) importStores(ctx context.Context, in *linesInput) (*taken, error) {
	var all []*seller.Store
	n, err := each(in.RawBody, "stores", func(r *wire.Reader, line []byte) error {
		x, err := r.Store(line)
		all = append(all, x)
		return err
	})
	return s.keepAll(ctx, n, err, func() error { return s.intake.Catalog(ctx, nil, all) })
}

func (s *Server) importQuotes(ctx context.Context, in *linesInput) (*taken, error) {
	var all []wire.Quote
	n, err := each(in.RawBody, "fx", func(r *wire.Reader, line []byte) error {
		x, err := r.Quote(line)
		all = append(all, x)
		return err
	})
	return s.keepAll(ctx, n, err, func() error { return s.intake.Quotes(ctx, all) })
}

type documentInput struct {
	Program string `path:"program"`
	RawBody []byte `contentType:"application/yaml" doc:"The program document."`
}

func (s *Server) publish(ctx context.Context, in *documentInput) (*taken, error) {
	return s.keepAll(ctx, 1, nil, func() error { return s.intake.Publish(ctx, program.ID(in.Program), in.RawBody) })
}

type proofOutput struct {
	Body struct {
		Holds        bool     `json:"holds"`
		Transactions int64    `json:"transactions"`
		Differences  []string `json:"differences"`
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
