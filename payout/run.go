package payout

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Way is how a run came about.
type Way string

// The ways to pay.
const (
	Scheduled Way = "scheduled" // the program's weekly or monthly day
	Requested Way = "requested" // publishers asked for it
	Manual    Way = "manual"    // an operator started it
)

// State is how far a run has come.
type State string

// The states of a run, in their order. A run is cancelled instead of released, never after.
const (
	Draft     State = "draft"     // opened; nothing is reserved
	Frozen    State = "frozen"    // who is paid what is fixed, and reserved
	Built     State = "built"     // the bank files are made
	Approved  State = "approved"  // a second person agreed
	Released  State = "released"  // the files go to the bank
	Closed    State = "closed"    // the bank answered everything
	Cancelled State = "cancelled" // given up before its release
)

// Status is how far one payout has come.
type Status string

// The states of a payout. Paid, Rejected and Returned are the bank's final answers.
const (
	Reserved Status = "reserved" // taken out of the balance
	Excluded Status = "excluded" // put back before the files were built
	NotSent  Status = "not_sent" // put back because the run was cancelled
	Sent     Status = "sent"     // released; the bank has not answered
	Unknown  Status = "unknown"  // nobody knows yet; the bank's statement will tell. Never sent again under another id
	Paid     Status = "paid"
	Rejected Status = "rejected" // the bank refused to execute it; everything is given back
	Returned Status = "returned" // the payee's bank sent it back after it was paid; the fee stays
)

// Final reports whether the bank's answer is in.
func (s Status) Final() bool { return s == Paid || s == Rejected || s == Returned }

// live reports whether a payout is part of its run still.
func (s Status) live() bool { return s != Excluded && s != NotSent }

// Run is a payout run: the payouts of a program on a day. It is a value; a transition returns the changed copy.
type Run struct {
	ID        string         `json:"id"` // the bank file's message id
	Program   program.ID     `json:"program"`
	Version   int            `json:"version"` // of the program document whose terms it was frozen under
	Currency  money.Currency `json:"currency"`
	Period    Period         `json:"period"`
	State     State          `json:"state"`
	Payer     Party          `json:"payer,omitzero"`
	ExecuteOn string         `json:"execute_on,omitempty"` // the day the bank is asked to pay on, "2026-03-03"
	Payouts   []Payout       `json:"payouts"`              // by publisher
	Passed    []Passed       `json:"passed"`               // who was looked at and is not paid, by publisher
	Files     []File         `json:"files"`
	Sendings  []Mark         `json:"sendings,omitempty"` // each time the files were sent

	Drafted    Mark   `json:"drafted"`
	FrozenBy   Mark   `json:"frozen_by,omitzero"`
	BuiltBy    Mark   `json:"built_by,omitzero"`
	ApprovedBy Mark   `json:"approved_by,omitzero"`
	ReleasedBy Mark   `json:"released_by,omitzero"`
	ClosedBy   Mark   `json:"closed_by,omitzero"`
	CancelBy   Mark   `json:"cancelled_by,omitzero"`
	CancelWhy  string `json:"cancelled_because,omitempty"`

	flaw flaw
}

// Mark is who did something, and when.
type Mark struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Payout is one publisher's part of a run. Amounts are minor units of the run's currency; Net = Gross - Fee - Tax.
type Payout struct {
	ID        string   `json:"id"` // the bank file's end-to-end id
	Publisher string   `json:"publisher"`
	Method    string   `json:"method"`
	Payee     Party    `json:"payee"`
	Gross     int64    `json:"gross"`
	Fee       int64    `json:"fee"`
	Tax       int64    `json:"tax,omitempty"`
	Authority string   `json:"authority,omitempty"` // whom the tax is for
	Net       int64    `json:"net"`
	Status    Status   `json:"status"`
	Why       string   `json:"why,omitempty"`     // it was put back
	Answers   []Answer `json:"answers,omitempty"` // those that changed the status
}

// Passed is a publisher that a run looked at and does not pay.
type Passed struct {
	Publisher string  `json:"publisher"`
	Refusal   Refusal `json:"refusal"`
}

// File is a bank file of a run: what it is, not its bytes.
type File struct {
	Name     string   `json:"name"`
	SHA256   string   `json:"sha256"` // of the bytes, in hex
	Methods  []string `json:"methods"`
	Payments int      `json:"payments"`
	Total    int64    `json:"total"` // minor units of the run's currency
}

// Candidate is a publisher that a run looks at.
type Candidate struct {
	Payee
	Balance Balance
}

