package rest

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

func description() huma.API {
	return New(Services{}, call.NewGuard(nil, time.Now), slog.New(slog.DiscardHandler), time.Now).Register(http.NewServeMux(), prometheus.NewRegistry())
}

// operations calls each for every operation of the API.
func operations(each func(op *huma.Operation)) {
	for _, path := range description().OpenAPI().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Delete, path.Patch} {
			if op != nil {
				each(op)
			}
		}
	}
}

// verified is the page that verifies an ad space.
var verified = map[string]string{"https://blog.example/clickledger-verification.txt": "proof"}

// writes is a good call of an operation that writes, and another body for it.
type writes struct {
	id, method, target, body, other string
	key                             string           // who calls; "": the marketplace's key
	before                          func(c *counted) // what must be there
}

func (w *writes) by() string { return cmp.Or(w.key, "k") }

// prepare makes what the call needs, and fills in what the call names.
func (w *writes) prepare(c *counted, code string) (target, body, other string) {
	c.t.Helper()
	if w.before != nil {
		w.before(c)
	}
	fill := strings.NewReplacer("CODE", code, "PROPOSAL", c.proposed, "CASE", c.newestCase(), "INVITATION", c.invitation(orgAnn), "MESSAGE", c.message("ann"))
	if strings.Contains(w.target, "RUN") || strings.Contains(w.body, "TOTAL") || strings.Contains(w.body, "PAYOUT") {
		run := c.newest()
		paid := ""
		for i := range run.Payouts {
			paid = run.Payouts[i].ID
		}
		t := run.Totals()
		fill = strings.NewReplacer("RUN", url.PathEscape(run.ID), "PAYMENTS", fmt.Sprint(t.Payments), "TOTAL", money.New(t.Net, run.Currency).Decimal(), "PAYOUT", paid)
	}
	return fill.Replace(w.target), fill.Replace(w.body), fill.Replace(w.other)
}

// newest is the payout run that was drafted last.
func (c *client) newest() payout.Run {
	c.t.Helper()
	runs, err := c.payouts().Runs(c.t.Context())
	if err != nil || len(runs) == 0 {
		c.t.Fatal("no payout run: ", err)
	}
	return runs[0]
}

