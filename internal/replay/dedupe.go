package replay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"sync"
)

// A click may be reported many times and counts once. To know which ones were counted already takes memory for each, so
// they are sorted into partitions by the hash of their id, which spill into temporary files when they grow.

const (
	partitions = 256
	markSize   = 8 + 8 + 4
	spillAt    = 1 << 20 // bytes that a partition keeps in memory
)

// mark is what is kept of a click: enough to tell it apart and to count it.
type mark struct {
	id, content uint64 // hashes
	counter     int32  // which tally it counts for; negative: none
}

// dedupe collects marks and counts each click once.
type dedupe struct {
	seed  maphash.Seed
	dir   string // for temporary files
	parts [partitions]partition
}

type partition struct {
	mu   sync.Mutex
	mem  []byte
	file *os.File
	out  *bufio.Writer
}

func newDedupe(dir string) *dedupe { return &dedupe{seed: maphash.MakeSeed(), dir: dir} }

// localMarks are marks that a worker collects before it takes a partition's lock.
type localMarks [partitions][]byte

// add notes a click.
func (d *dedupe) add(l *localMarks, m mark) error {
	p := m.id % partitions
	b := l[p]
	b = binary.LittleEndian.AppendUint64(b, m.id)
	b = binary.LittleEndian.AppendUint64(b, m.content)
	b = binary.LittleEndian.AppendUint32(b, uint32(m.counter))
	l[p] = b
	if len(b) < 200*markSize {
		return nil
	}
	l[p] = b[:0]
	return d.parts[p].write(d.dir, b)
}

// flush hands the rest of a worker's marks over.
func (d *dedupe) flush(l *localMarks) error {
	for p := range l {
		if err := d.parts[p].write(d.dir, l[p]); err != nil {
			return err
		}
		l[p] = l[p][:0]
	}
	return nil
}

func (p *partition) write(dir string, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mem = append(p.mem, b...)
	if len(p.mem) < spillAt {
		return nil
	}
	if p.file == nil {
		f, err := os.CreateTemp(dir, ".marks-*")
		if err != nil {
			return fmt.Errorf("making room for the clicks that were counted: %w", err)
		}
		// The name goes at once, so nothing is left behind however the program ends.
		if err := os.Remove(f.Name()); err != nil {
			return errors.Join(fmt.Errorf("making room for the clicks that were counted: %w", err), f.Close())
		}
		p.file, p.out = f, bufio.NewWriterSize(f, 1<<16)
	}
	if _, err := p.out.Write(p.mem); err != nil {
		return fmt.Errorf("noting which clicks were counted: %w", err)
	}
	p.mem = p.mem[:0]
	return nil
}

// all returns all marks of a partition.
func (p *partition) all() ([]byte, error) {
	if p.file == nil {
		return p.mem, nil
	}
	if err := p.out.Flush(); err != nil {
		return nil, fmt.Errorf("noting which clicks were counted: %w", err)
	}
	size, err := p.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("reading which clicks were counted: %w", err)
	}
	b := make([]byte, size, size+int64(len(p.mem)))
	if _, err := p.file.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("reading which clicks were counted: %w", err)
	}
	return append(b, p.mem...), nil
}

func (d *dedupe) close() {
	for i := range d.parts {
		if f := d.parts[i].file; f != nil {
			_ = f.Close() // it is a temporary file without a name
		}
	}
}

// count adds each click once to its tally and returns how many were reported again. Ids whose clicks differ in content are
// returned as suspects: whether they are really one id must be read from the file again.
func (d *dedupe) count(clicks []int64) (distinct, repeated int64, suspects map[uint64]bool, err error) {
	suspects = make(map[uint64]bool)
	for i := range d.parts {
		b, err := d.parts[i].all()
		if err != nil {
			return 0, 0, nil, err
		}
		n := len(b) / markSize
		size := 16
		for size < 2*n {
			size *= 2
		}
		slots := make([]int32, size) // index of a mark, plus one
		for m := range n {
			id := binary.LittleEndian.Uint64(b[m*markSize:])
			at := int(id>>8) & (size - 1)
			for {
				s := slots[at]
				if s == 0 {
					slots[at] = int32(m) + 1
					distinct++
					if c := int32(binary.LittleEndian.Uint32(b[m*markSize+16:])); c >= 0 {
						clicks[c]++
					}
					break
				}
				if o := int(s - 1); binary.LittleEndian.Uint64(b[o*markSize:]) == id {
					repeated++
					if binary.LittleEndian.Uint64(b[o*markSize+8:]) != binary.LittleEndian.Uint64(b[m*markSize+8:]) {
						suspects[id] = true
					}
					break
				}
				at = (at + 1) & (size - 1)
			}
		}
		d.parts[i].mem = nil
	}
	return distinct, repeated, suspects, nil
}
