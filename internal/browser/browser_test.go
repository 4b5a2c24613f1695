package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

const form = `<!doctype html><html lang="en"><title>A form</title><meta name="viewport" content="width=device-width">
<main><h1>A form</h1><form method="post" action="/sent">
<label>Your name <span class="hint">as on the card</span><input name="name"></label>
<label>Colour <select name="colour"><option value="r">Red</option><option value="g">Green</option></select></label>
<label><input type="checkbox" name="agree" value="1"> I agree</label>
<details><summary>More</summary><label for="note">Note</label><textarea id="note" name="note"></textarea></details>
<button>Send</button></form><p><a href="/bad">Somewhere else</a></p></main></html>`

const bad = `<!doctype html><html><title>Bad</title><main><h1>Bad</h1><img src="data:,"><input name="x">
<div style="width:2000px;height:10px"></div><p style="color:#aaa;background:#fff">pale</p>
<button style="outline:none;box-shadow:none">No focus</button></main></html>`

func site(t *testing.T) string {
	mux := http.NewServeMux()
	show := func(pattern, page string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
			fmt.Fprint(w, page)
		})
	}
	show("GET /", form)
	show("GET /bad", bad)
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><main>Sent %s</main>", html.EscapeString(fmt.Sprint(r.FormValue("name"), "/", r.FormValue("colour"), "/", r.FormValue("agree"), "/", r.FormValue("note"))))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// I6: a person finds fields, buttons and links by their words, and what the person did is what the server gets.
func TestI6_APersonFindsTheWayByWords(t *testing.T) {
	at := site(t)
	p := New(t).Page(Desk())
	p.Open(at)
	p.See("A form", "Your name")
	p.Miss("Bad")
	p.Fill("Your name", "Ayşe \"x\" <y>")
	p.Fill("Colour", "Green")
	p.Fill("I agree", "yes")
	p.Unfold("More")
	p.Fill("Note", "two words")
	p.Press("Send")
	p.See(`Sent Ayşe "x" <y>/g/1/two words`)
	p.Open(at)
	p.Follow("Somewhere else")
	if got := p.Address(); got != at+"/bad" {
		t.Errorf("the link led to %s", got)
	}
}

// Red controls: what the judges are there for is found on a page that has it, and not on one that has not.
func TestI6_JudgesFindWhatIsWrong(t *testing.T) {
	at := site(t)
	b := New(t)
	good, worse := b.Page(Phone()), b.Page(Phone())
	good.Open(at)
	worse.Open(at + "/bad")
	if all := good.Barriers(); len(all) > 0 {
		t.Errorf("the good page has barriers: %v", all)
	}
	var ids []string
	for _, v := range worse.Barriers() {
		ids = append(ids, v.ID)
	}
	for _, want := range []string{"color-contrast", "html-has-lang", "image-alt", "label"} {
		if !slices.Contains(ids, want) {
			t.Errorf("no %s among %v", want, ids)
		}
	}
	if good.Overflow() != 0 || worse.Overflow() == 0 {
		t.Errorf("the good page is %d pixels too wide, the bad one %d", good.Overflow(), worse.Overflow())
	}
	if n := good.Weight(); n < int64(len(form)) {
		t.Errorf("the page weighs %d bytes and has %d", n, len(form))
	}
	if n := good.Shift(); n != 0 {
		t.Errorf("the page moved by %g", n)
	}
	var names []string
	for _, s := range good.Stops(20) {
		if !s.Visible {
			t.Errorf("the focus cannot be seen on %q", s.Name)
		}
		names = append(names, s.Name)
	}
	if len(names) != 6 {
		t.Errorf("the keyboard stops at %q", names)
	}
	blind := worse.Stops(20)
	if !slices.ContainsFunc(blind, func(s Stop) bool { return !s.Visible }) {
		t.Errorf("no stop without a focus among %+v", blind)
	}
}
