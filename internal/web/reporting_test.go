package web

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/books"
)

// R1: every report is there as a page with its figures, and a publisher's has that publisher's figures only, whatever its address
// asks for.
func TestR1_ReportPages(t *testing.T) {
	h := newHouse(t)
	foreign, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-01"}, "", 1000)
	if err != nil || len(foreign) == 0 {
		t.Fatal("pub-01 has no orders", err)
	}
	const period = "&from=2025-12-01&to=2026-02-01"
	for _, query := range []string{
		"report=orders&by=day", "report=orders&by=product&then=af&sort=-commission", "report=traffic&by=reason", "report=income&by=day", "report=live-orders",
		"report=live-orders&date=transaction&state=approved", "report=traffic&by=category&sort=-commission",
	} {
		for person, area := range map[string]string{"publisher-owner": "/publisher/reports?publisher=pub-01&", "operator-admin": "/reports?"} {
			answer := h.call(person, "GET", area+query+period, nil)
			for answer.StatusCode == http.StatusSeeOther {
				answer = h.call(person, "GET", answer.Header.Get("Location"), nil)
			}
			page := body(t, answer)
			if answer.StatusCode != http.StatusOK || !strings.Contains(page, "<tbody>") && !strings.Contains(query, "income") {
				t.Errorf("%s as %s: %d, with a table: %t", query, person, answer.StatusCode, strings.Contains(page, "<tbody>"))
			}
			if person == "publisher-owner" && slices.ContainsFunc(foreign, func(r books.Record) bool { return strings.Contains(page, ">"+r.Order+"<") }) {
				t.Errorf("%s shows an order of pub-01 to pub-00", query)
			}
		}
	}
	if page := body(t, h.call("operator-admin", "GET", "/reports?report=orders&by=day"+period, nil)); !strings.Contains(page, "figure-chart") || !strings.Contains(page, "Complete up to") {
		t.Error("the page has no picture, or does not say as of when it is true")
	}
	if bad := h.call("operator-admin", "GET", "/reports?from=tomorrow", nil); bad.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %d", bad.StatusCode)
	}
}

// R4: the file has the rows of the page, all of them.
func TestR4_ReportFiles(t *testing.T) {
	h := newHouse(t)
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-00"}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	answer := h.call("publisher-owner", "GET", "/publisher/reports?report=live-orders&from=2025-01-01&to=2027-01-01&format=csv", nil)
	rows, err := csv.NewReader(strings.NewReader(body(t, answer))).ReadAll()
	if err != nil || len(rows) != len(records)+1 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d lines for %d items, %v, %v", len(rows), len(records), answer.Header, err)
	}
	column := slices.Index(rows[0], "order")
	for i, r := range records {
		if rows[i+1][column] != r.Order {
			t.Errorf("line %d is order %s, want %s", i+1, rows[i+1][column], r.Order)
			break
		}
	}
	if page := body(t, h.call("publisher-owner", "GET", "/publisher/reports?report=orders&by=day&format=xlsx", nil)); !strings.HasPrefix(page, "PK") {
		t.Errorf("the workbook begins with %.10q", page)
	}
}
