package stream

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/vfs"
)

// What was parked is looked at, sent again when what was in its way is gone, or dropped for a reason; what cannot be stored again is
// parked again, at once, and never lost on the way.
func TestParkedIsSentAgainOrDropped(t *testing.T) {
	_, nc, js := one(t)
	o := Options{Shards: 2, Replicas: 1}
	store := &memory{have: map[string]bool{}, banned: "4703"}
	c, err := NewConsumer(nc, ConsumerOptions{Options: o, Store: store.Store, Refused: func(err error) bool { return errors.Is(err, errBanned) }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	start(t, c.Run)
	waitFor(t, "the stream", func() bool { _, err := js.Stream(t.Context(), "CLICKS-PARKED"); return err == nil })
	all := append(clicks(t, 300), clicklog.Record{Seq: 301, Payload: []byte("no click")})
	s := shipperOf(t, nc, o, openLog(t, vfs.NewMem(), "log"), cursorIn(t, vfs.NewMem()))
	garbage := nats.NewMsg("clicks.2026-11-21.1")
	garbage.Data = []byte("no batch")
	for _, m := range append(s.messages(all), garbage) {
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	p, err := OpenParking(nc, o)
	if err != nil {
		t.Fatal(err)
	}
	list := func() (clicks, others []*Parked, dropped int) {
		if err := p.Each(t.Context(), func(q *Parked) error {
			switch {
			case q.Dropped != "":
				dropped++
			case q.Click != nil:
				clicks = append(clicks, q)
			default:
				others = append(others, q)
			}
			if q.Reason == "" || q.Source == "" || q.At.IsZero() {
				t.Errorf("%+v says not what is wrong with it", q)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return clicks, others, dropped
	}
	waitFor(t, "everything stored or parked", func() bool { return int(c.Stats().Stored+c.Stats().Parked) == 302 })
	banned, others, _ := list()
	if len(banned) == 0 || len(others) != 2 || store.count()+len(banned) != 300 {
		t.Fatalf("%d clicks and %d others are parked, %d are stored", len(banned), len(others), store.count())
	}

	// Sent again too early it is refused and parked again, also within the two minutes in which NATS takes the same name for a repetition.
	first := banned[0]
	if err := p.Requeue(t.Context(), first.Number); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the click parked again", func() bool {
		again, _, _ := list()
		return len(again) == len(banned) && again[len(again)-1].Number > first.Number
	})
	if err := p.Requeue(t.Context(), first.Number); !errors.Is(err, ErrNotParked) {
		t.Errorf("one that is gone: %v", err)
	}

	// Dropped ones stay to be seen, with the reason, and can be sent again after all.
	gone := banned[1].Number
	if err := p.Drop(t.Context(), gone, " "); err == nil {
		t.Error("dropped without a reason")
	}
	if err := p.Drop(t.Context(), gone, "a test\nof ours"); err != nil {
		t.Fatal(err)
	}
	left, _, dropped := list()
	if dropped != 1 || len(left) != len(banned)-1 {
		t.Fatalf("%d parked and %d dropped after one of %d was dropped", len(left), dropped, len(banned))
	}

	// What was in the way is gone.
	store.mu.Lock()
	store.banned = ""
	store.mu.Unlock()
	var numbers []uint64
	if err := p.Each(t.Context(), func(q *Parked) error {
		if q.Dropped != "" && (q.Dropped != `"a test\nof ours"` || p.Drop(t.Context(), q.Number, "again") == nil) {
			t.Errorf("the dropped one: %+v", q)
		}
		numbers = append(numbers, q.Number)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		if err := p.Requeue(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "all clicks in the store", func() bool { return store.count() == 300 })
	waitFor(t, "what is no click parked again", func() bool {
		clicks, others, dropped := list()
		return len(clicks) == 0 && len(others) == 2 && dropped == 0
	})
	stop := fmt.Errorf("enough")
	if err := p.Each(context.Background(), func(*Parked) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("told on after %v", err)
	}
}

// What is sent again and refused again is parked again, because it has another number then; the red control keeps the old one, which NATS
// takes for a repetition, and the click is nowhere.
func TestParkedAgainIsNoRepetition(t *testing.T) {
	for _, old := range []bool{false, true} {
		_, nc, js := one(t)
		o := Options{Shards: 1, Replicas: 1}
		store := &memory{have: map[string]bool{}, banned: "4703"}
		c, err := NewConsumer(nc, ConsumerOptions{Options: o, Store: store.Store, Refused: func(err error) bool { return errors.Is(err, errBanned) }, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		start(t, c.Run)
		waitFor(t, "the stream", func() bool { _, err := js.Stream(t.Context(), "CLICKS-PARKED"); return err == nil })
		s := shipperOf(t, nc, o, openLog(t, vfs.NewMem(), "log"), cursorIn(t, vfs.NewMem()))
		for _, m := range s.messages(clicks(t, 200)) {
			if _, err := js.PublishMsg(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		waitFor(t, "everything stored or parked", func() bool { return c.Stats().Stored+c.Stats().Parked == 200 })
		p, err := OpenParking(nc, o)
		if err != nil {
			t.Fatal(err)
		}
		p.oldNumber = old
		var numbers []uint64
		count := func() (n int) {
			if err := p.Each(t.Context(), func(q *Parked) error {
				n++
				numbers = append(numbers, q.Number)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before, told := count(), c.Stats().Parked
		if err := p.Requeue(t.Context(), numbers[0]); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "it was refused again", func() bool { return c.Stats().Parked > told })
		if lost := before - count(); lost != 0 && !old || lost != 1 && old {
			t.Errorf("red control=%v: %d clicks are neither parked nor stored", old, lost)
		}
	}
}
