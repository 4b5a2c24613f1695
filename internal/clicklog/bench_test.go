package clicklog

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/vfs"
)

// recordSize is about what a click takes.
const recordSize = 290

// nullDisk takes everything and keeps nothing, so that only the log's own work is seen.
type nullDisk struct{ vfs.FS }

func (d nullDisk) Create(name string) (vfs.File, error) {
	f, err := d.FS.Create(name)
	return nullFile{f}, err
}

type nullFile struct{ vfs.File }

func (nullFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (nullFile) Sync() error                            { return nil }

// An append allocates nothing, in either mode, with all that the writer does for it.
func TestAppendDoesNotAllocate(t *testing.T) {
	for _, mode := range []Mode{Durable, Fast} {
		l := mustOpen(t, nullDisk{vfs.NewMem()}, Options{Mode: mode, NoSpare: true, SegmentBytes: 1 << 30, StallLimit: time.Hour, Now: time.Now})
		record := make([]byte, recordSize)
		add := func() {
			if err := l.Append(record); err != nil {
				t.Fatal(err)
			}
		}
		for range 1000 { // the buffers find their size
			add()
		}
		if n := testing.AllocsPerRun(5000, add); n != 0 {
			t.Errorf("%v: %v allocations for an append", mode, n)
		}
		if err := l.Close(); err == nil {
			t.Error("a disk that keeps nothing cannot be closed well") // the file cannot be shortened
		}
	}
}

// window is an event loop's view of its appends: so many may be open at a time.
type window struct{ free chan struct{} }

func (w *window) Logged(err error) {
	if err != nil {
		panic(err)
	}
	w.free <- struct{}{}
}

// BenchmarkThroughput appends 290-byte records from two event loops with 500 open appends each, and then writes the same bytes
// with as many syncs into a plain file on the same disk, in turns. ratio is how much of the plain file's speed the log reaches.
func BenchmarkThroughput(b *testing.B) {
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"durable", Options{}},
		{"durable without spare", Options{NoSpare: true}},
		{"fast", Options{Mode: Fast}},
	} {
		b.Run(c.name, func(b *testing.B) {
			const loops, open, each = 2, 500, 100_000
			c.o.Now, c.o.StallLimit = time.Now, time.Hour // the disk may have others to serve
			dir := b.TempDir()
			l, err := Open(vfs.OS{}, filepath.Join(dir, "clicks"), c.o)
			if err != nil {
				b.Fatal(err)
			}
			defer mustClose(b, l)
			var logTime, plainTime time.Duration
			var before Stats
			for range b.N {
				start := time.Now()
				var done sync.WaitGroup
				for range loops {
					done.Go(func() { eventLoop(b, l, open, each) })
				}
				done.Wait()
				logTime += time.Since(start)
				s := l.Stats()
				plainTime += plainFile(b, filepath.Join(dir, "plain"), s.Bytes-before.Bytes, s.Syncs-before.Syncs)
				before = s
			}
			records, syncs := before.Records, before.Syncs
			b.ReportMetric(float64(records)/logTime.Seconds(), "records/s")
			b.ReportMetric(float64(records)/plainTime.Seconds(), "plain-records/s")
			b.ReportMetric(plainTime.Seconds()/logTime.Seconds(), "ratio")
			b.ReportMetric(float64(records)/float64(syncs), "records/sync")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// eventLoop appends n records, of which no more than open wait at a time.
func eventLoop(b *testing.B, l *Log, open, n int) {
	w := &window{make(chan struct{}, open)}
	record := make([]byte, recordSize)
	for i := range n {
		if i >= open {
			<-w.free
		}
		if err := l.AppendAsync(record, w); err != nil {
			b.Error(err)
			return
		}
	}
	for range open {
		<-w.free
	}
}

// plainFile writes bytes with so many syncs, and returns how long it took.
func plainFile(b *testing.B, name string, bytes, syncs uint64) time.Duration {
	f, err := vfs.OS{}.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]byte, bytes/max(syncs, 1))
	start := time.Now()
	for i := range syncs {
		if _, err := f.WriteAt(batch, int64(i)*int64(len(batch))); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(start)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		b.Fatal(err)
	}
	return took
}

// BenchmarkAppend is an append that waits, from many goroutines at a time, as a server with a goroutine for each request does it.
func BenchmarkAppend(b *testing.B) {
	for _, mode := range []Mode{Durable, Fast} {
		b.Run(mode.String(), func(b *testing.B) {
			l, err := Open(vfs.OS{}, filepath.Join(b.TempDir(), "clicks"), Options{Mode: mode, StallLimit: time.Hour, Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetParallelism(128)
			b.RunParallel(func(pb *testing.PB) {
				record := make([]byte, recordSize)
				for pb.Next() {
					if err := l.Append(record); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			s := l.Stats()
			b.ReportMetric(float64(s.Records)/float64(s.Syncs), "records/sync")
			mustClose(b, l)
		})
	}
}

// BenchmarkWithoutDisk is the log's own work for an append, the writer's included.
func BenchmarkWithoutDisk(b *testing.B) {
	l := mustOpen(b, nullDisk{vfs.NewMem()}, Options{NoSpare: true, SegmentBytes: 1 << 30, QueueRecords: 1 << 24, QueueBytes: 256 << 20, Now: time.Now})
	record := make([]byte, recordSize)
	b.ReportAllocs()
	for b.Loop() {
		for l.AppendAsync(record, nil) != nil {
			continue
		}
	}
	_ = l.Close() // a disk that keeps nothing cannot be closed well
}

// BenchmarkRead is how fast the loader can read.
func BenchmarkRead(b *testing.B) {
	l, err := Open(vfs.OS{}, filepath.Join(b.TempDir(), "clicks"), Options{Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer mustClose(b, l)
	const n = 200_000
	var told atomic.Int64
	all := make(chan struct{})
	record := make([]byte, recordSize)
	for range n {
		for l.AppendAsync(record, waiterFunc(func(error) {
			if told.Add(1) == n {
				close(all)
			}
		})) != nil {
			time.Sleep(time.Millisecond) // the queue is full
		}
	}
	<-all
	b.SetBytes(n * recordSize)
	for b.Loop() {
		r, err := l.Reader(Position{})
		if err != nil {
			b.Fatal(err)
		}
		for r.Behind() > 0 {
			if _, err := r.Read(5000, 8<<20); err != nil {
				b.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "records/s")
}
