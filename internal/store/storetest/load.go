package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Load is what a marketplace reports, for measuring: orders of the program tr with their clicks, each placed, paid and
// received, one in ten refunded in part, in the order of time.
type Load struct {
	Clicks []*click.Click
	Events []order.Event
}

const (
	loadPublishers = 200
	loadProducts   = 2000
)

// NewLoad makes a load. from numbers its first order, so that loads follow each other.
func NewLoad(from, orders int) Load {
	var l Load
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := from; i < from+orders; i++ {
		placedAt := start.Add(time.Duration(i) * 200 * time.Millisecond)
		visitor := fmt.Sprintf("vis_%08d", i/2) // each buys twice
		clicks := 1 + i%3
		for j := range clicks {
			l.Clicks = append(l.Clicks, &click.Click{
				ID: fmt.Sprintf("clk_%012x%06d%02d", placedAt.UnixMicro(), i, j), At: placedAt.Add(-time.Duration(1+j*7) * time.Hour), Program: tr, Visitor: visitor,
				Channel: click.Affiliate, Publisher: fmt.Sprintf("pub-%03d", (i+j)%loadPublishers), AdSpace: "site", TrackingID: "blog",
				Target: click.Target{Kind: program.LinkProduct, Product: productID(i + j)}, Sub: click.Sub{AF: "newsletter", DP: fmt.Sprint(i)},
			})
		}
		k := order.Key{Program: tr, Order: fmt.Sprintf("o-%010d", i)}
		p := &order.Placement{Visitor: visitor, BuyerID: visitor, ShipTo: "TR", Currency: "USD"}
		for j := range 1 + i%2 {
			p.Items = append(p.Items, order.Item{
				ID: fmt.Sprint(j + 1), Product: productID(i + j), Store: fmt.Sprint("store-", (i+j)%40), Category: "toys", Quantity: 1, Amount: int64(500 + i*37%90000), InStock: true,
			})
		}
		l.Events = append(l.Events, order.Event{Key: k, Kind: order.Placed, At: placedAt, Placed: p},
			order.Event{Key: k, Kind: order.Paid, At: placedAt.Add(7 * time.Minute)}, order.Event{Key: k, Kind: order.Completed, At: placedAt.Add(20 * time.Minute)})
		if i%10 == 0 {
			l.Events = append(l.Events, order.Event{Key: k, Kind: order.Refunded, At: placedAt.Add(15 * time.Minute), Refunds: []order.Refund{{Item: "1", Amount: "1.50"}}})
		}
	}
	slices.SortFunc(l.Events, func(a, b order.Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Order, b.Order)) })
	return l
}

func productID(i int) string { return fmt.Sprintf("p-%05d", i*31%loadProducts) }

// Stock enters the publishers and the catalogue of loads.
func Stock(ctx context.Context, s store.Store) error {
	var spaces []*publisher.AdSpace
	for i := range loadPublishers {
		spaces = append(spaces, &publisher.AdSpace{
			ID: "site", Publisher: fmt.Sprintf("pub-%03d", i), Program: tr, TrafficType: program.Content, ApprovedAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		})
	}
	var products []*catalog.Product
	for i := range loadProducts {
		products = append(products, &catalog.Product{ID: productID(i), Store: fmt.Sprint("store-", i%40), Category: "toys", Affiliate: true})
	}
	var stores []*seller.Store
	for i := range 40 {
		stores = append(stores, &seller.Store{ID: fmt.Sprint("store-", i), Name: "A store"})
	}
	return s.Update(ctx, func(tx store.Tx) error {
		if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
			return err
		}
		return tx.Facts().PutCatalog(ctx, products, stores)
	})
}

