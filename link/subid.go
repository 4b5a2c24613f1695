package link

import (
	"unicode/utf8"
)

// MaxSubID is the greatest length of a recorded sub-ID in bytes, escapes included. What is longer is cut, between characters.
const MaxSubID = 128

// SubIDs are the custom tracking strings that came with a click (L2), in the order of SubNames; an empty one was not given.
// After Parse they are valid UTF-8 and hold no control characters.
type SubIDs [4][]byte

// The sub-IDs' places.
const (
	AF = iota
	CN
	CV
	DP
)

// SubName is the query parameter of a sub-ID.
func SubName(i int) string { return [...]string{"af", "cn", "cv", "dp"}[i] }

// Parse reads the sub-IDs from the query of a link, in any order (L2). All other parameters are passed over; of several with
// the same name the first counts. Control characters, line separators, marks that turn the direction of writing, and bytes that
// are not UTF-8 are kept as percent escapes, so that no report or log is ever broken by one. Values are written to buf where they must be decoded and
// point into query where not; Parse returns the extended buf.
func (s *SubIDs) Parse(query, buf []byte) []byte {
	*s = SubIDs{}
	for len(query) > 0 {
		part := query
		if i := indexByte(query, '&'); i >= 0 {
			part, query = query[:i], query[i+1:]
		} else {
			query = nil
		}
		if len(part) < 4 || part[2] != '=' {
			continue
		}
		place := -1
		switch string(part[:2]) {
		case "af":
			place = AF
		case "cn":
			place = CN
		case "cv":
			place = CV
		case "dp":
			place = DP
		}
		if place < 0 || s[place] != nil {
			continue
		}
		value := part[3:]
		if plain(value) && len(value) <= MaxSubID {
			s[place] = value
			continue
		}
		from := len(buf)
		buf = appendSubID(buf, value)
		s[place] = buf[from:len(buf):len(buf)]
	}
	return buf
}

// indexByte is bytes.IndexByte for short texts: a call costs more than the loop.
func indexByte(b []byte, c byte) int {
	for i, x := range b {
		if x == c {
			return i
		}
	}
	return -1
}

// plain reports whether a value can be recorded as it stands.
func plain(value []byte) bool {
	for _, c := range value {
		if c <= ' ' || c >= 0x7F || c == '%' || c == '+' {
			return false
		}
	}
	return true
}

// appendSubID appends the decoded, escaped and cut value.
func appendSubID(dst, value []byte) []byte {
	limit := len(dst) + MaxSubID
	var char [utf8.UTFMax]byte
	for len(value) > 0 {
		// The bytes of one character, each of which may be escaped or not.
		n, used := 0, 0
		for n < len(char) && used < len(value) {
			c, width := decodeByte(value[used:])
			if n > 0 && c&0xC0 != 0x80 {
				break
			}
			char[n] = c
			n, used = n+1, used+width
			if c < utf8.RuneSelf || utf8.FullRune(char[:n]) {
				break
			}
		}
		r, size := utf8.DecodeRune(char[:n])
		if r == utf8.RuneError && size <= 1 || unseen(r) {
			if size <= 1 {
				_, used = decodeByte(value)
				size = 1
			}
			if len(dst)+3*size > limit {
				break
			}
			for _, c := range char[:size] {
				dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
			}
		} else {
			if len(dst)+size > limit {
				break
			}
			dst = append(dst, char[:size]...)
		}
		value = value[used:]
	}
	return dst
}

const hexDigits = "0123456789ABCDEF"

// decodeByte reads one byte of a query value and says how many bytes it takes up there.
func decodeByte(value []byte) (c byte, width int) {
	switch c = value[0]; {
	case c == '+':
		return ' ', 1
	case c == '%' && len(value) > 2:
		high, ok1 := unhex(value[1])
		low, ok2 := unhex(value[2])
		if ok1 && ok2 {
			return high<<4 | low, 3
		}
	}
	return c, 1
}

func unhex(c byte) (byte, bool) {
	switch {
	case c-'0' < 10:
		return c - '0', true
	case c-'A' < 6:
		return c - 'A' + 10, true
	case c-'a' < 6:
		return c - 'a' + 10, true
	}
	return 0, false
}

// unseen reports whether a character is kept as an escape: controls, separators of lines, and marks that turn the direction of
// writing. What joins letters in some scripts stays.
func unseen(r rune) bool {
	return r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || r >= 0x202A && r <= 0x202E ||
		r >= 0x2066 && r <= 0x2069 || r == 0xFEFF
}
