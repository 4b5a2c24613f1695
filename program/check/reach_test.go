package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// The small world of the comparison: every item of it is rated by the real rate table.
var (
	worldCountries  = []string{"AM", "RU", ""} // "" is delivered elsewhere
	worldTypes      = []program.TrafficType{program.Cashback, program.Extension, program.Content}
	worldCategories = []string{"laptops", "tablets", ""}
	worldLists      = []string{"first", "second"}
)

// everyItem calls f with each item of the world: as a box of one, for the checker, and as facts, for the rate table.
func everyItem(s *space, f func(at []int, facts *commission.Facts)) {
	placed := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	rate := money.MustRate("3")
	for bits := range 1 << (8 + len(worldLists)) {
		yes := func(i int) bool { return bits&(1<<i) != 0 }
		product := &catalog.Product{ID: "p", Virtual: yes(dimVirtual), Affiliate: yes(dimAffiliate)}
		facts := &commission.Facts{Product: product, ItemProduct: "p", InStock: !yes(dimStock), TrafficCheck: yes(dimCheck),
			LinkKind: program.LinkProduct, LinkProduct: "p", NewBuyer: yes(dimBuyer), PlacedAt: placed}
		if yes(dimHot) {
			product.HotRate, facts.LinkKind = &rate, program.LinkHot
		}
		if yes(dimCampaign) {
			product.Campaigns = []catalog.Campaign{{Rate: rate, From: placed.Add(-time.Hour), To: placed.Add(time.Hour)}}
		}
		if yes(dimSeller) {
			product.SellerRate = &rate
		}
		store := &seller.Store{ID: "s"}
		at := make([]int, len(s.sizes))
		for d := range 8 {
			at[d] = bits >> d & 1
		}
		for i, l := range worldLists {
			if yes(8 + i) {
				store.Lists = append(store.Lists, l)
				at[dimLists+slices.Index(s.lists, l)] = 1
			}
		}
		facts.Store = store
		for _, country := range worldCountries {
			for _, traffic := range worldTypes {
				for _, category := range worldCategories {
					facts.ShipTo, facts.TrafficType, facts.Category = country, traffic, category
					at[dimTraffic] = int(traffic) - 1
					at[dimCountry] = known(s.countries, country)
					at[dimCategory] = known(s.categories, category)
					f(at, facts)
				}
			}
		}
	}
}

// known is the place of a name, or of "all others", which stands last.
func known(names []string, name string) int {
	if i := slices.Index(names, name); i >= 0 {
		return i
	}
	return len(names) - 1
}

func (a box) holds(at []int) bool {
	for d := range a {
		if !a[d].has(at[d]) {
			return false
		}
	}
	return true
}

// wrong compares what the checker says of the terms with what the rate table does; it names each difference.
func wrong(checked, rated *program.Terms) []string {
	s, table := newSpace(checked), commission.Compile(rated)
	alive := make(map[string]bool) // parts that rate some item
	gap := false
	parts := make([][]part, len(checked.Rates.Steps))
	for i := range parts {
		parts[i] = s.parts(i)
	}
	everyItem(s, func(at []int, facts *commission.Facts) {
		step := table.Rate(facts).Step
		if step < 0 {
			gap = true
			return
		}
		for j, p := range parts[step] {
			if p.box.holds(at) {
				alive[fmt.Sprint(step, j)] = true
			}
		}
	})
	c := &checker{t: checked}
	c.reachability()
	says := func(path, prefix string) bool {
		return slices.ContainsFunc(c.found, func(f Finding) bool {
			return f.Kind == "unreachable" && f.Path == path && strings.HasPrefix(f.Problem, prefix)
		})
	}
	var differences []string
	if got := slices.ContainsFunc(c.found, func(f Finding) bool { return f.Kind == "gap" }); got != gap {
		differences = append(differences, fmt.Sprintf("gap: %v, want %v", got, gap))
	}
	for i := range parts {
		whole := says(program.StepPath(i), "the step ")
		for j, p := range parts[i] {
			if got, want := whole || says(p.path, p.name+" in the step"), !alive[fmt.Sprint(i, j)]; got != want {
				differences = append(differences, fmt.Sprintf("%s (%s) out of reach: %v, want %v", p.path, p.name, got, want))
			}
		}
	}
	return differences
}

