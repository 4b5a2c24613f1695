package rest

import (
	"os"
	"strings"
	"testing"
)

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
		if after := c.rows(); len(after) != len(before) || after["program_documents"] != before["program_documents"] {
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
