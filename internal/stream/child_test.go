package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/edge"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edge/links"
	"github.com/clickledger/clickledger/internal/edge/record"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/pgtest"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/vfs"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// The tests' servers, edges and workers are processes of their own, so that they can be killed: this test program, which finds in its
// environment what it is to be.
const (
	roleEnv  = "CLICKLEDGER_STREAM_ROLE"
	setupEnv = "CLICKLEDGER_STREAM_SETUP"
)

func TestMain(m *testing.M) {
	role, ok := os.LookupEnv(roleEnv)
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	go func() { // the parent's end is ours, however it comes
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := childMain(role, os.Getenv(setupEnv)); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
}

// setup is what a child needs to know.
type setup struct {
	Name   string
	Dir    string
	Routes []string // of a NATS server
	Lazy   bool     // a NATS server that does not sync
	Config string   // file of a NATS server's settings, where they are not the tests' own
	NATS   string   // addresses, for edges and workers
	Shards int
	Copies int    // replicas of each message
	Store  string // address of PostgreSQL, for workers
	Plain  bool   // a worker with a store of the test's own, which can be made to enter clicks twice
	// Red controls.
	EarlyPosition, EarlyAck, Doubles bool
}

// ports is what a child says when it is ready.
type ports struct{ Client, Cluster, Monitor, HTTP string }

func (p ports) announce() error { return json.NewEncoder(os.Stdout).Encode(p) }

func childMain(role, text string) error {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	switch role {
	case "nats":
		return s.nats()
	case "edge":
		return s.edge()
	case "worker":
		return s.worker()
	}
	return fmt.Errorf("no role %q", role)
}

func (s *setup) nats() error {
	o := &server.Options{
		ServerName: s.Name, Host: "127.0.0.1", Port: -1, HTTPHost: "127.0.0.1", HTTPPort: -1, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: s.Dir, SyncAlways: !s.Lazy, PingInterval: 300 * time.Millisecond, MaxPingsOut: 2, WriteDeadline: 2 * time.Second,
	}
	if s.Routes != nil {
		// Nobody is told how to reach a server but by the proxies. Port 1 is where nobody listens.
		o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: -1, NoAdvertise: true, Advertise: "127.0.0.1:1", PingInterval: 300 * time.Millisecond, MaxPingsOut: 2}
		o.Routes = server.RoutesFromStr(join(s.Routes))
	}
	if s.Config != "" {
		var err error
		if o, err = server.ProcessConfigFile(s.Config); err != nil {
			return err
		}
		o.NoSigs, o.NoLog = true, true
	}
	srv, err := server.NewServer(o)
	if err != nil {
		return err
	}
	if os.Getenv("CLICKLEDGER_STREAM_LOG") != "" {
		srv.SetLogger(stderrLog{s.Name}, false, false)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		return errors.New("not ready after 10 s")
	}
	p := ports{Client: srv.Addr().String(), Monitor: srv.MonitorAddr().String()}
	if s.Routes != nil {
		p.Cluster = srv.ClusterAddr().String()
	}
	if err := p.announce(); err != nil {
		return err
	}
	srv.WaitForShutdown()
	return nil
}

// stderrLog writes what a NATS server has to say.
type stderrLog struct{ name string }

func (l stderrLog) say(f string, v ...any) {
	fmt.Fprintln(os.Stderr, time.Now().Format(time.StampMilli), l.name, fmt.Sprintf(f, v...))
}
func (l stderrLog) Noticef(f string, v ...any) { l.say(f, v...) }
func (l stderrLog) Warnf(f string, v ...any)   { l.say(f, v...) }
func (l stderrLog) Fatalf(f string, v ...any)  { l.say(f, v...) }
func (l stderrLog) Errorf(f string, v ...any)  { l.say(f, v...) }
func (l stderrLog) Debugf(f string, v ...any)  { l.say(f, v...) }
func (l stderrLog) Tracef(f string, v ...any)  { l.say(f, v...) }

func join(routes []string) string {
	var b bytes.Buffer
	for i, r := range routes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("nats-route://" + r)
	}
	return b.String()
}

func childLog(name string) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, nil)).With("from", name)
}

