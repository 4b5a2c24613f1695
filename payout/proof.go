package payout

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// ProofInput is what the daily proof compares (M5). Everything must be read from one consistent state of the store.
type ProofInput struct {
	At        time.Time
	Decisions []DecisionSum // the newest decisions, added up
	Journal   *Journal      // all transactions
	Balances  *ledger.Book  // as stored
	Runs      []Run         // all runs
	Files     []FileContent // the kept bank files, read back
	// ClearingWithin is how long the bank may take to answer. 0: any time.
	ClearingWithin time.Duration
}

// DecisionSum is what decisions in a state add up to.
type DecisionSum struct {
	Program   program.ID
	Publisher string
	State     string // tracked, pending, approved; others are passed over
	Currency  money.Currency
	Amount    int64
}

// FileContent is what stands in a bank file.
type FileContent struct {
	Run, Name string
	SHA256    string
	Currency  money.Currency
	Payments  []FilePayment
}

// FilePayment is one payment of a bank file.
type FilePayment struct {
	Payout string
	Amount int64
}

// Check names one comparison of the proof.
type Check string

// The comparisons.
const (
	OrdersPostings   Check = "orders_postings"   // what was decided is what was posted
	PostingsBalances Check = "postings_balances" // the journal adds up to the stored balances
	ZeroSum          Check = "zero_sum"          // the balances of a program in a currency add up to zero
	Limits           Check = "limits"            // no account is past zero that must not be
	RunsPostings     Check = "runs_postings"     // each payout is booked as far as it has come, and nothing else is
	RunsBalances     Check = "runs_balances"     // reserved, clearing, paid and fees hold what the runs say
	RunsFiles        Check = "runs_files"        // the bank files hold the payouts of their runs
	ClearingAge      Check = "clearing_age"      // nothing waits too long for the bank's answer
)

// Checks are all comparisons, in their order.
func Checks() []Check {
	return []Check{OrdersPostings, PostingsBalances, ZeroSum, Limits, RunsPostings, RunsBalances, RunsFiles, ClearingAge}
}

// Difference is two figures that must be equal and are not.
type Difference struct {
	Check    Check          `json:"check"`
	Subject  string         `json:"subject"` // an account, a payout, a file
	Left     string         `json:"left"`    // what the one figure is
	LeftIs   int64          `json:"left_is"`
	Right    string         `json:"right"`
	RightIs  int64          `json:"right_is"`
	Amount   int64          `json:"amount"` // LeftIs - RightIs
	Currency money.Currency `json:"currency"`
	Note     string         `json:"note,omitempty"`
}

// String says the difference in a line.
func (d Difference) String() string {
	amount := func(minor int64) string { return money.New(minor, d.Currency).String() }
	s := fmt.Sprintf("%s: %s: %s %s, %s %s: difference %s", d.Check, d.Subject, d.Left, amount(d.LeftIs), d.Right, amount(d.RightIs), amount(d.Amount))
	if d.Note != "" {
		s += " (" + d.Note + ")"
	}
	return s
}

// CheckResult says how much a comparison looked at.
type CheckResult struct {
	Check       Check `json:"check"`
	Compared    int   `json:"compared"`
	Differences int   `json:"differences"`
}

// ProofReport is the outcome of the daily proof. It holds when there is no difference.
type ProofReport struct {
	At           time.Time     `json:"at"`
	Transactions int64         `json:"transactions"`
	Checks       []CheckResult `json:"checks"`
	Differences  []Difference  `json:"differences"`
}

// Holds reports whether everything agrees.
func (r *ProofReport) Holds() bool { return len(r.Differences) == 0 }

// Proof compares orders, postings, balances, payouts and bank files (M5). Each difference is named with its amount.
func Proof(in ProofInput) ProofReport {
	p := prover{in: &in, compared: make(map[Check]int), payouts: make(map[string]bool)}
	p.orders()
	p.balances()
	p.runs()
	p.files()
	r := ProofReport{At: in.At.UTC(), Transactions: in.Journal.Count, Differences: []Difference{}}
	for _, c := range Checks() {
		of := slices.DeleteFunc(slices.Clone(p.differences), func(d Difference) bool { return d.Check != c })
		slices.SortStableFunc(of, func(a, b Difference) int {
			return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Left, b.Left))
		})
		r.Checks = append(r.Checks, CheckResult{c, p.compared[c], len(of)})
		r.Differences = append(r.Differences, of...)
	}
	return r
}

type prover struct {
	in          *ProofInput
	compared    map[Check]int
	differences []Difference
	payouts     map[string]bool // causes that the runs account for
}

