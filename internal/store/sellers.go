package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/seller"
)

// StoreOffer is a rate or a campaign that a seller set for a store or one product of it (S2). Its store, product, campaign and beginning
// are its key.
type StoreOffer struct {
	Store   string
	Product string // empty: the whole store
	seller.Offer
	EnteredAt time.Time
	EnteredBy string
}

// StoreChange is something that was changed of a store, and who did it.
type StoreChange struct {
	ID       int64
	Store    string
	At       time.Time
	By       string
	What     string // join, leave, rate, campaign or end
	Product  string // of a rate or a campaign; empty: the whole store
	Campaign string
	Rate     string    // an exact decimal; empty: none
	From, To time.Time // when it takes effect, and until when; zero: open
}

// OfferFilter selects offers; zero members select all.
type OfferFilter struct {
	Store     string
	Product   *string   // "": those of whole stores
	Campaigns bool      // only campaigns
	Standing  bool      // only standing rates
	Until     time.Time // only those that do not end at or before it
	Within    time.Time // only those that begin at or before it
}

// Sellers are what sellers set for their stores (S1, S2). Facts.Catalog gives offers along with the stores and products that they are
// of; PutCatalog leaves them alone.
type Sellers interface {
	// PutOffers enters offers or replaces those with the same key; of several in one call the last counts.
	PutOffers(ctx context.Context, offers []StoreOffer) error
	// DropOffers takes the offers with the same keys away; those that are not there are no error.
	DropOffers(ctx context.Context, offers []StoreOffer) error
	// Offers returns up to limit offers that match a filter, the one that begins last first, then by store, product and campaign; after
	// and next as in all pages.
	Offers(ctx context.Context, f OfferFilter, after string, limit int) (offers []StoreOffer, next string, err error)
	// Note keeps a change; the store gives it its ID.
	Note(ctx context.Context, changes []StoreChange) error
	// Changes returns up to limit changes of a store, the newest first.
	Changes(ctx context.Context, store, after string, limit int) (changes []StoreChange, next string, err error)
	// Stores returns the ids of up to limit stores whose id or name holds some words (none: of all), by id. Letters A to Z match a to
	// z, all others only themselves.
	Stores(ctx context.Context, words, after string, limit int) (ids []string, next string, err error)
	// Products returns the ids of up to limit products of a store, by id.
	Products(ctx context.Context, store, after string, limit int) (ids []string, next string, err error)
}
