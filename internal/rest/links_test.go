package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/seller"
)

// tokenKeys is the keyring of the tests.
func tokenKeys(t testing.TB) *token.Keyring {
	t.Helper()
	k, err := token.NewKeyring(token.Key{ID: 1, Secret: token.Secret{1, 2, 3}, From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// withSpaces is a client whose server knows ad spaces: ann's blog and shop, ben's blog, and one of ann's that joins later.
func withSpaces(t *testing.T, e engine) *client {
	t.Helper()
	c := newClient(t, e.make(t), time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	c.must("POST", "/v1/ad-spaces:import", `{"publisher":"ann","ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","tracking_ids":["t1"]}
{"publisher":"ann","ad_space":"later","program":"global-eu","traffic_type":"content","approved_at":"2026-06-01T00:00:00Z"}
{"publisher":"ben","ad_space":"blog","program":"global-eu","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z"}`)
	return c
}

type madeLinks struct {
	Made, Refused int
	Links         []struct {
		Link           *linkView
		Member, Reason string
	}
}

func (c *client) make(key, body string) madeLinks {
	c.t.Helper()
	status, answer := c.do(c.request(key, "POST", "/v1/links", body))
	if status != 200 {
		c.t.Fatalf("making links: %d %s", status, answer)
	}
	var m madeLinks
	if err := json.Unmarshal([]byte(answer), &m); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// L1, A4: links are made singly and in bulk, each wish is granted or told why not, and no link leads to a foreign host.
func TestL1_LinksAreMade(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := withSpaces(t, e)
			m := c.make("k", `{"links":[
				{"program":"global-eu","publisher":"ann","ad_space":"blog","tracking_id":"t1","target":{"kind":"product","id":"1005006"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"page","url":"HTTPS://www.AliExpress.com:443/deals?a=b"}},
				{"program":"global-eu","publisher":"ben","target":{"kind":"search","id":"red shoes"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"page","url":"https://www.aliexpress.com.evil.example/"}},
				{"program":"nowhere","publisher":"ann","ad_space":"blog","target":{"kind":"home"}},
				{"program":"global-eu","publisher":"ann","ad_space":"later","target":{"kind":"home"}},
				{"program":"global-eu","publisher":"ann","target":{"kind":"home"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","tracking_id":"t9","target":{"kind":"home"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"campaign","id":"11.11"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"product"}},
				{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"home"},"substitute":{"kind":"page","url":"https://evil.example/"}}]}`)
			if m.Made != 3 || m.Refused != 8 {
				t.Errorf("%d made and %d refused", m.Made, m.Refused)
			}
			for i, want := range []string{
				"https://www.aliexpress.com/item/1005006.html", "https://www.aliexpress.com/deals?a=b", "https://www.aliexpress.com/wholesale?SearchText=red+shoes",
			} {
				l := m.Links[i].Link
				if l == nil || l.Target.URL != want || l.State != "live" || len(l.Code) != 10 || l.URL != "https://s.example/e/"+l.Code {
					t.Errorf("link %d: %+v, want one to %s", i, m.Links[i], want)
				}
			}
			for i, member := range []string{"target", "program", "ad_space", "ad_space", "tracking_id", "target", "target", "substitute"} {
				if x := m.Links[3+i]; x.Link != nil || x.Member != member || x.Reason == "" {
					t.Errorf("wish %d: %+v, want %s refused", 3+i, x, member)
				}
			}
		})
	}
}

// L1: a publisher's key sees, makes and revokes that publisher's links only; to it other links do not exist.
func TestL1_LinksBelongToTheirPublisher(t *testing.T) {
	c := withSpaces(t, engines()[0])
	ben := c.make("k", `{"links":[{"program":"global-eu","publisher":"ben","target":{"kind":"home"}}]}`).Links[0].Link
	ann := c.make("ann", `{"links":[{"program":"global-eu","ad_space":"blog","target":{"kind":"home"}}]}`).Links[0].Link
	if ann.Publisher != "ann" {
		t.Fatalf("the key's link is %s's", ann.Publisher)
	}
	for _, call := range []struct {
		key, method, path, body string
		want                    int
	}{
		{"ann", "POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ben","target":{"kind":"home"}}]}`, 403},
		{"ann", "GET", "/v1/links?publisher=ben", "", 403},
		{"ann", "GET", "/v1/links/" + ben.Code, "", 404},
		{"ann", "POST", "/v1/links/" + ben.Code + "/state", `{"state":"revoked"}`, 404},
		{"ann", "POST", "/v1/links/" + ann.Code + "/state", `{"state":"blocked"}`, 422},
		{"ann", "POST", "/v1/links/" + ann.Code + "/state", `{"state":"revoked"}`, 200},
		{"ann", "POST", "/v1/links/" + ann.Code + "/state", `{"state":"live"}`, 200},
		{"k", "POST", "/v1/links/" + ann.Code + "/state", `{"state":"blocked"}`, 200},
		{"ann", "POST", "/v1/links/" + ann.Code + "/state", `{"state":"live"}`, 422},
		{"reader", "POST", "/v1/links", `{"links":[{"program":"global-eu","publisher":"ben","target":{"kind":"home"}}]}`, 403},
		{"k", "GET", "/v1/links/0000000000", "", 404},
		{"k", "GET", "/v1/links/no", "", 404},
	} {
		if status, answer := c.do(c.request(call.key, call.method, call.path, call.body)); status != call.want {
			t.Errorf("%s %s %s %s: %d %s, want %d", call.key, call.method, call.path, call.body, status, answer, call.want)
		}
	}
	_, answer := c.do(c.request("ann", "GET", "/v1/links", ""))
	if !strings.Contains(answer, ann.Code) || strings.Contains(answer, ben.Code) {
		t.Errorf("the list of ann's key: %s", answer)
	}
}

// order is a placed and paid order of global-eu that carries a click.
func orderWith(id, click string) string {
	return fmt.Sprintf(`{"order":%q,"event":"placed","at":"2026-03-10T11:00:00Z","program":"global-eu","visitor":"v-%s","click":%q,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"100.00"}]}
{"order":%q,"event":"paid","at":"2026-03-10T11:01:00Z","program":"global-eu"}`, id, id, click, id)
}

// L4: an order with a valid token is attributed although its click's row is missing; the row completes the click when it comes,
// and the decision does not change. A token that was forged or altered attributes nothing.
func TestL4_TokensAttribute(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := withSpaces(t, e)
			c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","ad_space":"blog","tracking_id":"t1","target":{"kind":"home"}}]}`)
			at := time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
			sign := func(nonce byte, linkID uint64, v click.Verdict) (token.ID, string) {
				id := token.NewID(at, token.Nonce{nonce})
				text, err := tokenKeys(t).Append(nil, &token.Claims{Click: id, Link: linkID, Verdict: v})
				if err != nil {
					t.Fatal(err)
				}
				return id, string(text)
			}
			id, good := sign(1, 1, click.Valid)
			_, bot := sign(2, 1, click.Bot)
			_, foreign := sign(3, 77, click.Valid)
			altered := []byte(good)
			altered[len(altered)-1] ^= 1
			for name, carries := range map[string]string{"good": good, "bot": bot, "no-link": foreign, "altered": string(altered)} {
				answer := c.must("POST", "/v1/orders:batch", orderWith(name, carries))
				if !strings.Contains(answer, `"accepted":2`) {
					t.Fatal(answer)
				}
			}
			publisher := func(order string) string {
				var o struct {
					Items []struct {
						Record struct {
							Publisher  string
							TrackingID string `json:"tracking_id"`
							Sub        click.Sub
						}
					}
				}
				if err := json.Unmarshal([]byte(c.must("GET", "/v1/orders/"+order+"?program=global-eu", "")), &o); err != nil {
					t.Fatal(err)
				}
				if len(o.Items) != 1 {
					t.Fatalf("order %s: %+v", order, o)
				}
				d := o.Items[0].Record
				return fmt.Sprint(d.Publisher, " ", d.TrackingID, " ", d.Sub.AF)
			}
			for order, want := range map[string]string{"good": "ann t1 ", "bot": "  ", "no-link": "  ", "altered": "  "} {
				if got := publisher(order); got != want {
					t.Errorf("order %s earns for %q, want %q", order, got, want)
				}
			}
			// The row arrives.
			whole := click.Click{
				ID: id.String(), At: at, Program: "global-eu", Channel: click.Affiliate, Publisher: "ann", AdSpace: "blog", TrackingID: "t1",
				Target: click.Target{Kind: 1}, Sub: click.Sub{AF: "campaign"},
			}
			if err := c.settle.Load(t.Context(), settle.Logged{Clicks: []*click.Click{&whole}}); err != nil {
				t.Fatal(err)
			}
			if got := publisher("good"); got != "ann t1 campaign" {
				t.Errorf("after its row came the order earns for %q", got)
			}
			var kept [][]*click.Click
			if err := c.db.View(t.Context(), func(tx store.Tx) (err error) {
				kept, err = tx.Clicks().ForOrders(t.Context(), []store.TouchWish{{Program: "global-eu", Click: id.String()}})
				return err
			}); err != nil || len(kept[0]) != 1 || kept[0][0].TokenOnly {
				t.Errorf("the click is kept as %+v, %v", kept, err)
			}
			// The same order with the same token again is no news.
			if answer := c.must("POST", "/v1/orders:batch", orderWith("good", good)); !strings.Contains(answer, `"known":2`) {
				t.Error(answer)
			}
		})
	}
}

