package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
)

// M4, F5: a case by its pages: the reviewer opens it from an order and keeps the commission back; the publisher sees what, why and until
// when, and answers; another person decides; the publisher appeals; a third one gives everything back. Nobody does two of these.
func TestM4_ACaseByThePages(t *testing.T) {
	h := newHouse(t)
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-00", State: "approved"}, "", 50)
	if err != nil || len(records) == 0 {
		t.Fatalf("pub-00 has nothing approved: %v", err)
	}
	r := records[0]
	for _, x := range records {
		if x.Amount > 0 && x.Amount < 500_00 {
			r = x
			break
		}
	}
	post := func(who, path string, want int, pairs ...string) string {
		t.Helper()
		h.clock.Set(h.clock.Now().Add(time.Second))
		form := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		got := h.call(who, "POST", path, form)
		if got.StatusCode != want {
			t.Fatalf("POST %s as %s: %d, want %d: %s", path, who, got.StatusCode, want, body(t, got))
		}
		return got.Header.Get("Location")
	}
	see := func(who, path string, all ...string) {
		t.Helper()
		page := body(t, h.call(who, "GET", path, nil))
		for _, s := range all {
			if gone, not := strings.CutPrefix(s, "!"); not && strings.Contains(page, gone) {
				t.Errorf("%s as %s shows %q", path, who, gone)
			} else if !not && !strings.Contains(page, s) {
				t.Errorf("%s as %s does not show %q", path, who, s)
			}
		}
	}
	order := "/orders/" + string(r.Program) + "/" + url.PathEscape(r.Order)
	see("operator-reviewer", order, "Open a case")
	see("publisher-owner", "/publisher"+order, "!Open a case")
	// What is missing stands beside its field.
	post("operator-reviewer", "/cases", http.StatusUnprocessableEntity, "program", string(r.Program), "publisher", "pub-00", "category", "bots", "orders", "no such order", "kind", "text", "evidence", "x")
	at := post("operator-reviewer", "/cases", http.StatusSeeOther, "program", string(r.Program), "publisher", "pub-00", "category", "bots", "orders", r.Order+"/"+r.Item, "kind", "text", "evidence", "a hundred clicks in a second")
	see("publisher-owner", "/publisher/cases", "Nothing of yours")
	post("operator-reviewer", at+"/step", http.StatusSeeOther, "step", "hold")
	see("operator-reviewer", at, "a hundred clicks", "The publisher may answer until", "Somebody else must do this")
	see("publisher-owner", "/publisher"+at, "Clicks of machines", r.Order, "Your answer", "!a hundred clicks", "!operator-reviewer")
	see("publisher-owner", "/publisher/balance/"+string(r.Program), "Kept back by cases", "/publisher/cases")
	see("publisher-owner", "/publisher"+order, "has kept it back since", "/publisher"+at)
	post("operator-finance", at+"/decision", http.StatusUnprocessableEntity, "sanction", "deduction", "reason", "bots", "note", "too early")
	post("publisher-reader", "/publisher"+at+"/answer", http.StatusForbidden, "text", "I may only read")
	post("publisher-owner", "/publisher"+at+"/answer", http.StatusSeeOther, "text", "<b>that was a class of pupils</b>")
	see("operator-finance", at, "&lt;b&gt;that was a class")
	post("operator-reviewer", at+"/decision", http.StatusUnprocessableEntity, "sanction", "deduction", "reason", "bots", "note", "my own case")
	post("operator-finance", at+"/decision", http.StatusSeeOther, "sanction", "deduction", "reason", "bots", "note", "the log shows it")
	see("publisher-owner", "/publisher"+at, "a hundred clicks", "the log shows it", "Antispam deduction", "What was overlooked")
	see("publisher-owner", "/publisher"+order, "took it back on")
	post("publisher-owner", "/publisher"+at+"/appeal", http.StatusSeeOther, "text", "ask the school")
	post("operator-finance", at+"/step", http.StatusUnprocessableEntity, "step", "uphold", "note", "my own decision")
	post("operator-admin", at+"/step", http.StatusSeeOther, "step", "uphold", "note", "the school says so")
	see("publisher-owner", "/publisher"+at, "The appeal was upheld", "the school says so")
	see("publisher-owner", "/publisher/balance/"+string(r.Program), "!Kept back by cases</h2>")
	see("operator-reader", "/programs/"+string(r.Program))
	see("publisher-owner", "/publisher/programs/"+string(r.Program), "Appeals won")
}
