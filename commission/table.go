// Package commission rates the items of an order: which rule applies, at what percentage, of what base, under which caps
// (C1-C11). The rules of a program document are compiled once into a Table; rating an item then walks no document.
package commission

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// Table is the compiled rate card of one version of a program. It is never changed after Compile, so it may be shared.
type Table struct {
	terms  *program.Terms
	steps  []step
	events []occurrence
}

// step is a rate step with its parameters looked up ahead.
type step struct {
	kind       program.StepKind
	rule       string // the rule code, where the step has one only
	lists      []listRate
	countries  map[string]struct{}
	min, max   money.Rate
	forTypes   [program.TrafficTypeCount]bool // non_affiliate, new_buyer: for these; hot: not for these
	storeLists []string
	inCheck    bool                  // non_affiliate: during the traffic check; hot: not during it
	categories map[string]money.Rate // new_buyer, category
	otherwise  *money.Rate
	upliftCap  int64
}

type listRate struct {
	list, rule string
	percent    money.Rate
}

// occurrence is a sale event in one year.
type occurrence struct {
	from, to time.Time
	place    int // of the event in the document
}

// firstYear and lastYear bound the sale events that a table knows.
const firstYear, lastYear = 1990, 2100

// Compile builds the table of a program's terms.
func Compile(terms *program.Terms) *Table {
	t := &Table{terms: terms, steps: make([]step, 0, len(terms.Rates.Steps))}
	for i := range terms.Rates.Steps {
		t.steps = append(t.steps, compileStep(terms, &terms.Rates.Steps[i]))
	}
	for i := range terms.SaleEvents {
		e := &terms.SaleEvents[i]
		for year := firstYear; year <= lastYear; year++ {
			from, to := e.Period(year, terms.TimeZone)
			t.events = append(t.events, occurrence{from.UTC(), to.UTC(), i})
		}
	}
	sort.Slice(t.events, func(i, j int) bool { return t.events[i].from.Before(t.events[j].from) })
	return t
}

func compileStep(terms *program.Terms, r *program.RateStep) step {
	s := step{
		kind: r.Kind, rule: r.Kind.String(), min: r.Min, max: r.Max, storeLists: r.StoreLists,
		inCheck: r.DuringTrafficCheck || r.NotDuringTrafficCheck, otherwise: r.Otherwise, upliftCap: r.UpliftCap,
	}
	for _, l := range r.Lists {
		s.lists = append(s.lists, listRate{l.List, "store_list:" + l.List, l.Percent})
	}
	if r.Kind == program.StepMarket {
		s.rule = "market:" + r.Market
		s.countries = make(map[string]struct{})
		for _, c := range terms.Markets[r.Market] {
			s.countries[c] = struct{}{}
		}
	}
	types := r.TrafficTypes
	if r.Kind == program.StepHot {
		types = r.NotFor
	}
	if r.Kind == program.StepNewBuyer && len(types) == 0 {
		types = program.TrafficTypes()
	}
	for _, t := range types {
		s.forTypes[t] = true
	}
	if len(r.Rates) > 0 {
		s.categories = make(map[string]money.Rate)
		for _, cr := range r.Rates {
			for _, c := range cr.Categories {
				s.categories[c] = cr.Percent
			}
		}
	}
	return s
}

// Terms are the terms that the table was compiled from.
func (t *Table) Terms() *program.Terms { return t.terms }

// EventAt returns the sale event in force at a time, or nil. Of two that overlap, the one that the document names first
// counts (P4).
func (t *Table) EventAt(at time.Time) *program.SaleEvent {
	const longest = 372 * 24 * time.Hour // a year, and what a date by its weekday can move
	first := len(t.terms.SaleEvents)
	for i := sort.Search(len(t.events), func(i int) bool { return t.events[i].from.After(at) }) - 1; i >= 0; i-- {
		o := &t.events[i]
		if at.Sub(o.from) > longest {
			break
		}
		if at.Before(o.to) {
			first = min(first, o.place)
		}
	}
	if first == len(t.terms.SaleEvents) {
		return nil
	}
	return &t.terms.SaleEvents[first]
}

// Facts are what the rate of an item depends on.
type Facts struct {
	Product      *catalog.Product // nil: the catalogue does not have it
	Store        *seller.Store    // nil: unknown, on no list
	Category     string           // the catalogue's, or else the item's own
	ItemProduct  string           // the item's product id
	InStock      bool
	TrafficType  program.TrafficType // the winner's
	LinkKind     program.LinkKind    // of the winner's click; 0 for a coupon
	LinkProduct  string
	TrafficCheck bool // the winner's ad space was under traffic check at `placed`
	NewBuyer     bool
	ShipTo       string
	PlacedAt     time.Time
	Event        *program.SaleEvent // in force at `placed`
}

// Rated is the rate of an item and where it comes from.
type Rated struct {
	Rule    string
	Percent money.Rate // event points included
	Step    int        // index of the program document's step; -1: no step matched
	Event   bool       // event points are included
	// OldPercent is what the item would earn for an old buyer; set where Rule is new_buyer.
	OldPercent money.Rate
	UpliftCap  int64 // minor units of the program currency; 0: none
}