func (p *prover) compare(d Difference) {
	p.compared[d.Check]++
	if d.Amount = d.LeftIs - d.RightIs; d.Amount != 0 {
		p.differences = append(p.differences, d)
	}
}

// orders compares what was decided with what was posted.
func (p *prover) orders() {
	type key struct {
		publisherKey
		stage ledger.Kind
	}
	decided, posted := make(map[key]int64), make(map[key]int64)
	for _, d := range p.in.Decisions {
		k := key{publisherKey{programKey{d.Program, d.Currency}, d.Publisher}, 0}
		switch d.State {
		case "tracked":
			k.stage = ledger.Tracked
		case "pending":
			k.stage = ledger.Pending
		case "approved":
			k.stage = ledger.Approved
		default:
			continue
		}
		decided[k] += d.Amount
	}
	j := p.in.Journal
	for _, l := range j.book.Lines() {
		a := l.Account
		switch a.Kind {
		case ledger.Tracked, ledger.Pending:
		case ledger.Hold: // what a case keeps back is pending
			a.Kind = ledger.Pending
		default:
			continue
		}
		posted[key{publisherKey{programKey{a.Program, l.Currency}, a.Owner}, a.Kind}] += j.book.Balance(l.Account, l.Currency)
	}
	for pub, amount := range j.approved {
		posted[key{pub, ledger.Approved}] += amount
	}
	keys := make(map[key]bool)
	for k := range decided {
		keys[k] = true
	}
	for k := range posted {
		keys[k] = true
	}
	for k := range keys {
		p.compare(Difference{
			Check: OrdersPostings, Subject: ledger.Of(k.stage, k.program, k.publisher).String(), Left: "orders", LeftIs: decided[k],
			Right: "postings", RightIs: posted[k], Currency: k.currency,
		})
	}
}

// balances compares the journal with the stored balances, and looks at these by themselves.
func (p *prover) balances() {
	stored, journal := p.in.Balances, &p.in.Journal.book
	lines := append(stored.Lines(), journal.Lines()...)
	seen := make(map[ledger.Key]bool)
	sums := make(map[programKey]int64)
	for _, l := range lines {
		if seen[l] {
			continue
		}
		seen[l] = true
		is := stored.Balance(l.Account, l.Currency)
		p.compare(Difference{
			Check: PostingsBalances, Subject: l.Account.String(), Left: "postings", LeftIs: journal.Balance(l.Account, l.Currency),
			Right: "balance", RightIs: is, Currency: l.Currency,
		})
		sums[programKey{l.Account.Program, l.Currency}] += is
		var limit int64
		if k := l.Account.Kind; (is < 0 && k.NeverNegative()) || (is > 0 && k.NeverPositive()) {
			limit = is
		}
		p.compare(Difference{Check: Limits, Subject: l.Account.String(), Left: "balance", LeftIs: limit, Right: "limit", Currency: l.Currency})
	}
	for k, sum := range sums {
		p.compare(Difference{
			Check: ZeroSum, Subject: "program " + string(k.program), Left: "all balances", LeftIs: sum, Right: "nothing", Currency: k.currency,
		})
	}
}

