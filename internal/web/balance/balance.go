// Package balance shows publishers their money: each program's balance, why it is not the commission of completed orders, when the
// rest becomes payable, and the way to withdraw it (M2, M3).
package balance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Terms are the programs' terms in force.
type Terms interface {
	Programs() []program.ID
	Terms(p program.ID, at time.Time) *program.Terms
}

// Pages are the pages of a publisher's balance.
type Pages struct {
	Books   *books.Service
	Payouts *payouts.Service
	Terms   Terms
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/balance", Permission: people.SeeBalance, Handle: p.all},
		{Pattern: "GET /publisher/balance/{program}", Permission: people.SeeBalance, Handle: p.one},
		{Pattern: "GET /publisher/payout-details", Permission: people.SeeBalance, Handle: p.details},
		{Pattern: "GET /publisher/payout-details/edit", Permission: people.EditPayoutDetails, Handle: p.editDetails},
		{Pattern: "POST /publisher/payout-details/edit", Permission: people.EditPayoutDetails, Handle: p.setDetails},
		{Pattern: "POST /publisher/balance/{program}", Permission: people.RequestWithdrawal, Handle: p.withdraw},
	}
}

// Of are a publisher's balances in the programs in which it ever had money.
func Of(ctx context.Context, b *books.Service, terms Terms, publisher string, now time.Time) ([]books.Balance, error) {
	var out []books.Balance
	if publisher == "" {
		return nil, nil
	}
	for _, id := range terms.Programs() {
		t := terms.Terms(id, now)
		if t == nil {
			continue
		}
		x, err := b.Balance(ctx, id, publisher, t.Currency)
		if err != nil {
			return nil, err
		}
		if x.Tracked|x.Pending|x.Approved|x.Available|x.Hold|x.Reserved|x.Clearing|x.Paid|x.Clawback != 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

func (p *Pages) all(r *page.Request) (page.Answer, error) {
	mine := r.Viewer.Organisation.Publisher
	balances, err := Of(r.Context(), p.Books, p.Terms, mine, r.Now)
	if err != nil {
		return page.Answer{}, err
	}
	sent, err := p.Books.PayoutsOf(r.Context(), mine)
	if err != nil {
		return page.Answer{}, err
	}
	known, err := p.Payouts.Details(r.Context(), mine)
	return page.Answer{Title: r.T.Balance.Title, Area: "/publisher/balance", Body: listPage(r.T, balances, sent, &known)}, err
}

// view is a program's balance.
type view struct {
	terms   *program.Terms
	outlook books.Outlook
	quote   payout.Quote
	refusal *payout.Refusal
	may     bool      // the viewer's role may withdraw
	nextRun time.Time // zero: the program pays on request
	asked   bool
	changed bool
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	v, err := p.read(r)
	if err != nil {
		return page.Answer{}, err
	}
	v.asked = r.URL.Query().Get("done") == "asked"
	return p.answer(r, v, 0), nil
}

func (p *Pages) answer(r *page.Request, v *view, status int) page.Answer {
	return page.Answer{
		Title: r.T.Balance.Of(string(v.terms.Program)), Area: "/publisher/balance", Status: status,
		Crumbs: []ui.Crumb{{Href: "/publisher/balance", Label: r.T.Balance.Title}}, Body: onePage(r.T, v),
	}
}

// read reads a program's balance; a program in which the publisher never had money is not there.
func (p *Pages) read(r *page.Request) (*view, error) {
	mine := r.Viewer.Organisation.Publisher
	v := &view{terms: p.Terms.Terms(program.ID(r.PathValue("program")), r.Now), may: r.Viewer.Can(people.RequestWithdrawal)}
	if v.terms == nil || mine == "" {
		return nil, page.ErrNotFound
	}
	var err error
	if v.outlook, err = p.Books.Outlook(r.Context(), v.terms, mine); err != nil {
		return nil, err
	}
	if o := &v.outlook; o.Completed == 0 && o.Tracked == 0 && o.Pending == 0 && o.Paid == 0 && o.Available == 0 && o.Hold == 0 {
		return nil, page.ErrNotFound
	}
	if v.quote, v.refusal, err = p.Payouts.Quote(r.Context(), v.terms.Program, mine); err != nil {
		return nil, err
	}
	v.nextRun = payout.NextRun(v.terms, r.Now)
	return v, nil
}

// withdraw takes a request for the whole balance in. The form carries the balance that was seen, so nobody agrees to another one.
func (p *Pages) withdraw(r *page.Request) (page.Answer, error) {
	v, err := p.read(r)
	if err != nil {
		return page.Answer{}, err
	}
	gross, err := strconv.ParseInt(r.PostFormValue("gross"), 10, 64)
	if err != nil {
		return page.Answer{}, &page.Refused{Why: r.T.Balance.Changed}
	}
	_, err = p.Payouts.Withdraw(r.Context(), v.terms.Program, r.Viewer.Organisation.Publisher, gross, r.Viewer.Person)
	var refusal *payout.Refusal
	var changed *payouts.ChangedError
	switch {
	case errors.As(err, &refusal):
		v.refusal = refusal
		return p.answer(r, v, 422), nil
	case errors.As(err, &changed):
		if v, err = p.read(r); err != nil {
			return page.Answer{}, err
		}
		v.changed = true
		return p.answer(r, v, 409), nil
	case err != nil:
		return page.Answer{}, err
	}
	return page.Answer{Redirect: ui.Address([]string{"publisher", "balance", string(v.terms.Program)}, "done", "asked")}, nil
}

// line is a line of the bridge from completed orders to the balance.
type line struct {
	name, note string
	minor      int64
	sum        bool
}

// bridge leads from the commission of completed orders to the balance; each sum is that of the lines before it.
func (v *view) bridge(t *text.Texts) []line {
	b, o := &t.Balance, &v.outlook
	lines := []line{
		{b.Completed, "", o.Completed, true},
		{b.Waiting, "", -o.Waiting, false},
		{b.Held, "", -o.KeptBack, false},
		{b.Approved, "", o.Approved, true},
		{b.Other, b.OtherIs, o.Other, false},
		{b.PaidOut, "", -o.Paid, false},
		{b.AtBank, "", -o.Clearing, false},
		{b.Reserved, "", -o.Reserved, false},
		{b.Now, "", o.Withdrawable(), true},
	}
	return slices.DeleteFunc(lines, func(l line) bool { return !l.sum && l.minor == 0 })
}
