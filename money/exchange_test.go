package money

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// C10: the last rate on or before the day is used, in the direction in which it was given.
func TestC10_ExchangeOfTheDay(t *testing.T) {
	var x Exchange
	if _, _, err := x.On("2026-03-10", "EUR", "USD"); err == nil {
		t.Error("an empty table has a rate")
	}
	for _, q := range []struct{ day, rate string }{{"2026-03-12", "1.2"}, {"2026-03-09", "1.1"}, {"2026-03-11", "1.15"}} {
		if err := x.Add(Day(q.day), "EUR", "USD", MustRate(q.rate)); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Add("2026-03-09", "USD", "JPY", MustRate("146")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day, base, quote, rate, of string
	}{
		{"2026-03-09", "EUR", "USD", "1.10", "2026-03-09"},
		{"2026-03-10", "EUR", "USD", "1.10", "2026-03-09"},
		{"2026-03-11", "EUR", "USD", "1.15", "2026-03-11"},
		{"2026-03-12", "EUR", "USD", "1.20", "2026-03-12"},
		{"2030-01-01", "EUR", "USD", "1.20", "2026-03-12"},
		{"2026-03-10", "USD", "JPY", "146.00", "2026-03-09"},
		{"1990-01-01", "CHF", "CHF", "1.00", "1990-01-01"}, // between a currency and itself, on any day
	} {
		rate, of, err := x.On(Day(c.day), Currency(c.base), Currency(c.quote))
		if err != nil || rate.String() != c.rate || string(of) != c.of {
			t.Errorf("%s to %s on %s: %v of %s, %v; want %s of %s", c.base, c.quote, c.day, rate, of, err, c.rate, c.of)
		}
	}
	for _, c := range []struct{ day, base, quote string }{
		{"2026-03-08", "EUR", "USD"}, // before the first
		{"2026-03-10", "USD", "EUR"}, // an inverse would be rounded
		{"2026-03-10", "EUR", "JPY"}, // and so would be two at once
	} {
		rate, _, err := x.On(Day(c.day), Currency(c.base), Currency(c.quote))
		var missing *MissingRateError
		if !errors.As(err, &missing) || *missing != (MissingRateError{Currency(c.base), Currency(c.quote), Day(c.day)}) || !rate.IsZero() {
			t.Errorf("%s to %s on %s: %v, %v", c.base, c.quote, c.day, rate, err)
		}
		for _, word := range []string{c.base, c.quote, c.day} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not name %s: %v", word, err)
			}
		}
	}
	// The same rate may come again, in other digits too; another one for the same day may not, and no rate is zero.
	if err := x.Add("2026-03-09", "EUR", "USD", MustRate("1.100")); err != nil {
		t.Error(err)
	}
	if err := x.Add("2026-03-09", "EUR", "USD", MustRate("1.11")); err == nil || !strings.Contains(err.Error(), "1.10 and 1.11") {
		t.Errorf("two rates for one day: %v", err)
	}
	if err := x.Add("2026-03-13", "EUR", "USD", MustRate("0.00")); err == nil {
		t.Error("a rate of zero was taken")
	}
	if rate, _, err := x.On("2026-03-10", "EUR", "USD"); err != nil || rate.String() != "1.10" {
		t.Errorf("after what was refused: %v, %v", rate, err)
	}
}

// C10: the order in which rates are entered does not matter.
func TestC10_ExchangeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := []Day{"2026-01-01", "2026-01-05", "2026-02-01", "2026-02-28", "2026-03-01"}
		var x Exchange
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "order") {
			if err := x.Add(days[i], "EUR", "USD", MustRate([]string{"1", "2", "3", "4", "5"}[i])); err != nil {
				t.Fatal(err)
			}
		}
		for i, d := range days {
			if r, of, err := x.On(d+"x", "EUR", "USD"); err != nil || of != d || r.Cmp(MustRate([]string{"1", "2", "3", "4", "5"}[i])) != 0 {
				t.Fatalf("right after %s: %v of %s, %v", d, r, of, err)
			}
		}
	})
}

