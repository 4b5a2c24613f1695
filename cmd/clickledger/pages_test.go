package main

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/browser"
)

// pageLimits are what every page of the console keeps to.
const (
	maxWeight = 300_000 // bytes over the wire at the first load
	maxShift  = 0.01    // of the layout, after it was first drawn
	perShape  = 1       // pages of one kind that are looked at
)

// Every page that a person of the demo can reach by links, on a wide screen in light colours and English, and on a phone in dark ones and
// Turkish: nothing keeps anybody out (axe), nothing needs scrolling sideways, nothing jumps, and it is light (I6).
func TestI6_EveryPageIsForEverybody(t *testing.T) {
	base := startDemo(t)
	b := browser.New(t)
	door := b.Page(browser.Desk())
	door.Open(base + "/sign-in")
	people := browser.Eval[[]string](door, `[...document.querySelectorAll("form button")].map(b => b.innerText.trim()).filter(s => s.startsWith("Look as "))`)
	if len(people) < 4 {
		t.Fatalf("only %q can be looked as in:\n%s", people, door.Text())
	}
	seen := make(map[string]int) // what one has shown need not be judged through the eyes of the next
	for _, who := range people {
		wide, phone := b.Page(browser.Desk()), b.Page(browser.Phone())
		wide.Colours("light")
		phone.Colours("dark")
		for _, p := range []*browser.Page{wide, phone} {
			p.Open(base + "/sign-in")
			p.Press(who)
		}
		phone.Fill("Language", "Türkçe")
		phone.Press("Apply")
		name := strings.ToLower(strings.TrimPrefix(who, "Look as "))
		all := crawl(wide, base, seen)
		t.Logf("%s finds %q", who, all)
		for _, at := range all {
			file := name + strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "-").Replace(at)
			for _, look := range []struct {
				p    *browser.Page
				what string
			}{{wide, "wide"}, {phone, "phone"}} {
				look.p.Open(base + at)
				weight, shift, over := look.p.Weight(), look.p.Shift(), look.p.Overflow()
				if weight > maxWeight || shift > maxShift || over > 0 {
					t.Errorf("%s, %s: %d bytes, moved by %g, %d pixels too wide", at, look.what, weight, shift, over)
				}
				for _, v := range look.p.Barriers() {
					t.Errorf("%s, %s: %s", at, look.what, v)
				}
				look.p.Shot(file + "-" + look.what)
			}
		}
		wide.Close()
		phone.Close()
	}
	if len(seen) < 30 {
		t.Errorf("only %d kinds of pages were found", len(seen))
	}
}

// The keyboard reaches everything in the order in which it is read, and one sees where it is.
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

// shapes tells pages of one kind by their address: what stands for a name in it differs.
var shapes = regexp.MustCompile(`^/(?:publisher/|seller/)?[a-z-]*`)

// crawl follows links from where a page is, breadth first, and returns the addresses that it found, a few of each kind that was not seen
// before.
func crawl(p *browser.Page, base string, seen map[string]int) (all []string) {
	next := []string{strings.TrimPrefix(p.Address(), base)}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		path, _, _ := strings.Cut(at, "?")
		shape := shapes.FindString(path) + strings.Repeat("/*", strings.Count(path, "/"))
		if slices.Contains(all, at) || seen[shape] >= perShape {
			continue
		}
		seen[shape]++
		all = append(all, at)
		p.Open(base + at)
		for _, to := range browser.Eval[[]string](p, `[...document.querySelectorAll("a[href]:not([download])")].filter(a => a.origin === location.origin && !a.href.includes("#")).map(a => a.pathname + a.search)`) {
			u, err := url.Parse(to)
			if err == nil && !file(u) {
				next = append(next, to)
			}
		}
	}
	return all
}

// file says that an address is something to download.
func file(u *url.URL) bool {
	return u.Query().Has("format") || regexp.MustCompile(`\.(csv|xlsx|pdf|html|png|svg|txt|xml|json|zip)$`).MatchString(u.Path)
}
