package demo

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// Shape says how large a simulated marketplace is.
type Shape struct {
	Seed   uint64
	From   time.Time
	Days   int
	Clicks int // of each program, over all days
	// Buys is how many times as many clicks as usual lead to an order; 0: as usual.
	Buys float64
}

// habits are how a program's visitors behave, so that its metrics come near the published ones (programs.md).
type habits struct {
	buys    float64 // share of valid clicks that lead to an order
	receive float64 // share of paid orders that are received and kept
	wait    int     // days until receipt, on average
}

var habitsOf = map[program.ID]habits{
	"tr":              {0.0090, 0.93, 9},
	"global-eu":       {0.0120, 0.94, 9},
	"portals":         {0.0270, 0.92, 9},
	"portals-session": {0.0150, 0.92, 9},
}

// kinds of ad space, the frequent ones first.
var trafficTypes = []program.TrafficType{
	program.Content, program.Review, program.Social, program.Cashback, program.Coupon, program.Dropshipping, program.Extension,
	program.Subnetwork, program.Video, program.Messenger, program.PriceComparison, program.Forum,
}

var categories = []string{
	"mobile_phones", "tablets", "laptops", "external_storage", "home_audio_video", "mobile_phone_accessories", "interior_accessories",
	"garden_supplies", "womens_clothing", "mens_clothing", "childrens_clothing", "jewellery", "toys", "sports", "beauty",
}

// simulator makes a market from a seed.
type simulator struct {
	*Market
	r      *rand.Rand
	shape  Shape
	spaces map[program.ID][]*publisher.AdSpace
	goods  map[string]*catalog.Product // the simulated ones, by id
	own    []*catalog.Product          // the same, in the order they were made
	serial int
}

// Simulate makes a marketplace from a seed: the same shape always gives the same one. quotes must have a rate into dollars for
// each of Currencies on every day. Where real is given, its orders happen too, in the program portals.
func Simulate(shape Shape, quotes []store.Quote, real *Real) *Market {
	s := &simulator{
		Market: &Market{Quotes: quotes}, r: rand.New(rand.NewPCG(shape.Seed, 1)), shape: shape, spaces: make(map[program.ID][]*publisher.AdSpace), goods: make(map[string]*catalog.Product),
	}
	s.catalogue()
	for _, p := range program.ReferenceIDs() {
		s.publishers(p)
		if real != nil && p == real.Program {
			s.around(real)
			continue
		}
		s.traffic(p)
	}
	s.sort()
	return s.Market
}

// Currencies are those that simulated orders are in, beside dollars.
func Currencies() []money.Currency { return []money.Currency{"EUR", "GBP", "TRY", "PLN"} }

func (m *Market) sort() {
	slices.SortStableFunc(m.Clicks, click.Compare)
	slices.SortStableFunc(m.Events, func(a, b order.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind))
	})
}

func (s *simulator) chance(p float64) bool { return s.r.Float64() < p }

func (s *simulator) percent(lo, hi int) *money.Rate {
	x := money.MustRate(fmt.Sprintf("%d.%02d", lo+s.r.IntN(hi-lo), s.r.IntN(100)))
	return &x
}

// catalogue makes stores, some of them on lists, and products.
func (s *simulator) catalogue() {
	lists := []string{"no_commission", "chuwi", "electronics_brands", "all_types_075", "no_non_affiliate"}
	for i := range 60 {
		st := &seller.Store{ID: fmt.Sprintf("store-%02d", i), Name: fmt.Sprintf("Store %d", i)}
		if i < len(lists) {
			st.Lists = []string{lists[i]}
		}
		s.Stores = append(s.Stores, st)
	}
	for i := range 900 {
		p := &catalog.Product{
			ID: fmt.Sprintf("p%04d", i), Store: s.Stores[int(math.Sqrt(float64(i*4)))%len(s.Stores)].ID,
			Category: categories[s.r.IntN(len(categories))], Affiliate: !s.chance(0.12), Virtual: s.chance(0.01),
		}
		if s.chance(0.1) {
			p.HotRate = s.percent(9, 20)
		}
		if s.chance(0.3) {
			p.SellerRate = s.percent(2, 30)
		}
		if s.chance(0.1) {
			from := s.shape.From.AddDate(0, 0, s.r.IntN(s.shape.Days))
			p.Campaigns = []catalog.Campaign{{Rate: *s.percent(10, 40), From: from, To: from.AddDate(0, 0, 7)}}
		}
		s.Products, s.own, s.goods[p.ID] = append(s.Products, p), append(s.own, p), p
	}
}

