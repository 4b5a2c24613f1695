// Package record is a click as it lies in the click log: all that rule L3 asks for, in one row of bytes that needs nothing else to be
// understood.
package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// MaxText is the greatest length of a text in a record; what is longer is cut.
const MaxText = 255

// MaxLen is the greatest length of a record in bytes.
const MaxLen = headLen + 6 + texts*(1+MaxText)

// Record is a click. After Decode its slices point into what was decoded.
type Record struct {
	Click      token.ID // with the time
	Link       uint64   // ID of the link, below 2^56
	Program    []byte
	Publisher  []byte
	AdSpace    []byte
	TrackingID []byte
	Kind       program.LinkKind // of what the click led to, which is not the link's own target when Flags has Substituted
	Product    []byte
	Store      []byte
	Sub        link.SubIDs

	Verdict click.Verdict
	Reason  Reason
	Flags   Flags
	Repeat  uint16 // how many clicks of this visitor on this link there were in the hour, this one included; 0: not counted

	Visitor   []byte // the visitor key, where the program keeps one and the visitor agreed
	Consent   Consent
	Country   [2]byte // ISO 3166-1 alpha-2; zero: not known
	Device    Device
	Agent     []byte       // family of the browser or bot, such as "Chrome"
	OS        []byte       // family of the operating system, such as "Android"
	UserAgent []byte       // the whole text, of clicks that were judged invalid only
	Referrer  []byte       // host and path, without scheme and query
	Network   netip.Prefix // the first 24 bits of an IPv4 address, the first 48 of an IPv6 address
	Hash      [8]byte      // keyed hash of address and user agent; the key lives for a day and is never on disk
}

// Reason is what the verdict rests on, or why the click led elsewhere.
type Reason uint8

// The reasons. Their numbers are on disk: new ones go to the end.
const (
	None Reason = iota
	// Verdict bot.
	Head       // a HEAD request
	Prefetch   // the browser fetched ahead of the user (Sec-Purpose, Purpose)
	KnownBot   // the user agent says so
	HTTPClient // a library or tool, no browser
	NoAgent    // no user agent at all
	// Verdict cookie_stuffing: loaded by a page, not by a person who goes somewhere (Sec-Fetch-Dest).
	Frame
	Image
	Script // or style, font, video, worker, ...
	Fetch  // by a program of the page
	// Verdict duplicate.
	Flood
	// Verdict forbidden_traffic.
	TrafficType // the program forbids the ad space's traffic type
	// Verdict blocked.
	NotJoined // the ad space has not joined the program yet
	SpaceBlocked
	LinkRevoked
	LinkBlocked
	ProgramClosed
	// Not invalid, but the click led elsewhere.
	TargetDead  // the link's product is gone or its seller does not take part any more (L7)
	HostRemoved // the target's host is not the program's any more
	reasons
)

var reasonSlugs = [...]string{"", "head", "prefetch", "known_bot", "http_client", "no_agent", "frame", "image", "script", "fetch", "flood", "traffic_type", "not_joined",
	"space_blocked", "link_revoked", "link_blocked", "program_closed", "target_dead", "host_removed"}

// String is the reason's slug; None has an empty one.
func (r Reason) String() string { return reasonSlugs[r] }

// Reasons is how many reasons there are: the length of a table that is indexed by one.
const Reasons = int(reasons)

// Flags are further facts of a click.
type Flags uint16

// The flags.
const (
	Substituted   Flags = 1 << iota // the click led to the link's substitute or to the home page (L7)
	TokenWithheld                   // for want of consent the target got no token
	FetchMetadata                   // the browser told what the request was for
	UserActivated                   // ... and that a person had clicked or typed (Sec-Fetch-User)
	CrossSite                       // ... and that another site had led there
	flagMask      = 1<<iota - 1
)

// Consent is what the visitor said to being tracked.
type Consent uint8

// The states of consent.
const (
	ConsentUnknown Consent = iota
	ConsentGranted
	ConsentDenied
	consents
)

var consentSlugs = [...]string{"unknown", "granted", "denied"}

// String is the state's slug.
func (c Consent) String() string { return consentSlugs[c] }

// Device is the class of a device.
type Device uint8

// The classes of device.
const (
	DeviceUnknown Device = iota
	Desktop
	Mobile
	Tablet
	Robot
	devices
)

var deviceSlugs = [...]string{"unknown", "desktop", "mobile", "tablet", "robot"}

// String is the class's slug.
func (d Device) String() string { return deviceSlugs[d] }

// The bytes of a record: the head, the network (0, 3 or 6 bytes), and the texts, each behind its length.
//
//	0   version
//	1   click id (16)
//	17  link id (7)
//	24  verdict (high half), kind (low half)
//	25  reason
//	26  flags (2)
//	28  consent (high half), device (low half)
//	29  country (2)
//	31  repeat (2)
//	33  hash (8)
//	41  bytes of the network
const (
	version = 1
	headLen = 42
	texts   = 15
)

// ErrFormat says that bytes are not a record of a version that this program knows.
var ErrFormat = errors.New("this is not a click record")

// text is the nth text.
func (r *Record) text(n int) *[]byte {
	return [texts]*[]byte{&r.Program, &r.Publisher, &r.AdSpace, &r.TrackingID, &r.Product, &r.Store, &r.Sub[link.AF], &r.Sub[link.CN], &r.Sub[link.CV], &r.Sub[link.DP],
		&r.Visitor, &r.Agent, &r.OS, &r.UserAgent, &r.Referrer}[n]
}

