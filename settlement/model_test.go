package settlement_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// world is a small marketplace of one program, made from a seed: who is there, what is sold, what happened.
type world struct {
	program  program.ID
	tables   map[program.ID]*commission.Table
	dir      publisher.Directory
	products map[string]*catalog.Product
	stores   map[string]*seller.Store
	exchange money.Exchange

	clicks []*click.Click
	orders []told
	end    time.Time // later than everything, all holds and limits included
}

// told is an order with its events, as they happened.
type told struct {
	key    order.Key
	events []order.Event
}

func (w *world) Table(p program.ID, _ time.Time) *commission.Table { return w.tables[p] }
func (w *world) Space(p program.ID, pub, space string) *publisher.AdSpace {
	return w.dir.Find(p, pub, space)
}
func (w *world) SpaceByCoupon(p program.ID, code string) *publisher.AdSpace {
	return w.dir.ByCoupon(p, code)
}
func (w *world) Product(id string) *catalog.Product { return w.products[id] }
func (w *world) Store(id string) *seller.Store      { return w.stores[id] }
func (w *world) Exchange(day money.Day, from, to money.Currency) (money.Rate, money.Day, error) {
	return w.exchange.On(day, from, to)
}

var origin = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// tables are compiled once; they are never changed.
var tables = func() map[program.ID]*commission.Table {
	m := make(map[program.ID]*commission.Table)
	for _, id := range program.ReferenceIDs() {
		v, _ := program.Reference(id)
		m[id] = commission.Compile(v[len(v)-1])
	}
	return m
}()

// newWorld makes a world. Times are chosen close together, on few values, so that ties and boundaries happen.
func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 7))
	ids := program.ReferenceIDs()
	w := &world{
		program: ids[r.IntN(len(ids))], tables: tables,
		products: make(map[string]*catalog.Product), stores: make(map[string]*seller.Store),
	}
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	types := program.TrafficTypes()
	for i := range 4 {
		s := &publisher.AdSpace{
			ID: fmt.Sprintf("s%d", i), Publisher: fmt.Sprintf("pub%d", i%3), Program: w.program,
			TrafficType: types[r.IntN(len(types))], ApprovedAt: origin.Add(-time.Duration(r.IntN(240)) * time.Hour),
		}
		if r.IntN(3) == 0 {
			s.TrafficType = []program.TrafficType{program.Cashback, program.Dropshipping, program.Extension}[r.IntN(3)]
		}
		if r.IntN(4) == 0 {
			s.BlockedAt = origin.Add(time.Duration(r.IntN(240)) * time.Hour)
		}
		if i == 0 {
			s.Coupons = []string{"SAVE"}
		}
		if err := w.dir.Add(s); err != nil {
			panic(err)
		}
	}
	categories := []string{"mobile_phones", "womens_clothing", "toys", "jewellery", "tablets"}
	rate := func(odds int) *money.Rate {
		if r.IntN(odds) != 0 {
			return nil
		}
		x := money.MustRate(fmt.Sprintf("%d.%02d", r.IntN(80), r.IntN(100)))
		return &x
	}
	for i := range 6 {
		p := &catalog.Product{
			ID: fmt.Sprintf("p%d", i), Store: fmt.Sprintf("st%d", i%3), Category: categories[r.IntN(len(categories))],
			Affiliate: r.IntN(4) != 0, Virtual: r.IntN(12) == 0, HotRate: rate(3), SellerRate: rate(3),
		}
		if c := rate(4); c != nil {
			p.Campaigns = []catalog.Campaign{{Rate: *c, From: origin, To: origin.Add(time.Duration(r.IntN(200)+1) * time.Hour)}}
		}
		w.products[p.ID] = p
	}
	for i := range 3 {
		s := &seller.Store{ID: fmt.Sprintf("st%d", i)}
		if r.IntN(3) == 0 {
			s.Lists = []string{pick("no_commission", "chuwi", "electronics_brands", "all_types_075", "no_non_affiliate")}
		}
		w.stores[s.ID] = s
	}
	for d := range 200 {
		day := money.Day(origin.AddDate(0, 0, d-1).Format(time.DateOnly))
		for _, c := range []money.Currency{"EUR", "JPY", "KWD"} {
			scale := map[money.Currency]string{"EUR": "1.%04d", "JPY": "0.006%03d", "KWD": "3.%04d"}[c]
			if err := w.exchange.Add(day, c, "USD", money.MustRate(fmt.Sprintf(scale, r.IntN(1000)+1))); err != nil {
				panic(err)
			}
		}
	}
	w.happen(r, pick)
	w.end = origin.AddDate(0, 0, 150)
	return w
}

