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
)

// Proof is the daily proof: that orders, postings and balances say the same (I1, I4, I7).
type Proof struct {
	At     time.Time
	Checks []Check
}

// Check is one thing that must agree.
type Check struct {
	Name        string // "trial_balance", "postings" or "orders"
	Compared    int    // how many figures
	Differences []Difference
}

// Difference is a figure that two sources do not agree on.
type Difference struct {
	What          string
	Currency      money.Currency
	Says, Against int64 // minor units
}

// OK reports whether everything agrees.
func (p *Proof) OK() bool {
	return !slices.ContainsFunc(p.Checks, func(c Check) bool { return len(c.Differences) > 0 })
}

func (c *Check) compare(what string, currency money.Currency, says, against int64) {
	c.Compared++
	if says != against {
		c.Differences = append(c.Differences, Difference{what, currency, says, against})
	}
}

// Proof checks the books. It reads every posting.
func (v *Service) Proof(ctx context.Context) (*Proof, error) {
	return view(ctx, v, func(tx store.Tx) (*Proof, error) {
		book, err := tx.Ledger().Book(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading balances: %w", err)
		}
		rebuilt, err := tx.Ledger().Rebuild(ctx)
		if err != nil {
			return nil, fmt.Errorf("adding up postings: %w", err)
		}
		zero := Check{Name: "trial_balance"}
		sums := book.TrialBalance()
		for _, c := range slices.Sorted(maps.Keys(sums)) {
			zero.compare("the sum of all accounts", c, sums[c], 0)
		}
		postings := Check{Name: "postings"}
		for _, k := range union(book, rebuilt) {
			postings.compare(k.Account.String(), k.Currency, book.Balance(k.Account, k.Currency), rebuilt.Balance(k.Account, k.Currency))
		}
		orders, err := decisionsAgree(ctx, tx, book)
		if err != nil {
			return nil, err
		}
		return &Proof{At: v.now(), Checks: []Check{zero, postings, orders}}, nil
	})
}

func union(a, b *ledger.Book) []ledger.Key {
	keys := append(a.Lines(), b.Lines()...)
	seen := make(map[ledger.Key]bool, len(keys))
	return slices.DeleteFunc(keys, func(k ledger.Key) bool {
		twice := seen[k]
		seen[k] = true
		return twice
	})
}

// owed is what decisions and accounts are compared by.
type owed struct {
	program   program.ID
	publisher string
	currency  money.Currency
	state     string
}

// decisionsAgree compares the sums of decisions with the books: tracked and pending with their accounts, approved with what
// moved from approved to available.
func decisionsAgree(ctx context.Context, tx store.Tx, book *ledger.Book) (Check, error) {
	c := Check{Name: "orders"}
	sums, err := tx.Decisions().Sums(ctx)
	if err != nil {
		return c, fmt.Errorf("adding up decisions: %w", err)
	}
	says, booked := make(map[owed]int64), make(map[owed]int64)
	for _, s := range sums {
		if s.Publisher != "" && s.State != "declined" {
			says[owed{s.Program, s.Publisher, s.Currency, s.State}] += s.Amount
		}
	}
	currencies := make(map[program.ID]money.Currency)
	for _, k := range book.Lines() {
		switch k.Account.Kind {
		case ledger.Tracked, ledger.Pending:
			booked[owed{k.Account.Program, k.Account.Owner, k.Currency, k.Account.Kind.String()}] = book.Balance(k.Account, k.Currency)
		case ledger.Available:
			currencies[k.Account.Program] = k.Currency
		}
	}
	for p, currency := range currencies {
		turnover, err := tx.Ledger().Turnover(ctx, p)
		if err != nil {
			return c, fmt.Errorf("adding up what program %q approved: %w", p, err)
		}
		for publisher, minor := range turnover {
			booked[owed{p, publisher, currency, "approved"}] = minor
		}
	}
	all := maps.Clone(says)
	maps.Copy(all, booked)
	for _, k := range slices.SortedFunc(maps.Keys(all), func(a, b owed) int {
		return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.currency, b.currency), cmp.Compare(a.state, b.state))
	}) {
		c.compare(fmt.Sprintf("%s of %s in %s", k.state, k.publisher, k.program), k.currency, says[k], booked[k])
	}
	return c, nil
}
