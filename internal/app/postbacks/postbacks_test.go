package postbacks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/postback"
)

// world is a service with a clock and a receiver that the test leads.
type world struct {
	*Service
	t      *testing.T
	db     store.Store
	clock  time.Time
	answer func(c Call) (int, error)
	text   string // of every answer

	mu   sync.Mutex
	got  []Call
	logs bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{3}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, clock: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), answer: func(Call) (int, error) { return 200, nil }}
	w.Service = New(db, box, func(_ context.Context, c Call) (Answer, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got = append(w.got, c)
		status, err := w.answer(c)
		return Answer{status, w.text}, err
	}, slog.New(slog.NewTextHandler(&w.logs, nil)), func() time.Time { return w.clock })
	return w
}

func (w *world) put(e Endpoint) string {
	w.t.Helper()
	_, secret, err := w.Put(w.t.Context(), e)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// decide puts a decision about an item.
func (w *world) decide(orderID, publisher, state string, amount int64) {
	w.t.Helper()
	r := store.Record{
		Key: order.Key{Program: "tr", Order: orderID}, Item: "1", State: state, Publisher: publisher, AdSpace: "blog", Currency: "USD", Amount: amount, PlacedAt: w.clock, DecidedAt: w.clock,
		JSON: fmt.Appendf(nil, `{"tracking_id":"t1","click":"clk_1","sub":{"af":"a b","cn":"","cv":"","dp":""},"amount":%d}`, amount),
	}
	if err := w.db.Update(w.t.Context(), func(tx store.Tx) error { return tx.Decisions().Put(w.t.Context(), []store.Record{r}) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) round() int {
	w.t.Helper()
	if _, err := w.Collect(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	sent := 0
	for {
		n, err := w.Send(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if sent += n; n == 0 {
			return sent
		}
	}
}

// L9: a postback carries what happened in its address; who does not want an event, is off, or is somebody else, gets nothing.
func TestL9_Postbacks(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "tracker", Kind: Postback, Address: "https://t.example/p?o={order}&e={event}&a={amount}&was={amount_before}&af={af}"})
	w.put(Endpoint{Publisher: "ann", ID: "approved", Kind: Postback, Address: "https://t.example/approved", Events: []string{"action.approved"}})
	w.put(Endpoint{Publisher: "ann", ID: "off", Kind: Postback, Address: "https://t.example/off", State: Off})
	w.put(Endpoint{Publisher: "ben", ID: "tracker", Kind: Postback, Address: "https://ben.example/{order}/{state}/{amount}/{af}"})
	w.decide("o1", "ann", "tracked", 1250)
	w.decide("o2", "", "declined", 0)
	w.decide("o1", "ann", "approved", 1000)
	w.decide("o1", "ben", "approved", 900)
	if n := w.round(); n != 6 {
		t.Errorf("%d calls", n)
	}
	got := make(map[string]bool)
	for _, c := range w.got {
		got[c.Method+" "+c.URL] = true
	}
	for _, want := range []string{
		"GET https://t.example/p?o=o1&e=action.created&a=12.50&was=&af=a%20b", "GET https://t.example/p?o=o1&e=action.approved&a=10.00&was=12.50&af=a%20b",
		"GET https://t.example/approved", "GET https://t.example/p?o=o1&e=action.lost&a=0.00&was=10.00&af=", "GET https://ben.example/o1/approved/9.00/a%20b",
	} {
		if !got[want] {
			t.Errorf("no call %s in %v", want, got)
		}
	}
	if n := w.round(); n != 0 {
		t.Errorf("%d calls without news", n)
	}
}

// L9: webhooks are signed, with two secrets while one is changed; the secret is shown once and is nowhere to be read.
func TestL9_Webhooks(t *testing.T) {
	w := newWorld(t)
	hook := Endpoint{Publisher: "ann", ID: "hook", Kind: Webhook, Address: "https://hook.example/in"}
	first := w.put(hook)
	if again := w.put(hook); again != "" || !strings.HasPrefix(first, postback.Prefix) {
		t.Errorf("the secret was %q, and %q when the endpoint was put again", first, again)
	}
	w.decide("o1", "ann", "tracked", 1250)
	w.round()
	second, err := w.Rotate(t.Context(), "ann", "hook")
	if err != nil {
		t.Fatal(err)
	}
	w.decide("o1", "ann", "approved", 1250)
	w.round()
	if len(w.got) != 2 {
		t.Fatalf("%d calls", len(w.got))
	}
	secretOf := func(text string) postback.Secret {
		var b []byte
		if err := json.Unmarshal([]byte(`"`+strings.TrimPrefix(text, postback.Prefix)+`"`), &b); err != nil {
			t.Fatal(err)
		}
		s, err := postback.NewSecret(b)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for i, secrets := range [][]postback.Secret{{secretOf(first)}, {secretOf(second), secretOf(first)}} {
		c := w.got[i]
		if want := postback.Sign(c.Header["Webhook-Id"], w.clock, c.Body, secrets...); c.Header["Webhook-Signature"] != want || c.Method != "POST" {
			t.Errorf("call %d is signed %s, want %s", i, c.Header["Webhook-Signature"], want)
		}
		var m postback.Message
		if err := json.Unmarshal(c.Body, &m); err != nil || m.ID != c.Header["Webhook-Id"] || m.Version != i+1 || m.Order != "o1" || m.AF != "a b" {
			t.Errorf("call %d says %s, %v", i, c.Body, err)
		}
	}
	all, err := w.List(t.Context(), "ann")
	if err != nil || strings.Contains(fmt.Sprintf("%+v", all), first) || bytes.Contains(w.logs.Bytes(), []byte(first)) {
		t.Errorf("the secret can be read: %+v", all)
	}
}

// L9: a receiver that is flaky, and then down for three days, has every message in the end, each under one id; and the greatest
// version of an item is what the books say.
func TestL9_NothingIsLostInAnOutage(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(1, 2))
	w.put(Endpoint{Publisher: "ann", ID: "hook", Kind: Webhook, Address: "https://hook.example/in"})
	down := w.clock.Add(10 * time.Hour)
	up := down.Add(72 * time.Hour)
	seen := make(map[string]postback.Message)
	w.answer = func(c Call) (int, error) {
		var m postback.Message
		if err := json.Unmarshal(c.Body, &m); err != nil {
			t.Error(err)
		}
		switch {
		case !w.clock.Before(down) && w.clock.Before(up):
			return 0, errors.New("connection refused")
		case w.clock.Before(down) && r.IntN(3) == 0:
			return []int{500, 302, 429}[r.IntN(3)], nil
		}
		if was, ok := seen[m.ID]; ok && was != m {
			t.Errorf("message %s says two things", m.ID)
		}
		seen[m.ID] = m
		return 204, nil
	}
	want := make(map[string]int64)
	for i := range 300 {
		id := fmt.Sprint("o", r.IntN(100))
		amount := int64(1 + r.IntN(1000))
		state := []string{"tracked", "pending", "approved"}[r.IntN(3)]
		w.decide(id, "ann", state, amount)
		want[id] = amount
		w.round()
		if i < 280 {
			w.clock = w.clock.Add(15 * time.Minute)
		}
	}
	for range 200 { // four days
		w.clock = w.clock.Add(30 * time.Minute)
		w.round()
	}
	newest := make(map[string]postback.Message)
	for _, m := range seen {
		if m.Version > newest[m.Order].Version {
			newest[m.Order] = m
		}
	}
	for id, amount := range want {
		if got := newest[id].Amount; got != money.New(amount, "USD").Decimal() {
			t.Errorf("the receiver believes %q of order %s, the books say %s", got, id, money.New(amount, "USD").Decimal())
		}
	}
	failed := 0
	for after := ""; ; {
		page, next, err := w.Deliveries(t.Context(), "ann", "hook", after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			if d.State != Delivered {
				failed++
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if failed > 0 {
		t.Errorf("%d messages were not delivered", failed)
	}
	// Sent again on demand, under the same ids.
	w.answer = func(c Call) (int, error) {
		if _, ok := seen[c.Header["Webhook-Id"]]; !ok {
			t.Errorf("a new id %s", c.Header["Webhook-Id"])
		}
		return 200, nil
	}
	n, err := w.Replay(t.Context(), "ann", "hook", From{Since: time.Unix(0, 0)})
	if err != nil || n != len(seen) || w.round() != n {
		t.Errorf("%d messages of %d were sent again, %v", n, len(seen), err)
	}
	latest, _, err := w.Deliveries(t.Context(), "ann", "hook", "", 4)
	w.must(err)
	again := make(map[string]bool)
	w.answer = func(c Call) (int, error) { again[c.Header["Webhook-Id"]] = true; return 200, nil }
	if n, err = w.Replay(t.Context(), "ann", "hook", From{After: latest[3].Message}); err != nil || n != 3 || w.round() != 3 {
		t.Errorf("%d messages instead of the 3 after %s, %v", n, latest[3].Message, err)
	}
	for i, d := range latest {
		if again[d.Message] != (i < 3) {
			t.Errorf("message %d from the end was sent again: %t", i+1, again[d.Message])
		}
	}
	for _, from := range []From{{}, {After: "msg_of_nobody"}, {Since: time.Unix(0, 0), After: latest[3].Message}} {
		var wrong *field.Error
		if _, err := w.Replay(t.Context(), "ann", "hook", from); !errors.As(err, &wrong) {
			t.Errorf("from %+v: %v", from, err)
		}
	}
}

// L9: an endpoint that answers 410 gets nothing more; after ten attempts a message is given up, and the log says why.
func TestL9_GivingUp(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "gone", Kind: Postback, Address: "https://gone.example/{order}"})
	w.put(Endpoint{Publisher: "ann", ID: "deaf", Kind: Postback, Address: "https://deaf.example/{order}"})
	w.answer = func(c Call) (int, error) {
		if strings.Contains(c.URL, "gone") {
			return 410, nil
		}
		return 503, nil
	}
	w.decide("o1", "ann", "tracked", 1)
	for range 100 {
		w.round()
		w.clock = w.clock.Add(time.Hour)
	}
	w.decide("o2", "ann", "tracked", 1)
	w.round()
	calls := map[string]int{}
	for _, c := range w.got {
		calls[c.URL]++
	}
	if calls["https://gone.example/o1"] != 1 || calls["https://gone.example/o2"] != 0 || calls["https://deaf.example/o1"] != postback.Attempts {
		t.Errorf("%v", calls)
	}
	page, _, err := w.Deliveries(t.Context(), "ann", "deaf", "", 10)
	if err != nil || len(page) != 2 || page[1].State != Failed || page[1].Status != 503 || page[1].Attempts != postback.Attempts || page[1].Error == "" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := w.Replay(t.Context(), "ann", "gone", From{Since: time.Unix(0, 0)}); err == nil {
		t.Error("messages are sent again to an endpoint that is gone")
	}
}

// L9: payouts are told of, each answer of the bank once.
func TestL9_Payouts(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "hook", Kind: Webhook, Address: "https://hook.example/in"})
	run := payout.Run{ID: "r1", Program: "tr", Currency: "USD", Payouts: []payout.Payout{{ID: "p1", Publisher: "ann", Net: 5000, Status: payout.Paid, Answers: []payout.Answer{{Payout: "p1", Status: payout.Paid, At: w.clock}}}}}
	revision := 0
	tell := func() []string {
		t.Helper()
		if err := w.db.Update(t.Context(), func(tx store.Tx) error { return tx.Payouts().PutRun(t.Context(), run, revision) }); err != nil {
			t.Fatal(err)
		}
		revision++
		w.got = nil
		if _, err := w.CollectPayouts(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.round()
		var told []string
		for _, c := range w.got {
			var m postback.Message
			if err := json.Unmarshal(c.Body, &m); err != nil {
				t.Fatal(err)
			}
			told = append(told, fmt.Sprint(m.Event, " ", m.Payout, " ", m.Amount))
		}
		return told
	}
	if got := fmt.Sprint(tell()); got != "[payout.paid p1 50.00]" {
		t.Error(got)
	}
	if got := tell(); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	run.Payouts[0].Answers = append(run.Payouts[0].Answers, payout.Answer{Payout: "p1", Status: payout.Returned, Ref: "x", At: w.clock})
	if got := fmt.Sprint(tell()); got != "[payout.returned p1 50.00]" {
		t.Error(got)
	}
}

// L9: what is wrong with an endpoint is named; other publishers' endpoints do not exist.
func TestL9_EndpointsAreChecked(t *testing.T) {
	w := newWorld(t)
	for name, e := range map[string]Endpoint{
		"publisher": {ID: "a", Kind: Postback, Address: "https://t.example/"},
		"id":        {Publisher: "ann", ID: "A b", Kind: Postback, Address: "https://t.example/"},
		"kind":      {Publisher: "ann", ID: "a", Kind: "fax", Address: "https://t.example/"},
		"address":   {Publisher: "ann", ID: "a", Kind: Postback, Address: "https://t.example/{ordre}"},
		"events":    {Publisher: "ann", ID: "a", Kind: Postback, Address: "https://t.example/", Events: []string{"action.eaten"}},
		"state":     {Publisher: "ann", ID: "a", Kind: Postback, Address: "https://t.example/", State: "sleeping"},
	} {
		_, _, err := w.Put(t.Context(), e)
		var bad *field.Error
		if !errors.As(err, &bad) || bad.Field != name || bad.Reason == "" {
			t.Errorf("%+v: %v, want one that names %s", e, err, name)
		}
	}
	w.put(Endpoint{Publisher: "ann", ID: "a", Kind: Webhook, Address: "https://t.example/"})
	if _, err := w.Rotate(t.Context(), "ben", "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's endpoint: %v", err)
	}
	if _, _, err := w.Deliveries(t.Context(), "ben", "a", "", 10); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's log: %v", err)
	}
}
