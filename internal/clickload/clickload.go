// Package clickload takes the clicks that edges logged into the store: the road from internal/clicklog to internal/app/settle.
package clickload

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// Sink is a clicklog.Sink over the settling service: clicks, what was seen of them, the orders that waited for them, and the
// log's position are committed together.
type Sink struct{ Settle *settle.Service }

// Position implements clicklog.Sink.
func (s Sink) Position(ctx context.Context, log clicklog.ID) (clicklog.Position, error) {
	text, err := s.Settle.Position(ctx, log.String())
	if err != nil {
		return clicklog.Position{}, err
	}
	return clicklog.ParsePosition(text)
}

// Load implements clicklog.Sink.
func (s Sink) Load(ctx context.Context, batch []clicklog.Record, next clicklog.Position) error {
	payloads := make([][]byte, len(batch))
	for i := range batch {
		payloads[i] = batch[i].Payload
	}
	b, err := decode(payloads)
	if err != nil {
		return err
	}
	b.Log, b.Position = next.Log.String(), next.String()
	return s.Settle.Load(ctx, b)
}

// Store keeps the clicks of records whose position the sender keeps. The same records may come again: each click is taken in once.
func (s Sink) Store(ctx context.Context, records [][]byte) error {
	b, err := decode(records)
	if err != nil {
		return err
	}
	return s.Settle.Load(ctx, b)
}

// Refused reports whether Store fails because of the records themselves, so that doing it again does not help: they cannot be read, or
// contradict what is there.
func Refused(err error) bool {
	return errors.Is(err, record.ErrFormat) || errors.Is(err, store.ErrInvalid) || errors.Is(err, store.ErrConflict)
}

func decode(records [][]byte) (b settle.Logged, err error) {
	b.Clicks, b.Visits = make([]*click.Click, len(records)), make([]store.Visit, len(records))
	var r record.Record
	for i, data := range records {
		if err := r.Decode(data); err != nil {
			return b, fmt.Errorf("reading a click record: %w", err)
		}
		b.Clicks[i] = r.Touch()
		b.Visits[i] = visit(&r)
	}
	return b, nil
}

// visit is what the edge saw beside what attribution looks at.
func visit(r *record.Record) store.Visit {
	v := store.Visit{
		Program: program.ID(r.Program), Click: r.Click.String(), At: r.Click.Time(), Publisher: string(r.Publisher), Link: int64(r.Link),
		Reason: r.Reason.String(), Flags: int(r.Flags), Repeat: int(r.Repeat), Consent: r.Consent.String(), Device: r.Device.String(),
		Agent: string(r.Agent), OS: string(r.OS), UserAgent: string(r.UserAgent), Referrer: string(r.Referrer),
	}
	if r.Country != [2]byte{} {
		v.Country = string(r.Country[:])
	}
	if r.Network.IsValid() {
		v.Network = r.Network.String()
	}
	return v
}
