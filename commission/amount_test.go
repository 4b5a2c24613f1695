package commission_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

// dollars is no conversion.
var dollars = commission.Conversion{Rate: money.One(), FromExp: 2, ToExp: 2}

func rated(rule, percent string) commission.Rated {
	return commission.Rated{Rule: rule, Percent: money.MustRate(percent)}
}

func newBuyer(percent, old string, limit int64) commission.Rated {
	return commission.Rated{Rule: "new_buyer", Percent: money.MustRate(percent), OldPercent: money.MustRate(old), UpliftCap: limit}
}

// capped is a table whose orders are capped.
func capped(limit int64) *commission.Table {
	return commission.Compile(&program.Terms{Rates: program.Rates{OrderCap: limit}})
}

// O3, O4: the base is the price less the coupon's share less refunds, not below zero, and nothing of what was not sold.
func TestO4_Base(t *testing.T) {
	for _, c := range []struct {
		line commission.Line
		want int64
	}{
		{commission.Line{Price: 1000}, 1000},
		{commission.Line{Price: 1000, CouponShare: 100}, 900},
		{commission.Line{Price: 1000, CouponShare: 100, Refunded: 300}, 600},
		{commission.Line{Price: 1000, CouponShare: 100, Refunded: 900}, 0},
		{commission.Line{Price: 1000, CouponShare: 100, Refunded: 950}, 0},
		{commission.Line{Price: 1000, Refunded: math.MaxInt64}, 0},
		{commission.Line{Price: 1000, CouponShare: 1000}, 0},
		{commission.Line{Price: 1000, Nothing: true}, 0},
		{commission.Line{}, 0},
	} {
		for _, won := range []bool{false, true} {
			lines := []commission.Line{c.line}
			lines[0].Won, lines[0].Rated = won, rated("default", "10")
			if err := capped(0).Amounts(lines, dollars); err != nil {
				t.Fatal(err)
			}
			l := lines[0]
			wantAmount, wantValue := c.want/10, c.want
			if !won {
				wantAmount, wantValue = 0, 0
			}
			if l.Base != c.want || l.Amount != wantAmount || l.Raw != wantAmount || l.Value != wantValue {
				t.Errorf("%+v, won %v: base %d, amount %d, value %d; want base %d", c.line, won, l.Base, l.Amount, l.Value, c.want)
			}
		}
	}
}

// O3: an item is refunded in full when nothing of what the buyer paid for it is left.
func TestO3_RefundedInFull(t *testing.T) {
	for _, c := range []struct {
		line commission.Line
		want bool
	}{
		{commission.Line{Price: 1000}, false},
		{commission.Line{Price: 1000, Refunded: 999}, false},
		{commission.Line{Price: 1000, Refunded: 1000}, true},
		{commission.Line{Price: 1000, Refunded: 1001}, true},
		{commission.Line{Price: 1000, CouponShare: 100, Refunded: 899}, false},
		{commission.Line{Price: 1000, CouponShare: 100, Refunded: 900}, true},
		{commission.Line{Price: 1000, CouponShare: 1000}, false}, // it was given away; nothing was given back
		{commission.Line{Price: 1000, CouponShare: 1000, Refunded: 1}, true},
		{commission.Line{}, false},
	} {
		if got := c.line.FullyRefunded(); got != c.want {
			t.Errorf("%+v: %v", c.line, got)
		}
	}
}

