package reports

import (
	"context"
	"slices"
	"strconv"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/report"
	"github.com/clickledger/clickledger/settlement"
)

// figure is a row of orders or of traffic.
type figure struct {
	tally    report.Tally
	rejected int64
	counts   map[string]int64 // items by state
	amounts  map[string]int64 // commission by state
	sold     int64
}

func (f *figure) add(o *figure) error {
	f.tally.Add(o.tally)
	f.rejected += o.rejected
	for s, n := range o.counts {
		f.counts[s] += n
	}
	var err error
	for s, a := range o.amounts {
		if f.amounts[s], err = money.Add(f.amounts[s], a); err != nil {
			return err
		}
	}
	f.sold, err = money.Add(f.sold, o.sold)
	return err
}

func newFigure() *figure {
	return &figure{counts: make(map[string]int64), amounts: make(map[string]int64)}
}

// take adds a sum of the store.
func (f *figure) take(s *store.Figure) error {
	o := newFigure()
	o.tally.Clicks, o.rejected = s.Clicks, s.Rejected
	if s.State != "" {
		o.counts[s.State], o.amounts[s.State] = s.Items, s.Amount
		o.tally.Actions, o.tally.Earnings, o.tally.Held, o.tally.HoldTime = s.Actions, s.Amount, s.Held, report.Seconds(s.HeldFor)
		switch s.State {
		case settlement.Approved.String():
			o.tally.Approved, o.sold = s.Actions, s.Value
		case settlement.Declined.String():
			o.tally.Declined = s.Actions
		case settlement.Tracked.String(), settlement.Pending.String():
			o.sold = s.Value
		}
	}
	return f.add(o)
}

// withClicks reports whether clicks can stand beside items: they have neither category nor rule nor state, no receipt, and are
// rejected for other reasons.
func (q *Query) withClicks() bool {
	itemsOnly := func(d Dim) bool {
		return d == store.DimCategory || d == store.DimRule || d == store.DimState || d == store.DimReason
	}
	return q.Basis != store.ByTransaction && !slices.ContainsFunc(q.By, itemsOnly) &&
		!slices.ContainsFunc(q.Where, func(m Match) bool { return itemsOnly(m.Dim) })
}

// columns are the columns of a report of orders or traffic behind its dimensions.
func (q *Query) columns() []Column {
	if q.Kind == Traffic {
		return []Column{{"clicks", Count}, {"rejected", Count}, {"rejected_share", Percent}}
	}
	cols := []Column{{"currency", Text}}
	if q.withClicks() {
		cols = append(cols, Column{"clicks", Count}, Column{"rejected_clicks", Count})
	}
	cols = append(cols, Column{"actions", Count}, Column{"tracked", Count}, Column{"pending", Count}, Column{"approved", Count}, Column{"declined", Count})
	if q.Publisher == "" {
		cols = append(cols, Column{"unattributed", Count})
	}
	cols = append(cols, Column{"sold", Amount}, Column{"commission_tracked", Amount}, Column{"commission_pending", Amount},
		Column{"commission_approved", Amount}, Column{"commission", Amount}, Column{"approval_rate", Percent}, Column{"cost_of_sale", Percent})
	if q.withClicks() {
		cols = append(cols, Column{"cr", Percent}, Column{"epc", Amount})
	}
	return cols
}

// cells writes a figure into the columns behind the dimensions.
func (q *Query) cells(dst []string, f *figure, c money.Currency) []string {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	if q.Kind == Traffic {
		return append(dst, count(f.tally.Clicks), count(f.rejected), report.Share(f.rejected, f.tally.Clicks+f.rejected))
	}
	amount := func(minor int64) string {
		if c == "" {
			return "" // clicks of a program whose terms are gone: nothing was sold
		}
		return money.New(minor, c).Decimal()
	}
	dst = append(dst, string(c))
	if q.withClicks() {
		dst = append(dst, count(f.tally.Clicks), count(f.rejected))
	}
	dst = append(dst, count(f.tally.Actions))
	for _, s := range [...]settlement.State{settlement.Tracked, settlement.Pending, settlement.Approved, settlement.Declined} {
		dst = append(dst, count(f.counts[s.String()]))
	}
	if q.Publisher == "" {
		dst = append(dst, count(f.counts[settlement.Unattributed.String()]))
	}
	dst = append(dst, amount(f.sold))
	for _, s := range [...]settlement.State{settlement.Tracked, settlement.Pending, settlement.Approved} {
		dst = append(dst, amount(f.amounts[s.String()]))
	}
	dst = append(dst, amount(f.tally.Earnings), f.tally.ApprovalRate(), report.CostOfSale(f.tally.Earnings, f.sold))
	if q.withClicks() {
		epc := ""
		if c != "" {
			epc = f.tally.EPC(c)
		}
		dst = append(dst, f.tally.CR(), epc)
	}
	return dst
}

// place is what a row is about.
type place struct {
	keys     [store.MaxDims]string
	currency money.Currency
}

// runFigures answers orders and traffic. Figures of different programs are never added up: so the program is always a dimension.
func runFigures(ctx context.Context, r source, h *Head, to Sink, currencyOf func(program.ID) money.Currency) error {
	q := &h.Query
	f := q.figures()
	f.By = byWithProgram(q)
	rows, totals := make(map[place]*figure), make(map[place]*figure)
	at := slices.Index(f.By, store.DimProgram)
	enter := func(s store.Figure) error {
		p := place{s.Keys, s.Currency}
		if p.currency == "" && q.Kind == Orders {
			p.currency = currencyOf(program.ID(s.Keys[at]))
		}
		total := place{currency: p.currency}
		total.keys[at] = p.keys[at]
		for _, x := range [...]struct {
			in map[place]*figure
			p  place
		}{{rows, p}, {totals, total}} {
			if x.in[x.p] == nil {
				x.in[x.p] = newFigure()
			}
			if err := x.in[x.p].take(&s); err != nil {
				return err
			}
		}
		return nil
	}
	if q.Kind == Traffic || q.withClicks() {
		if err := r.Clicks(ctx, f, enter); err != nil {
			return err
		}
	}
	if q.Kind == Orders {
		if err := r.Items(ctx, f, enter); err != nil {
			return err
		}
	}
	t := &table{q: q, by: f.By, columns: append(dimColumns(f.By), q.columns()...)}
	for p, x := range rows {
		t.rows = append(t.rows, q.cells(slices.Clone(p.keys[:len(f.By)]), x, p.currency))
	}
	for p, x := range totals {
		t.totals = append(t.totals, q.cells(slices.Clone(p.keys[:len(f.By)]), x, p.currency))
	}
	return t.send(h, to)
}

func byWithProgram(q *Query) []Dim {
	if slices.Contains(q.By, store.DimProgram) {
		return q.By
	}
	return append([]Dim{store.DimProgram}, q.By...)
}

func dimColumns(by []Dim) []Column {
	cols := make([]Column, len(by))
	for i, d := range by {
		cols[i] = Column{string(d), Text}
	}
	return cols
}
