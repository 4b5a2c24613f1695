package sheet

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

func randomGrid(r *rand.Rand, kind int64) *Grid {
	g := new(Grid)
	variety := 1 + r.IntN(300)
	for range r.IntN(600) {
		l := Line{}
		if kind != KindClicks {
			l.Split = Split{"TRY", []string{"pending", "approved"}[r.IntN(2)]}
		}
		for _, dim := range gridDims(kind) {
			if r.IntN(3) > 0 {
				l.Values[dim] = fmt.Sprint("värde", dim, r.IntN(1+variety/dim))
			}
		}
		for i := range width(kind) {
			l.Sum[i] = r.Int64N(5) - 1
		}
		g.Add(&l)
	}
	return g
}

func said(g *Grid, kind int64) map[string]Measures {
	all := make(map[string]Measures)
	for i := range g.Lines {
		l := g.Lines[i]
		if kind != KindClicks {
			l.Sum.level()
		}
		if l.Sum != (Measures{}) {
			all[string(l.appendKey(nil))] = l.Sum
		}
	}
	return all
}

// R4: what is read of a grid is what was written, with short columns and long ones.
func TestR4_GridsSayWhatWasAddedUp(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	long := 0
	for range 60 {
		kind := int64(1 + r.IntN(3))
		g := randomGrid(r, kind)
		want := said(g, kind)
		var rd GridReader
		for _, p := range g.Write(kind) {
			if p.Number > GridPart {
				long++
			}
			if err := rd.Take(kind, p.Number, p.Data); err != nil {
				t.Fatal(err)
			}
		}
		if !rd.Whole {
			t.Fatal("a grid has no beginning")
		}
		back, err := rd.Grid(kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(back, kind); !maps.Equal(got, want) {
			t.Fatalf("wrote\n%v\nread\n%v", want, got)
		}
	}
	if long < 20 {
		t.Errorf("only %d long columns", long)
	}
}

// A damaged grid is an error, never a crash.
func FuzzGrid(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for kind := int64(1); kind <= 3; kind++ {
		for range 5 {
			for _, p := range randomGrid(r, kind).Write(kind) {
				f.Add(kind, p.Number, p.Data, p.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind, number int64, data, first []byte) {
		if kind < 1 || kind > 3 {
			return
		}
		var rd GridReader
		if rd.Take(kind, GridPart, first) != nil || rd.Take(kind, number, data) != nil {
			return
		}
		if g, err := rd.Grid(kind); err == nil && len(g.Lines) > rd.lines {
			t.Fatalf("%d lines of %d", len(g.Lines), rd.lines)
		}
	})
}
