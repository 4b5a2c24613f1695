package postbacks

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/postback"
)

// log is an endpoint's log, the newest first.
func (w *world) log(id string) []Delivery {
	w.t.Helper()
	ds, _, err := w.Deliveries(w.t.Context(), "ann", id, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return ds
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// L9: what a receiver says when it refuses stands in the log: a bounded piece of it, in one line, without what was secret in the address.
func TestL9_TheLogKeepsWhatWasAnswered(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "t", Kind: Postback, Address: "https://t.example/p?key=pass%2Fword77&o={order}&on=1"})
	w.answer = func(Call) (int, error) { return 400, nil }
	w.text = "no key\n\x1b[31m pass/word77 or pass%2Fword77 \xff1 o1 " + strings.Repeat("ş", 1000)
	w.decide("o1", "ann", "tracked", 1)
	w.round()
	got := w.log("t")[0].Error
	if !strings.HasPrefix(got, "it answered 400: no key [31m *** or *** \uFFFD1 o1 şşş") || strings.Contains(got, "word77") || strings.ContainsAny(got, "\n\x1b") || !utf8.ValidString(got) {
		t.Errorf("%q", got)
	}
	if n := len([]rune(got)); n != len("it answered 400: ")+Kept+1 {
		t.Errorf("%d characters are kept", n)
	}
	w.answer, w.text = func(Call) (int, error) { return 302, nil }, ""
	w.clock = w.clock.Add(time.Minute)
	w.round()
	if got := w.log("t")[0].Error; got != "it answered 302; redirects count as failures" {
		t.Error(got)
	}
	w.answer, w.text = func(Call) (int, error) { return 200, nil }, "thanks"
	w.clock = w.clock.Add(time.Hour)
	w.round()
	if d := w.log("t")[0]; d.Error != "" || d.State != Delivered || d.Attempts != 3 {
		t.Errorf("%+v", d)
	}
}

// L9: a test says of itself that it is one, earns nothing, and reaches an endpoint whatever events it chose; asked for twice it is one message.
func TestL9_ATestIsMarked(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "hook", Kind: Webhook, Address: "https://hook.example/in", Events: []string{"payout.paid"}})
	first, err := w.Test(t.Context(), "ann", "hook")
	w.must(err)
	w.clock = w.clock.Add(time.Second)
	second, err := w.Test(t.Context(), "ann", "hook")
	w.must(err)
	if w.round() != 1 || first != second {
		t.Errorf("two tests within a second are the messages %s and %s, and %d calls", first, second, len(w.got))
	}
	var m postback.Message
	w.must(json.Unmarshal(w.got[0].Body, &m))
	if m.Event != postback.Test || m.ID != first || m.Amount != "0.00" || m.Program != "test" || m.Order != "test-order" || w.got[0].Header["Webhook-Signature"] == "" {
		t.Errorf("%+v", m)
	}
	w.clock = w.clock.Add(testEvery)
	if third, err := w.Test(t.Context(), "ann", "hook"); err != nil || third == first {
		t.Errorf("the next test has the same id: %v", err)
	}
	// Nobody can choose the event of tests.
	var bad *field.Error
	if _, _, err := w.Put(t.Context(), Endpoint{Publisher: "ann", ID: "x", Kind: Webhook, Address: "https://hook.example/in", Events: []string{"test"}}); !errors.As(err, &bad) || bad.Field != "events" {
		t.Error(err)
	}
}

// L9: one message is sent again under its id; the others stay as they are.
func TestL9_OneMessageIsSentAgain(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "t", Kind: Postback, Address: "https://t.example/{id}"})
	w.put(Endpoint{Publisher: "ann", ID: "u", Kind: Postback, Address: "https://u.example/{id}", State: Off})
	w.decide("o1", "ann", "tracked", 1)
	w.decide("o2", "ann", "tracked", 1)
	w.round()
	w.got = nil
	id := w.log("t")[1].Message
	w.must(w.SendAgain(t.Context(), "ann", "t", id))
	if w.round() != 1 || w.got[0].URL != "https://t.example/"+id {
		t.Errorf("%v", w.got)
	}
	for _, c := range [][3]string{{"ben", "t", id}, {"ann", "u2", id}, {"ann", "t", "evt_none"}, {"ann", "t", ""}} {
		if err := w.SendAgain(t.Context(), c[0], c[1], c[2]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	var off *field.Error
	if err := w.SendAgain(t.Context(), "ann", "u", id); !errors.As(err, &off) || off.Field != "state" {
		t.Errorf("to one that is off: %v", err)
	}
}

// L9: the log can be read by state, page by page.
func TestL9_TheLogByState(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "t", Kind: Postback, Address: "https://t.example/{order}"})
	w.answer = func(c Call) (int, error) {
		if strings.HasSuffix(c.URL, "bad") {
			return 500, nil
		}
		return 200, nil
	}
	w.decide("o1bad", "ann", "tracked", 1)
	w.decide("o2", "ann", "tracked", 1)
	w.decide("o3bad", "ann", "tracked", 1)
	w.round()
	one, next, err := w.DeliveriesIn(t.Context(), "ann", "t", Waiting, "", 1)
	w.must(err)
	two, last, err := w.DeliveriesIn(t.Context(), "ann", "t", Waiting, next, 1)
	w.must(err)
	if len(one) != 1 || len(two) != 1 || next == "" || last != "" || one[0].Message == two[0].Message || one[0].Status != 500 || two[0].Status != 500 {
		t.Errorf("%+v, %+v", one, two)
	}
}

