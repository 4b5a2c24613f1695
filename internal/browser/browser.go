// Package browser drives a real Chromium through the console, the way a person does: by the words on labels, buttons and links. Tests
// of pages stand on it. Where a page has no such word, a person would not find the way either, and the test fails.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The environment that scripts/test.sh sets.
const (
	program = "CLICKLEDGER_TEST_CHROMIUM" // the browser
	folder  = "CLICKLEDGER_TEST_PAGES"    // where pictures are kept; empty: nowhere
)

// typed is the longest text that is typed key by key; a longer one is pasted.
const typed = 200

// patience is how long a page may take until what was asked for is there. It bounds a test that fails; none that passes waits so long.
const patience = 30 * time.Second

// Browser is a Chromium of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// New starts a browser that ends with the test.
func New(t testing.TB) *Browser {
	t.Helper()
	path := os.Getenv(program)
	if path == "" {
		t.Fatalf("%s names no browser: run the tests with scripts/test.sh, or set it to the path of Chromium", program)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("lang", "en"), chromedp.WSURLReadTimeout(time.Minute),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to start as root otherwise
	}
	allocated, end := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone
		stop()
		end()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Page is a window with cookies of its own: a person at a computer.
type Page struct {
	t   testing.TB
	ctx context.Context
}

// Size is the size of a window, and whether it is a phone's.
type Size struct {
	Width, Height int64
	Phone         bool
}

// Desk is a window on a desk's screen.
func Desk() Size { return Size{1280, 900, false} }

// Phone is the screen of a phone.
func Phone() Size { return Size{390, 844, true} }

// Page opens a window with cookies of its own.
func (b *Browser) Page(s Size) *Page {
	b.t.Helper()
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // the window lives as long as the context of its first call, which must have no time-out
		b.t.Fatalf("opening a window: %v", err)
	}
	p := &Page{b.t, ctx}
	p.Resize(s)
	return p
}

// Resize makes the window another one's size.
func (p *Page) Resize(s Size) {
	p.t.Helper()
	p.do("sizing a window", command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.Width, Height: s.Height, DeviceScaleFactor: 1, Mobile: s.Phone}))
}

// Context is the window, for what no method does.
func (p *Page) Context() context.Context { return p.ctx }

// command is an action that sends a command of the protocol and wants nothing back.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (p *Page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// fail ends the test and tells what the page says.
func (p *Page) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf(format+"\nat %s:\n%s", append(args, p.address(), p.excerpt())...)
}

// ask runs an action that gives something.
func ask[T any](p *Page, what string, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.fail("%s: %v", what, err)
	}
	return v
}

