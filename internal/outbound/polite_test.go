package outbound

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// L6: a host is called one call at a time, a second apart, and never where its robots.txt forbids it.
func TestL6_PoliteCalls(t *testing.T) {
	var mu sync.Mutex
	var got []string
	robots := 200
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.URL.Path)
		if r.URL.Path == "/robots.txt" {
			w.WriteHeader(robots)
			_, _ = w.Write([]byte("User-agent: *\nDisallow: /secret\n"))
		}
	}))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	client := New(Options{Ports: []uint16{uint16(port)}, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	clock := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	waited := time.Duration(0)
	p := client.Polite(Manners{Robots: true, Now: func() time.Time { return clock }, Wait: func(_ context.Context, d time.Duration) error {
		waited, clock = waited+d, clock.Add(d)
		return nil
	}})
	for _, c := range []struct {
		path string
		err  error
	}{{"/a", nil}, {"/secret/b", ErrRobots}, {"/c", nil}} {
		if _, err := p.Get(t.Context(), srv.URL+c.path); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	if want := []string{"/robots.txt", "/a", "/c"}; !slices.Equal(got, want) || waited != 2*time.Second {
		t.Errorf("called %v, waited %v", got, waited)
	}
	clock, robots = clock.Add(2*time.Hour), 503
	if _, err := p.Get(t.Context(), srv.URL+"/a"); !errors.Is(err, ErrRobots) {
		t.Error("a robots.txt that cannot be read allows all", err)
	}
	clock, robots = clock.Add(2*time.Hour), 404
	if _, err := p.Get(t.Context(), srv.URL+"/secret/b"); err != nil {
		t.Error("no robots.txt forbids something:", err)
	}
	// Nobody is led into private networks by being polite.
	closed := New(Options{Ports: []uint16{uint16(port)}}).Polite(Manners{Robots: true, Now: func() time.Time { return clock }})
	var no *RefusedError
	if _, err := closed.Get(t.Context(), srv.URL+"/a"); !errors.As(err, &no) {
		t.Error(err)
	}
}

// L6: robots.txt is read as RFC 9309 says.
func TestL6_Robots(t *testing.T) {
	const text = "# all\nUser-agent: *\nDisallow: /\n\nUser-Agent: Other\nUser-agent: ClickLedger\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$\nDisallow: /q?x=\nDisallow:\n"
	for path, want := range map[string]bool{"/": true, "/a": false, "/a/b": true, "/a/bc": true, "/ab": false, "/x.pdf": false, "/x.pdf?y": true, "/q?x=1": false, "/q": true} {
		u, err := url.Parse("https://blog.example" + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := allowed(parseRobots([]byte(text), "clickledger"), u); got != want {
			t.Errorf("%s: %v", path, got)
		}
		if allowed(parseRobots([]byte(text), "somebody"), u) {
			t.Errorf("%s is allowed to somebody", path)
		}
	}
}
