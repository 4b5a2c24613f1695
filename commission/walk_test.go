package commission_test

import (
	"slices"

	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// walk rates an item the plain way: it reads the program document's steps anew for each item, as the contract's step 7 tells
// it. The compiled table must say the same, and be faster.
func walk(terms *program.Terms, f *commission.Facts) commission.Rated {
	for i := range terms.Rates.Steps {
		s := &terms.Rates.Steps[i]
		percent, rule, ok := try(terms, s, f)
		if !ok {
			continue
		}
		r := commission.Rated{Rule: rule, Percent: percent, Step: i}
		switch s.Kind {
		case program.StepNewBuyer, program.StepCategory, program.StepDefault:
			if f.Event != nil {
				sum, err := percent.Add(f.Event.Points)
				if err != nil {
					panic(err)
				}
				r.Percent, r.Event = sum, true
			}
		}
		if s.Kind == program.StepNewBuyer {
			old := *f
			old.NewBuyer = false
			r.OldPercent, r.UpliftCap = walk(terms, &old).Percent, s.UpliftCap
		}
		return r
	}
	return commission.Rated{Rule: "none", Step: -1}
}

// try applies one step.
func try(terms *program.Terms, s *program.RateStep, f *commission.Facts) (money.Rate, string, bool) {
	affiliate := f.Product.AffiliateAt(f.Store, f.PlacedAt)
	rule := s.Kind.String()
	var none money.Rate
	switch s.Kind {
	case program.StepOutOfStock:
		return none, rule, !f.InStock
	case program.StepVirtual:
		return none, rule, f.Product != nil && f.Product.Virtual
	case program.StepStoreList:
		for _, l := range s.Lists {
			if f.Store.OnList(l.List) {
				return l.Percent, "store_list:" + l.List, true
			}
		}
	case program.StepMarket:
		if !terms.InMarket(s.Market, f.ShipTo) {
			return none, "", false
		}
		rule = "market:" + s.Market
		r := f.Product.RateAt(f.Store, f.PlacedAt)
		if c, ok := f.Product.CampaignAt(f.Store, f.PlacedAt); ok {
			r = &c.Rate
		}
		if !affiliate || r == nil {
			return none, rule, true
		}
		return r.Clamp(s.Min, s.Max), rule, true
	case program.StepNonAffiliate:
		listed := slices.ContainsFunc(s.StoreLists, f.Store.OnList)
		return none, rule, !affiliate && (slices.Contains(s.TrafficTypes, f.TrafficType) || listed || s.DuringTrafficCheck && f.TrafficCheck)
	case program.StepHot:
		if f.Product == nil || f.Product.HotRate == nil || f.LinkKind != program.LinkHot || f.LinkProduct != f.ItemProduct ||
			slices.Contains(s.NotFor, f.TrafficType) || s.NotDuringTrafficCheck && f.TrafficCheck {
			return none, "", false
		}
		return *f.Product.HotRate, rule, true
	case program.StepCampaign:
		if c, ok := f.Product.CampaignAt(f.Store, f.PlacedAt); ok {
			return c.Rate, rule, true
		}
	case program.StepSellerRate:
		if r := f.Product.RateAt(f.Store, f.PlacedAt); r != nil {
			return *r, rule, true
		}
	case program.StepNewBuyer:
		if f.NewBuyer && (len(s.TrafficTypes) == 0 || slices.Contains(s.TrafficTypes, f.TrafficType)) {
			r, ok := s.RateOf(f.Category)
			return r, rule, ok
		}
	case program.StepCategory:
		r, ok := s.RateOf(f.Category)
		return r, rule, ok
	case program.StepDefault:
		if s.Otherwise == nil {
			return none, rule, true
		}
		return *s.Otherwise, rule, true
	}
	return none, "", false
}