// Rate finds the rate of an item: the first step that matches gives it (replay step 7).
func (t *Table) Rate(f *Facts) Rated {
	for i := range t.steps {
		s := &t.steps[i]
		percent, rule, ok := s.match(f, f.NewBuyer)
		if !ok {
			continue
		}
		r := Rated{Rule: rule, Percent: percent, Step: i}
		if s.takesPoints() && f.Event != nil {
			r.Percent, r.Event = plus(percent, f.Event.Points), true
		}
		if s.kind == program.StepNewBuyer {
			r.UpliftCap = s.upliftCap
			r.OldPercent = t.old(f, i+1)
		}
		return r
	}
	return Rated{Rule: "none", Step: -1}
}

// old is the percentage for an old buyer, from the steps after a new-buyer step.
func (t *Table) old(f *Facts, from int) money.Rate {
	for i := from; i < len(t.steps); i++ {
		s := &t.steps[i]
		if percent, _, ok := s.match(f, false); ok {
			if s.takesPoints() && f.Event != nil {
				return plus(percent, f.Event.Points)
			}
			return percent
		}
	}
	return money.Rate{}
}

// plus adds event points. Percentages of a program document are at most 100 with few decimals, so the sum always fits.
func plus(a, b money.Rate) money.Rate {
	sum, err := a.Add(b)
	if err != nil {
		panic(fmt.Sprintf("commission: %v", err))
	}
	return sum
}

// takesPoints reports whether the points of a sale event are added to the step's rates.
func (s *step) takesPoints() bool {
	return s.kind == program.StepNewBuyer || s.kind == program.StepCategory || s.kind == program.StepDefault
}

// match reports whether the step rates an item, at which percentage, under which rule code.
func (s *step) match(f *Facts, newBuyer bool) (money.Rate, string, bool) {
	var zero money.Rate
	switch s.kind {
	case program.StepOutOfStock:
		return zero, s.rule, !f.InStock
	case program.StepVirtual:
		return zero, s.rule, f.Product != nil && f.Product.Virtual
	case program.StepStoreList:
		if f.Store == nil || len(f.Store.Lists) == 0 {
			return zero, "", false
		}
		for i := range s.lists {
			if f.Store.OnList(s.lists[i].list) {
				return s.lists[i].percent, s.lists[i].rule, true
			}
		}
		return zero, "", false
	case program.StepMarket:
		if _, in := s.countries[f.ShipTo]; !in {
			return zero, "", false
		}
		if !f.Product.AffiliateAt(f.Store, f.PlacedAt) {
			return zero, s.rule, true
		}
		if c, ok := f.Product.CampaignAt(f.Store, f.PlacedAt); ok {
			return c.Rate.Clamp(s.min, s.max), s.rule, true
		}
		if r := f.Product.RateAt(f.Store, f.PlacedAt); r != nil {
			return r.Clamp(s.min, s.max), s.rule, true
		}
		return zero, s.rule, true
	case program.StepNonAffiliate:
		if f.Product.AffiliateAt(f.Store, f.PlacedAt) {
			return zero, "", false
		}
		return zero, s.rule, s.forTypes[f.TrafficType] || (s.inCheck && f.TrafficCheck) || s.onStoreList(f.Store)
	case program.StepHot:
		if f.Product == nil || f.Product.HotRate == nil || f.LinkKind != program.LinkHot || f.LinkProduct != f.ItemProduct {
			return zero, "", false
		}
		if s.forTypes[f.TrafficType] || (s.inCheck && f.TrafficCheck) {
			return zero, "", false
		}
		return *f.Product.HotRate, s.rule, true
	case program.StepCampaign:
		if c, ok := f.Product.CampaignAt(f.Store, f.PlacedAt); ok {
			return c.Rate, s.rule, true
		}
		return zero, "", false
	case program.StepSellerRate:
		if r := f.Product.RateAt(f.Store, f.PlacedAt); r != nil {
			return *r, s.rule, true
		}
		return zero, "", false
	case program.StepNewBuyer:
		if !newBuyer || !s.forTypes[f.TrafficType] {
			return zero, "", false
		}
		return s.byCategory(f.Category)
	case program.StepCategory:
		return s.byCategory(f.Category)
	case program.StepDefault:
		if s.otherwise == nil {
			return zero, s.rule, true
		}
		return *s.otherwise, s.rule, true
	}
	return zero, "", false
}

func (s *step) byCategory(category string) (money.Rate, string, bool) {
	if r, ok := s.categories[category]; ok {
		return r, s.rule, true
	}
	if s.otherwise != nil {
		return *s.otherwise, s.rule, true
	}
	return money.Rate{}, "", false
}

func (s *step) onStoreList(store *seller.Store) bool {
	if store == nil {
		return false
	}
	return slices.ContainsFunc(s.storeLists, store.OnList)
}
