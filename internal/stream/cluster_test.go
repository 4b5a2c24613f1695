package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/store/postgres"
)

// plant is a whole installation: NATS servers, edges, workers and PostgreSQL, with a proxy on every way between two of them.
type plant struct {
	t       testing.TB
	shards  int
	plain   bool // workers use the test's own store
	nats    []*child
	edges   []*child
	workers []*child
	pool    *pgxpool.Pool

	routes  [][]*proxy          // from server to server
	clients map[string][]*proxy // from a client, by its name, to each server
	fronts  []*proxy            // from shoppers to each edge
	stores  []*proxy            // from each worker to PostgreSQL

	js   jetstream.JetStream // of the test itself
	keys *token.Keyring

	mu    sync.Mutex
	acked map[string]bool // clicks whose redirect was answered
}

func newPlant(t testing.TB, servers, edges, workers, shards int, plain bool) *plant {
	t.Helper()
	p := &plant{t: t, shards: shards, plain: plain, clients: map[string][]*proxy{}, acked: map[string]bool{}}
	dir := t.TempDir()
	pool, network, target, through := database(t)
	p.pool = pool
	var err error
	if p.keys, err = keyring(); err != nil {
		t.Fatal(err)
	}
	for i := range servers {
		var row []*proxy
		for range servers {
			row = append(row, newProxy(t))
		}
		p.routes = append(p.routes, row)
		p.nats = append(p.nats, &child{role: "nats", setup: setup{Name: fmt.Sprintf("nats%d", i), Dir: filepath.Join(dir, fmt.Sprintf("nats%d", i))}})
	}
	for i, n := range p.nats {
		for j := range p.nats {
			if i != j {
				n.Routes = append(n.Routes, p.routes[i][j].addr())
			}
		}
	}
	client := func(role string, i int) *child {
		name := fmt.Sprintf("%s%d", role, i)
		c := &child{role: role, setup: setup{Name: name, NATS: p.way(name), Shards: shards, Copies: servers, Dir: filepath.Join(dir, name)}}
		if err := os.Mkdir(c.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for i := range edges {
		p.edges = append(p.edges, client("edge", i))
		p.fronts = append(p.fronts, newProxy(t))
	}
	for i := range workers {
		w := client("worker", i)
		db := newProxy(t)
		db.to(network, target)
		w.Store, w.Plain = through(db.addr()), plain
		if i == 0 {
			p.tables(w.Store)
		}
		p.workers, p.stores = append(p.workers, w), append(p.stores, db)
	}
	nc, err := Connect(Server{URL: p.way("test"), Name: "test", Silence: 900 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if p.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(time.Second)); err != nil {
		t.Fatal(err)
	}
	return p
}

// tables makes the store's tables.
func (p *plant) tables(dsn string) {
	p.t.Helper()
	if p.plain {
		if _, err := p.pool.Exec(p.t.Context(), sinkTables); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	db, err := postgres.Open(p.t.Context(), dsn)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// way makes the proxies between a client and the servers, and returns their addresses.
func (p *plant) way(name string) string {
	var urls []string
	for range p.nats {
		x := newProxy(p.t)
		p.clients[name] = append(p.clients[name], x)
		urls = append(urls, "nats://"+x.addr())
	}
	return strings.Join(urls, ",")
}

// begin starts a program, or starts it again, and tells the proxies where it is now.
func (p *plant) begin(c *child) {
	p.t.Helper()
	c.start(p.t)
	for i, n := range p.nats {
		if n == c {
			for _, ways := range p.clients {
				ways[i].to("tcp", c.ports.Client)
			}
			for _, row := range p.routes {
				row[i].to("tcp", c.ports.Cluster)
			}
		}
	}
	for i, e := range p.edges {
		if e == c {
			p.fronts[i].to("tcp", c.ports.HTTP)
		}
	}
}

// cutServer cuts a NATS server off from everybody, or mends that.
func (p *plant) cutServer(i int, cut bool) {
	for _, ways := range p.clients {
		ways[i].setCut(cut)
	}
	for j := range p.nats {
		p.routes[i][j].setCut(cut)
		p.routes[j][i].setCut(cut)
	}
}

// cutClient cuts an edge or worker off from all NATS servers, or mends that.
func (p *plant) cutClient(name string, cut bool) {
	for _, x := range p.clients[name] {
		x.setCut(cut)
	}
}

// shopper follows links of an edge, and notes the clicks whose redirect was answered.
type shopper struct {
	p      *plant
	client http.Client
	front  string
	chance *rand.Rand
}

func (p *plant) shopper(edge int, seed uint64) *shopper {
	return &shopper{p: p, front: p.fronts[edge].addr(), chance: rand.New(rand.NewPCG(seed, 1)), client: http.Client{
		Timeout: 3 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{}}}
}

// follow makes a click and returns its ID, once it is acknowledged.
func (s *shopper) follow(ctx context.Context) (string, error) {
	u := fmt.Sprintf("http://%s/e/%s?af=%d&dp=campaign-%d", s.front, linkCode(s.chance.IntN(publishers)), s.chance.IntN(1000), s.chance.IntN(50))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36")
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	_ = resp.Body.Close()
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusFound {
		return "", errors.Join(err, fmt.Errorf("status %d", resp.StatusCode))
	}
	claims, err := s.p.keys.Parse(to.Query().Get("clk"), time.Now())
	if err != nil {
		return "", err
	}
	id := claims.Click.String()
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.acked[id] = true
	return id, nil
}

// must makes n clicks, each of which is answered.
func (s *shopper) must(n int) (last string) {
	s.p.t.Helper()
	for range n {
		var err error
		if last, err = s.follow(s.p.t.Context()); err != nil {
			s.p.t.Fatal(err)
		}
	}
	return last
}

func (s *shopper) leave() { s.client.CloseIdleConnections() }

func (p *plant) answered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.acked)
}

// stored returns the clicks in the store, and by how many the clicks that were added up exceed them.
func (p *plant) stored() (ids map[string]bool, doubled int64) {
	p.t.Helper()
	ids = map[string]bool{}
	clicks, more := "SELECT id FROM clicks", "SELECT (SELECT coalesce(sum(clicks), 0) FROM click_days)::bigint - (SELECT count(*) FROM clicks)"
	if p.plain {
		clicks, more = "SELECT id FROM click", "SELECT (SELECT coalesce(sum(clicks), 0) FROM rollup)::bigint - (SELECT count(*) FROM click)"
	}
	rows, err := p.pool.Query(p.t.Context(), clicks)
	if err != nil {
		p.t.Fatal(err)
	}
	var id string
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { ids[id] = true; return nil }); err != nil {
		p.t.Fatal(err)
	}
	err = p.pool.QueryRow(p.t.Context(), more).Scan(&doubled)
	if err != nil {
		p.t.Fatal(err)
	}
	return ids, doubled
}

// books compares what was answered with what is stored.
func (p *plant) books() (missing int, doubled int64) {
	p.t.Helper()
	ids, doubled := p.stored()
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.acked {
		if !ids[id] {
			missing++
		}
	}
	return missing, doubled
}

// pending returns how many messages wait for a worker.
func (p *plant) pending() (uint64, error) {
	var all uint64
	o := Options{}
	if err := o.complete(); err != nil {
		return 0, err
	}
	for shard := range p.shards {
		c, err := p.js.Consumer(p.t.Context(), o.stream(shard), durable)
		if err != nil {
			return 0, err
		}
		i := c.CachedInfo()
		all += i.NumPending + uint64(i.NumAckPending)
	}
	return all, nil
}

// until waits for something that other programs do.
func (p *plant) until(what string, f func() bool) {
	p.t.Helper()
	end := time.Now().Add(45 * time.Second)
	for !f() {
		if time.Now().After(end) {
			p.t.Fatalf("waited too long: %s", what)
		}
		if sleep(p.t.Context(), 50*time.Millisecond) != nil {
			p.t.Fatal("interrupted")
		}
	}
}

// idle waits until nothing waits in the streams.
func (p *plant) idle() {
	p.t.Helper()
	p.until("messages that no worker stores", func() bool {
		n, err := p.pending()
		return err == nil && n == 0
	})
}

// Each NATS server, edge and worker is killed, started again and cut off, and the ways to PostgreSQL are cut, all under load. In the end every
// click whose redirect was answered is in the store, and none was entered twice.
func TestClusterLosesNoClick(t *testing.T) {
	p := newPlant(t, 3, 2, 2, 2, false)
	for _, all := range [][]*child{p.nats, p.workers, p.edges} {
		for _, c := range all {
			p.begin(c)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var load sync.WaitGroup
	defer load.Wait()
	defer stop()
	for i := range 4 {
		s := p.shopper(i%len(p.edges), uint64(i))
		load.Go(func() {
			defer s.leave()
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for ctx.Err() == nil {
				_, _ = s.follow(ctx) // a click that was not answered is owed nothing
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	p.until("the first clicks in the store", func() bool {
		ids, _ := p.stored()
		return len(ids) > 0
	})

	pause := func(d time.Duration) {
		t.Helper()
		if sleep(ctx, d) != nil {
			t.Fatal("interrupted")
		}
	}
	kill := func(c *child) func() {
		return func() {
			c.kill()
			pause(500 * time.Millisecond)
			p.begin(c)
		}
	}
	cut := func(f func(bool)) func() {
		return func() {
			before := p.answered()
			f(true)
			pause(1200 * time.Millisecond)
			f(false)
			if p.answered() == before {
				t.Error("the edges stopped answering")
			}
		}
	}
	trouble := []struct {
		name string
		do   func()
	}{
		{"kill nats0", kill(p.nats[0])}, {"kill edge0", kill(p.edges[0])}, {"kill worker0", kill(p.workers[0])},
		{"cut edge0 off", cut(func(c bool) { p.cutClient("edge0", c) })}, {"cut worker0 off", cut(func(c bool) { p.cutClient("worker0", c) })},
		{"cut nats0 off", cut(func(c bool) { p.cutServer(0, c) })},
		{"cut worker0 off from PostgreSQL", cut(func(c bool) { p.stores[0].setCut(c) })}, {"drop worker0's connections to PostgreSQL", p.stores[0].drop},
		{"kill nats1", kill(p.nats[1])}, {"kill edge1", kill(p.edges[1])}, {"kill worker1", kill(p.workers[1])},
		{"cut edge1 off", cut(func(c bool) { p.cutClient("edge1", c) })}, {"cut worker1 off", cut(func(c bool) { p.cutClient("worker1", c) })},
		{"cut nats1 off", cut(func(c bool) { p.cutServer(1, c) })},
		{"cut everybody off from PostgreSQL", cut(func(c bool) { p.stores[0].setCut(c); p.stores[1].setCut(c) })},
		{"drop worker1's connections to PostgreSQL", p.stores[1].drop},
		{"kill nats2", kill(p.nats[2])}, {"cut nats2 off", cut(func(c bool) { p.cutServer(2, c) })},
		{"cut all NATS servers off", cut(func(c bool) {
			for i := range p.nats {
				p.cutServer(i, c)
			}
		})},
	}
	for _, x := range trouble {
		before := p.answered()
		x.do()
		pause(150 * time.Millisecond)
		t.Logf("%-42s %5d clicks answered", x.name, p.answered()-before)
	}
	stop()
	load.Wait()

	for i := range p.edges { // the last click of each edge, so that an edge that is far behind is waited for
		s := p.shopper(i, 99)
		s.must(1)
		s.leave()
	}
	var missing int
	var doubled int64
	p.until("the last clicks in the store", func() bool {
		missing, doubled = p.books()
		return missing == 0
	})
	p.idle()
	missing, doubled = p.books()
	ids, _ := p.stored()
	t.Logf("%d clicks answered, %d stored, %d missing, %d doubled", p.answered(), len(ids), missing, doubled)
	if missing != 0 || doubled != 0 {
		t.Errorf("of %d clicks that were answered, %d are missing; %d are doubled", p.answered(), missing, doubled)
	}
	var parked jetstream.Stream
	p.until("an answer of the stream of what was parked", func() bool { // the servers may still be electing its leader
		var err error
		parked, err = p.js.Stream(t.Context(), "CLICKS-PARKED")
		return err == nil
	})
	if n := parked.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("%d messages were parked", n)
	}
}

// The three mistakes that would lose or double clicks are switched on, one at a time, and seen. Without them the same trouble does no harm.
func TestBooksSeeMistakes(t *testing.T) {
	for _, x := range []struct {
		name    string
		mistake func(*setup)
		trouble func(p *plant, s *shopper)
		lost    bool // else doubled
	}{
		{"the position moves before the acknowledgement", func(s *setup) { s.EarlyPosition = true }, func(p *plant, s *shopper) {
			p.cutClient("edge0", true)
			s.must(50)
			if p.edges[0].EarlyPosition {
				p.until("the cursor", func() bool {
					_, err := os.Stat(filepath.Join(p.edges[0].Dir, "shipped"))
					return err == nil
				})
			}
			p.edges[0].kill()
			for _, x := range p.clients["edge0"] {
				x.drop() // what a dead program had sent does not arrive later
			}
			p.cutClient("edge0", false)
			p.begin(p.edges[0])
		}, true},
		{"a message is acknowledged before the commit", func(s *setup) { s.EarlyAck = true }, func(p *plant, s *shopper) {
			p.stores[0].setCut(true)
			s.must(50)
			p.until("a store that fails", func() bool { return strings.Contains(p.workers[0].said.String(), "cannot be stored") })
			p.workers[0].kill()
			p.stores[0].setCut(false)
			p.begin(p.workers[0])
		}, true},
		{"the store does not know a click again", func(s *setup) { s.Doubles = true }, func(p *plant, s *shopper) {
			s.must(50)
			p.until("the clicks in the store", func() bool { missing, _ := p.books(); return missing == 0 })
			// As after the store was restored from a backup: the workers begin again at the oldest message.
			for shard := range p.shards {
				p.until("the consumer's end", func() bool {
					return p.js.DeleteConsumer(p.t.Context(), fmt.Sprintf("CLICKS-%d", shard), durable) == nil
				})
			}
		}, false},
	} {
		for _, wrong := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/red control=%v", x.name, wrong), func(t *testing.T) {
				p := newPlant(t, 1, 1, 1, 1, true)
				p.nats[0].Routes = nil
				if wrong {
					x.mistake(&p.edges[0].setup)
					x.mistake(&p.workers[0].setup)
				}
				for _, c := range []*child{p.nats[0], p.workers[0], p.edges[0]} {
					p.begin(c)
				}
				s := p.shopper(0, 7)
				defer s.leave()
				p.until("the stream", func() bool { _, err := p.pending(); return err == nil })
				x.trouble(p, s)
				mark := s.must(1)
				p.until("the last click in the store", func() bool { ids, _ := p.stored(); return ids[mark] })
				p.idle()
				missing, doubled := p.books()
				if lost := missing > 0; lost != (wrong && x.lost) {
					t.Errorf("%d clicks are missing", missing)
				}
				if twice := doubled > 0; twice != (wrong && !x.lost) {
					t.Errorf("%d clicks are doubled", doubled)
				}
			})
		}
	}
}

// A server that acknowledges before it syncs is found out by its monitoring page, one that syncs is not complained of.
func TestServersThatDoNotSyncAreRefused(t *testing.T) {
	for _, lazy := range []bool{false, true} {
		c := &child{role: "nats", setup: setup{Name: "nats", Dir: t.TempDir(), Lazy: lazy}}
		c.start(t)
		gone := "http://127.0.0.1:1" // a server that is down keeps nobody from work
		o := Options{Monitors: []string{gone, "http://" + c.ports.Monitor + "/"}}
		if err := o.checkSync(t.Context(), childLog("test")); errors.Is(err, ErrUnsynced) != lazy {
			t.Errorf("lazy=%v: %v", lazy, err)
		}
		nc, err := nats.Connect("nats://" + c.ports.Client)
		if err != nil {
			t.Fatal(err)
		}
		nc.Close()
		c.kill()
	}
}
