package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

type orders struct{ *Tx }

func compareKeys(a, b order.Key) int {
	return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Order, b.Order))
}

// keyColumns are the columns of an order's key.
func keyColumns(n int, of func(int) order.Key) []sqltx.Column {
	return []sqltx.Column{
		sqltx.Key("program", n, func(i int) program.ID { return of(i).Program }),
		sqltx.Key("order_id", n, func(i int) string { return of(i).Order }),
	}
}

// eventBody is what an order event has beside its key, kind and time, as it is kept.
type eventBody struct {
	Placed   *placement `json:"placed,omitempty"`
	Items    []string   `json:"items,omitempty"`
	Refunds  []refund   `json:"refunds,omitempty"`
	Evidence string     `json:"evidence,omitempty"`
	Case     string     `json:"case,omitempty"`
}

type placement struct {
	Visitor      string         `json:"visitor,omitempty"`
	Session      string         `json:"session,omitempty"`
	Click        string         `json:"click,omitempty"`
	CouponCode   string         `json:"coupon,omitempty"`
	CouponAmount int64          `json:"coupon_minor,omitempty"`
	BuyerID      string         `json:"buyer,omitempty"`
	NewBuyer     bool           `json:"new_buyer,omitempty"`
	ShipTo       string         `json:"ship_to,omitempty"`
	Currency     money.Currency `json:"currency,omitempty"`
	Items        []item         `json:"items"`
}

type item struct {
	ID       string `json:"item"`
	Product  string `json:"product,omitempty"`
	Store    string `json:"store,omitempty"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"minor"`
	InStock  bool   `json:"in_stock,omitempty"`
}

type refund struct {
	Item   string `json:"item"`
	Amount string `json:"amount"`
}

func encodeEvent(e *order.Event) (string, error) {
	if err := checkEvent(e); err != nil {
		return "", err
	}
	b := eventBody{Items: e.Items, Evidence: e.Evidence, Case: e.Case}
	for _, r := range e.Refunds {
		b.Refunds = append(b.Refunds, refund(r))
	}
	if p := e.Placed; p != nil {
		items := make([]item, len(p.Items))
		for i, it := range p.Items {
			items[i] = item(it)
		}
		b.Placed = &placement{p.Visitor, p.Session, p.Click, p.CouponCode, p.CouponAmount, p.BuyerID, p.NewBuyer, p.ShipTo, p.Currency, items}
	}
	text, err := json.Marshal(&b)
	return string(text), err
}

// checkEvent looks at all text of an event: JSON would silently replace what is not UTF-8.
func checkEvent(e *order.Event) error {
	texts := append([]string{e.Evidence, e.Case}, e.Items...)
	for _, r := range e.Refunds {
		texts = append(texts, r.Item, r.Amount)
	}
	if p := e.Placed; p != nil {
		texts = append(texts, p.Visitor, p.Session, p.Click, p.CouponCode, p.BuyerID, p.ShipTo, string(p.Currency))
		for _, it := range p.Items {
			texts = append(texts, it.ID, it.Product, it.Store, it.Category)
		}
	}
	for _, s := range texts {
		if err := sqltx.CheckText("text", s); err != nil {
			return fmt.Errorf("event of order %q: %w", e.Order, err)
		}
	}
	return nil
}

func decodeEvent(k order.Key, at int64, kind, body string) (order.Event, error) {
	e := order.Event{Key: k, At: sqltx.Instant(at)}
	var err error
	if e.Kind, err = order.ParseEventKind(kind); err != nil {
		return e, err
	}
	var b eventBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return e, err
	}
	e.Items, e.Evidence, e.Case = b.Items, b.Evidence, b.Case
	for _, r := range b.Refunds {
		e.Refunds = append(e.Refunds, order.Refund(r))
	}
	if p := b.Placed; p != nil {
		items := make([]order.Item, len(p.Items))
		for i, it := range p.Items {
			items[i] = order.Item(it)
		}
		e.Placed = &order.Placement{
			Visitor: p.Visitor, Session: p.Session, Click: p.Click, CouponCode: p.CouponCode, CouponAmount: p.CouponAmount,
			BuyerID: p.BuyerID, NewBuyer: p.NewBuyer, ShipTo: p.ShipTo, Currency: p.Currency, Items: items,
		}
	}
	return e, nil
}

type eventKey struct {
	order.Key
	fingerprint [sha256.Size]byte
}

