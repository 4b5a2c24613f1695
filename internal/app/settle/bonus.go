package settle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/settlement"
)

// Bonuses books what publishers of a program have earned beside their commission, and takes back what later refunds undid
// (C9). It is to run once a day. It returns how many transactions it booked.
func (v *Service) Bonuses(ctx context.Context, p program.ID) (int, error) {
	now := v.now().UTC().Truncate(time.Microsecond)
	terms := v.Terms(p, now)
	if terms == nil {
		return 0, fmt.Errorf("program %q: %w", p, store.ErrNotFound)
	}
	if len(terms.Bonuses) == 0 {
		return 0, nil
	}
	booked := 0
	err := v.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Orders().Lock(ctx, p); err != nil {
			return fmt.Errorf("waiting for program %q: %w", p, err)
		}
		actions, err := approvedActions(ctx, tx, p)
		if err != nil {
			return err
		}
		known, err := bookedBonuses(ctx, tx, p)
		if err != nil {
			return err
		}
		for publisher := range known {
			if _, ok := actions[publisher]; !ok {
				actions[publisher] = nil // everything was taken back
			}
		}
		var todo []ledger.Transaction
		for _, publisher := range slices.Sorted(maps.Keys(actions)) {
			rewards, err := commission.Bonuses(terms, actions[publisher], now)
			if err != nil {
				return fmt.Errorf("bonuses of %q: %w", publisher, err)
			}
			todo = append(todo, settlement.Missing(settlement.BonusTransactions(terms, publisher, rewards), known[publisher])...)
		}
		booked = len(todo)
		return store.Book(ctx, tx, todo, now)
	})
	return booked, err
}

// approvedActions are the approved actions of a program's publishers. They are read without their decision records: there are as many
// as the program ever had.
func approvedActions(ctx context.Context, tx store.Tx, p program.ID) (map[string][]commission.Action, error) {
	actions := make(map[string][]commission.Action)
	q := store.Figures{Program: p, Where: []store.Match{{Dim: store.DimState, Value: settlement.Approved.String()}}}
	_, err := tx.Platform().Reports().List(ctx, q, "", 0, func(r *store.ItemRow) error {
		actions[r.Publisher] = append(actions[r.Publisher], commission.Action{Value: r.Value, CompletedAt: r.Completed, ApprovedAt: r.SettledAt})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading approved actions: %w", err)
	}
	return actions, nil
}

// bookedBonuses are the bonus transactions of a program with their corrections, by publisher. They belong to no order.
func bookedBonuses(ctx context.Context, tx store.Tx, p program.ID) (map[string][]ledger.Transaction, error) {
	all, err := tx.Ledger().OfOrders(ctx, []order.Key{{Program: p}})
	if err != nil {
		return nil, fmt.Errorf("reading booked bonuses: %w", err)
	}
	known := make(map[string][]ledger.Transaction)
	for _, t := range all[0] {
		if t.Reason == ledger.ReasonBonus || strings.HasPrefix(t.Corrects, "bonus/") {
			known[t.Publisher] = append(known[t.Publisher], t)
		}
	}
	return known, nil
}
