// Command clickledger is an affiliate platform for marketplaces: see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // programs name time zones; a bare machine may not have them

	"github.com/alecthomas/kong"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/outbound"
)

// cli is the command line: one command, one file.
type cli struct {
	Replay    files.Replay  `cmd:"" help:"Decide the orders of a directory of JSON Lines and write decisions, ledger, balances and statistics."`
	Whatif    files.Whatif  `cmd:"" help:"Decide the same orders under a changed program document and show the difference."`
	Program   files.Program `cmd:"" help:"Check and show program documents."`
	Serve     serveCmd      `cmd:"" help:"Run the server: the API and the pages."`
	Import    importCmd     `cmd:"" help:"Import real data."`
	Edge      edgeCmd       `cmd:"" help:"The redirect's keys and click log."`
	Stream    streamCmd     `cmd:"" help:"What workers could not store."`
	Simulate  simulateCmd   `cmd:"" help:"Traffic against a running server, counted and judged."`
	Links     linksCmd      `cmd:"" help:"Affiliate links."`
	Keys      keysCmd       `cmd:"" help:"API keys."`
	People    peopleCmd     `cmd:"" help:"People of the operator."`
	Audit     auditCmd      `cmd:"" help:"The audit log."`
	Payout    payoutCmd     `cmd:"" help:"Lead payout runs: who can be paid, bank files, the bank's answers."`
	Proof     proofCmd      `cmd:"" help:"The daily proof: orders = postings = balances = payouts = bank files."`
	Statement statementCmd  `cmd:"" help:"Draw up a publisher's statement as HTML, PDF and CSV."`
	Version   versionCmd    `cmd:"" help:"Say which version this is, and with --parts of which modules it is made."`
	Demo      demoCmd       `cmd:"" help:"Let a marketplace run forward in time and show what happened."`
}

// env is what commands have from outside.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
	now            func() time.Time
	level          slog.Level // from which on the server logs; the zero one is Info
	// near are private networks that strangers' addresses may lie in, with all their ports: none, but in tests.
	near []netip.Prefix
}

// outbound is a client that no stranger can lead into this network.
func (e *env) outbound(o outbound.Options) *outbound.Client {
	if len(e.near) > 0 {
		o.Allow, o.AnyPort = e.near, true
	}
	return outbound.New(o)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, time.Now)
	stop()
	os.Exit(code)
}

// run runs the command line and returns the exit code: 0, 1 for a failure, 2 for bad input or usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, now func() time.Time) int {
	return execute(&env{ctx: ctx, stdout: stdout, stderr: stderr, now: now}, args)
}

func execute(e *env, args []string) int {
	stdout, stderr := e.stdout, e.stderr
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("clickledger"),
		kong.Description("An affiliate platform for marketplaces: from click to cash, every cent explains itself."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "clickledger:", err)
		return 1
	}
	kctx, err := parser.Parse(args)
	if exit >= 0 { // help was printed
		return exit
	}
	if err != nil {
		var usage *kong.ParseError
		if errors.As(err, &usage) {
			_ = usage.Context.PrintUsage(true) // to the terminal; the message below says what is wrong
		}
		fmt.Fprintln(stderr, "clickledger:", err)
		return 2
	}
	e.ctx = audit.With(e.ctx, audit.By{Via: "command " + kctx.Command()})
	if err := kctx.Run(e, &files.Env{Stdout: stdout, Stderr: stderr, Now: e.now}); err != nil {
		fmt.Fprintln(stderr, "clickledger:", err)
		if files.IsBadInput(err) {
			return 2
		}
		return 1
	}
	return 0
}
