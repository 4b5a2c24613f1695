package storetest_test

import (
	"context"
	"slices"

	"github.com/clickledger/clickledger/internal/store"
)

type sellerFaults struct {
	store.Sellers
	put     func(ctx context.Context, s store.Sellers, offers []store.StoreOffer) error
	drop    func(ctx context.Context, s store.Sellers, offers []store.StoreOffer) error
	filter  func(store.OfferFilter) store.OfferFilter
	changes func([]store.StoreChange)
	ids     func([]string)
}

func (f sellerFaults) PutOffers(ctx context.Context, offers []store.StoreOffer) error {
	if f.put != nil {
		return f.put(ctx, f.Sellers, offers)
	}
	return f.Sellers.PutOffers(ctx, offers)
}

func (f sellerFaults) DropOffers(ctx context.Context, offers []store.StoreOffer) error {
	if f.drop != nil {
		return f.drop(ctx, f.Sellers, offers)
	}
	return f.Sellers.DropOffers(ctx, offers)
}

func (f sellerFaults) Offers(ctx context.Context, q store.OfferFilter, after string, limit int) ([]store.StoreOffer, string, error) {
	if f.filter != nil {
		q = f.filter(q)
	}
	return f.Sellers.Offers(ctx, q, after, limit)
}

func (f sellerFaults) Changes(ctx context.Context, of, after string, limit int) ([]store.StoreChange, string, error) {
	all, next, err := f.Sellers.Changes(ctx, of, after, limit)
	if f.changes != nil {
		f.changes(all)
	}
	return all, next, err
}

func (f sellerFaults) Products(ctx context.Context, of, after string, limit int) ([]string, string, error) {
	all, next, err := f.Sellers.Products(ctx, of, after, limit)
	if f.ids != nil {
		f.ids(all)
	}
	return all, next, err
}

func (p *platformFaults) Sellers() store.Sellers {
	if p.sellers != nil {
		return p.sellers(p.Platform.Sellers())
	}
	return p.Platform.Sellers()
}

func inSellers(f sellerFaults) func(store.Store) *broken {
	return inPlatform(platformFaults{sellers: func(s store.Sellers) store.Sellers { f := f; f.Sellers = s; return f }})
}

type subFaults struct {
	store.Joining
}

func (f subFaults) SubPublishers(ctx context.Context, publisher string) ([]store.SubPublisher, error) {
	all, err := f.Joining.SubPublishers(ctx, publisher)
	for i := range all {
		all[i].BlockedAt = all[i].CreatedAt
	}
	return all, err
}

func sellerFaultList() []fault {
	return []fault{
		{name: "keeps the first of two offers with one key", caught: []string{"sellers' offers come back"},
			break_: inSellers(sellerFaults{put: func(ctx context.Context, s store.Sellers, offers []store.StoreOffer) error {
				offers = slices.Clone(offers)
				slices.Reverse(offers)
				return s.PutOffers(ctx, offers)
			}})},
		{name: "takes no offer away", caught: []string{"sellers' offers come back"},
			break_: inSellers(sellerFaults{drop: func(context.Context, store.Sellers, []store.StoreOffer) error { return nil }})},
		{name: "shows what is over", caught: []string{"Sellers.Offers returns"},
			break_: inSellers(sellerFaults{filter: func(f store.OfferFilter) store.OfferFilter {
				if !f.Until.IsZero() {
					f.Until = f.Until.Add(-1_000_000_000)
				}
				return f
			}})},
		{name: "forgets who changed a store", caught: []string{"changes of a store"},
			break_: inSellers(sellerFaults{changes: func(all []store.StoreChange) {
				for i := range all {
					all[i].By = "Can"
				}
			}})},
		{name: "lists the products of a page backwards", caught: []string{"stores and their products"}, break_: inSellers(sellerFaults{ids: func(ids []string) { slices.Reverse(ids) }})},
		{name: "takes every sub-publisher for blocked", caught: []string{"sub-publishers come back"},
			break_: inPlatform(platformFaults{joining: func(s store.Joining) store.Joining { return subFaults{s} }})},
		{name: "forgets the network's fee", caught: []string{"Reports: what a store sold"},
			break_: inPlatform(platformFaults{reports: func(s store.Reports) store.Reports {
				return reportFaults{Reports: s, figure: func(_ store.Figures, f store.Figure) store.Figure { f.Fee = 0; return f }}
			}})},
	}
}
