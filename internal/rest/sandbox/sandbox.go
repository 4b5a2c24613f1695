// Package sandbox is the API of a sandbox: its clock, and test orders.
package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Moved is what became due when a clock was moved.
type Moved struct {
	Settled  int // orders
	Messages int // to publishers' systems
}

// Sandbox is what a caller's sandbox can do beside what the marketplace can.
type Sandbox interface {
	Now() time.Time
	Ahead() time.Duration
	// Move moves the clock forward and settles what is due then.
	Move(ctx context.Context, by time.Duration) (Moved, error)
	// Tell sends what publishers' systems are to be told, and returns how many messages went out.
	Tell(ctx context.Context) (int, error)
	// Space brings a publisher's test ad space into a program.
	Space(ctx context.Context, p program.ID, publisher string) (string, error)
}

// Area is what the operations lead to.
type Area struct {
	Sandbox Sandbox // nil: this is the marketplace, and the operations are not there
	Settle  *settle.Service
	Books   *books.Service
	Links   *links.Service
}

// Register registers the operations. They are described as what they are: calls under /sandbox.
func (s *Area) Register(a *call.API) {
	reads, tries := call.Policy{Scope: call.ScopeRead, Publishers: true}, call.Policy{Scope: call.ScopeRead, Publishers: true, Writes: true}
	under := func(op *huma.Operation) {
		op.Servers = []*huma.Server{{URL: "http://127.0.0.1:8080/sandbox", Description: "The caller's sandbox. All other operations are there, too."}}
	}
	call.Handle(a, "GET /v1/sandbox/clock", "get-sandbox-clock", "The time in the caller's sandbox", reads, s.getClock, under)
	call.Handle(a, "POST /v1/sandbox/clock", "move-sandbox-clock", "Move the sandbox's clock forward, and settle what is due then", tries, s.moveClock, under)
	call.Handle(a, "POST /v1/sandbox/orders", "make-test-order", "A click and an order that it leads to, now", tries, s.makeOrder, under)
	call.Handle(a, "POST /v1/sandbox/orders/{order}/steps", "step-test-order", "What happens to a test order next, now", tries, s.step, under)
}

// there refuses what is only there in a sandbox.
func (s *Area) there() error {
	if s.Sandbox == nil {
		return call.NewProblem(call.NotFound, call.ProblemError{Field: "path", Reason: "the marketplace has no such thing", Fix: "call it in the sandbox, under /sandbox"})
	}
	return nil
}

type clockOutput struct {
	Body struct {
		Now      time.Time `json:"now" doc:"The time in the sandbox."`
		Ahead    string    `json:"ahead" doc:"How far it is ahead of the real time, such as 720h0m0s."`
		Settled  int       `json:"settled" doc:"Orders whose time had come."`
		Messages int       `json:"messages" doc:"Postbacks and webhooks that were sent."`
	}
}

func (s *Area) clock(m Moved) *clockOutput {
	out := &clockOutput{}
	out.Body.Now, out.Body.Ahead, out.Body.Settled, out.Body.Messages = s.Sandbox.Now().UTC(), s.Sandbox.Ahead().String(), m.Settled, m.Messages
	return out
}

func (s *Area) getClock(context.Context, *struct{}) (*clockOutput, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
	return s.clock(Moved{}), nil
}

type moveClockInput struct {
	Body struct {
		Hours int `json:"hours" minimum:"1" maximum:"17520" doc:"How far, at most two years: 24 for a day."`
	}
}

// farthest is how far ahead a sandbox's clock may be: no deadline of an order leaves the years that are kept.
const farthest = 50 * 365 * 24 * time.Hour

func (s *Area) moveClock(ctx context.Context, in *moveClockInput) (*clockOutput, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
	by := time.Duration(in.Body.Hours) * time.Hour
	if s.Sandbox.Ahead()+by > farthest {
		return nil, call.NewProblem(call.Conflict, call.ProblemError{Field: "hours", Reason: "the clock would be more than 50 years ahead", Fix: "go on with what is there, or ask the operator for a fresh sandbox"})
	}
	m, err := s.Sandbox.Move(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.clock(m), nil
}

type testOrderInput struct {
	Body struct {
		Order     string    `json:"order" minLength:"1" maxLength:"200" doc:"Its id; a new one for each order."`
		Link      string    `json:"link,omitempty" maxLength:"20" doc:"Code of the link that is clicked; left out: a click of the publisher's ad space sandbox, which joined the program."`
		Program   string    `json:"program,omitempty" maxLength:"64" doc:"Without a link: the program."`
		Publisher string    `json:"publisher,omitempty" maxLength:"200" doc:"Without a link: whose click it is. A publisher's key clicks as that publisher."`
		Amount    string    `json:"amount" maxLength:"30" doc:"What the item costs, in the program's currency: 25.90"`
		Product   string    `json:"product,omitempty" maxLength:"200"`
		Store     string    `json:"store,omitempty" maxLength:"200"`
		Category  string    `json:"category,omitempty" maxLength:"200"`
		ShipTo    string    `json:"ship_to,omitempty" pattern:"^([A-Z]{2})?$" doc:"Left out: RO."`
		NewBuyer  bool      `json:"new_buyer,omitempty"`
		Sub       click.Sub `json:"sub,omitempty" doc:"Sub-IDs of the click."`
	}
}

type testStepOutput struct {
	Body struct {
		Order    string    `json:"order"`
		Program  string    `json:"program"`
		Click    string    `json:"click,omitempty"`
		At       time.Time `json:"at"`
		State    string    `json:"state" doc:"Of its item, by now."`
		Amount   string    `json:"amount" doc:"What the publisher earns."`
		Rule     string    `json:"rule"`
		Messages int       `json:"messages" doc:"Postbacks and webhooks that were sent."`
	}
}

// item is the id of a test order's only item.
const item = "1"

func (s *Area) makeOrder(ctx context.Context, in *testOrderInput) (*testStepOutput, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
	c, err := s.clicked(ctx, in)
	if err != nil {
		return nil, err
	}
	terms := s.Settle.Terms(c.Program, s.Sandbox.Now())
	if terms == nil {
		return nil, books.ErrNotFound
	}
	amount, err := money.Parse(in.Body.Amount, terms.Currency)
	if err != nil || amount.Minor <= 0 {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "amount", Reason: "is not an amount above 0 in " + string(terms.Currency), Fix: "send one such as 25.90"})
	}
	if _, err := s.Settle.ImportClicks(ctx, []*click.Click{c}); err != nil {
		return nil, err
	}
	b := &in.Body
	shipTo, product, store, category := b.ShipTo, b.Product, b.Store, b.Category
	for _, d := range []struct {
		to *string
		is string
	}{{&shipTo, "RO"}, {&product, c.Target.Product}, {&store, c.Target.Store}, {&product, "test-product"}, {&store, "test-store"}, {&category, "toys"}} {
		if *d.to == "" {
			*d.to = d.is
		}
	}
	k := order.Key{Program: c.Program, Order: b.Order}
	placed := order.Event{Key: k, Kind: order.Placed, At: c.At.Add(time.Second), Placed: &order.Placement{
		Visitor: c.Visitor, Session: c.Session, Click: c.ID, BuyerID: "buyer-" + b.Order, NewBuyer: b.NewBuyer, ShipTo: shipTo, Currency: terms.Currency,
		Items: []order.Item{{ID: item, Product: product, Store: store, Category: category, Quantity: 1, Amount: amount.Minor, InStock: true}},
	}}
	out, err := s.happen(ctx, placed)
	if err == nil {
		out.Body.Click = c.ID
	}
	return out, err
}

