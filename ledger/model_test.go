package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"pgregory.net/rapid"
)

// The model of the books: publishers earn and lose commissions and bonuses, money is held back, paid out, refused, sent back
// and owed, in any order. What each of them should have is added up in plain numbers beside the book, and after each step
// the two are compared. That nothing is booked twice (I8) is the store's to keep, and that a payout arrives once (I5) is
// payout's: both have models of their own.

// The publishers of the model, and the least that a payout takes.
const (
	owners  = 3
	minimum = 500
)

// bucket is where an item's money is.
type bucket int

const (
	nowhere bucket = iota
	tracked
	pending
	approved // in the available balance
	kept     // kept back by a case
)

var kindOf = map[bucket]ledger.Kind{tracked: ledger.Tracked, pending: ledger.Pending, approved: ledger.Available, kept: ledger.Hold}

// item is an order item as the model knows it: where its commission is and how much it is.
type item struct {
	owner  int
	in     bucket
	amount int64
	fee    int64 // the network's own
	gone   bool  // declined for good
	lost   int64 // what a case took of it
}

// payment is a payout of the model.
type payment struct {
	owner      int
	gross, fee int64
	state      string // reserved, sent, paid, closed
}

// purse is what a publisher should have, in plain numbers.
type purse struct {
	tracked, pending int64
	net              int64 // available less debt
	held             int64
	reserved, paid   int64
	earned           int64 // all that was ever credited less what was taken back
	charged          int64 // payout fees
	repaid           int64 // debts paid back or given up
}

type model struct {
	t        *rapid.T
	book     ledger.Book
	journal  []ledger.Transaction
	causes   map[string]bool
	items    []*item
	payments []*payment
	purses   [owners]purse
	fund     int64 // of the advertiser: paid in less commissions and network fees
	fees     int64
	bonuses  int64
	clearing int64
	step     int
}

func owner(n int) string { return fmt.Sprintf("pub%d", n) }

func account(k ledger.Kind, n int) ledger.Account { return ledger.Of(k, "tr", owner(n)) }

var (
	theFund     = ledger.Account{Kind: ledger.Fund, Program: "tr"}
	theFees     = ledger.Account{Kind: ledger.Fees, Program: "tr"}
	theBonus    = ledger.Account{Kind: ledger.Bonus, Program: "tr"}
	theRail     = ledger.Of(ledger.Clearing, "", "sepa")
	theBank     = ledger.Of(ledger.Bank, "", "main")
	theWriteoff = ledger.Account{Kind: ledger.Writeoff, Program: "tr"}
)

// post settles and books a transaction as the store does: fitted to the book as it stands.
func (m *model) post(what string, reason ledger.Reason, n int, ms ...ledger.Movement) ledger.Transaction {
	m.step++
	x := ledger.Transaction{
		Cause: fmt.Sprintf("%s/%d", what, m.step), Reason: reason, Program: "tr", Publisher: owner(n), Currency: "USD",
		EffectiveAt: noon.Add(time.Duration(m.step) * time.Minute), Movements: ms,
	}
	return m.enter(x)
}

func (m *model) enter(x ledger.Transaction) ledger.Transaction {
	x = m.book.Settle(x)
	if m.causes[x.Cause] {
		m.t.Fatalf("%s is booked twice", x.Cause)
	}
	if err := m.book.Post(&x); err != nil {
		m.t.Fatalf("%v", err)
	}
	var sum int64
	for _, p := range x.Postings() {
		sum += p.Amount
	}
	if sum != 0 { // I2
		m.t.Fatalf("%s adds up to %d", x.Cause, sum)
	}
	m.causes[x.Cause] = true
	m.journal = append(m.journal, x)
	return x
}

