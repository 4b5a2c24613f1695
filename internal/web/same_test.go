package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"github.com/clickledger/clickledger/internal/rest"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
)

// answers is the API over the same marketplace as the pages. It returns what asks it as the operator.
func (h *house) answers(t *testing.T) func(target string) []byte {
	t.Helper()
	const secret = "0123456789abcdef0123456789abcdef"
	p := h.site.parts
	guard := call.NewGuard([]call.Key{{ID: "k", Secret: secret, Scopes: []call.Scope{call.ScopeRead}, CallsPerMinute: 1_000_000}}, h.clock.Now)
	mux := http.NewServeMux()
	api := rest.New(rest.Services{
		Books: p.Books, Care: p.Care, Cases: p.Cases, Desk: p.Desk, Intake: p.Intake, Joining: p.Joining, Keywords: p.Keywords, Links: p.Links, Payouts: p.Payouts,
		Postbacks: p.Postbacks, Reports: p.Reports, Sellers: p.Sellers, Subs: p.Subs, Settle: p.Settle,
	}, guard, slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})), h.clock.Now)
	api.Register(mux, prometheus.NewRegistry())
	t.Cleanup(api.Close)
	n := 0
	return func(target string) []byte {
		t.Helper()
		n++
		r := httptest.NewRequest(http.MethodGet, target, nil)
		now, nonce := h.clock.Now().Unix(), fmt.Sprintf("nonce-%020d", n)
		r.Header.Set(call.HeaderKey, "k")
		r.Header.Set(call.HeaderTime, fmt.Sprint(now))
		r.Header.Set(call.HeaderNonce, nonce)
		r.Header.Set(call.HeaderSignature, call.Sign(secret, http.MethodGet, r.URL.EscapedPath(), r.URL.Query(), now, nonce, nil))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
}

// shown is a cell of a page as files write it: without what groups digits, without currency and percent sign; a dash is nothing.
func shown(text string) string {
	text = strings.TrimSpace(text)
	if before, _, ok := strings.Cut(text, "\u00a0"); ok {
		text = before
	}
	if text == "–" {
		return ""
	}
	return strings.NewReplacer(",", "", "−", "-", "%", "").Replace(text)
}

// cells are the rows of a page's first table with some columns: its body's, and its foot's. Cells that are no figures are nil.
func cells(t *testing.T, source string, columns int) (body, foot [][]*string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var first *html.Node
	walk(doc, func(n *html.Node) {
		if n.Data != "table" || first != nil {
			return
		}
		heads := 0
		walk(n, func(c *html.Node) {
			if c.Data == "th" && c.Parent.Parent.Data == "thead" {
				heads++
			}
		})
		if heads == columns {
			first = n
		}
	})
	if first == nil {
		t.Fatalf("there is no table with %d columns", columns)
	}
	walk(first, func(n *html.Node) {
		if n.Data != "tr" || n.Parent.Data != "tbody" && n.Parent.Data != "tfoot" {
			return
		}
		var row []*string
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			var figure *string
			if class, _ := attr(c, "class"); strings.Contains(class, "num") {
				s := shown(words(c))
				figure = &s
			}
			row = append(row, figure)
		}
		if n.Parent.Data == "tbody" {
			body = append(body, row)
		} else {
			foot = append(foot, row)
		}
	})
	return body, foot
}