// O4: the coupon is shared out over all lines in proportion to their prices; the shares add up, ties go to the earlier line.
func TestO4_CouponShares(t *testing.T) {
	for _, c := range []struct {
		coupon int64
		prices []int64
		want   []int64
	}{
		{0, []int64{1000, 2000}, []int64{0, 0}},
		{100, []int64{1000, 1000, 1000}, []int64{34, 33, 33}},
		{1000, []int64{6000, 3000}, []int64{667, 333}},
		{1, []int64{1, 1}, []int64{1, 0}},
		{500, []int64{100, 300}, []int64{100, 300}}, // a coupon of more than the order takes everything
		{400, []int64{100, 300}, []int64{100, 300}},
		{50, []int64{0, 0}, []int64{0, 0}},
		{50, []int64{0, 200}, []int64{0, 50}},
	} {
		lines := make([]commission.Line, len(c.prices))
		for i, p := range c.prices {
			lines[i].Price = p
		}
		if err := commission.ShareCoupon(lines, c.coupon); err != nil {
			t.Fatal(err)
		}
		for i := range lines {
			if lines[i].CouponShare != c.want[i] {
				t.Errorf("%d over %v: line %d bears %d, want %v", c.coupon, c.prices, i, lines[i].CouponShare, c.want)
			}
		}
	}
	if err := commission.ShareCoupon([]commission.Line{{Price: math.MaxInt64}, {Price: 1}}, 5); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("an order of more than can be counted: %v", err)
	}
	if err := commission.ShareCoupon([]commission.Line{{Price: 10}}, -5); err == nil {
		t.Error("a coupon of less than nothing was shared out")
	}
	if err := commission.ShareCoupon([]commission.Line{{Price: 10}, {Price: -1}}, 5); err == nil {
		t.Error("a price below zero was taken")
	}
}

// C10: base × rate × exchange rate is rounded once; the value likewise.
func TestC10_ConversionRoundsOnce(t *testing.T) {
	conv := commission.Conversion{Rate: money.MustRate("1.5"), FromExp: 2, ToExp: 2}
	// 0.01 EUR at 75 % and 1.5 are 0.01125 USD: 1 cent. Rounding the value (1.5 cents) or the percentage (0.75 cents) first would make 2.
	lines := []commission.Line{{Price: 1, Won: true, Rated: rated("default", "75")}}
	if err := capped(0).Amounts(lines, conv); err != nil || lines[0].Amount != 1 || lines[0].Value != 2 {
		t.Errorf("%+v, %v", lines[0], err)
	}
	// 0.03 EUR at 50 % and 1.5 are 0.0225 USD: 2 cents.
	lines = []commission.Line{{Price: 3, Won: true, Rated: rated("default", "50")}}
	if err := capped(0).Amounts(lines, conv); err != nil {
		t.Fatal(err)
	}
	if l := lines[0]; l.Amount != 2 || l.Value != 4 { // 4.5 cents: half to even
		t.Errorf("amount %d, value %d", l.Amount, l.Value)
	}
	// Minor units are the currencies' own: 2000 JPY at 5 % and 0.00685 are 0.685 USD.
	lines = []commission.Line{{Price: 2000, Won: true, Rated: rated("default", "5")}}
	if err := capped(0).Amounts(lines, commission.Conversion{Rate: money.MustRate("0.00685"), FromExp: 0, ToExp: 2}); err != nil || lines[0].Amount != 68 || lines[0].Value != 1370 {
		t.Errorf("%+v, %v", lines[0], err)
	}
	// What an old buyer would have brought is converted the same way.
	lines = []commission.Line{{Price: 1000, Won: true, Rated: newBuyer("10", "5", 0)}}
	if err := capped(0).Amounts(lines, conv); err != nil || lines[0].Amount != 150 || lines[0].Old != 75 {
		t.Errorf("%+v, %v", lines[0], err)
	}
	for _, rated := range []commission.Rated{rated("default", "100"), rated("default", "0.1"), newBuyer("0", "100", 0)} {
		lines = []commission.Line{{Price: math.MaxInt64, Won: true, Rated: rated}}
		if err := capped(0).Amounts(lines, commission.Conversion{Rate: money.MustRate("1000"), FromExp: 2, ToExp: 2}); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("%+v: %v", rated, err)
		}
	}
}

