package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/replay"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/pgtest"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/story"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// engine makes a fresh database; open opens it, again and again.
type engine struct {
	name string
	make func(t *testing.T) (open func() store.Store)
}

func engines() []engine {
	return []engine{
		{"sqlite", func(t *testing.T) func() store.Store {
			path := filepath.Join(t.TempDir(), "clickledger.db")
			return func() store.Store {
				s, err := sqlite.Open(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		}},
		{"postgres", func(t *testing.T) func() store.Store {
			dsn := pgtest.Database(t)
			return func() store.Store {
				s, err := postgres.Open(t.Context(), dsn)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		}},
	}
}

// client is a running server and somebody who calls it.
type client struct {
	t      testing.TB
	open   func() store.Store
	now    time.Time
	db     store.Store
	settle *settle.Service
	srv    *httptest.Server
	stop   func()
	log    *bytes.Buffer
	calls  int
	real   bool              // it is no sandbox
	rank   int               // everybody\'s in the affiliate ranking
	web    map[string]string // pages of ad spaces
	care   *links.Care
	two    bool // publishing takes two people
	all    Services

	proposed string // the newest proposal of propose
}

const secret = "a secret that no log may show"

func newClient(t testing.TB, open func() store.Store, now time.Time) *client {
	c := &client{t: t, open: open, now: now, log: &bytes.Buffer{}}
	c.start()
	t.Cleanup(func() { c.stop() })
	return c
}

// clock is the client's time.
func (c *client) clock() time.Time { return c.now }

// start starts the server on its database, as after a restart of the machine.
func (c *client) start() {
	c.t.Helper()
	c.db = c.open()
	clock := func() time.Time { return c.now }
	s, err := settle.New(c.t.Context(), c.db, clock)
	if err != nil {
		c.t.Fatal(err)
	}
	c.settle = s
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	read := func(string, string, []byte, moneyCurrency) (fileContent, error) { return fileContent{}, nil }
	keys := []call.Key{
		{ID: "k", Secret: secret, Scopes: []call.Scope{call.ScopeOrders, call.ScopeClicks, call.ScopeFacts, call.ScopeLinks, call.ScopeRead}, CallsPerMinute: 1_000_000}, // the clock stands still
		{ID: "ann", Secret: secret, Scopes: []call.Scope{call.ScopeLinks, call.ScopeRead, call.ScopePayouts, call.ScopeCases, call.ScopeAccounts}, Publisher: "ann", Person: "ann herself"},
		{ID: "maria", Secret: secret, Scopes: []call.Scope{call.ScopeRead, call.ScopePayouts, call.ScopeCases}, Person: "maria"},
		{ID: "jonas", Secret: secret, Scopes: []call.Scope{call.ScopeRead, call.ScopePayouts, call.ScopeCases}, Person: "jonas"},
		{ID: "lena", Secret: secret, Scopes: []call.Scope{call.ScopeCases}, Person: "lena"},
		{ID: "tom", Secret: secret, Scopes: []call.Scope{call.ScopeCases}, Person: "tom"},
		{ID: "orphan", Secret: secret, Scopes: []call.Scope{call.ScopePayouts, call.ScopeCases}},
		{ID: "maria-2", Secret: secret, Scopes: []call.Scope{call.ScopePayouts, call.ScopeCases}, Person: "maria"},
		{ID: "ida", Secret: secret, Scopes: []call.Scope{call.ScopeRead, call.ScopeFacts}, Person: "Ida", CallsPerMinute: 1_000_000},
		{ID: "bob", Secret: secret, Scopes: []call.Scope{call.ScopeRead}, Publisher: "bob"},
		{ID: "slow", Secret: secret, Scopes: []call.Scope{call.ScopeRead}, CallsPerMinute: 3},
		{ID: "reader", Secret: secret, Scopes: []call.Scope{call.ScopeRead}},
	}
	mux := http.NewServeMux()
	codes, err := link.NewCodes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		c.t.Fatal(err)
	}
	s.UseKeys(tokenKeys(c.t))
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		c.t.Fatal(err)
	}
	services := Services{
		Desk: desk.New(c.db, box, "https://aff.example", clock), Sellers: sellers.New(c.db, clock), Subs: subnetworks.New(c.db, clock),
		Settle: s, Books: books.New(c.db, read, clock), Intake: intake.New(c.db, clock), Links: links.New(c.db, codes, "https://s.example", clock),
		Joining:   joining.New(c.db, c.prover(), func(context.Context, program.ID, string) (int, error) { return c.rank, nil }, func() string { return "proof" }, clock),
		Cases:     c.cases(),
		Keywords:  keywords.New(c.db, clock),
		Postbacks: c.postbacks(clock),
		Reports:   reports.New(c.db, clock),
		Payouts:   c.payouts(), ReadAnswers: bankfile.Answers,
		People: c.people(),
	}
	c.care = links.NewCare(services.Links, links.CareParts{Targets: c.fetch, Pages: c.fetch, Log: slog.New(slog.DiscardHandler)})
	services.Care = c.care
	if c.two {
		services.Intake.TakeTwoPeople()
	}
	if !c.real {
		services.Sandbox = tried{c}
	}
	c.all = services
	guard := call.NewGuard(keys, clock)
	guard.UseApps(services.People)
	api := New(services, guard, slog.New(slog.NewTextHandler(c.log, nil)), clock)
	api.Register(mux, prometheus.NewRegistry())
	c.srv = httptest.NewUnstartedServer(nil)
	c.srv.Config = call.NewHTTPServer(mux)
	c.srv.Start()
	c.stop = func() {
		c.srv.Close()
		api.Close()
		cancel()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
		if err := c.db.Close(); err != nil {
			c.t.Error(err)
		}
	}
}

func (c *client) restart() {
	c.stop()
	c.start()
}

// request makes a signed call.
func (c *client) request(key, method, target, body string) *http.Request {
	c.calls++
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.srv.URL+target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	nonce := fmt.Sprintf("nonce-%020d-%d", c.calls, rand.Uint64())
	r.Header.Set(call.HeaderKey, key)
	r.Header.Set(call.HeaderTime, fmt.Sprint(c.now.Unix()))
	r.Header.Set(call.HeaderNonce, nonce)
	r.Header.Set(call.HeaderSignature, call.Sign(secret, method, r.URL.EscapedPath(), r.URL.Query(), c.now.Unix(), nonce, []byte(body)))
	return r
}

func (c *client) do(r *http.Request) (int, string) {
	c.t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// says sends a call, checks its status and that the answer has some words, and returns the answer.
func (c *client) says(key, method, target, body string, want int, words ...string) string {
	c.t.Helper()
	status, answer := c.do(c.request(key, method, target, body))
	if status != want {
		c.t.Errorf("%s %s %s %s: %d %s, want %d", key, method, target, body, status, answer, want)
	}
	for _, x := range words {
		if !strings.Contains(answer, x) {
			c.t.Errorf("%s %s %s: %s is not in %s", key, method, target, x, answer)
		}
	}
	return answer
}

func (c *client) must(method, target, body string) string {
	c.t.Helper()
	status, answer := c.do(c.request("k", method, target, body))
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", method, target, status, answer)
	}
	return answer
}

// The promise of the server: the same events as to replay, in any order, each twice, with restarts in between, give the same
// decision records, the same journal without corrections, and the same balances, on each engine (architecture, idea 2).
func TestServerAndReplayAgree(t *testing.T) {
	stories, err := story.Read("../../testdata/stories")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			open := e.make(t)
			c := newClient(t, open, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
			for i, s := range stories {
				agree(t, c, s, i)
			}
		})
	}
}

