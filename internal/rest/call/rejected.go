package call

import (
	"slices"
	"sync"
	"time"
)

// RejectedKept is how many rejected calls are kept of each key; rejectedText bounds the texts of one.
const RejectedKept, rejectedText, rejectedErrors = 100, 500, 10

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

// rejections are the newest rejected calls of each key. They are in memory: they are for whoever builds against the API, not for the
// books. Only known keys have any, so their number is bounded.
type rejections struct {
	mu    sync.Mutex
	byKey map[string][]Rejected // the oldest first
}

func (l *rejections) note(key string, r Rejected) {
	r.Path = shorten(r.Path)
	r.Errors = slices.Clone(r.Errors[:min(len(r.Errors), rejectedErrors)])
	for i := range r.Errors {
		e := &r.Errors[i]
		e.Field, e.Reason, e.Fix = shorten(e.Field), shorten(e.Reason), shorten(e.Fix)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = make(map[string][]Rejected)
	}
	all := append(l.byKey[key], r)
	if len(all) > RejectedKept {
		all = slices.Delete(all, 0, len(all)-RejectedKept)
	}
	l.byKey[key] = all
}

// of returns a key's rejected calls, the newest first.
func (l *rejections) of(key string) []Rejected {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Clone(l.byKey[key])
	slices.Reverse(all)
	return all
}

func shorten(s string) string {
	if len(s) <= rejectedText {
		return s
	}
	cut := rejectedText
	for cut > 0 && s[cut]&0xc0 == 0x80 { // not inside a character
		cut--
	}
	return s[:cut] + "..."
}

// Rejected are the calls of a key that were rejected, the newest first.
func (a *API) Rejected(key string) []Rejected { return a.rejected.of(key) }
