package money

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/books"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/statement"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

func (s *Area) registerPublishers(a *call.API) {
	own := call.Policy{Scope: call.ScopeRead, Publishers: true}
	moves := call.Policy{Scope: call.ScopePayouts, Publishers: true, Writes: true, Needs: []people.Permission{people.RequestWithdrawal}}
	details := own
	details.Needs = []people.Permission{people.SeeBalance, people.SeePayouts}
	call.Handle(a, "GET /v1/publishers/{publisher}/outlook", "get-outlook", "From completed orders to the balance, and when each part becomes payable", own, s.getOutlook)
	call.Handle(a, "GET /v1/publishers/{publisher}/payout-details", "get-payout-details", "How a publisher is paid, of accounts the end only", details, s.getDetails, func(op *huma.Operation) {
		op.Description = "A key reads this and cannot change it: where money goes is changed in the console, by an owner who has just proved who it is. A key proves nobody, and one that is stolen must not move a publisher's money elsewhere."
	})
	call.Handle(a, "GET /v1/publishers/{publisher}/payouts", "list-payouts", "A publisher's payouts, the newest first", own, s.listPayouts)
	call.Handle(a, "GET /v1/publishers/{publisher}/withdrawal", "get-withdrawal", "What a publisher would be paid if it asked now, or why not", own, s.getWithdrawal)
	call.Handle(a, "POST /v1/publishers/{publisher}/withdrawals", "withdraw", "Ask for the whole balance, as get-withdrawal told it", moves, s.withdraw)
	call.Handle(a, "GET /v1/publishers/{publisher}/statement", "get-statement", "A publisher's statement of a month", own, s.getStatement, func(op *huma.Operation) {
		text := &huma.Schema{Type: "string"}
		op.Responses["200"] = &huma.Response{Description: "The statement: the same figures in each form.", Content: map[string]*huma.MediaType{
			"text/html": {Schema: text}, "text/csv": {Schema: text}, "application/pdf": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
		}}
	})
}

// terms are those of a program that are in force.
func (s *Area) terms(id string) (*program.Terms, error) {
	if t := s.Settle.Terms(program.ID(id), s.Now()); t != nil {
		return t, nil
	}
	return nil, books.ErrNotFound
}

type outlookInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true" maxLength:"500"`
}

type ripening struct {
	ApprovedAt time.Time  `json:"approved_at" doc:"When the hold of these items ends, if nothing happens to their orders."`
	PaidFrom   *time.Time `json:"paid_from,omitempty" doc:"The payout run after it; none: it can be asked for from approved_at on."`
	Items      int        `json:"items"`
	Amount     string     `json:"amount"`
}

type outlookOutput struct {
	Body struct {
		Publisher        string         `json:"publisher"`
		Program          string         `json:"program"`
		Currency         money.Currency `json:"currency"`
		AsOf             time.Time      `json:"as_of"`
		Completed        string         `json:"completed" doc:"Commissions of orders whose receipt is confirmed: waiting, kept back and approved together."`
		Waiting          string         `json:"waiting" doc:"Of completed, what waits for the end of the hold; ripening has its days."`
		KeptBack         string         `json:"kept_back" doc:"Of completed, what trust cases keep back: no day can be named."`
		Approved         string         `json:"approved"`
		Other            string         `json:"other" doc:"Bonuses, fees, taxes, deductions and corrections together."`
		Available        string         `json:"available"`
		Reserved         string         `json:"reserved"`
		Clearing         string         `json:"clearing"`
		Paid             string         `json:"paid"`
		Clawback         string         `json:"clawback"`
		NotReceived      string         `json:"not_received" doc:"Commissions of orders that are paid and whose receipt is not confirmed yet."`
		NotReceivedItems int            `json:"not_received_items"`
		TrackedItems     int            `json:"tracked_items" doc:"Items of orders that are not paid yet."`
		Ripening         []ripening     `json:"ripening" nullable:"false" doc:"What of waiting is approved on which day."`
	}
}

func (s *Area) getOutlook(ctx context.Context, in *outlookInput) (*outlookOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	terms, err := s.terms(in.Program)
	if err != nil {
		return nil, err
	}
	x, err := s.Books.Outlook(ctx, terms, in.Publisher)
	if err != nil {
		return nil, err
	}
	dec := func(minor int64) string { return decimal(minor, terms.Currency) }
	out := &outlookOutput{}
	b := &out.Body
	b.Publisher, b.Program, b.Currency, b.AsOf = in.Publisher, in.Program, terms.Currency, x.AsOf
	b.Completed, b.Waiting, b.KeptBack, b.Approved, b.Other = dec(x.Completed), dec(x.Waiting), dec(x.KeptBack), dec(x.Approved), dec(x.Other)
	b.Available, b.Reserved, b.Clearing, b.Paid, b.Clawback = dec(x.Available), dec(x.Reserved), dec(x.Clearing), dec(x.Paid), dec(x.Clawback)
	b.NotReceived, b.NotReceivedItems, b.TrackedItems, b.Ripening = dec(x.NotReceived), x.NotReceivedItems, x.TrackedItems, []ripening{}
	for _, r := range x.Ripening {
		b.Ripening = append(b.Ripening, ripening{r.ApprovedAt.UTC(), call.Time(r.PaidFrom.UTC()), r.Items, dec(r.Amount)})
	}
	return out, nil
}

type payoutsInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
}

type payoutView struct {
	Payout    string         `json:"payout"`
	Run       string         `json:"run"`
	Program   string         `json:"program"`
	Currency  money.Currency `json:"currency"`
	Method    string         `json:"method"`
	Gross     string         `json:"gross"`
	Fee       string         `json:"fee"`
	Tax       string         `json:"tax"`
	Net       string         `json:"net"`
	Status    string         `json:"status" enum:"reserved,excluded,not_sent,sent,unknown,paid,rejected,returned"`
	Why       string         `json:"why,omitempty" doc:"Why it was put back."`
	DraftedAt time.Time      `json:"drafted_at"`
}

type payoutsOutput struct {
	Body struct {
		Payouts []payoutView `json:"payouts" nullable:"false"`
	}
}

func (s *Area) listPayouts(ctx context.Context, in *payoutsInput) (*payoutsOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	all, err := s.Books.PayoutsOf(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &payoutsOutput{}
	out.Body.Payouts = make([]payoutView, len(all))
	for i := range all {
		p := &all[i]
		dec := func(minor int64) string { return decimal(minor, p.Currency) }
		out.Body.Payouts[i] = payoutView{p.ID, p.Run, string(p.Program), p.Currency, p.Method, dec(p.Gross), dec(p.Fee), dec(p.Tax), dec(p.Net), string(p.Status), p.Why, p.DraftedAt}
	}
	return out, nil
}

type withdrawalOutput struct {
	Body struct {
		Publisher string         `json:"publisher"`
		Program   string         `json:"program"`
		Currency  money.Currency `json:"currency"`
		Possible  bool           `json:"possible"`
		Code      string         `json:"code,omitempty" doc:"Why it is not possible."`
		Reason    string         `json:"reason,omitempty"`
		Fix       string         `json:"fix,omitempty"`
		Amount    string         `json:"amount,omitempty" doc:"The whole available balance: what withdraw must name."`
		Method    string         `json:"method,omitempty"`
		Fee       string         `json:"fee,omitempty"`
		Tax       string         `json:"tax,omitempty"`
		Net       string         `json:"net,omitempty" doc:"What arrives."`
	}
}

func (s *Area) getWithdrawal(ctx context.Context, in *outlookInput) (*withdrawalOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	terms, err := s.terms(in.Program)
	if err != nil {
		return nil, err
	}
	q, no, err := s.Payouts.Quote(ctx, terms.Program, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &withdrawalOutput{}
	b := &out.Body
	b.Publisher, b.Program, b.Currency = in.Publisher, in.Program, terms.Currency
	if no != nil {
		b.Code, b.Reason, b.Fix = string(no.Code), no.Reason("en"), no.Fix("en")
		return out, nil
	}
	b.Possible, b.Amount, b.Method = true, decimal(q.Gross, q.Currency), q.Method
	b.Fee, b.Tax, b.Net = decimal(q.Fee, q.Currency), decimal(q.Tax, q.Currency), decimal(q.Net, q.Currency)
	return out, nil
}

type withdrawInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Body      struct {
		Program string `json:"program" maxLength:"64"`
		Amount  string `json:"amount" maxLength:"30" doc:"The amount that get-withdrawal told: where the balance changed since, nothing is asked for."`
	}
}

type withdrawOutput struct {
	Body struct {
		Run   string `json:"run"`
		State string `json:"state"`
	}
}

// withdraw takes a request for the whole balance in. It names the balance that was seen, so nobody agrees to another one.
func (s *Area) withdraw(ctx context.Context, in *withdrawInput) (*withdrawOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	by, err := call.Acts(ctx, people.RequestWithdrawal)
	if err != nil {
		return nil, err
	}
	terms, err := s.terms(in.Body.Program)
	if err != nil {
		return nil, err
	}
	amount, err := money.Parse(in.Body.Amount, terms.Currency)
	if err != nil {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "amount", Reason: err.Error(), Fix: "send what get-withdrawal told"})
	}
	r, err := s.Payouts.Withdraw(ctx, terms.Program, in.Publisher, amount.Minor, by)
	if err != nil {
		return nil, refused(err)
	}
	out := &withdrawOutput{}
	out.Body.Run, out.Body.State = r.ID, string(r.State)
	return out, nil
}

type statementInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Program   string `query:"program" required:"true" maxLength:"500"`
	Month     string `query:"month" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"Of the program's time zone: 2026-03"`
	Format    string `query:"format" enum:"html,pdf,csv" default:"pdf"`
	Lang      string `query:"lang" enum:"en,tr" default:"en"`
}

// getStatement draws a statement up. A month of which the publisher has no transaction gives an empty statement; a program in which it
// never had one gives none.
func (s *Area) getStatement(ctx context.Context, in *statementInput) (*huma.StreamResponse, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	terms, err := s.terms(in.Program)
	if err != nil {
		return nil, err
	}
	from, err := time.ParseInLocation("2006-01", in.Month, terms.TimeZone)
	if err != nil || from.After(s.Now()) {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "month", Reason: fmt.Sprintf("%q is not a month that has begun", in.Month), Fix: "send one such as 2026-03"})
	}
	all, err := s.journal(ctx, terms.Program, in.Publisher)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, books.ErrNotFound
	}
	st, err := statement.New(statement.Input{
		Number: string(terms.Program) + "-" + in.Publisher + "-" + in.Month, Terms: terms, Publisher: in.Publisher,
		From: from, To: from.AddDate(0, 1, 0), MadeAt: s.Now(), Transactions: slices.Values(all),
	})
	if err != nil {
		return nil, fmt.Errorf("drawing up the statement: %w", err)
	}
	var b bytes.Buffer
	kind := "application/pdf"
	switch in.Format {
	case "html":
		kind, err = "text/html; charset=utf-8", st.WriteHTML(&b, in.Lang)
	case "csv":
		kind, err = "text/csv; charset=utf-8", st.WriteCSV(&b, in.Lang)
	default:
		err = st.WritePDF(&b, in.Lang)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the statement: %w", err)
	}
	return call.File(kind, st.FileName(in.Format), b.Bytes()), nil
}

// journal is all that was ever booked for a publisher in a program.
func (s *Area) journal(ctx context.Context, id program.ID, publisher string) ([]*ledger.Transaction, error) {
	var all []*ledger.Transaction
	for after := ""; ; {
		ts, next, err := s.Books.Journal(ctx, id, publisher, after, 1000)
		if err != nil {
			return nil, err
		}
		for i := range ts {
			all = append(all, &ts[i])
		}
		if after = next; next == "" {
			return all, nil
		}
	}
}

// waiting reports whether a run has a payout that the bank has not answered.
func waiting(r *payout.Run) bool {
	return slices.ContainsFunc(r.Payouts, func(p payout.Payout) bool { return p.Status == payout.Sent || p.Status == payout.Unknown })
}

type waysView struct {
	Method   string   `json:"method"`
	Programs []string `json:"programs" nullable:"false" doc:"Those that offer it."`
}

type payoutDetailsOutput struct {
	Body struct {
		Method      string     `json:"method,omitempty" doc:"None: nothing was entered yet, so nothing is paid."`
		Country     string     `json:"country,omitempty"`
		Name        string     `json:"name,omitempty" doc:"Of who has the account."`
		Account     string     `json:"account,omitempty" doc:"The end of the IBAN or account number."`
		Email       string     `json:"email,omitempty" doc:"Of an account that is known by one, its beginning hidden."`
		ChangedAt   *time.Time `json:"changed_at,omitempty"`
		FrozenUntil *time.Time `json:"frozen_until,omitempty" doc:"When payouts go on after the change; none: they go on already."`
		Methods     []waysView `json:"methods" nullable:"false" doc:"The ways to be paid that programs offer now."`
	}
}

func (s *Area) getDetails(ctx context.Context, in *payoutsInput) (*payoutDetailsOutput, error) {
	if err := call.Only(ctx, in.Publisher); err != nil {
		return nil, err
	}
	k, err := s.Payouts.Details(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &payoutDetailsOutput{}
	b := &out.Body
	b.Method, b.Country, b.Name, b.ChangedAt, b.FrozenUntil, b.Methods = k.Method, k.Country, k.Account.Name, call.Time(k.ChangedAt), call.Time(k.FrozenUntil), []waysView{}
	if account := cmp.Or(k.Account.IBAN, k.Account.Account); account != "" {
		b.Account = audit.Ending(account)
	}
	if name, host, ok := strings.Cut(k.Account.Email, "@"); ok && name != "" {
		b.Email = name[:1] + "…@" + host
	}
	for _, m := range s.Payouts.Methods(s.Settle.Programs()) {
		v := waysView{m.Name, []string{}}
		for _, p := range m.Programs {
			v.Programs = append(v.Programs, string(p))
		}
		b.Methods = append(b.Methods, v)
	}
	return out, nil
}