// keyring is the one of all edges.
func keyring() (*token.Keyring, error) {
	return token.NewKeyring(token.Key{ID: 1, Secret: token.Secret{1}, From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
}

// publishers is how many publishers have a link.
const publishers = 20

func linkCode(n int) string { return fmt.Sprintf("Link%06d", n) }

func newEdge(log edge.Log) (*edge.Edge, error) {
	table, err := links.New(1000, 1)
	if err != nil {
		return nil, err
	}
	site, err := link.NewSite([]string{"shop.example"}, "https://shop.example/home", "")
	if err != nil {
		return nil, err
	}
	if err := table.PutProgram(links.Program{ID: "prog", Site: site, Traffic: program.TrafficPolicy{Default: program.Allowed}}); err != nil {
		return nil, err
	}
	for n := range publishers {
		c, ok := link.ParseCode(linkCode(n))
		if !ok {
			return nil, fmt.Errorf("%q is no code", linkCode(n))
		}
		id := uint64(n + 1)
		err := table.Put(&links.Link{Code: c, ID: id, Program: "prog", Publisher: fmt.Sprint(4700 + n), AdSpace: fmt.Sprint(100 + n), TrackingID: "blog",
			Target: link.Target{Kind: program.LinkHot, Product: fmt.Sprintf("p%d", n), Store: "s1", URL: fmt.Sprintf("https://shop.example/item/%d", n)}})
		if err != nil {
			return nil, err
		}
	}
	keys, err := keyring()
	if err != nil {
		return nil, err
	}
	e, err := edge.New(edge.Config{Table: table, Keys: keys, Log: log, Now: time.Now, Flood: edge.Flood{Log: 12, Limit: 1 << 30}})
	if err != nil {
		return nil, err
	}
	e.SetReady(true)
	return e, nil
}

// edge is an edge: the redirect, its click log on the real disk, and the shipper.
func (s *setup) edge() error {
	log, err := clicklog.Open(vfs.OS{}, filepath.Join(s.Dir, "clicks"), clicklog.Options{Now: time.Now, SegmentBytes: 1 << 20, StallLimit: time.Minute, Logger: childLog(s.Name)})
	if err != nil {
		return err
	}
	e, err := newEdge(log)
	if err != nil {
		return err
	}
	nc, err := Connect(Server{URL: s.NATS, Name: s.Name, Silence: 900 * time.Millisecond})
	if err != nil {
		return err
	}
	ship, err := NewShipper(nc, ShipperOptions{Options: Options{Shards: s.Shards}, Log: log, Cursor: clicklog.NewCursor(vfs.OS{}, filepath.Join(s.Dir, "shipped")),
		Linger: 20 * time.Millisecond, AckTimeout: time.Second, Logger: childLog(s.Name)})
	if err != nil {
		return err
	}
	ship.early = s.EarlyPosition
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	plain := &httpd.Plain{Edge: e, Now: time.Now}
	ended := make(chan error, 2)
	go func() { ended <- plain.Serve(ln) }()
	go func() { ended <- ship.Run(context.Background()) }()
	if err := (ports{HTTP: ln.Addr().String()}).announce(); err != nil {
		return err
	}
	return <-ended
}

// sink is a store in PostgreSQL: a row for each click, and how many there were for each publisher, entered by one transaction.
type sink struct {
	pool *pgxpool.Pool
	// doubles leaves out the question whether a click is there already: a red control.
	doubles bool
}

const sinkTables = `CREATE TABLE click (id text PRIMARY KEY, times bigint NOT NULL DEFAULT 1); CREATE TABLE rollup (publisher text PRIMARY KEY, clicks bigint NOT NULL)`

func (s *sink) Store(ctx context.Context, records [][]byte) error {
	var (
		rec       record.Record
		ids, pubs []string
	)
	for _, r := range records {
		if err := rec.Decode(r); err != nil {
			return err
		}
		ids, pubs = append(ids, rec.Click.String()), append(pubs, string(rec.Publisher))
	}
	again := "DO NOTHING"
	if s.doubles {
		again = "DO UPDATE SET times = click.times + 1"
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `WITH given AS (SELECT DISTINCT id, publisher FROM unnest($1::text[], $2::text[]) AS g(id, publisher) ORDER BY id),
			entered AS (INSERT INTO click (id) SELECT id FROM given ON CONFLICT (id) `+again+` RETURNING id)
			INSERT INTO rollup (publisher, clicks) SELECT publisher, count(*) FROM given JOIN entered USING (id) GROUP BY publisher ORDER BY publisher
			ON CONFLICT (publisher) DO UPDATE SET clicks = rollup.clicks + excluded.clicks`, ids, pubs)
		return err
	})
}

