package clicklog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// A world is a log on a disk, the store that its clicks are loaded into, and what the world outside was told. Power cuts are
// tried at each call that changes the disk: the disk is copied as it might be after the cut, the copy is opened, loaded and
// compared with what had been promised. A power cut does not touch the store, which has its own log.
type world struct {
	disk    *vfs.Mem
	o       Options
	chance  *rand.Rand // of the driver; the hook has its own, under mu
	cuts    *atomic.Int64
	judge   Mode // what is promised; a red control promises more than the log does
	depth   int
	density int // one in so many calls is cut

	mu     sync.Mutex
	hook   *rand.Rand
	acked  []bool // by record
	store  *memSink
	broken error // the first promise that was not kept
	clock  time.Time
	spent  int // records that a failed end of the process was allowed to lose
}

// memSink is a store with transactions, in memory.
type memSink struct {
	mu       *sync.Mutex
	position Position
	ids      []uint64        // in order of loading
	at       map[uint64]bool // which of them are there
	doubt    func() bool     // whether to commit and return an error
}

var errDoubt = errors.New("the connection broke after the commit")

func (s *memSink) Position(context.Context, ID) (Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.position, nil
}

func (s *memSink) Load(_ context.Context, batch []Record, next Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		id, err := recordID(r.Payload)
		if err != nil {
			return err
		}
		if r.Seq != uint64(len(s.ids))+1 {
			return fmt.Errorf("record %d comes after %d records", r.Seq, len(s.ids))
		}
		if s.at[id] {
			return fmt.Errorf("click %d is loaded twice, as record %d", id, r.Seq)
		}
		s.ids = append(s.ids, id)
		s.at[id] = true
	}
	s.position = next
	if s.doubt != nil && s.doubt() {
		return errDoubt
	}
	return nil
}

func (s *memSink) clone() *memSink {
	c := &memSink{mu: new(sync.Mutex), position: s.position, ids: append([]uint64(nil), s.ids...), at: make(map[uint64]bool, len(s.at))}
	for id := range s.at {
		c.at[id] = true
	}
	return c
}

// testRecord is a payload that proves its own content: its id, and bytes that follow from it. Some are zeros.
func testRecord(id uint64) []byte {
	c := chance(id)
	p := binary.LittleEndian.AppendUint64(nil, id)
	for range c.IntN(400) {
		if id%3 == 0 {
			p = append(p, 0)
		} else {
			p = append(p, byte(c.Uint32()))
		}
	}
	return p
}

func recordID(p []byte) (uint64, error) {
	if len(p) < 8 {
		return 0, fmt.Errorf("a record of %d bytes was never appended", len(p))
	}
	id := binary.LittleEndian.Uint64(p)
	if string(testRecord(id)) != string(p) {
		return 0, fmt.Errorf("record of click %d was read and is not what was appended", id)
	}
	return id, nil
}

