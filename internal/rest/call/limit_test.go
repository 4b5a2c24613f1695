package call

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A7: over any stretch of time a key is let in as often as its quota says at most, plus what the full bucket held; it is told the truth
// about what is left and when to come back, and other keys are not touched.
func TestA7_QuotasHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := rapid.IntRange(1, 50).Draw(t, "quota")
		var l limiter
		now := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
		let := make([]time.Time, 0, 200)
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(2*window)/int64(quota)).Draw(t, "pause")))
			a := l.take("k", quota, now)
			if a.wait == 0 {
				let = append(let, now)
				if next := l.full["k"]; a.left < 0 || a.left >= quota || next.Sub(now) > window {
					t.Fatalf("%+v is left of %d", a, quota)
				}
				continue
			}
			before := limiter{full: map[string]time.Time{"k": l.full["k"]}}
			if b := before.take("k", quota, now.Add(a.wait-1)); b.wait == 0 {
				t.Fatal("who comes a nanosecond too early is let in")
			}
			if b := before.take("k", quota, now.Add(a.wait)); b.wait != 0 {
				t.Fatalf("who waits as told has to wait %v more", b.wait)
			}
		}
		for i, from := range let {
			n := 0
			for _, at := range let[i:] {
				if at.Sub(from) < window {
					n++
				}
			}
			if n > 2*quota {
				t.Fatalf("%d calls in a minute under a quota of %d", n, quota)
			}
		}
		if a := l.take("other", quota, now); a.wait != 0 || a.left != quota-1 {
			t.Fatalf("another key has %+v", a)
		}
	})
}
