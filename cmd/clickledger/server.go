package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/session"
)

type serveCmd struct {
	databaseFlags
	edgeFlags `embed:""`
	accountFlags
	mailFlags
	OIDC   voucherFlags `embed:"" prefix:"oidc-"`
	Role   string       `enum:"all,edge,worker" default:"all" help:"all: everything in one process; edge: the redirect; worker: the API, the pages and settling."`
	Listen string       `default:"127.0.0.1:8080" help:"Address of the API and the pages; of an edge, of its health and metrics."`
	payer  `embed:"" prefix:"payer-"`
	Keys   string `type:"path" help:"File with the API keys; default: keys.json in the data folder." placeholder:"FILE"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	if c.Data != "" {
		if err := os.MkdirAll(c.Data, 0o755); err != nil {
			return fmt.Errorf("making the data folder: %w", err)
		}
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	if c.Role == "edge" {
		return c.runEdge(e, log)
	}
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	keys, err := readKeys(c.keyFile())
	if err != nil {
		return err
	}
	edgeKeys, err := c.edgeKeys(e, c.Data)
	if err != nil {
		return err
	}
	p := &platform{env: e, db: db, log: log, metrics: prometheus.NewRegistry(), edgeKeys: edgeKeys}
	box, err := c.box(c.Data)
	if err != nil {
		return err
	}
	p.people = people.New(db, box, c.site(c.Listen), e.now)
	p.postbacks = postbacks.New(db, box, caller(), log, e.now)
	if p.sender, err = c.sender(p, box); err != nil {
		return err
	}
	if c.Role == "all" {
		if p.clicks, err = (&net.ListenConfig{}).Listen(e.ctx, "tcp", c.EdgeListen); err != nil {
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

func (c *serveCmd) keyFile() string { return keyFile(c.Keys, c.Data) }

func keyFile(named, data string) string {
	if named != "" {
		return named
	}
	return filepath.Join(data, "keys.json")
}

// platform is what a worker runs, and with a node what one machine runs.
type platform struct {
	*env
	db        store.Store
	log       *slog.Logger
	metrics   *prometheus.Registry
	edgeKeys  *edgenode.Keys
	links     *links.Service
	reports   *reports.Service
	people    *people.Service
	sender    *notify.Sender // nil: e-mail waits
	postbacks *postbacks.Service
	node      *edgenode.Node // nil: the redirect runs elsewhere
	clicks    net.Listener   // the node's
}

// serve runs the settling, the clock, the server and, where there is one, the edge.
func (p *platform) serve(c *serveCmd, keys []rest.Key) error {
	service, err := settle.New(p.ctx, p.db, p.now)
	if err != nil {
		return err
	}
	service.UseKeys(p.edgeKeys.Tokens)
	b := books.New(p.db, readBankFile, p.now)
	mux := http.NewServeMux()
	p.reports = reports.New(p.db, p.now)
	services := rest.Services{Settle: service, Books: b, Intake: intake.New(p.db, p.now), Links: p.links, Joining: joiningOf(p.db, p.reports, p.now), Reports: p.reports, Postbacks: p.postbacks}
	guard := rest.NewGuard(keys, p.now)
	guard.UseApps(p.people)
	rest.New(services, guard, p.log, p.now).Register(mux, p.metrics)
	secure := strings.HasPrefix(c.PublicURL, "https://")
	gate := session.NewGate(p.people, secure, p.now, p.log)
	web.New(web.Parts{
		Books: b, Payouts: payouts.New(p.db, service.Terms, bankFiles, c.payer.party(), p.now), Settle: service, Intake: services.Intake, Links: p.links, Joining: services.Joining, Reports: p.reports, ReadAnswers: bankAnswers,
		About: overview.About{Title: "Programs"}, Gate: gate, People: p.people, Now: p.now, Log: p.log, Secure: secure,
		Vouchers: c.OIDC.vouchers(c.site(c.Listen), p.env, p.log),
	}).Register(mux)
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	// Settling outlives the servers, so that calls which were taken in are answered and clicks are loaded.
	settleCtx, endSettling := context.WithCancel(context.WithoutCancel(p.ctx))
	settling := make(chan error, 1)
	go func() { settling <- service.Run(settleCtx) }()
	var jobs sync.WaitGroup
	jobs.Go(func() { tick(ctx, service, p.log) })
	if p.sender != nil {
		jobs.Go(func() { p.sender.Run(ctx, mailEvery) })
	}
	jobs.Go(func() { p.postbacks.Run(ctx) })
	jobs.Go(func() { daily(ctx, p.db, service, c.retention(), p.log, p.now) })
	jobs.Go(func() { rollUp(ctx, p.reports, service, p.log, p.now) })
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
			failed <- runNode(ctx, p.node, p.db, clickload.Sink{Settle: service}, p.clicks)
		})
	} else {
		failed <- nil
	}
	err = serveUntil(ctx, c.Listen, behind(c.Proxies, gate.Handler(mux)), func(url string) { fmt.Fprintf(p.stdout, "Listening on %s with %d API keys\n", url, len(keys)) })
	stop()
	jobs.Wait()
	endSettling()
	return errors.Join(err, consuming, <-failed, <-settling)
}

func (p *platform) close() error {
	if p.node == nil {
		return nil
	}
	return p.node.Close()
}

// tick looks once a second whether a hold or a deadline ended, and whether facts were changed by somebody else.
func tick(ctx context.Context, s *settle.Service, log *slog.Logger) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Error("facts could not be read", "error", err)
			continue
		}
		if _, err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			log.Error("orders whose time has come could not be settled", "error", err)
		}
	}
}

// rolledEvery is how long days that changed wait until they are added up anew.
const rolledEvery = 10 * time.Minute

// rollUp adds days that changed up, so that reports stay fast, and computes what is computed once a day.
func rollUp(ctx context.Context, r *reports.Service, s *settle.Service, log *slog.Logger, now func() time.Time) {
	t := time.NewTicker(rolledEvery)
	defer t.Stop()
	for {
		err := func() error {
			if _, err := r.Roll(ctx); err != nil {
				return err
			}
			if _, err := r.Ranking(ctx); err != nil {
				return err
			}
			for _, p := range s.Programs() {
				if s.Terms(p, now()) == nil {
					continue
				}
				if _, err := r.Statistics(ctx, p); err != nil {
					return err
				}
			}
			return nil
		}()
		if err != nil && ctx.Err() == nil {
			log.Error("figures of reports could not be added up", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// daily does at the start and after each midnight (UTC) what is to be done once a day: bonuses, room for the coming days, retention.
// What failed is tried again after ten minutes.
func daily(ctx context.Context, db store.Store, s *settle.Service, keep store.Retention, log *slog.Logger, now func() time.Time) {
	for ctx.Err() == nil {
		wait := now().UTC().Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute).Sub(now())
		if err := day(ctx, db, s, keep, log, now()); err != nil && ctx.Err() == nil {
			log.Error("the daily work is not done", "error", err)
			wait = 10 * time.Minute
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

func day(ctx context.Context, db store.Store, s *settle.Service, keep store.Retention, log *slog.Logger, now time.Time) error {
	for _, p := range s.Programs() {
		if s.Terms(p, now) == nil {
			continue
		}
		if _, err := s.Bonuses(ctx, p); err != nil {
			return err
		}
	}
	done, err := db.Tidy(ctx, now, keep)
	if err == nil && done != (store.Tidied{}) {
		log.Info("forgotten by policy", "clicks", done.Clicks, "visits", done.Visits)
	}
	return err
}

// readKeys reads the API keys; no file means no keys.
func readKeys(path string) ([]rest.Key, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading API keys: %w", err)
	}
	var keys []rest.Key
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("reading API keys: %s: %w", path, err)
	}
	return keys, nil
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make an API key; its secret is shown once."`
	List   keysListCmd   `cmd:"" help:"List API keys, without secrets."`
}

