package httpd

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/edge"
)

// Plain serves HTTP/1.1, behind a proxy that keeps its connections open or, with TLS, in the open. It knows nothing but links and the
// edge's few pages: requests have no bodies, and each connection has a goroutine that reads, answers and writes. Connections that
// speak HTTP/2 are handed on to the standard library's server.
type Plain struct {
	Edge *edge.Edge
	Now  func() time.Time // the clock, for time limits and the Date of answers
	TLS  *tls.Config      // see SecureConfig; nil: without TLS

	// MaxConns is the greatest number of connections; what comes on top is answered 503, or with TLS closed, at once. 0: 65,536.
	MaxConns int

	mu     sync.Mutex
	lns    map[net.Listener]struct{}
	conns  map[*wire]struct{}
	closed atomic.Bool
	wait   sync.WaitGroup
	date   atomic.Pointer[date]
	pool   sync.Pool
	h2     *modern
}

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("the server was shut down")

// Serve accepts connections until Shutdown or an error of the listener's. It closes the listener.
func (p *Plain) Serve(ln net.Listener) error {
	defer func() { _ = ln.Close() }()
	p.mu.Lock()
	if p.closed.Load() {
		p.mu.Unlock()
		return ErrClosed
	}
	if p.lns == nil {
		p.lns, p.conns = map[net.Listener]struct{}{}, map[*wire]struct{}{}
	}
	p.lns[ln] = struct{}{}
	if p.TLS != nil && p.h2 == nil {
		p.h2 = newModern(p, ln.Addr())
	}
	p.mu.Unlock()
	limit := p.MaxConns
	if limit == 0 {
		limit = 65536
	}
	for {
		c, err := ln.Accept()
		if err != nil {
			if p.closed.Load() {
				return ErrClosed
			}
			var temporary interface{ Temporary() bool }
			if errors.As(err, &temporary) && temporary.Temporary() {
				time.Sleep(5 * time.Millisecond) // out of file descriptors, mostly: others must end first
				continue
			}
			return fmt.Errorf("accepting connections: %w", err)
		}
		p.mu.Lock()
		switch {
		case p.closed.Load():
			p.mu.Unlock()
			_ = c.Close()
			return ErrClosed
		case len(p.conns) >= limit:
			p.mu.Unlock()
			p.Edge.CountShed()
			p.turnAway(c)
			continue
		}
		w := &wire{Conn: c, plain: p}
		p.conns[w] = struct{}{}
		p.wait.Add(1)
		p.mu.Unlock()
		go p.connection(w)
	}
}

// turnAwayLimit is how long whoever is turned away may take to say what he wants. Mostly it has been said.
const turnAwayLimit = 2 * time.Millisecond

// turnAway ends a connection for which there is no room. A request that has come is read, or the answer would be lost with it.
func (p *Plain) turnAway(c net.Conn) {
	if p.TLS == nil {
		_ = c.SetDeadline(p.Now().Add(turnAwayLimit))
		var b [2048]byte
		if n, _ := c.Read(b[:]); n > 0 {
			_, _ = io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}
	}
	_ = c.Close()
}

// Shutdown stops accepting, lets answers that are being made go out, and closes all connections. When ctx ends first, they are cut off.
func (p *Plain) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.closed.Store(true)
	for ln := range p.lns {
		_ = ln.Close()
	}
	for c := range p.conns {
		if !c.handed {
			_ = c.SetReadDeadline(time.Unix(1, 0)) // long past, whatever the clock says: whoever waits for a request waits no longer
		}
	}
	p.mu.Unlock()
	var other error // what HTTP/2 says
	done := make(chan struct{})
	go func() {
		if p.h2 != nil {
			other = p.h2.shutdown(ctx)
		}
		p.wait.Wait()
		close(done)
	}()
	select {
	case <-done:
		return other
	case <-ctx.Done():
		p.mu.Lock()
		for c := range p.conns {
			_ = c.Conn.Close() // its goroutine does the rest
		}
		p.mu.Unlock()
		return fmt.Errorf("shutting down: %w", ctx.Err())
	}
}

