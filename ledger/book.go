package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/clickledger/clickledger/money"
)

// Key is an account in a currency: one line of the trial balance.
type Key struct {
	Account  Account
	Currency money.Currency
}

// Book is the sum of postings: the balance of each account. The zero value is an empty book.
type Book struct {
	balances map[Key]int64
}

// Balance returns an account's balance in minor units.
func (b *Book) Balance(a Account, c money.Currency) int64 { return b.balances[Key{a, c}] }

// Set puts a balance as it was read from a store. It is for loading a book, not for booking.
func (b *Book) Set(a Account, c money.Currency, minor int64) {
	if b.balances == nil {
		b.balances = make(map[Key]int64)
	}
	b.balances[Key{a, c}] = minor
}

// Lines are the accounts that were ever posted to, ordered by kind, program, owner and currency.
func (b *Book) Lines() []Key {
	keys := slices.Collect(maps.Keys(b.balances))
	slices.SortFunc(keys, func(x, y Key) int {
		return cmp.Or(
			cmp.Compare(x.Account.Kind, y.Account.Kind),
			cmp.Compare(x.Account.Program, y.Account.Program),
			cmp.Compare(x.Account.Owner, y.Account.Owner),
			cmp.Compare(x.Currency, y.Currency),
		)
	})
	return keys
}

// Post books a transaction: it must be valid, no balance may overflow, and no account may pass below zero that must not
// (or above, for debts). When it fails, the book is as it was.
func (b *Book) Post(t *Transaction) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if b.balances == nil {
		b.balances = make(map[Key]int64)
	}
	// A transaction touches few accounts, so a list is found through faster than a map is made.
	touched := make([]line, 0, 8)
	for _, m := range t.Movements {
		for _, p := range [2]Posting{{m.From, -m.Amount}, {m.To, m.Amount}} {
			i := slices.IndexFunc(touched, func(l line) bool { return l.account == p.Account })
			if i < 0 {
				i = len(touched)
				touched = append(touched, line{p.Account, b.balances[Key{p.Account, t.Currency}]})
			}
			sum, err := money.Add(touched[i].balance, p.Amount)
			if err != nil {
				return fmt.Errorf("transaction %s on %v: %w", t.Cause, p.Account, err)
			}
			touched[i].balance = sum
		}
	}
	// The limits hold after the whole transaction, not between its movements.
	for _, l := range touched {
		if k := l.account.Kind; (l.balance < 0 && k.NeverNegative()) || (l.balance > 0 && k.NeverPositive()) {
			return &LimitError{Cause: t.Cause, Account: l.account, Currency: t.Currency, Balance: l.balance}
		}
	}
	for _, l := range touched {
		b.balances[Key{l.account, t.Currency}] = l.balance
	}
	return nil
}

// line is an account with its balance in one currency.
type line struct {
	account Account
	balance int64
}

// Merge adds the balances of another book.
func (b *Book) Merge(o *Book) error {
	if b.balances == nil {
		b.balances = make(map[Key]int64, len(o.balances))
	}
	for k, v := range o.balances {
		sum, err := money.Add(b.balances[k], v)
		if err != nil {
			return fmt.Errorf("adding up %v: %w", k.Account, err)
		}
		b.balances[k] = sum
	}
	return nil
}

// LimitError says that a transaction would take an account past zero.
type LimitError struct {
	Cause    string
	Account  Account
	Currency money.Currency
	Balance  int64 // what it would have become
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("transaction %s would leave %v at %v", e.Cause, e.Account, money.New(e.Balance, e.Currency))
}

// Settle fits a transaction to the book as it stands. A movement out of a publisher's available balance that the
// balance does not cover takes the rest as a debt (clawback); a movement into an available balance first pays the
// publisher's debt off (O3, M2). Reservations and releases are not fitted: a payout takes what is there, never a debt.
func (b *Book) Settle(t Transaction) Transaction {
	fitted := make([]Movement, 0, len(t.Movements)+1)
	moved := make(map[Account]int64) // what this transaction did to an account so far
	add := func(m Movement) {
		if m.Amount > 0 {
			fitted = append(fitted, m)
			moved[m.From] -= m.Amount
			moved[m.To] += m.Amount
		}
	}
	balance := func(a Account) int64 { return b.Balance(a, t.Currency) + moved[a] }
	for _, m := range t.Movements {
		if m.From.Kind == Available && takesBack(t.Reason) {
			have := min(m.Amount, max(0, balance(m.From)))
			debt := Of(Clawback, m.From.Program, m.From.Owner)
			add(Movement{m.From, m.To, have})
			add(Movement{debt, m.To, m.Amount - have})
			continue
		}
		add(m)
		if m.To.Kind == Available {
			debt := Of(Clawback, m.To.Program, m.To.Owner)
			add(Movement{m.To, debt, min(m.Amount, -balance(debt))})
		}
	}
	t.Movements = fitted
	return t
}

func takesBack(r Reason) bool {
	switch r {
	case ReasonReversal, ReasonAntispam, ReasonCorrection, ReasonBonus, ReasonHold:
		return true
	}
	return false
}

// TrialBalance adds up all balances of each currency; every sum is zero in a sound book (invariant I1).
func (b *Book) TrialBalance() map[money.Currency]int64 {
	sums := make(map[money.Currency]int64)
	for k, v := range b.balances {
		sums[k.Currency] += v
	}
	return sums
}
