package books

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// OrderFilter selects decision records; zero members select all.
type OrderFilter struct {
	Program   program.ID
	Publisher string
	State     string
	From, To  time.Time // placing time; To exclusive
}

// Orders returns a page of the newest decision records, the latest order first, and the cursor of the next page.
func (v *Service) Orders(ctx context.Context, f OrderFilter, after string, limit int) ([]store.Record, string, error) {
	type result struct {
		records []store.Record
		next    string
	}
	r, err := view(ctx, v, func(tx store.Tx) (result, error) {
		records, next, err := tx.Decisions().Page(ctx, store.RecordFilter{Program: f.Program, Publisher: f.Publisher, State: f.State, From: f.From, To: f.To}, after, limit)
		if err != nil {
			return result{}, fmt.Errorf("reading orders: %w", err)
		}
		return result{records, next}, nil
	})
	return r.records, r.next, err
}

// Order is all that is known of an order: what was reported, what was decided about each item and why, and what was booked.
type Order struct {
	Key     order.Key
	Events  []order.Event
	Items   []Item
	Journal []ledger.Transaction
	AsOf    time.Time
}

// Item is the decision about an item, with the ones before it.
type Item struct {
	Record  store.Record
	Steps   []explain.Step
	Earlier []store.Record // older records, the oldest first
	Source  Source
}

// Source is where an item's order came from: what the winning click carried (L2). It is empty where nobody won.
type Source struct {
	AdSpace    string            `json:"ad_space"`
	TrackingID string            `json:"tracking_id"`
	Sub        map[string]string `json:"sub"` // the publisher's own marks, by af, cn, cv and dp
}

// Marks are the sub-IDs as they stood in the link, such as af=review.
func (s *Source) Marks() (all []string) {
	for i := range len(link.SubIDs{}) {
		if value := s.Sub[link.SubName(i)]; value != "" {
			all = append(all, link.SubName(i)+"="+value)
		}
	}
	return all
}

// Order reads an order's decision record.
func (v *Service) Order(ctx context.Context, k order.Key) (*Order, error) {
	return view(ctx, v, func(tx store.Tx) (*Order, error) {
		newest, err := tx.Decisions().Newest(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("reading order %q: %w", k.Order, err)
		}
		history, err := tx.Decisions().History(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("reading the history of order %q: %w", k.Order, err)
		}
		keys := []order.Key{k}
		events, err := tx.Orders().Events(ctx, keys)
		if err != nil {
			return nil, fmt.Errorf("reading the events of order %q: %w", k.Order, err)
		}
		journal, err := tx.Ledger().OfOrders(ctx, keys)
		if err != nil {
			return nil, fmt.Errorf("reading the journal of order %q: %w", k.Order, err)
		}
		o := &Order{Key: k, Events: events[0], Journal: journal[0], AsOf: v.now()}
		for _, r := range newest {
			it := Item{Record: r}
			if it.Steps, it.Source, err = steps(&r); err != nil {
				return nil, err
			}
			for _, h := range history {
				if h.Item == r.Item && h.Sequence < r.Sequence {
					it.Earlier = append(it.Earlier, h)
				}
			}
			o.Items = append(o.Items, it)
		}
		return o, nil
	})
}

func steps(r *store.Record) ([]explain.Step, Source, error) {
	var decoded struct {
		Explanation []explain.Step `json:"explanation"`
		Source
	}
	if err := json.Unmarshal(r.JSON, &decoded); err != nil {
		return nil, Source{}, fmt.Errorf("decision record of order %q, item %q: %w", r.Order, r.Item, err)
	}
	return decoded.Explanation, decoded.Source, nil
}

// OwnOrder reads what a publisher may know of an order, see Order.For.
func (v *Service) OwnOrder(ctx context.Context, k order.Key, publisher string) (*Order, error) {
	o, err := v.Order(ctx, k)
	if err != nil {
		return nil, err
	}
	return o.For(publisher)
}

