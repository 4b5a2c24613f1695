// Package statement draws up a publisher's statement for a period: what the balance was, what changed it and why, and what
// it is (M1, M5). One Statement is rendered as HTML, PDF and CSV with the same figures.
package statement

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Input is what a statement is drawn up from.
type Input struct {
	Number    string // names this statement, such as "TR-pub1-2026-03"
	Terms     *program.Terms
	Publisher string
	Name      string    // the publisher's name; "": the id alone
	From, To  time.Time // To is exclusive
	MadeAt    time.Time
	// Transactions are the publisher's, from the first one on, in the order they were booked in; they are kept until New
	// returns. Those of other programs, publishers and currencies, and those that were booked at To or later, are passed over.
	Transactions iter.Seq[*ledger.Transaction]
	// Note says more about a transaction, such as why an order earned what it did; nil: nothing.
	Note func(*ledger.Transaction) string
}

// Position is a publisher's money at a time, in minor units.
type Position struct {
	Available int64 `json:"available"` // can be withdrawn
	Reserved  int64 `json:"reserved"`  // taken into a payout run
	Sent      int64 `json:"sent"`      // given to the bank, which has not answered
	Held      int64 `json:"held"`      // kept back from the balance by trust cases
	Debt      int64 `json:"debt"`      // owed, below zero
	// Tracked and Pending are not part of the balance: commissions that are not approved. What a case keeps back of those is pending.
	Tracked int64 `json:"tracked"`
	Pending int64 `json:"pending"`
}

// Balance is what the statement's balance counts: everything that is the publisher's and has not been paid.
func (p Position) Balance() int64 { return p.Available + p.Reserved + p.Sent + p.Held + p.Debt }

// Kind is what kind of thing a line is about.
type Kind string

// The kinds of lines.
const (
	Commission   Kind = "commission"
	Reversal     Kind = "reversal"
	Antispam     Kind = "antispam_deduction"
	Correction   Kind = "correction"
	Appeal       Kind = "appeal"
	Bonus        Kind = "bonus"
	Reserve      Kind = "reserve"
	Unreserve    Kind = "unreserve"
	Release      Kind = "release"
	Fee          Kind = "fee"
	FeeBack      Kind = "fee_back"
	Tax          Kind = "tax"
	TaxBack      Kind = "tax_back"
	Payout       Kind = "payout"
	PayoutReject Kind = "reject"
	PayoutReturn Kind = "return"
	Hold         Kind = "hold"
	Unhold       Kind = "unhold"
	Repayment    Kind = "repay"
	Writeoff     Kind = "writeoff"
	Other        Kind = "other"
)

// Kinds are all kinds of lines.
func Kinds() []Kind {
	return []Kind{Commission, Reversal, Antispam, Correction, Appeal, Bonus, Reserve, Unreserve, Release, Fee, FeeBack, Tax, TaxBack, Payout, PayoutReject,
		PayoutReturn, Hold, Unhold, Repayment, Writeoff, Other}
}

// Line is one line of a statement.
type Line struct {
	BookedAt    time.Time
	EffectiveAt time.Time // when what it books happened
	Kind        Kind
	Order, Item string // the order item it is about; empty where none
	Payout      string // the payout or run it is about; empty where none
	Cause       string // the ledger's unique name for what made it happen
	Note        string
	Moved       int64 // what moved inside the balance, for lines that do not change it
	Amount      int64 // what it adds to the balance, minor units
	Balance     int64 // after it
}

// Sum is what the lines of a kind add up to.
type Sum struct {
	Kind   Kind
	Lines  int
	Amount int64
}

// Statement is a publisher's statement. The lines' amounts are the difference between the two balances.
type Statement struct {
	Number      string
	Program     program.ID
	ProgramName program.Text
	Publisher   string
	Name        string
	Currency    money.Currency
	Zone        *time.Location
	From, To    time.Time
	MadeAt      time.Time
	Opening     Position
	Closing     Position
	Lines       []Line
	Sums        []Sum // of the kinds that occur and change the balance, in the order of Kinds
}

// New draws up a statement. Transactions count by the time they were booked, so that a statement never changes: late news
// stands in the next one, with the day on which it happened.
func New(in Input) (*Statement, error) {
	d, err := begin(in, course{held: make(map[item]int64)})
	if err != nil {
		return nil, err
	}
	for tx := range in.Transactions {
		d.take(tx)
	}
	return d.end(), nil
}

// draft is a statement that is being drawn up.
type draft struct {
	in     Input
	s      *Statement
	c      course
	period []*ledger.Transaction
}

