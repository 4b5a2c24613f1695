package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/simulate"
	"github.com/clickledger/clickledger/internal/vfs"
)

var (
	ratePattern     = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	p99Pattern      = regexp.MustCompile(`99%\s+([0-9.]+)(us|ms|s)`)
	requestsPattern = regexp.MustCompile(`(\d+) requests in`)
	failedPattern   = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// flooded is what a flood was answered, after its first second.
type flooded struct {
	Redirects, Shed, Other int           // answers by status: 302, 503, any other
	GaveUp                 int           // due and not sent within a second: the shopper went
	All                    int           // answers, those of the first second included
	Redirected             int           // redirects, those of the first second included
	P50, P99, P999, Max    time.Duration // of redirects, from the time at which each was due
	Served                 time.Duration // p99 of redirects from the time at which each was sent: without the waiting for a connection that is free
	Seconds                float64
}

// rate is redirects a second.
func (f *flooded) rate() float64 { return float64(f.Redirects) / f.Seconds }

// warm is how long a flood runs before it is counted: connections are made, stacks have grown.
const warm = time.Second

// wrk loads an address from the load's processor.
func (b *bench) wrk(ctx context.Context, address string, m mode, connections int) (r result, err error) {
	args := []string{"-c", loadCPU, "wrk", "-t1", fmt.Sprintf("-c%d", connections), fmt.Sprintf("-d%ds", b.seconds), "--timeout", "10s", "--latency", "-s", b.lua,
		"-H", "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "-H", "Sec-Fetch-Dest: document", "-H", "Sec-Fetch-Mode: navigate"}
	if m.close {
		args = append(args, "-H", "Connection: close")
	}
	out, err := exec.CommandContext(ctx, "taskset", append(args, address)...).CombinedOutput()
	if err != nil {
		return r, fmt.Errorf("wrk: %w: %s", err, out)
	}
	text := string(out)
	number := func(p *regexp.Regexp) string {
		if found := p.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		return "0"
	}
	if r.rate, err = strconv.ParseFloat(number(ratePattern), 64); err != nil || r.rate == 0 {
		return r, fmt.Errorf("wrk said:\n%s", text)
	}
	r.requests, _ = strconv.Atoi(number(requestsPattern)) // the patterns are digits
	r.failed, _ = strconv.Atoi(number(failedPattern))
	if found := p99Pattern.FindStringSubmatch(text); found != nil {
		r.p99, err = time.ParseDuration(found[1] + found[2])
	}
	return r, err
}

// baseline is a running nginx.
type baseline struct {
	cmd        *exec.Cmd
	plain, tls string
	log        string
	free       func()
}

func (n *baseline) stop() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait() // it says that it was killed
	_ = os.Remove(n.log)
	n.free()
}

// nginx measures the baseline.
func (b *bench) nginx(ctx context.Context, m mode) (result, error) {
	n, err := b.startNginx(ctx, m)
	if err != nil {
		return result{}, err
	}
	defer n.stop()
	to := n.plain
	if m.tls {
		to = n.tls
	}
	r, err := b.load(ctx, n.cmd.Process.Pid, to, m)
	return r, err
}

// startNginx starts it: one worker on the server's processor, a buffered access log, return 302, the redirect's certificate, TLS 1.3, and
// as the redirect no session cache, and tickets only where visitors resume.
func (b *bench) startNginx(ctx context.Context, m mode) (*baseline, error) {
	tickets := "off"
	if m.resume {
		tickets = "on"
	}
	n := &baseline{plain: "127.0.0.1:18480", tls: "127.0.0.1:18443", log: filepath.Join(b.dir, "access.log")}
	config := filepath.Join(b.dir, "nginx.conf")
	text := `daemon off; master_process off; worker_processes 1; pid ` + b.dir + `/nginx.pid; error_log ` + b.dir + `/nginx.err crit;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  log_format full '$remote_addr $time_iso8601 "$request" $status "$http_referer" "$http_user_agent"';
  access_log ` + n.log + ` full buffer=64k flush=1s;
  keepalive_requests 1000000000; keepalive_timeout 75s;
  client_body_temp_path ` + b.dir + `/t1; proxy_temp_path ` + b.dir + `/t2; fastcgi_temp_path ` + b.dir + `/t3; uwsgi_temp_path ` + b.dir + `/t4; scgi_temp_path ` + b.dir + `/t5;
  ssl_certificate ` + b.dir + `/cert.pem; ssl_certificate_key ` + b.dir + `/key.pem; ssl_session_tickets ` + tickets + `; ssl_session_cache off; ssl_protocols TLSv1.3;
  server { listen ` + n.plain + ` backlog=4096; listen ` + n.tls + ` ssl backlog=4096; location / { return 302 https://www.aliexpress.com/item/1005006.html; } }
}`
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	n.cmd = exec.CommandContext(ctx, "taskset", "-c", serverCPU, "nginx", "-p", b.dir, "-c", config)
	var said bytes.Buffer
	n.cmd.Stderr = &said
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	n.free = b.restrict(n.cmd.Process.Pid, m.share)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", n.plain)
		if err == nil {
			return n, conn.Close()
		}
		if time.Now().After(end) {
			n.stop()
			return nil, fmt.Errorf("nginx did not start: %s", said.String())
		}
	}
}

