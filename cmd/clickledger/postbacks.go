package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
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

// bare says what went wrong with a call, for the log of deliveries, which publishers read: without the address, whose query may hold a password, and
// without what the system says of this network, such as its resolver and the addresses that calls come from.
func bare(err error) error {
	var of *url.Error
	if !errors.As(err, &of) {
		return err // it is the client's own, and names hosts at most
	}
	host := "the address"
	if u, no := url.Parse(of.URL); no == nil {
		host = u.Host
	}
	why := of.Err
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(why, &dns):
		why = errors.New(dns.Err)
	case errors.As(why, &op):
		why = fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return fmt.Errorf("calling %s: %w", host, why)
}
