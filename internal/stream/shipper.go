package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/record"
)

// ShipperOptions are the settings of a shipper. Zero means the default, but for Log and Cursor, which are required.
type ShipperOptions struct {
	Options
	// Log is the edge's click log, and Cursor where the shipper keeps how far it is. The cursor's file lies outside the log's folder.
	Log    *clicklog.Log
	Cursor *clicklog.Cursor
	// BatchRecords and BatchBytes bound what is read at once, to be spread over days and shards. Default 10,000 and 3 MiB.
	BatchRecords, BatchBytes int
	// Linger is how long a batch that is not full waits for more. Default 200 ms.
	Linger time.Duration
	// Window is how many batches may be on their way. Default 8.
	Window int
	// AckTimeout is how long an acknowledgement may take before the message is sent again. Default 10 s.
	AckTimeout time.Duration
	// RetryPause is how long the shipper waits before it sends a message again; it doubles up to 2 s. Default 50 ms.
	RetryPause time.Duration
	// Logger hears when shipping stops working and when it works again. Default nobody.
	Logger *slog.Logger
	// Metrics is where the shipper's metrics are registered. Default nowhere.
	Metrics prometheus.Registerer
}

// Shipper publishes the records of a click log, in batches and at least once: its position moves when all before it was acknowledged by
// JetStream, which with 3 replicas and `sync_interval: always` means on the disks of two servers.
type Shipper struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	o       ShipperOptions
	enc     *zstd.Encoder
	metrics *shipperMetrics

	mu    sync.Mutex
	stats ShipperStats

	early bool // red control of the tests: the position moves before the acknowledgements
}

// ShipperStats is how far a shipper is.
type ShipperStats struct {
	Position clicklog.Position // behind the last record that was acknowledged, with all before it, and noted in the cursor
	Behind   uint64            // records that are synced in the log and not shipped
	Err      error             // what the last attempt returned; nil if all is well
}

// NewShipper returns a shipper. Nothing happens before Run.
func NewShipper(nc *nats.Conn, o ShipperOptions) (*Shipper, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if o.Log == nil || o.Cursor == nil {
		return nil, errors.New("shipper: it needs a click log and a cursor")
	}
	o.BatchRecords = cmp.Or(o.BatchRecords, 10_000)
	o.BatchBytes = cmp.Or(o.BatchBytes, 3<<20)
	o.Linger = cmp.Or(o.Linger, 200*time.Millisecond)
	o.Window = cmp.Or(o.Window, 8)
	o.AckTimeout = cmp.Or(o.AckTimeout, 10*time.Second)
	o.RetryPause = cmp.Or(o.RetryPause, 50*time.Millisecond)
	o.Logger = orDiscard(o.Logger)
	if o.BatchRecords < 1 || o.BatchBytes < 1 || o.Window < 1 || o.Linger < 0 || o.AckTimeout < 0 || o.RetryPause < 0 {
		return nil, errors.New("shipper: batches, window and times are not negative")
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("shipper: %w", err)
	}
	enc, err := newEncoder()
	if err != nil {
		return nil, fmt.Errorf("shipper: %w", err)
	}
	s := &Shipper{nc: nc, js: js, o: o, enc: enc}
	if s.metrics, err = newShipperMetrics(o.Metrics, s); err != nil {
		return nil, err
	}
	return s, nil
}

// flight is what was read at once: it has landed when all its messages are acknowledged.
type flight struct {
	messages sync.WaitGroup
	missing  atomic.Bool // a message was given up, since the shipper is to stop
	records  int
	skipped  uint64
	next     clicklog.Position
}

