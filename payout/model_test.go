package payout

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"pgregory.net/rapid"
)

// The model: publishers earn and lose commissions, runs are opened, frozen, lost, repeated and cancelled by people who see
// stale copies, and a bank executes files and answers late, twice, in any order and wrongly. After each step the
// invariants of the books are checked against what the model knows by itself.

// dice decide what happens next.
type dice interface {
	roll(what string, sides int) int
}

type rapidDice struct{ t *rapid.T }

func (d rapidDice) roll(what string, sides int) int {
	return rapid.IntRange(0, sides-1).Draw(d.t, what)
}

type seedDice struct{ r *rand.Rand }

func (d seedDice) roll(_ string, sides int) int { return d.r.Intn(sides) }

// house is what the model may do wrong on purpose, beside the flaws of the package itself.
type house struct {
	flaw            flaw
	causesRepeat    bool // the ledger does not refuse a cause that is booked
	anyRevision     bool // the store takes a run that was changed meanwhile
	givesUp         bool // what is unknown is treated as rejected after a while
	newIDOnRetry    bool // what is unknown is sent again under another id
	forgetsToSettle bool // transactions are not fitted to debts
}

type world struct {
	dice    dice
	house   house
	terms   *program.Terms
	now     time.Time
	book    ledger.Book
	causes  map[string]bool
	journal []ledger.Transaction
	payees  []Payee
	runs    []Run // the store: the newest revision of each
	stale   []Run // copies that somebody still holds
	earned  map[string]int64
	bank    bank
	paid    map[string]int64 // what the journal paid on balance, by payout
}

// bank is the outside: it executes each message id once.
type bank struct {
	seen    map[string]bool
	truth   map[string]Status // by payout: what becomes of it in the end
	amount  map[string]int64
	ref     map[string]string
	outbox  []Answer
	settled map[string]bool // the final answer was taken in
}

func newWorld(d dice, h house) *world {
	w := &world{
		dice: d, house: h, now: noon, causes: make(map[string]bool), earned: make(map[string]int64), paid: make(map[string]int64),
		bank: bank{seen: make(map[string]bool), truth: make(map[string]Status), amount: make(map[string]int64), ref: make(map[string]string), settled: make(map[string]bool)},
	}
	w.terms = onRequest()
	w.terms.Payout.MustExceed = d.roll("exceed", 2) == 0
	w.terms.Payout.Methods[1].Fee = int64(100 * d.roll("fee", 20))
	if d.roll("weekly", 2) == 0 {
		w.terms.Payout.Schedule, w.terms.Payout.Weekday = program.Weekly, time.Monday
	}
	for i, m := range []string{"bank_transfer", "paypal", "bank_transfer", "paypal"} {
		p := payee(string(rune('a'+i)), m, []string{"DE", "US", "JP", "FR"}[i])
		if i == 3 {
			p.Tax = Withholding{"TAX", money.MustRate("15.5")}
		}
		w.payees = append(w.payees, p)
	}
	return w
}

// book books transactions, all or none, as the store does.
func (w *world) post(ts ...ledger.Transaction) error {
	var trial ledger.Book
	if err := trial.Merge(&w.book); err != nil {
		return err
	}
	causes := make(map[string]bool)
	booked := make([]ledger.Transaction, 0, len(ts))
	for _, t := range ts {
		if (w.causes[t.Cause] || causes[t.Cause]) && !w.house.causesRepeat {
			return fmt.Errorf("cause %s: %w", t.Cause, errBooked)
		}
		causes[t.Cause] = true
		if !w.house.forgetsToSettle {
			t = trial.Settle(t)
		}
		t.RecordedAt = w.now
		if err := trial.Post(&t); err != nil {
			return err
		}
		booked = append(booked, t)
	}
	w.book = trial
	for _, t := range booked {
		w.causes[t.Cause] = true
		w.journal = append(w.journal, t)
		for _, m := range t.Movements {
			if m.To.Kind == ledger.Paid {
				w.paid[payoutOf(t.Cause)] += m.Amount
			}
			if m.From.Kind == ledger.Paid {
				w.paid[payoutOf(t.Cause)] -= m.Amount
			}
		}
	}
	return nil
}