// worker is a worker with the product's store, or with the test's own.
func (s *setup) worker() error {
	ctx := context.Background()
	var keep func(context.Context, [][]byte) error
	settling := make(chan error, 1)
	if s.Plain {
		pool, err := pgxpool.New(ctx, s.Store)
		if err != nil {
			return err
		}
		keep = (&sink{pool, s.Doubles}).Store
	} else {
		db, err := postgres.Open(ctx, s.Store)
		if err != nil {
			return err
		}
		service, err := settle.New(ctx, db, time.Now)
		if err != nil {
			return err
		}
		go func() { settling <- service.Run(ctx) }()
		keep = clickload.Sink{Settle: service}.Store
	}
	nc, err := Connect(Server{URL: s.NATS, Name: s.Name, Silence: 900 * time.Millisecond})
	if err != nil {
		return err
	}
	c, err := NewConsumer(nc, ConsumerOptions{Options: Options{Shards: s.Shards, Replicas: s.Copies}, Store: keep, Refused: func(err error) bool { return errors.Is(err, store.ErrConflict) },
		StoreTimeout: time.Second, AckWait: 2 * time.Second, RetryPause: 50 * time.Millisecond, Now: time.Now, Logger: childLog(s.Name)})
	if err != nil {
		return err
	}
	c.early = s.EarlyAck
	if err := (ports{}).announce(); err != nil {
		return err
	}
	go func() { settling <- c.Run(ctx) }()
	return <-settling
}

// child is a process that can be killed and started again.
type child struct {
	role string
	setup
	ports ports

	cmd   *exec.Cmd
	stdin io.Closer
	said  *said
}

// said is what a process writes to its standard error.
type said struct {
	mu sync.Mutex
	b  []byte
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.b)
}

func (c *child) start(t testing.TB) {
	t.Helper()
	text, err := json.Marshal(c.setup)
	if err != nil {
		t.Fatal(err)
	}
	if c.said == nil {
		c.said = &said{}
		t.Cleanup(func() {
			c.kill()
			if t.Failed() && c.said.String() != "" {
				t.Logf("%s said:\n%s", c.Name, c.said)
			}
		})
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return len(v) > 8 && v[:8] == "GOCOVERD" }), roleEnv+"="+c.role, setupEnv+"="+string(text), "GOMAXPROCS=2")
	cmd.Stderr = c.said
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.cmd = cmd
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &c.ports)
	}
	if err != nil {
		t.Fatalf("%s did not begin: %v: %s", c.Name, err, c.said)
	}
}

// kill is kill -9.
func (c *child) kill() {
	if c.cmd == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	_ = c.stdin.Close()
	c.cmd = nil
}

// database makes a schema for a test, and returns a connection pool to it, how a proxy reaches the server, and the address of the schema
// through a proxy.
func database(t testing.TB) (pool *pgxpool.Pool, network, target string, through func(proxy string) string) {
	t.Helper()
	c, err := pgxpool.ParseConfig(pgtest.Address(t).String())
	if err != nil {
		t.Fatal(err)
	}
	if network, target = "tcp", net.JoinHostPort(c.ConnConfig.Host, fmt.Sprint(c.ConnConfig.Port)); filepath.IsAbs(c.ConnConfig.Host) {
		network, target = "unix", filepath.Join(c.ConnConfig.Host, fmt.Sprintf(".s.PGSQL.%d", c.ConnConfig.Port))
	}
	schema := fmt.Sprintf("stream%d_%d", os.Getpid(), time.Now().UnixNano())
	c.ConnConfig.RuntimeParams["search_path"] = schema
	if pool, err = pgxpool.NewWithConfig(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		pool.Close()
	})
	return pool, network, target, func(proxy string) string {
		u := url.URL{Scheme: "postgres", User: url.UserPassword(c.ConnConfig.User, c.ConnConfig.Password), Host: proxy, Path: "/" + c.ConnConfig.Database,
			RawQuery: url.Values{"sslmode": {"disable"}, "search_path": {schema}, "connect_timeout": {"2"}}.Encode()}
		return u.String()
	}
}
