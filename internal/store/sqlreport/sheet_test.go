package sqlreport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/store"
)

func randomSheet(r *rand.Rand, kind int64) *sheet {
	s := new(sheet)
	values := []string{"", "a", "ab", "abc", "á", "日本", strings.Repeat("x", 120), "p-1", "p-12", "p-2"}
	splits := []split{{"TRY", "approved"}, {"TRY", "pending"}, {"EUR", "approved"}}
	for range r.IntN(60) {
		sp, sum := split{}, measures{r.Int64N(5), r.Int64N(3)}
		if kind != kindClicks {
			sp = splits[r.IntN(len(splits))]
			for i := range sum {
				sum[i] = r.Int64N(1<<uint(1+r.IntN(50))) - 3
			}
			sum[mSoldHigh], sum[mSoldLow] = halves(math.MaxInt64 - r.Int64N(9))
		}
		value := values[r.IntN(len(values))]
		if r.IntN(2) == 0 {
			value = fmt.Sprintf("v-%d", r.IntN(200))
		}
		s.add(r.IntN(len(s)), value, sp, &sum)
	}
	return s
}

// level is a sheet as it is read again: cells in order, without those that are zero.
func level(s *sheet) map[string]measures {
	all := make(map[string]measures)
	for dim, values := range s {
		for v, cells := range values {
			for _, c := range cells {
				c.sum.level()
				if c.sum != (measures{}) {
					all[fmt.Sprintf("%d %q %s %s", dim, v, c.currency, c.state)] = c.sum
				}
			}
		}
	}
	return all
}

// R4: what is read of a sheet is what was written, however it was cut into rows; and sheets that are added say the sum.
func TestR4_SheetsSayWhatWasAddedUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	rows := 0
	for range 2000 {
		kind := int64(1 + r.IntN(3))
		a, b := randomSheet(r, kind), randomSheet(r, kind)
		want, back := level(a), new(sheet)
		var rd reader
		for _, p := range a.write(kind) {
			rows++
			if p.number != 0 && len(p.data) == 0 {
				t.Fatal("an empty row")
			}
			if err := back.merge(&rd, kind, p.data); err != nil {
				t.Fatal(err)
			}
		}
		if got := level(back); !maps.Equal(got, want) {
			t.Fatalf("wrote\n%v\nread\n%v", want, got)
		}
		again := a.write(kind)
		if !slices.EqualFunc(again, back.write(kind), func(a, b part) bool { return a.number == b.number && bytes.Equal(a.data, b.data) }) {
			t.Fatal("the same sheet has other bytes")
		}
		for _, p := range b.write(kind) {
			if err := back.merge(&rd, kind, p.data); err != nil {
				t.Fatal(err)
			}
		}
		for dim, values := range b {
			for v, cells := range values {
				for _, c := range cells {
					a.add(dim, v, c.split, &c.sum)
				}
			}
		}
		if got, want := level(back), level(a); !reflect.DeepEqual(got, want) {
			t.Fatalf("added\n%v\nread\n%v", want, got)
		}
	}
	if rows < 3000 {
		t.Errorf("only %d rows: no sheet was cut", rows)
	}
}

// A damaged row is an error, never a wrong figure without one or a crash.
func FuzzSheet(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for kind := int64(1); kind <= 3; kind++ {
		for _, p := range randomSheet(r, kind).write(kind) {
			f.Add(kind, p.data)
		}
	}
	f.Fuzz(func(t *testing.T, kind int64, data []byte) {
		s, rd := new(sheet), reader{}
		if err := s.merge(&rd, kind, data); err != nil {
			return
		}
		want, back := level(s), new(sheet)
		for _, p := range s.write(kind) {
			if err := back.merge(&rd, kind, p.data); err != nil {
				t.Fatal(err)
			}
		}
		if got := level(back); !maps.Equal(got, want) {
			t.Fatalf("read %v, wrote and read %v", want, got)
		}
	})
}

// Months answer where they are whole and up to date, days everywhere else, and no day is read twice.
func TestR4_PlansCoverEachDayOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		from := int64(19000 + r.IntN(400))
		to := from + int64(r.IntN(400))
		var stale []store.StaleDay
		for range r.IntN(4) {
			stale = append(stale, store.StaleDay{Kind: []string{clickKind, months + clickKind}[r.IntN(2)], Program: "tr", Day: 19000 + r.Int64N(800)})
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

// R4: rows of the version that had no fee of the network are read as before, with a fee of zero.
func TestR4_SheetsWithoutFees(t *testing.T) {
	s := new(sheet)
	s.add(0, "", split{"TRY", "approved"}, &measures{mItems: 3, mHeldFor: 90})
	data := []byte{feeless, 1, 3, 'T', 'R', 'Y', 8, 'a', 'p', 'p', 'r', 'o', 'v', 'e', 'd', 0}
	// One section: nothing in common and no value, then the head of a cell (place 1, items and seconds) and its two measures.
	section := []byte{0, 0}
	section = binary.AppendUvarint(section, 1<<9|(1<<mItems|1<<mHeldFor)<<1)
	section = binary.AppendVarint(binary.AppendVarint(section, 3), 90)
	data = append(append(data, byte(len(section))), section...)
	back, rd := new(sheet), reader{}
	if err := back.merge(&rd, kindOrders, data); err != nil {
		t.Fatal(err)
	}
	if got, want := level(back), level(s); !maps.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}
