// Package outbound fetches what strangers name: pages of ad spaces, targets of webhooks. Every address is resolved first, each answer
// is held against the networks that no stranger may make this machine talk to, and what was checked is what is dialled.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Options are the settings of a client. Zero means the default.
type Options struct {
	Timeout   time.Duration  // of a call with all its redirects; default 10 s
	MaxBytes  int64          // of a body; what is longer is an error; default 1 MiB
	Truncate  bool           // a longer body is cut off there, and is no error
	Redirects int            // how many are followed at most, each checked like the first address; default none
	Ports     []uint16       // default 80 and 443
	Allow     []netip.Prefix // networks that may be talked to although strangers could abuse it; default none
	AnyPort   bool           // all ports: tests have servers on any
	UserAgent string         // default "Clickledger"

	// Resolve looks a host name up; default the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address that was checked, an IP address with its port; default the system's dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client talks to strangers.
type Client struct {
	o    Options
	http *http.Client
}

// A RefusedError says why an address is not called.
type RefusedError struct{ Reason string }

// Error is the reason.
func (e *RefusedError) Error() string { return "the address is not called: " + e.Reason }

func refused(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// ErrTooLong says that a body is longer than the client reads.
var ErrTooLong = errors.New("the answer is too long")

// New returns a client.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	if o.Ports == nil {
		o.Ports = []uint16{80, 443}
	}
	if o.UserAgent == "" {
		o.UserAgent = "Clickledger"
	}
	if o.Resolve == nil {
		o.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	c := &Client{o: o}
	c.http = &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy:       nil, // a proxy would resolve names by itself
			DialContext: c.dial,
			// A connection that is kept was checked under another name, perhaps.
			DisableKeepAlives:      true,
			DisableCompression:     true,
			TLSHandshakeTimeout:    o.Timeout,
			ResponseHeaderTimeout:  o.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > o.Redirects {
				return http.ErrUseLastResponse
			}
			return c.check(r.URL)
		},
	}
	return c
}

// Answer is what came back.
type Answer struct {
	URL    *url.URL // after redirects
	Status int
	Header http.Header
	Body   []byte
}

// Get fetches an address.
func (c *Client) Get(ctx context.Context, address string) (*Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, refused("it cannot be read")
	}
	return c.Do(r)
}

// Do makes a call. A *RefusedError means that nobody was called.
func (c *Client) Do(r *http.Request) (*Answer, error) {
	if err := c.check(r.URL); err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", c.o.UserAgent)
	res, err := c.http.Do(r)
	if err != nil {
		var no *RefusedError
		if errors.As(err, &no) {
			return nil, no
		}
		return nil, fmt.Errorf("calling %s: %w", r.URL.Host, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.o.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", r.URL.Host, err)
	}
	if int64(len(body)) > c.o.MaxBytes {
		if c.o.Truncate {
			return &Answer{res.Request.URL, res.StatusCode, res.Header, body[:c.o.MaxBytes]}, nil
		}
		return nil, fmt.Errorf("%s: %w: it has more than %d bytes", r.URL.Host, ErrTooLong, c.o.MaxBytes)
	}
	return &Answer{res.Request.URL, res.StatusCode, res.Header, body}, nil
}

// check refuses what can be refused before names are looked up.
func (c *Client) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return refused("it begins with %q, and only http and https are called", u.Scheme)
	}
	if u.User != nil {
		return refused("it holds a user name")
	}
	if u.Hostname() == "" {
		return refused("it has no host")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !c.o.AnyPort && !slices.Contains(c.o.Ports, uint16(n)) {
		return refused("port %s is not among those that are called", port)
	}
	return nil
}

// dial resolves a name, checks every address that it has, and connects to one of those, not to the name.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var all []netip.Addr
	if ip, err := netip.ParseAddr(host); err == nil {
		all = []netip.Addr{ip}
	} else if all, err = c.o.Resolve(ctx, host); err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("looking up %s: it has no address", host)
	}
	for _, ip := range all {
		if !c.may(ip) {
			return nil, refused("%s leads to %s, which is not a public address", host, ip)
		}
	}
	var failures []error
	for _, ip := range all {
		conn, err := c.o.Dial(ctx, network, net.JoinHostPort(ip.String(), port))
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// may reports whether an address may be talked to. An IPv4 address in IPv6 clothes counts as what it is.
func (c *Client) may(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	for _, p := range c.o.Allow {
		if p.Contains(ip) {
			return true
		}
	}
	return Public(ip)
}
