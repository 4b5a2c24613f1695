package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// itemColumns is what scanItem reads, of the table newest_records as w.
const itemColumns = `w.program, w.order_id, w.item, w.sequence, w.state, w.publisher, w.ad_space, w.rule, w.currency, w.amount, w.value, w.hidden,
	w.placed_at, w.completed_at, w.settled_at, w.tracking_id, w.click, w.sub_af, w.sub_cn, w.sub_cv, w.sub_dp, w.kind, w.product, w.category,
	w.reason, w.country, w.device, w.link`

// scanItem reads an item that stands before the last destinations.
func scanItem(scan func(...any) error, r *store.ItemRow, last ...any) error {
	var placed int64
	var completed, settled *int64
	err := scan(append([]any{&r.Program, &r.Order, &r.Item, &r.Sequence, &r.State, &r.Publisher, &r.AdSpace, &r.Rule, &r.Currency, &r.Amount, &r.Value,
		&r.Hidden, &placed, &completed, &settled, &r.TrackingID, &r.Click, &r.Sub.AF, &r.Sub.CN, &r.Sub.CV, &r.Sub.DP, &r.Kind, &r.Product,
		&r.Category, &r.Reason, &r.Country, &r.Device, &r.Link}, last...)...)
	r.PlacedAt, r.Completed, r.SettledAt = sqltx.Instant(placed), sqltx.Optional(completed), sqltx.Optional(settled)
	return err
}

// Version is the newest record of an item with its fingerprint.
type Version struct {
	store.ItemRow
	Digest []byte
}

