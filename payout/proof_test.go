package payout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// books are a small set of books with everything that the proof looks at.
type books struct {
	t       testing.TB
	book    ledger.Book
	journal []ledger.Transaction
	runs    []Run
	files   []FileContent
	sums    []DecisionSum
}

func (b *books) post(ts ...ledger.Transaction) {
	b.t.Helper()
	for _, t := range ts {
		t = b.book.Settle(t)
		if err := b.book.Post(&t); err != nil {
			b.t.Fatal(err)
		}
		b.journal = append(b.journal, t)
	}
}

// event books movements of publisher p under the next order's cause: "fund>pending 10.00".
func (b *books) event(reason ledger.Reason, p string, moves ...string) {
	b.t.Helper()
	t := ledger.Transaction{
		Cause: fmt.Sprintf("order/shop/%d", len(b.journal)), Reason: reason, Program: "shop", Publisher: p, Currency: "USD",
		EffectiveAt: noon.Add(time.Duration(len(b.journal)) * time.Minute),
	}
	for _, m := range moves {
		accounts, amount, _ := strings.Cut(m, " ")
		from, to, _ := strings.Cut(accounts, ">")
		minor, err := money.ParseMinor(amount, 2)
		if err != nil {
			b.t.Fatal(err)
		}
		t.Movements = append(t.Movements, ledger.Movement{From: account(b.t, from, p), To: account(b.t, to, p), Amount: minor})
	}
	b.post(t)
}

func account(t testing.TB, kind, p string) ledger.Account {
	t.Helper()
	k, err := ledger.ParseKind(kind)
	if err != nil {
		t.Fatal(err)
	}
	if k == ledger.Fund || k == ledger.Fees || k == ledger.Bonus {
		p = ""
	}
	return ledger.Of(k, "shop", p)
}

func (b *books) decided(p, state string, minor int64) {
	b.sums = append(b.sums, DecisionSum{"shop", p, state, "USD", minor})
}

func (b *books) input() ProofInput {
	j := &Journal{}
	for i := range b.journal {
		if err := j.Add(&b.journal[i]); err != nil {
			b.t.Fatal(err)
		}
	}
	var stored ledger.Book
	if err := stored.Merge(&b.book); err != nil {
		b.t.Fatal(err)
	}
	return ProofInput{
		At: noon.Add(5 * 24 * time.Hour), Decisions: slices.Clone(b.sums), Journal: j, Balances: &stored, Runs: slices.Clone(b.runs),
		Files: slices.Clone(b.files), ClearingWithin: 10 * 24 * time.Hour,
	}
}

