package rest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

var march = time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)

// counted is a server whose rows can be counted.
type counted struct {
	*client
	path string
}

func newCounted(t testing.TB) *counted {
	path := filepath.Join(t.TempDir(), "clickledger.db")
	c := &counted{newClient(t, func() store.Store {
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, march), path}
	c.accounts()
	return c
}

// rows are the numbers of rows of all tables.
func (c *counted) rows() map[string]int {
	c.t.Helper()
	db, err := sql.Open("sqlite", c.path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	names, err := db.QueryContext(c.t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		c.t.Fatal(err)
	}
	defer names.Close()
	counts := make(map[string]int)
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			c.t.Fatal(err)
		}
		if name != "rejected_calls" { // what is refused is noted there, some time later
			counts[name] = 0
		}
	}
	if err := names.Err(); err != nil {
		c.t.Fatal(err)
	}
	for name := range counts {
		var n int
		if err := db.QueryRowContext(c.t.Context(), fmt.Sprintf("SELECT count(*) FROM %q", name)).Scan(&n); err != nil {
			c.t.Fatal(err)
		}
		counts[name] = n
	}
	return counts
}

// refused sends a call that must be refused with a status and a problem document that says all of what, and must write nothing.
func (c *counted) refused(status int, method, target, body string, what ...string) {
	c.t.Helper()
	before := c.rows()
	got, answer := c.do(c.request("k", method, target, body))
	if got != status {
		c.t.Errorf("%s %s: %d %s, want %d", method, target, got, answer, status)
	}
	problem(c.t, answer)
	for _, w := range what {
		if !strings.Contains(answer, w) {
			c.t.Errorf("%s %s: %s is not in %s", method, target, w, answer)
		}
	}
	if after := c.rows(); !maps.Equal(before, after) {
		c.t.Errorf("%s %s was refused and wrote: %v, before %v", method, target, after, before)
	}
}

// problem reads a problem document, which must say reason and fix of each error (RFC 9457).
func problem(t testing.TB, answer string) call.Problem {
	t.Helper()
	var p call.Problem
	if err := json.Unmarshal([]byte(answer), &p); err != nil {
		t.Fatalf("%s is not a problem document: %v", answer, err)
	}
	if !strings.HasPrefix(p.Type, call.ProblemBase) || p.Title == "" || p.Detail == "" || len(p.Errors) == 0 {
		t.Errorf("%s is not a whole problem document", answer)
	}
	for _, e := range p.Errors {
		if e.Reason == "" || e.Fix == "" {
			t.Errorf("%s does not say what to do", answer)
		}
	}
	return p
}

const space = `{"publisher":"%s","ad_space":"%s","program":"portals","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","coupons":[%s]}`

// T1: a coupon code is tied to one ad space of a program. An import that would tie it to two is refused with its line, whether the
// other one comes in the same call or is there already, and the server goes on and starts again.
func TestT1_ACouponOnTwoAdSpacesIsRefused(t *testing.T) {
	c := newCounted(t)
	ann, bob := fmt.Sprintf(space, "ann", "blog", `"SPRING"`), fmt.Sprintf(space, "bob", "shop", `"OTHER","SPRING"`)
	says := []string{`"line":3`, `"field":"coupons[1]"`, `SPRING`, `\"blog\"`, "conflict"}
	c.refused(409, "POST", "/v1/ad-spaces:import", ann+"\n\n"+bob, says...)
	c.refused(409, "POST", "/v1/ad-spaces:import", `{"ad_spaces":[`+ann+","+bob+`]}`, `"line":2`)
	c.must("POST", "/v1/ad-spaces:import", ann)
	c.refused(409, "POST", "/v1/ad-spaces:import", bob, `"line":1`, `"field":"coupons[1]"`)
	c.restart()
	// The code moves where its old ad space gives it up in the same call, and the same ad space may come again.
	c.must("POST", "/v1/ad-spaces:import", bob+"\n"+fmt.Sprintf(space, "ann", "blog", ""))
	c.must("POST", "/v1/ad-spaces:import", bob+"\n"+bob)
	c.must("POST", "/v1/ad-spaces:import", strings.Replace(ann, "portals", "tr", 1)) // another program's codes are its own
	c.restart()
	c.must("POST", "/v1/stores:import", `{"store":"s"}`)
}