var errBooked = errors.New("booked already")
var errStale = errors.New("the run was changed meanwhile")

func payoutOf(cause string) string { return strings.Split(cause, "/")[1] }

// keep commits a step of a run: the run and its transactions together or not at all. was is the copy that the step began with.
func (w *world) keep(was, is Run, ts []ledger.Transaction) error {
	i := slices.IndexFunc(w.runs, func(r Run) bool { return r.ID == is.ID })
	if i >= 0 && !w.house.anyRevision && serial(w.runs[i]) != serial(was) {
		return errStale
	}
	if err := w.post(ts...); err != nil {
		return err
	}
	if i < 0 {
		w.runs = append(w.runs, is)
		return nil
	}
	w.stale = append(w.stale, w.runs[i])
	w.runs[i] = is
	return nil
}

func serial(r Run) string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// violation is an invariant that does not hold, as opposed to a step that was rightly refused.
type violation struct {
	text  string
	money bool // it is about the books alone, whatever the runs say
}

func (v *violation) Error() string { return v.text }

func violated(format string, args ...any) error {
	return &violation{text: fmt.Sprintf(format, args...)}
}

func unsound(format string, args ...any) error {
	return &violation{text: fmt.Sprintf(format, args...), money: true}
}

// steps are how many things happen in a history.
const steps = 150

// play runs one history.
func play(d dice, h house) (*world, error) {
	w := newWorld(d, h)
	for i := range steps {
		if err := w.step(); err != nil {
			return w, fmt.Errorf("step %d: %w", i, err)
		}
		if err := w.check(); err != nil {
			return w, fmt.Errorf("after step %d: %w", i, err)
		}
	}
	if err := w.finish(); err != nil {
		return w, fmt.Errorf("at the end: %w", err)
	}
	return w, nil
}

func (w *world) step() error {
	switch w.dice.roll("step", 24) {
	case 0, 1, 2:
		return w.earn()
	case 3:
		return w.takeBack()
	case 4:
		w.now = w.now.Add(time.Duration(1+w.dice.roll("hours", 80)) * time.Hour)
		return nil
	case 5:
		return w.changePayee()
	case 6, 7, 8:
		return w.openAndFreeze()
	case 9, 10, 11, 12, 13:
		return w.advance(w.pick())
	case 14:
		return w.abandon(w.pick())
	case 15, 16, 17:
		return w.doubt()
	default:
		return w.deliver()
	}
}

func (w *world) someone() *Payee { return &w.payees[w.dice.roll("publisher", len(w.payees))] }

func (w *world) earn() error {
	p := w.someone()
	amount := int64(1 + w.dice.roll("amount", 5000))
	w.earned[p.Publisher] += amount
	return w.approve(p.Publisher, amount, ledger.ReasonApprove)
}

func (w *world) takeBack() error {
	p := w.someone()
	amount := min(w.earned[p.Publisher], int64(1+w.dice.roll("amount", 3000)))
	if amount == 0 {
		return nil
	}
	w.earned[p.Publisher] -= amount
	return w.approve(p.Publisher, -amount, ledger.ReasonReversal)
}

func (w *world) approve(publisher string, amount int64, reason ledger.Reason) error {
	fund := ledger.Account{Kind: ledger.Fund, Program: w.terms.Program}
	approved := ledger.Of(ledger.Approved, w.terms.Program, publisher)
	available := ledger.Of(ledger.Available, w.terms.Program, publisher)
	t := ledger.Transaction{
		Cause: fmt.Sprintf("order/%d", len(w.journal)), Reason: reason, Program: w.terms.Program, Publisher: publisher, Currency: w.terms.Currency, EffectiveAt: w.now,
		Movements: []ledger.Movement{{From: fund, To: approved, Amount: amount}, {From: approved, To: available, Amount: amount}},
	}
	if amount < 0 {
		t.Movements = []ledger.Movement{{From: available, To: approved, Amount: -amount}, {From: approved, To: fund, Amount: -amount}}
	}
	if err := w.post(t); err != nil {
		return violated("a commission cannot be booked: %v", err)
	}
	return nil
}

