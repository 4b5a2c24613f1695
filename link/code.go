// Package link holds affiliate links: their codes, their targets, the hosts that a link may lead to, and the sub-IDs that may
// follow one (L1, L2).
package link

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// CodeLen is the number of characters of a code.
const CodeLen = 10

// MaxID is the greatest ID that has a code. Link IDs stay below 2^53 because other networks' clients read them into doubles.
const MaxID = 1<<53 - 1

const (
	digits    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	codeCount = 839_299_365_868_340_224 // 62^10
	halfBits  = 30                      // 2^60 is the least even power of two that holds all codes
	halfMask  = 1<<halfBits - 1
	rounds    = 10
)

// Code is the last part of a link's address (L1): a number below 62^10, written with ten base-62 digits in the order of ASCII,
// so that texts sort as numbers do.
type Code uint64

// ParseCode reads a code; ok is false for a text that is none.
func ParseCode[T ~string | ~[]byte](text T) (c Code, ok bool) {
	if len(text) != CodeLen {
		return 0, false
	}
	for i := range CodeLen {
		b := text[i]
		switch {
		case b-'0' < 10:
			b -= '0'
		case b-'A' < 26:
			b -= 'A' - 10
		case b-'a' < 26:
			b -= 'a' - 36
		default:
			return 0, false
		}
		c = c*62 + Code(b)
	}
	return c, true
}

// Append appends the code's text. The code must come from ParseCode or Codes.
func (c Code) Append(dst []byte) []byte {
	var text [CodeLen]byte
	for i := CodeLen - 1; i >= 0; i-- {
		text[i] = digits[c%62]
		c /= 62
	}
	return append(dst, text[:]...)
}

// String is the code's text.
func (c Code) String() string { return string(c.Append(nil)) }

// Codes turns link IDs into codes and back (L1). It is a keyed permutation of the numbers below 62^10: ten rounds of a Feistel
// network with AES as the round function, walked until the result is a code. So every ID has one code, and whoever does not
// have the key cannot tell the next code from the ones that he knows, nor a code that is in use from one that is not: of all
// codes, one in 62^10 ÷ (number of links) is in use.
//
// The key belongs to the installation for ever. Under another key an ID has another code, which may be in use already.
type Codes struct {
	block cipher.Block
}

// NewCodes returns the codes under a key of 32 random bytes.
func NewCodes(key []byte) (*Codes, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("code key: it has %d bytes; give 32 random bytes", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("code key: %w", err)
	}
	return &Codes{block}, nil
}

// Code returns the code of an ID between 1 and MaxID.
func (c *Codes) Code(id uint64) (Code, error) {
	if id == 0 || id > MaxID {
		return 0, fmt.Errorf("link id: %d has no code; ids lie between 1 and %d", id, uint64(MaxID))
	}
	for {
		left, right := id>>halfBits, id&halfMask
		for r := range uint64(rounds) {
			left, right = right, left^c.mix(r, right)
		}
		if id = left<<halfBits | right; id < codeCount {
			return Code(id), nil
		}
	}
}

// ID returns the ID whose code this is; ok is false for a code that no ID has. An ID need not be in use.
func (c *Codes) ID(code Code) (id uint64, ok bool) {
	if code >= codeCount {
		return 0, false
	}
	id = uint64(code)
	for {
		left, right := id>>halfBits, id&halfMask
		for r := uint64(rounds); r > 0; r-- {
			left, right = right^c.mix(r-1, left), left
		}
		if id = left<<halfBits | right; id < codeCount {
			return id, id != 0 && id <= MaxID
		}
	}
}

// mix is the round function: a pseudo-random function of the round and half a number.
func (c *Codes) mix(round, half uint64) uint64 {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:8], round)
	binary.BigEndian.PutUint64(block[8:], half)
	c.block.Encrypt(block[:], block[:])
	return binary.BigEndian.Uint64(block[:8]) & halfMask
}
