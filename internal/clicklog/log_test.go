package clicklog

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clickledger/clickledger/internal/vfs"
)

// Nothing that a test starts outlives it.
func TestMain(m *testing.M) {
	if childMain() {
		return
	}
	goleak.VerifyTestMain(m)
}

// seeded is a source of salts that can be repeated.
type seeded struct{ *rand.Rand }

func (s seeded) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.Uint32())
	}
	return len(p), nil
}

func chance(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) }

// small are options for tests: segments of 4 KiB, so that there are several, salts from a seed, and all the time in the world.
func small(seed uint64) Options {
	return Options{SegmentBytes: 4 << 10, Now: time.Now, Random: seeded{chance(seed)}, RetryPause: time.Millisecond, StallLimit: time.Hour}
}

const testDir = "data/clicks"

func mustOpen(t testing.TB, fsys vfs.FS, o Options) *Log {
	t.Helper()
	l, err := Open(fsys, testDir, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// readAll reads what is synced, from the first record on.
func readAll(l *Log, from Position) ([]Record, error) {
	r, err := l.Reader(from)
	if err != nil {
		return nil, err
	}
	var all []Record
	for {
		batch, err := r.Read(100, 1<<20)
		if err != nil || len(batch) == 0 {
			return all, errors.Join(err, r.Close())
		}
		for _, record := range batch {
			all = append(all, Record{record.Seq, bytes.Clone(record.Payload)})
		}
	}
}

func payload(i int) []byte {
	return append(fmt.Appendf(nil, "click %d ", i), bytes.Repeat([]byte{byte(i), 0}, i%60)...)
}

// A record that was appended is read again after the log was closed and opened, in order, with its number, and once.
func TestRecordsComeBack(t *testing.T) {
	for _, mode := range []Mode{Durable, Fast} {
		t.Run(mode.String(), func(t *testing.T) {
			fsys := vfs.NewMem()
			o := small(1)
			o.Mode = mode
			n := 0
			for range 5 {
				l := mustOpen(t, fsys, o)
				for range 40 {
					if err := l.Append(payload(n)); err != nil {
						t.Fatal(err)
					}
					n++
				}
				mustClose(t, l)
				if err := l.Append([]byte("late")); !errors.Is(err, ErrClosed) || !errors.Is(err, ErrUnlogged) {
					t.Fatalf("an append after Close returns %v", err)
				}
			}
			l := mustOpen(t, fsys, o)
			defer mustClose(t, l)
			if r := l.Recovery(); r.CutBytes != 0 || r.Carried != 0 || len(r.Removed) > 0 || r.Segments < 5 {
				t.Errorf("after a clean end, Open reports %+v", r)
			}
			all, err := readAll(l, Position{})
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != n {
				t.Fatalf("%d records were read, %d appended", len(all), n)
			}
			for i, r := range all {
				if r.Seq != uint64(i+1) || !bytes.Equal(r.Payload, payload(i)) {
					t.Fatalf("record %d: number %d, payload %q", i, r.Seq, r.Payload)
				}
			}
		})
	}
}

// Appends from many goroutines share commits, and each is told its own fate.
func TestGroupCommit(t *testing.T) {
	fsys := vfs.NewMem()
	release := make(chan struct{})
	// The first sync of a record waits until all others have come.
	gate := vfs.Inject(fsys, func(c vfs.Call) vfs.Fault {
		if c.Op == vfs.OpSync {
			<-release
		}
		return vfs.Fault{}
	})
	o := small(2)
	o.NoSpare = true
	o.StallLimit = time.Hour
	go func() { release <- struct{}{} }() // the segment's header
	l := mustOpen(t, gate, o)
	const n = 50
	var told sync.WaitGroup
	told.Add(n)
	for i := range n {
		if err := l.AppendAsync(payload(i), waiterFunc(func(err error) {
			if err != nil {
				t.Error(err)
			}
			told.Done()
		})); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	told.Wait()
	if s := l.Stats(); s.Records != n || s.Syncs > 3 {
		t.Errorf("%d records took %d commits", s.Records, s.Syncs)
	}
	mustClose(t, l)
}

type waiterFunc func(error)

func (f waiterFunc) Logged(err error) { f(err) }