// Open returns the run of a period: the one among earlier that stands for it, or a new draft. A period that a schedule
// sets has one run, whoever opens it and however often. A cancelled run's period is open again, and so is a day of
// requests whose run is no longer a draft; their next run has another number and so another id. earlier are all runs of the program.
func Open(terms *program.Terms, period Period, earlier []Run, by string, now time.Time) (Run, error) {
	if err := period.valid(); err != nil {
		return Run{}, fmt.Errorf("opening a payout run: %w", err)
	}
	if by == "" {
		return Run{}, fmt.Errorf("opening a payout run: %w", errNobody)
	}
	period.Number = 1
	for i := range earlier {
		r := &earlier[i]
		if r.Program != terms.Program || r.Period.Way != period.Way || r.Period.Key != period.Key {
			continue
		}
		if r.State != Cancelled && (period.Way != Requested || r.State == Draft) {
			return *r, nil
		}
		period.Number = max(period.Number, r.Period.Number+1)
	}
	return Run{
		ID: runID(terms.Program, period), Program: terms.Program, Version: terms.Version, Currency: terms.Currency, Period: period,
		State: Draft, Payouts: []Payout{}, Passed: []Passed{}, Files: []File{}, Drafted: Mark{by, instant(now)},
	}, nil
}

// Freeze fixes who is paid what, and returns the reservations to book (E11). Balances must be read in the database
// transaction that the reservations are booked in. Whoever cannot be paid is noted with the reason. A run that finds
// nothing to pay is closed.
func (r Run) Freeze(terms *program.Terms, candidates []Candidate, payer Party, by string, now time.Time) (Run, []ledger.Transaction, error) {
	if err := r.need("freezing", by, Draft); err != nil {
		return r, nil, err
	}
	if terms.Program != r.Program || terms.Currency != r.Currency {
		return r, nil, fmt.Errorf("freezing run %s of program %s in %s: the terms are those of program %s in %s", r.ID, r.Program, r.Currency,
			terms.Program, terms.Currency)
	}
	candidates = slices.Clone(candidates)
	slices.SortFunc(candidates, func(a, b Candidate) int { return cmp.Compare(a.Publisher, b.Publisher) })
	now = instant(now)
	payouts, passed := []Payout{}, []Passed{}
	for i, c := range candidates {
		if i > 0 && c.Publisher == candidates[i-1].Publisher {
			return r, nil, fmt.Errorf("freezing run %s: publisher %q stands twice among the candidates: give each once", r.ID, c.Publisher)
		}
		q, refusal := eligible(terms, c.Balance, c.Payee, r.Period.Way, now, r.flaw)
		if refusal != nil {
			passed = append(passed, Passed{c.Publisher, *refusal})
			continue
		}
		payouts = append(payouts, Payout{
			ID: payoutID(r.ID, r.Period, c.Publisher), Publisher: c.Publisher, Method: q.Method, Payee: c.Account,
			Gross: q.Gross, Fee: q.Fee, Tax: q.Tax, Authority: q.Authority, Net: q.Net, Status: Reserved,
		})
	}
	r.Payouts, r.Passed, r.Payer, r.Version = payouts, passed, payer, terms.Version
	r.State, r.FrozenBy = Frozen, Mark{by, now}
	if _, err := r.total(nil); err != nil {
		return r, nil, fmt.Errorf("freezing run %s: %w", r.ID, err)
	}
	if len(payouts) == 0 {
		r.State, r.ClosedBy = Closed, Mark{by, now}
		return r, nil, nil
	}
	r.ExecuteOn = executeOn(now.In(terms.TimeZone))
	return r, r.reservations(now), nil
}

// executeOn is the next weekday after a day.
func executeOn(local time.Time) string {
	y, m, d := local.Date()
	next := time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
	for next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
		next = next.AddDate(0, 0, 1)
	}
	return next.Format(time.DateOnly)
}

// Exclude takes one publisher out of a frozen run, such as one against whom a fraud case was opened since, and returns the
// transaction that puts its money back. Once the files are built, only the whole run can be cancelled.
func (r Run) Exclude(publisher, why, by string, now time.Time) (Run, []ledger.Transaction, error) {
	if err := r.need("excluding a publisher from", by, Frozen); err != nil {
		return r, nil, err
	}
	if why == "" {
		return r, nil, fmt.Errorf("excluding publisher %q from run %s: give the reason", publisher, r.ID)
	}
	i := slices.IndexFunc(r.Payouts, func(p Payout) bool { return p.Publisher == publisher })
	if i < 0 {
		return r, nil, fmt.Errorf("excluding publisher %q from run %s: it has no payout there", publisher, r.ID)
	}
	if r.Payouts[i].Status == Excluded {
		return r, nil, nil
	}
	now = instant(now)
	r.Payouts = slices.Clone(r.Payouts)
	r.Payouts[i].Status, r.Payouts[i].Why = Excluded, why
	if !slices.ContainsFunc(r.Payouts, func(p Payout) bool { return p.Status.live() }) {
		r.State, r.CancelBy, r.CancelWhy = Cancelled, Mark{by, now}, "every payout was excluded"
	}
	return r, []ledger.Transaction{r.unreserve(&r.Payouts[i], now)}, nil
}