// C10: an exchange rate that contradicts a known one, or another of its call, is refused with its line.
func TestC10_TwoRatesOfADayAreRefused(t *testing.T) {
	c := newCounted(t)
	rate := func(r string) string { return `{"date":"2026-03-10","base":"EUR","quote":"USD","rate":"` + r + `"}` }
	c.refused(409, "POST", "/v1/fx:import", rate("1.08")+"\n"+rate("1.09"), `"line":2`, `"field":"rate"`, "1.08", "1.09")
	c.must("POST", "/v1/fx:import", rate("1.08"))
	c.must("POST", "/v1/fx:import", rate("1.080"))
	c.refused(409, "POST", "/v1/fx:import", rate("1.09"), `"line":1`)
	c.restart()
}

// L3: a click that is known with other contents is refused with its line, and its call keeps nothing.
func TestL3_AClickWithOtherContentsIsRefused(t *testing.T) {
	c := newCounted(t)
	click := func(id, at string) string {
		return `{"click":"` + id + `","at":"` + at + `","program":"portals","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`
	}
	c.refused(409, "POST", "/v1/clicks:import", click("a", "2026-03-10T10:00:00Z")+"\n"+click("a", "2026-03-10T11:00:00Z"), `"line":2`, `"field":"click"`)
	c.must("POST", "/v1/clicks:import", click("a", "2026-03-10T10:00:00Z"))
	c.refused(409, "POST", "/v1/clicks:import", click("b", "2026-03-10T10:00:00Z")+"\n"+click("a", "2026-03-10T11:00:00Z"), `"line":2`)
}

// hostile are ids that no database can keep, as they stand in JSON.
var hostile = map[string]string{"the character 0": `a\u0000b`, "500 bytes and one": strings.Repeat("x", 501), "not UTF-8": "a\xffb"}

// O1: an event with an id that cannot be kept is refused by itself; the others of its call are kept.
func TestO1_IDsThatCannotBeKept(t *testing.T) {
	placed := `{"order":"ORDER","event":"placed","at":"2026-03-10T11:00:00Z","program":"portals","visitor":"VISITOR","session":"SESSION","click":"CLICK","coupon":{"code":"COUPON","amount":"1.00"},"buyer":{"id":"BUYER","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"ITEM","product":"PRODUCT","store":"STORE","category":"CATEGORY","amount":"10.00"}]}`
	good := strings.NewReplacer("ORDER", "good").Replace(placed)
	members := map[string]string{
		"ORDER": "order", "VISITOR": "visitor", "SESSION": "session", "CLICK": "click", "COUPON": "coupon.code", "BUYER": "buyer.id",
		"ITEM": "items[0].item", "PRODUCT": "items[0].product", "STORE": "items[0].store", "CATEGORY": "items[0].category",
	}
	for what, id := range hostile {
		c := newCounted(t)
		for word, member := range members {
			bad := strings.Replace(placed, word, id, 1)
			answer := c.must("POST", "/v1/orders:batch", bad+"\n"+good)
			if !strings.Contains(answer, `"refused":1`) {
				t.Errorf("%s in %s: %s", what, member, answer)
			}
			if !strings.Contains(answer, `"member":"`+member+`"`) && what != "not UTF-8" {
				t.Errorf("%s in %s is not named: %s", what, member, answer)
			}
		}
		if answer := c.must("GET", "/v1/orders/good?program=portals", ""); !strings.Contains(answer, `"order":"good"`) {
			t.Errorf("%s: the good event is not kept: %s", what, answer)
		}
	}
	c := newCounted(t)
	for what, body := range map[string]string{
		"slashes":      strings.NewReplacer("ORDER", strings.Repeat("/", 400), "ITEM", strings.Repeat("%", 400)).Replace(placed),
		"a late year":  strings.Replace(good, "2026", "9999", 1),
		"an early one": strings.Replace(good, "2026", "0002", 1),
		"no program":   strings.Replace(good, "portals", "nowhere", 1),
		"evidence":     `{"order":"good","event":"fraud","at":"2026-03-10T11:00:00Z","program":"portals","evidence":"` + strings.Repeat("x", 5000) + `"}`,
		"large": strings.NewReplacer("ORDER", "good", `"10.00"`, `"92233720368547758.07"`, "]}", `,{"item":"2","product":"p","store":"s","category":"toys","amount":"92233720368547758.07"}]}`).
			Replace(placed),
	} {
		before := c.rows()
		answer := c.must("POST", "/v1/orders:batch", body)
		if !strings.Contains(answer, `"refused":1`) || !strings.Contains(answer, `"fix":`) {
			t.Errorf("%s: %s", what, answer)
		}
		if after := c.rows(); !maps.Equal(before, after) {
			t.Errorf("%s was refused and wrote", what)
		}
	}
}

