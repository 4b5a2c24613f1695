package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// canary is a server on loopback that nobody may reach.
type canary struct {
	*httptest.Server
	hits atomic.Int64
	port uint16
}

func newCanary(t *testing.T, h http.HandlerFunc) *canary {
	t.Helper()
	c := &canary{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.hits.Add(1)
		if h != nil {
			h(w, r)
		}
	}))
	t.Cleanup(c.Close)
	c.port = netip.MustParseAddrPort(c.Listener.Addr().String()).Port()
	return c
}

// hosts are ways to write, or to hide, an address that is not public.
func hosts() []string {
	return []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.",
		"0.0.0.0", "0", "0x0", "127.255.255.254", "127.127.127.127", "①②⑦.⓪.⓪.①",
		"10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
		"192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[::7f00:1]",
		"[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[100::1]", "[100:0:0:1::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:10::1]", "[2001:20::1]", "[2001:2::1]", "[2001:db8::1]",
		"[2002:7f00:1::1]", "[2002:a9fe:a9fe::]", "[2620:4f:8000::1]", "[3fff::1]", "[5f00::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25lo]", "[febf::1]", "[fec0::1]",
		"[ff02::1]", "[ff0e::1]", "[4000::1]", "[::2]", "[1::1]", "[::ffff:0:127.0.0.1]",
		"metadata.google.internal", "ip6-localhost", "127.0.0.1.nip.example", "private.example", "both.example", "mapped.example", "nat64.example", "zone.example",
	}
}

// L6, A1: nothing on a network that is not public is reached, however its address is written or hidden. Each host is tried in four ways.
func TestPrivateNetworksAreNotReached(t *testing.T) {
	c := newCanary(t, nil)
	public := netip.MustParseAddr("93.184.216.34")
	resolve := func(_ context.Context, host string) ([]netip.Addr, error) {
		switch strings.TrimSuffix(strings.ToLower(host), ".") {
		case "localhost", "127.0.0.1.nip.example", "ip6-localhost":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		case "private.example", "metadata.google.internal":
			return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
		case "both.example":
			return []netip.Addr{public, netip.MustParseAddr("127.0.0.1")}, nil
		case "mapped.example":
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}, nil
		case "nat64.example":
			return []netip.Addr{netip.MustParseAddr("64:ff9b::7f00:1")}, nil
		case "zone.example":
			return []netip.Addr{netip.MustParseAddr("fe80::1%lo")}, nil
		}
		return nil, errors.New("no such host")
	}
	client := New(Options{Ports: []uint16{80, 443, c.port}, Resolve: resolve, Timeout: 2 * time.Second, Redirects: 3})
	tried := 0
	for _, host := range hosts() {
		for _, address := range []string{
			fmt.Sprintf("http://%s:%d/", host, c.port), fmt.Sprintf("http://%s:%d/?a=b#c", host, c.port), fmt.Sprintf("HTTP://%s:%d", host, c.port), fmt.Sprintf("https://%s:%d/", host, c.port),
		} {
			tried++
			if _, err := client.Get(t.Context(), address); err == nil {
				t.Errorf("%s was called", address)
			}
		}
	}
	if n := c.hits.Load(); n > 0 || tried < 150 {
		t.Errorf("%d of %d calls came through", n, tried)
	}
	// The control: an operator who allows loopback gets there, so the canary does sing.
	open := New(Options{Ports: []uint16{c.port}, Allow: prefixes("127.0.0.0/8")})
	if a, err := open.Get(t.Context(), c.URL); err != nil || a.Status != 200 || c.hits.Load() != 1 {
		t.Errorf("with loopback allowed: %+v, %v", a, err)
	}
}

