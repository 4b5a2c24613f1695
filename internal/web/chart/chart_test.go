package chart

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestTop(t *testing.T) {
	for most, want := range map[int64]int64{0: 1, 1: 1, 2: 2, 3: 5, 7: 10, 10: 10, 11: 20, 4_999: 5_000, 5_001: 10_000, -4: 1, math.MaxInt64: math.MaxInt64} {
		if got := Top([]Point{{Value: 0}, {Value: most}}); got != want {
			t.Errorf("the axis of a chart up to %d ends at %d, want %d", most, got, want)
		}
	}
}

// Everything that is drawn lies inside the picture, in proportion, whatever the figures.
func TestWhatIsDrawnFits(t *testing.T) {
	for _, values := range [][]int64{{1}, {0, 0, 5}, {100, 50, 25, 0}, {math.MaxInt64, math.MaxInt64 / 2}, {-5, 3}, {1, 1_000_000}} {
		var c Chart
		for _, v := range values {
			c.Points = append(c.Points, Point{Value: v})
		}
		top := Top(c.Points)
		for i, b := range c.bars(top) {
			x, y, w, h := n(t, b.x), n(t, b.y), n(t, b.w), n(t, b.h)
			if x < 0 || w <= 0 || x+w > width || y < 0 || y+h != height {
				t.Errorf("%v: bar %d is %+v", values, i, b)
			}
			if (values[i] > 0) != (h > 0) {
				t.Errorf("%v: bar %d of %d has height %d", values, i, values[i], h)
			}
		}
		for _, word := range strings.FieldsFunc(c.path(top, true), func(r rune) bool { return strings.ContainsRune("MLZ ", r) }) {
			if p := n(t, word); p < 0 || p > width {
				t.Errorf("%v: the line leaves the picture: %s", values, c.path(top, true))
			}
		}
	}
	if got := at(25, 50); got != height/2 {
		t.Errorf("half of the axis is drawn at %d", got)
	}
	if a, b := at(math.MaxInt64/4, math.MaxInt64), int64(height/4); a < b-1 || a > b {
		t.Errorf("a quarter of a long axis is drawn at %d", a)
	}
}

func n(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What the picture shows stands in the table, exactly, and the picture has a name.
func TestTheTableSaysWhatThePictureShows(t *testing.T) {
	c := &Chart{ID: "c", Title: "Earned", Table: "As a table", Tick: func(v int64) string { return strconv.FormatInt(v, 10) },
		Points: []Point{{"1 Mar", 1250, "12.50"}, {"2 Mar", 0, "0.00"}, {"3 Mar", 99, "0.99"}}}
	for _, line := range []bool{true, false} {
		c.Line = line
		var b strings.Builder
		if err := Draw(c).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`<th scope="row">1 Mar</th><td class="num">12.50</td>`, `<th scope="row">2 Mar</th><td class="num">0.00</td>`,
			`<title>3 Mar: 0.99</title>`, `role="img" aria-labelledby="c"`} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("line %v: no %s in %s", line, want, b.String())
			}
		}
	}
}
