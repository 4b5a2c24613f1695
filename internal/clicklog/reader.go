package clicklog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/clickledger/clickledger/internal/vfs"
)

// shelf is where a reader finds its segments: a log that is open, or a folder at rest.
type shelf interface {
	// find returns the segment that holds record seq, or will. There may be none yet.
	find(seq uint64) (s segment, ok bool, err error)
	// around returns how far a segment may be read now, and the one that follows if it is done.
	around(number uint64) (end int64, next *segment, ok bool)
}

// segments is a shelf on which nothing changes.
type segments []segment

func (s segments) find(seq uint64) (segment, bool, error) {
	if len(s) == 0 {
		return segment{}, false, nil
	}
	if first := s[0].firstSeq; seq < first {
		return segment{}, false, fmt.Errorf("%w: record %d is asked for, %d is the oldest", ErrGone, seq, first)
	}
	// Of several that begin with the same record, the last one holds it.
	i := sort.Search(len(s), func(i int) bool { return s[i].firstSeq > seq })
	return s[i-1], true, nil
}

func (s segments) around(number uint64) (int64, *segment, bool) {
	i, ok := slices.BinarySearchFunc(s, number, func(s segment, number uint64) int { return cmp.Compare(s.number, number) })
	if !ok {
		return 0, nil, false
	}
	if i+1 < len(s) {
		next := s[i+1]
		return s[i].end, &next, true
	}
	return s[i].end, nil, true
}

func (l *Log) find(seq uint64) (segment, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq > l.known {
		return segment{}, false, fmt.Errorf("%w: record %d is asked for, %d comes next", ErrAhead, seq, l.synced.Seq)
	}
	if seq > l.synced.Seq {
		return segment{}, false, nil
	}
	return segments(l.segments).find(seq)
}

func (l *Log) around(number uint64) (int64, *segment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return segments(l.segments).around(number)
}

// Reader reads the records of a log in order, up to what is synced, and follows it as it grows. It is for one goroutine.
// Retention and the end of the log do not disturb it as long as it has not fallen behind them.
type Reader struct {
	fs    vfs.FS
	dir   string
	id    ID
	shelf shelf
	log   *Log // nil for a folder at rest

	segment segment
	scan    scanner
	off     int64
	end     int64 // it can be read up to here at least
	seq     uint64
	skipped uint64

	records []Record
	arena   []byte
	kept    error // comes with the next Read
}

// Reader returns a reader that begins at a position: that of the last Read, or the zero Position for all there ever was.
// It is an error if records at the position were deleted (ErrGone), if the log does not go so far (ErrAhead), or if the
// position is one of another log (ErrOtherLog).
func (l *Log) Reader(from Position) (*Reader, error) {
	if from.Seq > 0 && from.Log != l.id {
		return nil, fmt.Errorf("%w: %s, and this one is %s: was the folder of the log replaced?", ErrOtherLog, from.Log, l.id)
	}
	r := &Reader{fs: l.fs, dir: l.dir, id: l.id, shelf: l, log: l, seq: max(from.Seq, 1)}
	if err := r.locate(from); err != nil {
		return nil, errors.Join(fmt.Errorf("go to record %d of the click log: %w", r.seq, err), r.drop())
	}
	return r, nil
}

// Oldest returns the position of the oldest record that there still is.
func (l *Log) Oldest() Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.segments) == 0 {
		return l.synced
	}
	first := l.segments[0]
	return Position{Log: l.id, Seq: first.firstSeq, Segment: first.number, Offset: headerSize}
}

// locate goes to the segment that holds the reader's next record, and in it to that record: by the short cut if it leads there.
// It does nothing while there is no segment yet.
func (r *Reader) locate(short Position) error {
	want := r.seq
	s, ok, err := r.shelf.find(want)
	if err != nil || !ok {
		return err
	}
	if err := r.open(s); err != nil {
		return err
	}
	end, _, ok := r.shelf.around(s.number)
	if !ok {
		return nil // given up this very moment: the next Read looks again
	}
	if short.Segment == s.number && short.Offset >= headerSize && short.Offset < end {
		if f, err := r.scan.next(short.Offset, end); err == nil && f.seq == want {
			r.off = short.Offset
			return nil
		}
	}
	for r.seq = s.firstSeq; r.seq < want && r.off < end; {
		if _, err := r.next(end); err != nil {
			r.seq = want
			return err
		}
	}
	r.seq = max(r.seq, want)
	return nil
}

