package commission_test

import (
	"testing"
	"time"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/program"
)

// C9: the figures of the program `portals`: 10.00 for the first sale; 1 % of a month's value from 10,000, 2 % from 50,000.
func TestC9_FirstSaleAndMonthlyTiers(t *testing.T) {
	v, ok := program.Reference("portals")
	if !ok {
		t.Fatal("no program portals")
	}
	terms := v[len(v)-1]
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.Add(12 * time.Hour)
	}
	action := func(value int64, completed string) commission.Action {
		return commission.Action{Value: value, CompletedAt: day(completed), ApprovedAt: day(completed).Add(terms.Settlement.Hold)}
	}
	for _, c := range []struct {
		name    string
		actions []commission.Action
		asOf    string
		want    map[string]int64
	}{
		{"nothing approved", []commission.Action{{Value: 100}}, "2026-12-01", map[string]int64{}},
		{"first sale only", []commission.Action{action(999_999, "2026-03-05")}, "2026-12-01", map[string]int64{"first_sale": 1000}},
		{"lower tier reached exactly", []commission.Action{action(600_000, "2026-03-05"), action(400_000, "2026-03-31")}, "2026-12-01", map[string]int64{"first_sale": 1000, "2026-03": 10_000}},
		{"upper tier", []commission.Action{action(5_000_000, "2026-03-05")}, "2026-12-01", map[string]int64{"first_sale": 1000, "2026-03": 100_000}},
		{"two months", []commission.Action{action(1_000_000, "2026-03-05"), action(5_000_000, "2026-05-05")}, "2026-12-01", map[string]int64{"first_sale": 1000, "2026-03": 10_000, "2026-05": 100_000}},
		{"the month's hold is not over", []commission.Action{action(1_000_000, "2026-03-05")}, "2026-04-14", map[string]int64{"first_sale": 1000}},
	} {
		rewards, err := commission.Bonuses(terms, c.actions, day(c.asOf))
		if err != nil {
			t.Fatal(err)
		}
		if len(rewards) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, rewards, c.want)
		}
		for _, r := range rewards {
			if c.want[r.Label] != r.Amount {
				t.Errorf("%s: %s is %d, want %d", c.name, r.Label, r.Amount, c.want[r.Label])
			}
		}
	}
}