// sound are books with a closed run, a released one, a cancelled one and a frozen one, a debt, a fraud case and an appeal.
func sound(t testing.TB) *books {
	b := &books{t: t}
	// a: 60.00 approved, 5.00 tracked; b: 40.00 approved; c: 50.00 approved, of which 45.00 are taken back after they are paid.
	b.event(ledger.ReasonTrack, "a", "fund>tracked 65.00")
	b.event(ledger.ReasonPend, "a", "tracked>pending 60.00")
	b.event(ledger.ReasonApprove, "a", "pending>approved 60.00", "approved>available 60.00", "fund>fees 6.00")
	b.event(ledger.ReasonApprove, "b", "fund>approved 40.00", "approved>available 40.00", "fund>fees 4.00")
	b.event(ledger.ReasonApprove, "c", "fund>approved 50.00", "approved>available 50.00")
	// d: 9.00 pending, of which 4.00 are held by a fraud case; 7.00 approved again on appeal after they were taken.
	b.event(ledger.ReasonPend, "d", "fund>pending 9.00")
	b.event(ledger.ReasonHold, "d", "pending>hold 6.00")
	b.event(ledger.ReasonUnhold, "d", "hold>pending 2.00")
	b.event(ledger.ReasonApprove, "d", "fund>approved 7.00", "approved>available 7.00", "fund>fees 0.70")
	b.event(ledger.ReasonAntispam, "d", "available>approved 7.00", "approved>fund 7.00", "fees>fund 0.70")
	b.event(ledger.ReasonAppeal, "d", "fund>available 7.00")

	run := func(way Way, at time.Time, cs ...Candidate) Run {
		r, err := Open(onRequest(), Today(onRequest(), way, at), b.runs, "ann", at)
		must(t, err)
		r, ts, err := r.Freeze(onRequest(), cs, payer, "ann", at)
		must(t, err)
		b.post(ts...)
		return r
	}
	send := func(r Run, at time.Time) Run {
		r, err := r.Build(filesOf(r), "ann", at)
		must(t, err)
		total := r.Totals()
		r, err = r.Approve(Approval{"bob", total.Payments, money.New(total.Net, "USD").Decimal()}, at)
		must(t, err)
		r, ts, err := r.Release("ann", at)
		must(t, err)
		b.post(ts...)
		return r
	}
	answer := func(r Run, i int, s Status) Run {
		r, ts, err := r.Answer(Answer{Payout: r.Payouts[i].ID, Status: s, Amount: money.New(r.Payouts[i].Net, "USD"), Ref: "7"}, "cal", noon.Add(time.Hour))
		must(t, err)
		b.post(ts...)
		return r
	}
	one := run(Manual, noon, candidate("a", "bank_transfer", "DE", 6000), candidate("b", "paypal", "DE", 4000), candidate("c", "bank_transfer", "JP", 5000))
	one = answer(answer(answer(send(one, noon), 0, Paid), 1, Rejected), 2, Returned)
	one, err := one.Close("ann", noon)
	must(t, err)
	// c has 35.00 again; 45.00 are taken back, so 10.00 are owed.
	b.event(ledger.ReasonReversal, "c", "available>approved 45.00", "approved>fund 45.00")
	b.event(ledger.ReasonBonus, "c", "bonus>available 2.00")

	two := send(run(Requested, noon, candidate("b", "paypal", "DE", 4000)), noon)
	b.event(ledger.ReasonApprove, "a", "fund>approved 30.00", "approved>available 30.00")
	gone := run(Manual, noon.Add(24*time.Hour), candidate("a", "bank_transfer", "DE", 3000))
	gone, err = gone.Build(filesOf(gone), "ann", noon)
	must(t, err)
	gone, ts, err := gone.Cancel("no", "ann", noon)
	must(t, err)
	b.post(ts...)
	b.runs = append(b.runs, gone)
	ice := run(Manual, noon.Add(24*time.Hour), candidate("a", "bank_transfer", "DE", 3000))
	draft, err := Open(onRequest(), Today(onRequest(), Requested, noon.Add(48*time.Hour)), nil, "ann", noon)
	must(t, err)
	b.runs = []Run{one, two, gone, ice, draft}
	for _, r := range b.runs {
		b.files = append(b.files, contents(r)...)
	}
	b.decided("a", "tracked", 500)
	b.decided("a", "approved", 9000)
	b.decided("b", "approved", 4000)
	b.decided("c", "approved", 500)
	b.decided("d", "pending", 900)
	b.decided("d", "approved", 700)
	b.decided("e", "declined", 0)
	b.decided("e", "unattributed", 12345)
	return b
}

// M5: sound books are proved, and something was compared in each check.
func TestM5_ProofOfSoundBooks(t *testing.T) {
	b := sound(t)
	r := Proof(b.input())
	for _, d := range r.Differences {
		t.Errorf("%v", d)
	}
	if !r.Holds() || r.Transactions != int64(len(b.journal)) {
		t.Errorf("%d transactions, holds: %v", r.Transactions, r.Holds())
	}
	for _, c := range r.Checks {
		if c.Compared == 0 || c.Differences != 0 {
			t.Errorf("%s compared %d", c.Check, c.Compared)
		}
	}
	// Payouts: three of the closed run (3 + 3 + 4 transactions), one sent (2), one cancelled (2), one frozen (1).
	if c := r.Checks[4]; c.Check != RunsPostings || c.Compared != 15 {
		t.Errorf("%+v", c)
	}
	// Files: 2 + 1 + 1, with 3 + 1 + 1 payments.
	if c := r.Checks[6]; c.Check != RunsFiles || c.Compared != 9 {
		t.Errorf("%+v", c)
	}
}

