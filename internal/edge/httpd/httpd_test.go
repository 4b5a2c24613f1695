package httpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/edge"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	live    = "0000000001"
	revoked = "0000000002"
	browser = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
)

// memLog keeps records, or refuses them.
type memLog struct {
	mu      sync.Mutex
	records [][]byte
	err     error
	hold    chan struct{} // not nil: Append waits until it is closed
	waiting chan struct{} // gets a value when an Append begins to wait
}

func (l *memLog) Append(b []byte) error {
	l.mu.Lock()
	hold := l.hold
	l.mu.Unlock()
	if hold != nil {
		l.waiting <- struct{}{}
		<-hold
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.records = append(l.records, append([]byte(nil), b...))
	return nil
}

func (l *memLog) all(t *testing.T) (all []record.Record) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.records {
		var r record.Record
		if err := r.Decode(b); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func testKeys(t testing.TB) *token.Keyring {
	t.Helper()
	k, err := token.NewKeyring(token.Key{ID: 1, Secret: token.Secret{1}, From: noon.AddDate(0, -1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newEdge is an edge with two links, a visitor cookie, and a proxy that is trusted.
func newEdge(t testing.TB, log edge.Log, change ...func(*edge.Config)) *edge.Edge {
	t.Helper()
	table, err := links.New(10, 1)
	if err != nil {
		t.Fatal(err)
	}
	site, err := link.NewSite([]string{"shop.example"}, "https://shop.example/", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.PutProgram(links.Program{ID: "p", Site: site, Visitor: links.VisitorCookie{Name: "clv", Domain: "shop.example", MaxAge: 72 * time.Hour}}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{live, revoked} {
		code, _ := link.ParseCode(text)
		l := &links.Link{Code: code, ID: uint64(i + 1), Program: "p", Publisher: "7", AdSpace: "8", TrackingID: "t",
			Target: link.Target{Kind: program.LinkProduct, Product: "p1", URL: "https://shop.example/item/1?a=b#top"}}
		if text == revoked {
			l.State = links.Revoked
		}
		if err := table.Put(l); err != nil {
			t.Fatal(err)
		}
	}
	c := edge.Config{Table: table, Keys: testKeys(t), Log: log, Now: func() time.Time { return noon }, Flood: edge.Flood{Limit: 10000}, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, f := range change {
		f(&c)
	}
	e, err := edge.New(c)
	if err != nil {
		t.Fatal(err)
	}
	e.SetReady(true)
	return e
}

// front is one of the two ways to serve.
type front struct {
	name  string
	addr  string
	log   *memLog
	plain *Plain
}

// startPlain serves an edge with Plain until the test ends.
func startPlain(t testing.TB, p *Plain) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
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
	return ln.Addr().String()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// fronts serves two edges that are alike, one each way.
func fronts(t *testing.T, change ...func(*edge.Config)) []front {
	t.Helper()
	a, b := &memLog{}, &memLog{}
	srv := NewServer(Handler(newEdge(t, a, change...)), quiet())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	p := &Plain{Edge: newEdge(t, b, change...), Now: time.Now}
	return []front{{"net/http", ln.Addr().String(), a, nil}, {"plain", startPlain(t, p), b, p}}
}

// answer is an answer, as far as it must be the same both ways.
type answer struct {
	status int
	fields string
	body   string
	closed bool
}

// exchange sends a text on a connection of its own and reads the answer to it.
func exchange(t *testing.T, addr, text string) answer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return exchangeOn(t, c, text)
}

// exchangeOn is exchange on a connection, which it closes.
func exchangeOn(t *testing.T, c net.Conn, text string) answer {
	t.Helper()
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(text, " ")
	in := bufio.NewReader(c)
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	return toAnswer(t, resp)
}

func toAnswer(t *testing.T, resp *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	var fields []string
	for name, values := range resp.Header {
		for _, v := range values {
			switch name {
			case "Date":
				if _, err := http.ParseTime(v); err != nil {
					t.Errorf("Date: %v", err)
				}
				v = "(date)"
			case "Location":
				v = mask(t, v)
			case "Set-Cookie":
				if key, rest, ok := strings.Cut(v, ";"); ok {
					v = key[:4] + fmt.Sprint(len(key)) + ";" + rest
				}
			}
			fields = append(fields, name+": "+v)
		}
	}
	sort.Strings(fields)
	return answer{resp.StatusCode, strings.Join(fields, "\n"), string(body), resp.Close}
}

// mask checks the token in a target and puts what it says in its place.
func mask(t *testing.T, location string) string {
	t.Helper()
	i := strings.Index(location, "clk=")
	if i < 0 {
		return location
	}
	text := location[i+4 : i+4+token.Len]
	c, err := testKeys(t).Parse(text, noon)
	if err != nil {
		t.Errorf("%s: %v", location, err)
	}
	return location[:i+4] + fmt.Sprintf("(link %d, %s, %x)", c.Link, c.Verdict, c.Sub) + location[i+4+token.Len:]
}

// say is what of a record must be the same both ways: all but the click's id and the keyed hash.
func say(r record.Record) string {
	r.Click, r.Hash = token.ID{}, [8]byte{}
	if len(r.Visitor) > 0 {
		r.Visitor = []byte(fmt.Sprint(len(r.Visitor), " characters"))
	}
	return fmt.Sprintf("%+q", fmt.Sprintf("%+v", r))
}

func get(target string, fields ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: s.network.test\r\n" + strings.Join(append(fields, ""), "\r\n") + "\r\n"
}

// conversations are requests, well-formed and not, that both servers must answer alike.
var conversations = []string{
	get("/e/" + live),
	get("/e/"+live, "User-Agent: "+browser),
	get("/e/"+live+"?af=a&cn=b%20c&cv=%0A&dp=d&other=1", "User-Agent: "+browser),
	get("/e/"+live+"?cs=1", "User-Agent: "+browser),
	get("/e/"+live+"?cs=0", "User-Agent: "+browser, "Cookie: clv=AAAAAAAAAAAAAAAAAAAAAA"),
	get("/e/"+live, "User-Agent: "+browser, "Cookie: a=b; clv=AAAAAAAAAAAAAAAAAAAAAA; c=d"),
	get("/e/"+live, "User-Agent: "+browser, "Cookie: clv=too short"),
	get("/e/"+live, "User-Agent: "+browser, "Sec-GPC: 1"),
	get("/e/"+live, "User-Agent: "+browser, "Referer: https://user:secret@Blog.Example/best?q=private#x"),
	get("/e/"+live, "User-Agent: "+browser, "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-User: ?1", "Sec-Fetch-Site: cross-site"),
	get("/e/"+live, "User-Agent: "+browser, "sec-fetch-dest: iframe", "SEC-FETCH-MODE: navigate"),
	get("/e/"+live, "User-Agent: "+browser, "Sec-Fetch-Dest: image", "Sec-Fetch-Mode: no-cors"),
	get("/e/"+live, "User-Agent: "+browser, "Sec-Fetch-Dest: script"),
	get("/e/"+live, "User-Agent: "+browser, "Sec-Purpose: prefetch;prerender"),
	get("/e/"+live, "User-Agent: "+browser, "Purpose: prefetch"),
	get("/e/"+live, "User-Agent: "+browser, "X-Purpose: preview"),
	get("/e/"+live, "User-Agent: "+browser, "X-Moz: prefetch"),
	get("/e/"+live, "User-Agent: "+browser, "X-Moz: other", "Purpose: prefetch"),
	get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For: 203.0.113.9"),
	get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For: 6.6.6.6, 2001:db8::9, 127.0.0.2"),
	get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 198.51.100.7"),
	get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For: nonsense"),
	get("/e/"+live, "User-Agent: "+browser, "X-Forwarded-For:"),
	get("/e/"+live, "User-Agent: "+browser, "User-Agent: curl/8"),
	get("/e/"+live, "User-Agent: curl/8.5.0"),
	get("/e/"+live, "User-Agent:  \t "+browser+" \t"),
	get("/e/"+live, "user-agent: "+browser, "accept: */*", "x-unknown: 1"),
	get("/e/" + live + "?"),
	get("/e/" + live + "??af=1"),
	get("/e/" + live + "?af=%zz&%"),
	get("/e/" + live + "/"),
	get("/e/"),
	get("/e"),
	get("/e/short"),
	get("/e/zzzzzzzzzz"),
	get("/e/00000%30001"),
	get("/e/" + live + "%00"),
	get("/E/" + live),
	get("/"),
	get("/healthz"),
	get("/readyz"),
	get("/robots.txt"),
	get("/favicon.ico?x"),
	get("/../e/" + live),
	get("//e/" + live),
	get("http://s.network.test/e/"+live, "User-Agent: "+browser),
	get("/e/"+revoked, "User-Agent: "+browser),
	get("/e/"+live, "User-Agent: "+browser, "Connection: close"),
	get("/e/"+live, "User-Agent: "+browser, "Connection: Upgrade, Close"),
	get("/e/"+live, "User-Agent: "+browser, "Content-Length: 0"),
	"HEAD /e/" + live + " HTTP/1.1\r\nHost: s\r\nUser-Agent: " + browser + "\r\n\r\n",
	"HEAD /healthz HTTP/1.1\r\nHost: s\r\n\r\n",
	"HEAD /e/zzzzzzzzzz HTTP/1.1\r\nHost: s\r\n\r\n",
	"DELETE /e/" + live + " HTTP/1.1\r\nHost: s\r\n\r\n",
	"POST /e/" + live + " HTTP/1.1\r\nHost: s\r\nContent-Length: 5\r\n\r\nhello",
	"GET /e/" + live + " HTTP/1.0\r\nUser-Agent: " + browser + "\r\n\r\n",
	"GET /e/" + live + " HTTP/1.0\r\nConnection: keep-alive\r\nUser-Agent: " + browser + "\r\n\r\n",
	// What must be refused.
	"GET /e/" + live + " HTTP/1.1\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nUser-Agent : x\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
	"GET /e/%zz HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /e/" + live + "\r\nHost: a\r\n\r\n",
	"GET /e/" + live + " FTP/1.1\r\nHost: a\r\n\r\n",
	"GET /e/" + live + " HTTP/3.0\r\nHost: a\r\n\r\n",
	"G\x01T /e/" + live + " HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /e/" + live + " HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("y", 40<<10) + "\r\n\r\n",
}

// Both ways to serve give the same answers and the same records, to the letter.
func TestL3_FrontEndsAgree(t *testing.T) {
	both := fronts(t)
	redirects := 0
	for _, text := range conversations {
		var got [2]answer
		for i, f := range both {
			got[i] = exchange(t, f.addr, text)
		}
		a, b := got[0], got[1]
		if a.status >= 400 && a.status != 404 && a.status != 405 {
			// The library's own words about broken requests are its own; what matters is that they are refused and the connection ends.
			a.fields, b.fields, a.body, b.body = "", "", "", ""
		}
		if a != b {
			t.Errorf("%.100q is answered\n%+v by net/http,\n%+v by plain", text, a, b)
		}
		if a.status == 302 {
			redirects++
		}
	}
	if redirects < 30 {
		t.Errorf("only %d of %d requests were redirected: too few to compare", redirects, len(conversations))
	}
	ra, rb := both[0].log.all(t), both[1].log.all(t)
	if len(ra) != len(rb) || len(ra) < 30 {
		t.Fatalf("%d and %d clicks are recorded", len(ra), len(rb))
	}
	for i := range ra {
		if say(ra[i]) != say(rb[i]) {
			t.Errorf("click %d is recorded as\n%s by net/http,\n%s by plain", i, say(ra[i]), say(rb[i]))
		}
	}
}

// The same holds when the log fails, when too many wait, and when there is a fallback.
func TestL3_FrontEndsAgreeInTrouble(t *testing.T) {
	both := fronts(t, func(c *edge.Config) { c.Fallback = "https://network.test/" })
	for _, f := range both {
		f.log.err = errors.New("disk full")
	}
	for _, text := range []string{get("/e/"+live, "User-Agent: "+browser), get("/e/zzzzzzzzzz")} {
		a, b := exchange(t, both[0].addr, text), exchange(t, both[1].addr, text)
		if a != b || a.status != 302 {
			t.Errorf("%q is answered\n%+v by net/http,\n%+v by plain; want a redirect", text, a, b)
		}
	}

	var busy [2]answer
	for i, f := range fronts(t, func(c *edge.Config) { c.MaxInFlight = 1 }) {
		f.log.hold, f.log.waiting = make(chan struct{}), make(chan struct{}, 1)
		first := make(chan answer, 1)
		go func() { first <- exchange(t, f.addr, get("/e/"+live, "User-Agent: "+browser)) }()
		<-f.log.waiting
		busy[i] = exchange(t, f.addr, get("/e/"+live, "User-Agent: "+browser))
		if !strings.Contains(busy[i].fields, "Retry-After: 1") || busy[i].status != 503 {
			t.Errorf("%s: the second click at a time is answered %+v", f.name, busy[i])
		}
		if ok := exchange(t, f.addr, get("/healthz")); ok.status != 200 {
			t.Errorf("%s: health is answered %d while clicks are shed", f.name, ok.status)
		}
		close(f.log.hold)
		if a := <-first; a.status != 302 {
			t.Errorf("%s: the click that waited is answered %d", f.name, a.status)
		}
	}
	if busy[0] != busy[1] {
		t.Errorf("clicks are shed with\n%+v by net/http,\n%+v by plain", busy[0], busy[1])
	}
}

// TLS and HTTP/2 work with the library's server, and answer like plain HTTP/1.1.
func TestL3_TLSAndHTTP2(t *testing.T) {
	log := &memLog{}
	srv := httptest.NewUnstartedServer(Handler(newEdge(t, log)))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(context.Background(), "GET", srv.URL+"/e/"+live+"?af=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", browser)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.ProtoMajor != 2 {
		t.Errorf("the answer came by %s", resp.Proto)
	}
	a := toAnswer(t, resp)
	if want := "Location: https://shop.example/item/1?a=b&clk=(link 1, valid, "; a.status != 302 || !strings.Contains(a.fields, want) || !strings.Contains(a.fields, ")#top") {
		t.Errorf("the answer is %+v", a)
	}
	if r := log.all(t); len(r) != 1 || string(r[0].Sub[link.AF]) != "x" {
		t.Errorf("%d clicks are recorded: %+v", len(r), r)
	}
}

// L3: the answer goes out after the log has taken the click, both ways.
func TestL3_NoAnswerBeforeTheLog(t *testing.T) {
	for _, f := range fronts(t) {
		f.log.hold, f.log.waiting = make(chan struct{}), make(chan struct{}, 1)
		c, err := net.Dial("tcp", f.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, get("/e/"+live, "User-Agent: "+browser)); err != nil {
			t.Fatal(err)
		}
		<-f.log.waiting
		if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("%s: something is answered before the log has the click: %v", f.name, err)
		}
		close(f.log.hold)
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != 302 {
			t.Errorf("%s: afterwards the answer is %v, %v", f.name, resp, err)
		}
		if n := len(f.log.all(t)); n != 1 {
			t.Errorf("%s: %d clicks are recorded", f.name, n)
		}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
