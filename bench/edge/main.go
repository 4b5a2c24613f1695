// Command edge measures the redirect against nginx, in one run and in turn: the server on one processor, the load on another.
//
//	go run ./bench/edge                        # ten million links, five rounds, some six minutes
//	go run ./bench/edge -links 100000 -rounds 2 -seconds 1
//
// The redirect does everything: ten million links, verdict, signed token, and the click log on a real disk. nginx answers `return 302`
// with a buffered access log that it never syncs. It needs nginx and wrk (scripts/setup.sh edge) and two processors.
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
		parts := map[string]func([]string) error{"serve": serve, "storm": storm}
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
	if err := b.coldStart(ctx); err != nil {
		return err
	}
	return b.forge()
}

type bench struct {
	options
	codes  string // file with codes for the load
	lua    string // wrk's script
	peak   float64
	memory string
}

// A mode is one way in which clicks come.
type mode struct {
	name   string
	click  string // log mode of the redirect
	tls    bool
	close  bool // one connection for each click
	target float64
}

func modes() []mode {
	return []mode{
		{"keep-alive behind a proxy, durable", "durable", false, false, 0.6},
		{"keep-alive behind a proxy, fast", "fast", false, false, 0.75},
		{"a connection for each click, durable", "durable", false, true, 0.9},
		{"a TLS connection for each click, durable", "durable", true, true, 1.5},
	}
}

// throughput measures each mode against nginx, in turn, and holds what clients were answered against what was recorded.
func (b *bench) throughput(ctx context.Context) error {
	fmt.Printf("\n| clicks come as | redirect, clicks/s | p99 | processor | nginx, answers/s | p99 | processor | redirect ÷ nginx (median, range) | target |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range modes() {
		var ours, theirs, ratios []float64
		var p99, nginxP99, cost, nginxCost []time.Duration
		for range b.rounds {
			one, err := b.measure(ctx, m)
			if err != nil {
				return err
			}
			other, err := b.nginx(ctx, m)
			if err != nil {
				return err
			}
			ours, theirs = append(ours, one.rate), append(theirs, other.rate)
			ratios = append(ratios, one.rate/other.rate)
			p99, nginxP99 = append(p99, one.p99), append(nginxP99, other.p99)
			cost, nginxCost = append(cost, one.cost), append(nginxCost, other.cost)
		}
		r := median(ratios)
		verdict := "met"
		if r < m.target {
			verdict = "missed"
		}
		fmt.Printf("| %s | %.0f | %v | %v | %.0f | %v | %v | **%.2f** (%.2f to %.2f) | ≥ %.2f: %s |\n", m.name, median(ours), median(p99), median(cost), median(theirs), median(nginxP99), median(nginxCost), r,
			slices.Min(ratios), slices.Max(ratios), m.target, verdict)
		if m.click == "durable" && !m.close {
			b.peak = median(ours)
		}
	}
	fmt.Printf("\n%d links: the redirect's memory is %s.\n", b.links, b.memory)
	return nil
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
	logDir := filepath.Join(b.dir, "edge", "log")
	if err := os.RemoveAll(logDir); err != nil {
		return result{}, err
	}
	s, err := b.start(ctx, m.click)
	if err != nil {
		return result{}, err
	}
	address := "http://" + s.plain
	if m.tls {
		address = "https://" + s.tls
	}
	before := processor(s.cmd.Process.Pid)
	r, err := b.wrk(ctx, address, m, connections(m))
	r.cost = ((processor(s.cmd.Process.Pid) - before) / time.Duration(max(1, r.requests))).Round(100 * time.Nanosecond)
	b.memory = s.memory()
	if err = errors.Join(err, s.stop()); err != nil {
		return r, err
	}
	recorded, err := records(logDir)
	if err != nil {
		return r, err
	}
	// Clients that were cut off at the end may have been recorded and not have seen their answer.
	if recorded < uint64(r.requests) || r.failed > 0 {
		return r, fmt.Errorf("%s: %d clicks were answered and %d recorded; %d answers were no redirects", m.name, r.requests, recorded, r.failed)
	}
	return r, nil
}

// latency measures an open loop at shares of the peak, and goodput under far too many connections.
func (b *bench) latency(ctx context.Context) error {
	fmt.Printf("\n| open loop, durable, keep-alive | rate, clicks/s | p50 | p99 | p99.9 | recorded |\n|---|---|---|---|---|---|\n")
	p99 := make(map[bool]time.Duration)
	for _, run := range []struct {
		share float64
		storm bool
	}{{0.5, false}, {0.7, false}, {0.5, true}} {
		share := run.share
		logDir := filepath.Join(b.dir, "edge", "log")
		if err := os.RemoveAll(logDir); err != nil {
			return err
		}
		s, err := b.start(ctx, "durable")
		if err != nil {
			return err
		}
		rate := b.peak * share
		calm := func() error { return nil }
		if run.storm {
			if calm, err = b.storm(ctx); err != nil {
				return errors.Join(err, s.stop())
			}
		}
		got, err := b.open(ctx, s.plain, rate, time.Duration(2*b.seconds)*time.Second)
		if err = errors.Join(err, calm(), s.stop()); err != nil {
			return err
		}
		recorded, err := records(logDir)
		if err != nil {
			return err
		}
		if recorded < uint64(len(got)) {
			return fmt.Errorf("%d clicks were answered and %d recorded", len(got), recorded)
		}
		slices.Sort(got)
		at := func(q float64) time.Duration {
			return got[min(len(got)-1, int(float64(len(got))*q))].Round(10 * time.Microsecond)
		}
		what := ""
		if run.storm {
			what = ", during a feed import and a report storm beside it"
		}
		if share == 0.5 {
			p99[run.storm] = at(0.99)
		}
		fmt.Printf("| %.0f %% of the peak%s | %.0f | %v | %v | %v | all %d |\n", share*100, what, rate, at(0.5), at(0.99), at(0.999), len(got))
	}
	fmt.Printf("\np99 during the storm is %.2f times that without (target: ≤ 1.3). No database is in the redirect's way: in these runs nothing loads the log at all.\n",
		float64(p99[true])/float64(max(1, p99[false])))
	s, err := b.start(ctx, "durable")
	if err != nil {
		return err
	}
	over, err := b.wrk(ctx, "http://"+s.plain, modes()[0], 2048)
	if err = errors.Join(err, s.stop()); err != nil {
		return err
	}
	fmt.Printf("\nWith 2,048 connections that all ask at once the redirect answers %.0f clicks/s: %.2f of the peak (target: ≥ 0.95).\n", over.rate, over.rate/b.peak)
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
		s, err := b.start(ctx, "durable")
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
	fmt.Printf("\nCold start with %d links and %d clicks that were not loaded: the first redirect %v after the start of the process (median of %d; target: ≤ 2 s).\n",
		b.links, b.unloaded, median(all).Round(time.Millisecond), b.rounds)
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
