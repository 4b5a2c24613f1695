// Package settle is the server's use of the core: it keeps what is reported, decides the orders that it touches, and books
// what is missing, all in one database transaction (architecture: an acknowledgement is a promise).
package settle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// Service settles orders. It is safe for use by several goroutines; settling itself happens one batch at a time.
type Service struct {
	store store.Store
	now   func() time.Time
	facts facts.Cache
	keys  atomic.Pointer[token.Keyring]
	queue chan *request
	// parked counts how often an order could not be decided because an exchange rate is missing.
	parked atomic.Int64
}

// parked is how long an order waits for an exchange rate before it is tried again.
const parked = 10 * time.Minute

// Parked is how often an order had to wait for an exchange rate.
func (v *Service) Parked() int64 { return v.parked.Load() }

// New returns a service over a store. Run must run for reports to be answered.
func New(ctx context.Context, s store.Store, now func() time.Time) (*Service, error) {
	v := &Service{store: s, now: now, queue: make(chan *request, 256)}
	if err := v.Refresh(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// Refresh reads programs, ad spaces and exchange rates anew, if they were changed.
func (v *Service) Refresh(ctx context.Context) error {
	return v.store.View(ctx, func(tx store.Tx) error {
		_, err := v.facts.Current(ctx, tx)
		return err
	})
}

// Outcome is what became of one reported event.
type Outcome struct {
	Fresh bool  // it was new; otherwise it was known already, which is fine
	Err   error // it was refused; nothing of it was kept
}

// request is a call that waits for its batch to be committed.
type request struct {
	ctx    context.Context
	events []order.Event
	clicks []*click.Click
	logged *Logged
	result chan result
}

type result struct {
	outcomes []Outcome
	fresh    int
	err      error
}

// batchSize is how many events are settled in one database transaction at most.
const batchSize = 1000

// Report keeps order events and settles their orders. When it returns without an error, everything is committed; each
// event's own fate is in its Outcome.
func (v *Service) Report(ctx context.Context, events []order.Event) ([]Outcome, error) {
	out := make([]Outcome, 0, len(events))
	for part := range slices.Chunk(events, batchSize) {
		r, err := v.ask(&request{ctx: ctx, events: part})
		if err != nil {
			return out, err
		}
		out = append(out, r.outcomes...)
	}
	return out, nil
}

// ImportClicks keeps touches and settles the orders that they can change. It returns how many were new. A touch that cannot be kept,
// or contradicts a known one, is a *wire.Fault with its line, and none of the call's touches is kept.
func (v *Service) ImportClicks(ctx context.Context, clicks []*click.Click) (int, error) {
	for i, c := range clicks {
		if err := wire.CheckClick(c); err != nil {
			return 0, wire.OnLine(i+1, err)
		}
	}
	r, err := v.ask(&request{ctx: ctx, clicks: clicks})
	if errors.Is(err, store.ErrConflict) {
		return 0, v.contradiction(ctx, clicks, err)
	}
	return r.fresh, err
}

// contradiction says which of some touches is known with other contents.
func (v *Service) contradiction(ctx context.Context, clicks []*click.Click, conflict error) error {
	type key struct {
		program program.ID
		id      string
	}
	seen := make(map[key]*click.Click, len(clicks))
	wishes := make([]store.TouchWish, len(clicks))
	for i, c := range clicks {
		wishes[i] = store.TouchWish{Program: c.Program, Click: c.ID}
	}
	err := v.store.View(ctx, func(tx store.Tx) error {
		found, err := tx.Clicks().ForOrders(ctx, wishes)
		for _, touches := range found {
			for _, c := range touches {
				if !c.TokenOnly {
					seen[key{c.Program, c.ID}] = c
				}
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for the click that is known otherwise: %w", err)
	}
	for i, c := range clicks {
		k := key{c.Program, c.ID}
		if was := seen[k]; was != nil && !sameTouch(was, c) {
			return &wire.Fault{
				Line: i + 1, Member: "click", Reason: fmt.Sprintf("%q of program %q is known with other contents", c.ID, c.Program), Conflict: true,
				Fix: "give each touch an id of its own, or send this one as it was sent first",
			}
		}
		seen[k] = c
	}
	return conflict
}

func sameTouch(a, b *click.Click) bool {
	x := *a
	x.At = b.At
	return a.At.Equal(b.At) && x == *b
}

func (v *Service) ask(r *request) (result, error) {
	r.result = make(chan result, 1)
	select {
	case v.queue <- r:
	case <-r.ctx.Done():
		return result{}, r.ctx.Err()
	}
	select {
	case res := <-r.result:
		return res, res.err
	case <-r.ctx.Done():
		// The batch may still be committed; the caller asks again, which is harmless.
		return result{}, r.ctx.Err()
	}
}

// Run answers reports until ctx ends: reports that wait together share a database transaction. What was taken in is
// finished first.
func (v *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-v.queue:
			v.serve(context.WithoutCancel(ctx), r)
		}
	}
}

// serve settles a request and those that wait behind it.
func (v *Service) serve(ctx context.Context, r *request) {
	if len(r.events) == 0 {
		v.serveClicks(ctx, r)
		return
	}
	batch, n := []*request{r}, len(r.events)
	var clicks *request
	for n < batchSize && clicks == nil {
		select {
		case more := <-v.queue:
			if len(more.events) == 0 {
				clicks = more
				continue
			}
			batch = append(batch, more)
			n += len(more.events)
			continue
		default:
		}
		break
	}
	events := make([]order.Event, 0, n)
	for _, b := range batch {
		events = append(events, b.events...)
	}
	outcomes, err := v.settleEvents(ctx, events)
	if err != nil && len(batch) > 1 {
		// One report must not spoil those that it happened to wait with.
		for _, b := range batch {
			o, err := v.settleEvents(ctx, b.events)
			b.result <- result{outcomes: o, err: err}
		}
	} else {
		for _, b := range batch {
			res := result{err: err}
			if err == nil {
				res.outcomes, outcomes = outcomes[:len(b.events)], outcomes[len(b.events):]
			}
			b.result <- res
		}
	}
	if clicks != nil {
		v.serveClicks(ctx, clicks)
	}
}

func (v *Service) serveClicks(ctx context.Context, r *request) {
	var fresh []*click.Click
	err := v.store.Update(ctx, func(tx store.Tx) error {
		var err error
		if r.logged != nil {
			if err := r.logged.keep(ctx, tx); err != nil {
				return err
			}
		}
		if fresh, err = tx.Clicks().Insert(ctx, r.clicks); err != nil {
			return fmt.Errorf("keeping clicks: %w", err)
		}
		keys, err := tx.Orders().Touched(ctx, fresh)
		if err != nil {
			return fmt.Errorf("looking for orders of late clicks: %w", err)
		}
		return v.settleKnown(ctx, tx, keys)
	})
	r.result <- result{fresh: len(fresh), err: err}
}

// settleEvents keeps events and settles their orders in one database transaction. Events that cannot be kept, or would make an
// order that cannot be decided, are refused one by one.
func (v *Service) settleEvents(ctx context.Context, events []order.Event) ([]Outcome, error) {
	refused := make([]error, len(events))
	for i := range events {
		if refused[i] = wire.CheckEvent(&events[i]); refused[i] == nil {
			refused[i] = notACases(&events[i])
		}
	}
	for {
		var outcomes []Outcome
		err := v.store.Update(ctx, func(tx store.Tx) error {
			outcomes = make([]Outcome, len(events))
			for i, err := range refused {
				outcomes[i].Err = err
			}
			return v.keep(ctx, tx, events, outcomes)
		})
		var wrong *undecidableError
		if !errors.As(err, &wrong) {
			return outcomes, err
		}
		progress := false
		for i := range events {
			if events[i].Key == wrong.key && refused[i] == nil {
				refused[i], progress = wrong.fault(), true
			}
		}
		if !progress {
			return nil, err
		}
	}
}

// undecidableError says that no amounts can be computed or booked for an order: they leave the range of integers.
type undecidableError struct {
	key   order.Key
	cause error
}

func (e *undecidableError) Error() string {
	return fmt.Sprintf("order %q of program %q cannot be decided: %v", e.key.Order, e.key.Program, e.cause)
}

func (e *undecidableError) fault() error {
	return &wire.Fault{Member: "items", Reason: "the order's amounts are too large to be computed", Fix: "correct the amounts"}
}

// keep enters the events that contradict nothing and settles their orders.
func (v *Service) keep(ctx context.Context, tx store.Tx, events []order.Event, outcomes []Outcome) error {
	events = slices.Clone(events)
	claims := v.readTokens(events)
	snap, err := v.facts.Current(ctx, tx)
	if err != nil {
		return err
	}
	byOrder := make(map[order.Key][]int)
	var keys []order.Key
	for i := range events {
		k := events[i].Key
		if outcomes[i].Err != nil {
			continue
		}
		if !snap.Knows(k.Program) {
			outcomes[i].Err = &wire.Fault{Member: "program", Reason: fmt.Sprintf("%q is not known", k.Program), Fix: "publish its document first, or correct the name"}
			continue
		}
		if byOrder[k] == nil {
			keys = append(keys, k)
		}
		byOrder[k] = append(byOrder[k], i)
	}
	sortKeys(keys)
	if err := lock(ctx, tx, keys); err != nil {
		return err
	}
	known, err := tx.Orders().Events(ctx, keys)
	if err != nil {
		return fmt.Errorf("reading order events: %w", err)
	}
	var good []int
	settled := make([]*order.History, 0, len(keys))
	for n, k := range keys {
		all := slices.Clip(known[n])
		var history *order.History
		for _, i := range byOrder[k] {
			h, err := order.NewHistory(append(all, events[i]))
			if err != nil && !errors.Is(err, order.ErrNotPlaced) {
				outcomes[i].Err = err
				continue
			}
			all = append(all, events[i])
			good = append(good, i)
			history = h
		}
		if history != nil {
			settled = append(settled, history)
		}
	}
	kept := make([]order.Event, len(good))
	for n, i := range good {
		kept[n] = events[i]
	}
	if err := keepClaimed(ctx, tx, claims); err != nil {
		return err
	}
	fresh, err := tx.Orders().InsertEvents(ctx, kept, v.now())
	if err != nil {
		return fmt.Errorf("keeping order events: %w", err)
	}
	for n, i := range good {
		outcomes[i].Fresh = fresh[n]
	}
	return v.settle(ctx, tx, settled, false)
}

// settleKnown settles orders whose events are in the store.
func (v *Service) settleKnown(ctx context.Context, tx store.Tx, keys []order.Key) error {
	sortKeys(keys)
	if err := lock(ctx, tx, keys); err != nil {
		return err
	}
	events, err := tx.Orders().Events(ctx, keys)
	if err != nil {
		return fmt.Errorf("reading order events: %w", err)
	}
	var histories []*order.History
	for i := range keys {
		h, err := order.NewHistory(events[i])
		if errors.Is(err, order.ErrNotPlaced) {
			continue
		}
		if err != nil {
			return err
		}
		histories = append(histories, h)
	}
	return v.settle(ctx, tx, histories, true)
}

// Tick settles the orders whose time has come: a hold or a deadline ended. It returns how many there were.
func (v *Service) Tick(ctx context.Context) (int, error) {
	total := 0
	for {
		var keys []order.Key
		err := v.store.View(ctx, func(tx store.Tx) (err error) {
			keys, err = tx.Orders().Due(ctx, v.now(), batchSize)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("looking for orders whose time has come: %w", err)
		}
		if len(keys) == 0 {
			return total, nil
		}
		err = v.store.Update(ctx, func(tx store.Tx) error { return v.settleKnown(ctx, tx, keys) })
		total += len(keys)
		if err != nil || len(keys) < batchSize {
			return total, err
		}
	}
}

func sortKeys(keys []order.Key) {
	slices.SortFunc(keys, func(a, b order.Key) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Order, b.Order))
	})
}

// lock makes this transaction the only one to settle orders of the programs that keys, which are sorted, belong to.
func lock(ctx context.Context, tx store.Tx, keys []order.Key) error {
	var last program.ID
	for _, k := range keys {
		if k.Program == last {
			continue
		}
		last = k.Program
		if err := tx.Orders().Lock(ctx, last); err != nil {
			return fmt.Errorf("waiting for program %q: %w", last, err)
		}
	}
	return nil
}

// settle decides orders and books what is missing. An order that cannot be decided is an *undecidableError, unless its events are
// kept already: then it waits, as one without an exchange rate does.
func (v *Service) settle(ctx context.Context, tx store.Tx, histories []*order.History, kept bool) error {
	if len(histories) == 0 {
		return nil
	}
	now := v.now().UTC().Truncate(time.Microsecond)
	wishes := make([]store.TouchWish, len(histories))
	keys := make([]order.Key, len(histories))
	for i, h := range histories {
		wishes[i] = store.TouchWish{Program: h.Program, Visitor: h.Visitor, Click: h.Click}
		keys[i] = h.Key
	}
	touches, err := tx.Clicks().ForOrders(ctx, wishes)
	if err != nil {
		return fmt.Errorf("reading clicks: %w", err)
	}
	pins, err := pin(ctx, tx, histories, touches)
	if err != nil {
		return err
	}
	booked, err := tx.Ledger().OfOrders(ctx, keys)
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	snap, err := v.facts.Current(ctx, tx)
	if err != nil {
		return err
	}
	var todo []ledger.Transaction
	var records []store.Record
	next := make([]store.OrderNext, len(histories))
	for i, h := range histories {
		at := now
		if h.PlacedAt.After(at) { // a clock that runs ahead
			at = h.PlacedAt
		}
		next[i] = store.OrderNext{Key: h.Key, Visitor: h.Visitor, Click: h.Click, PlacedAt: h.PlacedAt, Next: now.Add(parked)}
		known := &orderFacts{snap, pins[i]}
		tl, err := settlement.Unroll(known, h, touches[i], at)
		var missing *money.MissingRateError
		if errors.As(err, &missing) {
			v.parked.Add(1) // the events are kept; the order is decided when the rate is there
			continue
		}
		if errors.Is(err, money.ErrOverflow) {
			if !kept {
				return &undecidableError{h.Key, err}
			}
			v.parked.Add(1) // one order must not keep the others from being settled
			continue
		}
		if err != nil {
			return fmt.Errorf("deciding: %w", err)
		}
		todo = append(todo, settlement.Missing(tl.Transactions, booked[i])...)
		records = append(records, recordsOf(known, tl, now)...)
		next[i].Next = tl.Next
	}
	if err := store.Book(ctx, tx, todo, now); err != nil {
		var post *store.PostError
		if errors.As(err, &post) && errors.Is(err, money.ErrOverflow) {
			return &undecidableError{order.Key{Program: post.Program, Order: post.Order}, err}
		}
		return err
	}
	if err := tx.Decisions().Put(ctx, records); err != nil {
		return fmt.Errorf("keeping decisions: %w", err)
	}
	if err := tx.Orders().SetNext(ctx, next); err != nil {
		return fmt.Errorf("keeping what orders wait for: %w", err)
	}
	return nil
}

// recordsOf are the decision records of an order.
func recordsOf(known *orderFacts, tl *settlement.Timeline, now time.Time) []store.Record {
	d := tl.Final
	terms := d.Table.Terms()
	records := make([]store.Record, len(d.Items))
	for i := range d.Items {
		it := &d.Items[i]
		records[i] = store.Record{
			Key: d.Order.Key, Item: d.Order.Items[i].ID, Line: i, State: it.State.String(), Publisher: it.Publisher(), Rule: it.Rule,
			Currency: terms.Currency, Amount: it.Amount, Value: it.Line.Value, Hidden: d.Hidden(i),
			PlacedAt: d.Order.PlacedAt, SettledAt: tl.Settled[i], DecidedAt: now, JSON: wire.AppendCommission(nil, d, i),
		}
		if d.Order.CompletedBy(d.At) {
			records[i].Completed = d.Order.CompletedAt
		}
		if it.Space != nil {
			records[i].AdSpace = it.Space.ID
		}
		records[i].Origin = originOf(known, it, &d.Order.Items[i])
	}
	return records
}

// originOf says where an item came from, for reports.
func originOf(known *orderFacts, it *settlement.Item, bought *order.Item) store.Origin {
	o := store.Origin{Product: bought.Product, Category: bought.Category, Store: bought.Store, Fee: it.Fee, TrackingID: it.TrackingID(), Held: it.Held}
	if p := known.Product(bought.Product); p != nil {
		o.Category, o.Store = p.Category, p.Store
	}
	if c := it.Click; c != nil {
		o.Click, o.Sub = c.ID, c.Sub
		if c.Target.Kind != 0 {
			o.Kind = c.Target.Kind.String()
		}
	}
	switch it.State {
	case settlement.Declined:
		o.Reason = it.Decline.String()
	case settlement.Unattributed:
		o.Reason = it.Rule
	}
	return o
}

// Terms are the terms of a program that are in force at a time, or nil.
func (v *Service) Terms(p program.ID, at time.Time) *program.Terms {
	return v.facts.Newest().Terms(p, at)
}

// Programs are the ids of all known programs, ordered.
func (v *Service) Programs() []program.ID { return v.facts.Newest().Programs() }
