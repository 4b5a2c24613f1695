// Package stream carries clicks from edges to workers over NATS JetStream. On each edge a Shipper follows the click log and
// publishes its records in batches; on each worker a Consumer hands them to a store and acknowledges what the store has committed.
// Both promise "at least once"; the store, which enters a click once by its ID, makes "exactly once" of it. Neither is in the way of a
// redirect.
//
// docs/cluster.md is for operators; docs/decisions/0009-stream.md says why it is built this way.
package stream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Server is how to reach NATS.
type Server struct {
	// URL is one address or several, with commas: nats://a.example:4222,nats://b.example:4222. tls:// asks for TLS.
	URL string
	// Name is shown in the server's list of connections.
	Name string
	// Credentials is a file with a user's JWT and seed; NKey one with a seed alone. At most one of them.
	Credentials, NKey string
	// User and Password, where neither is used. They may also stand in the URL.
	User, Password string
	// CA is a PEM file of the authorities to trust in place of the system's; Cert and Key are the client's own PEM files.
	CA, Cert, Key string
	// Silence is how long a server may say nothing before another one is tried. Default 15 s.
	Silence time.Duration
	// Logger hears when the connection is lost and found. Default nobody.
	Logger *slog.Logger
}

// Connect returns a connection that is looked after for ever: it need not be there yet, and comes back by itself.
func Connect(s Server) (*nats.Conn, error) {
	log := orDiscard(s.Logger)
	ping := cmp.Or(s.Silence, 15*time.Second) / 3
	o := []nats.Option{
		nats.Name(s.Name), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, time.Second),
		nats.Timeout(ping), nats.PingInterval(ping), nats.MaxPingsOutstanding(2), nats.FlusherTimeout(ping),
		// What is not sent is with the click log, in better hands than in a buffer here.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("the connection to NATS is lost; it is tried again", "err", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("connected to NATS again", "server", c.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS reports an error", "err", err) }),
	}
	if s.Credentials != "" && s.NKey != "" {
		return nil, errors.New("connect to NATS: give a credentials file or an nkey file, not both")
	}
	if s.Credentials != "" {
		o = append(o, nats.UserCredentials(s.Credentials))
	}
	if s.NKey != "" {
		key, err := nats.NkeyOptionFromSeed(s.NKey)
		if err != nil {
			return nil, fmt.Errorf("connect to NATS: read the nkey file: %w", err)
		}
		o = append(o, key)
	}
	if s.User != "" {
		o = append(o, nats.UserInfo(s.User, s.Password))
	}
	if s.CA != "" {
		o = append(o, nats.RootCAs(s.CA))
	}
	if s.Cert != "" || s.Key != "" {
		o = append(o, nats.ClientCert(s.Cert, s.Key))
	}
	nc, err := nats.Connect(s.URL, o...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return nc, nil
}

// Options are what edges and workers must agree on. Zero means the default.
type Options struct {
	// Name begins all subjects, and in capitals the names of all streams: small letters and digits. Default "clicks".
	Name string
	// Shards is the number of streams that the clicks are spread over, by program and publisher. Default 4. To raise it, change
	// workers first, then edges; to lower it, edges first, and workers when the last streams are empty.
	Shards int
	// Replicas is on how many servers each message lies: 3, or 1 on a single server. Default 3.
	Replicas int
	// MaxAge is how long messages are kept, stored or not. Default 7 days. Keep them for longer than the store's backups are apart.
	MaxAge time.Duration
	// MaxBytes bounds each stream on each server. A full stream refuses new messages, and the edges keep them. Default: what the
	// server allows to all streams.
	MaxBytes int64
	// Duplicates is for how long a message that is published again is known by its ID. Default 2 min.
	Duplicates time.Duration
	// Monitors are the servers' monitoring addresses, such as http://10.0.0.1:8222, for those who want a worker to refuse its work where
	// messages are not synced before they are acknowledged. Default none: nothing is asked.
	Monitors []string
}

var nameText = regexp.MustCompile(`^[a-z0-9]{1,32}$`)

