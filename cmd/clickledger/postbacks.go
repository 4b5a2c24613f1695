package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/outbound"
)

// caller calls publishers' systems with the client that no stranger can lead into this network. A redirect is an answer like another.
func caller(e *env) postbacks.Caller {
	client := e.outbound(outbound.Options{Timeout: 15 * time.Second, MaxBytes: 4 << 10, Truncate: true})
	return func(ctx context.Context, c postbacks.Call) (postbacks.Answer, error) {
		r, err := http.NewRequestWithContext(ctx, c.Method, c.URL, bytes.NewReader(c.Body))
		if err != nil {
			return postbacks.Answer{}, bare(err)
		}
		for name, value := range c.Header {
			r.Header.Set(name, value)
		}
		a, err := client.Do(r)
		if err != nil {
			return postbacks.Answer{}, bare(err)
		}
		return postbacks.Answer{Status: a.Status, Text: string(a.Body)}, nil
	}
}

// bare takes the address out of an error of a call: its query may hold a password, and the error stands in the log of deliveries.
func bare(err error) error {
	var of *url.Error
	if !errors.As(err, &of) {
		return err
	}
	if u, no := url.Parse(of.URL); no == nil {
		return fmt.Errorf("calling %s: %w", u.Host, of.Err)
	}
	return of.Err
}
