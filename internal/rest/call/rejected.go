package call

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/app/intake"
)

// RejectedKept is how many rejected calls are kept of each key; rejectedText bounds the texts of one.
const RejectedKept, rejectedText, rejectedErrors = intake.RejectedKept, 500, 10

// Rejected is a call that was not done, or not in full.
type Rejected struct {
	At        time.Time      `json:"at"`
	Operation string         `json:"operation"`
	Path      string         `json:"path"`
	Status    int            `json:"status"`
	Type      string         `json:"type,omitempty" format:"uri" doc:"The type of the problem; none where single events of a call were refused."`
	Errors    []ProblemError `json:"errors" nullable:"false" doc:"What was wrong, the first ten."`
	Refused   int            `json:"refused,omitempty" doc:"How many events of the call were refused."`
}

// RejectedCalls keep the newest rejected calls of each key.
type RejectedCalls interface {
	KeepRejected(ctx context.Context, calls []intake.RejectedCall) error
	// Rejected returns those of a key, the newest first.
	Rejected(ctx context.Context, key string) ([]intake.RejectedCall, error)
}

// rejectedEvery is how long a rejected call waits to be written, so that many of them make one transaction; rejectedWaiting is how many
// wait at the most, and rejectedWriting how long writing them may take.
const rejectedEvery, rejectedWaiting, rejectedWriting = time.Second, 2000, 10 * time.Second

// rejections write rejected calls after they were answered, many in a transaction of their own. They are for whoever builds against the
// API, not for the books: what cannot be written is logged and left out, and no call waits for it. Only known keys have any.
type rejections struct {
	kept RejectedCalls
	log  *slog.Logger

	writing sync.Mutex // over one transaction at a time

	mu      sync.Mutex
	waiting map[string][]intake.RejectedCall // by key, the oldest first
	count   int                              // of those that wait
	timer   *time.Timer                      // runs when something waits
	ended   bool
}

func (l *rejections) note(key string, r Rejected) {
	c := intake.RejectedCall{Key: key, At: r.At, Operation: r.Operation, Path: shorten(r.Path), Status: r.Status, Type: r.Type, Refused: r.Refused}
	for _, e := range r.Errors[:min(len(r.Errors), rejectedErrors)] {
		c.Errors = append(c.Errors, intake.CallError{Line: e.Line, Field: shorten(e.Field), Reason: shorten(e.Reason), Fix: shorten(e.Fix)})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.waiting[key]
	switch {
	case l.ended:
		return
	case len(all) == RejectedKept:
		all = slices.Delete(all, 0, 1)
	case l.count == rejectedWaiting:
		return
	default:
		l.count++
	}
	if l.waiting == nil {
		l.waiting = make(map[string][]intake.RejectedCall)
	}
	l.waiting[key] = append(all, c)
	if l.timer == nil {
		l.timer = time.AfterFunc(rejectedEvery, l.write)
	}
}

// write writes what waits.
func (l *rejections) write() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	waiting := l.waiting
	if l.timer != nil {
		l.timer.Stop()
	}
	l.waiting, l.count, l.timer = nil, 0, nil
	l.mu.Unlock()
	if len(waiting) == 0 {
		return
	}
	var calls []intake.RejectedCall
	for _, key := range slices.Sorted(maps.Keys(waiting)) {
		calls = append(calls, waiting[key]...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), rejectedWriting) // no call's: it was answered
	defer cancel()
	if err := l.kept.KeepRejected(ctx, calls); err != nil {
		l.log.Warn("rejected calls are not kept", "calls", len(calls), "error", err)
	}
}

// end writes what waits and takes in no more.
func (l *rejections) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.write()
}

// shorten bounds a text, and takes out what no database keeps.
func shorten(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	if len(s) <= rejectedText {
		return s
	}
	cut := rejectedText
	for cut > 0 && s[cut]&0xc0 == 0x80 { // not inside a character
		cut--
	}
	return s[:cut] + "..."
}

// Rejected are the calls of a key that were rejected, the newest first. Those that wait are written before, so a caller finds what it was
// answered just now.
func (a *API) Rejected(ctx context.Context, key string) ([]Rejected, error) {
	a.rejected.write()
	kept, err := a.rejected.kept.Rejected(ctx, key)
	if err != nil {
		return nil, err
	}
	all := make([]Rejected, 0, len(kept))
	for _, c := range kept {
		r := Rejected{At: c.At, Operation: c.Operation, Path: c.Path, Status: c.Status, Type: c.Type, Refused: c.Refused, Errors: []ProblemError{}}
		for _, e := range c.Errors {
			r.Errors = append(r.Errors, ProblemError{Line: e.Line, Field: e.Field, Reason: e.Reason, Fix: e.Fix})
		}
		all = append(all, r)
	}
	return all, nil
}

// Close writes what is still to be noted of calls. No call may be answered any more.
func (a *API) Close() { a.rejected.end() }