func (w *world) changePayee() error {
	p := w.someone()
	switch w.dice.roll("change", 5) {
	case 0:
		p.FraudCase = "case-1"
	case 1:
		p.DetailsChangedAt = w.now
	default:
		p.FraudCase = ""
	}
	return nil
}

func (w *world) candidates() []Candidate {
	cs := make([]Candidate, len(w.payees))
	for i, p := range w.payees {
		cs[i] = Candidate{p, BalanceOf(&w.book, w.terms.Program, p.Publisher, w.terms.Currency)}
	}
	return cs
}

// payable is the model's own reading of M3.
func (w *world) payable(c Candidate) bool {
	fee := map[string]int64{"a": 0, "b": 100, "c": w.terms.Payout.Methods[1].Fee, "d": 100}[c.Publisher]
	net := c.Balance.Available - fee
	if c.Publisher == "d" {
		net -= c.Balance.Available * 155 / 1000 // near enough: the rest is checked by the sums
	}
	enough := c.Balance.Available > 1600 || (c.Balance.Available == 1600 && !w.terms.Payout.MustExceed)
	return enough && c.FraudCase == "" && w.now.Sub(c.DetailsChangedAt) >= 72*time.Hour && c.Balance.Clawback == 0 && net > 0
}

// openAndFreeze opens a run, now and then without seeing the ones that are there, and freezes it.
func (w *world) openAndFreeze() error {
	period, ok := Due(w.terms, w.now)
	if w.dice.roll("way", 3) == 0 || !ok {
		period = Today(w.terms, []Way{Manual, Requested}[w.dice.roll("kind", 2)], w.now)
	}
	seen := w.runs
	if w.dice.roll("blind", 4) == 0 {
		seen = nil
	}
	r, err := Open(w.terms, period, seen, "ann", w.now)
	if err != nil {
		return violated("opening: %v", err)
	}
	r.flaw = w.house.flaw
	candidates := w.candidates()
	next, ts, err := r.Freeze(w.terms, candidates, payer, "ann", w.now)
	if err != nil {
		return nil // the run of the period is further than that
	}
	known := slices.IndexFunc(w.runs, func(o Run) bool { return o.ID == r.ID }) >= 0
	if err := w.keep(r, next, ts); err != nil {
		if !known {
			return violated("a new run cannot be frozen: %v", err)
		}
		return nil
	}
	if known && next.State == Frozen {
		return violated("the run %s was frozen twice", r.ID)
	}
	// I11: who is paid is who can be paid, with all they have.
	for _, c := range candidates {
		i := slices.IndexFunc(next.Payouts, func(p Payout) bool { return p.Publisher == c.Publisher })
		want := w.payable(c) && (period.Way != Requested || w.terms.Payout.Schedule == program.OnRequest)
		if want != (i >= 0) {
			return violated("publisher %s with %+v, fraud case %q, details of %v: paid %v", c.Publisher, c.Balance, c.FraudCase, c.DetailsChangedAt, i >= 0)
		}
		if i < 0 {
			continue
		}
		p := next.Payouts[i]
		if p.Net <= 0 || p.Fee+p.Tax >= p.Gross || p.Net+p.Fee+p.Tax != p.Gross || p.Gross != c.Balance.Available {
			return violated("payout %+v of the balance %+v", p, c.Balance)
		}
		if left := BalanceOf(&w.book, w.terms.Program, c.Publisher, w.terms.Currency); left.Available != 0 {
			return violated("after the run %s still has %d available", c.Publisher, left.Available)
		}
	}
	return nil
}

// pick takes a run, sometimes a copy that is out of date.
func (w *world) pick() *Run {
	if n := len(w.stale); n > 0 && w.dice.roll("stale", 4) == 0 {
		r := w.stale[w.dice.roll("copy", n)]
		return &r
	}
	if len(w.runs) == 0 {
		return nil
	}
	r := w.runs[w.dice.roll("run", len(w.runs))]
	return &r
}

