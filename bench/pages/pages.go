package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/clickledger/clickledger/internal/web/session"
)

// answer is what one call gave.
type answer struct {
	status int
	header http.Header
	wire   int    // bytes as they were sent
	body   []byte // unpacked
	took   time.Duration
	cpu    time.Duration // of the processor
	failed string        // it panicked
}

// get asks for an address as somebody, as a browser does.
func (c *console) get(who, address string) (a answer) {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: who})
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	w := httptest.NewRecorder()
	defer func() {
		if x := recover(); x != nil {
			a.failed = fmt.Sprint(x)
		}
	}()
	runtime.LockOSThread() // so that the thread's time is the call's
	defer runtime.UnlockOSThread()
	began, before := time.Now(), busy()
	c.handler.ServeHTTP(w, r)
	a.took, a.cpu = time.Since(began), busy()-before
	res := w.Result()
	defer res.Body.Close()
	a.status, a.header, a.wire = res.StatusCode, res.Header, w.Body.Len()
	a.body = unpack(res.Header.Get("Content-Encoding"), w.Body.Bytes())
	return a
}

// busy is how long the processor worked for this thread.
func busy() time.Duration {
	var u syscall.Rusage
	const thread = 1
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var anchors = regexp.MustCompile(`(?:href|src)="([^"#]*)`)

// found are the addresses of this site in a page.
func found(a answer, base string) []string {
	at, err := url.Parse(base)
	if err != nil || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return nil
	}
	var all []string
	for _, m := range anchors.FindAllSubmatch(a.body, -1) {
		u, err := at.Parse(strings.ReplaceAll(string(m[1]), "&amp;", "&"))
		if err == nil && u.Host == at.Host && u.Path != session.SignInPath && strings.HasPrefix(u.Path, "/") {
			all = append(all, u.RequestURI())
		}
	}
	return all
}

