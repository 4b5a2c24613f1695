package web

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/cases"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/web/lookas"
	"github.com/clickledger/clickledger/internal/web/overview"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/session"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/trust"
)

// house is a console over a small marketplace in which something happened, with a person in each role.
type house struct {
	site      *Site
	books     *books.Service
	payouts   *payouts.Service
	settle    *settle.Service
	links     *links.Service
	joining   *joining.Service
	desk      *desk.Service
	db        store.Store
	path      string // of its file
	care      *links.Care
	people    *lookas.People
	intake    *intake.Service
	cases     *cases.Service
	postbacks *postbacks.Service
	clock     *demo.Clock
	opened    int               // cases
	answer    postbacks.Answer  // of publishers' systems
	called    []postbacks.Call  // of them
	caseOf    map[string]string // by publisher
	h         http.Handler
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "books.db")
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	clock := &demo.Clock{}
	from := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	m := demo.Simulate(demo.Shape{Seed: 1, From: from, Days: 40, Clicks: 1500}, nil, nil)
	clock.Set(m.From())
	service, err := settle.New(ctx, db, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	var settling sync.WaitGroup
	settling.Go(func() { _ = service.Run(ctx) }) // it ends with ctx
	t.Cleanup(func() { stop(); settling.Wait(); _ = db.Close() })
	pay := payouts.New(db, service.Terms, bankFiles, payout.Party{Name: "Test", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}, clock.Now)
	pay.UseAccounts(bankfile.Check, nil)
	bank := demo.Bank{Settle: service, Clock: clock, Payouts: pay}
	r := demo.Runner{Store: db, Settle: service, Clock: clock, Day: bank.Day}
	if err := r.Facts(ctx, m); err != nil {
		t.Fatal(err)
	}
	if err := bank.Details(ctx, m); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(ctx, m, from.AddDate(0, 0, 45)); err != nil {
		t.Fatal(err)
	}
	h := &house{path: path, clock: clock, payouts: pay, settle: service, people: &lookas.People{Now: clock.Now}}
	for _, k := range []people.Kind{people.Publisher, people.Seller, people.Operator} {
		for _, role := range people.RolesOf(k) {
			name := string(k) + "-" + string(role)
			o := people.Organisation{ID: "org_" + string(k), Kind: k, Name: string(k)}
			if k == people.Publisher {
				o.Publisher = "pub-00"
			}
			if k == people.Seller {
				o.Stores = []string{ownStore}
			}
			h.people.All = append(h.people.All, lookas.Person{Token: "token-" + name, Viewer: people.Viewer{Person: name, Name: name, Organisation: o, Role: role}})
		}
	}
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	codes, err := link.NewCodes(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	h.links = links.New(db, codes, "https://s.example", clock.Now)
	h.care = links.NewCare(h.links, links.CareParts{Targets: emptyWeb, Pages: emptyWeb, Log: log})
	h.books = books.New(db, readFile, clock.Now)
	gate := session.NewGate(h.people, false, clock.Now, log)
	h.joining = joining.New(db, prover, unranked, func() string { return "proof" }, clock.Now)
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{2}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	h.desk, h.db = desk.New(db, box, "https://console.example", clock.Now), db
	h.joining.UseTeller(h.desk.Tell)
	h.cases = cases.New(db, service, nil, "https://console.example", trust.Defaults(), func() string { h.opened++; return fmt.Sprint(h.opened) }, clock.Now)
	h.intake = intake.New(db, clock.Now)
	h.postbacks = postbacks.New(db, box, func(_ context.Context, c postbacks.Call) (postbacks.Answer, error) {
		h.called = append(h.called, c)
		return h.answer, nil
	}, log, clock.Now)
	h.site = New(Parts{Desk: h.desk, Cases: h.cases, Postbacks: h.postbacks, Books: h.books, Payouts: pay, Settle: service, Intake: h.intake, AuditLog: people.New(db, nil, "", clock.Now), Links: h.links, Reports: reports.New(db, clock.Now), Joining: h.joining, Care: h.care, Sellers: sellers.New(db, clock.Now), Subs: subnetworks.New(db, clock.Now), Keywords: keywords.New(db, clock.Now), About: overview.About{Title: "Test"}, Gate: gate, Now: clock.Now, Log: log, LookAs: h.people})
	mux := http.NewServeMux()
	h.site.Register(mux)
	h.h = gate.Handler(mux)
	return h
}

func bankFiles(r *payout.Run) ([]payouts.BankFile, error) {
	files, err := bankfile.Build(r)
	made := make([]payouts.BankFile, len(files))
	for i, f := range files {
		made[i] = payouts.BankFile{File: f.File, Data: f.Data}
	}
	return made, err
}

func readFile(run, name string, data []byte, c money.Currency) (payout.FileContent, error) {
	return bankfile.Contents(run, name, bytes.NewReader(data), c, bankfile.DefaultLimits())
}

// testLog fails the test with what is logged as a warning or an error: pages log what went wrong inside.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Errorf("logged: %s", b)
	return len(b), nil
}

