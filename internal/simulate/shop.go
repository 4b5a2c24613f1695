package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/client"
)

// ShopOptions say who buys what. Reporter, Program and Now must be there.
type ShopOptions struct {
	Reporter Reporter
	Program  string
	Seed     uint64
	Share    float64 // of the shoppers whose click counts: so many buy. Default 0.05
	// Currency, ShipTo and Category of what is bought: what the program pays for. Defaults USD, RO, toys.
	Currency, ShipTo, Category string
	// Prefix begins the orders' names; another run needs another one, or its orders are known already. Default "sim-" and the time.
	Prefix string
	Now    func() time.Time
}

// Reporter is the server's API, as client.Client speaks it.
type Reporter interface {
	ReportOrders(ctx context.Context, events ...client.Event) (client.Outcomes, error)
	GetOrder(ctx context.Context, in client.GetOrderInput) (client.OrderAnswer, error)
}

// Shop is where the shoppers of a run buy: orders carry the token of the click, are paid, and then completed, cancelled or refunded. It
// also tries what must not work: tokens of clicks that do not count, and altered ones. Its methods may be called by many goroutines.
type Shop struct {
	o ShopOptions

	mu   sync.Mutex
	r    *rand.Rand
	all  []*sale
	left []*sale // not reported yet
}

// sale is an order.
type sale struct {
	name  string
	at    time.Time
	token string
	click string // which must win it; empty: none may
	cents int
	why   string // what the order is for
}

// The kinds of sales, as reports name them.
const (
	bought  = "bought after a click that counts"
	faked   = "an altered token"
	worth   = "the token of a click that does not count"
	maxCall = 400 // events in a call
)

// NewShop returns a shop.
func NewShop(o ShopOptions) *Shop {
	if o.Share == 0 {
		o.Share = 0.05
	}
	for _, d := range [...]struct {
		to *string
		is string
	}{{&o.Currency, "USD"}, {&o.ShipTo, "RO"}, {&o.Category, "toys"}, {&o.Prefix, "sim-" + o.Now().UTC().Format("20060102T150405.000") + "-"}} {
		if *d.to == "" {
			*d.to = d.is
		}
	}
	return &Shop{o: o, r: rand.New(rand.NewPCG(o.Seed, 0x5a1e))}
}

// Clicked lets a shopper buy, or not. It is an Options.Clicked.
func (s *Shop) Clicked(v *Visit, text string) {
	if text == "" || v.As == Flooder {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.r.Float64() >= s.o.Share {
		return
	}
	b := &sale{name: fmt.Sprintf("%s%06d", s.o.Prefix, len(s.all)+1), at: s.o.Now(), token: text, cents: 500 + s.r.IntN(20_000), why: bought}
	switch {
	case v.Want != "valid":
		b.why = worth
	case s.r.IntN(20) == 0:
		b.why, b.token = faked, altered(text, s.r)
	default:
		id, err := token.Named(text)
		if err != nil {
			return // the run counts tokens that are none
		}
		b.click = id.String()
	}
	s.all, s.left = append(s.all, b), append(s.left, b)
}

// altered is a token with another character somewhere.
func altered(text string, r *rand.Rand) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := []byte(text)
	i := r.IntN(len(b))
	at := strings.IndexByte(alphabet, b[i])
	b[i] = alphabet[(at+1+r.IntN(len(alphabet)-1))%len(alphabet)]
	return string(b)
}

