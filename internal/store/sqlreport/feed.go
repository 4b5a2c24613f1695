package sqlreport

import (
	"context"
	"fmt"
	"strings"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// toFeed stands before the kind of a day that an engine beside the store did not take yet.
const toFeed = "feed:"

// fed is the mark of a day for such an engine.
func fed(d store.StaleDay) store.StaleDay {
	d.Kind = toFeed + d.Kind
	return d
}

// fedAnew marks a day for such an engine. An item is fed with the day of its order, which changes with it.
func fedAnew(ctx context.Context, tx *sqltx.Tx, d store.StaleDay) error {
	if d.Kind == string(store.ByTransaction) {
		return nil
	}
	return staleDays{fed(d): all}.mark(ctx, tx)
}

// Feed implements store.Reports.
func (t reports) Feed() store.Feed { return feed{t} }

type feed struct{ reports }

// Changed implements store.Feed. The days of receipt are left out: an item comes with the day of its order.
func (t feed) Changed(ctx context.Context) (days []store.FeedDay, err error) {
	err = t.Query(ctx, sqltx.Statement{
		SQL:  "-- reports.changed\nSELECT kind, program, day, changes FROM stale_days WHERE kind IN ($1, $2) ORDER BY kind, program, day",
		Args: []any{toFeed + clickKind, toFeed + string(store.ByOrder)},
	}, func(scan func(...any) error) error {
		var d store.FeedDay
		err := scan(&d.Kind, &d.Program, &d.Day, &d.Changes)
		d.Kind = strings.TrimPrefix(d.Kind, toFeed)
		days = append(days, d)
		return err
	})
	return days, wrap(err, "looking for days to feed")
}

// Rows implements store.Feed.
func (t feed) Rows(ctx context.Context, d store.StaleDay, each func(*store.Fact) error) (whole bool, err error) {
	places := factPlaces()
	var f store.Fact
	set := func(values []dimValue) {
		f.Values = [len(f.Values)]string{}
		for _, v := range values {
			f.Values[places[v.dim]] = Cut(v.value)
		}
	}
	if d.Kind == clickKind {
		sealed, err := sealedDay(ctx, t.Tx)
		if err != nil {
			return false, err
		}
		return d.Day >= sealed, t.eachClick(ctx, wholeDay(d), func(c *click.Click, s seen) error {
			f.ID, f.At = c.ID, c.At.UnixMicro()
			sum := clickSum(c)
			f.Sum = store.Figure{Clicks: sum[sheet.Clicks], Rejected: sum[sheet.Rejected]}
			set(clickValues(c, s))
			return each(&f)
		})
	}
	if d.Kind != string(store.ByOrder) {
		return false, fmt.Errorf("%q is no kind of days that are fed: %w", d.Kind, store.ErrInvalid)
	}
	return true, t.eachItem(ctx, d, func(r *store.ItemRow) error {
		f.ID, f.At, f.HasDay, f.Received = r.Order+"\n"+r.Item, r.PlacedAt.UnixMicro(), !r.Completed.IsZero(), 0
		if f.HasDay {
			f.Received = r.Completed.UnixMicro()
		}
		f.Currency, f.State = r.Currency, r.State
		sum := itemSum(r)
		f.Sum = store.Figure{Items: 1, Actions: sum[sheet.Actions], Value: r.Value, Amount: r.Amount, Fee: r.Fee, Held: sum[sheet.Held], HeldFor: sum[sheet.HeldFor]}
		set(itemValues(r))
		return each(&f)
	})
}

func factPlaces() map[store.Dim]int {
	places := make(map[store.Dim]int)
	for i, d := range store.FactDims() {
		places[d] = i
	}
	return places
}

// Took implements store.Feed.
func (t feed) Took(ctx context.Context, days []store.FeedDay) error {
	n := len(days)
	if n == 0 {
		return nil
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.took
WITH r AS ({rows})
DELETE FROM stale_days WHERE (kind, program, day, changes) IN (SELECT kind, program, day, changes FROM r)`,
		Rows: []sqltx.Column{
			sqltx.TextOf("kind", n, func(i int) string { return toFeed + days[i].Kind }),
			sqltx.TextOf("program", n, func(i int) string { return string(days[i].Program) }),
			sqltx.Number("day", n, func(i int) int64 { return days[i].Day }),
			sqltx.Number("changes", n, func(i int) int64 { return days[i].Changes }),
		},
	})
	return wrap(err, "taking days off the list")
}

// All implements store.Feed.
func (t feed) All(ctx context.Context) error {
	marks := make(staleDays)
	for _, kind := range []string{clickKind, string(store.ByOrder)} {
		number, err := kindNumber(kind)
		if err != nil {
			return err
		}
		if err := t.Query(ctx, sqltx.Statement{
			SQL: `-- reports.allDays
SELECT s.program, s.day FROM report_sums s WHERE s.publisher = '' AND s.kind = $1 AND s.span = 1 AND s.part = 0
	AND NOT EXISTS (SELECT 1 FROM stale_days d WHERE d.kind = $2 AND d.program = s.program AND d.day = s.day)`, // those are fed when they are added up
			Args: []any{number, kind},
		}, func(scan func(...any) error) error {
			d := store.StaleDay{Kind: kind}
			err := scan(&d.Program, &d.Day)
			marks[fed(d)] = all
			return err
		}); err != nil {
			return wrap(err, "looking for all days")
		}
	}
	return marks.mark(ctx, t.Tx)
}