// flood runs the source in a process of its own, on the load's processor.
func (b *bench) flood(ctx context.Context, to string, conns int, rate float64, length time.Duration) (f flooded, err error) {
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", loadCPU, self, "flood", "-to", to, "-codes", b.codes, "-conns", fmt.Sprint(conns), "-rate", fmt.Sprint(rate), "-for", length.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("the flood: %w", err)
	}
	return f, json.Unmarshal(out, &f)
}

// quota is where a control group limits the processor time of a process: the folder of version 1's controller.
const quota = "/sys/fs/cgroup/cpu/clickledger-bench"

// period is how often a quota is given out, in microseconds: short, so that latencies stay those of a slower processor.
const period = 10_000

// restrict gives a process a share of its processor, in percent, and returns what ends that. Where it cannot, limited says so.
func (b *bench) restrict(pid, share int) (free func()) {
	if share == 0 {
		return func() {}
	}
	err := os.MkdirAll(quota, 0o755)
	for _, f := range []struct{ name, value string }{
		{"cpu.shares", "65536"}, {"cpu.cfs_period_us", fmt.Sprint(period)}, {"cpu.cfs_quota_us", fmt.Sprint(period * share / 100)}, {"cgroup.procs", fmt.Sprint(pid)},
	} {
		if err == nil {
			err = os.WriteFile(filepath.Join(quota, f.name), []byte(f.value), 0o644)
		}
	}
	if err != nil {
		b.unlimited = err
	}
	return func() { _ = os.Remove(quota) } // when the process is gone; else the next one uses it
}

// limited says whether servers were restricted where they should be.
func (b *bench) limited() string {
	if b.unlimited != nil {
		return fmt.Sprintf("TLS: the servers could not be restricted (%v), so the load's processor is what is full.", b.unlimited)
	}
	return "TLS: the servers have half of their processor, so that they are what is full and not the load."
}

// disk tells how long the disk itself takes: commits of a log's size, one after the other with a pause, with nothing else at work.
func (b *bench) disk() error {
	name := filepath.Join(b.dir, "disk")
	f, err := vfs.OS{}.Create(name)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer f.Close()
	const size, commit = 64 << 20, 8 << 10
	if _, err := f.WriteAt(make([]byte, size), 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	var took simulate.Histogram
	piece := make([]byte, commit)
	for i, begin := 0, time.Now(); time.Since(begin) < 3*time.Duration(b.seconds)*time.Second; i++ {
		at := time.Now()
		if _, err := f.WriteAt(piece, int64(i)*commit%size); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		took.Add(time.Since(at))
		time.Sleep(500 * time.Microsecond)
	}
	fmt.Printf("\nThe disk by itself, %d commits of 8 KiB into space that was written before, as long as those runs took: p50 %v, p99 %v, p99.9 %v, greatest %v.\n", took.Count(), took.Quantile(0.5), took.Quantile(0.99), took.Quantile(0.999), took.Quantile(1).Round(time.Microsecond))
	return nil
}
