package settlement_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/settlement"
)

// situation is an order whose explanation is written down in testdata/explanations.txt.
type situation struct {
	name   string
	terms  func(*program.Terms)
	clicks []*click.Click
	space  publisher.AdSpace // one more
	placed order.Placement
	events []order.Event
	at     time.Duration
}

func situations() []situation {
	paid, completed := happened(order.Paid, day), happened(order.Completed, 3*day)
	aff := func(id string, at time.Duration, pub string) *click.Click {
		return &click.Click{ID: id, At: origin.Add(at), Channel: click.Affiliate, Publisher: pub, AdSpace: "s", Target: click.Target{Kind: program.LinkHome}}
	}
	product := aff("c2", -2*time.Hour, "b")
	product.Target = click.Target{Kind: program.LinkProduct, Product: "p1"}
	bot := aff("c3", -3*time.Hour, "b")
	bot.Verdict = click.Bot
	search := &click.Click{ID: "c4", At: origin.Add(-4 * time.Hour), Channel: "paid_search"}
	item := func(id string, amount int64) order.Item {
		return order.Item{ID: id, Quantity: 1, Amount: amount, InStock: true}
	}
	gone := item("i1", 50_00)
	gone.InStock = false
	channels := func(p *program.Terms) { p.Attribution.Channels = map[string]bool{"paid_search": true} }
	run := func(p *program.Terms) {
		p.Attribution.Window = program.Window{Length: 30 * day, FromFirst: true, ToPayment: true}
	}
	newBuyers := func(p *program.Terms) {
		twenty, five := money.MustRate("20"), money.MustRate("5")
		p.Rates = program.Rates{OrderCap: 12_00, Steps: []program.RateStep{
			{Kind: program.StepVirtual}, {Kind: program.StepNewBuyer, Otherwise: &twenty, UpliftCap: 10_00}, {Kind: program.StepDefault, Otherwise: &five},
		}}
	}
	return []situation{
		{name: "won by a product link, waiting for the hold", clicks: []*click.Click{aff("c1", -time.Hour, "a"), product, bot}, events: []order.Event{paid, completed}, at: 4 * day},
		{name: "no click", at: day},
		{name: "another channel's click stands before", terms: channels, clicks: []*click.Click{search, aff("c1", -time.Hour, "a")}, events: []order.Event{paid}, at: 2 * day},
		{name: "the first click of a run, not paid yet", terms: run, clicks: []*click.Click{aff("c1", -2*day, "a"), aff("c2", -day, "a")}, at: time.Hour},
		{
			name: "a coupon, a refund and another currency", space: publisher.AdSpace{Coupons: []string{"SAVE"}},
			placed: order.Placement{CouponCode: "SAVE", CouponAmount: 10_00, Currency: "EUR", Items: []order.Item{item("i1", 60_00), item("i2", 40_00)}},
			events: []order.Event{paid, {Kind: order.Refunded, At: origin.Add(2 * day), Refunds: []order.Refund{{Item: "i1", Amount: "5"}}}, completed}, at: 40 * day,
		},
		{
			name: "a new buyer, both caps", terms: newBuyers, clicks: []*click.Click{aff("c1", -time.Hour, "a")},
			placed: order.Placement{NewBuyer: true, Currency: "USD", Items: []order.Item{item("i1", 100_00), item("i2", 50_00)}}, events: []order.Event{paid}, at: 2 * day,
		},
		{
			name: "a new buyer, within both caps", terms: newBuyers, clicks: []*click.Click{aff("c1", -time.Hour, "a")},
			placed: order.Placement{NewBuyer: true, Currency: "USD", Items: []order.Item{item("i1", 10_00)}}, events: []order.Event{paid}, at: 2 * day,
		},
		{name: "not in stock", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, placed: order.Placement{Currency: "USD", Items: []order.Item{gone}}, at: day},
		{name: "cancelled", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{happened(order.Cancelled, day)}, at: day},
		{name: "fraud with evidence", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{{Kind: order.Fraud, At: origin.Add(day), Evidence: "seen"}}, at: day},
		{name: "fraud without evidence", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{happened(order.Fraud, day)}, at: day},
		{
			name: "held by a case before the hold is over", clicks: []*click.Click{aff("c1", -time.Hour, "a")},
			events: []order.Event{paid, completed, {Kind: order.Held, At: origin.Add(10 * day), Case: "case_1", Evidence: "bots"}}, at: 40 * day,
		},
		{
			name: "deducted by a case", clicks: []*click.Click{aff("c1", -time.Hour, "a")},
			events: []order.Event{paid, completed, {Kind: order.Deducted, At: origin.Add(30 * day), Case: "case_1", Evidence: "seen by a person"}}, at: 40 * day,
		},
		{
			name: "given back on appeal", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{
				paid, completed, {Kind: order.Deducted, At: origin.Add(30 * day), Case: "case_1", Evidence: "seen by a person"}, {Kind: order.Restored, At: origin.Add(35 * day), Case: "case_1"},
			}, at: 40 * day,
		},
		{name: "lapsed", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{paid}, at: 61 * day},
		{name: "completed too late", clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{paid, happened(order.Completed, 61*day)}, at: 62 * day},
		{name: "without a limit there is none to wait for", terms: func(p *program.Terms) { p.Settlement.CompletionLimit = 0 }, clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{paid}, at: 61 * day},
		{name: "during the traffic check", terms: func(p *program.Terms) { p.Settlement.TrafficCheck = 100 * day }, clicks: []*click.Click{aff("c1", -time.Hour, "a")}, events: []order.Event{paid}, at: 2 * day},
	}
}