// Every call with an id that cannot be kept is refused with the name of the member or parameter; none is answered with 500.
func TestIDsThatCannotBeKeptAnywhere(t *testing.T) {
	c := newCounted(t)
	bodies := map[string]string{
		"/v1/clicks:import":    `{"click":"ID","at":"2026-03-10T10:00:00Z","program":"ID","visitor":"ID","channel":"ID","publisher":"ID","ad_space":"ID","tracking_id":"ID","session":"ID","target":{"kind":"product","product":"ID","store":"ID"}}`,
		"/v1/ad-spaces:import": `{"publisher":"ID","ad_space":"ID","program":"ID","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","parent":"ID","tracking_ids":["ID"],"coupons":["ID"]}`,
		"/v1/products:import":  `{"product":"ID","store":"ID","category":"ID","affiliate":true}`,
		"/v1/stores:import":    `{"store":"ID","lists":["ID"]}`,
		"/v1/fx:import":        `{"date":"2026-03-10","base":"ID","quote":"ID","rate":"1"}`,
	}
	for target, body := range bodies {
		for _, id := range hostile {
			for i := range strings.Count(body, `"ID"`) {
				parts := strings.SplitAfter(body, `"ID"`)
				parts[i] = strings.Replace(parts[i], `"ID"`, `"`+id+`"`, 1)
				c.refused(400, "POST", target, strings.ReplaceAll(strings.Join(parts, ""), `"ID"`, `"ok"`), "invalid-input", `"line":1`)
			}
		}
	}
	for _, id := range []string{"a%00b", "a%FFb", strings.Repeat("x", 501), strings.Repeat("%C3%BC", 300)} {
		for _, target := range []string{
			"/v1/orders/ID?program=portals", "/v1/orders/o?program=ID", "/v1/publishers/ID/balance?program=portals", "/v1/publishers/ann/balance?program=ID",
			"/v1/publishers/ID/journal?program=portals", "/v1/publishers/ann/journal?program=ID", "/v1/publishers/ann/journal?program=portals&after=ID",
			"/v1/orders?program=ID", "/v1/orders?publisher=ID", "/v1/orders?after=ID", "/v1/payout-runs?after=ID", "/v1/payout-runs/ID",
		} {
			status, answer := c.do(c.request("k", "GET", strings.Replace(target, "ID", id, 1), ""))
			if status != 422 && status != 404 && status != 200 {
				t.Errorf("GET %s: %d %s", target, status, answer)
			}
			if status != 200 {
				problem(t, answer)
			}
		}
		c.refused(422, "POST", "/v1/orders/"+id+"/events", "{}")
		c.refused(422, "PUT", "/v1/programs/"+id+"/document", "x")
	}
	if c.log.Len() > 0 {
		t.Errorf("something was not foreseen: %s", c.log)
	}
}

// Whatever text of whatever writing call cannot be kept: it is refused, or it was none that is kept, and nothing is answered with 500.
func TestNoTextOfAnyCallIsAnsweredWith500(t *testing.T) {
	c := newCounted(t)
	c.must("POST", "/v1/ad-spaces:import", strings.Replace(fmt.Sprintf(space, "ann", "blog", ""), "portals", "global-eu", 1))
	code := c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`).Links[0].Link.Code
	text := regexp.MustCompile(`"[^"\\]*"([,\]}])`) // a value, not a name
	c.web = verified
	tried := 0
	for _, w := range writing(t) {
		target, body, _ := w.prepare(c, code)
		for what, id := range hostile {
			for _, at := range text.FindAllStringIndex(body, -1) {
				tried++
				status, answer := c.do(c.request(w.by(), w.method, target, body[:at[0]]+`"`+id+`"`+body[at[1]-1:]))
				if status >= 500 {
					t.Errorf("%s with %s at %d of %s: %d %s", w.id, what, at[0], body, status, answer)
				}
				if status != http.StatusOK {
					problem(t, answer)
				}
			}
		}
		// The next calls build on this one; one of the texts above may have been good enough to do it already.
		if status, answer := c.do(c.request(w.by(), w.method, target, body)); status >= 500 {
			t.Errorf("%s as it should be: %d %s", w.id, status, answer)
		}
	}
	if c.log.Len() > 0 || tried < 100 {
		t.Errorf("%d tried, and something was not foreseen: %s", tried, c.log)
	}
}