// shift moves an item's money from where it is to where it shall be. Into the available balance and out of it it passes
// through the approved account.
func (m *model) shift(reason ledger.Reason, it *item, in bucket, amount, fee int64) {
	var ms []ledger.Movement
	through := func(from, to ledger.Account, n int64) {
		if n <= 0 {
			return
		}
		if mid := account(ledger.Approved, it.owner); from.Kind == ledger.Available || to.Kind == ledger.Available {
			ms = append(ms, move(from, mid, n), move(mid, to, n))
			return
		}
		ms = append(ms, move(from, to, n))
	}
	if common := min(it.amount, amount); (in == kept) != (it.in == kept) && in != nowhere && it.in != nowhere && common > 0 {
		// What a case keeps back comes from where it was, not from the advertiser.
		through(account(kindOf[it.in], it.owner), account(kindOf[in], it.owner), common)
		through(account(kindOf[it.in], it.owner), theFund, it.amount-common)
		through(theFund, account(kindOf[in], it.owner), amount-common)
	} else {
		if it.in != nowhere {
			through(account(kindOf[it.in], it.owner), theFund, it.amount)
		}
		if in != nowhere {
			through(theFund, account(kindOf[in], it.owner), amount)
		}
	}
	if d := fee - it.fee; d > 0 {
		ms = append(ms, move(theFund, theFees, d))
	} else if d < 0 {
		ms = append(ms, move(theFees, theFund, -d))
	}
	if len(ms) > 0 {
		m.post("item", reason, it.owner, ms...)
	}
	p := &m.purses[it.owner]
	credit := func(b bucket, n int64) {
		p.earned += n
		switch b {
		case tracked:
			p.tracked += n
		case pending:
			p.pending += n
		case approved:
			p.net += n
		case kept:
			p.held += n
		case nowhere:
			p.earned -= n
		}
	}
	credit(it.in, -it.amount)
	credit(in, amount)
	if in == nowhere {
		amount = 0
	}
	m.fund += it.amount - amount + it.fee - fee
	m.fees += fee - it.fee
	it.in, it.amount, it.fee = in, amount, fee
}

// pick chooses one of the things that satisfy a condition, or skips the action.
func pick[T any](t *rapid.T, all []*T, fits func(*T) bool) *T {
	var some []*T
	for _, x := range all {
		if fits(x) {
			some = append(some, x)
		}
	}
	if len(some) == 0 {
		t.Skip("nobody to do it to")
	}
	return rapid.SampledFrom(some).Draw(t, "which")
}

func amountOf(t *rapid.T, most int64) int64 { return rapid.Int64Range(1, most).Draw(t, "amount") }