func (r *Reader) open(s segment) error {
	f, err := r.fs.Open(segmentName(r.dir, s.number))
	if err != nil {
		return err
	}
	err = r.drop()
	r.segment, r.off, r.end = s, headerSize, headerSize
	r.scan.file, r.scan.seed = f, s.seed()
	return err
}

// drop gives the reader's file back.
func (r *Reader) drop() error {
	if r.scan.file == nil {
		return nil
	}
	err := r.scan.file.Close()
	r.scan.file, r.scan.chunk = nil, r.scan.chunk[:0]
	return err
}

// Close gives the reader's file back.
func (r *Reader) Close() error { return r.drop() }

// next reads the frame at the reader's place, which lies before end. All before end had been synced, so whatever is bad is damage.
func (r *Reader) next(end int64) (frame, error) {
	f, err := r.scan.next(r.off, end)
	if err == nil && !follows(f, r.seq) {
		err = errBad
	}
	if err == errBad {
		return frame{}, r.damage("the record there is bad, and had been on the disk")
	}
	if err != nil {
		return frame{}, fmt.Errorf("%s: %w", segmentName(r.dir, r.segment.number), err)
	}
	r.off += f.size
	if f.record() {
		r.seq++
	} else {
		r.skipped += f.seq - r.seq
		r.seq = f.seq
	}
	return f, nil
}

func (r *Reader) damage(reason string) error {
	return &DamageError{
		File: segmentName(r.dir, r.segment.number), Number: r.segment.number, Offset: r.off, After: r.seq - 1, Reason: reason,
	}
}

// Read returns the next records that are synced: none if there are none, and no more than maxRecords, or than fit into about
// maxBytes. They are valid until the next Read. An error leaves the reader where it was, so that it may be asked again.
func (r *Reader) Read(maxRecords, maxBytes int) ([]Record, error) {
	clear(r.records)
	r.records, r.arena = r.records[:0], r.arena[:0]
	for r.kept == nil && len(r.records) < maxRecords && len(r.arena) < maxBytes {
		more, err := r.step()
		if err != nil {
			r.kept = fmt.Errorf("read the click log: %w", err)
		}
		if !more {
			break
		}
	}
	if len(r.records) > 0 || r.kept == nil { // what is good goes first, the error next time
		return r.records, nil
	}
	err := r.kept
	r.kept = nil
	return nil, err
}

// step reads a frame or goes on to the next segment. It returns false when there is nothing to read.
func (r *Reader) step() (bool, error) {
	if r.scan.file == nil {
		err := r.locate(Position{})
		return r.scan.file != nil, err
	}
	if r.off < r.end { // as far as it was known before; the log is not asked for every record
		f, err := r.next(r.end)
		if err == nil && f.record() {
			start := len(r.arena)
			r.arena = append(r.arena, f.payload...)
			r.records = append(r.records, Record{f.seq, r.arena[start:]})
		}
		return true, err
	}
	end, next, ok := r.shelf.around(r.segment.number)
	switch {
	case !ok: // it had no records and another one took its place, or retention has overtaken the reader
		return true, r.drop()
	case r.off < end:
		r.end = end
		return true, nil
	case next == nil:
		return false, nil
	case next.firstSeq != r.seq:
		return false, r.damage(fmt.Sprintf("the segment ends there, and the next one begins with record %d", next.firstSeq))
	}
	return true, r.open(*next)
}

// Position returns the place behind the last record that was read.
func (r *Reader) Position() Position {
	return Position{Log: r.id, Seq: r.seq, Segment: r.segment.number, Offset: r.off}
}

// Skipped returns how many records were missing where an operator had given up damaged bytes.
func (r *Reader) Skipped() uint64 { return r.skipped }

// Behind returns how many synced records the reader has not read.
func (r *Reader) Behind() uint64 {
	if r.log == nil {
		return 0
	}
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	return r.log.synced.Seq - min(r.seq, r.log.synced.Seq)
}

// Wait returns when there is something to read, the context is done, or the log is closed and read to its end (ErrClosed).
func (r *Reader) Wait(ctx context.Context) error {
	bell := make(chan struct{}, 1)
	r.log.follow(bell)
	defer r.log.unfollow(bell)
	for {
		if r.Behind() > 0 {
			return nil
		}
		if r.log.isClosed() {
			return ErrClosed
		}
		select {
		case <-bell:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *Log) follow(bell chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followed[bell] = struct{}{}
}

func (l *Log) unfollow(bell chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.followed, bell)
}

func (l *Log) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == Closed
}

func (l *Log) wakeReaders() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for bell := range l.followed {
		signal(bell)
	}
}
