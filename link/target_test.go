package link

import (
	"bufio"
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/clickledger/clickledger/program"
)

func testSite(t testing.TB) *Site {
	t.Helper()
	s, err := NewSite([]string{"shop.example", "*.shop.example", "*.cdn.example"}, "https://shop.example/", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lines calls use for each line of a data file that holds quoted strings behind a first word.
func lines(t testing.TB, file string, use func(first, rest string)) (n int) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := in.Text(); line != "" && line[0] != '#' {
			first, rest, _ := strings.Cut(line, " ")
			use(first, rest)
			n++
		}
	}
	return n
}

func unquote(t testing.TB, s string) string {
	t.Helper()
	v, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// foreign reports whether a browser, given an address on a page of the redirect host, goes to a host that is not the program's,
// or runs something.
func foreign(s *Site, raw string) bool {
	base, err := whatwg.Parse("https://s.network.test/e/0000000000")
	if err != nil {
		return true
	}
	u, err := base.Parse(raw)
	if err != nil {
		return false // browsers go nowhere
	}
	return u.Scheme() != "http" && u.Scheme() != "https" || u.Hostname() != "s.network.test" && !s.Has([]byte(u.Hostname()))
}

// L1: none of the attacks becomes a target, and each is refused for its own reason.
func TestL1_NoLinkLeadsToAForeignHost(t *testing.T) {
	s := testSite(t)
	n, dangerous := 0, 0
	check := func(reason Reason, raw string) {
		n++
		if foreign(s, raw) {
			dangerous++
		}
		got, err := s.Check(raw)
		var refused *AddressError
		switch {
		case err == nil:
			t.Errorf("%q is accepted as %q", raw, got)
		case !errors.As(err, &refused) || refused.Reason != reason:
			t.Errorf("%q is refused with %v; want reason %s", raw, err, reason)
		case got != "":
			t.Errorf("%q is refused and yet returned as %q", raw, got)
		case len(err.Error()) < 40:
			t.Errorf("the error tells too little: %v", err)
		}
	}
	lines(t, "attacks.txt", func(reason, quoted string) { check(Reason(reason), unquote(t, quoted)) })
	for _, raw := range []string{"https://shop.example/\xff", "https://shop.example\xff.evil.test/", "https://evil.test/\xc0\xaf", "https://shop.example/?\xed\xa0\x80", "https://shop.example/#\xf8"} {
		check(NotUTF8, raw)
	}
	if n < 200 {
		t.Errorf("there are %d attacks; at least 200 are wanted", n)
	}
	// The list is worth something only if browsers would have fallen for a good part of it.
	if dangerous < 100 {
		t.Errorf("only %d of %d attacks lead a browser to a foreign host", dangerous, n)
	}
}

// Red control: two checks as they are often written let attacks through that lead browsers away.
func TestL1_NaiveChecksFail(t *testing.T) {
	s := testSite(t)
	byPrefix := func(raw string) bool { return strings.HasPrefix(raw, "https://shop.example") }
	byParser := func(raw string) bool {
		u, err := url.Parse(raw)
		return err == nil && (u.Host == "" || s.Has([]byte(strings.ToLower(u.Hostname()))))
	}
	for name, accepts := range map[string]func(string) bool{"prefix": byPrefix, "parser": byParser} {
		through := 0
		lines(t, "attacks.txt", func(_, quoted string) {
			if raw := unquote(t, quoted); accepts(raw) && foreign(s, raw) {
				through++
			}
		})
		if through < 5 {
			t.Errorf("the check by %s lets %d attacks through: the attacks are too weak to tell a bad check from a good one", name, through)
		}
	}
}

// L1: an address of the program is parsed, checked and written anew; the query stays what it was.
func TestL1_TargetsAreWrittenAnew(t *testing.T) {
	s := testSite(t)
	lines(t, "targets.txt", func(quoted, want string) {
		raw := unquote(t, quoted)
		got, err := s.Check(raw)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			return
		}
		if got != unquote(t, want) {
			t.Errorf("%q is written %q; want %s", raw, got, want)
		}
		assertSafe(t, s, got)
	})
}

