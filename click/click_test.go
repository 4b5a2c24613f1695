package click_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
)

// T1: the last click wins; of two at one instant the one with the greater id in byte order.
func TestT1_OrderOfClicks(t *testing.T) {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	sorted := []*click.Click{
		{ID: "z", At: at.Add(-time.Microsecond)}, {ID: "B", At: at}, {ID: "a", At: at}, {ID: "a\x00", At: at}, {ID: "b", At: at}, {ID: "é", At: at}, {ID: "a", At: at.Add(time.Microsecond)},
	}
	for i, a := range sorted {
		for j, b := range sorted {
			want := map[bool]int{true: 1}[i > j] - map[bool]int{true: 1}[i < j]
			if got := click.Compare(a, b); got != want {
				t.Errorf("%q at %v against %q at %v: %d, want %d", a.ID, a.At, b.ID, b.At, got, want)
			}
		}
	}
	// The same instant in another zone is the same instant.
	zone := &click.Click{ID: "B", At: at.In(time.FixedZone("x", 7200))}
	if click.Compare(zone, sorted[1]) != 0 {
		t.Error("a time zone moves a click")
	}
	shuffled := []*click.Click{sorted[3], sorted[6], sorted[0], sorted[5], sorted[2], sorted[1], sorted[4]}
	slices.SortFunc(shuffled, click.Compare)
	if !slices.Equal(shuffled, sorted) {
		t.Error("sorting does not restore the order")
	}
}

// T6: verdicts by their slugs, in texts and in JSON; the zero value is a valid click.
func TestT6_Verdicts(t *testing.T) {
	for i, slug := range []string{"valid", "bot", "duplicate", "forbidden_traffic", "cookie_stuffing", "blocked", "fraud"} {
		v, err := click.ParseVerdict(slug)
		if err != nil || v != click.Verdict(i) || v.String() != slug {
			t.Errorf("%q is %v, %v", slug, v, err)
		}
		b, err := json.Marshal(v)
		var back click.Verdict
		if err != nil || string(b) != `"`+slug+`"` || json.Unmarshal(b, &back) != nil || back != v {
			t.Errorf("%v is written %s and read %v, %v", v, b, back, err)
		}
	}
	if (click.Click{}).Verdict != click.Valid {
		t.Error("a click without a verdict is not valid")
	}
	for _, slug := range []string{"", "Bot", "robot"} {
		if v, err := click.ParseVerdict(slug); err == nil || !strings.Contains(err.Error(), "cookie_stuffing") {
			t.Errorf("%q is %v, %v", slug, v, err)
		}
	}
	if err := json.Unmarshal([]byte(`"robot"`), new(click.Verdict)); err == nil {
		t.Error("an unknown verdict was read")
	}
}
