package seller_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/seller"
)

func percent(s string) *money.Rate { r := money.MustRate(s); return &r }

// S1, S2: a seller's day ends when it has ended in the zone of every program.
func TestS2_ASellersDay(t *testing.T) {
	west, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	east, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		t.Fatal(err)
	}
	zones := []*time.Location{east, time.UTC, west}
	for _, c := range []struct{ now, want string }{
		{"2026-03-10T12:00:00Z", "2026-03-11T07:00:00Z"}, // summer time there
		{"2026-03-10T06:59:59Z", "2026-03-11T00:00:00Z"}, // still 9 March in the west, whose midnight comes first
		{"2026-01-10T22:30:00Z", "2026-01-11T21:00:00Z"}, // already 11 January in Istanbul
	} {
		if got := seller.NextDay(at(c.now), zones); !got.Equal(at(c.want)) || got.Location() != time.UTC {
			t.Errorf("after %s: %v, want %s", c.now, got, c.want)
		}
	}
	if got := seller.NextDay(at("2026-03-10T12:00:00Z"), nil); !got.Equal(at("2026-03-11T00:00:00Z")) {
		t.Errorf("without zones: %v", got)
	}
	if got := seller.Dawn(at("2026-03-10T00:00:00Z"), zones); !got.Equal(at("2026-03-10T07:00:00Z")) {
		t.Errorf("dawn: %v", got)
	}
	if got := seller.Dawn(at("2026-03-10T00:00:00Z"), []*time.Location{east}); !got.Equal(at("2026-03-09T21:00:00Z")) {
		t.Errorf("dawn in Istanbul: %v", got)
	}
	if got := seller.Dawn(at("2026-03-10T00:00:00Z"), nil); !got.Equal(at("2026-03-10T00:00:00Z")) {
		t.Errorf("dawn without zones: %v", got)
	}
}

// S2: a rate takes effect on the next day at the earliest, a lower one after its notice, and takes the place of what was planned.
func TestS2_SetRate(t *testing.T) {
	now, first := at("2026-03-10T12:00:00Z"), at("2026-03-11T00:00:00Z")
	day := func(n int) time.Time { return first.AddDate(0, 0, n) }
	running := seller.Offer{Rate: money.MustRate("10"), From: day(-20)}
	planned := seller.Offer{Rate: money.MustRate("12"), From: day(5)}
	campaign := seller.Offer{Rate: money.MustRate("30"), From: day(1), To: day(9), Campaign: "spring"}
	offers := []seller.Offer{running, planned, campaign}
	ended := running
	ended.To = day(1)
	c, err := seller.SetRate(offers, percent("3"), percent("11"), day(1), now, first)
	if err != nil || !slices.Equal(c.Drop, []seller.Offer{planned}) || !slices.Equal(c.Put, []seller.Offer{ended, {Rate: money.MustRate("11"), From: day(1)}}) {
		t.Errorf("raised: %+v, %v", c, err)
	}
	if offers[0] != running {
		t.Error("the offers that were given were changed")
	}
	// The same time again replaces, and there is nothing to take away.
	if c, err := seller.SetRate(offers, nil, percent("13"), day(5), now, first); err != nil || len(c.Drop) != 0 || len(c.Put) != 2 || c.Put[1].Rate.Cmp(money.MustRate("13")) != 0 {
		t.Errorf("replaced: %+v, %v", c, err)
	}
	var rule *seller.RuleError
	if _, err := seller.SetRate(offers, nil, percent("11"), first.Add(-instant), now, first); !errors.As(err, &rule) || !rule.Earliest.Equal(first) {
		t.Errorf("before the next day: %v", err)
	}
	notice := now.Add(seller.LowerNotice)
	for name, lower := range map[string]*money.Rate{"a lower rate": percent("9.99"), "no rate of its own": nil} {
		below := percent("3")
		if _, err := seller.SetRate(offers[:1], below, lower, notice.Add(-instant), now, first); !errors.As(err, &rule) || !rule.Earliest.Equal(notice) || !strings.Contains(err.Error(), "7 days") {
			t.Errorf("%s without notice: %v", name, err)
		}
		if _, err := seller.SetRate(offers[:1], below, lower, notice, now, first); err != nil {
			t.Errorf("%s with notice: %v", name, err)
		}
	}
	// Where the store's rate is above, taking the product's own away raises it, and the same rate lowers nothing.
	if c, err := seller.SetRate(offers[:1], percent("15"), nil, first, now, first); err != nil || len(c.Put) != 1 || !c.Put[0].To.Equal(first) {
		t.Errorf("taken away: %+v, %v", c, err)
	}
	if _, err := seller.SetRate(offers[:1], nil, percent("10"), first, now, first); err != nil {
		t.Errorf("the same rate: %v", err)
	}
	// Nothing is set, and nothing stands: every rate is allowed; but below the reported one there is notice.
	if _, err := seller.SetRate(nil, nil, percent("0.4"), first, now, first); err != nil {
		t.Errorf("the first rate: %v", err)
	}
	if _, err := seller.SetRate(nil, percent("5"), percent("4"), first, now, first); !errors.As(err, &rule) {
		t.Errorf("below the reported rate: %v", err)
	}
}

