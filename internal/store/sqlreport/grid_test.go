package sqlreport

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

func randomGrid(r *rand.Rand, kind int64) *grid {
	g := new(grid)
	variety := 1 + r.IntN(300)
	for range r.IntN(600) {
		l := gridLine{}
		if kind != kindClicks {
			l.split = split{"TRY", []string{"pending", "approved"}[r.IntN(2)]}
		}
		for _, dim := range gridDims(kind) {
			if r.IntN(3) > 0 {
				l.values[dim] = fmt.Sprint("värde", dim, r.IntN(1+variety/dim))
			}
		}
		for i := range width(kind) {
			l.sum[i] = r.Int64N(5) - 1
		}
		g.add(&l)
	}
	return g
}

func said(g *grid, kind int64) map[string]measures {
	all := make(map[string]measures)
	for i := range g.lines {
		l := g.lines[i]
		if kind != kindClicks {
			l.sum.level()
		}
		if l.sum != (measures{}) {
			all[l.key()] = l.sum
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
		var rd gridReader
		for _, p := range g.write(kind) {
			if p.number > gridPart {
				long++
			}
			if err := rd.take(kind, p.number, p.data); err != nil {
				t.Fatal(err)
			}
		}
		if !rd.whole {
			t.Fatal("a grid has no beginning")
		}
		back, err := rd.grid(kind)
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
			for _, p := range randomGrid(r, kind).write(kind) {
				f.Add(kind, p.number, p.data, p.data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind, number int64, data, first []byte) {
		if kind < 1 || kind > 3 {
			return
		}
		var rd gridReader
		if rd.take(kind, gridPart, first) != nil || rd.take(kind, number, data) != nil {
			return
		}
		if g, err := rd.grid(kind); err == nil && len(g.lines) > rd.lines {
			t.Fatalf("%d lines of %d", len(g.lines), rd.lines)
		}
	})
}