// assertSafe checks what must hold for every accepted address: Check is idempotent, and browsers and the standard library see the
// same host, which is the program's, and the very same text.
func assertSafe(t *testing.T, s *Site, canonical string) {
	t.Helper()
	if again, err := s.Check(canonical); err != nil || again != canonical {
		t.Errorf("%q becomes %q, %v when it is checked again", canonical, again, err)
	}
	from, to := Host(canonical)
	host := canonical[from:to]
	if !s.Has([]byte(host)) {
		t.Errorf("%q leads to %q", canonical, host)
	}
	w, err := whatwg.Parse(canonical)
	if err != nil {
		// A host in xn-- form that decodes to nothing valid: browsers refuse to go anywhere.
		if !strings.Contains(host, "xn--") {
			t.Errorf("browsers refuse %q: %v", canonical, err)
		}
	} else if w.Hostname() != host || w.Username() != "" || w.Port() != "" || w.Href(false) != canonical {
		t.Errorf("browsers read %q as %q", canonical, w.Href(false))
	}
	u, err := url.Parse(canonical)
	if err != nil || u.Host != host || u.User != nil {
		t.Errorf("the standard library reads %q as host %q, %v", canonical, u.Host, err)
	}
	// With a token inserted it still leads there, and the token is what a shop reads.
	at, before := Insertion(canonical)
	with := canonical[:at]
	if before != 0 {
		with += string(before)
	}
	with += "clk=T0ken" + canonical[at:]
	if w, err := whatwg.Parse(with); err == nil {
		if w.Hostname() != host {
			t.Errorf("with the token %q leads to %q", with, w.Hostname())
		}
		if values := w.SearchParams().GetAll("clk"); len(values) != 1 || values[0] != "T0ken" {
			t.Errorf("the shop reads %q from %q", values, with)
		}
	} else if !strings.Contains(host, "xn--") {
		t.Errorf("browsers refuse %q: %v", with, err)
	}
}

// L1: fuzzing finds no address that is accepted and leads elsewhere.
func FuzzCheck(f *testing.F) {
	s := testSite(f)
	lines(f, "attacks.txt", func(_, quoted string) { f.Add(unquote(f, quoted)) })
	lines(f, "targets.txt", func(quoted, _ string) { f.Add(unquote(f, quoted)) })
	f.Fuzz(func(t *testing.T, raw string) {
		if got, err := s.Check(raw); err == nil {
			assertSafe(t, s, got)
		}
	})
}