// actions are what can happen.
func (m *model) actions() map[string]func(*rapid.T) {
	open := func(it *item) bool { return !it.gone && it.in != nowhere }
	takeBack := func(reason ledger.Reason) func(*rapid.T) {
		return func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return !it.gone && it.in == approved && it.amount > 0 })
			left := rapid.Int64Range(0, it.amount-1).Draw(t, "left")
			if reason == ledger.ReasonAntispam {
				left = 0
			}
			m.shift(reason, it, approved, left, min(it.fee, left/10))
			it.gone = left == 0
		}
	}
	return map[string]func(*rapid.T){
		"track": func(t *rapid.T) {
			it := &item{owner: rapid.IntRange(0, owners-1).Draw(t, "owner")}
			m.items = append(m.items, it)
			m.shift(ledger.ReasonTrack, it, tracked, amountOf(t, 1000), 0)
		},
		"pend": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && it.in == tracked })
			m.shift(ledger.ReasonPend, it, pending, it.amount, 0)
		},
		"adjust": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && it.in != approved })
			m.shift(ledger.ReasonAdjust, it, it.in, rapid.Int64Range(0, 1000).Draw(t, "amount"), 0)
		},
		"approve": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && it.in == pending })
			m.shift(ledger.ReasonApprove, it, approved, it.amount, it.amount/10)
		},
		"decline": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && it.in != approved })
			m.shift(ledger.ReasonDecline, it, nowhere, 0, 0)
			it.gone = true
		},
		"reversal": takeBack(ledger.ReasonReversal),
		"fraud":    takeBack(ledger.ReasonAntispam),
		// M4: a case keeps an item's money back, whatever of it has been paid out already, clears it, or takes it; an appeal gives it back.
		"hold": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && (it.in == pending || it.in == approved) })
			m.shift(ledger.ReasonHold, it, kept, it.amount, 0)
		},
		"unhold": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && it.in == kept })
			if rapid.Bool().Draw(t, "approved") {
				m.shift(ledger.ReasonUnhold, it, approved, it.amount, it.amount/10)
			} else {
				m.shift(ledger.ReasonUnhold, it, pending, it.amount, 0)
			}
		},
		"deduct": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return open(it) && (it.in == kept || it.in == approved) && it.amount > 0 })
			it.lost = it.amount
			m.shift(ledger.ReasonAntispam, it, nowhere, 0, 0)
			it.gone = true
		},
		"appeal": func(t *rapid.T) {
			it := pick(t, m.items, func(it *item) bool { return it.lost > 0 })
			m.shift(ledger.ReasonAppeal, it, approved, it.lost, it.lost/10)
			it.gone, it.lost = false, 0
		},
		"bonus": func(t *rapid.T) {
			n, a := rapid.IntRange(0, owners-1).Draw(t, "owner"), amountOf(t, 300)
			m.post("bonus", ledger.ReasonBonus, n, move(theBonus, account(ledger.Available, n), a))
			m.bonuses += a
			m.purses[n].net += a
			m.purses[n].earned += a
		},
		"correction": m.correct,
		"reserve": func(t *rapid.T) {
			n := rapid.IntRange(0, owners-1).Draw(t, "owner")
			// What can be paid is read from the book, as a payout run does, and held against the model (I11).
			g := m.book.Balance(account(ledger.Available, n), "USD")
			if g < minimum {
				t.Skip("below the minimum")
			}
			m.post("reserve", ledger.ReasonReserve, n, move(account(ledger.Available, n), account(ledger.Reserved, n), g))
			m.purses[n].net -= g
			m.purses[n].reserved += g
			m.payments = append(m.payments, &payment{owner: n, gross: g, state: "reserved"})
			if left := m.book.Balance(account(ledger.Available, n), "USD"); left != 0 {
				t.Fatalf("after the run %s still has %d", owner(n), left)
			}
		},
		"unreserve": func(t *rapid.T) {
			p := pick(t, m.payments, func(p *payment) bool { return p.state == "reserved" })
			m.post("unreserve", ledger.ReasonUnreserve, p.owner, move(account(ledger.Reserved, p.owner), account(ledger.Available, p.owner), p.gross))
			m.purses[p.owner].reserved -= p.gross
			m.purses[p.owner].net += p.gross
			p.state = "closed"
		},
		"release": func(t *rapid.T) {
			p := pick(t, m.payments, func(p *payment) bool { return p.state == "reserved" })
			p.fee = rapid.Int64Range(0, p.gross-1).Draw(t, "fee")
			ms := []ledger.Movement{move(account(ledger.Reserved, p.owner), theRail, p.gross-p.fee)}
			if p.fee > 0 {
				ms = append(ms, move(account(ledger.Reserved, p.owner), theFees, p.fee))
			}
			m.post("release", ledger.ReasonRelease, p.owner, ms...)
			m.purses[p.owner].reserved -= p.gross
			m.purses[p.owner].charged += p.fee
			m.clearing += p.gross - p.fee
			m.fees += p.fee
			p.state = "sent"
		},
		"answer": m.answer,
		"return": func(t *rapid.T) {
			p := pick(t, m.payments, func(p *payment) bool { return p.state == "paid" })
			n := p.gross - p.fee
			m.post("return", ledger.ReasonReturn, p.owner, move(account(ledger.Paid, p.owner), account(ledger.Available, p.owner), n))
			m.purses[p.owner].paid -= n
			m.purses[p.owner].net += n
			p.state = "closed"
		},
		"repay": func(t *rapid.T) {
			n := rapid.IntRange(0, owners-1).Draw(t, "owner")
			if m.purses[n].net >= 0 {
				t.Skip("no debt")
			}
			from, reason := theBank, ledger.ReasonRepay
			if rapid.Bool().Draw(t, "written off") {
				from, reason = theWriteoff, ledger.ReasonWriteoff
			}
			a := amountOf(t, -m.purses[n].net)
			m.post("repay", reason, n, move(from, account(ledger.Clawback, n), a))
			m.purses[n].net += a
			m.purses[n].repaid += a
		},
		"funding": func(t *rapid.T) {
			a := amountOf(t, 5000)
			m.post("funding", ledger.ReasonFunding, 0, move(theBank, theFund, a))
			m.fund += a
		},
		"overdraw": m.overdraw,
		"":         m.check,
	}
}

// answer takes in what the bank says of a payout.
func (m *model) answer(t *rapid.T) {
	p := pick(t, m.payments, func(p *payment) bool { return p.state == "sent" })
	m.reply(p, rapid.Bool().Draw(t, "executed"))
}

func (m *model) reply(p *payment, executed bool) {
	n := p.gross - p.fee
	if executed {
		m.post("payout", ledger.ReasonPayout, p.owner, move(theRail, account(ledger.Paid, p.owner), n))
		m.purses[p.owner].paid += n
		p.state = "paid"
	} else {
		ms := []ledger.Movement{move(theRail, account(ledger.Available, p.owner), n)}
		if p.fee > 0 {
			ms = append(ms, move(theFees, account(ledger.Available, p.owner), p.fee))
		}
		m.post("reject", ledger.ReasonReject, p.owner, ms...)
		m.purses[p.owner].net += p.gross
		m.purses[p.owner].charged -= p.fee
		m.fees -= p.fee
		p.state = "closed"
	}
	m.clearing -= n
}