// InsertEvents implements store.Orders.
func (t orders) InsertEvents(ctx context.Context, events []order.Event, receivedAt time.Time) ([]bool, error) {
	received, err := sqltx.Micros("the time of receipt", receivedAt)
	if err != nil {
		return nil, err
	}
	prints := make([]eventKey, len(events))
	seen := make(map[eventKey]int, len(events)) // the first event with a fingerprint
	rows := make([]int, 0, len(events))
	for i := range events {
		prints[i] = eventKey{events[i].Key, sha256.Sum256([]byte(events[i].Fingerprint()))}
		if _, ok := seen[prints[i]]; !ok {
			seen[prints[i]] = i
			rows = append(rows, i)
		}
	}
	fresh := make([]bool, len(events))
	if len(rows) == 0 {
		return fresh, nil
	}
	// In the order of their keys, so that transactions that enter the same events wait for each other in one direction only.
	slices.SortFunc(rows, func(a, b int) int {
		return cmp.Or(compareKeys(events[a].Key, events[b].Key), slices.Compare(prints[a].fingerprint[:], prints[b].fingerprint[:]))
	})
	bodies := make([]string, len(rows))
	for i, e := range rows {
		if bodies[i], err = encodeEvent(&events[e]); err != nil {
			return nil, err
		}
	}
	n := len(rows)
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- orders.InsertEvents
WITH r AS ({rows})
INSERT INTO order_events (program, order_id, at, fingerprint, kind, body, received_at)
SELECT program, order_id, at, fingerprint, kind, body, CAST($1 AS BIGINT) FROM r WHERE true
ON CONFLICT DO NOTHING
RETURNING program, order_id, fingerprint`,
		Args: []any{received},
		Rows: append(keyColumns(n, func(i int) order.Key { return events[rows[i]].Key }),
			sqltx.When("at", n, func(i int) time.Time { return events[rows[i]].At }),
			sqltx.Data("fingerprint", n, func(i int) []byte { return prints[rows[i]].fingerprint[:] }),
			sqltx.TextOf("kind", n, func(i int) string { return events[rows[i]].Kind.String() }),
			sqltx.TextOf("body", n, func(i int) string { return bodies[i] }),
		),
	}, func(scan func(...any) error) error {
		var k eventKey
		var b []byte
		err := scan(&k.Program, &k.Order, &b)
		copy(k.fingerprint[:], b)
		if i, ok := seen[k]; err == nil && ok {
			fresh[i] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("entering order events: %w", err)
	}
	return fresh, nil
}

// Events implements store.Orders.
func (t orders) Events(ctx context.Context, keys []order.Key) ([][]order.Event, error) {
	n := len(keys)
	events := make([][]order.Event, n)
	if n == 0 {
		return events, nil
	}
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- orders.Events
WITH r AS ({rows})
SELECT r.n, e.at, e.kind, e.body FROM r CROSS JOIN order_events e
WHERE e.program = r.program AND e.order_id = r.order_id
ORDER BY r.n, e.at, e.fingerprint`,
		Rows: keyColumns(n, func(i int) order.Key { return keys[i] }),
	}, func(scan func(...any) error) error {
		var i, at int64
		var kind, body string
		if err := scan(&i, &at, &kind, &body); err != nil {
			return err
		}
		e, err := decodeEvent(keys[i], at, kind, body)
		if err != nil {
			return fmt.Errorf("order %q: %w", keys[i].Order, err)
		}
		events[i] = append(events[i], e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading order events: %w", err)
	}
	return events, nil
}

// SetNext implements store.Orders.
func (t orders) SetNext(ctx context.Context, next []store.OrderNext) error {
	next = lastOfEach(next, func(o *store.OrderNext) order.Key { return o.Key }, compareKeys)
	n := len(next)
	if n == 0 {
		return nil
	}
	// A row that would stay as it is is left alone.
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- orders.SetNext
WITH r AS ({rows})
INSERT INTO orders (program, order_id, visitor, click, placed_at, next_at)
SELECT program, order_id, visitor, click, placed_at, next_at FROM r WHERE true
ON CONFLICT (program, order_id) DO UPDATE
SET visitor = excluded.visitor, click = excluded.click, placed_at = excluded.placed_at, next_at = excluded.next_at
WHERE orders.next_at IS DISTINCT FROM excluded.next_at OR orders.visitor <> excluded.visitor OR orders.click <> excluded.click
	OR orders.placed_at <> excluded.placed_at`,
		Rows: append(keyColumns(n, func(i int) order.Key { return next[i].Key }),
			sqltx.Key("visitor", n, func(i int) string { return next[i].Visitor }),
			sqltx.Key("click", n, func(i int) string { return next[i].Click }),
			sqltx.When("placed_at", n, func(i int) time.Time { return next[i].PlacedAt }),
			sqltx.Maybe("next_at", n, func(i int) time.Time { return next[i].Next }),
		),
	})
	if err != nil {
		return fmt.Errorf("noting what orders wait for: %w", err)
	}
	return nil
}

// lastOfEach returns the last element with each key, by key.
func lastOfEach[T any, K comparable](all []T, key func(*T) K, compare func(a, b K) int) []T {
	at := make(map[K]int, len(all))
	out := make([]T, 0, len(all))
	for i := range all {
		k := key(&all[i])
		if j, ok := at[k]; ok {
			out[j] = all[i]
			continue
		}
		at[k] = len(out)
		out = append(out, all[i])
	}
	slices.SortFunc(out, func(a, b T) int { return compare(key(&a), key(&b)) })
	return out
}

// Due implements store.Orders.
func (t orders) Due(ctx context.Context, at time.Time, limit int) ([]order.Key, error) {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var due []order.Key
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- orders.Due
SELECT program, order_id FROM orders WHERE next_at <= $1 ORDER BY next_at, program, order_id LIMIT $2`,
		Args: []any{us, int64(limit)},
	}, scanKeys(&due))
	if err != nil {
		return nil, fmt.Errorf("reading orders that are due: %w", err)
	}
	return due, nil
}