// Run reports orders once a second until the context ends, which is no error, and then what is left.
func (s *Shop) Run(ctx context.Context) error {
	for {
		if err := s.report(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		wait(ctx, time.Second)
	}
}

// report places and pays the orders that are new.
func (s *Shop) report(ctx context.Context) error {
	s.mu.Lock()
	left := s.left
	s.left = nil
	s.mu.Unlock()
	var events []client.Event
	for _, b := range left {
		events = append(events, client.Event{
			Order: b.name, Event: "placed", At: b.at, Program: s.o.Program, Visitor: "v-" + b.name, Click: b.token, Buyer: &client.Buyer{ID: "b-" + b.name}, ShipTo: s.o.ShipTo, Currency: s.o.Currency,
			Items: []any{client.Item{Item: "1", Product: "p-" + b.name, Store: "s-1", Category: s.o.Category, Amount: decimal(b.cents)}},
		}, client.Event{Order: b.name, Event: "paid", At: b.at.Add(time.Millisecond), Program: s.o.Program})
	}
	return s.send(ctx, events)
}

func (s *Shop) send(ctx context.Context, events []client.Event) error {
	for len(events) > 0 {
		n := min(maxCall, len(events))
		out, err := s.o.Reporter.ReportOrders(ctx, events[:n]...)
		if err != nil {
			return fmt.Errorf("reporting orders: %w", err)
		}
		for _, o := range out.Events {
			if o.Outcome != "accepted" {
				return fmt.Errorf("order %s, %s: %s: %s %s", o.Order, o.Event, o.Outcome, o.Member, o.Reason)
			}
		}
		events = events[n:]
	}
	return nil
}

func decimal(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// Sales is what became of a shop's orders.
type Sales struct {
	Orders                         int
	Completed, Cancelled, Refunded int
	Checked                        map[string]int // by kind
	Attributed                     int            // to the click that their token names
	Wrong                          int            // to another one or to none although they should, or to one although they should not
	Errors                         []string       // the first wrong ones
}

// auditAtMost is how many orders are asked for by themselves.
const auditAtMost = 500

// Close completes, cancels or refunds what was bought, and looks at the decisions: each order must be won by the click whose token it
// carried, and none by a click that does not count or a token that was altered.
func (s *Shop) Close(ctx context.Context) (*Sales, error) {
	if err := s.report(ctx); err != nil {
		return nil, err
	}
	rep := &Sales{Orders: len(s.all), Checked: make(map[string]int)}
	var events []client.Event
	now := s.o.Now()
	for _, b := range s.all {
		e := client.Event{Order: b.name, Event: "completed", At: now, Program: s.o.Program}
		switch n := s.r.IntN(20); {
		case n == 0:
			e.Event = "cancelled"
			rep.Cancelled++
		case n < 3:
			back := e
			back.Event, back.At, back.Items = "refunded", now.Add(time.Millisecond), []any{client.Refund{Item: "1", Amount: decimal(1 + s.r.IntN(b.cents))}}
			events = append(events, e)
			e = back
			rep.Refunded++
		default:
			rep.Completed++
		}
		events = append(events, e)
	}
	if err := s.send(ctx, events); err != nil {
		return nil, err
	}
	every := max(1, (len(s.all)+auditAtMost-1)/auditAtMost)
	for i, b := range s.all {
		if i%every != 0 && b.why == bought {
			continue // those that must not work are all looked at
		}
		if err := s.check(ctx, b, rep); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// check looks at an order's decision.
func (s *Shop) check(ctx context.Context, b *sale, rep *Sales) error {
	o, err := s.o.Reporter.GetOrder(ctx, client.GetOrderInput{Program: s.o.Program, Order: b.name, Lang: "en"})
	if err != nil {
		return fmt.Errorf("reading order %s: %w", b.name, err)
	}
	rep.Checked[b.why]++
	wrong := ""
	if len(o.Items) != 1 {
		wrong = fmt.Sprintf("has %d decisions", len(o.Items))
	}
	for _, item := range o.Items {
		var d struct{ Click, Publisher string }
		if err := json.Unmarshal(item.Record, &d); err != nil {
			return fmt.Errorf("reading order %s: %w", b.name, err)
		}
		switch {
		case d.Click == b.click && (d.Publisher == "") == (b.click == ""):
			if b.click != "" {
				rep.Attributed++
			}
		case b.click == "":
			wrong = fmt.Sprintf("is won by click %s of %s", d.Click, d.Publisher)
		default:
			wrong = fmt.Sprintf("is won by click %q of %q and not by %s: %s", d.Click, d.Publisher, b.click, strings.Join(item.Sentences, " "))
		}
	}
	if wrong == "" {
		return nil
	}
	if rep.Wrong++; len(rep.Errors) < 5 {
		rep.Errors = append(rep.Errors, fmt.Sprintf("order %s, %s, %s", b.name, b.why, wrong))
	}
	return nil
}

// Write writes the report for people.
func (r *Sales) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d orders: %d completed, %d cancelled, %d refunded\n", r.Orders, r.Completed, r.Cancelled, r.Refunded)
	if err == nil {
		_, err = fmt.Fprintf(w, "%d decisions checked: %d of %d orders after a click that counts are won by that click; %d with the token of one that does not and %d with an altered token; %d wrong\n",
			r.Checked[bought]+r.Checked[worth]+r.Checked[faked], r.Attributed, r.Checked[bought], r.Checked[worth], r.Checked[faked], r.Wrong)
	}
	for _, e := range r.Errors {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %s\n", e)
		}
	}
	return err
}
