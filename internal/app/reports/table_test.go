package reports

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/clickledger/clickledger/money"
)

// R1: a page of a report is what the whole of it begins with, however few of its rows are sorted; page behind page it is the whole.
func TestR1_PagesAreTheWhole(t *testing.T) {
	h := rand.New(rand.NewPCG(3, 3))
	for range 25 {
		n := h.IntN(300)
		rows := make(map[place]*int64)
		for range n {
			p := place{currency: money.Currency([]string{"TRY", "USD"}[h.IntN(2)])}
			p.keys[0], p.keys[1] = fmt.Sprint("p", h.IntN(3)), fmt.Sprint(h.IntN(200))
			v := h.Int64N(40) - 20
			rows[p] = &v
		}
		for _, sort := range []string{"", "sum", "-sum"} {
			run := func(limit int, after string) (got [][]string, next string) {
				q := &Query{Sort: sort, Limit: limit, After: after}
				table := newTable(q, []Dim{"program", "day"}, []Column{{"currency", Text}, {"sum", Count}}, rows, nil, func(p place, v *int64) ([]string, error) {
					return []string{p.keys[0], p.keys[1], string(p.currency), fmt.Sprint(*v)}, nil
				})
				s := &collected{}
				if err := table.send(&Head{}, s); err != nil {
					t.Fatal(err)
				}
				return s.rows, s.next
			}
			want, _ := run(0, "")
			if !slices.IsSortedFunc(want, func(a, b []string) int {
				c := 0
				if sort != "" {
					c = compareCells(Count, a[3], b[3])
				}
				if sort == "-sum" {
					c = -c
				}
				if c != 0 {
					return c
				}
				return slices.Compare(a[:3], b[:3])
			}) {
				t.Fatalf("not sorted by %q: %v", sort, want)
			}
			limit := 1 + h.IntN(40)
			var all [][]string
			for after := ""; ; {
				page, next := run(limit, after)
				all = append(all, page...)
				if after = next; after == "" {
					break
				}
				if len(page) != limit {
					t.Fatalf("a page of %d rows, not the last one, has %d", limit, len(page))
				}
			}
			if len(all) != len(rows) || !reflect.DeepEqual(all, want) {
				t.Fatalf("%d rows by %q, %d on a page: page behind page they are not the whole", len(rows), sort, limit)
			}
		}
	}
}

// collected takes a report.
type collected struct {
	rows [][]string
	next string
}

func (c *collected) Begin(*Head) error { return nil }
func (c *collected) Row(cells []string) error {
	c.rows = append(c.rows, slices.Clone(cells))
	return nil
}
func (c *collected) End(next string) error {
	c.next = next
	return nil
}
