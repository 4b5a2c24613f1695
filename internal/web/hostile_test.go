package web

import (
	"database/sql"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	_ "modernc.org/sqlite"

	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// hostile is a text that breaks out of an attribute and of an element where it is not escaped, and that a sheet takes for a formula.
const hostile = `=1+1'"></textarea></title><xss onload=alert(1)>`

// infected reports what of a page came alive: elements of the text above, handlers, and links that run.
func infected(source string) (out []string) {
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return []string{err.Error()}
	}
	walk(doc, func(n *html.Node) {
		if n.Data == "xss" || n.Data == "script" || n.Data == "iframe" || n.Data == "object" {
			out = append(out, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text") {
				out = append(out, a.Key+"="+a.Val)
			}
		}
	})
	return out
}

// formulas are the cells of a table that a sheet would compute; numbers are none.
func formulas(text string) (out []string) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return []string{err.Error()}
	}
	for _, row := range rows {
		for _, cell := range row {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				out = append(out, cell)
			}
		}
	}
	return out
}

// ASVS 1.2.1, 1.2.10, 3.2.2: what anybody entered, names of organisations, stores, ad spaces and products, sub-IDs, tickets, announcements,
// cases, is text on every page for everybody who sees it, and no formula in any table.
func TestI6_NothingThatWasEnteredComesAlive(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	raw, err := sql.Open("sqlite", h.path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, statement := range []string{
		"PRAGMA busy_timeout = 10000",
		"UPDATE newest_records SET sub_af = ?1, sub_cn = ?1, sub_dp = ?1, tracking_id = ?1, product = ?1, category = ?1, device = ?1 WHERE publisher IN ('pub-00', 'pub-01')",
		"UPDATE stores SET name = ?1",
	} {
		if _, err := raw.ExecContext(ctx, statement, hostile); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := h.db.Update(ctx, func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		for _, o := range []store.Organisation{
			{ID: "org_publisher", Kind: store.KindPublisher, Name: hostile, Publisher: "pub-00", CreatedAt: h.clock.Now(), Profile: store.Profile{Audience: hostile, Sources: hostile, Contact: hostile, Methods: []string{hostile}}},
			{ID: "org_other", Kind: store.KindPublisher, Name: hostile, Publisher: "pub-01", CreatedAt: h.clock.Now()},
			{ID: "org_seller", Kind: store.KindSeller, Name: hostile, Stores: []string{ownStore}, CreatedAt: h.clock.Now()},
		} {
			if err := a.Organisations().Put(ctx, o); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	voice := desk.Voice{Person: "p", Name: hostile}
	for _, a := range []desk.Asker{{Publisher: "pub-00"}, {Seller: "org_seller"}} {
		i, err := h.desk.Ask(ctx, a, voice, desk.Question{Kind: desk.Payment, Subject: hostile, Text: hostile, Order: hostile})
		if err == nil {
			_, err = h.desk.Answer(ctx, voice, i.ID, desk.Answer{Text: hostile, Internal: true})
		}
		if err == nil {
			_, err = h.desk.AssignManager(ctx, voice, desk.Manager{Asker: a, Name: hostile, Email: "x@example.org", Messenger: hostile})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.desk.Announce(ctx, voice, desk.Draft{Audience: desk.Audience{Kind: "everybody"}, Titles: program.Text{"en": hostile}, Texts: program.Text{"en": hostile}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.joining.Describe(ctx, joining.Place{
		Publisher: "pub-00", ID: "hostile", Kind: "blog", Name: hostile, URL: "https://x.example/?q=%22%3E", TrafficType: h.typeOf(t, "pub-00"), Languages: []string{"en"}, Description: hostile,
	}); err != nil {
		t.Fatal(err)
	}
	c, err := h.cases.Case(ctx, h.suspect(t, "pub-00"))
	if err == nil {
		_, err = h.cases.Say(ctx, c.ID, "somebody", hostile)
	}
	if err == nil {
		_, err = h.cases.Answer(ctx, c.ID, "pub-00", "p", hostile)
	}
	if err == nil {
		_, err = h.cases.Open(ctx, cases.Draft{Program: c.Program, Publisher: "pub-00", Category: "bots", Evidence: []trust.Evidence{{Kind: "link", Text: hostile}}}, "somebody")
	}
	if err != nil {
		t.Fatal(err)
	}
	seen, tables, shown := 0, 0, 0
	for _, route := range h.site.Routes() {
		if !strings.HasPrefix(route.Pattern, "GET ") || route.Pattern == "GET /{$}" {
			continue
		}
		_, target := h.fill(t, route.Pattern, "pub-00")
		addresses := []string{target, target + "?q=" + "%3Dx%22%3E%3Cxss+onload%3D1%3E" + "&state=%22%3E%3Cxss%3E&after=%3Cxss%3E&from=%22%3E%3Cxss%3E"}
		if strings.HasSuffix(route.Pattern, "/reports") {
			for _, more := range []string{"report=orders&by=af&then=product", "report=live-orders", "report=live-orders&format=csv", "report=orders&by=tracking_id&format=csv"} {
				addresses = append(addresses, target+"?from=2025-11-01&to=2026-02-01&"+more)
			}
		}
		for _, address := range addresses {
			for _, p := range h.people.All {
				if route.Permission != page.Anyone && !p.Viewer.Can(route.Permission) {
					continue
				}
				r := httptest.NewRequest(http.MethodGet, address, nil)
				r.AddCookie(&http.Cookie{Name: "session", Value: p.Token})
				w := httptest.NewRecorder()
				h.h.ServeHTTP(w, r)
				text := w.Body.String()
				if !strings.Contains(w.Header().Get("X-Content-Type-Options"), "nosniff") {
					t.Errorf("%s: browsers may guess what it is", address)
				}
				switch kind := w.Header().Get("Content-Type"); {
				case strings.HasPrefix(kind, "text/html") && w.Header().Get("Content-Disposition") == "":
					seen++
					shown += strings.Count(text, "&lt;xss")
					for _, bad := range infected(text) {
						t.Errorf("%s as %s: %s came alive", address, p.Viewer.Person, bad)
					}
				case strings.HasPrefix(kind, "text/csv"):
					tables++
					for _, bad := range formulas(text) {
						t.Errorf("%s as %s: the cell %q is a formula", address, p.Viewer.Person, bad)
					}
				case w.Header().Get("Location") == "" && !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment"):
					if !strings.HasPrefix(kind, "image/") {
						t.Errorf("%s is %q and no file to save", address, kind)
					}
				}
				break
			}
		}
	}
	if seen < 60 || tables < 5 || shown < 50 {
		t.Errorf("only %d pages and %d tables were seen, with %d hostile texts on them", seen, tables, shown)
	}
	// Red controls: what comes alive is seen.
	if len(infected(`<p title="`+hostile+`">`)) == 0 || len(infected(`<a href="JavaScript:x">`)) == 0 || len(formulas("a,"+`"=1+1"`+"\n")) == 0 {
		t.Error("the check does not see what comes alive")
	}
}
