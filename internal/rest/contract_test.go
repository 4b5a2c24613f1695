package rest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// contract is the committed description of the API, read by another library than the one that wrote it.
func contract(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The description is OpenAPI 3.1, valid, and each of its examples fits its schema.
func TestTheDescriptionIsValid(t *testing.T) {
	doc := contract(t)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("it is OpenAPI %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] != nil && op.RequestBody.Value.Content["application/json"].Example == nil {
				t.Errorf("%s %s has no example of its body", method, path)
			}
		}
	}
	// Red control: an example that does not fit is found.
	doc.Paths.Value("/v1/proof").Get.Responses.Value("429").Value.Content["application/problem+json"].Examples["too-many-calls"].Value.Value = map[string]any{"status": "many"}
	if err := doc.Validate(t.Context()); err == nil {
		t.Error("an example that does not fit its schema passes")
	}
}

// exchange makes a call and holds it and its answer against the description.
func exchange(c *client, doc *openapi3.T, id string, r *http.Request, body string) (status int, wrong error) {
	c.t.Helper()
	route, parameters := routeOf(doc, r)
	if route == nil || route.Operation.OperationID != id {
		c.t.Fatalf("%s %s is not described as %s", r.Method, r.URL, id)
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	in := &openapi3filter.RequestValidationInput{Request: r.Clone(c.t.Context()), PathParams: parameters, Route: route, Options: options}
	in.Request.Body = io.NopCloser(strings.NewReader(body))
	asked := openapi3filter.ValidateRequest(c.t.Context(), in)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode == http.StatusOK && asked != nil {
		return res.StatusCode, asked // it was done, so it must be described
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(answer)), Options: options}
	return res.StatusCode, openapi3filter.ValidateResponse(c.t.Context(), out)
}

// routeOf finds the operation of a call, the longest text first.
func routeOf(doc *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	var found *routers.Route
	var parameters map[string]string
	for path, item := range doc.Paths.Map() {
		op := item.GetOperation(r.Method)
		want, got := strings.Split(path, "/"), strings.Split(r.URL.Path, "/")
		if op == nil || len(want) != len(got) {
			continue
		}
		values, fits := make(map[string]string), true
		for i, w := range want {
			if name, ok := strings.CutPrefix(w, "{"); ok {
				values[strings.TrimSuffix(name, "}")] = got[i]
			} else if w != got[i] {
				fits = false
			}
		}
		if fits && (found == nil || len(values) < len(parameters)) {
			found, parameters = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: r.Method, Operation: op}, values
		}
	}
	return found, parameters
}

