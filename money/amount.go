package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// ErrOverflow says that an amount does not fit into 63 bits of minor units.
var ErrOverflow = errors.New("amount is too large")

// Amount is a sum of money: a count of minor units of a currency. Amounts of different currencies are never added.
type Amount struct {
	Minor    int64
	Currency Currency
}

// New returns an amount of minor units.
func New(minor int64, c Currency) Amount { return Amount{minor, c} }

// Parse reads a decimal in the currency's major unit, such as "12.34" USD. More decimals than the currency has are
// refused, not rounded. A leading minus is allowed.
func Parse(s string, c Currency) (Amount, error) {
	minor, err := ParseMinor(s, c.Exponent())
	if err != nil {
		return Amount{}, fmt.Errorf("%w for %s", err, c)
	}
	return Amount{minor, c}, nil
}

// ParseMinor reads a decimal in major units as a count of minor units, for a currency with exp decimals.
func ParseMinor[S string | []byte](s S, exp int) (int64, error) {
	bad := func() (int64, error) {
		return 0, fmt.Errorf("%q is not an amount such as \"12.34\" with at most %d decimals", string(s), exp)
	}
	i, neg := 0, false
	if len(s) > 0 && s[0] == '-' {
		neg, i = true, 1
	}
	var n uint64
	digits, decimals, dot := 0, 0, false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' {
			if dot || digits == 0 {
				return bad()
			}
			dot = true
			continue
		}
		if c < '0' || c > '9' {
			return bad()
		}
		digits++
		if dot {
			decimals++
		}
		if n > math.MaxInt64/10 {
			return 0, fmt.Errorf("%q: %w", string(s), ErrOverflow)
		}
		n = n*10 + uint64(c-'0')
	}
	if digits == 0 || decimals > exp || (dot && decimals == 0) {
		return bad()
	}
	for range exp - decimals {
		if n > math.MaxInt64/10 {
			return 0, fmt.Errorf("%q: %w", string(s), ErrOverflow)
		}
		n *= 10
	}
	if n > math.MaxInt64 {
		return 0, fmt.Errorf("%q: %w", string(s), ErrOverflow)
	}
	if neg {
		return -int64(n), nil
	}
	return int64(n), nil
}

// String prints the amount in major units with the currency: "12.34 USD".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Decimal prints the amount in major units with all decimals of its currency and no grouping: "12.34", "-0.05", "1200".
func (a Amount) Decimal() string { return string(AppendDecimal(nil, a.Minor, a.Currency.Exponent())) }

// AppendDecimal appends minor units in major units with exp decimals.
func AppendDecimal(dst []byte, minor int64, exp int) []byte {
	u := uint64(minor)
	if minor < 0 {
		dst = append(dst, '-')
		u = -u
	}
	if exp == 0 {
		return strconv.AppendUint(dst, u, 10)
	}
	p := pow10(exp)
	dst = strconv.AppendUint(dst, u/p, 10)
	dst = append(dst, '.')
	frac := u % p
	for q := p / 10; q > 1 && frac < q; q /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, frac, 10)
}

// Add returns a + b minor units, or ErrOverflow.
func Add(a, b int64) (int64, error) {
	s := a + b
	if (a > 0 && b > 0 && s < 0) || (a < 0 && b < 0 && s >= 0) {
		return 0, fmt.Errorf("%d + %d: %w", a, b, ErrOverflow)
	}
	return s, nil
}

// Percent returns base × percent / 100 × fx, from a currency with baseExp decimals into one with toExp decimals,
// computed exactly and rounded once, half to even (C10). fx is the number of target units for one base unit; pass One
// where the currencies are the same. base must not be negative.
func Percent(base int64, percent, fx Rate, baseExp, toExp int) (int64, error) {
	if base < 0 {
		return 0, fmt.Errorf("percentage of the negative amount %d", base)
	}
	// base × pc × fc / 10^k, where k gathers the scales of both rates, the per cent and the change of minor unit.
	pc, fc := percent.d.Coef(), fx.d.Coef()
	k := percent.d.Scale() + fx.d.Scale() + 2 + baseExp - toExp
	hi, lo := bits.Mul64(uint64(base), pc)
	if hi == 0 && k >= 0 && k <= 19 {
		hi, lo = bits.Mul64(lo, fc)
		if p := pow10(k); hi < p {
			q, r := bits.Div64(hi, lo, p)
			// r and p - r are compared, not 2r and p: 2r may not fit.
			if r > p-r || (r == p-r && q&1 == 1) {
				q++
			}
			if q <= math.MaxInt64 {
				return int64(q), nil
			}
		}
	}
	return percentBig(base, pc, fc, k)
}

func percentBig(base int64, pc, fc uint64, k int) (int64, error) {
	n := new(big.Int).SetInt64(base)
	n.Mul(n, new(big.Int).SetUint64(pc)).Mul(n, new(big.Int).SetUint64(fc))
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil)
	if k < 0 {
		n.Mul(n, p)
	} else {
		n = divHalfEven(n, p)
	}
	if !n.IsInt64() {
		return 0, fmt.Errorf("percentage of %d: %w", base, ErrOverflow)
	}
	return n.Int64(), nil
}

// divHalfEven divides non-negative n by positive d, half to even.
func divHalfEven(n, d *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	switch r.Lsh(r, 1).Cmp(d) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	return q
}

// pow10 is 10^n for 0 <= n <= 19.
func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