// happen makes the clicks and the orders.
func (w *world) happen(r *rand.Rand, pick func(...string) string) {
	hours := func(n int) time.Duration { return time.Duration(r.IntN(n)) * time.Hour }
	for i := range 4 + r.IntN(8) {
		n := r.IntN(4)
		c := &click.Click{
			ID: fmt.Sprintf("c%02d", i), At: origin.Add(hours(200)), Program: w.program, Visitor: pick("v1", "v2"), Channel: click.Affiliate,
			Publisher: fmt.Sprintf("pub%d", n%3), AdSpace: fmt.Sprintf("s%d", n), Session: pick("x", "y"),
			Target: click.Target{Kind: program.LinkKind(1 + r.IntN(9)), Product: fmt.Sprintf("p%d", r.IntN(7))},
		}
		if r.IntN(6) == 0 {
			c.Channel, c.Publisher, c.AdSpace = pick("paid_search", "display", "organic"), "", ""
		}
		if r.IntN(8) == 0 {
			c.Verdict = click.Bot
		}
		w.clicks = append(w.clicks, c)
	}
	for i := range 1 + r.IntN(3) {
		w.orders = append(w.orders, w.tell(r, i, pick, hours))
	}
}

func (w *world) tell(r *rand.Rand, n int, pick func(...string) string, hours func(int) time.Duration) told {
	k := order.Key{Program: w.program, Order: fmt.Sprintf("o%d/~%d", n, n)}
	p := &order.Placement{
		Visitor: pick("v1", "v2"), Session: pick("x", "y"), BuyerID: "b", NewBuyer: r.IntN(2) == 0, ShipTo: pick("RO", "RU", "DE"),
		Currency: money.Currency(pick("USD", "EUR", "JPY", "KWD")),
	}
	if r.IntN(4) == 0 {
		p.Click = fmt.Sprintf("c%02d", r.IntN(8))
	}
	if r.IntN(4) == 0 {
		p.CouponCode, p.CouponAmount = pick("SAVE", "OTHER"), int64(r.IntN(5000))
	}
	for i := range 1 + r.IntN(4) {
		product := r.IntN(7)
		p.Items = append(p.Items, order.Item{
			ID: fmt.Sprint(i + 1), Product: fmt.Sprintf("p%d", product), Store: fmt.Sprintf("st%d", product%3), Category: "toys",
			Quantity: 1, Amount: int64(r.IntN(200_000)), InStock: r.IntN(10) != 0,
		})
	}
	placed := origin.Add(hours(220))
	t := told{key: k, events: []order.Event{{Key: k, Kind: order.Placed, At: placed, Placed: p}}}
	add := func(e order.Event) { t.events = append(t.events, e) }
	at := placed.Add(hours(80))
	if r.IntN(8) != 0 {
		add(order.Event{Key: k, Kind: order.Paid, At: at})
	}
	if r.IntN(5) != 0 {
		add(order.Event{Key: k, Kind: order.Completed, At: at.Add(hours(70 * 24))})
	}
	if r.IntN(3) == 0 {
		suspect(r, placed, p.Items, add, k)
	}
	for range r.IntN(4) {
		at := placed.Add(hours(100 * 24))
		item := p.Items[r.IntN(len(p.Items))]
		switch r.IntN(4) {
		case 0:
			e := order.Event{Key: k, Kind: order.Cancelled, At: at}
			if r.IntN(2) == 0 {
				e.Items = []string{item.ID}
			}
			add(e)
		case 1:
			add(order.Event{Key: k, Kind: order.Fraud, At: at, Items: []string{item.ID}, Evidence: "seen"})
		default:
			part := item.Amount
			if r.IntN(3) != 0 {
				part = item.Amount / int64(1+r.IntN(4))
			}
			add(order.Event{Key: k, Kind: order.Refunded, At: at, Refunds: []order.Refund{{Item: item.ID, Amount: money.New(part, p.Currency).Decimal()}}})
		}
	}
	return t
}

// suspect lets trust cases happen to items of an order: held, cleared or deducted, restored on appeal, in turn and at once, and
// some of them not in the order that makes sense, for the fold must bear what is told.
func suspect(r *rand.Rand, placed time.Time, items []order.Item, add func(order.Event), k order.Key) {
	for n := range 1 + r.IntN(2) {
		e := order.Event{Key: k, Case: fmt.Sprintf("case%d", n)}
		for _, it := range items {
			if r.IntN(2) == 0 {
				e.Items = append(e.Items, it.ID)
			}
		}
		at := placed.Add(time.Duration(r.IntN(60*24)) * time.Hour)
		tell := func(kind order.EventKind, evidence string) {
			e.Kind, e.At, e.Evidence = kind, at, evidence
			add(e)
			at = at.Add(time.Duration(r.IntN(40*24)) * time.Hour)
		}
		if r.IntN(5) != 0 {
			tell(order.Held, "bots")
		}
		switch r.IntN(4) {
		case 0: // it stays open
		case 1:
			tell(order.Cleared, "")
		default:
			tell(order.Deducted, "seen by a person")
			if r.IntN(2) == 0 {
				tell(order.Restored, "")
			}
		}
	}
}
