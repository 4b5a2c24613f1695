package sqlreport

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// A grid holds the rows of one publisher in one program on one day as far as reports tell them apart: for each combination of values,
// currency and state the sum of its rows. It answers what sheets cannot: questions about several dimensions at once.
//
// It is kept by columns: one of what is added up, and one of each dimension, which names its values once and then has a number for each
// line. So a question about two dimensions reads two of nineteen columns, and a click takes a byte or two of each.
type grid struct {
	at    map[string]int // the place of a line, by what it is about
	lines []gridLine
}

// gridLine is a combination of values. Values stand under the numbers of their dimensions; those of day, program and publisher are empty.
type gridLine struct {
	split
	values [len(columns) + 1]string
	sum    measures
}

func (l *gridLine) key() string {
	var b strings.Builder
	for _, v := range l.values {
		b.WriteString(v)
		b.WriteByte(0) // no value has one
	}
	b.WriteString(string(l.currency))
	b.WriteByte(0)
	b.WriteString(l.state)
	return b.String()
}

// add adds a line to those that are there.
func (g *grid) add(l *gridLine) {
	if g.at == nil {
		g.at = make(map[string]int)
	}
	k := l.key()
	if i, ok := g.at[k]; ok {
		g.lines[i].sum.add(&l.sum)
		return
	}
	g.at[k] = len(g.lines)
	g.lines = append(g.lines, *l)
}

const (
	gridVersion = 1
	// gridPart is the part of report_sums that a grid begins with: what is added up, and the columns that are short. A column that is long has
	// a part of its own, behind this one by its dimension's number.
	gridPart = 100
)

// gridDims are the numbers of the dimensions that a kind of grid has columns for.
func gridDims(kind int64) []int {
	var all []int
	for i, c := range columns {
		if n := i + 1; n > 3 && (kind != kindClicks || c.click != "") {
			all = append(all, n)
		}
	}
	return all
}

// write returns the rows of a grid. There is always the first one: it says that nothing is missing.
func (g *grid) write(kind int64) []part {
	lines := make([]*gridLine, 0, len(g.lines))
	for i := range g.lines {
		l := &g.lines[i]
		if kind != kindClicks {
			l.sum.level()
		}
		if l.sum != (measures{}) {
			lines = append(lines, l)
		}
	}
	w := writer{width: width(kind)}
	var sums []byte
	for _, l := range lines {
		sums = w.sums(sums, l.split, &l.sum, false)
	}
	head := append([]byte{gridVersion}, w.head()[1:]...)
	head = appendText(binary.AppendUvarint(head, uint64(len(lines))), string(sums))
	type section struct {
		dim  int
		data []byte
	}
	var sections []section
	total := len(head)
	for _, dim := range gridDims(kind) {
		data := writeColumn(lines, dim)
		total += len(data)
		sections = append(sections, section{dim, data})
	}
	slices.SortStableFunc(sections, func(a, b section) int { return cmp.Compare(len(b.data), len(a.data)) })
	var parts []part
	for len(sections) > 0 && total > together {
		s := sections[0]
		total -= len(s.data)
		parts = append(parts, part{gridPart + int64(s.dim), s.data})
		sections = sections[1:]
	}
	for _, s := range sections {
		head = binary.AppendUvarint(head, uint64(s.dim))
		head = appendText(head, string(s.data))
	}
	return append(parts, part{gridPart, head})
}

// writeColumn writes the values of a dimension: how many there are, each once, and for each line the number of its value in one byte or
// two, unless all have the same.
func writeColumn(lines []*gridLine, dim int) []byte {
	numbers := make(map[string]int)
	var names []string
	for _, l := range lines {
		if _, ok := numbers[l.values[dim]]; !ok {
			numbers[l.values[dim]] = len(names)
			names = append(names, l.values[dim])
		}
	}
	data := binary.AppendUvarint(nil, uint64(len(names)))
	for _, v := range names {
		data = appendText(data, v)
	}
	for _, l := range lines {
		n := numbers[l.values[dim]]
		switch {
		case len(names) == 1:
		case len(names) <= 1<<8:
			data = append(data, byte(n))
		case len(names) <= 1<<16:
			data = binary.LittleEndian.AppendUint16(data, uint16(n))
		default:
			data = binary.LittleEndian.AppendUint32(data, uint32(n))
		}
	}
	return data
}