// R1, R4: for the same query each figure on the page is that of the CSV file, of the workbook and of the API: orders, traffic, income and
// live orders, rows and totals, for a publisher.
func TestR4_PageFilesAndAPISayTheSame(t *testing.T) {
	h := newHouse(t)
	ask := h.answers(t)
	const days = "&from=2025-12-01&to=2026-01-15"
	for _, c := range []struct{ page, api string }{
		{"report=orders&by=day", "/v1/reports/orders?limit=1000&by=day"},
		{"report=orders&by=product&then=af&sort=-commission", "/v1/reports/orders?limit=1000&by=product,af&sort=-commission"},
		{"report=orders&by=program&date=transaction", "/v1/reports/orders?limit=1000&by=program&date=transaction"},
		{"report=traffic&by=day", "/v1/reports/traffic?limit=1000&by=day"},
		{"report=traffic&by=reason", "/v1/reports/traffic?limit=1000&by=reason"},
		{"report=income&by=day", "/v1/reports/income?limit=1000&by=day"},
		{"report=income&by=program", "/v1/reports/income?limit=1000&by=program"},
		{"report=live-orders", "/v1/live-orders?limit=1000"},
		{"report=live-orders&state=approved", "/v1/live-orders?limit=1000&state=approved"},
	} {
		page := "/publisher/reports?" + c.page + days
		file, err := csv.NewReader(h.call(pubOwner, "GET", page+"&format=csv", nil).Body).ReadAll()
		if err != nil || len(file) < 2 {
			t.Fatalf("%s as CSV: %d lines, %v", c.page, len(file), err)
		}
		names, rows := file[0], file[1:]
		onScreen, foot := cells(t, body(t, h.call(pubOwner, "GET", page, nil)), len(names))
		book, err := excelize.OpenReader(h.call(pubOwner, "GET", page+"&format=xlsx", nil).Body)
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := book.GetRows("Report")
		if err != nil {
			t.Fatal(err)
		}
		_ = book.Close()
		var doc struct{ Rows, Totals []map[string]any }
		d := json.NewDecoder(bytes.NewReader(ask(c.api + "&publisher=pub-00" + days)))
		d.UseNumber()
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		if len(sheet) != len(file) || len(doc.Rows) != len(rows) || len(onScreen) > len(rows) || len(onScreen) == 0 || len(onScreen) < min(len(rows), 50) || len(foot) != len(doc.Totals) {
			t.Errorf("%s has %d rows and %d totals on the page, %d in the CSV, %d in the workbook, and the API says %d and %d", c.page, len(onScreen), len(foot), len(rows), len(sheet)-1, len(doc.Rows), len(doc.Totals))
			continue
		}
		inAPI := func(row map[string]any, name string) string {
			if row[name] == nil {
				return ""
			}
			return fmt.Sprint(row[name])
		}
		compared := 0
		for i, row := range rows {
			for j, want := range row {
				inBook := ""
				if j < len(sheet[i+1]) {
					inBook = sheet[i+1][j]
				}
				text := strings.TrimPrefix(want, "'") // no formula
				if inBook != text && inBook != want || inAPI(doc.Rows[i], names[j]) != text && inAPI(doc.Rows[i], names[j]) != want {
					t.Errorf("%s, row %d, %s: %q in the CSV, %q in the workbook, %q by the API", c.page, i+1, names[j], want, inBook, inAPI(doc.Rows[i], names[j]))
				}
				if i >= len(onScreen) || onScreen[i][j] == nil {
					continue
				}
				compared++
				if *onScreen[i][j] != want {
					t.Errorf("%s, row %d, %s: %q on the page, %q in the CSV", c.page, i+1, names[j], *onScreen[i][j], want)
				}
			}
		}
		for i, row := range foot {
			for j, figure := range row {
				if want := inAPI(doc.Totals[i], names[j]); figure != nil && *figure != want {
					t.Errorf("%s, totals %d, %s: %q on the page, %q by the API", c.page, i+1, names[j], *figure, want)
				}
			}
		}
		if compared == 0 {
			t.Errorf("%s: no figure was compared", c.page)
		}
	}
	// Red control: a cent more on the page is seen.
	if shown("1,234.51\u00a0USD") == "1234.50" || shown("−1,234.50\u00a0USD") != "-1234.50" {
		t.Error("the comparison does not see a cent")
	}
}

