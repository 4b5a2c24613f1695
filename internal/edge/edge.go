// Package edge answers clicks: it finds the link, judges the click, records it, and sends the shopper on with a signed token
// (L1-L4, L7, T6). Edge.Click is the hot path; it knows no HTTP library, takes no lock and no memory. Edge.Answer adds the log.
package edge

import (
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/agent"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/link"
)

// Log keeps clicks. Append returns when the record's fate is decided: nil when it is where the log promises to have it by then, an
// error when it is not. It must return in bounded time, whatever the disk does, and keeps nothing of the record afterwards.
type Log interface {
	Append(record []byte) error
}

// starter is a Log that can be told of a record and waited for later, as clicklog.Log.
type starter interface {
	Start(record []byte) (*clicklog.Ticket, error)
}

// Config is what an edge needs. Table, Keys and Log must be there.
type Config struct {
	Table *links.Table
	Keys  *token.Keyring
	Log   Log

	Now      func() time.Time                  // the clock
	Fallback string                            // where unknown links lead, an http or https address; empty: nowhere, the answer is 404
	Trusted  []netip.Prefix                    // proxies whose X-Forwarded-For is believed
	Country  func(netip.Addr) [2]byte          // ISO 3166-1 alpha-2, or zero; nil: countries are not known
	Flood    Flood                             // when repeated clicks are a flood
	DayKey   func(day int64) ([16]byte, error) // the key of a UTC day's visitor hashes, counted from 1970; nil: a random one that lives in memory for that day only
	Random   io.Reader                         // of cryptographic quality; nil: the system's
	Metrics  prometheus.Registerer             // nil: none are exported

	MaxInFlight int  // clicks that wait for the log at a time; beyond, clicks are shed; 0: 16,384
	HideVerdict bool // leave out the answer's X-Click-Verdict
}

// Flood says when one visitor's clicks on one link are a flood: the clicks after Limit within Window are duplicates (T6, F4). A visitor
// is an address and a user agent. The zero value is 10 in an hour: people reload, come back and open things twice, and a token that was
// judged a duplicate could not win although the same person's first one would.
type Flood struct {
	Window time.Duration // whole minutes, up to 24 h
	Limit  int           // 1 or more
	Log    int           // room for 2^Log links and visitors at a time, of 8 bytes each; 0: 2^20
}

// Edge answers clicks. Its methods may be called by many goroutines at once.
type Edge struct {
	c        Config
	starter  starter // nil: the log can only be waited for
	keys     atomic.Pointer[token.Keyring]
	agents   *agent.Cache
	flood    *flood
	day      atomic.Pointer[dayKey]
	last     atomic.Int64 // the newest click's time
	inFlight atomic.Int64
	ready    atomic.Bool
	metrics  *metrics
	verdicts [click.Fraud + 1][record.Reasons][]byte // the header's text
	pool     sync.Pool

	credulous bool // red control of the tests: no click is judged
}

// New returns an edge. It is not ready before SetReady.
func New(c Config) (*Edge, error) {
	switch {
	case c.Table == nil || c.Keys == nil || c.Log == nil || c.Now == nil:
		return nil, errors.New("edge: it needs a table of links, keys, a log and a clock")
	case c.MaxInFlight < 0 || c.Flood.Limit < 0 || c.Flood.Log < 0 || c.Flood.Log > 30:
		return nil, errors.New("edge: limits are not negative, and the room for floods is 2^30 at most")
	case c.Flood.Window < 0 || c.Flood.Window > 24*time.Hour || c.Flood.Window%time.Minute != 0:
		return nil, fmt.Errorf("edge: the flood window is %s; give whole minutes, up to 24 h", c.Flood.Window)
	}
	if c.Fallback != "" {
		u, err := url.Parse(c.Fallback)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return nil, fmt.Errorf("edge: the fallback %q is not the full address of a page, such as https://shop.example/", c.Fallback)
		}
		c.Fallback = u.String()
	}
	if c.MaxInFlight == 0 {
		c.MaxInFlight = 16384
	}
	if c.Flood.Window == 0 {
		c.Flood.Window = time.Hour
	}
	if c.Flood.Limit == 0 {
		c.Flood.Limit = 10
	}
	if c.Flood.Log == 0 {
		c.Flood.Log = 20
	}
	if c.Random == nil {
		c.Random = crand.Reader
	}
	e := &Edge{c: c, agents: agent.NewCache(12), flood: newFlood(c.Flood)}
	e.starter, _ = c.Log.(starter)
	e.keys.Store(c.Keys)
	for v := range e.verdicts {
		for r := range e.verdicts[v] {
			text := click.Verdict(v).String()
			if record.Reason(r) != record.None {
				text += "; reason=" + record.Reason(r).String()
			}
			e.verdicts[v][r] = []byte(text)
		}
	}
	if _, err := e.dayKey(c.Now().UnixMicro()); err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	if _, err := e.newResponse(); err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	var err error
	if e.metrics, err = newMetrics(c.Metrics, e); err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	return e, nil
}

