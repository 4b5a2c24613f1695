package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/record"
)

// ConsumerOptions are the settings of a consumer. Zero means the default, but for Store and Now, which are required.
type ConsumerOptions struct {
	Options
	// Store commits records, as internal/edge/record has them, and returns nil: all of them or none. It is given records again, in other
	// company and even twice in one batch, and must enter each click once, by its ID. When it returns an error it may have committed or
	// not. It is called by several goroutines at once.
	Store func(ctx context.Context, records [][]byte) error
	// Refused reports whether an error of Store is the records' own fault, so that no repetition helps: the record that is to
	// blame is looked for and parked, the others are stored. Default: no error is.
	Refused func(error) bool
	// Work are the shards that this worker takes part in. Default all. Any number of workers share a shard.
	Work []int
	// Messages is how many messages one Store is given at most. Default 8.
	Messages int
	// StoreTimeout is how long Store may take. Default 20 s. AckWait is when a message that nobody acknowledged is given to another
	// worker. Default 30 s.
	StoreTimeout, AckWait time.Duration
	// RetryPause is how long a worker waits after a Store that failed; it doubles up to 5 s. Default 100 ms.
	RetryPause time.Duration
	// PollEvery is how often the lag is asked for. Default 10 s.
	PollEvery time.Duration
	// Now is the clock.
	Now func() time.Time
	// Logger hears when storing stops working, when it works again, and of each parked message. Default nobody.
	Logger *slog.Logger
	// Metrics is where the consumer's metrics are registered. Default nowhere.
	Metrics prometheus.Registerer
}

// durable is the name that all workers share on a stream: together they get each message once, and again if nobody acknowledged it.
const durable = "workers"

// Consumer takes batches of records from the streams into a store. It acknowledges a message after the store's commit and not before.
type Consumer struct {
	js      jetstream.JetStream
	o       ConsumerOptions
	dec     *zstd.Decoder
	metrics *consumerMetrics

	mu    sync.Mutex
	stats ConsumerStats

	early bool // red control of the tests: acknowledged before the commit
}

// ConsumerStats is how a consumer fares.
type ConsumerStats struct {
	Stored uint64 // records that Store took, with those that it had before
	Parked uint64 // records and messages that were put aside. Any is an alarm
	Err    error  // what the last attempt returned; nil if all is well
}

// NewConsumer returns a consumer. Nothing happens before Run.
func NewConsumer(nc *nats.Conn, o ConsumerOptions) (*Consumer, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if o.Store == nil || o.Now == nil {
		return nil, errors.New("consumer: it needs a store and a clock")
	}
	if o.Refused == nil {
		o.Refused = func(error) bool { return false }
	}
	if o.Work == nil {
		for shard := range o.Shards {
			o.Work = append(o.Work, shard)
		}
	}
	o.Messages = cmp.Or(o.Messages, 8)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, 20*time.Second)
	o.AckWait = cmp.Or(o.AckWait, 30*time.Second)
	o.RetryPause = cmp.Or(o.RetryPause, 100*time.Millisecond)
	o.PollEvery = cmp.Or(o.PollEvery, 10*time.Second)
	o.Logger = orDiscard(o.Logger)
	switch {
	case slices.ContainsFunc(o.Work, func(shard int) bool { return shard < 0 || shard >= o.Shards }):
		return nil, fmt.Errorf("consumer: works on shards %v: there are 0 to %d", o.Work, o.Shards-1)
	case o.Messages < 1 || o.Messages > 1000:
		return nil, fmt.Errorf("consumer: %d messages at once: 1 to 1,000", o.Messages)
	case o.StoreTimeout <= 0 || o.AckWait <= o.StoreTimeout || o.RetryPause < 0 || o.PollEvery < 0:
		return nil, fmt.Errorf("consumer: a message is given to another worker after %v, which must be longer than the %v that a store may take", o.AckWait, o.StoreTimeout)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	dec, err := newDecoder()
	if err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	c := &Consumer{js: js, o: o, dec: dec}
	if c.metrics, err = newConsumerMetrics(o.Metrics, c); err != nil {
		return nil, err
	}
	return c, nil
}

// Run sets the streams up and consumes until the context is done, which is no error. NATS and the store may come and go. It returns an
// error when a server was found that acknowledges before it syncs.
func (c *Consumer) Run(ctx context.Context) error {
	if err := c.o.checkSync(ctx, c.o.Logger); err != nil {
		return fmt.Errorf("consume clicks: %w", err)
	}
	if !c.until(ctx, func(ctx context.Context) error { return c.o.setUp(ctx, c.js) }) {
		return nil
	}
	var all sync.WaitGroup
	for _, shard := range c.o.Work {
		all.Go(func() { c.work(ctx, shard) })
		all.Go(func() { c.watch(ctx, shard) })
	}
	all.Wait()
	return nil
}

