package rest

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// A7: whatever a publisher's key asks of another publisher, at any address, it gets nothing and changes nothing. Every operation is tried:
// one whose address names nobody must be among those that are tried with the other's ids, or say here why it may answer.
func TestA7_APublishersKeyGetsNothingOfOthers(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	code := c.make("k", `{"links":[{"program":"global-eu","publisher":"bob","ad_space":"shop","target":{"kind":"home"}}]}`).Links[0].Link.Code
	c.web = verified
	for _, w := range writing(t) { // bob's ad space, application and endpoint
		if strings.Contains(w.target, "/ann/") || strings.Contains(w.target, "/applications/1/") {
			asBob := strings.NewReplacer("/ann/", "/bob/", `"ann"`, `"bob"`)
			c.do(c.request("k", w.method, asBob.Replace(w.target), asBob.Replace(w.body)))
		}
	}
	c.subnetwork()
	c.must("PUT", "/v1/publishers/bob/sub-publishers/site-1", `{"parent":"net","name":"Site","site":"https://site.example/","traffic_type":"content"}`)
	atDesk(c.client, "bob")
	const hook = `{"kind":"webhook","address":"https://hook.example/in"}`
	c.must("PUT", "/v1/publishers/bob/endpoints/hook", hook)
	bodies := map[string]string{"put-endpoint": hook}
	for _, w := range writing(t) {
		bodies[w.id] = strings.NewReplacer(`"ann"`, `"bob"`, `"ad_space":"blog"`, `"ad_space":"shop"`).Replace(w.body)
	}
	ids := strings.NewReplacer("{publisher}", "bob", "{order}", "o3", "{code}", code, "{application}", "1", "{ad_space}", "news", "{sub_publisher}", "site-1", "{ticket}", "1", "{announcement}", "1", "{endpoint}", "hook", "{kind}", "orders", "{run}", "r", "{program}", "global-eu", "{case}", c.caseOf("bob", "o3"), "{audit}", c.audit("bob"))
	bodies["check-keywords"] = `{"text":"shoes"}`
	ofAll := map[string]string{
		"list-keywords": "what programs forbid is for all to see", "check-keywords": "it is about the caller's own text",
		"get-case-statistics": "what became of a program's cases is for all to see",
		"get-ranking":         "the ranking is for all to see", "list-programs": "what programs offer is for all to see", "get-program": "what programs offer is for all to see", "search": "it finds what is the publisher's own", "get-statistics": "a program's statistics are for all to see", "get-sandbox-clock": "everybody has a sandbox of their own", "move-sandbox-clock": "everybody has a sandbox of their own", "list-rejected-calls": "it tells of the key's own calls",
		"check-links": "it is told which links are a foreign publisher's, and not whose",
	}
	before := c.rows()
	operations(func(op *huma.Operation) {
		target, mayAnswer := ids.Replace(op.Path)+"?program=global-eu&month=2026-03&q=o3", ofAll[op.OperationID] != ""
		for _, p := range op.Parameters {
			if p.In == "query" && p.Name == "publisher" {
				target += "&publisher=bob"
			}
		}
		body := bodies[op.OperationID]
		if op.OperationID == "check-links" {
			body = `{"addresses":["https://s.example/e/` + code + `"]}`
		}
		status, answer := c.do(c.request("ann", op.Method, target, body))
		switch {
		case !call.PolicyOf(op).Publishers:
			if status != http.StatusForbidden {
				t.Errorf("%s is not for publishers: %d %s", op.OperationID, status, answer)
			}
		case mayAnswer:
			if status != http.StatusOK {
				t.Errorf("%s: %d %s, but %s", op.OperationID, status, answer, ofAll[op.OperationID])
			}
		case status != http.StatusForbidden && status != http.StatusNotFound:
			t.Errorf("%s %s: %d %s", op.Method, target, status, answer)
		}
		if strings.Contains(answer, `"shop"`) || strings.Contains(answer, `"bob"`) {
			t.Errorf("%s tells ann of bob: %s", op.OperationID, answer)
		}
		// Red control: to the marketplace's key the same address answers, so what was refused is there.
		if op.Method == http.MethodGet && call.PolicyOf(op).Publishers && !mayAnswer {
			if status, answer := c.do(c.request("k", op.Method, target, "")); status != http.StatusOK {
				t.Errorf("%s tries nothing: the marketplace gets %d %s at %s", op.OperationID, status, answer, target)
			}
		}
	})
	if after := c.rows(); !maps.Equal(before, after) {
		t.Errorf("something was changed: %v, before %v", after, before)
	}
}
