package sqlreport

import (
	"context"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// gridKey names a grid.
type gridKey struct {
	publisher string
	program   program.ID
	day       int64
}

// pointKey is what lines of grids are brought together by: the numbers of their values in the order of the query's dimensions, and that of
// their split.
type pointKey struct {
	values [store.MaxDims]uint32
	split  uint32
}

// lattice adds the lines of grids up for a query.
type lattice struct {
	sheet.GridReader
	kind   int64
	by     []int // the numbers of the query's dimensions
	where  []int
	wanted []string
	values [store.MaxDims]sheet.Numbering
	tables sheet.Tables
	sums   map[pointKey]*measures
	dates  dayTexts
}

func newLattice(kind int64, q store.Figures) *lattice {
	l := &lattice{kind: kind, sums: make(map[pointKey]*measures), dates: make(dayTexts)}
	for _, d := range q.By {
		l.by = append(l.by, dimNumber(d))
	}
	for _, m := range q.Where {
		l.where, l.wanted = append(l.where, dimNumber(m.Dim)), append(l.wanted, Cut(m.Value))
	}
	return l
}

// inGrid reports whether a dimension has a column in grids.
func inGrid(n int) bool {
	switch columns[n-1].dim {
	case store.DimDay, store.DimProgram, store.DimPublisher, store.DimState:
		return false
	}
	return true
}

// needed are the parts of grids that the query reads.
func (l *lattice) needed() []any {
	parts := []any{int64(sheet.GridPart)}
	for _, n := range slices.Concat(l.by, l.where) {
		if p := any(int64(sheet.GridPart + n)); inGrid(n) && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return parts
}

// take takes a grid in, whose parts the reader has.
func (l *lattice) take(k gridKey) error {
	var cols [len(columns) + 1]sheet.Column
	for _, n := range slices.Concat(l.by, l.where) {
		var err error
		if inGrid(n) {
			if cols[n], err = l.Column(n); err != nil {
				return err
			}
		}
	}
	// The numbers that the values have here, so that no line is looked up by its text.
	var numbers [store.MaxDims][]uint32
	var fixed pointKey
	for i, n := range l.by {
		switch columns[n-1].dim {
		case store.DimDay:
			fixed.values[i] = l.values[i].Number([]byte(l.dates.of(k.day)))
		case store.DimProgram:
			fixed.values[i] = l.values[i].Number([]byte(k.program))
		case store.DimPublisher:
			fixed.values[i] = l.values[i].Number([]byte(k.publisher))
		default:
			numbers[i] = make([]uint32, len(cols[n].Values))
			for j, v := range cols[n].Values {
				numbers[i][j] = l.values[i].Number(v)
			}
		}
	}
	passes := make([][]bool, len(l.where))
	for i, n := range l.where {
		passes[i] = make([]bool, len(cols[n].Values))
		for j, v := range cols[n].Values {
			passes[i][j] = string(v) == l.wanted[i]
		}
	}
	return l.Each(func(line int, c *cell) error {
		for i, n := range l.where {
			if inGrid(n) && !passes[i][cols[n].At(line)] || !inGrid(n) && c.State != l.wanted[i] {
				return nil
			}
		}
		key := fixed
		key.split = l.tables.SplitOf(c.Split)
		for i, n := range l.by {
			switch {
			case inGrid(n):
				key.values[i] = numbers[i][cols[n].At(line)]
			case columns[n-1].dim == store.DimState:
				key.values[i] = l.values[i].Number([]byte(c.State))
			}
		}
		sum := l.sums[key]
		if sum == nil {
			sum = l.tables.Sum()
			l.sums[key] = sum
		}
		sum.Add(&c.Sum)
		return nil
	})
}

// figures implements gathered.
func (l *lattice) figures(_ store.Figures, clicks bool, each func(*store.Figure) error) error {
	for k, sum := range l.sums {
		f, err := figureOf(sum, l.tables.Splits[k.split], clicks)
		if err != nil {
			return err
		}
		for i := range l.by {
			f.Keys[i] = l.values[i].Names[k.values[i]]
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	return nil
}

// fromGrids answers a query about several dimensions from the grids of its days, and names the rows that must be read beside them:
// those of days that changed, and of those that have no grids.
func (s source) fromGrids(ctx context.Context, tx *sqltx.Tx, q store.Figures, from, to int64) (gathered, []rowRange, error) {
	kind, err := kindNumber(s.kind(q))
	if err != nil {
		return nil, nil, err
	}
	marks, err := staleWithin(ctx, tx, s.kind(q), q.Program, from, to)
	if err != nil {
		return nil, nil, err
	}
	rows := besideSums(marks, from, to)
	whose := []string{q.Publisher}
	if q.Publisher == everybody {
		if whose, err = publishers(ctx, tx); err != nil {
			return nil, nil, err
		}
	}
	l := newLattice(kind, q)
	for _, publisher := range whose {
		if err := l.missing(ctx, tx, s.kind(q), publisher, q.Program, from, to, rows); err != nil {
			return nil, nil, err
		}
	}
	for _, publisher := range whose {
		if err := l.read(ctx, tx, publisher, q.Program, from, to, func(k gridKey) bool {
			part, some := rows[store.StaleDay{Kind: s.kind(q), Program: k.program, Day: k.day}]
			return !some || part.from > k.day*microsPerDay
		}); err != nil {
			return nil, nil, err
		}
	}
	return l, inOrder(rows), nil
}

// missing notes the days on which a publisher has sums and no grid: an older version added them up.
func (l *lattice) missing(ctx context.Context, tx *sqltx.Tx, kind, publisher string, p program.ID, from, to int64, note map[store.StaleDay]rowRange) error {
	without := make(map[gridKey]bool)
	w := sqltx.Where{
		Conditions: []string{"publisher = $1", "kind = $2", "span = 1", "part IN (0, $3)", "day >= $4", "day < $5"},
		Args:       []any{publisher, l.kind, int64(sheet.GridPart), from, to},
	}
	w.Equal("program", string(p))
	err := tx.Query(ctx, sqltx.Statement{SQL: "-- reports.grids\nSELECT part, program, day FROM report_sums " + w.String() + " ORDER BY part", Args: w.Args}, func(scan func(...any) error) error {
		var part int64
		var k gridKey
		if err := scan(&part, &k.program, &k.day); err != nil {
			return err
		}
		if part == 0 {
			without[k] = true
		} else {
			delete(without, k)
		}
		return nil
	})
	for k := range without {
		d := store.StaleDay{Kind: kind, Program: k.program, Day: k.day}
		note[d] = wholeDay(d)
	}
	return wrap(err, "looking for the rows of days")
}

// read takes a publisher's grids in, those that are to be used.
func (l *lattice) read(ctx context.Context, tx *sqltx.Tx, publisher string, p program.ID, from, to int64, use func(gridKey) bool) error {
	type piece struct {
		number int64
		data   []byte
	}
	pieces := make(map[gridKey][]piece)
	w := sqltx.Where{Conditions: []string{"publisher = $1", "kind = $2", "span = 1", "day >= $3", "day < $4"}, Args: []any{publisher, l.kind, from, to}}
	var parts []string
	for _, n := range l.needed() {
		parts = append(parts, w.Arg(n))
	}
	w.Conditions = append(w.Conditions, "part IN ("+strings.Join(parts, ", ")+")")
	w.Equal("program", string(p))
	err := tx.Query(ctx, sqltx.Statement{SQL: "-- reports.fromGrids\nSELECT part, program, day, data FROM report_sums " + w.String(), Args: w.Args}, func(scan func(...any) error) error {
		k := gridKey{publisher: publisher}
		var x piece
		if err := scan(&x.number, &k.program, &k.day, &x.data); err != nil {
			return err
		}
		if use(k) {
			pieces[k] = append(pieces[k], x)
		}
		return nil
	})
	if err != nil {
		return wrap(err, "reading the rows of days")
	}
	for k, all := range pieces {
		l.Reset()
		for _, x := range all {
			if err := l.GridReader.Take(l.kind, x.number, x.data); err != nil {
				return wrap(err, "reading the rows of a day")
			}
		}
		if !l.Whole { // a column without what it is about
			return wrap(sheet.ErrDamaged, "reading the rows of a day")
		}
		if err := l.take(k); err != nil {
			return wrap(err, "reading the rows of a day")
		}
	}
	return nil
}
