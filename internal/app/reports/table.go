package reports

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// table is a report that is put together in memory before it is sent: the figures of a breakdown.
type table struct {
	q       *Query
	by      []Dim
	columns []Column
	rows    [][]string
	totals  [][]string
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
	keys    int // the first columns, which name a row, with the currency behind them where there is one
}

func (o order) compare(a, b []string) int {
	if o.column >= 0 {
		c := compareCells(o.kind, a[o.column], b[o.column])
		if o.falling {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return slices.Compare(a[:o.keys], b[:o.keys])
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
	o := order{column: -1, keys: len(t.by)}
	if len(t.columns) > o.keys && t.columns[o.keys].Name == "currency" {
		o.keys++
	}
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
	slices.SortFunc(t.rows, o.compare)
	slices.SortFunc(t.totals, order{column: -1, keys: o.keys}.compare)
	rows := t.rows
	if t.q.After != "" {
		last, err := t.readMark(o)
		if err != nil {
			return err
		}
		n, found := slices.BinarySearchFunc(rows, last, o.compare)
		if found {
			n++
		}
		rows = rows[n:]
	}
	next := ""
	if t.q.Limit > 0 && len(rows) > t.q.Limit {
		rows = rows[:t.q.Limit]
		if next, err = t.writeMark(o, rows[len(rows)-1]); err != nil {
			return err
		}
	}
	h.Columns, h.Totals = t.columns, t.totals
	if err := to.Begin(h); err != nil {
		return err
	}
	for _, r := range rows {
		if err := to.Row(r); err != nil {
			return err
		}
	}
	return to.End(next)
}

func (t *table) writeMark(o order, row []string) (string, error) {
	m := mark{Sort: t.q.Sort, Keys: row[:o.keys]}
	if o.column >= 0 {
		m.Cell = row[o.column]
	}
	b, err := json.Marshal(m)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// readMark returns a row that stands where the page before ended.
func (t *table) readMark(o order) ([]string, error) {
	var m mark
	b, err := base64.RawURLEncoding.DecodeString(t.q.After)
	if err != nil || json.Unmarshal(b, &m) != nil || m.Sort != t.q.Sort || len(m.Keys) != o.keys {
		return nil, ErrCursor
	}
	row := make([]string, len(t.columns))
	copy(row, m.Keys)
	if o.column >= 0 {
		row[o.column] = m.Cell
	}
	return row, nil
}
