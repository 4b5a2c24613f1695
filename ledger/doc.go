// Package ledger is the double-entry book: accounts, transactions that balance by construction, and the balances they add up
// to (M1). It knows money only; what an order or a payout is, it does not know.
package ledger