// advance takes a run one step on.
func (w *world) advance(r *Run) error {
	if r == nil {
		return nil
	}
	var next Run
	var ts []ledger.Transaction
	var err error
	sends := false
	switch r.State {
	case Frozen:
		next, err = r.Build(filesOf(*r), "ann", w.now)
	case Built:
		if again, err := r.Build(filesOf(*r), "dan", w.now); err != nil || serial(again) != serial(*r) {
			return violated("building again: %v", err)
		}
		if _, err := r.Approve(Approval{"ann", r.Totals().Payments, money.New(r.Totals().Net, r.Currency).Decimal()}, w.now); err == nil {
			return violated("the maker approved run %s", r.ID)
		}
		if _, err := r.Approve(Approval{"bob", r.Totals().Payments, money.New(r.Totals().Net+1, r.Currency).Decimal()}, w.now); err == nil {
			return violated("run %s was approved with the wrong totals", r.ID)
		}
		next, err = r.Approve(Approval{"bob", r.Totals().Payments, money.New(r.Totals().Net, r.Currency).Decimal()}, w.now)
	case Approved:
		next, ts, err = r.Release("ann", w.now)
		sends = true
	case Released:
		if w.dice.roll("end", 2) == 0 {
			next, err = r.Close("ann", w.now)
		} else {
			next, err = r.Resend(r.Files[0].SHA256, "ann", w.now)
			sends = true
		}
	default:
		return nil
	}
	if err != nil {
		if r.State != Released { // not everything is answered
			return violated("%s run %s: %v", r.State, r.ID, err)
		}
		return nil
	}
	if err := w.keep(*r, next, ts); err != nil {
		if errors.Is(err, errStale) || errors.Is(err, errBooked) {
			return nil
		}
		return violated("booking a step of run %s: %v", r.ID, err)
	}
	if sends && w.dice.roll("lost", 3) > 0 {
		w.receive(next)
	}
	return nil
}

// abandon cancels a run or excludes somebody.
func (w *world) abandon(r *Run) error {
	if r == nil || len(r.Payouts) == 0 {
		return nil
	}
	p := r.Payouts[w.dice.roll("payout", len(r.Payouts))]
	var next Run
	var ts []ledger.Transaction
	var err error
	if r.State == Frozen && w.dice.roll("exclude", 3) > 0 {
		next, ts, err = r.Exclude(p.Publisher, "case-2", "bob", w.now)
	} else {
		next, ts, err = r.Cancel("enough", "ann", w.now)
	}
	if err != nil {
		if r.State == Frozen || r.State == Built || r.State == Approved {
			return violated("%s run %s: %v", r.State, r.ID, err)
		}
		return nil
	}
	if err := w.keep(*r, next, ts); err != nil && !errors.Is(err, errStale) && !errors.Is(err, errBooked) {
		return violated("booking the end of run %s: %v", r.ID, err)
	}
	return nil
}

// doubt notes that nobody knows what became of a payout that is sent.
func (w *world) doubt() error {
	for _, r := range w.runs {
		i := slices.IndexFunc(r.Payouts, func(p Payout) bool { return p.Status == Sent || p.Status == Unknown })
		if r.State != Released || i < 0 {
			continue
		}
		p := r.Payouts[i]
		if w.house.newIDOnRetry && p.Status == Unknown {
			return w.retry(r, p)
		}
		a := Answer{Payout: p.ID, Status: Unknown}
		if w.house.givesUp && p.Status == Unknown {
			a.Status = Rejected
		}
		next, ts, err := r.Answer(a, "ann", w.now)
		if err != nil {
			return violated("an unknown payout: %v", err)
		}
		if err := w.keep(r, next, ts); err != nil {
			return violated("booking an unknown payout: %v", err)
		}
		return nil
	}
	return nil
}

// retry sends an unknown payout again under another id, which the package gives no way to do.
func (w *world) retry(r Run, p Payout) error {
	again := r
	again.ID += "R"
	p.ID += "R"
	p.Status = Sent
	again.Payouts = []Payout{p}
	if slices.ContainsFunc(w.runs, func(o Run) bool { return o.ID == again.ID }) {
		return nil
	}
	w.runs = append(w.runs, again)
	w.receive(again)
	return nil
}

