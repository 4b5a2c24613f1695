package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/intake"
)

// keeper keeps rejected calls in memory, or fails.
type keeper struct {
	err   error
	calls []intake.RejectedCall
	times int
}

func (k *keeper) KeepRejected(_ context.Context, calls []intake.RejectedCall) error {
	k.times++
	k.calls = append(k.calls, calls...)
	return k.err
}

func (k *keeper) Rejected(context.Context, string) ([]intake.RejectedCall, error) {
	return k.calls, k.err
}

// I1: what waits to be written is bounded for each key and in all, is written in one go, and is left out where it cannot be written.
func TestI1_RejectedCallsWaitBounded(t *testing.T) {
	k, log := &keeper{}, &bytes.Buffer{}
	l := rejections{kept: k, log: slog.New(slog.NewTextHandler(log, nil))}
	note := func(key string, n int) {
		l.note(key, Rejected{At: time.Unix(int64(n), 0), Path: "/\xff\x00", Errors: make([]ProblemError, 50)})
	}
	for i := range RejectedKept + 20 {
		note("loud", i)
	}
	for i := range rejectedWaiting {
		note(fmt.Sprint("key ", i), i)
	}
	note("loud", 999) // the newest of a key, even where there is no more room
	if k.times != 0 {
		t.Fatal("a call waited for the store")
	}
	l.end()
	note("late", 1)
	l.write()
	loud := 0
	for _, c := range k.calls {
		if c.Path != "/??" || len(c.Errors) != rejectedErrors {
			t.Fatalf("%+v", c)
		}
		if c.Key == "loud" {
			loud++
		}
	}
	if k.times != 1 || len(k.calls) != rejectedWaiting || loud != RejectedKept || l.timer != nil {
		t.Errorf("%d writings of %d calls, %d of the loud key", k.times, len(k.calls), loud)
	}

	broken := rejections{kept: &keeper{err: errors.New("no room")}, log: l.log}
	broken.note("k", Rejected{Errors: make([]ProblemError, 1)})
	broken.end()
	if !strings.Contains(log.String(), "no room") || broken.count != 0 {
		t.Errorf("what could not be written: %s", log)
	}
}
