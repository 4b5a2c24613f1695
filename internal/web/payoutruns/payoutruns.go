// Package payoutruns leads finance through payout runs: build, have somebody else approve, release, take the bank's answers in (M3, M5).
package payoutruns

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// AnswerReader reads a bank's file: its answers about payouts of the runs, and what could not be understood.
type AnswerReader func(file io.Reader, runs []payout.Run) (answers []payout.Answer, problems []string, err error)

// Pages are the pages of payout runs.
type Pages struct {
	Payouts  *payouts.Service
	Programs func() []program.ID
	Read     AnswerReader
	// Name is what somebody is called.
	Names *page.Names
}

// Routes are the pages and steps. Who built a run cannot approve it, whatever the role: package payout sees to that.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /payouts", Permission: people.SeePayouts, Handle: p.list},
		{Pattern: "POST /payouts", Permission: people.BuildPayouts, Handle: p.start},
		{Pattern: "POST /payouts/answers", Permission: people.BuildPayouts, Handle: p.answers},
		{Pattern: "GET /payouts/{run}", Permission: people.SeePayouts, Handle: p.one},
		{Pattern: "GET /payouts/{run}/files/{name}", Permission: people.SeePayouts, Handle: p.file},
		{Pattern: "POST /payouts/{run}/approve", Permission: people.ApprovePayouts, Handle: p.step(p.approve)},
		{Pattern: "POST /payouts/{run}/build", Permission: people.BuildPayouts, Handle: p.step(p.build)},
		{Pattern: "POST /payouts/{run}/release", Permission: people.BuildPayouts, Handle: p.step(p.release)},
		{Pattern: "POST /payouts/{run}/cancel", Permission: people.BuildPayouts, Handle: p.step(p.cancel)},
		{Pattern: "POST /payouts/{run}/close", Permission: people.BuildPayouts, Handle: p.step(p.close)},
	}
}

// perPage is how many runs a page lists.
const perPage = 50

// list is a page of runs, and what was just done.
type list struct {
	runs     []payouts.Summary
	first    string // the addresses of other pages
	next     string
	empty    int64 // how many runs are closed and paid nobody
	all      bool  // they are shown too
	programs []program.ID
	may      bool
	problem  string
	answered *payouts.Answered
	unread   []string
}

func (p *Pages) list(r *page.Request) (page.Answer, error) { return p.show(r, &list{}, 0) }

func (p *Pages) show(r *page.Request, l *list, status int) (page.Answer, error) {
	after := "" // what was just done is on the first page
	if r.Method == http.MethodGet {
		after = r.URL.Query().Get("after")
	}
	l.all = r.URL.Query().Get("show") == "all"
	runs, next, err := p.Payouts.Page(r.Context(), "", !l.all, after, perPage)
	if err != nil {
		return page.Answer{}, err
	}
	if l.empty, err = p.Payouts.Empty(r.Context()); err != nil {
		return page.Answer{}, err
	}
	l.runs = runs
	if r.Method == http.MethodGet || next != "" {
		l.first, l.next = r.More(next)
	}
	l.programs, l.may = p.Programs(), r.Viewer.Can(people.BuildPayouts)
	return page.Answer{Title: r.T.Runs.Title, Area: "/payouts", Status: status, Body: listPage(r.T, l)}, nil
}

// start opens the run that is due, or one by hand.
func (p *Pages) start(r *page.Request) (page.Answer, error) {
	id := program.ID(r.PostFormValue("program"))
	var run payout.Run
	var err error
	ok := true
	switch way := r.PostFormValue("way"); way {
	case "due":
		run, ok, err = p.Payouts.Due(r.Context(), id, r.Viewer.Person)
	case string(payout.Manual), string(payout.Requested):
		run, err = p.Payouts.Start(r.Context(), id, payout.Way(way), nil, r.Viewer.Person)
	default:
		return page.Answer{}, page.ErrNotFound
	}
	why := ""
	switch {
	case errors.Is(err, payouts.ErrNoPayer):
		why = r.T.Runs.NoPayer
	case err != nil:
		return page.Answer{}, err
	case !ok:
		why = r.T.Runs.NotDue
	default:
		return page.Answer{Redirect: ui.Address([]string{"payouts", run.ID})}, nil
	}
	return p.show(r, &list{problem: why}, http.StatusConflict)
}

