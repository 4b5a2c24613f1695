package session

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
)

type sessions map[string]people.Viewer

func (s sessions) Viewer(_ context.Context, token, network string) (people.Viewer, error) {
	v := s[token]
	v.Network = network
	return v, nil
}

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func gate(secure bool) *Gate {
	owner := people.Viewer{Person: "per_1", Organisation: people.Organisation{ID: "org_1", Kind: people.Publisher}, Role: people.Owner}
	proved := owner
	proved.ProvedAt = now
	return NewGate(sessions{"owner": owner, "proved": proved}, secure, func() time.Time { return now }, slog.New(slog.DiscardHandler))
}

func call(h http.Handler, method, target, token string, change ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: token})
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestRequire(t *testing.T) {
	g := gate(false)
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := Of(r.Context())
		if !ok || v.Network != "192.0.2.0/24" {
			t.Errorf("the viewer in the context is %+v", v)
		}
	})
	for _, c := range []struct {
		p             people.Permission
		method, token string
		status        int
		location      string
	}{
		{people.SeeReports, "GET", "", 303, "/sign-in?next=%2Freports%3Fpage%3D2"},
		{people.SeeReports, "GET", "unknown", 303, "/sign-in?next=%2Freports%3Fpage%3D2"},
		{people.SeeReports, "POST", "", 303, "/sign-in"},
		{people.SeeReports, "GET", "owner", 200, ""},
		{people.BuildPayouts, "GET", "proved", 403, ""},
		{people.RequestWithdrawal, "GET", "owner", 303, "/account/confirm?next=%2Freports%3Fpage%3D2"},
		{people.RequestWithdrawal, "POST", "owner", 303, "/account/confirm"},
		{people.RequestWithdrawal, "GET", "proved", 200, ""},
	} {
		got := call(g.Handler(g.Require(c.p, page)), c.method, "/reports?page=2", c.token)
		if got.StatusCode != c.status || got.Header.Get("Location") != c.location {
			t.Errorf("%s %s as %q: %d to %q, want %d to %q", c.method, c.p, c.token, got.StatusCode, got.Header.Get("Location"), c.status, c.location)
		}
	}
}

// 16.3.2: what somebody was refused is noted, and who it was; the address is one word of the line, whatever is in it.
func TestRefusalsAreNoted(t *testing.T) {
	g := gate(false)
	var log bytes.Buffer
	g.log = slog.New(slog.NewTextHandler(&log, nil))
	page := g.Handler(g.Require(people.BuildPayouts, http.NotFoundHandler()))
	call(page, "GET", "/payouts", "owner")
	call(page, "POST", "/a%0Alevel=ERROR", "owner")
	if got := log.String(); strings.Count(got, "\n") != 2 || strings.Count(got, "person=per_1 organisation=org_1") != 2 || !strings.Contains(got, "permission=build_payouts") {
		t.Errorf("the log: %s", got)
	}
	log.Reset()
	call(page, "GET", "/payouts", "")
	if log.Len() != 0 {
		t.Errorf("somebody who is not signed in is noted: %s", &log)
	}
}

// A form that another site sends is refused before anybody asks who the visitor is.
func TestCrossOrigin(t *testing.T) {
	called := 0
	h := gate(false).Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called++ }))
	from := func(header, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(header, value) }
	}
	for _, c := range []struct {
		method string
		change func(*http.Request)
		status int
	}{
		{"POST", from("Sec-Fetch-Site", "cross-site"), 403},
		{"POST", from("Sec-Fetch-Site", "same-site"), 403},
		{"POST", from("Origin", "https://evil.example"), 403},
		{"POST", from("Sec-Fetch-Site", "same-origin"), 200},
		{"POST", from("Origin", "http://example.com"), 200},
		{"GET", from("Sec-Fetch-Site", "cross-site"), 200},
	} {
		if got := call(h, c.method, "/reports", "owner", c.change); got.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.method, got.StatusCode, c.status)
		}
	}
	if called != 3 {
		t.Errorf("the page was called %d times, want 3", called)
	}
}

func TestCookie(t *testing.T) {
	for _, secure := range []bool{true, false} {
		w := httptest.NewRecorder()
		gate(secure).Set(w, "t")
		c := w.Result().Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
			t.Errorf("secure %v: the cookie is %v", secure, c)
		}
	}
	// An unknown session is taken from the browser.
	got := call(gate(false).Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), "GET", "/", "unknown")
	if cs := got.Cookies(); len(cs) != 1 || cs[0].MaxAge >= 0 {
		t.Errorf("the cookies after an unknown session are %v", cs)
	}
}

// 3.4.1: where the pages are reached by HTTPS, every answer says so for a year, also one that refuses; without HTTPS none does.
func TestStrictTransport(t *testing.T) {
	for _, secure := range []bool{true, false} {
		h := gate(secure).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
		for _, origin := range []string{"", "https://evil.example"} {
			r := httptest.NewRequest(http.MethodPost, "https://aff.example/", nil)
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Header().Get("Strict-Transport-Security"); (got == "max-age=31536000; includeSubDomains") != secure || !secure && got != "" {
				t.Errorf("secure %v, from %q: %d %q", secure, origin, w.Code, got)
			}
		}
	}
}

// Whoever signs in is sent on within this site only.
func TestLocal(t *testing.T) {
	for in, want := range map[string]string{
		"/reports?page=2": "/reports?page=2", "/a/b": "/a/b", "": "/", "reports": "/", "//evil.example": "/", "https://evil.example/": "/", "https:evil.example": "/",
		"/\\evil.example": "/", "\\\\evil.example": "/", "/%5cevil.example": "/", "javascript:alert(1)": "/", "/a\r\nX: y": "/", "/\tevil": "/", "///evil.example": "/",
		"//user@evil.example/": "/", "/%2fevil.example": "/", "/a#b": "/a",
	} {
		if got := Local(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.77:1234": "192.0.2.0/24", "[::ffff:192.0.2.77]:1": "192.0.2.0/24", "[2001:db8:1:2::3]:1": "2001:db8:1::/48", "[fe80::1%eth0]:1": "fe80::/48", "pipe": "",
	} {
		if got := Network(&http.Request{RemoteAddr: addr}); got != want {
			t.Errorf("%s is of the network %q, want %q", addr, got, want)
		}
	}
}
