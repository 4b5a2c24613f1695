// Package sheet is the form in which the sums of reports are kept: those of one publisher in one program on one day or in one month, as a few
// rows of bytes. A Sheet has the sums by each dimension alone, a Grid those by all of them at once. Dimensions go by their numbers.
package sheet

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
)

// The kinds of sheets.
const (
	KindClicks       = 1
	KindOrders       = 2 // items by the day of their order
	KindTransactions = 3 // items by the day of receipt
)

// Dims is how many dimensions there are; they count from 1. The last ones clicks do not have.
const (
	Dims      = 19
	clickDims = 15
)

// The first dimensions are a sheet's own: day, program and publisher.
const firstDim = 4

// A Sheet holds the sums of one publisher (or of all) in one program over one day or month: for each dimension its values, and for
// Each value a cell for each currency and state. Clicks have one cell a value, without either.
//
// A sheet is kept as a few rows of bytes rather than as a row for each sum: a sum is then a handful of bytes instead of a hundred,
// a day is written in one go, and a year of a publisher is read in twelve pieces. Row 0 holds the short sections together; a section
// that is long has a row of its own, so that a question about one dimension does not read the others.
type Sheet [Dims + 1]map[string][]Cell

// Split is what is told apart beside a value.
type Split struct {
	Currency money.Currency
	State    string
}

// Measures are what is added up. Of clicks the first two count: valid and rejected ones. Of items all do, in the order of the
// constants. Amounts are in two halves, see sqltx.Halves.
type Measures [10]int64

// The measures of items.
const (
	Items = iota
	Actions
	SoldHigh
	SoldLow
	AmountHigh
	AmountLow
	Held
	HeldFor
	FeeHigh
	FeeLow
)

// The measures of clicks.
const (
	Clicks   = 0
	Rejected = 1
)

// Cell is a sum of what is told apart.
type Cell struct {
	Split
	Sum Measures
}

func (m *Measures) Add(o *Measures) {
	for i := range m {
		m[i] += o[i]
	}
}

// AddTimes adds other measures as often as by says: -1 takes them off.
func (m *Measures) AddTimes(o *Measures, by int64) {
	for i := range m {
		m[i] += by * o[i]
	}
}

// level brings the halves of amounts into the form in which zero is zero twice.
func (m *Measures) level() {
	m[SoldHigh], m[SoldLow] = sqltx.Carry(m[SoldHigh], m[SoldLow])
	m[AmountHigh], m[AmountLow] = sqltx.Carry(m[AmountHigh], m[AmountLow])
	m[FeeHigh], m[FeeLow] = sqltx.Carry(m[FeeHigh], m[FeeLow])
}

// Add adds to a value of the dimension with a number.
func (s *Sheet) Add(dim int, value string, sp Split, by *Measures) {
	if s[dim] == nil {
		s[dim] = make(map[string][]Cell)
	}
	cells := s[dim][value]
	for i := range cells {
		if cells[i].Split == sp {
			cells[i].Sum.Add(by)
			return
		}
	}
	s[dim][value] = append(cells, Cell{sp, *by})
}

const (
	// sheetVersion stands first in every row: whoever changes the form counts it up and reads both.
	sheetVersion = 2
	// feeless is the version whose items had no fee.
	feeless = 1
	// together is how many bytes of sections stand in one row. A row of more spills out of SQLite's pages and wastes the rest of one.
	together = 900
)

// width is how many measures a kind of sheet has.
func width(kind int64) int {
	if kind == KindClicks {
		return 2
	}
	return len(Measures{})
}

// widthOf is how many measures a kind of sheet had in a version.
func widthOf(kind int64, version byte) int {
	if version == feeless && kind != KindClicks {
		return FeeHigh
	}
	return width(kind)
}

// Part is one row of a sheet or grid.
type Part struct {
	Number int64 // 0: the sections that stand together; else the dimension's
	Data   []byte
}

// Write returns the rows of a sheet, those that are not empty.
func (s *Sheet) Write(kind int64) []Part {
	w := writer{width: width(kind)}
	var sections [len(s)][]byte
	total := 0
	for dim, values := range s {
		sections[dim] = w.section(values)
		total += len(sections[dim])
	}
	if total == 0 {
		return nil
	}
	order := make([]int, 0, len(s))
	for dim := 1; dim < len(s); dim++ { // the sum of all stays in row 0: most questions need it
		if len(sections[dim]) > 0 {
			order = append(order, dim)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(sections[b]), len(sections[a])) })
	head := w.head()
	row := func(dims ...int) []byte {
		data := slices.Clone(head)
		for _, dim := range dims {
			if len(sections[dim]) > 0 {
				data = binary.AppendUvarint(data, uint64(dim))
				data = binary.AppendUvarint(data, uint64(len(sections[dim])))
				data = append(data, sections[dim]...)
			}
		}
		return data
	}
	var parts []Part
	for len(order) > 0 && total > together {
		dim := order[0]
		total -= len(sections[dim])
		parts = append(parts, Part{int64(dim), row(dim)})
		order = order[1:]
	}
	order = append(order, 0)
	slices.Sort(order)
	parts = append(parts, Part{0, row(order...)})
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Number, b.Number) })
	return parts
}

// writer writes sections that share a table of what is told apart.
type writer struct {
	width  int
	splits []Split
}

func (w *writer) head() []byte {
	data := []byte{sheetVersion}
	data = binary.AppendUvarint(data, uint64(len(w.splits)))
	for _, sp := range w.splits {
		data = appendText(appendText(data, string(sp.Currency)), sp.State)
	}
	return data
}

func appendText(data []byte, s string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(s))), s...)
}

