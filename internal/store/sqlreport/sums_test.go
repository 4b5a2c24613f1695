package sqlreport

import "testing"

// R4: dimensions have the numbers of their columns, under which sums are kept.
func TestR4_DimensionsHaveTheNumbersOfTheirColumns(t *testing.T) {
	for i, c := range columns {
		if got := dimNumber(c.dim); got != i+1 {
			t.Errorf("%s has the number %d and stands in column %d", c.dim, got, i+1)
		}
	}
	if dimNumber(everything) != 0 || dimNumber("colour") != 0 {
		t.Error("what is no dimension has a number")
	}
}