// L5, S1, C5: the checker says what a link is, whose, where it leads, what its product earns and until when, and if it earns nothing, why.
func TestL5_LinkChecker(t *testing.T) {
	c := withSpaces(t, engines()[0])
	leaving := &seller.Store{ID: "s1", Periods: []seller.Period{{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC)}}}
	if err := c.db.Update(t.Context(), func(tx store.Tx) error { return tx.Facts().PutCatalog(t.Context(), nil, []*seller.Store{leaving}) }); err != nil {
		t.Fatal(err)
	}
	c.must("POST", "/v1/products:import", `{"product":"p1","store":"s1","category":"toys","affiliate":true}
{"product":"p2","store":"s2","category":"toys","affiliate":false}`)
	m := c.make("k", `{"links":[
		{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"product","id":"p1"}},
		{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"product","id":"p2"}},
		{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"product","id":"p3"}},
		{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"home"}},
		{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"home"}},
		{"program":"global-eu","publisher":"ben","ad_space":"blog","target":{"kind":"home"}}]}`)
	c.must("POST", "/v1/links/"+m.Links[4].Link.Code+"/state", `{"state":"revoked"}`)
	addresses := make([]string, 0, 9)
	for _, l := range m.Links {
		addresses = append(addresses, l.Link.URL+"?af=x")
	}
	addresses = append(addresses, "https://s.example/e/0000000000", "https://www.aliexpress.com/item/1.html", "https://elsewhere.example/")
	body, err := json.Marshal(map[string]any{"addresses": addresses, "ship_to": "RO"})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := c.do(c.request("ann", "POST", "/v1/links:check", string(body)))
	var got struct{ Links []checked }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 || len(got.Links) != len(addresses) {
		t.Fatal(status, answer, err)
	}
	for i, want := range []struct {
		valid, earns bool
		findings     string
	}{
		{true, true, "[seller_leaves]"}, {true, true, "[non_affiliate]"}, {true, false, "[not_in_catalogue]"}, {true, true, "[product_not_named]"},
		{false, false, "[link_revoked product_not_named]"}, {false, false, "[foreign_link]"}, {false, false, "[unknown_link]"}, {false, false, "[page_without_link]"}, {false, false, "[not_a_link]"},
	} {
		l := got.Links[i]
		if l.Valid != want.valid || l.Earns != want.earns || fmt.Sprint(l.Findings) != want.findings {
			t.Errorf("%s: valid %v, earns %v, %v; want %+v", l.Address, l.Valid, l.Earns, l.Findings, want)
		}
	}
	one := got.Links[0]
	if one.LeadsTo != "https://www.aliexpress.com/item/p1.html" || !one.Affiliate || one.Store != "s1" || one.Rate == nil || one.Rate.Percent == "0.00" || one.Until == nil || !one.Until.Equal(time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the first link: %s", answer)
	}
	if got.Links[5].Link != nil || got.Links[5].LeadsTo != "" {
		t.Error("another publisher's link is told about")
	}
}