// correct undoes what was booked for an item last and books it again, as late news does: in the end nothing changed.
func (m *model) correct(t *rapid.T) {
	var causes []int
	for i, x := range m.journal {
		if x.Corrects == "" && (x.Reason == ledger.ReasonApprove || x.Reason == ledger.ReasonReversal || x.Reason == ledger.ReasonPend ||
			x.Reason == ledger.ReasonHold || x.Reason == ledger.ReasonUnhold) && !m.causes[x.Cause+"/undo"] {
			causes = append(causes, i)
		}
	}
	if len(causes) == 0 {
		t.Skip("nothing to correct")
	}
	x := m.journal[rapid.SampledFrom(causes).Draw(t, "which")]
	before := snapshot(&m.book)
	u := x.Reverse(ledger.ReasonCorrection, x.EffectiveAt)
	// Undoing may need money that has gone elsewhere since, into a payout's fees say: then the book refuses it.
	fitted := m.book.Settle(u)
	var trial ledger.Book
	if err := trial.Merge(&m.book); err != nil {
		t.Fatal(err)
	}
	if trial.Post(&fitted) != nil {
		if !equal(snapshot(&trial), before) {
			t.Fatalf("a refused correction of %s left %v, was %v", x.Cause, snapshot(&trial), before)
		}
		t.Skip("the money is elsewhere")
	}
	m.enter(u)
	again := x
	again.Cause += "~2"
	again.Movements = unfitted(x.Movements)
	m.enter(again)
	if after := snapshot(&m.book); !equal(before, after) {
		t.Fatalf("undoing %s and booking it again went from %v to %v", x.Cause, before, after)
	}
}

// unfitted are the movements as they were asked for, before a debt was taken or paid off.
func unfitted(ms []ledger.Movement) []ledger.Movement {
	var out []ledger.Movement
	for _, mv := range ms {
		switch {
		case mv.To.Kind == ledger.Clawback && mv.From.Kind == ledger.Available:
		case mv.From.Kind == ledger.Clawback:
			mv.From.Kind = ledger.Available
			fallthrough
		default:
			out = append(out, mv)
		}
	}
	return out
}

// overdraw tries to spend more than there is: the book refuses and stays as it was (I3).
func (m *model) overdraw(t *rapid.T) {
	n := rapid.IntRange(0, owners-1).Draw(t, "owner")
	k := rapid.SampledFrom([]ledger.Kind{ledger.Tracked, ledger.Pending, ledger.Available, ledger.Hold, ledger.Reserved}).Draw(t, "kind")
	a := account(k, n)
	x := ledger.Transaction{
		Cause: "overdraw", Reason: ledger.ReasonReserve, Program: "tr", Publisher: owner(n), Currency: "USD", EffectiveAt: noon,
		Movements: []ledger.Movement{move(theBank, theFund, 1), move(a, theRail, m.book.Balance(a, "USD")+amountOf(t, 100))},
	}
	before := snapshot(&m.book)
	if x = m.book.Settle(x); m.book.Post(&x) == nil {
		t.Fatalf("%v was overdrawn", a)
	}
	if !equal(before, snapshot(&m.book)) {
		t.Fatalf("a refused transaction changed the book")
	}
}

// check holds the book against the model after each step.
func (m *model) check(t *rapid.T) {
	for c, sum := range m.book.TrialBalance() {
		if sum != 0 {
			t.Fatalf("I1: the trial balance in %s is %d", c, sum)
		}
	}
	want := make(map[ledger.Key]int64)
	set := func(a ledger.Account, minor int64) { want[ledger.Key{Account: a, Currency: "USD"}] = minor }
	var bank, writeoff int64
	for _, x := range m.journal {
		for _, mv := range x.Movements {
			if mv.From == theBank {
				bank -= mv.Amount
			}
			if mv.From == theWriteoff {
				writeoff -= mv.Amount
			}
		}
	}
	for n := range owners {
		p := m.purses[n]
		set(account(ledger.Tracked, n), p.tracked)
		set(account(ledger.Pending, n), p.pending)
		set(account(ledger.Available, n), max(0, p.net))
		set(account(ledger.Clawback, n), min(0, p.net)) // a debt and a balance never stand side by side
		set(account(ledger.Hold, n), p.held)
		set(account(ledger.Reserved, n), p.reserved)
		set(account(ledger.Paid, n), p.paid)
		set(account(ledger.Approved, n), 0)
		var sent int64
		for _, x := range m.payments {
			if x.owner == n && x.state == "sent" {
				sent += x.gross - x.fee
			}
		}
		// I6: all that was earned is somewhere.
		if somewhere := p.tracked + p.pending + p.net + p.held + p.reserved + p.paid + p.charged + sent - p.repaid; somewhere != p.earned {
			t.Fatalf("I6: %s earned %d and has %d", owner(n), p.earned, somewhere)
		}
	}
	set(theFund, m.fund)
	set(theFees, m.fees)
	set(theBonus, -m.bonuses)
	set(theRail, m.clearing)
	set(theBank, bank)
	set(theWriteoff, writeoff)
	if got := snapshot(&m.book); !equal(got, want) { // I3, I4: balances are what the model says, so none is below zero
		t.Fatalf("the books hold\n%v\nthe model\n%v", got, want)
	}
	// I4: the advertiser owes the commissions that stand, and the network's fees on them, less what it paid.
	owed := m.fund
	for _, it := range m.items {
		owed += it.amount + it.fee
		if it.gone && it.amount != 0 { // I10
			t.Fatalf("I10: an item that is gone still earns %d", it.amount)
		}
	}
	for _, x := range m.journal {
		if x.Reason == ledger.ReasonFunding {
			owed -= x.Movements[0].Amount
		}
	}
	if owed != 0 {
		t.Fatalf("I4: the fund is off by %d", owed)
	}
}