// alone gives a story's names a suffix, so that many stories live in one database.
func alone(s *story.Story, n int) map[string][]string {
	files := make(map[string][]string)
	for name, lines := range s.Files {
		for _, l := range lines {
			for _, member := range []string{"publisher", "ad_space", "click", "visitor", "order", "session", "product", "store", "code"} {
				l = strings.ReplaceAll(l, `"`+member+`":"`, fmt.Sprintf(`"%s":"s%d-`, member, n))
			}
			l = strings.ReplaceAll(l, `"coupons":["`, fmt.Sprintf(`"coupons":["s%d-`, n))
			files[name] = append(files[name], l)
		}
	}
	return files
}

func agree(t *testing.T, c *client, s *story.Story, n int) {
	t.Helper()
	files := alone(s, n)
	in, out := t.TempDir(), t.TempDir()
	if err := (&story.Story{Files: files}).Write(in); err != nil {
		t.Fatal(err)
	}
	if _, err := replay.Run(replay.Options{In: in, Out: out, AsOf: s.AsOf, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	c.now = s.AsOf
	for name, path := range map[string]string{"publishers.jsonl": "ad-spaces", "products.jsonl": "products", "stores.jsonl": "stores", "fx.jsonl": "fx"} {
		if len(files[name]) > 0 {
			c.must("POST", "/v1/"+path+":import", strings.Join(files[name], "\n"))
		}
	}
	type news struct{ path, line string }
	var all []news
	for range 2 {
		for _, l := range files["clicks.jsonl"] {
			all = append(all, news{"/v1/clicks:import", l})
		}
		for _, l := range files["orders.jsonl"] {
			all = append(all, news{"/v1/orders:batch", l})
		}
	}
	r := rand.New(rand.NewPCG(uint64(n), 5))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, x := range all {
		if strings.Contains(x.line, `"case":`) { // what a case did is not reported by a marketplace
			tellOfCase(t, c, x.line)
			continue
		}
		if answer := c.must("POST", x.path, x.line); strings.Contains(answer, `"refused":1`) {
			t.Fatalf("%s: %s: %s", s.Name, x.line, answer)
		}
		if i == len(all)/2 && n%8 == 0 {
			c.restart()
		}
	}
	compare(t, c, s, out, n)
}

// tellOfCase tells the server what a trust case did, as cases do.
func tellOfCase(t *testing.T, c *client, line string) {
	t.Helper()
	var r wire.Reader
	e, err := r.Event([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	if answer := c.must("POST", "/v1/orders:batch", line); !strings.Contains(answer, `"refused":1`) {
		t.Fatalf("a marketplace told what only a case may: %s", answer)
	}
	err = c.db.Update(t.Context(), func(tx store.Tx) error { return c.settle.Case(t.Context(), tx, []order.Event{e}) })
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// compare holds the server's state against the files of replay.
func compare(t *testing.T, c *client, s *story.Story, out string, n int) {
	t.Helper()
	want := readLines(t, filepath.Join(out, replay.CommissionsFile))
	var got []string
	prefix := fmt.Sprintf("s%d-", n)
	var journal []ledger.Transaction
	seen := make(map[string]bool)
	for _, l := range want {
		var x struct{ Order, Program string }
		if err := json.Unmarshal([]byte(l), &x); err != nil {
			t.Fatal(err)
		}
		if seen[x.Order] {
			continue
		}
		seen[x.Order] = true
		var o struct {
			Items []struct{ Record json.RawMessage }
		}
		if err := json.Unmarshal([]byte(c.must("GET", "/v1/orders/"+x.Order+"?program="+x.Program, "")), &o); err != nil {
			t.Fatal(err)
		}
		for _, i := range o.Items {
			got = append(got, string(i.Record))
		}
		err := c.db.View(t.Context(), func(tx store.Tx) error {
			ts, err := tx.Ledger().OfOrders(t.Context(), []orderKey{{Program: programID(x.Program), Order: x.Order}})
			if err == nil {
				journal = append(journal, settlement.Standing(ts[0])...)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sameLines(t, s.Name+": decision records", want, got)
	var entries []string
	for i := range journal {
		x := &journal[i]
		x.ID = ledger.EntryID(x.EffectiveAt, x.Cause)
		entries = append(entries, strings.TrimSpace(string(wire.AppendEntry(nil, x))))
	}
	sameLines(t, s.Name+": journal", readLines(t, filepath.Join(out, replay.LedgerFile)), entries)
	for _, l := range readLines(t, filepath.Join(out, replay.BalancesFile)) {
		var want, got map[string]any
		if err := json.Unmarshal([]byte(l), &want); err != nil {
			t.Fatal(err)
		}
		answer := c.must("GET", fmt.Sprintf("/v1/publishers/%s/balance?program=%s", want["publisher"], want["program"]), "")
		if err := json.Unmarshal([]byte(answer), &got); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(fmt.Sprint(want["publisher"]), prefix) {
			t.Fatalf("%v is not of this story", want)
		}
		got["available"] = got["withdrawable"] // a debt counts against the available balance
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: balance of %v: %s is %v, want %v", s.Name, want["publisher"], k, got[k], v)
			}
		}
	}
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return s == "" })
}

func sameLines(t *testing.T, what string, want, got []string) {
	t.Helper()
	w, g := slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	for i := range max(len(w), len(g)) {
		var x, y string
		if i < len(w) {
			x = compact(w[i])
		}
		if i < len(g) {
			y = compact(g[i])
		}
		if x != y {
			t.Errorf("%s differ:\nwant %s\ngot  %s", what, x, y)
			return
		}
	}
}

// compact undoes what a JSON encoder did to a raw message.
func compact(s string) string {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	b, err := json.Marshal(v)
	return cmp.Or(string(b), fmt.Sprint(err))
}

// O3: a refund after the payout becomes a debt, and what was approved on balance goes down with it, on each engine.
func TestO3_RefundAfterPayoutIsADebt(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := newClient(t, e.make(t), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
			c.must("POST", "/v1/ad-spaces:import", `{"publisher":"ann","ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z"}`)
			c.must("POST", "/v1/clicks:import", `{"click":"c1","at":"2026-03-10T10:00:00Z","program":"global-eu","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`)
			c.must("POST", "/v1/orders:batch", `{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"global-eu","visitor":"v","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"100.00"}]}
{"order":"o1","event":"paid","at":"2026-03-10T11:01:00Z","program":"global-eu"}
{"order":"o1","event":"completed","at":"2026-03-20T11:01:00Z","program":"global-eu"}`)
			paid := ledger.Transaction{
				Cause: "payout/test", Reason: ledger.ReasonPayout, Program: "global-eu", Publisher: "ann", Currency: "USD", EffectiveAt: c.now,
				Movements: []ledger.Movement{{From: ledger.Of(ledger.Available, "global-eu", "ann"), To: ledger.Of(ledger.Paid, "global-eu", "ann"), Amount: 500}},
			}
			err := c.db.Update(t.Context(), func(tx store.Tx) error { return store.Book(t.Context(), tx, []ledger.Transaction{paid}, c.now) })
			if err != nil {
				t.Fatal(err)
			}
			c.must("POST", "/v1/orders:batch", `{"order":"o1","event":"refunded","at":"2026-04-20T11:01:00Z","program":"global-eu","items":[{"item":"1","amount":"50.00"}]}`)
			answer := c.must("GET", "/v1/publishers/ann/balance?program=global-eu", "")
			for _, want := range []string{`"approved":"2.80"`, `"available":"0.00"`, `"paid":"5.00"`, `"clawback":"2.20"`, `"withdrawable":"-2.20"`} {
				if !strings.Contains(answer, want) {
					t.Errorf("%s is not in %s", want, answer)
				}
			}
		})
	}
}

// O1: an event that is wrong is refused by itself, with member and reason; the others are kept.
func TestO1_BadEventsAreRefusedOneByOne(t *testing.T) {
	c := newClient(t, engines()[0].make(t), time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC))
	placed := `{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"portals","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00"}]}`
	body := placed + "\n" + strings.Replace(placed, `"10.00"`, `"11.00"`, 1) + "\n" + `{"order":"o1","event":"payed","at":"2026-03-10T12:00:00Z","program":"portals"}` + "\n" +
		`{"order":"o1","event":"refunded","at":"2026-03-10T12:00:00Z","program":"portals","items":[{"item":"9","amount":"1.00"}]}`
	answer := c.must("POST", "/v1/orders:batch", body)
	for _, want := range []string{`"accepted":1`, `"refused":3`, `placed twice`, `is not an order event`, `names item \"9\"`} {
		if !strings.Contains(answer, want) {
			t.Errorf("%s is not in %s", want, answer)
		}
	}
	if answer := c.must("POST", "/v1/orders/o1/events", placed); !strings.Contains(answer, `"known":1`) {
		t.Errorf("the same event again: %s", answer)
	}
	if answer := c.must("POST", "/v1/orders/o2/events", placed); !strings.Contains(answer, `the address says \"o2\"`) {
		t.Errorf("an event of another order: %s", answer)
	}
	if status, answer := c.do(c.request("k", "POST", "/v1/clicks:import", `{"click":"c"}`)); status != 400 || !strings.Contains(answer, "line 1") {
		t.Errorf("a bad click: %d %s", status, answer)
	}
	if status, _ := c.do(c.request("k", "GET", "/v1/orders/nothing?program=portals", "")); status != 404 {
		t.Errorf("an unknown order: %d", status)
	}
}

// Signatures: each part of a call is protected, a call is let in once, and a key does what its scopes say.
func TestSignatures(t *testing.T) {
	c := newClient(t, engines()[0].make(t), time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC))
	balance := func() *http.Request {
		return c.request("k", "GET", "/v1/publishers/ann/balance?program=portals", "")
	}
	if status, answer := c.do(balance()); status != 200 {
		t.Fatalf("a good call: %d %s", status, answer)
	}
	for name, break_ := range map[string]func(*http.Request){
		"no signature":      func(r *http.Request) { r.Header.Del(call.HeaderSignature) },
		"another path":      func(r *http.Request) { r.URL.Path = "/v1/publishers/bob/balance" },
		"another query":     func(r *http.Request) { r.URL.RawQuery = "program=tr" },
		"another method":    func(r *http.Request) { r.Method = "POST" },
		"another key":       func(r *http.Request) { r.Header.Set(call.HeaderKey, "nobody") },
		"another time":      func(r *http.Request) { r.Header.Set(call.HeaderTime, fmt.Sprint(c.now.Unix()+1)) },
		"another nonce":     func(r *http.Request) { r.Header.Set(call.HeaderNonce, "another nonce for you") },
		"another body":      func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")); r.ContentLength = 2 },
		"no time":           func(r *http.Request) { r.Header.Set(call.HeaderTime, "soon") },
		"a flipped bit":     func(r *http.Request) { flip(r) },
		"an empty sig":      func(r *http.Request) { r.Header.Set(call.HeaderSignature, "00") },
		"a short signature": func(r *http.Request) { r.Header.Set(call.HeaderSignature, r.Header.Get(call.HeaderSignature)[:32]) },
	} {
		r := balance()
		break_(r)
		if status, answer := c.do(r); status != 401 && status != 405 && status != 404 {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	again := balance()
	if status, _ := c.do(again.Clone(t.Context())); status != 200 {
		t.Fatal("the first call is not let in")
	}
	if status, answer := c.do(again); status != 401 || !strings.Contains(answer, "used once only") {
		t.Errorf("a replayed call: %d %s", status, answer)
	}
	old := balance()
	c.now = c.now.Add(call.Skew + time.Second)
	if status, _ := c.do(old); status != 401 {
		t.Errorf("an old call: %d", status)
	}
	if status, _ := c.do(c.request("reader", "POST", "/v1/orders:batch", "{}")); status != 403 {
		t.Errorf("a key without the scope: %d", status)
	}
	if status, _ := c.do(c.request("ann", "GET", "/v1/publishers/bob/balance?program=portals", "")); status != 404 {
		t.Errorf("another publisher's balance: %d", status)
	}
	if status, _ := c.do(c.request("ann", "GET", "/v1/proof", "")); status != 403 {
		t.Errorf("the proof for a publisher: %d", status)
	}
	if strings.Contains(c.log.String(), secret) {
		t.Error("the log shows a secret")
	}
}

func flip(r *http.Request) {
	s := []byte(r.Header.Get(call.HeaderSignature))
	if s[0] == '0' {
		s[0] = '1'
	} else {
		s[0] = '0'
	}
	r.Header.Set(call.HeaderSignature, string(s))
}

// Idempotency keys: the same call is answered with the saved answer, another call under the same key is refused.
func TestIdempotencyKeys(t *testing.T) {
	c := newClient(t, engines()[0].make(t), time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC))
	send := func(body string) (int, string) {
		r := c.request("k", "POST", "/v1/orders:batch", body)
		r.Header.Set("Idempotency-Key", "one")
		return c.do(r)
	}
	paid := `{"order":"o1","event":"paid","at":"2026-03-10T11:00:00Z","program":"portals"}`
	status, first := send(paid)
	if status != 200 || !strings.Contains(first, `"accepted":1`) {
		t.Fatalf("%d %s", status, first)
	}
	if status, again := send(paid); status != 200 || again != first {
		t.Errorf("the same call again: %d %s, want %s", status, again, first)
	}
	if status, other := send(strings.Replace(paid, "o1", "o2", 1)); status != 409 {
		t.Errorf("another call under the same key: %d %s", status, other)
	}
}
