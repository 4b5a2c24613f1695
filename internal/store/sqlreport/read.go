package sqlreport

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/cover"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// sumKey is what sums are brought together by before they become figures, by numbers: a year's report has a hundred thousand cells. What the
// query does not tell apart is 0.
type sumKey struct {
	value, program, split uint32 // the value's 0 is none
	day                   int64
}

// sumsOf are sums by key. Where days are not told apart, they stand under their values' numbers: no other way is as fast.
type sumsOf struct {
	dense [][][]*measures // by program, split and value; nil where keys is used
	keys  map[sumKey]*measures
	tables
}

// at is the sum of a key; it is made where it is not there.
func (s *sumsOf) at(k sumKey) *measures {
	if s.keys != nil {
		sum := s.keys[k]
		if sum == nil {
			sum = s.sum()
			s.keys[k] = sum
		}
		return sum
	}
	splits := reach(&s.dense, k.program)
	values := reach(splits, k.split)
	sum := reach(values, k.value)
	if *sum == nil {
		*sum = s.sum()
	}
	return *sum
}

// reach is a place of a list, which grows up to it.
func reach[T any](list *[]T, at uint32) *T {
	if n := int(at) + 1; n > len(*list) {
		*list = slices.Grow(*list, n-len(*list))[:n]
	}
	return &(*list)[at]
}

