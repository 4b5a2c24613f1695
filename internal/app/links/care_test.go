package links

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/notify"
	"github.com/clickledger/clickledger/internal/outbound"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// world is a marketplace's shop and a publisher's blog on a real server, and who looks after the links between them.
type world struct {
	*Care
	t     *testing.T
	db    store.Store
	box   *seal.Box
	clock time.Time

	mu     sync.Mutex
	pages  map[string]string // what stands under host and path; "503" and the like are statuses, "→" leads on
	called []string
}

const shop, blog = "www.aliexpress.com", "blog.example"

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	w := &world{t: t, db: db, clock: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), pages: make(map[string]string)}
	srv := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(srv.Close)
	if w.box, err = seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{3}, 32)}); err != nil {
		t.Fatal(err)
	}
	codes, err := link.NewCodes(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return w.clock }
	// Names lead to the server on this machine, which the test allows; nothing else does.
	client := outbound.New(outbound.Options{
		Redirects: 3, Truncate: true, MaxBytes: 64 << 10, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
		},
	})
	fetch := func(p *outbound.Polite) Fetch {
		return func(ctx context.Context, address string) (Fetched, error) {
			a, err := p.Get(ctx, address)
			if errors.Is(err, outbound.ErrRobots) {
				return Fetched{}, ErrStayAway
			}
			if err != nil {
				return Fetched{}, err
			}
			return Fetched{a.Status, a.URL.String(), a.Header.Get("Content-Type"), a.Body}, nil
		}
	}
	w.Care = NewCare(New(db, codes, "https://s.example", now), CareParts{
		Targets: fetch(client.Polite(outbound.Manners{Apart: -1, Now: now})), Pages: fetch(client.Polite(outbound.Manners{Apart: -1, Robots: true, Now: now})),
		Box: w.box, Site: "https://console.example", Log: slog.New(slog.NewTextHandler(failing{t}, nil)),
	})
	w.update(func(tx store.Tx) error {
		long := w.clock.AddDate(-1, 0, 0)
		stores := []*seller.Store{{ID: "in", Periods: []seller.Period{{From: long}}}, {ID: "out", Periods: []seller.Period{{From: long}}}}
		products := []*catalog.Product{
			{ID: "1", Store: "in", Category: "toys", Affiliate: true}, {ID: "2", Store: "in", Category: "toys", Affiliate: true}, {ID: "3", Store: "out", Category: "toys", Affiliate: true},
			{ID: "4", Store: "out", Category: "books", Affiliate: true}, {ID: "5", Store: "in", Category: "shoes", Affiliate: true}, {ID: "6", Store: "in", Category: "toys"},
		}
		if err := tx.Facts().PutCatalog(t.Context(), products, stores); err != nil {
			return err
		}
		return tx.Facts().PutAdSpaces(t.Context(), []*publisher.AdSpace{
			{ID: "blog", Publisher: "ann", Program: "tr", TrafficType: program.Content, ApprovedAt: long}, {ID: "site", Publisher: "ben", Program: "tr", TrafficType: program.Content, ApprovedAt: long},
		})
	})
	return w
}

// failing fails the test with whatever is logged.
type failing struct{ t *testing.T }

func (l failing) Write(b []byte) (int, error) {
	l.t.Errorf("logged: %s", b)
	return len(b), nil
}

func (w *world) serve(res http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.called = append(w.called, r.Host+r.URL.Path)
	text, ok := w.pages[r.Host+r.URL.Path]
	status := 200
	switch to, leads := strings.CutPrefix(text, "→"); {
	case leads:
		http.Redirect(res, r, to, http.StatusFound)
		return
	case !ok:
		status = 404
	case len(text) == 3:
		if _, err := fmt.Sscan(text, &status); err != nil {
			w.t.Error(err)
		}
	}
	res.WriteHeader(status)
	_, _ = res.Write([]byte(text)) // the reader may have gone
}

func (w *world) update(do func(tx store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), do); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) page(at, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[at] = text
}

