package rest

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/audit"
)

// propose proposes a document in the name of the marketplace's key.
func (c *client) propose() string {
	c.t.Helper()
	text, err := os.ReadFile("../../program/reference/portals.yaml")
	if err != nil {
		c.t.Fatal(err)
	}
	s := intake.New(c.db, func() time.Time { return c.now })
	s.TakeTwoPeople()
	p, _, err := s.Submit(audit.With(c.t.Context(), audit.By{Via: "key k"}), "portals", text, "a test")
	if err != nil {
		c.t.Fatal(err)
	}
	c.proposed = p.ID
	return p.ID
}

// I1, P1: where publishing takes two people a document that is sent waits, and the answer says so: nothing is in force, also when the
// call comes again; a key takes its own proposal back, and decides none.
func TestI1_ADocumentThatWaitsIsNotAnsweredAsPublished(t *testing.T) {
	c := newCounted(t)
	c.two = true
	c.restart()
	text, err := os.ReadFile("../../program/reference/tr.yaml")
	if err != nil {
		t.Fatal(err)
	}
	send := func() (int, string) {
		r := c.request("k", "PUT", "/v1/programs/tr/document?why=lower+rates", string(text))
		r.Header.Set("Idempotency-Key", "one")
		return c.do(r)
	}
	status, answer := send()
	if status != http.StatusAccepted || !strings.Contains(answer, `"state":"open"`) {
		t.Fatalf("a document that waits: %d %s", status, answer)
	}
	if status, again := send(); status != http.StatusAccepted || again != answer {
		t.Errorf("the same call again: %d %s", status, again)
	}
	if n := c.rows()["documents"]; n != 0 {
		t.Errorf("%d documents are in force", n)
	}
	var made struct{ Proposal string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil {
		t.Fatal(err)
	}
	if answer := c.must("GET", "/v1/proposals?state=open", ""); strings.Count(answer, `"proposal"`) != 1 || !strings.Contains(answer, `"why":"lower rates"`) {
		t.Errorf("the proposals are %s", answer)
	}
	at := "/v1/proposals/" + made.Proposal
	for _, decision := range []string{"/approve", "/reject"} {
		c.refused(http.StatusNotFound, "POST", at+decision, "{}", "no such address")
	}
	c.must("POST", at+"/withdraw", `{"reason":"too early"}`)
	c.refused(http.StatusConflict, "POST", at+"/withdraw", `{}`)
	if answer := c.must("GET", at, ""); !strings.Contains(answer, `"state":"withdrawn"`) || !strings.Contains(answer, "program: tr") {
		t.Errorf("the proposal is %s", answer)
	}
	// Red control: where one person may publish, the same call does.
	c.two = false
	c.restart()
	if status, answer := c.do(c.request("k", "PUT", "/v1/programs/tr/document", string(text))); status != http.StatusOK || !strings.Contains(answer, `"published"`) || c.rows()["documents"] == 0 {
		t.Errorf("published by one person: %d %s", status, answer)
	}
}

// P1: what a document would change is told before it is published, and nothing of it is kept.
func TestP1_ADocumentIsReviewedByTheAPI(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	text, err := os.ReadFile("../../program/reference/global-eu.yaml")
	if err != nil {
		t.Fatal(err)
	}
	review := func(document string) string {
		t.Helper()
		before := c.rows()
		answer := c.must("POST", "/v1/programs/global-eu/document:review", document)
		if after := c.rows(); len(after) != len(before) || after["documents"] != before["documents"] {
			t.Error("a review keeps something")
		}
		return answer
	}
	if answer := review("version: none"); !strings.Contains(answer, `"publishable":false`) || !strings.Contains(answer, `"severity":"error"`) {
		t.Error(answer)
	}
	if answer := review(string(text)); !strings.Contains(answer, `"publishable":false`) || !strings.Contains(answer, `"wrong":"its version must be`) {
		t.Error(answer)
	}
}

// T7: a search by a publisher's key finds what is that publisher's, and by the marketplace's everything.
func TestT7_ASearchFindsOnesOwn(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	for key, want := range map[string]bool{"k": true, "bob": true, "ann": false} {
		status, answer := c.do(c.request(key, "GET", "/v1/search?q=o3", ""))
		if status != 200 || strings.Contains(answer, `"o3"`) != want {
			t.Errorf("%s looks for bob's order: %d %s", key, status, answer)
		}
	}
}