// writing are such calls of every operation, in an order in which they work.
func writing(t testing.TB) []writes {
	document, err := os.ReadFile("../../program/reference/tr.yaml")
	if err != nil {
		t.Fatal(err)
	}
	link := `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`
	click := `{"click":"a","at":"2026-03-10T10:00:00Z","program":"portals","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`
	event := `{"order":"o1","event":"paid","at":"2026-03-10T11:00:00Z","program":"portals"}`
	rate := `{"date":"2026-03-10","base":"EUR","quote":"USD","rate":"1.08"}`
	replaced := func(s, old, with string) string { return strings.Replace(s, old, with, 1) }
	place := `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["en"]}`
	ticket := `{"kind":"traffic_types","subject":"Both","text":"May I?","traffic_type":"social"}`
	news := `{"audience":{"kind":"publisher","publisher":"ann"},"titles":{"en":"Payouts"},"texts":{"en":"They come late."}}`
	sub := `{"parent":"net","name":"Site","site":"https://site.example/","traffic_type":"content"}`
	return []writes{
		{id: "report-orders", method: "POST", target: "/v1/orders:batch", body: event, other: replaced(event, "paid", "completed")},
		{id: "report-order-event", method: "POST", target: "/v1/orders/o1/events", body: event, other: replaced(event, "paid", "completed")},
		{id: "import-clicks", method: "POST", target: "/v1/clicks:import", body: click, other: replaced(click, `"a"`, `"b"`)},
		{id: "import-ad-spaces", method: "POST", target: "/v1/ad-spaces:import", body: fmt.Sprintf(space, "ann", "blog", ""), other: fmt.Sprintf(space, "ann", "shop", "")},
		{id: "import-products", method: "POST", target: "/v1/products:import", body: `{"product":"p","store":"s","category":"c","affiliate":true}`, other: `{"product":"q","store":"s","category":"c","affiliate":true}`},
		{id: "import-stores", method: "POST", target: "/v1/stores:import", body: `{"store":"s"}`, other: `{"store":"t"}`},
		{id: "import-fx", method: "POST", target: "/v1/fx:import", body: rate, other: replaced(rate, "1.08", "1.09")},
		{id: "publish-program", method: "PUT", target: "/v1/programs/tr/document", body: string(document), other: string(document) + "\n"},
		{id: "make-links", method: "POST", target: "/v1/links", body: link, other: replaced(link, "home", "page")},
		{id: "put-ad-space", method: "PUT", target: "/v1/publishers/ann/ad-spaces/news", body: place, other: replaced(place, "Blog", "News")},
		{id: "verify-ad-space", method: "POST", target: "/v1/publishers/ann/ad-spaces/news/verify", body: `{"method":"file"}`, other: `{"method":"dns"}`},
		{id: "apply", method: "POST", target: "/v1/publishers/ann/applications", body: `{"program":"global-eu","ad_space":"news"}`, other: `{"program":"portals","ad_space":"news"}`},
		{id: "decide-application", method: "POST", target: "/v1/applications/1/decision", body: `{"state":"question","note":"Which?","by":"maria"}`, other: `{"state":"approved","by":"maria"}`},
		{id: "answer-application", method: "POST", target: "/v1/applications/1/answer", body: `{"publisher":"ann","answer":"This one."}`, other: `{"publisher":"ann","answer":"Another."}`},
		{id: "put-sub-publisher", method: "PUT", target: "/v1/publishers/ann/sub-publishers/site-1", body: sub, other: replaced(sub, "Site", "Other"), before: (*counted).subnetwork},
		{
			id: "import-sub-publishers", method: "POST", target: "/v1/publishers/ann/sub-publishers:import", body: "id,parent,name,site,traffic_type\nsite-2,net,Two,https://two.example/,content\n",
			other: "id,parent,name,site,traffic_type\nsite-3,net,Three,https://three.example/,content\n",
		},
		{id: "block-sub-publisher", method: "POST", target: "/v1/publishers/ann/sub-publishers/site-1/block", body: `{"reason":"bots"}`, other: `{"reason":"others"}`, key: "ida"},
		{id: "unblock-sub-publisher", method: "POST", target: "/v1/publishers/ann/sub-publishers/site-1/unblock", other: "{}", key: "ida"},
		{id: "open-ticket", method: "POST", target: "/v1/publishers/ann/tickets", body: ticket, other: replaced(ticket, "Both", "All"), key: "ann"},
		{id: "reply-to-ticket", method: "POST", target: "/v1/publishers/ann/tickets/1/replies", body: `{"text":"And?"}`, other: `{"text":"Well?"}`, key: "ann"},
		{id: "answer-ticket", method: "POST", target: "/v1/tickets/1/answers", body: `{"text":"We look into it."}`, other: `{"text":"No."}`, key: "ida"},
		{id: "assign-ticket", method: "POST", target: "/v1/tickets/1/assignee", body: `{"person":"Ida"}`, other: `{"person":""}`, key: "ida"},
		{id: "decide-ticket", method: "POST", target: "/v1/tickets/1/verdict", body: `{"verdict":"agreed","text":"Welcome."}`, other: `{"verdict":"refused"}`, key: "ida"},
		{id: "close-ticket", method: "POST", target: "/v1/publishers/ann/tickets/1/close", other: "{}", key: "ann"},
		{id: "announce", method: "POST", target: "/v1/announcements", body: news, other: replaced(news, "late", "early"), key: "ida"},
		{id: "read-announcement", method: "POST", target: "/v1/publishers/ann/inbox/1/read", other: "{}", key: "ann"},
		{id: "withdraw-announcement", method: "POST", target: "/v1/announcements/1/withdraw", other: "{}", key: "ida"},
		{id: "put-manager", method: "PUT", target: "/v1/publishers/ann/manager", body: `{"name":"Ida","email":"ida@example.org"}`, other: `{"name":"Ida","email":"ida@example.com"}`, key: "ida"},
		{id: "open-seller-ticket", method: "POST", target: "/v1/sellers/org-shop/tickets", body: `{"kind":"other","subject":"Rates","text":"How?"}`, other: `{"kind":"other","subject":"Rates","text":"When?"}`, key: "app-shop-member"},
		{id: "reply-to-seller-ticket", method: "POST", target: "/v1/sellers/org-shop/tickets/2/replies", body: `{"text":"And?"}`, other: `{"text":"Well?"}`, key: "app-shop-member"},
		{id: "close-seller-ticket", method: "POST", target: "/v1/sellers/org-shop/tickets/2/close", other: "{}", key: "app-shop-member"},
		{id: "read-seller-announcement", method: "POST", target: "/v1/sellers/org-shop/inbox/2/read", other: "{}", key: "app-shop-owner", before: func(c *counted) {
			if status, answer := c.do(c.request("ida", "POST", "/v1/announcements", `{"audience":{"kind":"sellers"},"titles":{"en":"Fair"},"texts":{"en":"In May."}}`)); status != 200 {
				c.t.Fatal(status, answer)
			}
		}},
		{id: "set-store-rate", method: "POST", target: "/v1/stores/s/rates", body: `{"product":"p","rate":"7.5"}`, other: `{"product":"p","rate":"8"}`, key: "app-shop-member"},
		{id: "import-store-rates", method: "POST", target: "/v1/stores/s/rates:import", body: "product,rate,from\np,8.5,2026-09-14\n", other: "product,rate\np,9\n", key: "app-shop-owner"},
		{id: "plan-campaign", method: "POST", target: "/v1/stores/s/campaigns", body: `{"campaign":"Spring","products":["p"],"rate":"12","from":"2026-09-20","to":"2026-09-25"}`, other: `{"campaign":"Spring","rate":"13","from":"2026-09-20","to":"2026-09-25"}`, key: "app-desk-reviewer"},
		{id: "end-campaign", method: "POST", target: "/v1/stores/s/campaigns:end", body: `{"campaign":"Spring"}`, other: `{"campaign":"Summer"}`, key: "app-shop-owner"},
		{id: "set-participation", method: "POST", target: "/v1/stores/s/participation", body: `{"takes_part":false}`, other: `{"takes_part":true}`, key: "app-shop-owner"},
		{
			id: "put-profile", method: "PUT", target: "/v1/publishers/ann/profile", key: "app-ann-member", body: `{"audience":"students","sources":"search","methods":["reviews"],"languages":["en"]}`,
			other: `{"audience":"others","sources":"search","methods":["reviews"],"languages":["en"]}`,
		},
		{id: "invite-member", method: "POST", target: "/v1/invitations", body: `{"email":"new@example.org","role":"reader"}`, other: `{"email":"other@example.org","role":"reader"}`, key: "app-ann-owner"},
		{id: "withdraw-invitation", method: "POST", target: "/v1/invitations/INVITATION/withdraw", other: "{}", key: "app-ann-owner"},
		{id: "set-member-role", method: "PUT", target: "/v1/members/per-ann-reader/role", body: `{"role":"member"}`, other: `{"role":"reader"}`, key: "app-ann-owner"},
		{id: "remove-member", method: "POST", target: "/v1/members/per-ann-reader/remove", other: "{}", key: "app-ann-owner"},
		{id: "revoke-app-key", method: "POST", target: "/v1/app-keys/app-ann-reader/revoke", other: "{}", key: "app-ann-owner"},
		{id: "revoke-app", method: "POST", target: "/v1/apps/id-ann-reader/revoke", other: "{}", key: "app-ann-owner"},
		{id: "set-endpoint-state", method: "POST", target: "/v1/publishers/ann/endpoints/hook/state", body: `{"state":"on"}`, other: `{"state":"off"}`, before: func(c *counted) {
			c.must("PUT", "/v1/publishers/ann/endpoints/hook", `{"kind":"webhook","address":"https://hook.example/in"}`)
		}},
		{id: "test-endpoint", method: "POST", target: "/v1/publishers/ann/endpoints/hook/test", other: "{}"},
		{id: "send-again", method: "POST", target: "/v1/publishers/ann/endpoints/hook/again", body: `{"message":"MESSAGE"}`, other: `{"message":"another"}`},
		{id: "replay-deliveries", method: "POST", target: "/v1/publishers/ann/endpoints/hook/replay", body: `{"since":"2026-01-01T00:00:00Z"}`, other: `{"since":"2026-02-01T00:00:00Z"}`},
		{id: "remove-endpoint", method: "POST", target: "/v1/publishers/ann/endpoints/hook/remove", other: "{}"},
		{id: "set-link-state", method: "POST", target: "/v1/links/CODE/state", body: `{"state":"revoked"}`, other: `{"state":"live"}`},
		{
			id: "start-payout-run", method: "POST", target: "/v1/payout-runs", body: `{"program":"global-eu","way":"manual","publishers":["ann"]}`, other: `{"program":"global-eu","way":"due"}`, key: "maria",
			before: func(c *counted) { paid(c.client); c.payable() },
		},
		{id: "exclude-payout", method: "POST", target: "/v1/payout-runs/RUN/exclude", body: `{"publisher":"ann","reason":"asked to wait"}`, other: `{"publisher":"bob","reason":"asked to wait"}`, key: "maria"},
		{id: "cancel-payout-run", method: "POST", target: "/v1/payout-runs/RUN/cancel", body: `{"reason":"not yet"}`, other: `{"reason":"another"}`, key: "maria", before: func(c *counted) { c.now = c.now.Add(time.Minute); c.run() }},
		{id: "build-payout-run", method: "POST", target: "/v1/payout-runs/RUN/build", other: "{}", key: "maria", before: func(c *counted) { c.now = c.now.Add(time.Minute); c.run() }},
		{id: "approve-payout-run", method: "POST", target: "/v1/payout-runs/RUN/approve", body: `{"payments":PAYMENTS,"total":"TOTAL"}`, other: `{"payments":PAYMENTS,"total":"1.00"}`, key: "jonas"},
		{id: "release-payout-run", method: "POST", target: "/v1/payout-runs/RUN/release", other: "{}", key: "maria"},
		{id: "take-payout-answers", method: "POST", target: "/v1/payout-answers", body: "payout,status,amount,currency\nPAYOUT,paid,TOTAL,USD\n", other: "payout,status\nPAYOUT,rejected\n", key: "maria"},
		{id: "close-payout-run", method: "POST", target: "/v1/payout-runs/RUN/close", other: "{}", key: "maria"},
		{id: "make-test-order", method: "POST", target: "/v1/sandbox/orders", body: `{"order":"t-1","program":"global-eu","publisher":"ann","amount":"10.00"}`, other: `{"order":"t-2","program":"global-eu","publisher":"ann","amount":"10.00"}`},
		{id: "move-sandbox-clock", method: "POST", target: "/v1/sandbox/clock", body: `{"hours":1}`, other: `{"hours":2}`},
		{id: "step-test-order", method: "POST", target: "/v1/sandbox/orders/t-1/steps", body: `{"program":"global-eu","event":"paid"}`, other: `{"program":"global-eu","event":"cancelled"}`},
		{
			id: "open-case", method: "POST", target: "/v1/cases", key: "maria", body: `{"program":"global-eu","publisher":"ann","category":"bots","items":[{"order":"o1"}],"evidence":[{"kind":"text","text":"many clicks at night"}]}`,
			other: `{"program":"global-eu","publisher":"bob","category":"bots","evidence":[{"kind":"text","text":"x"}]}`,
		},
		{id: "add-case-evidence", method: "POST", target: "/v1/cases/CASE/evidence", key: "jonas", body: `{"kind":"figure","text":"9,000 clicks"}`, other: `{"kind":"figure","text":"9"}`},
		{id: "add-case-items", method: "POST", target: "/v1/cases/CASE/items", key: "maria", body: `{"items":[{"order":"o4","item":"1"}]}`, other: `{"items":[{"order":"o4"}]}`},
		{id: "send-case-file", method: "POST", target: "/v1/cases/CASE/files?name=clicks.txt", key: "jonas", body: "9,000 clicks at night", other: "8,000 clicks at night"},
		{id: "step-case", method: "POST", target: "/v1/cases/CASE/step", key: "maria", body: `{"step":"hold"}`, other: `{"step":"dismiss"}`},
		{id: "write-in-case", method: "POST", target: "/v1/cases/CASE/messages", key: "ann", body: `{"text":"these were readers"}`, other: `{"text":"no"}`},
		{id: "decide-case", method: "POST", target: "/v1/cases/CASE/decision", key: "jonas", body: `{"sanctions":["deduction"],"reason":"bots","note":"no reader clicks so"}`, other: `{"sanctions":["warning"],"reason":"bots","note":"no"}`},
		{
			id: "appeal-case", method: "POST", target: "/v1/cases/CASE/appeal", key: "ann", body: `{"text":"look again"}`, other: `{"text":"please"}`,
			before: func(c *counted) {
				if _, err := c.cases().Approve(c.t.Context(), c.newestCase(), "lena"); err != nil {
					c.t.Fatal(err)
				}
			},
		},
		{
			id: "appeal-order", method: "POST", target: "/v1/orders/o5/appeal", key: "ann", body: `{"program":"global-eu","item":"1","text":"why?"}`, other: `{"program":"global-eu","item":"2","text":"why?"}`,
			before: func(c *counted) {
				c.must("POST", "/v1/orders:batch", fmt.Sprintf(`{"order":"o5","event":"fraud","at":%q,"program":"global-eu","items":["1"],"evidence":"seen"}`, c.now.Add(-time.Hour).Format(time.RFC3339)))
			},
		},
		{id: "plan-audit", method: "PUT", target: "/v1/publishers/ann/audits", key: "ann", body: `{"subject":"links","every":"daily","now":true}`, other: `{"subject":"links","every":"weekly"}`},
		{id: "withdraw-proposal", method: "POST", target: "/v1/proposals/PROPOSAL/withdraw", body: `{"reason":"a mistake"}`, other: `{"reason":"another"}`, before: func(c *counted) { c.propose() }},
		{id: "withdraw", method: "POST", target: "/v1/publishers/ann/withdrawals", body: `{"program":"portals-session","amount":"50.00"}`, other: `{"program":"portals-session","amount":"51.00"}`, key: "ann", before: (*counted).onRequest},
	}
}

