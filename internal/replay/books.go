package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/report"
	"github.com/clickledger/clickledger/settlement"
)

// Summary says how much there was and what came out.
type Summary struct {
	AsOf            time.Time    `json:"as_of"`
	Counts          Counts       `json:"counts"`
	Transactions    int64        `json:"transactions"`
	States          []StateTotal `json:"states"`
	Programs        []Total      `json:"programs"`
	Seconds         float64      `json:"seconds"`
	EventsPerSecond int64        `json:"events_per_second"`
}

// StateTotal is how many items of a program are in a state, and what they earn.
type StateTotal struct {
	Program  program.ID     `json:"program"`
	State    string         `json:"state"`
	Items    int64          `json:"items"`
	Amount   string         `json:"amount"`
	Currency money.Currency `json:"currency"`
}

// Total is a program's trial balance: it is zero.
type Total struct {
	Program      program.ID     `json:"program"`
	Currency     money.Currency `json:"currency"`
	Commission   string         `json:"commission"`    // of all states that earn
	TrialBalance string         `json:"trial_balance"` // sum of all postings
}

// books add up what the decisions of many orders come to.
type books struct {
	book         ledger.Book
	approved     map[ledger.Key]int64 // turnover from approved to available, by the available account
	tallies      map[tallyKey]*report.Tally
	states       map[stateKey]*stateSum
	transactions int64
	items        int64
}

type stateKey struct {
	program program.ID
	state   settlement.State
}

type stateSum struct {
	items, amount int64
	currency      money.Currency
}

func newBooks() *books {
	return &books{approved: make(map[ledger.Key]int64), tallies: make(map[tallyKey]*report.Tally), states: make(map[stateKey]*stateSum)}
}

// take enters an order's timeline.
func (b *books) take(tl *settlement.Timeline) error {
	for i := range tl.Transactions {
		t := &tl.Transactions[i]
		if err := b.post(t); err != nil {
			return err
		}
	}
	d := tl.Final
	terms := d.Table.Terms()
	for i := range d.Items {
		it := &d.Items[i]
		b.items++
		sk := stateKey{terms.Program, it.State}
		if b.states[sk] == nil {
			b.states[sk] = &stateSum{currency: terms.Currency}
		}
		b.states[sk].items++
		b.states[sk].amount += it.Amount
		if it.Space == nil || d.Hidden(i) {
			continue
		}
		k := tallyKey{terms.Program, it.Space.Publisher}
		if b.tallies[k] == nil {
			b.tallies[k] = &report.Tally{}
		}
		b.tallies[k].Add(tallyOf(d, it, tl.Settled[i]))
	}
	return nil
}

// post enters a transaction. Orders are taken one after the other, not by time, but each one's own movements never take an
// account below zero, so their sum does not either.
func (b *books) post(t *ledger.Transaction) error {
	if err := b.book.Post(t); err != nil {
		return err
	}
	b.transactions++
	for _, m := range t.Movements {
		switch {
		case m.From.Kind == ledger.Approved && m.To.Kind == ledger.Available:
			b.approved[ledger.Key{Account: m.To, Currency: t.Currency}] += m.Amount
		case m.From.Kind == ledger.Available && m.To.Kind == ledger.Approved:
			b.approved[ledger.Key{Account: m.From, Currency: t.Currency}] -= m.Amount
		}
	}
	return nil
}

// merge adds the books of other orders.
func (b *books) merge(o *books) error {
	if err := b.book.Merge(&o.book); err != nil {
		return err
	}
	b.transactions += o.transactions
	b.items += o.items
	for k, v := range o.approved {
		b.approved[k] += v
	}
	for k, v := range o.tallies {
		if b.tallies[k] == nil {
			b.tallies[k] = &report.Tally{}
		}
		b.tallies[k].Add(*v)
	}
	for k, v := range o.states {
		if b.states[k] == nil {
			b.states[k] = &stateSum{currency: v.currency}
		}
		b.states[k].items += v.items
		b.states[k].amount += v.amount
	}
	return nil
}

