package sqlite

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlstore"
)

// Tidy implements store.Store.
func (s *Store) Tidy(ctx context.Context, now time.Time, keep store.Retention) (done store.Tidied, err error) {
	if err := sqlstore.Seal(ctx, s, now, keep); err != nil {
		return done, err
	}
	if keep.Clicks > 0 {
		if done.Clicks, err = sqlstore.Forget(ctx, s, sqlstore.Touches, now.Add(-keep.Clicks)); err != nil {
			return done, err
		}
	}
	if keep.Visits > 0 {
		done.Visits, err = sqlstore.Forget(ctx, s, sqlstore.Visits, now.Add(-keep.Visits))
	}
	return done, err
}