// all calls each for all sums.
func (s *sumsOf) all(each func(sumKey, *measures) error) error {
	for k, sum := range s.keys {
		if err := each(k, sum); err != nil {
			return err
		}
	}
	for program, splits := range s.dense {
		for split, values := range splits {
			for value, sum := range values {
				if sum == nil {
					continue
				}
				if err := each(sumKey{value: uint32(value), program: uint32(program), split: uint32(split)}, sum); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// gathering adds sheets up for a query.
type gathering struct {
	sheet.Reader
	kind   int64
	dim    int // the dimension that is asked for; 0: none
	byDay  bool
	byProg bool
	wanted string // the only value that counts, where only is set
	only   bool
	state  string // the only state that counts, where hasState is set
	has    bool
	sums   sumsOf
}

// newGathering gathers the sums of a dimension for a query.
func newGathering(kind int64, dim store.Dim, q store.Figures) *gathering {
	g := &gathering{kind: kind, dim: dimNumber(dim), byDay: slices.Contains(q.By, store.DimDay), byProg: slices.Contains(q.By, store.DimProgram)}
	if g.byDay {
		g.sums.keys = make(map[sumKey]*measures)
	}
	g.sums.values.number(nil) // its number is 0
	for _, m := range q.Where {
		if m.Dim == store.DimState {
			g.state, g.has = m.Value, true
		} else {
			g.wanted, g.only = Cut(m.Value), true
		}
	}
	return g
}

// tables are what numbers in keys stand for.
type tables struct {
	values, programs numbering
	splits           []split
	last             int        // the place of the split that was asked for last
	spare            []measures // that sums are taken from
}

func (t *tables) splitOf(sp split) uint32 {
	if t.last < len(t.splits) && t.splits[t.last] == sp { // of neighbours most have the same
		return uint32(t.last)
	}
	i := slices.Index(t.splits, sp)
	if i < 0 {
		i = len(t.splits)
		t.splits = append(t.splits, sp)
	}
	t.last = i
	return uint32(i)
}

// sum is a new sum.
func (t *tables) sum() *measures {
	if len(t.spare) == 0 {
		t.spare = make([]measures, 256)
	}
	m := &t.spare[0]
	t.spare = t.spare[1:]
	return m
}

// publishers are all that have sums, everybody among them.
func publishers(ctx context.Context, tx *sqltx.Tx) ([]string, error) {
	all := []string{everybody}
	for {
		var next *string
		if _, err := tx.One(ctx, sqltx.Statement{SQL: "-- reports.nextPublisher\nSELECT MIN(publisher) FROM report_sums WHERE publisher > $1", Args: []any{all[len(all)-1]}}, &next); err != nil {
			return nil, wrap(err, "looking for publishers")
		}
		if next == nil {
			return all, nil
		}
		all = append(all, *next)
	}
}

// add takes a row in, or off where times is -1; the sum of all is taken of the sheets that the query asks for, and not of those of single
// publishers beside it.
func (g *gathering) add(p program.ID, d, times int64, data []byte, asked bool) error {
	if !g.byDay {
		d = 0
	}
	base := sumKey{day: d}
	if g.byProg {
		base.program = g.sums.programs.number([]byte(p))
	}
	needsAll := asked && (g.dim == 0 || !g.only || g.wanted == "")
	return g.Read(g.kind, data, func(dim int) bool { return dim == g.dim || dim == 0 && needsAll }, func(dim int, value []byte, c *cell) error {
		if g.has && c.State != g.state {
			return nil
		}
		k := base
		k.split = g.sums.splitOf(c.Split)
		by := times
		switch {
		case dim == g.dim && g.dim != 0 && g.only && g.wanted == "": // the rest of all is wanted
			by = -times
		case dim == g.dim && g.dim != 0:
			if g.only && string(value) != g.wanted {
				return nil
			}
			k.value = g.sums.values.number(value)
		}
		if by < 0 {
			for i := range c.Sum {
				c.Sum[i] = -c.Sum[i]
			}
		}
		g.sums.at(k).Add(&c.Sum)
		return nil
	})
}

// spread takes off the sum of all what has a value, where both were gathered: what is left has none.
func (g *gathering) spread() {
	if g.dim == 0 || g.only {
		return
	}
	rest := make(map[sumKey]*measures)
	_ = g.sums.all(func(k sumKey, sum *measures) error { // never fails
		if k.value == 0 {
			return nil
		}
		k.value = 0
		if rest[k] == nil {
			rest[k] = new(measures)
		}
		rest[k].Add(sum)
		return nil
	})
	for k, sum := range rest {
		all := g.sums.at(k)
		for i := range all {
			all[i] -= sum[i]
		}
	}
}

// fromSums adds the sums of a dimension up, and returns the rows that must be read beside them.
func (s source) fromSums(ctx context.Context, tx *sqltx.Tx, q store.Figures, dim store.Dim, from, to int64, found figureSet) ([]rowRange, error) {
	kind, err := kindNumber(s.kind(q))
	if err != nil {
		return nil, err
	}
	marks, err := staleWithin(ctx, tx, s.kind(q), q.Program, from, to)
	if err != nil {
		return nil, err
	}
	g := newGathering(kind, dim, q)
	var stale, broken []cover.Day
	for i := range marks {
		m := &marks[i]
		if d := (cover.Day{Program: m.Program, Day: m.Day}); strings.HasPrefix(m.Kind, months) {
			broken = append(broken, d)
		} else if m.part() == wholeDay(m.StaleDay) {
			stale = append(stale, d)
		}
	}
	p := cover.New(from, to, g.byDay, stale, broken)
	whose := []string{q.Publisher}
	if q.Publisher == everybody && !crossPublisher(dim) {
		if whose, err = publishers(ctx, tx); err != nil {
			return nil, err
		}
	}
	read := func(span int64, in cover.Days, times func(cover.Day) int64) error {
		if in.From >= in.To {
			return nil
		}
		w := sqltx.Where{
			Conditions: []string{"s.publisher = r.publisher", "s.kind = $1", "s.span = $2", "s.part IN (0, $3)", "s.day >= $4", "s.day < $5"},
			Args:       []any{kind, span, int64(g.dim), in.From, in.To},
		}
		w.Equal("s.program", string(q.Program))
		return tx.Query(ctx, sqltx.Statement{
			SQL:  "-- reports." + s.name() + " from sums\nWITH r AS ({rows})\nSELECT s.publisher, s.program, s.day, s.data FROM r CROSS JOIN report_sums s " + w.String(),
			Args: w.Args,
			Rows: []sqltx.Column{sqltx.Key("publisher", len(whose), func(i int) string { return whose[i] })},
		}, func(scan func(...any) error) error {
			var by string
			var d cover.Day
			var data []byte
			if err := scan(&by, &d.Program, &d.Day, &data); err != nil {
				return err
			}
			n := times(d)
			if n == 0 {
				return nil
			}
			return g.add(d.Program, d.Day, n, data, by == q.Publisher)
		})
	}
	if err := read(spanMonth, p.Months, func(m cover.Day) int64 {
		if p.UsesMonth(m) {
			return 1
		}
		return 0
	}); err != nil {
		return nil, err
	}
	for _, in := range p.Days {
		if err := read(spanDay, in, p.Times); err != nil {
			return nil, err
		}
	}
	g.spread()
	if err := g.figures(q, s.clicks, found); err != nil {
		return nil, err
	}
	var rows []rowRange
	for i := range marks {
		if m := &marks[i]; !strings.HasPrefix(m.Kind, months) && m.Day >= from && m.Day < to {
			if r := m.part(); r.from < r.to {
				rows = append(rows, r)
			}
		}
	}
	return rows, nil
}

// figureOf is a sum as a figure without keys.
func figureOf(m *measures, sp split, clicks bool) (f store.Figure, err error) {
	f.Currency, f.State = sp.Currency, sp.State
	if clicks {
		f.Clicks, f.Rejected = m[sheet.Clicks], m[sheet.Rejected]
		return f, nil
	}
	f.Items, f.Actions, f.Held, f.HeldFor = m[sheet.Items], m[sheet.Actions], m[sheet.Held], m[sheet.HeldFor]
	if f.Value, err = sqltx.Whole(m[sheet.SoldHigh], m[sheet.SoldLow]); err != nil {
		return f, err
	}
	if f.Amount, err = sqltx.Whole(m[sheet.AmountHigh], m[sheet.AmountLow]); err != nil {
		return f, err
	}
	f.Fee, err = sqltx.Whole(m[sheet.FeeHigh], m[sheet.FeeLow])
	return f, err
}

// figures makes figures of the sums.
func (g *gathering) figures(q store.Figures, clicks bool, found figureSet) error {
	return g.sums.all(func(k sumKey, sum *measures) error {
		f, err := figureOf(sum, g.sums.splits[k.split], clicks)
		if err != nil {
			return err
		}
		if f.Clicks == 0 && f.Rejected == 0 && f.Items == 0 {
			return nil
		}
		for i, d := range q.By {
			switch {
			case d == store.DimDay:
				f.Keys[i] = strconv.FormatInt(k.day, 10)
			case d == store.DimProgram:
				f.Keys[i] = g.sums.programs.names[k.program]
			case d == store.DimState:
				f.Keys[i] = f.State
			case d == store.DimPublisher && q.Publisher != "":
				f.Keys[i] = q.Publisher
			case g.only:
				f.Keys[i] = g.wanted
			default:
				f.Keys[i] = g.sums.values.names[k.value]
			}
		}
		return found.add(&f)
	})
}