// call asks for a page as somebody; nobody is "".
func (h *house) call(person, method, target string, form url.Values) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if person != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: "token-" + person})
	}
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unguarded are the routes that need no permission. Whoever adds one says here that it shows nothing of anybody.
func unguarded() []string {
	return []string{"GET /{$}", "POST /appearance", "GET /sign-in", "POST /sign-in"}
}

// offending are the routes without a policy.
func offending(routes []page.Route) (out []string) {
	for _, r := range routes {
		known := slices.ContainsFunc(people.Policy(), func(rule people.Rule) bool { return rule.Permission == r.Permission })
		if !known && !(r.Permission == page.Anyone && slices.Contains(unguarded(), r.Pattern)) {
			out = append(out, r.Pattern)
		}
	}
	return out
}

// A route without a policy fails the build.
func TestEveryRouteHasAPolicy(t *testing.T) {
	h := newHouse(t)
	if bad := offending(h.site.Routes()); len(bad) > 0 {
		t.Errorf("routes without a policy: %v", bad)
	}
	// Red controls.
	for _, r := range []page.Route{{Pattern: "GET /new"}, {Pattern: "GET /new", Permission: page.Anyone}, {Pattern: "GET /new", Permission: "see_nothing"}} {
		if len(offending([]page.Route{r})) != 1 {
			t.Errorf("the check lets %+v pass", r)
		}
	}
}

// fill puts things that are there into a pattern's wildcards: an order of publisher, and the publisher itself.
func (h *house) fill(t *testing.T, pattern, publisher string) (method, target string) {
	t.Helper()
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: publisher}, "", 1)
	if err != nil || len(records) == 0 {
		t.Fatalf("publisher %q has no order: %v", publisher, err)
	}
	runs, err := h.payouts.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(runs, func(r payout.Run) bool { return len(r.Files) > 0 })
	if i < 0 {
		t.Fatal("nobody was paid")
	}
	made, err := h.links.Make(t.Context(), []links.Wish{{Program: records[0].Program, Publisher: publisher, Target: link.Target{Kind: program.LinkHome}}})
	if err != nil || made[0].Err != nil {
		t.Fatal(err, made[0].Err)
	}
	space, application := h.applied(t, publisher)
	h.stands(t, publisher)
	audit, err := h.care.Look(t.Context(), publisher, links.SubjectLinks)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(pattern, "{store}/orders/") {
		records[0].Key = h.soldBy(t, ownStore)
	}
	method, target, _ = strings.Cut(pattern, " ")
	ticket, announcement := h.talked(t, publisher, strings.Contains(pattern, " /seller/"))
	return method, strings.NewReplacer("{file}", "1", "{endpoint}", h.hook(t, publisher), "{case}", h.suspect(t, publisher), "{proposal}", h.proposed(t, pattern), "{ticket}", ticket, "{announcement}", announcement, "{space}", space, "{audit}", fmt.Sprint(audit.ID), "{application}", application, "{program}", string(records[0].Program), "{order}", url.PathEscape(records[0].Order), "{click}", h.clickOf(t, publisher, pattern),
		"{publisher}", publisher, "{store}", ownStore, "{$}", "", "{month}", "2025-12", "{format}", "csv", "{code}", made[0].Link.Code, "{run}", runs[i].ID, "{name}", runs[i].Files[0].Name).Replace(target)
}

// soldBy is an order of which a store sold something.
func (h *house) soldBy(t *testing.T, store string) order.Key {
	t.Helper()
	for _, row := range h.soldItems(t, store) {
		return order.Key{Program: program.ID(row["program"]), Order: row["order"]}
	}
	t.Fatalf("%s sold nothing", store)
	return order.Key{}
}

// soldItems are the rows of a store's report by item, by their columns.
func (h *house) soldItems(t *testing.T, store string) []map[string]string {
	t.Helper()
	return rowsOf(t, body(t, h.call("operator-admin", "GET", "/sellers/"+store+"/report?by=item&from=2025-12-01&to=2026-02-01&format=csv", nil)))
}