// until tries something until it works. It returns false if the context was done before.
func (c *Consumer) until(ctx context.Context, f func(context.Context) error) bool {
	pause := c.o.RetryPause
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, c.o.StoreTimeout)
		err := f(once)
		cancel()
		if err == nil {
			return true
		}
		c.failed(ctx, err)
		if sleep(ctx, pause) != nil {
			break
		}
		pause = min(2*pause, 5*time.Second)
	}
	return false
}

// bind returns the workers' durable consumer of a shard, which is made if need be.
func (c *Consumer) bind(ctx context.Context, shard int) (jetstream.Consumer, error) {
	cons, err := c.js.CreateOrUpdateConsumer(ctx, c.o.stream(shard), jetstream.ConsumerConfig{
		Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.o.AckWait, MaxDeliver: -1, DeliverPolicy: jetstream.DeliverAllPolicy,
		MaxAckPending: 1000, Description: "workers that store clicks",
	})
	if err != nil {
		return nil, fmt.Errorf("take part in stream %s: %w", c.o.stream(shard), err)
	}
	return cons, nil
}

// work stores a shard's messages until the context is done.
func (c *Consumer) work(ctx context.Context, shard int) {
	pause := c.o.RetryPause
	for ctx.Err() == nil {
		var cons jetstream.Consumer
		if !c.until(ctx, func(ctx context.Context) (err error) { cons, err = c.bind(ctx, shard); return err }) {
			return
		}
		for ctx.Err() == nil {
			msgs, err := fetch(ctx, cons, c.o.Messages)
			if err == nil && len(msgs) > 0 {
				err = c.take(ctx, shard, msgs)
			}
			if err != nil {
				c.failed(ctx, err)
				_ = sleep(ctx, pause) // the loop sees the context
				pause = min(2*pause, 5*time.Second)
				break
			}
			if len(msgs) > 0 {
				pause = c.o.RetryPause
				c.works()
			}
		}
	}
}

// fetch returns what there is, or waits a while for one message.
func fetch(ctx context.Context, cons jetstream.Consumer, n int) ([]jetstream.Msg, error) {
	msgs, err := gather(cons.FetchNoWait(n))
	if err != nil || len(msgs) > 0 {
		return msgs, err
	}
	wait, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return gather(cons.Fetch(1, jetstream.FetchContext(wait), jetstream.FetchHeartbeat(time.Second)))
}

func gather(got jetstream.MessageBatch, err error) ([]jetstream.Msg, error) {
	if err != nil {
		return nil, fmt.Errorf("fetch messages: %w", err)
	}
	var msgs []jetstream.Msg
	for m := range got.Messages() {
		msgs = append(msgs, m)
	}
	if err := got.Error(); err != nil && len(msgs) == 0 && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("fetch messages: %w", err)
	}
	return msgs, nil
}

// take stores messages and acknowledges them, or gives them back.
func (c *Consumer) take(ctx context.Context, shard int, msgs []jetstream.Msg) error {
	if c.early {
		for _, m := range msgs {
			_ = m.Ack()
		}
	}
	err := c.store(ctx, shard, msgs)
	if err != nil {
		// Somebody shall have them soon, and not only after AckWait. If this is lost, AckWait it is.
		for _, m := range msgs {
			_ = m.NakWithDelay(c.o.RetryPause)
		}
		return err
	}
	for _, m := range msgs {
		if err := m.Ack(); err != nil {
			return fmt.Errorf("acknowledge messages that are stored: %w", err) // they come again, and do no harm
		}
	}
	return nil
}

func (c *Consumer) store(ctx context.Context, shard int, msgs []jetstream.Msg) error {
	var (
		all    []clicklog.Record
		rec    record.Record
		oldest = c.o.Now()
	)
	for _, m := range msgs {
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read a message's number: %w", err)
		}
		if meta.NumDelivered > 1 {
			c.metrics.redelivered.Inc()
		}
		if meta.Timestamp.Before(oldest) {
			oldest = meta.Timestamp
		}
		source := fmt.Sprintf("%s/%d", meta.Stream, meta.Sequence.Stream)
		records, err := decode(c.dec, m.Data(), nil)
		if err != nil {
			if err := c.park(ctx, shard, source, m.Data(), err); err != nil {
				return err
			}
			continue
		}
		for _, r := range records {
			if err := rec.Decode(r.Payload); err != nil {
				if err := c.parkRecord(ctx, shard, r, err); err != nil {
					return err
				}
				continue
			}
			all = append(all, r)
		}
	}
	if err := c.commit(ctx, shard, all); err != nil {
		return err
	}
	c.metrics.delay.Observe(c.o.Now().Sub(oldest).Seconds())
	return nil
}

