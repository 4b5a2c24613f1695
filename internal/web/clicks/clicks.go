// Package clicks shows one click: where it came from, whether it counts and why not, and how it came out in the orders that considered it
// (L3, T6, T7).
package clicks

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Pages are the page of a click: of any for operators, and of a publisher's own.
type Pages struct {
	Books *books.Service
	Names *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /clicks/{program}/{click}", Permission: people.SeeEverything, Handle: p.any},
		{Pattern: "GET /publisher/clicks/{program}/{click}", Permission: people.SeeReports, Handle: p.own},
	}
}

// view is a click and who looks.
type view struct {
	*books.Click
	own       bool
	publisher string // what the publisher is called
	area      []string
}

func (p *Pages) any(r *page.Request) (page.Answer, error) {
	return p.show(r, &view{area: []string{"orders"}}, p.Books.Click)
}

// own shows what the viewer's publisher may know of its click.
func (p *Pages) own(r *page.Request) (page.Answer, error) {
	return p.show(r, &view{own: true, area: []string{"publisher", "orders"}}, func(ctx context.Context, id program.ID, name string) (*books.Click, error) {
		return p.Books.OwnClick(ctx, id, name, r.Viewer.Organisation.Publisher)
	})
}

func (p *Pages) show(r *page.Request, v *view, read func(context.Context, program.ID, string) (*books.Click, error)) (page.Answer, error) {
	var err error
	if v.Click, err = read(r.Context(), program.ID(r.PathValue("program")), r.PathValue("click")); err != nil {
		return page.Answer{}, err
	}
	if !v.own {
		v.publisher = p.Names.Publishers(r.Context(), v.Publisher)[v.Publisher]
	}
	area := ui.Address(v.area)
	return page.Answer{Title: v.title(r.T), Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Orders.Title}}, Body: clickPage(r.T, v)}, nil
}

func (v *view) affiliate() bool { return v.Channel == click.Affiliate }

func (v *view) title(t *text.Texts) string {
	if v.affiliate() {
		return t.Clicks.Title(v.ID)
	}
	return t.Clicks.Visit(v.ID)
}

// target is what the link named.
func (v *view) target() string {
	if v.Target.Product != "" {
		return v.Target.Product
	}
	return v.Target.Store
}

// fate is how the click came out, in words.
func fate(t *text.Texts, c *books.Considered) string {
	return explain.Word(string(t.Lang), "fate", c.Fate)
}

// until is until when the click counted; zero where the explanation does not say it.
func until(c *books.Considered) time.Time {
	at, err := time.Parse(time.RFC3339Nano, c.Until)
	if err != nil {
		return time.Time{}
	}
	return at
}