func TestL1_HostsRefuse(t *testing.T) {
	for _, bad := range []string{"", ".", "*", "*.", "*.com", "*.*.com", "a.*.com", "shop.example.", ".shop.example", "shop..example", "https://shop.example", "shop.example/x", "shop.example:443",
		"u@shop.example", "1.2.3.4", "[::1]", "sh\u00f6p.example", "shop_x.example", "-shop.example", "shop-.example", "shop example", "*shop.example", "**.shop.example", "127.1", "shop.0x1"} {
		if h, err := ParseHosts([]string{bad}); err == nil {
			t.Errorf("%q is accepted as %s", bad, h.String())
		}
	}
	if _, err := ParseHosts(nil); err == nil {
		t.Error("no hosts at all are accepted")
	}
	h, err := ParseHosts([]string{"Shop.Example", "*.CDN.example", "shop.example", "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.String(); got != "localhost, shop.example, *.cdn.example" {
		t.Errorf("the hosts are %s", got)
	}
	for host, want := range map[string]bool{"shop.example": true, "a.cdn.example": true, "a.b.cdn.example": true, "localhost": true, "cdn.example": false, ".cdn.example": false, "www.shop.example": false, "acdn.example": false, "": false} {
		if h.Has([]byte(host)) != want {
			t.Errorf("%q is the program's: %v; want %v", host, !want, want)
		}
	}
}

func TestL1_SitesRefuse(t *testing.T) {
	hosts := []string{"shop.example"}
	for name, make := range map[string]func() (*Site, error){
		"foreign home":   func() (*Site, error) { return NewSite(hosts, "https://evil.test/", "") },
		"no home":        func() (*Site, error) { return NewSite(hosts, "", "") },
		"no hosts":       func() (*Site, error) { return NewSite(nil, "https://shop.example/", "") },
		"bad parameter":  func() (*Site, error) { return NewSite(hosts, "https://shop.example/", "a&b") },
		"long parameter": func() (*Site, error) { return NewSite(hosts, "https://shop.example/", strings.Repeat("p", 33)) },
		"home has token": func() (*Site, error) { return NewSite(hosts, "https://shop.example/?tok=1", "tok") },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// L1: each kind of target has what it stands for.
func TestL1_TargetKinds(t *testing.T) {
	s := testSite(t)
	const page = "https://shop.example/x"
	for _, c := range []struct {
		t    Target
		want string // a part of the error, or "" where it is accepted
	}{
		{Target{Kind: program.LinkHome}, ""},
		{Target{Kind: program.LinkHome, URL: page}, ""},
		{Target{Kind: program.LinkProduct, Product: "p1", URL: page}, ""},
		{Target{Kind: program.LinkProduct, Product: "p1", Store: "s1", URL: page}, ""},
		{Target{Kind: program.LinkHot, Product: "p1", Store: "s1", URL: page}, ""},
		{Target{Kind: program.LinkStore, Store: "s1", URL: page}, ""},
		{Target{Kind: program.LinkCategory, Ref: "phones", URL: page}, ""},
		{Target{Kind: program.LinkSearch, Ref: "red shoes", URL: page}, ""},
		{Target{Kind: program.LinkCampaign, Ref: "11.11", URL: page}, ""},
		{Target{Kind: program.LinkCoupon, Ref: "SAVE5", URL: page}, ""},
		{Target{Kind: program.LinkPage, URL: page}, ""},
		{Target{URL: page}, "target.kind"},
		{Target{Kind: program.LinkPage + 1, URL: page}, "target.kind"},
		{Target{Kind: program.LinkProduct, URL: page}, "target.product"},
		{Target{Kind: program.LinkHot, Store: "s1", URL: page}, "target.product"},
		{Target{Kind: program.LinkStore, URL: page}, "target.store"},
		{Target{Kind: program.LinkCategory, URL: page}, "target.ref"},
		{Target{Kind: program.LinkSearch, URL: page}, "target.ref"},
		{Target{Kind: program.LinkCampaign, URL: page}, "target.ref"},
		{Target{Kind: program.LinkCoupon, URL: page}, "target.ref"},
		{Target{Kind: program.LinkPage}, "target.url"},
		{Target{Kind: program.LinkProduct, Product: "p1"}, "target.url"},
		{Target{Kind: program.LinkPage, URL: "https://evil.test/"}, "shop.example, *.cdn.example, *.shop.example"},
		{Target{Kind: program.LinkProduct, Product: "p\n1", URL: page}, "target.product"},
		{Target{Kind: program.LinkProduct, Product: strings.Repeat("p", 129), URL: page}, "target.product"},
		{Target{Kind: program.LinkStore, Store: "\xff", URL: page}, "target.store"},
		{Target{Kind: program.LinkSearch, Ref: "\u202e", URL: page}, "target.ref"},
	} {
		got, err := s.Target(c.t)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.t, err)
		case c.want == "" && (got.URL == "" || got.Kind != c.t.Kind):
			t.Errorf("%+v becomes %+v", c.t, got)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: error %v; want one that names %s", c.t, err, c.want)
		}
	}
}

// L3: the token stands last in the query, before the fragment, and nothing else moves.
func TestL3_TheTokensPlace(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.example/":          "https://shop.example/?clk=T",
		"https://shop.example/a?b=c":     "https://shop.example/a?b=c&clk=T",
		"https://shop.example/a?":        "https://shop.example/a?clk=T",
		"https://shop.example/a?b=c&":    "https://shop.example/a?b=c&clk=T",
		"https://shop.example/a#f":       "https://shop.example/a?clk=T#f",
		"https://shop.example/a?b#f?g&h": "https://shop.example/a?b&clk=T#f?g&h",
		"https://shop.example/#":         "https://shop.example/?clk=T#",
		"https://shop.example/??":        "https://shop.example/??&clk=T",
	} {
		at, before := Insertion(address)
		got := address[:at]
		if before != 0 {
			got += string(before)
		}
		if got += "clk=T" + address[at:]; got != want {
			t.Errorf("%s becomes %s; want %s", address, got, want)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	s := testSite(b)
	b.ReportAllocs()
	for range b.N {
		if _, err := s.Check("https://www.shop.example/item/1005001234567890.html?spm=a2g0o.home&pvid=4711"); err != nil {
			b.Fatal(err)
		}
	}
}
