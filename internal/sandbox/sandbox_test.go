package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/client"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

const secret = "a secret of tests"

// world is a server with sandboxes, and whoever calls it.
type world struct {
	t    *testing.T
	dir  string
	now  time.Time
	real store.Store
	srv  *httptest.Server
	stop func()
	n    int

	mu   sync.Mutex
	told []string // bodies of webhooks
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// start starts the server, as after a restart of the machine.
func (w *world) start() {
	w.t.Helper()
	var err error
	if w.real, err = sqlite.Open(w.t.Context(), filepath.Join(w.dir, "real.db")); err != nil {
		w.t.Fatal(err)
	}
	codes, err := link.NewCodes(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	sealed, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{5}, 32)})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	clock := func() time.Time { return w.now }
	scopes := []call.Scope{call.ScopeRead, call.ScopeLinks, call.ScopePayouts}
	guard := call.NewGuard([]call.Key{
		{ID: "ann", Secret: secret, Scopes: scopes, Publisher: "ann", Person: "ann"}, {ID: "bob", Secret: secret, Scopes: scopes, Publisher: "bob"},
		{ID: "shop", Secret: secret, Scopes: append(scopes, call.ScopeOrders, call.ScopeFacts, call.ScopeClicks), Person: "maria"},
	}, clock)
	s := New(ctx, Options{
		Dir: filepath.Join(w.dir, "sandboxes"), Open: func(ctx context.Context, path string) (store.Store, error) { return sqlite.Open(ctx, path) }, Real: w.real, Guard: guard,
		Joins: func(db store.Store, now func() time.Time) *joining.Service {
			return joining.New(db, joining.Prover{}, func(context.Context, program.ID, string) (int, error) { return 0, nil }, func() string { return "proof" }, now)
		},
		Codes: codes, Box: sealed, Now: clock, Log: slog.New(slog.DiscardHandler),
		Caller: func(_ context.Context, c postbacks.Call) (postbacks.Answer, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, string(c.Body))
			return postbacks.Answer{Status: http.StatusOK}, nil
		},
	})
	mux := http.NewServeMux()
	s.Register(mux)
	w.srv = httptest.NewServer(mux)
	w.stop = func() {
		w.srv.Close()
		cancel()
		if err := errors.Join(s.Close(), w.real.Close()); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) do(key, method, target, body string) (int, string) {
	w.t.Helper()
	w.n++
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.srv.URL+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	nonce := fmt.Sprintf("nonce-of-a-test-%06d", w.n)
	r.Header.Set(call.HeaderKey, key)
	r.Header.Set(call.HeaderTime, fmt.Sprint(w.now.Unix()))
	r.Header.Set(call.HeaderNonce, nonce)
	r.Header.Set(call.HeaderSignature, call.Sign(secret, method, r.URL.EscapedPath(), r.URL.Query(), w.now.Unix(), nonce, []byte(body)))
	r.Header.Set("Content-Type", "application/json")
	return w.send(r)
}

func (w *world) send(r *http.Request) (int, string) {
	w.t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.Header.Get("Clickledger-Sandbox") != "true" {
		w.t.Errorf("%s %s: the answer is not marked", r.Method, r.URL)
	}
	return res.StatusCode, string(b)
}

func (w *world) must(key, method, target, body string) map[string]any {
	w.t.Helper()
	status, answer := w.do(key, method, "/sandbox"+target, body)
	out := make(map[string]any)
	if err := json.Unmarshal([]byte(answer), &out); err != nil || status != http.StatusOK {
		w.t.Fatalf("%s %s: %d %s", method, target, status, answer)
	}
	return out
}

