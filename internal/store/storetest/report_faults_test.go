package storetest_test

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// reportFaults are reports with their faults.
type reportFaults struct {
	store.Reports
	figure   func(q store.Figures, f store.Figure) store.Figure
	query    func(q store.Figures) store.Figures
	income   func(f store.IncomeFigure) store.IncomeFigure
	complete func(c store.Complete) store.Complete
	careless bool // answers what has no answer
	eager    bool // does not stop at the time that it is told
}

func (r reportFaults) Roll(ctx context.Context, d store.StaleDay, until time.Time) error {
	if r.eager {
		until = until.AddDate(0, 0, 1)
	}
	return r.Reports.Roll(ctx, d, until)
}

func (r reportFaults) each(q store.Figures, each func(store.Figure) error) func(store.Figure) error {
	if r.figure == nil {
		return each
	}
	return func(f store.Figure) error { return each(r.figure(q, f)) }
}

func (r reportFaults) ask(q store.Figures) store.Figures {
	if r.query == nil {
		return q
	}
	return r.query(q)
}

func (r reportFaults) Clicks(ctx context.Context, q store.Figures, each func(store.Figure) error) error {
	err := r.Reports.Clicks(ctx, r.ask(q), r.each(q, each))
	if r.careless {
		return nil
	}
	return err
}

func (r reportFaults) Items(ctx context.Context, q store.Figures, each func(store.Figure) error) error {
	return r.Reports.Items(ctx, r.ask(q), r.each(q, each))
}

func (r reportFaults) List(ctx context.Context, q store.Figures, after string, limit int, each func(*store.ItemRow) error) (string, error) {
	return r.Reports.List(ctx, r.ask(q), after, limit, each)
}

func (r reportFaults) Income(ctx context.Context, q store.Figures, each func(store.IncomeFigure) error) error {
	return r.Reports.Income(ctx, q, func(f store.IncomeFigure) error {
		if r.income != nil {
			f = r.income(f)
		}
		return each(f)
	})
}

func (r reportFaults) Complete(ctx context.Context, now time.Time) (store.Complete, error) {
	c, err := r.Reports.Complete(ctx, now)
	if r.complete != nil {
		c = r.complete(c)
	}
	return c, err
}

func (p *platformFaults) Reports() store.Reports {
	if p.reports != nil {
		return p.reports(p.Platform.Reports())
	}
	return p.Platform.Reports()
}

func inReports(f reportFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{reports: func(s store.Reports) store.Reports { f := f; f.Reports = s; return f }})
}

func reportFaultList() []fault {
	return []fault{
		{name: "loses an item in its sums", caught: []string{"Reports: the sums are", "Reports: a decision that changes", "reports count everything once"},
			break_: inReports(reportFaults{figure: func(q store.Figures, f store.Figure) store.Figure {
				if !q.Recount && f.Items > 0 {
					f.Amount--
				}
				return f
			}})},
		{name: "counts rejected clicks", caught: []string{"Reports: clicks count once"},
			break_: inReports(reportFaults{figure: func(_ store.Figures, f store.Figure) store.Figure { f.Clicks += f.Rejected; return f }})},
		{name: "adds up the whole day whenever it is asked", caught: []string{"Reports: today's clicks"}, break_: inReports(reportFaults{eager: true})},
		{name: "reads the rows that are left", caught: []string{"Reports: what is forgotten"},
			break_: inReports(reportFaults{query: func(q store.Figures) store.Figures { q.Recount = true; return q }})},
		{name: "takes all for income", caught: []string{"Reports: income is"},
			break_: inReports(reportFaults{income: func(f store.IncomeFigure) store.IncomeFigure { f.Amount = max(f.Amount, -f.Amount); return f }})},
		{name: "lists by the day of order only", caught: []string{"Reports.List goes"},
			break_: inReports(reportFaults{query: func(q store.Figures) store.Figures { q.Basis = store.ByOrder; return q }})},
		{name: "sees no order that waits", caught: []string{"Reports says how far"},
			break_: inReports(reportFaults{complete: func(c store.Complete) store.Complete { c.Orders = c.Orders.Add(time.Second); return c }})},
		{name: "answers everything", caught: []string{"Reports refuses"}, break_: inReports(reportFaults{careless: true})},
	}
}
