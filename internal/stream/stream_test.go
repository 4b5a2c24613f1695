package stream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/vfs"
)

// one is a NATS server of its own, with a connection to it.
func one(t testing.TB) (*child, *nats.Conn, jetstream.JetStream) {
	t.Helper()
	c := &child{role: "nats", setup: setup{Name: "nats", Dir: t.TempDir()}}
	c.start(t)
	nc, err := Connect(Server{URL: "nats://" + c.ports.Client, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return c, nc, js
}

// tap is a log that hands the records on.
type tap func([]byte) error

func (f tap) Append(b []byte) error { return f(b) }

var agents = [...]string{
	"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
}

// follow makes clicks on a real edge, by many shoppers on the links of many publishers, which end in a log.
func follow(t testing.TB, n int, log edge.Log) {
	t.Helper()
	e, err := newEdge(log)
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	resp := e.Acquire()
	defer e.Release(resp)
	for range n {
		target := fmt.Sprintf("/e/%s?af=%d&dp=campaign-%d&cv=%08x", linkCode(min(int(chance.ExpFloat64()*4), publishers-1)), chance.IntN(1000), chance.IntN(50), chance.Uint32())
		e.Answer(&edge.Request{Method: []byte("GET"), Target: []byte(target), Peer: netip.AddrFrom4([4]byte{203, byte(chance.Uint32()), byte(chance.Uint32()), 7}),
			UserAgent: []byte(agents[min(int(chance.ExpFloat64()*1.5), len(agents)-1)]), Referer: []byte(fmt.Sprintf("https://blog-%d.example/best/page-%d", chance.IntN(300), chance.IntN(40))),
			FetchDest: []byte("document"), FetchMode: []byte("navigate"), FetchUser: []byte("?1"), FetchSite: []byte("cross-site")}, resp)
		if resp.Status != 302 {
			t.Fatalf("status %d", resp.Status)
		}
	}
}

func clicks(t testing.TB, n int) (out []clicklog.Record) {
	t.Helper()
	follow(t, n, tap(func(b []byte) error {
		out = append(out, clicklog.Record{Seq: uint64(len(out) + 1), Payload: append([]byte(nil), b...)})
		return nil
	}))
	return out
}

func openLog(t testing.TB, fsys vfs.FS, dir string) *clicklog.Log {
	t.Helper()
	log, err := clicklog.Open(fsys, dir, clicklog.Options{Now: time.Now, StallLimit: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func cursorIn(t testing.TB, fsys vfs.FS) *clicklog.Cursor {
	t.Helper()
	if err := fsys.MkdirAll("ship"); err != nil {
		t.Fatal(err)
	}
	return clicklog.NewCursor(fsys, "ship/cursor")
}

// memory is a store that enters a click once, and refuses those of one publisher.
type memory struct {
	mu     sync.Mutex
	have   map[string]bool
	banned string
}

var errBanned = errors.New("this publisher's clicks are refused")

func (m *memory) Store(_ context.Context, records [][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rec record.Record
	for i := range 2 { // all or none
		for _, r := range records {
			if err := rec.Decode(r); err != nil {
				return err
			}
			if i == 0 && string(rec.Publisher) == m.banned {
				return errBanned
			}
			if i == 1 {
				m.have[rec.Click.String()] = true
			}
		}
	}
	return nil
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.have)
}

func waitFor(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); {
		if time.Now().After(end) {
			t.Fatalf("waited too long: %s", what)
		}
		if sleep(t.Context(), 10*time.Millisecond) != nil {
			t.Fatal("interrupted")
		}
	}
}

// start runs something until the test's end.
func start(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// What cannot be stored is parked, each record by itself, with what is wrong with it; everything beside it is stored. Nothing is dropped.
func TestWhatCannotBeStoredIsParked(t *testing.T) {
	_, nc, js := one(t)
	o := Options{Shards: 1, Replicas: 1}
	store := &memory{have: map[string]bool{}, banned: "4703"}
	reg := prometheus.NewRegistry()
	c, err := NewConsumer(nc, ConsumerOptions{Options: o, Store: store.Store, Refused: func(err error) bool { return errors.Is(err, errBanned) }, Now: time.Now, Metrics: reg})
	if err != nil {
		t.Fatal(err)
	}
	all := clicks(t, 500)
	var banned, rec = 0, record.Record{}
	for _, r := range all {
		if err := rec.Decode(r.Payload); err != nil {
			t.Fatal(err)
		}
		if string(rec.Publisher) == store.banned {
			banned++
		}
	}
	if banned == 0 || banned == len(all) {
		t.Fatalf("%d of %d clicks are refused: nothing would be tested", banned, len(all))
	}
	all = append(all, clicklog.Record{Seq: 501, Payload: []byte("no click")})
	start(t, c.Run)
	waitFor(t, "the stream", func() bool { _, err := js.Stream(t.Context(), "CLICKS-PARKED"); return err == nil })

	s := shipperOf(t, nc, o, openLog(t, vfs.NewMem(), "log"), cursorIn(t, vfs.NewMem()))
	messages := s.messages(all)
	if len(messages) != 2 || !strings.HasPrefix(messages[0].Subject+messages[1].Subject, "clicks.") {
		t.Fatalf("%d messages; the record that is no click has one of its own", len(messages))
	}
	garbage := nats.NewMsg("clicks.2026-11-21.0")
	garbage.Data = []byte("no batch")
	for _, m := range append(messages, garbage) {
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the parked", func() bool {
		st := c.Stats()
		return st.Parked >= uint64(banned+2) && st.Stored == uint64(len(all)-1-banned)
	})
	if got := store.count(); got != len(all)-1-banned {
		t.Errorf("%d clicks are stored, want %d", got, len(all)-1-banned)
	}
	parked, err := js.Stream(t.Context(), "CLICKS-PARKED")
	if err != nil {
		t.Fatal(err)
	}
	if n := parked.CachedInfo().State.Msgs; n != uint64(banned+2) {
		t.Errorf("%d messages are parked, want %d", n, banned+2)
	}
	reasons := map[string]int{}
	for seq := range uint64(banned + 2) {
		m, err := parked.GetMsg(t.Context(), seq+1)
		if err != nil {
			t.Fatal(err)
		}
		reasons[m.Header.Get("Clickledger-Reason")]++
		if m.Header.Get("Clickledger-Source") == "" || len(m.Data) == 0 {
			t.Errorf("message %d says not where it is from, or is empty", seq+1)
		}
	}
	if len(reasons) != 3 {
		t.Errorf("reasons: %v", reasons)
	}
	if got := metric(t, reg, "clickledger_consume_parked_total"); got != float64(banned+2) {
		t.Errorf("the metric says %v, want %d", got, banned+2)
	}
}

func metric(t testing.TB, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

func shipperOf(t testing.TB, nc *nats.Conn, o Options, log *clicklog.Log, cursor *clicklog.Cursor) *Shipper {
	t.Helper()
	s, err := NewShipper(nc, ShipperOptions{Options: o, Log: log, Cursor: cursor, Linger: time.Millisecond, AckTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A message that is published again, since its acknowledgement was lost, is in the stream once. The red control publishes it under another ID.
func TestPublishedAgainIsThereOnce(t *testing.T) {
	for _, wrong := range []bool{false, true} {
		_, nc, js := one(t)
		o := Options{Shards: 3, Replicas: 1}
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		if err := o.setUp(t.Context(), js); err != nil {
			t.Fatal(err)
		}
		s := shipperOf(t, nc, o, openLog(t, vfs.NewMem(), "log"), cursorIn(t, vfs.NewMem()))
		all := clicks(t, 300)
		sent := 0
		for range 2 {
			for _, m := range s.messages(all) {
				sent++
				if wrong {
					m.Header.Set(jetstream.MsgIDHeader, fmt.Sprint(sent))
				}
				if err := s.publish(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
		}
		var there uint64
		for shard := range o.Shards {
			st, err := js.Stream(t.Context(), o.stream(shard))
			if err != nil {
				t.Fatal(err)
			}
			there += st.CachedInfo().State.Msgs
		}
		if once := there == uint64(sent/2); once == wrong {
			t.Errorf("red control=%v: %d messages sent, %d there", wrong, sent, there)
		}
	}
}

// A full stream refuses what comes, and throws nothing away that it has: the edge keeps it, says so, and ships it once there is room.
func TestFullStreamLosesNothing(t *testing.T) {
	_, nc, js := one(t)
	o := Options{Shards: 1, Replicas: 1, MaxBytes: 20_000}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	if err := o.setUp(t.Context(), js); err != nil {
		t.Fatal(err)
	}
	log := openLog(t, vfs.NewMem(), "log")
	s := shipperOf(t, nc, o, log, cursorIn(t, vfs.NewMem()))
	start(t, s.Run)
	follow(t, 2000, log)
	waitFor(t, "a shipper that complains", func() bool { return s.Stats().Err != nil })
	if s.Stats().Behind == 0 {
		t.Fatal("the stream took everything")
	}
	o.MaxBytes = 0
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	if err := o.setUp(t.Context(), js); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a shipper that has caught up", func() bool { return s.Stats().Behind == 0 })
	if n := stored(t, js, o); n != 2000 {
		t.Errorf("%d clicks are in the stream, want 2000", n)
	}
}

// stored counts the different clicks in the streams.
func stored(t testing.TB, js jetstream.JetStream, o Options) int {
	t.Helper()
	_, dec := codecs(t)
	have := map[uint64]bool{}
	for shard := range o.Shards {
		st, err := js.Stream(t.Context(), o.stream(shard))
		if err != nil {
			t.Fatal(err)
		}
		for seq := st.CachedInfo().State.FirstSeq; seq <= st.CachedInfo().State.LastSeq && seq > 0; seq++ {
			m, err := st.GetMsg(t.Context(), seq)
			if err != nil {
				t.Fatal(err)
			}
			records, err := decode(dec, m.Data, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				have[r.Seq] = true
			}
		}
	}
	return len(have)
}

// A cursor that cannot be saved is tried again, and no position is reported before; a position of another log begins at that log's first record; a cursor that
// is damaged stops the shipper, who says so.
func TestCursor(t *testing.T) {
	_, nc, js := one(t)
	o := Options{Shards: 1, Replicas: 1}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	if err := o.setUp(t.Context(), js); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	broken := true
	mem := vfs.NewMem()
	fsys := vfs.Inject(mem, func(c vfs.Call) vfs.Fault {
		mu.Lock()
		defer mu.Unlock()
		if broken && c.Op == vfs.OpRename {
			return vfs.Fault{Err: fs.ErrPermission}
		}
		return vfs.Fault{}
	})
	cursor := cursorIn(t, fsys)
	log := openLog(t, vfs.OS{}, filepath.Join(t.TempDir(), "log"))
	s := shipperOf(t, nc, o, log, cursor)
	stop := start(t, s.Run)
	follow(t, 10, log)
	waitFor(t, "an error", func() bool { return errors.Is(s.Stats().Err, fs.ErrPermission) })
	if p := s.Stats().Position; p.Seq != 0 {
		t.Errorf("the position moved to %d without having been saved", p.Seq)
	}
	mu.Lock()
	broken = false
	mu.Unlock()
	waitFor(t, "a position", func() bool { st := s.Stats(); return st.Behind == 0 && st.Err == nil })
	stop()
	if p, err := cursor.Load(); err != nil || p.Seq != 11 {
		t.Errorf("the cursor says %v, %v", p, err)
	}

	other := openLog(t, vfs.OS{}, filepath.Join(t.TempDir(), "log"))
	follow(t, 5, other)
	s = shipperOf(t, nc, o, other, cursor)
	stop = start(t, s.Run)
	waitFor(t, "the other log", func() bool { return s.Stats().Behind == 0 })
	stop()
	if p, err := cursor.Load(); err != nil || p.Seq != 6 || p.Log != other.ID() {
		t.Errorf("the cursor says %v, %v", p, err)
	}

	if err := mem.Corrupt("ship/cursor", func(b []byte) []byte { b[40] ^= 1; return b }); err != nil {
		t.Fatal(err)
	}
	if err := shipperOf(t, nc, o, other, cursor).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "cursor") {
		t.Errorf("a damaged cursor: %v", err)
	}
}

// Settings that cannot work are refused at the start.
func TestSettingsAreChecked(t *testing.T) {
	_, nc, _ := one(t)
	store := func(context.Context, [][]byte) error { return nil }
	good := ConsumerOptions{Store: store, Now: time.Now}
	if _, err := NewConsumer(nc, good); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*ConsumerOptions){
		"name": func(o *ConsumerOptions) { o.Name = "a.b" }, "shards": func(o *ConsumerOptions) { o.Shards = -1 }, "replicas": func(o *ConsumerOptions) { o.Replicas = 2 },
		"duplicates": func(o *ConsumerOptions) { o.MaxAge = time.Minute }, "store": func(o *ConsumerOptions) { o.Store = nil }, "clock": func(o *ConsumerOptions) { o.Now = nil },
		"work": func(o *ConsumerOptions) { o.Work = []int{4} }, "waiting": func(o *ConsumerOptions) { o.AckWait = time.Second }, "messages": func(o *ConsumerOptions) { o.Messages = 1001 },
	} {
		o := good
		change(&o)
		if _, err := NewConsumer(nc, o); err == nil {
			t.Errorf("%s: not refused", what)
		}
	}
	if _, err := NewShipper(nc, ShipperOptions{}); err == nil {
		t.Error("a shipper without a log: not refused")
	}
	if _, err := Connect(Server{URL: "nats://127.0.0.1:1", Credentials: "a", NKey: "b"}); err == nil {
		t.Error("two credentials: not refused")
	}
}
