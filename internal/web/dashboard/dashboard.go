// Package dashboard is a publisher's first page: the last weeks in figures and pictures, the balance, the latest orders.
package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/desk"
	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/web/balance"
	"github.com/clickledger/clickledger/internal/web/chart"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/money"
)

// Pages is the dashboard.
type Pages struct {
	Desk    *desk.Service
	Books   *books.Service
	Reports *reports.Service
	Terms   balance.Terms
	Joining *joining.Service
	Links   *links.Service
	Payouts *payouts.Service
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{{Pattern: "GET /publisher", Permission: people.SeeReports, Handle: p.show}}
}

// Day is a day of a report of orders.
type Day struct {
	At      time.Time
	Clicks  int64
	Actions int64
	Earned  map[money.Currency]int64
}

// Days are the last n days up to now, each there, the oldest first, of a publisher or, without one, of all. They are the figures of the
// report of orders.
func Days(ctx context.Context, v *reports.Service, publisher string, now time.Time, n int) (days []Day, currencies []money.Currency, err error) {
	to := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	from := to.AddDate(0, 0, -n)
	for i := range n {
		days = append(days, Day{At: from.AddDate(0, 0, i), Earned: make(map[money.Currency]int64)})
	}
	c := &collector{days: days, from: from}
	if err := v.Run(ctx, reports.Query{Kind: reports.Orders, Publisher: publisher, From: from, To: to, By: []reports.Dim{"day"}}, c); err != nil {
		return nil, nil, fmt.Errorf("reading the last %d days: %w", n, err)
	}
	for _, d := range days {
		for cur := range d.Earned {
			if !slices.Contains(currencies, cur) {
				currencies = append(currencies, cur)
			}
		}
	}
	slices.Sort(currencies)
	return days, currencies, nil
}

// collector takes the rows of a report into days.
type collector struct {
	days []Day
	from time.Time
	at   map[string]int // columns by name
}

// Begin implements reports.Sink.
func (c *collector) Begin(h *reports.Head) error {
	c.at = make(map[string]int)
	for i, col := range h.Columns {
		c.at[col.Name] = i
	}
	return nil
}

// Row implements reports.Sink.
func (c *collector) Row(cells []string) error {
	day, err := time.Parse(time.DateOnly, cells[c.at["day"]])
	if err != nil {
		return fmt.Errorf("day %q of a report: %w", cells[c.at["day"]], err)
	}
	i := int(day.Sub(c.from) / (24 * time.Hour))
	if i < 0 || i >= len(c.days) {
		return nil
	}
	d := &c.days[i]
	for name, to := range map[string]*int64{"clicks": &d.Clicks, "actions": &d.Actions} {
		n, err := strconv.ParseInt(cells[c.at[name]], 10, 64)
		if err != nil {
			return fmt.Errorf("column %s of a report: %w", name, err)
		}
		*to += n
	}
	cur, err := money.ParseCurrency(cells[c.at["currency"]])
	if err != nil {
		return nil // a day with clicks and without items
	}
	minor, err := money.ParseMinor(cells[c.at["commission"]], cur.Exponent())
	if err != nil {
		return fmt.Errorf("commission of a report: %w", err)
	}
	d.Earned[cur] += minor
	return nil
}

// End implements reports.Sink.
func (*collector) End(string) error { return nil }

// Charts are the pictures of days: what was earned in each currency, clicks and actions.
func Charts(t *text.Texts, days []Day, currencies []money.Currency) []*chart.Chart {
	base := chart.Chart{Label: t.Words.Date, Table: t.Words.Table, Note: t.Dashboard.Nothing}
	var all []*chart.Chart
	for _, cur := range currencies {
		c := base
		c.ID, c.Title, c.Unit, c.Column = "earned-"+string(cur), t.Dashboard.Earned, string(cur), t.Dashboard.Earned
		c.Tick = func(v int64) string { return t.Amount(v, cur) }
		for _, d := range days {
			c.Points = append(c.Points, chart.Point{Label: t.Day(d.At), Value: d.Earned[cur], Text: t.Money(d.Earned[cur], cur)})
		}
		all = append(all, &c)
	}
	count := func(id, title string, line bool, of func(d *Day) int64) {
		c := base
		c.ID, c.Title, c.Column, c.Tick, c.Line = id, title, title, t.Number, line
		for i := range days {
			n := of(&days[i])
			c.Points = append(c.Points, chart.Point{Label: t.Day(days[i].At), Value: n, Text: t.Number(n)})
		}
		all = append(all, &c)
	}
	count("clicks", t.Words.Clicks, true, func(d *Day) int64 { return d.Clicks })
	count("actions", t.Words.Actions, false, func(d *Day) int64 { return d.Actions })
	return all
}

// view is what the page shows.
type view struct {
	days       []Day
	currencies []money.Currency
	balances   []books.Balance
	recent     []books.Record
	manager    *desk.Manager
	steps      []step // empty: all is done
}

// step is something that a new publisher does, with the page on which it does it.
type step struct {
	name, href string
	done       bool
}

// steps are what a publisher does between signing up and being paid; none are left where all is done.
func (p *Pages) steps(ctx context.Context, publisher string) ([]step, error) {
	begun, err := p.Joining.Begun(ctx, publisher)
	if err != nil {
		return nil, err
	}
	made, _, err := p.Links.List(ctx, links.Filter{Publisher: publisher}, "", 1)
	if err != nil {
		return nil, err
	}
	paid, err := p.Payouts.Details(ctx, publisher)
	if err != nil {
		return nil, err
	}
	all := []step{
		{"profile", "/publisher/profile", begun.Profile},
		{"space", "/publisher/spaces", begun.Space},
		{"verify", "/publisher/spaces", begun.Verified},
		{"apply", "/publisher/programs", begun.Applied},
		{"link", "/publisher/links", len(made) > 0},
		{"payout", "/publisher/payout-details", !paid.ChangedAt.IsZero()},
	}
	if !slices.ContainsFunc(all, func(s step) bool { return !s.done }) {
		return nil, nil
	}
	return all, nil
}

// lookBack is how many days the page looks back, latest how many orders it shows.
const lookBack, latest = 30, 6

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	ctx, mine := r.Context(), r.Viewer.Organisation.Publisher
	if mine == "" {
		return page.Answer{Title: r.T.Shell.Dashboard, Area: "/publisher", Body: emptyPage(r.T)}, nil
	}
	var v view
	var err error
	if v.days, v.currencies, err = Days(ctx, p.Reports, mine, r.Now, lookBack); err != nil {
		return page.Answer{}, err
	}
	if v.balances, err = balance.Of(ctx, p.Books, p.Terms, mine, r.Now); err != nil {
		return page.Answer{}, err
	}
	if v.recent, _, err = p.Books.Orders(ctx, books.OrderFilter{Publisher: mine}, "", latest); err != nil {
		return page.Answer{}, err
	}
	if v.steps, err = p.steps(ctx, mine); err != nil {
		return page.Answer{}, err
	}
	if v.manager, err = p.Desk.Manager(ctx, desk.Asker{Publisher: mine}); err != nil {
		return page.Answer{}, err
	}
	return page.Answer{Title: r.T.Shell.Dashboard, Area: "/publisher", Body: dashboardPage(r.T, &v)}, nil
}

// totals are the sums of days.
func totals(days []Day) (sum Day) {
	sum.Earned = make(map[money.Currency]int64)
	for _, d := range days {
		sum.Clicks += d.Clicks
		sum.Actions += d.Actions
		for c, minor := range d.Earned {
			sum.Earned[c] += minor
		}
	}
	return sum
}
