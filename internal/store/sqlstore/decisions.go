package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

type decisions struct{ *Tx }

// recordColumns is what scanRecord reads, of the table records as r.
const recordColumns = `r.program, r.order_id, r.item, r.sequence, r.line, r.state, r.publisher, r.ad_space, r.rule, r.currency, r.amount, r.value,
	r.hidden, r.placed_at, r.completed_at, r.settled_at, r.decided_at, r.body`

func scanRecord(scan func(...any) error) (store.Record, error) {
	var r store.Record
	var placed, decided int64
	var completed, settled *int64
	err := scan(&r.Program, &r.Order, &r.Item, &r.Sequence, &r.Line, &r.State, &r.Publisher, &r.AdSpace, &r.Rule, &r.Currency, &r.Amount, &r.Value,
		&r.Hidden, &placed, &completed, &settled, &decided, &r.JSON)
	r.PlacedAt, r.Completed, r.SettledAt, r.DecidedAt = sqltx.Instant(placed), sqltx.Optional(completed), sqltx.Optional(settled), sqltx.Instant(decided)
	return r, err
}

// itemKey names an item of an order.
type itemKey struct {
	order.Key
	item string
}

// version is the newest record of an item, as far as Put must know it.
type version struct {
	sequence int
	digest   []byte
}

// digest is a fingerprint of all that a record says but when it was decided.
func digest(r *store.Record) []byte {
	h := sha256.New()
	var length [8]byte
	for _, s := range [...]string{r.State, r.Publisher, r.AdSpace, r.Rule, string(r.Currency)} {
		binary.BigEndian.PutUint64(length[:], uint64(len(s))) // the length keeps "a","bc" and "ab","c" apart
		h.Write(length[:])
		h.Write([]byte(s))
	}
	hidden := int64(0)
	if r.Hidden {
		hidden = 1
	}
	for _, n := range [...]int64{int64(r.Line), r.Amount, r.Value, hidden, r.PlacedAt.UnixMicro(), r.Completed.UnixMicro(), r.SettledAt.UnixMicro()} {
		binary.BigEndian.PutUint64(length[:], uint64(n))
		h.Write(length[:])
	}
	h.Write(r.JSON)
	return h.Sum(nil)
}

