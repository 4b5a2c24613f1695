package web

import (
	"net/http"
	"slices"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// overview is the first page: funnel, metrics beside the published ones, the books and their proof.
type overview struct {
	About    About
	Programs []programCard
	Totals   []books.Line
	Sums     []books.Line
	Proof    *payout.ProofReport
	Recent   []orderRow
}

// programCard is one program on the overview.
type programCard struct {
	Funnel    *books.Funnel
	Name      string
	Steps     []funnelStep
	Metrics   []metric
	Best      []*books.Funnel // its publishers, the best earning first
	Reasons   []reasonRow
	Unwon     int64
	UnwonText string
}

// funnelStep is a bar of the funnel.
type funnelStep struct {
	Name  string
	Count int64
	Share int // of the widest, in percent, 1 at least
}

// metric is a figure beside the published one.
type metric struct {
	Name, Ours, Published, Unit, Source string
}

type reasonRow struct {
	Reason string
	Count  int64
}

// published are the figures that the programs' own pages show (programs.md, last paragraph), by program.
var published = map[program.ID]map[string]string{
	"tr":      {"EPC": "1.00", "CR": "1.03", "Approval rate": "91.00", "Hold": "600.00"},
	"portals": {"CR": "3.50"},
}

func (s *Site) overview(r *http.Request) (page, error) {
	ctx := r.Context()
	funnels, err := s.books.Funnels(ctx)
	if err != nil {
		return page{}, err
	}
	tb, err := s.books.TrialBalance(ctx)
	if err != nil {
		return page{}, err
	}
	proof, err := s.books.Proof(ctx)
	if err != nil {
		return page{}, err
	}
	recent, _, err := s.books.Orders(ctx, books.OrderFilter{}, "", 12)
	if err != nil {
		return page{}, err
	}
	o := overview{About: s.about, Totals: tb.ByKind(), Proof: proof, Recent: rows(recent), Programs: cards(funnels)}
	for c, sum := range tb.Sums {
		o.Sums = append(o.Sums, books.Line{Currency: c, Minor: sum})
	}
	slices.SortFunc(o.Sums, func(a, b books.Line) int { return cmpString(a.Currency, b.Currency) })
	return page{name: "overview", Data: o}, nil
}

func cmpString[S ~string](a, b S) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// cards makes a card of each program. Funnels come with the program's whole first.
func cards(funnels []*books.Funnel) []programCard {
	var cs []programCard
	for _, f := range funnels {
		if f.Publisher != "" {
			c := &cs[len(cs)-1]
			c.Best = append(c.Best, f)
			continue
		}
		cs = append(cs, newCard(f))
	}
	for i := range cs {
		slices.SortStableFunc(cs[i].Best, func(a, b *books.Funnel) int { return int(min(max(b.Tally.Earnings-a.Tally.Earnings, -1), 1)) })
		cs[i].Best = cs[i].Best[:min(5, len(cs[i].Best))]
	}
	return cs
}

func newCard(f *books.Funnel) programCard {
	t := &f.Tally
	c := programCard{Funnel: f, Unwon: f.States["unattributed"].Items}
	c.Steps = []funnelStep{
		{Name: "Valid clicks", Count: t.Clicks},
		{Name: "Actions (items won by a publisher)", Count: t.Actions},
		{Name: "Paid or approved", Count: f.States["pending"].Items + f.States["approved"].Items},
		{Name: "Approved", Count: f.States["approved"].Items},
		{Name: "Declined", Count: f.States["declined"].Items},
	}
	for i := range c.Steps {
		c.Steps[i].Share = 1
		if t.Clicks > 0 {
			c.Steps[i].Share = max(1, int(c.Steps[i].Count*100/t.Clicks))
		}
	}
	p := published[f.Program]
	c.Metrics = []metric{
		{Name: "EPC", Ours: t.EPC(f.Currency), Published: p["EPC"], Unit: string(f.Currency) + " per 100 clicks"},
		{Name: "CR", Ours: t.CR(), Published: p["CR"], Unit: "% actions per click"},
		{Name: "Approval rate", Ours: t.ApprovalRate(), Published: p["Approval rate"], Unit: "% of actions"},
		{Name: "Hold", Ours: t.HoldHours(), Published: p["Hold"], Unit: "hours from action to decision"},
	}
	return c
}