// M2, M3, M5: the figures of the dashboard are those of the report by the API, the balance on both pages is that of the API, and a
// statement has the same bytes wherever it is taken from.
func TestM2_DashboardBalanceAndStatementsSayTheSame(t *testing.T) {
	h := newHouse(t)
	ask := h.answers(t)
	tiles := func(page string) map[string]string {
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]string)
		walk(doc, func(n *html.Node) {
			if class, _ := attr(n, "class"); !strings.HasPrefix(class, "tile ") && class != "tile" {
				return
			}
			label, figure, unit := "", "", ""
			walk(n, func(c *html.Node) {
				class, _ := attr(c, "class")
				switch {
				case c.Data == "dt":
					label = strings.TrimSpace(words(c))
				case class == "figure":
					figure = shown(words(c))
				case class == "unit":
					unit = " " + strings.TrimSpace(words(c))
				}
			})
			found[label+unit] = figure
		})
		return found
	}
	// The dashboard, for its last thirty days.
	now := h.clock.Now().UTC()
	from, to := now.AddDate(0, 0, -29).Format(time.DateOnly), now.Format(time.DateOnly)
	var doc struct{ Totals []map[string]any }
	if err := json.Unmarshal(ask("/v1/reports/orders?publisher=pub-00&from="+from+"&to="+to), &doc); err != nil {
		t.Fatal(err)
	}
	dashboard := tiles(body(t, h.call(pubOwner, "GET", "/publisher", nil)))
	clicks, actions, earned := 0.0, 0.0, make(map[money.Currency]int64)
	for _, total := range doc.Totals {
		clicks += total["clicks"].(float64)
		actions += total["actions"].(float64)
		currency, err := money.ParseCurrency(total["currency"].(string))
		if err != nil {
			t.Fatal(err)
		}
		minor, err := money.ParseMinor(total["commission"].(string), currency.Exponent())
		if err != nil {
			t.Fatal(err)
		}
		earned[currency] += minor
	}
	for currency, minor := range earned { // the report has a total for each program
		if got, want := dashboard["Earned "+string(currency)], money.New(minor, currency).Decimal(); got != want {
			t.Errorf("the dashboard says that %s %s were earned, the report %s (%v)", got, currency, want, dashboard)
		}
	}
	if len(doc.Totals) == 0 || dashboard["Clicks"] != fmt.Sprint(clicks) || dashboard["Actions"] != fmt.Sprint(actions) {
		t.Errorf("the dashboard says %v, the report %v", dashboard, doc.Totals)
	}
	// The balance in each program: the list, the program's page, the API.
	list := body(t, h.call(pubOwner, "GET", "/publisher/balance", nil))
	rows, _ := cells(t, list, 5)
	programs := regexp.MustCompile(`href="/publisher/balance/([^"]+)"`).FindAllStringSubmatch(list, -1)
	if len(programs) == 0 || len(programs) != len(rows) {
		t.Fatalf("%d programs in %d rows", len(programs), len(rows))
	}
	for i, p := range programs {
		var b struct{ Tracked, Pending, Withdrawable, Paid, Currency string }
		if err := json.Unmarshal(ask("/v1/publishers/pub-00/balance?program="+url.QueryEscape(p[1])), &b); err != nil {
			t.Fatal(err)
		}
		own := tiles(body(t, h.call(pubOwner, "GET", "/publisher/balance/"+p[1], nil)))
		for j, c := range []struct{ label, want string }{{"Tracked", b.Tracked}, {"Pending", b.Pending}, {"Can be withdrawn", b.Withdrawable}, {"Paid", b.Paid}} {
			if got := rows[i][j+1]; got == nil || *got != c.want {
				t.Errorf("%s of %s: %v in the list, %s by the API", c.label, p[1], got, c.want)
			}
			got, ok := own[c.label+" "+b.Currency]
			if !ok || got != c.want {
				t.Errorf("%s of %s: %q on the page, %s by the API (%v)", c.label, p[1], got, c.want, own)
			}
		}
		for _, month := range []string{"2025-12", "2026-01"} {
			for _, format := range []string{"csv", "html"} {
				page, err := io.ReadAll(h.call(pubOwner, "GET", "/publisher/statements/"+p[1]+"/"+month+"/"+format, nil).Body)
				if err != nil {
					t.Fatal(err)
				}
				page = bytes.ReplaceAll(page, []byte("publisher (pub-00)"), []byte("pub-00")) // the page knows the organisation's name too
				if got := ask("/v1/publishers/pub-00/statement?program=" + url.QueryEscape(p[1]) + "&month=" + month + "&format=" + format); !bytes.Equal(page, got) || len(got) == 0 {
					t.Errorf("the statement of %s for %s as %s: %d bytes from the page, %d by the API", p[1], month, format, len(page), len(got))
				}
			}
		}
	}
}