// Settle reports a load's events to the settlement service, in batches, and returns when everything is decided, booked and
// committed. The service's clock stands at the last event of each batch. Clicks are imported first, where there are any.
func Settle(ctx context.Context, s store.Store, l Load, batch int) error {
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	service, err := settle.New(ctx, s, func() time.Time { return now })
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- service.Run(running) }()
	err = func() error {
		for part := range slices.Chunk(l.Clicks, batch) {
			if _, err := service.ImportClicks(ctx, part); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(l.Events, batch) {
			now = part[len(part)-1].At
			outcomes, err := service.Report(ctx, part)
			if err != nil {
				return err
			}
			for _, o := range outcomes {
				if o.Err != nil || !o.Fresh {
					return fmt.Errorf("an event was not taken in: %w", o.Err)
				}
			}
		}
		return nil
	}()
	stop()
	if e := <-ended; err == nil {
		err = e
	}
	return err
}

// Benchmark measures settlement in batches of 500 order events, with everything: reading, deciding, booking, decision records
// and the commit; and the store's part of it alone. The database holds 10,000 orders before it begins.
func Benchmark(b *testing.B, open Opener) {
	ctx := b.Context()
	s, err := open(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := Stock(ctx, s); err != nil {
		b.Fatal(err)
	}
	const orders = 5000
	from := 0
	next := func() Load {
		l := NewLoad(from, orders)
		from += orders
		if err := Settle(ctx, s, Load{Clicks: l.Clicks}, 500); err != nil {
			b.Fatal(err)
		}
		return l
	}
	for range 2 {
		if err := Settle(ctx, s, next(), 500); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("settlement", func(b *testing.B) {
		events := 0
		for b.Loop() {
			b.StopTimer()
			l := next()
			b.StartTimer()
			if err := Settle(ctx, s, Load{Events: l.Events}, 500); err != nil {
				b.Fatal(err)
			}
			events += len(l.Events)
		}
		perSecond(b, events)
	})
	b.Run("writes", func(b *testing.B) {
		events, batch := 0, 0
		for b.Loop() {
			if err := s.Update(ctx, func(tx store.Tx) error { return writeBatch(ctx, tx, batch) }); err != nil {
				b.Fatal(err)
			}
			batch++
			events += 500
		}
		perSecond(b, events)
	})
	b.Run("clicks", func(b *testing.B) {
		clicks := 0
		for b.Loop() {
			b.StopTimer()
			l := NewLoad(from, orders)
			from += orders
			b.StartTimer()
			for part := range slices.Chunk(l.Clicks, 500) {
				if err := s.Update(ctx, func(tx store.Tx) error {
					_, err := tx.Clicks().Insert(ctx, part)
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
			clicks += len(l.Clicks)
		}
		perSecond(b, clicks)
	})
}

// perSecond reports how many things a second were done.
func perSecond(b *testing.B, n int) {
	//arch:allow float a rate of things a second is no money
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// writeBatch writes what 500 order events lead to: the events, a transaction with its movement and a decision record of 1.5 kB
// for each, and what the orders wait for.
func writeBatch(ctx context.Context, tx store.Tx, batch int) error {
	const size = 500
	var events []order.Event
	var records []store.Record
	var ts []ledger.Transaction
	var next []store.OrderNext
	body := []byte(`{"explanation":"` + strings.Repeat("why this item earned what it earned ", 40) + `"}`)
	for i := range size {
		k := order.Key{Program: tr, Order: fmt.Sprintf("w-%010d", batch*size+i)}
		e := placed(k, at(int64(i)))
		events = append(events, e)
		r := record(k, "1")
		r.JSON = body
		records = append(records, r)
		t := transaction("track/"+k.Order, ledger.Fund, ledger.Tracked, int64(i)+1)
		t.Order, t.Publisher = k.Order, fmt.Sprintf("pub-%03d", i%loadPublishers)
		t.Movements[0].To.Owner = t.Publisher
		ts = append(ts, t)
		next = append(next, store.OrderNext{Key: k, Visitor: k.Order, PlacedAt: e.At, Next: at(int64(batch))})
	}
	if _, err := tx.Orders().InsertEvents(ctx, events, at(1)); err != nil {
		return err
	}
	if err := tx.Ledger().Post(ctx, ts); err != nil {
		return err
	}
	if err := tx.Decisions().Put(ctx, records); err != nil {
		return err
	}
	return tx.Orders().SetNext(ctx, next)
}
