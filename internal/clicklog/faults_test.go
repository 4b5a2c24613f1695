package clicklog

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// oneFault lets the nth call to the disk fail, and no other.
type oneFault struct {
	n     int64
	fault vfs.Fault
	calls atomic.Int64
	hit   atomic.Pointer[vfs.Call]
}

func (f *oneFault) decide(c vfs.Call) vfs.Fault {
	if f.calls.Add(1) != f.n {
		return vfs.Fault{}
	}
	f.hit.Store(&c)
	if f.fault.Short && c.Op != vfs.OpWrite && f.fault.Err == nil {
		return vfs.Fault{Err: syscall.EIO} // only a write can be short
	}
	return f.fault
}

// witness collects what a program that uses the log gets to see.
type witness struct {
	errs   []error
	faults uint64
	acked  []uint64
}

func (w *witness) see(err error) {
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// scenario is the life of a log, with all that it does to the disk. A program in it goes on whatever happens.
func scenario(fsys vfs.FS, o Options) *witness {
	w := &witness{}
	id := uint64(0)
	for range 3 {
		l, err := Open(fsys, testDir, o)
		if err != nil {
			w.see(err)
			continue
		}
		for range 25 {
			for tries := 0; ; tries++ {
				id++ // an unlogged click may be in the log nevertheless: it is not sent again
				err := l.Append(testRecord(id))
				if err == nil {
					w.acked = append(w.acked, id)
					break
				}
				w.see(err)
				if tries == 1_000_000 {
					w.see(errors.New("the log does not recover"))
					return w
				}
				runtime.Gosched()
			}
		}
		r, err := l.Reader(Position{})
		w.see(ignoreGone(err))
		for r != nil {
			batch, err := r.Read(7, 1<<20)
			w.see(err)
			if len(batch) == 0 && err == nil {
				break
			}
		}
		if r != nil {
			w.see(r.Close())
			_, err := l.Retain(Position{Log: l.ID(), Seq: l.Stats().Synced.Seq / 3}, 0)
			w.see(err)
		}
		w.see(NewCursor(fsys, path.Join(testDir, "cursor")).Save(l.Stats().Synced))
		w.see(l.Close())
		w.faults += l.Stats().Faults
	}
	return w
}

// Retention has deleted the first records; that is no fault.
func ignoreGone(err error) error {
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// Every call to the disk fails once, with each kind of error: no acknowledged click is lost, now or by a power cut afterwards, the
// error is seen by somebody, and the log recovers without help. (R3)
func TestEveryCallMayFail(t *testing.T) {
	kinds := []struct {
		name  string
		fault vfs.Fault
	}{
		{"EIO", vfs.Fault{Err: syscall.EIO}},
		{"ENOSPC", vfs.Fault{Err: syscall.ENOSPC}},
		{"half a write, then ENOSPC", vfs.Fault{Err: syscall.ENOSPC, Short: true}},
		{"half a write and no error", vfs.Fault{Short: true}},
	}
	for _, kind := range kinds {
		for _, spare := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/spare=%v", kind.name, spare), func(t *testing.T) {
				hits := map[vfs.Op]int{}
				n := int64(1)
				for ; ; n++ {
					hit, err := tryFault(n, kind.fault, spare)
					if err != nil {
						t.Fatalf("call %d, %v: %v", n, hit, err)
					}
					if hit == nil {
						break // the scenario ended before its nth call
					}
					hits[hit.Op]++
				}
				if n < 100 || hits[vfs.OpSync] < 10 || hits[vfs.OpSyncDir] < 5 || hits[vfs.OpRename] < 5 || hits[vfs.OpRead] < 5 {
					t.Errorf("%d calls failed, of each kind %v: the scenario is too small to prove anything", n-1, hits)
				}
				t.Logf("%d calls: %v", n-1, hits)
			})
		}
	}
}

