// Package edgenode puts an edge together: the redirect, the click log, the table of links and what keeps them going. It starts
// without the store, from the snapshot of its last run, and goes on when the store is away.
package edgenode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/linkfeed"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/stream"
	"github.com/clickledger/clickledger/internal/vfs"
)

// Config is what a node needs. Dir, Keys, Now and Logger must be there.
type Config struct {
	Dir      string // folder of the click log and the snapshot, made where it is missing
	Mode     clicklog.Mode
	Keys     *Keys
	Fallback string         // where unknown links lead; empty: 404
	Trusted  []netip.Prefix // proxies whose X-Forwarded-For is believed
	Retain   time.Duration  // how long loaded segments of the log are kept; 0: an hour
	Now      func() time.Time
	Wall     func() time.Time // the machine's clock, for time limits, where Now is another one; nil: Now
	Logger   *slog.Logger
	Metrics  prometheus.Registerer
	TLSCert  string // files of a certificate and its key: the node then speaks TLS and HTTP/2
	TLSKey   string
	Waiting  int                      // clicks that may wait for the log at a time; more are answered 503; 0: 16,384
	Country  func(netip.Addr) [2]byte // ISO 3166-1 alpha-2, or zero; nil: countries are not known
}

// GCPercent suits a process that is an edge and nothing else: its links lie outside the garbage collector's sight, so the heap is small, and
// with Go's own setting it would be looked through many times a second.
const GCPercent = 400

// Node is an edge.
type Node struct {
	c      Config
	log    *clicklog.Log
	table  *links.Table
	edge   *edge.Edge
	cursor []byte

	mu     sync.Mutex
	loader *clicklog.Loader
}

const (
	logDir       = "log"
	snapshotFile = "links.snapshot"
	programsFile = "programs.json"
	shippedFile  = "shipped"
)

// Open opens a node's click log and the snapshot of its last run. A snapshot that is not whole is left aside: the links come from
// the store then.
func Open(c Config) (*Node, error) {
	if c.Wall == nil {
		c.Wall = c.Now
	}
	if c.Retain == 0 {
		c.Retain = time.Hour
	}
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the edge's folder: %w", err)
	}
	n := &Node{c: c}
	if err := n.restore(); err != nil {
		return nil, err
	}
	var err error
	n.log, err = clicklog.Open(vfs.OS{}, filepath.Join(c.Dir, logDir), clicklog.Options{Mode: c.Mode, Now: c.Now, Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("opening the click log: %w", err)
	}
	n.edge, err = edge.New(edge.Config{
		Table: n.table, Keys: c.Keys.Tokens, Log: n.log, Now: c.Now, Fallback: c.Fallback, Trusted: c.Trusted, Metrics: c.Metrics,
		MaxInFlight: c.Waiting, Country: c.Country,
	})
	if err != nil {
		return nil, errors.Join(err, n.log.Close())
	}
	if c.Metrics != nil {
		if err := c.Metrics.Register(collector{n}); err != nil {
			return nil, errors.Join(err, n.log.Close())
		}
	}
	n.edge.SetReady(len(n.cursor) > 0)
	return n, nil
}

// restore fills the table from the last run's snapshot, or makes an empty one.
func (n *Node) restore() error {
	path := filepath.Join(n.c.Dir, snapshotFile)
	table, cursor, err := links.Load(path)
	if err == nil {
		err = n.programs(table)
	}
	if err == nil {
		n.table, n.cursor = table, cursor
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		n.c.Logger.Warn("the snapshot of links is left aside; they are read from the store", "error", err)
	}
	n.table, err = links.New(0, seed())
	return err
}

func (n *Node) programs(table *links.Table) error {
	data, err := os.ReadFile(filepath.Join(n.c.Dir, programsFile))
	if err != nil {
		return err
	}
	var docs []linkfeed.Document
	if err := json.Unmarshal(data, &docs); err != nil {
		return fmt.Errorf("reading the programs of the snapshot: %w", err)
	}
	return linkfeed.EnterDocuments(table, docs, n.c.Now())
}

// Edge answers clicks.
func (n *Node) Edge() *edge.Edge { return n.edge }

// Log is the click log.
func (n *Node) Log() *clicklog.Log { return n.log }

// saveEvery is how often a snapshot is written.
const saveEvery = 5 * time.Minute

// Follow keeps the table up to date with a store until the context ends, and writes snapshots for the next start.
func (n *Node) Follow(ctx context.Context, s store.Store) error {
	feed, err := linkfeed.New(s, n.table, n.cursor, n.c.Logger, n.c.Now)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { feed.Run(ctx, func() { n.edge.SetReady(true) }) })
	wg.Go(func() {
		if err := n.table.Settle(); err != nil {
			n.c.Logger.Error("links of the snapshot could not be moved into memory", "error", err)
		}
	})
	every := time.NewTicker(saveEvery)
	defer every.Stop()
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-every.C:
		}
		if done {
			wg.Wait()
		}
		if err := n.save(feed); err != nil {
			n.c.Logger.Error("no snapshot of links", "error", err)
		}
	}
	return nil
}

