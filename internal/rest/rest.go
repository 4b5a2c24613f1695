// Package rest is the REST API: an explicit list of its areas. What every call goes through is package call; the operations are the
// packages beside it. The OpenAPI document is made from the same types that the handlers use.
package rest

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	appdesk "github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	appjoining "github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	applinks "github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	apppostbacks "github.com/clickledger/clickledger/internal/app/postbacks"
	appreports "github.com/clickledger/clickledger/internal/app/reports"
	finder "github.com/clickledger/clickledger/internal/app/search"
	appsellers "github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	appsubnetworks "github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/rest/accounts"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/rest/desk"
	"github.com/clickledger/clickledger/internal/rest/facts"
	"github.com/clickledger/clickledger/internal/rest/joining"
	"github.com/clickledger/clickledger/internal/rest/links"
	"github.com/clickledger/clickledger/internal/rest/money"
	"github.com/clickledger/clickledger/internal/rest/orders"
	"github.com/clickledger/clickledger/internal/rest/own"
	"github.com/clickledger/clickledger/internal/rest/postbacks"
	"github.com/clickledger/clickledger/internal/rest/programs"
	"github.com/clickledger/clickledger/internal/rest/reports"
	"github.com/clickledger/clickledger/internal/rest/sandbox"
	"github.com/clickledger/clickledger/internal/rest/search"
	"github.com/clickledger/clickledger/internal/rest/sellers"
	"github.com/clickledger/clickledger/internal/rest/subnetworks"
	"github.com/clickledger/clickledger/internal/rest/tools"
	"github.com/clickledger/clickledger/internal/rest/trust"
)

// Services are what the API leads to.
type Services struct {
	Books     *books.Service
	Care      *applinks.Care
	Cases     *cases.Service
	Desk      *appdesk.Service
	Intake    *intake.Service
	Joining   *appjoining.Service
	Keywords  *keywords.Service
	Links     *applinks.Service
	Payouts   *payouts.Service
	People    *people.Service // nil: there are no accounts, as in a sandbox
	Postbacks *apppostbacks.Service
	Reports   *appreports.Service
	Sellers   *appsellers.Service
	Subs      *appsubnetworks.Service
	// Sandbox is what a sandbox can do beside what the marketplace can; nil: this is the marketplace.
	Sandbox sandbox.Sandbox
	Settle  *settle.Service
	// ReadAnswers reads the bank's files.
	ReadAnswers money.AnswerReader
}

// Server answers API calls.
type Server struct {
	services Services
	guard    *call.Guard
	log      *slog.Logger
	now      func() time.Time
	api      *call.API
}

// New returns a server.
func New(s Services, g *call.Guard, log *slog.Logger, now func() time.Time) *Server {
	return &Server{services: s, guard: g, log: log, now: now}
}

// An area registers its operations.
type area interface {
	Register(a *call.API)
}

// areas are all operations of the API.
func (s *Server) areas() []area {
	v := &s.services
	return []area{
		&orders.Area{Settle: v.Settle, Books: v.Books},
		&money.Area{Settle: v.Settle, Books: v.Books, Payouts: v.Payouts, ReadAnswers: v.ReadAnswers, Now: s.now},
		&facts.Area{Settle: v.Settle, Intake: v.Intake},
		&programs.Area{Settle: v.Settle, Intake: v.Intake, Reports: v.Reports, Now: s.now},
		&own.Area{},
		&search.Area{Search: finder.New(finder.Parts{Books: v.Books, Cases: v.Cases, Desk: v.Desk, Links: v.Links, Sellers: v.Sellers, Terms: v.Settle, Now: s.now})},
		&accounts.Area{People: v.People},
		&desk.Area{Desk: v.Desk},
		&sellers.Area{Sellers: v.Sellers, Now: s.now},
		&subnetworks.Area{Subs: v.Subs, Settle: v.Settle},
		&links.Area{Links: v.Links},
		&joining.Area{Joining: v.Joining, Settle: v.Settle},
		&postbacks.Area{Postbacks: v.Postbacks},
		&reports.Area{Reports: v.Reports},
		&trust.Area{Cases: v.Cases},
		&tools.Area{Books: v.Books, Care: v.Care, Keywords: v.Keywords, Joining: v.Joining},
		&sandbox.Area{Sandbox: v.Sandbox, Settle: v.Settle, Books: v.Books, Links: v.Links},
	}
}

// Register puts all routes on a mux, exports the metrics of a registry together with its own, and returns the API description.
func (s *Server) Register(mux *http.ServeMux, registry *prometheus.Registry) huma.API {
	config := huma.DefaultConfig("Clickledger", "1.0.0")
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil
	config.Info.Description = "Report orders and clicks, read decision records and balances. Every call but those under /healthz and /metrics is signed; see docs/api.md."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.Servers = []*huma.Server{{URL: "http://127.0.0.1:8080"}}
	a := call.New(mux, config, s.guard, s.services.Intake, s.log, s.now)
	s.api = a
	registry.MustRegister(a.Collect())
	for _, x := range s.areas() {
		x.Register(a)
		if measured, ok := x.(interface{ Collect() prometheus.Collector }); ok {
			registry.MustRegister(measured.Collect())
		}
	}
	api := a.Huma()
	examples(api)
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorModel") // the library's own; every answer is a Problem
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorDetail")
	// By method, because the console takes every other address that is read.
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		mux.HandleFunc(m+" /v1/", call.Unknown(mux))
	}
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "clickledger_orders_parked_total", Help: "How often an order had to wait for an exchange rate.",
	}, func() float64 { return float64(s.services.Settle.Parked()) }))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.services.Intake.Ping(r.Context()); err != nil {
			s.log.Error("not ready", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return api
}

// Close writes what is still to be noted of calls, after the last one was answered and before the store is closed. The server must be
// registered.
func (s *Server) Close() { s.api.Close() }
