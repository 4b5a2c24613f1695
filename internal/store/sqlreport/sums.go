package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/cover"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// The numbers of spans in report_sums.
const (
	spanDay   = 1
	spanMonth = 2
)

// kindNumber is the number of a kind of days.
func kindNumber(kind string) (int64, error) {
	switch kind {
	case clickKind:
		return sheet.KindClicks, nil
	case string(store.ByOrder):
		return sheet.KindOrders, nil
	case string(store.ByTransaction):
		return sheet.KindTransactions, nil
	}
	return 0, fmt.Errorf("%q is no kind of days: %w", kind, store.ErrInvalid)
}

// sheets are the sheets of one program and day, by publisher; that of everybody is of all. Of dimensions that name things of one
// publisher it has only what is nobody's.
type sheets struct {
	by    map[string]*sheet.Sheet
	grids map[string]*sheet.Grid // nil: the rows are not known. That of everybody has nobody's
}

// newSheets are sheets of nothing, to be added to.
func newSheets() sheets {
	return sheets{make(map[string]*sheet.Sheet), map[string]*sheet.Grid{everybody: {}}}
}

// gridless are sheets of nothing that have no grids, as those of months, or where the rows are not known.
func gridless() sheets { return sheets{by: make(map[string]*sheet.Sheet)} }

// dimValue is a value of a row.
type dimValue struct {
	dim   store.Dim
	value string
}

func (t sheets) of(publisher string) *sheet.Sheet {
	s := t.by[publisher]
	if s == nil {
		s = new(sheet.Sheet)
		t.by[publisher] = s
	}
	return s
}

// enter adds a row to the sums of its publisher and of all.
func (t sheets) enter(publisher string, sp split, sum *measures, values []dimValue) {
	all := t.of(everybody)
	all.Add(0, "", sp, sum)
	var own *sheet.Sheet
	if publisher != "" {
		own = t.of(publisher)
		own.Add(0, "", sp, sum)
	}
	if t.grids != nil {
		if t.grids[publisher] == nil {
			t.grids[publisher] = new(sheet.Grid)
		}
		l := sheet.Line{Split: sp, Sum: *sum}
		for _, v := range values {
			if n := dimNumber(v.dim); n > 3 { // day, program and publisher are the grid's own
				l.Values[n] = Cut(v.value)
			}
		}
		t.grids[publisher].Add(&l)
	}
	for _, v := range values {
		if v.value == "" {
			continue
		}
		n, value := dimNumber(v.dim), Cut(v.value)
		if own != nil && v.dim != store.DimPublisher {
			own.Add(n, value, sp, sum)
		}
		if own == nil || crossPublisher(v.dim) {
			all.Add(n, value, sp, sum)
		}
	}
}

// dimNumber is the number of a dimension that sums tell apart; 0 where it is none.
func dimNumber(d store.Dim) int {
	switch d { // a search through the columns would take longer than adding up
	case store.DimDay:
		return 1
	case store.DimProgram:
		return 2
	case store.DimPublisher:
		return sheet.PublisherDim
	case store.DimAdSpace:
		return 4
	case store.DimTrackingID:
		return 5
	case store.DimAF:
		return 6
	case store.DimCN:
		return 7
	case store.DimCV:
		return 8
	case store.DimDP:
		return 9
	case store.DimKind:
		return 10
	case store.DimProduct:
		return 11
	case store.DimCountry:
		return 12
	case store.DimDevice:
		return 13
	case store.DimLink:
		return 14
	case store.DimReason:
		return 15
	case store.DimCategory:
		return 16
	case store.DimRule:
		return 17
	case store.DimState:
		return 18
	case store.DimStore:
		return 19
	}
	return 0
}

// lockSums makes this transaction the only one that writes the sums of a day or month until it ends.
func lockSums(ctx context.Context, tx *sqltx.Tx, d store.StaleDay) error {
	return wrap(tx.LockName(ctx, fmt.Sprintf("sums of %s %s %d", d.Kind, d.Program, d.Day)), "waiting for the sums of a day")
}