// For returns the order as a publisher may see it: the items that the publisher earns from, with what their explanations say of
// others taken out, the reports about them without the buyer, and the publisher's own transactions. Without an item of the publisher
// it is ErrNotFound.
func (o *Order) For(publisher string) (*Order, error) {
	if publisher == "" {
		return nil, ErrNotFound
	}
	view := &Order{Key: o.Key, AsOf: o.AsOf}
	for i := range o.Items {
		it := &o.Items[i]
		if it.Record.Publisher != publisher {
			continue
		}
		own, err := redacted(it.Record, it.Steps, publisher)
		if err != nil {
			return nil, err
		}
		own.Source = it.Source
		for _, r := range it.Earlier {
			if r.Publisher != publisher {
				continue // it was another's then
			}
			s, _, err := steps(&r)
			if err != nil {
				return nil, err
			}
			was, err := redacted(r, s, publisher)
			if err != nil {
				return nil, err
			}
			own.Earlier = append(own.Earlier, was.Record)
		}
		view.Items = append(view.Items, own)
	}
	if len(view.Items) == 0 {
		return nil, ErrNotFound
	}
	view.Events = eventsAbout(o.Events, view.Items)
	for i := range o.Journal {
		if o.Journal[i].Publisher == publisher {
			view.Journal = append(view.Journal, o.Journal[i])
		}
	}
	return view, nil
}

// eventsAbout are the events about some items, with nothing in them of other items and of the buyer.
func eventsAbout(all []order.Event, items []Item) []order.Event {
	own := func(id string) bool {
		return slices.ContainsFunc(items, func(it Item) bool { return it.Record.Item == id })
	}
	var out []order.Event
	for _, e := range all {
		about := len(e.Items) + len(e.Refunds)
		e.Items = kept(e.Items, own)
		e.Refunds = kept(e.Refunds, func(r order.Refund) bool { return own(r.Item) })
		if p := e.Placed; p != nil {
			e.Placed = &order.Placement{NewBuyer: p.NewBuyer, ShipTo: p.ShipTo, Currency: p.Currency, Items: kept(p.Items, func(it order.Item) bool { return own(it.ID) })}
		}
		if about == 0 || len(e.Items)+len(e.Refunds) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// kept are the elements that pass, in a slice of their own.
func kept[E any](all []E, pass func(E) bool) []E {
	var out []E
	for _, e := range all {
		if pass(e) {
			out = append(out, e)
		}
	}
	return out
}

// redacted is a publisher's own record with what its explanation says of others taken out.
func redacted(r store.Record, s []explain.Step, publisher string) (Item, error) {
	s = explain.ForPublisher(s, publisher)
	text, err := wire.WithExplanation(r.JSON, s)
	if err != nil {
		return Item{}, fmt.Errorf("decision record of order %q, item %q: %w", r.Order, r.Item, err)
	}
	r.JSON = text
	return Item{Record: r, Steps: s}, nil
}

// Run returns a payout run, or ErrNotFound.
func (v *Service) Run(ctx context.Context, id string) (payout.Run, error) {
	return view(ctx, v, func(tx store.Tx) (payout.Run, error) {
		r, _, err := tx.Payouts().Run(ctx, id)
		if err != nil {
			return r, fmt.Errorf("reading payout run %q: %w", id, err)
		}
		return r, nil
	})
}

// Journal returns a page of a publisher's transactions in a program, in the order they were booked in.
func (v *Service) Journal(ctx context.Context, p program.ID, publisher, after string, limit int) ([]ledger.Transaction, string, error) {
	type result struct {
		ts   []ledger.Transaction
		next string
	}
	r, err := view(ctx, v, func(tx store.Tx) (result, error) {
		ts, next, err := tx.Ledger().Page(ctx, store.JournalFilter{Program: p, Publisher: publisher}, after, limit)
		if err != nil {
			return result{}, fmt.Errorf("reading the journal of %q: %w", publisher, err)
		}
		return result{ts, next}, nil
	})
	return r.ts, r.next, err
}
