// Package rest is the REST API: orders, clicks and facts in; decision records and balances out. The OpenAPI document is made
// from the same types that the handlers use.
package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/wire"
)

// Services are what the API leads to.
type Services struct {
	Settle    *settle.Service
	Books     *books.Service
	Intake    *intake.Service
	Links     *links.Service
	Joining   *joining.Service
	Reports   *reports.Service
	Postbacks *postbacks.Service
}

// Server answers API calls.
type Server struct {
	settle    *settle.Service
	books     *books.Service
	intake    *intake.Service
	links     *links.Service
	joining   *joining.Service
	reports   *reports.Service
	postbacks *postbacks.Service
	files     chan struct{} // holds the files that are being sent
	guard     *Guard
	log       *slog.Logger
	now       func() time.Time
	calls     *prometheus.CounterVec
	events    *prometheus.CounterVec

	limits   limiter
	rejected rejections
}

// maxBody bounds the body of a call.
const maxBody = 32 << 20

// New returns a server.
func New(s Services, g *Guard, log *slog.Logger, now func() time.Time) *Server {
	return &Server{
		settle: s.Settle, books: s.Books, intake: s.Intake, links: s.Links, joining: s.Joining, reports: s.Reports, postbacks: s.Postbacks, guard: g, log: log, now: now,
		files:  make(chan struct{}, filesAtOnce),
		calls:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_api_calls_total", Help: "API calls by operation and status."}, []string{"operation", "status"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_order_events_total", Help: "Order events by outcome."}, []string{"outcome"}),
	}
}

// call is a signed call while it is answered.
type call struct {
	key       *Key
	operation string
	problem   *Problem
	refused   []ProblemError // events that were refused by themselves
}

type callOf struct{}

// caller is the call that a handler answers.
func caller(ctx context.Context) *call { return ctx.Value(callOf{}).(*call) }

// Register puts all routes on a mux, exports the metrics of a registry together with its own, and returns the API description.
func (s *Server) Register(mux *http.ServeMux, registry *prometheus.Registry) huma.API {
	config := huma.DefaultConfig("Clickledger", "1.0.0")
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{s.problems}
	config.Info.Description = "Report orders and clicks, read decision records and balances. Every call but those under /healthz and /metrics is signed; see docs/api.md."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.Servers = []*huma.Server{{URL: "http://127.0.0.1:8080"}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"signature": {Type: "apiKey", In: "header", Name: HeaderSignature, Description: "HMAC-SHA256 over method, path, sorted query, time, nonce and the body's SHA-256."},
	}
	config.Security = []map[string][]string{{"signature": {}}}
	api := humago.New(mux, config)
	api.UseMiddleware(s.signed(api))
	s.routes(api)
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorModel") // the library's own; every answer is a Problem
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorDetail")
	// By method, because the console takes every other address that is read.
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		mux.HandleFunc(m+" /v1/", unknown(mux))
	}
	registry.MustRegister(s.calls, s.events, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "clickledger_orders_parked_total", Help: "How often an order had to wait for an exchange rate.",
	}, func() float64 { return float64(s.settle.Parked()) }))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.intake.Ping(r.Context()); err != nil {
			s.log.Error("not ready", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return api
}

// signed lets only signed calls pass whose key has the operation's scope and calls left.
func (s *Server) signed(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		op := c.Operation()
		r, w := humago.Unwrap(c)
		in := &call{operation: op.OperationID, key: &Key{}}
		if p := s.admit(w, r, op, in); p != nil {
			in.problem = p
			writeProblem(w, p)
			s.finish(r, in, p.Status)
			return
		}
		by := audit.By{Organisation: in.key.Organisation, Via: in.key.String(), Network: audit.Network(r.RemoteAddr)}
		next(huma.WithContext(c, audit.With(context.WithValue(c.Context(), callOf{}, in), by)))
		s.finish(r, in, c.Status())
	}
}

