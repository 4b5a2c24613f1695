package httpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickledger/clickledger/internal/edge"
)

// dial connects to a server; the connection is closed at the end of the test.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func readStatus(t *testing.T, in *bufio.Reader) int {
	t.Helper()
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// A connection takes many requests: one after the other, several at once, and in pieces of any size.
func TestPlainKeepsConnectionsOpen(t *testing.T) {
	log := &memLog{}
	addr := startPlain(t, &Plain{Edge: newEdge(t, log), Now: time.Now})
	c := dial(t, addr)
	in := bufio.NewReader(c)
	text := get("/e/"+live+"?af=1", "User-Agent: "+browser, "Accept: */*")
	n := 0
	for range 3 {
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if s := readStatus(t, in); s != 302 {
			t.Fatalf("answer %d is %d", n, s)
		}
		n++
	}
	many := strings.Repeat(text, 50) // more than the first buffer holds
	if _, err := io.WriteString(c, many); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if s := readStatus(t, in); s != 302 {
			t.Fatalf("answer %d is %d", n, s)
		}
		n++
	}
	for _, size := range []int{1, 2, 3, 7, 64, 100} {
		for rest := text; rest != ""; {
			part := rest[:min(size, len(rest))]
			rest = rest[len(part):]
			if _, err := io.WriteString(c, part); err != nil {
				t.Fatal(err)
			}
		}
		if s := readStatus(t, in); s != 302 {
			t.Fatalf("in pieces of %d the answer is %d", size, s)
		}
		n++
	}
	long := get("/e/"+live, "User-Agent: "+browser, "X-Long: "+strings.Repeat("x", 12<<10))
	if _, err := io.WriteString(c, long+text); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s := readStatus(t, in); s != 302 {
			t.Fatalf("after a long head the answer is %d", s)
		}
		n++
	}
	if got := len(log.all(t)); got != n {
		t.Errorf("%d clicks are recorded of %d", got, n)
	}
}

// pipe is a listener for connections inside the test, whose time is the test's.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipe() *pipe { return &pipe{make(chan net.Conn), make(chan struct{})} }

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipe) dial() net.Conn {
	a, b := net.Pipe()
	p.conns <- a
	return b
}

// Whoever sends nothing, or too slowly, is not waited for; whoever only pauses between requests is.
func TestPlainTimeLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Plain{Edge: newEdge(t, &memLog{}), Now: time.Now}
		ln := newPipe()
		done := make(chan error, 1)
		go func() { done <- p.Serve(ln) }()
		text := get("/e/"+live, "User-Agent: "+browser)
		untilClosed := func(c net.Conn) time.Duration {
			start := time.Now()
			if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Error(err)
			}
			return time.Since(start)
		}

		if d := untilClosed(ln.dial()); d != headTimeout {
			t.Errorf("a connection without a request is closed after %s", d)
		}

		slow := ln.dial()
		start := time.Now()
		for i := range text {
			if _, err := slow.Write([]byte{text[i]}); err != nil {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		if d := time.Since(start); d < headTimeout || d > headTimeout+time.Second {
			t.Errorf("a head that comes byte by byte is waited for %s", d)
		}

		pausing := ln.dial()
		in := bufio.NewReader(pausing)
		for range 5 {
			if _, err := io.WriteString(pausing, text); err != nil {
				t.Fatal(err)
			}
			if s := readStatus(t, in); s != 302 {
				t.Fatalf("after a pause the answer is %d", s)
			}
			time.Sleep(30 * time.Second)
		}
		if d := untilClosed(pausing); d < idleTimeout/2-30*time.Second || d > idleTimeout {
			t.Errorf("an idle connection is closed after %s more", d)
		}

		begun := ln.dial()
		in = bufio.NewReader(begun)
		if _, err := io.WriteString(begun, text+"GET /e/"); err != nil {
			t.Fatal(err)
		}
		if s := readStatus(t, in); s != 302 {
			t.Fatalf("the answer is %d", s)
		}
		if d := untilClosed(begun); d != headTimeout {
			t.Errorf("a second head that does not come to its end is waited for %s", d)
		}

		if err := p.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// Shutdown lets the answer that is being made go out, ends idle connections at once, and takes no new ones.
func TestPlainShutdown(t *testing.T) {
	log := &memLog{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
	p := &Plain{Edge: newEdge(t, log), Now: time.Now}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(ln) }()
	idle, working := dial(t, ln.Addr().String()), dial(t, ln.Addr().String())
	if _, err := io.WriteString(idle, get("/healthz")); err != nil {
		t.Fatal(err)
	}
	if s := readStatus(t, bufio.NewReader(idle)); s != 200 {
		t.Fatalf("health is %d", s)
	}
	if _, err := io.WriteString(working, get("/e/"+live, "User-Agent: "+browser)); err != nil {
		t.Fatal(err)
	}
	<-log.waiting
	down := make(chan error, 1)
	go func() { down <- p.Shutdown(context.Background()) }()
	if _, err := idle.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection: %v", err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
	select {
	case err := <-down:
		t.Errorf("Shutdown returned %v while an answer was being made", err)
	default:
	}
	close(log.hold)
	resp, err := http.ReadResponse(bufio.NewReader(working), nil)
	if err != nil || resp.StatusCode != 302 || !resp.Close {
		t.Errorf("the last answer is %+v, %v", resp, err)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if err := p.Serve(ln); !errors.Is(err, ErrClosed) {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}

// An impatient Shutdown cuts connections off.
func TestPlainShutdownInAHurry(t *testing.T) {
	log := &memLog{hold: make(chan struct{}), waiting: make(chan struct{}, 1)}
	p := &Plain{Edge: newEdge(t, log), Now: time.Now}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(ln) }()
	c := dial(t, ln.Addr().String())
	if _, err := io.WriteString(c, get("/e/"+live, "User-Agent: "+browser)); err != nil {
		t.Fatal(err)
	}
	<-log.waiting
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returned %v", err)
	}
	<-done
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the connection is still there: %d, %v", n, err)
	}
	close(log.hold)
	p.wait.Wait()
}

// Beyond the limit connections are answered 503 and closed at once, and counted.
func TestPlainLimitsConnections(t *testing.T) {
	addr := startPlain(t, &Plain{Edge: newEdge(t, &memLog{}), Now: time.Now, MaxConns: 1})
	c := dial(t, addr)
	in := bufio.NewReader(c)
	if _, err := io.WriteString(c, get("/healthz")); err != nil {
		t.Fatal(err)
	}
	if s := readStatus(t, in); s != 200 {
		t.Fatalf("health is %d", s)
	}
	if n, err := dial(t, addr).Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a second connection is served: %d, %v", n, err)
	}
	if a := exchange(t, addr, get("/e/"+live, "User-Agent: "+browser)); a.status != 503 || !a.closed || !strings.Contains(a.fields, "Retry-After: 1") {
		t.Errorf("a click on a second connection is answered %+v", a)
	}
	if _, err := io.WriteString(c, get("/healthz")); err != nil {
		t.Fatal(err)
	}
	if s := readStatus(t, in); s != 200 {
		t.Errorf("the first connection is answered %d", s)
	}
}

