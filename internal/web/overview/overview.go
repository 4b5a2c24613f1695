// Package overview is the operator's first page: the funnel, metrics beside the published ones, the books and their proof.
package overview

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/web/orders"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/proof"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// About is what the overview says of the data.
type About struct {
	Title string
	Lines []string // sentences: what is real and what is simulated
}

// Pages is the overview.
type Pages struct {
	Books   *books.Service
	Proof   *proof.Keeper
	Reports *reports.Service
	About   About
	Names   *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{{Pattern: "GET /overview", Permission: people.SeeEverything, Handle: p.show}}
}

// view is what the page shows.
type view struct {
	about    About
	programs []card
	totals   []books.Line
	sums     []books.Line
	proof    *payout.ProofReport
	recent   []books.Record
	names    map[string]string // of publishers
	seeProof bool
}

// card is one program.
type card struct {
	funnel  *books.Funnel
	steps   []step
	metrics []metric
	best    []*books.Funnel // its publishers, the best earning first
}

// step is a bar of the funnel.
type step struct {
	name  string
	count int64
}

// metric is a figure beside the published one, and why the two differ.
type metric struct {
	name, ours, published, unit, differs string
}

// latest is how many orders the page shows.
const latest = 8

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	ctx := r.Context()
	funnels, err := p.Books.Funnels(ctx)
	if err != nil {
		return page.Answer{}, err
	}
	tb, err := p.Books.TrialBalance(ctx)
	if err != nil {
		return page.Answer{}, err
	}
	v := view{about: p.About, totals: tb.ByKind(), seeProof: r.Viewer.Can(people.SeePayouts)}
	if v.programs, err = p.cards(ctx, r.T, funnels); err != nil {
		return page.Answer{}, err
	}
	if v.proof, err = p.Proof.Latest(ctx); err != nil {
		return page.Answer{}, err
	}
	if v.recent, _, err = p.Books.Orders(ctx, books.OrderFilter{}, "", latest); err != nil {
		return page.Answer{}, err
	}
	v.names = p.Names.Publishers(ctx, v.publishers()...)
	for c, sum := range tb.Sums {
		v.sums = append(v.sums, books.Line{Currency: c, Minor: sum})
	}
	slices.SortFunc(v.sums, func(a, b books.Line) int { return cmp.Compare(a.Currency, b.Currency) })
	return page.Answer{Title: r.T.Overview.Title, Area: "/overview", Body: overviewPage(r.T, &v)}, nil
}

// publishers are those whom the page names.
func (v *view) publishers() []string {
	ids := orders.Publishers(v.recent)
	for _, c := range v.programs {
		for _, f := range c.best {
			ids = append(ids, f.Publisher)
		}
	}
	return ids
}

// published are the figures that a program's own page shows, as it shows them.
type published struct {
	epc, cr, cr48, approval, hold, payment string
}

// publishedBy are the figures of the programs that the reference documents follow.
func publishedBy(p program.ID) published {
	switch p {
	case "tr":
		return published{epc: "1.00", cr: "1.03", cr48: "0.26", approval: "91.00", hold: "600.00", payment: "624.00"}
	case "portals":
		return published{cr: "3.50"}
	}
	return published{}
}

// cards makes a card of each program. Funnels come with the program's whole first.
func (p *Pages) cards(ctx context.Context, t *text.Texts, funnels []*books.Funnel) ([]card, error) {
	var cs []card
	for _, f := range funnels {
		if f.Publisher != "" {
			c := &cs[len(cs)-1]
			c.best = append(c.best, f)
			continue
		}
		stats, err := p.Reports.Statistics(ctx, f.Program)
		if err != nil && !errors.Is(err, books.ErrNotFound) {
			return nil, err
		}
		cs = append(cs, newCard(t, f, stats.CR48, stats.PaymentHours))
	}
	for i := range cs {
		slices.SortStableFunc(cs[i].best, func(a, b *books.Funnel) int { return cmp.Compare(b.Tally.Earnings, a.Tally.Earnings) })
		cs[i].best = cs[i].best[:min(5, len(cs[i].best))]
	}
	return cs, nil
}

func newCard(t *text.Texts, f *books.Funnel, cr48, payment string) card {
	y, o := &f.Tally, &t.Overview
	c := card{funnel: f}
	for i, n := range []int64{y.Clicks, y.Actions, f.States["pending"].Items + f.States["approved"].Items, f.States["approved"].Items, f.States["declined"].Items} {
		c.steps = append(c.steps, step{o.Steps[i], n})
	}
	p := publishedBy(f.Program)
	c.metrics = []metric{
		{o.EPC, t.Decimal(y.EPC(f.Currency)), t.Decimal(p.epc), o.PerHundred(string(f.Currency)), o.EPCDiffers},
		{o.CR, t.Percent(y.CR()), t.Percent(p.cr), o.CRUnit, o.CRDiffers},
		{o.CR48, t.Percent(cr48), t.Percent(p.cr48), o.CRUnit, o.CR48Differs},
		{o.Approval, t.Percent(y.ApprovalRate()), t.Percent(p.approval), o.ApprovalUnit, o.ApprovalDiffers},
		{o.Hold, t.Decimal(y.HoldHours()), t.Decimal(p.hold), o.HoldUnit, o.HoldDiffers},
		{o.Payment, t.Decimal(payment), t.Decimal(p.payment), t.Programs.PaymentUnit, o.PaymentDiffers},
	}
	return c
}

// differing are the metrics of which there are two figures, or a published one without ours.
func (c *card) differing() []metric {
	return slices.DeleteFunc(slices.Clone(c.metrics), func(m metric) bool { return m.published == "–" })
}