// work is the memory of one connection.
type work struct {
	in, out []byte
	req     edge.Request
	head    head
}

// date is the text of a second.
type date struct {
	second int64
	text   string
}

func (p *Plain) connection(below *wire) {
	defer p.wait.Done()
	var c net.Conn = below
	if p.TLS != nil {
		secure := p.shake(below)
		if secure == nil {
			return
		}
		c = secure
	}
	w, ok := p.pool.Get().(*work)
	if !ok {
		w = &work{in: make([]byte, 2048), out: make([]byte, 0, 1024)}
	}
	p.converse(c, below, w)
	_ = c.Close()
	w.req = edge.Request{}
	if cap(w.in) <= 4096 && cap(w.out) <= 4096 {
		p.pool.Put(w)
	}
}

// converse answers a connection's requests, one after the other.
func (p *Plain) converse(c net.Conn, below *wire, w *work) {
	w.req.Peer = peerOf(c.RemoteAddr())
	now := p.Now()
	limit := now.Add(headTimeout)
	_ = c.SetDeadline(limit)
	from, to := 0, 0 // what was read and not answered yet: w.in[from:to]
	hurried := true  // the time limit is that of a head
	for {
		n, err := parse(w.in[from:to], &w.req, &w.head)
		if errors.Is(err, errPart) {
			if to > from && !hurried {
				// A head has begun: it has not as long as a connection may be idle.
				limit, hurried = p.Now().Add(headTimeout), true
				_ = c.SetReadDeadline(limit)
				if p.closed.Load() {
					return
				}
			}
			if err = p.read(c, w, &from, &to); err == nil {
				continue
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, errHead):
			p.refuse(c, w, "400 Bad Request")
			return
		case errors.Is(err, errVersion):
			p.refuse(c, w, "505 HTTP Version Not Supported")
			return
		case errors.Is(err, errLong):
			p.refuse(c, w, "431 Request Header Fields Too Large")
			return
		default:
			return
		}
		from += n
		if w.head.body && isLink(string(w.req.Method)) {
			p.refuse(c, w, "400 Bad Request")
			return
		}
		now = p.Now()
		resp := p.Edge.Acquire()
		pending := p.Edge.Begin(&w.req, resp)
		w.head.close = w.head.close || w.head.body || p.closed.Load()
		w.out = p.write(w.out[:0], now, &w.head, string(w.req.Method) == "HEAD", resp)
		p.Edge.Release(resp)
		pending.Wait()
		if !w.head.close && p.closed.Load() { // while it was waited for; a redirect has no body, so its head ends here
			w.head.close = true
			if end := len(w.out) - 2; string(w.out[max(0, end-2):]) == "\r\n\r\n" {
				w.out = append(w.out[:end], "Connection: close\r\n\r\n"...)
			}
		}
		below.hold = p.TLS != nil && w.head.close && !w.head.body
		if _, err := c.Write(w.out); err != nil {
			return
		}
		if w.head.close {
			if w.head.body {
				linger(c, p.Now())
			}
			return
		}
		// Setting a time limit costs as much as finding a link: it is moved when half of it is over.
		if hurried || limit.Sub(now) < idleTimeout/2 {
			limit, hurried = now.Add(idleTimeout), false
			_ = c.SetDeadline(limit)
			if p.closed.Load() { // Shutdown may have set another limit just before
				return
			}
		}
	}
}

