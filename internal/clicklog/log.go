package clicklog

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// Options are the settings of a log. Zero means the default, but for Now, which is required.
type Options struct {
	Mode Mode
	// LossRecords and LossTime bound what a power cut can take in fast mode: no more than this many acknowledged records, and
	// none is acknowledged early while one older than this waits for the disk. Default 512 and 20 ms.
	LossRecords int
	LossTime    time.Duration

	// SegmentBytes is the size at which a new segment is begun. Default 64 MiB.
	SegmentBytes int64
	// SegmentAge is the age at which a new segment is begun, so that retention comes to an end on a quiet site. Default a day.
	SegmentAge time.Duration
	// QueueRecords and QueueBytes are how much may wait for the disk; beyond it appends are refused. Default 65,536 and 16 MiB.
	QueueRecords int
	QueueBytes   int

	// RetryPause is how long a log that failed waits before it tries a new segment. It doubles up to thirty-fold while the
	// disk stays bad. Default 1 s.
	RetryPause time.Duration
	// StallLimit is how long a commit may take before those who wait for it are sent on. Default 1 s.
	StallLimit time.Duration
	// NoSpare leaves out the writing of zeros in advance. A commit then costs about twice the time and processor, and the disk takes
	// half as many bytes.
	NoSpare bool

	// Now is the clock.
	Now func() time.Time
	// Random is where IDs and salts come from. Default the system's secure source.
	Random io.Reader
	// Logger hears of starts, failures and recoveries, never of single records. Default nobody.
	Logger *slog.Logger
}

func (o *Options) complete() error {
	o.LossRecords = cmp.Or(o.LossRecords, 512)
	o.LossTime = cmp.Or(o.LossTime, 20*time.Millisecond)
	o.SegmentBytes = cmp.Or(o.SegmentBytes, 64<<20)
	o.SegmentAge = cmp.Or(o.SegmentAge, 24*time.Hour)
	o.QueueRecords = cmp.Or(o.QueueRecords, 1<<16)
	o.QueueBytes = cmp.Or(o.QueueBytes, 16<<20)
	o.RetryPause = cmp.Or(o.RetryPause, time.Second)
	o.StallLimit = cmp.Or(o.StallLimit, time.Second)
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.Now == nil:
		return errors.New("click log options: Now is missing: give it a clock")
	case o.Mode > Fast:
		return fmt.Errorf("click log options: mode %d does not exist", o.Mode)
	case o.LossRecords < 1 || o.LossTime < 0:
		return fmt.Errorf("click log options: a loss window of %d records or %v is not possible: both are positive", o.LossRecords, o.LossTime)
	case o.SegmentBytes < 4<<10 || o.SegmentBytes > maxSegment/2:
		return fmt.Errorf("click log options: segments of %d bytes: they have 4 KiB to 1 GiB", o.SegmentBytes)
	case o.QueueRecords < 1 || o.QueueBytes < MaxRecord+frameSize || o.QueueBytes > maxSegment/4:
		return fmt.Errorf("click log options: a queue of %d records and %d bytes: it holds a record at least and 512 MiB at most", o.QueueRecords, o.QueueBytes)
	case o.SegmentAge < 0 || o.RetryPause < 0 || o.StallLimit < 0:
		return errors.New("click log options: a time is negative")
	}
	return nil
}

// lossWindow says in words what a power cut can take.
func (o *Options) lossWindow() string {
	if o.Mode == Durable {
		return "none"
	}
	return fmt.Sprintf("%d records or %v", o.LossRecords, o.LossTime)
}

// Waiter hears how an append ended: nil, or an ErrUnlogged. Logged is called once, from another goroutine or from within the
// append, and must not block: many others wait behind it.
type Waiter interface{ Logged(err error) }

// Log is a click log that is open for appending. Its methods are safe for concurrent use.
type Log struct {
	fs       vfs.FS
	dir      string
	o        Options
	lock     io.Closer
	recovery Recovery
	pool     sync.Pool // of *Ticket

	// What the writer alone uses.
	file    vfs.File
	seed    uint32
	off     int64 // where the next commit goes
	nextSeq uint64
	number  uint64 // the highest number that was used
	prev    uint64 // the last segment that holds records
	prevEnd int64
	spared  bool // the segment was written in advance
	carry   *batch
	next    *batch
	pause   time.Duration
	timer   *time.Timer

	wake  chan struct{} // to the writer: there is something to do
	acks  chan *batch   // from the writer to those who wait
	free  chan *batch   // and back
	keep  chan struct{} // to the keeper: there is something to do
	stop  chan struct{}
	tasks sync.WaitGroup // all goroutines but the writer
	wrote chan struct{}  // closed when the writer has ended

	mu       sync.Mutex
	id       ID
	state    State
	active   *batch
	inflight *batch // with the disk
	since    time.Time
	idle     bool // the writer waits for wake
	closing  bool
	rollNow  bool
	retryAt  time.Time
	segments []segment // the last one is being written to while live
	live     bool
	synced   Position
	known    uint64 // the sequence number behind the last record that Open found; it may have to be written again
	spare    *spare // the file of the next segment
	chores   []chore
	early    int // records that were acknowledged before their sync, and are not synced
	stats    Stats
	followed map[chan struct{}]struct{} // readers who want to hear of commits
}

