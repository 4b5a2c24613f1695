package money

import (
	"testing"

	"pgregory.net/rapid"
)

// C10: whatever rate can be read prints as a rate that can be read and is equal, also where its digits leave no room for decimals.
func TestC10_EveryRateComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{1,18}|[0-9]{1,9}\.[0-9]{1,9}|[0-9]{16,17}\.[0-9]`).Draw(t, "rate")
		r, err := ParseRate(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseRate(r.String())
		if err != nil || again.Cmp(r) != 0 || again.String() != r.String() {
			t.Fatalf("%s prints as %s, which is %v, %v", s, r, again, err)
		}
	})
	for s, want := range map[string]string{
		"999999999999999999": "999999999999999999", "12345678901234567": "12345678901234567.0", "1234567890123456": "1234567890123456.00", "7": "7.00", "0": "0.00",
		"000000000000000007": "7.00", "1.5": "1.50", "2.400": "2.400", "12345678901234567.8": "12345678901234567.8",
	} {
		if got := MustRate(s).String(); got != want {
			t.Errorf("%s prints as %s, want %s", s, got, want)
		}
	}
}