func newWorld(seed uint64, mode Mode, cuts *atomic.Int64) *world {
	c := chance(seed)
	w := &world{
		disk: vfs.NewMem(), chance: c, hook: chance(seed + 1<<32), cuts: cuts, density: 1, judge: mode,
		clock: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
	w.store = &memSink{mu: &w.mu, at: map[uint64]bool{}, doubt: func() bool { return w.hook.IntN(10) == 0 }}
	w.o = Options{
		Mode: mode, LossRecords: 1 + c.IntN(12), LossTime: time.Hour,
		SegmentBytes: 4 << 10, NoSpare: c.IntN(2) == 0, RetryPause: 1, StallLimit: time.Hour,
		Now: w.now, Random: seeded{chance(seed + 2<<32)},
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

// cut tries a power cut at this moment.
func (w *world) cut(vfs.Call) {
	w.mu.Lock()
	if w.broken != nil || w.hook.IntN(w.density) > 0 {
		w.mu.Unlock()
		return
	}
	// What was promised is taken before the disk: it may keep more, never less.
	acked := append([]bool(nil), w.acked...)
	store := w.store.clone()
	seed, spent := w.hook.Uint64(), w.spent
	var disk *vfs.Mem
	killed := w.depth < 2 && w.hook.IntN(8) == 0
	if killed {
		disk = w.disk.Kill() // the process dies, the power goes later
	} else {
		disk = w.disk.Crash(w.hook)
	}
	w.mu.Unlock()
	w.cuts.Add(1)
	if err := w.after(disk, killed, acked, store, spent, seed); err != nil {
		w.mu.Lock()
		w.broken = err
		w.mu.Unlock()
	}
}

// after starts again after a power cut, or after the process was killed.
func (w *world) after(disk *vfs.Mem, killed bool, acked []bool, store *memSink, spent int, seed uint64) error {
	c := chance(seed)
	n := &world{
		disk: disk, o: w.o, chance: c, hook: chance(seed + 1), cuts: w.cuts, judge: w.judge, depth: w.depth + 1, density: 4,
		acked: acked, store: store, clock: w.now(), spent: spent,
	}
	n.store.mu = &n.mu
	n.o.Now, n.o.Random, n.o.NoSpare = n.now, seeded{chance(seed + 2)}, true
	// Sometimes the power goes again while the log is being opened.
	if killed || w.depth < 2 && c.IntN(16) == 0 {
		disk.Watch(n.cut)
	}
	l, err := Open(disk, testDir, n.o)
	if err != nil {
		return fmt.Errorf("the log cannot be opened: %w", err)
	}
	// One more click, to see that the log goes on.
	id := uint64(1_000_000 * (w.depth + 1))
	err = l.Append(testRecord(id))
	if err == nil {
		err = NewLoader(l, store, LoaderOptions{}).Drain(context.Background())
	}
	disk.Watch(nil)
	cause := l.Stats().Err
	if err := errors.Join(err, l.Close()); err != nil {
		return fmt.Errorf("the log does not go on: %w: %v", err, cause)
	}
	if n.broken != nil {
		return n.broken
	}
	if n.o.Mode == Durable && !store.at[id] {
		return errors.New("the click after the power cut is lost")
	}
	return n.lost()
}

// lost compares what was promised with what the store has, when all of the log was loaded.
func (w *world) lost() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := 0
	for id, acked := range w.acked {
		if acked && !w.store.at[uint64(id)] {
			lost++
		}
	}
	allowed := w.spent
	if w.judge == Fast {
		allowed += w.o.LossRecords
	}
	if lost > allowed {
		return fmt.Errorf("%d acknowledged clicks are lost, %d may be", lost, allowed)
	}
	return nil
}

// Logged is called for each record; the id is bound in by told.
type told struct {
	w    *world
	id   int
	done *sync.WaitGroup
}

func (t told) Logged(err error) {
	defer t.done.Done()
	if err == nil {
		t.w.mu.Lock()
		t.w.acked[t.id] = true
		t.w.mu.Unlock()
	}
}

// live drives the world: clicks come in bursts, the loader and retention run, the process ends and starts again.
func (w *world) live(fsys vfs.FS, steps int) error {
	w.disk.Watch(w.cut)
	l, err := Open(fsys, testDir, w.o)
	if err != nil {
		return err
	}
	var waiting sync.WaitGroup
	for range steps {
		switch k := w.chance.IntN(20); {
		case k < 14:
			for range 1 + w.chance.IntN(4) {
				w.mu.Lock()
				id := len(w.acked)
				w.acked = append(w.acked, false)
				w.mu.Unlock()
				waiting.Add(1)
				if l.AppendAsync(testRecord(uint64(id)), told{w, id, &waiting}) != nil {
					waiting.Done()
				}
			}
			if k < 10 && w.o.Mode == Durable {
				waiting.Wait()
			}
		case k < 17:
			err = NewLoader(l, w.store, LoaderOptions{BatchRecords: 1 + w.chance.IntN(20), RetryPause: 1}).Drain(context.Background())
		case k < 18:
			w.mu.Lock()
			w.clock = w.clock.Add(time.Hour)
			p := w.store.position
			w.mu.Unlock()
			_, err = l.Retain(p, 30*time.Minute)
		case k < 19:
			w.mu.Lock()
			w.clock = w.clock.Add(25 * time.Hour) // the next commit begins a segment
			w.mu.Unlock()
		default:
			if l.Close() != nil && w.judge == Fast {
				w.mu.Lock()
				w.spent += w.o.LossRecords
				w.mu.Unlock()
			}
			l, err = Open(fsys, testDir, w.o)
		}
		if err != nil && !errors.Is(err, syscall.EIO) {
			break
		}
		err = nil
		w.mu.Lock()
		stop := w.broken
		w.mu.Unlock()
		if stop != nil {
			break
		}
	}
	if l != nil && l.Close() != nil && w.judge == Fast {
		w.spent += w.o.LossRecords
	}
	waiting.Wait()
	w.disk.Watch(nil)
	w.cut(vfs.Call{})
	if w.broken != nil {
		return w.broken
	}
	return err
}

// crashes is how many power cuts are to be tried.
func crashes(t *testing.T, otherwise int64) int64 {
	text := os.Getenv("CLICKLEDGER_CRASHES")
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		t.Fatalf("CLICKLEDGER_CRASHES=%q is not a number of power cuts", text)
	}
	return n
}

// cutPower runs worlds until there were enough power cuts, and returns the first promise that was not kept, with its seed.
func cutPower(mode Mode, enough int64, from uint64, around func(*world) vfs.FS) (int64, error) {
	var (
		cuts  atomic.Int64
		seeds atomic.Uint64
		first atomic.Pointer[error]
		all   sync.WaitGroup
	)
	seeds.Store(from)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for cuts.Load() < enough && first.Load() == nil {
				seed := seeds.Add(1)
				w := newWorld(seed, mode, &cuts)
				if err := w.live(around(w), 30); err != nil {
					err = fmt.Errorf("world %d: %w", seed, err)
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := first.Load(); err != nil {
		return cuts.Load(), *err
	}
	return cuts.Load(), nil
}

func sound(w *world) vfs.FS { return w.disk }

// A power cut at any moment takes no acknowledged click, in fast mode no more than the loss window; none is loaded twice, the log
// can be opened without an operator, and goes on. (R2)
func TestPowerCuts(t *testing.T) {
	enough := crashes(t, 6000)
	for _, mode := range []Mode{Durable, Fast} {
		start := time.Now()
		n, err := cutPower(mode, enough/2, 0, sound)
		if err != nil {
			t.Fatalf("%v, after %d power cuts: %v", mode, n, err)
		}
		t.Logf("%v: %d power cuts, 0 promises broken, %v", mode, n, time.Since(start).Round(time.Millisecond))
	}
}

// The same with a disk that fails now and then: a segment is given up, and what was acknowledged is still there.
func TestPowerCutsOnABadDisk(t *testing.T) {
	for _, mode := range []Mode{Durable, Fast} {
		n, err := cutPower(mode, crashes(t, 6000)/4, 1<<20, func(w *world) vfs.FS { return flaky(w, w.disk) })
		if err != nil {
			t.Fatalf("%v, after %d power cuts: %v", mode, n, err)
		}
	}
}

// flaky is a disk on which one in thirty calls of the writer fails.
func flaky(w *world, fsys vfs.FS) vfs.FS {
	c := chance(w.chance.Uint64())
	var mu sync.Mutex
	return vfs.Inject(fsys, func(call vfs.Call) vfs.Fault {
		mu.Lock()
		defer mu.Unlock()
		switch call.Op {
		case vfs.OpSync, vfs.OpWrite, vfs.OpRename, vfs.OpSyncDir, vfs.OpCreate, vfs.OpRemove, vfs.OpTruncate:
			if c.IntN(30) == 0 {
				return vfs.Fault{Err: syscall.EIO, Short: c.IntN(2) == 0 && call.Op == vfs.OpWrite}
			}
		}
		return vfs.Fault{}
	})
}

// Red controls: each of these mistakes loses clicks, and the power cuts show it.
func TestPowerCutsFindMistakes(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   Mode
		around func(*world) vfs.FS
	}{
		{"no sync of the file", Durable, func(w *world) vfs.FS { return careless{FS: w.disk, noSync: true} }},
		{"no sync of the folder", Durable, func(w *world) vfs.FS { return careless{FS: w.disk, noSyncDir: true} }},
		{"a failed sync is asked for again", Durable, func(w *world) vfs.FS { return careless{FS: flaky(w, w.disk), retrySync: true} }},
		{"acknowledged before it is written", Fast, func(w *world) vfs.FS {
			w.judge = Durable
			return w.disk
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := cutPower(c.mode, 20000, 2<<20, c.around)
			if err == nil || !strings.Contains(err.Error(), "acknowledged clicks are lost") {
				t.Fatalf("%d power cuts found no lost click: %v", n, err)
			}
			t.Logf("found after %d power cuts: %v", n, err)
		})
	}
}

// careless is a file system that leaves out what a hasty program leaves out.
type careless struct {
	vfs.FS
	noSync, noSyncDir, retrySync bool
}

func (c careless) Create(name string) (vfs.File, error) {
	f, err := c.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return &carelessFile{File: f, c: c}, nil
}

func (c careless) SyncDir(dir string) error {
	if c.noSyncDir {
		return nil
	}
	return c.FS.SyncDir(dir)
}

type carelessFile struct {
	vfs.File
	c     careless
	syncs int
}

func (f *carelessFile) Sync() error {
	if f.syncs++; f.syncs == 1 { // a segment's beginning is done well: the mistake is in the commits
		return f.File.Sync()
	}
	if f.c.noSync {
		return nil
	}
	err := f.File.Sync()
	for f.c.retrySync && err != nil {
		err = f.File.Sync()
	}
	return err
}
