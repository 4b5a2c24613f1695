// Package ui is what the console's pages are put together from: the frame around them, and parts such as tables' heads, badges,
// figures and forms. Everything is HTML and one style sheet; nothing runs in the
// browser, but for the script that asks it for a passkey on the pages that do.
package ui

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/text"
)

//go:embed style.css
var style []byte

//go:embed passkey.js
var passkey []byte

//go:embed mark.svg
var mark []byte

// address is where a file of this program is served: it changes with the file, so browsers may keep it for good.
func address(name string, data []byte) string {
	sum := sha256.Sum256(data)
	base, ending, _ := strings.Cut(name, ".")
	return "/assets/" + base + "-" + hex.EncodeToString(sum[:6]) + "." + ending
}

// Assets puts the style sheet and the mark on a mux.
func Assets(mux *http.ServeMux) {
	for _, a := range []struct {
		name, kind string
		data       []byte
	}{{"style.css", "text/css; charset=utf-8", style}, {"mark.svg", "image/svg+xml", mark}, {"passkey.js", "text/javascript; charset=utf-8", passkey}} {
		mux.HandleFunc("GET "+address(a.name, a.data), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", a.kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(a.data) // the reader went away
		})
	}
}

// Theme is which colours somebody wants: "light", "dark", or "" for those of the system.
type Theme string

// Frame is what stands around a page.
type Frame struct {
	T      *text.Texts
	Viewer people.Viewer // the zero Viewer: nobody is signed in
	Title  string
	Crumbs []Crumb
	Nav    []Link
	Theme  Theme
	Path   string // of the page itself with its query, to come back to
	Search string // where the search box leads; empty: there is none
	SignIn string // where somebody else can be looked as or signed in; empty: nowhere
	Leave  string // where a sign-out is posted to; empty: nowhere
}

// Link is an entry of the navigation. Those of a group stand under its name, one after the other.
type Link struct {
	Href, Label, Icon, Group string
	Current                  bool
	Count                    int64 // how much is new there; 0: nothing
}

// groups are the entries of a navigation, group by group.
func groups(nav []Link) (all [][]Link) {
	for len(nav) > 0 {
		n := 1
		for n < len(nav) && nav[n].Group == nav[0].Group {
			n++
		}
		all, nav = append(all, nav[:n]), nav[n:]
	}
	return all
}

// Crumb is a step on the way to a page.
type Crumb struct{ Href, Label string }

// Tile is a figure with its name.
type Tile struct {
	Label, Value, Unit, Note string
	Href                     string
	Tone                     string // "", "good", "warn" or "bad"
}

// Choice is an option of a select.
type Choice struct{ Value, Label string }

// Field is a form field with what was entered and what is wrong with it.
type Field struct {
	Name, Label, Value, Hint, Error string
	Type                            string // of the input; "" is text
	Choices                         []Choice
	Rows                            int // of a text area; 0: an input
	Required                        bool
	Complete                        string // the autocomplete token; "" is off
	Numeric                         bool
}

func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) complete() string {
	if f.Complete == "" {
		return "off"
	}
	return f.Complete
}

// Address is a path made of segments, each escaped, with a query of pairs of name and value; pairs without a value are left out.
func Address(segments []string, pairs ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString("/" + url.PathEscape(s))
	}
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) > 0 {
		b.WriteString("?" + q.Encode())
	}
	return b.String()
}

func safe(address string) templ.SafeURL { return templ.URL(address) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// tone is how a state is coloured.
func tone(state string) string {
	switch state {
	case "approved", "paid", "closed", "live", "joined":
		return "good"
	case "declined", "rejected", "returned", "cancelled", "blocked", "excluded":
		return "bad"
	case "pending", "frozen", "built", "sent", "released", "reserved", "clearing":
		return "warn"
	case "tracked", "draft":
		return "info"
	}
	return "plain"
}

func share(part, whole int64) string {
	if whole <= 0 {
		return "0"
	}
	return strconv.FormatInt(min(max(part*100/whole, 0), 100), 10)
}

// Tone is the class of a state's colour.
func Tone(state string) string { return "tone-" + tone(state) }

// PasskeyWords are what a form says that asks for a passkey.
type PasskeyWords struct{ Ask, NoScript, Unable, Refused string }

// IDs are choices of ids, each its own label. first, where it is not empty, is the label of none of them, such as "All", and comes first.
func IDs[T ~string](ids []T, first string) []Choice {
	var all []Choice
	if first != "" {
		all = append(all, Choice{Label: first})
	}
	for _, id := range ids {
		all = append(all, Choice{Value: string(id), Label: string(id)})
	}
	return all
}