// begin begins a statement; c is what the transactions have come to that are not taken in any more.
func begin(in Input, c course) (*draft, error) {
	if in.Publisher == "" || !in.From.Before(in.To) {
		return nil, fmt.Errorf("statement %q of publisher %q from %s to %s: name the publisher, and a period that begins before it ends", in.Number,
			in.Publisher, in.From.Format(time.DateOnly), in.To.Format(time.DateOnly))
	}
	t := in.Terms
	return &draft{in: in, c: c, s: &Statement{
		Number: in.Number, Program: t.Program, ProgramName: t.Page.Name, Publisher: in.Publisher, Name: cmp.Or(in.Name, in.Publisher), Currency: t.Currency,
		Zone: t.TimeZone, From: in.From, To: in.To, MadeAt: in.MadeAt, Lines: []Line{},
	}}, nil
}

// concerns reports whether a transaction is of the statement's money.
func (in *Input) concerns(tx *ledger.Transaction) bool {
	return tx.Program == in.Terms.Program && tx.Publisher == in.Publisher && tx.Currency == in.Terms.Currency
}

func (d *draft) take(tx *ledger.Transaction) {
	switch {
	case !d.in.concerns(tx) || !bookedAt(tx).Before(d.in.To):
	case bookedAt(tx).Before(d.in.From):
		d.c.take(tx)
	default:
		d.period = append(d.period, tx)
	}
}

func (d *draft) end() *Statement {
	d.s.Opening = d.c.at
	for _, tx := range d.period {
		d.s.add(tx, &d.c, d.in.Note)
	}
	d.s.Closing = d.c.at
	d.s.sum()
	return d.s
}

func bookedAt(t *ledger.Transaction) time.Time {
	if t.RecordedAt.IsZero() {
		return t.EffectiveAt
	}
	return t.RecordedAt
}

// item names an order item.
type item struct{ order, item string }

// course follows a publisher's money through its transactions.
type course struct {
	at Position
	// held is what cases keep back of each item that was in the balance before: it still counts there. Other money of a case is pending.
	held map[item]int64
	// out is what the transaction has taken out of the balance so far and may still put into a hold.
	out int64
}

// take moves on by a transaction.
func (c *course) take(t *ledger.Transaction) {
	c.out = 0
	for _, m := range t.Movements {
		c.move(t, m)
	}
}

// move moves on by a movement of a transaction.
func (c *course) move(t *ledger.Transaction, m ledger.Movement) {
	of, p := item{t.Order, t.Item}, &c.at
	if m.From.Kind == ledger.Available || m.From.Kind == ledger.Clawback {
		c.out += m.Amount
	}
	if m.From.Kind == ledger.Hold {
		was := min(c.held[of], m.Amount)
		c.held[of] -= was
		p.Held -= was
		p.Pending -= m.Amount - was
	}
	if m.To.Kind == ledger.Hold {
		was := min(c.out, m.Amount)
		c.out -= was
		c.held[of] += was
		p.Held += was
		p.Pending += m.Amount - was
	}
	p.post(m.From.Kind, -m.Amount)
	p.post(m.To.Kind, m.Amount)
}

func (p *Position) post(k ledger.Kind, amount int64) {
	switch k {
	case ledger.Available:
		p.Available += amount
	case ledger.Clawback:
		p.Debt += amount
	case ledger.Reserved:
		p.Reserved += amount
	case ledger.Clearing:
		p.Sent += amount
	case ledger.Tracked:
		p.Tracked += amount
	case ledger.Pending:
		p.Pending += amount
	}
}

