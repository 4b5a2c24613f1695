package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/demo/live"
	"github.com/clickledger/clickledger/internal/demo/show"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/trust"
)

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to serve the pages on."`
	Data   string `type:"path" default:"demo-data" help:"Folder for the demo's database; it must be empty or absent."`
	In     string `type:"existingdir" help:"Show this replay input instead of the simulated marketplace." placeholder:"DIR"`
	Seed   uint64 `default:"1" help:"Another seed makes another marketplace."`
	Clicks int    `default:"12000" help:"Clicks of each program."`
	Once   bool   `help:"Stop when everything has happened, without serving pages."`

	EdgeListen string  `default:"127.0.0.1:0" help:"Address of the redirect."`
	Rate       float64 `default:"2" help:"Clicks a second that the simulator makes after the past has happened; 0: none."`
}

func (c *demoCmd) Run(e *env) error {
	if left, err := os.ReadDir(c.Data); err == nil && len(left) > 0 {
		return files.Bad("--data: %s is not empty: remove it, or name another folder", c.Data)
	}
	if err := files.Folder("--data", c.Data, 0o755); err != nil {
		return err
	}
	m, about, err := show.Choose(c.In, show.Choice{Seed: c.Seed, Clicks: c.Clicks, Rate: c.Rate})
	if err != nil {
		return err
	}
	var pages net.Listener
	if !c.Once {
		if pages, c.Listen, err = listen(e.ctx, c.Listen); err != nil {
			return err // before half a minute of work
		}
		defer pages.Close()
	}
	db, err := sqlite.Open(e.ctx, filepath.Join(c.Data, databaseFile))
	if err != nil {
		return err
	}
	defer db.Close()
	clock := &demo.Clock{}
	clock.Set(m.From())
	service, err := settle.New(e.ctx, db, clock.Now)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	bank := demo.Bank{
		Settle: service, Clock: clock,
		Payouts: payouts.New(db, service.Terms, bankfile.Files, show.Payer(), clock.Now),
	}
	stores := demo.Seller{Sellers: sellers.New(db, clock.Now), Market: m}
	network := demo.Network{Subs: subnetworks.New(db, clock.Now), Market: m}
	box, err := seal.New("demo", map[string][]byte{"demo": []byte(random(16))})
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	until := m.Until().Add(45 * 24 * time.Hour)
	if !c.Once && c.In == "" {
		until = show.From().AddDate(0, 0, show.Days) // a marketplace at work: there are orders at every step
	}
	tracker := &show.Tracker{Market: m, Since: until.AddDate(0, 0, -3)}
	told := postbacks.New(db, box, tracker.Caller(caller(e)), log, clock.Now)
	tracker.Use(told)
	r := demo.Runner{Store: db, Settle: service, Clock: clock, Day: func(ctx context.Context, end time.Time) error {
		return errors.Join(bank.Day(ctx, end), stores.Day(ctx, end), network.Day(ctx, end), tracker.Day(ctx, end))
	}}
	if c.In == "" {
		r.Seen = demo.Seen
	}
	if err := r.Facts(ctx, m); err != nil {
		return err
	}
	if err := bank.Details(ctx, m); err != nil {
		return err
	}
	if err := network.Enter(ctx); err != nil {
		return err
	}
	began := e.now()
	if err := r.Run(ctx, m, until); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%d clicks and %d order events of %d days happened in %.1f s\n", len(m.Clicks), len(m.Events), int(until.Sub(m.From()).Hours()/24), e.now().Sub(began).Seconds())
	if c.Once {
		stop()
		return <-done
	}
	figures := reports.New(db, clock.Now)
	if _, err := figures.Roll(ctx); err != nil {
		return err
	}
	now, err := live.Open(ctx, live.Options{Store: db, Market: m, Settle: service, Clock: clock, Wall: e.now, Log: log, Rate: c.Rate, Seed: c.Seed, Dir: filepath.Join(c.Data, "edge"), Listen: c.EdgeListen})
	if err != nil {
		return err
	}
	living := make(chan error, 1)
	go func() { living <- now.Run(ctx) }()
	visitors := show.People(m, func() string { return random(24) }, clock.Now)
	help := desk.New(db, box, "http://"+c.Listen, clock.Now)
	join := joiningOf(e, db, figures, clock.Now)
	join.UseTeller(help.Tell)
	talk := show.Talk{Store: db, Desk: help, Joining: join, Market: m, People: visitors, Now: clock.Now}
	if err := talk.Begin(ctx); err != nil {
		return err
	}
	ledger := books.New(db, bankfile.Back, clock.Now)
	cased := cases.New(db, service, box, "http://"+c.Listen, trust.Defaults(), func() string { return random(12) }, clock.Now)
	if err := (&show.Suspicion{Cases: cased, Books: ledger, Market: m, Now: clock.Now}).Begin(ctx); err != nil {
		return err
	}
	// The busiest publisher is told of everything; visitors enter endpoints of their own and try them, and they are called like on a server.
	if err := tracker.Serve(ctx); err != nil {
		return err
	}
	if _, err := told.Collect(ctx); err != nil {
		return err
	}
	go told.Run(ctx)
	gate := session.NewGate(visitors, false, clock.Now, log)
	documents := intake.New(db, clock.Now)
	documents.TakeTwoPeople()
	bank.Payouts.UseAccounts(bankfile.Check, nil) // nobody here reads e-mail
	mux := http.NewServeMux()
	web.New(web.Parts{
		About:       about,
		Books:       ledger,
		Cases:       cased,
		Desk:        help,
		Care:        now.Care,
		Gate:        gate,
		Intake:      documents,
		Joining:     join,
		Sellers:     stores.Sellers,
		Subs:        network.Subs,
		Keywords:    keywords.New(db, clock.Now),
		Links:       now.Links,
		Log:         log,
		LookAs:      visitors,
		Now:         clock.Now,
		Payouts:     bank.Payouts,
		Postbacks:   told,
		ReadAnswers: bankfile.Answers,
		Reports:     figures,
		Settle:      service,
		AuditLog:    people.New(db, nil, "", clock.Now),
	}).Register(mux)
	err = serveUntil(ctx, pages, gate.Handler(mux), func(url string) { fmt.Fprintf(e.stdout, "Open %s\n", url) })
	stop()
	return errors.Join(err, <-living, <-done)
}

// listen opens an address for pages and says where that is: with port 0 the system chooses one. It comes before everything that writes
// links. Whoever calls meanwhile waits, and closing it twice does no harm.
func listen(ctx context.Context, address string) (net.Listener, string, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, "", files.Bad("--listen: %q is no address to listen at, such as 127.0.0.1:8080", address)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("listening: %w", err)
	}
	at := l.Addr().String()
	if host, port, err := net.SplitHostPort(at); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() { // every address of the machine: links need one that can be opened
			at = net.JoinHostPort("localhost", port)
		}
	}
	return l, at, nil
}

// serveUntil serves until ctx ends, then lets requests finish.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, ready func(url string)) error {
	srv := call.NewHTTPServer(h)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	ready("http://" + l.Addr().String() + "/")
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