// measured are the calls of one page of one person.
type measured struct {
	who, pattern string
	addresses    int
	took, cpu    []time.Duration
	raw, wire    int // of the heaviest
	first        int // with all that it loads
	slowest      string
	slow         time.Duration
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// begin are addresses that links do not lead to: forms that are sent with GET.
func begin(who string) []string {
	at := []string{"/"}
	switch who {
	case "publisher":
		for _, q := range questions() {
			at = append(at, "/publisher/reports?"+q)
		}
		return append(at, "/publisher/search?q=tr-000123", "/publisher/search?q=clk_", "/publisher/orders?state=approved", "/publisher/transactions?program=tr")
	case "operator":
		for _, q := range questions() {
			at = append(at, "/reports?"+q)
		}
		return append(at, "/search?q=tr-000123", "/search?q=pub-01", "/search?q=clk_", "/orders?state=approved", "/orders?publisher=pub-03", "/orders?program=tr&state=declined")
	}
	return at
}

// questions are reports as people ask for them.
func questions() []string {
	year := "&from=" + from().Format(time.DateOnly) + "&to=" + now().Format(time.DateOnly)
	var all []string
	for _, q := range []string{
		"report=orders&by=day", "report=orders&by=product", "report=orders&by=af", "report=orders&by=ad_space", "report=orders&by=category", "report=orders&by=country",
		"report=traffic&by=day", "report=traffic&by=country", "report=traffic&by=product", "report=traffic&by=reason", "report=income&by=day", "report=live-orders",
	} {
		all = append(all, q, q+year)
	}
	return all
}

// profiling writes a profile of the processor to a file, where one is named, until stop is called.
func profiling(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// one prints how long one address takes.
func (c *console) one(o options) error {
	var took, cpu []time.Duration
	var last answer
	for range o.times + 1 {
		last = c.get(o.who, o.address)
		if last.failed != "" || last.status != http.StatusOK {
			return fmt.Errorf("%s as %s: %d %s", o.address, o.who, last.status, last.failed)
		}
		took, cpu = append(took, last.took), append(cpu, last.cpu)
	}
	took, cpu = took[1:], cpu[1:]
	slices.Sort(took)
	slices.Sort(cpu)
	fmt.Printf("%s as %s, %d times: p50 %.1f ms, greatest %.1f ms; of the processor p50 %.1f ms; %d kB\n", o.address, o.who, o.times,
		ms(quantile(took, 0.5)), ms(took[len(took)-1]), ms(quantile(cpu, 0.5)), len(last.body)/1000)
	return nil
}

// pages goes through the console as each person, by its links, and prints how long the pages take.
func (c *console) pages(o options) error {
	var all []*measured
	var slow, heavy int
	var every []time.Duration
	for _, p := range c.people.All {
		who := p.Token
		found, files, broken := c.crawl(who, o)
		for _, at := range broken {
			fmt.Printf("not measured: %s\n", at)
		}
		for _, pattern := range slices.Sorted(maps.Keys(found)) {
			m := &measured{who: who, pattern: pattern, addresses: len(found[pattern])}
			for _, at := range found[pattern] {
				for n := range o.times + 1 {
					a := c.get(who, at)
					if n == 0 {
						continue // the first one fills the caches of the database
					}
					m.took, m.cpu = append(m.took, a.took), append(m.cpu, a.cpu)
					if a.took > m.slow {
						m.slow, m.slowest = a.took, at
					}
					m.raw, m.wire = max(m.raw, len(a.body)), max(m.wire, a.wire)
					if n == 1 {
						m.first = max(m.first, a.wire+c.loads(who, a, at))
					}
				}
			}
			slices.Sort(m.took)
			slices.Sort(m.cpu)
			every = append(every, m.took...)
			if quantile(m.took, 0.95) > 50*time.Millisecond {
				slow++
			}
			if m.first > 300_000 {
				heavy++
			}
			all = append(all, m)
		}
		fmt.Printf("%s: %d pages; %d addresses give files and are not among them\n", who, len(found), files)
	}
	slices.SortFunc(all, func(a, b *measured) int { return cmp.Compare(quantile(b.took, 0.95), quantile(a.took, 0.95)) })
	fmt.Print("\n| page | as | addresses | p50 | p95 | greatest | p95 of processor time | kB | kB sent | kB at first load |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range all {
		fmt.Printf("| `%s` | %s | %d | %.1f ms | %.1f ms | %.1f ms | %.1f ms | %d | %d | %d |\n", strings.TrimPrefix(m.pattern, "GET "), m.who, m.addresses,
			ms(quantile(m.took, 0.5)), ms(quantile(m.took, 0.95)), ms(m.slow), ms(quantile(m.cpu, 0.95)), m.raw/1000, m.wire/1000, m.first/1000)
	}
	slices.Sort(every)
	fmt.Printf("\n%d calls of %d pages: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms; %d pages have a p95 above 50 ms, %d weigh more than 300 kB at first load\n",
		len(every), len(all), ms(quantile(every, 0.5)), ms(quantile(every, 0.95)), ms(quantile(every, 0.99)), slow, heavy)
	for _, m := range all {
		if m.slow > 50*time.Millisecond {
			fmt.Printf("  %.0f ms: %s as %s\n", ms(m.slow), m.slowest, m.who)
		}
	}
	fmt.Println()
	return nil
}

// crawl collects the addresses of pages that somebody reaches, at most each of a pattern, and counts those that give files.
func (c *console) crawl(who string, o options) (pages map[string][]string, files int, broken []string) {
	pages = make(map[string][]string)
	seen := make(map[string]bool)
	queue := begin(who)
	tried := make(map[string]int)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		r := httptest.NewRequest(http.MethodGet, at, nil)
		_, pattern := c.mux.Handler(r)
		asked := slices.Contains(begin(who), at)
		if strings.HasPrefix(pattern, "GET /assets/") || !asked && tried[pattern] >= 4*o.each {
			continue
		}
		if !asked && len(pages[pattern]) >= o.each {
			continue
		}
		tried[pattern]++
		a := c.get(who, at)
		if a.cpu > 500*time.Millisecond || a.took > 3*time.Second {
			fmt.Printf("slow: %.0f ms, %.0f ms of processor time: %s as %s\n", ms(a.took), ms(a.cpu), at, who)
		}
		switch {
		case a.failed != "" || a.status >= 500:
			broken = append(broken, fmt.Sprintf("%s as %s: %d %s", at, who, a.status, a.failed))
		case a.status >= 300 && a.status < 400:
			queue = append(queue, a.header.Get("Location"))
		case a.status != http.StatusOK:
		case !strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
			files++
		default:
			pages[pattern] = append(pages[pattern], at)
			queue = append(queue, found(a, at)...)
		}
	}
	return pages, files, broken
}

// loads are the bytes that a page makes a browser load beside itself.
func (c *console) loads(who string, a answer, base string) int {
	total := 0
	seen := make(map[string]bool)
	for _, at := range found(a, base) {
		if strings.HasPrefix(at, "/assets/") && !seen[at] {
			seen[at] = true
			total += c.get(who, at).wire
		}
	}
	return total
}

func unpack(encoding string, data []byte) []byte {
	if encoding != "gzip" {
		return data
	}
	r, err := gunzip(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return plain
}
