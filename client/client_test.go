package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/client"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/payout"
)

// live is a server that can be made to fail, and its clock.
type live struct {
	*client.Client
	waits []time.Duration

	mu    sync.Mutex // over what the server's goroutines use
	now   time.Time
	fail  func(w http.ResponseWriter, r *http.Request) bool // instead of answering
	cut   bool                                              // the next answer is lost on its way
	calls []http.Header
}

// set changes what the server uses.
func (l *live) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// sent are the headers of the calls that came.
func (l *live) sent() []http.Header {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

func (l *live) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func newLive(t *testing.T, options ...client.Option) *live {
	t.Helper()
	l := &live{now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "clickledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := settle.New(t.Context(), db, l.clock)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	keys := []call.Key{{ID: "k", Secret: "secret", Scopes: []call.Scope{call.ScopeOrders, call.ScopeClicks, call.ScopeFacts, call.ScopeLinks, call.ScopeRead}, CallsPerMinute: 50}}
	mux := http.NewServeMux()
	services := rest.Services{Settle: s, Books: books.New(db, nil, l.clock), Intake: intake.New(db, l.clock), Payouts: payouts.New(db, s.Terms, nil, payout.Party{}, l.clock)}
	api := rest.New(services, call.NewGuard(keys, l.clock), slog.New(slog.DiscardHandler), l.clock)
	api.Register(mux, prometheus.NewRegistry())
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = call.NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.calls = append(l.calls, r.Header.Clone())
		fail, cut := l.fail, l.cut
		l.cut = false
		l.mu.Unlock()
		if fail != nil && fail(w, r) {
			return
		}
		if !cut {
			mux.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(httptest.NewRecorder(), r) // done, and the caller never hears of it
		panic(http.ErrAbortHandler)
	}))
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		api.Close()
		cancel()
		if err := errors.Join(<-done, db.Close()); err != nil {
			t.Error(err)
		}
	})
	options = append([]client.Option{client.WithClock(l.clock), client.WithWait(func(_ context.Context, d time.Duration) error {
		l.waits = append(l.waits, d)
		l.set(func() { l.now = l.now.Add(d) })
		return nil
	})}, options...)
	if l.Client, err = client.New(srv.URL+"/", "k", "secret", options...); err != nil {
		t.Fatal(err)
	}
	return l
}

func placed(order string) client.Event {
	return client.Event{
		Order: order, Event: "placed", At: time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC), Program: "global-eu", Visitor: "v", Buyer: &client.Buyer{ID: "b"}, ShipTo: "RO", Currency: "USD",
		Items: []any{client.Item{Item: "1", Product: "p", Store: "s", Category: "toys", Amount: "10.00"}},
	}
}

// I1: a marketplace reports facts, clicks and orders with the client, and reads what came of them.
func TestI1_TheRoadOfAnOrder(t *testing.T) {
	l := newLive(t)
	ctx := t.Context()
	at := time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
	if _, err := l.Import(ctx, client.AdSpaces, map[string]any{"publisher": "ann/é", "ad_space": "blog", "program": "global-eu", "traffic_type": "content", "approved_at": "2026-01-01T00:00:00Z"}); err != nil {
		t.Fatal(err)
	}
	taken, err := l.ImportClicks(ctx, client.Touch{Click: "c", At: at, Program: "global-eu", Visitor: "v", Channel: "affiliate", Publisher: "ann/é", AdSpace: "blog", Target: &client.Target{Kind: "home"}})
	if err != nil || taken.New != 1 || taken.Received != 1 {
		t.Fatal(taken, err)
	}
	order := "A/1 ?é"
	out, err := l.ReportOrders(ctx, placed(order),
		client.Event{Order: order, Event: "paid", At: at.AddDate(0, 0, 1), Program: "global-eu"},
		client.Event{Order: order, Event: "completed", At: at.AddDate(0, 0, 9), Program: "global-eu"},
		client.Event{Order: order, Event: "refunded", At: at.AddDate(0, 0, 10), Program: "global-eu", Items: []any{client.Refund{Item: "1", Amount: "4.00"}}},
		client.Event{Order: order, Event: "lost", At: at, Program: "global-eu"})
	if err != nil || out.Accepted != 4 || out.Refused != 1 || out.Events[4].Line != 5 || out.Events[4].Member != "event" || out.Events[4].Fix == "" {
		t.Fatalf("%+v %v", out, err)
	}
	record, err := l.GetOrder(ctx, client.GetOrderInput{Program: "global-eu", Order: order, Lang: "en"})
	if err != nil || len(record.Items) != 1 || len(record.Items[0].Sentences) < 5 || len(record.Journal) == 0 || record.AsOf.IsZero() {
		t.Fatalf("%+v %v", record, err)
	}
	balance, err := l.GetBalance(ctx, client.GetBalanceInput{Program: "global-eu", Publisher: "ann/é"})
	if err != nil || balance.Currency != "USD" || balance.Available == "0.00" || balance.Available != balance.Approved {
		t.Fatalf("%+v %v", balance, err)
	}
	var journal int
	for e, err := range l.Journal(ctx, "global-eu", "ann/é") {
		if err != nil || len(e.Postings) == 0 || e.At.IsZero() {
			t.Fatal(e, err)
		}
		journal++
	}
	if journal != len(record.Journal) {
		t.Errorf("the journal has %d transactions, the order %d", journal, len(record.Journal))
	}
	for _, err := range l.AllPayoutRuns(ctx, client.ListPayoutRunsInput{}) {
		t.Fatal("there is a run, or", err)
	}
	var p *client.Problem
	if _, err := l.PublishProgram(ctx, client.PublishProgramInput{Program: "global-eu", Body: []byte("version: none")}); !errors.As(err, &p) || p.Status != 422 || p.Kind() != "invalid-document" || p.Errors[0].Line == 0 {
		t.Errorf("a bad document: %v", err)
	}
	if _, err := l.GetOrder(ctx, client.GetOrderInput{Program: "global-eu", Order: "none"}); !errors.As(err, &p) || p.Kind() != "not-found" || !strings.Contains(err.Error(), "404") {
		t.Errorf("an unknown order: %v", err)
	}
}