// I1: what each operation answers, when it is done and when it is not, is what its description says.
func TestI1_LiveAnswersAreAsDescribed(t *testing.T) {
	openapi3filter.RegisterBodyDecoder(call.LinesMedia, openapi3filter.FileBodyDecoder)
	for _, media := range []string{"image/png", "image/svg+xml", "application/yaml", "application/xml", "application/pdf", "text/html"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	c := newCounted(t)
	doc := contract(t)
	paid(c.client)
	made := c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","target":{"kind":"home"}}]}`)
	code, address := made.Links[0].Link.Code, made.Links[0].Link.URL
	type try struct {
		id, key, method, target, body string
		status                        int
	}
	tries := []try{
		{"get-order", "k", "GET", "/v1/orders/o1?program=global-eu", "", 200},
		{"get-order", "ann", "GET", "/v1/orders/o1?program=global-eu&lang=tr", "", 200},
		{"get-order", "bob", "GET", "/v1/orders/o1?program=global-eu", "", 404},
		{"get-order", "k", "GET", "/v1/orders/o1", "", 422},
		{"get-click", "k", "GET", "/v1/clicks/c1?program=global-eu&lang=tr", "", 200}, {"get-click", "ann", "GET", "/v1/clicks/c1?program=global-eu", "", 200},
		{"get-click", "ann", "GET", "/v1/clicks/c2?program=global-eu", "", 404}, {"get-click", "k", "GET", "/v1/clicks/c1", "", 422},
		{"list-orders", "k", "GET", "/v1/orders?program=global-eu&state=pending&from=2026-01-01T00:00:00Z&limit=1", "", 200},
		{"list-orders", "ann", "GET", "/v1/orders", "", 200},
		{"list-orders", "k", "GET", "/v1/orders?state=lost", "", 422},
		{"list-orders", "k", "GET", "/v1/orders?after=x", "", 422},
		{"get-balance", "ann", "GET", "/v1/publishers/ann/balance?program=global-eu", "", 200},
		{"get-balance", "ann", "GET", "/v1/publishers/bob/balance?program=global-eu", "", 404},
		{"list-journal", "k", "GET", "/v1/publishers/ann/journal?program=global-eu", "", 200},
		{"list-payout-runs", "k", "GET", "/v1/payout-runs", "", 200}, {"list-payout-runs", "k", "GET", "/v1/payout-runs?filled=true&program=global-eu", "", 200},
		{"list-payout-runs", "ann", "GET", "/v1/payout-runs", "", 403},
		{"get-payout-run", "k", "GET", "/v1/payout-runs/RUN", "", 200},
		{"get-payout-run", "k", "GET", "/v1/payout-runs/none", "", 404},
		{"get-proof", "k", "GET", "/v1/proof", "", 200},
		{"list-programs", "ann", "GET", "/v1/programs?lang=tr", "", 200},
		{"get-program", "ann", "GET", "/v1/programs/tr", "", 200},
		{"get-program", "ann", "GET", "/v1/programs/nowhere", "", 404},
		{"list-program-versions", "k", "GET", "/v1/programs/tr/versions", "", 200},
		{"review-program", "k", "POST", "/v1/programs/tr/document:review", "version: none", 200},
		{"review-program", "ann", "POST", "/v1/programs/tr/document:review", "version: none", 403},
		{"list-proposals", "k", "GET", "/v1/proposals?state=open", "", 200},
		{"list-proposals", "ann", "GET", "/v1/proposals", "", 403},
		{"get-proposal", "k", "GET", "/v1/proposals/PROPOSAL", "", 200},
		{"get-proposal", "k", "GET", "/v1/proposals/none", "", 404},
		{"search", "k", "GET", "/v1/search?q=o1", "", 200},
		{"search", "ann", "GET", "/v1/search?q=o1", "", 200},
		{"get-sandbox-clock", "ann", "GET", "/v1/sandbox/clock", "", 200},
		{"get-outlook", "ann", "GET", "/v1/publishers/ann/outlook?program=global-eu", "", 200},
		{"get-outlook", "ann", "GET", "/v1/publishers/bob/outlook?program=global-eu", "", 404},
		{"list-payouts", "ann", "GET", "/v1/publishers/ann/payouts", "", 200},
		{"get-withdrawal", "ann", "GET", "/v1/publishers/ann/withdrawal?program=global-eu", "", 200},
		{"get-statement", "ann", "GET", "/v1/publishers/ann/statement?program=global-eu&month=2026-03&format=csv", "", 200},
		{"get-statement", "ann", "GET", "/v1/publishers/ann/statement?program=global-eu&month=2026-03&format=pdf&lang=tr", "", 200},
		{"get-statement", "ann", "GET", "/v1/publishers/ann/statement?program=global-eu&month=2027-03", "", 422},
		{"get-report", "k", "GET", "/v1/reports/orders?by=day,product&sort=-commission&limit=1", "", 200},
		{"get-report", "ann", "GET", "/v1/reports/traffic?by=reason", "", 200},
		{"get-report", "ann", "GET", "/v1/reports/income?format=csv", "", 200},
		{"get-report", "k", "GET", "/v1/reports/orders?by=colour", "", 422},
		{"list-live-orders", "k", "GET", "/v1/live-orders?state=pending&date=order", "", 200},
		{"get-statistics", "ann", "GET", "/v1/programs/global-eu/statistics", "", 200},
		{"get-statistics", "ann", "GET", "/v1/programs/nowhere/statistics", "", 404},
		{"get-ranking", "ann", "GET", "/v1/ranking", "", 200},
		{"get-proof", "nobody", "GET", "/v1/proof", "", 401},
		{"check-links", "k", "POST", "/v1/links:check", `{"addresses":["` + address + `"]}`, 200},
		{"list-links", "k", "GET", "/v1/links", "", 200},
		{"get-link", "k", "GET", "/v1/links/" + code, "", 200},
		{"make-links", "k", "POST", "/v1/links", `{"links":[]}`, 422},
		{"make-links", "k", "POST", "/v1/links", `{"links"`, 400},
		{"list-rejected-calls", "k", "GET", "/v1/rejected-calls", "", 200},
		{"import-stores", "k", "POST", "/v1/stores:import", "x", 400},
		{"report-orders", "k", "POST", "/v1/orders:batch", `{"order":1}`, 200},
		{"import-fx", "k", "POST", "/v1/fx:import", `{"date":"2026-01-05","base":"EUR","quote":"USD","rate":"2"}`, 409},
		{"publish-program", "k", "PUT", "/v1/programs/tr/document", "version: none", 422},
		{"get-program-page", "ann", "GET", "/v1/programs/tr/page?lang=tr", "", 200}, {"get-program-page", "k", "GET", "/v1/programs/nowhere/page", "", 404},
		{"get-link-qr", "k", "GET", "/v1/links/" + code + "/qr?af=shelf", "", 200}, {"get-link-qr", "ann", "GET", "/v1/links/" + code + "/qr?format=svg", "", 200},
		{"get-link-qr", "bob", "GET", "/v1/links/" + code + "/qr", "", 404}, {"get-link-aids", "bob", "GET", "/v1/link-aids", "", 200},
		{"get-payout-details", "ann", "GET", "/v1/publishers/ann/payout-details", "", 200}, {"get-payout-details", "ann", "GET", "/v1/publishers/bob/payout-details", "", 404},
		{"get-profile", "ann", "GET", "/v1/publishers/ann/profile", "", 200}, {"get-profile", "ann", "GET", "/v1/publishers/bob/profile", "", 403}, {"get-checklist", "k", "GET", "/v1/publishers/ann/checklist", "", 200},
		{"list-memberships", "ann", "GET", "/v1/publishers/ann/memberships", "", 200}, {"list-memberships", "ann", "GET", "/v1/publishers/bob/memberships", "", 403},
		{"get-caller", "app-shop-reader", "GET", "/v1/caller", "", 200}, {"get-caller", "k", "GET", "/v1/caller", "", 200}, {"get-caller", "ann", "GET", "/v1/caller", "", 200},
		{"list-members", "app-ann-reader", "GET", "/v1/members", "", 200}, {"list-members", "k", "GET", "/v1/members", "", 403}, {"list-terms", "ann", "GET", "/v1/terms", "", 200},
		{"list-agreements", "app-ann-owner", "GET", "/v1/agreements", "", 200}, {"list-apps", "app-ann-owner", "GET", "/v1/apps", "", 200}, {"list-apps", "app-ann-reader", "GET", "/v1/apps", "", 403},
		{"list-app-rejected-calls", "app-ann-owner", "GET", "/v1/apps/id-ann-owner/rejected-calls", "", 200}, {"list-app-rejected-calls", "app-ann-owner", "GET", "/v1/apps/id-bob-owner/rejected-calls", "", 404},
		{"make-app", "app-ann-owner", "POST", "/v1/apps", `{"name":"Reports","scopes":["read"]}`, 200}, {"make-app", "app-ann-owner", "POST", "/v1/apps", `{"name":"Reports","scopes":["orders:write"]}`, 422},
		{"rotate-app-key", "app-ann-owner", "POST", "/v1/apps/id-ann-member/keys", "", 200}, {"rotate-app-key", "app-ann-owner", "POST", "/v1/apps/id-bob-owner/keys", "", 404},
		{"replace-left-keys", "app-ann-owner", "POST", "/v1/apps:replace-keys", "", 200}, {"replace-left-keys", "app-ann-member", "POST", "/v1/apps:replace-keys", "", 403},
		{"list-audit-log", "app-desk-finance", "GET", "/v1/audit-log?action=app.", "", 200}, {"list-audit-log", "app-desk-reviewer", "GET", "/v1/audit-log", "", 403},
		{"list-audit-log", "app-desk-admin", "GET", "/v1/audit-log?after=x", "", 422}, {"list-audit-log", "ann", "GET", "/v1/audit-log", "", 403},
		{"export-audit-log", "app-desk-finance", "GET", "/v1/audit-log/csv?action=app.", "", 200}, {"export-audit-log", "app-desk-reviewer", "GET", "/v1/audit-log/csv", "", 403}, {"export-audit-log", "ann", "GET", "/v1/audit-log/csv", "", 403},
		{"verify-audit-log", "app-desk-admin", "GET", "/v1/audit-log/verification", "", 200},
		{"list-stores", "app-shop-reader", "GET", "/v1/stores", "", 200}, {"list-stores", "k", "GET", "/v1/stores?limit=1", "", 200}, {"list-stores", "ann", "GET", "/v1/stores", "", 403},
		{"get-cost-of-sale", "k", "GET", "/v1/cost-of-sale?by=publisher&sort=-cost", "", 200}, {"get-cost-of-sale", "app-shop-owner", "GET", "/v1/cost-of-sale", "", 403},
		{"list-promotions", "ann", "GET", "/v1/programs/tr/offers", "", 200}, {"list-promotions", "ann", "GET", "/v1/programs/nowhere/offers", "", 404},
	}
	for path, item := range doc.Paths.Map() { // every example of a body, too
		if item.Post != nil && item.Post.RequestBody != nil && item.Post.RequestBody.Value.Content[call.LinesMedia] != nil {
			body, ok := item.Post.RequestBody.Value.Content[call.LinesMedia].Example.(string)
			if !ok {
				t.Errorf("%s has no example", path)
			}
			tries = append([]try{{item.Post.OperationID, "k", "POST", strings.Replace(path, "{order}", "A-1", 1), body, 200}}, tries...)
		}
	}
	const hook = "/v1/publishers/ann/endpoints/hook"
	tries = append(tries, try{"put-endpoint", "ann", "PUT", hook, `{"kind":"webhook","address":"https://hook.example/in"}`, 200},
		try{"put-endpoint", "ann", "PUT", hook, `{"kind":"webhook","address":"http://hook.example/in"}`, 422},
		try{"rotate-endpoint-secret", "ann", "POST", hook + "/secret", "", 200}, try{"list-endpoints", "ann", "GET", "/v1/publishers/ann/endpoints", "", 200},
		try{"list-deliveries", "ann", "GET", hook + "/deliveries", "", 200}, try{"list-deliveries", "ann", "GET", "/v1/publishers/ben/endpoints/hook/deliveries", "", 403})
	tries = append(tries, try{"list-ad-spaces", "ann", "GET", "/v1/publishers/ann/ad-spaces", "", 200}, try{"list-applications", "ann", "GET", "/v1/applications", "", 200})
	tries = append(tries, try{"list-sub-publishers", "ann", "GET", "/v1/publishers/ann/sub-publishers", "", 200}, try{"list-payout-parts", "ann", "GET", "/v1/publishers/ann/payout-parts", "", 200},
		try{"block-sub-publisher", "k", "POST", "/v1/publishers/ann/sub-publishers/none/block", `{"reason":"x"}`, 403}, try{"unblock-sub-publisher", "ida", "POST", "/v1/publishers/ann/sub-publishers/none/unblock", "", 404},
		try{"import-sub-publishers", "k", "POST", "/v1/publishers/ann/sub-publishers:import", "id,colour\n", 400})
	tries = append(tries, try{"list-tickets", "k", "GET", "/v1/tickets?turn=true&kind=payment", "", 200}, try{"list-tickets", "ann", "GET", "/v1/tickets", "", 403}, try{"list-ticket-assignees", "k", "GET", "/v1/ticket-assignees", "", 200},
		try{"list-own-tickets", "ann", "GET", "/v1/publishers/ann/tickets", "", 200}, try{"open-ticket", "ida", "POST", "/v1/publishers/ann/tickets", `{"kind":"other","subject":"s","text":"t"}`, 403},
		try{"get-ticket", "k", "GET", "/v1/tickets/77", "", 404}, try{"list-announcements", "k", "GET", "/v1/announcements", "", 200}, try{"list-inbox", "ann", "GET", "/v1/publishers/ann/inbox", "", 200},
		try{"get-manager", "ann", "GET", "/v1/publishers/ann/manager", "", 404}, try{"get-welcome", "ann", "GET", "/v1/publishers/ann/programs/global-eu/welcome", "", 200})
	c.web = verified
	run, proposed := c.run(), c.propose()
	done := make(map[string]bool)
	one := func(x try) {
		r := c.request(x.key, x.method, strings.NewReplacer("RUN", run, "PROPOSAL", proposed, "FIRST", c.caseWithFile()).Replace(x.target), x.body)
		route, _ := routeOf(doc, r)
		if route != nil && route.Operation.RequestBody != nil {
			for media := range route.Operation.RequestBody.Value.Content {
				r.Header.Set("Content-Type", media)
			}
		}
		status, err := exchange(c.client, doc, x.id, r, x.body)
		if status != x.status || err != nil {
			t.Errorf("%s %s %s as %s: %d, want %d, and against the description: %v", x.id, x.method, x.target, x.key, status, x.status, err)
		}
		done[x.id] = done[x.id] || status == 200
	}
	for _, x := range tries {
		one(x)
	}
	for _, w := range writing(t) {
		target, body, _ := w.prepare(c, code)
		one(try{w.id, w.by(), w.method, target, body, 200})
	}
	audit := c.audit("ann")
	for _, x := range []try{
		{"list-publishers", "k", "GET", "/v1/publishers?program=global-eu", "", 200}, {"list-publishers", "ann", "GET", "/v1/publishers", "", 403},
		{"list-audits", "ann", "GET", "/v1/publishers/ann/audits?limit=1", "", 200}, {"get-audit", "ann", "GET", "/v1/publishers/ann/audits/" + audit, "", 200},
		{"get-audit", "k", "GET", "/v1/publishers/bob/audits/" + audit, "", 404}, {"list-link-changes", "k", "GET", "/v1/link-changes", "", 200},
		{"list-keywords", "ann", "GET", "/v1/programs/tr/keywords", "", 200}, {"check-keywords", "ann", "POST", "/v1/programs/tr/keywords:check", `{"text":"shoes","list":true}`, 200},
		{"check-keywords", "ann", "POST", "/v1/programs/nowhere/keywords:check", `{"text":"shoes"}`, 404},
		{"list-cases", "k", "GET", "/v1/cases?program=global-eu", "", 200}, {"list-cases", "ann", "GET", "/v1/cases", "", 200}, {"list-cases", "k", "GET", "/v1/cases?state=lost", "", 422},
		{"get-case", "k", "GET", "/v1/cases/" + c.newestCase(), "", 200}, {"get-case", "ann", "GET", "/v1/cases/" + c.newestCase(), "", 200}, {"get-case", "bob", "GET", "/v1/cases/" + c.newestCase(), "", 404},
		{"list-case-files", "maria", "GET", "/v1/cases/FIRST/files", "", 200}, {"list-case-files", "bob", "GET", "/v1/cases/FIRST/files", "", 404},
		{"get-case-file", "maria", "GET", "/v1/cases/FIRST/files/1", "", 200}, {"get-case-file", "bob", "GET", "/v1/cases/FIRST/files/1", "", 404}, {"get-case-file", "k", "GET", "/v1/cases/" + c.newestCase() + "/files/9", "", 404},
		{"get-case-statistics", "bob", "GET", "/v1/programs/global-eu/case-statistics", "", 200},
		{"list-promotions", "app-ann-reader", "GET", "/v1/programs/tr/offers", "", 401}, {"list-promotions", "app-ann-member", "GET", "/v1/programs/tr/offers?featured=true", "", 200},
		{"get-store", "app-shop-reader", "GET", "/v1/stores/s", "", 200}, {"get-store", "app-other-owner", "GET", "/v1/stores/s", "", 404}, {"get-store", "k", "GET", "/v1/stores/none", "", 404},
		{"list-store-products", "app-shop-reader", "GET", "/v1/stores/s/products", "", 200}, {"list-store-offers", "app-shop-reader", "GET", "/v1/stores/s/offers", "", 200},
		{"list-store-changes", "app-shop-reader", "GET", "/v1/stores/s/changes", "", 200}, {"get-store-rates", "app-shop-reader", "GET", "/v1/stores/s/rates", "", 200},
		{"set-store-rate", "app-shop-reader", "POST", "/v1/stores/s/rates", `{"rate":"5"}`, 403}, {"set-store-rate", "app-other-owner", "POST", "/v1/stores/s/rates", `{"rate":"5"}`, 404},
		{"set-store-rate", "app-shop-owner", "POST", "/v1/stores/s/rates", `{"rate":"99"}`, 422}, {"import-store-rates", "app-shop-owner", "POST", "/v1/stores/s/rates:import", "product,rate\nq,5\n", 400},
		{"set-participation", "app-shop-owner", "POST", "/v1/stores/s/participation", `{"takes_part":false}`, 409},
		{"get-store-report", "app-shop-reader", "GET", "/v1/stores/s/report?by=source", "", 200}, {"get-store-report", "app-shop-reader", "GET", "/v1/stores/s/report?by=item&format=csv", "", 200},
		{"get-store-order", "app-shop-reader", "GET", "/v1/stores/s/orders/o1?program=global-eu", "", 200}, {"get-store-order", "app-other-owner", "GET", "/v1/stores/s/orders/o1?program=global-eu", "", 404},
		{"get-store-order", "app-shop-reader", "GET", "/v1/stores/s/orders/none?program=global-eu", "", 404},
		{"get-store-report", "app-other-owner", "GET", "/v1/stores/s/report", "", 404}, {"get-store-report", "app-shop-owner", "GET", "/v1/stores/s/report?by=publisher", "", 422},
		{"list-seller-tickets", "app-shop-reader", "GET", "/v1/sellers/org-shop/tickets", "", 200}, {"get-seller-ticket", "app-shop-reader", "GET", "/v1/sellers/org-shop/tickets/2", "", 200},
		{"get-seller-ticket", "app-other-owner", "GET", "/v1/sellers/org-shop/tickets/2", "", 404}, {"list-seller-inbox", "app-shop-reader", "GET", "/v1/sellers/org-shop/inbox", "", 200},
		{"put-endpoint", "ann", "PUT", "/v1/publishers/ann/endpoints/last", `{"kind":"webhook","address":"https://hook.example/in"}`, 200}, {"get-endpoint", "ann", "GET", "/v1/publishers/ann/endpoints/last", "", 200},
		{"get-application", "app-desk-reviewer", "GET", "/v1/applications/1", "", 200}, {"get-application", "app-desk-finance", "GET", "/v1/applications/1", "", 403}, {"get-application", "k", "GET", "/v1/applications/77", "", 404},
		{"get-ticket", "ida", "GET", "/v1/tickets/1", "", 200}, {"get-own-ticket", "ann", "GET", "/v1/publishers/ann/tickets/1", "", 200}, {"get-manager", "ann", "GET", "/v1/publishers/ann/manager", "", 200},
	} {
		one(x)
	}
	for _, file := range c.files() {
		one(try{"get-payout-file", "k", "GET", file, "", 200})
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !done[op.OperationID] {
				t.Errorf("no good answer of %s was held against the description", op.OperationID)
			}
		}
	}
	// Red control: an answer that is not as described is found.
	doc.Paths.Value("/v1/proof").Get.Responses.Value("200").Value.Content["application/json"].Schema.Value.Required = []string{"missing"}
	if _, err := exchange(c.client, doc, "get-proof", c.request("k", "GET", "/v1/proof", ""), ""); err == nil {
		t.Error("an answer that is not as described passes")
	}
}
