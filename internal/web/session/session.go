// Package session says who looks at a page: it takes the session's cookie from a request, asks who that is, and lets only those
// pass who may. The console and the account pages both stand on it.
package session

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
)

// The places that somebody who lacks something is sent to; ?next= says where they wanted to go.
const (
	SignInPath = "/sign-in"
	ProvePath  = "/account/confirm"
)

// Resolver says whose session a token stands for; no error and no person means nobody's.
type Resolver interface {
	Viewer(ctx context.Context, token, network string) (people.Viewer, error)
}

// Gate lets people in.
type Gate struct {
	people Resolver
	secure bool
	now    func() time.Time
	log    *slog.Logger
	deny   func(w http.ResponseWriter, r *http.Request)
	csrf   *http.CrossOriginProtection
}

// NewGate returns a gate. secure says that browsers reach the server by HTTPS.
func NewGate(p Resolver, secure bool, now func() time.Time, log *slog.Logger) *Gate {
	return &Gate{people: p, secure: secure, now: now, log: log, csrf: http.NewCrossOriginProtection()}
}

// Deny makes the gate show a page of its own to people who may not see one; without it they get a plain line.
func (g *Gate) Deny(page func(w http.ResponseWriter, r *http.Request)) { g.deny = page }

type key struct{}

// With returns a context that carries a viewer.
func With(ctx context.Context, v people.Viewer) context.Context {
	return context.WithValue(ctx, key{}, v)
}

// Of returns the viewer that a request's context carries; ok is false where nobody is signed in.
func Of(ctx context.Context) (v people.Viewer, ok bool) {
	v, ok = ctx.Value(key{}).(people.Viewer)
	return v, ok
}

// overHTTPS tells browsers for a year to reach this host, and those under it, by HTTPS alone.
const overHTTPS = "max-age=31536000; includeSubDomains"

// Handler puts the viewer of each request into its context and refuses changes that another site asks for. It stands in front of
// all pages.
func (g *Gate) Handler(next http.Handler) http.Handler {
	inner := g.csrf.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := g.Token(r)
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		v, err := g.people.Viewer(r.Context(), token, Network(r))
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err != nil:
			g.log.Error("a session could not be looked up", "error", err)
			http.Error(w, "Something went wrong here. It was noted.", http.StatusInternalServerError)
			return
		case v.Person == "":
			g.Clear(w)
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(audit.With(With(r.Context(), v), by(v))))
	}))
	if !g.secure {
		return inner
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", overHTTPS)
		inner.ServeHTTP(w, r)
	})
}

// by is a viewer as the audit log names it.
func by(v people.Viewer) audit.By {
	return audit.By{Person: v.Person, Organisation: v.Organisation.ID, Via: "session " + v.Session[:min(12, len(v.Session))], Network: v.Network}
}

// Require lets those pass who have a permission. Others are sent to sign in, to prove again who they are, or are refused.
func (g *Gate) Require(p people.Permission, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := Of(r.Context())
		switch {
		case !ok:
			away(w, r, SignInPath)
		case !v.Can(p):
			g.log.Info("somebody was refused", "person", v.Person, "organisation", v.Organisation.ID, "method", r.Method, "path", r.URL.Path, "permission", string(p))
			g.refuse(w, r)
		case v.MustProve(p, g.now()):
			away(w, r, ProvePath)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// SignedIn lets everybody pass who is signed in.
func (g *Gate) SignedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := Of(r.Context()); !ok {
			away(w, r, SignInPath)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Gate) refuse(w http.ResponseWriter, r *http.Request) {
	if g.deny != nil {
		g.deny(w, r)
		return
	}
	http.Error(w, "You may not see this page.", http.StatusForbidden)
}

// away sends somebody to a page from which they come back. What they sent with the request they send again by hand: a form is never
// sent for them.
func away(w http.ResponseWriter, r *http.Request, to string) {
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		next = r.Header.Get("Referer")
		if u, err := url.Parse(next); err == nil {
			next = u.RequestURI()
		}
	}
	if next = Local(next); next != "/" {
		to += "?" + url.Values{"next": {next}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Local returns an address of this site, path and query only, or "/" for any other: nobody is sent elsewhere by a link to us.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// name is the name of the cookie. Browsers take one with __Host- from this very host by HTTPS only, so that no neighbour can set it.
func (g *Gate) name() string {
	if g.secure {
		return "__Host-session"
	}
	return "session"
}

// Token returns the session's token that a request carries.
func (g *Gate) Token(r *http.Request) string {
	c, err := r.Cookie(g.name())
	if err != nil {
		return ""
	}
	return c.Value
}

// Set gives a browser a session.
func (g *Gate) Set(w http.ResponseWriter, token string) { http.SetCookie(w, g.cookie(token, 0)) }

// Clear takes the session from a browser.
func (g *Gate) Clear(w http.ResponseWriter) { http.SetCookie(w, g.cookie("", -1)) }

func (g *Gate) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: g.name(), Value: value, Path: "/", MaxAge: age, Secure: g.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Network is where a request comes from: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
func Network(r *http.Request) string { return audit.Network(r.RemoteAddr) }
