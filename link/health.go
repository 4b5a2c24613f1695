package link

import "time"

// Outcome is what an answer says of an address.
type Outcome int

// The outcomes.
const (
	// Unsure is an answer that says nothing of the page: a server in trouble, a time-out, a refusal to robots.
	Unsure Outcome = iota
	Fine
	Gone
)

// OutcomeOf is what an HTTP status says after redirects; 0 is no answer. Only 404 and 410 say that the page is gone: whoever is down for
// an hour, or keeps robots out, has not taken a page away (L7).
func OutcomeOf(status int) Outcome {
	switch {
	case status == 404, status == 410:
		return Gone
	case status >= 200 && status < 400:
		return Fine
	}
	return Unsure
}

// Health is how an address did when it was looked at.
type Health struct {
	Failures int       // how often it was gone, in a row, at times that lie apart
	FailedAt time.Time // the last of them
}

// HealthRule says when an address is dead (L7).
type HealthRule struct {
	Failures int           // after so many in a row
	Apart    time.Duration // that lie so far apart at least
	Outcome  func(status int) Outcome
}

// Careful is the rule that is used: gone three times, six hours apart.
func Careful() HealthRule { return HealthRule{3, 6 * time.Hour, OutcomeOf} }

// See is the health after an answer. One that says nothing of the page changes nothing; a page that is there is healthy at once.
func (r HealthRule) See(h Health, status int, at time.Time) Health {
	switch r.Outcome(status) {
	case Fine:
		return Health{}
	case Gone:
		if h.Failures == 0 || at.Sub(h.FailedAt) >= r.Apart {
			return Health{h.Failures + 1, at}
		}
	}
	return h
}

// Dead reports whether an address of this health is given up.
func (r HealthRule) Dead(h Health) bool { return h.Failures >= r.Failures }
