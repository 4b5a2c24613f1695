package clicklog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	_ "modernc.org/sqlite"

	"github.com/clickledger/clickledger/internal/vfs"
)

// sqliteSink is a real store: records and position by one transaction.
type sqliteSink struct {
	db *sql.DB
	// after is called between the statements and the commit, and after the commit: an error from there is returned.
	after func(committed bool) error
	// torn leaves the position out of the transaction: the red control.
	torn bool
}

func openSQLite(name string) (*sqliteSink, error) {
	db, err := sql.Open("sqlite", "file:"+name+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	// Without a key, so that a record that comes twice is there twice.
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS click (id INTEGER NOT NULL, seq INTEGER NOT NULL);
		CREATE TABLE IF NOT EXISTS position (log TEXT PRIMARY KEY, at TEXT NOT NULL)`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &sqliteSink{db: db}, nil
}

func (s *sqliteSink) Position(ctx context.Context, log ID) (Position, error) {
	var at string
	err := s.db.QueryRowContext(ctx, `SELECT at FROM position WHERE log = $1`, log.String()).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return Position{}, nil
	}
	if err != nil {
		return Position{}, err
	}
	return ParsePosition(at)
}

const savePosition = `INSERT INTO position (log, at) VALUES ($1, $2) ON CONFLICT (log) DO UPDATE SET at = excluded.at`

func (s *sqliteSink) Load(ctx context.Context, batch []Record, next Position) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	insert, err := tx.PrepareContext(ctx, `INSERT INTO click (id, seq) VALUES ($1, $2)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range batch {
		id, err := recordID(r.Payload)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, int64(id), int64(r.Seq)); err != nil {
			return err
		}
	}
	if !s.torn {
		if _, err := tx.ExecContext(ctx, savePosition, next.Log.String(), next.String()); err != nil {
			return err
		}
	}
	if s.after != nil {
		if err := s.after(false); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if s.after != nil {
		if err := s.after(true); err != nil {
			return err
		}
	}
	if s.torn {
		_, err := s.db.ExecContext(ctx, savePosition, next.Log.String(), next.String())
		return err
	}
	return nil
}

// count returns how many clicks the store has, and how many different ones.
func (s *sqliteSink) count() (all, different int, err error) {
	err = s.db.QueryRow(`SELECT COUNT(*), COUNT(DISTINCT id) FROM click`).Scan(&all, &different)
	return all, different, err
}

// The loader moves every record into a real SQLite store exactly once, while clicks come in, the store breaks before and after
// its commits, and log and loader are started anew. The red control stores the position by a transaction of its own.
func TestLoadedExactlyOnce(t *testing.T) {
	for _, torn := range []bool{false, true} {
		t.Run(fmt.Sprintf("red control=%v", torn), func(t *testing.T) {
			sink, err := openSQLite(filepath.Join(t.TempDir(), "clicks.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer sink.db.Close()
			sink.torn = torn
			c := rand.New(rand.NewPCG(5, 6))
			var mu sync.Mutex
			broken := errors.New("the store is gone")
			sink.after = func(bool) error {
				mu.Lock()
				defer mu.Unlock()
				if c.IntN(4) == 0 {
					return broken
				}
				return nil
			}
			disk := vfs.NewMem()
			const rounds, each = 4, 500
			var failures uint64
			for round := range rounds {
				l := mustOpen(t, disk, small(uint64(30+round)))
				loader := NewLoader(l, sink, LoaderOptions{BatchRecords: 40, Linger: time.Millisecond, RetryPause: time.Microsecond})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- loader.Run(ctx) }()
				for i := range each {
					if err := l.Append(testRecord(uint64(round*each + i))); err != nil {
						t.Fatal(err)
					}
				}
				if round%2 == 0 { // once it is cut off in the middle, once it reads to the end
					cancel()
				}
				mustClose(t, l)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				cancel()
				failures += loader.Stats().Failures
			}
			sink.after = nil
			l := mustOpen(t, disk, small(40))
			defer mustClose(t, l)
			loader := NewLoader(l, sink, LoaderOptions{})
			if err := loader.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := loader.Stats(); s.Behind != 0 || s.Position.Seq != rounds*each+1 {
				t.Errorf("the loader says %+v", s)
			}
			all, different, err := sink.count()
			if err != nil {
				t.Fatal(err)
			}
			if failures < 10 {
				t.Errorf("the store broke only %d times", failures)
			}
			if different != rounds*each || (all != different) != torn {
				t.Errorf("%d clicks, %d rows, %d different", rounds*each, all, different)
			}
		})
	}
}

// What stops the loader for good is an error of Run: damage, and a position that does not fit the log.
func TestLoaderStops(t *testing.T) {
	disk, o := written(t, 60, true)
	l := mustOpen(t, disk, o)
	sink := &memSink{mu: new(sync.Mutex), at: map[uint64]bool{}}
	if err := NewLoader(l, sink, LoaderOptions{}).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	end := sink.position
	for _, c := range []struct {
		name string
		at   Position
		want error
	}{
		{"behind the end", Position{Log: end.Log, Seq: end.Seq + 1}, ErrAhead},
		{"of another log", Position{Log: ID{9}, Seq: 5}, ErrOtherLog},
	} {
		sink.position = c.at
		if err := NewLoader(l, sink, LoaderOptions{Linger: 1}).Run(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("a position %s: %v", c.name, err)
		}
	}
	if n, err := l.Retain(end, 0); err != nil || n == 0 {
		t.Fatalf("%d segments deleted, %v", n, err)
	}
	sink.position = Position{Log: end.Log, Seq: 2}
	if err := NewLoader(l, sink, LoaderOptions{Linger: 1}).Run(t.Context()); !errors.Is(err, ErrGone) {
		t.Errorf("a position that was deleted: %v", err)
	}
	mustClose(t, l)

	disk, o = written(t, 60, true)
	if err := disk.Corrupt(segmentName(testDir, 2), func(b []byte) []byte { b[500]++; return b }); err != nil {
		t.Fatal(err)
	}
	l = mustOpen(t, disk, o)
	defer mustClose(t, l)
	sink = &memSink{mu: new(sync.Mutex), at: map[uint64]bool{}}
	var damage *DamageError
	if err := NewLoader(l, sink, LoaderOptions{Linger: 1}).Run(t.Context()); !errors.As(err, &damage) || damage.Number != 2 {
		t.Errorf("damage: %v", err)
	}
	if len(sink.ids) == 0 || uint64(len(sink.ids)) != damage.After {
		t.Errorf("%d records were loaded before the damage, which comes after %d", len(sink.ids), damage.After)
	}
}

// The loader follows the log: a batch that is not full lingers, a full one does not, and an idle loader does nothing.
func TestLoaderLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mustOpen(t, vfs.NewMem(), small(50))
		sink := &memSink{mu: new(sync.Mutex), at: map[uint64]bool{}}
		loader := NewLoader(l, sink, LoaderOptions{BatchRecords: 10, Linger: 200 * time.Millisecond})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- loader.Run(ctx) }()
		id := uint64(0)
		add := func(n int) {
			for range n {
				if err := l.Append(testRecord(id)); err != nil {
					t.Fatal(err)
				}
				id++
			}
			synctest.Wait()
		}
		add(3)
		time.Sleep(199 * time.Millisecond)
		synctest.Wait()
		if s := loader.Stats(); s.Loaded != 0 || s.Behind != 3 {
			t.Errorf("before the time: %+v", s)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s := loader.Stats(); s.Loaded != 3 || s.Batches != 1 || s.Behind != 0 {
			t.Errorf("after the time: %+v", s)
		}
		add(1)
		add(24) // the first one lingers; what comes meanwhile goes with it
		time.Sleep(201 * time.Millisecond)
		synctest.Wait()
		if s := loader.Stats(); s.Loaded != 23 || s.Batches != 3 {
			t.Errorf("of 25 more, full batches: %+v", s)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		mustClose(t, l)
	})
}