// I1: a list is read to its end over its cursors, as often as one likes, and no further than one likes.
func TestI1_ListsAreReadToTheirEnd(t *testing.T) {
	l := newLive(t)
	var events []client.Event
	for i := range 1203 {
		events = append(events, placed(fmt.Sprintf("o%d", i)))
	}
	if _, err := l.ReportOrders(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
	all := l.AllOrders(t.Context(), client.ListOrdersInput{Program: "global-eu", From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	for range 2 {
		seen := make(map[string]bool)
		for d, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			if d.State == "" || d.PlacedAt.IsZero() || seen[d.Order] {
				t.Fatalf("%+v", d)
			}
			seen[d.Order] = true
		}
		if len(seen) != len(events) {
			t.Errorf("%d orders of %d", len(seen), len(events))
		}
	}
	before := len(l.sent())
	for range all {
		break
	}
	if n := len(l.sent()) - before; n != 1 {
		t.Errorf("one row took %d calls", n)
	}
	var failed error
	for _, err := range l.AllOrders(t.Context(), client.ListOrdersInput{State: "lost"}) {
		failed = err
	}
	var p *client.Problem
	if !errors.As(failed, &p) || p.Status != 422 {
		t.Errorf("a wrong filter: %v", failed)
	}
}

// A call whose answer was lost is sent again with the same idempotency key and another signature, and done once.
func TestI1_LostAnswers(t *testing.T) {
	l := newLive(t)
	l.set(func() { l.cut = true })
	out, err := l.ReportOrders(t.Context(), placed("o1"))
	if err != nil || out.Accepted != 1 {
		t.Fatalf("%+v %v: the second attempt does not get the first one's answer", out, err)
	}
	if len(l.sent()) != 2 || len(l.waits) != 1 {
		t.Fatalf("%d calls, %v waited", len(l.sent()), l.waits)
	}
	a, b := l.sent()[0], l.sent()[1]
	if a.Get("Idempotency-Key") == "" || a.Get("Idempotency-Key") != b.Get("Idempotency-Key") || a.Get("Clickledger-Nonce") == b.Get("Clickledger-Nonce") {
		t.Errorf("%v, then %v", a, b)
	}
	own := client.WithIdempotencyKey(t.Context(), "mine")
	for range 2 { // and by the caller's own key
		if out, err := l.ReportOrders(own, placed("o2")); err != nil || out.Accepted != 1 {
			t.Fatalf("%+v %v", out, err)
		}
	}
	var p *client.Problem
	if _, err := l.ReportOrders(own, placed("o3")); !errors.As(err, &p) || p.Kind() != "idempotency-key-reused" {
		t.Errorf("another call under the same key: %v", err)
	}
}

// What is worth another attempt gets one, after the time that the server says; what is not gets none.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name          string
		status, wrong int // answered so often
		retryAfter    string
		calls         int
		waits         []time.Duration
		done          bool
	}{
		{"busy", 503, 2, "", 3, []time.Duration{time.Second, 2 * time.Second}, true},
		{"too many calls", 429, 1, "7", 2, []time.Duration{7 * time.Second}, true},
		{"for ever", 500, 9, "", 4, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, false},
		{"wrong", 400, 1, "", 1, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLive(t)
			left := c.wrong
			l.set(func() {
				l.fail = func(w http.ResponseWriter, _ *http.Request) bool {
					if left--; left < 0 {
						return false
					}
					w.Header().Set("Retry-After", c.retryAfter)
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, "not JSON")
					return true
				}
			})
			_, err := l.ReportOrders(t.Context(), placed("o1"))
			if (err == nil) != c.done || len(l.sent()) != c.calls || fmt.Sprint(l.waits) != fmt.Sprint(c.waits) {
				t.Errorf("%d calls, %v waited, %v", len(l.sent()), l.waits, err)
			}
			var p *client.Problem
			if !c.done && (!errors.As(err, &p) || p.Status != c.status || p.Detail == "") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	// The server's own quota: the 51st call of a minute waits until it is let in.
	l := newLive(t)
	for range 51 {
		if _, err := l.GetBalance(t.Context(), client.GetBalanceInput{Program: "global-eu", Publisher: "ann"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.waits) != 1 || len(l.sent()) != 52 {
		t.Errorf("%d calls, %v waited", len(l.sent()), l.waits)
	}
	// A caller who gives up is not kept.
	ctx, cancel := context.WithCancel(t.Context())
	l.set(func() {
		l.fail = func(w http.ResponseWriter, _ *http.Request) bool {
			cancel()
			w.WriteHeader(503)
			return true
		}
	})
	before := len(l.sent())
	if _, err := l.GetBalance(ctx, client.GetBalanceInput{Program: "global-eu", Publisher: "ann"}); err == nil || len(l.sent()) != before+1 {
		t.Errorf("%d calls after giving up, %v", len(l.sent())-before, err)
	}
}

// A client that cannot work is none.
func TestNew(t *testing.T) {
	for _, bad := range [][3]string{{"", "k", "s"}, {"affiliate.example", "k", "s"}, {"ftp://x", "k", "s"}, {"http://x", "", "s"}, {"http://x", "k", ""}} {
		if _, err := client.New(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	l := newLive(t, client.WithAttempts(1), client.WithHTTP(&http.Client{Transport: broken{}}))
	if _, err := l.GetBalance(t.Context(), client.GetBalanceInput{Program: "tr", Publisher: "ann"}); err == nil || bytes.Contains([]byte(err.Error()), []byte("secret")) || len(l.waits) != 0 {
		t.Errorf("a server that is not reached: %v after %v", err, l.waits)
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

// I1: any call of the API can be made by its name, with what its path, its query and its body need.
func TestI1_AnyCallByItsName(t *testing.T) {
	l := newLive(t)
	ctx := t.Context()
	var balance client.BalanceAnswer
	if err := l.Invoke(ctx, client.OpGetBalance, client.Params{"publisher": "ann/é", "program": "tr"}, nil, &balance); err != nil || balance.Publisher != "ann/é" || balance.Program != "tr" {
		t.Error(balance, err)
	}
	var found struct{ Decisions []client.Decision }
	if err := l.Invoke(ctx, client.OpListOrders, client.Params{"program": "tr", "limit": "5"}, nil, &found); err != nil || len(found.Decisions) != 0 {
		t.Error(found, err)
	}
	var raw []byte
	if err := l.Invoke(ctx, client.OpGetProof, nil, nil, &raw); err != nil || !bytes.Contains(raw, []byte(`"holds":true`)) {
		t.Errorf("%s %v", raw, err)
	}
	if err := l.Invoke(ctx, client.OpImportStores, nil, []byte(`{"store":"s"}`), nil); err != nil {
		t.Error(err)
	}
	if err := l.Invoke(ctx, client.OpGetPayoutRun, nil, nil, nil); err == nil || !strings.Contains(err.Error(), "run") {
		t.Errorf("without the run: %v", err)
	}
	var p *client.Problem
	if err := l.Invoke(ctx, client.OpGetPayoutRun, client.Params{"run": "none"}, nil, nil); !errors.As(err, &p) || p.Status != 404 {
		t.Errorf("an unknown run: %v", err)
	}
}
