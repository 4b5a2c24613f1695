package account_test

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/people/privacy"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/web"
	"github.com/clickledger/clickledger/internal/web/account"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// site is a running console with people.
type site struct {
	*testing.T
	people   *people.Service
	store    store.Store
	box      *seal.Box
	server   *httptest.Server
	log      *lines
	vouchers *account.Vouchers
	read     map[string]bool

	mu    sync.Mutex
	clock time.Time
}

// lines takes a log down.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func newSite(t *testing.T) *site {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, store: db, box: box, log: &lines{}, read: map[string]bool{}, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	mux := http.NewServeMux()
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	s.people = people.New(db, box, s.server.URL, s.now)
	gate := session.NewGate(s.people, false, s.now, log)
	console := http.NewServeMux()
	noFiles := func(string, string, []byte, money.Currency) (payout.FileContent, error) {
		return payout.FileContent{}, nil
	}
	service, err := settle.New(t.Context(), db, s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.vouchers = &account.Vouchers{Name: "House SSO", ID: "client", Secret: "the client's secret", Site: s.server.URL, Now: s.now, Log: log}
	web.New(web.Parts{Desk: desk.New(db, box, "https://console.example", s.now), Vouchers: s.vouchers, Books: books.New(db, noFiles, s.now), Settle: service, Reports: reports.New(db, s.now), Gate: gate, Now: s.now, Log: log, People: s.people, AuditLog: s.people, Privacy: privacy.New(db, s.now), Sellers: sellers.New(db, s.now), Intake: intake.New(db, s.now)}).Register(console)
	mux.Handle("/", gate.Handler(console))
	return s
}

// browser is somebody's browser: it keeps cookies and shows the newest page.
type browser struct {
	*site
	http.Client
	page   string
	status int
	at     string
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	return &browser{site: s, Client: http.Client{Jar: jar}}
}

func (b *browser) do(r *http.Request) {
	b.Helper()
	res, err := b.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.page, b.status, b.at = html.UnescapeString(string(text)), res.StatusCode, res.Request.URL.RequestURI()
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		b.Errorf("%s has the policy %q", b.at, csp)
	}
	if b.signedIn() && res.Header.Get("Cache-Control") != "no-store" {
		b.Errorf("%s may be kept by caches", b.at)
	}
}

func (b *browser) signedIn() bool { return b.cookie("session") != "" }

func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.server.URL + "/second-factor")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) open(path string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.server.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.do(r)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// send fills in the form on the page that posts to a path, with what it hides, and sends it.
func (b *browser) send(path string, pairs ...string) {
	b.Helper()
	_, rest, found := strings.Cut(b.page, `<form method="post" action="`+path+`"`)
	if !found {
		b.Fatalf("%s has no form to %s:\n%s", b.at, path, b.page)
	}
	part, _, _ := strings.Cut(rest, "</form>")
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(part, -1) {
		form.Set(m[1], m[2])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(part, `name="`+pairs[i]+`"`) {
			b.Fatalf("the form to %s has no field %s:\n%s", path, pairs[i], part)
		}
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.server.URL)
	r.Header.Set("Referer", b.server.URL+b.at)
	b.do(r)
}

func (b *browser) shows(texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.Fatalf("%s (%d) does not show %q:\n%s", b.at, b.status, text, b.page)
		}
	}
}

// link returns the path in the newest e-mail.
func (s *site) link() string {
	s.Helper()
	var text string
	if err := s.store.View(s.Context(), func(tx store.Tx) error {
		due, err := tx.Platform().Accounts().Outbox().Due(s.Context(), s.now().Add(time.Hour), 100)
		for _, m := range due {
			if s.read[m.ID] {
				continue
			}
			s.read[m.ID] = true
			message, err := notify.Read(s.box, m)
			if err != nil {
				return err
			}
			text += message.Text
		}
		return err
	}); err != nil {
		s.Fatal(err)
	}
	m := regexp.MustCompile(regexp.QuoteMeta(s.server.URL) + `(\S+)`).FindStringSubmatch(text)
	if m == nil {
		s.Fatalf("there is no link in %q", text)
	}
	return m[1]
}

const password = "correct horse battery staple"

