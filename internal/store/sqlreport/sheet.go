package sqlreport

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/money"
)

// A sheet holds the sums of one publisher (or of all) in one program over one day or month: for each dimension its values, and for
// each value a cell for each currency and state. Clicks have one cell a value, without either.
//
// A sheet is kept as a few rows of bytes rather than as a row for each sum: a sum is then a handful of bytes instead of a hundred,
// a day is written in one go, and a year of a publisher is read in twelve pieces. Row 0 holds the short sections together; a section
// that is long has a row of its own, so that a question about one dimension does not read the others.
type sheet [len(columns) + 1]map[string][]cell

// split is what is told apart beside a value.
type split struct {
	currency money.Currency
	state    string
}

// measures are what is added up. Of clicks the first two count: valid and rejected ones. Of items all do, in the order of the
// constants. Amounts are in two halves, see halves.
type measures [10]int64

const (
	mItems = iota
	mActions
	mSoldHigh
	mSoldLow
	mAmountHigh
	mAmountLow
	mHeld
	mHeldFor
	mFeeHigh
	mFeeLow
)

const (
	mClicks   = 0
	mRejected = 1
)

type cell struct {
	split
	sum measures
}

func (m *measures) add(o *measures) {
	for i := range m {
		m[i] += o[i]
	}
}

// level brings the halves of amounts into the form in which zero is zero twice.
func (m *measures) level() {
	m[mSoldHigh], m[mSoldLow] = carry(m[mSoldHigh], m[mSoldLow])
	m[mAmountHigh], m[mAmountLow] = carry(m[mAmountHigh], m[mAmountLow])
	m[mFeeHigh], m[mFeeLow] = carry(m[mFeeHigh], m[mFeeLow])
}

// add adds to a value of the dimension with a number.
func (s *sheet) add(dim int, value string, sp split, by *measures) {
	if s[dim] == nil {
		s[dim] = make(map[string][]cell)
	}
	cells := s[dim][value]
	for i := range cells {
		if cells[i].split == sp {
			cells[i].sum.add(by)
			return
		}
	}
	s[dim][value] = append(cells, cell{sp, *by})
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
	if kind == kindClicks {
		return 2
	}
	return len(measures{})
}

// widthOf is how many measures a kind of sheet had in a version.
func widthOf(kind int64, version byte) int {
	if version == feeless && kind != kindClicks {
		return mFeeHigh
	}
	return width(kind)
}

// part is one row of a sheet.
type part struct {
	number int64 // 0: the sections that stand together; else the dimension's
	data   []byte
}

// write returns the rows of a sheet, those that are not empty.
func (s *sheet) write(kind int64) []part {
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
	var parts []part
	for len(order) > 0 && total > together {
		dim := order[0]
		total -= len(sections[dim])
		parts = append(parts, part{int64(dim), row(dim)})
		order = order[1:]
	}
	order = append(order, 0)
	slices.Sort(order)
	parts = append(parts, part{0, row(order...)})
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.number, b.number) })
	return parts
}

// writer writes sections that share a table of what is told apart.
type writer struct {
	width  int
	splits []split
}

func (w *writer) head() []byte {
	data := []byte{sheetVersion}
	data = binary.AppendUvarint(data, uint64(len(w.splits)))
	for _, sp := range w.splits {
		data = appendText(appendText(data, string(sp.currency)), sp.state)
	}
	return data
}

func appendText(data []byte, s string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(s))), s...)
}

func (w *writer) place(sp split) uint64 {
	if sp == (split{}) {
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
func (w *writer) section(values map[string][]cell) []byte {
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
			if w.width == len(measures{}) {
				cells[i].sum.level()
			}
		}
		cells = slices.DeleteFunc(cells, func(c cell) bool { return c.sum == measures{} })
		if len(cells) == 0 {
			continue
		}
		slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.currency, b.currency), cmp.Compare(a.state, b.state)) })
		same := 0
		for same < len(v) && same < len(last) && v[same] == last[same] {
			same++
		}
		data = binary.AppendUvarint(data, uint64(same))
		data = appendText(data, v[same:])
		last = v
		for i := range cells {
			data = w.sums(data, cells[i].split, &cells[i].sum, i < len(cells)-1)
		}
	}
	return data
}

// sums writes a cell.
func (w *writer) sums(data []byte, sp split, sum *measures, follows bool) []byte {
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

var errSheet = errors.New("sums of reports are damaged: restore the database from a backup")

// reader reads rows of sheets.
type reader struct {
	width  int
	splits []split
	data   []byte
	value  []byte
}

func (r *reader) number() (uint64, error) {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		return 0, errSheet
	}
	r.data = r.data[size:]
	return n, nil
}

func (r *reader) bytes() ([]byte, error) {
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return nil, errSheet
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b, nil
}

// read calls each for each cell of the dimensions that are wanted. The value is valid until each returns.
func (r *reader) read(kind int64, data []byte, wanted func(dim int) bool, each func(dim int, value []byte, c *cell) error) error {
	if len(data) == 0 || data[0] != sheetVersion && data[0] != feeless {
		return errSheet
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
		if err != nil || dim >= uint64(len(sheet{})) {
			return errSheet
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
func (r *reader) readSplits() error {
	n, err := r.number()
	if err != nil || n > uint64(len(r.data)) {
		return errSheet
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
		r.splits = append(r.splits, split{money.Currency(currency), string(state)})
	}
	return nil
}

// cell reads a cell, and says whether another one follows.
func (r *reader) cell(c *cell) (more bool, err error) {
	head, err := r.number()
	if err != nil {
		return false, err
	}
	*c = cell{}
	if at := head >> (r.width + 1); at > uint64(len(r.splits)) {
		return false, errSheet
	} else if at > 0 {
		c.split = r.splits[at-1]
	}
	for j := range r.width {
		if head>>(j+1)&1 == 0 {
			continue
		}
		n, size := binary.Varint(r.data)
		if size <= 0 {
			return false, errSheet
		}
		c.sum[j], r.data = n, r.data[size:]
	}
	return head&1 != 0, nil
}

func (r *reader) section(data []byte, dim int, each func(int, []byte, *cell) error) error {
	r.data, r.value = data, r.value[:0]
	for len(r.data) > 0 {
		same, err := r.number()
		if err != nil || same > uint64(len(r.value)) {
			return errSheet
		}
		rest, err := r.bytes()
		if err != nil {
			return err
		}
		r.value = append(r.value[:same], rest...)
		for more := true; more; {
			var c cell
			if more, err = r.cell(&c); err != nil {
				return err
			}
			if err := each(dim, r.value, &c); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge adds the rows of a sheet to it.
func (s *sheet) merge(r *reader, kind int64, data []byte) error {
	return r.read(kind, data, func(int) bool { return true }, func(dim int, value []byte, c *cell) error {
		s.addBytes(dim, value, c)
		return nil
	})
}

func (s *sheet) addBytes(dim int, value []byte, c *cell) {
	if cells, ok := s[dim][string(value)]; ok {
		for i := range cells {
			if cells[i].split == c.split {
				cells[i].sum.add(&c.sum)
				return
			}
		}
	}
	s.add(dim, string(value), c.split, &c.sum)
}