func (s *simulator) publishers(p program.ID) {
	for i := range 24 {
		a := &publisher.AdSpace{
			ID: fmt.Sprintf("space-%s-%02d", p, i), Publisher: fmt.Sprintf("pub-%02d", i), Program: p,
			TrafficType: trafficTypes[i%len(trafficTypes)], ApprovedAt: s.shape.From.AddDate(0, 0, -30+s.r.IntN(60)),
			TrackingIDs: []string{"main", "blog"},
		}
		switch i {
		case 4: // a coupon site
			a.Coupons = []string{"SAVE-" + string(p)}
		case 17: // a stuffer, found and blocked
			a.BlockedAt = s.shape.From.AddDate(0, 0, s.shape.Days/2)
		}
		s.Spaces = append(s.Spaces, a)
		s.spaces[p] = append(s.spaces[p], a)
		if a.Publisher == Subnetwork {
			for _, d := range SubPublishers() {
				s.Spaces = append(s.Spaces, &publisher.AdSpace{
					ID: d.ID, Publisher: a.Publisher, Program: p, TrafficType: a.TrafficType, ApprovedAt: a.ApprovedAt, Parent: a.ID, TrackingIDs: a.TrackingIDs,
				})
			}
		}
	}
}

// traffic makes a program's clicks and orders.
func (s *simulator) traffic(p program.ID) {
	h := habitsOf[p]
	if h.buys == 0 {
		h = habits{0.01, 0.92, 9}
	}
	if s.shape.Buys > 0 {
		h.buys *= s.shape.Buys
	}
	for n := range s.shape.Clicks {
		// Days get busier towards the end, evenings are busier than nights.
		day := int(float64(s.shape.Days) * math.Sqrt(float64(n)+s.r.Float64()) / math.Sqrt(float64(s.shape.Clicks)))
		at := s.shape.From.AddDate(0, 0, min(day, s.shape.Days-1)).Add(time.Duration(6+s.r.NormFloat64()*4+8) * time.Hour).Add(time.Duration(s.r.IntN(3_600_000_000)) * time.Microsecond)
		visitor := fmt.Sprintf("%s-v%d", p, s.r.IntN(s.shape.Clicks*2/3))
		c := s.click(p, visitor, at)
		if c.Verdict == click.Valid && s.chance(h.buys) {
			s.order(p, h, c)
		}
	}
	// Buyers whom no publisher sent.
	for n := range s.shape.Clicks / 200 {
		c := click.Click{Program: p, Visitor: fmt.Sprintf("%s-own%d", p, n), At: s.shape.From.Add(time.Duration(s.r.IntN(s.shape.Days*24)) * time.Hour)}
		s.order(p, h, &c)
	}
}

func (s *simulator) click(p program.ID, visitor string, at time.Time) *click.Click {
	s.serial++
	a := s.spaces[p][min(s.r.IntN(24), s.r.IntN(24))] // a few publishers have most of the traffic
	product := s.own[s.r.IntN(len(s.own))]
	c := &click.Click{
		ID: fmt.Sprintf("clk_%013x%08x", at.UnixMicro(), s.serial), At: at, Program: p, Visitor: visitor, Channel: click.Affiliate,
		Publisher: a.Publisher, AdSpace: a.ID, TrackingID: a.TrackingIDs[s.r.IntN(2)], Session: visitor + at.Format("-0102"),
		Target: click.Target{Kind: program.LinkProduct, Product: product.ID, Store: product.Store},
		Sub:    click.Sub{AF: fmt.Sprintf("a%d", s.r.IntN(20)), CN: fmt.Sprintf("c%d", s.r.IntN(5))},
	}
	if subs := SubPublishers(); a.Publisher == Subnetwork && s.serial%4 > 0 {
		c.AdSpace = subs[s.serial%4-1].ID
	}
	switch x := s.r.IntN(20); {
	case x < 4:
		c.Target = click.Target{Kind: program.LinkHome}
	case x < 6:
		c.Target = click.Target{Kind: program.LinkSearch}
	case x < 7:
		c.Target = click.Target{Kind: program.LinkStore, Store: product.Store}
	case x < 9:
		c.Target.Kind = program.LinkHot
	}
	switch x := s.r.IntN(100); {
	case x < 5:
		c.Verdict = click.Bot
	case x < 7:
		c.Verdict = click.Duplicate
	case a.BlockedBy(at):
		c.Verdict = click.Blocked
	case a.Publisher == "pub-17" && x < 60:
		c.Verdict = click.CookieStuffing
	}
	s.Clicks = append(s.Clicks, c)
	if s.chance(0.03) { // the marketplace's own advertising reaches the same visitor
		s.serial++
		s.Clicks = append(s.Clicks, &click.Click{
			ID: fmt.Sprintf("clk_%013x%08x", at.UnixMicro(), s.serial), At: at.Add(time.Duration(s.r.IntN(36)) * time.Hour), Program: p, Visitor: visitor,
			Channel: []string{"paid_search", "display", "email", "organic"}[s.r.IntN(4)], Session: c.Session, Target: click.Target{Kind: program.LinkHome},
		})
	}
	return c
}