// Put implements store.Decisions.
func (t decisions) Put(ctx context.Context, records []store.Record) error {
	before, err := sqlreport.Versions(ctx, t.Tx.Tx, records)
	if err != nil {
		return fmt.Errorf("reading what was decided before: %w", err)
	}
	known := make(map[itemKey]version)
	was := make(map[itemKey]*sqlreport.Version)
	for i, v := range before {
		if v != nil {
			k := itemKey{records[i].Key, records[i].Item}
			known[k], was[k] = version{v.Sequence, v.Digest}, v
		}
	}
	fresh := make([]*store.Record, 0, len(records))
	for i := range records {
		k := itemKey{records[i].Key, records[i].Item}
		last, d := known[k], digest(&records[i])
		if bytes.Equal(last.digest, d) {
			continue
		}
		r := records[i]
		r.Sequence = last.sequence + 1
		known[k] = version{r.Sequence, d}
		fresh = append(fresh, &r)
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := t.enter(ctx, fresh); err != nil {
		return fmt.Errorf("entering decision records: %w", err)
	}
	// Of several records of an item the last one is the newest.
	newest := slices.DeleteFunc(fresh, func(r *store.Record) bool { return known[itemKey{r.Key, r.Item}].sequence != r.Sequence })
	slices.SortFunc(newest, func(a, b *store.Record) int { return cmp.Or(compareKeys(a.Key, b.Key), cmp.Compare(a.Item, b.Item)) })
	items := make([]store.ItemRow, len(newest))
	gone := make([]*sqlreport.Version, len(newest))
	for i, r := range newest {
		items[i] = store.ItemRow{Record: *r, Origin: r.Origin}
		gone[i] = was[itemKey{r.Key, r.Item}]
	}
	if err := sqlreport.LookUp(ctx, t.Tx.Tx, items); err != nil {
		return err
	}
	if err := t.point(ctx, items, known); err != nil {
		return fmt.Errorf("pointing at the newest decision records: %w", err)
	}
	if err := sqlreport.TallyItems(ctx, t.Tx.Tx, gone, items); err != nil {
		return fmt.Errorf("adding decisions up: %w", err)
	}
	return nil
}

func (t decisions) enter(ctx context.Context, fresh []*store.Record) error {
	n := len(fresh)
	return t.Enter(ctx, sqltx.Statement{
		SQL: `-- decisions.enter
WITH r AS ({rows})
INSERT INTO records (program, order_id, item, sequence, line, state, publisher, ad_space, rule, currency, amount, value, hidden, placed_at,
	completed_at, settled_at, decided_at, body)
SELECT program, order_id, item, sequence, line, state, publisher, ad_space, rule, currency, amount, value, hidden, placed_at, completed_at,
	settled_at, decided_at, body
FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: append(keyColumns(n, func(i int) order.Key { return fresh[i].Key }),
			sqltx.Key("item", n, func(i int) string { return fresh[i].Item }),
			sqltx.Number("sequence", n, func(i int) int { return fresh[i].Sequence }),
			sqltx.Number("line", n, func(i int) int { return fresh[i].Line }),
			sqltx.TextOf("state", n, func(i int) string { return fresh[i].State }),
			sqltx.Key("publisher", n, func(i int) string { return fresh[i].Publisher }),
			sqltx.TextOf("ad_space", n, func(i int) string { return fresh[i].AdSpace }),
			sqltx.TextOf("rule", n, func(i int) string { return fresh[i].Rule }),
			sqltx.TextOf("currency", n, func(i int) string { return string(fresh[i].Currency) }),
			sqltx.Number("amount", n, func(i int) int64 { return fresh[i].Amount }),
			sqltx.Number("value", n, func(i int) int64 { return fresh[i].Value }),
			sqltx.Flag("hidden", n, func(i int) bool { return fresh[i].Hidden }),
			sqltx.When("placed_at", n, func(i int) time.Time { return fresh[i].PlacedAt }),
			sqltx.Maybe("completed_at", n, func(i int) time.Time { return fresh[i].Completed }),
			sqltx.Maybe("settled_at", n, func(i int) time.Time { return fresh[i].SettledAt }),
			sqltx.When("decided_at", n, func(i int) time.Time { return fresh[i].DecidedAt }),
			sqltx.TextOf("body", n, func(i int) string { return string(fresh[i].JSON) }),
		),
	})
}

// point makes records the newest of their items.
func (t decisions) point(ctx context.Context, newest []store.ItemRow, known map[itemKey]version) error {
	n := len(newest)
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- decisions.point
WITH r AS ({rows})
INSERT INTO newest_records (program, order_id, item, sequence, state, publisher, currency, amount, hidden, placed_at, settled_at, digest,
	ad_space, rule, value, completed_at, tracking_id, click, sub_af, sub_cn, sub_cv, sub_dp, kind, product, category, reason, country, device, link, store, fee, held)
SELECT program, order_id, item, sequence, state, publisher, currency, amount, hidden, placed_at, settled_at, digest,
	ad_space, rule, value, completed_at, tracking_id, click, sub_af, sub_cn, sub_cv, sub_dp, kind, product, category, reason, country, device, link, store, fee, held
FROM r WHERE true
ON CONFLICT (program, order_id, item) DO UPDATE
SET sequence = excluded.sequence, state = excluded.state, publisher = excluded.publisher, currency = excluded.currency,
	amount = excluded.amount, hidden = excluded.hidden, placed_at = excluded.placed_at, settled_at = excluded.settled_at,
	digest = excluded.digest, ad_space = excluded.ad_space, rule = excluded.rule, value = excluded.value, completed_at = excluded.completed_at,
	tracking_id = excluded.tracking_id, click = excluded.click, sub_af = excluded.sub_af, sub_cn = excluded.sub_cn, sub_cv = excluded.sub_cv,
	sub_dp = excluded.sub_dp, kind = excluded.kind, product = excluded.product, category = excluded.category, reason = excluded.reason, country = excluded.country,
	device = excluded.device, link = excluded.link, store = excluded.store, fee = excluded.fee, held = excluded.held`,
		Rows: append(append(keyColumns(n, func(i int) order.Key { return newest[i].Key }),
			sqltx.Key("item", n, func(i int) string { return newest[i].Item }),
			sqltx.Number("sequence", n, func(i int) int { return newest[i].Sequence }),
			sqltx.TextOf("state", n, func(i int) string { return newest[i].State }),
			sqltx.Key("publisher", n, func(i int) string { return newest[i].Publisher }),
			sqltx.TextOf("currency", n, func(i int) string { return string(newest[i].Currency) }),
			sqltx.Number("amount", n, func(i int) int64 { return newest[i].Amount }),
			sqltx.Flag("hidden", n, func(i int) bool { return newest[i].Hidden }),
			sqltx.When("placed_at", n, func(i int) time.Time { return newest[i].PlacedAt }),
			sqltx.Maybe("settled_at", n, func(i int) time.Time { return newest[i].SettledAt }),
			sqltx.Data("digest", n, func(i int) []byte { return known[itemKey{newest[i].Key, newest[i].Item}].digest }),
		), sqlreport.OriginColumns(newest)...),
	})
	return err
}

// Newest implements store.Decisions.
func (t decisions) Newest(ctx context.Context, k order.Key) ([]store.Record, error) {
	records, err := t.read(ctx, sqltx.Statement{
		SQL: `-- decisions.Newest
SELECT ` + recordColumns + ` FROM newest_records w CROSS JOIN records r
WHERE w.program = $1 AND w.order_id = $2
	AND r.program = w.program AND r.order_id = w.order_id AND r.item = w.item AND r.sequence = w.sequence
ORDER BY r.line, r.item`,
		Args: []any{string(k.Program), k.Order},
	})
	if err != nil {
		return nil, fmt.Errorf("reading the decisions about order %q: %w", k.Order, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("decisions about order %q of program %q: %w", k.Order, k.Program, store.ErrNotFound)
	}
	return records, nil
}

// Items implements store.Decisions.
func (t decisions) Items(ctx context.Context, k order.Key) ([]store.ItemRow, error) {
	records, err := t.Newest(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := sqlreport.Versions(ctx, t.Tx.Tx, records)
	if err != nil {
		return nil, fmt.Errorf("reading where the items of order %q came from: %w", k.Order, err)
	}
	items := make([]store.ItemRow, len(found))
	for i, v := range found { // each is there: they were read in one transaction
		items[i] = store.ItemRow{Record: records[i], Origin: v.ItemRow.Origin}
	}
	return items, nil
}

// History implements store.Decisions. The + keeps SQLite from sorting by an index that has all orders of the program.
func (t decisions) History(ctx context.Context, k order.Key) ([]store.Record, error) {
	records, err := t.read(ctx, sqltx.Statement{
		SQL: `-- decisions.History
SELECT ` + recordColumns + ` FROM records r WHERE r.program = $1 AND r.order_id = $2 ORDER BY +r.id`,
		Args: []any{string(k.Program), k.Order},
	})
	if err != nil {
		return nil, fmt.Errorf("reading all decisions about order %q: %w", k.Order, err)
	}
	return records, nil
}

func (t decisions) read(ctx context.Context, s sqltx.Statement) ([]store.Record, error) {
	var records []store.Record
	err := t.Query(ctx, s, func(scan func(...any) error) error {
		r, err := scanRecord(scan)
		records = append(records, r)
		return err
	})
	return records, err
}

// recordPlace is where a page of records ended.
type recordPlace struct {
	PlacedAt             int64
	Program, Order, Item string
}

// Page implements store.Decisions.
func (t decisions) Page(ctx context.Context, f store.RecordFilter, after string, limit int) ([]store.Record, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	program := "program"
	if f.Publisher == "" && (f.State == "approved" || f.State == "declined" || f.State == "unattributed") {
		// What is settled stands behind all that is open, so it has an index of its own. A planner without figures prefers the program's.
		w.Conditions, program = append(w.Conditions, "state IN ('approved', 'declined', 'unattributed')"), "program || ''"
	}
	w.Equal(program, string(f.Program))
	w.Equal("publisher", f.Publisher)
	w.Equal("state", f.State)
	if err := w.Between("placed_at", f.From, f.To); err != nil {
		return nil, "", err
	}
	if after != "" {
		var p recordPlace
		if err := sqltx.DecodeCursor(after, &p); err != nil {
			return nil, "", err
		}
		// The first condition alone lets an index begin at the place.
		at := w.Arg(p.PlacedAt)
		w.Conditions = append(w.Conditions, fmt.Sprintf("placed_at <= %s AND (placed_at < %s OR (program, order_id, item) > (%s, %s, %s))",
			at, at, w.Arg(p.Program), w.Arg(p.Order), w.Arg(p.Item)))
	}
	records, err := t.read(ctx, sqltx.Statement{
		SQL: `-- decisions.Page
SELECT ` + recordColumns + ` FROM (
	SELECT program, order_id, item, sequence, placed_at FROM newest_records ` + w.String() + `
	ORDER BY placed_at DESC, program, order_id, item LIMIT ` + w.Arg(int64(limit)+1) + `
) AS w CROSS JOIN records r
WHERE r.program = w.program AND r.order_id = w.order_id AND r.item = w.item AND r.sequence = w.sequence
ORDER BY w.placed_at DESC, w.program, w.order_id, w.item`,
		Args: w.Args,
	})
	if err != nil {
		return records, "", wrap(err, "reading a page of decisions")
	}
	return sqltx.Cut(records, limit, func(r *store.Record) any {
		return recordPlace{r.PlacedAt.UnixMicro(), string(r.Program), r.Order, r.Item}
	})
}

// Open implements store.Decisions.
func (t decisions) Open(ctx context.Context, p program.ID, publisher string, each func(store.OpenItem) error) error {
	return wrap(t.Query(ctx, sqltx.Statement{
		SQL: `-- decisions.Open
SELECT state, held, completed_at, amount FROM newest_records WHERE publisher = $1 AND program = $2 AND state IN ('tracked', 'pending')`,
		Args: []any{publisher, string(p)},
	}, func(scan func(...any) error) error {
		var o store.OpenItem
		var completed *int64
		if err := scan(&o.State, &o.Held, &completed, &o.Amount); err != nil {
			return err
		}
		o.Completed = sqltx.Optional(completed)
		return each(o)
	}), "reading what is open")
}

// wrap says what was being done when an error came, where there is one.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Sums implements store.Decisions.
func (t decisions) Sums(ctx context.Context) ([]store.StateSum, error) {
	var sums []store.StateSum
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- decisions.Sums
SELECT program, publisher, state, currency, COUNT(*), CAST(SUM(CASE WHEN hidden THEN 0 ELSE 1 END) AS BIGINT), ` + halves("amount") + `,
	CAST(SUM(CASE WHEN hidden OR settled_at IS NULL THEN 0 ELSE 1 END) AS BIGINT),
	CAST(SUM(CASE WHEN hidden OR settled_at IS NULL THEN 0 ELSE (settled_at - placed_at) / 1000000 END) AS BIGINT)
FROM newest_records GROUP BY program, publisher, state, currency ORDER BY program, publisher, state, currency`,
	}, func(scan func(...any) error) error {
		var s store.StateSum
		var high, low int64
		err := scan(&s.Program, &s.Publisher, &s.State, &s.Currency, &s.Items, &s.Shown, &high, &low, &s.Held, &s.HeldFor)
		if err != nil {
			return err
		}
		if s.Amount, err = whole(high, low); err != nil {
			return fmt.Errorf("records %q of %q: %w", s.State, s.Publisher, err)
		}
		sums = append(sums, s)
		return nil
	})
	return sums, wrap(err, "adding up decisions")
}
