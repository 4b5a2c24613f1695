package rest

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/rest/call"
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
type writes struct{ id, method, target, body, other string }

// writing are such calls of every operation, in an order in which they work.
func writing(t *testing.T) []writes {
	document, err := os.ReadFile("../../program/reference/tr.yaml")
	if err != nil {
		t.Fatal(err)
	}
	link := `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`
	click := `{"click":"a","at":"2026-03-10T10:00:00Z","program":"portals","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`
	paid := `{"order":"o1","event":"paid","at":"2026-03-10T11:00:00Z","program":"portals"}`
	rate := `{"date":"2026-03-10","base":"EUR","quote":"USD","rate":"1.08"}`
	replaced := func(s, old, with string) string { return strings.Replace(s, old, with, 1) }
	place := `{"kind":"blog","name":"Blog","url":"https://blog.example/","traffic_type":"content","languages":["en"]}`
	return []writes{
		{"report-orders", "POST", "/v1/orders:batch", paid, replaced(paid, "paid", "completed")},
		{"report-order-event", "POST", "/v1/orders/o1/events", paid, replaced(paid, "paid", "completed")},
		{"import-clicks", "POST", "/v1/clicks:import", click, replaced(click, `"a"`, `"b"`)},
		{"import-ad-spaces", "POST", "/v1/ad-spaces:import", fmt.Sprintf(space, "ann", "blog", ""), fmt.Sprintf(space, "ann", "shop", "")},
		{"import-products", "POST", "/v1/products:import", `{"product":"p","store":"s","category":"c","affiliate":true}`, `{"product":"q","store":"s","category":"c","affiliate":true}`},
		{"import-stores", "POST", "/v1/stores:import", `{"store":"s"}`, `{"store":"t"}`},
		{"import-fx", "POST", "/v1/fx:import", rate, replaced(rate, "1.08", "1.09")},
		{"publish-program", "PUT", "/v1/programs/tr/document", string(document), string(document) + "\n"},
		{"make-links", "POST", "/v1/links", link, replaced(link, "home", "page")},
		{"put-ad-space", "PUT", "/v1/publishers/ann/ad-spaces/news", place, replaced(place, "Blog", "News")},
		{"verify-ad-space", "POST", "/v1/publishers/ann/ad-spaces/news/verify", `{"method":"file"}`, `{"method":"dns"}`},
		{"apply", "POST", "/v1/publishers/ann/applications", `{"program":"global-eu","ad_space":"news"}`, `{"program":"portals","ad_space":"news"}`},
		{"decide-application", "POST", "/v1/applications/1/decision", `{"state":"question","note":"Which?","by":"maria"}`, `{"state":"approved","by":"maria"}`},
		{"answer-application", "POST", "/v1/applications/1/answer", `{"publisher":"ann","answer":"This one."}`, `{"publisher":"ann","answer":"Another."}`},
		{"replay-deliveries", "POST", "/v1/publishers/ann/endpoints/hook/replay", `{"since":"2026-01-01T00:00:00Z"}`, `{"since":"2026-02-01T00:00:00Z"}`},
		{"set-link-state", "POST", "/v1/links/CODE/state", `{"state":"revoked"}`, `{"state":"live"}`},
	}
}

// I1: every writing call takes an idempotency key: the same call again writes nothing and is answered as the first time, another call
// under the same key is refused and writes nothing.
func TestI1_EveryWritingCallIsDoneOnce(t *testing.T) {
	c := newCounted(t)
	c.must("POST", "/v1/ad-spaces:import", strings.Replace(fmt.Sprintf(space, "ann", "blog", ""), "portals", "global-eu", 1))
	code := c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`).Links[0].Link.Code
	calls := writing(t)
	operations(func(op *huma.Operation) {
		// check-links writes nothing; the other two answer with a secret, which is kept nowhere to be answered again.
		if op.Method != http.MethodGet && !slices.Contains([]string{"check-links", "put-endpoint", "rotate-endpoint-secret"}, op.OperationID) {
			if !slices.ContainsFunc(calls, func(w writes) bool { return w.id == op.OperationID }) {
				t.Errorf("%s writes and is not tried here", op.OperationID)
			}
		}
	})
	c.web = verified
	c.must("PUT", "/v1/publishers/ann/endpoints/hook", `{"kind":"webhook","address":"https://hook.example/in"}`)
	for _, x := range calls {
		id, target := x.id, strings.Replace(x.target, "CODE", code, 1)
		send := func(key, target, body string) (int, string) {
			r := c.request("k", x.method, target, body)
			r.Header.Set("Idempotency-Key", key)
			return c.do(r)
		}
		status, first := send("one", target, x.body)
		if status != 200 {
			t.Fatalf("%s: %d %s", id, status, first)
		}
		before := c.rows()
		if status, again := send("one", target, x.body); status != 200 || again != first {
			t.Errorf("%s again: %d %s, want %s", id, status, again, first)
		}
		if status, other := send("one", target, x.other); status != 409 || problem(t, other).Type != call.ProblemBase+"idempotency-key-reused" {
			t.Errorf("%s with another body: %d %s", id, status, other)
		}
		if strings.Contains(target, "/o1/") || strings.Contains(target, "/tr/") {
			elsewhere := strings.NewReplacer("/o1/", "/o2/", "/tr/", "/portals/").Replace(target)
			if status, other := send("one", elsewhere, x.body); status != 409 {
				t.Errorf("%s at another address: %d %s", id, status, other)
			}
		}
		if after := c.rows(); !maps.Equal(before, after) {
			t.Errorf("%s was written again: %v, before %v", id, after, before)
		}
		if status, bad := send("a\xffb", target, x.body); status != 400 && status != 422 {
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
