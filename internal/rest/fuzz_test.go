package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serveHTTP answers a call without a network, so that a panic is seen.
func (c *client) serveHTTP(r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	c.srv.Config.Handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// fuzzed sends any body to an address: nothing is answered with 500, a refusal is a whole problem document and writes nothing, and
// whatever was taken in can be read, decided later on, and started with again.
func fuzzed(f *testing.F, target string, seeds ...string) {
	c := newCounted(f)
	paid(c.client)
	c.must("POST", "/v1/fx:import", `{"date":"2026-03-01","base":"EUR","quote":"USD","rate":"1.08"}
{"date":"2026-03-01","base":"JPY","quote":"USD","rate":"99999999999999999"}`) // what costs some yen earns more than can be counted
	for _, s := range seeds {
		f.Add([]byte(s))
		for _, id := range hostile {
			f.Add([]byte(strings.Replace(s, `"ann"`, `"`+id+`"`, 1)))
			f.Add([]byte(strings.Replace(s, `"o1"`, `"`+id+`"`, -1)))
		}
		f.Add([]byte(s + "\n" + strings.Replace(s, "2026", "9999", -1)))
		f.Add([]byte(strings.Replace(s, `.00"`, `00000000000000.00"`, -1)))
	}
	for _, s := range []string{"", "\n", "{", "{}", "null", `{"events":[]}`, `{"events":[{}]}`, `{"clicks":null}`, "\x00", "\xff", `{"order":"` + strings.Repeat("/", 490) + `"}`} {
		f.Add([]byte(s))
	}
	before := c.rows()
	f.Fuzz(func(t *testing.T, body []byte) {
		c.t = t
		status, answer := c.serveHTTP(c.request("k", "POST", target, string(body)))
		after := c.rows()
		wrote := !maps.Equal(before, after)
		before = after
		if c.log.Len() > 0 {
			t.Fatalf("%d %s: %s", status, answer, c.log)
		}
		if status != http.StatusOK {
			p := problem(t, answer)
			if wrote || status >= 500 || p.Status != status {
				t.Fatalf("refused with %d %s, and written: %t", status, answer, wrote)
			}
			return
		}
		var out struct {
			Received, Accepted, Known, Refused int
			Events                             []outcome
		}
		if err := json.Unmarshal([]byte(answer), &out); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		for _, o := range out.Events {
			if (o.Outcome == "refused") != (o.Reason != "" && o.Fix != "") {
				t.Fatalf("%+v", o)
			}
		}
		switch {
		case out.Received == 0 && out.Accepted+out.Known+out.Refused != len(out.Events):
			t.Fatalf("%s does not add up", answer)
		case out.Received == 0 && out.Accepted == 0 && wrote:
			t.Fatalf("%s, and something was written", answer)
		}
		if wrote {
			c.later(t)
		}
	})
}

// later settles what the years bring, and loads the facts as a start does.
func (c *counted) later(t *testing.T) {
	now := c.now
	defer func() { c.now = now }()
	c.now = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := c.settle.Tick(t.Context()); err != nil {
		t.Fatalf("settling later: %v", err)
	}
	if err := c.settle.Refresh(t.Context()); err != nil {
		t.Fatalf("starting again: %v", err)
	}
}

const order1 = `{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"global-eu","visitor":"v","click":"c1","coupon":{"code":"ANN","amount":"1.00"},"buyer":{"id":"b","new":true},"ship_to":"RO","currency":"EUR","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00","quantity":2,"in_stock":true}]}`

func event(kind, more string) string {
	return fmt.Sprintf(`{"order":"o1","event":%q,"at":"2026-03-12T11:00:00Z","program":"global-eu"%s}`, kind, more)
}

var events = []string{
	order1, strings.Replace(order1, "EUR", "USD", 1), event("paid", ""), event("completed", ""), event("cancelled", `,"items":["1"]`),
	event("refunded", `,"items":[{"item":"1","amount":"1.00"}]`), event("fraud", `,"evidence":"e"`),
	strings.NewReplacer("o1", "yen", "EUR", "JPY", ".00", "").Replace(order1 + "\n" + event("paid", "")),
	strings.NewReplacer("o1", "new", "EUR", "USD").Replace(order1 + "\n" + event("paid", "") + "\n" + event("completed", "")),
}

func FuzzOrdersBatch(f *testing.F) { fuzzed(f, "/v1/orders:batch", events...) }

func FuzzOrderEvent(f *testing.F) { fuzzed(f, "/v1/orders/o1/events", events...) }

func FuzzClicksImport(f *testing.F) {
	fuzzed(f, "/v1/clicks:import",
		`{"click":"c1","at":"2026-03-10T10:00:00Z","program":"global-eu","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","tracking_id":"t","session":"s","target":{"kind":"product","product":"p","store":"s"},"sub":{"af":"a","cn":"b","cv":"c","dp":"d"},"verdict":"bot"}`,
		`{"click":"c9","at":"2026-03-10T10:30:00Z","program":"global-eu","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`,
		`{"clicks":[{"click":"x","at":"2026-03-10T10:00:00Z","program":"tr","visitor":"w","channel":"search"}]}`)
}

func FuzzAdSpacesImport(f *testing.F) {
	ann := `{"publisher":"ann","ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","blocked_at":"2026-03-01T00:00:00Z","parent":"p","tracking_ids":["t1"],"coupons":["A","B"]}`
	fuzzed(f, "/v1/ad-spaces:import", ann, ann+"\n"+strings.Replace(ann, `"blog"`, `"shop"`, 1))
}

func FuzzProductsImport(f *testing.F) {
	fuzzed(f, "/v1/products:import", `{"product":"p","store":"s","category":"toys","affiliate":true,"hot_rate":"9.00","virtual":true,"seller_rate":"5.00","campaigns":[{"rate":"7.5","from":"2026-03-01T00:00:00Z","to":"2026-04-01T00:00:00Z"}]}`)
}

func FuzzRatesImport(f *testing.F) {
	fuzzed(f, "/v1/fx:import", `{"date":"2026-03-10","base":"EUR","quote":"USD","rate":"1.0832"}`, `{"date":"2026-03-09","base":"EUR","quote":"USD","rate":"999999999999999999"}`)
}

func FuzzStoresImport(f *testing.F) {
	fuzzed(f, "/v1/stores:import", `{"store":"s","name":"A store","lists":["chuwi"]}`)
}
