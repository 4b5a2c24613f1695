// Package page stands between a request and what a page decides: who looks, in which language, what may be seen, and what becomes of
// a failure.
package page

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
)

// Route is a page or an action, and who may use it.
type Route struct {
	Pattern    string // of http.ServeMux, with its method
	Permission people.Permission
	Handle     func(r *Request) (Answer, error)
}

// Anyone is the permission of pages that need no sign-in. It stands in no policy, so it is given here and nowhere else.
const Anyone people.Permission = "anyone"

// SignedIn is the permission of what people do for themselves, whatever their role.
const SignedIn people.Permission = "signed_in"

// Request is a call by somebody who may make it.
type Request struct {
	*http.Request
	Viewer people.Viewer // the zero Viewer: nobody is signed in
	T      *text.Texts
	Now    time.Time
}

// Answer is what a page decided: a body to draw, a file, or where to go.
type Answer struct {
	Title    string
	Crumbs   []ui.Crumb
	Area     string // the address in the navigation that the page belongs to
	Body     templ.Component
	Status   int    // 0: 200
	Redirect string // go there instead; an address of this site
	Away     string // go there instead; an address elsewhere, which comes from the configuration and never from a request
	File     *File  // send this instead
	Cookies  []*http.Cookie
	Session  string // the token of the session that begins; empty: it stays as it is
	Passkey  bool   // the page asks the browser for a passkey, which takes a script: the one of this site, and only there
}

// File is something to download.
type File struct {
	Name, Type string
	Data       []byte
	Write      func(w io.Writer) error // writes a file that is too long to be held; Data is empty then
}

// Refused is a request that cannot be done, in words for whoever made it.
type Refused struct {
	Why string
}

// Error is the reason.
func (e *Refused) Error() string { return e.Why }

// ErrNotFound says that something is not there, or belongs to somebody else: the two look the same.
var ErrNotFound = errors.New("nothing under this address")

// Entry is a line of the navigation and who sees it.
type Entry struct {
	Href, Icon string
	Label      func(t *text.Texts) string
	Permission people.Permission
	// Count is how much is new behind the entry; nil: nothing is counted.
	Count func(r *Request) (int64, error)
	Group string // the key of the name that the entry stands under, in text.Shell.Groups; empty: under none
}

// Server serves pages.
type Server struct {
	Gate *session.Gate
	Nav  []Entry
	// Searches are where the search box may lead; each viewer's leads to the first that its role may use.
	Searches []Entry
	Now      func() time.Time
	Log      *slog.Logger
	// LookAs is where a visitor of the demo changes eyes, and Leave where a sign-out is posted to; empty: there is no such place.
	LookAs, Leave string
	// Secure says that browsers reach the server by HTTPS.
	Secure bool
}

// Register puts routes on a mux, each behind its permission.
func (s *Server) Register(mux *http.ServeMux, routes []Route) {
	for _, r := range routes {
		var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { s.serve(w, req, r.Handle) })
		switch r.Permission {
		case Anyone:
		case SignedIn:
			h = s.Gate.SignedIn(h)
		default:
			h = s.Gate.Require(r.Permission, h)
		}
		mux.Handle(r.Pattern, Squeeze(h))
	}
}

// Deny shows people a page that tells them that they may not see another one.
func (s *Server) Deny(w http.ResponseWriter, r *http.Request) {
	req := s.request(r)
	s.draw(w, req, failure(req, http.StatusForbidden, req.T.Failure.Forbidden))
}

// Missing is the page for addresses that nothing stands under.
func (s *Server) Missing(w http.ResponseWriter, r *http.Request) {
	req := s.request(r)
	s.draw(w, req, failure(req, http.StatusNotFound, req.T.Failure.Missing))
}

const (
	langCookie  = "lang"
	themeCookie = "theme"
	maxForm     = 16 << 20         // a bank's file
	fileWithin  = 15 * time.Minute // for a file that is written while it is read
)

func (s *Server) request(r *http.Request) *Request {
	v, _ := session.Of(r.Context())
	lang, ok := text.Parse(cookie(r, langCookie))
	if !ok {
		lang, ok = text.Parse(v.Language)
	}
	if !ok {
		lang = text.Preferred(r.Header.Get("Accept-Language"))
	}
	return &Request{Request: r, Viewer: v, T: text.Of(lang), Now: s.Now().UTC()}
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, handle func(*Request) (Answer, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	req := s.request(r)
	a, err := handle(req)
	if err != nil {
		var ok bool
		if a, ok = s.fail(req, err); !ok {
			return
		}
	}
	for _, c := range a.Cookies {
		http.SetCookie(w, c)
	}
	if a.Session != "" {
		s.Gate.Set(w, a.Session)
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case a.Redirect != "":
		http.Redirect(w, r, session.Local(a.Redirect), http.StatusSeeOther)
	case a.Away != "":
		http.Redirect(w, r, a.Away, http.StatusSeeOther)
	case a.File != nil:
		h.Set("Content-Type", a.File.Type)
		h.Set("Content-Disposition", `attachment; filename="`+strings.Map(plain, a.File.Name)+`"`)
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		if a.File.Write == nil {
			_, _ = w.Write(a.File.Data) // the reader went away
			break
		}
		//arch:allow clock a deadline of a connection is a time of the machine
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileWithin)) // without it there is less time
		if err := a.File.Write(w); err != nil {
			s.Log.Error("a file broke off", "path", r.URL.Path, "error", err)
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		}
	default:
		s.draw(w, req, a)
	}
}