// A publisher signs up, confirms its address, signs in, turns the second step on, invites a colleague, makes an API app, and leaves.
func TestStory(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.open("/account")
	if b.at != "/sign-in?next=%2Faccount" {
		t.Fatalf("somebody who is not signed in is at %s", b.at)
	}
	b.open("/sign-up")
	b.send("/sign-up", "organisation", "Kupon <Co>", "name", "Ada", "email", "ada@example.org", "password", "short")
	b.shows("too short", `value="Kupon <Co>"`)
	if strings.Contains(b.page, `value="short"`) || b.status != http.StatusUnprocessableEntity {
		t.Error("a password is sent back in the page")
	}
	b.send("/sign-up", "organisation", "Kupon <Co>", "name", "Ada", "email", "ada@example.org", "password", password)
	b.shows("Look in your mailbox")
	link := s.link()
	b.open(link) // looking at the page alone does not use the link up
	b.open(link)
	b.send("/check-email")
	b.shows("Your e-mail address is confirmed")
	b.open("/sign-in?next=/account/apps")
	b.send("/sign-in", "email", "ada@example.org", "password", "wrong password 1")
	b.shows("is not right")
	b.send("/sign-in", "email", "ada@example.org", "password", password)
	if b.at != "/account/apps" || !b.signedIn() {
		t.Fatalf("after signing in: %s", b.at)
	}
	b.send("/account/apps/make", "name", "Shop", "tracking_ids", "t1\nt2", "scope", "read")
	b.shows("the only time that the secret is shown", "t1, t2", "key_")
	secret := regexp.MustCompile(`Secret</dt>\s*<dd><code>([^<]+)`).FindStringSubmatch(b.page)
	if secret == nil {
		t.Fatalf("no secret on the page:\n%s", b.page)
	}
	b.open("/account/apps")
	if strings.Contains(b.page, secret[1]) {
		t.Error("the secret is shown twice")
	}
	b.send("/account/apps/rotate")
	b.shows("the only time")
	b.send("/account/apps/revoke")

	// The second step.
	b.open("/account")
	b.send("/account/factor")
	b.shows("data:image/png;base64,")
	key := regexp.MustCompile(`secret: <code>([A-Z2-7]+)`).FindStringSubmatch(b.page)
	if key == nil {
		t.Fatalf("no secret on the page:\n%s", b.page)
	}
	code, err := totp.GenerateCode(key[1], s.now())
	if err != nil {
		t.Fatal(err)
	}
	b.send("/account/factor/on", "code", code)
	b.shows("Recovery codes", "It is on")
	recovery := regexp.MustCompile(`<code>([a-z2-7-]{27})</code>`).FindStringSubmatch(b.page)
	before := b.cookie("session")
	b.send("/sign-out")
	b.open("/account")
	if b.signedIn() || !strings.HasPrefix(b.at, "/sign-in") {
		t.Errorf("after signing out: %s", b.at)
	}
	b.send("/sign-in", "email", "ada@example.org", "password", password)
	if b.signedIn() || !strings.HasPrefix(b.at, "/second-factor") || b.cookie("half") == "" {
		t.Fatalf("the password alone leads to %s", b.at)
	}
	b.send("/second-factor", "code", "000000")
	b.shows("is not right")
	b.send("/second-factor", "code", recovery[1])
	if b.at != "/account" || b.cookie("session") == before || b.cookie("half") != "" {
		t.Fatalf("after the second step: %s", b.at)
	}

	// A colleague.
	b.open("/account/members")
	b.send("/account/members/invite", "email", "bob@example.org", "role", "reader")
	b.shows("on its way", "bob@example.org")
	bob := s.browser()
	bob.open(s.link())
	bob.shows("Kupon <Co>")
	bob.send("/invitation", "name", "Bob", "password", password)
	bob.open("/sign-in")
	bob.send("/sign-in", "email", "bob@example.org", "password", password)
	bob.open("/account/members")
	bob.shows("Ada", "Bob")
	if strings.Contains(bob.page, "/account/members/invite") {
		t.Error("a reader is offered to invite people")
	}
	bob.open("/account/apps")
	if bob.status != http.StatusForbidden {
		t.Errorf("a reader sees apps: %d", bob.status)
	}
	bob.open("/audit")
	if bob.status != http.StatusForbidden {
		t.Errorf("a publisher sees the audit log: %d", bob.status)
	}

	// After a while, people and keys ask for a proof.
	s.pass(people.StepUpFor + time.Minute)
	b.open("/account/members")
	if strings.Contains(b.page, "/account/members/remove") {
		t.Error("members can be removed without a recent proof")
	}
	b.open("/account/confirm?next=/account/members")
	code, err = totp.GenerateCode(key[1], s.now())
	if err != nil {
		t.Fatal(err)
	}
	b.send("/account/confirm", "answer", code)
	if b.at != "/account/members" {
		t.Fatalf("after the proof: %s", b.at)
	}
	b.shows("/account/members/remove")
	for _, s := range []string{password, key[1], secret[1], recovery[1], before, b.cookie("session")} {
		if strings.Contains(b.log.b.String(), s) {
			t.Errorf("the log holds a secret")
		}
	}
}

