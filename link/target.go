package link

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/clickledger/clickledger/program"
)

// MaxAddress is the greatest length of a target's address in bytes, as it is written after Check.
const MaxAddress = 2000

// maxName is the greatest length of a target's product, store or reference in bytes.
const maxName = 128

// Target is what a link points at (L1).
type Target struct {
	Kind    program.LinkKind
	Product string // the product, for kinds product and hot
	Store   string // the store, for kind store; for product and hot the product's store, where it is known (T4)
	Ref     string // the category, campaign or coupon code, or the words that are searched for
	URL     string // the address of the page, as Site.Check writes it
}

// NewTarget is the target of a kind that names something: a product, a store, a category and so on. The address may be left out
// where the program has one for the kind.
func NewTarget(kind program.LinkKind, id, url string) Target {
	t := Target{Kind: kind, URL: url}
	switch kind {
	case program.LinkProduct, program.LinkHot:
		t.Product = id
	case program.LinkStore:
		t.Store = id
	default:
		t.Ref = id
	}
	return t
}

// ID is what the target names.
func (t *Target) ID() string {
	switch t.Kind {
	case program.LinkProduct, program.LinkHot:
		return t.Product
	case program.LinkStore:
		return t.Store
	}
	return t.Ref
}

// Site is where a program's links may lead, and where they lead when their own target is gone (L1, L7).
type Site struct {
	hosts Hosts
	home  string
	param string
}

// DefaultParam is the query parameter that carries the click token where a program names none.
const DefaultParam = "clk"

// NewSite returns the site with the given hosts (see ParseHosts), home page, and query parameter that carries the click token;
// an empty parameter is DefaultParam.
func NewSite(hosts []string, home, param string) (*Site, error) {
	h, err := ParseHosts(hosts)
	if err != nil {
		return nil, err
	}
	if param == "" {
		param = DefaultParam
	}
	if len(param) > 32 {
		return nil, fmt.Errorf("token parameter: %q is longer than 32 characters", param)
	}
	for i := range len(param) {
		if c := param[i]; c-'a' >= 26 && c-'A' >= 26 && c-'0' >= 10 && c != '_' && c != '-' {
			return nil, fmt.Errorf("token parameter: %q may consist of letters, digits, - and _ only", param)
		}
	}
	s := &Site{hosts: h, param: param}
	if s.home, err = s.Check(home); err != nil {
		return nil, fmt.Errorf("home page: %w", err)
	}
	return s, nil
}

// Home is the address of the home page, as Check writes it.
func (s *Site) Home() string { return s.home }

// Param is the query parameter that carries the click token.
func (s *Site) Param() string { return s.param }

// Has reports whether a host, in lower case, is one of the program's.
func (s *Site) Has(host []byte) bool { return s.hosts.Has(host) }

// Target checks what a link is to point at and returns it with its address as Check writes it. A home target needs no address.
func (s *Site) Target(t Target) (Target, error) {
	if t.Kind < program.LinkHome || t.Kind > program.LinkPage {
		return Target{}, fmt.Errorf("target.kind: there is none; it is home, product, hot, store, category, search, campaign, coupon or page")
	}
	needs := func(member, value string) error {
		if value == "" {
			return fmt.Errorf("target.%s: a target of kind %s must have it", member, t.Kind)
		}
		return nil
	}
	var err error
	switch t.Kind {
	case program.LinkHome:
		if t.URL == "" {
			t.URL = s.home
		}
	case program.LinkProduct, program.LinkHot:
		err = needs("product", t.Product)
	case program.LinkStore:
		err = needs("store", t.Store)
	case program.LinkCategory, program.LinkSearch, program.LinkCampaign, program.LinkCoupon:
		err = needs("ref", t.Ref)
	}
	if err != nil {
		return Target{}, err
	}
	for _, m := range []struct{ member, value string }{{"product", t.Product}, {"store", t.Store}, {"ref", t.Ref}} {
		if reason := nameFault(m.value); reason != "" {
			return Target{}, fmt.Errorf("target.%s: %s", m.member, reason)
		}
	}
	if t.URL, err = s.Check(t.URL); err != nil {
		return Target{}, fmt.Errorf("target.url: %w", err)
	}
	return t, nil
}

func nameFault(value string) string {
	if len(value) > maxName {
		return fmt.Sprintf("it has %d bytes; %d is the most", len(value), maxName)
	}
	if !utf8.ValidString(value) {
		return "it is not valid UTF-8"
	}
	for _, r := range value {
		if unseen(r) {
			return fmt.Sprintf("it holds the character %U, which cannot be seen; remove it", r)
		}
	}
	return ""
}

