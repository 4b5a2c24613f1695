package cover

import (
	"math/rand/v2"
	"testing"
	"time"
)

// R4: whatever is stale or broken, each day that is asked for counts once, and no other one does; what is read reaches all of them.
func TestR4_PlansCoverEachDayOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	saved := 0
	for range 2000 {
		from := int64(19000 + r.IntN(400))
		to := from + int64(r.IntN(400))
		pick := func(n int) (all []Day) {
			for range r.IntN(n) {
				all = append(all, Day{"tr", 19000 + r.Int64N(800)})
			}
			return all
		}
		stale, broken := pick(4), pick(4)
		if r.IntN(8) == 0 { // many of one month
			for d := range int64(20) {
				stale = append(stale, Day{"tr", from + d})
			}
		}
		for i := range broken {
			broken[i].Day = FirstOfMonth(broken[i].Day)
		}
		single := r.IntN(4) == 0
		p := New(from, to, single, stale, broken)
		isStale := make(map[int64]bool)
		for _, d := range stale {
			isStale[d.Day] = true
		}
		counted := make(map[int64]int64)
		for m := p.Months.From; m < p.Months.To; m = FirstOfNext(m) {
			if m != FirstOfMonth(m) {
				t.Fatalf("%d is no first of a month", m)
			}
			if !p.UsesMonth(Day{"tr", m}) {
				continue
			}
			for d := m; d < FirstOfNext(m); d++ {
				counted[d]++
			}
		}
		read := int64(0)
		for i, in := range p.Days {
			if in.From >= in.To || i > 0 && p.Days[i-1].To >= in.From {
				t.Fatalf("ranges %v", p.Days)
			}
			read += in.To - in.From
			for d := in.From; d < in.To; d++ {
				counted[d] += p.Times(Day{"tr", d})
			}
		}
		for d := from - 70; d < to+70; d++ {
			want := int64(0)
			if d >= from && d < to && !isStale[d] {
				want = 1
			}
			if counted[d] != want {
				t.Fatalf("days %d to %d, stale %v, broken %v: day %d counts %d times, wanted %d: %+v", from, to, stale, broken, d, counted[d], want, p)
			}
		}
		if !single && len(stale) == 0 && len(broken) == 0 {
			if saved++; read > 31 {
				t.Errorf("%d days are read for days %d to %d: %+v", read, from, to, p)
			}
		}
	}
	if saved == 0 {
		t.Error("no plan was free of stale days")
	}
}

// Days before 1970 and the whole time are months like all others.
func TestR4_PlansAtTheEnds(t *testing.T) {
	p := New(-1<<40, 1<<40, false, nil, nil)
	if p.Months != (Days{FirstDay, EndOfDay}) || len(p.Days) != 0 {
		t.Errorf("the whole time is read as %+v", p)
	}
	for at, want := range map[string]string{"1969-12-31": "1969-12-01", "0001-01-01": "0001-01-01", "9999-12-31": "9999-12-01", "2024-02-29": "2024-02-01"} {
		d, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		n := d.Unix() / seconds
		if got := time.Unix(FirstOfMonth(n)*seconds, 0).UTC().Format(time.DateOnly); got != want {
			t.Errorf("the month of %s begins on %s, want %s", at, got, want)
		}
	}
	if p := New(5, 5, false, nil, nil); p.Months != (Days{}) || len(p.Days) != 0 {
		t.Errorf("nothing is read as %+v", p)
	}
}