// clicked is the click that leads to an order: of a link of the caller's, or of the test ad space.
func (s *Area) clicked(ctx context.Context, in *testOrderInput) (*click.Click, error) {
	id := random()
	c := &click.Click{
		ID: "test-" + id, At: s.Sandbox.Now().UTC().Add(-time.Second).Truncate(time.Microsecond), Visitor: "test-" + id, Session: "test-" + id, Channel: click.Affiliate,
		Target: click.Target{Kind: program.LinkHome}, Sub: in.Body.Sub,
	}
	own, err := call.Own(ctx, in.Body.Publisher)
	if err != nil {
		return nil, err
	}
	if in.Body.Link != "" {
		l, err := s.Links.ByCode(ctx, in.Body.Link)
		if err == nil && own != "" && l.Publisher != own {
			err = links.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		c.Program, c.Publisher, c.AdSpace, c.TrackingID = l.Program, l.Publisher, l.AdSpace, l.TrackingID
		c.Target = click.Target{Kind: l.Target.Kind, Product: l.Target.Product, Store: l.Target.Store}
		return c, nil
	}
	c.Program, c.Publisher = program.ID(in.Body.Program), in.Body.Publisher
	if own != "" {
		c.Publisher = own
	}
	if c.Publisher == "" || s.Settle.Terms(c.Program, c.At) == nil {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "program", Reason: "without a link, a program and a publisher must be named", Fix: "name both, or a link"})
	}
	c.AdSpace, err = s.Sandbox.Space(ctx, c.Program, c.Publisher)
	return c, err
}

func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

type testStepInput struct {
	Order string `path:"order" maxLength:"200"`
	Body  struct {
		Program string `json:"program" maxLength:"64"`
		Event   string `json:"event" enum:"paid,completed,cancelled,refunded,fraud"`
		Amount  string `json:"amount,omitempty" maxLength:"30" doc:"Of refunded: how much is given back."`
	}
}

func (s *Area) step(ctx context.Context, in *testStepInput) (*testStepOutput, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
	k := order.Key{Program: program.ID(in.Body.Program), Order: in.Order}
	o, err := s.Books.Order(ctx, k)
	if key := call.Of(ctx).Key; err == nil && key.Publisher != "" {
		_, err = o.For(key.Publisher)
	}
	if err != nil {
		return nil, err
	}
	kind, err := order.ParseEventKind(in.Body.Event)
	if err != nil {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "event", Reason: err.Error(), Fix: call.FixParameter})
	}
	e := order.Event{Key: k, Kind: kind, At: s.Sandbox.Now().UTC().Truncate(time.Microsecond)}
	if kind == order.Refunded {
		e.Refunds = []order.Refund{{Item: item, Amount: in.Body.Amount}}
	}
	return s.happen(ctx, e)
}

// happen reports an event, tells publishers' systems, and answers with what became of the order.
func (s *Area) happen(ctx context.Context, e order.Event) (*testStepOutput, error) {
	got, err := s.Settle.Report(ctx, []order.Event{e})
	if err == nil {
		err = got[0].Err
	}
	if err != nil {
		return nil, err
	}
	out := &testStepOutput{}
	b := &out.Body
	b.Order, b.Program, b.At = e.Order, string(e.Program), e.At
	if b.Messages, err = s.Sandbox.Tell(ctx); err != nil {
		return nil, fmt.Errorf("telling of a test order: %w", err)
	}
	o, err := s.Books.Order(ctx, e.Key)
	if err != nil {
		return nil, err
	}
	for _, it := range o.Items {
		b.State, b.Rule, b.Amount = it.Record.State, it.Record.Rule, money.New(it.Record.Amount, it.Record.Currency).Decimal()
	}
	return out, nil
}

// Header marks the answers of a sandbox.
const Header = "Clickledger-Sandbox"

// Mark marks an answer.
func Mark(h http.Header) { h.Set(Header, "true") }
