// Package wire reads and writes the JSON forms of the replay contract, which the API speaks too. Reading is strict:
// members that the contract does not have, members twice, wrong types and missing members are errors that name the member.
// It is written by hand because the contract's files have tens of millions of lines: a line is read without allocating.
package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Error is bad input: where in the line, and what was expected.
type Error struct {
	Member string // the path of the member, such as "items[2].amount"; empty: the line as a whole
	Reason string
}

func (e *Error) Error() string {
	if e.Member == "" {
		return e.Reason
	}
	return fmt.Sprintf("member %q: %s", e.Member, e.Reason)
}

// scanner walks one JSON value. Its methods leave the position behind what they read.
type scanner struct {
	b       []byte
	i       int
	scratch []byte // strings with escapes are unescaped into it
}

func (s *scanner) fail(format string, args ...any) error {
	return &Error{"", fmt.Sprintf(format, args...)}
}

// at prefixes an error of a nested value with the member it belongs to.
func at(err error, member string) error {
	e, ok := err.(*Error)
	if !ok {
		return &Error{member, err.Error()}
	}
	switch {
	case e.Member == "":
		return &Error{member, e.Reason}
	case e.Member[0] == '[':
		return &Error{member + e.Member, e.Reason}
	}
	return &Error{member + "." + e.Member, e.Reason}
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

func (s *scanner) peek() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() == c {
		s.i++
		return true
	}
	return false
}

// expected is the error that another thing stands where what was expected.
func (s *scanner) expected(what string) error {
	if s.peek() == 0 && s.i >= len(s.b) {
		return s.fail("the JSON ends where %s was expected", what)
	}
	end := min(s.i+12, len(s.b))
	return s.fail("%s was expected at column %d, found %q", what, s.i+1, s.b[s.i:end])
}

// object reads an object and calls member for each key, with the position at its value. member reads the value.
func (s *scanner) object(member func(key []byte) error) error {
	if !s.take('{') {
		return s.expected("an object")
	}
	if s.take('}') {
		return nil
	}
	for {
		key, err := s.text()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.expected("a colon")
		}
		// The key may stand in the scratch buffer, which the value may use, so member must compare it before it reads.
		if err := member(key); err != nil {
			return err
		}
		if s.take(',') {
			continue
		}
		if s.take('}') {
			return nil
		}
		return s.expected("a comma or a closing brace")
	}
}

// array reads an array and calls element for each element, with the position at it.
func (s *scanner) array(element func(i int) error) error {
	if !s.take('[') {
		return s.expected("an array")
	}
	if s.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return at(err, "["+strconv.Itoa(i)+"]")
		}
		if s.take(',') {
			continue
		}
		if s.take(']') {
			return nil
		}
		return s.expected("a comma or a closing bracket")
	}
}

// null takes a null, which stands for an optional member that is absent.
func (s *scanner) null() bool {
	if s.peek() == 'n' && bytes.HasPrefix(s.b[s.i:], []byte("null")) {
		s.i += 4
		return true
	}
	return false
}

// text reads a string. The result is valid until the next call.
func (s *scanner) text() ([]byte, error) {
	if !s.take('"') {
		return nil, s.expected("a string")
	}
	start := s.i
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1], nil
		case c == '\\':
			return s.escaped(start)
		case c < 0x20:
			return nil, s.fail("a control character stands in a string at column %d; write it as an escape", s.i+1)
		}
		s.i++
	}
	return nil, s.fail("the JSON ends inside a string")
}

func (s *scanner) escaped(start int) ([]byte, error) {
	out := append(s.scratch[:0], s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			s.scratch = out
			return out, nil
		case c < 0x20:
			return nil, s.fail("a control character stands in a string at column %d; write it as an escape", s.i)
		case c != '\\':
			out = append(out, c)
			continue
		}
		if s.i >= len(s.b) {
			break
		}
		c = s.b[s.i]
		s.i++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := s.hex4()
			if !ok {
				return nil, s.fail("\\u needs four hexadecimal digits at column %d", s.i)
			}
			if r >= 0xd800 && r < 0xdc00 && bytes.HasPrefix(s.b[s.i:], []byte(`\u`)) {
				s.i += 2
				low, ok := s.hex4()
				if !ok || low < 0xdc00 || low > 0xdfff {
					return nil, s.fail("half a surrogate pair at column %d", s.i)
				}
				r = 0x10000 + (r-0xd800)<<10 + (low - 0xdc00)
			} else if r >= 0xd800 && r < 0xe000 {
				return nil, s.fail("half a surrogate pair at column %d", s.i)
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, s.fail("\\%c is not a JSON escape", c)
		}
	}
	return nil, s.fail("the JSON ends inside a string")
}

