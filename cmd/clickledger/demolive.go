package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/simulate"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// live is the demo after its past: the clock goes on, an edge answers links of the demo's publishers, and the simulator clicks them
// over HTTP and buys now and then.
type live struct {
	env    *env
	db     store.Store
	market *demo.Market
	settle *settle.Service
	clock  *demo.Clock
	log    *slog.Logger
	node   *edgenode.Node
	ln     net.Listener
	links  *links.Service
	rate   float64
	seed   uint64
	of     []program.ID // whose each link is

	mu     sync.Mutex
	random *rand.Rand
	orders int
}

// startLive opens the edge; Run lets it live.
func startLive(ctx context.Context, c *demoCmd, l *live) error {
	l.clock.Go(l.env.now)
	l.random = rand.New(rand.NewPCG(l.seed, 0x11fe))
	keys := edgenode.NewKeys(l.clock.Now().Add(-time.Hour))
	l.settle.UseKeys(keys.Tokens)
	var err error
	if l.ln, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.EdgeListen); err != nil {
		return fmt.Errorf("listening for clicks: %w", err)
	}
	l.links = links.New(l.db, keys.Code, "http://"+l.ln.Addr().String(), l.clock.Now)
	l.node, err = edgenode.Open(edgenode.Config{
		Dir: filepath.Join(c.Data, "edge"), Mode: clicklog.Durable, Keys: keys, Now: l.clock.Now, Wall: l.env.now, Logger: slog.New(slog.DiscardHandler),
		Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return errors.Join(err, l.ln.Close())
	}
	return nil
}

// demoLinks is how many ad spaces get links, and how many each.
const (
	demoSpaces = 12
	demoEach   = 5
)

// make makes links of the demo's publishers: to products, and to the home page.
func (l *live) make(ctx context.Context) ([]string, error) {
	now := l.clock.Now()
	var wishes []links.Wish
	for _, s := range l.market.Spaces {
		if !s.JoinedAt(now) || len(wishes) >= demoSpaces*demoEach {
			continue
		}
		for i := range demoEach {
			w := links.Wish{Program: s.Program, Publisher: s.Publisher, AdSpace: s.ID, Target: link.Target{Kind: program.LinkHome}}
			if i > 0 && len(l.market.Products) > 0 {
				p := l.market.Products[l.random.IntN(len(l.market.Products))]
				w.Target = link.Target{Kind: program.LinkProduct, Product: p.ID, Store: p.Store}
			}
			wishes = append(wishes, w)
		}
	}
	made, err := l.links.Make(ctx, wishes)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for i := range made {
		if made[i].Err == nil {
			addresses, l.of = append(addresses, l.links.URL(made[i].Link.Code)), append(l.of, made[i].Link.Program)
		}
	}
	return addresses, nil
}

// run serves the edge and simulates traffic until the context ends.
func (l *live) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var jobs sync.WaitGroup
	var serving error
	jobs.Go(func() {
		defer stop()
		serving = runNode(ctx, l.node, l.db, clickload.Sink{Settle: l.settle}, l.ln)
	})
	jobs.Go(func() { tick(ctx, l.settle, l.log) })
	err := l.simulate(ctx)
	stop()
	jobs.Wait()
	return errors.Join(err, serving, l.node.Close())
}

// simulate clicks, ten minutes at a time: each has its own quiet and its own rush.
func (l *live) simulate(ctx context.Context) error {
	addresses, err := l.make(ctx)
	if err != nil || len(addresses) == 0 || l.rate <= 0 {
		<-ctx.Done()
		return err
	}
	select { // the edge learns of the links within a second
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	for seed := l.seed; ctx.Err() == nil; seed++ {
		_, err := simulate.Run(ctx, simulate.Options{
			Shape: simulate.Shape{Seed: seed, Rate: l.rate, Length: 10 * time.Minute}, Addresses: addresses, Workers: 8, Parameter: link.DefaultParam, Now: l.env.now,
			Clicked: func(v *simulate.Visit, token string) { l.clicked(ctx, v, token) },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// buys is one in how many shoppers who buys.
const buys = 25

// clicked lets a shopper buy now and then: the order carries the click's token, and nothing else ties it to the click.
func (l *live) clicked(ctx context.Context, v *simulate.Visit, token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if token == "" || v.Want != "valid" || v.As == simulate.Flooder || l.random.IntN(buys) > 0 || len(l.market.Products) == 0 || len(l.market.Spaces) == 0 {
		return
	}
	l.orders++
	p := l.market.Products[l.random.IntN(len(l.market.Products))]
	now := l.clock.Now()
	k := order.Key{Program: l.of[v.Link], Order: fmt.Sprintf("live-%05d", l.orders)}
	placed := order.Event{Key: k, Kind: order.Placed, At: now, Placed: &order.Placement{
		Visitor: fmt.Sprintf("live-visitor-%d", l.orders), Click: token, BuyerID: fmt.Sprintf("live-buyer-%d", l.orders), NewBuyer: l.random.IntN(3) == 0,
		ShipTo: []string{"RO", "PL", "DE", "TR", "US", "RU"}[l.random.IntN(6)], Currency: "USD",
		Items: []order.Item{{ID: "1", Product: p.ID, Store: p.Store, Category: p.Category, Quantity: 1, Amount: int64(500 + l.random.IntN(20000)), InStock: true}},
	}}
	if _, err := l.settle.Report(ctx, []order.Event{placed, {Key: k, Kind: order.Paid, At: now.Add(time.Millisecond)}}); err != nil && ctx.Err() == nil {
		l.log.Error("a live order could not be reported", "error", err)
	}
}
