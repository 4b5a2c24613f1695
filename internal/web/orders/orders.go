// Package orders lists orders and shows their decision records.
package orders

import (
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of orders: all of them for operators, and a publisher's own.
type Pages struct {
	Books *books.Service
	Names *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /orders", Permission: people.SeeEverything, Handle: p.all},
		{Pattern: "GET /orders/{program}/{order}", Permission: people.SeeEverything, Handle: p.order},
		{Pattern: "GET /publisher/orders", Permission: people.SeeReports, Handle: p.own},
		{Pattern: "GET /publisher/orders/{program}/{order}", Permission: people.SeeReports, Handle: p.one},
	}
}

// PerPage is how many rows a list shows.
const PerPage = 50

// list is a list of orders.
type list struct {
	area   []string // the path of the list, whose orders lie below it
	filter books.OrderFilter
	rows   []books.Record
	names  map[string]string // of publishers
	first  string
	next   string
	own    bool
}

func (p *Pages) all(r *page.Request) (page.Answer, error) {
	return p.list(r, []string{"orders"}, r.URL.Query().Get("publisher"), false)
}

// own lists the orders of the viewer's publisher, whatever the address says.
func (p *Pages) own(r *page.Request) (page.Answer, error) {
	return p.list(r, []string{"publisher", "orders"}, r.Viewer.Organisation.Publisher, true)
}

func (p *Pages) list(r *page.Request, area []string, publisher string, own bool) (page.Answer, error) {
	if own && publisher == "" {
		return page.Answer{}, page.ErrNotFound
	}
	q := r.URL.Query()
	l := list{area: area, own: own, filter: books.OrderFilter{Program: program.ID(q.Get("program")), Publisher: publisher, State: q.Get("state")}}
	var err error
	var next string
	if l.rows, next, err = p.Books.Orders(r.Context(), l.filter, q.Get("after"), PerPage); err != nil {
		return page.Answer{}, err
	}
	if !own {
		l.names = p.Names.Publishers(r.Context(), Publishers(l.rows)...)
	}
	l.first, l.next = r.More(next)
	return page.Answer{Title: r.T.Orders.Title, Area: ui.Address(area), Body: listPage(r.T, &l)}, nil
}

// Publishers are whose some records are, to look their names up.
func Publishers(records []books.Record) []string {
	ids := make([]string, len(records))
	for i := range records {
		ids[i] = records[i].Publisher
	}
	return ids
}

func (p *Pages) order(r *page.Request) (page.Answer, error) {
	o, err := p.Books.Order(r.Context(), key(r))
	if err != nil {
		return page.Answer{}, err
	}
	return answer(r, o, "/orders", Eyes{Publishers: true, Names: p.Names.Publishers(r.Context(), Whose(o)...)}, r.Viewer.Can(people.DecideCases)), nil
}

// Whose are the publishers of an order's items, to look their names up.
func Whose(o *books.Order) []string {
	ids := make([]string, len(o.Items))
	for i := range o.Items {
		ids[i] = o.Items[i].Record.Publisher
	}
	return ids
}

// Eyes are those through which a decision record is looked at.
type Eyes struct {
	Publishers bool              // they may see whose items are
	Names      map[string]string // what publishers are called
}

// one shows what the viewer's publisher may know of an order.
func (p *Pages) one(r *page.Request) (page.Answer, error) {
	o, err := p.Books.OwnOrder(r.Context(), key(r), r.Viewer.Organisation.Publisher)
	if err != nil {
		return page.Answer{}, err
	}
	return answer(r, o, "/publisher/orders", Eyes{}, r.Viewer.Can(people.AnswerCases)), nil
}

func key(r *page.Request) order.Key {
	return order.Key{Program: program.ID(r.PathValue("program")), Order: r.PathValue("order")}
}

func answer(r *page.Request, o *books.Order, area string, by Eyes, may bool) page.Answer {
	return page.Answer{
		Title: r.T.Order.Title(o.Key.Order), Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Orders.Title}},
		Body: recordPage(r.T, o, by, may),
	}
}
