// Command edge measures the redirect against nginx, in one run and in turn: the server on one processor, the load on another.
//
//	go run ./bench/edge                        # ten million links, five rounds, some eight minutes
//	go run ./bench/edge -links 100000 -rounds 2 -seconds 1
//
// The redirect does everything: ten million links, verdict, signed token, and the click log on a real disk. nginx answers `return 302`
// with a buffered access log that it never syncs. It needs nginx and wrk (scripts/setup.sh edge) and two processors.
//
// Throughput is measured with wrk; open loops and overload with a source of its own, which costs less than either server. A TLS handshake costs a client more than a server, so there the servers get half of their processor (a control group's
// quota, which needs root), and are what is full.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type options struct {
	links, rounds, seconds, unloaded, forged int
	dir                                      string
}

func main() {
	if len(os.Args) > 1 {
		parts := map[string]func([]string) error{"serve": serve, "storm": storm, "flood": flood}
		if part := parts[os.Args[1]]; part != nil {
			if err := part(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, "bench/edge", os.Args[1]+":", err)
				os.Exit(1)
			}
			return
		}
	}
	var o options
	flag.IntVar(&o.links, "links", 10_000_000, "links in memory")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of each measurement")
	flag.IntVar(&o.seconds, "seconds", 3, "seconds of each run")
	flag.IntVar(&o.unloaded, "unloaded", 10_000_000, "clicks in the log that were not loaded, for the cold start")
	flag.IntVar(&o.forged, "forged", 10_000_000, "forged tokens to try")
	flag.StringVar(&o.dir, "dir", "", "folder for the click log and the links; default: a temporary one")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/edge:", err)
		os.Exit(1)
	}
}

// The processors: one for the server that is measured, one for the load.
const (
	serverCPU = "0"
	loadCPU   = "1"
)

func run(ctx context.Context, o options) error {
	for _, tool := range []string{"nginx", "wrk", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing: run scripts/setup.sh edge", tool)
		}
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "bench-edge")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	b := &bench{options: o}
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.throughput(ctx); err != nil {
		return err
	}
	if err := b.latency(ctx); err != nil {
		return err
	}
	if err := b.overload(ctx); err != nil {
		return err
	}
	if err := b.coldStart(ctx); err != nil {
		return err
	}
	return b.forge()
}

type bench struct {
	options
	codes     string // file with codes for the load
	lua       string // wrk's script
	peak      float64
	memory    string
	unlimited error // why servers could not be restricted to a part of their processor
}

// A mode is one way in which clicks come.
type mode struct {
	name   string
	click  string // log mode of the redirect
	tls    bool
	resume bool // visitors resume the TLS session of their last visit
	close  bool // one connection for each click
	share  int  // percent of its processor that the server gets; 0: all of it
	target float64
}

func modes() []mode {
	return []mode{
		{name: "keep-alive behind a proxy, durable", click: "durable", target: 0.6},
		{name: "keep-alive behind a proxy, fast", click: "fast", target: 0.75},
		{name: "a connection for each click, durable", click: "durable", close: true, target: 0.9},
		{name: "a TLS connection for each click, durable", click: "durable", tls: true, close: true, share: 50, target: 1.5},
		{name: "the same, visitors resume their session", click: "durable", tls: true, resume: true, close: true, share: 50, target: 1.5},
	}
}

