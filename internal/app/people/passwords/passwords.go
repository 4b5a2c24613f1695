// Package passwords keeps passwords as hashes that are dear to guess, and refuses those that are guessed first.
package passwords

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost is what a guess costs.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// Strong is 19 MiB and two passes: some 20 ms of a core.
func Strong() Cost { return Cost{19 * 1024, 2, 1} }

// Hasher hashes passwords with argon2id, a few at a time: each takes its memory for itself.
type Hasher struct {
	cost  Cost
	turns chan struct{}
	dummy string // hash of a password that nobody knows
}

// New returns a hasher.
func New(c Cost) *Hasher {
	h := &Hasher{cost: c, turns: make(chan struct{}, 4)}
	h.dummy = h.Hash(rand.Text())
	return h
}

// Hash returns a password's hash in the PHC format, which names its cost.
func (h *Hasher) Hash(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	key := h.key(password, salt, h.cost)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Time, h.cost.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

func (h *Hasher) key(password string, salt []byte, c Cost) []byte {
	h.turns <- struct{}{}
	defer func() { <-h.turns }()
	return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, 32)
}

// Fits reports whether a password has a hash. It takes as long where there is none, or one that cannot be read.
func (h *Hasher) Fits(password, hash string) bool {
	c, salt, key, err := parseHash(hash)
	none := err != nil
	if none {
		if c, salt, key, err = parseHash(h.dummy); err != nil {
			return false
		}
	}
	return subtle.ConstantTimeCompare(h.key(password, salt, c), key) == 1 && !none
}

func parseHash(hash string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("the hash is not one of argon2id")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return c, nil, nil, fmt.Errorf("the cost of a hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("the salt of a hash: %w", err)
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[5])
	return c, salt, key, err
}

// The shortest and the longest password, in characters.
const (
	Least = 10
	Most  = 256
)

// Check says what is wrong with a password, as a code; "" where it is good. It refuses those that are guessed first: short ones, the
// common words with something around them, rows of keys or of one character, and what everybody knows of the person.
func Check(password string, known ...string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return "characters"
	case n < Least:
		return "short"
	case n > Most:
		return "long"
	}
	words := strings.Fields(commonParts)
	for _, k := range known {
		for _, part := range strings.FieldsFunc(strings.ToLower(k), func(r rune) bool { return strings.ContainsRune("@. -_+", r) }) {
			if len(part) >= 3 {
				words = append(words, part)
			}
		}
	}
	// What is left without the words and the usual decoration must still be something to guess.
	bare := strings.Trim(strings.ToLower(password), "0123456789!?.-_*#@$+ ")
	plain := strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(bare)
	if distinct(password) < 5 || distinct(without(strings.ToLower(password), words)) < 4 || distinct(without(bare, words)) < 4 ||
		distinct(without(plain, words)) < 4 {
		return "common"
	}
	return ""
}

// without takes words out of a text.
func without(text string, words []string) string {
	for _, w := range words {
		text = strings.ReplaceAll(text, w, "")
	}
	return text
}

// distinct counts the different characters of a text.
func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// commonParts are what the passwords that are guessed first are made of.
const commonParts = `password passwort parola sifre şifre qwertyuiop qwertyu qwerty asdfghjkl asdfgh zxcvbnm zxcvbn azerty qwertz
1234567890 123456789 12345678 1234567 123456 12345 1234 0987654321 987654321 87654321 abcdefgh abcdef abcd1234 abc123 abcd letmein
welcome admin administrator login master monkey dragon iloveyou sunshine princess football baseball superman batman trustno1
whatever starwars shadow michael jordan charlie michelle jennifer computer internet secret changeme default hello freedom ninja
mustang access flower galatasaray fenerbahce besiktas trabzonspor istanbul ankara turkiye merhaba canim askim askım clickledger
publisher affiliate operator seller qazwsx 1q2w3e4r 1q2w 1qaz2wsx zaq12wsx qwe123 asd123`