// add writes the lines of a transaction: one for each kind of thing that it does to the balance, or one that says what moved
// inside it. What only concerns commissions that are not approved has no line, but antispam deductions and appeals: they are always
// told, with what they moved (M4).
func (s *Statement) add(t *ledger.Transaction, c *course, note func(*ledger.Transaction) string) {
	line := Line{BookedAt: bookedAt(t), EffectiveAt: t.EffectiveAt, Order: t.Order, Item: t.Item, Payout: payoutOf(t), Cause: t.Cause}
	if note != nil {
		line.Note = note(t)
	}
	was, before := c.at, c.at.Balance()
	c.out = 0
	var kinds []Kind
	amounts := make(map[Kind]int64)
	var moved int64
	for _, m := range t.Movements {
		was := c.at
		c.move(t, m)
		at := &c.at
		change := at.Balance() - was.Balance()
		switch {
		case change != 0:
			k := kindOf(t, m)
			if _, ok := amounts[k]; !ok {
				kinds = append(kinds, k)
			}
			amounts[k] += change
		case m.To.Kind != ledger.Clawback && (at.Available != was.Available || at.Sent != was.Sent || at.Reserved != was.Reserved):
			moved += m.Amount // paying a debt off, above, is a part of what brought the money
		}
	}
	// On its way into a hold and out of it money leaves the balance for a moment only.
	kinds = slices.DeleteFunc(kinds, func(k Kind) bool { return amounts[k] == 0 })
	main := kindOf(t, ledger.Movement{})
	switch main {
	case Hold, Unhold:
		moved = max(c.at.Held-was.Held, was.Held-c.at.Held)
	case Antispam, Appeal:
		if moved = 0; len(kinds) == 0 {
			moved = exchanged(t)
		}
	}
	if moved > 0 && (informs(main) || len(kinds) == 0) {
		line.Kind, line.Moved, line.Balance = main, moved, before
		s.Lines = append(s.Lines, line)
	}
	for _, k := range kinds {
		before += amounts[k]
		l := line
		l.Kind, l.Amount, l.Moved, l.Balance = k, amounts[k], 0, before
		s.Lines = append(s.Lines, l)
	}
}

// exchanged is what a transaction exchanged with the advertiser's fund, fees aside.
func exchanged(t *ledger.Transaction) (sum int64) {
	for _, m := range t.Movements {
		if (m.From.Kind == ledger.Fund) != (m.To.Kind == ledger.Fund) && m.From.Kind != ledger.Fees && m.To.Kind != ledger.Fees {
			sum += m.Amount
		}
	}
	return sum
}

// informs reports whether a kind of transaction is told even where it does not change the balance.
func informs(k Kind) bool {
	switch k {
	case Reserve, Unreserve, Release, PayoutReject, Hold, Unhold:
		return true
	}
	return false
}

// kindOf is the kind of a movement of a transaction; of no movement, that of the transaction.
func kindOf(t *ledger.Transaction, m ledger.Movement) Kind {
	switch {
	case m.To.Kind == ledger.Fees:
		return Fee
	case m.From.Kind == ledger.Fees:
		return FeeBack
	case m.To.Kind == ledger.Bank && strings.HasPrefix(m.To.Owner, "tax/"):
		return Tax
	case m.From.Kind == ledger.Bank && strings.HasPrefix(m.From.Owner, "tax/"):
		return TaxBack
	}
	switch t.Reason {
	case ledger.ReasonApprove:
		return Commission
	case ledger.ReasonReversal, ledger.ReasonDecline, ledger.ReasonAdjust:
		return Reversal
	case ledger.ReasonAntispam:
		return Antispam
	case ledger.ReasonCorrection:
		return Correction
	case ledger.ReasonAppeal:
		return Appeal
	case ledger.ReasonBonus:
		return Bonus
	case ledger.ReasonReserve:
		return Reserve
	case ledger.ReasonUnreserve:
		return Unreserve
	case ledger.ReasonRelease:
		return Release
	case ledger.ReasonPayout:
		return Payout
	case ledger.ReasonReject:
		return PayoutReject
	case ledger.ReasonReturn:
		return PayoutReturn
	case ledger.ReasonHold:
		return Hold
	case ledger.ReasonUnhold:
		return Unhold
	case ledger.ReasonRepay:
		return Repayment
	case ledger.ReasonWriteoff:
		return Writeoff
	}
	return Other
}

// payoutOf is the payout, or the run, that a transaction's cause names: "payout/{id}/…".
func payoutOf(t *ledger.Transaction) string {
	rest, ok := strings.CutPrefix(t.Cause, "payout/")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}

func (s *Statement) sum() {
	sums := make(map[Kind]*Sum)
	for _, l := range s.Lines {
		if l.Amount == 0 {
			continue
		}
		if sums[l.Kind] == nil {
			sums[l.Kind] = &Sum{Kind: l.Kind}
		}
		sums[l.Kind].Lines++
		sums[l.Kind].Amount += l.Amount
	}
	for _, k := range Kinds() {
		if sums[k] != nil {
			s.Sums = append(s.Sums, *sums[k])
		}
	}
}

// amount writes minor units of the statement's currency.
func (s *Statement) amount(minor int64) string { return money.New(minor, s.Currency).Decimal() }

// day writes the day of a time in the program's zone.
func (s *Statement) day(t time.Time) string { return t.In(s.Zone).Format(time.DateOnly) }

// last is the last day of the period.
func (s *Statement) last() string { return s.day(s.To.Add(-time.Nanosecond)) }
