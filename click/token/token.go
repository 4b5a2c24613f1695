package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/link"
)

// Len is the number of characters of a token.
const Len = 62

// The bytes of a token before they are written in base 64:
//
//	0      version (high four bits) and verdict (low four)
//	1      key id
//	2-17   click id: time (7), nonce (9)
//	18-24  link id
//	25-29  digest of the sub-IDs
//	30-45  MAC: the first 16 bytes of HMAC-SHA-256 over what stands before
const (
	version  = 1
	signed   = 30
	size     = signed + macSize
	macSize  = 16
	maxLink  = 1<<56 - 1
	blockLen = 64 // of SHA-256
)

// encoding is strict: a token has one text, or flipping a bit that decodes to nothing would go unnoticed.
var encoding = base64.RawURLEncoding.Strict()

// What is wrong with a token. Parse wraps them.
var (
	// ErrMalformed: it is not a token at all, or one of a version that this program does not know.
	ErrMalformed = errors.New("it is not a click token")
	// ErrUnknownKey: the key that it names is not in the keyring, perhaps not any more.
	ErrUnknownKey = errors.New("its key is not in the keyring")
	// ErrExpiredKey: its key is no longer accepted, or was not the one to sign at the token's time.
	ErrExpiredKey = errors.New("its key was not valid")
	// ErrBadMAC: it was not signed with the key that it names; it was forged, altered or cut.
	ErrBadMAC = errors.New("its signature is wrong")
	// ErrNoKey: no key is there to sign with yet.
	ErrNoKey = errors.New("no key to sign with; the keyring needs a key whose time has begun")
)

// Claims are what a token says.
type Claims struct {
	Click   ID
	Link    uint64 // the link's ID, below 2^53
	Sub     Digest
	Verdict click.Verdict // whether the click can win at all (T6)
}

// Digest is a digest of a click's sub-IDs, so that an order that brings them along cannot change them (L2). Without sub-IDs it is zero.
type Digest [5]byte

// DigestOf returns the digest of sub-IDs.
func DigestOf(s *link.SubIDs) (d Digest) {
	// Each value with its length, so that no two sets are written alike.
	var text [4 * (1 + link.MaxSubID)]byte
	n, given := 0, 0
	for _, v := range s {
		text[n] = byte(len(v))
		given += copy(text[n+1:], v[:min(len(v), link.MaxSubID)])
		n += 1 + min(len(v), link.MaxSubID)
	}
	if given == 0 {
		return d
	}
	sum := sha256.Sum256(text[:n])
	copy(d[:], sum[:])
	return d
}

// Secret is the secret part of a key. It never prints.
type Secret [32]byte

// String hides the secret.
func (Secret) String() string { return "***" }

// GoString hides the secret.
func (Secret) GoString() string { return "***" }

// Format hides the secret, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Key is one key of a keyring.
type Key struct {
	ID     uint8
	Secret Secret    // 32 random bytes
	From   time.Time // it signs from here on, until a key with a later From takes over; then it only verifies
	Until  time.Time // its tokens are refused afterwards; zero: never. See Keep
}

// grace is how long after its successor's beginning a key may still have signed: an edge may learn of the successor late.
const grace = time.Hour

// Keep is how long a key must stay in the keyring after another one took over, so that no order loses its click: as long as an order
// may follow a click (the window), as long as it may stay unpaid, and a month for corrections.
func Keep(window, payment time.Duration) time.Duration { return window + payment + 30*24*time.Hour }

// Keyring is the keys of an installation. It never changes, so it may be used by many goroutines; a rotation makes a new one.
type Keyring struct {
	keys []ready // by From
	at   [256]int16

	unchecked bool // red control of the tests: signatures are not compared
}

type ready struct {
	id           uint8
	inner, outer [blockLen]byte // the key as HMAC mixes it in
	from, end    int64          // microseconds: signs in [from, end)
	until        int64          // verifies up to here
}

const forever = 1<<63 - 1

// NewKeyring returns a keyring. Keys have distinct ids and beginnings and real secrets.
func NewKeyring(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("keyring: there is no key; make one with 32 random bytes")
	}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b Key) int { return a.From.Compare(b.From) })
	r := &Keyring{keys: make([]ready, len(keys))}
	for i := range r.at {
		r.at[i] = -1
	}
	for i, k := range keys {
		switch {
		case r.at[k.ID] >= 0:
			return nil, fmt.Errorf("keyring: two keys have the id %d; give each its own until it is gone", k.ID)
		case k.Secret == Secret{}:
			return nil, fmt.Errorf("keyring: key %d has no secret; give 32 random bytes", k.ID)
		case i > 0 && keys[i-1].From.Equal(k.From):
			return nil, fmt.Errorf("keyring: keys %d and %d begin at the same time; which one signs?", keys[i-1].ID, k.ID)
		case !k.Until.IsZero() && !k.Until.After(k.From):
			return nil, fmt.Errorf("keyring: key %d ends before it begins", k.ID)
		}
		r.at[k.ID] = int16(i)
		e := &r.keys[i]
		*e = ready{id: k.ID, from: k.From.UnixMicro(), end: forever, until: forever}
		if i > 0 {
			r.keys[i-1].end = e.from
		}
		if !k.Until.IsZero() {
			e.until = k.Until.UnixMicro()
		}
		for j := range blockLen {
			var b byte
			if j < len(k.Secret) {
				b = k.Secret[j]
			}
			e.inner[j], e.outer[j] = b^0x36, b^0x5C
		}
	}
	return r, nil
}

