package clicklog

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// heldDisk is a disk whose syncs can be held back.
type heldDisk struct {
	*vfs.Mem
	held atomic.Pointer[chan struct{}]
}

func (d *heldDisk) fs() vfs.FS {
	return vfs.Inject(d.Mem, func(c vfs.Call) vfs.Fault {
		if held := d.held.Load(); held != nil && c.Op == vfs.OpSync {
			<-*held
		}
		return vfs.Fault{}
	})
}

func (d *heldDisk) hold() {
	c := make(chan struct{})
	d.held.Store(&c)
}

func (d *heldDisk) release() { close(*d.held.Swap(nil)) }

func fastOptions() Options {
	return Options{
		Mode: Fast, LossRecords: 10, LossTime: 20 * time.Millisecond, StallLimit: time.Hour,
		Now: time.Now, Random: seeded{chance(21)}, NoSpare: true,
	}
}

// In fast mode an append is acknowledged at once, and on disk within the stated time; the gauges say how much is at risk.
func TestFastCommitsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &heldDisk{Mem: vfs.NewMem()}
		l := mustOpen(t, disk.fs(), fastOptions())
		for i := range 3 {
			if err := l.Append(payload(i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if s := l.Stats(); s.Unsynced != 3 || s.Records != 0 || s.LossRecords != 10 || s.LossTime != 20*time.Millisecond {
			t.Errorf("at once: %+v", s)
		}
		time.Sleep(9 * time.Millisecond)
		synctest.Wait()
		if s := l.Stats(); s.Unsynced != 3 || s.UnsyncedAge != 9*time.Millisecond {
			t.Errorf("after 9 ms: %+v", s)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s := l.Stats(); s.Unsynced != 0 || s.Records != 3 || s.Syncs != 1 || s.UnsyncedAge != 0 {
			t.Errorf("after 11 ms: %+v", s)
		}
		// Half a window does not wait for the time.
		for i := range 5 {
			if err := l.Append(payload(i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if s := l.Stats(); s.Unsynced != 0 || s.Records != 8 {
			t.Errorf("after half a window: %+v", s)
		}
		mustClose(t, l)
	})
}

// However slow the disk is, no more than LossRecords are acknowledged and not synced: the next one waits for the disk.
func TestFastBoundsRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &heldDisk{Mem: vfs.NewMem()}
		o := fastOptions()
		o.LossTime = time.Hour
		l := mustOpen(t, disk.fs(), o)
		disk.hold()
		var acked atomic.Int64
		for i := range 25 {
			if err := l.AppendAsync(payload(i), waiterFunc(func(error) { acked.Add(1) })); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if s := l.Stats(); acked.Load() != 10 || s.Unsynced != 10 {
			t.Errorf("with the disk held, %d are acknowledged: %+v", acked.Load(), s)
		}
		disk.release()
		synctest.Wait()
		if s := l.Stats(); acked.Load() != 25 || s.Unsynced != 0 || s.Records != 25 {
			t.Errorf("with the disk back, %d are acknowledged: %+v", acked.Load(), s)
		}
		mustClose(t, l)
	})
}

// Nothing is acknowledged early while a record older than LossTime waits for the disk.
func TestFastBoundsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &heldDisk{Mem: vfs.NewMem()}
		l := mustOpen(t, disk.fs(), fastOptions())
		disk.hold()
		var acked atomic.Int64
		add := func() {
			if err := l.AppendAsync(payload(1), waiterFunc(func(error) { acked.Add(1) })); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		add()
		time.Sleep(20 * time.Millisecond)
		add()
		if acked.Load() != 2 {
			t.Errorf("within the time, %d are acknowledged", acked.Load())
		}
		time.Sleep(time.Millisecond)
		add()
		if acked.Load() != 2 {
			t.Errorf("after the time, %d are acknowledged", acked.Load())
		}
		disk.release()
		synctest.Wait()
		if acked.Load() != 3 {
			t.Errorf("with the disk back, %d are acknowledged", acked.Load())
		}
		mustClose(t, l)
	})
}

// A log that fails tries again after a pause that doubles, without anybody asking.
func TestRetryPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := vfs.NewMem()
		var full fullDisk
		o := fastOptions()
		o.Mode, o.RetryPause = Durable, time.Second
		full.full.Store(true)
		start := time.Now()
		l := mustOpen(t, vfs.Inject(disk, full.decide), o)
		for _, at := range []struct {
			after time.Duration
			tries uint64
		}{{0, 1}, {999 * time.Millisecond, 1}, {1001 * time.Millisecond, 2}, {2999 * time.Millisecond, 2}, {3001 * time.Millisecond, 3}, {10 * time.Minute, 24}} {
			synctest.Wait()
			time.Sleep(at.after - time.Since(start))
			synctest.Wait()
			if s := l.Stats(); s.Failures != at.tries {
				t.Errorf("after %v: %d tries, want %d", at.after, s.Failures, at.tries)
			}
		}
		full.full.Store(false)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if s := l.Stats(); s.State != Running || s.Err != nil {
			t.Errorf("with space again: %+v", s)
		}
		mustClose(t, l)
	})
}
