// Package catalog holds the facts about products that decide what they earn (S1-S2, C1-C6).
package catalog

import (
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/seller"
)

// Product is a product of the marketplace. Rates are percentages.
type Product struct {
	ID         string
	Store      string
	Category   string // a slug, such as "mobile_phones"
	Affiliate  bool   // its seller takes part (S1)
	Virtual    bool   // gift cards, coupons, travel (C2)
	HotRate    *money.Rate
	SellerRate *money.Rate
	Campaigns  []Campaign
}

// Campaign is a rate that a seller set for a time; To is exclusive (S2).
type Campaign struct {
	Rate     money.Rate
	From, To time.Time
}

// CampaignAt returns the first campaign in force at a time, or nil. A nil product has none.
func (p *Product) CampaignAt(t time.Time) *Campaign {
	if p == nil {
		return nil
	}
	for i := range p.Campaigns {
		if c := &p.Campaigns[i]; !t.Before(c.From) && t.Before(c.To) {
			return c
		}
	}
	return nil
}

// RateAt returns the seller's own rate without campaigns: the product's, else the store's, else nil (S2).
func (p *Product) RateAt(s *seller.Store) *money.Rate {
	if p != nil && p.SellerRate != nil {
		return p.SellerRate
	}
	if s != nil {
		return s.Rate
	}
	return nil
}

// AffiliateAt reports whether the product earns as an affiliate product at a time: the flag of the product, and the
// store's taking part where its periods are known (S1). A product that the catalogue does not have is non-affiliate.
func (p *Product) AffiliateAt(s *seller.Store, t time.Time) bool {
	if p == nil || !p.Affiliate {
		return false
	}
	takesPart, known := s.ParticipatesAt(t)
	return takesPart || !known
}
