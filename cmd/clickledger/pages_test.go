package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/browser"
	"github.com/clickledger/clickledger/program"
)

// pageLimits are what every page of the console keeps to.
const (
	maxWeight = 300_000 // bytes over the wire at the first load
	maxShift  = 0.05    // of the layout, after it was first drawn; a table that arrives in two parts may move a little
	minKinds  = 70      // pages of different kinds that the demo must lead to
)

// Every kind of page that a person of the demo can reach by links, on a wide screen in light colours and English, and on a phone in dark
// ones and Turkish: nothing keeps anybody out (axe), nothing needs scrolling sideways, nothing jumps, and it is light (I6).
func TestI6_EveryPageIsForEverybody(t *testing.T) {
	base := startDemo(t)
	walks := walk(t, base)
	for _, look := range []struct {
		name, colours, language string
		size                    browser.Size
	}{{"wide", "light", "", browser.Desk()}, {"phone", "dark", "Türkçe", browser.Phone()}} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			b := browser.New(t)
			for _, w := range walks {
				p := b.Page(look.size)
				p.Colours(look.colours)
				p.Open(base + "/sign-in")
				p.Press(w.who)
				if look.language != "" {
					p.Fill("Language", look.language)
					p.Press("Apply")
				}
				for _, at := range w.addresses {
					p.Open(base + at)
					weight, shift, over := p.Weight(), p.Shift(), p.Overflow()
					if weight > maxWeight || shift > maxShift || over > 0 {
						t.Errorf("%s, %s: %d bytes, moved by %g, %d pixels too wide", w.who, at, weight, shift, over)
					}
					for _, v := range p.Barriers() {
						t.Errorf("%s, %s: %s", w.who, at, v)
					}
					p.Shot(look.name + strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "-").Replace(at))
				}
				p.Close()
			}
		})
	}
}

// The keyboard reaches everything in the order in which it is read, and one sees where it is (I6).
func TestI6_TheKeyboardFindsItsWay(t *testing.T) {
	base := startDemo(t)
	p := browser.New(t).Page(browser.Desk())
	p.Open(base + "/sign-in")
	p.Press("Look as Ada")
	for _, at := range []string{"/overview", "/orders", "/programs", "/applications"} {
		p.Open(base + at)
		stops := p.Stops(60)
		if len(stops) < 10 || stops[0].Name != "Skip to content" {
			t.Errorf("%s: the keyboard stops at %+v", at, stops)
		}
		for _, s := range stops {
			if !s.Visible {
				t.Errorf("%s: one does not see that the keyboard is on %q", at, s.Name)
			}
		}
	}
}

// way is what one person of the demo finds.
type way struct {
	who       string   // the words on the button that lends the person's eyes
	addresses []string // one of each kind of page that nobody before found
}

var (
	lookAs = regexp.MustCompile(`(?s)name="person" value="([^"]+)".*?<button[^>]*>([^<]+)`)
	href   = regexp.MustCompile(`href="(/[^"#]*)`)
	saved  = regexp.MustCompile(`[./](csv|xlsx|pdf|html|png|svg|txt|xml|json|zip|css|file)$`) // something to download
)

// walk follows all links as each person, breadth first.
func walk(t *testing.T, base string) (all []way) {
	t.Helper()
	page := func(c *http.Client, at string) (string, bool) {
		t.Helper()
		res, err := c.Get(base + at)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Errorf("a link leads to %s, which answers %s", at, res.Status)
		}
		return string(text), strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
	}
	door, _ := page(http.DefaultClient, "/sign-in")
	seen := make(map[string]bool)
	for _, person := range lookAs.FindAllStringSubmatch(door, -1) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar}
		res, err := c.PostForm(base+"/sign-in", url.Values{"person": {person[1]}, "next": {"/"}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		w := way{who: strings.TrimSpace(person[2])}
		own := make(map[string]bool)
		for next := []string{res.Request.URL.RequestURI()}; len(next) > 0; next = next[1:] {
			at := next[0]
			if k := kind(at); own[k] {
				continue
			} else {
				own[k] = true
			}
			text, ok := page(c, at)
			if !ok {
				continue
			}
			if !seen[kind(at)] {
				seen[kind(at)] = true
				w.addresses = append(w.addresses, at)
			}
			for _, m := range href.FindAllStringSubmatch(text, -1) {
				to := strings.ReplaceAll(m[1], "&amp;", "&")
				if path, query, _ := strings.Cut(to, "?"); !saved.MatchString(path) && !strings.Contains(query, "format=") {
					next = append(next, to)
				}
			}
		}
		t.Logf("%s: %q", w.who, w.addresses)
		all = append(all, w)
	}
	if len(all) < 4 || len(seen) < minKinds {
		t.Errorf("only %d kinds of pages were found by %d people", len(seen), len(all))
	}
	return all
}

// kind tells pages of one kind by their address: what stands for a name in it is left out.
func kind(at string) string {
	path, _, _ := strings.Cut(at, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.ContainsAny(part, "0123456789_%.") || slices.Contains(program.ReferenceIDs(), program.ID(part)) {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}