// receive is the bank taking in a file: each message id once.
func (w *world) receive(r Run) {
	if w.bank.seen[r.ID] {
		return
	}
	w.bank.seen[r.ID] = true
	for _, p := range r.Payouts {
		if !p.Status.live() {
			continue
		}
		truth := []Status{Paid, Paid, Rejected, Returned}[w.dice.roll("truth", 4)]
		w.bank.truth[p.ID], w.bank.amount[p.ID], w.bank.ref[p.ID] = truth, p.Net, "ref-"+p.ID
		a := Answer{Payout: p.ID, Status: truth, Amount: money.New(p.Net, r.Currency), Ref: "ref-" + p.ID, At: w.now}
		w.bank.outbox = append(w.bank.outbox, a)
		if truth == Returned {
			a.Status = Paid
			w.bank.outbox = append(w.bank.outbox, a)
		}
	}
}

// deliver brings one of the bank's answers, in any order, and often leaves it in the outbox to come again. After the final
// answer it may bring one that contradicts it, and any time one with another amount.
func (w *world) deliver() error {
	n := len(w.bank.outbox)
	if n == 0 {
		return nil
	}
	i := w.dice.roll("answer", n)
	a := w.bank.outbox[i]
	lie := ""
	switch w.dice.roll("trouble", 6) {
	case 0: // it comes again later
	case 1:
		a.Amount.Minor++
		lie = "another amount"
	case 2:
		if w.bank.settled[a.Payout] {
			lie = "a contradiction"
			a.Status, a.Ref = Rejected, ""
			if w.bank.truth[a.Payout] == Rejected {
				a.Status = Paid
			}
		}
	default:
		w.bank.outbox = slices.Delete(w.bank.outbox, i, i+1)
	}
	return w.answer(a, lie)
}

func (w *world) answer(a Answer, lie string) error {
	i := slices.IndexFunc(w.runs, func(r Run) bool { return r.Payout(a.Payout) != nil })
	if i < 0 {
		return violated("the bank executed payout %s, which no run has", a.Payout)
	}
	r := w.runs[i]
	next, ts, err := r.Answer(a, "cal", w.now)
	if lie != "" {
		if err == nil {
			return violated("%s is taken for an answer about payout %s", lie, a.Payout)
		}
		return nil
	}
	if err != nil {
		return violated("the bank's true answer is refused: %v", err)
	}
	if err := w.keep(r, next, ts); err != nil {
		return violated("the bank's true answer cannot be booked: %v", err)
	}
	if a.Status == w.bank.truth[a.Payout] {
		w.bank.settled[a.Payout] = true
	}
	// I8: the same answer again has no effect.
	if again, ts, err := next.Answer(a, "cal", w.now); err != nil || len(ts) != 0 || serial(again) != serial(next) {
		return violated("the same answer again: %v, %v", ts, err)
	}
	return nil
}