// C10: a rate from two rates against one base is rounded once, half to even, to twelve decimals.
func TestC10_CrossRates(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"1.1", "1", "1.10"}, {"1", "3", "0.333333333333"}, {"2", "3", "0.666666666667"}, {"146.5", "1.1", "133.181818181818"}, {"0", "5", "0.00"},
		{"1", "8000000000000", "0.00"}, {"3", "8000000000000", "0.00"}, {"1", "2000000000000", "0.00"}, {"3", "2000000000000", "0.000000000002"},
		{"1", "8", "0.125"}, {"5", "2.5", "2.00"},
	} {
		got, err := Cross(MustRate(c.a), MustRate(c.b))
		if err != nil || got.String() != c.want {
			t.Errorf("%s / %s = %v, %v; want %s", c.a, c.b, got, err, c.want)
		}
	}
	if r, err := Cross(MustRate("1"), MustRate("0")); err == nil {
		t.Errorf("1 / 0 = %v", r)
	}
}

// C4: a rate within its range, the ends included, stays as it was written; outside it becomes the nearer end.
func TestC4_RatesAreHeldInTheirRange(t *testing.T) {
	for _, c := range [][2]string{{"2.999", "3.00"}, {"3.000", "3.000"}, {"3.001", "3.001"}, {"50.000", "50.000"}, {"50.001", "50.00"}, {"0", "3.00"}, {"99", "50.00"}} {
		if got := MustRate(c[0]).Clamp(MustRate("3"), MustRate("50")).String(); got != c[1] {
			t.Errorf("%s between 3 and 50 is %s, want %s", c[0], got, c[1])
		}
	}
}

// C10: what does not fit is refused, not rounded.
func TestC10_RatesAddExactlyOrNotAtAll(t *testing.T) {
	if sum, err := MustRate("999999999999999.9").Add(MustRate("0.1")); err != nil || sum.String() != "1000000000000000.00" {
		t.Errorf("%v, %v", sum, err)
	}
	if sum, err := MustRate("999999999999999999").Add(MustRate("0.00000000001")); err == nil {
		t.Errorf("a sum of too many digits is %v", sum)
	}
	if c := MustRate("2.40").Cmp(MustRate("2.4")); c != 0 {
		t.Error("2.40 is not 2.4")
	}
	for s, zero := range map[string]bool{"0": true, "0.00": true, "0.01": false} {
		if MustRate(s).IsZero() != zero {
			t.Errorf("%s is zero: %v", s, !zero)
		}
	}
	if lo, hi := MustRate("0.40"), MustRate("69"); lo.Clamp(lo, hi).Cmp(lo) != 0 || hi.Clamp(lo, hi).Cmp(hi) != 0 || MustRate("5").Clamp(lo, hi).Cmp(MustRate("5")) != 0 {
		t.Error("a rate inside its range is moved")
	}
	defer func() {
		if recover() == nil {
			t.Error("MustRate took a word")
		}
	}()
	MustRate("many")
}

// C10: a currency that nothing can be paid in has no decimals, and asking for them is a mistake in the program.
func TestC10_UnknownCurrencies(t *testing.T) {
	for c, want := range map[Currency]bool{"USD": true, "JPY": true, "CLF": true, "XAU": false, "": false, "usd": false} {
		if c.Valid() != want {
			t.Errorf("%q is valid: %v", c, !want)
		}
	}
	if c, err := ParseCurrency("KWD"); err != nil || c != "KWD" || c.Exponent() != 3 {
		t.Errorf("%v, %v", c, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown currency has decimals")
		}
	}()
	Currency("XTS").Exponent()
}

// I2: sums that do not fit are refused, not wrapped.
func TestI2_AddRefusesOverflow(t *testing.T) {
	const most, least = 1<<63 - 1, -1 << 63
	for _, c := range []struct {
		a, b, want int64
		ok         bool
	}{
		{1, 2, 3, true}, {-5, 5, 0, true}, {most, 0, most, true}, {most, -1, most - 1, true}, {most, 1, 0, false}, {1, most, 0, false}, {most, most, 0, false},
		{least, 0, least, true}, {least, 1, least + 1, true}, {least, -1, 0, false}, {-1, least, 0, false}, {least, least, 0, false}, {least, most, -1, true},
		{least / 2, least / 2, least, true}, {0, 0, 0, true},
	} {
		got, err := Add(c.a, c.b)
		if got != c.want || (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrOverflow)) {
			t.Errorf("%d + %d = %d, %v", c.a, c.b, got, err)
		}
	}
}
