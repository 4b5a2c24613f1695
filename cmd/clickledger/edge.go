package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/stream"
	"github.com/clickledger/clickledger/internal/vfs"
)

// edgeFlags are the settings of the redirect.
type edgeFlags struct {
	EdgeListen  string         `default:"127.0.0.1:8081" help:"Address of the redirect."`
	EdgeURL     string         `help:"What links begin with, such as https://s.example.com; default: the redirect's own address." placeholder:"URL"`
	EdgeKeys    string         `type:"path" help:"File with the keys of codes and tokens; default: edge-keys.json in the data folder, made at the first start." placeholder:"FILE"`
	EdgeDir     string         `type:"path" help:"Folder of the click log; default: edge in the data folder." placeholder:"DIR"`
	ClickLog    string         `enum:"durable,fast" default:"durable" help:"durable: a click is on disk when it is answered; fast: within the printed loss window."`
	Fallback    string         `help:"Where unknown links lead; default: nowhere, they are answered 404." placeholder:"URL"`
	Proxies     []netip.Prefix `help:"Networks of proxies whose X-Forwarded-For is believed." placeholder:"CIDR"`
	TLSCert     string         `name:"tls-cert" type:"path" help:"Certificate of the redirect; it speaks HTTP/2 then." placeholder:"FILE"`
	TLSKey      string         `name:"tls-key" type:"path" help:"Key of the certificate." placeholder:"FILE"`
	EdgeWaiting int            `default:"16384" help:"Clicks that may wait for the click log at a time; more are answered 503 with Retry-After."`
	Countries   string         `type:"path" help:"Database of countries by address, an .mmdb file; default: countries are not known." placeholder:"FILE"`
	natsFlags   `embed:""`
	KeepClicks  int `default:"400" help:"Days for which clicks are kept that no order needs; 0: for ever."`
	KeepVisits  int `default:"30" help:"Days for which networks, user agents and referrers are kept; 0: for ever."`
}

func (f *edgeFlags) retention() store.Retention {
	const day = 24 * time.Hour
	return store.Retention{Clicks: time.Duration(f.KeepClicks) * day, Visits: time.Duration(f.KeepVisits) * day}
}

func (f *edgeFlags) url() string {
	switch {
	case f.EdgeURL != "":
		return f.EdgeURL
	case f.TLSCert != "":
		return "https://" + f.EdgeListen
	}
	return "http://" + f.EdgeListen
}

// consume takes the clicks of all edges into the store until the context ends.
func (f *edgeFlags) consume(ctx context.Context, sink clickload.Sink, metrics prometheus.Registerer, e *env, log *slog.Logger) error {
	nc, err := f.connect("worker", log)
	if err != nil {
		return err
	}
	defer nc.Close()
	consumer, err := stream.NewConsumer(nc, stream.ConsumerOptions{
		Options: f.stream(), Work: f.NATSWork, Store: sink.Store, Refused: clickload.Refused, Now: e.now, Logger: log, Metrics: metrics,
	})
	if err != nil {
		return err
	}
	return consumer.Run(ctx)
}

// edgeKeyFile is the key file in a data folder.
const edgeKeyFile = "edge-keys.json"

// edgeKeys reads the keys. In a data folder they are made at the first start.
func (f *edgeFlags) edgeKeys(e *env, data string) (*edgenode.Keys, error) {
	path, made := f.EdgeKeys, false
	if path == "" {
		if data == "" {
			return nil, files.Bad("name the file with the keys of codes and tokens: --edge-keys FILE; \"clickledger edge keys --file FILE\" makes one")
		}
		path, made = filepath.Join(data, edgeKeyFile), true
	}
	k, err := edgenode.ReadKeys(path)
	if made && errors.Is(err, os.ErrNotExist) {
		k = edgenode.NewKeys(e.now())
		err = k.Write(path)
	}
	return k, err
}

func (c *serveCmd) openNode(e *env, keys *edgenode.Keys, metrics prometheus.Registerer, log *slog.Logger) (*edgenode.Node, error) {
	dir := c.EdgeDir
	if dir == "" {
		if c.Data == "" {
			return nil, files.Bad("name the folder of the click log: --edge-dir DIR")
		}
		dir = filepath.Join(c.Data, "edge")
	}
	mode, err := clicklog.ParseMode(c.ClickLog)
	if err != nil {
		return nil, err
	}
	config := edgenode.Config{
		Dir: dir, Mode: mode, Keys: keys, Fallback: c.Fallback, Trusted: c.Proxies, Now: e.now, Logger: log, Metrics: metrics,
		TLSCert: c.TLSCert, TLSKey: c.TLSKey, Waiting: c.EdgeWaiting,
	}
	if c.Countries != "" {
		if config.Country, err = edgenode.Countries(c.Countries, e.now, log); err != nil {
			return nil, err
		}
	}
	return edgenode.Open(config)
}