// check looks at the invariants that hold after every step.
func (w *world) check() error {
	for c, sum := range w.book.TrialBalance() { // I1
		if sum != 0 {
			return unsound("the balances in %s add up to %d", c, sum)
		}
	}
	for _, l := range w.book.Lines() { // I3
		if b := w.book.Balance(l.Account, l.Currency); b < 0 && l.Account.Kind.NeverNegative() || b > 0 && l.Account.Kind.NeverPositive() {
			return unsound("%v is at %d", l.Account, b)
		}
	}
	for id, amount := range w.paid { // I5: at most once, and only what the bank was given
		if amount != 0 && amount != w.bank.amount[id] {
			return unsound("payout %s of %d is booked as paid with %d", id, w.bank.amount[id], amount)
		}
	}
	if w.house.anyRevision && !w.house.causesRepeat {
		return nil // the runs overwrite each other; only the books are promised
	}
	reserved, clearing, fees := int64(0), int64(0), int64(0)
	for _, r := range w.runs {
		for _, p := range r.Payouts {
			switch p.Status {
			case Reserved:
				reserved += p.Gross
			case Sent, Unknown:
				clearing += p.Net
				fees += p.Fee
			case Paid, Returned:
				fees += p.Fee
			}
		}
	}
	is := make(map[ledger.Kind]int64)
	for _, l := range w.book.Lines() {
		is[l.Account.Kind] += w.book.Balance(l.Account, l.Currency)
	}
	if is[ledger.Reserved] != reserved || is[ledger.Clearing] != clearing || is[ledger.Fees] != fees {
		return violated("reserved %d, clearing %d, fees %d; the runs say %d, %d, %d", is[ledger.Reserved], is[ledger.Clearing], is[ledger.Fees], reserved, clearing, fees)
	}
	if is[ledger.Approved] != 0 {
		return violated("approved holds %d between transactions", is[ledger.Approved])
	}
	// I6: what was earned is somewhere.
	for _, p := range w.payees {
		var there int64
		for _, k := range []ledger.Kind{ledger.Available, ledger.Clawback, ledger.Reserved, ledger.Paid} {
			there += w.book.Balance(ledger.Of(k, w.terms.Program, p.Publisher), w.terms.Currency)
		}
		for _, r := range w.runs {
			for _, pay := range r.Payouts {
				if pay.Publisher != p.Publisher {
					continue
				}
				switch pay.Status {
				case Sent, Unknown:
					there += pay.Gross
				case Paid, Returned:
					there += pay.Fee + pay.Tax
				}
			}
		}
		if there != w.earned[p.Publisher] {
			return violated("%s earned %d, and %d is there", p.Publisher, w.earned[p.Publisher], there)
		}
	}
	return nil
}

// finish brings every run to its end, checks that clearing is back at zero and that the bank paid what the books say, and
// proves the day.
func (w *world) finish() error {
	for i := range w.runs {
		r := w.runs[i]
		if r.State == Released {
			w.receive(r) // the file arrives in the end
		}
	}
	for _, a := range w.bank.outbox {
		if err := w.answer(a, ""); err != nil {
			return err
		}
	}
	w.bank.outbox = nil
	if err := w.check(); err != nil {
		return err
	}
	for _, l := range w.book.Lines() { // I12
		if b := w.book.Balance(l.Account, l.Currency); l.Account.Kind == ledger.Clearing && b != 0 {
			return violated("everything is answered, and %v holds %d", l.Account, b)
		}
	}
	var executed, booked int64
	for id, s := range w.bank.truth { // I5
		if s == Paid {
			executed += w.bank.amount[id]
		}
	}
	for _, amount := range w.paid {
		booked += amount
	}
	if executed != booked {
		return violated("the bank paid %d, the books say %d", executed, booked)
	}
	report := w.proof()
	for _, d := range report.Differences {
		return violated("daily proof: %v", d)
	}
	return nil
}

// proof proves the world's books.
func (w *world) proof() ProofReport {
	in := ProofInput{At: w.now, Journal: &Journal{}, Balances: &w.book, Runs: w.runs}
	for i := range w.journal {
		if err := in.Journal.Add(&w.journal[i]); err != nil {
			panic(err)
		}
	}
	for p, amount := range w.earned {
		in.Decisions = append(in.Decisions, DecisionSum{w.terms.Program, p, "approved", w.terms.Currency, amount})
	}
	for _, r := range w.runs {
		in.Files = append(in.Files, contents(r)...)
	}
	return Proof(in)
}

// contents are the files of a run as the bank would read them.
func contents(r Run) []FileContent {
	var cs []FileContent
	for _, f := range r.Files {
		c := FileContent{Run: r.ID, Name: f.Name, SHA256: f.SHA256, Currency: r.Currency}
		for _, p := range r.Payouts {
			if p.Status != Excluded && slices.Contains(f.Methods, p.Method) {
				c.Payments = append(c.Payments, FilePayment{p.ID, p.Net})
			}
		}
		cs = append(cs, c)
	}
	return cs
}

// I1, I3, I5, I6, I8, I11, I12: random runs with lost, late, repeated, swapped and contradictory answers, retries, stale
// copies and cancelled runs leave the books sound.
func TestM5_RandomRunsKeepTheBooksSound(t *testing.T) {
	events := 0
	rapid.Check(t, func(t *rapid.T) {
		if _, err := play(rapidDice{t}, house{}); err != nil {
			t.Fatal(err)
		}
		events += steps
	})
	t.Logf("events: %d", events)
}

