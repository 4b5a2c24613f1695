package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// F3: by the page: the list is there and can be downloaded, a text and a list are checked, what is found is told with its place.
func TestF3_KeywordsByThePages(t *testing.T) {
	h := newHouse(t)
	const reader = "publisher-reader"
	if text := body(t, h.call(reader, http.MethodGet, "/publisher/keywords?program=tr", nil)); !strings.Contains(text, "<li>Taobao</li>") {
		t.Error("the list is not shown")
	}
	for format, want := range map[string]string{"txt": "Alibaba\n", "csv": "tr,Alibaba,"} {
		if text := body(t, h.call(reader, http.MethodGet, "/publisher/keywords/tr/"+format, nil)); !strings.Contains(text, want) {
			t.Errorf("%s: %s", format, text)
		}
	}
	for _, missing := range []string{"/publisher/keywords/tr/pdf", "/publisher/keywords/none/csv", "/publisher/keywords?program=none"} {
		if res := h.call(reader, http.MethodGet, missing, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", missing, res.StatusCode)
		}
	}
	for _, c := range []struct {
		as, do, text, want string
		status             int
	}{
		{"text", "show", "Hello\nALİEXPRESS <b>sale</b>", "<mark>ALİEXPRESS</mark> in line 2, character 1", 200},
		{"text", "show", "Hello", "No banned keyword stands in the text.", 200},
		{"list", "show", "phones\ntaobao", "1 of 2 lines must go.", 200},
		{"list", "csv", "phones\ntaobao", "2,taobao,no,Taobao,word,1", 200},
		{"text", "show", strings.Repeat("x", 200_001), "200,000 are the most", 422},
	} {
		res := h.call(reader, http.MethodPost, "/publisher/keywords", url.Values{"program": {"tr"}, "as": {c.as}, "do": {c.do}, "text": {c.text}})
		if text := body(t, res); res.StatusCode != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s of %.20q: %d, without %q", c.as, c.text, res.StatusCode, c.want)
		}
	}
}
