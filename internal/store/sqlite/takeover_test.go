package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// M5, R4: a store of an older version is taken over with all that is in it.
func TestOpenTakesOver(t *testing.T) {
	storetest.RunTakeovers(t, func(t testing.TB) storetest.Old {
		path := filepath.Join(t.TempDir(), "store.db")
		return storetest.Old{
			Opener: func(ctx context.Context) (store.Store, error) { return Open(ctx, path) },
			Exec: func(ctx context.Context, statements string) error {
				db, err := connect(path, false, 1)
				if err != nil {
					return err
				}
				defer db.Close()
				_, err = db.ExecContext(ctx, statements)
				return err
			},
			Steps: migrations,
		}
	})
}
