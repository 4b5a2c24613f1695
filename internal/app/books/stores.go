package books

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/seller"
)

// Stores reads the stores with the given ids, by id; unknown ones are left out.
func (v *Service) Stores(ctx context.Context, ids []string) ([]*seller.Store, error) {
	return view(ctx, v, func(tx store.Tx) ([]*seller.Store, error) {
		_, stores, err := tx.Facts().Catalog(ctx, nil, ids)
		if err != nil {
			return nil, fmt.Errorf("reading stores: %w", err)
		}
		return stores, nil
	})
}
