package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// emptyWeb is a web on which every page is gone.
func emptyWeb(_ context.Context, address string) (links.Fetched, error) {
	return links.Fetched{Status: 404, URL: address}, nil
}

// L6, L7: by the pages: a publisher asks for a look, sees what was found and downloads it; the operator sees what became of the links.
func TestL6_AuditsByThePages(t *testing.T) {
	h := newHouse(t)
	const owner = "publisher-owner"
	made, err := h.links.Make(t.Context(), []links.Wish{{Program: "global-eu", Publisher: "pub-00", Target: link.Target{Kind: program.LinkHome}}})
	if err != nil || made[0].Err != nil {
		t.Fatal(err, made)
	}
	post := func(person, subject, every, do string, want int) {
		t.Helper()
		if res := h.call(person, http.MethodPost, "/publisher/audits", url.Values{"subject": {subject}, "every": {every}, "do": {do}}); res.StatusCode != want {
			t.Errorf("%s %s %s as %s: %d, want %d", subject, every, do, person, res.StatusCode, want)
		}
	}
	post("publisher-reader", "links", "daily", "now", 403)
	post(owner, "links", "hourly", "now", 422)
	post(owner, "space/nobody", "daily", "now", 404)
	post(owner, "links", "daily", "now", 303)
	if n, err := h.care.RunDue(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	list := body(t, h.call(owner, http.MethodGet, "/publisher/audits", nil))
	_, rest, ok := strings.Cut(list, `href="/publisher/audits/`)
	id, _, _ := strings.Cut(rest, `"`)
	if !ok || !strings.Contains(list, "All live links: 1 new finding") {
		t.Fatalf("the list does not tell of the look: %s", list)
	}
	for address, want := range map[string]string{id: "The page that it leads to is gone.", id + "/csv": "dead_target,yes," + made[0].Link.Code} {
		if text := body(t, h.call(owner, http.MethodGet, "/publisher/audits/"+address, nil)); !strings.Contains(text, want) {
			t.Errorf("%s without %q", address, want)
		}
	}
	if _, err := h.links.SetState(t.Context(), made[0].Link.Code, "", links.Live); err != nil {
		t.Fatal(err)
	}
	if text := body(t, h.call("operator-reviewer", http.MethodGet, "/link-changes?program=global-eu", nil)); !strings.Contains(text, "No link was changed") {
		t.Error("the operator's page")
	}
}