// runEdge serves clicks on a machine of its own: with the links of its last run until the database answers.
func (c *serveCmd) runEdge(e *env, log *slog.Logger) error {
	keys, err := c.edgeKeys(e, c.Data)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" { // nobody has set it
		debug.SetGCPercent(edgenode.GCPercent)
	}
	metrics := prometheus.NewRegistry()
	node, err := c.openNode(e, keys, metrics, log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	var jobs sync.WaitGroup
	var behind, serving, shipping error
	jobs.Go(func() {
		if behind = c.follow(ctx, e, node, log); behind != nil {
			stop()
		}
	})
	if c.NATS != "" {
		nc, err := c.connect("edge", log)
		if err != nil {
			return errors.Join(err, node.Close())
		}
		defer nc.Close()
		jobs.Go(func() {
			if shipping = node.Ship(ctx, nc, c.stream()); shipping != nil {
				stop()
			}
		})
	}
	ln, err := httpd.Listen(ctx, c.EdgeListen)
	if err == nil {
		fmt.Fprintf(e.stdout, "Links lead through http://%s/e/\n", ln.Addr())
		jobs.Go(func() {
			defer stop()
			serving = node.Serve(ctx, ln)
		})
		var health net.Listener
		if health, _, err = listen(ctx, c.Listen); err == nil {
			err = serveUntil(ctx, health, healthMux(metrics), func(url string) { fmt.Fprintf(e.stdout, "Health and metrics on %s\n", url) })
		}
	}
	stop()
	jobs.Wait()
	return errors.Join(err, serving, behind, shipping, node.Close())
}

// follow connects to the database, however long it takes, and follows the links there; clicks go the other way.
func (c *serveCmd) follow(ctx context.Context, e *env, node *edgenode.Node, log *slog.Logger) error {
	var db store.Store
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		var err error
		if db, err = c.open(ctx); err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errNoDatabase) {
			return err
		}
		log.Error("the database does not answer; the edge goes on with the links of its last run", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	defer db.Close()
	if c.NATS != "" {
		return node.Follow(ctx, db)
	}
	service, err := settle.New(ctx, db, e.now)
	if err != nil {
		return err
	}
	settleCtx, endSettling := context.WithCancel(context.WithoutCancel(ctx))
	settling := make(chan error, 1)
	go func() { settling <- service.Run(settleCtx) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var jobs sync.WaitGroup
	var loading error
	jobs.Go(func() {
		if loading = node.Load(ctx, clickload.Sink{Settle: service}); loading != nil {
			stop()
		}
	})
	following := node.Follow(ctx, db)
	jobs.Wait()
	endSettling()
	return errors.Join(following, loading, <-settling)
}

func healthMux(metrics *prometheus.Registry) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	return mux
}

type edgeCmd struct {
	Keys   edgeKeysCmd   `cmd:"" help:"Make, list and rotate the keys of codes and tokens."`
	Doctor edgeDoctorCmd `cmd:"" help:"Read a click log that nobody writes to and say whether it is whole."`
}

type edgeKeysCmd struct {
	File   string `type:"path" required:"" help:"The key file; it is made where it is missing." placeholder:"FILE"`
	Rotate bool   `help:"Add a key that signs from now on; the older ones verify for as long as --keep says."`
	Keep   int    `default:"120" help:"Days for which the older keys verify: the window, the payment deadline and a month."`
	In     int    `default:"10" help:"Minutes until the new key signs: enter it on every edge and worker before."`
}

// Run makes, lists or rotates.
func (c *edgeKeysCmd) Run(e *env) error {
	k, err := edgenode.ReadKeys(c.File)
	switch {
	case errors.Is(err, os.ErrNotExist):
		k = edgenode.NewKeys(e.now())
		if err := k.Write(c.File); err != nil {
			return err
		}
	case err != nil:
		return err
	case c.Rotate:
		if k, err = k.Rotate(e.now().Add(time.Duration(c.In)*time.Minute), time.Duration(c.Keep)*24*time.Hour); err != nil {
			return err
		}
		if err := k.Write(c.File); err != nil {
			return err
		}
	}
	for _, line := range k.List() {
		fmt.Fprintln(e.stdout, line)
	}
	return nil
}

type edgeDoctorCmd struct {
	Dir    string `arg:"" type:"existingdir" help:"The folder of the click log (edge/log in the data folder)."`
	GiveUp uint64 `help:"Give up the first damaged bytes of the segment with this number; the damaged file is kept under another name." placeholder:"SEGMENT"`
}

// Run checks a log, or gives damage up.
func (c *edgeDoctorCmd) Run(e *env) error {
	if c.GiveUp > 0 {
		loss, err := clicklog.GiveUp(vfs.OS{}, c.Dir, c.GiveUp)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "gave up %d bytes of segment %d from byte %d on, which had held %d clicks; the damaged file is %s\n", loss.Bytes, loss.Number, loss.Offset, loss.Records, loss.Saved)
		return nil
	}
	r, err := clicklog.Verify(vfs.OS{}, c.Dir)
	if err != nil {
		return err
	}
	if r.Log == (clicklog.ID{}) {
		return files.Bad("%s holds no click log: name its folder, which is edge/log in the data folder", c.Dir)
	}
	if r.Records == 0 && r.Skipped == 0 {
		fmt.Fprintf(e.stdout, "log %s is whole: it holds no clicks; the next one is number %d\n", r.Log, r.Next)
	} else {
		fmt.Fprintf(e.stdout, "log %s is whole: clicks %d to %d in %d segments, %d bytes\n", r.Log, r.First, r.Next-1, r.Segments, r.Bytes)
	}
	if r.Skipped > 0 {
		fmt.Fprintf(e.stdout, "%d clicks were given up by an operator\n", r.Skipped)
	}
	if r.CutBytes > 0 {
		fmt.Fprintf(e.stdout, "the next start cuts %d bytes of an interrupted commit from the end; nobody was told that they are kept\n", r.CutBytes)
	}
	return nil
}
