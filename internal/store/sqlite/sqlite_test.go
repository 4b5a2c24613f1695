package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// fresh makes an empty database.
func fresh(t testing.TB) storetest.Opener {
	path := filepath.Join(t.TempDir(), "store.db")
	return func(ctx context.Context) (store.Store, error) {
		s, err := Open(ctx, path)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

func TestContract(t *testing.T) { storetest.Run(t, fresh) }