// Check checks that an address is one of the program's own pages and returns it as it is to be sent to browsers; the same text
// again gives the same result (L1). The grammar is narrower than the standards': whatever two programs might read in two ways is
// refused, so that browsers, proxies and the shop agree on where the address leads.
//
// It begins with http:// or https://, then a host of the program, then no port but the default one. There is no user, no
// backslash, no white space, no control character, no dot segment in the path, and no query parameter that would pass for the
// click token. Scheme and host are written in lower case, the default port is left out, and what browsers would escape is
// escaped. The query is kept as it is otherwise.
func (s *Site) Check(raw string) (string, error) {
	fail := func(r Reason) (string, error) { return "", &AddressError{r, raw, s.hosts.String()} }
	if raw == "" {
		return fail(Empty)
	}
	if len(raw) > MaxAddress {
		return fail(TooLong)
	}
	for i := range len(raw) {
		switch c := raw[i]; {
		case c <= ' ' || c == 0x7F:
			return fail(WhiteSpace)
		case c == '\\':
			return fail(Backslash)
		}
	}
	if !utf8.ValidString(raw) {
		return fail(NotUTF8)
	}

	scheme, rest, ok := strings.Cut(raw, ":")
	scheme = lower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return fail(BadScheme)
	}
	rest, ok = strings.CutPrefix(rest, "//")
	if !ok {
		return fail(BadSlashes)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	if authority == "" && strings.HasPrefix(rest, "/") {
		return fail(BadSlashes)
	}
	if strings.Contains(authority, "@") {
		return fail(UserInfo)
	}
	host, port, hasPort := authority, "", false
	if !strings.HasPrefix(authority, "[") {
		host, port, hasPort = strings.Cut(authority, ":")
	}
	host = lower(host)
	if reason := hostFault(host); reason != "" {
		return fail(reason)
	}
	if hasPort && (scheme != "http" || port != "80") && (scheme != "https" || port != "443") {
		return fail(BadPort)
	}
	if !s.hosts.Has([]byte(host)) {
		return fail(ForeignHost)
	}

	rest, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	if reason := pathFault(path); reason != "" {
		return fail(reason)
	}
	if reason := fragmentFault(fragment); reason != "" {
		return fail(reason)
	}
	if s.tokenParam(query) {
		return fail(TokenParam)
	}

	out := make([]byte, 0, len(raw)+1)
	out = append(append(append(out, scheme...), "://"...), host...)
	if path == "" {
		path = "/"
	}
	out = appendEscaped(out, path, "\"<>`{}^")
	if hasQuery {
		out = appendEscaped(append(out, '?'), query, "\"<>'")
	}
	if hasFragment {
		out = appendEscaped(append(out, '#'), fragment, "\"<>`")
	}
	if len(out) > MaxAddress {
		return fail(TooLong)
	}
	// The standard library must see the same host, or the grammar above has a hole.
	if u, err := url.Parse(string(out)); err != nil || u.Host != host || u.User != nil {
		return fail(BadHost)
	}
	return string(out), nil
}

// pathFault says what is wrong with a path, or "".
func pathFault(path string) Reason {
	for i := 0; i < len(path); i++ {
		if path[i] != '%' {
			continue
		}
		if i+2 >= len(path) {
			return BadEscape
		}
		high, ok1 := unhex(path[i+1])
		low, ok2 := unhex(path[i+2])
		if !ok1 || !ok2 {
			return BadEscape
		}
		if c := high<<4 | low; c < ' ' || c == 0x7F {
			return WhiteSpace
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) > 6 { // the longest is "%2e%2e"
			continue
		}
		switch strings.ReplaceAll(lower(segment), "%2e", ".") {
		case ".", "..":
			return DotSegment
		}
	}
	return ""
}

func fragmentFault(fragment string) Reason {
	for i := 0; i < len(fragment); i++ {
		if fragment[i] == '%' {
			if i+2 >= len(fragment) {
				return BadEscape
			}
			_, ok1 := unhex(fragment[i+1])
			_, ok2 := unhex(fragment[i+2])
			if !ok1 || !ok2 {
				return BadEscape
			}
		}
	}
	return ""
}

// tokenParam reports whether a query has a parameter that a shop might take for the click token: by its name in any case, as an
// array, or behind a semicolon, which some frameworks read as a separator. With it a link could bring the token of another click.
func (s *Site) tokenParam(query string) bool {
	for part := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(part, "=")
		plain := make([]byte, 0, len(name))
		for value := []byte(name); len(value) > 0; {
			c, width := decodeByte(value)
			plain, value = append(plain, c), value[width:]
		}
		name, _, _ = strings.Cut(string(plain), "[")
		if strings.EqualFold(strings.Trim(name, " \x00\t\r\n"), s.param) {
			return true
		}
	}
	return false
}

// appendEscaped appends a part of an address with those characters escaped that browsers escape there.
func appendEscaped(dst []byte, part, unsafe string) []byte {
	for i := range len(part) {
		if c := part[i]; c >= 0x7F || strings.IndexByte(unsafe, c) >= 0 {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// Insertion says where in a checked address the token's parameter goes, and which character stands before it: '?', '&', or 0 for
// none. What is inserted stands last in the query, before the fragment.
func Insertion(address string) (at int, before byte) {
	at = strings.IndexByte(address, '#')
	if at < 0 {
		at = len(address)
	}
	switch query := strings.IndexByte(address[:at], '?'); {
	case query < 0:
		return at, '?'
	case query == at-1 || address[at-1] == '&':
		return at, 0
	}
	return at, '&'
}

// Host is the host of a checked address, as a place in it.
func Host(address string) (from, to int) {
	from = strings.Index(address, "://") + 3
	to = from + strings.IndexByte(address[from:], '/')
	return from, to
}
