package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/store"
)

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

// I1: a key reads its own rejected calls with the reasons, the newest first, and nobody else's; how many are kept is bounded, a restart
// forgets none, and nothing of a body or a secret is kept.
func TestI1_RejectedCalls(t *testing.T) {
	c := newCounted(t)
	list := func(key string) []call.Rejected {
		status, answer := c.do(c.request(key, "GET", "/v1/rejected-calls", ""))
		var out struct{ Calls []call.Rejected }
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
	wrong.Header.Set(call.HeaderSignature, strings.Repeat("0", 64))
	c.do(wrong)
	got := list("k")
	if len(got) != 4 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []struct {
		operation, kind, field string
		status, refused        int
	}{
		{"get-proof", "not-signed", call.HeaderSignature, 401, 0}, {"list-orders", "invalid-parameter", "limit", 422, 0},
		{"report-orders", "", "event", 200, 1}, {"import-stores", "invalid-input", "store", 400, 0},
	} {
		r := got[i]
		if r.Operation != want.operation || strings.TrimPrefix(r.Type, call.ProblemBase) != want.kind || r.Status != want.status || r.Refused != want.refused ||
			len(r.Errors) != 1 || r.Errors[0].Field != want.field || r.Errors[0].Reason == "" || r.Errors[0].Fix == "" || !r.At.Equal(c.now) {
			t.Errorf("%d: %+v, want %+v", i, r, want)
		}
	}
	if other := list("reader"); len(other) != 0 {
		t.Errorf("another key reads them: %v", other)
	}
	for range call.RejectedKept + 20 {
		c.do(c.request("k", "POST", "/v1/stores:import", `{"store":"`+strings.Repeat("ü", 600)+`"}`))
	}
	got = list("k")
	if len(got) != call.RejectedKept {
		t.Errorf("%d are kept", len(got))
	}
	c.do(c.request("reader", "POST", "/v1/stores:import?note=the+query", `{"store":7,"name":"the body"}`))
	c.restart() // nobody read them, so they were still to be written
	if again := list("k"); !reflect.DeepEqual(again, got) {
		t.Errorf("after a restart there are %d: %+v", len(again), again[:min(1, len(again))])
	}
	if other := list("reader"); len(other) != 1 || other[0].Status != 403 || other[0].Path != "/v1/stores:import" {
		t.Errorf("a call just before the restart: %+v", other)
	}
	var kept []store.RejectedCall
	if err := c.db.View(t.Context(), func(tx store.Tx) (err error) {
		kept, err = tx.Platform().Accounts().Rejected().Of(t.Context(), "reader", 9)
		return err
	}); err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	for _, hidden := range []string{"the body", "the+query", secret} {
		if strings.Contains(fmt.Sprint(kept), hidden) {
			t.Errorf("%q is kept: %+v", hidden, kept)
		}
	}
}