func scanKeys(into *[]order.Key) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var k order.Key
		err := scan(&k.Program, &k.Order)
		*into = append(*into, k)
		return err
	}
}

// Touched implements store.Orders.
func (t orders) Touched(ctx context.Context, cs []*click.Click) ([]order.Key, error) {
	n := len(cs)
	if n == 0 {
		return nil, nil
	}
	var touched []order.Key
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- orders.Touched
WITH r AS ({rows})
SELECT o.program, o.order_id FROM r CROSS JOIN orders o
WHERE o.visitor <> '' AND o.program = r.program AND o.visitor = r.visitor
UNION
SELECT o.program, o.order_id FROM r CROSS JOIN orders o
WHERE o.click <> '' AND o.program = r.program AND o.click = r.id`,
		Rows: []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return cs[i].Program }),
			sqltx.TextOf("visitor", n, func(i int) string { return cs[i].Visitor }),
			sqltx.TextOf("id", n, func(i int) string { return cs[i].ID }),
		},
	}, scanKeys(&touched))
	if err != nil {
		return nil, fmt.Errorf("reading orders of clicks: %w", err)
	}
	slices.SortFunc(touched, compareKeys)
	return slices.Compact(touched), nil
}

// Lock implements store.Orders.
func (t orders) Lock(ctx context.Context, p program.ID) error {
	return t.LockName(ctx, "program "+string(p))
}

// PinFacts implements store.Orders.
func (t orders) PinFacts(ctx context.Context, pins []store.FactPin) ([][]byte, error) {
	known := make(map[order.Key][]byte, len(pins))
	if err := t.readFacts(ctx, pins, known); err != nil {
		return nil, fmt.Errorf("reading pinned facts: %w", err)
	}
	var fresh []store.FactPin
	for _, p := range pins {
		if len(p.JSON) > 0 && known[p.Key] == nil {
			known[p.Key] = p.JSON
			fresh = append(fresh, p)
		}
	}
	if err := t.enterFacts(ctx, fresh); err != nil {
		return nil, fmt.Errorf("pinning facts: %w", err)
	}
	out := make([][]byte, len(pins))
	for i := range pins {
		out[i] = slices.Clone(known[pins[i].Key])
	}
	return out, nil
}

func (t orders) readFacts(ctx context.Context, pins []store.FactPin, known map[order.Key][]byte) error {
	n := len(pins)
	if n == 0 {
		return nil
	}
	return t.Query(ctx, sqltx.Statement{
		SQL: `-- orders.readFacts
WITH r AS ({rows})
SELECT f.program, f.order_id, f.facts FROM r CROSS JOIN order_facts f WHERE f.program = r.program AND f.order_id = r.order_id`,
		Rows: keyColumns(n, func(i int) order.Key { return pins[i].Key }),
	}, func(scan func(...any) error) error {
		var k order.Key
		var facts []byte
		err := scan(&k.Program, &k.Order, &facts)
		known[k] = facts
		return err
	})
}

func (t orders) enterFacts(ctx context.Context, fresh []store.FactPin) error {
	slices.SortFunc(fresh, func(a, b store.FactPin) int { return compareKeys(a.Key, b.Key) })
	n := len(fresh)
	if n == 0 {
		return nil
	}
	return t.Enter(ctx, sqltx.Statement{
		SQL: `-- orders.enterFacts
WITH r AS ({rows})
INSERT INTO order_facts (program, order_id, facts) SELECT program, order_id, facts FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: append(keyColumns(n, func(i int) order.Key { return fresh[i].Key }),
			sqltx.TextOf("facts", n, func(i int) string { return string(fresh[i].JSON) })),
	})
}