// throughput measures each mode against nginx, in turn, and holds what clients were answered against what was recorded.
func (b *bench) throughput(ctx context.Context) error {
	fmt.Printf("\n| clicks come as | redirect, clicks/s | p99 | processor | nginx, answers/s | p99 | processor | redirect ÷ nginx (median, range) | by processor | target |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range modes() {
		var ours, theirs, ratios, costs []float64
		var p99, nginxP99, cost, nginxCost []time.Duration
		rounds := b.rounds
		if m.tls {
			rounds = min(rounds, 4) // it takes long, and varies little
		}
		for range rounds {
			one, err := b.measure(ctx, m)
			if err != nil {
				return err
			}
			other, err := b.nginx(ctx, m)
			if err != nil {
				return err
			}
			ours, theirs = append(ours, one.rate), append(theirs, other.rate)
			ratios, costs = append(ratios, one.rate/other.rate), append(costs, float64(other.cost)/float64(max(1, one.cost)))
			p99, nginxP99 = append(p99, one.p99), append(nginxP99, other.p99)
			cost, nginxCost = append(cost, one.cost), append(nginxCost, other.cost)
		}
		fmt.Printf("| %s | %.0f | %v | %v | %.0f | %v | %v | **%.2f** (%.2f to %.2f) | %.2f | %s |\n", m.name, median(ours), median(p99), median(cost), median(theirs), median(nginxP99), median(nginxCost), median(ratios),
			slices.Min(ratios), slices.Max(ratios), median(costs), atLeast(median(ratios), m.target))
		if m.click == "durable" && !m.close {
			b.peak = median(ours)
		}
	}
	fmt.Printf("\nAll that was answered is in the log. \"By processor\" is nginx's processor time for an answer ÷ the redirect's. %s\n", b.limited())
	fmt.Printf("\n| | measured | target |\n|---|---|---|\n| memory of %d links | %s, the whole process | ≤ 2 GB |\n", b.links, b.memory)
	return nil
}

// atLeast is a target's cell.
func atLeast(got, target float64) string {
	if got >= target {
		return fmt.Sprintf("≥ %.2f: met", target)
	}
	return fmt.Sprintf("≥ %.2f: missed", target)
}

// connections is how many there are at a time: what a proxy keeps open, or the browsers of a busy moment.
func connections(m mode) int {
	if m.close {
		return 64
	}
	return 192
}

// ticks is how many a second the kernel counts processor time in.
const ticks = 100

// processor is the processor time that a process has had.
func processor(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name stands in brackets and may hold anything; the times are the 12th and 13th field behind it.
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11]) // the kernel writes numbers
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

