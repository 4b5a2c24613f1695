package settle

import (
	"context"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
)

// Logged is a batch of clicks that an edge logged, with what it saw of them, and how far its log is read with them (L3).
type Logged struct {
	Clicks []*click.Click
	Visits []store.Visit
	// Log names the log and Position is where the next batch begins; both are empty where the sender keeps the position.
	Log, Position string
}

// Load keeps logged clicks and settles the orders that were waiting for them, in one transaction with the position: so every
// click is taken in exactly once, however often its batch comes. A click that contradicts a known one is store.ErrConflict.
func (v *Service) Load(ctx context.Context, b Logged) error {
	if len(b.Clicks) == 0 && b.Log == "" {
		return nil
	}
	_, err := v.ask(&request{ctx: ctx, clicks: b.Clicks, logged: &b})
	return err
}

// Position is how far a log is read, "" where it never was.
func (v *Service) Position(ctx context.Context, log string) (position string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		position, err = tx.Platform().Visits().Position(ctx, log)
		return err
	})
	return position, err
}

func (b *Logged) keep(ctx context.Context, tx store.Tx) error {
	if err := tx.Platform().Visits().Put(ctx, b.Visits); err != nil {
		return err
	}
	if b.Log == "" {
		return nil
	}
	return tx.Platform().Visits().SetPosition(ctx, b.Log, b.Position)
}
