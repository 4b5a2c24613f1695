package money

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// C10: the number of decimals is the currency's own.
func TestC10_MinorUnitsFollowISO4217(t *testing.T) {
	for _, c := range []struct {
		in    string
		cur   Currency
		minor int64
		out   string
	}{
		{"12.34", "USD", 1234, "12.34"}, {"12.3", "USD", 1230, "12.30"}, {"12", "USD", 1200, "12.00"},
		{"1200", "JPY", 1200, "1200"}, {"1.234", "KWD", 1234, "1.234"}, {"-0.05", "EUR", -5, "-0.05"}, {"0.005", "KWD", 5, "0.005"},
		{"0", "USD", 0, "0.00"}, {"0", "JPY", 0, "0"}, {"0.10", "USD", 10, "0.10"}, {"0.09", "USD", 9, "0.09"}, {"7.010", "KWD", 7010, "7.010"},
		{"7.1", "KWD", 7100, "7.100"}, {"7.099", "KWD", 7099, "7.099"}, {"92233720368547758.07", "USD", math.MaxInt64, "92233720368547758.07"},
	} {
		a, err := Parse(c.in, c.cur)
		if err != nil || a.Minor != c.minor || a.Decimal() != c.out {
			t.Errorf("Parse(%q, %s) = %d %q, %v; want %d %q", c.in, c.cur, a.Minor, a.Decimal(), err, c.minor, c.out)
		}
	}
	for _, c := range []struct {
		in  string
		cur Currency
	}{
		{"12.345", "USD"}, {"1.2", "JPY"}, {"", "USD"}, {".5", "USD"}, {"5.", "USD"}, {"1e3", "USD"}, {"+1", "USD"}, {"1,000", "USD"},
		{"--1", "USD"}, {"-", "USD"}, {"1.2.3", "USD"}, {"92233720368547758.08", "USD"}, {"99999999999999999999", "JPY"},
	} {
		if a, err := Parse(c.in, c.cur); err == nil {
			t.Errorf("Parse(%q, %s) = %v; want an error", c.in, c.cur, a)
		}
	}
	for _, code := range []string{"XAU", "XTS", "usd", "US", "ABC", ""} {
		if c, err := ParseCurrency(code); err == nil {
			t.Errorf("ParseCurrency(%q) = %v; want an error", code, c)
		}
	}
}

// C10: one rounding, half to even.
func TestC10_PercentRoundsOnceHalfToEven(t *testing.T) {
	for _, c := range []struct {
		base           int64
		percent, fx    string
		baseExp, toExp int
		want           int64
	}{
		{1000, "5.00", "1", 2, 2, 50},
		{10, "5", "1", 2, 2, 0},           // 0.5 -> 0
		{30, "5", "1", 2, 2, 2},           // 1.5 -> 2
		{50, "5", "1", 2, 2, 2},           // 2.5 -> 2
		{70, "5", "1", 2, 2, 4},           // 3.5 -> 4
		{51, "5", "1", 2, 2, 3},           // 2.55 -> 3
		{1000, "10", "0.00685", 0, 2, 68}, // 100 JPY -> 0.685 USD -> 68.5 cents -> 68
		{1000, "10", "146", 2, 0, 146},    // 1 USD -> 146 JPY
		{1000, "100", "0.376", 2, 3, 3760},
		{math.MaxInt64, "100", "1", 2, 2, math.MaxInt64},
		{0, "69", "1.17", 2, 2, 0},
		// Amounts whose product with the rate does not fit into 64 bits.
		{4_000_000_000_000_000_001, "50.00", "1", 2, 2, 2_000_000_000_000_000_000}, // ….5 -> even
		{4_000_000_000_000_000_003, "50.00", "1", 2, 2, 2_000_000_000_000_000_002}, // ….5 -> even
		{4_000_000_000_000_000_001, "50.01", "1", 2, 2, 2_000_400_000_000_000_001}, // ….0001 more than a half
		{4_000_000_000_000_000_000, "75.00", "1.25", 2, 2, 3_750_000_000_000_000_000},
	} {
		got, err := Percent(c.base, MustRate(c.percent), MustRate(c.fx), c.baseExp, c.toExp)
		if err != nil || got != c.want {
			t.Errorf("Percent(%d, %s, %s, %d, %d) = %d, %v; want %d", c.base, c.percent, c.fx, c.baseExp, c.toExp, got, err, c.want)
		}
	}
	if _, err := Percent(math.MaxInt64, MustRate("101"), One(), 2, 2); err == nil {
		t.Error("101 % of the largest amount fits; want ErrOverflow")
	}
	if _, err := Percent(-1, MustRate("1"), One(), 2, 2); err == nil {
		t.Error("a negative base is accepted")
	}
}