func tryFault(n int64, fault vfs.Fault, spare bool) (*vfs.Call, error) {
	disk := vfs.NewMem()
	one := &oneFault{n: n, fault: fault}
	o := small(uint64(n))
	o.RetryPause, o.NoSpare = 1, !spare
	o.QueueBytes = MaxRecord + frameSize
	w := scenario(vfs.Inject(disk, one.decide), o)
	hit := one.hit.Load()
	if hit != nil && len(w.errs) == 0 && w.faults == 0 {
		return hit, errors.New("nobody saw the error")
	}
	if hit == nil && len(w.errs) > 0 {
		return hit, fmt.Errorf("without a fault: %w", errors.Join(w.errs...))
	}
	c := chance(uint64(n))
	disks := []*vfs.Mem{disk, disk.Crash(c), disk.Crash(c)}
	for i, d := range disks {
		if err := holds(d, o, w.acked); err != nil {
			return hit, fmt.Errorf("disk %d afterwards: %w; seen: %v", i, err, errors.Join(w.errs...))
		}
	}
	return hit, nil
}

// holds reports an error unless the log on a disk can be opened and has all of these records that retention left, once.
func holds(disk *vfs.Mem, o Options, acked []uint64) error {
	l, err := Open(disk, testDir, o)
	if err != nil {
		return err
	}
	defer l.Close()
	all, err := readAll(l, l.Oldest())
	if err != nil {
		return err
	}
	at := map[uint64]bool{}
	for _, r := range all {
		id, err := recordID(r.Payload)
		if err != nil {
			return err
		}
		if at[id] {
			return fmt.Errorf("record %d is there twice", id)
		}
		at[id] = true
	}
	if len(all) == 0 {
		return errors.New("the log is empty")
	}
	oldest, err := recordID(all[0].Payload)
	if err != nil {
		return err
	}
	for _, id := range acked {
		if id >= oldest && !at[id] {
			return fmt.Errorf("acknowledged record %d is lost", id)
		}
	}
	return nil
}

// fullDisk is a disk that is full at times.
type fullDisk struct {
	full atomic.Bool
}

func (d *fullDisk) decide(c vfs.Call) vfs.Fault {
	switch c.Op {
	case vfs.OpWrite, vfs.OpCreate, vfs.OpSync, vfs.OpSyncDir:
		if d.full.Load() {
			return vfs.Fault{Err: syscall.ENOSPC}
		}
	}
	return vfs.Fault{}
}

// When the disk is full, appends say so at once and are counted; when there is space again, the log goes on by itself, also one
// that was opened on a full disk. What was acknowledged before, and in fast mode what was acknowledged early, is there.
func TestFullDisk(t *testing.T) {
	for _, mode := range []Mode{Durable, Fast} {
		for _, fullAtStart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v/full at start=%v", mode, fullAtStart), func(t *testing.T) {
				disk := vfs.NewMem()
				var full fullDisk
				fsys := vfs.Inject(disk, full.decide)
				o := small(3)
				o.Mode, o.LossRecords, o.LossTime = mode, 8, time.Hour
				full.full.Store(fullAtStart)
				l := mustOpen(t, fsys, o)
				if fullAtStart && l.Stats().State != Failed {
					t.Fatalf("opened on a full disk, the log is %v", l.Stats().State)
				}
				acked, refused := map[uint64]bool{}, uint64(0)
				id := uint64(0)
				add := func() error {
					id++
					err := l.Append(testRecord(id))
					if err == nil {
						acked[id] = true
					} else {
						refused++
						if !errors.Is(err, ErrUnlogged) {
							t.Fatalf("append says %v", err)
						}
					}
					return err
				}
				for round := range 3 {
					full.full.Store(true)
					for range 100 { // in fast mode the first few fit into the loss window
						_ = add()
					}
					if err := add(); !errors.Is(err, ErrFailed) {
						t.Fatalf("round %d: on a full disk an append says %v", round, err)
					}
					if s := l.Stats(); s.State != Failed || s.Unlogged != refused || !errors.Is(s.Err, syscall.ENOSPC) {
						t.Fatalf("round %d: %d were refused, and the log says %+v", round, refused, s)
					}
					full.full.Store(false)
					for add() != nil {
						runtime.Gosched()
					}
					for range 10 {
						if err := add(); err != nil {
							t.Fatalf("round %d: with space again an append says %v", round, err)
						}
					}
				}
				mustClose(t, l)
				l = mustOpen(t, disk, o)
				defer mustClose(t, l)
				all, err := readAll(l, Position{})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range all {
					id, err := recordID(r.Payload)
					if err != nil {
						t.Fatal(err)
					}
					delete(acked, id)
				}
				if len(acked) > 0 {
					t.Errorf("acknowledged and lost: %v", acked)
				}
			})
		}
	}
}

