package people

import (
	"sync"
	"time"
)

// limiter counts attempts by key and lets only so many through in a time. What it knows is of this process and ends with it.
type limiter struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time // when a key's attempts are all forgiven
	swept time.Time
}

// rate lets burst attempts through at once, and one more each interval.
type rate struct {
	burst    int
	interval time.Duration
}

// mostKeys bounds the limiter's memory. Whoever fills it is refused like everybody who is new, until the sweep.
const mostKeys = 200_000

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, until: make(map[string]time.Time)}
}

// take counts an attempt and returns how long to wait where there were too many; an attempt that is refused is not counted.
func (l *limiter) take(key string, r rate) time.Duration {
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
	until = until.Add(r.interval)
	if wait := until.Sub(now) - time.Duration(r.burst)*r.interval; wait > 0 {
		return wait
	}
	l.until[key] = until
	return 0
}

// forgive forgets the attempts of a key.
func (l *limiter) forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.until, key)
}

// The limits. Guesses at one account from networks that its person never signed in from share a limit, so that strangers can neither guess for long
// nor lock the person out where it is at home.
func perAccount() rate    { return rate{20, time.Minute} }      // from strangers' networks together
func perAccountNet() rate { return rate{8, 2 * time.Minute} }   // from one network
func perNetwork() rate    { return rate{60, 20 * time.Second} } // at all accounts together
func perCode() rate       { return rate{5, 5 * time.Minute} }   // second factors of one account
func perMail() rate       { return rate{4, 15 * time.Minute} }  // e-mails that anybody can ask for, to one address
func perForm() rate       { return rate{20, time.Minute} }      // sign-ups and resets from one network

// limit takes an attempt from several limits; the first that is used up refuses.
func (s *Service) limit(all ...limited) error {
	for _, l := range all {
		if wait := s.limits.take(l.key, l.rate); wait > 0 {
			return &LimitError{wait}
		}
	}
	return nil
}

type limited struct {
	key string
	rate
}