// gridColumn is a column as it is read.
type gridColumn struct {
	values [][]byte
	of     []byte // the numbers of the lines' values
	size   int    // bytes of each; 0: there is one value
}

func (c *gridColumn) at(line int) int {
	switch c.size {
	case 1:
		return int(c.of[line])
	case 2:
		return int(binary.LittleEndian.Uint16(c.of[2*line:]))
	case 4:
		return int(binary.LittleEndian.Uint32(c.of[4*line:]))
	}
	return 0
}

// gridReader reads the parts of one grid.
type gridReader struct {
	reader
	lines   int
	sums    []byte
	columns [len(columns) + 1][]byte // what is written of each
	whole   bool                     // the first part was met
}

func (r *gridReader) reset() {
	*r = gridReader{reader: reader{splits: r.splits[:0]}}
}

// take takes a part in.
func (r *gridReader) take(kind, number int64, data []byte) error {
	if number != gridPart {
		if number <= gridPart || number > gridPart+int64(len(columns)) {
			return errSheet
		}
		r.columns[number-gridPart] = data
		return nil
	}
	if len(data) == 0 || data[0] != gridVersion {
		return errSheet
	}
	r.width, r.data, r.whole = width(kind), data[1:], true
	if err := r.readSplits(); err != nil {
		return err
	}
	n, err := r.number()
	if err != nil || n > 1<<31 {
		return errSheet
	}
	r.lines = int(n)
	if r.sums, err = r.bytes(); err != nil {
		return err
	}
	for len(r.data) > 0 {
		dim, err := r.number()
		if err != nil || dim > uint64(len(columns)) {
			return errSheet
		}
		if r.columns[dim], err = r.bytes(); err != nil {
			return err
		}
	}
	return nil
}

// column reads the column of a dimension.
func (r *gridReader) column(dim int) (c gridColumn, err error) {
	r.data = r.columns[dim]
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return c, errSheet
	}
	c.values = make([][]byte, n)
	for i := range c.values {
		if c.values[i], err = r.bytes(); err != nil {
			return c, err
		}
	}
	switch {
	case n <= 1:
	case n <= 1<<8:
		c.size = 1
	case n <= 1<<16:
		c.size = 2
	default:
		c.size = 4
	}
	if c.of = r.data; len(c.of) != c.size*r.lines || n == 0 && r.lines > 0 {
		return c, errSheet
	}
	for i := range r.lines {
		if c.at(i) >= len(c.values) {
			return c, errSheet
		}
	}
	return c, nil
}

// each calls do for each line, with its place and what is added up of it.
func (r *gridReader) each(do func(line int, c *cell) error) error {
	r.data = r.sums
	var c cell
	for i := range r.lines {
		if _, err := r.cell(&c); err != nil {
			return err
		}
		if err := do(i, &c); err != nil {
			return err
		}
	}
	if len(r.data) > 0 {
		return errSheet
	}
	return nil
}

// grid reads all of it.
func (r *gridReader) grid(kind int64) (*grid, error) {
	var cols [len(columns) + 1]gridColumn
	for _, dim := range gridDims(kind) {
		var err error
		if cols[dim], err = r.column(dim); err != nil {
			return nil, err
		}
	}
	g := new(grid)
	err := r.each(func(i int, c *cell) error {
		l := gridLine{split: c.split, sum: c.sum}
		for _, dim := range gridDims(kind) {
			l.values[dim] = string(cols[dim].values[cols[dim].at(i)])
		}
		g.add(&l)
		return nil
	})
	return g, err
}