// drawTerms draws rate steps in any order, with repetitions.
func drawTerms(t *rapid.T) *program.Terms {
	terms := &program.Terms{
		Program: "drawn", Version: 1, Currency: "USD", TimeZone: time.UTC, Markets: map[string][]string{"one": {"RU"}, "two": {"AM", "RU"}},
		StoreLists: []program.StoreList{{Name: "first"}, {Name: "second"}},
	}
	rate := money.MustRate("3")
	some := func(label string, least int) []program.TrafficType {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(worldTypes[:2]), least, 2, rapid.ID).Draw(t, label)
	}
	rates := func() []program.CategoryRate {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(worldCategories[:2]), 1, 2, rapid.ID).Draw(t, "categories")
		if len(names) == 2 && rapid.Bool().Draw(t, "apart") {
			return []program.CategoryRate{{Categories: names[:1], Percent: rate}, {Categories: names[1:], Percent: rate}}
		}
		return []program.CategoryRate{{Categories: names, Percent: rate}}
	}
	for range rapid.IntRange(1, 7).Draw(t, "steps") {
		s := program.RateStep{Kind: rapid.SampledFrom([]program.StepKind{
			program.StepOutOfStock, program.StepVirtual, program.StepStoreList, program.StepMarket, program.StepNonAffiliate, program.StepHot,
			program.StepCampaign, program.StepSellerRate, program.StepNewBuyer, program.StepNewBuyer, program.StepNewBuyer, program.StepNewBuyer, program.StepCategory,
			program.StepDefault,
		}).Draw(t, "kind")}
		switch s.Kind {
		case program.StepStoreList:
			for _, l := range rapid.SliceOfNDistinct(rapid.SampledFrom(worldLists), 1, 2, rapid.ID).Draw(t, "lists") {
				s.Lists = append(s.Lists, program.ListRate{List: l, Percent: rate})
			}
		case program.StepMarket:
			s.Market, s.Max = rapid.SampledFrom([]string{"one", "two"}).Draw(t, "market"), rate
		case program.StepNonAffiliate:
			s.TrafficTypes = some("types", 0)
			s.StoreLists = rapid.SliceOfNDistinct(rapid.SampledFrom(worldLists), 0, 2, rapid.ID).Draw(t, "store lists")
			s.DuringTrafficCheck = rapid.Bool().Draw(t, "check") || len(s.TrafficTypes)+len(s.StoreLists) == 0
		case program.StepHot:
			s.NotFor, s.NotDuringTrafficCheck = some("types", 0), rapid.Bool().Draw(t, "check")
		case program.StepNewBuyer:
			s.TrafficTypes, s.Rates = some("types", 0), rates()
			if rapid.Bool().Draw(t, "otherwise") {
				s.Otherwise = &rate
			}
		case program.StepCategory:
			s.Rates = rates()
		case program.StepDefault:
			s.Otherwise = &rate
		}
		terms.Rates.Steps = append(terms.Rates.Steps, s)
	}
	return terms
}

// The checker says of exactly those steps, lists, categories and cases that they never apply which rate no item, and of
// exactly those documents that they have a gap which leave an item without a rate.
func TestP1_ReachabilityIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 4 {
			terms := drawTerms(t)
			if differences := wrong(terms, terms); len(differences) > 0 {
				t.Fatalf("%s\n%+v", strings.Join(differences, "\n"), terms.Rates.Steps)
			}
		}
	})
}

// Red control of the comparison: a checker that looks at other steps than the table does is found out.
func TestP1_ReachabilityComparisonCanFail(t *testing.T) {
	rate := money.MustRate("3")
	category := program.RateStep{Kind: program.StepCategory, Rates: []program.CategoryRate{{Categories: []string{"laptops"}, Percent: rate}}}
	all := program.RateStep{Kind: program.StepDefault, Otherwise: &rate}
	lists := program.RateStep{Kind: program.StepStoreList, Lists: []program.ListRate{{List: "first"}, {List: "second"}}}
	terms := func(steps ...program.RateStep) *program.Terms {
		return &program.Terms{Program: "red", Version: 1, Currency: "USD", TimeZone: time.UTC,
			StoreLists: []program.StoreList{{Name: "first"}, {Name: "second"}}, Rates: program.Rates{Steps: steps}}
	}
	for what, pair := range map[string][2]*program.Terms{
		"a shadowed step is missed":     {terms(category, all), terms(all, category)},
		"a live step is called dead":    {terms(all, category, lists), terms(lists, category, all)},
		"a gap is missed":               {terms(lists, all), terms(lists, category)},
		"a gap is seen that is not":     {terms(category), terms(all)},
		"a shadowed list is missed":     {terms(lists, category, all), terms(all, category, lists)},
		"a shadowed category is missed": {terms(category, category), terms(category, all)},
	} {
		if len(wrong(pair[0], pair[1])) == 0 {
			t.Errorf("%s, and the comparison does not notice", what)
		}
	}
}

// The work on a document with thousands of rates is bounded, and the checker says that it gave up.
func TestP1_ReachabilityIsBounded(t *testing.T) {
	rate := money.MustRate("3")
	terms := &program.Terms{Program: "large", Version: 1, Currency: "USD", TimeZone: time.UTC}
	for i := range 60 {
		s := program.RateStep{Kind: program.StepNewBuyer, TrafficTypes: []program.TrafficType{program.TrafficTypes()[i%20]}}
		for j := range 100 {
			s.Rates = append(s.Rates, program.CategoryRate{Categories: []string{fmt.Sprintf("c%d_%d", i, j)}, Percent: rate})
		}
		terms.Rates.Steps = append(terms.Rates.Steps, s)
	}
	c := &checker{t: terms}
	c.reachability()
	if len(c.found) != 1 || !strings.Contains(c.found[0].Problem, "too many rates") {
		t.Errorf("found %v", c.found)
	}
}
