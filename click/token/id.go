// Package token makes and checks click tokens: signed texts that stand in the target's address, name the click, and come back with
// the order (L3, L4). A token is enough to attribute an order whose click row is missing or late.
package token

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ID is the ID of a click: seven bytes of time, microseconds since 1970, and nine random bytes. IDs sort by time. The zero ID is no
// click's.
type ID [16]byte

// Nonce is the random part of an ID. It must come from a cryptographic source: it is what makes an ID unguessable, and two clicks
// of the same microsecond on two machines different.
type Nonce [9]byte

const (
	prefix   = "clk_"
	idText   = 26 // 128 bits in base 32
	maxMicro = 1<<56 - 1
)

// idEncoding writes IDs so that texts sort as the bytes do.
var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID returns the ID of a click at a time between 1970 and the year 4253, to the microsecond.
func NewID(at time.Time, nonce Nonce) ID {
	return IDAt(at.UnixMicro(), nonce)
}

// IDAt returns the ID of a click at a time in microseconds since 1970.
func IDAt(micro int64, nonce Nonce) (id ID) {
	binary.BigEndian.PutUint64(id[:8], uint64(min(max(micro, 0), maxMicro))<<8)
	copy(id[7:], nonce[:])
	return id
}

// Time is when the click happened, UTC.
func (id ID) Time() time.Time { return time.UnixMicro(id.Micro()).UTC() }

// Micro is when the click happened, in microseconds since 1970.
func (id ID) Micro() int64 { return int64(binary.BigEndian.Uint64(id[:8]) >> 8) }

// String is the ID as it is printed: "clk_" and 26 characters, which sort as the IDs do.
func (id ID) String() string { return string(id.Append(nil)) }

// Append appends the ID as it is printed.
func (id ID) Append(dst []byte) []byte {
	return idEncoding.AppendEncode(append(dst, prefix...), id[:])
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return id.Append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

var errID = errors.New("a click id is clk_ and 26 of the characters 0-9 and a-v")

// ParseID reads a printed ID. Every ID has one text.
func ParseID(text string) (id ID, err error) {
	if len(text) != len(prefix)+idText || text[:len(prefix)] != prefix {
		return ID{}, fmt.Errorf("click id %q: %w", clip(text), errID)
	}
	if n, err := idEncoding.Decode(id[:], []byte(text[len(prefix):])); err != nil || n != len(id) || id.String() != text {
		return ID{}, fmt.Errorf("click id %q: %w", clip(text), errID)
	}
	return id, nil
}

func clip(text string) string {
	if len(text) > 80 {
		return text[:80]
	}
	return text
}