// Run ships until the context is done or the log is closed and shipped as a whole; both are no error. NATS may come and go. It returns
// an error when shipping cannot go on without an operator: damage, records that were deleted, a cursor that cannot be read.
func (s *Shipper) Run(ctx context.Context) error {
	from, err := s.begin()
	if err != nil {
		return fmt.Errorf("ship clicks: %w", err)
	}
	flights := make(chan *flight, s.o.Window)
	var landing sync.WaitGroup
	landing.Go(func() { s.land(flights) })
	pause := s.o.RetryPause
	for {
		from, err = s.read(ctx, from, flights)
		if err == nil || ctx.Err() != nil || !temporary(err) {
			break
		}
		s.note(err)
		if sleep(ctx, pause) != nil {
			break
		}
		pause = min(2*pause, 2*time.Second)
	}
	failed := err != nil && ctx.Err() == nil
	if failed {
		s.note(err)
	}
	close(flights)
	landing.Wait()
	if !failed {
		return nil
	}
	return fmt.Errorf("ship clicks: %w", err)
}

// begin returns where the cursor stands.
func (s *Shipper) begin() (clicklog.Position, error) {
	from, err := s.o.Cursor.Load()
	if err != nil {
		return from, err
	}
	if from.Seq > 0 && from.Log != s.o.Log.ID() {
		s.o.Logger.Warn("the click log is another one than the cursor speaks of; it is shipped from its first record on", "log", s.o.Log.ID(), "cursor", from.Log)
		from = clicklog.Position{}
	}
	s.mu.Lock()
	s.stats.Position = from
	s.mu.Unlock()
	return from, nil
}

// read sends what the log has, until an error or the log's end, which is none, and returns how far it came.
func (s *Shipper) read(ctx context.Context, from clicklog.Position, flights chan<- *flight) (clicklog.Position, error) {
	r, err := s.o.Log.Reader(from)
	if err != nil {
		return from, err
	}
	defer r.Close() // only read
	for {
		err := r.Wait(ctx)
		if errors.Is(err, clicklog.ErrClosed) {
			return from, nil
		}
		if err != nil {
			return from, err
		}
		if r.Behind() < uint64(s.o.BatchRecords) && s.o.Log.Stats().State != clicklog.Closed {
			if err := sleep(ctx, s.o.Linger); err != nil {
				return from, err
			}
		}
		skipped := r.Skipped()
		records, err := r.Read(s.o.BatchRecords, s.o.BatchBytes)
		if err != nil {
			return from, err
		}
		if len(records) == 0 && r.Skipped() == skipped {
			return from, errors.New("the log announces records and has none")
		}
		f := &flight{records: len(records), skipped: r.Skipped() - skipped, next: r.Position()}
		for _, m := range s.messages(records) {
			f.messages.Go(func() {
				if !s.deliver(ctx, m) {
					f.missing.Store(true)
				}
			})
		}
		flights <- f // waits while the window is full; what is in the window comes down, or is given up with the context
		from = f.next
	}
}

// temporary reports whether an error of the log may be over when the same thing is tried again.
func temporary(err error) bool {
	var damage *clicklog.DamageError
	return !errors.As(err, &damage) && !errors.Is(err, clicklog.ErrGone) && !errors.Is(err, clicklog.ErrAhead) && !errors.Is(err, clicklog.ErrOtherLog)
}

// messages cuts records into messages by day and shard. The same records always make the same messages, with the same IDs.
func (s *Shipper) messages(records []clicklog.Record) []*nats.Msg {
	type key struct {
		day   int64 // since 1970; -1: not readable
		shard int
	}
	var (
		open = map[key]*batch{}
		out  []*nats.Msg
		rec  record.Record
		log  = s.o.Log.ID()
	)
	seal := func(k key, b *batch) {
		day := "unreadable"
		if k.day >= 0 {
			day = time.Unix(k.day*86400, 0).UTC().Format(time.DateOnly)
		}
		m := nats.NewMsg(s.o.subject(day, k.shard))
		m.Data = b.encode(s.enc, log)
		m.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("%s-%d-%d-%d-%s", log, b.first, b.last, b.count, m.Subject))
		m.Header.Set(jetstream.ExpectedStreamHeader, s.o.stream(k.shard))
		s.metrics.bytes.Add(float64(len(m.Data)))
		out = append(out, m)
	}
	for _, r := range records {
		k := key{day: -1}
		// What this edge cannot read it ships nevertheless: a worker may be newer, or will park it where somebody looks.
		if err := rec.Decode(r.Payload); err == nil {
			k = key{rec.Click.Micro() / (86400 * 1e6), s.shard(&rec)}
		}
		b := open[k]
		if b != nil && !b.fits(len(r.Payload)) {
			seal(k, b)
			b = nil
		}
		if b == nil {
			b = &batch{}
			open[k] = b
		}
		b.add(r)
	}
	for k, b := range open {
		seal(k, b)
	}
	return out
}