// finish answers all that the bank was sent: then nothing is on the way (I12), and the journal gives the balances (I7).
func (m *model) finish() {
	for _, p := range m.payments {
		if p.state == "sent" {
			m.reply(p, true)
		}
	}
	m.check(m.t)
	if got := m.book.Balance(theRail, "USD"); got != 0 {
		m.t.Fatalf("I12: all is answered and clearing holds %d", got)
	}
}

// rebuild adds the journal up anew.
func rebuild(t *rapid.T, journal []ledger.Transaction) *ledger.Book {
	var b ledger.Book
	for i := range journal {
		if err := b.Post(&journal[i]); err != nil {
			t.Fatalf("I7: %v", err)
		}
	}
	return &b
}

func newModel(t *rapid.T) *model { return &model{t: t, causes: make(map[string]bool)} }

// run lets a history happen. One Repeat is some thirty steps; debts and payouts need more to meet.
func (m *model) run() {
	for range rapid.IntRange(1, 6).Draw(m.t, "chapters") {
		m.t.Repeat(m.actions())
	}
	m.finish()
}

// I1-I4, I6, I10-I12: the books are what a plain count says they are, after every step of any history.
func TestI4_BooksFollowTheModel(t *testing.T) {
	events := 0
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.run()
		events += len(m.journal)
	})
	t.Logf("events: %d", events) // transactions, booked and checked
}

// I7: balances that are added up anew from the journal are the balances that were kept, in whatever parts the journal is
// added up. (Limits hold at every point of the journal's order; parts are merged without them.)
func TestI7_JournalRebuildsTheBalances(t *testing.T) {
	events := 0
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.run()
		events += len(m.journal)
		kept := snapshot(&m.book)
		if got := snapshot(rebuild(t, m.journal)); !equal(got, kept) {
			t.Fatalf("the journal comes to\n%v\nkept are\n%v", got, kept)
		}
		// A journal that lost an entry does not come to the same.
		net := func(x ledger.Transaction) map[ledger.Key]int64 {
			sums := make(map[ledger.Key]int64)
			for _, p := range x.Postings() {
				sums[ledger.Key{Account: p.Account, Currency: x.Currency}] += p.Amount
			}
			return sums
		}
		var sums ledger.Book
		for i := range m.journal {
			var one ledger.Book
			for k, v := range net(m.journal[i]) {
				one.Set(k.Account, k.Currency, v)
			}
			if err := sums.Merge(&one); err != nil {
				t.Fatal(err)
			}
		}
		if !equal(snapshot(&sums), kept) {
			t.Fatalf("the journal adds up to\n%v\nkept are\n%v", snapshot(&sums), kept)
		}
		for i := range m.journal {
			lost := net(m.journal[i])
			if equal(lost, nil) { // it moved money to and fro
				continue
			}
			for k, v := range lost {
				sums.Set(k.Account, k.Currency, sums.Balance(k.Account, k.Currency)-v)
			}
			if equal(snapshot(&sums), kept) {
				t.Fatalf("a journal without %s comes to the same", m.journal[i].Cause)
			}
			for k, v := range lost {
				sums.Set(k.Account, k.Currency, sums.Balance(k.Account, k.Currency)+v)
			}
		}
	})
	t.Logf("events: %d", events)
}
