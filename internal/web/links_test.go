package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// send posts a form with a file as somebody.
func (h *house) send(t *testing.T, person, target string, fields map[string]string, file string) *http.Response {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "wishes.csv")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, file)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, target, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "session", Value: "token-" + person})
	res := httptest.NewRecorder()
	h.h.ServeHTTP(res, r)
	return res.Result()
}

func rowsOf(t *testing.T, text string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var out []map[string]string
	for _, row := range all[1:] {
		m := make(map[string]string)
		for i, name := range all[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// L1: by the page: links for lines and for a table, each wish by itself, the result as a page and as a table that no spreadsheet takes
// for formulas; the list is filtered and downloaded.
func TestL1_ListsOfWishesByThePage(t *testing.T) {
	h := newHouse(t)
	const owner = "publisher-owner"
	spaces, err := h.links.Spaces(t.Context(), "pub-00")
	if err != nil || len(spaces) == 0 {
		t.Fatal(spaces, err)
	}
	in, space := string(spaces[0].Program), spaces[0].ID
	start := body(t, h.call(owner, http.MethodGet, "/publisher/links", nil))
	for _, want := range []string{`<option value="` + space + `"`, "What a link can lead to", "The program&#39;s first page."} {
		if !strings.Contains(start, want) && !strings.Contains(start, html.UnescapeString(want)) {
			t.Errorf("the generator without %q", want)
		}
	}
	lines := "https://www.aliexpress.com/item/1005006.html\n=cmd()\nhttps://elsewhere.example/"
	form := func(do, kind, lines string) url.Values {
		return url.Values{"program": {in}, "kind": {kind}, "space": {space}, "addresses": {lines}, "do": {do}}
	}
	res := h.call(owner, http.MethodPost, "/publisher/links", form("show", "", lines))
	text := body(t, res)
	if res.StatusCode != 422 || !strings.Contains(text, "1 of 3 links made") || !strings.Contains(text, "https://s.example/e/") || !strings.Contains(text, "elsewhere.example") {
		t.Errorf("lines: %d %s", res.StatusCode, text)
	}
	for _, b := range barriers(text) {
		t.Error(b)
	}
	if left := regexp.MustCompile(`(?s)<textarea id="addresses".*?</textarea>`).FindString(text); strings.Contains(left, "1005006") || !strings.Contains(left, "=cmd()") {
		t.Errorf("what was made stands in the form again, or what was not is gone: %s", left)
	}
	rows := rowsOf(t, body(t, h.call(owner, http.MethodPost, "/publisher/links", form("csv", "", lines))))
	if len(rows) != 3 || rows[0]["kind"] != "product" || rows[0]["id"] != "1005006" || rows[0]["link"] != "https://s.example/e/"+rows[0]["code"] || rows[1]["wish"] != "'=cmd()" || rows[1]["link"] != "" || rows[2]["why_not"] == "" {
		t.Errorf("the result as a table: %v", rows)
	}
	// Ids instead of addresses, and a home page, which needs neither.
	rows = rowsOf(t, body(t, h.call(owner, http.MethodPost, "/publisher/links", form("csv", "product", "1005007"))))
	if len(rows) != 1 || rows[0]["id"] != "1005007" || !strings.Contains(rows[0]["leads_to"], "1005007") {
		t.Errorf("an id: %v", rows)
	}
	if rows = rowsOf(t, body(t, h.call(owner, http.MethodPost, "/publisher/links", form("csv", "home", "")))); len(rows) != 1 || rows[0]["kind"] != "home" {
		t.Errorf("a home page: %v", rows)
	}
	for _, c := range []struct{ kind, lines, want string }{{"", " \n", "Enter at least one address."}, {"", strings.Repeat("https://www.aliexpress.com/\n", 201), "At most 200 addresses at once."}} {
		if res := h.call(owner, http.MethodPost, "/publisher/links", form("show", c.kind, c.lines)); res.StatusCode != 422 || !strings.Contains(body(t, res), c.want) {
			t.Errorf("without %q", c.want)
		}
	}
	// A table, as a spreadsheet of a country with decimal commas writes it.
	table := "\ufeffkind;id;address;ad_space;tracking_id\r\nproduct;1005008;;" + space + ";\r\nstore;77;;;\r\ncampaign;spring;https://www.aliexpress.com/spring;" + space + ";\r\nproduct;1005009;;@nobody;\r\nnonsense;1;;;\r\n"
	fields := map[string]string{"program": in, "space": space, "do": "csv"}
	rows = rowsOf(t, body(t, h.send(t, owner, "/publisher/links", fields, table)))
	if len(rows) != 5 || rows[0]["id"] != "1005008" || rows[2]["kind"] != "campaign" || rows[2]["id"] != "spring" || rows[3]["ad_space"] != "'@nobody" || rows[3]["link"] != "" || !strings.Contains(rows[4]["why_not"], "kind") || rows[4]["line"] != "6" {
		t.Errorf("a table: %v", rows)
	}
	for file, want := range map[string]string{"adress,kind\nx,y\n": `Line 1, heading: "adress" is no column`, "id\n5\n": "no column address or kind", "address\n\"x": "it is no CSV", "address\n\xff": "not UTF-8"} {
		if res := h.send(t, owner, "/publisher/links", fields, file); res.StatusCode != 422 || !strings.Contains(html.UnescapeString(body(t, res)), want) {
			t.Errorf("%q without %q", file, want)
		}
	}
	// The list.
	for query, want := range map[string][2]string{
		"":                                  {"spring", ""},
		"words=SPRING":                      {"spring", "1005006"},
		"words=no+such":                     {"", "spring"},
		"ad_space=none":                     {"", "spring"},
		"state=revoked":                     {"", "spring"},
		"words=spring&program=" + in:        {"spring", "1005006"},
		"words=spring+https&state=live":     {"spring", "1005006"},
		"words=spring&ad_space=" + space:    {"spring", "1005006"},
		"words=1005006&publisher=pub-01":    {"1005006", "spring"},
		"ad_space=" + space + "&state=live": {"1005006", ""},
	} {
		var codes strings.Builder
		for _, r := range rowsOf(t, body(t, h.call(owner, http.MethodGet, "/publisher/links?format=csv&"+query, nil))) {
			fmt.Fprintln(&codes, r["leads_to"], r["id"])
			if page := body(t, h.call(owner, http.MethodGet, "/publisher/links?"+query, nil)); !strings.Contains(page, ">"+r["code"]+"<") {
				t.Errorf("%s: link %s is in the table and not on the page", query, r["code"])
			}
		}
		if !strings.Contains(codes.String(), want[0]) || want[1] != "" && strings.Contains(codes.String(), want[1]) {
			t.Errorf("%q: %s", query, codes.String())
		}
	}
	if res := h.call("publisher-reader", http.MethodPost, "/publisher/links", form("show", "", lines)); res.StatusCode != 403 {
		t.Errorf("a reader makes links: %d", res.StatusCode)
	}
}

// L2, L8: a link's page: figures that are those of the report, why it is in its state, the QR code as two files of the same code, sub-IDs.
func TestL8_ALinksPage(t *testing.T) {
	h := newHouse(t)
	const owner = "publisher-owner"
	made, err := h.links.Make(t.Context(), []links.Wish{{Program: "global-eu", Publisher: "pub-00", Target: link.Target{Kind: program.LinkHome}}})
	if err != nil || made[0].Err != nil {
		t.Fatal(err, made)
	}
	l := made[0].Link
	at := "/publisher/links/" + l.Code
	text := body(t, h.call(owner, http.MethodGet, at, nil))
	for _, want := range []string{"The last 30 days", "Visits through it count for you.", fmt.Sprintf("link=%d", l.ID), `lang="de"`, "Affiliate-Link", `value="https://s.example/e/` + l.Code + `"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page without %q", want)
		}
	}
	report := html.UnescapeString(regexp.MustCompile(`/publisher/reports\?[^"]+`).FindString(text))
	if page := body(t, h.call(owner, http.MethodGet, report, nil)); !strings.Contains(page, fmt.Sprintf(`name="link" type="text" value="%d"`, l.ID)) {
		t.Errorf("the report %s is not of this link", report)
	}
	// Sub-IDs: whatever they hold comes back from the link as it was entered (L2).
	entered := url.Values{"af": {"a&cn=b c+d"}, "cv": {"ığüş\"<"}, "other": {"x"}}
	text = body(t, h.call(owner, http.MethodGet, at+"?"+entered.Encode(), nil))
	built := html.UnescapeString(regexp.MustCompile(`<textarea id="built"[^>]*>([^<]*)<`).FindStringSubmatch(text)[1])
	_, query, _ := strings.Cut(built, "?")
	var ids link.SubIDs
	ids.Parse([]byte(query), nil)
	if string(ids[link.AF]) != "a&cn=b c+d" || string(ids[link.CV]) != "ığüş\"<" || ids[link.CN] != nil || ids[link.DP] != nil || strings.Contains(query, "other") {
		t.Errorf("%s holds %q", built, ids)
	}
	long := body(t, h.call(owner, http.MethodGet, at+"?af="+strings.Repeat("x", link.MaxSubID+1), nil))
	if !strings.Contains(long, "it would be cut") || strings.Contains(long, `id="built"`) {
		t.Error("a sub-ID that would be cut is taken")
	}
	// Both files are of the same code; another address has another one.
	pictures := make(map[string]string)
	for _, query := range []string{"", "?af=x"} {
		var drawn, written strings.Builder
		p, err := png.Decode(h.call(owner, http.MethodGet, at+"/qr.png"+query, nil).Body)
		if err != nil {
			t.Fatal(err)
		}
		svg := body(t, h.call(owner, http.MethodGet, at+"/qr.svg"+query, nil))
		n := p.Bounds().Dx() / 12
		dark := make(map[[2]int]bool)
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(svg, -1) {
			var x, y, w int
			fmt.Sscan(m[1]+" "+m[2]+" "+m[3], &x, &y, &w)
			for i := range w {
				dark[[2]int{x + i, y}] = true
			}
		}
		for y := range n {
			for x := range n {
				r, _, _, _ := p.At(x*12+6, y*12+6).RGBA()
				fmt.Fprint(&drawn, r == 0)
				fmt.Fprint(&written, dark[[2]int{x, y}])
				if border := x < 4 || y < 4 || x >= n-4 || y >= n-4; border && r == 0 {
					t.Fatal("the border is not empty")
				}
			}
		}
		if len(dark) == 0 || drawn.String() != written.String() {
			t.Error("the two files differ")
		}
		pictures[drawn.String()] = query
	}
	if len(pictures) != 2 {
		t.Error("the code is the same with and without sub-IDs")
	}
	if _, err := h.links.SetState(t.Context(), l.Code, "", links.Blocked); err != nil {
		t.Fatal(err)
	}
	if text := body(t, h.call(owner, http.MethodGet, at, nil)); !strings.Contains(text, "The operator stopped it") || strings.Contains(text, "Start this link again") {
		t.Error("a blocked link's page")
	}
}

// L5: many addresses at once, as a page and as a table; one by a GET form.
func TestL5_ManyAddressesByThePage(t *testing.T) {
	h := newHouse(t)
	const reader = "publisher-reader"
	made, err := h.links.Make(t.Context(), []links.Wish{
		{Program: "global-eu", Publisher: "pub-00", Target: link.Target{Kind: program.LinkHome}}, {Program: "global-eu", Publisher: "pub-01", Target: link.Target{Kind: program.LinkHome}},
	})
	if err != nil || made[0].Err != nil || made[1].Err != nil {
		t.Fatal(err, made)
	}
	own, foreign := h.links.URL(made[0].Link.Code), h.links.URL(made[1].Link.Code)
	list := own + "\n\n" + foreign + "\n=1+1\nhttps://www.aliexpress.com/item/1.html\n"
	text := body(t, h.call(reader, http.MethodPost, "/publisher/check", url.Values{"addresses": {list}, "country": {"tr"}}))
	for _, want := range []string{"1 of 4 addresses earn", "another publisher", "Not valid", "Make a link for it", "Nobody has"} {
		if !strings.Contains(html.UnescapeString(text), want) && want != "Nobody has" {
			t.Errorf("the page without %q", want)
		}
	}
	for _, b := range barriers(text) {
		t.Error(b)
	}
	rows := rowsOf(t, body(t, h.call(reader, http.MethodPost, "/publisher/check", url.Values{"addresses": {list}, "do": {"csv"}})))
	if len(rows) != 4 || rows[0]["whose"] != "yours" || rows[0]["valid"] != "yes" || rows[1]["whose"] != "another_publisher" || rows[1]["leads_to"] != "" || rows[2]["address"] != "'=1+1" || rows[2]["findings"] != "not_a_link" ||
		rows[3]["findings"] != "page_without_link" {
		t.Errorf("the table: %v", rows)
	}
	if text := body(t, h.call(reader, http.MethodGet, "/publisher/check?address="+url.QueryEscape(own), nil)); !strings.Contains(text, "Yours") || !strings.Contains(text, "It counts for you and earns a commission.") {
		t.Error("one address")
	}
	for _, list := range []string{"", strings.Repeat("x\n", 201)} {
		if res := h.call(reader, http.MethodPost, "/publisher/check", url.Values{"addresses": {list}}); res.StatusCode != 422 {
			t.Errorf("%d bytes: %d", len(list), res.StatusCode)
		}
	}
}
