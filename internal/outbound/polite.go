package outbound

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ErrRobots says that a site's robots.txt asks us to stay away from a page, or cannot be read.
var ErrRobots = errors.New("the site's robots.txt does not allow it")

// Manners are how a Polite asks. Zero means the default.
type Manners struct {
	Apart  time.Duration // between two calls of a host; default 1 s; negative: none
	Robots bool          // whether robots.txt is asked first (RFC 9309)
	Keep   time.Duration // how long a robots.txt is believed; default 1 h
	Now    func() time.Time
	// Wait waits, or returns the context's error; default a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// Polite is a client that spares the hosts it calls: one call at a time and host, some time apart, and none where robots.txt forbids it.
type Polite struct {
	client *Client
	m      Manners

	mu    sync.Mutex
	hosts map[string]*host
}

// host is what is remembered of a host.
type host struct {
	turn  sync.Mutex // whose turn it is
	next  time.Time  // when it may be called again
	rules []rule
	read  time.Time // when robots.txt was read; zero: not yet
	shut  bool      // robots.txt cannot be read: stay away
}

// Polite returns a polite client over this one. The clock must be given.
func (c *Client) Polite(m Manners) *Polite {
	if m.Apart == 0 {
		m.Apart = time.Second
	}
	if m.Keep == 0 {
		m.Keep = time.Hour
	}
	if m.Wait == nil {
		m.Wait = func(ctx context.Context, d time.Duration) error {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-t.C:
				return nil
			}
		}
	}
	return &Polite{client: c, m: m, hosts: make(map[string]*host)}
}

// maxHosts is how many hosts are remembered; when there are more, all are forgotten.
const maxHosts = 10_000

func (p *Polite) host(u *url.URL) *host {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := u.Scheme + "://" + u.Host
	h := p.hosts[key]
	if h == nil {
		if len(p.hosts) >= maxHosts {
			clear(p.hosts)
		}
		h = &host{}
		p.hosts[key] = h
	}
	return h
}

// Get fetches an address when it is its host's turn. A page that robots.txt forbids is ErrRobots, and is not called.
func (p *Polite) Get(ctx context.Context, address string) (*Answer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, refused("it cannot be read")
	}
	h := p.host(u)
	h.turn.Lock()
	defer h.turn.Unlock()
	if p.m.Robots {
		if err := p.ask(ctx, h, u); err != nil {
			return nil, err
		}
		if h.shut || !allowed(h.rules, u) {
			return nil, fmt.Errorf("%s: %w", u.Host, ErrRobots)
		}
	}
	return p.call(ctx, h, address)
}

func (p *Polite) call(ctx context.Context, h *host, address string) (*Answer, error) {
	if wait := h.next.Sub(p.m.Now()); wait > 0 {
		if err := p.m.Wait(ctx, wait); err != nil {
			return nil, err
		}
	}
	a, err := p.client.Get(ctx, address)
	h.next = p.m.Now().Add(max(p.m.Apart, 0))
	return a, err
}

// ask reads a host's robots.txt, where it was not read for a while. None means that all is allowed; one that a server fails to hand out
// means that nothing is (RFC 9309, 2.3.1).
func (p *Polite) ask(ctx context.Context, h *host, u *url.URL) error {
	now := p.m.Now()
	if !h.read.IsZero() && now.Sub(h.read) < p.m.Keep {
		return nil
	}
	a, err := p.call(ctx, h, u.Scheme+"://"+u.Host+"/robots.txt")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	h.read, h.rules, h.shut = now, nil, false
	var no *RefusedError
	switch {
	case errors.As(err, &no):
		h.read = time.Time{}
		return err
	case err != nil || a.Status >= 500:
		h.shut = true
	case a.Status < 300:
		h.rules = parseRobots(a.Body, "clickledger")
	}
	return nil
}

// rule is a line of robots.txt.
type rule struct {
	path  string
	allow bool
}

// parseRobots returns the rules for an agent: those of the groups that name it, or of the groups for all.
func parseRobots(text []byte, agent string) []rule {
	var own, all []rule
	named, forAll, inAgents, found := false, false, false, false
	s := bufio.NewScanner(bytes.NewReader(text))
	for s.Scan() {
		line, _, _ := strings.Cut(strings.TrimPrefix(s.Text(), "\ufeff"), "#")
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch name {
		case "user-agent":
			if !inAgents {
				named, forAll = false, false
			}
			inAgents = true
			named = named || strings.EqualFold(value, agent)
			forAll = forAll || value == "*"
			found = found || named
		case "allow", "disallow":
			inAgents = false
			if value == "" {
				continue // an empty disallow forbids nothing
			}
			r := rule{value, name == "allow"}
			if named {
				own = append(own, r)
			}
			if forAll {
				all = append(all, r)
			}
		}
	}
	if found {
		return own
	}
	return all
}

// allowed reports whether rules let a page be read: the longest that fits counts, and of two of one length the one that allows.
func allowed(rules []rule, u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	best, allow := -1, true
	for _, r := range rules {
		if n := len(r.path); fits(r.path, path) && (n > best || n == best && r.allow) {
			best, allow = n, r.allow
		}
	}
	return allow
}

// fits matches a path with the pattern of a rule: * is anything, and $ at the end is the end.
func fits(pattern, path string) bool {
	pattern, end := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	path = path[len(parts[0]):]
	for i, part := range parts[1:] {
		if end && i == len(parts)-2 {
			return strings.HasSuffix(path, part)
		}
		at := strings.Index(path, part)
		if at < 0 {
			return false
		}
		path = path[at+len(part):]
	}
	return !end || path == ""
}
