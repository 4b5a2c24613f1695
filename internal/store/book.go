package store

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Book fits transactions to the balances of the store as they stand, gives them ids and books them. Every use case that
// moves money books through it.
func Book(ctx context.Context, tx Tx, todo []ledger.Transaction, now time.Time) error {
	if len(todo) == 0 {
		return nil
	}
	var book ledger.Book
	for currency, accounts := range concerned(todo) {
		balances, err := tx.Ledger().Balances(ctx, currency, accounts)
		if err != nil {
			return fmt.Errorf("reading balances: %w", err)
		}
		for i, a := range accounts {
			book.Set(a, currency, balances[i])
		}
	}
	for i := range todo {
		t := book.Settle(todo[i])
		t.ID, t.RecordedAt = ledger.EntryID(t.EffectiveAt, t.Cause), now
		if err := book.Post(&t); err != nil {
			return &PostError{t.Program, t.Order, err}
		}
		todo[i] = t
	}
	if err := tx.Ledger().Post(ctx, todo); err != nil {
		return fmt.Errorf("booking: %w", err)
	}
	return nil
}

// PostError says which order's transaction could not be booked; Order is "" for one that belongs to none.
type PostError struct {
	Program program.ID
	Order   string
	Err     error
}

func (e *PostError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *PostError) Unwrap() error { return e.Err }

// concerned are the accounts that transactions touch, and the debts of the publishers whose balances they touch.
func concerned(ts []ledger.Transaction) map[money.Currency][]ledger.Account {
	seen := make(map[ledger.Key]bool)
	accounts := make(map[money.Currency][]ledger.Account)
	add := func(a ledger.Account, c money.Currency) {
		k := ledger.Key{Account: a, Currency: c}
		if !seen[k] {
			seen[k] = true
			accounts[c] = append(accounts[c], a)
		}
	}
	for i := range ts {
		for _, m := range ts[i].Movements {
			for _, a := range [2]ledger.Account{m.From, m.To} {
				add(a, ts[i].Currency)
				if a.Kind == ledger.Available {
					add(ledger.Of(ledger.Clawback, a.Program, a.Owner), ts[i].Currency)
				}
			}
		}
	}
	return accounts
}