// save writes the links and the programs that they belong to.
func (n *Node) save(feed *linkfeed.Feed) error {
	docs := feed.Documents()
	if docs == nil {
		return nil // nothing was read yet
	}
	data, err := json.Marshal(docs)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(n.c.Dir, programsFile), func(f *os.File) error {
		_, err := f.Write(data)
		return err
	}); err != nil {
		return err
	}
	cursor := feed.Cursor() // first: what comes meanwhile is read again
	return writeFile(filepath.Join(n.c.Dir, snapshotFile), func(f *os.File) error { return n.table.Save(f, cursor) })
}

// drainLimit is how long the end of loading may take. What is left then is loaded after the next start.
const drainLimit = 10 * time.Second

// Load moves logged clicks into a sink until the context ends, then what is logged by that time, and deletes what was moved and is
// old.
func (n *Node) Load(ctx context.Context, sink clicklog.Sink) error {
	loader := clicklog.NewLoader(n.log, sink, clicklog.LoaderOptions{Logger: n.c.Logger})
	n.mu.Lock()
	n.loader = loader
	n.mu.Unlock()
	running, stop := context.WithCancel(ctx)
	defer stop()
	go n.retain(running, func() clicklog.Position { return loader.Stats().Position })
	if err := loader.Run(running); err != nil {
		return err
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if err := loader.Drain(rest); err != nil && !errors.Is(err, clicklog.ErrClosed) {
		n.c.Logger.Warn("logged clicks are left for the next start", "behind", loader.Stats().Behind, "error", err)
	}
	return nil
}

// Ship sends logged clicks to the workers over JetStream until the context ends, and deletes what was sent and is old. How far it
// is stands in a file beside the log.
func (n *Node) Ship(ctx context.Context, nc *nats.Conn, o stream.Options) error {
	shipper, err := stream.NewShipper(nc, stream.ShipperOptions{
		Options: o, Log: n.log, Cursor: clicklog.NewCursor(vfs.OS{}, filepath.Join(n.c.Dir, shippedFile)), Logger: n.c.Logger, Metrics: n.c.Metrics,
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	go n.retain(running, func() clicklog.Position { return shipper.Stats().Position })
	return shipper.Run(ctx)
}

// retain deletes segments of the log that lie before a position and are old.
func (n *Node) retain(ctx context.Context, done func() clicklog.Position) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if p := done(); p.Seq > 0 {
			if _, err := n.log.Retain(p, n.c.Retain); err != nil {
				n.c.Logger.Error("old clicks were not deleted from the log", "error", err)
			}
		}
	}
}

// Serve answers clicks on a listener until the context ends: with TLS and HTTP/2 where there is a certificate, else without, for standing
// behind a proxy. Make the listener with httpd.Listen.
func (n *Node) Serve(ctx context.Context, ln net.Listener) error {
	plain := &httpd.Plain{Edge: n.edge, Now: n.c.Wall}
	if n.c.TLSCert != "" {
		cert, err := certificate(n.c.TLSCert, n.c.TLSKey, n.c.Wall, n.c.Logger)
		if err != nil {
			return errors.Join(fmt.Errorf("serving clicks: %w", err), ln.Close())
		}
		plain.TLS = httpd.SecureConfig(cert)
	}
	failed := make(chan error, 1)
	go func() { failed <- plain.Serve(ln) }()
	var stopped error
	select {
	case stopped = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := plain.Shutdown(end)
	if stopped == nil {
		stopped = <-failed
	}
	if !errors.Is(stopped, httpd.ErrClosed) {
		err = errors.Join(err, stopped)
	}
	if err != nil {
		return fmt.Errorf("serving clicks: %w", err)
	}
	return nil
}

// Run serves clicks and moves them into a sink until the context ends; then it loads what was logged last.
func (n *Node) Run(ctx context.Context, db store.Store, sink clicklog.Sink, ln net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Loading ends after the last click was answered.
	loadCtx, endLoading := context.WithCancel(context.WithoutCancel(ctx))
	var jobs sync.WaitGroup
	var following, loading error
	jobs.Go(func() { following = n.Follow(ctx, db) })
	jobs.Go(func() {
		if loading = n.Load(loadCtx, sink); loading != nil {
			stop()
		}
	})
	err := n.Serve(ctx, ln)
	stop()
	endLoading()
	jobs.Wait()
	return errors.Join(err, following, loading)
}

// Close closes the log. Serve and Load must have returned.
func (n *Node) Close() error { return n.log.Close() }
