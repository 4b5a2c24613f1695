package clicklog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// tell tells those who wait how their append ended. It also keeps an eye on the disk.
func (l *Log) tell() {
	watch := time.NewTicker(max(l.o.StallLimit/4, time.Millisecond))
	defer watch.Stop()
	for {
		select {
		case b, ok := <-l.acks:
			if !ok {
				return
			}
			for _, w := range b.waiters {
				w.Logged(b.err)
			}
			if b.reset(); b.pooled {
				l.free <- b
			}
			l.wakeReaders()
		case <-watch.C:
			for _, w := range l.stalled() {
				w.Logged(ErrStalled)
			}
		}
	}
}

// stalled returns those who wait for a disk that has not answered for too long. They are told that they are not logged,
// although the records may still get there.
func (l *Log) stalled() []Waiter {
	now := l.o.Now()
	l.mu.Lock()
	b := l.inflight
	if b == nil || now.Sub(l.since) < l.o.StallLimit {
		l.mu.Unlock()
		return nil
	}
	first, since := l.state != Stalled, l.since
	var waiters []Waiter
	for _, b := range [...]*batch{b, l.active} {
		l.stats.Unlogged += uint64(b.waiting)
		waiters = append(waiters, b.waiters...)
		b.waiting, b.waiters = 0, nil
	}
	l.state = Stalled
	l.stats.Err = ErrStalled
	if first {
		l.stats.Stalls++
	}
	l.mu.Unlock()
	if first {
		l.o.Logger.Error("click log: the disk does not answer; clicks are redirected and not logged", "dir", l.dir, "for", now.Sub(since))
	}
	return waiters
}

// spare is a file that will be a segment.
type spare struct {
	vfs.File
	name string
}

// chore is work on the file of a segment that is done, which nobody waits for: it is closed, and what is behind its records is
// given back. One without records is removed.
type chore struct {
	number uint64
	file   vfs.File // nil if it is closed
	end    int64
}

// sparePause is how long no space is taken in advance after that has failed: on a disk that is nearly full, it would take what
// the records need.
const sparePause = 10 * time.Minute

// housekeep does what would be in the writer's way: it closes and shortens the segments that are done, and writes the zeros
// of the next one.
func (l *Log) housekeep() {
	made := 0
	var notBefore time.Time
	for {
		l.doChores()
		now := l.o.Now()
		l.mu.Lock()
		want := !l.o.NoSpare && l.live && l.spare == nil && !l.closing && !now.Before(notBefore)
		l.mu.Unlock()
		if want {
			made++
			s, err := l.makeSpare(path.Join(l.dir, fmt.Sprintf("spare-%d%s", made, tempExt)))
			if err != nil {
				notBefore = now.Add(sparePause)
				l.fault(err)
			}
			if s != nil {
				l.mu.Lock()
				l.spare = s
				l.mu.Unlock()
			}
		}
		select {
		case <-l.keep:
		case <-l.stop:
			l.doChores()
			return
		}
	}
}

func (l *Log) doChores() {
	l.mu.Lock()
	chores, live, number := l.chores, l.live, l.synced.Segment
	l.chores = nil
	l.mu.Unlock()
	for _, c := range chores {
		if c.file != nil {
			l.fault(c.file.Close())
			c.file = nil
		}
		if !live || number <= c.number {
			// What is behind the records may be needed by the next start, until a later segment is on the disk.
			l.mu.Lock()
			l.chores = append(l.chores, c)
			l.mu.Unlock()
			continue
		}
		name := segmentName(l.dir, c.number)
		var err error
		if c.end == headerSize {
			err = l.fs.Remove(name)
		} else {
			err = l.fs.Truncate(name, c.end)
		}
		l.fault(ignoreMissing(err)) // retention may have been there before
	}
}