// answers takes a bank's file in. The whole file is read before the first answer counts.
func (p *Pages) answers(r *page.Request) (page.Answer, error) {
	f, _, err := r.FormFile("file")
	if err != nil {
		return p.show(r, &list{problem: r.T.Runs.NoFile}, http.StatusUnprocessableEntity)
	}
	defer f.Close()
	runs, err := p.Payouts.Runs(r.Context())
	if err != nil {
		return page.Answer{}, err
	}
	l := &list{}
	answers, unread, err := p.Read(f, runs)
	if err != nil {
		return p.show(r, &list{problem: r.T.Runs.BadFile + " " + err.Error()}, http.StatusUnprocessableEntity)
	}
	got, err := p.Payouts.Answers(r.Context(), answers, r.Viewer.Person)
	if err != nil {
		return page.Answer{}, err
	}
	l.answered, l.unread = &got, unread
	return p.show(r, l, 0)
}

// view is a run, and why a step on it failed.
type view struct {
	name             func(person string) string // what somebody is called
	publishers       map[string]string          // what they are called
	run              payout.Run
	build, approve   bool // what the viewer's role may do
	mine             bool // the viewer made the run, so somebody else must approve it
	problem          string
	payments, amount string // as they were typed
}

func (p *Pages) read(r *page.Request) (*view, error) {
	run, err := p.Payouts.Run(r.Context(), r.PathValue("run"))
	if err != nil {
		return nil, err
	}
	v := &view{run: run, build: r.Viewer.Can(people.BuildPayouts), approve: r.Viewer.Can(people.ApprovePayouts)}
	for _, m := range []payout.Mark{run.Drafted, run.FrozenBy, run.BuiltBy} {
		v.mine = v.mine || m.By == r.Viewer.Person
	}
	var publishers []string
	for i := range run.Payouts {
		publishers = append(publishers, run.Payouts[i].Publisher)
	}
	for i := range run.Passed {
		publishers = append(publishers, run.Passed[i].Publisher)
	}
	v.publishers = p.Names.Publishers(r.Context(), publishers...)
	v.name = func(person string) string { return p.Names.Person(r.Context(), person) }
	return v, nil
}

func (p *Pages) answer(r *page.Request, v *view, status int) page.Answer {
	return page.Answer{
		Title: r.T.Runs.Run(v.run.ID), Area: "/payouts", Status: status, Body: runPage(r.T, v),
		Crumbs: []ui.Crumb{{Href: "/payouts", Label: r.T.Runs.Title}},
	}
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	v, err := p.read(r)
	if err != nil {
		return page.Answer{}, err
	}
	return p.answer(r, v, 0), nil
}

// step leads a run on, and shows it again where that is refused, with the reason.
func (p *Pages) step(do func(r *page.Request, id string) error) func(*page.Request) (page.Answer, error) {
	return func(r *page.Request) (page.Answer, error) {
		v, err := p.read(r)
		if err != nil {
			return page.Answer{}, err
		}
		if err = do(r, v.run.ID); err == nil {
			return page.Answer{Redirect: ui.Address([]string{"payouts", v.run.ID})}, nil
		}
		why, ok := reason(r, err)
		if !ok {
			return page.Answer{}, err
		}
		if v, err = p.read(r); err != nil {
			return page.Answer{}, err
		}
		v.problem, v.payments, v.amount = why, r.PostFormValue("payments"), r.PostFormValue("total")
		return p.answer(r, v, http.StatusUnprocessableEntity), nil
	}
}

