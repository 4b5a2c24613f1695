package joining

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/program"
)

// world is a service over a database, with a web and a DNS that the test writes.
type world struct {
	*Service
	t       *testing.T
	db      store.Store
	pages   map[string]string // by address
	leadsTo map[string]string // hosts that redirect elsewhere
	records map[string][]string
	ranks   map[string]int
	clock   time.Time
	drawn   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	w := &world{t: t, db: db, pages: map[string]string{}, leadsTo: map[string]string{}, records: map[string][]string{}, ranks: map[string]int{}}
	w.clock = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	prover := Prover{
		Page: func(_ context.Context, address string) ([]byte, string, error) {
			page, ok := w.pages[address]
			if !ok {
				return nil, "", errors.New("404")
			}
			host := strings.Split(address, "/")[2]
			if to, ok := w.leadsTo[host]; ok {
				host = to
			}
			return []byte(page), host, nil
		},
		TXT: func(_ context.Context, name string) ([]string, error) { return w.records[name], nil },
	}
	w.Service = New(db, prover, func(_ context.Context, _ program.ID, publisher string) (int, error) { return w.ranks[publisher], nil },
		func() string { w.drawn++; return fmt.Sprintf("proof-%d", w.drawn) }, func() time.Time { return w.clock })
	return w
}

func blog(publisher string) Place {
	return Place{Publisher: publisher, ID: "blog", Kind: "blog", Name: "Blog", URL: "https://blog.example/about", TrafficType: program.Content, Languages: []string{"en"}}
}