// A process that was killed leaves a last commit that has to be written again. While the disk is too full for that, a loader that
// had seen it waits, and a position behind it is refused nevertheless.
func TestFullDiskKeepsTheLastCommit(t *testing.T) {
	disk, o := written(t, 5, false)
	var full fullDisk
	full.full.Store(true)
	l := mustOpen(t, vfs.Inject(disk, full.decide), o)
	defer mustClose(t, l)
	if r, s := l.Recovery(), l.Stats(); r.Carried != 1 || s.State != Failed || s.Synced.Seq != 5 {
		t.Fatalf("recovery %+v, then %+v", r, s)
	}
	r, err := l.Reader(Position{Log: l.ID(), Seq: 6})
	if err != nil {
		t.Fatalf("a position that was reached before: %v", err)
	}
	defer r.Close()
	if batch, err := r.Read(10, 1<<20); err != nil || len(batch) != 0 {
		t.Errorf("%d records are read, %v", len(batch), err)
	}
	if _, err := l.Reader(Position{Log: l.ID(), Seq: 7}); !errors.Is(err, ErrAhead) {
		t.Errorf("a position that was never reached: %v", err)
	}
	full.full.Store(false)
	for l.Append(testRecord(5)) != nil {
		runtime.Gosched()
	}
	if batch, err := r.Read(10, 1<<20); err != nil || len(batch) != 1 || batch[0].Seq != 6 {
		t.Errorf("with space again %d records are read, %v", len(batch), err)
	}
	if all, err := readAll(l, Position{}); err != nil || len(all) != 6 {
		t.Errorf("%d records are there, %v", len(all), err)
	}
}

// A sync that fails is not asked for again on the same file, whatever comes after.
func TestFailedSyncEndsTheSegment(t *testing.T) {
	disk := vfs.NewMem()
	var mu sync.Mutex
	failed := map[string]bool{}
	fail := false
	fsys := vfs.Inject(disk, func(c vfs.Call) vfs.Fault {
		mu.Lock()
		defer mu.Unlock()
		if c.Op != vfs.OpSync && c.Op != vfs.OpWrite {
			return vfs.Fault{}
		}
		if failed[c.Name] {
			t.Errorf("%s on %s after its sync had failed", c.Op, c.Name)
		}
		if c.Op == vfs.OpSync && fail {
			fail = false
			failed[c.Name] = true
			return vfs.Fault{Err: syscall.EIO}
		}
		return vfs.Fault{}
	})
	l := mustOpen(t, fsys, small(4))
	for i := range 20 {
		mu.Lock()
		fail = i%5 == 4
		mu.Unlock()
		for l.Append(payload(i)) != nil {
			runtime.Gosched()
		}
	}
	mustClose(t, l)
	if len(failed) < 3 {
		t.Fatalf("only %d syncs failed", len(failed))
	}
}

