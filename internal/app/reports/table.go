package reports

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/money"
)

// table is a report that is put together in memory before it is sent: the figures of a breakdown. Its rows are known by their places, and
// only those that are sent are written: there may be a hundred thousand, of which a page shows a hundred.
type table struct {
	q       *Query
	columns []Column
	keys    int // how many dimensions name a row
	rows    []line
	totals  []line
	cells   func(l *line) ([]string, error)
}

// line is a row: what it is about, and the cell that it is sorted by where there is one.
type line struct {
	place
	cell string
	of   any // its figures
}

// newTable returns a table of figures by their places. cells writes a row.
func newTable[F any](q *Query, by []Dim, columns []Column, rows, totals map[place]*F, cells func(place, *F) ([]string, error)) *table {
	t := &table{q: q, columns: append(dimColumns(by), columns...), keys: len(by), cells: func(l *line) ([]string, error) { return cells(l.place, l.of.(*F)) }}
	for p, f := range rows {
		t.rows = append(t.rows, line{place: p, of: f})
	}
	for p, f := range totals {
		t.totals = append(t.totals, line{place: p, of: f})
	}
	return t
}

// mark is where a page ended: the row's cell that it is sorted by, and all that names it.
type mark struct {
	Sort string
	Cell string
	Keys []string
}

// order is how rows follow each other: by a column, then by what names them.
type order struct {
	column  int // -1: by what names them
	kind    CellKind
	falling bool
	dims    int  // how many dimensions name a row
	priced  bool // with the currency behind them
}

func (o order) compare(a, b line) int {
	if o.column >= 0 {
		c := compareCells(o.kind, a.cell, b.cell)
		if o.falling {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	if c := slices.Compare(a.keys[:o.dims], b.keys[:o.dims]); c != 0 || !o.priced {
		return c
	}
	return cmp.Compare(a.currency, b.currency)
}

// compareCells orders cells of a kind. Decimals of a column all have the places of their currency, or two, so signs and lengths
// decide before digits do.
func compareCells(k CellKind, a, b string) int {
	if k == Text || k == Time {
		return cmp.Compare(a, b)
	}
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b)) // no figure is less than any
	}
	na, nb := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	switch {
	case na && !nb:
		return -1
	case nb && !na:
		return 1
	case na:
		return compareCells(k, b[1:], a[1:])
	}
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	return cmp.Or(cmp.Compare(len(wholeA), len(wholeB)), cmp.Compare(wholeA, wholeB), cmp.Compare(fractionA, fractionB))
}

func (t *table) order() (order, error) {
	o := order{column: -1, dims: t.keys, priced: len(t.columns) > t.keys && t.columns[t.keys].Name == "currency"}
	if t.q.Sort == "" {
		return o, nil
	}
	name, falling := strings.CutPrefix(t.q.Sort, "-")
	o.column = slices.IndexFunc(t.columns, func(c Column) bool { return c.Name == name })
	if o.column < 0 {
		names := make([]string, len(t.columns))
		for i, c := range t.columns {
			names[i] = c.Name
		}
		return o, &QueryError{Field: "sort", Reason: fmt.Sprintf("%q is not a column of this report; it has %s", name, strings.Join(names, ", "))}
	}
	o.kind, o.falling = t.columns[o.column].Kind, falling
	return o, nil
}

// send sorts the table and hands the page that is asked for on.
func (t *table) send(h *Head, to Sink) error {
	o, err := t.order()
	if err != nil {
		return err
	}
	if o.column >= 0 {
		for i := range t.rows {
			cells, err := t.cells(&t.rows[i])
			if err != nil {
				return err
			}
			t.rows[i].cell = cells[o.column]
		}
	}
	rows := t.rows
	if t.q.After != "" {
		last, err := t.readMark(o)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(l line) bool { return o.compare(l, last) <= 0 })
	}
	rows = firsts(rows, t.q.Limit, o.compare)
	next := ""
	if t.q.Limit > 0 && len(rows) > t.q.Limit {
		rows = rows[:t.q.Limit]
		if next, err = t.writeMark(o, &rows[len(rows)-1]); err != nil {
			return err
		}
	}
	slices.SortFunc(t.totals, order{column: -1, dims: o.dims, priced: o.priced}.compare)
	h.Columns, h.Totals = t.columns, nil
	for i := range t.totals {
		cells, err := t.cells(&t.totals[i])
		if err != nil {
			return err
		}
		h.Totals = append(h.Totals, cells)
	}
	if err := to.Begin(h); err != nil {
		return err
	}
	for i := range rows {
		cells, err := t.cells(&rows[i])
		if err != nil {
			return err
		}
		if err := to.Row(cells); err != nil {
			return err
		}
	}
	return to.End(next)
}

// firsts sorts rows, of which the first ones and one more are wanted (0: all). Where few of many are, the others are not sorted.
func firsts(rows []line, wanted int, compare func(a, b line) int) []line {
	if wanted == 0 || len(rows) <= 4*(wanted+1) {
		slices.SortFunc(rows, compare)
		return rows
	}
	wanted++
	best := make([]line, 0, 2*wanted)
	for _, l := range rows {
		if len(best) >= wanted && compare(l, best[wanted-1]) > 0 {
			continue // the first ones are sorted from the first time on that there are enough
		}
		best = append(best, l)
		if len(best) == wanted || len(best) == cap(best) {
			slices.SortFunc(best, compare)
			best = best[:wanted]
		}
	}
	slices.SortFunc(best, compare)
	return best[:min(wanted, len(best))]
}

func (t *table) writeMark(o order, row *line) (string, error) {
	m := mark{Sort: t.q.Sort, Cell: row.cell, Keys: slices.Clone(row.keys[:t.keys])}
	if o.priced {
		m.Keys = append(m.Keys, string(row.currency))
	}
	b, err := json.Marshal(m)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// readMark returns a row that stands where the page before ended.
func (t *table) readMark(o order) (line, error) {
	var m mark
	var row line
	wanted := t.keys
	if o.priced {
		wanted++
	}
	b, err := base64.RawURLEncoding.DecodeString(t.q.After)
	if err != nil || json.Unmarshal(b, &m) != nil || m.Sort != t.q.Sort || len(m.Keys) != wanted {
		return row, ErrCursor
	}
	copy(row.keys[:t.keys], m.Keys)
	if o.priced {
		row.currency = money.Currency(m.Keys[t.keys])
	}
	row.cell = m.Cell
	return row, nil
}