// The histories of the model reach everything: a property over nothing proves nothing.
func TestM5_TheModelReachesEveryState(t *testing.T) {
	states, statuses, refusals := make(map[State]int), make(map[Status]int), make(map[Code]int)
	for seed := range int64(100) {
		w, err := play(seedDice{rand.New(rand.NewSource(seed))}, house{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range w.runs {
			states[r.State]++
			for _, p := range r.Payouts {
				statuses[p.Status]++
			}
			for _, p := range r.Passed {
				refusals[p.Refusal.Code]++
			}
		}
	}
	t.Logf("%v\n%v\n%v", states, statuses, refusals)
	for _, s := range []State{Frozen, Built, Approved, Released, Closed, Cancelled} {
		if states[s] < 10 {
			t.Errorf("%d runs end as %s", states[s], s)
		}
	}
	for _, s := range []Status{Reserved, Excluded, NotSent, Paid, Rejected, Returned} {
		if statuses[s] < 10 {
			t.Errorf("%d payouts end as %s", statuses[s], s)
		}
	}
	for _, c := range []Code{BelowMinimum, NotAboveMinimum, InDebt, FraudHold, DetailsFrozen} {
		if refusals[c] < 10 {
			t.Errorf("%d publishers are refused as %s", refusals[c], c)
		}
	}
}

// Each guard of the books is enough by itself: the states and revisions of runs without unique causes, and unique causes
// where the store takes any revision. (Then runs may overwrite each other, but nothing is booked or paid twice.)
func TestM5_EachGuardStandsAlone(t *testing.T) {
	for seed := range int64(100) {
		if _, err := play(seedDice{rand.New(rand.NewSource(seed))}, house{causesRepeat: true}); err != nil {
			t.Errorf("without unique causes, seed %d: %v", seed, err)
		}
		_, err := play(seedDice{rand.New(rand.NewSource(seed))}, house{anyRevision: true})
		var v *violation
		if errors.As(err, &v) && v.money {
			t.Errorf("without revisions, seed %d: %v", seed, err)
		}
	}
}

// Red controls: every mistake that is switched on is noticed.
func TestM5_RedControls(t *testing.T) {
	for _, c := range []struct {
		name  string
		house house
		want  string // what is noticed
	}{
		{"pays below the minimum", house{flaw: ignoresMinimum}, "paid true"},
		{"pays during a fraud case", house{flaw: paysInFraudHold}, "paid true"},
		{"pays to details that were just changed", house{flaw: paysNewDetails}, "paid true"},
		{"reserves nothing", house{flaw: reservesNothing}, ""},
		{"the maker approves", house{flaw: approvesAlone}, "the maker approved"},
		{"does not compare the totals", house{flaw: ignoresTotals}, "wrong totals"},
		{"books a final answer again, and the ledger lets it", house{flaw: answersTwice, causesRepeat: true}, ""},
		{"books a final answer again, and the ledger does not let it", house{flaw: answersTwice}, ""},
		{"keeps the fee of a rejected payout", house{flaw: keepsFee}, ""},
		{"takes any amount for an answer", house{flaw: ignoresAmount}, "another amount"},
		{"gives up on an unknown payout", house{givesUp: true}, "true answer is refused"},
		{"sends an unknown payout again under a new id", house{newIDOnRetry: true}, ""},
		{"neither revisions nor unique causes", house{anyRevision: true, causesRepeat: true}, ""},
		{"debts are not settled", house{forgetsToSettle: true}, ""},
	} {
		found, first := 0, error(nil)
		const seeds = 60
		for seed := range int64(seeds) {
			_, err := play(seedDice{rand.New(rand.NewSource(seed))}, c.house)
			var v *violation
			if !errors.As(err, &v) {
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				continue
			}
			if strings.Contains(v.text, c.want) {
				found++
				if first == nil {
					first = err
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: nobody noticed", c.name)
			continue
		}
		t.Logf("%s: %d of %d histories; first: %v", c.name, found, seeds, first)
	}
}
