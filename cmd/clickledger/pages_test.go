package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/browser"
	"github.com/clickledger/clickledger/program"
)

// What every page of the console keeps to.
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
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			b := browser.New(t)
			for _, w := range walks {
				p := b.Page(l.size)
				p.Open(base + "/sign-in")
				p.Press(w.who)
				l.judge(t, p, base, w)
				p.Close()
			}
		})
	}
}

// The pages of accounts, which nobody of the demo has: before somebody signs in, and what is a person's own (I6, A7).
func TestI6_AccountPagesAreForEverybody(t *testing.T) {
	w := newTown(t)
	ada := w.employee("ada@market.example", "admin")
	ann := w.enroll(ada, "Publisher", "Ann's Gadget Notes", "Publisher ID", "ann", "ann@blog.example", "Ann")
	person := func(email string) *http.Client {
		c, res := signIn(t, w.api, url.Values{"email": {email}, "password": {storyPassword}})
		res.Body.Close()
		return c
	}
	own := func(at string) bool {
		return strings.HasPrefix(at, "/account") || at == "/publisher/payout-details/edit"
	}
	seen := make(map[string]bool)
	for _, v := range []struct {
		who   string
		page  *browser.Page
		c     *http.Client
		start string
		only  func(string) bool
		least int
	}{
		{"nobody", w.web.Page(browser.Desk()), http.DefaultClient, "/sign-in", func(string) bool { return true }, 3},
		{"ada", ada, person("ada@market.example"), "/account", own, 5},
		{"ann", ann, person("ann@blog.example"), "/account", own, 1},
	} {
		way := way{who: v.who}
		for _, at := range crawl(t, v.c, w.api, v.start) {
			if v.only(at) && !seen[kind(at)] {
				seen[kind(at)] = true
				way.addresses = append(way.addresses, at)
			}
		}
		t.Logf("%s: %q", v.who, way.addresses)
		if len(way.addresses) < v.least {
			t.Errorf("%s finds only %q", v.who, way.addresses)
		}
		for _, l := range looks {
			v.page.Resize(l.size)
			l.judge(t, v.page, w.api, way)
		}
	}
}

// look is how somebody looks at pages.
type look struct {
	name, colours, language string // language: as the footer of an English page offers it; empty: it stays English
	size                    browser.Size
}

var looks = []look{{"wide", "light", "", browser.Desk()}, {"phone", "dark", "Türkçe", browser.Phone()}}

// judge looks at all pages of a walk.
func (l look) judge(t *testing.T, p *browser.Page, base string, w way) {
	t.Helper()
	p.Colours(l.colours)
	if l.language != "" && len(w.addresses) > 0 {
		p.Open(base + w.addresses[0])
		p.Fill("Language", l.language)
		p.Press("Apply")
	}
	for _, at := range w.addresses {
		p.Open(base + at)
		weight, shift, over := p.Weight(), p.Shift(), p.Overflow()
		if weight > maxWeight || shift > maxShift || over > 0 {
			t.Errorf("%s, %s, %s: %d bytes, moved by %g, %d pixels too wide", w.who, l.name, at, weight, shift, over)
		}
		for _, v := range p.Barriers() {
			t.Errorf("%s, %s, %s: %s", w.who, l.name, at, v)
		}
		p.Shot(l.name + strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "-").Replace(at))
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

// walk follows all links as each person of the demo.
func walk(t *testing.T, base string) (all []way) {
	t.Helper()
	res, err := http.Get(base + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	door, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, person := range lookAs.FindAllStringSubmatch(string(door), -1) {
		c, res := signIn(t, base, url.Values{"person": {person[1]}, "next": {"/"}})
		res.Body.Close()
		w := way{who: strings.TrimSpace(person[2])}
		for _, at := range crawl(t, c, base, res.Request.URL.RequestURI()) {
			if !seen[kind(at)] {
				seen[kind(at)] = true
				w.addresses = append(w.addresses, at)
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

// crawl follows links, breadth first, and returns one page of each kind. Every link must lead somewhere.
func crawl(t *testing.T, c *http.Client, base, start string) (all []string) {
	t.Helper()
	seen := make(map[string]bool)
	for next := []string{start}; len(next) > 0; next = next[1:] {
		at := next[0]
		if seen[kind(at)] {
			continue
		}
		seen[kind(at)] = true
		res, err := c.Get(base + at)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Errorf("a link leads to %s, which answers %s", at, res.Status)
			continue
		}
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if to := res.Request.URL.RequestURI(); to != at {
			next = append(next, to)
			continue
		}
		all = append(all, at)
		for _, m := range href.FindAllStringSubmatch(string(text), -1) {
			to := strings.ReplaceAll(m[1], "&amp;", "&")
			if path, query, _ := strings.Cut(to, "?"); !saved.MatchString(path) && !strings.Contains(query, "format=") {
				next = append(next, to)
			}
		}
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
