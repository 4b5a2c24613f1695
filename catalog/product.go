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
	Offers     []seller.Offer `json:",omitempty"` // that the seller set here for the product (S2)
}

// Campaign is a rate that a seller set for a time; To is exclusive (S2).
type Campaign struct {
	Rate     money.Rate
	From, To time.Time
}

// CampaignAt returns the campaign in force at a time, where there is one: of the product's own ones the first, those that the seller set here
// before the reported ones, else the store's (S2). A nil product has none, and what a store that left has set counts no more (S1).
func (p *Product) CampaignAt(s *seller.Store, t time.Time) (c Campaign, ok bool) {
	if p == nil || s.Out(t) {
		return c, false
	}
	if o := seller.CampaignOf(p.Offers, t); o != nil {
		return Campaign{o.Rate, o.From, o.To}, true
	}
	for i := range p.Campaigns {
		if c := &p.Campaigns[i]; !t.Before(c.From) && t.Before(c.To) {
			return *c, true
		}
	}
	if s != nil {
		// One of the whole store never lowers what a product pays by itself.
		own := p.ownRateAt(t)
		if o := seller.CampaignOf(s.Offers, t); o != nil && (own == nil || o.Rate.Cmp(*own) > 0) {
			return Campaign{o.Rate, o.From, o.To}, true
		}
	}
	return c, false
}

// RateAt returns the seller's own rate at a time, without campaigns: the product's, else the store's, else nil; of each the one that
// the seller set here before the reported one (S2). What a store that left has set counts no more (S1).
func (p *Product) RateAt(s *seller.Store, t time.Time) *money.Rate {
	if s.Out(t) {
		return nil
	}
	if own := p.ownRateAt(t); own != nil {
		return own
	}
	return s.RateAt(t)
}

func (p *Product) ownRateAt(t time.Time) *money.Rate {
	if p == nil {
		return nil
	}
	if o := seller.StandingOf(p.Offers, t); o != nil {
		return &o.Rate
	}
	return p.SellerRate
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
