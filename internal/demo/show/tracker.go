package show

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/demo"
)

// trackerHost is where the busiest publisher's own system is. No name server knows it: the demo answers there itself.
const trackerHost = "tracker.demo.example"

// Tracker is a publisher's own system, which is told what becomes of its actions (L9): a server on this machine that takes messages, and
// now and then is too busy. Its publisher has it for the last days of the demo's past, and goes on with it.
type Tracker struct {
	Market *demo.Market
	Since  time.Time // when the publisher enters it

	told    *postbacks.Service
	entered bool
	at      string // host and port on this machine
	calls   atomic.Int64
}

// Serve takes calls until the context ends.
func (x *Tracker) Serve(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("the tracker of the demo: %w", err)
	}
	x.at = l.Addr().String()
	srv := &http.Server{Handler: x, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(l) }() // it ends with the demo
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return nil
}

// ServeHTTP answers a message.
func (x *Tracker) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if x.calls.Add(1)%9 == 0 {
		http.Error(w, "Too busy, please try again.", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "thank you")
}

// Caller calls the tracker, and everybody else as a server does.
func (x *Tracker) Caller(others postbacks.Caller) postbacks.Caller {
	client := &http.Client{Timeout: 5 * time.Second}
	return func(ctx context.Context, c postbacks.Call) (postbacks.Answer, error) {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host != trackerHost {
			return others(ctx, c)
		}
		u.Scheme, u.Host = "http", x.at
		r, err := http.NewRequestWithContext(ctx, c.Method, u.String(), bytes.NewReader(c.Body))
		if err != nil {
			return postbacks.Answer{}, err
		}
		for name, value := range c.Header {
			r.Header.Set(name, value)
		}
		res, err := client.Do(r)
		if err != nil {
			return postbacks.Answer{}, errors.New(trackerHost + " does not answer")
		}
		defer res.Body.Close()
		text, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
		return postbacks.Answer{Status: res.StatusCode, Text: string(text)}, err
	}
}

// Use names the service that the tracker is entered at.
func (x *Tracker) Use(told *postbacks.Service) { x.told = told }

// Day enters the tracker when its day has come: what was before is not told.
func (x *Tracker) Day(ctx context.Context, end time.Time) error {
	name := busiestPublisher(x.Market)
	if x.entered || name == "" || end.Before(x.Since) {
		return nil
	}
	x.entered = true
	if _, err := x.told.Collect(ctx); err != nil {
		return err
	}
	_, _, err := x.told.Enter(ctx, postbacks.Endpoint{Publisher: name, ID: "tracker", Kind: postbacks.Webhook, Address: "https://" + trackerHost + "/clickledger"})
	if err != nil {
		return fmt.Errorf("entering the tracker of the demo: %w", err)
	}
	return nil
}
