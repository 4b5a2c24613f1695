package account_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// member signs somebody up who has confirmed the address.
func (s *site) member(email string) {
	s.Helper()
	b := s.browser()
	b.open("/sign-up")
	b.send("/sign-up", "organisation", "Of "+email, "name", "Ada", "email", email, "password", password)
	b.open(s.link())
	b.send("/check-email")
}

// plant puts a cookie into a browser, as somebody could who sat at it before.
func (b *browser) plant(name, value, path string) {
	u, err := url.Parse(b.server.URL + path)
	if err != nil {
		b.Fatal(err)
	}
	b.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: path}})
}

// opens reports whether a session's token opens the account page, in a browser that shows nothing else.
func (s *site) opens(token string) bool {
	s.Helper()
	b := s.browser()
	b.plant("session", token, "/")
	b.open("/account")
	return b.at == "/account"
}

// ASVS 7.2.4, 7.4.1: the session after a sign-in is never the one before it, whoever planted it; a second factor, a new proof and a
// sign-in anew each give a new one, and the one before stands for nobody any more, as after signing out.
func TestI6_NoSessionOutlivesASignIn(t *testing.T) {
	s := newSite(t)
	s.member("ada@example.org")
	s.member("eve@example.org")
	in := func(b *browser, email string) {
		b.open("/sign-in?next=/account")
		b.send("/sign-in", "email", email, "password", password)
	}
	// A token that nobody has: it does not become Ada's.
	b := s.browser()
	b.plant("session", strings.Repeat("a", 43), "/")
	in(b, "ada@example.org")
	first := b.cookie("session")
	if !b.signedIn() || first == strings.Repeat("a", 43) || s.opens(strings.Repeat("a", 43)) {
		t.Fatal("a token that was planted is taken over")
	}
	// Eve's own session, planted into Ada's browser: Ada comes in with another one, and Eve's does not become hers.
	eve := s.browser()
	in(eve, "eve@example.org")
	planted := eve.cookie("session")
	b = s.browser()
	b.plant("session", planted, "/")
	in(b, "ada@example.org")
	b.open("/account")
	if b.cookie("session") == planted || !strings.Contains(b.page, "ada@example.org") {
		t.Fatal("Ada goes on with Eve's session")
	}
	if s.opens(planted) {
		t.Error("the session that the browser showed before goes on")
	}
	// Signing in once more at the same browser ends the session before.
	before := b.cookie("session")
	in(b, "ada@example.org")
	if b.cookie("session") == before || s.opens(before) || !s.opens(b.cookie("session")) {
		t.Error("a session outlives the next sign-in at the same browser")
	}
	// The first browser is another one: nobody signed in there.
	if !s.opens(first) {
		t.Error("a session at another browser ended")
	}
	// A new proof gives a new session.
	before = b.cookie("session")
	b.open("/account/confirm?next=/account")
	b.send("/account/confirm", "answer", password)
	if b.cookie("session") == before || s.opens(before) {
		t.Error("a proof of who one is goes on with the session before it")
	}
	// A second factor too, and a half that was planted opens nothing.
	b.open("/account")
	b.send("/account/factor")
	_, key, _ := strings.Cut(b.page, "secret: <code>")
	key, _, _ = strings.Cut(key, "<")
	code, err := totp.GenerateCode(key, s.now())
	if err != nil {
		t.Fatal(err)
	}
	b.send("/account/factor/on", "code", code)
	before = b.cookie("session")
	s.pass(2 * time.Minute)
	b.send("/sign-out")
	if s.opens(before) {
		t.Error("the session goes on after signing out")
	}
	c := s.browser()
	in(c, "ada@example.org")
	half := c.cookie("half")
	if half == "" || s.opens(half) {
		t.Error("half a sign-in opens the account")
	}
	if code, err = totp.GenerateCode(key, s.now()); err != nil {
		t.Fatal(err)
	}
	c.send("/second-factor", "code", code)
	if whole := c.cookie("session"); whole == "" || whole == half || s.opens(half) || !s.opens(whole) {
		t.Error("the session after the second factor is the one before it")
	}
	// Red control: a token that stands for somebody does open the page.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Jar = jar
	if c.open("/account"); c.at == "/account" {
		t.Error("the check does not need a session")
	}
}