// batch is what one commit holds.
type batch struct {
	frames  []byte
	records int
	waiting int // records whose appender was not told yet
	waiters []Waiter
	err     error
	oldest  time.Time // when the first record came, in fast mode
	early   int       // records that were acknowledged when they came
	pooled  bool
}

func (b *batch) reset() {
	clear(b.waiters)
	*b = batch{frames: b.frames[:0], waiters: b.waiters[:0], pooled: b.pooled}
}

// batches are three: one fills, one is with the disk, and of one the waiters are told.
const batches = 3

// Open opens the log in a folder, which is made where it is missing. It reads what is there, cuts what an interrupted commit
// left, and begins a new segment. A *DamageError means that records are missing which had been on the disk.
//
// A disk that refuses the new segment is no error: the log then begins in state Failed, and goes on trying.
func Open(fsys vfs.FS, dir string, options Options) (*Log, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make the folder of the click log: %w", err)
	}
	lock := io.Closer(io.NopCloser(nil))
	if l, ok := fsys.(vfs.Locker); ok {
		var err error
		if lock, err = l.Lock(path.Join(dir, lockName)); err != nil {
			return nil, fmt.Errorf("lock the click log, which one process at a time writes to: %w", err)
		}
	}
	l, err := open(fsys, dir, options)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	l.lock = lock
	return l, nil
}

func open(fsys vfs.FS, dir string, o Options) (*Log, error) {
	f, err := explore(fsys, dir)
	if err != nil {
		return nil, err
	}
	if f.id == (ID{}) {
		if _, err := io.ReadFull(o.Random, f.id[:]); err != nil {
			return nil, fmt.Errorf("draw an ID for the click log: %w", err)
		}
	}
	l := &Log{
		fs: fsys, dir: dir, o: o, id: f.id, recovery: f.report,
		nextSeq: f.nextSeq, number: f.highest, prev: f.prev, prevEnd: f.prevEnd, pause: o.RetryPause,
		timer: time.NewTimer(time.Hour),
		wake:  make(chan struct{}, 1), acks: make(chan *batch, batches+1), free: make(chan *batch, batches),
		keep: make(chan struct{}, 1), stop: make(chan struct{}), wrote: make(chan struct{}),
		state: Failed, active: &batch{pooled: true}, segments: f.segments,
		synced:   Position{Log: f.id, Seq: f.nextSeq, Segment: f.prev, Offset: f.prevEnd},
		known:    f.nextSeq + uint64(f.carried),
		followed: map[chan struct{}]struct{}{},
	}
	l.pool.New = func() any { return &Ticket{l, make(chan error, 1)} }
	l.timer.Stop()
	for range batches - 1 {
		l.free <- &batch{pooled: true}
	}
	l.recovery.Segments, l.recovery.Carried = len(f.segments), f.carried
	if f.carried > 0 {
		l.carry = &batch{frames: f.carry, records: f.carried}
	}
	for _, s := range f.segments[max(len(f.segments)-1, 0):] {
		l.chores = append(l.chores, chore{number: s.number, end: s.end})
	}
	l.removeLeftovers(f.temps)
	l.begin()
	if l.state == Running {
		l.removeLeftovers(f.leftover)
	}
	l.report()
	l.tasks.Go(l.tell)
	l.tasks.Go(l.housekeep)
	go l.write()
	return l, nil
}

func (l *Log) report() {
	r := l.recovery
	log := l.o.Logger.With("dir", l.dir)
	log.Info("click log opened", "mode", l.o.Mode.String(), "loss_window", l.o.lossWindow(),
		"segments", r.Segments, "next_record", l.nextSeq, "rewritten", r.Carried, "state", l.state.String())
	if r.CutBytes > 0 {
		log.Warn("click log: cut the rest of an interrupted commit", "segment", r.CutSegment, "bytes", r.CutBytes)
	}
}

// Recovery returns what Open found and did.
func (l *Log) Recovery() Recovery { return l.recovery }

// ID returns the log's name, which positions carry.
func (l *Log) ID() ID { return l.id }

