package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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

// nginx measures the baseline: one worker on the server's processor, a buffered access log, return 302.
func (b *bench) nginx(ctx context.Context, m mode) (result, error) {
	plain, tls := "127.0.0.1:18480", "127.0.0.1:18443"
	config := filepath.Join(b.dir, "nginx.conf")
	text := `daemon off; master_process off; worker_processes 1; pid ` + b.dir + `/nginx.pid; error_log ` + b.dir + `/nginx.err crit;
events { worker_connections 8192; }
http {
  log_format full '$remote_addr $time_iso8601 "$request" $status "$http_referer" "$http_user_agent"';
  access_log ` + b.dir + `/access.log full buffer=64k flush=1s;
  keepalive_requests 1000000000; keepalive_timeout 75s;
  client_body_temp_path ` + b.dir + `/t1; proxy_temp_path ` + b.dir + `/t2; fastcgi_temp_path ` + b.dir + `/t3; uwsgi_temp_path ` + b.dir + `/t4; scgi_temp_path ` + b.dir + `/t5;
  ssl_certificate ` + b.dir + `/cert.pem; ssl_certificate_key ` + b.dir + `/key.pem; ssl_session_tickets off; ssl_session_cache off; ssl_protocols TLSv1.3;
  server { listen ` + plain + ` backlog=4096; listen ` + tls + ` ssl backlog=4096; location / { return 302 https://www.aliexpress.com/item/1005006.html; } }
}`
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return result{}, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", serverCPU, "nginx", "-p", b.dir, "-c", config)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it says that it was killed
		_ = os.Remove(filepath.Join(b.dir, "access.log"))
	}()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", plain)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(end) {
			return result{}, fmt.Errorf("nginx did not start: %s", said.String())
		}
	}
	address := "http://" + plain
	if m.tls {
		address = "https://" + tls
	}
	before := processor(cmd.Process.Pid)
	r, err := b.wrk(ctx, address, m, connections(m))
	r.cost = ((processor(cmd.Process.Pid) - before) / time.Duration(max(1, r.requests))).Round(100 * time.Nanosecond)
	return r, err
}

// openConnections is how many connections an open loop has. Arrivals that find all of them busy wait, and their waiting counts.
const openConnections = 256

// open sends clicks at their times, whatever the answers do, and returns how long each took from the time at which it was due.
func (b *bench) open(ctx context.Context, address string, rate float64, length time.Duration) ([]time.Duration, error) {
	data, err := os.ReadFile(b.codes)
	if err != nil {
		return nil, err
	}
	codes := strings.Fields(string(data))
	n := int(rate * length.Seconds())
	due := make([]time.Duration, n)
	r := rand.New(rand.NewPCG(1, 1))
	at := 0.0
	for i := range due {
		at += r.ExpFloat64() / rate
		due[i] = time.Duration(at * float64(time.Second))
	}
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, openConnections)
	begin := time.Now().Add(100 * time.Millisecond)
	for range openConnections {
		wg.Go(func() {
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
			if err != nil {
				failures <- err
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			var out []byte
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				time.Sleep(time.Until(begin.Add(due[i])))
				out = append(out[:0], "GET /e/"...)
				out = append(out, codes[i%len(codes)]...)
				out = append(out, "?af=x HTTP/1.1\r\nHost: s.example\r\nUser-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36\r\nSec-Fetch-Dest: document\r\n\r\n"...)
				if _, err := conn.Write(out); err != nil {
					failures <- err
					return
				}
				if err := readAnswer(in); err != nil {
					failures <- err
					return
				}
				took[i] = time.Since(begin.Add(due[i]))
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return took, nil
	}
}

// readAnswer reads a redirect, which has no body.
func readAnswer(in *bufio.Reader) error {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(line, []byte(" 302 ")) {
		return fmt.Errorf("no redirect: %s", line)
	}
	for len(bytes.TrimSpace(line)) > 0 {
		if line, err = in.ReadSlice('\n'); err != nil {
			return errors.Join(errors.New("the answer broke off"), err)
		}
	}
	return nil
}
