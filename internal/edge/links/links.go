// Package links is what an edge knows, in memory: links, the ad spaces that made them, and the programs that they belong to.
//
// Links lie in memory of their own, which the garbage collector does not look at, behind an index of integers. Whoever looks a
// link up takes no lock and sees every change as soon as the call that made it has returned.
package links

import (
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// State says what a link is good for. The zero value is Live.
type State uint8

// The states.
const (
	Live    State = iota
	Dead          // its target is gone, or its seller does not take part any more: the shopper goes to the substitute (L7)
	Revoked       // withdrawn by its publisher
	Blocked       // stopped by the operator (F5)
	states
)

var stateSlugs = [...]string{"live", "dead", "revoked", "blocked"}

// String is the state's slug.
func (s State) String() string { return stateSlugs[s] }

// ParseState returns the state of a slug.
func ParseState(slug string) (State, error) {
	for i, s := range stateSlugs {
		if s == slug {
			return State(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a link's state; it is one of %s", slug, strings.Join(stateSlugs[:], ", "))
}

// Link is a link as it is entered (L1).
type Link struct {
	Code       link.Code
	ID         uint64 // 1 to link.MaxID
	Program    program.ID
	Publisher  string
	AdSpace    string
	TrackingID string
	Target     link.Target
	Substitute link.Target // where a dead, revoked or blocked link leads (L7); the zero Target: to the program's home page
	State      State
}

// Program is what the edge must know of a program.
type Program struct {
	ID      program.ID
	Site    *link.Site            // where its links may lead
	Traffic program.TrafficPolicy // which traffic types are forbidden (A3)
	Closed  bool                  // the program has ended: its links lead to the home page, and their clicks do not count
	Consent Consent
	// StrictIn are countries (ISO 3166-1 alpha-2) whose visitors are treated as under ConsentStrict, whatever Consent says.
	StrictIn []string
	// Visitor makes the edge keep a visitor key of its own in a cookie; the zero value does not.
	Visitor VisitorCookie

	name  []byte
	home  Place
	param []byte // "clk="
}

// VisitorCookie is a first-party visitor key: the redirect's host and the shop's share a domain, and the shop reads the cookie.
type VisitorCookie struct {
	Name   string        // of the cookie; empty: no visitor key, no cookie
	Domain string        // the domain that redirect and shop share, such as "shop.example"
	MaxAge time.Duration // how long browsers keep it, such as the attribution window
}

// Consent says what an edge keeps of a visitor who has not agreed to being tracked.
type Consent uint8

const (
	// ConsentCookies needs consent for the visitor key only. The click token goes along with every click.
	ConsentCookies Consent = iota
	// ConsentStrict needs consent for the token too: without it the shopper is sent on, and nothing ties the click to an order.
	ConsentStrict
	// ConsentOff asks for none: the operator has it by other means.
	ConsentOff
)

var consentSlugs = [...]string{"cookies_only", "strict", "off"}

// String is the mode's slug.
func (c Consent) String() string { return consentSlugs[c] }

// ParseConsent returns the consent mode of a slug.
func ParseConsent(slug string) (Consent, error) {
	for i, s := range consentSlugs {
		if s == slug {
			return Consent(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a consent mode; it is one of %s", slug, strings.Join(consentSlugs[:], ", "))
}

// check validates a program and prepares what the redirect needs of it.
func (p *Program) check() error {
	if p.ID == "" || len(p.ID) > maxText {
		return fmt.Errorf("program: the id %q must have 1 to %d bytes", p.ID, maxText)
	}
	if p.Site == nil {
		return fmt.Errorf("program %s: it has no site; give its hosts and its home page", p.ID)
	}
	if p.Consent > ConsentOff {
		return fmt.Errorf("program %s: consent mode %d is not known", p.ID, p.Consent)
	}
	for _, c := range p.StrictIn {
		if len(c) != 2 || c[0]-'A' >= 26 || c[1]-'A' >= 26 {
			return fmt.Errorf("program %s: %q is not a country; write two capital letters", p.ID, c)
		}
	}
	if v := p.Visitor; v.Name != "" {
		for _, text := range []string{v.Name, v.Domain} {
			for i := range len(text) {
				if c := text[i]; c-'a' >= 26 && c-'A' >= 26 && c-'0' >= 10 && c != '_' && c != '-' && c != '.' {
					return fmt.Errorf("program %s: visitor cookie: %q may consist of letters, digits, ., - and _ only", p.ID, text)
				}
			}
		}
		if v.MaxAge < time.Second {
			return fmt.Errorf("program %s: visitor cookie: it must live a second at least", p.ID)
		}
	}
	p.name = []byte(p.ID)
	p.param = append(append([]byte(nil), p.Site.Param()...), '=')
	home := p.Site.Home()
	p.home = place(link.Target{Kind: program.LinkHome, URL: home})
	return nil
}

// Name is the program's ID as bytes, read-only.
func (p *Program) Name() []byte { return p.name }

// Home is where the program's links lead when nothing better is there.
func (p *Program) Home() *Place { return &p.home }

// Param is the query parameter of the click token with its "=".
func (p *Program) Param() []byte { return p.param }

// Strict reports whether a visitor from a country must agree before he gets a token.
func (p *Program) Strict(country [2]byte) bool {
	if p.Consent == ConsentStrict {
		return true
	}
	for _, c := range p.StrictIn {
		if c[0] == country[0] && c[1] == country[1] {
			return true
		}
	}
	return false
}

// Place is where a click leads.
type Place struct {
	Kind             program.LinkKind
	URL              []byte
	Cut              int  // where in URL the token goes
	Before           byte // what stands before the token: '?', '&', or 0 for nothing
	HostFrom, HostTo int
	Product, Store   []byte
}

func place(t link.Target) Place {
	p := Place{Kind: t.Kind, URL: []byte(t.URL), Product: []byte(t.Product), Store: []byte(t.Store)}
	p.Cut, p.Before = link.Insertion(t.URL)
	p.HostFrom, p.HostTo = link.Host(t.URL)
	return p
}

// Host is the host that the click leads to.
func (p *Place) Host() []byte { return p.URL[p.HostFrom:p.HostTo] }

// View is a link that was found. Its slices are read-only and valid until the View is released or used again.
type View struct {
	Code       link.Code
	ID         uint64
	State      State
	Program    *Program // nil: the edge was never told about the program
	Space      *Space
	TrackingID []byte
	Target     Place
	Substitute Place // without URL: there is none

	keep *segment // the memory that the slices point into
}

// Release lets go of the link's memory.
func (v *View) Release() { *v = View{} }

// Space is an ad space as the edge sees it. It never changes, nor do its slices.
type Space struct {
	Publisher, AdSpace []byte
	Known              bool // false: links name it, and nothing else was heard of it
	TrafficType        program.TrafficType
	approved, blocked  int64 // microseconds; blocked 0: not blocked
	program            *programCell
}

// JoinedAt and BlockedAt judge a time in microseconds since 1970. What the edge does not know it does not hold against anybody.
func (s *Space) JoinedAt(micro int64) bool { return !s.Known || micro >= s.approved }

// BlockedAt reports whether the ad space was blocked by then.
func (s *Space) BlockedAt(micro int64) bool { return s.blocked != 0 && micro >= s.blocked }
