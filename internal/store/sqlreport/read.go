package sqlreport

import (
	"context"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/cover"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

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
	sums   *sheet.Sums
}

// newGathering gathers the sums of a dimension for a query.
func newGathering(kind int64, dim store.Dim, q store.Figures) *gathering {
	g := &gathering{kind: kind, dim: dimNumber(dim), byDay: slices.Contains(q.By, store.DimDay), byProg: slices.Contains(q.By, store.DimProgram)}
	g.sums = sheet.NewSums(g.byDay)
	for _, m := range q.Where {
		if m.Dim == store.DimState {
			g.state, g.has = m.Value, true
		} else {
			g.wanted, g.only = Cut(m.Value), true
		}
	}
	return g
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
	base := sheet.Key{Day: d}
	if g.byProg {
		base.Program = g.sums.Programs.Number([]byte(p))
	}
	needsAll := asked && (g.dim == 0 || !g.only || g.wanted == "")
	return g.Read(g.kind, data, func(dim int) bool { return dim == g.dim || dim == 0 && needsAll }, func(dim int, value []byte, c *cell) error {
		if g.has && c.State != g.state {
			return nil
		}
		k := base
		k.Split = g.sums.SplitOf(c.Split)
		by := times
		switch {
		case dim == g.dim && g.dim != 0 && g.only && g.wanted == "": // the rest of all is wanted
			by = -times
		case dim == g.dim && g.dim != 0:
			if g.only && string(value) != g.wanted {
				return nil
			}
			k.Value = g.sums.Values.Number(value)
		}
		g.sums.At(k).AddTimes(&c.Sum, by)
		return nil
	})
}

// spread takes off the sum of all what has a value, where both were gathered: what is left has none.
func (g *gathering) spread() {
	if g.dim == 0 || g.only {
		return
	}
	rest := make(map[sheet.Key]*measures)
	_ = g.sums.All(func(k sheet.Key, sum *measures) error { // never fails
		if k.Value == 0 {
			return nil
		}
		k.Value = 0
		if rest[k] == nil {
			rest[k] = new(measures)
		}
		rest[k].Add(sum)
		return nil
	})
	for k, sum := range rest {
		g.sums.At(k).AddTimes(sum, -1)
	}
}

// fromSums adds the sums of a dimension up, and names the rows that must be read beside them.
func (s source) fromSums(ctx context.Context, tx *sqltx.Tx, q store.Figures, dim store.Dim, from, to int64) (gathered, []rowRange, error) {
	kind, err := kindNumber(s.kind(q))
	if err != nil {
		return nil, nil, err
	}
	marks, err := staleWithin(ctx, tx, s.kind(q), q.Program, from, to)
	if err != nil {
		return nil, nil, err
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
			return nil, nil, err
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
		return nil, nil, err
	}
	for _, in := range p.Days {
		if err := read(spanDay, in, p.Times); err != nil {
			return nil, nil, err
		}
	}
	g.spread()
	return g, inOrder(besideSums(marks, from, to)), nil
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

// figures implements gathered.
func (g *gathering) figures(q store.Figures, clicks bool, each func(*store.Figure) error) error {
	dates := make(dayTexts)
	return g.sums.All(func(k sheet.Key, sum *measures) error {
		f, err := figureOf(sum, g.sums.Splits[k.Split], clicks)
		if err != nil {
			return err
		}
		for i, d := range q.By {
			switch {
			case d == store.DimDay:
				f.Keys[i] = dates.of(k.Day)
			case d == store.DimProgram:
				f.Keys[i] = g.sums.Programs.Names[k.Program]
			case d == store.DimState:
				f.Keys[i] = f.State
			case d == store.DimPublisher && q.Publisher != "":
				f.Keys[i] = q.Publisher
			case g.only:
				f.Keys[i] = g.wanted
			default:
				f.Keys[i] = g.sums.Values.Names[k.Value]
			}
		}
		return each(&f)
	})
}