// M5, red controls of the proof: each thing that can be wrong is named, with its amount.
func TestM5_ProofNamesEachDifference(t *testing.T) {
	available := ledger.Of(ledger.Available, "shop", "a")
	type change struct {
		name string
		do   func(b *books, in *ProofInput)
		want []string
	}
	without := func(b *books, in *ProofInput, cause string) {
		in.Journal = &Journal{}
		for i := range b.journal {
			if b.journal[i].Cause != cause {
				must(b.t, in.Journal.Add(&b.journal[i]))
			}
		}
	}
	good := sound(t)
	one, two, ice := good.runs[0], good.runs[1], good.runs[3]
	final := causeFinal(one.Payouts[0].ID)
	for _, c := range []change{
		{"a decision more than is posted", func(_ *books, in *ProofInput) { in.Decisions[1].Amount += 12 },
			[]string{"orders_postings: approved:shop:a: orders 90.12 USD, postings 90.00 USD: difference 0.12 USD"}},
		{"a decision that is not posted", func(_ *books, in *ProofInput) {
			in.Decisions = append(in.Decisions, DecisionSum{"shop", "z", "pending", "USD", 5})
		}, []string{"orders_postings: pending:shop:z: orders 0.05 USD, postings 0.00 USD: difference 0.05 USD"}},
		{"a posting without a decision", func(_ *books, in *ProofInput) { in.Decisions = in.Decisions[1:] },
			[]string{"orders_postings: tracked:shop:a: orders 0.00 USD, postings 5.00 USD: difference -5.00 USD"}},
		{"a balance that was touched", func(_ *books, in *ProofInput) { in.Balances.Set(available, "USD", 7) },
			[]string{"postings_balances: available:shop:a: postings 0.00 USD, balance 0.07 USD: difference -0.07 USD", "zero_sum: program shop: all balances 0.07 USD, nothing 0.00 USD: difference 0.07 USD"}},
		{"a balance past zero", func(_ *books, in *ProofInput) { in.Balances.Set(available, "USD", -7) },
			[]string{"postings_balances: available:shop:a: postings 0.00 USD, balance -0.07 USD: difference 0.07 USD", "zero_sum: program shop: all balances -0.07 USD, nothing 0.00 USD: difference -0.07 USD", "limits: available:shop:a: balance -0.07 USD, limit 0.00 USD: difference -0.07 USD"}},
		{"a debt above zero", func(_ *books, in *ProofInput) {
			in.Balances.Set(ledger.Of(ledger.Clawback, "shop", "z"), "USD", 1)
			in.Balances.Set(ledger.Of(ledger.Available, "shop", "z"), "USD", -1)
		}, []string{"postings_balances: available:shop:z", "postings_balances: clawback:shop:z", "limits: available:shop:z", "limits: clawback:shop:z"}},
		{"a payout that is not booked", func(b *books, in *ProofInput) { without(b, in, final) },
			[]string{"postings_balances: clearing:shop:bank_transfer: postings 60.00 USD, balance 0.00 USD", "postings_balances: paid:shop:a: postings 0.00 USD, balance 60.00 USD",
				"runs_postings: " + final + ": payout 60.00 USD, postings 0.00 USD: difference 60.00 USD (run " + one.ID + ", payout " + one.Payouts[0].ID + ", paid)"}},
		{"a payout that is booked twice", func(b *books, in *ProofInput) {
			for _, t := range b.journal {
				if t.Cause == final {
					must(b.t, in.Journal.Add(&t))
				}
			}
		}, []string{"postings_balances: clearing", "postings_balances: paid:shop:a: postings 120.00 USD", "runs_postings: " + final + ": payout 60.00 USD, postings 120.00 USD: difference -60.00 USD"}},
		{"a payout booked for another reason", func(b *books, in *ProofInput) {
			without(b, in, final)
			for _, t := range b.journal {
				if t.Cause == final {
					t.Reason = ledger.ReasonReject
					must(b.t, in.Journal.Add(&t))
				}
			}
		}, []string{"runs_postings: " + final + ": payout 60.00 USD, postings 0.00 USD: difference 60.00 USD (run " + one.ID + ", payout " + one.Payouts[0].ID + ", paid, booked as reject of 60.00 USD)"}},
		{"a payout of no run", func(b *books, in *ProofInput) { in.Runs = append(slices.Clone(in.Runs[:3]), in.Runs[4]) },
			[]string{"runs_postings: payout/" + ice.ID + "/a: payouts 0.00 USD, postings 30.00 USD: difference -30.00 USD (booked, and no run accounts for it)",
				"runs_balances: reserved:shop:a: payouts 0.00 USD, balance 30.00 USD: difference -30.00 USD"}},
		{"a run that says paid too early", func(_ *books, in *ProofInput) {
			r := in.Runs[1]
			r.Payouts = slices.Clone(r.Payouts)
			r.Payouts[0].Status = Paid
			in.Runs[1] = r
		}, []string{"runs_postings: " + causeFinal(two.Payouts[0].ID) + ": payout 39.00 USD, postings 0.00 USD", "runs_balances: clearing:shop:paypal: payouts 0.00 USD, balance 39.00 USD: difference -39.00 USD",
			"runs_balances: paid:shop:b: payouts 39.00 USD, balance 0.00 USD"}},
		{"a fee that nobody took", func(_ *books, in *ProofInput) {
			in.Balances.Set(FeesOf("shop"), "USD", in.Balances.Balance(FeesOf("shop"), "USD")+100)
		}, []string{"postings_balances: fees:shop:", "zero_sum", "runs_balances: fees:shop: payouts 26.00 USD, balance 27.00 USD: difference -1.00 USD"}},
		{"another amount in a file", func(_ *books, in *ProofInput) {
			in.Files[0].Payments = slices.Clone(in.Files[0].Payments)
			in.Files[0].Payments[0].Amount++
		}, []string{"runs_files: " + one.Payouts[0].ID + ": payout 60.00 USD, file 60.01 USD: difference -0.01 USD (run " + one.ID + ")", "runs_files: " + one.ID + " " + one.Files[0].Name + ": built 95.00 USD, file 95.01 USD: difference -0.01 USD"}},
		{"a payment too many in a file", func(_ *books, in *ProofInput) {
			in.Files[2].Payments = append(slices.Clone(in.Files[2].Payments), FilePayment{"P-X", 3})
		}, []string{"runs_files: P-X: payout 0.00 USD, file 0.03 USD: difference -0.03 USD (a file of run " + two.ID + " pays what the run does not)", "runs_files: " + two.ID}},
		{"other bytes", func(_ *books, in *ProofInput) { in.Files[2].SHA256 = "x" },
			[]string{"runs_files: " + two.Payouts[0].ID + ": payout 39.00 USD, file 0.00 USD", "runs_files: " + two.ID + " " + two.Files[0].Name + ": built 39.00 USD, file 0.00 USD: difference 39.00 USD (the bytes are not those that were built"}},
		{"a file that is gone", func(_ *books, in *ProofInput) { in.Files = slices.Delete(in.Files, 2, 3) },
			[]string{"runs_files: " + two.Payouts[0].ID, "runs_files: " + two.ID + " " + two.Files[0].Name + ": built 39.00 USD, file 0.00 USD: difference 39.00 USD (the bank file is missing)"}},
		{"a file of no run", func(_ *books, in *ProofInput) {
			in.Files = append(in.Files, FileContent{Run: "R", Name: "f", Currency: "USD", Payments: []FilePayment{{"P", 9}}})
		}, []string{"runs_files: R f: built 0.00 USD, file 0.09 USD: difference -0.09 USD (a bank file that no run has)"}},
		{"a payout in no file", func(_ *books, in *ProofInput) {
			r := in.Runs[1]
			r.Files = nil
			in.Runs[1] = r
			in.Files = slices.Delete(in.Files, 2, 3)
		}, []string{"runs_files: " + two.Payouts[0].ID + ": payout 39.00 USD, file 0.00 USD: difference 39.00 USD"}},
		{"a bank that is silent", func(_ *books, in *ProofInput) { in.At = noon.Add(11 * 24 * time.Hour) },
			[]string{"clearing_age: " + two.Payouts[0].ID + ": waits for the bank 39.00 USD, may wait 0.00 USD: difference 39.00 USD (run " + two.ID + ", sent for 11 days)"}},
	} {
		b := sound(t)
		in := b.input()
		c.do(b, &in)
		r := Proof(in)
		var got []string
		for _, d := range r.Differences {
			got = append(got, d.String())
		}
		for _, w := range c.want {
			if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, w) }) {
				t.Errorf("%s: nothing begins with\n  %s\nin\n  %s", c.name, w, strings.Join(got, "\n  "))
			}
		}
		if len(got) != len(c.want) || r.Holds() {
			t.Errorf("%s: %d differences, want %d:\n  %s", c.name, len(got), len(c.want), strings.Join(got, "\n  "))
		}
		total := 0
		for _, x := range r.Checks {
			total += x.Differences
		}
		if total != len(got) {
			t.Errorf("%s: the checks count %d differences of %d", c.name, total, len(got))
		}
	}
}