// replace writes the sheets of a day in the place of those that are kept, and what that changes into its month.
func (t sheets) replace(ctx context.Context, tx *sqltx.Tx, kind int64, d store.StaleDay) error {
	rows, err := keptRows(ctx, tx, kind, d.Program, d.Day, d.Day+1)
	if err != nil {
		return err
	}
	old, monthly := gridless(), gridless()
	if err := old.load(ctx, tx, kind, spanDay, d.Program, d.Day, d.Day+1, rows); err != nil {
		return err
	}
	monthly.add(old, -1)
	monthly.add(t, 1)
	if err := takeOut(ctx, tx, kind, spanDay, d); err != nil {
		return err
	}
	if err := t.write(ctx, tx, kind, spanDay, d); err != nil {
		return err
	}
	return monthly.toMonth(ctx, tx, d)
}

// extend adds the sheets to those that are kept of a day, and to its month.
func (t sheets) extend(ctx context.Context, tx *sqltx.Tx, d store.StaleDay) error {
	monthly := gridless()
	monthly.add(t, 1) // addTo enters what is kept into the sheets
	if err := t.addTo(ctx, tx, spanDay, d); err != nil {
		return err
	}
	return monthly.toMonth(ctx, tx, d)
}

// add adds other sheets to these, or takes them off where by is -1.
func (t sheets) add(o sheets, by int64) {
	for publisher, s := range o.by {
		own := t.of(publisher)
		for dim, values := range s {
			for v, cells := range values {
				for i := range cells {
					var sum measures
					sum.AddTimes(&cells[i].Sum, by)
					own.Add(dim, v, cells[i].Split, &sum)
				}
			}
		}
	}
}

// toMonth adds what changed in a day to the sums of its month, which so are those that are kept of its days. A month that is to be added
// up anew gets a new mark instead, since that may be going on.
func (t sheets) toMonth(ctx context.Context, tx *sqltx.Tx, d store.StaleDay) error {
	m := monthOf(d)
	stale, err := markOf(ctx, tx, m)
	switch {
	case err != nil:
		return err
	case stale != nil:
		return staleDays{m: all}.mark(ctx, tx)
	}
	return t.addTo(ctx, tx, spanMonth, store.StaleDay{Kind: d.Kind, Program: d.Program, Day: m.Day})
}

func takeOut(ctx context.Context, tx *sqltx.Tx, kind, span int64, d store.StaleDay) error {
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL:  "-- reports.clear\nDELETE FROM report_sums WHERE day = $1 AND program = $2 AND kind = $3 AND span = $4",
		Args: []any{d.Day, string(d.Program), kind, span},
	})
	return wrap(err, "taking out old sums")
}

// sumRow is a row of report_sums.
type sumRow struct {
	publisher string
	part
}

func (t sheets) write(ctx context.Context, tx *sqltx.Tx, kind, span int64, d store.StaleDay) error {
	var rows []sumRow
	for _, publisher := range slices.Sorted(maps.Keys(t.by)) {
		for _, p := range t.by[publisher].Write(kind) {
			rows = append(rows, sumRow{publisher, p})
		}
		if g := t.grids[publisher]; g != nil {
			for _, p := range g.Write(kind) {
				rows = append(rows, sumRow{publisher, p})
			}
		}
	}
	n := len(rows)
	if n == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.addSums
WITH r AS ({rows})
INSERT INTO report_sums (publisher, kind, span, part, day, program, data)
SELECT publisher, CAST($1 AS BIGINT), CAST($2 AS BIGINT), part, CAST($3 AS BIGINT), CAST($4 AS TEXT), data FROM r WHERE true
ON CONFLICT (publisher, kind, span, part, day, program) DO UPDATE SET data = excluded.data`,
		Args: []any{kind, span, d.Day, string(d.Program)},
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return rows[i].publisher }),
			sqltx.Number("part", n, func(i int) int64 { return rows[i].Number }),
			sqltx.Data("data", n, func(i int) []byte { return rows[i].Data }),
		},
	})
	return wrap(err, "keeping sums")
}

// addTo adds the sheets to those that are kept of a day, or of the month whose first day it is.
func (t sheets) addTo(ctx context.Context, tx *sqltx.Tx, span int64, d store.StaleDay) error {
	kind, err := kindNumber(d.Kind)
	if err != nil {
		return err
	}
	locked := d
	if span == spanMonth {
		locked = monthOf(d)
	}
	if err := lockSums(ctx, tx, locked); err != nil {
		return err
	}
	if err := t.loadGrids(ctx, tx, kind, d); err != nil {
		return err
	}
	var rows []sumRow
	for _, publisher := range slices.Sorted(maps.Keys(t.by)) {
		for p := range int64(len(sheet.Sheet{})) {
			rows = append(rows, sumRow{publisher, part{Number: p}}, sumRow{publisher, part{Number: sheet.GridPart + p}})
		}
	}
	if err := t.load(ctx, tx, kind, span, d.Program, d.Day, d.Day+1, rows); err != nil {
		return err
	}
	n := len(rows)
	if _, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.clearLate
WITH r AS ({rows})
DELETE FROM report_sums WHERE kind = $1 AND span = $2 AND day = $3 AND program = $4 AND (publisher, part) IN (SELECT publisher, part FROM r)`,
		Args: []any{kind, span, d.Day, string(d.Program)},
		Rows: sumKeys(rows, n),
	}); err != nil {
		return fmt.Errorf("taking out old sums: %w", err)
	}
	return t.write(ctx, tx, kind, span, d)
}