// clickOf is a click of a publisher that won something, in the program of its newest order.
func (h *house) clickOf(t *testing.T, publisher, pattern string) string {
	t.Helper()
	if !strings.Contains(pattern, "{click}") {
		return ""
	}
	newest, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: publisher}, "", 1)
	if err != nil || len(newest) == 0 {
		t.Fatal(err)
	}
	id := newest[0].Program
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: publisher, Program: id}, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		o, err := h.books.Order(t.Context(), r.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range o.Items {
			for _, s := range it.Steps {
				if s.Code == "won_by_click" && s.Get("publisher") == publisher {
					return s.Get("click")
				}
			}
		}
	}
	t.Fatalf("%s won nothing by a click", publisher)
	return ""
}

// suspect is a case about an order of a publisher, which was told of it.
func (h *house) suspect(t *testing.T, publisher string) string {
	t.Helper()
	if h.caseOf[publisher] == "" {
		records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: publisher}, "", 1)
		if err != nil || len(records) == 0 {
			t.Fatal(err)
		}
		c, err := h.cases.Open(t.Context(), cases.Draft{
			Program: records[0].Program, Publisher: publisher, Category: "bots", Items: []cases.Ref{{Order: records[0].Order}}, Evidence: []trust.Evidence{{Kind: "text", Text: "seen"}},
		}, "somebody")
		if err == nil {
			c, err = h.cases.Hold(t.Context(), c.ID)
		}
		if err == nil {
			_, err = h.cases.AnswerWith(t.Context(), c.ID, publisher, "somebody", "see there", cases.Upload{Name: "a.txt", Data: []byte("text")})
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.caseOf == nil {
			h.caseOf = make(map[string]string)
		}
		h.caseOf[publisher] = c.ID
	}
	return h.caseOf[publisher]
}

// Every route as every role: whoever lacks the permission is refused, and nobody who is not signed in sees anything.
func TestEveryRouteAsEveryRole(t *testing.T) {
	h := newHouse(t)
	for _, route := range h.site.Routes() {
		method, target := h.fill(t, route.Pattern, "pub-00")
		if route.Permission == page.Anyone {
			continue
		}
		if got := h.call("", method, target, nil); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), session.SignInPath) {
			t.Errorf("%s %s as nobody: %d to %q", method, target, got.StatusCode, got.Header.Get("Location"))
		}
		for _, p := range h.people.All {
			got := h.call(p.Viewer.Person, method, target, nil)
			switch allowed := p.Viewer.Can(route.Permission); {
			case !allowed && got.StatusCode != http.StatusForbidden:
				t.Errorf("%s %s as %s: %d, want 403", method, target, p.Viewer.Person, got.StatusCode)
			case allowed && method == http.MethodGet && got.StatusCode != http.StatusOK:
				t.Errorf("%s %s as %s: %d, want 200", method, target, p.Viewer.Person, got.StatusCode)
			case allowed && got.StatusCode >= 500:
				t.Errorf("%s %s as %s: %d", method, target, p.Viewer.Person, got.StatusCode)
			}
		}
	}
}

// What belongs to another publisher is not there, under every address of the publisher's area that takes a name.
func TestForeignThingsAreNotThere(t *testing.T) {
	h := newHouse(t)
	tried := 0
	for _, route := range h.site.Routes() {
		if !strings.Contains(route.Pattern, " /publisher/") || !strings.Contains(route.Pattern, "{") {
			continue
		}
		method, target := h.fill(t, route.Pattern, "pub-01")
		if strings.Contains(target, "{") {
			t.Errorf("%s: the test does not know a foreign name for every wildcard: %s", route.Pattern, target)
		}
		got := h.call("publisher-owner", method, target, nil)
		if shared := !slices.ContainsFunc([]string{"{order}", "{click}", "{code}", "{case}", "{space}", "{application}", "{ticket}", "{announcement}", "{audit}", "{endpoint}"}, func(name string) bool { return strings.Contains(route.Pattern, name) }); shared { // a program is everybody's: what is shown of it must be one's own
			if strings.Contains(body(t, got), "pub-01") {
				t.Errorf("%s %s names another publisher", method, target)
			}
		} else if got.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s shows what belongs to somebody else: %d", method, target, got.StatusCode)
		}
		tried++
	}
	if tried == 0 {
		t.Error("no route was tried")
	}
	// A list shows its own only, whatever the address asks for.
	html := body(t, h.call("publisher-owner", "GET", "/publisher/orders?publisher=pub-01", nil))
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{Publisher: "pub-01"}, "", 1000)
	if err != nil || len(records) == 0 {
		t.Fatal("pub-01 has no orders", err)
	}
	for _, r := range records {
		if strings.Contains(html, ">"+r.Order+"<") {
			t.Errorf("order %s of pub-01 stands in the list of pub-00", r.Order)
		}
	}
}

