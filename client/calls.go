package client

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
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

// Entry is a transaction of the journal: what moved, when, and what made it happen.
type Entry struct {
	Entry    string
	At       time.Time
	Cause    string
	Postings []struct{ Account, Amount, Currency string }
}

// Journal reads a publisher's transactions in a program, in the order they were booked in. After an error nothing follows.
func (c *Client) Journal(ctx context.Context, program, publisher string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for raw, err := range c.AllJournal(ctx, ListJournalInput{Program: program, Publisher: publisher}) {
			var e Entry
			if err == nil {
				err = json.Unmarshal(raw, &e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

// pageSize is how many rows are asked for at a time, where a caller does not say.
const pageSize = 500

func sized(limit int64) int64 { return cmp.Or(limit, pageSize) }

// pages reads a list page by page.
func pages[T any](page func(after string) (rows []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := ""; ; {
			rows, next, err := page(after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if after = next; after == "" {
				return
			}
		}
	}
}

// number, flag and moment are parameters as text; empty ones are left out.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func flag(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func post[T any](ctx context.Context, c *Client, path string, values []T, out any) error {
	body, err := lines(values)
	if err != nil {
		return err
	}
	return c.do(ctx, request{method: http.MethodPost, path: path, media: "application/x-ndjson", body: body}, out)
}
