package clicklog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/clickledger/clickledger/internal/vfs"
)

// found is what recovery reads from a folder. Nothing is changed by reading.
type found struct {
	id       ID
	segments []segment // in order; their ends are known
	highest  uint64    // the highest number that a file has
	nextSeq  uint64    // the sequence number behind the last record of segments
	prev     uint64    // what a new segment names as the one before it
	prevEnd  int64
	carry    []byte // frames, not sealed, that a new segment begins with
	carried  int
	temps    []string // files that never became segments: nothing depends on them
	leftover []string // segments to remove once a new one is safe
	report   Recovery
}

// explore reads the headers of all segments, and the last one as a whole.
func explore(fsys vfs.FS, dir string) (*found, error) {
	names, err := fsys.List(dir)
	if err != nil {
		return nil, fmt.Errorf("list the click log: %w", err)
	}
	f := &found{nextSeq: 1}
	var all []segment
	for _, name := range names {
		if strings.HasSuffix(name, tempExt) {
			f.temps = append(f.temps, path.Join(dir, name))
			continue
		}
		number, ok := segmentNumber(name)
		if !ok {
			continue
		}
		f.highest = max(f.highest, number)
		s, err := readHeader(fsys, dir, number)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return f, nil
	}
	if err := f.link(dir, all); err != nil {
		return nil, err
	}
	return f, f.readLast(fsys, dir)
}

func readHeader(fsys vfs.FS, dir string, number uint64) (segment, error) {
	name := segmentName(dir, number)
	file, err := fsys.Open(name)
	if err != nil {
		return segment{}, fmt.Errorf("open a segment of the click log: %w", err)
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return segment{}, fmt.Errorf("read a segment of the click log: %w", err)
	}
	b := make([]byte, min(size, headerSize))
	if err := readFull(file, b, 0); err != nil {
		return segment{}, fmt.Errorf("read a segment of the click log: %s: %w", name, err)
	}
	h, err := parseHeader(b)
	if err == nil && h.number != number {
		err = fmt.Errorf("the header is that of segment %d", h.number)
	}
	if err != nil {
		// A segment gets its name when its header is on the disk, so this is no interrupted beginning.
		return segment{}, &DamageError{File: name, Number: number, Reason: err.Error()}
	}
	return segment{header: h, end: size}, nil
}

// link follows the segments back from the last one: each names the one before it and says where that one's records end.
// What stands between two of them was given up before anything depended on it.
func (f *found) link(dir string, all []segment) error {
	last := all[len(all)-1]
	f.id = last.log
	chain := []segment{last}
	rest := all[:len(all)-1]
	for len(rest) > 0 {
		next := &chain[len(chain)-1]
		s := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		switch {
		case s.log != f.id:
			return fmt.Errorf("click log %s: it belongs to another log than the segments after it: give each log a folder of its own",
				segmentName(dir, s.number))
		case s.number > next.prev:
			f.leftover = append(f.leftover, segmentName(dir, s.number))
			continue
		case s.number < next.prev:
			return &DamageError{File: segmentName(dir, next.prev), Number: next.prev, After: s.firstSeq, Reason: "the segment is missing"}
		case s.end < next.prevEnd:
			return &DamageError{
				File: segmentName(dir, s.number), Number: s.number, Offset: s.end, After: s.firstSeq,
				Reason: fmt.Sprintf("the file ends there, its records go on to byte %d", next.prevEnd),
			}
		}
		s.end = next.prevEnd
		chain = append(chain, s)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		f.segments = append(f.segments, chain[i])
	}
	return nil
}

// readLast finds where the last segment's records end, and which of them have to be written again: a process that was killed
// leaves records in the page cache that no sync has confirmed, and after a failed sync a new one proves nothing.
func (f *found) readLast(fsys vfs.FS, dir string) error {
	last := &f.segments[len(f.segments)-1]
	name := segmentName(dir, last.number)
	file, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("open the last segment of the click log: %w", err)
	}
	defer file.Close()
	tail, err := scanLast(file, name, last)
	if err != nil {
		return err
	}
	f.report.Records = tail.records
	if tail.cut > 0 {
		f.report.CutSegment, f.report.CutBytes = last.number, tail.cut
	}
	last.end = tail.proven
	f.nextSeq = tail.provenSeq
	f.carry, f.carried = tail.unproven, tail.carried
	f.prev, f.prevEnd = last.number, last.end
	if last.end == headerSize { // nothing in it: the new segment takes its place
		f.prev, f.prevEnd = last.prev, last.prevEnd
		f.leftover = append(f.leftover, name)
		f.segments = f.segments[:len(f.segments)-1]
	}
	return nil
}

// tail is what the end of a segment holds.
type tail struct {
	records   uint64
	proven    int64  // all before this offset had been synced
	provenSeq uint64 // the sequence number of the record that is due there
	unproven  []byte // the payloads behind it, framed anew
	carried   int
	cut       int64 // bytes behind the last good frame that are no zeros
}

// scanLast reads a segment whose end nobody has written down.
func scanLast(file vfs.File, name string, s *segment) (tail, error) {
	seed := s.seed()
	scan := scanner{file: file, seed: seed}
	t := tail{proven: headerSize, provenSeq: s.firstSeq}
	off, seq := int64(headerSize), s.firstSeq
	prove := func(end int64) {
		if end > t.proven {
			t.proven, t.provenSeq = end, seq
			t.unproven, t.carried = t.unproven[:0], 0
		}
	}
	for {
		f, err := scan.next(off, s.end)
		if err == errBad || err == nil && !follows(f, seq) {
			break
		}
		if err != nil {
			return tail{}, fmt.Errorf("read click log %s: %w", name, err)
		}
		if f.base == off { // the first frame of a commit: the one before it had been synced
			prove(off)
		}
		off += f.size
		switch {
		case f.record():
			t.unproven = appendFrame(t.unproven, f.payload)
			t.carried++
			t.records++
			seq++
		case f.givenUp: // such a frame is there as a whole or not at all
			seq = f.seq
			prove(off)
		default: // a mark proves what is before it, not itself, and need not be kept
		}
	}
	rest := make([]byte, s.end-off)
	if err := readFull(file, rest, off); err != nil {
		return tail{}, fmt.Errorf("read click log %s: %w", name, err)
	}
	t.cut = int64(zeroTail(rest))
	if at, ok := proof(rest, seed, off, seq); ok {
		return tail{}, &DamageError{
			File: name, Number: s.number, Offset: off, After: seq - 1,
			Reason: fmt.Sprintf("the record there is bad, and the good one at byte %d proves that it had been on the disk", at),
		}
	}
	return t, nil
}

// follows reports whether a frame is the next one after the records before seq.
func follows(f frame, seq uint64) bool {
	if f.givenUp {
		return f.seq >= seq
	}
	return f.seq == seq
}

// removeLeftovers takes away what nothing depends on. A file that cannot be removed is found again at the next start.
func (l *Log) removeLeftovers(names []string) {
	for _, name := range names {
		switch err := l.fs.Remove(name); {
		case err == nil:
			l.recovery.Removed = append(l.recovery.Removed, name)
		case !errors.Is(err, fs.ErrNotExist):
			l.fault(fmt.Errorf("remove what a failure left behind: %w", err))
		}
	}
}