// S2: campaigns pay more than what stands, do not overlap, and end with notice.
func TestS2_Campaigns(t *testing.T) {
	now, first := at("2026-03-10T12:00:00Z"), at("2026-03-11T00:00:00Z")
	day := func(n int) time.Time { return first.AddDate(0, 0, n) }
	spring := seller.Offer{Rate: money.MustRate("30"), From: day(1), To: day(30), Campaign: "spring"}
	for _, c := range []struct {
		what     string
		offers   []seller.Offer
		rate     string
		from, to time.Time
		why      string
	}{
		{"fine", nil, "20", day(0), day(7), ""},
		{"right before another", []seller.Offer{spring}, "20", day(0), day(1), ""},
		{"right after another", []seller.Offer{spring}, "20", day(30), day(31), ""},
		{"too early", nil, "20", day(0).Add(-instant), day(7), "next day"},
		{"no end", nil, "20", day(1), day(1), "ends after"},
		{"endless", nil, "20", day(1), day(1).Add(seller.MaxCampaign + instant), "a year"},
		{"not above the standing rate", nil, "10", day(1), day(2), "more than"},
		{"overlapping", []seller.Offer{spring}, "20", day(0), day(1).Add(instant), "spring"},
		{"overlapping the end", []seller.Offer{spring}, "20", day(30).Add(-instant), day(31), "spring"},
	} {
		got, err := seller.SetCampaign(c.offers, percent("10"), "x", money.MustRate(c.rate), c.from, c.to, first)
		switch {
		case c.why == "" && (err != nil || !slices.Equal(got.Put, []seller.Offer{{Rate: money.MustRate(c.rate), From: c.from, To: c.to, Campaign: "x"}})):
			t.Errorf("%s: %+v, %v", c.what, got, err)
		case c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)):
			t.Errorf("%s: %v, want something about %q", c.what, err, c.why)
		}
	}
	if c, err := seller.EndCampaign([]seller.Offer{spring}, "spring", spring.From, now, nil); err != nil || !slices.Equal(c.Drop, []seller.Offer{spring}) || len(c.Put) != 0 {
		t.Errorf("before it begins: %+v, %v", c, err)
	}
	soon := spring
	soon.To = at("2026-03-21T00:00:00Z") // the day after the notice of 7 days
	if c, err := seller.EndCampaign([]seller.Offer{spring}, "spring", spring.From, at("2026-03-13T01:00:00Z"), nil); err != nil || !slices.Equal(c.Put, []seller.Offer{soon}) || len(c.Drop) != 0 {
		t.Errorf("while it runs: %+v, %v", c, err)
	}
	if c, err := seller.EndCampaign([]seller.Offer{spring}, "spring", spring.From, day(28), nil); err != nil || len(c.Put)+len(c.Drop) != 0 {
		t.Errorf("near its end: %+v, %v", c, err)
	}
	for _, when := range []time.Time{day(30), day(31)} {
		if _, err := seller.EndCampaign([]seller.Offer{spring}, "spring", spring.From, when, nil); err == nil {
			t.Errorf("over at %v, and ended", when)
		}
	}
	if _, err := seller.EndCampaign([]seller.Offer{spring}, "spring", day(2), now, nil); err == nil {
		t.Error("what is not there was ended")
	}
}
