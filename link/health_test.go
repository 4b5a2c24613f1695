package link

import (
	"testing"
	"time"
)

// see lets a rule see statuses, each some time after the one before.
func see(r HealthRule, apart time.Duration, statuses ...int) bool {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var h Health
	for _, s := range statuses {
		at = at.Add(apart)
		h = r.See(h, s, at)
	}
	return r.Dead(h)
}

// L7: a target is dead after it was gone three times at times that lie apart; a server in trouble is no proof.
func TestL7_WhenATargetIsDead(t *testing.T) {
	for _, c := range []struct {
		apart    time.Duration
		statuses []int
		dead     bool
	}{
		{6 * time.Hour, []int{404, 404, 404}, true}, {6 * time.Hour, []int{410, 404, 410}, true}, {6 * time.Hour, []int{404, 404}, false},
		{6 * time.Hour, []int{404, 200, 404, 404}, false}, {6 * time.Hour, []int{404, 503, 404, 0, 404}, true}, {time.Hour, []int{404, 404, 404, 404}, false},
		{time.Hour, []int{404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404}, true}, {6 * time.Hour, []int{404, 404, 404, 301}, false},
	} {
		if got := see(Careful(), c.apart, c.statuses...); got != c.dead {
			t.Errorf("%v every %v: dead is %v", c.statuses, c.apart, got)
		}
	}
	trouble := []int{500, 502, 503, 504, 429, 403, 401, 0, 408, 451, 500, 503}
	if see(Careful(), 24*time.Hour, trouble...) {
		t.Error("a server in trouble kills links")
	}
	// A red control: a rule that takes every error for the end of the page is noticed.
	wrong := Careful()
	wrong.Outcome = func(status int) Outcome {
		if status >= 200 && status < 400 {
			return Fine
		}
		return Gone
	}
	if !see(wrong, 24*time.Hour, trouble...) {
		t.Error("the check would not notice a rule that kills links when a server is in trouble")
	}
}
