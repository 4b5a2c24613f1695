package sqlreport

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// changesKept is the mark's upto of a day of items whose sums say everything together with the changes that are kept beside them. A day
// without it was added up by an older version, or never: its rows are read.
const changesKept = math.MaxInt64

// changes are what came and went in the items of days, by publisher and all that reports tell apart.
type changes map[store.StaleDay]*sheet.Grid

// item enters an item into the changes of its days, or takes it out where by is -1.
func (c changes) item(r *store.ItemRow, by int64) {
	l, sum := sheet.Line{Split: split{Currency: r.Currency, State: r.State}}, itemSum(r)
	l.Sum.AddTimes(&sum, by)
	for _, v := range itemValues(r) {
		l.Values[dimNumber(v.dim)] = Cut(v.value)
	}
	add := func(kind store.Basis, us int64) {
		d := store.StaleDay{Kind: string(kind), Program: r.Program, Day: day(us)}
		if c[d] == nil {
			c[d] = new(sheet.Grid)
		}
		c[d].Add(&l)
	}
	add(store.ByOrder, r.PlacedAt.UnixMicro())
	if !r.Completed.IsZero() {
		add(store.ByTransaction, r.Completed.UnixMicro())
	}
}

// TallyItems takes notice of records that were the newest and of those that are now. A nil was none.
func TallyItems(ctx context.Context, tx *sqltx.Tx, before []*Version, now []store.ItemRow) error {
	changed := make(changes)
	for _, v := range before {
		if v != nil {
			changed.item(&v.ItemRow, -1)
		}
	}
	for i := range now {
		changed.item(&now[i], 1)
	}
	type row struct {
		store.StaleDay
		kind int64
		data []byte
	}
	rows := make([]row, 0, len(changed))
	marks := make(staleDays)
	for _, d := range slices.SortedFunc(maps.Keys(changed), compareDays) {
		kind, err := kindNumber(d.Kind)
		if err != nil {
			return err
		}
		if data := changed[d].WriteChanges(kind); data != nil {
			rows = append(rows, row{d, kind, data})
			marks[d] = all
		}
	}
	n := len(rows)
	if n == 0 {
		return nil
	}
	// The marks come first: whoever adds the changes to the sums waits for those that hold one.
	if err := marks.mark(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.keepChanges
WITH r AS ({rows})
INSERT INTO report_changes (kind, program, day, data) SELECT kind, program, day, data FROM r WHERE true`,
		Rows: []sqltx.Column{
			sqltx.Number("kind", n, func(i int) int64 { return rows[i].kind }),
			sqltx.TextOf("program", n, func(i int) program.ID { return rows[i].Program }),
			sqltx.Number("day", n, func(i int) int64 { return rows[i].Day }),
			sqltx.Data("data", n, func(i int) []byte { return rows[i].data }),
		},
	})
	return wrap(err, "keeping changes of items")
}

// eachChange calls each for the lines of changes that conditions on report_changes choose.
func eachChange(ctx context.Context, tx *sqltx.Tx, kind int64, w sqltx.Where, each func(store.StaleDay, *sheet.Line) error) error {
	var r sheet.Reader
	return wrap(tx.Query(ctx, sqltx.Statement{
		SQL: "-- reports.changes\nSELECT program, day, data FROM report_changes " + w.String(), Args: w.Args,
	}, func(scan func(...any) error) error {
		var d store.StaleDay
		var data []byte
		if err := scan(&d.Program, &d.Day, &data); err != nil {
			return err
		}
		return r.Changes(kind, data, func(l *sheet.Line) error { return each(d, l) })
	}), "reading changes of items")
}

// fromChanges adds what changed since sums were written, but for the days whose rows are read.
func (s source) fromChanges(ctx context.Context, tx *sqltx.Tx, q store.Figures, from, to int64, rows []rowRange, found figureSet) error {
	dates := make(dayTexts)
	kind, err := kindNumber(s.kind(q))
	if err != nil {
		return err
	}
	instead := make(map[store.StaleDay]bool, len(rows))
	for _, r := range rows {
		instead[store.StaleDay{Program: r.program, Day: day(r.from)}] = true
	}
	w := sqltx.Where{Conditions: []string{"kind = $1", "day >= $2", "day < $3"}, Args: []any{kind, from, to}}
	w.Equal("program", string(q.Program))
	return eachChange(ctx, tx, kind, w, func(d store.StaleDay, l *sheet.Line) error {
		if instead[d] || q.Publisher != "" && l.Values[sheet.PublisherDim] != q.Publisher {
			return nil
		}
		for _, m := range q.Where {
			if m.Dim == store.DimState && l.State != m.Value || m.Dim != store.DimState && l.Values[dimNumber(m.Dim)] != Cut(m.Value) {
				return nil
			}
		}
		f, err := figureOf(&l.Sum, l.Split, false)
		if err != nil {
			return err
		}
		for i, dim := range q.By {
			switch dim {
			case store.DimDay:
				f.Keys[i] = dates.of(d.Day)
			case store.DimProgram:
				f.Keys[i] = string(d.Program)
			case store.DimState:
				f.Keys[i] = l.State
			default:
				f.Keys[i] = l.Values[dimNumber(dim)]
			}
		}
		return found.add(&f)
	})
}

// enterLine adds a line of changes to the sums of its publisher and of all.
func (t sheets) enterLine(l *sheet.Line) {
	values := make([]dimValue, 0, len(columns))
	for i, c := range columns {
		if v := l.Values[i+1]; v != "" {
			values = append(values, dimValue{c.dim, v})
		}
	}
	t.enter(l.Values[sheet.PublisherDim], l.Split, &l.Sum, values)
}

// merge adds the changes of a day of items to its sums and to those of its month. It returns false where the sums are not to be relied on: the
// day must be added up from its rows. The caller holds the day's lock; nobody changes the day until the transaction ends.
func (t reports) merge(ctx context.Context, kind int64, d store.StaleDay) (bool, error) {
	m, err := t.takeMark(ctx, d)
	if err != nil || m != nil && m.upto != changesKept {
		return false, err
	}
	if m == nil { // there must be one, for others to wait for
		return false, staleDays{d: all}.mark(ctx, t.Tx)
	}
	if err := t.unmark(ctx, d); err != nil {
		return false, err
	}
	sums := newSheets()
	w := sqltx.Where{Conditions: []string{"kind = $1", "program = $2", "day = $3"}, Args: []any{kind, string(d.Program), d.Day}}
	if err := eachChange(ctx, t.Tx, kind, w, func(_ store.StaleDay, l *sheet.Line) error {
		sums.enterLine(l)
		return nil
	}); err != nil {
		return false, err
	}
	if err := t.forgetChanges(ctx, kind, d); err != nil {
		return false, err
	}
	if err := sums.extend(ctx, t.Tx, d); err != nil {
		return false, err
	}
	return true, fedAnew(ctx, t.Tx, d)
}

// takeMark waits for those who set the mark of a day and have not committed, keeps others from setting it, and reads it; nil where there is none.
func (t reports) takeMark(ctx context.Context, d store.StaleDay) (*mark, error) {
	if _, err := t.Exec(ctx, sqltx.Statement{
		SQL:  "-- reports.takeMark\nUPDATE stale_days SET changes = changes + 1 WHERE kind = $1 AND program = $2 AND day = $3",
		Args: []any{d.Kind, string(d.Program), d.Day},
	}); err != nil {
		return nil, fmt.Errorf("taking the mark of a day: %w", err)
	}
	return markOf(ctx, t.Tx, d)
}

// forgetChanges forgets the changes of a day that its sums have.
func (t reports) forgetChanges(ctx context.Context, kind int64, d store.StaleDay) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL:  "-- reports.forgetChanges\nDELETE FROM report_changes WHERE kind = $1 AND program = $2 AND day = $3",
		Args: []any{kind, string(d.Program), d.Day},
	})
	return wrap(err, "forgetting changes of items")
}
