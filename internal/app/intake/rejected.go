package intake

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
)

// RejectedCall is a call of the API that was not done, or not in full (I1).
type RejectedCall = store.RejectedCall

// CallError is one thing that was wrong with a call.
type CallError = store.CallError

// RejectedKept is how many rejected calls are kept of each key.
const RejectedKept = 100

// KeepRejected enters rejected calls, in a transaction of their own, and forgets of each key among them all but the newest.
func (s *Service) KeepRejected(ctx context.Context, calls []RejectedCall) error {
	err := s.store.Update(ctx, func(tx store.Tx) error {
		return tx.Platform().Accounts().Rejected().Add(ctx, calls, RejectedKept)
	})
	if err != nil {
		return fmt.Errorf("keeping rejected calls: %w", err)
	}
	return nil
}

// Rejected returns the rejected calls of a key, the newest first.
func (s *Service) Rejected(ctx context.Context, key string) (calls []RejectedCall, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		calls, err = tx.Platform().Accounts().Rejected().Of(ctx, key, RejectedKept)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading rejected calls: %w", err)
	}
	return calls, nil
}
