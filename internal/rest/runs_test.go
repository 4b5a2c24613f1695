package rest

import (
	"net/http"
	"strings"
	"testing"
)

// M5: by the API, too, a run takes two people: whoever opened or built it cannot approve it, with whatever key, and a key that belongs to
// nobody moves no money.
func TestM5_TwoPeopleLeadARunByTheAPI(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	c.payable()
	call := func(key, method, target, body string, want int) string {
		t.Helper()
		status, answer := c.do(c.request(key, method, target, body))
		if status != want {
			t.Fatalf("%s %s %s: %d %s, want %d", key, method, target, status, answer, want)
		}
		return answer
	}
	const start = `{"program":"global-eu","way":"manual"}`
	if answer := call("k", "POST", "/v1/payout-runs", start, http.StatusForbidden); !strings.Contains(answer, "payouts:write") {
		t.Errorf("without the scope: %s", answer)
	}
	call("ann", "POST", "/v1/payout-runs", start, http.StatusForbidden) // a publisher's key
	if answer := call("orphan", "POST", "/v1/payout-runs", start, http.StatusForbidden); !strings.Contains(answer, "no person") {
		t.Errorf("a key that belongs to nobody: %s", answer)
	}
	call("maria", "POST", "/v1/payout-runs", start, 200)
	w := writes{target: "/v1/payout-runs/RUN", body: `{"payments":PAYMENTS,"total":"TOTAL"}`}
	run, totals, _ := w.prepare(c, "")
	call("maria", "POST", run+"/release", "", http.StatusConflict)
	call("jonas", "POST", run+"/approve", totals, http.StatusConflict) // before it is built
	call("maria", "POST", run+"/build", "", 200)
	for _, key := range []string{"maria", "maria-2"} {
		if answer := call(key, "POST", run+"/approve", totals, http.StatusForbidden); !strings.Contains(answer, "another person") {
			t.Errorf("%s approves what maria built: %s", key, answer)
		}
	}
	call("jonas", "POST", run+"/approve", `{"payments":9,"total":"1.00"}`, http.StatusUnprocessableEntity)
	if answer := call("jonas", "POST", run+"/approve", totals, 200); !strings.Contains(answer, `"state":"approved"`) {
		t.Error(answer)
	}
	call("maria", "POST", run+"/release", "", 200)
	call("maria", "POST", run+"/close", "", http.StatusConflict) // the bank has not answered
	for _, file := range c.files() {
		call("ann", "GET", file, "", http.StatusForbidden) // bank accounts are the marketplace's business
		call("maria", "GET", file, "", 200)
	}
	if got := c.newest(); got.ApprovedBy.By != "jonas" || got.BuiltBy.By != "maria" {
		t.Errorf("the run says %+v", got)
	}
}

// M3: a publisher asks for the balance that it saw and for no other one.
func TestM3_AWithdrawalNamesTheBalance(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	c.onRequest()
	status, seen := c.do(c.request("ann", "GET", "/v1/publishers/ann/withdrawal?program=portals-session", ""))
	if status != 200 || !strings.Contains(seen, `"amount":"50.00"`) || !strings.Contains(seen, `"possible":true`) {
		t.Fatalf("%d %s", status, seen)
	}
	ask := func(key, publisher, amount string) int {
		status, _ := c.do(c.request(key, "POST", "/v1/publishers/"+publisher+"/withdrawals", `{"program":"portals-session","amount":"`+amount+`"}`))
		return status
	}
	if got := ask("ann", "ann", "49.00"); got != http.StatusConflict {
		t.Errorf("another balance: %d", got)
	}
	if got := ask("bob", "bob", "50.00"); got != http.StatusForbidden {
		t.Errorf("a key without the scope: %d", got)
	}
	if got := ask("ann", "bob", "50.00"); got != http.StatusNotFound {
		t.Errorf("another publisher's: %d", got)
	}
	if got := ask("ann", "ann", "50.00"); got != 200 {
		t.Errorf("the balance: %d", got)
	}
	if got := ask("ann", "ann", "50.00"); got != http.StatusConflict {
		t.Errorf("twice: %d", got)
	}
	if _, again := c.do(c.request("ann", "GET", "/v1/publishers/ann/withdrawal?program=portals-session", "")); !strings.Contains(again, `"possible":false`) || !strings.Contains(again, `"fix":`) {
		t.Errorf("when it was asked for: %s", again)
	}
	status, outlook := c.do(c.request("ann", "GET", "/v1/publishers/ann/outlook?program=global-eu", ""))
	if status != 200 || !strings.Contains(outlook, `"ripening":[`) {
		t.Errorf("%d %s", status, outlook)
	}
}
