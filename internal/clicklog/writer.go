package clicklog

import (
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// job is what the writer does next.
type job uint8

const (
	jobCommit job = iota
	jobRoll
	jobRetry
	jobEnd
)

// write is the one goroutine that writes. It has a thread of its own, so that a slow disk keeps no other goroutine waiting.
func (l *Log) write() {
	defer close(l.wrote)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		switch job, b := l.nextJob(); job {
		case jobCommit:
			l.commit(b)
		case jobRoll:
			if err := l.create(nil); err != nil {
				l.giveUp(nil, err)
			}
		case jobRetry:
			l.begin()
		case jobEnd:
			return
		}
	}
}

// nextJob waits until there is something to do. In durable mode that is as soon as one record is there: while the disk is at
// work, those that form the next commit come together by themselves.
func (l *Log) nextJob() (job, *batch) {
	if l.next == nil {
		l.next = <-l.free
	}
	for {
		job, wait, ready := l.choose()
		if ready {
			var b *batch
			if job == jobCommit {
				b, l.inflight, l.active, l.next = l.active, l.active, l.next, nil
				l.since = l.o.Now()
			}
			l.idle = false
			l.mu.Unlock()
			return job, b
		}
		l.idle = true
		l.mu.Unlock()
		if wait == 0 {
			<-l.wake
			continue
		}
		l.timer.Reset(wait)
		select {
		case <-l.wake:
		case <-l.timer.C:
		}
		l.timer.Stop()
	}
}

// choose returns the next job, or for how long there is none; zero is until something happens. It leaves the lock held.
func (l *Log) choose() (job job, wait time.Duration, ready bool) {
	l.mu.Lock()
	var now time.Time
	if l.state == Failed || l.o.Mode == Fast {
		now = l.o.Now()
	}
	switch b := l.active; {
	case l.state == Failed && l.closing:
		return jobEnd, 0, true
	case l.state == Failed:
		wait := l.retryAt.Sub(now)
		return jobRetry, wait, wait <= 0
	case b.records > 0 && (l.o.Mode == Durable || l.closing || l.due(b)):
		return jobCommit, 0, true
	case b.records > 0:
		wait := b.oldest.Add(l.o.LossTime / 2).Sub(now)
		return jobCommit, wait, wait <= 0
	case l.closing:
		return jobEnd, 0, true
	case l.rollNow:
		l.rollNow = false
		return jobRoll, 0, true
	}
	return 0, 0, false
}

// commit writes a batch, syncs it, and hands it on to be told.
func (l *Log) commit(b *batch) {
	if l.mustRoll(b) {
		if err := l.create(b); err != nil {
			l.giveUp(b, err)
			return
		}
	} else {
		seal(b.frames, l.seed, l.nextSeq, l.off)
		err := writeFull(l.file, b.frames, l.off)
		if err == nil {
			err = l.file.Sync()
		}
		if err != nil {
			l.giveUp(b, fmt.Errorf("commit to %s: %w", segmentName(l.dir, l.number), err))
			return
		}
	}
	l.committed(b)
}

