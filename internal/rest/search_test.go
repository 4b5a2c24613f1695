package rest

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/lookas"
	"github.com/clickledger/clickledger/internal/web/session"
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
		{"app-shop-owner", "o3", "order"}, {"app-shop-reader", "of-t", "order"}, {"app-other-reader", "of-t", "order"}, {"app-shop-owner", "o1", "order"}, {"app-other-owner", "o1", ""}, {"app-shop-owner", "c1", ""},
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
	// A seller finds the store of its own that sold of the order, and there reads what that one sold, and no word of the publisher.
	for key, item := range map[string]string{"app-shop-owner": "of-s", "app-other-owner": "of-t"} {
		_, found := c.do(c.request(key, http.MethodGet, "/v1/search?q=of-t", ""))
		store := map[string]string{"app-shop-owner": "s", "app-other-owner": "t"}[key]
		status, answer := c.do(c.request(key, http.MethodGet, "/v1/stores/"+store+"/orders/of-t?program=global-eu", ""))
		if strings.Count(answer, `"item":`) != 1 || status != http.StatusOK || !strings.Contains(answer, `"product":"`+item+`"`) || !strings.Contains(found, `"store":"`+store+`"`) || strings.Contains(found+answer, "bob") {
			t.Errorf("%s finds %s and reads %s", key, found, answer)
		}
	}
}

// console is the console over the same services, as whoever has an app; an app's key is the session's token.
func (c *counted) console() (get func(key, target string) (place, text string)) {
	c.t.Helper()
	eyes := &lookas.People{Now: c.clock}
	for _, o := range []people.Organisation{
		{ID: orgAnn, Kind: people.Publisher, Publisher: "ann"}, {ID: orgBob, Kind: people.Publisher, Publisher: "bob"}, {ID: orgShop, Kind: people.Seller, Stores: []string{"s"}},
		{ID: orgOther, Kind: people.Seller, Stores: []string{"t"}}, {ID: orgDesk, Kind: people.Operator},
	} {
		for _, r := range people.RolesOf(o.Kind) {
			key := "app-" + strings.TrimPrefix(o.ID, "org-") + "-" + string(r)
			eyes.All = append(eyes.All, lookas.Person{Token: key, Viewer: people.Viewer{Person: key, Organisation: o, Role: r}})
		}
	}
	log := slog.New(slog.DiscardHandler)
	gate := session.NewGate(eyes, false, c.clock, log)
	v := &c.all
	mux := http.NewServeMux()
	web.New(web.Parts{
		Books: v.Books, Payouts: v.Payouts, Desk: v.Desk, Settle: v.Settle, Intake: v.Intake, Links: v.Links, Reports: v.Reports, Joining: v.Joining, Sellers: v.Sellers, Subs: v.Subs,
		Cases: v.Cases, Postbacks: v.Postbacks, Care: v.Care, Keywords: v.Keywords, Gate: gate, Now: c.clock, Log: log, LookAs: eyes,
	}).Register(mux)
	h := gate.Handler(mux)
	return func(key, target string) (place, text string) {
		c.t.Helper()
		r := httptest.NewRequestWithContext(c.t.Context(), http.MethodGet, target, nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: key})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
			c.t.Fatalf("%s as %s: %d", target, key, w.Code)
		}
		return w.Header().Get("Location"), w.Body.String()
	}
}

// I1, I6: the box of the console finds for somebody in each role exactly what the API finds for an app of that person, and what is the only
// one found is where the console leads.
func TestI6_ConsoleAndAPIFindTheSame(t *testing.T) {
	c := newCounted(t)
	ids, _ := c.foreign()
	c.payable()
	c.run()
	run, get := c.newest(), c.console()
	words := []string{
		"o3", "of-t", "o1", "c1", ids.Replace("{code}"), "https://s.example/e/" + ids.Replace("{code}"), run.ID, run.ID[:6], run.Payouts[0].ID, "ann", "other's", "shop", "t", "s", "where is it", "#1", "2", "global-eu",
		"TR", ids.Replace("{case}"), ids.Replace("{case}")[:3], "e", "%", "nothing is called that", " ",
	}
	kinds := make(map[string]bool)
	for _, o := range []string{"ann", "bob", "shop", "other", "desk"} {
		kind, address := people.Publisher, "/publisher/search"
		switch o {
		case "shop", "other":
			kind, address = people.Seller, "/seller/search"
		case "desk":
			kind, address = people.Operator, "/search"
		}
		for _, r := range people.RolesOf(kind) {
			key := "app-" + o + "-" + string(r)
			for _, q := range words {
				var out struct {
					Found []struct{ Kind, ID, Run string }
				}
				status, answer := c.do(c.request(key, http.MethodGet, "/v1/search?q="+url.QueryEscape(q), ""))
				if err := json.Unmarshal([]byte(answer), &out); status != http.StatusOK || err != nil {
					t.Fatal(status, answer)
				}
				place, text := get(key, address+"?q="+url.QueryEscape(q))
				rows := strings.Split(text, "<tr>")
				if place == "" && len(rows)-min(2, len(rows)) != len(out.Found) { // what stands before the table, and its head
					t.Errorf("%s finds %d by %q in the console, and %d by the API: %s", key, len(rows)-min(2, len(rows)), q, len(out.Found), answer)
					continue
				}
				if place != "" && len(out.Found) != 1 {
					t.Errorf("the console leads %s by %q to %s, and the API finds %s", key, q, place, answer)
				}
				for i, f := range out.Found {
					kinds[f.Kind] = true
					shown := place
					if place == "" {
						shown = rows[i+2]
					}
					if !strings.Contains(shown, f.ID) && !strings.Contains(shown, cmp.Or(f.Run, "-")) && place != "/publisher/balance" {
						t.Errorf("%s finds %s %s by %q with the API, and in the console %s", key, f.Kind, f.ID, q, shown)
					}
				}
			}
		}
	}
	if len(kinds) < 9 {
		t.Errorf("the test finds only %v", kinds)
	}
}
