package seller_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

const instant = time.Microsecond

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// S1: a store takes part from the instant it joins until the instant before it left.
func TestS1_TakingPart(t *testing.T) {
	from, to, again := at("2026-03-01T10:00:00Z"), at("2026-04-01T00:00:00Z"), at("2026-06-01T00:00:00Z")
	s := &seller.Store{ID: "s", Periods: []seller.Period{{From: from, To: to}, {From: again}}}
	for _, c := range []struct {
		when time.Time
		want bool
	}{
		{from.Add(-instant), false}, {from, true}, {to.Add(-instant), true}, {to, false}, {again.Add(-instant), false}, {again, true}, {again.AddDate(50, 0, 0), true},
	} {
		if got, known := s.ParticipatesAt(c.when); got != c.want || !known {
			t.Errorf("at %v: %v, known %v; want %v", c.when, got, known, c.want)
		}
	}
	// Where nothing is recorded of the store, its products speak for themselves.
	for _, s := range []*seller.Store{nil, {ID: "s"}} {
		if takesPart, known := s.ParticipatesAt(from); takesPart || known {
			t.Errorf("%v: %v, known %v", s, takesPart, known)
		}
	}
}

// S1: joining, leaving with notice, and joining again after a pause.
func TestS1_JoinLeaveRejoin(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s := &seller.Store{ID: "s"}
	if _, err := s.Leave(at("2026-03-01T10:00:00Z"), zone); err == nil {
		t.Error("a store that never joined has left")
	}
	joined := at("2026-03-01T10:00:00Z")
	if s.Periods, err = s.Join(joined); err != nil || !slices.Equal(s.Periods, []seller.Period{{From: joined}}) {
		t.Fatalf("%v, %v", s.Periods, err)
	}
	if _, err := s.Join(joined.Add(time.Hour)); err == nil {
		t.Error("a store that takes part has joined again")
	}
	// 7 March 23:30 in Los Angeles: the notice ends at the midnight that follows there, on a day of 23 hours later.
	before := slices.Clone(s.Periods)
	left, err := s.Leave(at("2026-03-08T07:30:00Z"), zone)
	if err != nil {
		t.Fatal(err)
	}
	midnight := at("2026-03-08T08:00:00Z")
	if !slices.Equal(left, []seller.Period{{From: joined, To: midnight}}) || left[0].To.Location() != time.UTC {
		t.Errorf("left: %v, want until %v", left, midnight)
	}
	if !slices.Equal(s.Periods, before) {
		t.Error("the store's own periods were changed")
	}
	s.Periods = left
	if takesPart, _ := s.ParticipatesAt(midnight.Add(-instant)); !takesPart {
		t.Error("links that are clicked during the notice do not pay")
	}
	if takesPart, _ := s.ParticipatesAt(midnight); takesPart {
		t.Error("the store takes part after its notice")
	}
	if _, err := s.Leave(at("2026-03-08T07:40:00Z"), zone); err == nil {
		t.Error("left twice")
	}
	if _, err := s.Join(at("2026-03-08T07:40:00Z")); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("joined again during the notice: %v", err)
	}
	// The day after: 23 hours long there, because the clocks go forward.
	if leaving, err := (&seller.Store{Periods: []seller.Period{{From: joined}}}).Leave(midnight, zone); err != nil || !leaving[0].To.Equal(at("2026-03-09T07:00:00Z")) {
		t.Errorf("%v, %v", leaving, err)
	}
	again := midnight.Add(seller.RejoinPause)
	if _, err := s.Join(again.Add(-instant)); err == nil || !strings.Contains(err.Error(), "left on 2026-03-08 and may join again from 2026-04-07 on") {
		t.Errorf("joined again before the pause was over: %v", err)
	}
	rejoined, err := s.Join(again)
	if err != nil || !slices.Equal(rejoined, []seller.Period{{From: joined, To: midnight}, {From: again}}) {
		t.Errorf("%v, %v", rejoined, err)
	}
	// Two copies of a store that join do not write into each other.
	other, err := s.Join(again.Add(time.Hour))
	if err != nil || rejoined[1].From != again || other[1].From != again.Add(time.Hour) {
		t.Errorf("%v and %v, %v", rejoined, other, err)
	}
}

// S2: a seller's rate lies inside the range that the program allows, both ends included.
func TestS2_RatesStayInTheProgramsRange(t *testing.T) {
	for _, c := range []struct {
		program program.ID
		rate    string
		ok      bool
	}{
		{"global-eu", "0.39", false}, {"global-eu", "0.40", true}, {"global-eu", "12.5", true}, {"global-eu", "69.00", true}, {"global-eu", "69.01", false},
		{"tr", "0.4", true}, {"tr", "70", false},
		{"portals", "0", true}, {"portals", "100.00", true}, {"portals", "100.01", false}, // no market step: any percentage
	} {
		v, ok := program.Reference(c.program)
		if !ok {
			t.Fatalf("no program %s", c.program)
		}
		err := seller.CheckRate(v[len(v)-1], money.MustRate(c.rate))
		if (err == nil) != c.ok {
			t.Errorf("%s in %s: %v", c.rate, c.program, err)
		}
		if err != nil && !strings.Contains(err.Error(), string(c.program)) {
			t.Errorf("the error does not name the program: %v", err)
		}
	}
}

// C3: a store may be on several lists; one that is unknown is on none.
func TestC3_StoreLists(t *testing.T) {
	s := &seller.Store{ID: "s", Lists: []string{"chuwi", "electronics_brands"}}
	var unknown *seller.Store
	for name, want := range map[string]bool{"chuwi": true, "electronics_brands": true, "no_commission": false, "": false, "CHUWI": false} {
		if s.OnList(name) != want || unknown.OnList(name) {
			t.Errorf("on list %q: %v, an unknown store: %v", name, s.OnList(name), unknown.OnList(name))
		}
	}
}
