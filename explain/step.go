// Package explain holds the explanation of a decision: what was looked at and what followed, as codes and values, not as
// prose (T7, C11). Render turns it into sentences in English or Turkish.
package explain

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Step is one line of an explanation: a code and named values, in the order that they are read in.
type Step struct {
	Code   string
	Values []Value
}

// Value is a named value of a step.
type Value struct{ Name, Text string }

// New returns a step; names and texts alternate in pairs.
func New(code string, pairs ...string) Step {
	s := Step{Code: code, Values: make([]Value, 0, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Values = append(s.Values, Value{pairs[i], pairs[i+1]})
	}
	return s
}

// Get returns the text of a named value, or "".
func (s Step) Get(name string) string {
	for _, v := range s.Values {
		if v.Name == name {
			return v.Text
		}
	}
	return ""
}

// AppendJSON appends the step as one flat object: the code first, then its values.
func (s Step) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = AppendString(dst, s.Code)
	for _, v := range s.Values {
		dst = append(dst, ',')
		dst = AppendString(dst, v.Name)
		dst = append(dst, ':')
		dst = AppendString(dst, v.Text)
	}
	return append(dst, '}')
}

// MarshalJSON implements json.Marshaler.
func (s Step) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler; it keeps the order of the values.
func (s *Step) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(strings.NewReader(string(b)))
	if t, err := d.Token(); err != nil {
		return fmt.Errorf("explanation step: %w", err)
	} else if t != json.Delim('{') {
		return fmt.Errorf("an explanation step is an object, not %s", b)
	}
	*s = Step{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("explanation step: %w", err)
		}
		var text string
		if err := d.Decode(&text); err != nil {
			return fmt.Errorf("explanation step, value %v: %w", name, err)
		}
		if name == "code" {
			s.Code = text
		} else {
			s.Values = append(s.Values, Value{name.(string), text})
		}
	}
	return nil
}

// AppendString appends a JSON string. It escapes what JSON demands and no more, so that records stay readable.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