// C7: what new buyers bring above old ones is capped over the whole order; the excess is taken off in proportion to it.
func TestC7_UpliftCap(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []commission.Line
		want  []int64
	}{
		{"below the cap", []commission.Line{{Price: 10000, Rated: newBuyer("10.30", "7.20", 400)}}, []int64{1030}},
		{"at the cap", []commission.Line{{Price: 10000, Rated: newBuyer("9.60", "5.60", 400)}}, []int64{960}},
		{"a cent above", []commission.Line{{Price: 10000, Rated: newBuyer("9.61", "5.60", 400)}}, []int64{960}},
		{"one for the order, not for each item", []commission.Line{{Price: 10000, Rated: newBuyer("8.60", "5.60", 400)}, {Price: 10000, Rated: newBuyer("8.60", "5.60", 400)}}, []int64{760, 760}},
		{"in proportion to the uplift", []commission.Line{{Price: 10000, Rated: newBuyer("11.60", "5.60", 400)}, {Price: 10000, Rated: newBuyer("7.60", "5.60", 400)}}, []int64{860, 660}},
		{"ties to the earlier line", []commission.Line{{Price: 10000, Rated: newBuyer("7.61", "5.60", 400)}, {Price: 10000, Rated: newBuyer("7.60", "5.60", 400)}, {Price: 10000, Rated: newBuyer("7.60", "5.60", 400)}}, []int64{694, 693, 693}},
		{"others do not count", []commission.Line{{Price: 10000, Rated: rated("category", "50")}, {Price: 10000, Rated: newBuyer("8.60", "5.60", 400)}}, []int64{5000, 860}},
		{"nobody won it", []commission.Line{{Price: 10000, Rated: newBuyer("8.60", "5.60", 400)}, {Price: 90000, Rated: commission.Rated{Rule: "new_buyer", Percent: money.MustRate("9"), Step: -2}}}, []int64{860, 0}},
		{"no cap", []commission.Line{{Price: 100000, Rated: newBuyer("10", "5", 0)}}, []int64{10000}},
		{"an old buyer would have brought more", []commission.Line{{Price: 100000, Rated: newBuyer("3", "5", 400)}, {Price: 10000, Rated: newBuyer("10.60", "5.60", 400)}}, []int64{3000, 960}},
	} {
		for i := range c.lines {
			c.lines[i].Won = c.lines[i].Rated.Step != -2
		}
		if err := capped(0).Amounts(c.lines, dollars); err != nil {
			t.Fatal(err)
		}
		for i, l := range c.lines {
			if l.Amount != c.want[i] || l.Amount != l.Raw-l.UpliftCut || l.CapCut != 0 {
				t.Errorf("%s: item %d earns %d (raw %d, cut %d), want %d", c.name, i, l.Amount, l.Raw, l.UpliftCut, c.want[i])
			}
		}
	}
}

// C8: one order has one cap, taken off in proportion to the amounts, after the uplift cap.
func TestC8_OrderCap(t *testing.T) {
	won := func(price int64, r commission.Rated) commission.Line {
		return commission.Line{Price: price, Won: true, Rated: r}
	}
	for _, c := range []struct {
		name  string
		cap   int64
		lines []commission.Line
		want  []int64
	}{
		{"at the cap", 3800, []commission.Line{won(38000, rated("default", "10"))}, []int64{3800}},
		{"above", 3800, []commission.Line{won(38010, rated("default", "10"))}, []int64{3800}},
		{"in proportion", 3800, []commission.Line{won(50000, rated("category", "7.20")), won(50000, rated("category", "2.40")), won(50000, rated("default", "5.60"))}, []int64{1800, 600, 1400}},
		{"ties to the earlier line", 100, []commission.Line{won(1000, rated("default", "10")), won(1000, rated("default", "10")), won(1000, rated("default", "10"))}, []int64{33, 33, 34}},
		{"no cap", 0, []commission.Line{won(1000000, rated("default", "10"))}, []int64{100000}},
		{"what nobody won takes no room", 3800, []commission.Line{won(38000, rated("default", "10")), {Price: 50000, Rated: rated("default", "10")}}, []int64{3800, 0}},
		// 41.20 and 30.00: the uplift of 12.40 + 0 goes down to 4.00, so the order comes to 62.80 before its cap.
		{"after the uplift cap", 3800, []commission.Line{won(40000, newBuyer("10.30", "7.20", 400)), won(30000, rated("category", "10"))}, []int64{1985, 1815}},
	} {
		if err := capped(c.cap).Amounts(c.lines, dollars); err != nil {
			t.Fatal(err)
		}
		for i, l := range c.lines {
			if l.Amount != c.want[i] || l.Amount != l.Raw-l.UpliftCut-l.CapCut {
				t.Errorf("%s: item %d earns %d (raw %d, cut %d and %d), want %d", c.name, i, l.Amount, l.Raw, l.UpliftCut, l.CapCut, c.want[i])
			}
		}
	}
}