// median of a list; of two in the middle the greater one.
func median[T float64 | time.Duration](all []T) T {
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

// result is what a run of wrk said.
type result struct {
	rate     float64
	p99      time.Duration
	cost     time.Duration // of the server's processor, a request
	requests int
	failed   int
}

// measure starts the redirect, loads it, stops it, and compares what was answered with what the log has.
func (b *bench) measure(ctx context.Context, m mode) (result, error) {
	s, err := b.fresh(ctx, serving{mode: m.click, tickets: m.resume, share: m.share})
	if err != nil {
		return result{}, err
	}
	to := s.plain
	if m.tls {
		to = s.tls
	}
	r, err := b.load(ctx, s.cmd.Process.Pid, to, m)
	b.memory = s.memory()
	if err = errors.Join(err, s.stop()); err != nil {
		return r, err
	}
	return r, b.compare(m.name, r.requests, r.failed)
}

// load loads a server with a mode's clicks.
func (b *bench) load(ctx context.Context, pid int, to string, m mode) (result, error) {
	scheme := "http://"
	if m.tls {
		scheme = "https://"
	}
	before := processor(pid)
	r, err := b.wrk(ctx, scheme+to, m, connections(m))
	r.cost = ((processor(pid) - before) / time.Duration(max(1, r.requests))).Round(100 * time.Nanosecond)
	return r, err
}

// latency measures an open loop at shares of the peak, with and without a storm beside it, and the disk alone.
func (b *bench) latency(ctx context.Context) error {
	fmt.Printf("\n| open loop, durable, keep-alive, 256 connections | rate, clicks/s | p50 | p99 | p99.9 | greatest | recorded |\n|---|---|---|---|---|---|---|\n")
	p99 := make(map[bool][]time.Duration)
	for _, run := range []struct {
		share  float64
		storm  bool
		rounds int
	}{{0.5, false, 3}, {0.7, false, 3}, {0.5, true, 3}} {
		rate := b.peak * run.share
		what := ""
		if run.storm {
			what = ", during a feed import and a report storm on the same processor, behind in rank"
		}
		var all [4][]time.Duration
		answered := 0
		for range run.rounds {
			f, err := b.calm(ctx, rate, run.storm)
			if err != nil {
				return err
			}
			for i, q := range [...]time.Duration{f.P50, f.P99, f.P999, f.Max} {
				all[i] = append(all[i], q.Round(10*time.Microsecond))
			}
			p99[run.storm && run.share == 0.5] = append(p99[run.storm && run.share == 0.5], f.P99)
			answered += f.Redirected
		}
		fmt.Printf("| %.0f %% of the peak%s | %.0f | %v | %v | %v | %v | all %d |\n", run.share*100, what, rate, median(all[0]), spread(all[1]), spread(all[2]), spread(all[3]), answered)
	}
	calm, storm := median(p99[false][:3]), median(p99[true])
	fmt.Printf("\nEach is the median of three runs (and their range). p99 during the storm is %.2f times that without (target: ≤ 1.30). No database is in the redirect's way: in these runs nothing loads the log at all.\n",
		float64(storm)/float64(max(1, calm)))
	return b.disk()
}

// spread is a median with its range.
func spread(all []time.Duration) string {
	return fmt.Sprintf("%v (%v to %v)", median(all), slices.Min(all), slices.Max(all))
}

// calm is one run of an open loop.
func (b *bench) calm(ctx context.Context, rate float64, storm bool) (f flooded, err error) {
	s, err := b.fresh(ctx, serving{mode: "durable"})
	if err != nil {
		return f, err
	}
	end := func() error { return nil }
	if storm {
		if end, err = b.storm(ctx); err != nil {
			return f, errors.Join(err, s.stop())
		}
	}
	f, err = b.flood(ctx, s.plain, 256, rate, time.Duration(b.seconds)*time.Second)
	if err = errors.Join(err, end(), s.stop()); err != nil {
		return f, err
	}
	return f, b.compare("open loop", f.Redirected, f.Other)
}

// overload offers three times the peak, over many connections, and holds goodput against the peak.
func (b *bench) overload(ctx context.Context) error {
	const many, times = 2048, 3
	type side struct {
		peak, crowd, over, shed, p99, cost []float64
	}
	var ours, limited, theirs side
	length := time.Duration(b.seconds) * time.Second * 2 / 3
	one := func(to *side, run func(conns int, rate float64) (flooded, time.Duration, error)) error {
		peak, _, err := run(192, 0)
		if err != nil {
			return err
		}
		crowd, _, err := run(many, 0)
		if err != nil {
			return err
		}
		over, cost, err := run(many, times*peak.rate())
		if err != nil {
			return err
		}
		to.peak, to.crowd, to.over = append(to.peak, peak.rate()), append(to.crowd, crowd.rate()), append(to.over, over.rate())
		to.shed = append(to.shed, float64(over.Shed)/over.Seconds)
		to.p99, to.cost = append(to.p99, over.Served.Seconds()*1000), append(to.cost, float64(cost.Nanoseconds())/1000)
		return nil
	}
	redirect := func(waiting int) func(int, float64) (flooded, time.Duration, error) {
		return func(conns int, rate float64) (f flooded, cost time.Duration, err error) {
			s, err := b.fresh(ctx, serving{mode: "durable", waiting: waiting})
			if err != nil {
				return f, 0, err
			}
			before := processor(s.cmd.Process.Pid)
			f, err = b.flood(ctx, s.plain, conns, rate, length)
			cost = (processor(s.cmd.Process.Pid) - before) / time.Duration(max(1, f.All))
			if err = errors.Join(err, s.stop()); err != nil {
				return f, cost, err
			}
			return f, cost, b.compare("overload", f.Redirected, f.Other)
		}
	}
	for range min(3, b.rounds) {
		if err := one(&ours, redirect(0)); err != nil {
			return err
		}
		if err := one(&limited, redirect(256)); err != nil {
			return err
		}
		if err := one(&theirs, func(conns int, rate float64) (f flooded, cost time.Duration, err error) {
			n, err := b.startNginx(ctx, mode{})
			if err != nil {
				return f, 0, err
			}
			defer n.stop()
			before := processor(n.cmd.Process.Pid)
			f, err = b.flood(ctx, n.plain, conns, rate, length)
			return f, (processor(n.cmd.Process.Pid) - before) / time.Duration(max(1, f.All)), err
		}); err != nil {
			return err
		}
	}
	fmt.Printf("\n| overload, keep-alive, durable | peak, 192 connections | 2,048 connections, as fast as answered | three times the peak is due: redirects/s | 503/s | p99 | processor, an answer | goodput ÷ peak | ÷ peak with as many connections | target |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		side
		target float64
	}{{"redirect, as it is set: 16,384 clicks may wait", ours, 0.95}, {"redirect, 256 clicks may wait, the others get a 503", limited, 0}, {"nginx, unsynced log", theirs, 0}} {
		var ratios, same []float64
		for i := range row.peak {
			ratios, same = append(ratios, row.over[i]/row.peak[i]), append(same, row.over[i]/row.crowd[i])
		}
		verdict := "–"
		if row.target > 0 {
			verdict = atLeast(median(ratios), row.target)
		}
		fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f | %.0f ms | %.1f µs | **%.2f** (%.2f to %.2f) | %.2f | %s |\n", row.name, median(row.peak), median(row.crowd), median(row.over), median(row.shed), median(row.p99),
			median(row.cost), median(ratios), slices.Min(ratios), slices.Max(ratios), median(same), verdict)
	}
	fmt.Println("\nA request that is due waits for one of the connections, and its shopper gives up after a second; p99 is from sending to the redirect. Nothing that was answered with a redirect was lost in any run.")
	return nil
}

