package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/record"
)

// Headers of parked messages.
const (
	sourceHeader  = "Clickledger-Source"
	reasonHeader  = "Clickledger-Reason"
	droppedHeader = "Clickledger-Dropped" // why an operator gave it up
)

// Parking is what workers put aside because it could not be stored. It waits for a person, who sends it to the workers once more or
// drops it for a reason.
type Parking struct {
	js jetstream.JetStream
	o  Options

	oldNumber bool // red control of the tests: what is sent again keeps the number that it had
}

// OpenParking returns the parking of the streams that options name.
func OpenParking(nc *nats.Conn, o Options) (*Parking, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("parked clicks: %w", err)
	}
	return &Parking{js: js, o: o}, nil
}

// Parked is a message that was put aside.
type Parked struct {
	Number  uint64 // names it
	At      time.Time
	Shard   int
	Source  string // the record, or the message that held it
	Reason  string // as text in quotes, without control characters
	Dropped string // why it was given up, likewise; empty: it was not
	Data    []byte

	// Click is what it holds, where that can be read; nil: it is no click, or one of a version that is not known here.
	Click *record.Record
}

// ErrNotParked says that there is no such message.
var ErrNotParked = errors.New("no such message is parked; it may have been sent to the workers or dropped before")

// anyParked are the subjects of all parked messages, droppedSubject is where those are that were given up.
func (o *Options) anyParked() string      { return o.Name + "-parked.*" }
func (o *Options) parkedIn(s int) string  { return fmt.Sprintf("%s-parked.%d", o.Name, s) }
func (o *Options) droppedSubject() string { return o.Name + "-parked.dropped" }

// Each tells each parked message, from the oldest on, those that were dropped included.
func (p *Parking) Each(ctx context.Context, tell func(*Parked) error) error {
	s, err := p.js.Stream(ctx, p.o.parked())
	if err != nil {
		return fmt.Errorf("parked clicks: stream %s: %w", p.o.parked(), err)
	}
	for from := uint64(1); ; {
		m, err := s.GetMsg(ctx, from, jetstream.WithGetMsgSubject(p.o.anyParked()))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("parked clicks: %w", err)
		}
		if err := tell(parkedOf(m)); err != nil {
			return err
		}
		from = m.Sequence + 1
	}
}

func parkedOf(m *jetstream.RawStreamMsg) *Parked {
	q := &Parked{Number: m.Sequence, At: m.Time, Source: m.Header.Get(sourceHeader), Reason: m.Header.Get(reasonHeader), Dropped: m.Header.Get(droppedHeader), Data: m.Data}
	if shard, err := strconv.Atoi(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]); err == nil {
		q.Shard = shard
	} else {
		q.Shard, _ = strconv.Atoi(m.Header.Get(shardHeader)) // of a dropped one; without it the first shard is as good
	}
	var r record.Record
	if r.Decode(m.Data) == nil {
		q.Click = &r
	}
	return q
}

// shardHeader is where a dropped message was parked.
const shardHeader = "Clickledger-Shard"

func (p *Parking) get(ctx context.Context, number uint64) (jetstream.Stream, *jetstream.RawStreamMsg, error) {
	s, err := p.js.Stream(ctx, p.o.parked())
	if err != nil {
		return nil, nil, fmt.Errorf("stream %s: %w", p.o.parked(), err)
	}
	m, err := s.GetMsg(ctx, number)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		err = fmt.Errorf("%d: %w", number, ErrNotParked)
	}
	return s, m, err
}

// requeued is added to the number of a parked message; the sum is the record's number when it comes to the workers again. It is another
// one than it had: were it parked under the same name again, NATS would take that for a repetition and keep nothing.
const requeued = 1 << 62

// Requeue sends a message to the workers once more, and takes it out of the parking when NATS has it. What cannot be stored this time
// either is parked anew.
func (p *Parking) Requeue(ctx context.Context, number uint64) error {
	s, m, err := p.get(ctx, number)
	if err != nil {
		return fmt.Errorf("send again: %w", err)
	}
	q := parkedOf(m)
	day, data := "unreadable", m.Data
	// What a worker parked as a whole is a message that it could not read, and goes as it is: a newer worker may read it.
	if strings.HasPrefix(q.Source, recordSource) {
		enc, err := newEncoder()
		if err != nil {
			return fmt.Errorf("send again: %w", err)
		}
		var b batch
		seq := requeued + number
		if p.oldNumber {
			_, _ = fmt.Sscanf(q.Source, recordSource+"%d", &seq)
		}
		b.add(clicklog.Record{Seq: seq, Payload: m.Data})
		data = b.encode(enc, clicklog.ID{})
		if q.Click != nil {
			day = q.Click.Click.Time().UTC().Format(time.DateOnly)
		}
	}
	again := nats.NewMsg(p.o.subject(day, q.Shard))
	again.Data = data
	again.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("requeued-%d", number))
	if _, err := p.js.PublishMsg(ctx, again, jetstream.WithExpectStream(p.o.stream(q.Shard))); err != nil {
		return fmt.Errorf("send again: %w", err)
	}
	if err := s.DeleteMsg(ctx, number); err != nil {
		return fmt.Errorf("%d was sent to the workers, and is parked still; to send it twice does no harm: %w", number, err)
	}
	return nil
}

// Drop gives a message up. It is kept beside the parked ones with the reason, and can still be sent again; nobody is asked about it any more.
func (p *Parking) Drop(ctx context.Context, number uint64, why string) error {
	s, m, err := p.get(ctx, number)
	if err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	q := parkedOf(m)
	switch {
	case q.Dropped != "":
		return fmt.Errorf("drop: %d was dropped before: %s", number, q.Dropped)
	case strings.TrimSpace(why) == "":
		return errors.New("drop: say why; somebody will ask")
	}
	kept := nats.NewMsg(p.o.droppedSubject())
	kept.Data, kept.Header = m.Data, m.Header
	kept.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("dropped-%d", number))
	kept.Header.Set(droppedHeader, strconv.QuoteToASCII(why))
	kept.Header.Set(shardHeader, strconv.Itoa(q.Shard))
	if _, err := p.js.PublishMsg(ctx, kept, jetstream.WithExpectStream(p.o.parked())); err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	if err := s.DeleteMsg(ctx, number); err != nil {
		return fmt.Errorf("%d is noted as dropped and parked still; drop it again: %w", number, err)
	}
	return nil
}