// admit reads a call and decides whether it is let in.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, op *huma.Operation, in *call) *Problem {
	if err := s.guard.timely(r); err != nil {
		return s.unsigned(err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return newProblem(tooLarge, ProblemError{Reason: fmt.Sprintf("the body is longer than %d bytes, or broke off", maxBody), Fix: "send it in several calls"})
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key, err := s.guard.Check(r, body)
	if key != nil {
		in.key = key
	}
	if err != nil {
		return s.unsigned(err)
	}
	left := s.limits.take(key.ID, quota(key), s.now())
	left.tell(w.Header())
	if left.wait > 0 {
		return newProblem(tooManyCalls, ProblemError{
			Reason: fmt.Sprintf("the key may make %d calls a minute", left.quota), Fix: "wait as long as Retry-After says; send several events in a call",
		})
	}
	if scope := Scope(op.Metadata["scope"].(string)); !key.May(scope) {
		return newProblem(notAllowed, ProblemError{Field: HeaderKey, Reason: fmt.Sprintf("the key has no scope %q", scope), Fix: "use a key that has it"})
	}
	if key.Publisher != "" && op.Metadata["publisher"] != true {
		return newProblem(notAllowed, ProblemError{Field: HeaderKey, Reason: "a publisher's key reads that publisher's money and orders only", Fix: "use a key of the marketplace"})
	}
	return readable(r, op)
}

// quota is how many calls a key may make in a minute.
func quota(k *Key) int { return min(max(1, cmp.Or(k.CallsPerMinute, DefaultCalls)), 1_000_000) }

// readable refuses addresses that no database could look anything up with.
func readable(r *http.Request, op *huma.Operation) *Problem {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return newProblem(invalidParameter, ProblemError{Field: "query", Reason: "is not well formed", Fix: "write it as name=value pairs with & between them, escaped"})
	}
	var bad *wire.Fault
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			err = wire.CheckID(p.Name, r.PathValue(p.Name))
		case p.In == "query" && p.Name != cursorParameter: // a cursor is as long as it is
			err = wire.CheckID(p.Name, values.Get(p.Name))
		case p.In == "query" && strings.ContainsFunc(values.Get(p.Name), func(c rune) bool { return c > unicode.MaxASCII || c < ' ' }):
			err = &wire.Fault{Member: p.Name, Reason: "is not a cursor", Fix: "take the one that the page before answered"}
		}
		if errors.As(err, &bad) {
			return newProblem(invalidParameter, ProblemError{Field: bad.Member, Reason: bad.Reason, Fix: bad.Fix})
		}
	}
	return nil
}

// unsigned is the problem of a call whose signature does not hold, or could not be checked.
func (s *Server) unsigned(err error) *Problem {
	var bad *signatureError
	if !errors.As(err, &bad) {
		s.log.Error("a signature could not be checked", "error", err)
		return newProblem(internalError, ProblemError{Reason: "something went wrong here; it was noted", Fix: fixCall})
	}
	return newProblem(notSigned, ProblemError{Field: bad.header, Reason: bad.reason, Fix: bad.fix})
}

// finish counts a call, and notes what of it was rejected.
func (s *Server) finish(r *http.Request, in *call, status int) {
	s.calls.WithLabelValues(in.operation, fmt.Sprint(status)).Inc()
	note := Rejected{At: s.now().UTC(), Operation: in.operation, Path: r.URL.EscapedPath(), Status: status, Errors: in.refused, Refused: len(in.refused)}
	if in.problem != nil {
		note.Type, note.Errors = in.problem.Type, in.problem.Errors
	}
	if in.key.ID != "" && len(note.Errors) > 0 {
		s.rejected.note(in.key.ID, note)
	}
}

// policy says who may call an operation.
type policy struct {
	scope      Scope
	publishers bool // keys of publishers too
	writes     bool
}

// route describes an operation.
func route(api huma.API, method, path, id, summary string, p policy) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody, DefaultStatus: http.StatusOK,
		Metadata: map[string]any{"scope": string(p.scope), "publisher": p.publishers},
	}
	types := []problemType{notSigned, notAllowed, notFound, invalidParameter, tooLarge, tooManyCalls, internalError, unavailable}
	if p.writes {
		types = append(types, invalidInput, invalidDocument, badFraming, wrongMedia, conflict, keyReused)
	}
	describe(api, &op, types...)
	return op
}
