package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
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
		now := march
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

// A7: the headers say the quota, and a call too many is answered with 429 and when to come back.
func TestA7_TooManyCalls(t *testing.T) {
	c := newCounted(t)
	send := func() *http.Response {
		res, err := http.DefaultClient.Do(c.request("slow", "GET", "/v1/proof", ""))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	for left := 2; left >= 0; left-- {
		res := send()
		if res.StatusCode != 200 || res.Header.Get("RateLimit") != fmt.Sprintf(`"calls";r=%d;t=%d`, left, (3-left)*20) || res.Header.Get("RateLimit-Policy") != `"calls";q=3;w=60` {
			t.Errorf("%d left: %d %v", left, res.StatusCode, res.Header)
		}
	}
	if res := send(); res.StatusCode != 429 || res.Header.Get("Retry-After") != "20" || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a call too many: %d %v", res.StatusCode, res.Header)
	}
	c.must("GET", "/v1/proof", "") // another key
	c.now = c.now.Add(20 * time.Second)
	if res := send(); res.StatusCode != 200 {
		t.Errorf("after the wait: %d", res.StatusCode)
	}
	if res := send(); res.StatusCode != 429 {
		t.Errorf("and at once again: %d", res.StatusCode)
	}
}

// A key reads its own rejected calls with the reasons, the newest first, and nobody else's; how many are kept is bounded.
func TestRejectedCalls(t *testing.T) {
	c := newCounted(t)
	list := func(key string) []Rejected {
		status, answer := c.do(c.request(key, "GET", "/v1/rejected-calls", ""))
		var out struct{ Calls []Rejected }
		if err := json.Unmarshal([]byte(answer), &out); status != 200 || err != nil {
			t.Fatalf("%d %s", status, answer)
		}
		return out.Calls
	}
	if got := list("k"); len(got) != 0 {
		t.Fatalf("before any call: %v", got)
	}
	c.do(c.request("k", "POST", "/v1/stores:import", `{"store":7}`))
	c.must("POST", "/v1/orders:batch", `{"order":"o1","event":"payed","at":"2026-03-10T12:00:00Z","program":"portals"}`)
	c.do(c.request("k", "GET", "/v1/orders?limit=0", ""))
	wrong := c.request("k", "GET", "/v1/proof", "")
	wrong.Header.Set(HeaderSignature, strings.Repeat("0", 64))
	c.do(wrong)
	got := list("k")
	if len(got) != 4 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []struct {
		operation, kind, field string
		status, refused        int
	}{
		{"get-proof", "not-signed", HeaderSignature, 401, 0}, {"list-orders", "invalid-parameter", "limit", 422, 0},
		{"report-orders", "", "event", 200, 1}, {"import-stores", "invalid-input", "store", 400, 0},
	} {
		r := got[i]
		if r.Operation != want.operation || strings.TrimPrefix(r.Type, ProblemBase) != want.kind || r.Status != want.status || r.Refused != want.refused ||
			len(r.Errors) != 1 || r.Errors[0].Field != want.field || r.Errors[0].Reason == "" || r.Errors[0].Fix == "" || !r.At.Equal(c.now) {
			t.Errorf("%d: %+v, want %+v", i, r, want)
		}
	}
	if other := list("reader"); len(other) != 0 {
		t.Errorf("another key reads them: %v", other)
	}
	for range rejectedKept + 20 {
		c.do(c.request("k", "POST", "/v1/stores:import", `{"store":"`+strings.Repeat("ü", 600)+`"}`))
	}
	got = list("k")
	if len(got) != rejectedKept {
		t.Errorf("%d are kept", len(got))
	}
}
