// Package live is the demo after its past: the clock goes on, an edge answers links of the demo's publishers, and the simulator clicks
// them over HTTP and buys now and then.
package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/clickload"
	"github.com/clickledger/clickledger/internal/clicklog"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/edge/httpd"
	"github.com/clickledger/clickledger/internal/edgenode"
	"github.com/clickledger/clickledger/internal/schedule"
	"github.com/clickledger/clickledger/internal/simulate"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Options are what a demo goes on with.
type Options struct {
	Store  store.Store
	Market *demo.Market
	Settle *settle.Service
	Clock  *demo.Clock
	Wall   func() time.Time // the machine's clock, by which traffic is paced
	Log    *slog.Logger
	Rate   float64 // clicks a second; 0: none
	Seed   uint64
	Dir    string // of the click log
	Listen string // address of the redirect
}

// Live is a demo that goes on.
type Live struct {
	Links *links.Service
	Care  *links.Care

	o    Options
	node *edgenode.Node
	ln   net.Listener
	of   []program.ID // whose each link is

	mu     sync.Mutex
	random *rand.Rand
	orders int
}

// Open opens the edge; Run lets it live.
func Open(ctx context.Context, o Options) (*Live, error) {
	o.Clock.Go(o.Wall)
	l := &Live{o: o, random: rand.New(rand.NewPCG(o.Seed, 0x11fe))}
	keys := edgenode.NewKeys(o.Clock.Now().Add(-time.Hour))
	o.Settle.UseKeys(keys.Tokens)
	var err error
	if l.ln, err = httpd.Listen(ctx, o.Listen); err != nil {
		return nil, fmt.Errorf("listening for clicks: %w", err)
	}
	l.Links = links.New(o.Store, keys.Code, "http://"+l.ln.Addr().String(), o.Clock.Now)
	l.Care = links.NewCare(l.Links, links.CareParts{Targets: shop, Pages: l.blog, Log: o.Log})
	l.node, err = edgenode.Open(edgenode.Config{
		Dir: o.Dir, Mode: clicklog.Durable, Keys: keys, Now: o.Clock.Now, Wall: o.Wall, Logger: slog.New(slog.DiscardHandler),
		Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return nil, errors.Join(err, l.ln.Close())
	}
	return l, nil
}

// spaces is how many ad spaces get links, and how many each.
const (
	spaces = 12
	each   = 5
)

// make makes links of the demo's publishers: to products, and to the home page.
func (l *Live) make(ctx context.Context) ([]string, error) {
	now := l.o.Clock.Now()
	var wishes []links.Wish
	for _, s := range l.o.Market.Spaces {
		if !s.JoinedAt(now) || len(wishes) >= spaces*each {
			continue
		}
		for i := range each {
			w := links.Wish{Program: s.Program, Publisher: s.Publisher, AdSpace: s.ID, Target: link.Target{Kind: program.LinkHome}}
			if i > 0 && len(l.o.Market.Products) > 0 {
				p := l.o.Market.Products[l.random.IntN(len(l.o.Market.Products))]
				w.Target = link.Target{Kind: program.LinkProduct, Product: p.ID, Store: p.Store}
			}
			wishes = append(wishes, w)
		}
	}
	made, err := l.Links.Make(ctx, wishes)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for i := range made {
		if made[i].Err == nil {
			addresses, l.of = append(addresses, l.Links.URL(made[i].Link.Code)), append(l.of, made[i].Link.Program)
		}
	}
	return addresses, nil
}

// Run serves the edge and simulates traffic until the context ends.
func (l *Live) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var jobs sync.WaitGroup
	var serving error
	jobs.Go(func() {
		defer stop()
		serving = l.node.Run(ctx, l.o.Store, clickload.Sink{Settle: l.o.Settle}, l.ln)
	})
	jobs.Go(func() { schedule.Tick(ctx, l.o.Settle, l.o.Log) })
	jobs.Go(func() { l.Care.Run(ctx) })
	err := l.simulate(ctx)
	stop()
	jobs.Wait()
	return errors.Join(err, serving, l.node.Close())
}

// simulate clicks, ten minutes at a time: each has its own quiet and its own rush.
func (l *Live) simulate(ctx context.Context) error {
	addresses, err := l.make(ctx)
	if err == nil {
		err = l.plan(ctx)
	}
	if err != nil || len(addresses) == 0 || l.o.Rate <= 0 {
		<-ctx.Done()
		return err
	}
	select { // the edge learns of the links within a second
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	for seed := l.o.Seed; ctx.Err() == nil; seed++ {
		_, err := simulate.Run(ctx, simulate.Options{
			Shape: simulate.Shape{Seed: seed, Rate: l.o.Rate, Length: 10 * time.Minute}, Addresses: addresses, Workers: 8, Parameter: link.DefaultParam, Now: l.o.Wall,
			Clicked: func(v *simulate.Visit, token string) { l.clicked(ctx, v, token) },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Buys is one in how many shoppers who buys.
const Buys = 25

// clicked lets a shopper buy now and then: the order carries the click's token, and nothing else ties it to the click.
func (l *Live) clicked(ctx context.Context, v *simulate.Visit, token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if token == "" || v.Want != "valid" || v.As == simulate.Flooder || l.random.IntN(Buys) > 0 || len(l.o.Market.Products) == 0 || len(l.o.Market.Spaces) == 0 {
		return
	}
	l.orders++
	p := l.o.Market.Products[l.random.IntN(len(l.o.Market.Products))]
	now := l.o.Clock.Now()
	k := order.Key{Program: l.of[v.Link], Order: fmt.Sprintf("live-%05d", l.orders)}
	placed := order.Event{Key: k, Kind: order.Placed, At: now, Placed: &order.Placement{
		Visitor: fmt.Sprintf("live-visitor-%d", l.orders), Click: token, BuyerID: fmt.Sprintf("live-buyer-%d", l.orders), NewBuyer: l.random.IntN(3) == 0,
		ShipTo: []string{"RO", "PL", "DE", "TR", "US", "RU"}[l.random.IntN(6)], Currency: "USD",
		Items: []order.Item{{ID: "1", Product: p.ID, Store: p.Store, Category: p.Category, Quantity: 1, Amount: int64(500 + l.random.IntN(20000)), InStock: true}},
	}}
	if _, err := l.o.Settle.Report(ctx, []order.Event{placed, {Key: k, Kind: order.Paid, At: now.Add(time.Millisecond)}}); err != nil && ctx.Err() == nil {
		l.o.Log.Error("a live order could not be reported", "error", err)
	}
}
