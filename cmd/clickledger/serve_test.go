package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/clickledger/clickledger/client"
	"github.com/clickledger/clickledger/internal/keyfile"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/simulate"
	"github.com/clickledger/clickledger/internal/store/pgtest"
)

// served is a server that runs as `clickledger serve` does.
type served struct {
	t        *testing.T
	api, web string // the addresses of the API and of links
	key      call.Key
	now      func() time.Time
	stop     context.CancelFunc
	code     chan int
	stderr   *bytes.Buffer
}

// serveOn starts a server and waits until it is there. The API keys lie in a data folder.
func serveOn(t *testing.T, data string, args ...string) *served {
	t.Helper()
	return serveWith(t, &env{now: time.Now}, data, args...)
}

// serveWith starts a server with a clock of the test's.
func serveWith(t *testing.T, e *env, data string, args ...string) *served {
	t.Helper()
	keys, err := keyfile.Read(keyfile.In(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) == 0 {
		keys = []call.Key{{ID: "key_test", Secret: "secret", Scopes: []call.Scope{call.ScopeOrders, call.ScopeClicks, call.ScopeFacts, call.ScopeLinks, call.ScopeRead}}}
		b, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(keyfile.In(data), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := startWith(t, e, args...)
	s.key = keys[0]
	return s
}

// edgeOn starts an edge of its own.
func edgeOn(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	return start(t, append([]string{"--role", "edge", "--edge-dir", dir}, args...)...)
}

func start(t *testing.T, args ...string) *served {
	t.Helper()
	return startWith(t, &env{now: time.Now}, args...)
}

// startWith starts a server with a clock of the test's.
func startWith(t *testing.T, e *env, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &served{t: t, now: e.now, stop: stop, code: make(chan int, 1), stderr: &bytes.Buffer{}}
	out, in := io.Pipe()
	go func() {
		all := append([]string{"serve", "--listen", "127.0.0.1:0", "--edge-listen", "127.0.0.1:0"}, args...)
		e.ctx, e.stdout, e.stderr = ctx, in, s.stderr
		s.code <- execute(e, all)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	for s.api == "" && lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "Links lead through "); ok {
			s.web = strings.TrimSuffix(at, "/")
		}
		for _, ready := range []string{"Listening on ", "Health and metrics on "} {
			if _, at, ok := strings.Cut(lines.Text(), ready); ok {
				s.api = strings.TrimSuffix(strings.Fields(at)[0], "/")
			}
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // what it prints later must not stop it
	if s.api == "" {
		t.Fatalf("the server ended with %d: %s", <-s.code, s.stderr)
	}
	t.Cleanup(s.end)
	return s
}

// end stops the server as a signal does.
func (s *served) end() {
	if s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	if code := <-s.code; code != 0 {
		s.t.Errorf("the server ended with %d: %s", code, s.stderr)
	}
}

// call makes a signed call that must succeed.
func (s *served) call(method, target, body string) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.api+target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	now, nonce := s.now().Unix(), random(16)
	r.Header.Set(call.HeaderKey, s.key.ID)
	r.Header.Set(call.HeaderTime, fmt.Sprint(now))
	r.Header.Set(call.HeaderNonce, nonce)
	r.Header.Set(call.HeaderSignature, call.Sign(s.key.Secret, method, r.URL.EscapedPath(), r.URL.Query(), now, nonce, []byte(body)))
	status, _, answer := s.do(http.DefaultClient, r)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, target, status, answer)
	}
	return answer
}

func (s *served) do(c *http.Client, r *http.Request) (int, http.Header, string) {
	s.t.Helper()
	res, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

// click follows a link and returns where it leads.
func (s *served) click(link string) (int, *url.URL, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status, header, _ := s.do(c, r)
	to, err := url.Parse(header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return status, to, header.Get("X-Click-Verdict")
}

// until waits until something is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

const spaceLine = `{"publisher":"ann","ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z"}`

// The road from link to money on one machine: a link is made and works, a click is logged and attributes an order, with the row in
// the store the decision has the sub-IDs; after a restart the link still works, and a revoked one leads to the home page (L1-L4, L7).
func TestServeFromLinkToOrder(t *testing.T) {
	data := t.TempDir()
	s := serveOn(t, data, "--data", data)
	s.call("POST", "/v1/ad-spaces:import", spaceLine)
	answer := s.call("POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"product","id":"1005006"}}]}`)
	var made struct {
		Links []struct{ Link struct{ Code, URL string } }
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || len(made.Links) != 1 {
		t.Fatal(err, answer)
	}
	link := made.Links[0].Link
	if link.URL != s.web+"/"+link.Code {
		t.Fatalf("the link is %s, and links lead through %s", link.URL, s.web)
	}
	var to *url.URL
	until(t, "the new link works", func() bool {
		status, at, verdict := s.click(link.URL + "?af=news")
		to = at
		return status == http.StatusFound && verdict == "valid"
	})
	if to.Host != "www.aliexpress.com" || to.Path != "/item/1005006.html" || len(to.Query().Get("clk")) != 62 {
		t.Fatalf("the link leads to %s", to)
	}
	at := time.Now().UTC().Format(time.RFC3339Nano)
	s.call("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"o1","event":"placed","at":%q,"program":"global-eu","visitor":"v","click":%q,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"1005006","store":"s","category":"toys","amount":"100.00"}]}`,
		at, to.Query().Get("clk")))
	until(t, "the order is attributed with the sub-IDs of its click", func() bool {
		order := s.call("GET", "/v1/orders/o1?program=global-eu", "")
		return strings.Contains(order, `"publisher":"ann"`) && strings.Contains(order, `"af":"news"`)
	})
	s.end()
	s = serveOn(t, data, "--data", data)
	old := s.web + "/" + link.Code
	if status, at, _ := s.click(old); status != http.StatusFound || at.Path != "/item/1005006.html" {
		t.Errorf("after a restart the link answers %d and leads to %s: is the snapshot read?", status, at)
	}
	s.call("POST", "/v1/links/"+link.Code+"/state", `{"state":"revoked"}`)
	until(t, "the revoked link leads to the home page and counts no more", func() bool {
		status, at, verdict := s.click(old)
		return status == http.StatusFound && at.Path == "/" && strings.HasPrefix(verdict, "blocked")
	})
}

// An edge of its own: it has the links of a worker that shares its database, and brings its clicks there; when the database is away it goes on.
func TestServeEdgeBesideWorker(t *testing.T) {
	dsn := pgtest.Database(t)
	data, edge := t.TempDir(), t.TempDir()
	keys := filepath.Join(data, edgeKeyFile)
	if code := run(t.Context(), []string{"edge", "keys", "--file", keys}, io.Discard, io.Discard, time.Now); code != 0 {
		t.Fatal("no keys")
	}
	worker := serveOn(t, data, "--role", "worker", "--keys", filepath.Join(data, "keys.json"), "--postgres", dsn, "--edge-keys", keys, "--edge-url", "https://s.example.com", "--secrets", filepath.Join(data, secretsFile))
	worker.call("POST", "/v1/ad-spaces:import", spaceLine)
	answer := worker.call("POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`)
	var made struct {
		Links []struct{ Link struct{ Code, URL string } }
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || made.Links[0].Link.URL != "https://s.example.com/e/"+made.Links[0].Link.Code {
		t.Fatal(err, answer)
	}
	code := made.Links[0].Link.Code
	node := edgeOn(t, edge, "--edge-keys", keys, "--postgres", dsn)
	var token string
	until(t, "the edge has the link", func() bool {
		status, to, _ := node.click(node.web + "/" + code)
		token = to.Query().Get("clk")
		return status == http.StatusFound
	})
	worker.call("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"o1","event":"placed","at":%q,"program":"global-eu","visitor":"v","click":%q,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"100.00"}]}`,
		time.Now().UTC().Format(time.RFC3339Nano), token))
	if order := worker.call("GET", "/v1/orders/o1?program=global-eu", ""); !strings.Contains(order, `"publisher":"ann"`) {
		t.Error(order)
	}
	node.end()
	// A start without the database, from the snapshot.
	node = edgeOn(t, edge, "--edge-keys", keys, "--postgres", "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	if status, to, verdict := node.click(node.web + "/" + code); status != http.StatusFound || to.Query().Get("clk") == "" || verdict != "valid" {
		t.Errorf("without its database the edge answers %d %s %s", status, to, verdict)
	}
}

// L3: a database that answers nothing any more is not in the redirect's way: clicks are answered as before, durably, and are in the store
// once it goes on.
func TestL3_RedirectsWhileTheDatabaseIsFrozen(t *testing.T) {
	dsn := pgtest.Database(t)
	data := t.TempDir()
	s := serveOn(t, data, "--data", data, "--postgres", dsn, "--proxies", "127.0.0.0/8")
	s.call("POST", "/v1/ad-spaces:import", spaceLine)
	answer := s.call("POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`)
	_, code, _ := strings.Cut(answer, `"code":"`)
	code, _, _ = strings.Cut(code, `"`)
	link := s.web + "/" + code
	until(t, "the edge has the link", func() bool { status, _, _ := s.click(link); return status == http.StatusFound })

	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn
	}
	holder, other := connect(), connect()
	count := func() (n int, err error) {
		err = other.QueryRow(t.Context(), "SELECT count(*) FROM clicks").Scan(&n)
		return n, err
	}
	var frozen pgx.Tx
	until(t, "the database is frozen", func() bool { // where the server writes as the tables are locked one by one, one of the two has to give way
		var err error
		if frozen, err = holder.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = frozen.Exec(t.Context(), `DO $$ DECLARE name text; BEGIN
			FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name); END LOOP; END $$`)
		if deadlock := (*pgconn.PgError)(nil); errors.As(err, &deadlock) && deadlock.Code == "40P01" {
			_ = frozen.Rollback(t.Context())
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return true
	})
	if _, err := other.Exec(t.Context(), "SET lock_timeout = '100ms'"); err != nil {
		t.Fatal(err)
	}
	if n, err := count(); err == nil {
		t.Fatalf("nothing is frozen: %d clicks are counted", n)
	}
	rep, err := simulate.Run(t.Context(), simulate.Options{Shape: simulate.Shape{Seed: 3, Bad: 0.01}, Addresses: []string{link}, Clicks: 1000, Workers: 4, Parameter: "clk", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Acknowledged != 1000 || rep.Latency.Quantile(1) > 5*time.Second {
		t.Errorf("with a frozen database %d of 1000 clicks were answered, after %v at most: %v", rep.Acknowledged, rep.Latency.Quantile(1), rep.Errors)
	}
	if n, err := count(); err == nil {
		t.Errorf("it was not frozen all the time: %d clicks are counted", n)
	}
	if err := frozen.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the clicks are in the store", func() bool { n, err := count(); return err == nil && n >= 1001 })
}

// mixed is a shop whose orders carry the token of the one before.
type mixed struct {
	*client.Client
	last string
}

func (m *mixed) ReportOrders(ctx context.Context, events ...client.Event) (client.Outcomes, error) {
	for i := range events {
		if events[i].Event == "placed" {
			events[i].Click, m.last = m.last, events[i].Click
		}
	}
	return m.Client.ReportOrders(ctx, events...)
}

// The simulator clicks a served edge; every acknowledged click is in the store after the server's end, and one that is not is named (L3).
func TestSimulateAgainstServe(t *testing.T) {
	data := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	command := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs, time.Now); code != want {
			t.Fatalf("%v ended with %d: %s%s", args, code, &out, &errs)
		}
		return out.String() + errs.String()
	}
	command(0, "import", "ad-spaces", "--data", data, file("spaces", spaceLine))
	s := serveOn(t, data, "--data", data, "--proxies", "127.0.0.0/8")
	var wishes strings.Builder
	for i := range 30 {
		fmt.Fprintf(&wishes, `{"program":"global-eu","publisher":"ann","kind":"product","id":"%d"}`+"\n", i)
	}
	made, acks := filepath.Join(data, "links.csv"), filepath.Join(data, "acks")
	command(0, "links", "import", "--data", data, "--edge-url", strings.TrimSuffix(s.web, "/e"), "--out", made, file("wishes", wishes.String()))
	links, err := readLinks(made)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the edge has the links", func() bool {
		status, _, _ := s.click(links[len(links)-1])
		return status == http.StatusFound
	})
	if out := command(0, "simulate", "--links", made, "--clicks", "400", "--workers", "4", "--acks", acks); !strings.Contains(out, "400 acknowledged") || !strings.Contains(out, "\n0 clicks were judged otherwise") {
		t.Error(out)
	}
	if out := command(1, "simulate", "--links", made, "--clicks", "20", "--parameter", "other", "--acks", filepath.Join(data, "none")); !strings.Contains(out, "20 of 20") {
		t.Errorf("clicks that nobody can look up: %s", out)
	}
	// L4, T6: shoppers buy; each order is won by the click whose token it carries, and by none where the click does not count or the token was altered.
	out := command(0, "simulate", "--links", made, "--clicks", "400", "--workers", "4", "--seed", "5", "--bad", "0.4", "--orders", "0.3", "--api", s.api, "--key", s.key.ID, "--secret", s.key.Secret, "--program", "global-eu")
	var orders, completed, cancelled, refunded, checked, won, of, bad, altered, wrong int
	if _, lines, ok := strings.Cut(out, "judged otherwise than they were meant\n"); !ok {
		t.Error(out)
	} else if _, err := fmt.Sscanf(lines, "%d orders: %d completed, %d cancelled, %d refunded\n%d decisions checked: %d of %d orders after a click that counts are won by that click; %d with the token of one that does not and %d with an altered token; %d wrong",
		&orders, &completed, &cancelled, &refunded, &checked, &won, &of, &bad, &altered, &wrong); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if orders < 50 || completed+cancelled+refunded != orders || completed == 0 || cancelled == 0 || refunded == 0 || checked != orders || won != of || won == 0 || bad == 0 || altered == 0 || wrong != 0 {
		t.Errorf("orders of the simulation: %s", out)
	}
	api, err := client.New(s.api, s.key.ID, s.key.Secret)
	if err != nil {
		t.Fatal(err)
	}
	shop := simulate.NewShop(simulate.ShopOptions{Reporter: &mixed{Client: api}, Program: "global-eu", Share: 0.5, Now: time.Now})
	if _, err := simulate.Run(t.Context(), simulate.Options{Shape: simulate.Shape{Seed: 6}, Addresses: links, Clicks: 100, Workers: 2, Parameter: "clk", Clicked: shop.Clicked, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if sales, err := shop.Close(t.Context()); err != nil || sales.Wrong == 0 {
		t.Errorf("the control, orders that carry each other's tokens: %+v, %v", sales, err)
	}
	s.end()
	if out := command(2, "simulate", "check", "--data", data, "--acks", filepath.Join(data, "none"), "--program", "global-eu"); !strings.Contains(out, "no tokens") {
		t.Errorf("a check of nothing: %s", out)
	}
	if out := command(1, "simulate", "check", "--data", data, "--acks", file("long", strings.Repeat("x", 1<<17)), "--program", "global-eu"); !strings.Contains(out, "reading what was acknowledged") {
		t.Errorf("a file that could not be read to its end: %s", out)
	}
	if out := command(0, "simulate", "check", "--data", data, "--acks", acks, "--program", "global-eu"); !strings.Contains(out, "400 acknowledged clicks, 0 of them") {
		t.Error(out)
	}
	if out := command(1, "simulate", "check", "--data", data, "--acks", acks, "--program", "tr"); !strings.Contains(out, "400 of 400") {
		t.Errorf("the control, another program: %s", out)
	}
}

// An edge and a worker with NATS between them: the click goes through JetStream into the store, and its order has its sub-IDs.
func TestServeOverNATS(t *testing.T) {
	dsn := pgtest.Database(t)
	broker, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	broker.Start()
	t.Cleanup(func() { broker.Shutdown(); broker.WaitForShutdown() })
	if !broker.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS did not start")
	}
	data := t.TempDir()
	keys := filepath.Join(data, edgeKeyFile)
	if code := run(t.Context(), []string{"edge", "keys", "--file", keys}, io.Discard, io.Discard, time.Now); code != 0 {
		t.Fatal("no keys")
	}
	both := []string{"--postgres", dsn, "--edge-keys", keys, "--nats", broker.ClientURL(), "--nats-replicas", "1"}
	worker := serveOn(t, data, append(both, "--role", "worker", "--keys", filepath.Join(data, "keys.json"), "--secrets", filepath.Join(data, "secrets.key"))...)
	worker.call("POST", "/v1/ad-spaces:import", spaceLine)
	answer := worker.call("POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`)
	_, code, _ := strings.Cut(answer, `"code":"`)
	code, _, _ = strings.Cut(code, `"`)
	node := edgeOn(t, t.TempDir(), both...)
	var token string
	until(t, "the edge has the link", func() bool {
		status, to, _ := node.click(node.web + "/" + code + "?af=news")
		token = to.Query().Get("clk")
		return status == http.StatusFound
	})
	worker.call("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"o1","event":"placed","at":%q,"program":"global-eu","visitor":"v","click":%q,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"100.00"}]}`,
		time.Now().UTC().Format(time.RFC3339Nano), token))
	until(t, "the click came through NATS", func() bool {
		order := worker.call("GET", "/v1/orders/o1?program=global-eu", "")
		return strings.Contains(order, `"publisher":"ann"`) && strings.Contains(order, `"af":"news"`)
	})
}
