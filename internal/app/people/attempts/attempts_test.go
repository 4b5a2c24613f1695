package attempts

import (
	"testing"
	"time"
)

func TestLimiterForgives(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := New(func() time.Time { return now })
	r := Rate{3, time.Minute}
	for i := range 3 {
		if wait := l.Take("k", r); wait != 0 {
			t.Fatalf("attempt %d waits %v", i, wait)
		}
	}
	if wait := l.Take("k", r); wait != time.Minute {
		t.Errorf("the fourth attempt waits %v, want a minute", wait)
	}
	if wait := l.Take("other", r); wait != 0 {
		t.Errorf("another key waits %v", wait)
	}
	now = now.Add(time.Minute)
	if a, b := l.Take("k", r), l.Take("k", r); a != 0 || b == 0 {
		t.Errorf("a minute later two attempts wait %v and %v", a, b)
	}
	now = now.Add(time.Hour)
	l.Take("k", r)
	if len(l.until) != 1 {
		t.Errorf("%d keys are remembered after an hour", len(l.until))
	}
}
