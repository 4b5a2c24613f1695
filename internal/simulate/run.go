package simulate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click/token"
)

// Options are how visits are made.
type Options struct {
	Shape
	Addresses []string // of the links, such as http://127.0.0.1:8081/e/abc
	Clicks    int      // stop after so many; 0: when the shape's length is over
	Workers   int      // visits at a time at most
	Close     bool     // one connection for each click, as browsers do; else connections are kept, as behind a proxy
	// Parameter is the query parameter of the click token.
	Parameter string
	// Clicked is told of each acknowledged click: the visit and its token, "" where there was none. It may be called by several
	// goroutines at once; nil: nobody.
	Clicked func(v *Visit, clickToken string)
	// Progress is told now and then how far it is; nil: nobody.
	Progress func(done int)
	Now      func() time.Time
}

// Report is what came of a run.
type Report struct {
	Clicks       int                                  // made
	Acknowledged int                                  // answered with a redirect
	Shed         int                                  // answered 503: come back later
	Failed       int                                  // no answer, or one that is none of these
	WithoutToken int                                  // acknowledged, and the address has no token
	Errors       []string                             // the first ones
	Took         time.Duration                        //
	Verdicts     map[string]map[string]map[string]int // behaviour, wanted verdict, given verdict
	Latency      Histogram                            // of the acknowledged, from the time at which each was due
	unanswered   int                                  // clicks of floods that would have counted, and got no verdict
}

// Wrong is how many clicks got another verdict than they should. Of a flood it does not matter which clicks came first, but no more of
// them may count than should. Fewer may: the edge remembers an hour, and another run may have been there.
func (r *Report) Wrong() int {
	n := 0
	for as, wanted := range r.Verdicts {
		for want, given := range wanted {
			for got, count := range given {
				switch {
				case as != Flooder.String():
					if got != want {
						n += count
					}
				case got != "valid" && got != "duplicate":
					n += count
				}
			}
		}
	}
	return n + r.floodsPassed()
}

// floodsPassed is how many clicks of floods counted although they should not.
func (r *Report) floodsPassed() int {
	passed := -r.unanswered // another click of the flood counts in its place
	for want, given := range r.Verdicts[Flooder.String()] {
		for got, count := range given {
			if got == "valid" {
				passed += count
			}
			if want == "valid" {
				passed -= count
			}
		}
	}
	return max(0, passed)
}

// Run makes visits until they are over or the context ends, and reports.
func Run(ctx context.Context, o Options) (*Report, error) {
	if len(o.Addresses) == 0 {
		return nil, errors.New("there are no links to click")
	}
	o.Links = len(o.Addresses)
	if o.Rate <= 0 && o.Clicks == 0 {
		return nil, errors.New("say how many clicks, or how many a second for how long")
	}
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: o.Workers, DisableKeepAlives: o.Close, DisableCompression: true},
	}
	defer client.CloseIdleConnections()
	source := New(o.Shape)
	rep := &Report{Verdicts: make(map[string]map[string]map[string]int)}
	var mu sync.Mutex
	var wg sync.WaitGroup
	visits := make(chan Visit, o.Workers)
	begin := o.Now()
	for range max(1, o.Workers) {
		wg.Go(func() {
			for v := range visits {
				if o.Rate > 0 {
					wait(ctx, v.Due-o.Now().Sub(begin))
				} else {
					v.Due = o.Now().Sub(begin)
				}
				a := visit(ctx, client, &o, &v)
				took := o.Now().Sub(begin) - v.Due
				if ctx.Err() != nil && a.err != nil { // cut off by the end
					mu.Lock()
					rep.miss(&v)
					mu.Unlock()
					continue
				}
				if a.status == http.StatusFound && o.Clicked != nil {
					o.Clicked(&v, a.token)
				}
				mu.Lock()
				rep.add(&v, a, took)
				mu.Unlock()
			}
		})
	}
	for n := 0; ctx.Err() == nil && (o.Clicks == 0 || n < o.Clicks); n++ {
		v, ok := source.Next()
		if !ok {
			break
		}
		select {
		case visits <- v:
		case <-ctx.Done():
		}
		if o.Progress != nil && n%100 == 0 {
			o.Progress(n)
		}
	}
	close(visits)
	wg.Wait()
	rep.Took = o.Now().Sub(begin)
	return rep, nil
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// answer is what a visit came to.
type answer struct {
	status  int
	verdict string
	token   string
	err     error
}

