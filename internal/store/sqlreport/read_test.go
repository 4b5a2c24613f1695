package sqlreport

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/store"
)

// Months answer where they are whole and up to date, days everywhere else, and no day is read twice.
func TestR4_PlansCoverEachDayOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		from := int64(19000 + r.IntN(400))
		to := from + int64(r.IntN(400))
		var stale []mark
		for range r.IntN(4) {
			stale = append(stale, mark{StaleDay: store.StaleDay{Kind: []string{clickKind, months + clickKind}[r.IntN(2)], Program: "tr", Day: 19000 + r.Int64N(800)}})
		}
		for i := range stale {
			if strings.HasPrefix(stale[i].Kind, months) {
				stale[i].Day = firstOfMonth(stale[i].Day)
			}
		}
		p := plans(stale, from, to, r.IntN(4) == 0)
		covered := make(map[int64]int)
		for m := p.months.from; m < p.months.to; m = firstOfNext(m) {
			if m != firstOfMonth(m) {
				t.Fatalf("%d is no first of a month", m)
			}
			if p.broken[monthKey{"tr", m}] {
				continue
			}
			for d := m; d < firstOfNext(m); d++ {
				covered[d]++
			}
		}
		for _, in := range p.days {
			for d := in.from; d < in.to; d++ {
				if d >= p.months.from && d < p.months.to && !p.broken[monthKey{"tr", firstOfMonth(d)}] {
					continue // as fromSums does: another program's month is stale
				}
				covered[d]++
			}
		}
		for d := from - 40; d < to+40; d++ {
			want := 0
			if d >= from && d < to {
				want = 1
			}
			if covered[d] != want {
				t.Fatalf("days %d to %d, stale %v: day %d is covered %d times, wanted %d: %+v", from, to, stale, d, covered[d], want, p)
			}
		}
	}
}
