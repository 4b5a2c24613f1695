package clicklog

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/internal/vfs"
)

// A log is a list: whatever is done to it in whatever order, reading from any position gives the rest of the list, in order and
// without gaps, as far as retention has left it.
func TestLogIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{disk: vfs.NewMem(), now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
		m.o = Options{
			Mode:         rapid.SampledFrom([]Mode{Durable, Fast}).Draw(t, "mode"),
			LossRecords:  rapid.IntRange(1, 20).Draw(t, "loss"),
			SegmentBytes: rapid.Int64Range(4<<10, 20<<10).Draw(t, "segment"),
			NoSpare:      rapid.Bool().Draw(t, "no spare"),
			StallLimit:   time.Hour, Now: m.clock, Random: seeded{chance(rapid.Uint64().Draw(t, "seed"))},
		}
		m.open(t)
		defer func() { m.log.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"append": m.append, "reopen": m.reopen, "kill": m.kill, "retain": m.retain, "read": m.read, "resume": m.resume, "": m.check,
		})
	})
}

type model struct {
	disk *vfs.Mem
	o    Options
	log  *Log
	list [][]byte // record n is list[n-1]

	loaded uint64 // records below it may be deleted

	mu  sync.Mutex
	now time.Time
}

func (m *model) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *model) open(t *rapid.T) {
	var err error
	if m.log, err = Open(m.disk, testDir, m.o); err != nil {
		t.Fatal(err)
	}
}

func (m *model) append(t *rapid.T) {
	for _, size := range rapid.SliceOfN(rapid.IntRange(1, 3000), 1, 8).Draw(t, "sizes") {
		p := bytes.Repeat([]byte{byte(len(m.list))}, size)
		if err := m.log.Append(p); err != nil {
			t.Fatal(err)
		}
		m.list = append(m.list, p)
	}
}

func (m *model) reopen(t *rapid.T) {
	if err := m.log.Close(); err != nil {
		t.Fatal(err)
	}
	m.open(t)
	if n := m.log.Stats().Synced.Seq; n != uint64(len(m.list))+1 {
		t.Fatalf("after a clean end record %d comes next, of %d", n, len(m.list))
	}
}

func (m *model) kill(t *rapid.T) {
	disk := m.disk.Kill()
	if err := m.log.Close(); err != nil { // on the old disk, which nobody looks at again
		t.Fatal(err)
	}
	m.disk = disk
	m.open(t)
	left := int(m.log.Stats().Synced.Seq) - 1
	allowed := 0
	if m.o.Mode == Fast {
		allowed = m.o.LossRecords
	}
	if left > len(m.list) || left < len(m.list)-allowed {
		t.Fatalf("%d records are left of %d", left, len(m.list))
	}
	m.list = m.list[:left]
}

func (m *model) retain(t *rapid.T) {
	m.mu.Lock()
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
	m.mu.Unlock()
	loaded := rapid.Uint64Range(1, m.log.Stats().Synced.Seq).Draw(t, "loaded")
	m.loaded = max(m.loaded, loaded)
	if _, err := m.log.Retain(Position{Log: m.log.ID(), Seq: loaded}, time.Duration(rapid.IntRange(0, 40).Draw(t, "age"))*time.Hour); err != nil {
		t.Fatal(err)
	}
}

// read reads from any number, with a short cut that may lead anywhere.
func (m *model) read(t *rapid.T) {
	oldest := m.log.Oldest().Seq
	end := m.log.Stats().Synced.Seq
	from := Position{
		Log: m.log.ID(), Seq: rapid.Uint64Range(oldest, end).Draw(t, "from"),
		Segment: rapid.Uint64Range(0, 20).Draw(t, "segment"), Offset: rapid.Int64Range(0, 20<<10).Draw(t, "offset"),
	}
	if rapid.Bool().Draw(t, "misleading") { // the place of another record
		p := m.after(t, rapid.IntRange(1, 30).Draw(t, "other"))
		from.Segment, from.Offset = p.Segment, p.Offset
	}
	m.compare(t, from, rapid.IntRange(1, 50).Draw(t, "batch"))
}

// resume reads from a position that a reader has given before, perhaps in an earlier process.
func (m *model) resume(t *rapid.T) {
	text := m.after(t, rapid.IntRange(1, 30).Draw(t, "first")).String()
	if rapid.Bool().Draw(t, "other process") {
		m.reopen(t)
	}
	p, err := ParsePosition(text)
	if err != nil {
		t.Fatal(err)
	}
	m.compare(t, p, 100)
}

// after returns a reader's position after the oldest n records.
func (m *model) after(t *rapid.T, n int) Position {
	r, err := m.log.Reader(m.log.Oldest())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Read(n, 1<<20); err != nil {
		t.Fatal(err)
	}
	return r.Position()
}

func (m *model) compare(t *rapid.T, from Position, batch int) {
	r, err := m.log.Reader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	end := m.log.Stats().Synced.Seq
	for seq := max(from.Seq, 1); seq < end; {
		records, err := r.Read(batch, 1<<20)
		if err != nil || len(records) == 0 || len(records) > batch {
			t.Fatalf("from %v: %d records at record %d: %v", from, len(records), seq, err)
		}
		for _, record := range records {
			if record.Seq != seq || !bytes.Equal(record.Payload, m.list[seq-1]) {
				t.Fatalf("from %v: record %d is number %d with %d bytes, not %d", from, seq, record.Seq, len(record.Payload), len(m.list[seq-1]))
			}
			seq++
		}
	}
}

func (m *model) check(t *rapid.T) {
	if s := m.log.Stats(); s.State != Running || s.Err != nil || s.Faults != 0 {
		t.Fatalf("the log says %+v", s)
	}
	if oldest := m.log.Oldest().Seq; oldest > max(m.loaded, 1) {
		t.Fatalf("the oldest record is %d, and only what is below %d may be deleted", oldest, m.loaded)
	}
	m.compare(t, m.log.Oldest(), 1000)
}
