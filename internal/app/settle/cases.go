package settle

import (
	"context"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/order"
)

// Case keeps what a trust case did to order items and settles their orders, in the transaction that changes the case: so a case and
// the books never differ (M4). Events that a case may not tell, or that contradict their orders, are an error, and the transaction
// must be undone.
func (v *Service) Case(ctx context.Context, tx store.Tx, events []order.Event) error {
	var keys []order.Key
	for i := range events {
		if !events[i].Kind.OfCase() {
			return fmt.Errorf("a %s event of order %q is not a case's to tell: %w", events[i].Kind, events[i].Order, store.ErrInvalid)
		}
		if err := wire.CheckEvent(&events[i]); err != nil {
			return err
		}
		if !slices.Contains(keys, events[i].Key) {
			keys = append(keys, events[i].Key)
		}
	}
	sortKeys(keys)
	if err := lock(ctx, tx, keys); err != nil {
		return err
	}
	if _, err := tx.Orders().InsertEvents(ctx, events, v.now()); err != nil {
		return fmt.Errorf("keeping what a case did: %w", err)
	}
	return v.settleKnown(ctx, tx, keys)
}

// notACases refuses the events that only trust cases may tell.
func notACases(e *order.Event) error {
	if !e.Kind.OfCase() {
		return nil
	}
	return &wire.Fault{
		Member: "event", Reason: fmt.Sprintf("%q is a trust case's to tell, not a marketplace's", e.Kind),
		Fix: "report \"fraud\" with the evidence, or open a case",
	}
}