// An address whose name has another answer at the second look-up leads nowhere else: what was checked is what is dialled.
func TestTheCheckedAddressIsDialled(t *testing.T) {
	c := newCanary(t, nil)
	look := 0
	client := New(Options{Ports: []uint16{c.port}, Allow: prefixes("127.0.0.2/32"), Timeout: time.Second, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		look++
		return []netip.Addr{netip.MustParseAddr(fmt.Sprintf("127.0.0.%d", 3-look))}, nil // 127.0.0.2, then the canary's own
	}})
	if _, err := client.Get(t.Context(), fmt.Sprintf("http://rebind.example:%d/", c.port)); err == nil {
		t.Error("nobody listens on the first address")
	}
	if c.hits.Load() > 0 || look != 1 {
		t.Errorf("%d hits after %d look-ups", c.hits.Load(), look)
	}
}

// Redirects are checked like the first address, and counted.
func TestRedirectsAreChecked(t *testing.T) {
	inner := newCanary(t, nil)
	var to string
	outer := newCanary(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	ip := "127.0.0.1"
	client := New(Options{Ports: []uint16{outer.port, inner.port}, Allow: prefixes("127.0.0.1/32"), Redirects: 2, Timeout: 2 * time.Second})
	for _, target := range []string{
		fmt.Sprintf("http://127.0.0.2:%d/", inner.port), fmt.Sprintf("http://[::1]:%d/", inner.port), "file:///etc/passwd", "gopher://x/", "http://user@example.com/", "http://127.0.0.1:22/", "javascript:alert(1)",
	} {
		to = target
		if a, err := client.Get(t.Context(), outer.URL); err == nil && a.Status != http.StatusFound {
			t.Errorf("a redirect to %s was followed: %+v", target, a)
		}
	}
	if inner.hits.Load() > 0 {
		t.Error("a redirect came through")
	}
	to = fmt.Sprintf("http://%s:%d/", ip, inner.port)
	if a, err := client.Get(t.Context(), outer.URL); err != nil || a.Status != 200 || inner.hits.Load() != 1 {
		t.Errorf("a good redirect: %+v, %v", a, err)
	}
	to = outer.URL // for ever
	before := outer.hits.Load()
	if a, err := client.Get(t.Context(), outer.URL); err != nil || a.Status != http.StatusFound || outer.hits.Load()-before != 3 {
		t.Errorf("an endless redirect: %+v, %v, %d calls", a, err, outer.hits.Load()-before)
	}
}

// Schemes, users and ports are refused before anything is looked up, with the reason.
func TestAddressesAreRefused(t *testing.T) {
	client := New(Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		t.Error("a name was looked up")
		return nil, errors.New("no")
	}})
	for address, want := range map[string]string{
		"ftp://example.com/": "http and https", "file:///etc/passwd": "http and https", "http://user:pw@example.com/": "user name", "http:///x": "no host", "http://example.com:22/": "port 22",
		"http://example.com:99999/": "port", "://": "cannot be read", "http://exa mple.com/": "cannot be read",
	} {
		_, err := client.Get(t.Context(), address)
		var no *RefusedError
		if !errors.As(err, &no) || !strings.Contains(no.Reason, want) {
			t.Errorf("%s: %v, want one that says %q", address, err, want)
		}
	}
}

// A body that is too long, or that never ends, is an error and not a full memory.
func TestBodiesAreBounded(t *testing.T) {
	c := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		for range 1000 {
			if _, err := w.Write(make([]byte, 1000)); err != nil {
				return
			}
		}
	})
	client := New(Options{Ports: []uint16{c.port}, Allow: prefixes("127.0.0.0/8"), MaxBytes: 10_000})
	if _, err := client.Get(t.Context(), c.URL); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long body: %v", err)
	}
	slow, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close() // nobody accepts
	u := url.URL{Scheme: "http", Host: slow.Addr().String(), Path: "/"}
	impatient := New(Options{Ports: []uint16{netip.MustParseAddrPort(slow.Addr().String()).Port()}, Allow: prefixes("127.0.0.0/8"), Timeout: 50 * time.Millisecond})
	if _, err := impatient.Get(t.Context(), u.String()); err == nil {
		t.Error("a server that says nothing was waited for")
	}
}
