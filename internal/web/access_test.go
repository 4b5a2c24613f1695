package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clickledger/clickledger/internal/web/page"
)

// walk calls visit for every element of a page.
func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(words(c))
	}
	return b.String()
}

// barriers are what keeps people who use a keyboard or a screen reader from a page, of what can be seen without drawing it.
func barriers(source string) (out []string) {
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return []string{err.Error()}
	}
	say := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	ids := make(map[string]*html.Node)
	labelled := make(map[string]bool)
	walk(doc, func(n *html.Node) {
		if id, ok := attr(n, "id"); ok {
			if ids[id] != nil {
				say("two elements have the id %q", id)
			}
			ids[id] = n
		}
		if of, ok := attr(n, "for"); ok && n.Data == "label" && strings.TrimSpace(words(n)) != "" {
			labelled[of] = true
		}
	})
	name := func(n *html.Node) string {
		if l, ok := attr(n, "aria-label"); ok {
			return strings.TrimSpace(l)
		}
		if by, ok := attr(n, "aria-labelledby"); ok && ids[by] != nil {
			return strings.TrimSpace(words(ids[by]))
		}
		return ""
	}
	count := make(map[string]int)
	landmarks := make(map[string]bool)
	level := 0
	walk(doc, func(n *html.Node) {
		if n.Namespace == "" { // a drawing has titles of its own
			count[n.Data]++
		}
		for _, ref := range []string{"aria-describedby", "aria-labelledby"} {
			v, _ := attr(n, ref)
			for id := range strings.FieldsSeq(v) {
				if ids[id] == nil {
					say("%s of <%s> names %q, which is not there", ref, n.Data, id)
				}
			}
		}
		switch n.Data {
		case "input", "select", "textarea":
			if t, _ := attr(n, "type"); t == "hidden" {
				return
			}
			id, _ := attr(n, "id")
			inside := false
			for p := n.Parent; p != nil; p = p.Parent {
				inside = inside || p.Data == "label"
			}
			if !labelled[id] && !inside && name(n) == "" {
				field, _ := attr(n, "name")
				say("the field %q has no label", field)
			}
		case "section", "nav":
			key := n.Data + " " + name(n)
			if name(n) == "" && n.Data == "section" {
				return // no landmark
			}
			if landmarks[key] {
				say("two landmarks are called %q", key)
			}
			landmarks[key] = true
		case "a", "button":
			alt := false
			walk(n, func(c *html.Node) {
				v, _ := attr(c, "alt")
				alt = alt || v != ""
			})
			if strings.TrimSpace(words(n)) == "" && name(n) == "" && !alt {
				say("a <%s> has no name", n.Data)
			}
		case "img":
			if _, ok := attr(n, "alt"); !ok {
				say("a picture has no text in its place")
			}
		case "svg":
			if hidden, _ := attr(n, "aria-hidden"); hidden != "true" && name(n) == "" {
				say("a drawing has no name")
			}
		case "th":
			if _, ok := attr(n, "scope"); !ok {
				say("the head %q says nothing of its scope", words(n))
			}
		case "h1", "h2", "h3", "h4":
			l := int(n.Data[1] - '0')
			if l > level+1 {
				say("the heading %q skips a level", strings.TrimSpace(words(n)))
			}
			level = l
		}
		if t, ok := attr(n, "tabindex"); ok && t != "0" && t != "-1" {
			say("<%s> has a place of its own in the order of focus", n.Data)
		}
	})
	for _, once := range []string{"main", "h1", "title"} {
		if count[once] != 1 {
			say("there are %d <%s>", count[once], once)
		}
	}
	if count["caption"] != count["table"] {
		say("%d tables have %d captions", count["table"], count["caption"])
	}
	return out
}

// Every page is open to the keyboard and to screen readers. (Contrast and focus are looked at in a browser, with axe.)
func TestNoBarriers(t *testing.T) {
	h := newHouse(t)
	for _, route := range h.site.Routes() {
		if !strings.HasPrefix(route.Pattern, "GET ") || route.Pattern == "GET /{$}" {
			continue
		}
		_, target := h.fill(t, route.Pattern, "pub-00")
		for _, p := range h.people.All {
			if route.Permission != page.Anyone && !p.Viewer.Can(route.Permission) {
				continue
			}
			r := httptest.NewRequest(http.MethodGet, target, nil)
			r.AddCookie(&http.Cookie{Name: "session", Value: p.Token})
			w := httptest.NewRecorder()
			h.h.ServeHTTP(w, r)
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Header().Get("Content-Disposition") == "" {
				for _, b := range barriers(w.Body.String()) {
					t.Errorf("%s as %s: %s", target, p.Viewer.Person, b)
				}
			}
			break
		}
	}
	// Red controls: each barrier is seen.
	const frame = "<title>t</title><main><h1>a</h1>%s</main>"
	if got := barriers(fmt.Sprintf(frame, "")); len(got) > 0 {
		t.Errorf("a plain page has barriers: %v", got)
	}
	for bad, want := range map[string]string{
		`<input name=q>`:                "no label",
		`<p id=a></p><p id=a></p>`:      "two elements",
		`<a href=/><img alt=""></a>`:    "no name",
		`<h3>deep</h3>`:                 "skips a level",
		`<table><tr><th>x</th></table>`: "captions",
		`<img src=x>`:                   "no text in its place",
		`<section aria-label=x></section><section aria-label=x></section>`: "two landmarks",
		`<p tabindex=3></p>`:            "order of focus",
		`<p aria-describedby=gone></p>`: "not there",
		`<svg></svg>`:                   "a drawing",
		`<h1>b</h1>`:                    "2 <h1>",
	} {
		if got := barriers(fmt.Sprintf(frame, bad)); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%s: the check says %v", bad, got)
		}
	}
}