func tallyOf(d *settlement.Decision, it *settlement.Item, settled time.Time) report.Tally {
	t := report.Tally{Actions: 1, Earnings: it.Amount}
	switch it.State {
	case settlement.Approved:
		t.Approved = 1
	case settlement.Declined:
		t.Declined = 1
	default:
		return t
	}
	t.Held, t.HoldTime = 1, report.InSeconds(settled.Sub(d.Order.PlacedAt))
	return t
}

// part is what one chunk of orders writes.
type part struct {
	commissions, entries []byte
	books                *books
}

// write decides all orders and writes everything but the summary.
func write(in *Input, out *output) (*Summary, error) {
	commissions, err := out.create(CommissionsFile)
	if err != nil {
		return nil, err
	}
	entries, err := out.create(LedgerFile)
	if err != nil {
		return nil, err
	}
	b := newBooks()
	err = settleAll(in, func(_ int, tls []*settlement.Timeline) (part, error) {
		p := part{books: newBooks(), commissions: make([]byte, 0, len(tls)*2048), entries: make([]byte, 0, len(tls)*1024)}
		for _, tl := range tls {
			if err := p.books.take(tl); err != nil {
				return p, err
			}
			for i := range tl.Final.Items {
				p.commissions = wire.AppendCommission(p.commissions, tl.Final, i)
			}
			for i := range tl.Transactions {
				t := &tl.Transactions[i]
				t.ID = ledger.EntryID(t.EffectiveAt, t.Cause)
				p.entries = wire.AppendEntry(p.entries, t)
			}
		}
		return p, nil
	}, func(p part) error {
		if err := b.merge(p.books); err != nil {
			return err
		}
		if _, err := commissions.Write(p.commissions); err != nil {
			return fmt.Errorf("writing %s: %w", CommissionsFile, err)
		}
		if _, err := entries.Write(p.entries); err != nil {
			return fmt.Errorf("writing %s: %w", LedgerFile, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := b.writeBalances(in, out); err != nil {
		return nil, err
	}
	if err := b.writeStatistics(in, out); err != nil {
		return nil, err
	}
	return b.summary(in), nil
}

// owners are the publishers of all programs, ordered.
func owners(in *Input) []tallyKey {
	keys, _ := tallies(in.facts)
	slices.SortFunc(keys, func(a, b tallyKey) int {
		return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.publisher, b.publisher))
	})
	return keys
}

func (b *books) writeBalances(in *Input, out *output) error {
	w, err := out.create(BalancesFile)
	if err != nil {
		return err
	}
	var line []byte
	for _, o := range owners(in) {
		c := in.facts.programs[o.program].terms.At(in.AsOf).Currency
		of := func(k ledger.Kind) int64 { return b.book.Balance(ledger.Of(k, o.program, o.publisher), c) }
		available := ledger.Key{Account: ledger.Of(ledger.Available, o.program, o.publisher), Currency: c}
		line = append(line[:0], `{"publisher":`...)
		line = explain.AppendString(line, o.publisher)
		line = append(line, `,"program":`...)
		line = explain.AppendString(line, string(o.program))
		line = append(line, `,"currency":"`...)
		line = append(line, c...)
		for _, m := range [...]struct {
			name  string
			minor int64
		}{
			{"tracked", of(ledger.Tracked)}, {"pending", of(ledger.Pending)}, {"approved", b.approved[available]},
			{"available", of(ledger.Available) + of(ledger.Clawback)}, {"paid", of(ledger.Paid)},
		} {
			line = append(line, `","`...)
			line = append(line, m.name...)
			line = append(line, `":"`...)
			line = money.AppendDecimal(line, m.minor, c.Exponent())
		}
		if held := of(ledger.Hold); held != 0 { // there only where a trust case keeps something back (M4)
			line = append(line, `","hold":"`...)
			line = money.AppendDecimal(line, held, c.Exponent())
		}
		line = append(line, "\"}\n"...)
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("writing %s: %w", BalancesFile, err)
		}
	}
	return nil
}

// statistic is a line of statistics.jsonl. A figure that does not exist, such as a ratio to no clicks, is null.
type statistic struct {
	Program         program.ID `json:"program"`
	Publisher       string     `json:"publisher,omitempty"` // none: the whole program
	Clicks          int64      `json:"clicks"`
	Actions         int64      `json:"actions"`
	CR              *string    `json:"cr"`
	EPC             *string    `json:"epc"`
	ApprovalRate    *string    `json:"approval_rate"`
	AvgHoldHours    *string    `json:"avg_hold_hours"`
	AvgPaymentHours *string    `json:"avg_payment_hours"`
}

func newStatistic(k tallyKey, t report.Tally, c money.Currency) statistic {
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return statistic{
		k.program, k.publisher, t.Clicks, t.Actions, orNull(t.CR()), orNull(t.EPC(c)), orNull(t.ApprovalRate()),
		orNull(t.HoldHours()), orNull(t.PaymentHours()),
	}
}

func (b *books) writeStatistics(in *Input, out *output) error {
	w, err := out.create(StatisticsFile)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	keys := owners(in)
	for len(keys) > 0 {
		p := keys[0].program
		n := slices.IndexFunc(keys, func(k tallyKey) bool { return k.program != p })
		if n < 0 {
			n = len(keys)
		}
		c := in.facts.programs[p].terms.At(in.AsOf).Currency
		var whole report.Tally
		lines := make([]statistic, 0, n)
		for _, k := range keys[:n] {
			t := report.Tally{Clicks: in.clicks[k]}
			if s := b.tallies[k]; s != nil {
				t.Add(*s)
			}
			whole.Add(t)
			lines = append(lines, newStatistic(k, t, c))
		}
		for _, l := range append([]statistic{newStatistic(tallyKey{program: p}, whole, c)}, lines...) {
			if err := enc.Encode(l); err != nil {
				return fmt.Errorf("writing %s: %w", StatisticsFile, err)
			}
		}
		keys = keys[n:]
	}
	return nil
}

func (b *books) summary(in *Input) *Summary {
	s := &Summary{AsOf: in.AsOf, Transactions: b.transactions, States: []StateTotal{}, Programs: []Total{}}
	type currencyKey struct {
		program  program.ID
		currency money.Currency
	}
	commission := make(map[currencyKey]int64)
	for k, v := range b.states {
		s.States = append(s.States, StateTotal{k.program, k.state.String(), v.items, money.New(v.amount, v.currency).Decimal(), v.currency})
		commission[currencyKey{k.program, v.currency}] += v.amount
	}
	slices.SortFunc(s.States, func(x, y StateTotal) int {
		return cmp.Or(cmp.Compare(x.Program, y.Program), cmp.Compare(x.State, y.State))
	})
	sums := make(map[currencyKey]int64)
	for _, k := range b.book.Lines() {
		sums[currencyKey{k.Account.Program, k.Currency}] += b.book.Balance(k.Account, k.Currency)
	}
	for k, v := range commission {
		s.Programs = append(s.Programs, Total{k.program, k.currency, money.New(v, k.currency).Decimal(), money.New(sums[k], k.currency).Decimal()})
	}
	slices.SortFunc(s.Programs, func(x, y Total) int { return cmp.Compare(x.Program, y.Program) })
	in.Counts.Items = b.items
	return s
}

// finish enters how long the run took.
func (s *Summary) finish(in *Input, took time.Duration) {
	s.Counts = in.Counts
	s.Seconds = took.Round(time.Millisecond).Seconds()
	if took > 0 {
		s.EventsPerSecond = (s.Counts.Clicks + s.Counts.ClicksRepeated + s.Counts.Events) * int64(time.Second) / int64(took)
	}
}

func (s *Summary) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("writing %s: %w", SummaryFile, err)
	}
	return nil
}