// makeSpare writes a file of zeros. It syncs often, so that a commit never waits behind more than a piece of it, and leaves the disk to
// the commits for three times as long as a piece took: a segment lasts seconds, and its spare need not be there before.
func (l *Log) makeSpare(name string) (*spare, error) {
	file, err := l.fs.Create(name)
	if err != nil {
		return nil, fmt.Errorf("prepare a segment: %w", err)
	}
	zeros := make([]byte, min(l.o.SegmentBytes, sparePiece))
	for off := int64(0); off < l.o.SegmentBytes; off += int64(len(zeros)) {
		zeros = zeros[:min(int64(len(zeros)), l.o.SegmentBytes-off)]
		began := l.o.Now()
		if err = writeFull(file, zeros, off); err == nil {
			err = file.Sync()
		}
		if err == nil {
			l.rest(3 * l.o.Now().Sub(began))
		}
		if err == nil && l.isClosing() {
			err = errStopped
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		return &spare{file, name}, nil
	}
	if err == errStopped {
		err = nil
	}
	if err = errors.Join(err, file.Close(), ignoreMissing(l.fs.Remove(name))); err != nil {
		err = fmt.Errorf("prepare a segment: %w", err)
	}
	return nil, err
}

// sparePiece is how much of a spare is written and synced at once.
const sparePiece = 256 << 10

// rest lets the disk alone for a while, at most for as long as nobody minds; it ends early when the log is closed.
func (l *Log) rest(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(min(d, 20*time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.stop:
	}
}

var errStopped = errors.New("the log is closing")

func (l *Log) isClosing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Retain deletes the segments all of whose records lie before loaded and are older than age. It returns how many it deleted.
// A segment is deleted as a whole, so a record may live for SegmentAge longer. Where several consumers follow the log, pass the
// position of the slowest.
func (l *Log) Retain(loaded Position, age time.Duration) (int, error) {
	if loaded.Seq > 0 && loaded.Log != l.id {
		return 0, fmt.Errorf("delete old segments of the click log: %w", ErrOtherLog)
	}
	now := l.o.Now()
	l.mu.Lock()
	n := 0
	for n+1 < len(l.segments) && l.segments[n+1].firstSeq <= loaded.Seq && now.Sub(l.segments[n+1].created) >= age {
		n++
	}
	l.segments = slices.Delete(l.segments, 0, n)
	if last := len(l.segments) - 1; l.live && l.segments[last].end > headerSize && now.Sub(l.segments[last].created) >= l.o.SegmentAge {
		l.rollNow = true // on a quiet site nothing else would end it
		signal(l.wake)
	}
	if n == 0 {
		l.mu.Unlock()
		return 0, nil
	}
	kept := l.segments[0].number
	l.mu.Unlock()
	return n, l.removeBefore(kept)
}

// removeBefore removes the segments below a number, from the oldest on, each when the absence of the one before is certain: so
// a power cut never leaves a hole.
func (l *Log) removeBefore(number uint64) error {
	names, err := l.fs.List(l.dir)
	if err != nil {
		return fmt.Errorf("list the click log: %w", err)
	}
	for _, name := range names { // sorted by number
		n, ok := segmentNumber(name)
		if !ok || n >= number {
			continue
		}
		// First for certain what an earlier call may have left uncertain.
		err := l.fs.SyncDir(l.dir)
		if err == nil {
			err = ignoreMissing(l.fs.Remove(path.Join(l.dir, name)))
		}
		if err != nil {
			return fmt.Errorf("delete an old segment of the click log: %w", err)
		}
	}
	return nil
}

// Close commits what waits, ends the segment and gives the lock back. Appends are refused from its beginning on. It is an error
// if records cannot be written that were acknowledged early.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return nil
	}
	l.closing = true
	l.mu.Unlock()
	signal(l.wake)
	<-l.wrote

	err := l.finish()
	close(l.acks)
	close(l.stop)
	l.tasks.Wait()
	l.mu.Lock()
	left := l.spare
	l.spare, l.state, l.live = nil, Closed, false
	l.mu.Unlock()
	if left != nil {
		err = errors.Join(err, left.Close(), ignoreMissing(l.fs.Remove(left.name)))
	}
	l.wakeReaders()
	if err = errors.Join(err, l.lock.Close()); err != nil {
		return fmt.Errorf("close the click log: %w", err)
	}
	return nil
}

// finish does the writer's last work, in its place. A mark behind the last record says that all before it was synced.
func (l *Log) finish() error {
	var err error
	if l.early > 0 { // the disk failed: try once more
		l.begin()
		if l.live && l.active.records > 0 {
			l.mu.Lock()
			b := l.active
			l.inflight, l.active = b, &batch{}
			l.mu.Unlock()
			l.commit(b)
		}
		if l.early > 0 {
			err = fmt.Errorf("%d records are lost that were acknowledged in fast mode: %w", l.early, l.stats.Err)
		}
	}
	if !l.live {
		return err
	}
	if l.off > headerSize {
		mark := appendFrame(nil, nil)
		sealOne(mark, l.seed, l.nextSeq, l.off)
		if e := writeFull(l.file, mark, l.off); e != nil {
			err = errors.Join(err, e)
		} else if e := l.file.Sync(); e != nil {
			err = errors.Join(err, e)
		} else if e := l.fs.Truncate(segmentName(l.dir, l.number), l.off+int64(len(mark))); e != nil {
			err = errors.Join(err, e)
		}
	}
	return errors.Join(err, l.file.Close())
}