// order makes an order after a click, and what becomes of it.
func (s *simulator) order(p program.ID, h habits, c *click.Click) {
	s.serial++
	k := order.Key{Program: p, Order: fmt.Sprintf("%s-%06d", p, s.serial)}
	placed := c.At.Add(time.Duration(math.Exp(math.Log(40)+1.8*s.r.NormFloat64()) * float64(time.Minute))).Truncate(time.Microsecond)
	if placed.Sub(c.At) > 70*time.Hour {
		placed = c.At.Add(70 * time.Hour)
	}
	pl := &order.Placement{
		Visitor: c.Visitor, Session: c.Session, BuyerID: "b-" + c.Visitor, NewBuyer: s.chance(0.25),
		ShipTo: []string{"TR", "DE", "PL", "RO", "FR", "ES", "GB", "RU", "KZ", "UA", "US"}[s.r.IntN(11)], Currency: []money.Currency{"USD", "USD", "EUR", "GBP", "TRY", "PLN"}[s.r.IntN(6)],
	}
	if s.chance(0.3) {
		pl.Click = c.ID // the marketplace kept the click token
	}
	if s.chance(0.05) {
		pl.CouponCode, pl.CouponAmount = "SAVE-"+string(p), 300
	}
	for n := range 1 + min(s.r.IntN(3), s.r.IntN(3)) {
		product := s.own[s.r.IntN(len(s.own))]
		if n == 0 && c.Target.Product != "" && s.chance(0.6) {
			product = s.goods[c.Target.Product]
		}
		amount := int64(math.Exp(math.Log(3000)+0.9*s.r.NormFloat64())) + 100
		if pl.Currency == "TRY" {
			amount *= 30
		}
		pl.Items = append(pl.Items, order.Item{
			ID: fmt.Sprint(n + 1), Product: product.ID, Store: product.Store, Category: product.Category, Quantity: 1, Amount: amount, InStock: !s.chance(0.01),
		})
	}
	s.Events = append(s.Events, order.Event{Key: k, Kind: order.Placed, At: placed, Placed: pl})
	s.fate(k, h, placed, pl)
}

// fate makes what becomes of a placed order: it is paid and received, mostly.
func (s *simulator) fate(k order.Key, h habits, placed time.Time, pl *order.Placement) {
	add := func(kind order.EventKind, at time.Time, change func(*order.Event)) {
		e := order.Event{Key: k, Kind: kind, At: at.Truncate(time.Microsecond)}
		if change != nil {
			change(&e)
		}
		s.Events = append(s.Events, e)
	}
	if s.chance(0.03) {
		return // never paid
	}
	paid := placed.Add(time.Duration(s.r.IntN(120)) * time.Minute)
	add(order.Paid, paid, nil)
	received := paid.AddDate(0, 0, 1+s.r.IntN(2*h.wait))
	item := pl.Items[s.r.IntN(len(pl.Items))]
	switch {
	case s.chance(h.receive):
	case s.chance(0.5):
		add(order.Cancelled, paid.Add(20*time.Hour), nil)
		return
	case s.chance(0.6):
		add(order.Refunded, received.AddDate(0, 0, 3), func(e *order.Event) {
			e.Refunds = []order.Refund{{Item: item.ID, Amount: money.New(item.Amount, pl.Currency).Decimal()}}
		})
	default:
		add(order.Fraud, received.AddDate(0, 0, 30), func(e *order.Event) {
			e.Items, e.Evidence = []string{item.ID}, "the buyer's card was reported stolen"
		})
	}
	add(order.Completed, received, nil)
	if s.chance(0.03) { // a part comes back long after receipt
		add(order.Refunded, received.AddDate(0, 0, 20+s.r.IntN(20)), func(e *order.Event) {
			e.Refunds = []order.Refund{{Item: item.ID, Amount: money.New(item.Amount/3, pl.Currency).Decimal()}}
		})
	}
}