// fresh starts the redirect with an empty log.
func (b *bench) fresh(ctx context.Context, o serving) (*server, error) {
	if err := os.RemoveAll(filepath.Join(b.dir, "edge", "log")); err != nil {
		return nil, err
	}
	return b.start(ctx, o)
}

// compare holds what was answered against what the log has. Clients that were cut off at the end may have been recorded and not have
// seen their answer.
func (b *bench) compare(what string, answered, failed int) error {
	recorded, err := records(filepath.Join(b.dir, "edge", "log"))
	if err != nil {
		return err
	}
	if recorded < uint64(answered) || failed > 0 {
		return fmt.Errorf("%s: %d clicks were answered and %d recorded; %d answers were no redirects", what, answered, recorded, failed)
	}
	return nil
}

// coldStart measures from the start of the process to the first redirect, with all links in a snapshot and clicks to load.
func (b *bench) coldStart(ctx context.Context) error {
	logDir := filepath.Join(b.dir, "edge", "log")
	if err := os.RemoveAll(logDir); err != nil {
		return err
	}
	if err := fill(logDir, b.unloaded); err != nil {
		return err
	}
	var all []time.Duration
	for range b.rounds {
		begin := time.Now()
		s, err := b.start(ctx, serving{mode: "durable"})
		if err != nil {
			return err
		}
		if err := s.firstRedirect(b.oneCode()); err != nil {
			return errors.Join(err, s.stop())
		}
		all = append(all, time.Since(begin))
		if err := s.stop(); err != nil {
			return err
		}
	}
	fmt.Printf("\n| | measured | target |\n|---|---|---|\n| cold start with %d links and %d clicks to load: from the start of the process to the first redirect | %v (%v to %v) | ≤ 2 s |\n",
		b.links, b.unloaded, median(all).Round(time.Millisecond), slices.Min(all).Round(time.Millisecond), slices.Max(all).Round(time.Millisecond))
	return nil
}

// oneCode is the first code of the load.
func (b *bench) oneCode() string {
	data, err := os.ReadFile(b.codes)
	if err != nil {
		return ""
	}
	code, _, _ := strings.Cut(string(data), "\n")
	return code
}
