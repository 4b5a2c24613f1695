package sheet

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

	"github.com/clickledger/clickledger/internal/store/sqltx"
)

func randomSheet(r *rand.Rand, kind int64) *Sheet {
	s := new(Sheet)
	values := []string{"", "a", "ab", "abc", "á", "日本", strings.Repeat("x", 120), "p-1", "p-12", "p-2"}
	splits := []Split{{"TRY", "approved"}, {"TRY", "pending"}, {"EUR", "approved"}}
	for range r.IntN(60) {
		sp, sum := Split{}, Measures{r.Int64N(5), r.Int64N(3)}
		if kind != KindClicks {
			sp = splits[r.IntN(len(splits))]
			for i := range sum {
				sum[i] = r.Int64N(1<<uint(1+r.IntN(50))) - 3
			}
			sum[SoldHigh], sum[SoldLow] = sqltx.Halves(math.MaxInt64 - r.Int64N(9))
		}
		value := values[r.IntN(len(values))]
		if r.IntN(2) == 0 {
			value = fmt.Sprintf("v-%d", r.IntN(200))
		}
		s.Add(r.IntN(len(s)), value, sp, &sum)
	}
	return s
}

// level is a sheet as it is read again: cells in order, without those that are zero.
func level(s *Sheet) map[string]Measures {
	all := make(map[string]Measures)
	for dim, values := range s {
		for v, cells := range values {
			for _, c := range cells {
				c.Sum.level()
				if c.Sum != (Measures{}) {
					all[fmt.Sprintf("%d %q %s %s", dim, v, c.Currency, c.State)] = c.Sum
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
		want, back := level(a), new(Sheet)
		var rd Reader
		for _, p := range a.Write(kind) {
			rows++
			if p.Number != 0 && len(p.Data) == 0 {
				t.Fatal("an empty row")
			}
			if err := back.Merge(&rd, kind, p.Data); err != nil {
				t.Fatal(err)
			}
		}
		if got := level(back); !maps.Equal(got, want) {
			t.Fatalf("wrote\n%v\nread\n%v", want, got)
		}
		again := a.Write(kind)
		if !slices.EqualFunc(again, back.Write(kind), func(a, b Part) bool { return a.Number == b.Number && bytes.Equal(a.Data, b.Data) }) {
			t.Fatal("the same sheet has other bytes")
		}
		for _, p := range b.Write(kind) {
			if err := back.Merge(&rd, kind, p.Data); err != nil {
				t.Fatal(err)
			}
		}
		for dim, values := range b {
			for v, cells := range values {
				for _, c := range cells {
					a.Add(dim, v, c.Split, &c.Sum)
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
		for _, p := range randomSheet(r, kind).Write(kind) {
			f.Add(kind, p.Data)
		}
	}
	f.Fuzz(func(t *testing.T, kind int64, data []byte) {
		s, rd := new(Sheet), Reader{}
		if err := s.Merge(&rd, kind, data); err != nil {
			return
		}
		want, back := level(s), new(Sheet)
		for _, p := range s.Write(kind) {
			if err := back.Merge(&rd, kind, p.Data); err != nil {
				t.Fatal(err)
			}
		}
		if got := level(back); !maps.Equal(got, want) {
			t.Fatalf("read %v, wrote and read %v", want, got)
		}
	})
}

// R4: rows of the version that had no fee of the network are read as before, with a fee of zero.
func TestR4_SheetsWithoutFees(t *testing.T) {
	s := new(Sheet)
	s.Add(0, "", Split{"TRY", "approved"}, &Measures{Items: 3, HeldFor: 90})
	data := []byte{feeless, 1, 3, 'T', 'R', 'Y', 8, 'a', 'p', 'p', 'r', 'o', 'v', 'e', 'd', 0}
	// One section: nothing in common and no value, then the head of a cell (place 1, items and seconds) and its two measures.
	section := []byte{0, 0}
	section = binary.AppendUvarint(section, 1<<9|(1<<Items|1<<HeldFor)<<1)
	section = binary.AppendVarint(binary.AppendVarint(section, 3), 90)
	data = append(append(data, byte(len(section))), section...)
	back, rd := new(Sheet), Reader{}
	if err := back.Merge(&rd, KindOrders, data); err != nil {
		t.Fatal(err)
	}
	if got, want := level(back), level(s); !maps.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}
