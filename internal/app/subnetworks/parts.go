package subnetworks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

// Part is the part of a sub-publisher in a payout of its subnetwork, or in what is not paid out yet.
type Part struct {
	Payout   string // its id; empty: in the balance
	At       time.Time
	Program  program.ID
	Currency money.Currency
	Sub      string // the ad space that brought it; empty: what no item brought, such as bonuses and deductions
	Amount   int64  // minor units
	State    string // of the payout, as runs name it; of the balance: available
}

// purse is what of the balance of a program is whose.
type purse map[string]int64

// Parts tells of each payout of a subnetwork which part each of its sub-publishers brought, and of what is available now (A8). The parts
// of a payout add up to what was taken out of the balance for it, to the cent: the balance is followed through the ledger, movement
// by movement, each with the ad space of its item. Where less than the balance is paid out, the parts are in proportion.
func (v *Service) Parts(ctx context.Context, of string) ([]Part, error) {
	var parts []Part
	err := v.store.View(ctx, func(tx store.Tx) error {
		parts = nil
		spaces, err := spacesOf(ctx, tx, of)
		if err != nil {
			return err
		}
		type account struct {
			program  program.ID
			currency money.Currency
		}
		purses := make(map[account]purse)
		known, err := payoutsOf(ctx, tx, of)
		if err != nil {
			return err
		}
		shares := make(map[string]purse) // by the cause of the payout's reservation
		made := make(map[string]ledger.Transaction)
		for after := ""; ; {
			page, next, err := tx.Ledger().Page(ctx, store.JournalFilter{Publisher: of}, after, 1000)
			if err != nil {
				return err
			}
			for _, t := range page {
				k := account{t.Program, t.Currency}
				if purses[k] == nil {
					purses[k] = make(purse)
				}
				in := change(&t, of)
				if in == 0 {
					continue
				}
				if t.Reason == ledger.ReasonReserve && in < 0 {
					if shares[t.Cause], err = take(purses[k], -in); err != nil {
						return fmt.Errorf("sharing out %s: %w", t.Cause, err)
					}
					made[t.Cause] = t
					continue
				}
				if back := known.of(t.Cause); back != "" {
					giveBack(purses[k], shares[back], in)
					continue
				}
				purses[k][spaces[itemKey{order.Key{Program: t.Program, Order: t.Order}, t.Item}]] += in
			}
			if after = next; after == "" {
				break
			}
		}
		for cause, p := range shares {
			t, x := made[cause], known[cause]
			for sub, amount := range p {
				parts = append(parts, Part{Payout: x.id, At: t.EffectiveAt, Program: t.Program, Currency: t.Currency, Sub: sub, Amount: amount, State: x.state})
			}
		}
		for k, p := range purses {
			for sub, amount := range p {
				if amount != 0 {
					parts = append(parts, Part{At: v.at(), Program: k.program, Currency: k.currency, Sub: sub, Amount: amount, State: "available"})
				}
			}
		}
		return nil
	})
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Payout, b.Payout), cmp.Compare(a.Sub, b.Sub), cmp.Compare(a.Currency, b.Currency))
	})
	return parts, err
}

type itemKey struct {
	order.Key
	item string
}

// spacesOf are the ad spaces that brought the items of a publisher.
func spacesOf(ctx context.Context, tx store.Tx, of string) (map[itemKey]string, error) {
	spaces := make(map[itemKey]string)
	_, err := tx.Platform().Reports().List(ctx, store.Figures{Publisher: of}, "", 0, func(r *store.ItemRow) error {
		spaces[itemKey{r.Key, r.Item}] = r.AdSpace
		return nil
	})
	return spaces, err
}

// change is what a transaction brought to the publisher's balance: a debt counts as the balance that it stands for.
func change(t *ledger.Transaction, of string) (sum int64) {
	mine := func(a ledger.Account) bool {
		return (a.Kind == ledger.Available || a.Kind == ledger.Clawback) && a.Owner == of
	}
	for _, m := range t.Movements {
		if mine(m.To) {
			sum += m.Amount
		}
		if mine(m.From) {
			sum -= m.Amount
		}
	}
	return sum
}

// payment is a payout of a publisher.
type payment struct{ id, bank, state string }

// payments are those of a publisher by the cause of their reservation.
type payments map[string]payment

func payoutsOf(ctx context.Context, tx store.Tx, of string) (payments, error) {
	all, err := tx.Payouts().Of(ctx, store.PayoutFilter{Publisher: of})
	if err != nil {
		return nil, fmt.Errorf("reading the payouts of %q: %w", of, err)
	}
	known := make(payments)
	for i := range all {
		p := &all[i].Payout
		reserve, bank := (&payout.Run{ID: all[i].Run}).Causes(p)
		known[reserve] = payment{p.ID, bank, string(p.Status)}
	}
	return known, nil
}

// of is the reservation of the payout that a cause is about, "" where it is about none.
func (p payments) of(cause string) string {
	if !strings.HasPrefix(cause, "payout/") {
		return ""
	}
	for reserve, x := range p {
		if strings.HasPrefix(cause, reserve+"/") || strings.HasPrefix(cause, x.bank) {
			return reserve
		}
	}
	return ""
}

// take takes an amount out of a purse: whoever brought more has more of it. A debt of one is carried by the others.
func take(p purse, amount int64) (purse, error) {
	keys := slices.Sorted(maps.Keys(p))
	weights := make([]int64, len(keys))
	total := int64(0)
	for i, k := range keys {
		weights[i] = max(p[k], 0)
		total += p[k]
	}
	out := make(purse)
	if total == amount { // all of it: everybody has exactly what is theirs
		for k, n := range p {
			if n != 0 {
				out[k] = n
			}
		}
		clear(p)
		return out, nil
	}
	shares, err := money.Split(amount, weights)
	if err != nil {
		return nil, err
	}
	rest := amount
	for i, k := range keys {
		if shares[i] != 0 {
			out[k] = shares[i]
			p[k] -= shares[i]
			rest -= shares[i]
		}
	}
	if rest != 0 { // nobody brought anything
		out[""] += rest
		p[""] -= rest
	}
	return out, nil
}

// giveBack puts what came back of a payout where it was taken from. What is missing of it, a bank's fee, is nobody's item.
func giveBack(p, share purse, amount int64) {
	total := int64(0)
	for k, n := range share {
		p[k] += n
		total += n
	}
	p[""] += amount - total
}