// The links of e-mails to people who forgot their password, in Turkish, and what an operator sees.
func TestForgotAndAudit(t *testing.T) {
	s := newSite(t)
	link, err := s.people.AddOperator(t.Context(), "op@example.org", "Op", "tr", people.Admin)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.open(strings.TrimPrefix(link.Reveal(), s.server.URL))
	b.send("/reset", "password", "password1234")
	b.shows("guessed first")
	b.send("/reset", "password", password)
	b.open("/forgot")
	b.send("/forgot", "email", "nobody@example.org")
	b.shows("Look in your mailbox")
	b.open("/sign-in?next=//evil.example/")
	b.send("/sign-in", "email", "op@example.org", "password", password)
	b.open("/audit")
	b.shows("Denetim günlüğü", "operator.added", "password.reset", "session.began")
	b.open("/audit?action=operator.added")
	b.shows("operator.added")
	if strings.Contains(b.page, "session.began</td>") || strings.Contains(b.page, ">session.began") {
		t.Error("the filter shows other actions")
	}
	b.open("/audit?after=x")
	if b.status != http.StatusNotFound {
		t.Errorf("a cursor that is none: %d", b.status)
	}
	b.open("/account/apps")
	b.shows("API uygulamaları")

	// A seller is entered and comes in; then it is kept out, and let in again.
	b.open("/account/people")
	b.send("/account/people/organisation", "kind", "seller", "name", "Shoes", "stores", " ", "owner", "sel@example.org")
	b.shows("boş bırakılamaz", `value="sel@example.org"`)
	b.send("/account/people/organisation", "kind", "seller", "name", "Shoes", "stores", "s1\ns2", "owner", "sel")
	b.shows(`id="owner-error"`)
	b.send("/account/people/organisation", "kind", "seller", "name", "Shoes", "stores", "s1\ns2", "owner", "sel@example.org")
	b.shows("davet yolda")
	seller := s.browser()
	seller.open(s.link())
	seller.send("/invitation", "name", "Sel", "password", password)
	seller.open("/sign-in")
	seller.send("/sign-in", "email", "sel@example.org", "password", password)
	seller.open("/account")
	seller.shows("Sel · sel@example.org")
	b.open("/account/people?email=sel@example.org")
	b.shows("Shoes")
	b.send("/account/people/lock")
	b.shows("Engellendi")
	seller.open("/account")
	if seller.signedIn() || !strings.HasPrefix(seller.at, "/sign-in") {
		t.Errorf("somebody who is kept out is at %s", seller.at)
	}
	b.send("/account/people/unlock")
	seller.send("/sign-in", "email", "sel@example.org", "password", password)
	if seller.at != "/account" {
		t.Errorf("somebody who was let in again is at %s", seller.at)
	}
	b.open("/account/people?email=nobody@example.org")
	b.shows("kimsenin değil")
}

// Forms that another site sends are refused, on every address that changes something.
func TestForeignForms(t *testing.T) {
	s := newSite(t)
	tried := 0
	for _, r := range (&account.Pages{People: s.people, Privacy: privacy.New(s.store, s.now)}).Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if method != http.MethodPost {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "https://evil.example")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", r.Pattern, res.StatusCode)
		}
		tried++
	}
	if tried < 20 {
		t.Errorf("only %d addresses were tried", tried)
	}
}

// Which pages need no sign-in stands here a second time: whoever adds one thinks twice. All others send nobody away.
func TestGuards(t *testing.T) {
	s := newSite(t)
	open := []string{"/terms", "/sign-up", "/check-email", "/sign-in", "/second-factor", "/forgot", "/reset", "/invitation", "/oidc/start", "/oidc/callback",
		"/sign-in/passkey", "/sign-in/passkey/answer", "/second-factor/passkey", "/second-factor/passkey/answer"}
	for _, r := range (&account.Pages{People: s.people, Vouchers: s.vouchers, Privacy: privacy.New(s.store, s.now)}).Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if free := r.Permission == page.Anyone; free != slices.Contains(open, path) {
			t.Errorf("%s: open to anyone is %v", r.Pattern, free)
		}
		if r.Permission == page.Anyone {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), session.SignInPath) {
			t.Errorf("%s as nobody: %d to %s", r.Pattern, res.StatusCode, res.Header.Get("Location"))
		}
	}
}
