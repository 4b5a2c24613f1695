package report_test

import (
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/report"
	"pgregory.net/rapid"
)

// P2: the metrics, each by its formula, rounded half to even, and nothing where there is nothing to divide by.
func TestP2_Metrics(t *testing.T) {
	for _, c := range []struct {
		name                                     string
		tally                                    report.Tally
		currency                                 money.Currency
		cr, epc, approval, holdHours, payedHours string
	}{
		{"nothing", report.Tally{}, "USD", "", "", "", "", ""},
		{"clicks only", report.Tally{Clicks: 7}, "USD", "0.00", "0.00", "", "", ""},
		{"actions without clicks", report.Tally{Actions: 2, Approved: 1}, "USD", "", "", "50.00", "", ""},
		{"the published figures", report.Tally{Clicks: 10_000, Actions: 103, Approved: 94, Earnings: 10_000, Held: 1, HoldTime: 25 * 24 * 3600, Paid: 1, PayTime: 26 * 24 * 3600},
			"USD", "1.03", "1.00", "91.26", "600.00", "624.00"},
		{"one in three", report.Tally{Clicks: 3, Actions: 1, Earnings: 100}, "USD", "33.33", "33.33", "0.00", "", ""},
		{"two in three", report.Tally{Clicks: 3, Actions: 2, Approved: 2, Earnings: 200}, "USD", "66.67", "66.67", "100.00", "", ""},
		{"a half goes down to even", report.Tally{Clicks: 20_000, Actions: 1, Earnings: 100}, "USD", "0.00", "0.00", "0.00", "", ""},
		{"a half goes up to even", report.Tally{Clicks: 20_000, Actions: 3, Earnings: 300}, "USD", "0.02", "0.02", "0.00", "", ""},
		{"a half stays at even", report.Tally{Clicks: 20_000, Actions: 5, Earnings: 500}, "USD", "0.02", "0.02", "0.00", "", ""},
		{"just over a half", report.Tally{Clicks: 19_999, Actions: 1, Earnings: 100}, "USD", "0.01", "0.01", "0.00", "", ""},
		{"a loss", report.Tally{Clicks: 3, Earnings: -100}, "USD", "0.00", "-33.33", "", "", ""},
		{"a loss of two thirds", report.Tally{Clicks: 3, Earnings: -200}, "USD", "0.00", "-66.67", "", "", ""},
		{"a loss, half to even", report.Tally{Clicks: 200, Earnings: -1}, "USD", "0.00", "0.00", "", "", ""},
		{"a loss, three halves", report.Tally{Clicks: 200, Earnings: -3}, "USD", "0.00", "-0.02", "", "", ""},
		{"yen have no decimals", report.Tally{Clicks: 3, Earnings: 200}, "JPY", "0.00", "6667", "", "", ""},
		{"dinars have three", report.Tally{Clicks: 3, Earnings: 200}, "KWD", "0.00", "6.667", "", "", ""},
		{"hours, a half to even", report.Tally{Held: 1, HoldTime: 18, Paid: 1, PayTime: 54}, "USD", "", "", "", "0.00", "0.02"},
		{"hours on average", report.Tally{Held: 3, HoldTime: 3600, Paid: 2, PayTime: 3600}, "USD", "", "", "", "0.33", "0.50"},
		// A time.Duration would have ended here: 292 years are no more than some 4,000 actions of 25 days.
		{"a million actions of 25 days", report.Tally{Held: 1_000_000, HoldTime: 1_000_000 * 25 * 24 * 3600}, "USD", "", "", "", "600.00", ""},
	} {
		got := [5]string{c.tally.CR(), c.tally.EPC(c.currency), c.tally.ApprovalRate(), c.tally.HoldHours(), c.tally.PaymentHours()}
		if want := [5]string{c.cr, c.epc, c.approval, c.holdHours, c.payedHours}; got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

// P2: adding tallies up loses no member and does not depend on the order, however many there are.
func TestP2_TalliesAddUp(t *testing.T) {
	var one report.Tally
	v := reflect.ValueOf(&one).Elem()
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(i + 1))
	}
	var sum report.Tally
	for range 3 {
		sum.Add(one)
	}
	for i := range v.NumField() {
		if got, want := reflect.ValueOf(sum).Field(i).Int(), int64(3*(i+1)); got != want {
			t.Errorf("%s comes to %d, want %d", v.Type().Field(i).Name, got, want)
		}
	}
	var many report.Tally
	for range 100_000 {
		many.Add(report.Tally{Held: 1, HoldTime: report.InSeconds(60 * 24 * time.Hour), Paid: 1, PayTime: report.InSeconds(90 * 24 * time.Hour)})
	}
	if many.HoldHours() != "1440.00" || many.PaymentHours() != "2160.00" {
		t.Errorf("100,000 actions were held %s and paid after %s hours", many.HoldHours(), many.PaymentHours())
	}
	for d, want := range map[time.Duration]report.Seconds{0: 0, time.Second - 1: 0, time.Second: 1, 90 * time.Second: 90} {
		if got := report.InSeconds(d); got != want {
			t.Errorf("%v are %d s, want %d", d, got, want)
		}
	}
}

// P2: every metric is the exact quotient, rounded half to even.
func TestP2_QuotientsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		earnings := rapid.Int64Range(-1<<50, 1<<50).Draw(t, "earnings")
		clicks := rapid.Int64Range(1, 1<<rapid.IntRange(1, 50).Draw(t, "bits")).Draw(t, "clicks")
		tally := report.Tally{Earnings: earnings, Clicks: clicks}
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(earnings), big.NewInt(100)), big.NewInt(clicks))
		got, err := money.ParseMinor(tally.EPC("USD"), 2)
		if err != nil {
			t.Fatal(err)
		}
		diff := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(got))
		switch diff.Abs(diff).Cmp(big.NewRat(1, 2)) {
		case 1:
			t.Fatalf("%d for %d clicks is %v a hundred, not %d", earnings, clicks, exact, got)
		case 0:
			if got%2 != 0 {
				t.Fatalf("%v is rounded to the odd %d", exact, got)
			}
		}
	})
	// The greatest amounts do not overflow on the way.
	if got := (&report.Tally{Earnings: math.MaxInt64, Clicks: 100}).EPC("USD"); got != "92233720368547758.07" {
		t.Errorf("EPC of the greatest amount is %s", got)
	}
}