// read waits for a head to begin, or, when it has begun, until it may be complete: whoever sends it byte by byte does not make the
// server parse it as often.
func (p *Plain) read(c net.Conn, w *work, from, to *int) error {
	idle := *from == *to
	if idle {
		*from, *to = 0, 0
	}
	for seen := *to; ; {
		if *to == len(w.in) {
			if *from > 0 {
				seen -= *from
				*from, *to = 0, copy(w.in, w.in[*from:*to])
			} else if len(w.in) >= maxHead {
				return errLong
			} else {
				w.in = append(w.in, make([]byte, len(w.in))...)
			}
		}
		n, err := c.Read(w.in[*to:])
		*to += n
		if n == 0 {
			if err == nil {
				err = io.ErrNoProgress
			}
			return err
		}
		if idle || ended(w.in[max(*from, seen-2):*to]) {
			return nil
		}
		seen = *to
	}
}

// ended reports whether there is an empty line in b, or a line that ends the wrong way.
func ended(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return false
		}
		b = b[i+1:]
		if len(b) > 0 && b[0] == '\n' || len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
			return true
		}
	}
}

// write makes the text of an answer.
func (p *Plain) write(b []byte, now time.Time, h *head, headOnly bool, resp *edge.Response) []byte {
	switch resp.Status {
	case 302:
		b = append(b, "HTTP/1.1 302 Found\r\nLocation: "...)
		b = append(append(b, resp.Location...), "\r\n"...)
	case 200:
		b = append(b, "HTTP/1.1 200 OK\r\n"...)
	case 404:
		b = append(b, "HTTP/1.1 404 Not Found\r\n"...)
	case 405:
		b = append(b, "HTTP/1.1 405 Method Not Allowed\r\n"...)
	default:
		b = append(b, "HTTP/1.1 503 Service Unavailable\r\n"...)
	}
	b = append(b, "Cache-Control: no-store\r\nX-Robots-Tag: noindex\r\n"...)
	if len(resp.Verdict) > 0 {
		b = append(append(append(b, "X-Click-Verdict: "...), resp.Verdict...), "\r\n"...)
	}
	if len(resp.Cookie) > 0 {
		b = append(append(append(b, "Set-Cookie: "...), resp.Cookie...), "\r\n"...)
	}
	if resp.Allow {
		b = append(b, "Allow: GET, HEAD\r\n"...)
	}
	if resp.RetryAfter {
		b = append(b, "Retry-After: 1\r\n"...)
	}
	if len(resp.Body) > 0 {
		b = append(b, "Content-Type: text/plain; charset=utf-8\r\n"...)
	}
	b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(resp.Body)), 10)
	b = append(append(append(b, "\r\nDate: "...), p.dateAt(now)...), "\r\n"...)
	switch {
	case h.close:
		b = append(b, "Connection: close\r\n"...)
	case h.keepAlive:
		b = append(b, "Connection: keep-alive\r\n"...)
	}
	b = append(b, "\r\n"...)
	if !headOnly {
		b = append(b, resp.Body...)
	}
	return b
}

// dateAt is a time as HTTP writes it. It is made once a second.
func (p *Plain) dateAt(now time.Time) string {
	if d := p.date.Load(); d != nil && d.second == now.Unix() {
		return d.text
	}
	d := &date{now.Unix(), now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}
	p.date.Store(d)
	return d.text
}

// refuse answers what cannot be understood, and ends the connection: where the next request begins cannot be known.
func (p *Plain) refuse(c net.Conn, w *work, status string) {
	w.out = append(append(w.out[:0], "HTTP/1.1 "...), status...)
	w.out = append(w.out, "\r\nCache-Control: no-store\r\nX-Robots-Tag: noindex\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "...)
	w.out = strconv.AppendInt(w.out, int64(len(badRequest)), 10)
	w.out = append(append(append(w.out, "\r\nDate: "...), p.dateAt(p.Now())...), "\r\nConnection: close\r\n\r\n"...)
	w.out = append(w.out, badRequest...)
	if _, err := c.Write(w.out); err == nil {
		linger(c, p.Now())
	}
}

// linger lets the other side read the last answer: a connection that is closed while bytes lie unread is cut, and the answer with it.
func linger(c net.Conn, now time.Time) {
	if half, ok := c.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_ = c.SetReadDeadline(now.Add(500 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, c, 256<<10)
	}
}