// C10: Percent equals exact rational arithmetic for every input (both of its ways to compute).
func TestC10_PercentIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(0, math.MaxInt64).Draw(t, "base")
		if rapid.Bool().Draw(t, "small") {
			base %= 1_000_000_00
		}
		percent := MustRate(rapid.StringMatching(`[0-9]{1,3}\.[0-9]{1,5}`).Draw(t, "percent"))
		fx := MustRate(rapid.StringMatching(`[0-9]{1,5}\.[0-9]{1,9}`).Draw(t, "fx"))
		be := rapid.SampledFrom([]int{0, 2, 3, 4}).Draw(t, "be")
		te := rapid.SampledFrom([]int{0, 2, 3, 4}).Draw(t, "te")
		x, _ := new(big.Rat).SetString(percent.String())
		y, _ := new(big.Rat).SetString(fx.String())
		x.Mul(x, y).Mul(x, new(big.Rat).SetInt64(base)).Quo(x, big.NewRat(100, 1))
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(te-be, be-te))), nil))
		if te < be {
			x.Quo(x, scale)
		} else {
			x.Mul(x, scale)
		}
		q, r := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
		if c := r.Lsh(r, 1).Cmp(x.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
			q.Add(q, big.NewInt(1))
		}
		got, err := Percent(base, percent, fx, be, te)
		if !q.IsInt64() {
			if err == nil {
				t.Fatalf("Percent = %d, want overflow (%v)", got, q)
			}
			return
		}
		if err != nil || got != q.Int64() {
			t.Fatalf("Percent = %d, %v; want %v", got, err, q)
		}
	})
}

// C10: the parts add up to the cent, and no share is further than one unit from its exact part.
func TestC10_SplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, math.MaxInt64/4).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 12).Draw(t, "weights")
		shares, err := Split(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		var sum, wsum int64
		for i := range shares {
			sum += shares[i]
			wsum += weights[i]
		}
		if wsum == 0 {
			if sum != 0 {
				t.Fatalf("no weights, yet %d was shared out", sum)
			}
			return
		}
		if sum != total {
			t.Fatalf("shares add up to %d, want %d", sum, total)
		}
		for i := range shares {
			exact := new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i]))
			exact.Quo(exact, big.NewInt(wsum))
			if d := shares[i] - exact.Int64(); d < 0 || d > 1 {
				t.Fatalf("share %d is %d, its exact part %v", i, shares[i], exact)
			}
			if weights[i] == 0 && shares[i] != 0 {
				t.Fatalf("share %d has no weight and gets %d", i, shares[i])
			}
		}
	})
}

// C10: ties go to the earlier line.
func TestC10_SplitTiesGoToTheEarlierLine(t *testing.T) {
	for _, c := range []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{1, []int64{1, 1}, []int64{1, 0}}, {2, []int64{1, 1, 1}, []int64{1, 1, 0}}, {100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{10, []int64{0, 0}, []int64{0, 0}}, {5, []int64{1, 3}, []int64{1, 4}}, {1, []int64{1, 2}, []int64{0, 1}},
	} {
		got, err := Split(c.total, c.weights)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("Split(%d, %v) = %v, want %v", c.total, c.weights, got, c.want)
				break
			}
		}
	}
	if _, err := Split(-1, []int64{1}); err == nil {
		t.Error("a negative total is shared out")
	}
	if _, err := Split(1, []int64{-1}); err == nil {
		t.Error("a negative weight is accepted")
	}
}

func TestC10_RatesKeepTheirDigits(t *testing.T) {
	for in, want := range map[string]string{"2.40": "2.40", "8": "8.00", "0.75": "0.75", "86.125": "86.125", "69.00": "69.00"} {
		r, err := ParseRate(in)
		if err != nil || r.String() != want {
			t.Errorf("ParseRate(%q) = %v, %v; want %s", in, r, err, want)
		}
	}
	for _, in := range []string{"", "-1", "+1", "1e2", ".5", "5.", "1.2.3", "NaN", "1234567890123456789", " 1"} {
		if r, err := ParseRate(in); err == nil {
			t.Errorf("ParseRate(%q) = %v; want an error", in, r)
		}
	}
	sum, err := MustRate("5.00").Add(MustRate("2.005"))
	if err != nil || sum.String() != "7.005" {
		t.Errorf("5.00 + 2.005 = %v, %v", sum, err)
	}
	if got := MustRate("0.10").Clamp(MustRate("0.40"), MustRate("69")); got.String() != "0.40" {
		t.Errorf("0.10 clamped to 0.40..69 is %v", got)
	}
	if got := MustRate("70").Clamp(MustRate("0.40"), MustRate("69")); got.String() != "69.00" {
		t.Errorf("70 clamped to 0.40..69 is %v", got)
	}
}

func FuzzParseMinor(f *testing.F) {
	f.Add("12.34", 2)
	f.Add("-0.001", 3)
	f.Fuzz(func(t *testing.T, s string, exp int) {
		if exp < 0 || exp > 4 {
			return
		}
		n, err := ParseMinor(s, exp)
		if err != nil {
			return
		}
		again, err := ParseMinor(AppendDecimal(nil, n, exp), exp)
		if err != nil || again != n {
			t.Fatalf("%q = %d prints as %q = %d, %v", s, n, AppendDecimal(nil, n, exp), again, err)
		}
	})
}

func BenchmarkPercent(b *testing.B) {
	b.ReportAllocs()
	p, fx := MustRate("2.40"), MustRate("1.0843")
	for b.Loop() {
		if _, err := Percent(12345, p, fx, 2, 2); err != nil {
			b.Fatal(err)
		}
	}
}

// C10: a rate that was kept as text comes back as it was.
func TestC10_RatesSurviveJSON(t *testing.T) {
	for _, s := range []string{"0.00", "2.40", "86.125", "1.50"} {
		b, err := json.Marshal(struct{ R *Rate }{func() *Rate { r := MustRate(s); return &r }()})
		if err != nil || string(b) != `{"R":"`+s+`"}` {
			t.Errorf("%s is kept as %s, %v", s, b, err)
		}
		var back struct{ R *Rate }
		if err := json.Unmarshal(b, &back); err != nil || back.R.String() != s {
			t.Errorf("%s came back as %v, %v", s, back.R, err)
		}
	}
}