// reason says why a step was refused, in the viewer's words.
func reason(r *page.Request, err error) (why string, ok bool) {
	var state *payout.StateError
	var same *payout.SamePersonError
	var totals *payout.TotalsError
	var input *page.Refused
	switch t := &r.T.Runs; {
	case errors.As(err, &state):
		return t.WrongState, true
	case errors.As(err, &same):
		return t.SamePerson, true
	case errors.As(err, &totals):
		return t.WrongTotals, true
	case errors.As(err, &input):
		return input.Why, true
	}
	return "", false
}

func (p *Pages) build(r *page.Request, id string) error {
	_, err := p.Payouts.Build(r.Context(), id, r.Viewer.Person)
	return err
}

// approve compares what was typed from the bank's screen or the file with the run.
func (p *Pages) approve(r *page.Request, id string) error {
	n, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("payments")))
	if err != nil {
		return &page.Refused{Why: r.T.Runs.WrongTotals}
	}
	total := strings.TrimSpace(r.PostFormValue("total"))
	if _, point, ok := strings.Cut(total, ","); ok && !strings.Contains(point, ",") && !strings.Contains(total, ".") {
		total = strings.Replace(total, ",", ".", 1) // the decimal comma of Turkish
	}
	if strings.Trim(total, "0123456789.") != "" || total == "" || strings.Count(total, ".") > 1 {
		return &page.Refused{Why: r.T.Runs.WrongTotals}
	}
	_, err = p.Payouts.Approve(r.Context(), id, payout.Approval{By: r.Viewer.Person, Payments: n, Total: total})
	return err
}

func (p *Pages) release(r *page.Request, id string) error {
	_, err := p.Payouts.Release(r.Context(), id, r.Viewer.Person)
	return err
}

func (p *Pages) cancel(r *page.Request, id string) error {
	why := strings.TrimSpace(r.PostFormValue("why"))
	if why == "" {
		return &page.Refused{Why: r.T.Runs.NoReason}
	}
	_, err := p.Payouts.Cancel(r.Context(), id, why, r.Viewer.Person)
	return err
}

func (p *Pages) close(r *page.Request, id string) error {
	v, err := p.read(r)
	if err != nil {
		return err
	}
	if n := v.open(); n > 0 {
		return &page.Refused{Why: r.T.Runs.IsReleased(int64(n))}
	}
	_, err = p.Payouts.Close(r.Context(), id, r.Viewer.Person)
	return err
}

// file hands a bank file out.
func (p *Pages) file(r *page.Request) (page.Answer, error) {
	name := r.PathValue("name")
	data, err := p.Payouts.File(r.Context(), r.PathValue("run"), name)
	if err != nil {
		return page.Answer{}, err
	}
	kind := "text/csv; charset=utf-8"
	if strings.HasSuffix(name, ".xml") {
		kind = "application/xml"
	}
	return page.Answer{File: &page.File{Name: name, Type: kind, Data: data}}, nil
}

// mark is a step that a run has taken.
type mark struct {
	name string
	payout.Mark
}

func (v *view) marks(words map[string]string) []mark {
	r := &v.run
	all := []mark{
		{words["draft"], r.Drafted}, {words["frozen"], r.FrozenBy}, {words["built"], r.BuiltBy}, {words["approved"], r.ApprovedBy},
		{words["released"], r.ReleasedBy}, {words["closed"], r.ClosedBy}, {words["cancelled"], r.CancelBy},
	}
	var out []mark
	for _, m := range all {
		if m.By != "" {
			m.By = v.name(m.By)
			out = append(out, m)
		}
	}
	return out
}

// open is how many payouts the bank has not answered.
func (v *view) open() (n int) {
	for i := range v.run.Payouts {
		if s := v.run.Payouts[i].Status; s == payout.Sent || s == payout.Unknown {
			n++
		}
	}
	return n
}