// commit stores records. Those that the store refuses for their own sake are found by halving, and parked.
func (c *Consumer) commit(ctx context.Context, shard int, records []clicklog.Record) error {
	if len(records) == 0 {
		return nil
	}
	payloads := make([][]byte, len(records))
	for i, r := range records {
		payloads[i] = r.Payload
	}
	once, cancel := context.WithTimeout(ctx, c.o.StoreTimeout)
	err := c.o.Store(once, payloads)
	cancel()
	switch {
	case err == nil:
		c.mu.Lock()
		c.stats.Stored += uint64(len(records))
		c.mu.Unlock()
		c.metrics.records.Add(float64(len(records)))
		return nil
	case !c.o.Refused(err):
		return fmt.Errorf("store %d clicks: %w", len(records), err)
	case len(records) == 1:
		return c.parkRecord(ctx, shard, records[0], err)
	}
	half := len(records) / 2
	if err := c.commit(ctx, shard, records[:half]); err != nil {
		return err
	}
	return c.commit(ctx, shard, records[half:])
}

func (c *Consumer) parkRecord(ctx context.Context, shard int, r clicklog.Record, why error) error {
	return c.park(ctx, shard, fmt.Sprintf(recordSource+"%d-%08x", r.Seq, checksum(r.Payload)), r.Payload, why)
}

// recordSource begins the source of a parked record; of a message it is the stream and the number there.
const recordSource = "record-"

// park puts bytes that nobody can store where a person finds them. The same bytes are parked once for as long as duplicates are known.
func (c *Consumer) park(ctx context.Context, shard int, source string, data []byte, why error) error {
	m := nats.NewMsg(c.o.parkedIn(shard))
	m.Data = data
	m.Header.Set(jetstream.MsgIDHeader, source)
	m.Header.Set(sourceHeader, source)
	m.Header.Set(reasonHeader, strconv.QuoteToASCII(why.Error()))
	once, cancel := context.WithTimeout(ctx, c.o.StoreTimeout)
	defer cancel()
	if _, err := c.js.PublishMsg(once, m, jetstream.WithExpectStream(c.o.parked())); err != nil {
		return fmt.Errorf("park %s, which cannot be stored: %w", source, err)
	}
	c.mu.Lock()
	c.stats.Parked++
	c.mu.Unlock()
	c.metrics.parked.Inc()
	c.o.Logger.Error("clicks were parked: they cannot be stored", "source", source, "stream", c.o.parked(), "bytes", len(data), "err", why)
	return nil
}

// watch asks for a shard's lag, until the context is done.
func (c *Consumer) watch(ctx context.Context, shard int) {
	name := strconv.Itoa(shard)
	var floor uint64 // all up to here had been stored when it was asked last
	for first := true; sleep(ctx, c.o.PollEvery) == nil; first = false {
		once, cancel := context.WithTimeout(ctx, c.o.StoreTimeout)
		oldest, done, pending, err := c.lag(once, shard)
		cancel()
		if err != nil {
			continue // the work has the same error, and says it
		}
		c.metrics.pending.WithLabelValues(name).Set(float64(pending))
		if !first && oldest > floor+1 {
			c.metrics.expired.Add(float64(oldest - floor - 1))
			c.o.Logger.Error("clicks went by age before they were known to be stored: ship them again from the edges", "stream", c.o.stream(shard), "from", floor+1, "to", oldest-1)
		}
		floor = max(done, oldest-min(oldest, 1))
	}
}

// lag returns the number of the oldest message that a shard's stream still has, up to which number all is acknowledged, and how many
// messages are not.
func (c *Consumer) lag(ctx context.Context, shard int) (oldest, done, pending uint64, err error) {
	s, err := c.js.Stream(ctx, c.o.stream(shard))
	if err != nil {
		return 0, 0, 0, err
	}
	cons, err := s.Consumer(ctx, durable)
	if err != nil {
		return 0, 0, 0, err
	}
	i := cons.CachedInfo()
	return s.CachedInfo().State.FirstSeq, i.AckFloor.Stream, i.NumPending + uint64(i.NumAckPending), nil
}

func (c *Consumer) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // we are to stop
	}
	c.metrics.failures.Inc()
	c.mu.Lock()
	first := c.stats.Err == nil
	c.stats.Err = err
	c.mu.Unlock()
	if first {
		c.o.Logger.Error("clicks stay in the stream: they cannot be stored", "err", err)
	}
}

func (c *Consumer) works() {
	c.mu.Lock()
	again := c.stats.Err != nil
	c.stats.Err = nil
	c.mu.Unlock()
	if again {
		c.o.Logger.Info("clicks are stored again")
	}
}

// Stats returns how the consumer fares.
func (c *Consumer) Stats() ConsumerStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}