// A proxy on this machine may come through a Unix socket; what it says of the client is believed if the loopback address is trusted.
func TestPlainOnAUnixSocket(t *testing.T) {
	log := &memLog{}
	p := &Plain{Edge: newEdge(t, log), Now: time.Now}
	ln, err := net.Listen("unix", filepath.Join(t.TempDir(), "edge"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(ln) }()
	c, err := net.Dial("unix", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For: 203.0.113.77")); err != nil {
		t.Fatal(err)
	}
	if s := readStatus(t, bufio.NewReader(c)); s != 302 {
		t.Errorf("the answer is %d", s)
	}
	_ = c.Close()
	if err := p.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	<-done
	if r := log.all(t); len(r) != 1 || r[0].Network.String() != "203.0.113.0/24" {
		t.Errorf("recorded: %+v", r)
	}
}

// No two requests are ever read from what is one for the library, nor one from what is two: what Plain accepts, the library reads in
// the same way.
func FuzzParse(f *testing.F) {
	for _, text := range conversations {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var req edge.Request
		var h head
		n, err := parse(b, &req, &h)
		if err != nil {
			return
		}
		in := bufio.NewReader(bytes.NewReader(b))
		r, err := http.ReadRequest(in)
		if err != nil {
			// The library refuses some targets and hosts that are nothing to an edge; after a body both end the connection.
			if s := err.Error(); h.body || strings.Contains(s, "parse ") || strings.Contains(s, "Host") || strings.Contains(s, "URI") {
				return
			}
			t.Fatalf("%q is read by plain and refused by the library: %v", b, err)
		}
		if r.Method != string(req.Method) || r.RequestURI != string(req.Target) {
			t.Errorf("%q: the library reads %s %q, plain %s %q", b, r.Method, r.RequestURI, req.Method, req.Target)
		}
		if body := r.ContentLength != 0 || len(r.TransferEncoding) > 0; body && !h.body {
			t.Errorf("%q: the library sees a body, plain does not", b)
		}
		if !h.body && len(b)-n != in.Buffered() && len(b) < 4096 {
			t.Errorf("%q: the library reads %d bytes, plain %d", b, len(b)-in.Buffered(), n)
		}
		if r.Close && !h.close {
			t.Errorf("%q: the library closes, plain does not", b)
		}
		for _, c := range []struct {
			name string
			got  []byte
		}{{"User-Agent", req.UserAgent}, {"Referer", req.Referer}, {"Sec-Fetch-Dest", req.FetchDest}, {"Sec-Fetch-Mode", req.FetchMode}, {"Sec-Fetch-User", req.FetchUser}, {"Sec-Purpose", req.SecPurpose}, {"Cookie", req.Cookie}} {
			if r.Header.Get(c.name) != string(c.got) {
				t.Errorf("%q: %s is %q for the library, %q for plain", b, c.name, r.Header.Get(c.name), c.got)
			}
		}
	})
}