// Eval runs a script in the page and returns what it gives; where that is a promise, what it comes to.
func Eval[T any](p *Page, script string) T {
	p.t.Helper()
	return ask(p, "asking the page", chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Open goes to an address.
func (p *Page) Open(address string) {
	p.t.Helper()
	p.do("opening "+address, chromedp.Navigate(address))
}

// Colours says which colours the person's system asks for: light or dark.
func (p *Page) Colours(scheme string) {
	p.t.Helper()
	p.do("asking for colours", command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

func (p *Page) address() string {
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

// Address is where the window is.
func (p *Page) Address() string {
	p.t.Helper()
	return ask(p, "asking for the address", chromedp.Location())
}

// Text is all that can be read on the page.
func (p *Page) Text() string {
	p.t.Helper()
	return Eval[string](p, `document.body.innerText`)
}

func (p *Page) excerpt() string {
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(document.querySelector("main") || document.body).innerText`))
	if err != nil {
		return err.Error()
	}
	return text[:min(len(text), 3000)]
}

// See wants the page to say something. White space counts as one blank.
func (p *Page) See(texts ...string) {
	p.t.Helper()
	all := squeeze(p.Text())
	for _, want := range texts {
		if !strings.Contains(all, squeeze(want)) {
			p.fail("the page does not say %q", want)
		}
	}
}

// Miss wants the page not to say something.
func (p *Page) Miss(texts ...string) {
	p.t.Helper()
	all := squeeze(p.Text())
	for _, bad := range texts {
		if strings.Contains(all, squeeze(bad)) {
			p.fail("the page says %q", bad)
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// find is a script: it marks the element that a person would take for what is named, the first one that can be seen.
const find = `((kind, name) => {
	const words = s => (s || "").replace(/\s+/g, " ").trim();
	const seen = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
	const called = e => [words(e.innerText), words(e.getAttribute("aria-label")), words(e.title), words(e.value)];
	const matches = all => all.find(e => called(e).includes(name)) || all.find(e => called(e).some(c => c.startsWith(name)));
	document.querySelectorAll("[data-found]").forEach(e => e.removeAttribute("data-found"));
	const scope = document;
	let e = null;
	if (kind === "field") {
		const labels = [...scope.querySelectorAll("label")].filter(seen);
		const text = l => words([...l.childNodes].filter(n => !(n.matches && n.matches("input,select,textarea,.hint,.note"))).map(n => n.textContent).join(" "));
		const l = labels.find(l => text(l) === name) || labels.find(l => text(l).startsWith(name));
		e = l ? l.control : [...scope.querySelectorAll("input,select,textarea")].filter(seen).find(i => words(i.getAttribute("aria-label")) === name);
	} else if (kind === "button") {
		e = matches([...scope.querySelectorAll("button,input[type=submit]")].filter(seen));
	} else if (kind === "link") {
		e = matches([...scope.querySelectorAll("a[href]")].filter(seen));
	} else {
		e = matches([...scope.querySelectorAll("summary")].filter(seen));
	}
	if (!e) return "";
	e.setAttribute("data-found", "");
	return e.tagName + ":" + (e.type || "");
})`

const found = chromedp.CSS("[data-found]")

// mark finds an element and returns its tag and type, such as INPUT:checkbox.
func (p *Page) mark(kind, name string) string {
	p.t.Helper()
	n, err := json.Marshal(name)
	if err != nil {
		p.t.Fatal(err)
	}
	what := Eval[string](p, fmt.Sprintf(`%s(%q, %s)`, find, kind, n))
	if what == "" {
		p.fail("the page has no %s %q", kind, name)
	}
	return what
}

// Fill writes into the field with a label: text is typed, a choice is chosen by its words or its value, a box is ticked by "yes".
func (p *Page) Fill(label, value string) {
	p.t.Helper()
	what := p.mark("field", label)
	about := fmt.Sprintf("filling %q", label)
	v, err := json.Marshal(value)
	if err != nil {
		p.t.Fatal(err)
	}
	switch what {
	case "SELECT:select-one":
		ok := Eval[bool](p, fmt.Sprintf(`(v => {
			const e = document.querySelector(%q);
			const o = [...e.options].find(o => o.label.trim() === v || o.value === v);
			if (!o) return false;
			e.value = o.value; e.dispatchEvent(new Event("change", {bubbles: true}));
			return true;
		})(%s)`, string(found), v))
		if !ok {
			p.t.Fatalf("%s: there is no choice %q", about, value)
		}
	case "INPUT:checkbox", "INPUT:radio":
		ticked := Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).checked`, string(found)))
		if ticked != (value == "yes") {
			p.do(about, chromedp.Click(found))
		}
	case "INPUT:file":
		p.do(about, chromedp.SetUploadFiles(found, []string{value}))
	case "INPUT:date", "INPUT:datetime-local", "INPUT:month":
		p.put(string(v))
	default:
		if len(value) > typed {
			p.put(string(v))
			return
		}
		p.put(`""`)
		if value != "" {
			p.do(about, chromedp.SendKeys(found, value))
		}
	}
}

// put sets the value of the field that was found; value is JSON.
func (p *Page) put(value string) {
	p.t.Helper()
	Eval[bool](p, fmt.Sprintf(`(v => { const e = document.querySelector(%q); e.focus(); e.value = v; e.dispatchEvent(new Event("input", {bubbles: true})); return true; })(%s)`, string(found), value))
}

// Press presses the button with these words and waits for the page that comes.
func (p *Page) Press(words string) { p.t.Helper(); p.act("button", words) }

// Follow follows the link with these words and waits for the page that comes.
func (p *Page) Follow(words string) { p.t.Helper(); p.act("link", words) }

func (p *Page) act(kind, words string) {
	p.t.Helper()
	p.mark(kind, words)
	p.await(fmt.Sprintf("%s %q", kind, words), chromedp.Click(found))
}

// await does something that leads to another page, and waits until that one is there.
func (p *Page) await(what string, a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if _, err := chromedp.RunResponse(ctx, a); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// Unfold opens what is folded under these words.
func (p *Page) Unfold(words string) {
	p.t.Helper()
	p.mark("summary", words)
	if !Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).parentElement.open`, string(found))) {
		p.do("unfolding "+words, chromedp.Click(found))
	}
}

// Key presses a key by its name, such as Tab or Enter.
func (p *Page) Key(name string, with ...chromedp.Modifier) {
	p.t.Helper()
	code := map[string]string{"Tab": "\t", "Enter": "\r"}[name]
	if code == "" {
		p.t.Fatalf("no key is called %q here", name)
	}
	p.do("pressing "+name, chromedp.KeyEvent(code, chromedp.KeyModifiers(with...)))
}

// Shot keeps a picture of the whole page where pictures are kept.
func (p *Page) Shot(name string) {
	p.t.Helper()
	dir := os.Getenv(folder)
	if dir == "" {
		return
	}
	picture := ask(p, "taking a picture", chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Close closes the window.
func (p *Page) Close() {
	_ = chromedp.Cancel(p.ctx) // a window that is gone already is closed
}