// A publisher reads its own order's record without a word of the others who were considered.
func TestOwnOrderNamesNobodyElse(t *testing.T) {
	h := newHouse(t)
	hidden := 0
	records, _, err := h.books.Orders(t.Context(), books.OrderFilter{}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Publisher == "" {
			continue
		}
		own, err := h.books.OwnOrder(t.Context(), orderKey(r), r.Publisher)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range own.Items {
			for _, s := range it.Steps {
				if s.Code == "competing_click" {
					hidden++
				}
				if p := s.Get("publisher"); p != "" && p != r.Publisher {
					t.Errorf("the record of order %s that %s may read names %s", r.Order, r.Publisher, p)
				}
			}
		}
		for _, x := range own.Journal {
			if x.Publisher != r.Publisher {
				t.Errorf("the journal of order %s that %s may read has a transaction of %s", r.Order, r.Publisher, x.Publisher)
			}
		}
	}
	if hidden == 0 {
		t.Error("no order had touches of others, so nothing was proved")
	}
}

// Every page is in both languages, in one piece, within its budget, and lets nothing run.
func TestEveryPageInEveryLanguage(t *testing.T) {
	h := newHouse(t)
	for _, route := range h.site.Routes() {
		if !strings.HasPrefix(route.Pattern, "GET ") || route.Pattern == "GET /{$}" {
			continue
		}
		_, target := h.fill(t, route.Pattern, "pub-00")
		for _, lang := range []string{"en", "tr"} {
			for _, p := range h.people.All {
				if route.Permission != page.Anyone && !p.Viewer.Can(route.Permission) {
					continue
				}
				r := httptest.NewRequest("GET", target, nil)
				r.AddCookie(&http.Cookie{Name: "session", Value: p.Token})
				r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
				w := httptest.NewRecorder()
				h.h.ServeHTTP(w, r)
				html := w.Body.String()
				if w.Header().Get("Content-Disposition") != "" {
					break
				}
				for _, want := range []string{`<html lang="` + lang + `"`, "</html>", "<h1>"} {
					if !strings.Contains(html, want) {
						t.Errorf("%s in %s as %s has no %s", target, lang, p.Viewer.Person, want)
					}
				}
				for _, bad := range []string{"<script", " style=", "<style", " onclick", "javascript:"} {
					if strings.Contains(html, bad) {
						t.Errorf("%s has %s", target, bad)
					}
				}
				if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") {
					t.Errorf("%s: policy %q", target, w.Header().Get("Content-Security-Policy"))
				}
				if len(html) > 280_000 {
					t.Errorf("%s has %d bytes", target, len(html))
				}
				break
			}
		}
	}
}

