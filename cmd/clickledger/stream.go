package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/stream"
)

// natsFlags are how edges and workers reach NATS, and what they agree on there.
type natsFlags struct {
	NATS       string        `help:"NATS servers between edges and workers, with commas; default: edges load into the database themselves." placeholder:"URL" env:"CLICKLEDGER_NATS"`
	NATSCreds  string        `name:"nats-creds" type:"path" help:"Credentials file for NATS." placeholder:"FILE"`
	NATSNKey   string        `name:"nats-nkey" type:"path" help:"File with the seed of an nkey for NATS." placeholder:"FILE"`
	NATSCA     string        `name:"nats-ca" type:"path" help:"Authorities that NATS servers' certificates are checked against." placeholder:"FILE"`
	NATSCert   string        `name:"nats-cert" type:"path" help:"Certificate that NATS servers know this machine by." placeholder:"FILE"`
	NATSKey    string        `name:"nats-key" type:"path" help:"Key of that certificate." placeholder:"FILE"`
	NATSName   string        `name:"nats-name" default:"clicks" help:"Begins the names of streams and subjects: another one for another installation on the same servers."`
	NATSShards int           `name:"nats-shards" default:"4" help:"Streams that clicks are spread over, by program and publisher. To raise it: workers first; to lower it: edges first."`
	NATSCopies int           `name:"nats-replicas" default:"3" help:"NATS servers that each click lies on: 3, or 1 where there is one server."`
	NATSAge    time.Duration `name:"nats-max-age" default:"168h" help:"How long NATS keeps clicks, stored or not: longer than backups are apart."`
	NATSBytes  int64         `name:"nats-max-bytes" default:"0" help:"Bytes of a stream on each server; 0: what the server allows."`
	NATSCheck  []string      `name:"nats-monitor" help:"NATS servers' monitoring addresses: a worker refuses to start where one says that it does not sync before it acknowledges." placeholder:"URL"`
	NATSWork   []int         `name:"nats-work" help:"Shards that this worker takes part in; default: all." placeholder:"N"`
}

// stream is what edges and workers agree on.
func (f *natsFlags) stream() stream.Options {
	return stream.Options{Name: f.NATSName, Shards: f.NATSShards, Replicas: f.NATSCopies, MaxAge: f.NATSAge, MaxBytes: f.NATSBytes, Monitors: f.NATSCheck}
}

// connect connects to NATS, which need not be there yet.
func (f *natsFlags) connect(name string, log *slog.Logger) (*nats.Conn, error) {
	nc, err := stream.Connect(stream.Server{URL: f.NATS, Name: "clickledger " + name, Credentials: f.NATSCreds, NKey: f.NATSNKey, CA: f.NATSCA, Cert: f.NATSCert, Key: f.NATSKey, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("connecting to NATS: %w", err)
	}
	return nc, nil
}

type streamCmd struct {
	Parked  streamParkedCmd  `cmd:"" help:"List what workers put aside because it could not be stored."`
	Requeue streamRequeueCmd `cmd:"" help:"Send parked messages to the workers once more."`
	Drop    streamDropCmd    `cmd:"" help:"Give parked messages up, for a reason."`
}

// parking opens the parking and runs f with it.
func (f *natsFlags) parking(e *env, work func(*stream.Parking) error) error {
	if f.NATS == "" {
		return files.Bad("say where NATS is: --nats URL")
	}
	nc, err := f.connect("stream", slog.New(slog.NewTextHandler(e.stderr, nil)))
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := reached(e.ctx, nc); err != nil {
		return fmt.Errorf("--nats: %s does not answer: look whether NATS runs there, and whether the address is right: %w", f.NATS, err)
	}
	p, err := stream.OpenParking(nc, f.stream())
	if err != nil {
		return err
	}
	return work(p)
}

// answerWithin is how long a command waits for NATS.
const answerWithin = 5 * time.Second

// reached waits until NATS answers.
func reached(ctx context.Context, nc *nats.Conn) error {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	return nc.FlushWithContext(ctx)
}

type streamParkedCmd struct {
	natsFlags `embed:""`
	Dropped   bool `help:"List those too that were dropped."`
}

// Run lists.
func (c *streamParkedCmd) Run(e *env) error {
	return c.parking(e, func(p *stream.Parking) error {
		parked, dropped := 0, 0
		err := p.Each(e.ctx, func(q *stream.Parked) error {
			if q.Dropped != "" {
				dropped++
				if !c.Dropped {
					return nil
				}
			} else {
				parked++
			}
			fmt.Fprintf(e.stdout, "%d\t%s\tshard %d\t%s\t%d bytes\t%s", q.Number, q.At.UTC().Format(time.RFC3339), q.Shard, q.Source, len(q.Data), q.Reason)
			if r := q.Click; r != nil {
				fmt.Fprintf(e.stdout, "\tclick %s of %q on link %d, program %q, %s", r.Click, r.Publisher, r.Link, r.Program, r.Verdict)
			}
			if q.Dropped != "" {
				fmt.Fprintf(e.stdout, "\tdropped: %s", q.Dropped)
			}
			fmt.Fprintln(e.stdout)
			return nil
		})
		if err == nil {
			fmt.Fprintf(e.stdout, "%d parked, %d dropped\n", parked, dropped)
		}
		return err
	})
}

type streamRequeueCmd struct {
	natsFlags `embed:""`
	Numbers   []uint64 `arg:"" optional:"" help:"Numbers as \"stream parked\" lists them."`
	All       bool     `help:"All that are parked and not dropped."`
}

// Run sends again. What is parked meanwhile is not touched.
func (c *streamRequeueCmd) Run(e *env) error {
	if c.All == (len(c.Numbers) > 0) {
		return files.Bad("name the numbers that \"clickledger stream parked\" lists, or say --all")
	}
	return c.parking(e, func(p *stream.Parking) error {
		numbers := c.Numbers
		if c.All {
			if err := p.Each(e.ctx, func(q *stream.Parked) error {
				if q.Dropped == "" {
					numbers = append(numbers, q.Number)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		for _, n := range numbers {
			if err := p.Requeue(e.ctx, n); err != nil {
				return err
			}
		}
		fmt.Fprintf(e.stdout, "%d sent to the workers; what they cannot store is parked again\n", len(numbers))
		return nil
	})
}

type streamDropCmd struct {
	natsFlags `embed:""`
	Numbers   []uint64 `arg:"" help:"Numbers as \"stream parked\" lists them."`
	Reason    string   `required:"" help:"Why: it is kept with the message."`
}

// Run gives up.
func (c *streamDropCmd) Run(e *env) error {
	return c.parking(e, func(p *stream.Parking) error {
		for _, n := range c.Numbers {
			if err := p.Drop(e.ctx, n, c.Reason); err != nil {
				return err
			}
		}
		fmt.Fprintf(e.stdout, "%d dropped; \"clickledger stream parked --dropped\" shows them\n", len(c.Numbers))
		return nil
	})
}
