package sqlreport

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// itemColumns is what scanItem reads, of the table newest_records as w.
const itemColumns = `w.program, w.order_id, w.item, w.sequence, w.state, w.publisher, w.ad_space, w.rule, w.currency, w.amount, w.value, w.hidden,
	w.placed_at, w.completed_at, w.settled_at, w.tracking_id, w.click, w.sub_af, w.sub_cn, w.sub_cv, w.sub_dp, w.kind, w.product, w.category,
	w.reason, w.country, w.device, w.link, w.store, w.fee, w.held`

// scanItem reads an item that stands before the last destinations.
func scanItem(scan func(...any) error, r *store.ItemRow, last ...any) error {
	var placed int64
	var completed, settled *int64
	err := scan(append([]any{&r.Program, &r.Order, &r.Item, &r.Sequence, &r.State, &r.Publisher, &r.AdSpace, &r.Rule, &r.Currency, &r.Amount, &r.Value,
		&r.Hidden, &placed, &completed, &settled, &r.TrackingID, &r.Click, &r.Sub.AF, &r.Sub.CN, &r.Sub.CV, &r.Sub.DP, &r.Kind, &r.Product,
		&r.Category, &r.Reason, &r.Country, &r.Device, &r.Link, &r.Store, &r.Fee, &r.Held}, last...)...)
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
		text("store", func(r *store.ItemRow) string { return r.Store }),
		sqltx.Number("fee", n, func(i int) int64 { return items[i].Fee }),
		sqltx.Flag("held", n, func(i int) bool { return items[i].Held }),
	}
}

// held are the seconds from ordering to settling, or false where an item is no action that was settled.
func held(r *store.ItemRow) (int64, bool) {
	if r.Hidden || r.Publisher == "" || r.SettledAt.IsZero() {
		return 0, false
	}
	return (r.SettledAt.UnixMicro() - r.PlacedAt.UnixMicro()) / 1_000_000, true
}

// addItem enters an item into the sheets of a day.
func (t sheets) addItem(r *store.ItemRow) {
	sum := itemSum(r)
	t.enter(r.Publisher, split{Currency: r.Currency, State: r.State}, &sum, itemValues(r))
}

func itemSum(r *store.ItemRow) measures {
	sum := measures{sheet.Items: 1}
	if !r.Hidden && r.Publisher != "" && r.State != settlement.Unattributed.String() {
		sum[sheet.Actions] = 1
	}
	sum[sheet.SoldHigh], sum[sheet.SoldLow] = sqltx.Halves(r.Value)
	sum[sheet.AmountHigh], sum[sheet.AmountLow] = sqltx.Halves(r.Amount)
	sum[sheet.FeeHigh], sum[sheet.FeeLow] = sqltx.Halves(r.Fee)
	if seconds, ok := held(r); ok {
		sum[sheet.Held], sum[sheet.HeldFor] = 1, seconds
	}
	return sum
}

func itemValues(r *store.ItemRow) []dimValue {
	return []dimValue{
		{store.DimPublisher, r.Publisher}, {store.DimAdSpace, r.AdSpace}, {store.DimTrackingID, r.TrackingID},
		{store.DimAF, r.Sub.AF}, {store.DimCN, r.Sub.CN}, {store.DimCV, r.Sub.CV}, {store.DimDP, r.Sub.DP}, {store.DimKind, r.Kind},
		{store.DimProduct, r.Product}, {store.DimCategory, r.Category}, {store.DimCountry, r.Country}, {store.DimDevice, r.Device},
		{store.DimLink, linkValue(r.Link)}, {store.DimRule, r.Rule}, {store.DimReason, r.Reason},
		{store.DimStore, r.Store},
	}
}
