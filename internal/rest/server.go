// Package rest is the REST API: orders, clicks and facts in; decision records and balances out. The OpenAPI document is made
// from the same types that the handlers use.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Server answers API calls.
type Server struct {
	settle *settle.Service
	books  *books.Service
	intake *intake.Service
	links  *links.Service
	guard  *Guard
	log    *slog.Logger
	now    func() time.Time
	calls  *prometheus.CounterVec
	events *prometheus.CounterVec
}

// maxBody bounds the body of a call.
const maxBody = 32 << 20

// New returns a server.
func New(s *settle.Service, b *books.Service, in *intake.Service, l *links.Service, g *Guard, log *slog.Logger, now func() time.Time) *Server {
	return &Server{
		settle: s, books: b, intake: in, links: l, guard: g, log: log, now: now,
		calls:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_api_calls_total", Help: "API calls by operation and status."}, []string{"operation", "status"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clickledger_order_events_total", Help: "Order events by outcome."}, []string{"outcome"}),
	}
}

type keyOf struct{}

// Register puts all routes on a mux, exports the metrics of a registry together with its own, and returns the API description.
func (s *Server) Register(mux *http.ServeMux, registry *prometheus.Registry) huma.API {
	config := huma.DefaultConfig("Clickledger", "1.0.0")
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil
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

// signed lets only signed calls pass whose key has the operation's scope.
func (s *Server) signed(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		op := c.Operation()
		r, w := humago.Unwrap(c)
		problem := func(status int, err error) {
			s.calls.WithLabelValues(op.OperationID, fmt.Sprint(status)).Inc()
			_ = huma.WriteErr(api, c, status, err.Error()) // the caller went away
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			problem(http.StatusRequestEntityTooLarge, fmt.Errorf("the body is longer than %d bytes, or broke off", maxBody))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		key, err := s.guard.Check(r, body)
		if err != nil {
			problem(http.StatusUnauthorized, err)
			return
		}
		if scope := Scope(op.Metadata["scope"].(string)); !key.May(scope) {
			problem(http.StatusForbidden, fmt.Errorf("the key has no scope %q", scope))
			return
		}
		if key.Publisher != "" && op.Metadata["publisher"] != true {
			problem(http.StatusForbidden, errors.New("a publisher's key reads that publisher's balance and orders only"))
			return
		}
		next(huma.WithValue(c, keyOf{}, key))
		s.calls.WithLabelValues(op.OperationID, fmt.Sprint(c.Status())).Inc()
	}
}

// route describes an operation.
func route(method, path, id, summary string, scope Scope, forPublishers bool) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, Errors: []int{400, 401, 403, 404, 409, 422},
		Metadata: map[string]any{"scope": string(scope), "publisher": forPublishers}, MaxBodyBytes: maxBody, DefaultStatus: http.StatusOK,
	}
}

// fail turns an error into a problem document. What is nobody's business is logged and not told.
func (s *Server) fail(err error) error {
	var bad *wire.Error
	var docs program.Errors
	var conflict *order.ConflictError
	switch {
	case errors.As(err, &bad):
		return huma.NewError(http.StatusBadRequest, "the input is not valid", &huma.ErrorDetail{Location: bad.Member, Message: bad.Reason})
	case errors.As(err, &docs):
		return huma.NewError(http.StatusBadRequest, docs.Error())
	case errors.As(err, &conflict):
		return huma.NewError(http.StatusConflict, conflict.Error())
	case errors.Is(err, books.ErrNotFound):
		return huma.NewError(http.StatusNotFound, "there is nothing under this name")
	case errors.Is(err, intake.ErrConflict):
		return huma.NewError(http.StatusConflict, "something else stands under the same key already; nothing of this call was kept")
	case errors.Is(err, intake.ErrRefused):
		return huma.NewError(http.StatusBadRequest, err.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return huma.NewError(http.StatusServiceUnavailable, "the call was given up before it was answered; send it again")
	}
	s.log.Error("call failed", "error", err)
	return huma.NewError(http.StatusInternalServerError, "something went wrong here; it was noted. Send the call again")
}

// lines are the JSON values of a body: one object a line, or an object with one array of objects.
func lines(body []byte, member string) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	var wrapped map[string][]json.RawMessage
	if json.Unmarshal(body, &wrapped) == nil && len(wrapped) == 1 && wrapped[member] != nil {
		return wrapped[member], nil
	}
	var out []json.RawMessage
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return nil, &wire.Error{Reason: "the body is empty; send one JSON object a line, or {\"" + member + "\": [...]}"}
	}
	return out, nil
}
