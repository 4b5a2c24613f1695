package reports

import (
	"context"
	"fmt"
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
	counts   [states]int64 // items by state
	amounts  [states]int64 // commission by state
	sold     int64
}

// states is how many states an item can be in.
const states = int(settlement.Approved) + 1

func stateOf(name string) (settlement.State, error) {
	for s := range settlement.State(states) {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is no state of an item", name)
}

// take adds a sum of the store.
func (f *figure) take(s *store.Figure) error {
	f.tally.Clicks += s.Clicks
	f.rejected += s.Rejected
	if s.State == "" {
		return nil
	}
	state, err := stateOf(s.State)
	if err != nil {
		return err
	}
	f.counts[state] += s.Items
	if f.amounts[state], err = money.Add(f.amounts[state], s.Amount); err != nil {
		return err
	}
	more, sold := report.Tally{Actions: s.Actions, Earnings: s.Amount, Held: s.Held, HoldTime: report.Seconds(s.HeldFor)}, int64(0)
	switch state {
	case settlement.Approved:
		more.Approved, sold = s.Actions, s.Value
	case settlement.Declined:
		more.Declined = s.Actions
	case settlement.Tracked, settlement.Pending:
		sold = s.Value
	}
	f.tally.Add(more)
	f.sold, err = money.Add(f.sold, sold)
	return err
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
		dst = append(dst, count(f.counts[s]))
	}
	if q.Publisher == "" {
		dst = append(dst, count(f.counts[settlement.Unattributed]))
	}
	dst = append(dst, amount(f.sold))
	for _, s := range [...]settlement.State{settlement.Tracked, settlement.Pending, settlement.Approved} {
		dst = append(dst, amount(f.amounts[s]))
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
				x.in[x.p] = &figure{}
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
	t := newTable(q, f.By, q.columns(), rows, totals, func(p place, x *figure) ([]string, error) {
		return q.cells(slices.Clone(p.keys[:len(f.By)]), x, p.currency), nil
	})
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