func (w *world) describe(p Place) Place {
	w.t.Helper()
	p, err := w.Describe(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// verified describes an ad space and proves it by DNS.
func (w *world) verified(p Place) Place {
	w.t.Helper()
	p = w.describe(p)
	w.records["blog.example"] = []string{"v=spf1", MetaName + "=" + p.Proof}
	p, err := w.Verify(w.t.Context(), p.Publisher, p.ID, DNS)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// joined reports whether the ad space is a fact of a program.
func (w *world) joined(p program.ID, publisher string) bool {
	w.t.Helper()
	var found bool
	if err := w.db.View(w.t.Context(), func(tx store.Tx) error {
		f, err := facts.Load(w.t.Context(), tx)
		if err == nil {
			s := f.Space(p, publisher, "blog")
			found = s != nil && s.JoinedAt(w.clock)
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return found
}

func fieldOf(err error) string {
	var f *field.Error
	if errors.As(err, &f) && f.Reason != "" {
		return f.Field
	}
	return fmt.Sprint(err)
}

// A1: an ad space is verified by a tag in the page's head, a file, or a DNS record, and by nothing that a visitor of the page could write.
func TestA1_Verification(t *testing.T) {
	w := newWorld(t)
	p := w.describe(blog("ann"))
	tag := fmt.Sprintf(`<meta name="%s" content="%s">`, MetaName, p.Proof)
	const page, file = "https://blog.example/about", "https://blog.example/clickledger-verification.txt"
	verify := func(method string) (Place, error) { return w.Verify(t.Context(), "ann", "blog", method) }
	for name, c := range map[string]struct{ method, address, content, leads, want string }{
		"no page":             {Meta, "", "", "", "url"},
		"no tag":              {Meta, page, "<head></head>", "", "method"},
		"tag in the body":     {Meta, page, "<head></head><body>" + tag, "", "method"},
		"tag after the head":  {Meta, page, "<head></head>" + tag, "", "method"},
		"tag in a comment":    {Meta, page, "<head><!-- " + tag + " --></head>", "", "method"},
		"tag in a title":      {Meta, page, "<head><title>" + tag + "</title></head>", "", "method"},
		"tag in a script":     {Meta, page, "<head><script>'" + tag + "'</script></head>", "", "method"},
		"another's proof":     {Meta, page, strings.ReplaceAll("<head>"+tag+"</head>", p.Proof, "proof-9"), "", "method"},
		"another host":        {Meta, page, "<head>" + tag + "</head>", "evil.example", "url"},
		"tag":                 {Meta, page, "<!doctype html><html><head><title>x</title>" + tag + "</head>", "", ""},
		"tag on www":          {Meta, page, "<head>" + tag + "</head>", "www.blog.example", ""},
		"tag without a head":  {Meta, page, tag, "", ""},
		"file with more":      {File, file, p.Proof + " and more", "", "method"},
		"file of another":     {File, file, "proof-9", "", "method"},
		"file":                {File, file, p.Proof + "\n", "", ""},
		"no record":           {DNS, "", "", "", "method"},
		"an unknown method":   {"fax", "", "", "", "method"},
		"no method":           {"", "", "", "", "method"},
		"file on a sub-page":  {File, page, p.Proof, "", "url"},
		"meta in another way": {Meta, page, `<head><META CONTENT="` + p.Proof + `" NAME="` + MetaName + `" /></head>`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.pages, w.leadsTo = map[string]string{c.address: c.content}, map[string]string{}
			if c.leads != "" {
				w.leadsTo["blog.example"] = c.leads
			}
			got, err := verify(c.method)
			switch {
			case c.want == "" && (err != nil || got.VerifiedBy != c.method || !got.VerifiedAt.Equal(w.clock)):
				t.Errorf("%+v, %v", got, err)
			case c.want != "" && fieldOf(err) != c.want:
				t.Errorf("%v, want one that names %s", err, c.want)
			}
		})
	}
	// The instructions say what was looked for.
	if in := Instructions(&p); len(in) != 3 || in[0].What != tag || in[1].Where != file || in[2].Where != "blog.example" {
		t.Errorf("%+v", in)
	}
	// A new URL must be proved anew; a new name need not.
	named := p
	named.Name = "Another name"
	if got := w.describe(named); got.VerifiedAt.IsZero() {
		t.Error("a new name took the verification away")
	}
	named.URL = "https://other.example/"
	if got := w.describe(named); !got.VerifiedAt.IsZero() || got.Proof == p.Proof {
		t.Errorf("a new URL is verified: %+v", got)
	}
	if _, err := w.Verify(t.Context(), "ben", "blog", DNS); !errors.Is(err, ErrNotFound) {
		t.Errorf("another publisher's ad space: %v", err)
	}
}

// A1: what is wrong with a description is named.
func TestA1_DescriptionsAreChecked(t *testing.T) {
	w := newWorld(t)
	for want, change := range map[string]func(p *Place){
		"publisher":    func(p *Place) { p.Publisher = "" },
		"id":           func(p *Place) { p.ID = "my blog" },
		"kind":         func(p *Place) { p.Kind = "newspaper" },
		"name":         func(p *Place) { p.Name = " " },
		"url":          func(p *Place) { p.URL = "javascript:alert(1)" },
		"traffic_type": func(p *Place) { p.TrafficType = 0 },
		"languages":    func(p *Place) { p.Languages = nil },
		"countries":    func(p *Place) { p.Countries = []string{"Turkey"} },
		"description":  func(p *Place) { p.Description = strings.Repeat("x", 5001) },
		"tracking_ids": func(p *Place) { p.TrackingIDs = []string{"a b"} },
	} {
		p := blog("ann")
		change(&p)
		if _, err := w.Describe(t.Context(), p); fieldOf(err) != want {
			t.Errorf("%v, want one that names %s", err, want)
		}
	}
}

// A2, A3, A4: the program's rules decide what they can, the reviewer the rest; the publisher sees why; nothing joins before it is approved.
func TestA2_Applications(t *testing.T) {
	w := newWorld(t)
	apply := func(p program.ID, publisher string) (Application, error) {
		return w.Apply(t.Context(), p, publisher, "blog")
	}
	w.describe(blog("ann"))
	if _, err := apply("global-eu", "ann"); fieldOf(err) != "ad_space" {
		t.Errorf("an ad space that is not verified applied: %v", err)
	}
	w.verified(blog("ann"))
	if _, err := apply("nowhere", "ann"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a program that is not there: %v", err)
	}
	terms, _ := program.Reference("global-eu")
	limit := terms[0].Joining.RankingUpTo
	if limit == 0 || terms[0].Traffic.For(program.Popup) != program.Forbidden {
		t.Fatal("the reference program does not accept by ranking, or allows pop-ups")
	}
	popup := blog("pop")
	popup.TrafficType = program.Popup
	w.verified(popup)
	if a, err := apply("global-eu", "pop"); err != nil || a.State != Declined || a.Reason != "forbidden_traffic" || a.ChangedBy != ByRule || w.joined("global-eu", "pop") {
		t.Errorf("a forbidden traffic type: %+v, %v", a, err)
	}
	w.verified(blog("top"))
	w.ranks["top"] = limit
	if a, err := apply("global-eu", "top"); err != nil || a.State != Approved || a.ChangedBy != ByRule || !w.joined("global-eu", "top") {
		t.Errorf("a publisher of rank %d: %+v, %v", limit, a, err)
	}
	w.verified(blog("next"))
	w.ranks["next"] = limit + 1
	if a, err := apply("global-eu", "next"); err != nil || a.State != Pending || w.joined("global-eu", "next") {
		t.Errorf("a publisher of rank %d: %+v, %v", limit+1, a, err)
	}
	a, err := apply("global-eu", "ann")
	if err != nil || a.State != Pending || w.joined("global-eu", "ann") {
		t.Fatalf("a publisher without a rank: %+v, %v", a, err)
	}
	if _, err := apply("global-eu", "ann"); !errors.Is(err, ErrConflict) {
		t.Errorf("a second application: %v", err)
	}
	decide := func(d Decision) error {
		_, err := w.Decide(t.Context(), a.ID, d)
		return err
	}
	for _, c := range []struct {
		d    Decision
		want string
	}{
		{Decision{State: "maybe", By: "maria"}, "state"}, {Decision{State: Declined, Reason: "dislike", By: "maria"}, "reason"},
		{Decision{State: Question, By: "maria"}, "note"}, {Decision{State: Approved}, "by"},
	} {
		if err := decide(c.d); fieldOf(err) != c.want {
			t.Errorf("%+v: %v, want one that names %s", c.d, err, c.want)
		}
	}
	if err := decide(Decision{State: Question, Note: "Where do your readers come from?", By: "maria"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Answer(t.Context(), a.ID, "ben", "From me."); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else answered: %v", err)
	}
	if got, err := w.Answer(t.Context(), a.ID, "ann", "From search engines."); err != nil || got.State != Pending || !strings.Contains(got.Note, "search engines") {
		t.Errorf("the answer: %+v, %v", got, err)
	}
	if err := decide(Decision{State: Declined, Reason: terms[0].Joining.DeclineReasons[0], Note: "Too little to read.", By: "maria"}); err != nil || w.joined("global-eu", "ann") {
		t.Fatal(err)
	}
	if err := decide(Decision{State: Approved, By: "maria"}); !errors.Is(err, ErrConflict) {
		t.Errorf("a declined application was approved: %v", err)
	}
	if a, err = apply("global-eu", "ann"); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Hour)
	if err := decide(Decision{State: Approved, By: "maria"}); err != nil || !w.joined("global-eu", "ann") {
		t.Errorf("the approved ad space has not joined: %v", err)
	}
	list, _, err := w.Applications(t.Context(), Filter{Publisher: "ann"}, "", 10)
	if err != nil || len(list) != 2 || list[0].State != Approved || list[1].Reason != terms[0].Joining.DeclineReasons[0] {
		t.Errorf("what the publisher sees: %+v, %v", list, err)
	}
}

// A6: one login has a second traffic type only after support agreed, to that very type; the refusal names it. What a program forbids is
// declined without that.
func TestA6_SecondTrafficTypeNeedsAnAgreement(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.ranks["ann"] = 1 // the program accepts at once
	w.verified(blog("ann"))
	second := blog("ann")
	second.ID, second.TrafficType = "cash", program.Cashback
	w.verified(second)
	third := blog("ann")
	third.ID = "blog2"
	w.verified(third)
	apply := func(place string) (Application, error) { return w.Apply(ctx, "global-eu", "ann", place) }
	var refused *SecondTypeError
	if a, err := apply("blog"); err != nil || a.State != Approved {
		t.Fatal(a, err)
	}
	if a, err := apply("blog2"); err != nil || a.State != Approved {
		t.Errorf("a second ad space of the same type: %+v, %v", a, err)
	}
	told := 0
	w.UseTeller(func(context.Context, store.Tx, Application) error { told++; return nil })
	_, err := apply("cash")
	if !errors.As(err, &refused) || refused.Wanted != program.Cashback || len(refused.Held) != 1 || refused.Held[0] != program.Content || fieldOf(err) != "traffic_type" {
		t.Fatalf("a second type: %v", err)
	}
	if all, _, err := w.Applications(ctx, Filter{Publisher: "ann"}, "", 10); err != nil || len(all) != 2 || told != 0 {
		t.Errorf("what was refused stands there or was told: %v, %v, %d", all, err, told)
	}
	ticket := func(publisher, verdict string, wanted program.TrafficType) {
		t.Helper()
		if err := w.db.Update(ctx, func(tx store.Tx) error {
			_, err := tx.Platform().Desk().Inquiries().Put(ctx, store.Inquiry{
				Asker: store.Asker{Publisher: publisher}, Kind: "traffic_types", TrafficType: wanted, Verdict: verdict, State: "closed", CreatedAt: w.clock, ChangedAt: w.clock,
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		publisher, verdict string
		wanted             program.TrafficType
	}{{"ann", "", program.Cashback}, {"ann", "refused", program.Cashback}, {"ben", "agreed", program.Cashback}, {"ann", "agreed", program.Coupon}} {
		ticket(x.publisher, x.verdict, x.wanted)
		if _, err := apply("cash"); !errors.As(err, &refused) {
			t.Errorf("after the ticket %+v: %v", x, err)
		}
	}
	ticket("ann", "agreed", program.Cashback)
	if a, err := apply("cash"); err != nil || a.State != Approved || told != 1 {
		t.Errorf("after support agreed: %+v, %v", a, err)
	}
	// Applications that wait count too: two types cannot slip in beside each other.
	one, two := blog("cem"), blog("cem")
	two.ID, two.TrafficType = "cash", program.Cashback
	w.verified(one)
	w.verified(two)
	if a, err := w.Apply(ctx, "global-eu", "cem", "blog"); err != nil || a.State != Pending {
		t.Fatal(a, err)
	}
	if _, err := w.Apply(ctx, "global-eu", "cem", "cash"); !errors.As(err, &refused) {
		t.Errorf("beside one that waits: %v", err)
	}
}

// A5: who looks at an ad space sees whether its traffic check runs and until when; A2: a reviewer sees rank, policy and what was decided
// before.
func TestA5_TheTrafficCheckIsSeen(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.ranks["ann"] = 7
	w.verified(blog("ann"))
	if a, err := w.Apply(ctx, "tr", "ann", "blog"); err != nil || a.State != Pending {
		t.Fatal(a, err)
	}
	if err := w.db.Update(ctx, func(tx store.Tx) error {
		return tx.Platform().Accounts().Organisations().Put(ctx, store.Organisation{ID: "o", Kind: store.KindPublisher, Name: "Ann Ltd", Publisher: "ann", Profile: store.Profile{Audience: "Readers"}, CreatedAt: w.clock})
	}); err != nil {
		t.Fatal(err)
	}
	d, err := w.Dossier(ctx, 1)
	if err != nil || d.Rank != 7 || d.Policy != program.Allowed || d.Second || len(d.Earlier) != 0 || d.Place.ID != "blog" || len(d.Reasons) == 0 || d.Name != "Ann Ltd" || d.Profile.Audience != "Readers" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := w.Dossier(ctx, 9); !errors.Is(err, ErrNotFound) {
		t.Errorf("an application that is not there: %v", err)
	}
	if _, err := w.Decide(ctx, 1, Decision{State: Approved, By: "Ida"}); err != nil {
		t.Fatal(err)
	}
	of := func() Membership {
		t.Helper()
		all, err := w.Memberships(ctx, "ann", "blog")
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0]
	}
	terms, _ := program.Reference("tr")
	end := w.clock.Add(terms[0].Settlement.TrafficCheck)
	if m := of(); !m.InCheck || !m.CheckUntil.Equal(end) || !m.Since.Equal(w.clock) || terms[0].Settlement.TrafficCheck == 0 {
		t.Errorf("%+v", m)
	}
	w.clock = end.Add(-time.Microsecond)
	if !of().InCheck {
		t.Error("it ended too early")
	}
	w.clock = end
	if of().InCheck {
		t.Error("it did not end")
	}
	if all, err := w.Memberships(ctx, "ben", "blog"); err != nil || len(all) != 0 {
		t.Errorf("somebody else's: %v, %v", all, err)
	}
	second := blog("ann")
	second.ID = "blog2"
	w.verified(second)
	if a, err := w.Apply(ctx, "tr", "ann", "blog2"); err != nil || a.ID != 2 {
		t.Fatal(a, err)
	}
	if d, err := w.Dossier(ctx, 2); err != nil || len(d.Earlier) != 1 || d.Earlier[0].State != Approved || len(d.Held) != 1 || d.Second {
		t.Errorf("%+v, %v", d, err)
	}
}
