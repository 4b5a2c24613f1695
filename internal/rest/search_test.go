package rest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// I6, A7: one box finds what has a name, and of it only what the caller may read: payouts are for who may see them, and everybody else's
// tickets, stores, orders and links are not there.
func TestI6_SearchFindsWhatTheCallerMayRead(t *testing.T) {
	c := newCounted(t)
	ids, _ := c.foreign() // of bob, and of the seller of the store t
	c.payable()
	c.run()
	run := c.newest()
	payout := run.Payouts[0]
	link := ids.Replace("{code}")
	find := func(key, q string) (kinds string) {
		t.Helper()
		status, answer := c.do(c.request(key, http.MethodGet, "/v1/search?q="+url.QueryEscape(q), ""))
		var out struct{ Found []struct{ Kind, ID string } }
		if err := json.Unmarshal([]byte(answer), &out); status != http.StatusOK || err != nil {
			t.Fatalf("%s: %d %s", q, status, answer)
		}
		var all []string
		for _, f := range out.Found {
			all = append(all, f.Kind)
		}
		slices.Sort(all)
		return strings.Join(slices.Compact(all), " ")
	}
	for _, x := range []struct{ key, q, want string }{
		{"app-desk-admin", "o3", "order"}, {"app-bob-owner", "o3", "order"}, {"app-ann-owner", "o3", ""}, {"app-other-owner", "o3", ""},
		{"app-desk-admin", "https://s.example/e/" + link, "link"}, {"app-bob-reader", link, "link"}, {"app-ann-owner", link, ""},
		{"app-desk-finance", run.ID, "run"}, {"app-desk-reviewer", run.ID, ""}, {"ann", run.ID, ""},
		{"app-desk-finance", payout.ID, "payout"}, {"app-desk-reviewer", payout.ID, ""}, {"app-" + payout.Publisher + "-reader", payout.ID, "payout"}, {"app-shop-owner", payout.ID, ""},
		{"app-desk-admin", "another sh", "store"}, {"app-other-reader", "another sh", "store"}, {"app-shop-owner", "another sh", ""}, {"app-ann-owner", "another sh", ""},
		{"app-desk-reviewer", "where is it", "ticket"}, {"app-desk-finance", "where is it", ""}, {"app-bob-owner", "where is it", "ticket"}, {"app-other-owner", "where is it", "ticket"}, {"app-shop-owner", "where is it", ""},
		{"app-desk-reviewer", "global-eu", "program"}, {"app-ann-reader", "GLOBAL-EU", "program"}, {"app-shop-owner", "global-eu", ""},
		{"app-desk-reviewer", ids.Replace("{case}"), "case"}, {"app-ann-owner", ids.Replace("{case}"), ""},
		{"app-desk-admin", " ", ""},
	} {
		if got := find(x.key, x.q); got != x.want {
			t.Errorf("%s finds %q by %q, want %q", x.key, got, x.q, x.want)
		}
	}
}