type keysCreateCmd struct {
	Data      string   `type:"path" required:"" help:"Data folder." placeholder:"DIR"`
	Scopes    []string `default:"orders:write,clicks:write,facts:write,links:write,read" help:"What the key may do."`
	Publisher string   `help:"Limit the key to this publisher: its links, orders and money." placeholder:"NAME"`
}

// Run makes a key.
func (c *keysCreateCmd) Run(e *env) error {
	path := keyFile("", c.Data)
	keys, err := readKeys(path)
	if err != nil {
		return err
	}
	k := rest.Key{ID: "key_" + random(8), Secret: random(32), Publisher: c.Publisher, Made: e.now().UTC()}
	for _, s := range c.Scopes {
		k.Scopes = append(k.Scopes, rest.Scope(s))
	}
	if c.Publisher != "" {
		k.Scopes = []rest.Scope{rest.ScopeLinks, rest.ScopeRead}
	}
	data, err := json.MarshalIndent(append(keys, k), "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("keeping the API key: %w", err)
	}
	fmt.Fprintf(e.stdout, "key:    %s\nsecret: %s\nThe secret is not shown again. Restart the server to let the key in.\n", k.ID, k.Secret)
	return nil
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

type keysListCmd struct {
	Data string `type:"path" required:"" help:"Data folder." placeholder:"DIR"`
}

// Run lists keys.
func (c *keysListCmd) Run(e *env) error {
	keys, err := readKeys(keyFile("", c.Data))
	if err != nil {
		return err
	}
	for _, k := range keys {
		fmt.Fprintf(e.stdout, "%s %v %s made %s\n", k.ID, k.Scopes, k.Publisher, k.Made.Format(time.DateOnly))
	}
	return nil
}