// runs compares the runs with what is booked about their payouts, and with the balances that they explain.
func (p *prover) runs() {
	expect := make(map[ledger.Key]int64)
	for i := range p.in.Runs {
		r := &p.in.Runs[i]
		if r.State == Draft {
			continue
		}
		for n := range r.Payouts {
			pay := &r.Payouts[n]
			for _, t := range r.booked(pay) {
				p.cause(r, pay, &t)
				for _, post := range t.Postings() {
					expect[ledger.Key{Account: post.Account, Currency: r.Currency}] += post.Amount
				}
			}
			p.age(r, pay)
		}
	}
	for k, fee := range p.in.Journal.fees {
		expect[ledger.Key{Account: FeesOf(k.program), Currency: k.currency}] += fee
	}
	explained := func(a ledger.Account) bool {
		switch a.Kind {
		case ledger.Reserved, ledger.Clearing, ledger.Paid, ledger.Fees:
			return true
		case ledger.Bank:
			return strings.HasPrefix(a.Owner, "tax/")
		}
		return false
	}
	keys := make(map[ledger.Key]bool)
	for k := range expect {
		keys[k] = true
	}
	for _, l := range p.in.Balances.Lines() {
		keys[l] = true
	}
	for k := range keys {
		if explained(k.Account) {
			p.compare(Difference{
				Check: RunsBalances, Subject: k.Account.String(), Left: "payouts", LeftIs: expect[k], Right: "balance",
				RightIs: p.in.Balances.Balance(k.Account, k.Currency), Currency: k.Currency,
			})
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(p.in.Journal.payouts)) {
		if p.payouts[cause] {
			continue
		}
		e := p.in.Journal.payouts[cause]
		p.compare(Difference{
			Check: RunsPostings, Subject: cause, Left: "payouts", Right: "postings", RightIs: e.sum(), Currency: e.currency,
			Note: "booked, and no run accounts for it",
		})
	}
}

func (e *payoutEntry) sum() int64 {
	var s int64
	for _, amount := range e.amounts {
		s += amount
	}
	return s
}

// cause compares one transaction that a payout must have brought about with the journal.
func (p *prover) cause(r *Run, pay *Payout, t *ledger.Transaction) {
	p.payouts[t.Cause] = true
	d := Difference{
		Check: RunsPostings, Subject: t.Cause, Left: "payout", LeftIs: moved(t), Right: "postings",
		Currency: r.Currency, Note: fmt.Sprintf("run %s, payout %s, %s", r.ID, pay.ID, pay.Status),
	}
	if e := p.in.Journal.payouts[t.Cause]; e != nil {
		d.RightIs = e.amounts[t.Reason]
		for _, reason := range slices.Sorted(maps.Keys(e.amounts)) {
			if reason != t.Reason { // the right cause for the wrong thing
				d.Note += ", booked as " + string(reason) + " of " + money.New(e.amounts[reason], e.currency).String()
			}
		}
	}
	p.compare(d)
}

// age names what waits too long for the bank's answer.
func (p *prover) age(r *Run, pay *Payout) {
	if pay.Status != Sent && pay.Status != Unknown {
		return
	}
	waits := p.in.At.Sub(r.ReleasedBy.At)
	var late int64
	if p.in.ClearingWithin > 0 && waits > p.in.ClearingWithin {
		late = pay.Net
	}
	p.compare(Difference{
		Check: ClearingAge, Subject: pay.ID, Left: "waits for the bank", LeftIs: late, Right: "may wait", Currency: r.Currency,
		Note: fmt.Sprintf("run %s, %s for %d days", r.ID, pay.Status, int(waits/(24*time.Hour))),
	})
}

// files compares the bank files with their runs, payment by payment.
func (p *prover) files() {
	type name struct{ run, file string }
	contents := make(map[name]*FileContent)
	for i := range p.in.Files {
		f := &p.in.Files[i]
		contents[name{f.Run, f.Name}] = f
	}
	for i := range p.in.Runs {
		r := &p.in.Runs[i]
		if r.BuiltBy.At.IsZero() {
			continue
		}
		inFile := make(map[string]int64) // what the files say, by payout
		for _, f := range r.Files {
			c := contents[name{r.ID, f.Name}]
			delete(contents, name{r.ID, f.Name})
			d := Difference{Check: RunsFiles, Subject: r.ID + " " + f.Name, Left: "built", LeftIs: f.Total, Right: "file", Currency: r.Currency}
			switch {
			case c == nil:
				d.Note = "the bank file is missing"
			case c.SHA256 != f.SHA256:
				d.Note = "the bytes are not those that were built, so none of its payments count"
			default:
				d.RightIs = sum(c.Payments)
				for _, pay := range c.Payments {
					inFile[pay.Payout] += pay.Amount
				}
			}
			p.compare(d)
		}
		for n := range r.Payouts {
			pay := &r.Payouts[n]
			if pay.Status == Excluded {
				continue
			}
			p.compare(Difference{
				Check: RunsFiles, Subject: pay.ID, Left: "payout", LeftIs: pay.Net, Right: "file", RightIs: inFile[pay.ID], Currency: r.Currency,
				Note: "run " + r.ID,
			})
			delete(inFile, pay.ID)
		}
		for id, amount := range inFile {
			p.compare(Difference{
				Check: RunsFiles, Subject: id, Left: "payout", Right: "file", RightIs: amount, Currency: r.Currency,
				Note: "a file of run " + r.ID + " pays what the run does not",
			})
		}
	}
	for n, c := range contents {
		p.compare(Difference{
			Check: RunsFiles, Subject: n.run + " " + n.file, Left: "built", Right: "file", RightIs: sum(c.Payments), Currency: c.Currency,
			Note: "a bank file that no run has",
		})
	}
}

func sum(payments []FilePayment) int64 {
	var s int64
	for _, p := range payments {
		s += p.Amount
	}
	return s
}
