// Package client calls the REST API of a Clickledger server, with a method for each call: it signs calls, sends them again where that is safe, and reads lists to
// their end. It imports nothing but the standard library, so that a program which uses it takes nothing else in.
package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls a server with a key. It is safe for use by several goroutines.
type Client struct {
	base        *url.URL
	key, secret string
	http        *http.Client
	now         func() time.Time
	wait        func(ctx context.Context, d time.Duration) error
	attempts    int
}

// Option changes a client.
type Option func(*Client)

// WithHTTP sends the calls through another HTTP client than one with a timeout of a minute.
func WithHTTP(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithClock takes the time of calls from a clock; it must be within five minutes of the server's.
func WithClock(now func() time.Time) Option { return func(c *Client) { c.now = now } }

// WithWait waits between attempts in another way than by a timer.
func WithWait(wait func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Client) { c.wait = wait }
}

// WithAttempts is how often a call is sent at most, 4 unless told.
func WithAttempts(n int) Option { return func(c *Client) { c.attempts = max(1, n) } }

// New returns a client of the server at an address such as "https://affiliate.example", with a key and its secret.
func New(address, key, secret string, options ...Option) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the server's address %q is not one such as https://affiliate.example", address)
	}
	if key == "" || secret == "" {
		return nil, errors.New("a key and its secret are needed; clickledger keys create makes them")
	}
	c := &Client{
		base: base, key: key, secret: secret, http: &http.Client{Timeout: time.Minute}, attempts: 4, wait: sleep,
		now: time.Now, //arch:allow clock a caller's own clock, unless it brings another one
	}
	for _, o := range options {
		o(c)
	}
	return c, nil
}

// Problem is what the server answered instead of doing a call (RFC 9457).
type Problem struct {
	Type   string         `json:"type"` // its kind; the part behind # is stable
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []ProblemError `json:"errors"`
}

// ProblemError is one thing that is wrong.
type ProblemError struct {
	Line   int    `json:"line"` // of what was sent, from 1; 0: the call as a whole
	Field  string `json:"field"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
}

// Error is the problem in a sentence.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// Kind is the part of the type that programs compare, such as "conflict".
func (p *Problem) Kind() string {
	_, kind, _ := strings.Cut(p.Type, "#")
	return kind
}

type idempotencyKey struct{}

// WithIdempotencyKey gives the writing call that is made with the context a key of the caller's own: sent again with the same key, also
// by another process, the call is done once. Without one the client makes a key for each call.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}

// request is a call to be made.
type request struct {
	method, path, media string
	query               url.Values
	body                []byte
	single              bool // it is not sent again where it may have been done: a secret is answered once, whoever hears of it
}

// do makes a call and reads its answer into out. It is sent again, with a new signature and the same idempotency key, where the server
// was not reached, was too busy or broke off.
func (c *Client) do(ctx context.Context, r request, out any) error {
	once := ""
	if r.method != http.MethodGet && !r.single { // with the header, the transport would send a call again by itself
		if once, _ = ctx.Value(idempotencyKey{}).(string); once == "" {
			once = random()
		}
	}
	for attempt := 1; ; attempt++ {
		again, err := c.send(ctx, r, once, out)
		if err == nil || again < 0 || again == 0 && r.single || attempt >= c.attempts || ctx.Err() != nil {
			return err
		}
		if again == 0 {
			again = time.Second << (attempt - 1)
		}
		if stopped := c.wait(ctx, again); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// send sends a call once. With an error, again says when it may be sent again: after that time, after a while (0) or never (-1).
func (c *Client) send(ctx context.Context, r request, once string, out any) (again time.Duration, err error) {
	target := *c.base
	target.RawPath = c.base.EscapedPath() + r.path
	if target.Path, err = url.PathUnescape(target.RawPath); err != nil {
		return -1, fmt.Errorf("the path %q: %w", r.path, err)
	}
	target.RawQuery = r.query.Encode()
	call, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return -1, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	c.sign(call, r.body)
	if r.media != "" {
		call.Header.Set("Content-Type", r.media)
	}
	if once != "" {
		call.Header.Set("Idempotency-Key", once)
	}
	answer, err := c.http.Do(call)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return 0, fmt.Errorf("reading the answer to %s %s: %w", r.method, r.path, err)
	}
	if answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusAccepted {
		if file, ok := out.(*[]byte); ok {
			*file = body
			return 0, nil
		}
		if err := json.Unmarshal(body, out); err != nil {
			return -1, fmt.Errorf("reading the answer to %s %s: %w", r.method, r.path, err)
		}
		return 0, nil
	}
	p := &Problem{Status: answer.StatusCode, Title: http.StatusText(answer.StatusCode)}
	if json.Unmarshal(body, p) != nil || p.Type == "" {
		p.Detail = "the server did not say why"
	}
	switch {
	case answer.StatusCode == http.StatusUnauthorized && len(p.Errors) > 0 && p.Errors[0].Field == "Clickledger-Nonce":
		return 0, p // the transport sent the same bytes again after a connection broke off; signed anew, the call is let in
	case answer.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return time.Duration(max(1, seconds)) * time.Second, p
	case answer.StatusCode >= 500:
		return 0, p
	}
	return -1, p
}

// sign adds the headers of a signed call.
func (c *Client) sign(r *http.Request, body []byte) {
	at, nonce, digest := c.now().Unix(), random(), sha256.Sum256(body)
	mac := hmac.New(sha256.New, []byte(c.secret))
	fmt.Fprintf(mac, "%s\n%s\n%s\n%d\n%s\n%x", r.Method, r.URL.EscapedPath(), r.URL.Query().Encode(), at, nonce, digest)
	r.Header.Set("Clickledger-Key", c.key)
	r.Header.Set("Clickledger-Time", strconv.FormatInt(at, 10))
	r.Header.Set("Clickledger-Nonce", nonce)
	r.Header.Set("Clickledger-Signature", hex.EncodeToString(mac.Sum(nil)))
}

// lines writes values as JSON, one a line.
func lines[T any](all []T) ([]byte, error) {
	var b bytes.Buffer
	for i, x := range all {
		line, err := json.Marshal(x)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// escape is an id as a part of a path.
func escape(id string) string { return url.PathEscape(cmp.Or(id, "-")) }

func random() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