// makes a link to a page of the shop, and a product where one is named.
func (w *world) makes(who, product, path string) Link {
	w.t.Helper()
	t := link.Target{Kind: program.LinkPage, URL: "http://" + shop + path}
	if product != "" {
		t.Kind, t.Product = program.LinkProduct, product
	}
	made, err := w.links.Make(w.t.Context(), []Wish{{Program: "tr", Publisher: who, Target: t}})
	if err != nil || made[0].Err != nil {
		w.t.Fatal(err, made[0].Err)
	}
	return made[0].Link
}

func (w *world) link(code string) Link {
	w.t.Helper()
	l, err := w.links.ByCode(w.t.Context(), code)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

// sweeps the program some times, half a day apart.
func (w *world) sweeps(n int) {
	w.t.Helper()
	for range n {
		w.clock = w.clock.Add(25 * time.Hour)
		if done, err := w.Sweep(w.t.Context(), "tr"); err != nil || !done {
			w.t.Fatal(done, err)
		}
	}
}

// L7: a link whose target is gone three times becomes dead and leads to a similar product; when the page is back it lives again and
// leads where it did. What its publisher or the operator stopped stays stopped, and what somebody else marked dead stays dead.
func TestL7_DeadTargets(t *testing.T) {
	w := newWorld(t)
	gone, plain, fine := w.makes("ann", "1", "/item/1.html"), w.makes("ann", "", "/deals"), w.makes("ann", "5", "/item/5.html")
	revoked, blocked, marked := w.makes("ann", "", "/revoked"), w.makes("ann", "", "/blocked"), w.makes("ann", "5", "/item/5.html")
	for code, state := range map[string]string{revoked.Code: Revoked, blocked.Code: Blocked, marked.Code: Dead} {
		if _, err := w.links.SetState(t.Context(), code, "", state); err != nil {
			t.Fatal(err)
		}
	}
	w.page(shop+"/item/5.html", "shoes")
	before := w.link(gone.Code).Change
	w.sweeps(2)
	if l := w.link(gone.Code); l.State != Live {
		t.Error("gone twice and dead already")
	}
	w.sweeps(1)
	l := w.link(gone.Code)
	if l.State != Dead || l.Substitute.Product != "2" || l.Change <= before {
		t.Errorf("%+v", l)
	}
	if why, err := w.links.Why(t.Context(), &l); err != nil || why.Cause != TargetGone || why.Substitute != l.Substitute.URL || !strings.HasPrefix(why.Detail, "404, 3 times") {
		t.Errorf("%+v %v", why, err)
	}
	if l := w.link(plain.Code); l.State != Dead || l.Substitute != (link.Target{}) {
		t.Errorf("%+v", l)
	}
	if l := w.link(fine.Code); l.State != Live {
		t.Errorf("%+v", l)
	}
	for _, p := range w.called {
		if p != shop+"/item/1.html" && p != shop+"/deals" && p != shop+"/item/5.html" {
			t.Errorf("%s was called", p)
		}
	}
	w.page(shop+"/item/1.html", "a toy")
	w.sweeps(1)
	if l := w.link(gone.Code); l.State != Live || l.Substitute != (link.Target{}) || l.Target.Product != "1" {
		t.Errorf("%+v", l)
	}
	for _, c := range []struct{ code, state string }{{revoked.Code, Revoked}, {blocked.Code, Blocked}, {marked.Code, Dead}} {
		if l := w.link(c.code); l.State != c.state {
			t.Errorf("a link that was %s is %s", c.state, l.State)
		}
	}
	cs, _, err := w.Changes(t.Context(), "tr", "", 10)
	if err != nil || len(cs) != 3 || cs[0].Cause != TargetBack {
		t.Errorf("%+v %v", cs, err)
	}
}

// L7: a shop that is down for weeks kills no link, and one that answers everything with 403 neither.
func TestL7_AShopInTroubleKillsNoLinks(t *testing.T) {
	for _, status := range []string{"500", "503", "403", "429"} {
		w := newWorld(t)
		l := w.makes("ann", "1", "/item/1.html")
		w.page(shop+"/item/1.html", status)
		w.sweeps(8)
		if l := w.link(l.Code); l.State != Live {
			t.Errorf("%s: %s", status, l.State)
		}
		// The red control: the same sweeps by a rule that takes it for the end.
		w.rule.Outcome = func(int) link.Outcome { return link.Gone }
		w.sweeps(3)
		if l := w.link(l.Code); l.State != Dead {
			t.Errorf("%s: a rule that kills would not be noticed", status)
		}
	}
}

// L7, S1: when a seller leaves, its links lead to a similar product where there is one, and else stay; when it is back, so are they.
func TestL7_ASellerLeaves(t *testing.T) {
	w := newWorld(t)
	toy, book := w.makes("ann", "3", "/item/3.html"), w.makes("ann", "4", "/item/4.html")
	w.page(shop+"/item/3.html", "a toy")
	w.page(shop+"/item/4.html", "a book")
	store_ := func(to time.Time, more ...seller.Period) {
		w.update(func(tx store.Tx) error {
			return tx.Facts().PutCatalog(t.Context(), nil, []*seller.Store{{ID: "out", Periods: append([]seller.Period{{From: w.clock.AddDate(-1, 0, 0), To: to}}, more...)}})
		})
	}
	store_(w.clock.Add(time.Hour))
	w.sweeps(1)
	if l := w.link(toy.Code); l.State != Dead || l.Substitute.Product != "1" {
		t.Errorf("%+v", l)
	}
	if l := w.link(book.Code); l.State != Live {
		t.Errorf("%+v", l)
	}
	store_(w.clock.Add(-time.Hour), seller.Period{From: w.clock})
	w.sweeps(1)
	if l := w.link(toy.Code); l.State != Live || l.Substitute != (link.Target{}) {
		t.Errorf("%+v", l)
	}
}

func codes(a *Audit) (out []string) {
	for _, f := range a.Findings {
		mark := ""
		if f.New {
			mark = " new"
		}
		out = append(out, strings.TrimSpace(f.Code+" "+strings.TrimPrefix(f.Target, "http://"+shop))+mark)
	}
	slices.Sort(out)
	return out
}

func (w *world) look(publisher, subject string) Audit {
	w.t.Helper()
	w.clock = w.clock.Add(24 * time.Hour)
	a, err := w.Look(w.t.Context(), publisher, subject)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// L6: an audit of all live links finds dead targets, those that cannot be seen or lead away, products that are not listed or not
// affiliate; it says what is new, and what it cannot see.
func TestL6_AuditOfLinks(t *testing.T) {
	w := newWorld(t)
	w.makes("ann", "1", "/item/1.html")
	w.makes("ann", "", "/gone")
	w.makes("ann", "", "/away")
	w.makes("ann", "", "/down")
	w.makes("ann", "77", "/item/77.html")
	w.makes("ann", "6", "/item/6.html")
	stopped := w.makes("ann", "", "/stopped")
	if _, err := w.links.SetState(t.Context(), stopped.Code, "ann", Revoked); err != nil {
		t.Fatal(err)
	}
	w.makes("ben", "", "/ben")
	for _, p := range []string{"/item/1.html", "/item/77.html", "/item/6.html"} {
		w.page(shop+p, "here")
	}
	w.page(shop+"/down", "503")
	w.page(shop+"/away", "→http://elsewhere.example/")
	w.page("elsewhere.example/", "somebody else's")
	a := w.look("ann", SubjectLinks)
	want := []string{"dead_target /gone new", "non_affiliate /item/6.html new", "not_in_catalogue /item/77.html new", "target_leads_away /away new", "target_unreachable /down new"}
	if got := codes(&a); !slices.Equal(got, want) || a.Links != 6 || a.New != 5 || !slices.Contains(a.Notes, NoPrices) {
		t.Errorf("%q, %d links, %d new, %v", got, a.Links, a.New, a.Notes)
	}
	w.page(shop+"/gone", "back again")
	w.page(shop+"/item/1.html", "503")
	a = w.look("ann", SubjectLinks)
	if got := codes(&a); !slices.Contains(got, "target_unreachable /item/1.html new") || !slices.Contains(got, "target_leads_away /away") || slices.Contains(got, "dead_target /gone") || a.New != 1 || a.Gone != 1 {
		t.Errorf("%q, %d new, %d gone", got, a.New, a.Gone)
	}
	as, _, err := w.Audits(t.Context(), "ann", "", "", 10)
	if err != nil || len(as) != 2 || as[0].Found != 5 {
		t.Errorf("%+v %v", as, err)
	}
	if _, err := w.Audit(t.Context(), "ben", as[0].ID); !errors.Is(err, ErrNotFound) {
		t.Error("ben reads ann's audit:", err)
	}
}

// verified gives ann the blog.
func (w *world) verified(proved bool) {
	p := store.Place{Publisher: "ann", ID: "blog", Kind: "blog", Name: "Blog", URL: "http://" + blog + "/", TrafficType: program.Content, Languages: []string{}, Countries: []string{}, TrackingIDs: []string{}, CreatedAt: w.clock}
	if proved {
		p.VerifiedAt = w.clock
	}
	w.update(func(tx store.Tx) error { return tx.Platform().Joining().PutPlace(w.t.Context(), p) })
}

// L6, F4: the pages of an ad space are read on its host only and where robots.txt allows it; links without tracking, other people's and
// stopped links, and pages with links and no disclosure are found.
func TestL6_AuditOfPages(t *testing.T) {
	w := newWorld(t)
	w.verified(true)
	good, other, stopped := w.makes("ann", "1", "/item/1.html"), w.makes("ben", "", "/ben"), w.makes("ann", "", "/deals")
	if _, err := w.links.SetState(t.Context(), stopped.Code, "ann", Revoked); err != nil {
		t.Fatal(err)
	}
	w.page(shop+"/item/1.html", "a toy")
	w.page(shop+"/deals", "deals")
	a := func(href string) string { return `<a href="` + href + `">x</a>` }
	w.page(blog+"/robots.txt", "User-agent: *\nDisallow: /private/\n")
	w.page(blog+"/", `<html><head><title>Reklam</title></head><body>`+a("/post")+a("second.html#top")+a("/private/x")+a("/photo.jpg")+a("http://elsewhere.example/")+a("mailto:a@b.example")+
		a(w.links.URL(good.Code)+"?af=top")+`<p>Bu sayfada #reklam bağlantıları var.</p></body></html>`)
	w.page(blog+"/post", `<body><div style="display: none">affiliate links</div><script>"affiliate"</script>`+a(w.links.URL(good.Code))+a("https://www.aliexpress.com/item/9.html")+`</body>`)
	w.page(blog+"/second.html", `<p>I earn a commission.</p>`+a(w.links.URL(other.Code))+a(w.links.URL(stopped.Code))+a("https://s.example/e/zzzzzzzz")+a("/post"))
	w.page("elsewhere.example/", a("/deeper"))
	got := w.look("ann", SubjectOfSpace("blog"))
	var found []string
	for _, f := range got.Findings {
		found = append(found, strings.TrimPrefix(f.Page, "http://"+blog)+" "+f.Code)
	}
	want := []string{"/post no_disclosure", "/post page_untracked", "/second.html foreign_link", "/second.html link_revoked", "/second.html unknown_link"}
	if slices.Sort(found); !slices.Equal(found, want) || got.Pages != 3 || !slices.Contains(got.Notes, SomeStay) {
		t.Errorf("%q on %d pages, %v", found, got.Pages, got.Notes)
	}
	for _, c := range w.called {
		if strings.HasPrefix(c, "elsewhere.example") || strings.Contains(c, "private") || strings.Contains(c, "photo") {
			t.Errorf("%s was called", c)
		}
	}
	w.page(blog+"/robots.txt", "User-agent: *\nDisallow: /\n")
	if got := w.look("ann", SubjectOfSpace("blog")); !slices.Equal(codes(&got), []string{"page_robots new"}) {
		t.Errorf("%q", codes(&got))
	}
	// The red control of the disclosure: without the sentence the first page is found too.
	w.page(blog+"/robots.txt", "")
	w.page(blog+"/", a(w.links.URL(good.Code)))
	if got := w.look("ann", SubjectOfSpace("blog")); !slices.Equal(codes(&got), []string{"no_disclosure new"}) {
		t.Errorf("%q", codes(&got))
	}
}

// L6: nobody is sent to a site that he has not shown to be his.
func TestL6_OnlyVerifiedSpaces(t *testing.T) {
	w := newWorld(t)
	w.verified(false)
	if _, err := w.SetPlan(t.Context(), "ann", SubjectOfSpace("blog"), Daily, true); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := w.Look(t.Context(), "ann", SubjectOfSpace("blog")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	w.verified(true)
	if _, err := w.SetPlan(t.Context(), "ben", SubjectOfSpace("blog"), Daily, true); !errors.Is(err, ErrNotFound) {
		t.Error("somebody else's ad space:", err)
	}
	var wrong *field.Error
	if _, err := w.SetPlan(t.Context(), "ann", SubjectLinks, "hourly", true); !errors.As(err, &wrong) || wrong.Field != "every" {
		t.Error(err)
	}
	if len(w.called) > 0 {
		t.Error("called", w.called)
	}
}

// L6: plans are carried out when they are due, once, by one worker; the publisher's people are written to when there is something new,
// in their language, and only then.
func TestL6_ScheduleAndLetters(t *testing.T) {
	w := newWorld(t)
	w.makes("ann", "", "/gone")
	w.update(func(tx store.Tx) error {
		a := tx.Platform().Accounts()
		if err := a.Organisations().Put(t.Context(), store.Organisation{ID: "org", Kind: store.KindPublisher, Name: "Ann", Publisher: "ann", CreatedAt: w.clock}); err != nil {
			return err
		}
		for i, p := range []struct {
			language string
			role     store.Role
		}{{"tr", store.RoleOwner}, {"en", store.RoleMember}, {"en", store.RoleReader}} {
			person := store.Person{ID: fmt.Sprint("p", i), Email: fmt.Sprintf("p%d@ann.example", i), Name: "P", Language: p.language, CheckedAt: w.clock, CreatedAt: w.clock}
			if err := a.People().Put(t.Context(), person); err != nil {
				return err
			}
			if err := a.Organisations().PutMember(t.Context(), store.Membership{Organisation: "org", Person: person.ID, Role: p.role, Since: w.clock}); err != nil {
				return err
			}
		}
		return nil
	})
	letters := func() (out []string) {
		w.update(func(tx store.Tx) error {
			ms, err := tx.Platform().Accounts().Outbox().Due(t.Context(), w.clock, 100)
			for _, m := range ms {
				text, err := notify.Read(w.box, m)
				if err != nil {
					return err
				}
				out = append(out, text.To+": "+text.Subject)
				if !strings.Contains(text.Text, "dead_target") || !strings.Contains(text.Text, "https://console.example/publisher/audits/") {
					t.Error(text.Text)
				}
			}
			return err
		})
		slices.Sort(out)
		return out
	}
	run := func() (n int) {
		t.Helper()
		for {
			k, err := w.RunDue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n += k; k == 0 {
				return n
			}
		}
	}
	if _, err := w.SetPlan(t.Context(), "ann", SubjectLinks, Daily, false); err != nil {
		t.Fatal(err)
	}
	if n := run(); n != 0 {
		t.Errorf("%d looks before any is due", n)
	}
	w.clock = w.clock.Add(24 * time.Hour)
	if n := run(); n != 1 {
		t.Errorf("%d looks", n)
	}
	want := []string{"p0@ann.example: Bağlantı denetimi: 1 yeni bulgu", "p1@ann.example: Link audit: 1 new"}
	if got := letters(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	w.clock = w.clock.Add(24 * time.Hour)
	if n := run(); n != 1 {
		t.Errorf("%d looks", n)
	}
	if got := letters(); !slices.Equal(got, want) {
		t.Errorf("a letter without news: %q", got)
	}
	if _, err := w.SetPlan(t.Context(), "ann", SubjectLinks, "", true); err != nil {
		t.Fatal(err)
	}
	if n := run(); n != 1 {
		t.Errorf("%d looks after one was asked for", n)
	}
	w.clock = w.clock.AddDate(0, 1, 0)
	if n := run(); n != 0 {
		t.Errorf("%d looks after the schedule ended", n)
	}
	// Sweeps are planned for each program, and go on.
	if err := w.ensureSweeps(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Hour)
	if n := run(); n != len(program.ReferenceIDs()) {
		t.Errorf("%d sweeps", n)
	}
}