// Build notes the bank files that were made of a frozen run. They must hold all its payouts and nothing else. Building
// again is fine as long as the files come out the same; files that differ are refused, because the bank may have the
// first ones under the same message id.
func (r Run) Build(files []File, by string, now time.Time) (Run, error) {
	if err := r.need("building the files of", by, Frozen, Built, Approved, Released, Closed); err != nil {
		return r, err
	}
	if r.State != Frozen {
		return r, r.sameFiles(files)
	}
	methods := make(map[string]string) // method -> file
	for _, f := range files {
		for _, m := range f.Methods {
			if other, ok := methods[m]; ok {
				return r, fmt.Errorf("building the files of run %s: payouts by %s stand in %s and in %s", r.ID, m, other, f.Name)
			}
			methods[m] = f.Name
		}
		t, err := r.total(f.Methods)
		if err != nil {
			return r, fmt.Errorf("building the files of run %s: %w", r.ID, err)
		}
		if t.Payments != f.Payments || t.Net != f.Total || len(f.SHA256) != 64 {
			return r, fmt.Errorf("building the files of run %s: %s has %d payments of together %v, the run has %d of %v", r.ID, f.Name,
				f.Payments, money.New(f.Total, r.Currency), t.Payments, money.New(t.Net, r.Currency))
		}
	}
	for i := range r.Payouts {
		if p := &r.Payouts[i]; p.Status.live() && methods[p.Method] == "" {
			return r, fmt.Errorf("building the files of run %s: payout %s by %s is in no file", r.ID, p.ID, p.Method)
		}
	}
	r.State, r.BuiltBy, r.Files = Built, Mark{by, instant(now)}, cloneFiles(files)
	return r, nil
}

func cloneFiles(files []File) []File {
	files = slices.Clone(files)
	for i := range files {
		files[i].Methods = slices.Clone(files[i].Methods)
	}
	return files
}

// sameFiles refuses files that are not those that were built first.
func (r *Run) sameFiles(files []File) error {
	if len(files) != len(r.Files) {
		return fmt.Errorf("building run %s again: %d files, and %d the first time", r.ID, len(files), len(r.Files))
	}
	for i, f := range files {
		if was := r.Files[i]; was.Name != f.Name || was.SHA256 != f.SHA256 {
			return fmt.Errorf("building run %s again: %s has the fingerprint %s, and the first time %s had %s; keep the first file", r.ID, f.Name, f.SHA256,
				was.Name, was.SHA256)
		}
	}
	return nil
}

// Approval is what the second person gives: who it is, and the totals as read from the bank or the file, typed by hand.
type Approval struct {
	By       string
	Payments int    // number of payments
	Total    string // their sum in major units: "1234.50"
}

// Approve notes that a second person agreed: not the one who opened, froze or built the run, and one who typed its totals.
func (r Run) Approve(a Approval, now time.Time) (Run, error) {
	if err := r.need("approving", a.By, Built); err != nil {
		return r, err
	}
	for _, maker := range [...]Mark{r.Drafted, r.FrozenBy, r.BuiltBy} {
		if maker.By == a.By && !r.flaw.has(approvesAlone) {
			return r, &SamePersonError{Run: r.ID, By: a.By}
		}
	}
	t, err := r.total(nil)
	if err != nil {
		return r, fmt.Errorf("approving run %s: %w", r.ID, err)
	}
	typed, err := money.ParseMinor(a.Total, r.Currency.Exponent())
	if err != nil {
		return r, fmt.Errorf("approving run %s: total: %w", r.ID, err)
	}
	if (a.Payments != t.Payments || typed != t.Net) && !r.flaw.has(ignoresTotals) {
		return r, &TotalsError{Run: r.ID, Payments: t.Payments, Total: money.New(t.Net, r.Currency), TypedPayments: a.Payments, Typed: money.New(typed, r.Currency)}
	}
	r.State, r.ApprovedBy = Approved, Mark{a.By, instant(now)}
	return r, nil
}