// A disk that does not answer keeps no shopper: who waits is told after StallLimit, who comes is refused, and when the disk answers
// the log goes on. The records that it held are there, though nobody was promised them.
func TestStalledDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &heldDisk{Mem: vfs.NewMem()}
		o := small(5)
		o.StallLimit, o.NoSpare = time.Second, true
		l := mustOpen(t, disk.fs(), o)
		if err := l.Append(payload(0)); err != nil {
			t.Fatal(err)
		}
		disk.hold()
		start := time.Now()
		if err := l.Append(payload(1)); !errors.Is(err, ErrStalled) || !errors.Is(err, ErrUnlogged) {
			t.Errorf("an append that the disk keeps says %v", err)
		}
		if d := time.Since(start); d < time.Second || d > 1300*time.Millisecond {
			t.Errorf("it was kept for %v", d)
		}
		start = time.Now()
		if err := l.Append(payload(2)); !errors.Is(err, ErrStalled) || time.Since(start) > 0 {
			t.Errorf("an append behind it says %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Minute)
		if s := l.Stats(); s.State != Stalled || s.Unlogged != 2 || s.Stalls != 1 || !errors.Is(s.Err, ErrStalled) {
			t.Errorf("the log says %+v", s)
		}
		disk.release()
		synctest.Wait()
		if err := l.Append(payload(3)); err != nil {
			t.Errorf("when the disk answers again, an append says %v", err)
		}
		if s := l.Stats(); s.State != Running || s.Err != nil {
			t.Errorf("the log says %+v", s)
		}
		mustClose(t, l)
		l = mustOpen(t, disk.Mem, o)
		defer mustClose(t, l)
		all, err := readAll(l, Position{})
		if err != nil || len(all) != 3 || string(all[1].Payload) != string(payload(1)) || string(all[2].Payload) != string(payload(3)) {
			t.Errorf("the log holds %d records: %v", len(all), err)
		}
	})
}

// More than the queue holds is refused, as are records that are empty or too long; every refusal is counted.
func TestRefusals(t *testing.T) {
	disk := vfs.NewMem()
	release := make(chan struct{})
	var held atomic.Bool
	fsys := vfs.Inject(disk, func(c vfs.Call) vfs.Fault {
		if c.Op == vfs.OpSync && held.Load() {
			<-release
		}
		return vfs.Fault{}
	})
	o := small(6)
	o.QueueRecords, o.StallLimit, o.NoSpare = 5, time.Hour, true
	l := mustOpen(t, fsys, o)
	for _, p := range [][]byte{nil, make([]byte, MaxRecord+1)} {
		if err := l.Append(p); !errors.Is(err, ErrTooLarge) || !errors.Is(err, ErrUnlogged) {
			t.Errorf("%d bytes: %v", len(p), err)
		}
	}
	if err := l.Append(make([]byte, MaxRecord)); err != nil {
		t.Errorf("the longest record: %v", err)
	}
	held.Store(true)
	told := make(chan error, 100)
	accepted := 0
	var err error
	for err == nil {
		if err = l.AppendAsync(payload(1), waiterFunc(func(err error) { told <- err })); err == nil {
			accepted++
		}
	}
	// Five wait, and those that the writer had taken before the disk was held.
	if !errors.Is(err, ErrFull) || accepted < 5 || accepted > 10 {
		t.Errorf("%d were accepted, then: %v", accepted, err)
	}
	held.Store(false)
	close(release)
	for range accepted {
		if err := <-told; err != nil {
			t.Error(err)
		}
	}
	if s := l.Stats(); s.Unlogged != 3 || s.Records != uint64(accepted)+1 {
		t.Errorf("the log says %+v", s)
	}
	mustClose(t, l)
}

// A log has one writer.
func TestLock(t *testing.T) {
	disk := vfs.NewMem()
	l := mustOpen(t, disk, small(7))
	if second, err := Open(disk, testDir, small(8)); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("a second writer gets %v, %v", second, err)
	}
	if _, err := GiveUp(disk, testDir, 1); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("GiveUp beside a writer: %v", err)
	}
	mustClose(t, l)
	mustClose(t, mustOpen(t, disk, small(9)))
}
