package call

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// DefaultCalls is how many calls a key may make in a minute where its own record does not say.
const DefaultCalls = 6000

// window is the time that a quota is for.
const window = time.Minute

// limiter holds each key to its quota: a bucket of so many calls, which fills up again evenly within the window.
type limiter struct {
	mu sync.Mutex
	// full says when the bucket of a key will be full again; a time in the past is a full one.
	full map[string]time.Time
}

// allowance is what a key has left.
type allowance struct {
	quota, left int
	full        time.Duration // until the bucket is full
	wait        time.Duration // until the next call is let in; 0: it is
}

// take takes a call out of a key's bucket at a time.
func (l *limiter) take(key string, quota int, now time.Time) allowance {
	l.mu.Lock()
	defer l.mu.Unlock()
	each := window / time.Duration(quota)
	full := l.full[key]
	if full.Before(now) || full.Sub(now) > window { // it filled up, or the clock was set back
		full = now
	}
	if over := full.Add(each).Sub(now) - window; over > 0 {
		return allowance{quota: quota, full: full.Sub(now), wait: over}
	}
	full = full.Add(each)
	if l.full == nil {
		l.full = make(map[string]time.Time)
	}
	l.full[key] = full
	return allowance{quota: quota, left: int((window - full.Sub(now)) / each), full: full.Sub(now)}
}

// tell writes an allowance into the headers of an answer, as draft-ietf-httpapi-ratelimit-headers names them.
func (a allowance) tell(h http.Header) {
	h.Set("RateLimit-Policy", fmt.Sprintf(`"calls";q=%d;w=%d`, a.quota, int(window.Seconds())))
	h.Set("RateLimit", fmt.Sprintf(`"calls";r=%d;t=%d`, a.left, seconds(a.full)))
	if a.wait > 0 {
		h.Set("Retry-After", fmt.Sprint(seconds(a.wait)))
	}
}

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