func sumKeys(rows []sumRow, n int) []sqltx.Column {
	return []sqltx.Column{
		sqltx.Key("publisher", n, func(i int) string { return rows[i].publisher }),
		sqltx.Number("part", n, func(i int) int64 { return rows[i].Number }),
	}
}

// load adds the rows of some days, or of a month, to the sheets.
func (t sheets) load(ctx context.Context, tx *sqltx.Tx, kind, span int64, p program.ID, from, to int64, rows []sumRow) error {
	var r sheet.Reader
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- reports.loadSums
WITH r AS ({rows})
SELECT s.publisher, s.part, s.data FROM r CROSS JOIN report_sums s
WHERE s.publisher = r.publisher AND s.part = r.part AND s.kind = $1 AND s.span = $2 AND s.program = $3 AND s.day >= $4 AND s.day < $5`,
		Args: []any{kind, span, string(p), from, to},
		Rows: sumKeys(rows, len(rows)),
	}, func(scan func(...any) error) error {
		var publisher string
		var data []byte
		var number int64
		if err := scan(&publisher, &number, &data); err != nil {
			return err
		}
		if number >= sheet.GridPart {
			return nil
		}
		return t.of(publisher).Merge(&r, kind, data)
	})
	return wrap(err, "reading sums")
}

// loadGrids adds the grids of a day that are kept to those of the sheets. Where a publisher has sums and no grid, an older version kept
// them, or what they are the sums of is forgotten: then there is none.
func (t sheets) loadGrids(ctx context.Context, tx *sqltx.Tx, kind int64, d store.StaleDay) error {
	if t.grids == nil {
		return nil
	}
	whose := slices.Sorted(maps.Keys(t.by))
	found := make(map[string]*sheet.GridReader)
	summed := make(map[string]bool)
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- reports.loadGrids
WITH r AS ({rows})
SELECT s.publisher, s.part, s.data FROM r CROSS JOIN report_sums s
WHERE s.publisher = r.publisher AND s.kind = $1 AND s.span = 1 AND (s.part = 0 OR s.part >= 100) AND s.day = $2 AND s.program = $3`,
		Args: []any{kind, d.Day, string(d.Program)},
		Rows: []sqltx.Column{sqltx.Key("publisher", len(whose), func(i int) string { return whose[i] })},
	}, func(scan func(...any) error) error {
		var publisher string
		var number int64
		var data []byte
		if err := scan(&publisher, &number, &data); err != nil {
			return err
		}
		if number < sheet.GridPart {
			summed[publisher] = true
			return nil
		}
		if found[publisher] == nil {
			found[publisher] = new(sheet.GridReader)
		}
		return found[publisher].Take(kind, number, data)
	})
	if err != nil {
		return wrap(err, "reading the rows of a day")
	}
	for _, publisher := range whose {
		switch r := found[publisher]; {
		case r != nil && r.Whole:
			kept, err := r.Grid(kind)
			if err != nil {
				return fmt.Errorf("reading the rows of a day: %w", err)
			}
			if t.grids[publisher] == nil {
				t.grids[publisher] = new(sheet.Grid)
			}
			for i := range kept.Lines {
				t.grids[publisher].Add(&kept.Lines[i])
			}
		case summed[publisher]:
			delete(t.grids, publisher)
		}
	}
	return nil
}