// shard spreads clicks so that a publisher's clicks on a program meet in one stream: workers then seldom wait for each other at a row of
// the rollups.
func (s *Shipper) shard(r *record.Record) int {
	h := fnv.New32a()
	for _, text := range [...][]byte{r.Program, {0}, r.Publisher} {
		_, _ = h.Write(text) // a hash does not fail
	}
	return int(h.Sum32() % uint32(s.o.Shards))
}

// deliver publishes a message until it is acknowledged, or the context is done: then it returns false.
func (s *Shipper) deliver(ctx context.Context, m *nats.Msg) bool {
	pause := s.o.RetryPause
	for {
		err := s.publish(ctx, m)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			s.metrics.failures.Inc()
			s.note(err)
		}
		if sleep(ctx, pause) != nil {
			return false
		}
		pause = min(2*pause, 2*time.Second)
	}
}

func (s *Shipper) publish(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.AckTimeout)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, m)
	if err != nil {
		return fmt.Errorf("publish %d bytes to %s: %w", len(m.Data), m.Subject, err)
	}
	s.metrics.messages.Inc()
	if ack.Duplicate {
		s.metrics.duplicates.Inc()
	}
	return nil
}

// land waits for flights in their order, and notes how far they have come. After one that is missing something, no other counts.
func (s *Shipper) land(flights <-chan *flight) {
	var (
		missing bool
		unsaved *flight // has landed, with all before it, and the cursor does not say so
		again   <-chan time.Time
	)
	for {
		select {
		case f, ok := <-flights:
			if !ok {
				return
			}
			if !s.early {
				f.messages.Wait()
				missing = missing || f.missing.Load()
			}
			if missing {
				continue
			}
			if unsaved != nil {
				f.records += unsaved.records
				f.skipped += unsaved.skipped
			}
			unsaved = f
		case <-again:
		}
		again = nil
		if err := s.o.Cursor.Save(unsaved.next); err != nil {
			s.note(err) // a restart would ship more than it must, and no harm would be done
			again = time.After(s.o.RetryPause)
			continue
		}
		s.landed(unsaved)
		unsaved = nil
	}
}

func (s *Shipper) landed(f *flight) {
	s.mu.Lock()
	again := s.stats.Err != nil
	s.stats.Position, s.stats.Err = f.next, nil
	s.mu.Unlock()
	s.metrics.records.Add(float64(f.records))
	if again {
		s.o.Logger.Info("clicks are shipped again", "next", f.next.Seq)
	}
	if f.skipped > 0 {
		s.o.Logger.Warn("clicks are missing that an operator gave up", "records", f.skipped, "before", f.next.Seq)
	}
}

func (s *Shipper) note(err error) {
	s.mu.Lock()
	first := s.stats.Err == nil
	s.stats.Err = err
	s.mu.Unlock()
	if first {
		s.o.Logger.Error("clicks stay in the log: they cannot be shipped", "err", err)
	}
}

// Stats returns how far the shipper is. Retention may delete what lies before its position.
func (s *Shipper) Stats() ShipperStats {
	end := s.o.Log.Stats().Synced.Seq
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Behind = end - min(max(st.Position.Seq, 1), end)
	return st
}
