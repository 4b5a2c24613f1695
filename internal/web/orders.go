package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

// orderRow is a decision record in a list.
type orderRow struct {
	books.Record
	Link string
}

func rows(records []books.Record) []orderRow {
	out := make([]orderRow, len(records))
	for i, r := range records {
		out[i] = orderRow{r, "/orders/" + url.PathEscape(string(r.Program)) + "/" + url.PathEscape(r.Order)}
	}
	return out
}

// ordersPage is the list of orders, with its filter.
type ordersPage struct {
	Filter books.OrderFilter
	States []string
	Rows   []orderRow
	Next   string // address of the next page, or ""
}

const ordersPerPage = 50

func (s *Site) orders(r *http.Request) (page, error) {
	q := r.URL.Query()
	f := books.OrderFilter{Program: program.ID(q.Get("program")), Publisher: q.Get("publisher"), State: q.Get("state")}
	records, next, err := s.books.Orders(r.Context(), f, q.Get("after"), ordersPerPage)
	if err != nil {
		return page{}, err
	}
	p := ordersPage{Filter: f, Rows: rows(records), States: []string{"tracked", "pending", "approved", "declined", "unattributed"}}
	if next != "" {
		q.Set("after", next)
		p.Next = "/orders?" + q.Encode()
	}
	return page{name: "orders", Data: p}, nil
}

// orderPage is an order's decision record.
type orderPage struct {
	Order    *books.Order
	Items    []orderItem
	Postings []entry
}

// orderItem is an item with its explanation in sentences.
type orderItem struct {
	books.Item
	Touches   []explained // the touches that were considered
	Sentences []explained // everything else
}

type explained struct {
	Code, Text string
	Good       bool
}

// entry is a transaction with its movements as text.
type entry struct {
	ledger.Transaction
	Moves []move
}

type move struct {
	From, To, Amount string
}

func (s *Site) order(r *http.Request) (page, error) {
	k := order.Key{Program: program.ID(r.PathValue("program")), Order: r.PathValue("order")}
	o, err := s.books.Order(r.Context(), k)
	if err != nil {
		return page{}, err
	}
	lang := language(r)
	p := orderPage{Order: o, Postings: entries(o.Journal)}
	for _, it := range o.Items {
		oi := orderItem{Item: it}
		for _, step := range it.Steps {
			e := explained{step.Code, explain.Render(lang, step), step.Get("fate") == "won"}
			if step.Code == "candidate" || step.Code == "other_channel" {
				oi.Touches = append(oi.Touches, e)
			} else {
				oi.Sentences = append(oi.Sentences, e)
			}
		}
		p.Items = append(p.Items, oi)
	}
	return page{name: "order", Data: p}, nil
}

func entries(ts []ledger.Transaction) []entry {
	out := make([]entry, len(ts))
	for i, t := range ts {
		e := entry{Transaction: t}
		for _, m := range t.Movements {
			e.Moves = append(e.Moves, move{m.From.String(), m.To.String(), money.New(m.Amount, t.Currency).Decimal()})
		}
		out[i] = e
	}
	return out
}

// publisherPage is a publisher's balance and journal in a program.
type publisherPage struct {
	Balance books.Balance
	Rows    []balanceRow
	Entries []entry
	Next    string
}

type balanceRow struct {
	Name, Meaning string
	Minor         int64
}

const entriesPerPage = 100

func (s *Site) publisher(r *http.Request) (page, error) {
	p, name := program.ID(r.PathValue("program")), r.PathValue("publisher")
	c, err := money.ParseCurrency(cmp.Or(r.URL.Query().Get("currency"), "USD"))
	if err != nil {
		return page{}, errors.Join(errBadRequest, fmt.Errorf("currency: %w", err))
	}
	b, err := s.books.Balance(r.Context(), p, name, c)
	if err != nil {
		return page{}, err
	}
	ts, next, err := s.books.Journal(r.Context(), p, name, r.URL.Query().Get("after"), entriesPerPage)
	if err != nil {
		return page{}, err
	}
	if len(ts) == 0 && b.Approved == 0 && b.Pending == 0 && b.Tracked == 0 {
		return page{}, books.ErrNotFound
	}
	pp := publisherPage{Balance: b, Entries: entries(ts), Rows: []balanceRow{
		{"Tracked", "The order is not paid yet.", b.Tracked},
		{"Pending", "The order is paid; it waits for receipt and the hold.", b.Pending},
		{"Approved so far", "All commissions that were ever approved, less reversals.", b.Approved},
		{"Available", "Approved and not paid out.", b.Available},
		{"Reserved", "Taken into a payout run.", b.Reserved},
		{"Clearing", "With the bank.", b.Clearing},
		{"Paid", "Left the bank for the publisher.", b.Paid},
		{"Clawback", "Owed after a reversal that came when the money was gone.", b.Clawback},
		{"Can be withdrawn", "Available less clawback.", b.Withdrawable()},
	}}
	if next != "" {
		q := r.URL.Query()
		q.Set("after", next)
		pp.Next = r.URL.Path + "?" + q.Encode()
	}
	return page{name: "publisher", Data: pp}, nil
}
