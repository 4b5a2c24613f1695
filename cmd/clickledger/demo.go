package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/internal/realdata"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
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
		return fmt.Errorf("%s is not empty; remove it, or name another folder with --data", c.Data)
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	m, about, err := c.market()
	if err != nil {
		return err
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
		Payouts: payouts.New(db, service.Terms, bankFiles, demoPayer, clock.Now),
	}
	r := demo.Runner{Store: db, Settle: service, Clock: clock, Day: bank.Day}
	if err := r.Facts(ctx, m); err != nil {
		return err
	}
	if err := bank.Details(ctx, m); err != nil {
		return err
	}
	began := e.now()
	until := m.Until().Add(45 * 24 * time.Hour)
	if !c.Once && c.In == "" {
		until = demoFrom.AddDate(0, 0, demoDays) // a marketplace at work: there are orders at every step
	}
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
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	now := &live{env: e, db: db, market: m, settle: service, clock: clock, log: log, rate: c.Rate, seed: c.Seed}
	if err := startLive(ctx, c, now); err != nil {
		return err
	}
	living := make(chan error, 1)
	go func() { living <- now.run(ctx) }()
	visitors := demoPeople(m, clock.Now)
	gate := session.NewGate(visitors, false, clock.Now, log)
	mux := http.NewServeMux()
	web.New(web.Parts{Books: books.New(db, readBankFile, clock.Now), About: about, Payouts: bank.Payouts, Settle: service, Intake: intake.New(db, clock.Now), Links: now.links, Joining: joiningOf(db, figures, clock.Now), Reports: figures, ReadAnswers: bankAnswers, Gate: gate, Now: clock.Now, Log: log, LookAs: visitors}).Register(mux)
	err = serveUntil(ctx, c.Listen, gate.Handler(mux), func(url string) { fmt.Fprintf(e.stdout, "Open %s\n", url) })
	stop()
	return errors.Join(err, <-living, <-done)
}

// market is what the demo shows, and what its page says of it.
func (c *demoCmd) market() (*demo.Market, overview.About, error) {
	about := overview.About{Title: "A marketplace, from click to cash"}
	if c.In != "" {
		m, err := demo.Read(c.In)
		about.Lines = []string{"This is the replay input " + filepath.Base(c.In) + "."}
		return m, about, err
	}
	quotes, err := importer.ReferenceRates(realdata.ReferenceRates(), "USD", demo.Currencies()...)
	if err != nil {
		return nil, about, fmt.Errorf("reference rates: %w", err)
	}
	in, err := realdata.OnlineRetail()
	if err != nil {
		return nil, about, err
	}
	defer in.Close()
	retail, err := importer.OnlineRetail(in, "portals")
	if err != nil {
		return nil, about, fmt.Errorf("importing Online Retail: %w", err)
	}
	from := demoFrom
	m := demo.Simulate(demo.Shape{Seed: c.Seed, From: from, Days: demoDays, Clicks: c.Clicks}, quotes, &demo.Real{
		Program: "portals", Retail: retail, Day: time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), On: from.AddDate(0, 0, 2), PerAction: 20,
	})
	rep := &retail.Report
	about.Lines = []string{
		"The orders of the program portals are real: the invoices of 1 December 2010 of a British web shop (Online Retail, UCI, CC BY 4.0), moved to 3 December 2025. The clicks to them are simulated, and so are their payment, receipt and returns.",
		"Everything else is simulated from a seed: publishers, clicks with bots and stuffed cookies, orders, payments, receipts, returns, fraud, payouts and the bank's answers. Exchange rates are the European Central Bank's.",
		fmt.Sprintf("While this page is open the simulator goes on: it clicks %g links a second over HTTP, as shoppers, bots and floods do, and one shopper in %d buys. Those orders carry the click's token.", c.Rate, buys),
		fmt.Sprintf("The import of all of Online Retail reached its totals: %d lines, sales %s GBP, cancellations %s GBP (%s matched to earlier lines, %s not); rounding each line to the penny moved the sales by %s GBP.",
			rep.Lines, rep.Sales.Sum, rep.Cancelled.Sum, rep.Matched, rep.Unmatched, rep.RoundingGain),
	}
	return m, about, nil
}

// The simulated marketplace's first day, and how many follow it.
var demoFrom = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)

const demoDays = 90

// demoPayer is whose bank account the demo pays from.
var demoPayer = payout.Party{
	Name: "Clickledger Demo Marketplace", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX",
	Address: payout.Address{Street: "Kaiserstrasse", Building: "1", PostCode: "60311", Town: "Frankfurt", Country: "DE"},
}

// bankFiles makes the bank files of a run.
func bankFiles(r *payout.Run) ([]payouts.BankFile, error) {
	files, err := bankfile.Build(r)
	if err != nil {
		return nil, err
	}
	made := make([]payouts.BankFile, len(files))
	for i, f := range files {
		made[i] = payouts.BankFile{File: f.File, Data: f.Data}
	}
	return made, nil
}

// readBankFile reads a bank file back for the daily proof.
func readBankFile(run, name string, data []byte, c money.Currency) (payout.FileContent, error) {
	return bankfile.Contents(run, name, bytes.NewReader(data), c, bankfile.DefaultLimits())
}

// serveUntil serves until ctx ends, then lets requests finish.
func serveUntil(ctx context.Context, listen string, h http.Handler, ready func(url string)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	srv := rest.NewHTTPServer(h)
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
