package deeplink

import (
	"bufio"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

func testSite(t testing.TB) *link.Site {
	t.Helper()
	s, err := link.NewSite([]string{"shop.example", "*.shop.example", "*.cdn.example"}, "https://shop.example/", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lines(t testing.TB, file string, use func(fields []string)) {
	t.Helper()
	f, err := os.Open("../../link/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := in.Text(); line != "" && line[0] != '#' {
			use(strings.SplitN(line, " ", 2))
		}
	}
}

func unquote(t testing.TB, s string) string {
	t.Helper()
	v, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// L1: attacks are refused, the program's own pages are not.
func TestL1_BothReadersAgree(t *testing.T) {
	s := testSite(t)
	n := 0
	lines(t, "attacks.txt", func(f []string) {
		n++
		if got, err := Check(s, unquote(t, f[1])); err == nil {
			t.Errorf("%s is accepted as %q", f[1], got)
		}
	})
	lines(t, "targets.txt", func(f []string) {
		n++
		raw, want := unquote(t, f[0]), unquote(t, f[1])
		if got, err := Check(s, raw); err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", raw, got, err, want)
		}
	})
	if n < 230 {
		t.Errorf("only %d addresses were tried", n)
	}
	// A host that only the core's grammar can read: it decodes to no name.
	raw := "https://xn--a.shop.example/"
	var refused *link.AddressError
	if got, err := Check(s, raw); !errors.As(err, &refused) || refused.Reason != link.BadHost {
		t.Errorf("%q becomes %q, %v; want it refused for its host", raw, got, err)
	}
	if _, err := s.Check(raw); err != nil {
		t.Errorf("the control: the core alone refuses %q too, so this test shows nothing: %v", raw, err)
	}
}

func TestL1_Target(t *testing.T) {
	s := testSite(t)
	got, err := Target(s, link.Target{Kind: program.LinkPage, URL: "HTTPS://shop.example"})
	if err != nil || got.URL != "https://shop.example/" {
		t.Errorf("the target is %+v, %v", got, err)
	}
	for _, bad := range []link.Target{{Kind: program.LinkProduct, URL: "https://shop.example/"}, {Kind: program.LinkPage, URL: "https://xn--a.shop.example/"}} {
		if got, err := Target(s, bad); err == nil {
			t.Errorf("%+v becomes %+v", bad, got)
		}
	}
}

// Whatever the two readers agree on leads to the program.
func FuzzCheck(f *testing.F) {
	s := testSite(f)
	lines(f, "attacks.txt", func(l []string) { f.Add(unquote(f, l[1])) })
	lines(f, "targets.txt", func(l []string) { f.Add(unquote(f, l[0])) })
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Check(s, raw)
		core, coreErr := s.Check(raw)
		if err == nil && (coreErr != nil || got != core) {
			t.Errorf("%q becomes %q, the core makes it %q, %v", raw, got, core, coreErr)
		}
		// The core's grammar is so narrow that the browser has nothing to add but broken international names.
		if err != nil && coreErr == nil && !strings.Contains(core, "xn--") {
			t.Errorf("%q: the core makes it %q, and a browser disagrees: %v", raw, core, err)
		}
	})
}