// mac is the first 16 bytes of HMAC-SHA-256, without memory of its own.
func (k *ready) mac(text *[signed]byte) (m [macSize]byte) {
	var in [blockLen + signed]byte
	copy(in[:], k.inner[:])
	copy(in[blockLen:], text[:])
	sum := sha256.Sum256(in[:])
	var out [blockLen + sha256.Size]byte
	copy(out[:], k.outer[:])
	copy(out[blockLen:], sum[:])
	sum = sha256.Sum256(out[:])
	copy(m[:], sum[:])
	return m
}

// Append signs with the key of the click's time and appends the token's text, Len characters.
func (r *Keyring) Append(dst []byte, c *Claims) ([]byte, error) {
	micro := c.Click.Micro()
	i := len(r.keys) - 1
	for ; i >= 0 && micro < r.keys[i].from; i-- {
	}
	if i < 0 {
		return dst, ErrNoKey
	}
	k := &r.keys[i]
	if micro > k.until {
		return dst, fmt.Errorf("key %d has ended and no other has taken over: %w", k.id, ErrNoKey)
	}
	if c.Link > maxLink {
		return dst, fmt.Errorf("link id %d does not fit into a token", c.Link)
	}
	if c.Verdict > click.Fraud {
		return dst, fmt.Errorf("verdict %d does not fit into a token", c.Verdict)
	}
	var raw [size]byte
	raw[0] = version<<4 | byte(c.Verdict)&15
	raw[1] = k.id
	copy(raw[2:18], c.Click[:])
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], c.Link)
	copy(raw[18:25], number[1:])
	copy(raw[25:30], c.Sub[:])
	mac := k.mac((*[signed]byte)(raw[:signed]))
	copy(raw[signed:], mac[:])
	return encoding.AppendEncode(dst, raw[:]), nil
}

// Parse checks a token at a time and returns what it says. The errors are those above, wrapped; whoever gets one must not use the
// claims, which are zero then.
func (r *Keyring) Parse(text string, now time.Time) (Claims, error) {
	var raw [size]byte
	if len(text) != Len {
		return Claims{}, fmt.Errorf("token of %d characters: %w", len(text), ErrMalformed)
	}
	var chars [Len]byte
	copy(chars[:], text)
	if n, err := encoding.Decode(raw[:], chars[:]); err != nil || n != size {
		return Claims{}, fmt.Errorf("token %q: %w", text, ErrMalformed)
	}
	if raw[0]>>4 != version {
		return Claims{}, fmt.Errorf("token of version %d: %w", raw[0]>>4, ErrMalformed)
	}
	i := r.at[raw[1]]
	if i < 0 {
		return Claims{}, fmt.Errorf("token of key %d: %w", raw[1], ErrUnknownKey)
	}
	k := &r.keys[i]
	mac := k.mac((*[signed]byte)(raw[:signed]))
	if subtle.ConstantTimeCompare(mac[:], raw[signed:]) != 1 && !r.unchecked {
		return Claims{}, fmt.Errorf("token of key %d: %w", raw[1], ErrBadMAC)
	}
	var c Claims
	copy(c.Click[:], raw[2:18])
	// Whoever got hold of a key that was retired must not sign today's clicks with it.
	if at := c.Click.Micro(); now.UnixMicro() > k.until || at < k.from || k.end != forever && at >= k.end+grace.Microseconds() {
		return Claims{}, fmt.Errorf("token of key %d and time %s: %w", raw[1], c.Click.Time().Format(time.RFC3339), ErrExpiredKey)
	}
	c.Verdict = click.Verdict(raw[0] & 15)
	if c.Verdict > click.Fraud {
		return Claims{}, fmt.Errorf("token with verdict %d: %w", c.Verdict, ErrMalformed)
	}
	var number [8]byte
	copy(number[1:], raw[18:25])
	c.Link = binary.BigEndian.Uint64(number[:])
	copy(c.Sub[:], raw[25:30])
	return c, nil
}

// Named is the click that a token names. It checks nothing: whoever wants to believe a token needs Parse.
func Named(text string) (id ID, err error) {
	raw, err := encoding.DecodeString(text)
	if err != nil || len(raw) != size || raw[0]>>4 != version {
		return id, fmt.Errorf("token %q: %w", clip(text), ErrMalformed)
	}
	copy(id[:], raw[2:18])
	return id, nil
}

// CanSign reports whether a key is there to sign clicks of that time.
func (r *Keyring) CanSign(at time.Time) bool {
	micro := at.UnixMicro()
	i := len(r.keys) - 1
	for ; i >= 0 && micro < r.keys[i].from; i-- {
	}
	return i >= 0 && micro <= r.keys[i].until
}