// I1: a developer sees an order go from pending to payable, with what its system is told, by moving the clock; the real marketplace has
// nothing of it.
func TestI1_AnOrderLivesInTheSandbox(t *testing.T) {
	w := newWorld(t)
	w.must("ann", "PUT", "/v1/publishers/ann/endpoints/hook", `{"kind":"webhook","address":"https://hook.example/in"}`)
	made := w.must("ann", "POST", "/v1/sandbox/orders", `{"order":"t-1","program":"portals-session","amount":"100.00","sub":{"af":"news"}}`)
	if made["state"] != "tracked" || made["click"] == "" {
		t.Fatalf("the order: %v", made)
	}
	step := func(event, more string) map[string]any {
		return w.must("ann", "POST", "/v1/sandbox/orders/t-1/steps", `{"program":"portals-session","event":"`+event+`"`+more+`}`)
	}
	move := func(hours int) map[string]any {
		return w.must("ann", "POST", "/v1/sandbox/clock", fmt.Sprintf(`{"hours":%d}`, hours))
	}
	balance := func() map[string]any {
		return w.must("ann", "GET", "/v1/publishers/ann/balance?program=portals-session", "")
	}
	if got := step("paid", ""); got["state"] != "pending" || got["amount"] == "0.00" {
		t.Fatalf("paid: %v", got)
	}
	move(24)
	if got := step("completed", ""); got["state"] != "pending" {
		t.Fatalf("completed: %v", got)
	}
	if b := balance(); b["pending"] == "0.00" || b["available"] != "0.00" {
		t.Errorf("before the hold is over: %v", b)
	}
	outlook := w.must("ann", "GET", "/v1/publishers/ann/outlook?program=portals-session", "")
	if r, _ := outlook["ripening"].([]any); len(r) != 1 {
		t.Errorf("the outlook names no day: %v", outlook)
	}
	moved := move(100 * 24)
	if moved["settled"] == 0.0 || moved["messages"] == 0.0 || moved["now"] != "2026-06-19T12:00:00Z" {
		t.Errorf("moved: %v", moved)
	}
	if b := balance(); b["pending"] != "0.00" || b["available"] == "0.00" {
		t.Errorf("after the hold: %v", b)
	}
	c, err := client.New(w.srv.URL+Prefix, "ann", secret, client.WithClock(func() time.Time { return w.now }))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.GetBalance(t.Context(), client.GetBalanceInput{Program: "portals-session", Publisher: "ann"}); err != nil || b.Available == "0.00" {
		t.Errorf("by the Go client: %+v %v", b, err)
	}
	if now, err := c.GetSandboxClock(t.Context()); err != nil || !now.Now.Equal(time.Date(2026, 6, 19, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("the clock by the Go client: %+v %v", now, err)
	}
	if more, err := c.MakeTestOrder(t.Context(), client.MakeTestOrderInput{Body: client.TestOrderBody{Order: "t-2", Program: "portals-session", Amount: "10.00"}}); err != nil || more.State != "tracked" {
		t.Errorf("another order by the Go client: %+v %v", more, err)
	}
	var none *client.Problem
	if _, err := c.ListMembers(t.Context()); !errors.As(err, &none) || none.Kind() != "not-found" || !strings.Contains(none.Detail, "no accounts") {
		t.Errorf("accounts in a sandbox: %v", err)
	}
	w.stop()
	w.start() // the clock and the order are still there
	if c := w.must("ann", "GET", "/v1/sandbox/clock", ""); c["now"] != "2026-06-19T12:00:00Z" {
		t.Errorf("after a restart: %v", c)
	}
	if got := step("refunded", `,"amount":"100.00"`); got["amount"] != "0.00" {
		t.Errorf("refunded: %v", got)
	}
	if b := balance(); b["available"] != "0.00" {
		t.Errorf("after the refund: %v", b)
	}
	kinds := strings.Join(w.told, "\n")
	for _, want := range []string{"action.created", "action.approved"} {
		if !strings.Contains(kinds, want) {
			t.Errorf("%s was not told: %s", want, kinds)
		}
	}
	err = w.real.View(t.Context(), func(tx store.Tx) error {
		records, _, err := tx.Decisions().Page(t.Context(), store.RecordFilter{}, "", 10)
		spaces, more := tx.Facts().AdSpaces(t.Context())
		if len(records)+len(spaces) > 0 {
			t.Errorf("the marketplace has %d decisions and %d ad spaces of it", len(records), len(spaces))
		}
		return errors.Join(err, more)
	})
	if err != nil {
		t.Error(err)
	}
}

// A7: everybody's sandbox is its own, with a clock of its own; a call that is signed for the sandbox is none of the marketplace's, and
// no bank file is made there.
func TestA7_SandboxesAreApart(t *testing.T) {
	w := newWorld(t)
	w.must("ann", "POST", "/v1/sandbox/orders", `{"order":"t-1","program":"global-eu","amount":"100.00"}`)
	w.must("ann", "POST", "/v1/sandbox/clock", `{"hours":48}`)
	if c := w.must("bob", "GET", "/v1/sandbox/clock", ""); c["ahead"] != "0s" {
		t.Errorf("ann moved bob's clock: %v", c)
	}
	if status, answer := w.do("bob", "POST", "/sandbox/v1/sandbox/orders/t-1/steps", `{"program":"global-eu","event":"paid"}`); status != http.StatusNotFound {
		t.Errorf("bob leads ann's order on: %d %s", status, answer)
	}
	if status, answer := w.do("bob", "POST", "/sandbox/v1/sandbox/orders", `{"order":"t-2","program":"global-eu","publisher":"ann","amount":"1.00"}`); status != http.StatusForbidden {
		t.Errorf("bob clicks as ann: %d %s", status, answer)
	}
	if status, _ := w.do("nobody", "GET", "/sandbox/v1/sandbox/clock", ""); status != http.StatusUnauthorized {
		t.Errorf("an unknown key: %d", status)
	}
	// Red control: with the path that the handler sees, the signature would hold for the marketplace too.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.srv.URL+"/sandbox/v1/sandbox/clock", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(call.HeaderKey, "ann")
	r.Header.Set(call.HeaderTime, fmt.Sprint(w.now.Unix()))
	r.Header.Set(call.HeaderNonce, "a nonce of the marketplace")
	r.Header.Set(call.HeaderSignature, call.Sign(secret, http.MethodGet, "/v1/sandbox/clock", nil, w.now.Unix(), "a nonce of the marketplace", nil))
	if status, _ := w.send(r); status != http.StatusUnauthorized {
		t.Errorf("a call that was signed for the marketplace is let into the sandbox: %d", status)
	}
	for _, bad := range []string{`{"order":"t-9","program":"nowhere","amount":"1.00"}`, `{"order":"t-9","program":"global-eu","amount":"-1"}`, `{"order":"t-9","link":"none","amount":"1.00"}`} {
		if status, answer := w.do("ann", "POST", "/sandbox/v1/sandbox/orders", bad); status < 400 || status >= 500 {
			t.Errorf("%s: %d %s", bad, status, answer)
		}
	}
	if _, err := noBank(nil); err == nil {
		t.Error("a sandbox makes bank files")
	}
}