// Release sends the run to the bank and returns what must be booked before the first byte leaves (E13): each payout's net
// amount goes into clearing, its fee to the fees, its tax to the authority's account.
func (r Run) Release(by string, now time.Time) (Run, []ledger.Transaction, error) {
	if err := r.need("releasing", by, Approved); err != nil {
		return r, nil, err
	}
	now = instant(now)
	r.Payouts = slices.Clone(r.Payouts)
	var ts []ledger.Transaction
	for i := range r.Payouts {
		p := &r.Payouts[i]
		if p.Status != Reserved {
			continue
		}
		p.Status = Sent
		ts = append(ts, r.release(p, now))
	}
	r.State, r.ReleasedBy = Released, Mark{by, now}
	r.Sendings = append(slices.Clone(r.Sendings), r.ReleasedBy)
	return r, ts, nil
}

// Resend notes that a file is sent again because nobody knows whether it arrived. It must be the same file: a bank
// refuses or ignores a message id that it has seen, so nothing can be paid twice. Nothing is booked.
func (r Run) Resend(sha256, by string, now time.Time) (Run, error) {
	if err := r.need("sending again", by, Released); err != nil {
		return r, err
	}
	if !slices.ContainsFunc(r.Files, func(f File) bool { return f.SHA256 == sha256 }) {
		return r, fmt.Errorf("sending run %s again: a file with the fingerprint %s was never built: send the one that was", r.ID, sha256)
	}
	r.Sendings = append(slices.Clone(r.Sendings), Mark{by, instant(now)})
	return r, nil
}

// Cancel gives a run up before its release and returns the transactions that put the money back (E12). After the release
// only the bank can say what became of a payout.
func (r Run) Cancel(why, by string, now time.Time) (Run, []ledger.Transaction, error) {
	if err := r.need("cancelling", by, Draft, Frozen, Built, Approved); err != nil {
		return r, nil, err
	}
	if why == "" {
		return r, nil, fmt.Errorf("cancelling run %s: give the reason", r.ID)
	}
	now = instant(now)
	r.Payouts = slices.Clone(r.Payouts)
	var ts []ledger.Transaction
	for i := range r.Payouts {
		p := &r.Payouts[i]
		if p.Status != Reserved {
			continue
		}
		p.Status, p.Why = NotSent, why
		ts = append(ts, r.unreserve(p, now))
	}
	r.State, r.CancelBy, r.CancelWhy = Cancelled, Mark{by, now}, why
	return r, ts, nil
}

// Close ends a run whose payouts the bank has all answered. A return may still come in.
func (r Run) Close(by string, now time.Time) (Run, error) {
	if err := r.need("closing", by, Released); err != nil {
		return r, err
	}
	for i := range r.Payouts {
		if p := &r.Payouts[i]; p.Status == Sent || p.Status == Unknown {
			return r, fmt.Errorf("closing run %s: the bank has not answered payout %s (%s)", r.ID, p.ID, p.Status)
		}
	}
	r.State, r.ClosedBy = Closed, Mark{by, instant(now)}
	return r, nil
}

// Totals are sums over the payouts of a run that were not put back.
type Totals struct {
	Payments             int
	Gross, Fee, Tax, Net int64
}

// Totals adds up the payouts of the given methods that were not put back; no methods means all.
func (r *Run) Totals(methods ...string) Totals {
	t, _ := r.total(methods) // Freeze saw to it that they add up
	return t
}

func (r *Run) total(methods []string) (Totals, error) {
	var t Totals
	for i := range r.Payouts {
		p := &r.Payouts[i]
		if !p.Status.live() || (len(methods) > 0 && !slices.Contains(methods, p.Method)) {
			continue
		}
		t.Payments++
		for _, s := range [...]struct {
			sum *int64
			add int64
		}{{&t.Gross, p.Gross}, {&t.Fee, p.Fee}, {&t.Tax, p.Tax}, {&t.Net, p.Net}} {
			sum, err := money.Add(*s.sum, s.add)
			if err != nil {
				return t, fmt.Errorf("adding up payouts: %w", err)
			}
			*s.sum = sum
		}
	}
	return t, nil
}

// Payout returns the payout with an id, or nil.
func (r *Run) Payout(id string) *Payout {
	for i := range r.Payouts {
		if r.Payouts[i].ID == id {
			return &r.Payouts[i]
		}
	}
	return nil
}

// need checks a run's state and that somebody is named.
func (r *Run) need(doing, by string, states ...State) error {
	if by == "" {
		return fmt.Errorf("%s run %s: %w", doing, r.ID, errNobody)
	}
	if !slices.Contains(states, r.State) {
		return &StateError{Doing: doing, Run: r.ID, Is: r.State, Need: states}
	}
	return nil
}

// instant is a time as the books keep it.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