func (o *Options) complete() error {
	o.Name = cmp.Or(o.Name, "clicks")
	o.Shards = cmp.Or(o.Shards, 4)
	o.Replicas = cmp.Or(o.Replicas, 3)
	o.MaxAge = cmp.Or(o.MaxAge, 7*24*time.Hour)
	o.MaxBytes = cmp.Or(o.MaxBytes, -1)
	o.Duplicates = cmp.Or(o.Duplicates, 2*time.Minute)
	switch {
	case !nameText.MatchString(o.Name):
		return fmt.Errorf("stream options: name %q: it has 1 to 32 small letters and digits", o.Name)
	case o.Shards < 1 || o.Shards > 256:
		return fmt.Errorf("stream options: %d shards: there are 1 to 256", o.Shards)
	case o.Replicas != 1 && o.Replicas != 3 && o.Replicas != 5:
		return fmt.Errorf("stream options: %d replicas: there are 1, 3 or 5", o.Replicas)
	case o.MaxAge < o.Duplicates || o.Duplicates < 100*time.Millisecond:
		return fmt.Errorf("stream options: duplicates are known for %v and messages kept for %v: the first is 100 ms at least, and not longer than the second", o.Duplicates, o.MaxAge)
	}
	return nil
}

// stream is the name of a shard's stream.
func (o *Options) stream(shard int) string {
	return fmt.Sprintf("%s-%d", strings.ToUpper(o.Name), shard)
}

// parked is the name of the stream of messages that nobody could store.
func (o *Options) parked() string { return strings.ToUpper(o.Name) + "-PARKED" }

// subject is where a shard's records of a day go. The day is a text such as 2026-11-21, or "unreadable".
func (o *Options) subject(day string, shard int) string {
	return fmt.Sprintf("%s.%s.%d", o.Name, day, shard)
}

// setUp makes the streams, or changes them to what the options say.
func (o *Options) setUp(ctx context.Context, js jetstream.JetStream) error {
	c := jetstream.StreamConfig{
		Storage: jetstream.FileStorage, Replicas: o.Replicas, Retention: jetstream.LimitsPolicy, MaxAge: o.MaxAge, MaxBytes: o.MaxBytes,
		// A full stream that discarded its oldest messages would lose clicks that nobody has stored. Refused, they stay with the edges.
		Discard: jetstream.DiscardNew, Duplicates: o.Duplicates,
	}
	for shard := range o.Shards {
		c.Name, c.Description = o.stream(shard), "clicks on their way from edges to workers"
		c.Subjects = []string{o.subject("*", shard)}
		if _, err := js.CreateOrUpdateStream(ctx, c); err != nil {
			return fmt.Errorf("set up stream %s: %w", c.Name, err)
		}
	}
	// Parked messages wait for a person, for as long as that takes.
	c.Name, c.Description = o.parked(), "clicks that could not be stored"
	c.Subjects, c.MaxAge, c.MaxBytes = []string{o.anyParked()}, 0, -1
	if _, err := js.CreateOrUpdateStream(ctx, c); err != nil {
		return fmt.Errorf("set up stream %s: %w", c.Name, err)
	}
	return nil
}

// ErrUnsynced says that a NATS server acknowledges messages before they are on its disk.
var ErrUnsynced = errors.New("the NATS server acknowledges messages before they are on its disk: set `sync_interval: always` in its jetstream block")

// checkSync asks the servers whether they sync before they acknowledge. Those that do not answer are told to the logger: a server
// that is down keeps nobody from work.
func (o *Options) checkSync(ctx context.Context, log *slog.Logger) error {
	client := &http.Client{Timeout: 3 * time.Second}
	defer client.CloseIdleConnections()
	for _, base := range o.Monitors {
		always, err := syncsAlways(ctx, client, strings.TrimSuffix(base, "/")+"/varz")
		if err != nil {
			log.Warn("could not ask a NATS server whether it syncs before it acknowledges", "monitor", base, "err", err)
			continue
		}
		if !always {
			return fmt.Errorf("%s: %w", base, ErrUnsynced)
		}
	}
	return nil
}

func syncsAlways(ctx context.Context, client *http.Client, url string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close() // only read
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("status %d", resp.StatusCode)
	}
	var varz struct {
		JetStream struct {
			Config *struct {
				SyncAlways bool `json:"sync_always"`
			} `json:"config"`
		} `json:"jetstream"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&varz); err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	if varz.JetStream.Config == nil {
		return false, errors.New("JetStream is not enabled there")
	}
	return varz.JetStream.Config.SyncAlways, nil
}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// sleep waits, and returns early with the context's error.
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