// subnetwork makes ad spaces net of ann and bob, which have sub-publishers.
func (c *counted) subnetwork() {
	c.t.Helper()
	for _, who := range []string{"ann", "bob"} {
		c.must("POST", "/v1/ad-spaces:import", `{"publisher":"`+who+`","ad_space":"net","program":"global-eu","traffic_type":"subnetwork","approved_at":"2026-01-01T00:00:00Z"}`)
	}
}

// onRequest gives ann fifty dollars in a program that pays on request.
func (c *counted) onRequest() {
	c.t.Helper()
	earned := ledger.Transaction{
		Cause: "test/earned", Reason: ledger.ReasonApprove, Program: "portals-session", Publisher: "ann", Currency: "USD", EffectiveAt: c.now.Add(-24 * time.Hour),
		Movements: []ledger.Movement{{From: ledger.Of(ledger.Fund, "portals-session", ""), To: ledger.Of(ledger.Available, "portals-session", "ann"), Amount: 5000}},
	}
	if err := c.db.Update(c.t.Context(), func(tx store.Tx) error { return store.Book(c.t.Context(), tx, []ledger.Transaction{earned}, c.now) }); err != nil {
		c.t.Fatal(err)
	}
	c.payableBy("international_bank_transfer")
}

// I1: every writing call takes an idempotency key: the same call again writes nothing and is answered as the first time, another call
// under the same key is refused and writes nothing.
func TestI1_EveryWritingCallIsDoneOnce(t *testing.T) {
	c := newCounted(t)
	c.must("POST", "/v1/ad-spaces:import", strings.Replace(fmt.Sprintf(space, "ann", "blog", ""), "portals", "global-eu", 1))
	code := c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`).Links[0].Link.Code
	calls := writing(t)
	operations(func(op *huma.Operation) {
		if p := call.PolicyOf(op); p.Writes && !p.Secret {
			if !slices.ContainsFunc(calls, func(w writes) bool { return w.id == op.OperationID }) {
				t.Errorf("%s writes and is not tried here", op.OperationID)
			}
		}
	})
	c.web = verified
	c.must("PUT", "/v1/publishers/ann/endpoints/hook", `{"kind":"webhook","address":"https://hook.example/in"}`)
	for _, x := range calls {
		id := x.id
		target, body, other := x.prepare(c, code)
		send := func(key, target, body string) (int, string) {
			r := c.request(x.by(), x.method, target, body)
			r.Header.Set("Idempotency-Key", key)
			return c.do(r)
		}
		status, first := send("one", target, body)
		if status != 200 {
			t.Fatalf("%s: %d %s", id, status, first)
		}
		before := c.rows()
		if status, again := send("one", target, body); status != 200 || again != first {
			t.Errorf("%s again: %d %s, want %s", id, status, again, first)
		}
		if status, answer := send("one", target, other); status != 409 || problem(t, answer).Type != call.ProblemBase+"idempotency-key-reused" {
			t.Errorf("%s with another body: %d %s", id, status, answer)
		}
		if strings.Contains(target, "/o1/") || strings.Contains(target, "/tr/") {
			elsewhere := strings.NewReplacer("/o1/", "/o2/", "/tr/", "/portals/").Replace(target)
			if status, other := send("one", elsewhere, body); status != 409 {
				t.Errorf("%s at another address: %d %s", id, status, other)
			}
		}
		if after := c.rows(); !maps.Equal(before, after) {
			t.Errorf("%s was written again: %v, before %v", id, after, before)
		}
		if status, bad := send("a\xffb", target, body); status != 400 && status != 422 {
			t.Errorf("%s with a key that is not UTF-8: %d %s", id, status, bad)
		}
	}
	// A key belongs to who sent it: another caller's is another one.
	r := c.request("ann", "POST", "/v1/links", `{"links":[{"program":"global-eu","target":{"kind":"home"}}]}`)
	r.Header.Set("Idempotency-Key", "one")
	if status, answer := c.do(r); status != 200 {
		t.Errorf("another caller with the same key: %d %s", status, answer)
	}
}

// I1: a call that was refused under a key may be done under it later, when what stood in its way is gone.
func TestI1_ARefusedCallMayComeAgain(t *testing.T) {
	c := newCounted(t)
	send := func() int {
		r := c.request("k", "POST", "/v1/ad-spaces:import", fmt.Sprintf(space, "bob", "shop", `"SPRING"`))
		r.Header.Set("Idempotency-Key", "two")
		status, _ := c.do(r)
		return status
	}
	c.must("POST", "/v1/ad-spaces:import", fmt.Sprintf(space, "ann", "blog", `"SPRING"`))
	if status := send(); status != 409 {
		t.Fatalf("a code that is tied already: %d", status)
	}
	c.must("POST", "/v1/ad-spaces:import", fmt.Sprintf(space, "ann", "blog", ""))
	if status := send(); status != 200 {
		t.Errorf("when the code is free: %d", status)
	}
}
