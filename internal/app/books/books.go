// Package books answers questions about the books: what is on balance, why, and whether everything agrees. It only reads.
package books

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/report"
)

// Service reads the books.
type Service struct {
	store store.Store
	read  FileReader
	now   func() time.Time
}

// New returns a service over a store. read reads bank files back.
func New(s store.Store, read FileReader, now func() time.Time) *Service {
	return &Service{s, read, now}
}

// view runs do on one state of the data and returns what it makes.
func view[T any](ctx context.Context, v *Service, do func(tx store.Tx) (T, error)) (out T, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		var err error
		out, err = do(tx)
		return err
	})
	return out, err
}

// Line is an account's balance, or that of all accounts of a kind.
type Line struct {
	Account  ledger.Account
	Currency money.Currency
	Minor    int64
}

// TrialBalance are all balances and, for each currency, their sum, which is zero (I1).
type TrialBalance struct {
	Lines []Line
	Sums  map[money.Currency]int64
}

// TrialBalance reads the trial balance.
func (v *Service) TrialBalance(ctx context.Context) (TrialBalance, error) {
	return view(ctx, v, func(tx store.Tx) (TrialBalance, error) {
		book, err := tx.Ledger().Book(ctx)
		if err != nil {
			return TrialBalance{}, fmt.Errorf("reading balances: %w", err)
		}
		tb := TrialBalance{Sums: book.TrialBalance()}
		for _, k := range book.Lines() {
			tb.Lines = append(tb.Lines, Line{k.Account, k.Currency, book.Balance(k.Account, k.Currency)})
		}
		return tb, nil
	})
}

// ByKind adds a trial balance up by program, currency and kind of account.
func (tb TrialBalance) ByKind() []Line {
	type key struct {
		kind     ledger.Kind
		program  program.ID
		currency money.Currency
	}
	sums := make(map[key]int64)
	for _, l := range tb.Lines {
		sums[key{l.Account.Kind, l.Account.Program, l.Currency}] += l.Minor
	}
	lines := make([]Line, 0, len(sums))
	for k, minor := range sums {
		lines = append(lines, Line{ledger.Account{Kind: k.kind, Program: k.program}, k.currency, minor})
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Account.Program, b.Account.Program), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Account.Kind, b.Account.Kind))
	})
	return lines
}

// Balance is a publisher's money in a program by state, in minor units. Every figure is a sum of postings but Clearing, which is the
// sum of the payouts that the bank has not answered.
type Balance struct {
	Program   program.ID
	Publisher string
	Currency  money.Currency
	AsOf      time.Time

	Tracked, Pending                          int64
	Approved                                  int64 // everything that was ever approved, less reversals
	Available, Hold, Reserved, Clearing, Paid int64
	Clawback                                  int64 // what the publisher owes, not negative
}

// Withdrawable is what could be paid out: the available balance less the debt.
func (b *Balance) Withdrawable() int64 { return b.Available - b.Clawback }

// Balance reads a publisher's balance in a program whose currency is c.
func (v *Service) Balance(ctx context.Context, p program.ID, publisher string, c money.Currency) (Balance, error) {
	return view(ctx, v, func(tx store.Tx) (Balance, error) { return v.balance(ctx, tx, p, publisher, c) })
}

func (v *Service) balance(ctx context.Context, tx store.Tx, p program.ID, publisher string, c money.Currency) (Balance, error) {
	b := Balance{Program: p, Publisher: publisher, Currency: c, AsOf: v.now()}
	kinds := []ledger.Kind{ledger.Tracked, ledger.Pending, ledger.Available, ledger.Hold, ledger.Reserved, ledger.Paid, ledger.Clawback}
	accounts := make([]ledger.Account, len(kinds))
	for i, k := range kinds {
		accounts[i] = ledger.Of(k, p, publisher)
	}
	minor, err := tx.Ledger().Balances(ctx, c, accounts)
	if err != nil {
		return b, fmt.Errorf("reading the balance of %q: %w", publisher, err)
	}
	turnover, err := tx.Ledger().Turnover(ctx, p)
	if err != nil {
		return b, fmt.Errorf("reading what was approved for %q: %w", publisher, err)
	}
	b.Tracked, b.Pending, b.Available, b.Hold, b.Reserved, b.Paid, b.Clawback = minor[0], minor[1], minor[2], minor[3], minor[4], minor[5], -minor[6]
	b.Approved = turnover[publisher]
	b.Clearing, err = atTheBank(ctx, tx, p, publisher)
	return b, err
}

// Funnel is a program, or a publisher in it, from click to approval.
type Funnel struct {
	Program   program.ID
	Publisher string // none: the whole program
	Currency  money.Currency
	Tally     report.Tally
	States    map[string]store.StateSum // by state
}

func (f *Funnel) add(s store.StateSum) {
	was := f.States[s.State]
	was.State, was.Currency = s.State, s.Currency
	was.Items += s.Items
	was.Amount += s.Amount
	f.States[s.State] = was
	if s.Publisher == "" {
		return
	}
	t := report.Tally{Actions: s.Shown, Earnings: s.Amount, Held: s.Held, HoldTime: report.Seconds(s.HeldFor)}
	switch s.State {
	case "approved":
		t.Approved = s.Shown
	case "declined":
		t.Declined = s.Shown
	}
	f.Tally.Add(t)
}

// Funnels reads the funnel of each program and of each of its publishers: for each program first the whole, then its
// publishers by name.
func (v *Service) Funnels(ctx context.Context) ([]*Funnel, error) {
	return view(ctx, v, func(tx store.Tx) ([]*Funnel, error) {
		type key struct {
			program   program.ID
			publisher string
		}
		funnels := make(map[key]*Funnel)
		get := func(k key, c money.Currency) *Funnel {
			if funnels[k] == nil {
				funnels[k] = &Funnel{Program: k.program, Publisher: k.publisher, Currency: c, States: make(map[string]store.StateSum)}
			}
			return funnels[k]
		}
		// The sums of reports: reading each item for whoever looks would take seconds in a large installation.
		q := store.Figures{By: []store.Dim{store.DimProgram, store.DimPublisher}}
		currencies := make(map[program.ID]money.Currency)
		err := tx.Platform().Reports().Items(ctx, q, func(f store.Figure) error {
			s := store.StateSum{
				Program: program.ID(f.Keys[0]), Publisher: f.Keys[1], State: f.State, Currency: f.Currency,
				Items: f.Items, Shown: f.Actions, Amount: f.Amount, Held: f.Held, HeldFor: f.HeldFor,
			}
			currencies[s.Program] = s.Currency
			get(key{s.Program, ""}, s.Currency).add(s)
			if s.Publisher != "" {
				get(key{s.Program, s.Publisher}, s.Currency).add(s)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("adding up decisions: %w", err)
		}
		err = tx.Platform().Reports().Clicks(ctx, q, func(f store.Figure) error {
			p := program.ID(f.Keys[0])
			if c, ok := currencies[p]; ok && f.Keys[1] != "" && f.Clicks > 0 {
				get(key{p, f.Keys[1]}, c).Tally.Clicks += f.Clicks
				get(key{p, ""}, c).Tally.Clicks += f.Clicks
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("counting clicks: %w", err)
		}
		return slices.SortedFunc(maps.Values(funnels), func(a, b *Funnel) int {
			return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Publisher, b.Publisher))
		}), nil
	})
}