// I9: whatever the order, no amount is below zero, the caps hold, the cuts are the least that they can be, and each item's
// part of a cut is within a minor unit of its exact share.
func TestI9_CapsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, upliftLimit := rapid.Int64Range(0, 5000).Draw(t, "cap"), rapid.Int64Range(0, 500).Draw(t, "uplift cap")
		percents := []string{"0", "0.75", "2.40", "5.60", "10.30", "69"}
		var lines []commission.Line
		for range rapid.IntRange(1, 6).Draw(t, "items") {
			p, old := rapid.SampledFrom(percents).Draw(t, "percent"), rapid.SampledFrom(percents).Draw(t, "old")
			l := commission.Line{
				Price: rapid.Int64Range(0, 100_000).Draw(t, "price"), Refunded: max(0, rapid.Int64Range(-50_000, 50_000).Draw(t, "refunded")),
				Nothing: rapid.IntRange(0, 9).Draw(t, "nothing") == 0, Won: rapid.IntRange(0, 4).Draw(t, "won") > 0, Rated: rated("category", p),
			}
			if rapid.Bool().Draw(t, "new") {
				l.Rated = newBuyer(p, old, upliftLimit)
			}
			lines = append(lines, l)
		}
		if err := commission.ShareCoupon(lines, rapid.Int64Range(0, 20_000).Draw(t, "coupon")); err != nil {
			t.Fatal(err)
		}
		if err := capped(limit).Amounts(lines, dollars); err != nil {
			t.Fatal(err)
		}
		var sum, before, uplift, upliftBefore, upliftCuts, cuts int64
		for _, l := range lines {
			up := int64(0)
			if l.Won && l.Rated.UpliftCap > 0 {
				up = max(0, l.Raw-l.Old)
			}
			if l.Amount < 0 || l.UpliftCut < 0 || l.CapCut < 0 || l.UpliftCut > up || l.Amount != l.Raw-l.UpliftCut-l.CapCut || (!l.Won && l.Amount != 0) {
				t.Fatalf("%+v", l)
			}
			sum += l.Amount
			before += l.Raw - l.UpliftCut
			upliftBefore += up
			uplift += up - l.UpliftCut
			upliftCuts += l.UpliftCut
			cuts += l.CapCut
		}
		if want := max(0, upliftBefore-upliftLimit); upliftLimit > 0 && upliftCuts != want || upliftLimit == 0 && upliftCuts != 0 {
			t.Fatalf("uplifts of %d were cut by %d, the cap is %d", upliftBefore, upliftCuts, upliftLimit)
		}
		if want := max(0, before-limit); limit > 0 && cuts != want || limit == 0 && cuts != 0 {
			t.Fatalf("%d was cut by %d, the cap is %d", before, cuts, limit)
		}
		for _, l := range lines {
			if before == 0 || cuts == 0 {
				break
			}
			exact := big.NewRat(cuts*(l.Raw-l.UpliftCut), before)
			if d := exact.Sub(exact, big.NewRat(l.CapCut, 1)); d.Abs(d).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%+v bears %d of %d, off by %v", l, l.CapCut, cuts, d)
			}
		}
	})
}
