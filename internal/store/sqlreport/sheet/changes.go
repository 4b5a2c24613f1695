package sheet

import (
	"encoding/binary"
	"slices"
)

// PublisherDim is the number of the dimension that only changes have a column for: sheets and grids are a publisher's own.
const PublisherDim = 3

const changesVersion = 1

// WriteChanges returns the lines of a grid in one piece, with their publishers; nil where they add up to nothing. It is how rows that came and
// went since the sums of a day were written are kept until they are added to them: small, written often, read as a whole.
func (g *Grid) WriteChanges(kind int64) []byte {
	w := writer{width: width(kind)}
	var lines []byte
	for i := range g.Lines {
		l := &g.Lines[i]
		if kind != KindClicks {
			l.Sum.level()
		}
		if l.Sum == (Measures{}) {
			continue
		}
		lines = w.sums(lines, l.Split, &l.Sum, true)
		for dim := PublisherDim; dim <= Dims; dim++ {
			if l.Values[dim] != "" {
				lines = appendText(binary.AppendUvarint(lines, uint64(dim)), l.Values[dim])
			}
		}
		lines = binary.AppendUvarint(lines, 0)
	}
	if lines == nil {
		return nil
	}
	return slices.Concat([]byte{changesVersion}, w.head()[1:], lines)
}

// Changes calls each for the lines that WriteChanges wrote. The line is used again.
func (r *Reader) Changes(kind int64, data []byte, each func(*Line) error) error {
	if len(data) == 0 || data[0] != changesVersion {
		return ErrDamaged
	}
	r.width, r.data, r.splits = width(kind), data[1:], r.splits[:0]
	if err := r.readSplits(); err != nil {
		return err
	}
	for len(r.data) > 0 {
		var c Cell
		if _, err := r.cell(&c); err != nil {
			return err
		}
		l := Line{Split: c.Split, Sum: c.Sum}
		for {
			dim, err := r.number()
			if err != nil || dim > Dims {
				return ErrDamaged
			}
			if dim == 0 {
				break
			}
			value, err := r.bytes()
			if err != nil {
				return err
			}
			l.Values[dim] = string(value)
		}
		if err := each(&l); err != nil {
			return err
		}
	}
	return nil
}
