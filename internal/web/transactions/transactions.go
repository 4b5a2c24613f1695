// Package transactions shows publishers their journal.
package transactions

import (
	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/program"
)

// Pages is the journal.
type Pages struct {
	Books    *books.Service
	Programs func() []program.ID
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{{Pattern: "GET /publisher/transactions", Permission: people.SeeBalance, Handle: p.show}}
}

type view struct {
	ts          []ledger.Transaction
	programs    []program.ID
	program     program.ID
	first, next string
}

const perPage = 100

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	mine := r.Viewer.Organisation.Publisher
	if mine == "" {
		return page.Answer{}, page.ErrNotFound
	}
	v := view{programs: p.Programs(), program: program.ID(r.URL.Query().Get("program"))}
	var next string
	var err error
	if v.ts, next, err = p.Books.Journal(r.Context(), v.program, mine, r.URL.Query().Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	return page.Answer{Title: r.T.Shell.Transactions, Area: "/publisher/transactions", Body: journalPage(r.T, &v)}, nil
}