// Ticket is an append whose fate is not decided yet. It is used up by Wait.
type Ticket struct {
	l    *Log
	told chan error
}

// Logged implements Waiter.
func (t *Ticket) Logged(err error) { t.told <- err }

// Wait returns when the fate of the record is decided, as Append does. It must be called once.
func (t *Ticket) Wait() error {
	err := <-t.told
	t.l.pool.Put(t)
	return err
}

// Append adds a record and returns when its fate is decided: nil when it is on disk (in fast mode: when it is on its way),
// otherwise an ErrUnlogged. It never takes longer than StallLimit by much.
func (l *Log) Append(payload []byte) error {
	t, err := l.Start(payload)
	if err != nil {
		return err
	}
	return t.Wait()
}

// Start adds a record and returns at once, with a ticket to wait for its fate: what was needed to make the record can be used for another
// one meanwhile. The payload is copied.
func (l *Log) Start(payload []byte) (*Ticket, error) {
	t := l.pool.Get().(*Ticket)
	if err := l.AppendAsync(payload, t); err != nil {
		l.pool.Put(t)
		return nil, err
	}
	return t, nil
}

// AppendAsync adds a record and returns at once. Unless it returns an error, w is told later; it may be nil. The payload is copied.
func (l *Log) AppendAsync(payload []byte, w Waiter) error {
	var now time.Time
	if l.o.Mode == Fast {
		now = l.o.Now()
	}
	l.mu.Lock()
	b := l.active
	if err := l.refuse(b, payload); err != nil {
		l.stats.Unlogged++
		l.mu.Unlock()
		return err
	}
	b.frames = appendFrame(b.frames, payload)
	b.records++
	early := l.o.Mode == Fast && l.mayAnswer(now)
	if l.o.Mode == Fast && b.records == 1 {
		b.oldest = now
	}
	if early {
		b.early++
		l.early++
	} else {
		b.waiting++
		if w != nil {
			b.waiters = append(b.waiters, w)
		}
	}
	wake := l.idle && (l.o.Mode == Durable || b.records == 1 || l.due(b))
	if wake {
		l.idle = false
	}
	l.mu.Unlock()
	if wake {
		signal(l.wake)
	}
	if early && w != nil {
		w.Logged(nil)
	}
	return nil
}

// refuse says why a record cannot be taken now.
func (l *Log) refuse(b *batch, payload []byte) error {
	switch {
	case len(payload) == 0 || len(payload) > MaxRecord:
		return ErrTooLarge
	case l.closing:
		return ErrClosed
	case l.state == Failed:
		return ErrFailed
	case l.state == Stalled:
		return ErrStalled
	case b.records >= l.o.QueueRecords || len(b.frames)+frameSize+len(payload) > l.o.QueueBytes:
		return ErrFull
	}
	return nil
}

// mayAnswer reports whether one more record fits into the loss window.
func (l *Log) mayAnswer(now time.Time) bool {
	if l.early >= l.o.LossRecords {
		return false
	}
	oldest := l.oldest()
	return oldest.IsZero() || now.Sub(oldest) <= l.o.LossTime
}

// oldest is when the first record came that is not synced yet, in fast mode.
func (l *Log) oldest() time.Time {
	if l.inflight != nil && l.inflight.records > 0 {
		return l.inflight.oldest
	}
	return l.active.oldest
}

// due reports whether a batch of fast mode is to be committed because of its size. Half of the window is left for what comes
// while the disk is at work.
func (l *Log) due(b *batch) bool {
	return b.early >= (l.o.LossRecords+1)/2 || b.waiting > 0 || len(b.frames) >= l.o.QueueBytes/2
}

// signal wakes whoever listens, once.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Stats returns the log's state.
func (l *Log) Stats() Stats {
	now := l.o.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Mode, s.State = l.o.Mode, l.state
	s.Queue, s.QueueBytes = l.active.records, len(l.active.frames)
	s.Segments, s.Synced = len(l.segments), l.synced
	if l.o.Mode == Fast {
		s.LossRecords, s.LossTime, s.Unsynced = l.o.LossRecords, l.o.LossTime, l.early
		if oldest := l.oldest(); l.early > 0 && !oldest.IsZero() {
			s.UnsyncedAge = now.Sub(oldest)
		}
	}
	return s
}

// fault counts an error of the file system that housekeeping met.
func (l *Log) fault(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	l.stats.Faults++
	l.stats.Err = err
	l.mu.Unlock()
	l.o.Logger.Warn("click log: housekeeping failed; clicks are not touched by it", "dir", l.dir, "err", err)
}

func (l *Log) salt() (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(l.o.Random, b[:]); err != nil {
		return 0, fmt.Errorf("draw a salt for a segment: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}
