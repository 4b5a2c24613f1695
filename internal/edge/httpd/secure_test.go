package httpd

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/vfs"
)

// secure serves an edge with TLS until the test ends, and returns how clients trust it.
func secure(t *testing.T, p *Plain) (addr string, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pair := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	p.TLS = SecureConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair, nil })
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(ln) }()
	t.Cleanup(func() {
		if err := p.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return ln.Addr().String(), &tls.Config{RootCAs: roots}
}

func dialSecure(t *testing.T, addr string, trust *tls.Config) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", addr, trust)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// modernClient speaks HTTP/2.
func modernClient(t *testing.T, trust *tls.Config) *http.Client {
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: trust.Clone()}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Over TLS Plain gives the same answers and records as without, to the letter; connections end as TLS connections should.
func TestL3_TLSAnswersAreTheSame(t *testing.T) {
	a, b := &memLog{}, &memLog{}
	open := startPlain(t, &Plain{Edge: newEdge(t, a), Now: time.Now})
	addr, trust := secure(t, &Plain{Edge: newEdge(t, b), Now: time.Now})
	for _, text := range conversations {
		c, err := tls.Dial("tcp", addr, trust)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := exchange(t, open, text), exchangeOn(t, c, text); x != y {
			t.Errorf("%.100q is answered\n%+v without TLS,\n%+v with it", text, x, y)
		}
	}
	ra, rb := a.all(t), b.all(t)
	if len(ra) != len(rb) || len(ra) < 30 {
		t.Fatalf("%d and %d clicks are recorded", len(ra), len(rb))
	}
	for i := range ra {
		if say(ra[i]) != say(rb[i]) {
			t.Errorf("click %d is recorded as\n%s without TLS,\n%s with it", i, say(ra[i]), say(rb[i]))
		}
	}
	c := dialSecure(t, addr, trust)
	text := get("/e/"+live, "User-Agent: "+browser)
	if _, err := io.WriteString(c, text+text+strings.Replace(text, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	for range 3 {
		if s := readStatus(t, in); s != 302 {
			t.Errorf("the answer is %d", s)
		}
	}
	if n, err := in.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) { // a cut connection would be an unexpected EOF
		t.Errorf("after the last answer: %v", err)
	}
}

// HTTP/2 goes to the library's server on the same port; both count, both end with Shutdown, which waits for the answers that are being made.
func TestL3_HTTP2OnTheSamePort(t *testing.T) {
	log := &memLog{}
	p := &Plain{Edge: newEdge(t, log), Now: time.Now}
	addr, trust := secure(t, p)
	visit := func(c *http.Client) (*http.Response, error) {
		req, err := http.NewRequestWithContext(context.Background(), "GET", "https://"+addr+"/e/"+live, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("User-Agent", browser)
		resp, err := c.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return resp, err
	}
	two := modernClient(t, trust)
	for range 3 {
		if resp, err := visit(two); err != nil || resp.ProtoMajor != 2 || resp.StatusCode != 302 {
			t.Fatalf("%+v, %v", resp, err)
		}
	}
	one := dialSecure(t, addr, trust)
	if _, err := io.WriteString(one, get("/e/"+live, "User-Agent: "+browser)); err != nil {
		t.Fatal(err)
	}
	if s := readStatus(t, bufio.NewReader(one)); s != 302 {
		t.Errorf("HTTP/1.1 beside it is answered %d", s)
	}
	if n := len(log.all(t)); n != 4 {
		t.Errorf("%d clicks are recorded of 4", n)
	}
	log.mu.Lock()
	log.hold, log.waiting = make(chan struct{}), make(chan struct{}, 1)
	log.mu.Unlock()
	last := make(chan error, 1)
	go func() {
		resp, err := visit(two)
		if err == nil && resp.StatusCode != 302 {
			err = errors.New(resp.Status)
		}
		last <- err
	}()
	<-log.waiting
	down := make(chan error, 1)
	go func() { down <- p.Shutdown(context.Background()) }()
	if n, err := one.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("an idle connection is still there: %v", err)
	}
	close(log.hold)
	if err := <-last; err != nil {
		t.Errorf("the answer that was being made: %v", err)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}

// Whoever does not speak TLS, or one too old, is let go; so is one whom an impatient Shutdown finds in the middle.
func TestTLSRefuses(t *testing.T) {
	p := &Plain{Edge: newEdge(t, &memLog{}), Now: time.Now}
	addr, trust := secure(t, p)
	c := dial(t, addr)
	if _, err := io.WriteString(c, get("/e/"+live)); err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(c); strings.Contains(string(b), "302") {
		t.Errorf("without TLS the answer is %q", b)
	}
	old := trust.Clone()
	old.MaxVersion = tls.VersionTLS11
	old.MinVersion = tls.VersionTLS10
	if c, err := tls.Dial("tcp", addr, old); err == nil {
		t.Error("TLS 1.1 is spoken")
		_ = c.Close()
	}
	half := dial(t, addr)
	if _, err := half.Write([]byte{22, 3, 1, 1, 0}); err != nil { // the head of a handshake that goes no further
		t.Fatal(err)
	}
	var ended gosync.WaitGroup
	ended.Go(func() { _, _ = io.Copy(io.Discard, half) })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ended.Wait()
	p.wait.Wait()
}

// L3: with the real click log, too, nothing is answered before the sync that holds the click, in all three ways to serve.
func TestL3_NoAnswerBeforeTheSync(t *testing.T) {
	sync := make(chan struct{})
	hold := false
	var mu gosync.Mutex
	fs := vfs.Inject(vfs.NewMem(), func(c vfs.Call) vfs.Fault {
		mu.Lock()
		wait := hold && c.Op == vfs.OpSync
		mu.Unlock()
		if wait {
			<-sync
		}
		return vfs.Fault{}
	})
	log, err := clicklog.Open(fs, "log", clicklog.Options{Now: time.Now, StallLimit: time.Minute, NoSpare: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	e := newEdge(t, log)
	open := startPlain(t, &Plain{Edge: e, Now: time.Now})
	addr, trust := secure(t, &Plain{Edge: e, Now: time.Now})
	text := get("/e/"+live, "User-Agent: "+browser)
	first := exchange(t, open, text) // the segment is there
	if first.status != 302 {
		t.Fatalf("%+v", first)
	}
	mu.Lock()
	hold = true
	mu.Unlock()
	plain, safe := dial(t, open), net.Conn(dialSecure(t, addr, trust))
	for _, c := range []net.Conn{plain, safe} {
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	modern := make(chan error, 1)
	go func() {
		resp, err := modernClient(t, trust).Get("https://" + addr + "/e/" + live)
		if err == nil {
			_ = resp.Body.Close()
		}
		modern <- err
	}()
	for _, c := range []net.Conn{plain, safe} {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := c.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("something is answered before the sync: %v", err)
		}
	}
	select {
	case err := <-modern:
		t.Errorf("HTTP/2 was answered before the sync: %v", err)
	default:
	}
	mu.Lock()
	hold = false
	mu.Unlock()
	close(sync)
	_ = plain.SetReadDeadline(time.Time{})
	if s := readStatus(t, bufio.NewReader(plain)); s != 302 {
		t.Errorf("after the sync the answer is %d", s)
	}
	if err := <-modern; err != nil {
		t.Error(err)
	}
}
