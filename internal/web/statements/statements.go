// Package statements lists a publisher's statements and hands them out as a web page, PDF and CSV (M5).
package statements

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/statement"
	"github.com/clickledger/clickledger/internal/web/balance"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

// Pages are the list and the downloads.
type Pages struct {
	Books *books.Service
	Terms balance.Terms

	openings statement.Openings
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/statements", Permission: people.SeeBalance, Handle: p.list},
		{Pattern: "GET /publisher/statements/{program}/{month}/{format}", Permission: people.SeeBalance, Handle: p.file},
	}
}

// row is a program's statement of a month.
type row struct {
	program program.ID
	month   time.Time
}

const monthForm = "2006-01"

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	mine := r.Viewer.Organisation.Publisher
	balances, err := balance.Of(r.Context(), p.Books, p.Terms, mine, r.Now)
	if err != nil {
		return page.Answer{}, err
	}
	var rows []row
	for i := range balances {
		id := balances[i].Program
		first, _, err := p.Books.Journal(r.Context(), id, mine, "", 1)
		if err != nil {
			return page.Answer{}, err
		}
		if len(first) == 0 {
			continue
		}
		zone := p.Terms.Terms(id, r.Now).TimeZone
		begin := first[0].RecordedAt.In(zone)
		for m := time.Date(begin.Year(), begin.Month(), 1, 0, 0, 0, 0, zone); m.Before(r.Now); m = m.AddDate(0, 1, 0) {
			rows = append(rows, row{id, m})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return b.month.Compare(a.month) })
	return page.Answer{Title: r.T.Statement.Title, Area: "/publisher/statements", Body: listPage(r.T, rows)}, nil
}

// file draws a statement up. A month of which the publisher has no transaction gives an empty statement; a program in which it never
// had one gives none.
func (p *Pages) file(r *page.Request) (page.Answer, error) {
	mine := r.Viewer.Organisation.Publisher
	terms := p.Terms.Terms(program.ID(r.PathValue("program")), r.Now)
	if terms == nil || mine == "" {
		return page.Answer{}, page.ErrNotFound
	}
	from, err := time.ParseInLocation(monthForm, r.PathValue("month"), terms.TimeZone)
	if err != nil || from.After(r.Now) {
		return page.Answer{}, page.ErrNotFound
	}
	st, known, err := p.openings.Draw(r.Context(), statement.Input{
		Number: string(terms.Program) + "-" + mine + "-" + from.Format(monthForm), Terms: terms, Publisher: mine, Name: r.Viewer.Organisation.Name,
		From: from, To: from.AddDate(0, 1, 0), MadeAt: r.Now,
	}, func(ctx context.Context, after string) ([]ledger.Transaction, string, error) {
		return p.Books.Journal(ctx, terms.Program, mine, after, journalPage)
	})
	if err != nil {
		return page.Answer{}, fmt.Errorf("drawing up the statement: %w", err)
	}
	if !known {
		return page.Answer{}, page.ErrNotFound
	}
	return draw(st, r.PathValue("format"), string(r.T.Lang))
}

func draw(st *statement.Statement, format, lang string) (page.Answer, error) {
	var b bytes.Buffer
	var err error
	f := &page.File{Name: st.FileName(format)}
	switch format {
	case "html":
		f.Type, err = "text/html; charset=utf-8", st.WriteHTML(&b, lang)
	case "pdf":
		f.Type, err = "application/pdf", st.WritePDF(&b, lang)
	case "csv":
		f.Type, err = "text/csv; charset=utf-8", st.WriteCSV(&b, lang)
	default:
		return page.Answer{}, page.ErrNotFound
	}
	if err != nil {
		return page.Answer{}, fmt.Errorf("writing the statement: %w", err)
	}
	f.Data = b.Bytes()
	return page.Answer{File: f}, nil
}

const journalPage = 1000