// Append appends the record's bytes. It needs no memory if dst has room for MaxLen more.
func (r *Record) Append(dst []byte) []byte {
	var h [headLen + 6]byte
	h[0] = version
	copy(h[1:], r.Click[:])
	binary.BigEndian.PutUint64(h[16:], r.Link) // its highest byte is the click id's last, which comes next
	h[16] = r.Click[15]
	h[24] = byte(r.Verdict)<<4 | byte(r.Kind)
	h[25] = byte(r.Reason)
	binary.LittleEndian.PutUint16(h[26:], uint16(r.Flags))
	h[28] = byte(r.Consent)<<4 | byte(r.Device)
	h[29], h[30] = r.Country[0], r.Country[1]
	binary.LittleEndian.PutUint16(h[31:], r.Repeat)
	copy(h[33:], r.Hash[:])
	n := 0
	if a := r.Network.Addr(); r.Network.IsValid() {
		if a.Is4() {
			b := a.As4()
			n = copy(h[headLen:], b[:3])
		} else {
			b := a.As16()
			n = copy(h[headLen:], b[:6])
		}
	}
	h[41] = byte(n)
	dst = append(dst, h[:headLen+n]...)
	for _, b := range [texts][]byte{r.Program, r.Publisher, r.AdSpace, r.TrackingID, r.Product, r.Store, r.Sub[link.AF], r.Sub[link.CN], r.Sub[link.CV], r.Sub[link.DP],
		r.Visitor, r.Agent, r.OS, r.UserAgent, r.Referrer} {
		b = b[:min(len(b), MaxText)]
		dst = append(append(dst, byte(len(b))), b...)
	}
	return dst
}

// Decode reads a record, all of b. It refuses what Append does not write.
func (r *Record) Decode(b []byte) error {
	if len(b) < headLen {
		return fmt.Errorf("%d bytes: %w", len(b), ErrFormat)
	}
	if b[0] != version {
		return fmt.Errorf("version %d, of another program: %w", b[0], ErrFormat)
	}
	var number [8]byte
	copy(number[1:], b[17:24])
	*r = Record{
		Link: binary.BigEndian.Uint64(number[:]), Verdict: click.Verdict(b[24] >> 4), Kind: program.LinkKind(b[24] & 15), Reason: Reason(b[25]),
		Flags: Flags(binary.LittleEndian.Uint16(b[26:])), Consent: Consent(b[28] >> 4), Device: Device(b[28] & 15),
		Country: [2]byte{b[29], b[30]}, Repeat: binary.LittleEndian.Uint16(b[31:]),
	}
	copy(r.Click[:], b[1:])
	copy(r.Hash[:], b[33:])
	switch {
	case r.Verdict > click.Fraud:
		return fmt.Errorf("verdict %d: %w", r.Verdict, ErrFormat)
	case r.Kind < program.LinkHome || r.Kind > program.LinkPage:
		return fmt.Errorf("kind %d: %w", r.Kind, ErrFormat)
	case r.Reason >= reasons:
		return fmt.Errorf("reason %d: %w", r.Reason, ErrFormat)
	case r.Flags&^flagMask != 0:
		return fmt.Errorf("flags %x: %w", uint16(r.Flags), ErrFormat)
	case r.Consent >= consents || r.Device >= devices:
		return fmt.Errorf("consent %d, device %d: %w", r.Consent, r.Device, ErrFormat)
	}
	rest := b[headLen:]
	switch n := int(b[41]); {
	case n == 0:
	case n == 3 && len(rest) >= 3:
		r.Network = netip.PrefixFrom(netip.AddrFrom4([4]byte{rest[0], rest[1], rest[2]}), 24)
	case n == 6 && len(rest) >= 6:
		var a [16]byte
		copy(a[:6], rest)
		r.Network = netip.PrefixFrom(netip.AddrFrom16(a), 48)
	default:
		return fmt.Errorf("network of %d bytes: %w", n, ErrFormat)
	}
	rest = rest[b[41]:]
	for i := range texts {
		if len(rest) == 0 || len(rest) <= int(rest[0]) {
			return fmt.Errorf("cut in text %d: %w", i, ErrFormat)
		}
		n := 1 + int(rest[0])
		if n > 1 {
			*r.text(i) = rest[1:n:n]
		}
		rest = rest[n:]
	}
	if len(rest) != 0 {
		return fmt.Errorf("%d bytes too many: %w", len(rest), ErrFormat)
	}
	return nil
}

// Touch is the record as the click that attribution looks at, with strings of its own.
func (r *Record) Touch() *click.Click {
	return &click.Click{
		ID: r.Click.String(), At: r.Click.Time(), Program: program.ID(r.Program), Visitor: string(r.Visitor), Channel: click.Affiliate,
		Publisher: string(r.Publisher), AdSpace: string(r.AdSpace), TrackingID: string(r.TrackingID),
		Target:  click.Target{Kind: r.Kind, Product: string(r.Product), Store: string(r.Store)},
		Sub:     click.Sub{AF: string(r.Sub[link.AF]), CN: string(r.Sub[link.CN]), CV: string(r.Sub[link.CV]), DP: string(r.Sub[link.DP])},
		Verdict: r.Verdict,
	}
}
