package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/web/lookas"
)

// next is the next version of the program portals, as the console offers it, with a lower default rate.
func (h *house) next(t *testing.T) string {
	t.Helper()
	source := body(t, h.call("operator-admin", "GET", "/programs/portals/edit", nil))
	m := regexp.MustCompile(`(?s)<textarea[^>]*name="document"[^>]*>(.*?)</textarea>`).FindStringSubmatch(source)
	if m == nil {
		t.Fatal("the page has no document")
	}
	text := strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m[1])
	return regexp.MustCompile(`(?m)(step: default, percent: )"[0-9.]+"`).ReplaceAllString(text, `${1}"1.00"`)
}

// proposed is a proposal that waits, for patterns that name one.
func (h *house) proposed(t *testing.T, pattern string) string {
	t.Helper()
	if !strings.Contains(pattern, "{proposal}") {
		return ""
	}
	h.intake.TakeTwoPeople()
	p, _, err := h.intake.Submit(t.Context(), "portals", []byte(h.next(t)), "A test")
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// P1, ASVS 2.3.5: by the pages: what one admin publishes is a proposal; the same admin cannot approve it, another one sees diff and what-if and
// does; the audit log shows both, and its chain holds.
func TestP1_TwoAdminsPublish(t *testing.T) {
	h := newHouse(t)
	o := people.Organisation{ID: "org_operator", Kind: people.Operator, Name: "operator"}
	h.people.All = append(h.people.All, lookas.Person{Token: "token-second", Viewer: people.Viewer{Person: "second", Name: "Deniz", Organisation: o, Role: people.Admin}})
	if text := body(t, h.call("operator-admin", "GET", "/programs/portals/edit", nil)); !strings.Contains(text, "--one-person") {
		t.Error("where one person publishes alone, the page does not warn")
	}
	h.intake.TakeTwoPeople()
	document := h.next(t)
	got := h.call("operator-admin", http.MethodPost, "/programs/portals/edit", url.Values{"document": {document}, "do": {"publish"}, "why": {"Too dear"}})
	place, _, _ := strings.Cut(got.Header.Get("Location"), "?")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(place, "/proposals/") {
		t.Fatalf("publishing: %d to %q", got.StatusCode, place)
	}
	version := func() int { return h.settle.Terms("portals", h.people.Now().AddDate(0, 0, 3)).Version }
	decide := func(person, do string, want int) {
		t.Helper()
		if got := h.call(person, http.MethodPost, place, url.Values{"do": {do}, "reason": {"I counted"}}); got.StatusCode != want {
			t.Errorf("%s by %s: %d, want %d", do, person, got.StatusCode, want)
		}
	}
	decide("operator-admin", "approve", http.StatusForbidden)
	decide("operator-admin", "reject", http.StatusForbidden)
	decide("operator-finance", "approve", http.StatusForbidden)
	decide("operator-reviewer", "approve", http.StatusForbidden)
	decide("publisher-owner", "approve", http.StatusForbidden)
	if version() != 1 {
		t.Fatal("it was published")
	}
	text := body(t, h.call("second", "GET", place, nil))
	for _, want := range []string{"Too dear", `id="whatif"`, `value="approve"`, "rates.", "operator-admin"} {
		if !strings.Contains(text, want) {
			t.Errorf("whoever decides does not see %q", want)
		}
	}
	if own := body(t, h.call("operator-admin", "GET", place, nil)); strings.Contains(own, `value="approve"`) {
		t.Error("whoever proposed it is offered to approve it")
	}
	decide("second", "approve", http.StatusSeeOther)
	if version() != 2 {
		t.Error("it was approved and is not published")
	}
	decide("second", "approve", http.StatusConflict)
	log := body(t, h.call("operator-finance", "GET", "/audit?action=program.", nil))
	for _, want := range []string{"program.proposed", "program.published", "Too dear", "I counted", "Deniz", "tone-good"} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log does not show %q", want)
		}
	}
	file := h.call("operator-finance", "GET", "/audit/csv?action=program.published", nil)
	if rows := strings.Split(strings.TrimSpace(body(t, file)), "\n"); len(rows) != 2 || !strings.Contains(rows[1], "I counted") {
		t.Errorf("the file has %d lines: %q", len(rows), rows)
	}
	// What the page shows of the day is what there is of it.
	if text := body(t, h.call("operator-finance", "GET", "/audit?to=2000-01-01", nil)); strings.Contains(text, "program.published") {
		t.Error("entries of other days are shown")
	}
}

// M3: by the pages: an owner changes payout details, wrong ones are named beside their field, and the balance says until when nothing is paid.
func TestM3_PayoutDetailsByThePages(t *testing.T) {
	h := newHouse(t)
	h.payouts.UseAccounts(bankfile.Check, nil)
	const place = "/publisher/payout-details"
	form := url.Values{"method": {"bank_transfer"}, "country": {"DE"}, "name": {"Ada"}, "iban": {"DE89 3704 0044 0532 0130 01"}, "bic": {"COBADEFFXXX"}, "town": {"Berlin"}}
	if got := h.call("publisher-owner", http.MethodPost, place+"/edit", form); got.StatusCode != 422 || !strings.Contains(body(t, got), `id="iban-error"`) {
		t.Errorf("a wrong IBAN: %d", got.StatusCode)
	}
	form.Set("iban", "DE89 3704 0044 0532 0130 00")
	for _, person := range []string{"publisher-member", "publisher-reader", "operator-admin"} {
		if got := h.call(person, http.MethodPost, place+"/edit", form); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s changes payout details: %d", person, got.StatusCode)
		}
	}
	if got := h.call("publisher-owner", http.MethodPost, place+"/edit", form); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d: %s", got.StatusCode, body(t, got))
	}
	text := body(t, h.call("publisher-reader", "GET", place, nil))
	if !strings.Contains(text, "…3000") || strings.Contains(text, "0532") || !strings.Contains(text, "Nothing is paid before") {
		t.Error("the page shows a whole account, or does not say that payouts are frozen")
	}
	if text := body(t, h.call("publisher-owner", "GET", "/publisher/balance", nil)); !strings.Contains(text, "Nothing is paid before") {
		t.Error("the balance does not say that payouts are frozen")
	}
	for _, id := range h.settle.Programs() {
		if _, no, err := h.payouts.Quote(t.Context(), id, "pub-00"); err == nil && no == nil {
			t.Errorf("%s pays within 72 hours of the change", id)
		}
	}
}