// Versions reads the newest records of items, in the order of the keys; nil where there is none.
func Versions(ctx context.Context, tx *sqltx.Tx, records []store.Record) ([]*Version, error) {
	n := len(records)
	found := make([]*Version, n)
	if n == 0 {
		return found, nil
	}
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- reports.Versions
WITH r AS ({rows})
SELECT ` + itemColumns + `, w.digest, r.n FROM r CROSS JOIN newest_records w
WHERE w.program = r.program AND w.order_id = r.order_id AND w.item = r.item`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return records[i].Program }),
			sqltx.Key("order_id", n, func(i int) string { return records[i].Order }),
			sqltx.Key("item", n, func(i int) string { return records[i].Item }),
		},
	}, func(scan func(...any) error) error {
		var v Version
		var i int64
		err := scanItem(scan, &v.ItemRow, &v.Digest, &i)
		if err == nil {
			found[i] = &v
		}
		return err
	})
	return found, err
}

// LookUp fills in what edges saw of the clicks that won items.
func LookUp(ctx context.Context, tx *sqltx.Tx, items []store.ItemRow) error {
	keys := make([]visitKey, 0, len(items))
	for i := range items {
		if items[i].Click != "" {
			keys = append(keys, visitKey{items[i].Program, items[i].Click})
		}
	}
	found, err := seenOf(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("looking for the visits of orders: %w", err)
	}
	for i := range items {
		s := found[visitKey{items[i].Program, items[i].Click}]
		items[i].Country, items[i].Device, items[i].Link = s.country, s.device, s.link
	}
	return nil
}

// OriginColumns are the columns of newest_records that only reports read, of a batch of items.
func OriginColumns(items []store.ItemRow) []sqltx.Column {
	n := len(items)
	text := func(name string, of func(*store.ItemRow) string) sqltx.Column {
		return sqltx.TextOf(name, n, func(i int) string { return of(&items[i]) })
	}
	return []sqltx.Column{
		text("ad_space", func(r *store.ItemRow) string { return r.AdSpace }),
		text("rule", func(r *store.ItemRow) string { return r.Rule }),
		sqltx.Number("value", n, func(i int) int64 { return items[i].Value }),
		sqltx.Maybe("completed_at", n, func(i int) time.Time { return items[i].Completed }),
		text("tracking_id", func(r *store.ItemRow) string { return r.TrackingID }),
		text("click", func(r *store.ItemRow) string { return r.Click }),
		text("sub_af", func(r *store.ItemRow) string { return r.Sub.AF }),
		text("sub_cn", func(r *store.ItemRow) string { return r.Sub.CN }),
		text("sub_cv", func(r *store.ItemRow) string { return r.Sub.CV }),
		text("sub_dp", func(r *store.ItemRow) string { return r.Sub.DP }),
		text("kind", func(r *store.ItemRow) string { return r.Kind }),
		text("product", func(r *store.ItemRow) string { return r.Product }),
		text("category", func(r *store.ItemRow) string { return r.Category }),
		text("reason", func(r *store.ItemRow) string { return r.Reason }),
		text("country", func(r *store.ItemRow) string { return r.Country }),
		text("device", func(r *store.ItemRow) string { return r.Device }),
		sqltx.Number("link", n, func(i int) int64 { return items[i].Link }),
	}
}

// itemPlace is the key of a sum of items.
type itemPlace struct {
	publisher string
	basis     store.Basis
	dim       store.Dim
	day       int64
	program   program.ID
	currency  money.Currency
	state     string
	value     string
}

type itemSum struct{ items, actions, soldHigh, soldLow, amountHigh, amountLow, held, heldFor int64 }

type itemTally map[itemPlace]itemSum

// held are the seconds from ordering to settling, or false where an item is no action that was settled.
func held(r *store.ItemRow) (int64, bool) {
	if r.Hidden || r.Publisher == "" || r.SettledAt.IsZero() {
		return 0, false
	}
	return (r.SettledAt.UnixMicro() - r.PlacedAt.UnixMicro()) / 1_000_000, true
}

// add enters an item with the day that counts.
func (t itemTally) add(r *store.ItemRow, basis store.Basis) {
	sum := itemSum{items: 1}
	if !r.Hidden && r.Publisher != "" && r.State != settlement.Unattributed.String() {
		sum.actions = 1
	}
	sum.soldHigh, sum.soldLow = halves(r.Value)
	sum.amountHigh, sum.amountLow = halves(r.Amount)
	if seconds, ok := held(r); ok {
		sum.held, sum.heldFor = 1, seconds
	}
	at := r.PlacedAt
	if basis == store.ByTransaction {
		at = r.Completed
	}
	t.enter(r, basis, at, sum)
}

func (t itemTally) enter(r *store.ItemRow, basis store.Basis, at time.Time, sum itemSum) {
	p := itemPlace{basis: basis, day: day(at.UnixMicro()), program: r.Program, currency: r.Currency, state: r.State}
	enter := func(d store.Dim, value string) {
		if value == "" && d != everything {
			return
		}
		p.dim, p.value = d, cut(value)
		if r.Publisher != "" && d != store.DimPublisher {
			p.publisher = r.Publisher
			t.sum(p, sum)
		}
		if crossPublisher(d) {
			p.publisher = everybody
			t.sum(p, sum)
		}
	}
	link := ""
	if r.Link != 0 {
		link = strconv.FormatInt(r.Link, 10)
	}
	enter(everything, "")
	enter(store.DimPublisher, r.Publisher)
	enter(store.DimAdSpace, r.AdSpace)
	enter(store.DimTrackingID, r.TrackingID)
	enter(store.DimAF, r.Sub.AF)
	enter(store.DimCN, r.Sub.CN)
	enter(store.DimCV, r.Sub.CV)
	enter(store.DimDP, r.Sub.DP)
	enter(store.DimKind, r.Kind)
	enter(store.DimProduct, r.Product)
	enter(store.DimCategory, r.Category)
	enter(store.DimCountry, r.Country)
	enter(store.DimDevice, r.Device)
	enter(store.DimLink, link)
	enter(store.DimRule, r.Rule)
	enter(store.DimReason, r.Reason)
}

func (t itemTally) sum(p itemPlace, s itemSum) {
	was := t[p]
	was.items += s.items
	was.actions += s.actions
	was.soldHigh += s.soldHigh
	was.soldLow += s.soldLow
	was.amountHigh += s.amountHigh
	was.amountLow += s.amountLow
	was.held += s.held
	was.heldFor += s.heldFor
	t[p] = was
}

// TallyItems takes notice of records that were the newest and of those that are now. A nil was none.
func TallyItems(ctx context.Context, tx *sqltx.Tx, before []*Version, now []store.ItemRow) error {
	stale := make(staleDays)
	for _, v := range before {
		if v != nil {
			stale.item(&v.ItemRow)
		}
	}
	for i := range now {
		stale.item(&now[i])
	}
	return stale.mark(ctx, tx)
}

func (s staleDays) item(r *store.ItemRow) {
	s[store.StaleDay{Kind: string(store.ByOrder), Program: r.Program, Day: day(r.PlacedAt.UnixMicro())}] = struct{}{}
	if !r.Completed.IsZero() {
		s[store.StaleDay{Kind: string(store.ByTransaction), Program: r.Program, Day: day(r.Completed.UnixMicro())}] = struct{}{}
	}
}

func (t itemTally) write(ctx context.Context, tx *sqltx.Tx) error {
	places := make([]itemPlace, 0, len(t))
	for p, s := range t {
		s.soldHigh, s.soldLow = carry(s.soldHigh, s.soldLow)
		s.amountHigh, s.amountLow = carry(s.amountHigh, s.amountLow)
		if t[p] = s; s != (itemSum{}) {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b itemPlace) int {
		return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.basis, b.basis), cmp.Compare(a.dim, b.dim), cmp.Compare(a.day, b.day),
			cmp.Compare(a.program, b.program), cmp.Compare(a.currency, b.currency), cmp.Compare(a.state, b.state), cmp.Compare(a.value, b.value))
	})
	n := len(places)
	if n == 0 {
		return nil
	}
	sum := func(name string, of func(itemSum) int64) sqltx.Column {
		return sqltx.Number(name, n, func(i int) int64 { return of(t[places[i]]) })
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.addItems
WITH r AS ({rows})
INSERT INTO item_sums (publisher, basis, dim, day, program, currency, state, value, items, actions, sold_high, sold_low, amount_high, amount_low, held, held_for)
SELECT publisher, basis, dim, day, program, currency, state, value, items, actions, sold_high, sold_low, amount_high, amount_low, held, held_for
FROM r WHERE true
ON CONFLICT (publisher, basis, dim, day, program, currency, state, value) DO UPDATE
SET items = item_sums.items + excluded.items, actions = item_sums.actions + excluded.actions,
	sold_high = item_sums.sold_high + excluded.sold_high, sold_low = item_sums.sold_low + excluded.sold_low,
	amount_high = item_sums.amount_high + excluded.amount_high, amount_low = item_sums.amount_low + excluded.amount_low,
	held = item_sums.held + excluded.held, held_for = item_sums.held_for + excluded.held_for`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return places[i].publisher }),
			sqltx.TextOf("basis", n, func(i int) store.Basis { return places[i].basis }),
			sqltx.TextOf("dim", n, func(i int) store.Dim { return places[i].dim }),
			sqltx.Number("day", n, func(i int) int64 { return places[i].day }),
			sqltx.Key("program", n, func(i int) program.ID { return places[i].program }),
			sqltx.TextOf("currency", n, func(i int) money.Currency { return places[i].currency }),
			sqltx.TextOf("state", n, func(i int) string { return places[i].state }),
			sqltx.Key("value", n, func(i int) string { return places[i].value }),
			sum("items", func(s itemSum) int64 { return s.items }),
			sum("actions", func(s itemSum) int64 { return s.actions }),
			sum("sold_high", func(s itemSum) int64 { return s.soldHigh }),
			sum("sold_low", func(s itemSum) int64 { return s.soldLow }),
			sum("amount_high", func(s itemSum) int64 { return s.amountHigh }),
			sum("amount_low", func(s itemSum) int64 { return s.amountLow }),
			sum("held", func(s itemSum) int64 { return s.held }),
			sum("held_for", func(s itemSum) int64 { return s.heldFor }),
		},
	})
	return err
}
