package main

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/outbound"
)

// caller calls publishers' systems with the client that no stranger can lead into this network. A redirect is an answer like another.
func caller(e *env) postbacks.Caller {
	client := e.outbound(outbound.Options{Timeout: 15 * time.Second, MaxBytes: 64 << 10})
	return func(ctx context.Context, c postbacks.Call) (int, error) {
		r, err := http.NewRequestWithContext(ctx, c.Method, c.URL, bytes.NewReader(c.Body))
		if err != nil {
			return 0, err
		}
		for name, value := range c.Header {
			r.Header.Set(name, value)
		}
		a, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		return a.Status, nil
	}
}