func (s *scanner) hex4() (rune, bool) {
	if s.i+4 > len(s.b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s.b[s.i:s.i+4]), 16, 32)
	s.i += 4
	return rune(n), err == nil
}

func (s *scanner) boolean() (bool, error) {
	s.space()
	switch {
	case bytes.HasPrefix(s.b[s.i:], []byte("true")):
		s.i += 4
		return true, nil
	case bytes.HasPrefix(s.b[s.i:], []byte("false")):
		s.i += 5
		return false, nil
	}
	return false, s.expected("true or false")
}

// count reads a whole number, not negative.
func (s *scanner) count() (int64, error) {
	s.space()
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	n, err := strconv.ParseInt(string(s.b[start:s.i]), 10, 64)
	if padded := s.i-start > 1 && s.b[start] == '0'; padded || err != nil || (s.i < len(s.b) && bytes.IndexByte([]byte(",]} \t\r\n"), s.b[s.i]) < 0) {
		s.i = start
		return 0, s.expected("a whole number")
	}
	return n, nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek() != 0 || s.i < len(s.b) {
		return s.expected("the end of the line")
	}
	return nil
}

// instant reads an RFC 3339 time with a zone. Digits after the microsecond are dropped.
func (s *scanner) instant() (time.Time, error) {
	b, err := s.text()
	if err != nil {
		return time.Time{}, err
	}
	t, ok := parseUTC(b)
	if ok {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339Nano, string(b)); err != nil || !plainRFC3339(b) {
		return time.Time{}, s.fail("%q is not an RFC 3339 time with a zone, such as \"2026-11-20T10:15:00Z\"", b)
	}
	t = t.UTC().Truncate(time.Microsecond)
	if y := t.Year(); y < 2 || y > 9999 { // the first instant of year 1 stands for no time at all
		return time.Time{}, s.fail("%q is not in the years 2 to 9999 of UTC", b)
	}
	return t, nil
}

// plainRFC3339 refuses what time.Parse takes beside RFC 3339: hours of one digit, a comma before the fraction, zones of 24 hours.
func plainRFC3339(b []byte) bool {
	if len(b) < 20 || b[13] != ':' || bytes.IndexByte(b, ',') >= 0 {
		return false
	}
	if b[len(b)-1] == 'Z' {
		return true
	}
	zone := b[len(b)-5:] // hh:mm
	hour, ok1 := digits(zone[:2])
	minute, ok2 := digits(zone[3:])
	return ok1 && ok2 && hour < 24 && minute < 60
}

// parseUTC reads the plain form "2006-01-02T15:04:05[.fraction]Z" without allocating.
func parseUTC(b []byte) (time.Time, bool) {
	if len(b) < 20 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[len(b)-1] != 'Z' {
		return time.Time{}, false
	}
	year, ok0 := digits(b[0:4])
	month, ok1 := digits(b[5:7])
	day, ok2 := digits(b[8:10])
	hour, ok3 := digits(b[11:13])
	minute, ok4 := digits(b[14:16])
	second, ok5 := digits(b[17:19])
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5) || year < 2 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false // days 29 to 31 take the slow way, which knows the calendar
	}
	nanos := 0
	if f := b[19 : len(b)-1]; len(f) > 0 {
		if f[0] != '.' || len(f) < 2 || len(f) > 10 {
			return time.Time{}, false
		}
		micros := f[1:min(len(f), 7)]
		n, ok := digits(micros)
		if _, all := digits(f[1:]); !ok || !all {
			return time.Time{}, false
		}
		for range 6 - len(micros) {
			n *= 10
		}
		nanos = n * 1000
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC), true
}

func digits(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