func (w *writer) place(sp Split) uint64 {
	if sp == (Split{}) {
		return 0
	}
	i := slices.Index(w.splits, sp)
	if i < 0 {
		i = len(w.splits)
		w.splits = append(w.splits, sp)
	}
	return uint64(i) + 1
}

// section writes the values in their order, each as what it has in common with the one before and the rest. A cell begins with a number
// that holds from its lowest bit on: whether another cell follows, which measures are not zero, and the place of its split.
func (w *writer) section(values map[string][]Cell) []byte {
	names := make([]string, 0, len(values))
	for v := range values {
		names = append(names, v)
	}
	slices.Sort(names)
	var data []byte
	last := ""
	for _, v := range names {
		cells := slices.Clone(values[v])
		for i := range cells {
			if w.width == len(Measures{}) {
				cells[i].Sum.level()
			}
		}
		cells = slices.DeleteFunc(cells, func(c Cell) bool { return c.Sum == Measures{} })
		if len(cells) == 0 {
			continue
		}
		slices.SortFunc(cells, func(a, b Cell) int { return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.State, b.State)) })
		same := 0
		for same < len(v) && same < len(last) && v[same] == last[same] {
			same++
		}
		data = binary.AppendUvarint(data, uint64(same))
		data = appendText(data, v[same:])
		last = v
		for i := range cells {
			data = w.sums(data, cells[i].Split, &cells[i].Sum, i < len(cells)-1)
		}
	}
	return data
}

// sums writes a cell.
func (w *writer) sums(data []byte, sp Split, sum *Measures, follows bool) []byte {
	more, set := uint64(0), uint64(0)
	if follows {
		more = 1
	}
	for j := range w.width {
		if sum[j] != 0 {
			set |= 1 << j
		}
	}
	data = binary.AppendUvarint(data, w.place(sp)<<(w.width+1)|set<<1|more)
	for j := range w.width {
		if sum[j] != 0 {
			data = binary.AppendVarint(data, sum[j])
		}
	}
	return data
}

// ErrDamaged says that what is kept was not written here.
var ErrDamaged = errors.New("sums of reports are damaged: restore the database from a backup")

// Reader reads rows of sheets.
type Reader struct {
	width  int
	splits []Split
	data   []byte
	value  []byte
	read   Cell // the cell that is handed over, so that none is made for each
}

func (r *Reader) number() (uint64, error) {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		return 0, ErrDamaged
	}
	r.data = r.data[size:]
	return n, nil
}

func (r *Reader) bytes() ([]byte, error) {
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return nil, ErrDamaged
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b, nil
}

// Read calls each for each cell of the dimensions that are wanted. The value and the cell are valid until each returns.
func (r *Reader) Read(kind int64, data []byte, wanted func(dim int) bool, each func(dim int, value []byte, c *Cell) error) error {
	if len(data) == 0 || data[0] != sheetVersion && data[0] != feeless {
		return ErrDamaged
	}
	r.width, r.data, r.splits = widthOf(kind, data[0]), data[1:], r.splits[:0]
	if err := r.readSplits(); err != nil {
		return err
	}
	for len(r.data) > 0 {
		dim, err := r.number()
		if err != nil {
			return err
		}
		section, err := r.bytes()
		if err != nil || dim >= uint64(len(Sheet{})) {
			return ErrDamaged
		}
		if !wanted(int(dim)) {
			continue
		}
		rest := r.data
		if err := r.section(section, int(dim), each); err != nil {
			return fmt.Errorf("reading the sums of dimension %d: %w", dim, err)
		}
		r.data = rest
	}
	return nil
}

// readSplits reads what is told apart beside values.
func (r *Reader) readSplits() error {
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return ErrDamaged
	}
	for range n {
		currency, err := r.bytes()
		if err != nil {
			return err
		}
		state, err := r.bytes()
		if err != nil {
			return err
		}
		r.splits = append(r.splits, Split{money.Currency(currency), string(state)})
	}
	return nil
}

// cell reads a cell, and says whether another one follows.
func (r *Reader) cell(c *Cell) (more bool, err error) {
	head, err := r.number()
	if err != nil {
		return false, err
	}
	*c = Cell{}
	if at := head >> (r.width + 1); at > uint64(len(r.splits)) {
		return false, ErrDamaged
	} else if at > 0 {
		c.Split = r.splits[at-1]
	}
	for j := range r.width {
		if head>>(j+1)&1 == 0 {
			continue
		}
		n, size := binary.Varint(r.data)
		if size <= 0 {
			return false, ErrDamaged
		}
		c.Sum[j], r.data = n, r.data[size:]
	}
	return head&1 != 0, nil
}

func (r *Reader) section(data []byte, dim int, each func(int, []byte, *Cell) error) error {
	r.data, r.value = data, r.value[:0]
	for len(r.data) > 0 {
		same, err := r.number()
		if err != nil || same > uint64(len(r.value)) {
			return ErrDamaged
		}
		rest, err := r.bytes()
		if err != nil {
			return err
		}
		r.value = append(r.value[:same], rest...)
		for more := true; more; {
			if more, err = r.cell(&r.read); err != nil {
				return err
			}
			if err := each(dim, r.value, &r.read); err != nil {
				return err
			}
		}
	}
	return nil
}

// Merge adds the rows of a sheet to it.
func (s *Sheet) Merge(r *Reader, kind int64, data []byte) error {
	return r.Read(kind, data, func(int) bool { return true }, func(dim int, value []byte, c *Cell) error {
		s.addBytes(dim, value, c)
		return nil
	})
}

func (s *Sheet) addBytes(dim int, value []byte, c *Cell) {
	if cells, ok := s[dim][string(value)]; ok {
		for i := range cells {
			if cells[i].Split == c.Split {
				cells[i].Sum.Add(&c.Sum)
				return
			}
		}
	}
	s.Add(dim, string(value), c.Split, &c.Sum)
}