// mustRoll reports whether a batch begins a new segment.
func (l *Log) mustRoll(b *batch) bool {
	if l.off == headerSize {
		return false
	}
	if l.off+int64(len(b.frames)) > l.o.SegmentBytes {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.spared && l.spare != nil || // go over to space that was written in advance
		l.since.Sub(l.segments[len(l.segments)-1].created) >= l.o.SegmentAge
}

func writeFull(f vfs.File, b []byte, off int64) error {
	n, err := f.WriteAt(b, off)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}

// committed notes that a batch, which was written at the end of the segment, is synced.
func (l *Log) committed(b *batch) {
	now := l.o.Now()
	l.mu.Lock()
	l.advance(b)
	if l.inflight == b {
		l.stats.SyncTime += now.Sub(l.since)
		l.inflight = nil
	}
	stalled := l.state == Stalled
	if stalled {
		l.state, l.stats.Err = Running, nil
	}
	if l.pause > l.o.RetryPause && now.Sub(l.segments[len(l.segments)-1].created) > l.pause {
		l.pause = l.o.RetryPause
	}
	l.mu.Unlock()
	if stalled {
		l.o.Logger.Info("click log: the disk answers again", "dir", l.dir)
	}
	b.err = nil
	l.acks <- b
}

// advance moves the end of what is synced behind a batch. The lock is held.
func (l *Log) advance(b *batch) {
	l.off += int64(len(b.frames))
	l.nextSeq += uint64(b.records)
	l.segments[len(l.segments)-1].end = l.off
	l.synced.Seq, l.synced.Offset = l.nextSeq, l.off
	l.known = max(l.known, l.nextSeq)
	l.early -= b.early
	l.stats.Records += uint64(b.records)
	l.stats.Bytes += uint64(len(b.frames))
	l.stats.Syncs++
}

// giveUp ends the use of the segment after an error. A second sync on the same file could succeed and mean nothing, so it
// is never asked for one. b may be nil.
func (l *Log) giveUp(b *batch, err error) {
	now := l.o.Now()
	told := &batch{err: ErrFailed}
	l.mu.Lock()
	l.state = Failed
	l.stats.Failures++
	l.stats.Faults++
	l.stats.Err = err
	l.retryAt = now.Add(l.pause)
	pause := l.pause
	l.pause = min(2*l.pause, 30*l.o.RetryPause)
	l.seal()
	for _, b := range [...]*batch{b, l.active} {
		if b == nil {
			continue
		}
		told.waiters = append(told.waiters, b.waiters...)
		l.stats.Unlogged += uint64(b.waiting)
		b.waiting = 0
		clear(b.waiters)
		b.waiters = b.waiters[:0]
		if l.o.Mode == Durable {
			b.reset() // all of them were told that they are not logged
		}
	}
	l.inflight = nil
	l.mu.Unlock()
	l.o.Logger.Error("click log failed: clicks are redirected and not logged", "dir", l.dir, "err", err, "next_try", pause)
	if b != nil && b.records > 0 {
		l.carry = b // acknowledged early: a new segment begins with them
	} else if b != nil {
		l.acks <- b
	}
	l.acks <- told
}

// seal closes the current segment at the end of what is synced. The lock is held.
func (l *Log) seal() {
	if !l.live {
		return
	}
	l.live = false
	last := l.segments[len(l.segments)-1]
	l.chores = append(l.chores, chore{last.number, l.file, last.end})
	l.file = nil
	if last.end == headerSize { // nothing in it: the next segment takes its place
		l.segments = l.segments[:len(l.segments)-1]
	} else {
		l.prev, l.prevEnd = last.number, last.end
	}
	signal(l.keep)
}

// begin tries a new segment, which takes over what is to be carried on.
func (l *Log) begin() {
	carry := l.carry
	if err := l.create(carry); err != nil {
		l.mu.Lock()
		first := l.stats.Failures == 0
		l.stats.Failures++
		l.stats.Faults++
		l.stats.Err = err
		l.retryAt = l.o.Now().Add(l.pause)
		pause := l.pause
		l.pause = min(2*l.pause, 30*l.o.RetryPause)
		l.mu.Unlock()
		if first {
			l.o.Logger.Error("click log cannot begin: clicks are redirected and not logged", "dir", l.dir, "err", err, "next_try", pause)
		}
		return
	}
	l.carry = nil
	l.mu.Lock()
	again := l.stats.Failures > 0
	l.state, l.stats.Err = Running, nil
	if carry != nil {
		l.advance(carry)
	}
	l.mu.Unlock()
	if again {
		l.o.Logger.Info("click log works again", "dir", l.dir, "segment", l.number)
	}
	if carry != nil {
		carry.err = nil
		l.acks <- carry
	}
}

// create makes a segment whose first records are those of content, which may be nil, and goes over to it. The file gets its
// name when all of it is on the disk, so that a segment is there as a whole or not at all.
func (l *Log) create(content *batch) error {
	salt, err := l.salt()
	if err != nil {
		return err
	}
	now := l.o.Now()
	l.number++ // a number is not used again, whatever happens to this one
	h := header{log: l.id, number: l.number, salt: salt, firstSeq: l.nextSeq, created: now, prev: l.prev, prevEnd: l.prevEnd}
	l.mu.Lock()
	if last := len(l.segments) - 1; l.live && l.segments[last].end > headerSize {
		h.prev, h.prevEnd = l.segments[last].number, l.segments[last].end
	}
	file := l.spare
	l.spare = nil
	l.mu.Unlock()
	spared := file != nil
	if !spared {
		file = &spare{name: path.Join(l.dir, fmt.Sprintf("%010d%s", h.number, tempExt))}
		if file.File, err = l.fs.Create(file.name); err != nil {
			return fmt.Errorf("begin a segment: %w", err)
		}
	}
	name := segmentName(l.dir, h.number)
	if err := l.fill(file, name, &h, content); err != nil {
		err = fmt.Errorf("begin a segment: %w", err)
		// Whichever name it has; what stays is found at the next start.
		return errors.Join(err, file.Close(), ignoreMissing(l.fs.Remove(file.name)), ignoreMissing(l.fs.Remove(name)))
	}
	l.mu.Lock()
	l.seal()
	l.file, l.seed, l.off, l.spared, l.live = file.File, h.seed(), headerSize, spared, true
	l.segments = append(l.segments, segment{h, headerSize})
	l.synced.Segment, l.synced.Offset = h.number, headerSize
	l.mu.Unlock()
	signal(l.keep)
	return nil
}

func (l *Log) fill(file *spare, name string, h *header, content *batch) error {
	if err := writeFull(file, h.append(nil), 0); err != nil {
		return err
	}
	if content != nil {
		seal(content.frames, h.seed(), l.nextSeq, headerSize)
		if err := writeFull(file, content.frames, headerSize); err != nil {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := l.fs.Rename(file.name, name); err != nil {
		return err
	}
	return l.fs.SyncDir(l.dir)
}
