package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
)

// PublisherNames are what the organisations that stand for publishers are called, by the publisher's id; those without one are left out.
func (v *Service) PublisherNames(ctx context.Context, publishers []string) (map[string]string, error) {
	return v.names(ctx, publishers, func(some []string) store.OrganisationFilter { return store.OrganisationFilter{Publishers: some} }, func(o *store.Organisation) string { return o.Publisher })
}

// OrganisationNames are what organisations are called, by their id; unknown ones are left out.
func (v *Service) OrganisationNames(ctx context.Context, ids []string) (map[string]string, error) {
	return v.names(ctx, ids, func(some []string) store.OrganisationFilter { return store.OrganisationFilter{IDs: some} }, func(o *store.Organisation) string { return o.ID })
}

func (v *Service) names(ctx context.Context, of []string, filter func([]string) store.OrganisationFilter, key func(*store.Organisation) string) (map[string]string, error) {
	names := make(map[string]string)
	of = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(of))), func(id string) bool { return id == "" })
	if len(of) == 0 {
		return names, nil
	}
	err := v.store.View(ctx, func(tx store.Tx) error {
		for some := range slices.Chunk(of, 500) {
			found, err := tx.Platform().Accounts().Organisations().Find(ctx, filter(some), len(some))
			if err != nil {
				return fmt.Errorf("looking up what organisations are called: %w", err)
			}
			for i := range found {
				names[key(&found[i])] = found[i].Name
			}
		}
		return nil
	})
	return names, err
}
