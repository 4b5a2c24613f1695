// Package chart draws charts as SVG on the server, for pages that run nothing. A chart is a picture of figures that also stand in a
// table below it, for readers who cannot see it or want them exactly. Lengths are computed in whole numbers.
package chart

import (
	"strconv"
	"strings"
)

// Point is a figure of a series. Value is drawn, Text is what it says exactly.
type Point struct {
	Label string // such as a day
	Value int64  // not below zero; less is drawn as zero
	Text  string
}

// Chart is one series over labels.
type Chart struct {
	ID     string // of the element, one for each chart of a page
	Title  string
	Unit   string
	Label  string // heads the column of labels
	Column string // heads the column of figures
	Table  string // leads to the table
	Line   bool   // a line with its area; otherwise bars
	Points []Point
	Tick   func(value int64) string // writes a value at the axis
	Note   string                   // stands in the place of the picture where every figure is zero
}

// The picture is drawn on this grid and stretched to the room that it gets.
const width, height = 1000, 1000

// Top is the value at the upper end of the axis: 1, 2 or 5 times a power of ten that is no less than the greatest figure.
func Top(points []Point) int64 {
	most := int64(1)
	for _, p := range points {
		most = max(most, p.Value)
	}
	const end = 1_000_000_000_000_000_000
	for unit := int64(1); ; unit *= 10 {
		for _, n := range [...]int64{1, 2, 5} {
			if unit > end/n {
				return most
			}
			if n*unit >= most {
				return n * unit
			}
		}
	}
}

// at is how high a value stands above the axis.
func at(value, top int64) int64 {
	value = max(value, 0)
	if value >= top {
		return height
	}
	if top > 1<<50 { // so that the product below fits
		value, top = value>>20, top>>20
	}
	return value * height / top
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// bar is a column of the picture.
type bar struct{ x, y, w, h, text string }

// bars are the columns, with a gap of a quarter between them.
func (c *Chart) bars(top int64) []bar {
	n := int64(len(c.Points))
	out := make([]bar, n)
	for i, p := range c.Points {
		from, to := int64(i)*width/n, int64(i+1)*width/n
		gap := (to - from) / 8
		h := at(p.Value, top)
		if p.Value > 0 {
			h = max(h, 6) // what is there is seen
		}
		out[i] = bar{number(from + gap), number(height - h), number(to - from - 2*gap), number(h), p.Label + ": " + p.Text}
	}
	return out
}

// slots are the parts of the picture that say a point's figure under the pointer.
func (c *Chart) slots() []bar {
	n := int64(len(c.Points))
	out := make([]bar, n)
	for i, p := range c.Points {
		from, to := int64(i)*width/n, int64(i+1)*width/n
		out[i] = bar{number(from), "0", number(to - from), number(height), p.Label + ": " + p.Text}
	}
	return out
}

// path is the line through the middles of the slots; closed, it encloses the area below.
func (c *Chart) path(top int64, closed bool) string {
	var b strings.Builder
	n := int64(len(c.Points))
	x := func(i int64) int64 { return (2*i + 1) * width / (2 * n) }
	for i, p := range c.Points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		b.WriteString(letter + number(x(int64(i))) + " " + number(height-at(p.Value, top)))
	}
	if closed {
		b.WriteString("L" + number(x(n-1)) + " " + number(height) + "L" + number(x(0)) + " " + number(height) + "Z")
	}
	return b.String()
}

// lines are where the axis has its lines, from the top.
func (c *Chart) lines(top int64) []int64 {
	if top < 4 || top%2 != 0 {
		return []int64{top, 0}
	}
	return []int64{top, top / 2, 0}
}

func (c *Chart) y(value, top int64) string { return number(height - at(value, top)) }

// labels are those that stand below the picture: the first, the middle and the last.
func (c *Chart) labels() []string {
	n := len(c.Points)
	if n < 3 {
		var all []string
		for _, p := range c.Points {
			all = append(all, p.Label)
		}
		return all
	}
	return []string{c.Points[0].Label, c.Points[n/2].Label, c.Points[n-1].Label}
}

// flat reports whether there is nothing to draw.
func (c *Chart) flat() bool {
	for _, p := range c.Points {
		if p.Value > 0 {
			return false
		}
	}
	return true
}
