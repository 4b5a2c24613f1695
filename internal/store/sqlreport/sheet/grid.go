package sheet

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A Grid holds the rows of one publisher in one program on one day as far as reports tell them apart: for each combination of values,
// currency and state the sum of its rows. It answers what sheets cannot: questions about several dimensions at once.
//
// It is kept by columns: one of what is added up, and one of each dimension, which names its values once and then has a number for each
// line. So a question about two dimensions reads two of nineteen columns, and a click takes a byte or two of each.
type Grid struct {
	at    map[string]int // the place of a line, by what it is about
	key   []byte
	Lines []Line
}

// Line is a combination of values. Values stand under the numbers of their dimensions; those of day, program and publisher are empty.
type Line struct {
	Split
	Values [Dims + 1]string
	Sum    Measures
}

// appendKey writes what a line is about.
func (l *Line) appendKey(b []byte) []byte {
	for _, v := range l.Values {
		b = append(append(b, v...), 0) // no value has a zero
	}
	b = append(append(b, l.Currency...), 0)
	return append(b, l.State...)
}

// Add adds a line to those that are there.
func (g *Grid) Add(l *Line) {
	if g.at == nil {
		g.at = make(map[string]int)
	}
	g.key = l.appendKey(g.key[:0])
	if i, ok := g.at[string(g.key)]; ok {
		g.Lines[i].Sum.Add(&l.Sum)
		return
	}
	g.at[string(g.key)] = len(g.Lines)
	g.Lines = append(g.Lines, *l)
}

const (
	gridVersion = 1
	// GridPart is the part of report_sums that a grid begins with: what is added up, and the columns that are short. A column that is long has
	// a part of its own, behind this one by its dimension's number.
	GridPart = 100
)

// gridDims are the dimensions that a kind of grid has columns for.
func gridDims(kind int64) []int {
	var all []int
	for n := firstDim; n <= Dims && (n <= clickDims || kind != KindClicks); n++ {
		all = append(all, n)
	}
	return all
}

// Write returns the rows of a grid. There is always the first one: it says that nothing is missing.
func (g *Grid) Write(kind int64) []Part {
	lines := make([]*Line, 0, len(g.Lines))
	for i := range g.Lines {
		l := &g.Lines[i]
		if kind != KindClicks {
			l.Sum.level()
		}
		if l.Sum != (Measures{}) {
			lines = append(lines, l)
		}
	}
	w := writer{width: width(kind)}
	var sums []byte
	for _, l := range lines {
		sums = w.sums(sums, l.Split, &l.Sum, false)
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
	var parts []Part
	for len(sections) > 0 && total > together {
		s := sections[0]
		total -= len(s.data)
		parts = append(parts, Part{GridPart + int64(s.dim), s.data})
		sections = sections[1:]
	}
	for _, s := range sections {
		head = binary.AppendUvarint(head, uint64(s.dim))
		head = appendText(head, string(s.data))
	}
	return append(parts, Part{GridPart, head})
}

// writeColumn writes the values of a dimension: how many there are, each once, and for each line the number of its value in one byte or
// two, unless all have the same.
func writeColumn(lines []*Line, dim int) []byte {
	numbers := make(map[string]int)
	var names []string
	for _, l := range lines {
		if _, ok := numbers[l.Values[dim]]; !ok {
			numbers[l.Values[dim]] = len(names)
			names = append(names, l.Values[dim])
		}
	}
	data := binary.AppendUvarint(nil, uint64(len(names)))
	for _, v := range names {
		data = appendText(data, v)
	}
	for _, l := range lines {
		n := numbers[l.Values[dim]]
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

// Column is a column as it is read.
type Column struct {
	Values [][]byte
	of     []byte // the numbers of the lines' values
	size   int    // bytes of each; 0: there is one value
}

// At is the number of a line's value.
func (c *Column) At(line int) int {
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

// GridReader reads the parts of one grid.
type GridReader struct {
	Reader
	lines   int
	sums    []byte
	columns [Dims + 1][]byte // what is written of each
	Whole   bool             // the first part was met
}

func (r *GridReader) Reset() {
	*r = GridReader{Reader: Reader{splits: r.splits[:0]}}
}

// Take takes a part in.
func (r *GridReader) Take(kind, number int64, data []byte) error {
	if number != GridPart {
		if number <= GridPart || number > GridPart+int64(Dims) {
			return ErrDamaged
		}
		r.columns[number-GridPart] = data
		return nil
	}
	if len(data) == 0 || data[0] != gridVersion {
		return ErrDamaged
	}
	r.width, r.data, r.Whole = width(kind), data[1:], true
	if err := r.readSplits(); err != nil {
		return err
	}
	n, err := r.number()
	if err != nil || n > 1<<31 {
		return ErrDamaged
	}
	r.lines = int(n)
	if r.sums, err = r.bytes(); err != nil {
		return err
	}
	for len(r.data) > 0 {
		dim, err := r.number()
		if err != nil || dim > uint64(Dims) {
			return ErrDamaged
		}
		if r.columns[dim], err = r.bytes(); err != nil {
			return err
		}
	}
	return nil
}

// Column reads the column of a dimension.
func (r *GridReader) Column(dim int) (c Column, err error) {
	r.data = r.columns[dim]
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return c, ErrDamaged
	}
	c.Values = make([][]byte, n)
	for i := range c.Values {
		if c.Values[i], err = r.bytes(); err != nil {
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
		return c, ErrDamaged
	}
	for i := range r.lines {
		if c.At(i) >= len(c.Values) {
			return c, ErrDamaged
		}
	}
	return c, nil
}

// Each calls do for each line, with its place and what is added up of it.
func (r *GridReader) Each(do func(line int, c *Cell) error) error {
	r.data = r.sums
	for i := range r.lines {
		if _, err := r.cell(&r.read); err != nil {
			return err
		}
		if err := do(i, &r.read); err != nil {
			return err
		}
	}
	if len(r.data) > 0 {
		return ErrDamaged
	}
	return nil
}

// Grid reads all of it.
func (r *GridReader) Grid(kind int64) (*Grid, error) {
	var cols [Dims + 1]Column
	for _, dim := range gridDims(kind) {
		var err error
		if cols[dim], err = r.Column(dim); err != nil {
			return nil, err
		}
	}
	g := new(Grid)
	err := r.Each(func(i int, c *Cell) error {
		l := Line{Split: c.Split, Sum: c.Sum}
		for _, dim := range gridDims(kind) {
			l.Values[dim] = string(cols[dim].Values[cols[dim].At(i)])
		}
		g.Add(&l)
		return nil
	})
	return g, err
}