// SetKeys swaps the keyring in: the next click is signed with it.
func (e *Edge) SetKeys(k *token.Keyring) { e.keys.Store(k) }

// SetReady says whether the edge knows its links. /readyz answers accordingly; clicks are answered anyway.
func (e *Edge) SetReady(ready bool) { e.ready.Store(ready) }

// maxStepBack is how far the clock may be behind the newest click for clicks to go on from that, so that their IDs keep rising; a
// clock that was set back further is believed.
const maxStepBack = 10 * time.Second

// stamp is the time of a click in microseconds: the clock's, but later than every click before on this edge.
func (e *Edge) stamp() int64 {
	now := e.c.Now().UnixMicro()
	for {
		last, next := e.last.Load(), now
		if next <= last {
			if last-next > maxStepBack.Microseconds() {
				e.metrics.clockSteps.Inc()
			} else {
				next = last + 1
			}
		}
		if e.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// Request is a request for a link, as an HTTP front end read it. Nothing is written to its slices.
type Request struct {
	Method []byte
	Target []byte // the request target: path and query, or a whole address
	Peer   netip.Addr

	Cookie       []byte
	ForwardedFor []byte // the last header line of that name
	Referer      []byte
	UserAgent    []byte
	Purpose      []byte // Purpose, X-Purpose or X-Moz
	SecPurpose   []byte
	FetchDest    []byte // Sec-Fetch-Dest
	FetchMode    []byte // Sec-Fetch-Mode
	FetchSite    []byte // Sec-Fetch-Site
	FetchUser    []byte // Sec-Fetch-User
	GPC          []byte // Sec-GPC
}

// Response is an answer. It belongs to the edge that made it and is used again after Release.
type Response struct {
	Status     int
	Location   []byte // of a redirect
	Verdict    []byte // X-Click-Verdict; empty: none
	Cookie     []byte // Set-Cookie; empty: none
	Body       []byte // plain text; empty for redirects
	Allow      bool   // Allow: GET, HEAD
	RetryAfter bool   // Retry-After: 1

	// Record is the click as it is to be logged; empty: there was none. After Answer it has been logged, or counted as not.
	Record []byte
	// Click is what was recorded.
	Click record.Record

	view    links.View
	agent   *agent.Agent
	claims  token.Claims
	scratch []byte // texts of the record
	random  *rand.ChaCha8
	block   [16]byte
}

// Acquire returns a response that nobody else uses until Release.
func (e *Edge) Acquire() *Response {
	if r, ok := e.pool.Get().(*Response); ok {
		return r
	}
	r, err := e.newResponse()
	for err != nil { // the system's source of randomness does not fail once it has worked, which New saw to
		r, err = e.newResponse()
	}
	return r
}

// Release gives a response back. Nothing that it held may be used afterwards.
func (e *Edge) Release(r *Response) {
	r.view.Release()
	e.pool.Put(r)
}

func (e *Edge) newResponse() (*Response, error) {
	var seed [32]byte
	if _, err := io.ReadFull(e.c.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("random numbers: %w", err)
	}
	return &Response{
		Location: make([]byte, 0, link.MaxAddress+64+token.Len),
		Cookie:   make([]byte, 0, 256),
		Record:   make([]byte, 0, record.MaxLen),
		scratch:  make([]byte, 0, 4*link.MaxSubID+2*record.MaxText),
		random:   rand.NewChaCha8(seed),
	}, nil
}

// nonce is the random part of a click's ID.
func (r *Response) nonce() (n token.Nonce) {
	binary.LittleEndian.PutUint64(n[:8], r.random.Uint64())
	n[8] = byte(r.random.Uint64())
	return n
}

// reset clears all but the memory.
func (r *Response) reset() {
	r.Status, r.Verdict, r.Body, r.Allow, r.RetryAfter = 0, nil, nil, false, false
	r.Location, r.Cookie, r.Record, r.scratch = r.Location[:0], r.Cookie[:0], r.Record[:0], r.scratch[:0]
}

// Answer answers a request: a click is judged, logged and sent on; a few other paths have fixed answers. It returns when the
// answer may be sent: the click is logged by then, or the log has said that it is not.
func (e *Edge) Answer(req *Request, resp *Response) {
	p := e.Begin(req, resp)
	p.Wait()
}

// Pending is an answer that is made and may not be sent before Wait has returned. It needs neither the request nor the response.
type Pending struct {
	edge    *Edge // nil: nothing was logged
	ticket  *clicklog.Ticket
	micro   int64 // of a click whose time is taken
	verdict click.Verdict
	reason  record.Reason
	timed   bool
}

// Begin makes an answer and begins to log its click. Once the answer's text is written, the response can be released: thousands of clicks
// that wait for the log then need little memory, which is the processor's cache they compete for.
func (e *Edge) Begin(req *Request, resp *Response) (p Pending) {
	resp.reset()
	path, query := split(req.Target)
	if len(path) < len(Path) || string(path[:len(Path)]) != Path {
		e.page(string(path), resp)
		return p
	}
	if n := e.inFlight.Add(1); n > int64(e.c.MaxInFlight) {
		e.inFlight.Add(-1)
		e.metrics.shedClicks.Inc()
		resp.Status, resp.RetryAfter, resp.Body = 503, true, busy
		return p
	}
	e.click(req, path[len(Path):], query, resp)
	if len(resp.Record) == 0 {
		e.inFlight.Add(-1)
		return p
	}
	c := &resp.Click
	// One in eight is enough to see how long answers take.
	p = Pending{edge: e, verdict: c.Verdict, reason: c.Reason, micro: c.Click.Micro(), timed: c.Click[15]&7 == 0}
	var err error
	if e.starter != nil {
		p.ticket, err = e.starter.Start(resp.Record)
	} else {
		err = e.c.Log.Append(resp.Record)
	}
	if err != nil {
		// The shopper goes on; the token will do what the row cannot.
		e.metrics.unlogged.Inc()
	}
	return p
}

// Wait returns when the answer may be sent: its click is logged, or the log has said that it is not.
func (p *Pending) Wait() {
	e := p.edge
	if e == nil {
		return
	}
	if p.ticket != nil && p.ticket.Wait() != nil {
		e.metrics.unlogged.Inc()
	}
	e.inFlight.Add(-1)
	e.metrics.clicks[p.verdict].Inc()
	if p.reason != record.None {
		e.metrics.reasons[p.reason].Inc()
	}
	if p.timed {
		e.metrics.seconds.Observe(float64(max(0, e.c.Now().UnixMicro()-p.micro)) / 1e6)
	}
}

// Path is where links begin.
const Path = "/e/"

var (
	busy     = []byte("Too many clicks at this moment. Please try again.\n")
	notFound = []byte("There is nothing here.\n")
	noMethod = []byte("Links are followed with GET.\n")
	alive    = []byte("ok\n")
	unready  = []byte("not ready\n")
	robots   = []byte("User-agent: *\nDisallow: /\n")
)

// page answers what is not a link.
func (e *Edge) page(path string, resp *Response) {
	resp.Status, resp.Body = 404, notFound
	switch path {
	case "/healthz":
		resp.Status, resp.Body = 200, alive
	case "/readyz":
		resp.Status, resp.Body = 200, alive
		if !e.ready.Load() || !e.keys.Load().CanSign(e.c.Now()) {
			resp.Status, resp.Body = 503, unready
		}
	case "/robots.txt":
		resp.Status, resp.Body = 200, robots
	}
}

// split takes a request target apart into path and query.
func split(target []byte) (path, query []byte) {
	if len(target) > 0 && target[0] != '/' { // a whole address, as for a proxy
		for i := 0; i+3 <= len(target); i++ {
			if string(target[i:i+3]) == "://" {
				target = target[i+3:]
				break
			}
		}
		for len(target) > 0 && target[0] != '/' {
			target = target[1:]
		}
	}
	for i, c := range target {
		if c == '?' {
			return target[:i], target[i+1:]
		}
	}
	return target, nil
}

// CountShed counts a connection that a front end turned away because there were too many.
func (e *Edge) CountShed() { e.metrics.shedConns.Inc() }
