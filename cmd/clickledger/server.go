package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/keyfile"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/schedule"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/clickhouse"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/trust"
)

type serveCmd struct {
	databaseFlags
	edgeFlags `embed:""`
	accountFlags
	mailFlags
	sandboxFlags
	OIDC   voucherFlags `embed:"" prefix:"oidc-"`
	Role   string       `enum:"all,edge,worker" default:"all" help:"all: everything in one process; edge: the redirect; worker: the API, the pages and settling."`
	Listen string       `default:"127.0.0.1:8080" help:"Address of the API and the pages; of an edge, of its health and metrics."`
	// An engine of its own for reports of orders and traffic.
	Analytics string `help:"Answer reports from this ClickHouse server: clickhouse://USER:PASSWORD@HOST:9000/DATABASE." placeholder:"URL" env:"CLICKLEDGER_ANALYTICS"`
	payer     `embed:"" prefix:"payer-"`
	// OnePerson is for those who are alone.
	OnePerson bool   `name:"one-person" help:"Let one person publish program documents alone. Without it one proposes and another one approves."`
	Keys      string `type:"path" help:"File with the API keys; default: keys.json in the data folder." placeholder:"FILE"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	if c.Data != "" {
		if err := files.Folder("--data", c.Data, 0o755); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: e.level}))
	if c.Role == "edge" {
		return c.runEdge(e, log)
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	keys, err := keyfile.Read(c.keyFile())
	if err != nil {
		return err
	}
	edgeKeys, err := c.edgeKeys(e, c.Data)
	if err != nil {
		return err
	}
	pages, at, err := listen(e.ctx, c.Listen)
	if err != nil {
		return err
	}
	defer pages.Close()
	c.Listen = at
	p := &platform{env: e, pages: pages, db: db, log: log, metrics: prometheus.NewRegistry(), edgeKeys: edgeKeys}
	box, err := c.box(c.Data)
	if err != nil {
		return err
	}
	p.box = box
	p.people = people.New(db, box, c.site(c.Listen), e.now)
	p.desk, p.box = desk.New(db, box, c.site(c.Listen), e.now), box
	p.postbacks = postbacks.New(db, box, caller(e), log, e.now)
	if p.sender, err = c.sender(p, box); err != nil {
		return err
	}
	if c.Role == "all" {
		if p.clicks, err = httpd.Listen(e.ctx, c.EdgeListen); err != nil {
			return fmt.Errorf("listening for clicks: %w", err)
		}
		c.EdgeListen = p.clicks.Addr().String()
		if p.node, err = c.openNode(e, edgeKeys, p.metrics, log); err != nil {
			return errors.Join(err, p.clicks.Close())
		}
	}
	p.links = links.New(db, edgeKeys.Code, c.url(), e.now)
	return errors.Join(p.serve(c, keys), p.close())
}

func (c *serveCmd) keyFile() string { return cmp.Or(c.Keys, keyfile.In(c.Data)) }

// platform is what a worker runs, and with a node what one machine runs.
type platform struct {
	*env
	pages     net.Listener // where the API and the pages are
	db        store.Store
	log       *slog.Logger
	metrics   *prometheus.Registry
	edgeKeys  *edgenode.Keys
	links     *links.Service
	reports   *reports.Service
	people    *people.Service
	desk      *desk.Service
	box       *seal.Box
	sender    *notify.Sender // nil: e-mail waits
	postbacks *postbacks.Service
	node      *edgenode.Node // nil: the redirect runs elsewhere
	clicks    net.Listener   // the node's
}

// serve runs the settling, the clock, the server and, where there is one, the edge.
func (p *platform) serve(c *serveCmd, keys []call.Key) error {
	service, err := settle.New(p.ctx, p.db, p.now)
	if err != nil {
		return err
	}
	service.UseKeys(p.edgeKeys.Tokens)
	b := books.New(p.db, bankfile.Back, p.now)
	mux := http.NewServeMux()
	p.reports = reports.New(p.db, p.now)
	if c.Analytics != "" {
		engine, err := clickhouse.Open(p.ctx, c.Analytics, p.now)
		if err != nil {
			return err
		}
		defer engine.Close()
		p.reports.UseAnalytics(engine)
	}
	cased := cases.New(p.db, service, p.box, c.site(c.Listen), trust.Defaults(), func() string { return random(12) }, p.now)
	targets, pages := fetchers(p.now)
	care := links.NewCare(p.links, links.CareParts{Targets: targets, Pages: pages, Box: p.box, Site: c.site(c.Listen), Log: p.log})
	services := rest.Services{
		Books:     b,
		Care:      care,
		Cases:     cased,
		Desk:      p.desk,
		Sellers:   sellers.New(p.db, p.now),
		Subs:      subnetworks.New(p.db, p.now),
		Intake:    intake.New(p.db, p.now),
		Keywords:  keywords.New(p.db, p.now),
		Joining:   joiningOf(p.env, p.db, p.reports, p.now),
		Links:     p.links,
		People:    p.people,
		Postbacks: p.postbacks,
		Reports:   p.reports,
		Settle:    service,
	}
	services.Joining.UseTeller(p.desk.Tell)
	if !c.OnePerson {
		services.Intake.TakeTwoPeople()
	}
	pay := payouts.New(p.db, service.Terms, bankfile.Files, c.payer.party(), p.now)
	pay.UseAccounts(bankfile.Check, p.box)
	services.Payouts, services.ReadAnswers = pay, bankfile.Answers
	guard := call.NewGuard(keys, p.now)
	guard.UseApps(p.people)
	api := rest.New(services, guard, p.log, p.now)
	api.Register(mux, p.metrics)
	defer api.Close()
	sandboxCtx, endSandboxes := context.WithCancel(context.WithoutCancel(p.ctx))
	defer endSandboxes()
	sandboxes := p.sandboxes(sandboxCtx, c, guard)
	if sandboxes != nil {
		sandboxes.Register(mux)
	}
	secure := strings.HasPrefix(c.PublicURL, "https://")
	gate := session.NewGate(p.people, secure, p.now, p.log)
	site := web.New(web.Parts{
		About:       overview.About{Title: "Programs"},
		Books:       b,
		Cases:       cased,
		Desk:        p.desk,
		Care:        care,
		Gate:        gate,
		Intake:      services.Intake,
		Joining:     services.Joining,
		Sellers:     services.Sellers,
		Subs:        services.Subs,
		Keywords:    services.Keywords,
		Links:       p.links,
		Log:         p.log,
		Now:         p.now,
		Payouts:     pay,
		Postbacks:   p.postbacks,
		People:      p.people,
		ReadAnswers: bankfile.Answers,
		Reports:     p.reports,
		Secure:      secure,
		Settle:      service,
		Vouchers:    c.OIDC.vouchers(c.site(c.Listen), p.env, p.log),
		AuditLog:    p.people,
		Privacy:     privacy.New(p.db, p.now),
	})
	site.Register(mux)
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	// Settling outlives the servers, so that calls which were taken in are answered and clicks are loaded.
	settleCtx, endSettling := context.WithCancel(context.WithoutCancel(p.ctx))
	settling := make(chan error, 1)
	go func() { settling <- service.Run(settleCtx) }()
	var jobs sync.WaitGroup
	jobs.Go(func() { schedule.Tick(ctx, service, p.log) })
	if p.sender != nil {
		jobs.Go(func() { p.sender.Run(ctx, mailEvery) })
	}
	jobs.Go(func() { p.postbacks.Run(ctx) })
	jobs.Go(func() { p.desk.Run(ctx, mailEvery, p.log) })
	ranOut := undecided(p.metrics)
	jobs.Go(func() { schedule.Cases(ctx, cased, func(n int) { ranOut.Add(float64(n)) }, p.log, p.now) })
	jobs.Go(func() { care.Run(ctx) })
	jobs.Go(func() { schedule.Daily(ctx, p.db, service, c.retention(), p.log, p.now) })
	jobs.Go(func() { schedule.RollUp(ctx, p.reports, service, site.Renew, p.log, p.now) })
	var consuming error
	if c.NATS != "" && c.Role == "worker" {
		jobs.Go(func() {
			if consuming = c.consume(ctx, clickload.Sink{Settle: service}, p.metrics, p.env, p.log); consuming != nil {
				stop()
			}
		})
	}
	failed := make(chan error, 1)
	if p.node != nil {
		fmt.Fprintf(p.stdout, "Links lead through %s/e/\n", c.url())
		jobs.Go(func() {
			defer stop() // one of the servers stopping stops the other
			failed <- p.node.Run(ctx, p.db, clickload.Sink{Settle: service}, p.clicks)
		})
	} else {
		failed <- nil
	}
	err = serveUntil(ctx, p.pages, behind(c.Proxies, gate.Handler(mux)), func(url string) { fmt.Fprintf(p.stdout, "Listening on %s with %d API keys\n", url, len(keys)) })
	stop()
	jobs.Wait()
	endSettling()
	var tried error
	if sandboxes != nil {
		endSandboxes()
		tried = sandboxes.Close()
	}
	return errors.Join(err, consuming, tried, <-failed, <-settling)
}

func (p *platform) close() error {
	if p.node == nil {
		return nil
	}
	return p.node.Close()
}

// undecided counts the fraud holds that ran out because nobody decided (M4).
func undecided(r *prometheus.Registry) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "clickledger_cases_timed_out_total", Help: "Trust cases that nobody decided in time, so that what they kept back was given back.",
	})
	r.MustRegister(c)
	return c
}
