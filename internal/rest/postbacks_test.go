package rest

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/seal"
)

// postbacks is the service of the client's server; nobody is called by it.
func (c *client) postbacks(now func() time.Time) *postbacks.Service {
	box, err := seal.New("k", map[string][]byte{"k": bytes.Repeat([]byte{5}, 32)})
	if err != nil {
		c.t.Fatal(err)
	}
	return postbacks.New(c.db, box, func(context.Context, postbacks.Call) (postbacks.Answer, error) {
		return postbacks.Answer{Status: 200}, nil
	}, slog.New(slog.NewTextHandler(c.log, nil)), now)
}

// L9: endpoints by the API: a secret is shown once, the log says what was sent, and everything can be sent again.
func TestL9_EndpointsByTheAPI(t *testing.T) {
	c := withSpaces(t, engines()[0])
	call := func(key, method, path, body string, want int) string {
		t.Helper()
		status, answer := c.do(c.request(key, method, path, body))
		if status != want {
			t.Fatalf("%s %s: %d %s, want %d", method, path, status, answer, want)
		}
		return answer
	}
	const hook = "/v1/publishers/ann/endpoints/hook"
	const body = `{"kind":"webhook","address":"https://hook.example/in"}`
	call("ann", "PUT", "/v1/publishers/ben/endpoints/hook", body, 403)
	if answer := call("ann", "PUT", hook, `{"kind":"webhook","address":"http://hook.example/in"}`, 422); !strings.Contains(answer, "address") {
		t.Error(answer)
	}
	if answer := call("ann", "PUT", hook, body, 200); !strings.Contains(answer, "whsec_") {
		t.Error(answer)
	}
	if answer := call("ann", "PUT", hook, body, 200); strings.Contains(answer, "whsec_") {
		t.Errorf("the secret is shown twice: %s", answer)
	}
	if answer := call("ann", "POST", hook+"/secret", "", 200); !strings.Contains(answer, "whsec_") {
		t.Error(answer)
	}
	if answer := call("ann", "GET", "/v1/publishers/ann/endpoints", "", 200); strings.Contains(answer, "whsec_") || !strings.Contains(answer, "hook.example") {
		t.Error(answer)
	}
	c.must("POST", "/v1/clicks:import", `{"click":"c1","at":"2026-03-10T10:00:00Z","program":"global-eu","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}`)
	c.must("POST", "/v1/orders:batch", orderWith("o1", "c1"))
	service := c.postbacks(func() time.Time { return c.now })
	if n, err := service.Collect(t.Context()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if n, err := service.Send(t.Context()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if answer := call("ann", "GET", hook+"/deliveries", "", 200); !strings.Contains(answer, "action.created") || !strings.Contains(answer, `"state":"delivered"`) {
		t.Error(answer)
	}
	if answer := call("ann", "POST", hook+"/replay", `{"since":"2026-01-01T00:00:00Z"}`, 200); strings.Contains(answer, `"messages":0`) {
		t.Error(answer)
	}
	call("ann", "GET", "/v1/publishers/ann/endpoints/none/deliveries", "", 404)
}