// A reader is never given what is not synced.
func TestReaderStopsAtTheSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &heldDisk{Mem: vfs.NewMem()}
		o := small(51)
		o.NoSpare, o.StallLimit = true, time.Hour
		l := mustOpen(t, disk.fs(), o)
		if err := l.Append(payload(0)); err != nil {
			t.Fatal(err)
		}
		r, err := l.Reader(Position{})
		if err != nil {
			t.Fatal(err)
		}
		disk.hold()
		if err := l.AppendAsync(payload(1), nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is written, and its sync is held
		batch, err := r.Read(10, 1<<20)
		if err != nil || len(batch) != 1 {
			t.Errorf("%d records were read, %v", len(batch), err)
		}
		var woken atomic.Bool
		go func() {
			if r.Wait(t.Context()) == nil {
				woken.Store(true)
			}
		}()
		synctest.Wait()
		if woken.Load() {
			t.Error("the reader was woken before the sync")
		}
		disk.release()
		synctest.Wait()
		if !woken.Load() {
			t.Error("the reader was not woken by the sync")
		}
		if batch, err := r.Read(10, 1<<20); err != nil || len(batch) != 1 || string(batch[0].Payload) != string(payload(1)) {
			t.Errorf("%d records were read, %v", len(batch), err)
		}
		mustClose(t, l)
		if err := r.Wait(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("at the end of a closed log: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Retention deletes what is loaded and old, as whole segments, and never what is not loaded, not old or still written to. On a
// quiet site it ends the segment, so that it comes to its end too.
func TestRetention(t *testing.T) {
	disk := vfs.NewMem()
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	o := small(60)
	o.NoSpare, o.SegmentAge, o.StallLimit = true, 24*time.Hour, time.Hour
	o.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	pass := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	l := mustOpen(t, disk, o)
	defer mustClose(t, l)
	// Two days of a click every two hours; a day's segment begins with the first click after it.
	var day2 Position
	for i := range 24 {
		if i == 13 {
			day2 = l.Stats().Synced
		}
		if err := l.Append(testRecord(uint64(i))); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Hour)
	}
	if s := l.Stats(); s.Segments != 2 {
		t.Fatalf("%d segments", s.Segments)
	}
	end := l.Stats().Synced
	for _, c := range []struct {
		name   string
		loaded Position
		age    time.Duration
		want   int
	}{
		{"nothing is loaded", Position{}, 0, 0},
		{"not all of the first is loaded", Position{Log: l.ID(), Seq: day2.Seq - 2}, 0, 0},
		{"nothing is old", end, 100 * time.Hour, 0},
		{"the first is old and loaded", end, 20 * time.Hour, 1},
		{"the second is being written to", end, 0, 0},
	} {
		if n, err := l.Retain(c.loaded, c.age); n != c.want || err != nil {
			t.Errorf("%s: %d were deleted, %v", c.name, n, err)
		}
	}
	if _, err := l.Retain(Position{Log: ID{1}, Seq: 3}, 0); !errors.Is(err, ErrOtherLog) {
		t.Errorf("a position of another log: %v", err)
	}
	// No click for a week.
	pass(7 * 24 * time.Hour)
	if _, err := l.Retain(end, 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	for l.Stats().Segments < 2 { // the writer begins a new one
		runtime.Gosched()
	}
	pass(48 * time.Hour)
	if n, err := l.Retain(end, 48*time.Hour); n != 1 || err != nil {
		t.Errorf("on a quiet site %d were deleted, %v", n, err)
	}
	if files := segmentFiles(t, disk); len(files) != 1 {
		t.Errorf("files that are left: %v", files)
	}
	if l.Oldest().Seq != 25 {
		t.Errorf("the oldest record is %d", l.Oldest().Seq)
	}
}

// A cursor survives power cuts: it has the position before or after, and the one after once Save has returned.
func TestCursor(t *testing.T) {
	disk := vfs.NewMem()
	if err := disk.MkdirAll(testDir); err != nil {
		t.Fatal(err)
	}
	name := testDir + "/stream.cursor"
	if p, err := NewCursor(disk, name).Load(); err != nil || p != (Position{}) {
		t.Fatalf("a cursor that was never saved: %v, %v", p, err)
	}
	c := chance(70)
	saved := Position{}
	cuts := 0
	check := func() {
		for range 20 {
			cuts++
			p, err := NewCursor(disk.Crash(c), name).Load()
			if err != nil || p != saved && p.Seq != saved.Seq+1 {
				t.Fatalf("after a power cut: %v, %v; saved was %v", p, err, saved)
			}
		}
	}
	disk.Watch(func(vfs.Call) { check() })
	for i := range 10 {
		next := Position{Log: ID{7}, Seq: uint64(i + 1), Segment: 3, Offset: int64(i)}
		if err := NewCursor(disk, name).Save(next); err != nil {
			t.Fatal(err)
		}
		saved = next
		check()
		if p, err := NewCursor(disk, name).Load(); err != nil || p != saved {
			t.Fatalf("%v, %v", p, err)
		}
	}
	t.Logf("%d power cuts", cuts)
	if err := disk.Corrupt(name, func(b []byte) []byte { b[35] ^= 1; return b }); err != nil {
		t.Fatal(err)
	}
	if p, err := NewCursor(disk, name).Load(); err == nil {
		t.Errorf("a damaged cursor is read as %v", p)
	}
}

func TestPositionText(t *testing.T) {
	p := Position{Log: ID{0xab, 15: 1}, Seq: 12, Segment: 3, Offset: 456}
	if got := p.String(); got != "ab000000000000000000000000000001/12/3/456" {
		t.Errorf("a position is written %s", got)
	}
	if got, err := ParsePosition(p.String()); err != nil || got != p {
		t.Errorf("read again: %v, %v", got, err)
	}
	for _, bad := range []string{"/", "x/1/2/3", "ab/1/2/3", p.String() + "/", p.String() + "x", "ab000000000000000000000000000001ff/12/3/456", "ab000000000000000000000000000001/-1/3/456"} {
		if got, err := ParsePosition(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
	for _, m := range []Mode{Durable, Fast} {
		if got, err := ParseMode(m.String()); err != nil || got != m {
			t.Errorf("mode %v is read as %v, %v", m, got, err)
		}
	}
	if _, err := ParseMode("quick"); err == nil {
		t.Error("a mode that does not exist is read")
	}
}