// Appearance is kept in cookies, and nobody is sent to another site.
func TestAppearance(t *testing.T) {
	h := newHouse(t)
	got := h.call("", "POST", "/appearance", url.Values{"lang": {"tr"}, "theme": {"dark"}, "next": {"https://evil.example/"}})
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/" {
		t.Errorf("%d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	var kept []string
	for _, c := range got.Cookies() {
		kept = append(kept, c.Name+"="+c.Value)
	}
	if !slices.Equal(kept, []string{"lang=tr", "theme=dark"}) {
		t.Errorf("kept %v", kept)
	}
	if html := body(t, h.call("", "GET", "/nothing-here", nil)); !strings.Contains(html, "</html>") {
		t.Error("an unknown address has no page")
	}
}

func orderKey(r books.Record) order.Key { return order.Key{Program: r.Program, Order: r.Order} }

// M3, M5: who built a run cannot approve it, whoever approves types its totals, and each step follows the one before.
func TestPayoutsTakeTwoPeople(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	var run payout.Run
	for _, id := range h.settle.Programs() {
		r, err := h.payouts.Start(ctx, id, payout.Manual, nil, "operator-finance")
		if err != nil {
			t.Fatal(err)
		}
		if r.State == payout.Frozen {
			run = r
			break
		}
	}
	if run.ID == "" {
		t.Fatal("no program has anybody to pay")
	}
	totals := run.Totals()
	right := url.Values{"payments": {strconv.Itoa(totals.Payments)}, "total": {money.New(totals.Net, run.Currency).Decimal()}}
	for _, c := range []struct {
		person, step string
		form         url.Values
		status       int
		state        payout.State
	}{
		{"operator-finance", "approve", right, 422, payout.Frozen}, // not built yet
		{"operator-reviewer", "build", nil, 403, payout.Frozen},
		{"operator-finance", "build", nil, 303, payout.Built},
		{"operator-finance", "approve", right, 422, payout.Built}, // the same person
		{"operator-admin", "approve", url.Values{"payments": {"1"}, "total": {"0.01"}}, 422, payout.Built},
		{"operator-admin", "approve", url.Values{"payments": {"x"}, "total": {"-"}}, 422, payout.Built},
		{"operator-finance", "release", nil, 422, payout.Built}, // nobody approved
		{"operator-admin", "approve", right, 303, payout.Approved},
		{"operator-admin", "release", nil, 403, payout.Approved},
		{"operator-finance", "release", nil, 303, payout.Released},
		{"operator-finance", "cancel", url.Values{"why": {"late"}}, 422, payout.Released},
		{"operator-finance", "close", nil, 422, payout.Released}, // the bank has not answered
	} {
		got := h.call(c.person, "POST", "/payouts/"+run.ID+"/"+c.step, c.form)
		now, err := h.payouts.Run(ctx, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.StatusCode != c.status || now.State != c.state {
			t.Errorf("%s by %s: %d and %s, want %d and %s", c.step, c.person, got.StatusCode, now.State, c.status, c.state)
		}
	}
}

// M2: the commission of completed orders and the balance differ by what the page says, to the minor unit.
func TestM2_TheBridgeAddsUp(t *testing.T) {
	h := newHouse(t)
	var waiting, notReceived, paid int
	for _, id := range h.settle.Programs() {
		terms := h.settle.Terms(id, h.people.Now())
		for i := range 24 {
			o, err := h.books.Outlook(t.Context(), terms, fmt.Sprintf("pub-%02d", i))
			if err != nil {
				t.Fatal(err)
			}
			if o.Completed-o.Waiting+o.Other-o.Paid-o.Clearing-o.Reserved-o.Hold != o.Withdrawable() {
				t.Errorf("%s in %s: the bridge does not add up: %+v", o.Publisher, id, o)
			}
			if o.Waiting+o.NotReceived != o.Pending {
				t.Errorf("%s in %s: %d wait and %d are not received, but %d are pending", o.Publisher, id, o.Waiting, o.NotReceived, o.Pending)
			}
			ripe := int64(0)
			for _, r := range o.Ripening {
				ripe += r.Amount
			}
			if ripe != o.Waiting {
				t.Errorf("%s in %s: the days add up to %d, not %d", o.Publisher, id, ripe, o.Waiting)
			}
			waiting, notReceived, paid = waiting+len(o.Ripening), notReceived+o.NotReceivedItems, paid+int(min(o.Paid, 1))
		}
	}
	if waiting == 0 || notReceived == 0 || paid == 0 {
		t.Errorf("too little was proved: %d days to wait for, %d items not received, %d paid", waiting, notReceived, paid)
	}
}

// P1: a document is checked, compared and tried on past orders before it is published, and what is in force never changes.
func TestP1_ADocumentIsTriedBeforeItIsPublished(t *testing.T) {
	h := newHouse(t)
	const address = "/programs/portals/edit"
	form := body(t, h.call("operator-admin", "GET", address, nil))
	_, rest, _ := strings.Cut(form, "<textarea")
	_, rest, _ = strings.Cut(rest, ">")
	document, _, ok := strings.Cut(rest, "</textarea>")
	if document = html.UnescapeString(document); !ok || !strings.Contains(document, "version: 2") {
		t.Fatalf("the form does not offer the next version: %.200s", document)
	}
	post := func(doc, do string) (int, string) {
		got := h.call("operator-admin", "POST", address, url.Values{"document": {strings.ReplaceAll(doc, "\n", "\r\n")}, "do": {do}})
		return got.StatusCode, body(t, got)
	}
	for name, bad := range map[string]string{
		"an unknown member": document + "\nsurprise: 1\n",
		"the past":          regexp.MustCompile(`(?m)^effective_from:.*$`).ReplaceAllString(document, "effective_from: 2020-01-01T00:00:00Z"),
		"a wrong version":   strings.Replace(document, "version: 2", "version: 3", 1),
		"another program":   strings.Replace(document, "program: portals", "program: tr", 1),
		"nothing":           "",
	} {
		for _, do := range []string{"check", "publish"} {
			if status, page := post(bad, do); status != http.StatusUnprocessableEntity || strings.Contains(page, `value="publish"`) {
				t.Errorf("%s of %s: %d, publishing offered: %v", do, name, status, strings.Contains(page, `value="publish"`))
			}
		}
	}
	// Half of the default rate: past orders would have earned less.
	lower := regexp.MustCompile(`(?m)(step: default, percent: )"[0-9.]+"`).ReplaceAllString(document, `${1}"1.00"`)
	if lower == document {
		t.Fatal("the document has no default rate that the test knows")
	}
	status, page := post(lower, "check")
	if status != http.StatusOK || !strings.Contains(page, `id="whatif"`) || !strings.Contains(page, `value="publish"`) || !strings.Contains(page, "rates.") {
		t.Errorf("checking: %d; what-if %v, changes %v", status, strings.Contains(page, `id="whatif"`), strings.Contains(page, "rates."))
	}
	terms, err := program.Parse("portals", []byte(lower))
	if err != nil {
		t.Fatal(err)
	}
	w, err := h.settle.WhatIf(t.Context(), terms[0])
	if err != nil || w.Orders == 0 || w.After >= w.Before || w.Changed == 0 {
		t.Errorf("at a lower rate past orders earn %+v, %v", w, err)
	}
	same, err := h.settle.WhatIf(t.Context(), h.settle.Terms("portals", h.people.Now()))
	if err != nil || same.Changed != 0 || same.Before != same.After || same.Before != w.Before {
		t.Errorf("under the terms in force past orders come out otherwise: %+v, %v", same, err)
	}
	before := h.settle.Terms("portals", h.people.Now()).Version
	if status, _ := post(lower, "publish"); status != http.StatusSeeOther {
		t.Errorf("publishing: %d", status)
	}
	if got := h.settle.Terms("portals", h.people.Now()).Version; got != before {
		t.Errorf("version %d is in force at once", got)
	}
	if got := h.settle.Terms("portals", h.people.Now().AddDate(0, 0, 3)).Version; got != 2 {
		t.Errorf("version %d is in force in three days, want 2", got)
	}
	if status, _ := post(lower, "publish"); status != http.StatusUnprocessableEntity {
		t.Errorf("publishing it again: %d", status)
	}
}

// Search: one box finds an order, a click, a link, a publisher, a run and a payout; a publisher's box finds its own only.
func TestSearch(t *testing.T) {
	h := newHouse(t)
	_, target := h.fill(t, "GET /publisher/orders/{program}/{order}", "pub-01")
	parts := strings.Split(target, "/")
	id, foreign := parts[3], parts[4]
	_, run := h.fill(t, "GET {run}", "pub-01")
	_, code := h.fill(t, "GET {code}", "pub-01")
	runs, err := h.payouts.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(runs, func(r payout.Run) bool { return r.ID == run })
	paid := runs[i].Payouts[0]
	order, err := h.books.Order(t.Context(), order.Key{Program: program.ID(id), Order: foreign})
	if err != nil {
		t.Fatal(err)
	}
	click := ""
	for _, it := range order.Items {
		for _, s := range it.Steps {
			if s.Get("publisher") == "pub-01" && s.Get("click") != "" {
				click = s.Get("click")
			}
		}
	}
	for _, c := range []struct{ name, q, place string }{
		{"order", foreign, "/orders/" + id + "/" + foreign},
		{"run", run, "/payouts/" + run},
		{"payout", paid.ID, "/payouts/" + run},
		{"publisher", "PUB-01", "/publishers/"},
		{"click", click, "/clicks/" + id + "/" + click},
		{"link", code, "/links/" + code},
		{"whole link", h.links.URL(code), "/links/" + code},
		{"nothing", "no such thing", ""},
	} {
		address := "?q=" + url.QueryEscape(c.q)
		got := h.call("operator-finance", "GET", "/search"+address, nil)
		switch page := body(t, got); {
		case c.place != "" && !strings.HasPrefix(got.Header.Get("Location"), c.place) && !strings.Contains(page, `<a href="`+c.place):
			t.Errorf("%s %q: %d to %q", c.name, c.q, got.StatusCode, got.Header.Get("Location"))
		case c.place == "" && c.name != "nothing" && (got.StatusCode != http.StatusOK || !strings.Contains(page, "<th scope=\"row\">")):
			t.Errorf("%s %q is not found: %d", c.name, c.q, got.StatusCode)
		case c.name == "nothing" && strings.Contains(page, "<th scope=\"row\">"):
			t.Errorf("%q is found", c.q)
		}
		if c.name == "payout" && paid.Publisher == "pub-00" {
			continue
		}
		own := h.call("publisher-owner", "GET", "/publisher/search"+address, nil)
		if page := body(t, own); own.StatusCode != http.StatusOK || strings.Contains(page, "<th scope=\"row\">") {
			t.Errorf("pub-00 finds the %s %q of somebody else: %d to %q", c.name, c.q, own.StatusCode, own.Header.Get("Location"))
		}
	}
	_, target = h.fill(t, "GET /publisher/orders/{program}/{order}", "pub-00")
	own := h.call("publisher-owner", "GET", "/publisher/search?q="+url.QueryEscape(strings.Split(target, "/")[4]), nil)
	if own.Header.Get("Location") != target {
		t.Errorf("pub-00 does not find its own order: %d to %q, want %q", own.StatusCode, own.Header.Get("Location"), target)
	}
}

// ownStore is the store of the seller, and foreignStore one that is not.
const ownStore, foreignStore = "store-55", "store-58"

// S1: a seller sees its own stores and no others.
func TestSellersSeeTheirOwnStores(t *testing.T) {
	h := newHouse(t)
	page := body(t, h.call("seller-reader", "GET", "/seller", nil))
	if strings.Count(page, "class=\"total-line\"") != 1 {
		t.Errorf("a seller with one store sees %d", strings.Count(page, "class=\"total-line\""))
	}
}

// S1-S3: what belongs to another seller is not there, under every address of the seller's area that takes a name; and there is something
// to see of one's own.
func TestForeignStoresAreNotThere(t *testing.T) {
	h := newHouse(t)
	tried := 0
	for _, route := range h.site.Routes() {
		if !strings.Contains(route.Pattern, " /seller/stores/") {
			continue
		}
		method, target, _ := strings.Cut(route.Pattern, " ")
		for _, store := range []string{foreignStore, "no-such-store"} {
			if got := h.call("seller-owner", method, strings.ReplaceAll(target, "{store}", store), nil); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s of %s: %d", route.Pattern, store, got.StatusCode)
			}
		}
		tried++
	}
	if tried < 9 {
		t.Errorf("only %d routes were tried", tried)
	}
	for _, store := range []string{ownStore, foreignStore} { // the control: both are there for the operator
		if got := h.call("operator-admin", "GET", "/sellers/"+store+"/report", nil); got.StatusCode != http.StatusOK {
			t.Errorf("the operator does not see %s: %d", store, got.StatusCode)
		}
	}
	if page := body(t, h.call("seller-reader", "GET", "/seller/stores/"+ownStore+"/report?by=product&from=2025-12-01&to=2026-02-01", nil)); !strings.Contains(page, "<tbody>") {
		t.Errorf("%s sold nothing", ownStore)
	}
}

// S3, R4: a seller finds an order of which its store sold something, reads there what it sold and what that costs, to the cent what the
// report says, and nothing of who sent the buyer. What another store sold of it, and other orders, are not there.
func TestS3_SellersReadTheirOrders(t *testing.T) {
	h := newHouse(t)
	rows := h.soldItems(t, ownStore)
	if len(rows) == 0 {
		t.Fatalf("%s sold nothing", ownStore)
	}
	for _, row := range rows {
		place := "/seller/stores/" + ownStore + "/orders/" + row["program"] + "/" + row["order"]
		for _, who := range []string{"seller-owner", "seller-reader"} {
			if got := h.call(who, "GET", "/seller/search?q="+url.QueryEscape(row["order"]), nil); got.Header.Get("Location") != place {
				t.Errorf("%s does not find %s: %d to %q", who, row["order"], got.StatusCode, got.Header.Get("Location"))
			}
		}
		page := html.UnescapeString(body(t, h.call("seller-reader", "GET", place, nil)))
		if words := text.Of(text.English).Sellers; !strings.Contains(page, words.WhyCost) || strings.Count(page, "Rule “") < 1 {
			t.Errorf("%s does not say why it costs that", place)
		}
		for _, column := range []string{"product", "sold", "commission", "network_fee"} {
			if said := text.Of(text.English).Decimal(row[column]); !strings.Contains(page, said) && !strings.Contains(page, row[column]) {
				t.Errorf("%s does not say the %s %q", place, column, said)
			}
		}
		o, err := h.books.Order(t.Context(), order.Key{Program: program.ID(row["program"]), Order: row["order"]})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range o.Items {
			for _, secret := range []string{it.Record.Publisher, it.Record.AdSpace} {
				if secret != "" && strings.Contains(page, secret) {
					t.Errorf("%s tells of %s", place, secret)
				}
			}
		}
	}
	list := body(t, h.call("seller-owner", "GET", "/seller/stores/"+ownStore+"/report?by=item&from=2025-12-01&to=2026-02-01", nil))
	if !strings.Contains(list, `href="/seller/stores/`+ownStore+`/orders/`+rows[0]["program"]+`/`+rows[0]["order"]+`"`) {
		t.Error("the report does not lead to the orders")
	}
	other := ""
	for _, row := range rowsOf(t, body(t, h.call("operator-admin", "GET", "/sellers?of=store&from=2025-12-01&to=2026-02-01&format=csv", nil))) {
		if row["store"] != ownStore && row["store"] != "" {
			other = row["store"]
			break
		}
	}
	tried := 0
	for _, row := range h.soldItems(t, other) {
		if slices.ContainsFunc(rows, func(own map[string]string) bool { return own["order"] == row["order"] }) {
			continue
		}
		tried++
		if page := body(t, h.call("seller-owner", "GET", "/seller/search?q="+url.QueryEscape(row["order"]), nil)); strings.Contains(page, `<th scope="row">`) || !strings.Contains(page, "<main") {
			t.Errorf("a seller finds %s of another store", row["order"])
		}
		for _, store := range []string{ownStore, other} {
			if got := h.call("seller-owner", "GET", "/seller/stores/"+store+"/orders/"+row["program"]+"/"+row["order"], nil); got.StatusCode != http.StatusNotFound {
				t.Errorf("a seller reads %s of another store: %d", row["order"], got.StatusCode)
			}
		}
	}
	if tried == 0 {
		t.Error("no foreign order was tried")
	}
}

// S1, S2: a seller joins and leaves after it was told what happens when; sets rates and plans campaigns; what is wrong stands beside the
// field; the operator does it for the seller under its own name; a reader does nothing.
func TestSellersDecideAboutTheirStores(t *testing.T) {
	h := newHouse(t)
	at := "/seller/stores/" + ownStore
	post := func(who, address string, pairs ...string) (int, string) {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		got := h.call(who, "POST", address, form)
		page := ""
		if got.StatusCode != http.StatusSeeOther {
			page = body(t, got)
		}
		return got.StatusCode, page
	}
	if status, _ := post("seller-reader", at+"/rate", "rate", "7"); status != http.StatusForbidden {
		t.Errorf("a reader sets a rate: %d", status)
	}
	if status, page := post("seller-owner", at+"/rate", "rate", "70"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "0.40 % to 69.00 %") || !strings.Contains(page, "rate-error") {
		t.Errorf("a rate outside the range: %d", status)
	}
	if status, _ := post("seller-owner", at+"/rate", "rate", "7,5"); status != http.StatusSeeOther {
		t.Errorf("a rate: %d", status)
	}
	if status, _ := post("seller-owner", at+"/campaign", "name", "Spring", "percent", "20", "begins", "2026-02-01", "ends", "2026-02-10"); status != http.StatusSeeOther {
		t.Errorf("a campaign: %d", status)
	}
	if status, page := post("seller-owner", at+"/campaign", "name", "Again", "percent", "20", "begins", "2026-02-05", "ends", "2026-02-12"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Spring") {
		t.Errorf("an overlapping campaign: %d", status)
	}
	page := body(t, h.call("seller-owner", "GET", at+"/part?do=leave", nil))
	if !strings.Contains(page, "16\u00a0Jan\u00a02026 00:00") {
		t.Error("the page does not say when the store leaves")
	}
	offers := body(t, h.call("publisher-owner", "GET", "/publisher/offers?program=portals", nil))
	if !strings.Contains(offers, "Spring") || !strings.Contains(offers, "/publisher/links?") {
		t.Error("publishers do not see the campaign")
	}
	if status, _ := post("operator-reviewer", "/sellers/"+ownStore+"/part", "do", "leave"); status != http.StatusSeeOther {
		t.Errorf("the operator lets a store leave: %d", status)
	}
	if status, _ := post("seller-owner", at+"/part", "do", "leave"); status != http.StatusUnprocessableEntity {
		t.Errorf("left twice: %d", status)
	}
	page = body(t, h.call("seller-owner", "GET", at, nil))
	for _, want := range []string{"7.50", "Spring", "operator-reviewer", "Takes part until"} {
		if !strings.Contains(page, want) {
			t.Errorf("the store's page does not say %q", want)
		}
	}
	if offers := body(t, h.call("publisher-owner", "GET", "/publisher/offers?program=portals", nil)); strings.Contains(offers, "Spring") {
		t.Error("publishers see a campaign that will never run")
	}
}