// plain keeps what every header and file system takes.
func plain(r rune) rune {
	if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}

// fail turns an error into a page; what went wrong inside is logged and not shown. ok is false where nobody waits any more.
func (s *Server) fail(r *Request, err error) (a Answer, ok bool) {
	var refused *Refused
	var wrong *field.Error
	switch {
	case errors.Is(err, context.Canceled):
		return Answer{}, false
	case errors.Is(err, ErrNotFound), errors.Is(err, books.ErrNotFound):
		return failure(r, http.StatusNotFound, r.T.Failure.Missing), true
	case errors.Is(err, books.ErrInvalid) && r.Method == http.MethodGet: // an address that nobody was given, such as a page behind no cursor
		return failure(r, http.StatusNotFound, r.T.Failure.Missing), true
	case errors.Is(err, books.ErrInvalid):
		return failure(r, http.StatusUnprocessableEntity, r.T.Failure.Request(r.T.Reason("it has characters that cannot be kept: write it anew"))), true
	case errors.Is(err, people.ErrForbidden):
		return failure(r, http.StatusForbidden, r.T.Failure.Forbidden), true
	case errors.As(err, &refused):
		return failure(r, http.StatusUnprocessableEntity, r.T.Failure.Request(r.T.Reason(refused.Why))), true
	case errors.As(err, &wrong): // the form has no place for it
		return failure(r, http.StatusUnprocessableEntity, r.T.Failure.Request(r.T.Reason(wrong.Reason))), true
	}
	s.Log.Error("page failed", "path", r.URL.Path, "error", err)
	return failure(r, http.StatusInternalServerError, r.T.Failure.Internal), true
}

func failure(r *Request, status int, why string) Answer {
	return Answer{Title: r.T.Failure.Title, Status: status, Body: failed(r.T, why)}
}

// policy is what a page may load: the style sheet and pictures of this site. Nothing runs, nothing is framed, forms stay here.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// scripted is what a page may do that asks for a passkey, beside the policy: run the scripts of this site. Nothing in the page itself runs.
const scripted = "; script-src 'self'"

func (s *Server) draw(w http.ResponseWriter, r *Request, a Answer) {
	theme := ui.Theme(cookie(r.Request, themeCookie))
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	f := ui.Frame{T: r.T, Viewer: r.Viewer, Title: a.Title, Crumbs: a.Crumbs, Theme: theme, Path: r.URL.RequestURI(), SignIn: s.LookAs, Leave: s.Leave}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f.Path = a.Area
	}
	for _, e := range s.Nav {
		if r.Viewer.Can(e.Permission) {
			l := ui.Link{Href: e.Href, Icon: e.Icon, Label: e.Label(r.T), Group: r.T.Shell.Groups[e.Group], Current: e.Href == a.Area}
			if e.Count != nil {
				var err error
				if l.Count, err = e.Count(r); err != nil && r.Context().Err() == nil {
					s.Log.Error("what is new cannot be counted", "of", e.Href, "error", err) // the page is there all the same
				}
			}
			f.Nav = append(f.Nav, l)
		}
	}
	for _, e := range s.Searches {
		if f.Search == "" && r.Viewer.Can(e.Permission) {
			f.Search = e.Href
		}
	}
	var b bytes.Buffer
	ctx := templ.WithChildren(r.Context(), a.Body)
	if err := ui.Page(f).Render(ctx, &b); err != nil {
		s.Log.Error("page cannot be drawn", "path", r.URL.Path, "error", err)
		http.Error(w, r.T.Failure.Internal, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	allowed := policy
	if a.Passkey {
		allowed += scripted
	}
	h.Set("Content-Security-Policy", allowed)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Cookie, Accept-Language")
	w.WriteHeader(max(a.Status, http.StatusOK))
	_, _ = w.Write(b.Bytes()) // the reader went away
}

// Appearance keeps the language and the colours that somebody wants in cookies, and goes back to where they were.
func (s *Server) Appearance(r *Request) (Answer, error) {
	a := Answer{Redirect: session.Local(r.PostFormValue("next"))}
	keep := func(name, value string) {
		a.Cookies = append(a.Cookies, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	if l, ok := text.Parse(r.PostFormValue("lang")); ok {
		keep(langCookie, string(l))
	}
	if theme := r.PostFormValue("theme"); slices.Contains([]string{"", "light", "dark"}, theme) {
		keep(themeCookie, theme)
	}
	return a, nil
}

// Home sends people to the first page that their role may see.
func (s *Server) Home(r *Request) (Answer, error) {
	for _, e := range s.Nav {
		if r.Viewer.Can(e.Permission) {
			return Answer{Redirect: e.Href}, nil
		}
	}
	return Answer{Redirect: session.SignInPath}, nil
}

// Publisher is the publisher that the viewer acts for. Somebody who acts for none is told that nothing is there.
func (r *Request) Publisher() (string, error) {
	if id := r.Viewer.Organisation.Publisher; id != "" {
		return id, nil
	}
	return "", ErrNotFound
}

// More returns the addresses of a list's first page, where this is not it, and of its next one, where there is one.
func (r *Request) More(next string) (first, then string) {
	q := r.URL.Query()
	if q.Get("after") != "" {
		q.Del("after")
		first = r.URL.Path + "?" + q.Encode()
	}
	if next != "" {
		q.Set("after", next)
		then = r.URL.Path + "?" + q.Encode()
	}
	return first, then
}
