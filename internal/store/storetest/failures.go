package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// Failures runs the check and returns what it finds wrong, without failing t: for red controls, which show that the check
// can fail.
func (c Check) Failures(t testing.TB, open Opener) []string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() { // a check that gives up ends its goroutine
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.note(fmt.Sprintf("panic: %v", p))
			}
		}()
		c.Run(r, open)
	}()
	<-done
	return r.failures
}

// recorder takes failures down.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) note(failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, failure)
}

func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
