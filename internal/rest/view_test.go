package rest

import (
	"strings"
	"testing"
)

// T7: a publisher's key reads its own decision with the competition in it, and nothing that tells who that was; the marketplace's key
// reads everything, which is the red control of the check.
func TestT7_APublishersKeyDoesNotSeeOthers(t *testing.T) {
	c := newCounted(t)
	c.must("POST", "/v1/ad-spaces:import", strings.ReplaceAll(`{"publisher":"ann","ad_space":"blog","program":"portals","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z"}
{"publisher":"bob","ad_space":"bobs-shop","program":"portals","traffic_type":"content","approved_at":"2026-01-01T00:00:00Z","coupons":["BOB10"]}`, "portals", "global-eu"))
	c.must("POST", "/v1/clicks:import", strings.ReplaceAll(`{"click":"bobs-click","at":"2026-03-10T09:00:00Z","program":"portals","visitor":"v","channel":"affiliate","publisher":"bob","ad_space":"bobs-shop","tracking_id":"bobs-id","target":{"kind":"product","product":"bobs-product","store":"bobs-store"},"sub":{"af":"bobs-sub"}}
{"click":"anns-click","at":"2026-03-10T10:00:00Z","program":"portals","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}
{"click":"ad-visit","at":"2026-03-10T09:30:00Z","program":"portals","visitor":"v","channel":"organic"}`, "portals", "global-eu"))
	c.must("POST", "/v1/orders:batch", strings.ReplaceAll(`{"order":"o1","event":"placed","at":"2026-03-10T11:00:00Z","program":"portals","visitor":"v","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00"}]}`, "portals", "global-eu"))
	for _, lang := range []string{"en", "tr"} {
		target := "/v1/orders/o1?program=global-eu&lang=" + lang
		all := c.must("GET", target, "")
		status, own := c.do(c.request("ann", "GET", target, ""))
		if status != 200 {
			t.Fatalf("ann's own order: %d %s", status, own)
		}
		if !strings.Contains(all, "bob") || !strings.Contains(all, "ad-visit") {
			t.Fatalf("the check sees nothing: %s", all)
		}
		if strings.Contains(own, "bob") || strings.Contains(own, "ad-visit") {
			t.Errorf("ann sees who competed: %s", own)
		}
		for _, want := range []string{`"code":"competing_click"`, `"at":"2026-03-10T09:00:00Z"`, `"fate":"outranked"`, "anns-click"} {
			if !strings.Contains(own, want) {
				t.Errorf("%s is not in what ann sees: %s", want, own)
			}
		}
	}
	if status, _ := c.do(c.request("bob", "GET", "/v1/orders/o1?program=global-eu", "")); status != 404 {
		t.Errorf("bob, who earns nothing of it, reads the order: %d", status)
	}
	// A later click takes the order away from bob, whose record is one of the earlier ones then.
	c.must("POST", "/v1/orders:batch", strings.ReplaceAll(`{"order":"o2","event":"placed","at":"2026-03-10T11:00:00Z","program":"global-eu","visitor":"w","click":"bobs-click","buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"10.00"}]}`, "\n", ""))
	before := c.must("GET", "/v1/orders/o2?program=global-eu", "")
	if !strings.Contains(before, `"publisher":"bob"`) {
		t.Fatalf("bob does not win first: %s", before)
	}
	c.must("POST", "/v1/clicks:import", `{"click":"late","at":"2026-03-10T10:30:00Z","program":"global-eu","visitor":"w","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`)
	all := c.must("GET", "/v1/orders/o2?program=global-eu", "")
	if !strings.Contains(all, `"publisher":"ann"`) || strings.Contains(all, `"earlier":[]`) {
		t.Fatalf("ann does not win after the late click: %s", all)
	}
	if _, own := c.do(c.request("ann", "GET", "/v1/orders/o2?program=global-eu", "")); !strings.Contains(own, `"earlier":[]`) || strings.Contains(own, "bob") {
		t.Errorf("ann reads what was bob's: %s", own)
	}
}