// visit follows a link, and goes no further.
func visit(ctx context.Context, c *http.Client, o *Options, v *Visit) answer {
	r, err := http.NewRequestWithContext(ctx, v.Method, o.Addresses[v.Link]+v.Query, nil)
	if err != nil {
		return answer{err: err}
	}
	r.Header.Set("User-Agent", "") // none, unless the visit has one
	for _, h := range v.Header {
		r.Header.Set(h[0], h[1])
	}
	r.Header.Set("X-Forwarded-For", v.Address.String())
	res, err := c.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)); err != nil {
		return answer{err: err}
	}
	a := answer{status: res.StatusCode}
	a.verdict, _, _ = strings.Cut(res.Header.Get("X-Click-Verdict"), ";")
	to, err := url.Parse(res.Header.Get("Location"))
	switch {
	case a.status == http.StatusServiceUnavailable:
	case a.status != http.StatusFound:
		a.err = fmt.Errorf("answered %d", a.status)
	case err != nil || (to.Scheme != "https" && to.Scheme != "http") || to.Host == "":
		a.err = fmt.Errorf("led to %q", res.Header.Get("Location"))
	default:
		if t := to.Query().Get(o.Parameter); len(t) == token.Len {
			a.token = t
		}
	}
	return a
}

// add counts a visit.
func (r *Report) add(v *Visit, a answer, took time.Duration) {
	r.Clicks++
	switch {
	case a.err != nil:
		r.Failed++
		r.miss(v)
		if len(r.Errors) < 5 {
			r.Errors = append(r.Errors, a.err.Error())
		}
		return
	case a.status == http.StatusServiceUnavailable:
		r.Shed++
		r.miss(v)
		return
	}
	r.Acknowledged++
	r.Latency.Add(took)
	if a.token == "" {
		r.WithoutToken++
	}
	as := v.As.String()
	if r.Verdicts[as] == nil {
		r.Verdicts[as] = make(map[string]map[string]int)
	}
	if r.Verdicts[as][v.Want] == nil {
		r.Verdicts[as][v.Want] = make(map[string]int)
	}
	r.Verdicts[as][v.Want][a.verdict]++
}

// miss takes note of a visit without a verdict.
func (r *Report) miss(v *Visit) {
	if v.As == Flooder && v.Want == "valid" {
		r.unanswered++
	}
}

// Write writes the report for people.
func (r *Report) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%d clicks in %.1f s (%.0f a second): %d acknowledged, %d shed, %d failed\n", r.Clicks, r.Took.Seconds(), float64(r.Clicks)/r.Took.Seconds(), r.Acknowledged, r.Shed, r.Failed)
	for _, e := range r.Errors {
		fmt.Fprintf(b, "  %s\n", e)
	}
	if r.WithoutToken > 0 {
		fmt.Fprintf(b, "%d of the acknowledged have no token\n", r.WithoutToken)
	}
	fmt.Fprintf(b, "answered after p50 %v, p90 %v, p99 %v, p99.9 %v, at most %v\n", r.Latency.Quantile(0.5), r.Latency.Quantile(0.9), r.Latency.Quantile(0.99), r.Latency.Quantile(0.999), r.Latency.Quantile(1))
	for as := range behaviours {
		for want, given := range r.Verdicts[as.String()] {
			for got, n := range given {
				mark := ""
				if got != want && as != Flooder {
					mark = "  <- another one"
				}
				fmt.Fprintf(b, "%8d × %-18s wanted %-16s given %s%s\n", n, as, want, got, mark)
			}
		}
	}
	if n := r.floodsPassed(); n > 0 {
		fmt.Fprintf(b, "%d clicks of floods counted and should not have\n", n)
	}
	fmt.Fprintf(b, "%d clicks were judged otherwise than they were meant\n", r.Wrong())
	return b.Flush()
}