// explain decides the situation's order and prints the steps of each item, a line each.
func (s *situation) explain(t *testing.T) string {
	t.Helper()
	w := shop(t, "x", s.terms)
	s.space.ID, s.space.Publisher, s.space.Program, s.space.ApprovedAt = "t", "c", "x", origin.Add(-90*day)
	if err := w.dir.Add(&s.space); err != nil {
		t.Fatal(err)
	}
	if err := w.exchange.Add("2026-10-01", "EUR", "USD", money.MustRate("1.1234")); err != nil {
		t.Fatal(err)
	}
	if s.placed.Items == nil {
		s.placed.Currency, s.placed.Items = "USD", []order.Item{{ID: "i1", Quantity: 1, Amount: 100_00, InStock: true}}
	}
	s.placed.Visitor = "v"
	for _, c := range s.clicks {
		c.Program, c.Visitor = "x", "v"
	}
	k := order.Key{Program: "x", Order: "o1"}
	events := append([]order.Event{{Kind: order.Placed, At: origin, Placed: &s.placed}}, s.events...)
	for i := range events {
		events[i].Key = k
	}
	h, err := order.NewHistory(events)
	if err != nil {
		t.Fatal(err)
	}
	d, err := settlement.Decide(w, h, s.clicks, origin.Add(s.at))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("== " + s.name + "\n")
	for i := range d.Items {
		for _, step := range d.Explain(i) {
			b.WriteString(step.Code)
			for _, v := range step.Values {
				b.WriteString(" " + v.Name + "=" + v.Text)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// C11, T7: explanations, step by step and value by value.
func TestC11_Explanations(t *testing.T) {
	text, err := os.ReadFile("testdata/explanations.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(text), "\n\n")
	all := situations()
	if len(want) != len(all) {
		t.Errorf("%d situations, and %d of them are written down", len(all), len(want))
	}
	for i, s := range all {
		got := strings.TrimSuffix(s.explain(t), "\n")
		if i >= len(want) || got != strings.TrimSuffix(want[i], "\n") {
			t.Errorf("explained is\n%s\n", got)
		}
	}
}

// P1: an order of a program that is not known is refused by name.
func TestP1_UnknownProgram(t *testing.T) {
	w := shop(t, "x", nil)
	h := bought(t, w)
	w.tables = map[program.ID]*commission.Table{}
	if _, err := settlement.Decide(w, h, nil, origin); !errors.Is(err, settlement.ErrUnknownProgram) || !strings.Contains(err.Error(), `order "o/1"`) {
		t.Errorf("%v", err)
	}
}