// L9: an endpoint is turned off and on, and removed: then it is nowhere, its secrets are gone, and what was on its way is given up without
// holding others up. Its name can be used again, with a new secret.
func TestL9_OffOnAndRemoved(t *testing.T) {
	w := newWorld(t)
	hook := Endpoint{Publisher: "ann", ID: "hook", Kind: Webhook, Address: "https://hook.example/in"}
	first := w.put(hook)
	w.put(Endpoint{Publisher: "ann", ID: "other", Kind: Postback, Address: "https://t.example/{order}"})
	w.must(w.Switch(t.Context(), "ann", "hook", false))
	w.decide("o1", "ann", "tracked", 1)
	w.round()
	if len(w.log("hook")) != 0 {
		t.Error("an endpoint that is off gets messages")
	}
	if _, err := w.Test(t.Context(), "ann", "hook"); err == nil {
		t.Error("an endpoint that is off is tested")
	}
	w.must(w.Switch(t.Context(), "ann", "hook", true))
	if _, _, err := w.Enter(t.Context(), hook); err == nil {
		t.Error("an endpoint is entered over another one")
	}
	_, err := w.Test(t.Context(), "ann", "hook")
	w.must(err)
	w.decide("o2", "ann", "tracked", 1)
	w.answer = func(c Call) (int, error) { // removed while it is called; and it wants no more
		if c.Method == "POST" {
			w.must(w.Remove(t.Context(), "ann", "hook"))
			w.answer = func(Call) (int, error) { return 410, nil }
			return 410, nil
		}
		return 200, nil
	}
	w.round()
	if all, err := w.List(t.Context(), "ann"); err != nil || len(all) != 1 || all[0].ID != "other" {
		t.Errorf("%+v, %v", all, err)
	}
	w.must(w.db.View(t.Context(), func(tx store.Tx) error {
		all, err := tx.Platform().Postbacks().Endpoints(t.Context(), "ann")
		if len(all) != 2 || len(all[0].Secrets) != 0 || all[0].State != Removed {
			t.Errorf("%+v", all)
		}
		return err
	}))
	for name, try := range map[string]func() error{
		"Remove": func() error { return w.Remove(t.Context(), "ann", "hook") },
		"Switch": func() error { return w.Switch(t.Context(), "ann", "hook", true) },
		"One":    func() error { _, _, err := w.One(t.Context(), "ann", "hook"); return err },
		"Rotate": func() error { _, err := w.Rotate(t.Context(), "ann", "hook"); return err },
		"of ben": func() error { return w.Remove(t.Context(), "ben", "other") },
	} {
		if err := try(); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, again, err := w.Enter(t.Context(), hook); err != nil || again == "" || again == first {
		t.Errorf("the name cannot be used again: %v", err)
	}
	_, last, err := w.One(t.Context(), "ann", "hook")
	if err != nil || last == nil {
		t.Errorf("its log is gone: %v", err)
	}
}

// L9: who did what to an endpoint stands in the audit log.
func TestL9_EndpointsInTheAuditLog(t *testing.T) {
	w := newWorld(t)
	w.put(Endpoint{Publisher: "ann", ID: "t", Kind: Postback, Address: "https://t.example/{order}?key=secret77"})
	id, err := w.Test(t.Context(), "ann", "t")
	w.must(err)
	w.must(w.SendAgain(t.Context(), "ann", "t", id))
	_, err = w.Replay(t.Context(), "ann", "t", From{Since: time.Unix(0, 0)})
	w.must(err)
	w.must(w.Switch(t.Context(), "ann", "t", false))
	w.must(w.Remove(t.Context(), "ann", "t"))
	var said []string
	w.must(w.db.View(t.Context(), func(tx store.Tx) error {
		entries, _, err := tx.Platform().Accounts().Audit().Page(t.Context(), store.AuditFilter{}, "", 100)
		for _, e := range entries {
			said = append(said, e.Action)
			if b, _ := json.Marshal(e); strings.Contains(string(b), "secret77") {
				t.Errorf("the audit log holds a secret: %s", b)
			}
		}
		return err
	}))
	if got := strings.Join(said, " "); got != "postback.removed postback.changed postback.replayed postback.sent_again postback.tested postback.entered" {
		t.Error(got)
	}
}
