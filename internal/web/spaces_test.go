package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// The web of the tests: one page that shows the proof.
var prover = joining.Prover{
	Page: func(_ context.Context, address string) ([]byte, string, error) {
		if address != "https://blog.example/clickledger-verification.txt" {
			return nil, "", errors.New("404 Not Found")
		}
		return []byte("proof"), "blog.example", nil
	},
	TXT: func(context.Context, string) ([]string, error) { return nil, nil },
}

func unranked(context.Context, program.ID, string) (int, error) { return 0, nil }

// typeOf is the traffic type of a publisher's ad spaces: with another one it needs an agreement first (A6).
func (h *house) typeOf(t *testing.T, publisher string) (k program.TrafficType) {
	t.Helper()
	if err := h.db.View(t.Context(), func(tx store.Tx) error {
		all, err := tx.Facts().AdSpaces(t.Context())
		for _, s := range all {
			if s.Publisher == publisher {
				k = s.TrafficType
			}
		}
		return err
	}); err != nil || k == 0 {
		t.Fatal(k, err)
	}
	return k
}

// applied is a verified ad space of a publisher, and its application.
func (h *house) applied(t *testing.T, publisher string) (space, application string) {
	t.Helper()
	space = "site-of-" + publisher
	_, err := h.joining.Describe(t.Context(), joining.Place{Publisher: publisher, ID: space, Kind: "blog", Name: "Site", URL: "https://blog.example/", TrafficType: h.typeOf(t, publisher), Languages: []string{"en"}})
	if err == nil {
		_, err = h.joining.Verify(t.Context(), publisher, space, joining.File)
	}
	if err == nil {
		_, err = h.joining.Apply(t.Context(), "global-eu", publisher, space)
	}
	if err != nil && !errors.Is(err, joining.ErrConflict) { // it was there already
		t.Fatal(err)
	}
	all, _, err := h.joining.Applications(t.Context(), joining.Filter{Publisher: publisher}, "", 1)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return space, fmt.Sprint(all[0].ID)
}

// A1, A2, A4: by the pages: a publisher enters an ad space, is told what is wrong, verifies it and applies; a reviewer asks, the publisher
// answers, the reviewer accepts; then there are links for it.
func TestA2_JoiningByThePages(t *testing.T) {
	h := newHouse(t)
	post := func(person, target string, want int, form ...string) string {
		t.Helper()
		values := url.Values{}
		for i := 0; i+1 < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		res := h.call(person, http.MethodPost, target, values)
		text := body(t, res)
		if res.StatusCode != want {
			t.Fatalf("POST %s as %s: %d, want %d\n%s", target, person, res.StatusCode, want, text)
		}
		return text
	}
	get := func(person, target, want string) {
		t.Helper()
		res := h.call(person, http.MethodGet, target, nil)
		if text := body(t, res); res.StatusCode != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("GET %s as %s: %d, without %q", target, person, res.StatusCode, want)
		}
	}
	const owner, reviewer = "publisher-owner", "operator-reviewer"
	entered := []string{"name", "My blog", "id", "blog", "url", "https://blog.example/", "kind", "blog", "traffic_type", "content", "languages", "en, tr"}
	if text := post(owner, "/publisher/spaces", 422, append(entered, "url", "ftp://x")...); !strings.Contains(text, "My blog") || !strings.Contains(text, "url-error") {
		t.Error("what was entered is gone, or nobody says what is wrong")
	}
	post("publisher-reader", "/publisher/spaces", 403, entered...)
	post(owner, "/publisher/spaces", 303, entered...)
	get(owner, "/publisher/spaces/blog", "https://blog.example/clickledger-verification.txt")
	post(owner, "/publisher/spaces/blog/apply", 422, "program", "global-eu")
	post(owner, "/publisher/spaces/blog/verify", 422, "method", "meta")
	post(owner, "/publisher/spaces/blog/verify", 303, "method", "file")
	post(owner, "/publisher/spaces/blog/apply", 303, "program", "global-eu")
	get(reviewer, "/applications", "https://blog.example/")
	all, _, err := h.joining.Applications(t.Context(), joining.Filter{Publisher: "pub-00"}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	decision, answer := fmt.Sprintf("/applications/%d", all[0].ID), fmt.Sprintf("/publisher/applications/%d", all[0].ID)
	post(reviewer, decision, 303, "state", "question", "note", "Who reads it?")
	get(owner, "/publisher/spaces", "Who reads it?")
	post(owner, answer, 303, "answer", "Everybody.")
	post(reviewer, decision, 303, "state", "approved", "note", "Welcome.")
	get(owner, "/publisher/spaces", "Welcome.")
	get(reviewer, "/applications?state=approved", "operator-reviewer")
	if text := post(owner, "/publisher/links", 200, "program", "global-eu", "kind", "page", "space", "blog", "addresses", "https://www.aliexpress.com/deals"); !strings.Contains(text, "/e/") {
		t.Error("no link for the ad space that joined")
	}
}