// keptRows are the rows of sheets that are kept of some days, each publisher's together.
func keptRows(ctx context.Context, tx *sqltx.Tx, kind int64, p program.ID, from, to int64) (rows []sumRow, err error) {
	err = tx.Query(ctx, sqltx.Statement{
		SQL:  "-- reports.keptRows\nSELECT DISTINCT publisher, part FROM report_sums WHERE day >= $1 AND day < $2 AND program = $3 AND kind = $4 AND span = 1 AND part < 100",
		Args: []any{from, to, string(p), kind},
	}, func(scan func(...any) error) error {
		var r sumRow
		err := scan(&r.publisher, &r.Number)
		rows = append(rows, r)
		return err
	})
	slices.SortFunc(rows, func(a, b sumRow) int {
		return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.Number, b.Number))
	})
	return rows, wrap(err, "looking for sums")
}

// foldedAtOnce is how many rows of publishers one step of fold takes, so that it needs little memory.
const foldedAtOnce = 512

// fold adds the days of a month up.
func (t reports) fold(ctx context.Context, kind int64, m store.StaleDay) error {
	end := cover.FirstOfNext(m.Day)
	if err := takeOut(ctx, t.Tx, kind, spanMonth, m); err != nil {
		return err
	}
	rows, err := keptRows(ctx, t.Tx, kind, m.Program, m.Day, end)
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := min(foldedAtOnce, len(rows))
		for n < len(rows) && rows[n].publisher == rows[n-1].publisher {
			n++
		}
		some := gridless()
		if err := some.load(ctx, t.Tx, kind, spanDay, m.Program, m.Day, end, rows[:n]); err != nil {
			return err
		}
		if err := some.write(ctx, t.Tx, kind, spanMonth, m); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Adopt takes over sums of sealed days that an older version kept one by one: what they are the sums of is forgotten. It does nothing
// when it comes again.
func Adopt(ctx context.Context, s store.Store, tx func(store.Tx) *sqltx.Tx) error {
	for {
		done := false
		err := s.Update(ctx, func(under store.Tx) error {
			t := tx(under)
			d := store.StaleDay{Kind: clickKind}
			found, err := t.One(ctx, sqltx.Statement{SQL: "-- reports.oldest\nSELECT program, day FROM sealed_click_sums ORDER BY day, program LIMIT 1"}, &d.Program, &d.Day)
			if err != nil || !found {
				done = true
				return err
			}
			old := gridless()
			if err := t.Query(ctx, sqltx.Statement{
				SQL:  "-- reports.old\nSELECT publisher, dim, value, clicks, rejected FROM sealed_click_sums WHERE day = $1 AND program = $2",
				Args: []any{d.Day, string(d.Program)},
			}, func(scan func(...any) error) error {
				var publisher, dim, value string
				var sum measures
				if err := scan(&publisher, &dim, &value, &sum[sheet.Clicks], &sum[sheet.Rejected]); err != nil {
					return err
				}
				old.of(publisher).Add(dimNumber(store.Dim(dim)), value, split{}, &sum)
				return nil
			}); err != nil {
				return err
			}
			if err := old.addTo(ctx, t, spanDay, d); err != nil {
				return err
			}
			if _, err := t.Exec(ctx, sqltx.Statement{
				SQL:  "-- reports.dropOld\nDELETE FROM sealed_click_sums WHERE day = $1 AND program = $2",
				Args: []any{d.Day, string(d.Program)},
			}); err != nil {
				return err
			}
			return staleDays{monthOf(d): all}.mark(ctx, t)
		})
		if err != nil {
			return fmt.Errorf("taking over sums of clicks: %w", err)
		}
		if done {
			return nil
		}
	}
}
