package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// Event is something that happened to an order, as in orders.jsonl. Members that a kind of event does not have stay empty.
type Event struct {
	Order    string    `json:"order"`
	Event    string    `json:"event"` // placed, paid, completed, cancelled, refunded or fraud
	At       time.Time `json:"at"`
	Program  string    `json:"program"`
	Visitor  string    `json:"visitor,omitempty"`
	Session  string    `json:"session,omitempty"`
	Click    string    `json:"click,omitempty"` // the click's id, or its token
	Coupon   *Coupon   `json:"coupon,omitempty"`
	Buyer    *Buyer    `json:"buyer,omitempty"`
	ShipTo   string    `json:"ship_to,omitempty"` // ISO 3166-1 alpha-2
	Currency string    `json:"currency,omitempty"`
	Items    []any     `json:"items,omitempty"` // Item of placed, Refund of refunded, ids of cancelled and fraud
	Evidence string    `json:"evidence,omitempty"`
}

// Coupon is a coupon code of an order and what it took off, as a decimal.
type Coupon struct {
	Code   string `json:"code"`
	Amount string `json:"amount"`
}

// Buyer is who ordered.
type Buyer struct {
	ID  string `json:"id"`
	New bool   `json:"new"`
}

// Item is a line of an order. Amount is a decimal: the line's price in all.
type Item struct {
	Item     string `json:"item"`
	Product  string `json:"product"`
	Store    string `json:"store"`
	Category string `json:"category"`
	Amount   string `json:"amount"`
	Quantity int64  `json:"quantity,omitempty"` // 0: one
}

// Refund is an amount, as a decimal, that was given back for an item.
type Refund struct {
	Item   string `json:"item"`
	Amount string `json:"amount"`
}

// Outcomes is what became of reported events.
type Outcomes struct {
	Accepted, Known, Refused int
	Events                   []Outcome // in the order they were sent in
}

// Outcome is what became of an event: accepted, known (it came before, which is fine) or refused.
type Outcome struct {
	Order, Event, Outcome string
	Line                  int
	Member, Reason, Fix   string // of a refused one
}

// ReportOrders reports order events. Those that are wrong are refused by themselves; the others are committed when it returns.
func (c *Client) ReportOrders(ctx context.Context, events ...Event) (Outcomes, error) {
	var out Outcomes
	err := post(ctx, c, "/v1/orders:batch", events, &out)
	return out, err
}

// Touch is a click, or a visit through another channel, as in clicks.jsonl.
type Touch struct {
	Click      string    `json:"click"`
	At         time.Time `json:"at"`
	Program    string    `json:"program"`
	Visitor    string    `json:"visitor"`
	Channel    string    `json:"channel"` // affiliate, or a channel of the program
	Publisher  string    `json:"publisher,omitempty"`
	AdSpace    string    `json:"ad_space,omitempty"`
	TrackingID string    `json:"tracking_id,omitempty"`
	Target     *Target   `json:"target,omitempty"`
}

// Target is what a link pointed at.
type Target struct {
	Kind    string `json:"kind"`
	Product string `json:"product,omitempty"`
	Store   string `json:"store,omitempty"`
}

// Taken says how many were received, and how many of them were new where that is counted.
type Taken struct{ Received, New int }

// ImportClicks reports touches, all or none.
func (c *Client) ImportClicks(ctx context.Context, touches ...Touch) (Taken, error) {
	var out Taken
	err := post(ctx, c, "/v1/clicks:import", touches, &out)
	return out, err
}

// The kinds of facts.
const (
	AdSpaces = "ad-spaces" // publishers.jsonl
	Products = "products"  // products.jsonl
	Stores   = "stores"    // stores.jsonl
	Rates    = "fx"        // fx.jsonl
)

// Import enters facts of a kind, all or none. Each is a value whose JSON is a line of the kind's file.
func (c *Client) Import(ctx context.Context, kind string, facts ...any) (Taken, error) {
	var out Taken
	err := post(ctx, c, "/v1/"+escape(kind)+":import", facts, &out)
	return out, err
}

// Submitted is what became of a program document: published, or open where another person decides; then Proposal is its id.
type Submitted struct{ State, Proposal string }

// Publish publishes a version of a program document, written in YAML. Where that takes two people it is proposed, and not in force.
func (c *Client) Publish(ctx context.Context, program string, document []byte) (Submitted, error) {
	var out Submitted
	err := c.do(ctx, request{method: http.MethodPut, path: "/v1/programs/" + escape(program) + "/document", media: "application/yaml", body: document}, &out)
	return out, err
}

