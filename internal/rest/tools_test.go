package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/links"
)

// fetch finds every page gone.
func (c *client) fetch(_ context.Context, address string) (links.Fetched, error) {
	return links.Fetched{Status: http.StatusNotFound, URL: address}, nil
}

// audit audits a publisher's links now, and returns the audit's id.
func (c *client) audit(publisher string) string {
	c.t.Helper()
	a, err := c.care.Look(c.t.Context(), publisher, links.SubjectLinks)
	if err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprint(a.ID)
}

// L6: a publisher reads what an audit found of its own links, with the link, and asks for audits of its own only.
func TestL6_AuditsByTheAPI(t *testing.T) {
	c := newCounted(t)
	paid(c.client)
	made := c.make("k", `{"links":[{"program":"global-eu","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}]}`)
	if made.Made != 1 {
		t.Fatalf("no link: %+v", made)
	}
	id := c.audit("ann")
	status, answer := c.do(c.request("ann", "GET", "/v1/publishers/ann/audits/"+id, ""))
	if status != 200 || !strings.Contains(answer, `"code":"dead_target"`) || !strings.Contains(answer, made.Links[0].Link.Code) {
		t.Errorf("the audit is %d %s", status, answer)
	}
	if status, answer := c.do(c.request("ann", "PUT", "/v1/publishers/bob/audits", `{"subject":"links","every":"daily"}`)); status != http.StatusForbidden {
		t.Errorf("ann plans bob's audits: %d %s", status, answer)
	}
	if status, answer := c.do(c.request("ann", "PUT", "/v1/publishers/ann/audits", `{"subject":"space/none","every":"daily"}`)); status < 400 || status >= 500 {
		t.Errorf("an ad space that is not there: %d %s", status, answer)
	}
	if answer := c.must("GET", "/v1/publishers?program=global-eu", ""); strings.Index(answer, `"ann"`) > strings.Index(answer, `"bob"`) || !strings.Contains(answer, `"commission":"`) {
		t.Errorf("the publishers are %s", answer)
	}
}
