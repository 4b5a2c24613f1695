package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// M5, R4: a store of an older version is taken over with all that is in it.
func TestOpenTakesOver(t *testing.T) {
	all := new(schemas)
	storetest.RunTakeovers(t, func(t testing.TB) storetest.Old {
		dsn := all.dsn(t)
		return storetest.Old{
			Opener: func(ctx context.Context) (store.Store, error) { return Open(ctx, dsn) },
			Exec: func(ctx context.Context, statements string) error {
				pool, err := pgxpool.New(ctx, dsn)
				if err != nil {
					return err
				}
				defer pool.Close()
				_, err = pool.Exec(ctx, statements)
				return err
			},
			Steps: migrations,
		}
	})
}