// Order is an order's decision record.
type Order struct {
	Order, Program string
	AsOf           time.Time `json:"as_of"`
	Items          []struct {
		Record    json.RawMessage // as in commissions.jsonl
		Sentences []string
		DecidedAt time.Time `json:"decided_at"`
	}
	Journal []json.RawMessage // as in ledger.jsonl
}

// Order reads an order's decision record with sentences in a language, en or tr.
func (c *Client) Order(ctx context.Context, program, order, lang string) (Order, error) {
	var out Order
	err := c.get(ctx, "/v1/orders/"+escape(order), url.Values{"program": {program}, "lang": {lang}}, &out)
	return out, err
}

// Balance is a publisher's money in a program; amounts are decimals in Currency.
type Balance struct {
	Publisher, Program, Currency              string
	AsOf                                      time.Time `json:"as_of"`
	Tracked, Pending, Approved                string
	Available, Hold, Reserved, Clearing, Paid string
	Clawback, Withdrawable                    string
}

// Balance reads a publisher's balance in a program.
func (c *Client) Balance(ctx context.Context, program, publisher string) (Balance, error) {
	var out Balance
	err := c.get(ctx, "/v1/publishers/"+escape(publisher)+"/balance", url.Values{"program": {program}}, &out)
	return out, err
}

// OrderFilter selects decisions; zero members select all.
type OrderFilter struct {
	Program, Publisher, State string
	From, To                  time.Time // placing time; To exclusive
}

// Decision is the newest decision about an item.
type Decision struct {
	Order, Item, Program, State, Publisher string
	AdSpace                                string `json:"ad_space"`
	Rule, Amount, Currency                 string
	PlacedAt                               time.Time `json:"placed_at"`
	CompletedAt                            time.Time `json:"completed_at"`
	SettledAt                              time.Time `json:"settled_at"`
	DecidedAt                              time.Time `json:"decided_at"`
}

// Orders reads decisions, the latest order first. After an error nothing follows.
func (c *Client) Orders(ctx context.Context, f OrderFilter) iter.Seq2[Decision, error] {
	q := url.Values{}
	set(q, "program", f.Program)
	set(q, "publisher", f.Publisher)
	set(q, "state", f.State)
	for name, t := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !t.IsZero() {
			q.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	return list[Decision](ctx, c, "/v1/orders", "decisions", q)
}

// Entry is a transaction of the journal: what moved, when, and what made it happen.
type Entry struct {
	Entry    string
	At       time.Time
	Cause    string
	Postings []struct{ Account, Amount, Currency string }
}

// Journal reads a publisher's transactions in a program, in the order they were booked in.
func (c *Client) Journal(ctx context.Context, program, publisher string) iter.Seq2[Entry, error] {
	return list[Entry](ctx, c, "/v1/publishers/"+escape(publisher)+"/journal", "transactions", url.Values{"program": {program}})
}

// PayoutRun is a payout run in a list.
type PayoutRun struct {
	ID, Program, State, Currency string
	Payouts                      int
	Net                          string
	ExecuteOn                    string    `json:"execute_on"`
	DraftedAt                    time.Time `json:"drafted_at"`
}

// PayoutRuns reads payout runs, the one drafted last first.
func (c *Client) PayoutRuns(ctx context.Context, program string) iter.Seq2[PayoutRun, error] {
	q := url.Values{}
	set(q, "program", program)
	return list[PayoutRun](ctx, c, "/v1/payout-runs", "runs", q)
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

// pageSize is how many rows are asked for at a time.
const pageSize = "500"

// list reads a list page by page.
func list[T any](ctx context.Context, c *Client, path, member string, q url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		q := maps.Clone(q) // the sequence may be read again
		for after := ""; ; {
			q.Set("limit", pageSize)
			set(q, "after", after)
			var page map[string]json.RawMessage
			if err := c.get(ctx, path, q, &page); err != nil {
				yield(none, err)
				return
			}
			var rows []T
			if err := json.Unmarshal(page[member], &rows); err != nil {
				yield(none, fmt.Errorf("reading %s: %w", member, err))
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if page["next"] == nil {
				return
			}
			if err := json.Unmarshal(page["next"], &after); err != nil {
				yield(none, fmt.Errorf("reading the cursor of %s: %w", member, err))
				return
			}
		}
	}
}

func (c *Client) get(ctx context.Context, path string, q url.Values, out any) error {
	return c.do(ctx, request{method: http.MethodGet, path: path, query: q}, out)
}

func post[T any](ctx context.Context, c *Client, path string, values []T, out any) error {
	body, err := lines(values)
	if err != nil {
		return err
	}
	return c.do(ctx, request{method: http.MethodPost, path: path, media: "application/x-ndjson", body: body}, out)
}
