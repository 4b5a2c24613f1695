package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/payout"
)

// I6: the box finds tickets, trust cases, stores, programs, payout runs and publishers by what they are called, and each only for those who
// may open it: the finder of one finds it, everybody else finds nothing of it.
func TestI6_SearchFindsForThoseWhoMay(t *testing.T) {
	h := newHouse(t)
	if err := h.db.Update(t.Context(), func(tx store.Tx) error {
		return tx.Platform().Accounts().Organisations().Put(t.Context(), store.Organisation{ID: "org_named", Kind: store.KindPublisher, Name: "Fırsat Günlüğü", Publisher: "pub-01", CreatedAt: h.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	own, _ := h.talked(t, "pub-00", false)
	foreign, _ := h.talked(t, "pub-01", false)
	sellers, _ := h.talked(t, "", true)
	ownCase, foreignCase := h.suspect(t, "pub-00"), h.suspect(t, "pub-01")
	runs, err := h.payouts.Runs(t.Context())
	if err != nil || len(runs) == 0 {
		t.Fatal(err)
	}
	store, err := h.site.parts.Sellers.Store(t.Context(), ownStore)
	if err != nil {
		t.Fatal(err)
	}
	const publisher, seller = "/publisher/search", "/seller/search"
	at := map[string]string{"publisher-owner": publisher, "publisher-reader": publisher, "seller-owner": seller, "seller-reader": seller}
	everybody := []string{"publisher-owner", "publisher-reader", "seller-owner", "seller-reader", "operator-admin", "operator-reviewer", "operator-finance"}
	for _, c := range []struct {
		what, q string
		finds   map[string]string // who, and where it leads
	}{
		{"one's own ticket by its number", "#" + own, map[string]string{
			"publisher-owner": "/publisher/help/tickets/" + own, "publisher-reader": "/publisher/help/tickets/" + own, "operator-admin": "/tickets/" + own, "operator-reviewer": "/tickets/" + own,
		}},
		{"a ticket by its subject", "ticket of PUB-01", map[string]string{"operator-admin": "/tickets/" + foreign, "operator-reviewer": "/tickets/" + foreign}},
		{"a seller's ticket", "#" + sellers, map[string]string{
			"seller-owner": "/seller/help/tickets/" + sellers, "seller-reader": "/seller/help/tickets/" + sellers, "operator-admin": "/tickets/" + sellers, "operator-reviewer": "/tickets/" + sellers,
		}},
		{"one's own case", ownCase, map[string]string{
			"publisher-owner": "/publisher/cases/" + ownCase, "publisher-reader": "/publisher/cases/" + ownCase, "operator-admin": "/cases/" + ownCase, "operator-reviewer": "/cases/" + ownCase, "operator-finance": "/cases/" + ownCase,
		}},
		{"another publisher's case", foreignCase, map[string]string{"operator-admin": "/cases/" + foreignCase, "operator-reviewer": "/cases/" + foreignCase, "operator-finance": "/cases/" + foreignCase}},
		{"a seller's store by its id", ownStore, map[string]string{
			"seller-owner": "/seller/stores/" + ownStore, "seller-reader": "/seller/stores/" + ownStore, "operator-admin": "/sellers/" + ownStore, "operator-reviewer": "/sellers/" + ownStore, "operator-finance": "/sellers/" + ownStore,
		}},
		{"another seller's store", foreignStore, map[string]string{"operator-admin": "/sellers/" + foreignStore, "operator-reviewer": "/sellers/" + foreignStore, "operator-finance": "/sellers/" + foreignStore}},
		{"a program by its id", "global-e", map[string]string{
			"publisher-owner": "/publisher/programs/global-eu", "publisher-reader": "/publisher/programs/global-eu", "operator-admin": "/programs/global-eu", "operator-reviewer": "/programs/global-eu", "operator-finance": "/programs/global-eu",
		}},
		{"a payout run", runs[0].ID, map[string]string{"operator-admin": "/payouts/" + runs[0].ID, "operator-finance": "/payouts/" + runs[0].ID}},
		{"a payout run by a part of its id", strings.ToLower(runs[0].ID[4:]), map[string]string{"operator-admin": "/payouts/" + runs[0].ID, "operator-finance": "/payouts/" + runs[0].ID}},
		{"a publisher by its name", "rsat G", map[string]string{"operator-admin": "/publishers/", "operator-reviewer": "/publishers/", "operator-finance": "/publishers/"}},
	} {
		for _, who := range everybody {
			address := "/search"
			if at[who] != "" {
				address = at[who]
			}
			res := h.call(who, "GET", address+"?q="+url.QueryEscape(c.q), nil)
			text, place := body(t, res), res.Header.Get("Location")
			want, may := c.finds[who]
			switch {
			case may && !strings.HasPrefix(place, want) && !strings.Contains(text, `<a href="`+want):
				t.Errorf("%s does not find %s: %d to %q, want %q", who, c.what, res.StatusCode, place, want)
			case !may && (res.StatusCode != 200 || strings.Contains(text, `<th scope="row">`)):
				t.Errorf("%s finds %s: %d to %q", who, c.what, res.StatusCode, place)
			}
		}
	}
	// The store's name finds it too, where it has one.
	if name := store.Store.Name; name != "" {
		if res := h.call("operator-admin", "GET", "/search?q="+url.QueryEscape(strings.ToUpper(name)), nil); !strings.Contains(res.Header.Get("Location")+body(t, res), "/sellers/"+ownStore) {
			t.Errorf("%q is not found by its name", name)
		}
	}
	// Nobody reaches another one's search, and an empty box finds nothing.
	for who, address := range map[string]string{"publisher-owner": "/search", "seller-owner": publisher, "operator-admin": seller} {
		if res := h.call(who, "GET", address+"?q=a", nil); res.StatusCode != 403 {
			t.Errorf("%s searches at %s: %d", who, address, res.StatusCode)
		}
	}
	if text := body(t, h.call("operator-admin", "GET", "/search?q=+", nil)); strings.Contains(text, `<th scope="row">`) {
		t.Error("an empty box finds something")
	}
}

// S1: the operator's list of stores finds one by a part of its name or id.
func TestS1_StoresAreFoundByName(t *testing.T) {
	h := newHouse(t)
	link := func(store string) string { return `href="/sellers/` + store + `"` }
	all := body(t, h.call("operator-reviewer", "GET", "/sellers", nil))
	one := body(t, h.call("operator-reviewer", "GET", "/sellers?named=+STORE-55+", nil))
	if !strings.Contains(one, link(ownStore)) || strings.Contains(one, link(foreignStore)) || strings.Count(all, `href="/sellers/store-`) <= strings.Count(one, `href="/sellers/store-`) || !strings.Contains(one, `value="STORE-55"`) {
		t.Error("the list does not keep to what was asked for")
	}
	if none := body(t, h.call("operator-reviewer", "GET", "/sellers?named=%25", nil)); strings.Contains(none, link(ownStore)) {
		t.Error("a sign of SQL finds everything")
	}
}

// A2, A6: in a queue who waits longest comes first, and the page says so; what is over is listed with the newest first.
func TestA6_QueuesBeginWithWhoWaitsLongest(t *testing.T) {
	c := caller{newHouse(t), t}
	first, _ := c.talked(t, "pub-00", false)
	second, _ := c.talked(t, "pub-01", false)
	before := func(what, text, one, two string) {
		t.Helper()
		i, j := strings.Index(text, one), strings.Index(text, two)
		if i < 0 || j < 0 || i > j {
			t.Errorf("%s: %q does not come before %q (%d, %d)", what, one, two, i, j)
		}
	}
	one, two := `href="/tickets/`+first+`"`, `href="/tickets/`+second+`"`
	before("who waits", c.get(opReviewer, "/tickets", "The oldest comes first."), one, two)
	before("all", c.get(opReviewer, "/tickets?state=all", "The newest comes first."), two, one)
	_, a := c.applied(t, "pub-00")
	_, b := c.applied(t, "pub-01")
	one, two = `href="/applications/`+a+`"`, `href="/applications/`+b+`"`
	before("who applied", c.get(opReviewer, "/applications", "The oldest comes first."), one, two)
	for _, id := range []string{a, b} {
		c.post(opReviewer, "/applications/"+id, 303, "state", "approved", "note", "Welcome.")
	}
	before("who was accepted", c.get(opReviewer, "/applications?state=approved", "The newest comes first."), two, one)
}

// I6: what is listed is called by its name; the id stays beside it.
func TestI6_NamesStandWhereIdsStood(t *testing.T) {
	c := caller{newHouse(t), t}
	const name = "Fırsat Günlüğü"
	if err := c.db.Update(t.Context(), func(tx store.Tx) error {
		return tx.Platform().Accounts().Organisations().Put(t.Context(), store.Organisation{ID: "org_named", Kind: store.KindPublisher, Name: name, Publisher: "pub-01", CreatedAt: c.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	ticket, _ := c.talked(t, "pub-01", false)
	_, application := c.applied(t, "pub-01")
	trustCase := c.suspect(t, "pub-01")
	runs, err := c.payouts.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := ""
	for _, r := range runs {
		if len(r.Payouts) == 0 || run != "" {
			continue
		}
		run = r.ID
		if paid := r.Payouts[0].Publisher; paid != "pub-01" {
			if err := c.db.Update(t.Context(), func(tx store.Tx) error {
				return tx.Platform().Accounts().Organisations().Put(t.Context(), store.Organisation{ID: "org_paid", Kind: store.KindPublisher, Name: name, Publisher: paid, CreatedAt: c.clock.Now()})
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.post(opReviewer, "/publishers/pub-01/manager", 303, "name", "Ida", "email", "ida@example.org")
	for _, p := range []struct{ who, address string }{
		{opReviewer, "/tickets"}, {opReviewer, "/tickets/" + ticket}, {opReviewer, "/applications"}, {opReviewer, "/applications/" + application},
		{opReviewer, "/cases"}, {opReviewer, "/cases/" + trustCase}, {"operator-admin", "/audit?object=publisher+pub-01"},
	} {
		c.get(p.who, p.address, name, "pub-01")
	}
	c.get("operator-finance", "/payouts/"+run, name, "pub-")
	// Lists, and single orders; the newest orders and the best publishers are pub-01's among others.
	orders, _, err := c.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-01"}, "", 1)
	if err != nil || len(orders) == 0 {
		t.Fatal(err)
	}
	at := string(orders[0].Program) + "/" + orders[0].Order
	const days = "&from=2025-12-01&to=2026-01-15"
	_, code := c.fill(t, "GET {code}", "pub-01")
	if page := c.get(opReviewer, "/links/"+code, text.Of(text.English).Linking.TheyEarn); strings.Contains(page, " for you") {
		t.Error("the operator is spoken to as if the link were its own")
	}
	for _, address := range []string{
		"/links/" + code, "/publishers", "/orders?publisher=pub-01", "/orders/" + at, "/overview", "/reports?report=orders&by=publisher" + days, "/reports?report=live-orders" + days,
		"/clicks/" + string(orders[0].Program) + "/" + c.clickOf(t, "pub-01", "{click}"),
	} {
		c.get(opReviewer, address, name, "pub-01")
	}
	top := rowsOf(t, body(t, c.call(opReviewer, "GET", "/sellers?of=publisher&format=csv"+days, nil)))[0]["publisher"]
	if err := c.db.Update(t.Context(), func(tx store.Tx) error {
		return tx.Platform().Accounts().Organisations().Put(t.Context(), store.Organisation{ID: "org_top", Kind: store.KindPublisher, Name: "The best of all", Publisher: top, CreatedAt: c.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	c.get(opReviewer, "/sellers?"+days, "The best of all", top)
	for _, address := range []string{"/publishers/pub-01/manager", "/publishers/pub-01/subs", "/publishers/" + string(orders[0].Program) + "/pub-01"} {
		c.get(opReviewer, address, name)
	}
	// What publishers themselves read names nobody, and files hold ids only.
	if page := c.get("publisher-owner", "/publisher/orders"); strings.Contains(page, name) {
		t.Error("a publisher reads the name of another one")
	}
	if file := body(t, c.call(opReviewer, "GET", "/reports?format=csv&report=orders&by=publisher"+days, nil)); strings.Contains(file, name) || !strings.Contains(file, "pub-01") {
		t.Errorf("a file of figures has names in it, or no ids: %.300s", file)
	}
}

// M5: the list of payout runs leaves those out that are closed and paid nobody, says how many they are, and shows them when it is asked.
func TestM5_EmptyRunsStandInNobodysWay(t *testing.T) {
	c := caller{newHouse(t), t}
	runs, err := c.payouts.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var empty, filled []string
	for i := range runs {
		if runs[i].State == payout.Closed && runs[i].Totals().Payments == 0 {
			empty = append(empty, runs[i].ID)
		} else {
			filled = append(filled, runs[i].ID)
		}
	}
	if len(empty) == 0 || len(filled) == 0 || len(runs) > 50 {
		t.Fatalf("%d of %d runs are empty", len(empty), len(runs))
	}
	link := func(id string) string { return `href="/payouts/` + id + `"` }
	words := text.Of(text.English).Runs
	short := c.get("operator-finance", "/payouts", words.NobodyHidden(int64(len(empty))), `href="/payouts?show=all"`)
	all := c.get("operator-finance", "/payouts?show=all", words.NobodyShown(int64(len(empty))), `href="/payouts"`)
	for _, id := range filled {
		if !strings.Contains(short, link(id)) || !strings.Contains(all, link(id)) {
			t.Errorf("%s is missing", id)
		}
	}
	for _, id := range empty {
		if strings.Contains(short, link(id)) || !strings.Contains(all, link(id)) {
			t.Errorf("%s is shown where it should not be, or the other way round", id)
		}
	}
	if n := strings.Count(all, words.PaidNobody); n < len(empty) || strings.Count(short, ">"+words.PaidNobody+"<") > 0 {
		t.Errorf("%d of %d empty runs are marked", n, len(empty))
	}
}
