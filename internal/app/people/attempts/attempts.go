// Package attempts counts attempts and lets only so many through in a time.
package attempts

import (
	"sync"
	"time"
)

// Limiter counts attempts by key. What it knows is of this process and ends with it.
type Limiter struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time // when a key's attempts are all forgiven
	swept time.Time
}

// Rate lets burst attempts through at once, and one more each interval.
type Rate struct {
	Burst    int
	Interval time.Duration
}

// mostKeys bounds the limiter's memory. Whoever fills it is refused like everybody who is new, until the sweep.
const mostKeys = 200_000

// New returns a limiter that has counted nothing.
func New(now func() time.Time) *Limiter {
	return &Limiter{now: now, until: make(map[string]time.Time)}
}

// Take counts an attempt and returns how long to wait where there were too many; an attempt that is refused is not counted.
func (l *Limiter) Take(key string, r Rate) time.Duration {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.until) >= mostKeys || now.Sub(l.swept) > 10*time.Minute {
		for k, t := range l.until {
			if !t.After(now) {
				delete(l.until, k)
			}
		}
		l.swept = now
	}
	until, known := l.until[key]
	if !known && len(l.until) >= mostKeys {
		return time.Minute
	}
	if until.Before(now) {
		until = now
	}
	until = until.Add(r.Interval)
	if wait := until.Sub(now) - time.Duration(r.Burst)*r.Interval; wait > 0 {
		return wait
	}
	l.until[key] = until
	return 0
}

// Forgive forgets the attempts of a key.
func (l *Limiter) Forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.until, key)
}