// M5: the bank may take as long as it was given, to the day, or any time.
func TestM5_ProofGivesTheBankItsTime(t *testing.T) {
	b := sound(t)
	for _, c := range []struct {
		after, within time.Duration
		want          int
	}{{240 * time.Hour, 240 * time.Hour, 0}, {240*time.Hour + 1, 240 * time.Hour, 1}, {9000 * time.Hour, 0, 0}} {
		in := b.input()
		in.At, in.ClearingWithin = noon.Add(c.after), c.within
		if r := Proof(in); len(r.Differences) != c.want {
			t.Errorf("after %v of %v: %v", c.after, c.within, r.Differences)
		}
	}
}

// M5: books in two programs and two currencies are proved apart.
func TestM5_ProofKeepsProgramsApart(t *testing.T) {
	b := sound(t)
	in := b.input()
	for _, p := range []program.ID{"x", "y"} {
		in.Balances.Set(ledger.Of(ledger.Paid, p, "p"), "EUR", map[program.ID]int64{"x": 5, "y": -5}[p])
	}
	r := Proof(in)
	zero := 0
	for _, d := range r.Differences {
		if d.Check == ZeroSum {
			zero++
			if d.Currency != "EUR" || d.LeftIs*d.LeftIs != 25 {
				t.Errorf("%v", d)
			}
		}
	}
	if zero != 2 {
		t.Errorf("two programs whose books do not balance by themselves: %v", r.Differences)
	}
}

// I2: the proof says when the journal does not fit into its figures.
func TestI2_ProofRefusesOverflow(t *testing.T) {
	j := &Journal{}
	big := ledger.Transaction{Cause: "x", Currency: "USD", Program: "shop", Movements: []ledger.Movement{
		{From: account(t, "fund", ""), To: account(t, "tracked", "p"), Amount: 1 << 62},
	}}
	must(t, j.Add(&big))
	if err := j.Add(&big); !errors.Is(err, money.ErrOverflow) || !strings.Contains(err.Error(), "tracked:shop:p") {
		t.Errorf("%v", err)
	}
}
