package money

import (
	"fmt"

	"github.com/govalues/decimal"
)

// Rate is an exact, non-negative decimal number. Whether it is a percentage or an exchange rate is said by the function
// that takes it. The zero value is 0.
type Rate struct {
	d decimal.Decimal
}

// ParseRate reads a plain decimal such as "2.40" (no sign, no exponent, at most 18 digits). The digits as written are
// kept: "2.40" prints as "2.40".
func ParseRate(s string) (Rate, error) {
	digits, dot := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && !dot && i > 0 && i < len(s)-1:
			dot = true
		default:
			return Rate{}, fmt.Errorf("%q is not a plain decimal number such as \"2.40\"", s)
		}
	}
	if digits == 0 || digits > maxDigits {
		return Rate{}, fmt.Errorf("%q is not a plain decimal number of 1 to %d digits", s, maxDigits)
	}
	d, err := decimal.Parse(s)
	if err != nil {
		return Rate{}, fmt.Errorf("%q is not a plain decimal number: %w", s, err)
	}
	return Rate{d}, nil
}

// MustRate is ParseRate for constants in tests and tables; it panics on a malformed number.
func MustRate(s string) Rate {
	r, err := ParseRate(s)
	if err != nil {
		panic(err)
	}
	return r
}

// String prints the rate with the digits it was written with and at least two decimals: "0.75", "8.00", "86.125". Where these would be
// more than the 18 digits that ParseRate reads, it has fewer decimals.
func (r Rate) String() string {
	whole := r.d.Prec() - r.d.Scale()
	return r.d.Pad(min(2, maxDigits-whole)).String()
}

// maxDigits is how many digits a rate has at most.
const maxDigits = 18

// MarshalText implements encoding.TextMarshaler: the digits as String prints them.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Rate) UnmarshalText(b []byte) (err error) { *r, err = ParseRate(string(b)); return err }

// IsZero reports whether the rate is 0.
func (r Rate) IsZero() bool { return r.d.IsZero() }

// Cmp compares two rates by value: -1, 0 or 1.
func (r Rate) Cmp(o Rate) int { return r.d.Cmp(o.d) }

// Add returns r + o exactly. It fails when the sum has more digits than a rate may have.
func (r Rate) Add(o Rate) (Rate, error) {
	s := max(r.d.Scale(), o.d.Scale())
	d, err := r.d.AddExact(o.d, s)
	if err != nil {
		return Rate{}, fmt.Errorf("adding rate %v to %v: %w", o, r, err)
	}
	return Rate{d}, nil
}

// Clamp returns the rate limited to the range lo to hi, both included.
func (r Rate) Clamp(lo, hi Rate) Rate {
	if r.Cmp(lo) < 0 {
		return lo
	}
	if r.Cmp(hi) > 0 {
		return hi
	}
	return r
}

// One is the exchange rate between a currency and itself.
func One() Rate { return Rate{decimal.One} }

// Cross returns the exchange rate a/b with the given number of significant digits after exact division, rounded half to
// even: it serves importers of reference rates, which are quoted against one base. Rating never divides rates.
func Cross(a, b Rate) (Rate, error) {
	q, err := a.d.Quo(b.d)
	if err != nil {
		return Rate{}, fmt.Errorf("dividing rate %v by %v: %w", a, b, err)
	}
	if q.Scale() > 12 {
		q = q.Round(12)
	}
	q = q.Trim(0)
	return Rate{q}, nil
}
