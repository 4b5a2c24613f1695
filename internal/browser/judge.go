package browser

import (
	_ "embed"
	"fmt"
	"strings"
)

// axe is axe-core, version 4.14.1 (MPL-2.0; its licence stands beside it), as its package ships it.
//
//go:embed axe/axe.min.js
var axe string

// A Violation is something that keeps people out of a page, as axe names it.
type Violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []any  `json:"target"`
		HTML   string `json:"html"`
	}
}

// String names the rule and up to three places where it is broken.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 3 {
			fmt.Fprintf(&b, "\n  and %d more", len(v.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %v: %.160s", n.Target, n.HTML)
	}
	return b.String()
}

// Barriers are what axe finds on the page.
func (p *Page) Barriers() []Violation {
	p.t.Helper()
	if !Eval[bool](p, `typeof axe === "object"`) {
		Eval[bool](p, axe+"; true")
	}
	return Eval[[]Violation](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({target: n.target, html: n.html}))})))`)
}

// Weight is how many bytes of the page and all that it loaded came over the wire.
func (p *Page) Weight() int64 {
	p.t.Helper()
	return int64(Eval[float64](p, `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).reduce((n, e) => n + e.transferSize, 0)`))
}

// Shift is how much the layout moved after it was first drawn (cumulative layout shift); 0 is not at all.
func (p *Page) Shift() float64 {
	p.t.Helper()
	return Eval[float64](p, `new Promise(done => { let n = 0;
		new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) n += e.value; }).observe({type: "layout-shift", buffered: true});
		requestAnimationFrame(() => requestAnimationFrame(() => done(n))); })`)
}

// Overflow is by how many pixels the page is wider than its window: what a phone would have to be scrolled sideways for.
func (p *Page) Overflow() int64 {
	p.t.Helper()
	return Eval[int64](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// A Stop is where the keyboard stopped.
type Stop struct {
	Name    string // its words
	Top     float64
	Visible bool // whether the focus can be seen on it
}

// looks is a script: how an element and the two around it look. A search box, for one, shows the focus on what stands around it.
const looks = `(e => [e, e.parentElement, e.parentElement?.parentElement].map(x => { if (!x) return ""; const c = getComputedStyle(x);
	return [c.outlineStyle, c.outlineWidth, c.outlineColor, c.boxShadow, c.borderColor, c.backgroundColor, c.color, c.textDecorationLine].join("/"); }).join("|"))`

// Stops are where the Tab key stops, from the top of the page, at most most. The focus can be seen where it changes how something looks.
func (p *Page) Stops(most int) []Stop {
	p.t.Helper()
	var all []Stop
	Eval[bool](p, `document.activeElement && document.activeElement.blur(), window.scrollTo(0, 0), window.unfocused = new Map(
		[...document.querySelectorAll("a,button,input,select,textarea,summary,[tabindex]")].map(e => [e, `+looks+`(e)])), true`)
	for range most {
		p.Key("Tab")
		s := Eval[*Stop](p, `(() => { const e = document.activeElement;
			if (!e || e === document.body) return null;
			const words = (e.innerText || e.getAttribute("aria-label") || e.labels?.[0]?.innerText || e.name || e.tagName).trim().slice(0, 60);
			return {Name: words, Top: e.getBoundingClientRect().top + window.scrollY, Visible: window.unfocused.get(e) !== `+looks+`(e)};
		})()`)
		if s == nil {
			break
		}
		all = append(all, *s)
	}
	return all
}
