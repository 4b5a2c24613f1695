// Package click holds clicks and the other touches that the marketplace reports (L2, L3).
package click

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/program"
)

// Affiliate is the channel of affiliate clicks.
const Affiliate = "affiliate"

// Click is a touch: an affiliate click, or a visit through another channel that the marketplace reports.
type Click struct {
	ID         string
	At         time.Time // UTC, microseconds
	Program    program.ID
	Visitor    string
	Channel    string // Affiliate, or a channel of the program document
	Publisher  string
	AdSpace    string
	TrackingID string
	Target     Target
	Sub        Sub
	Session    string
	Verdict    Verdict
	// TokenOnly says that nothing is known of the click but what the token of an order told (L4): its row is missing or late. Visitor,
	// sub-IDs and session are empty then.
	TokenOnly bool
}

// Target is what the link pointed at (L1).
type Target struct {
	Kind    program.LinkKind
	Product string
	Store   string
}

// Sub are the custom tracking strings that came with the click (L2).
type Sub struct {
	AF string `json:"af,omitempty"`
	CN string `json:"cn,omitempty"`
	CV string `json:"cv,omitempty"`
	DP string `json:"dp,omitempty"`
}

// Compare orders touches by time, then by id in byte order: the order in which the last one wins (T1).
func Compare(a, b *Click) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// Verdict says whether a click counts, and why not (T6). The zero value is Valid.
type Verdict uint8

// The verdicts.
const (
	Valid Verdict = iota
	Bot
	Duplicate
	ForbiddenTraffic
	CookieStuffing
	Blocked
	Fraud
)

var verdictSlugs = [...]string{"valid", "bot", "duplicate", "forbidden_traffic", "cookie_stuffing", "blocked", "fraud"}

// String is the verdict's slug.
func (v Verdict) String() string { return verdictSlugs[v] }

// ParseVerdict returns the verdict of a slug.
func ParseVerdict(slug string) (Verdict, error) {
	for i, s := range verdictSlugs {
		if s == slug {
			return Verdict(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a verdict; it is one of %s", slug, strings.Join(verdictSlugs[:], ", "))
}

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(b []byte) (err error) { *v, err = ParseVerdict(string(b)); return err }
