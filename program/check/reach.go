package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/program"
)

// What rate steps ask about an item. The store lists follow, each a dimension of its own.
const (
	dimStock     = iota // in stock, out of stock
	dimVirtual          // no, yes
	dimAffiliate        // no, yes
	dimCheck            // no, yes: under traffic check
	dimHot              // no, yes: the product has a hot rate and was reached by its hot link
	dimCampaign         // no, yes
	dimSeller           // no, yes: the seller set a rate
	dimBuyer            // returning, new
	dimCountry          // the countries of all markets, then all others
	dimTraffic          // the traffic types
	dimCategory         // the categories that are named, then all others
	dimLists
)

const no, yes = 0, 1

// trafficTypes is how many there are; a type's place in its dimension is its number less one.
const trafficTypes = program.TrafficTypeCount - 1

// space is all items that a program's steps can tell apart.
type space struct {
	t          *program.Terms
	sizes      []int
	countries  []string
	categories []string
	lists      []string
}

func newSpace(t *program.Terms) *space {
	s := &space{t: t, categories: categoryNames(t), lists: t.StoreListNames()}
	for _, m := range t.MarketNames() {
		s.countries = append(s.countries, t.Markets[m]...)
	}
	slices.Sort(s.countries)
	s.countries = append(slices.Compact(s.countries), "")
	s.sizes = []int{2, 2, 2, 2, 2, 2, 2, 2, len(s.countries), trafficTypes, len(s.categories)}
	for range s.lists {
		s.sizes = append(s.sizes, 2)
	}
	return s
}

// all is every item, with some dimensions limited: dimension and set in turn.
func (s *space) all(limits ...any) box {
	b := make(box, len(s.sizes))
	for d, n := range s.sizes {
		b[d] = fullSet(n)
	}
	for i := 0; i+1 < len(limits); i += 2 {
		b[limits[i].(int)] = limits[i+1].(set)
	}
	return b
}

func (s *space) one(dim, value int) box { return s.all(dim, newSet(s.sizes[dim], value)) }

func (s *space) types(types []program.TrafficType) set {
	x := newSet(trafficTypes)
	for _, t := range types {
		x.add(int(t) - 1)
	}
	return x
}

func (s *space) categorySet(names ...string) set {
	x := newSet(len(s.categories))
	for _, n := range names {
		if i := slices.Index(s.categories, n); i >= 0 {
			x.add(i)
		}
	}
	return x
}

func (s *space) onList(name string) box {
	if i := slices.Index(s.lists, name); i >= 0 {
		return s.one(dimLists+i, yes)
	}
	return s.all(dimStock, newSet(2)) // no list of the document: no store is on it
}

// part is the smallest piece of a step that can be out of reach by itself.
type part struct {
	path string
	name string
	box  box
}

// parts takes a step apart. Together the parts are what the step matches.
func (s *space) parts(i int) []part {
	r, path := &s.t.Rates.Steps[i], program.StepPath(i)
	yesSet := newSet(2, yes)
	switch r.Kind {
	case program.StepOutOfStock:
		return []part{{path, "it", s.one(dimStock, yes)}}
	case program.StepVirtual:
		return []part{{path, "it", s.one(dimVirtual, yes)}}
	case program.StepHot:
		b := s.all(dimHot, yesSet, dimTraffic, fullSet(trafficTypes).without(s.types(r.NotFor)))
		if r.NotDuringTrafficCheck {
			b[dimCheck] = newSet(2, no)
		}
		return []part{{path, "it", b}}
	case program.StepCampaign:
		return []part{{path, "it", s.one(dimCampaign, yes)}}
	case program.StepSellerRate:
		return []part{{path, "it", s.one(dimSeller, yes)}}
	case program.StepDefault:
		return []part{{path, "it", s.all()}}
	case program.StepMarket:
		countries := newSet(len(s.countries))
		for _, c := range s.t.Markets[r.Market] {
			countries.add(slices.Index(s.countries, c))
		}
		return []part{{path, "it", s.all(dimCountry, countries)}}
	case program.StepStoreList:
		var all []part
		for j, l := range r.Lists {
			all = append(all, part{fmt.Sprintf("%s.lists[%d]", path, j), fmt.Sprintf("the store list %q", l.List), s.onList(l.List)})
		}
		return all
	case program.StepNonAffiliate:
		return s.nonAffiliateParts(r, path)
	}
	return s.rateParts(r, path) // new_buyer and category
}

func (s *space) nonAffiliateParts(r *program.RateStep, path string) []part {
	var all []part
	add := func(at, name string, b box) {
		b[dimAffiliate] = newSet(2, no)
		all = append(all, part{path + at, name, b})
	}
	for _, t := range r.TrafficTypes {
		add(".traffic_types", fmt.Sprintf("the traffic type %v", t), s.one(dimTraffic, int(t)-1))
	}
	for _, l := range r.StoreLists {
		add(".store_lists", fmt.Sprintf("the store list %q", l), s.onList(l))
	}
	if r.DuringTrafficCheck {
		add(".during_traffic_check", "the traffic check", s.one(dimCheck, yes))
	}
	return all
}

func (s *space) rateParts(r *program.RateStep, path string) []part {
	base := s.all()
	if r.Kind == program.StepNewBuyer {
		base[dimBuyer] = newSet(2, yes)
		if len(r.TrafficTypes) > 0 {
			base[dimTraffic] = s.types(r.TrafficTypes)
		}
	}
	var all []part
	for j, rate := range r.Rates {
		for _, category := range rate.Categories {
			b := slices.Clone(base)
			b[dimCategory] = s.categorySet(category)
			all = append(all, part{fmt.Sprintf("%s.rates[%d]", path, j), fmt.Sprintf("the category %q", category), b})
		}
	}
	if r.Otherwise != nil {
		rest := fullSet(len(s.categories))
		for _, rate := range r.Rates {
			rest = rest.without(s.categorySet(rate.Categories...))
		}
		b := slices.Clone(base)
		b[dimCategory] = rest
		all = append(all, part{path + ".otherwise", "the rate for all other categories", b})
	}
	return all
}

// maxBoxes bounds the subtractions of one check. The largest reference program needs some two thousand.
const maxBoxes = 300_000

// reachability finds steps, and pieces of steps, that the steps before them always forestall, and items that no step rates.
func (c *checker) reachability() {
	s, work := newSpace(c.t), &budget{maxBoxes}
	var earlier []box
	var owner []int // the step of each earlier box
	for i := range c.t.Rates.Steps {
		c.duplicateCategories(i)
		parts := s.parts(i)
		if len(parts) == 0 {
			c.note(Fault, "unreachable", program.StepPath(i), fmt.Sprintf("the step %s names nothing that it applies to", stepName(&c.t.Rates.Steps[i])), "say what it rates, or remove it")
		}
		var dead []part
		culprits := map[int]bool{}
		for _, p := range parts {
			rest, known := work.remains(p.box, earlier)
			if !known {
				c.note(Warning, "suspicious", "rates.steps", "there are too many rates to tell which of them are out of reach", "use groups of categories, and fewer steps")
				return
			}
			if len(rest) == 0 {
				dead = append(dead, p)
				for j, e := range earlier {
					if len(p.box.minus(e)) == 0 {
						culprits[owner[j]] = true
						break
					}
				}
			}
		}
		c.unreachable(i, parts, dead, culprits)
		for _, p := range parts {
			earlier, owner = append(earlier, p.box), append(owner, i)
		}
	}
	if rest, known := work.remains(s.all(), earlier); known && len(rest) > 0 {
		c.note(Fault, "gap", "rates.steps", "no step rates "+s.describe(rest[0])+", so it would earn nothing without a rule that says so",
			"end the steps with a default step, such as {step: default, percent: \"5.00\"}")
	}
}

// unreachable reports the dead pieces of a step: the step itself where all are dead.
func (c *checker) unreachable(i int, parts, dead []part, culprits map[int]bool) {
	if len(dead) == 0 {
		return
	}
	by := "the steps before it together take"
	if len(culprits) == 1 {
		for j := range culprits {
			by = fmt.Sprintf("the step %s (%s) before it takes", stepName(&c.t.Rates.Steps[j]), c.place(program.StepPath(j)))
		}
	}
	step := stepName(&c.t.Rates.Steps[i])
	if len(dead) == len(parts) {
		c.note(Fault, "unreachable", program.StepPath(i), fmt.Sprintf("the step %s never applies: %s every item that it could rate", step, by),
			"move the step up, or remove it")
		return
	}
	for _, p := range dead {
		c.note(Fault, "unreachable", p.path, fmt.Sprintf("%s in the step %s never applies: %s every such item", p.name, step, by),
			"move the step up, or take it out")
	}
}

// duplicateCategories finds categories that have two rates in one step.
func (c *checker) duplicateCategories(i int) {
	seen := map[string]bool{}
	for j, r := range c.t.Rates.Steps[i].Rates {
		for _, category := range r.Categories {
			if seen[category] {
				c.note(Fault, "conflict", fmt.Sprintf("%s.rates[%d]", program.StepPath(i), j), fmt.Sprintf("the category %q has two rates in one step", category), "remove one of the two")
			}
			seen[category] = true
		}
	}
}

// place is a path with its line, where that is known.
func (c *checker) place(path string) string {
	if p, ok := c.t.Position(path); ok {
		return fmt.Sprintf("%s, line %d", path, p.Line)
	}
	return path
}

// stepName names a step as an operator would.
func stepName(s *program.RateStep) string {
	if s.Kind == program.StepMarket {
		return "market " + s.Market
	}
	return s.Kind.String()
}

// describe is an example of the items in a box.
func (s *space) describe(b box) string {
	var words []string
	for d, n := range s.sizes {
		if b[d].count() == n {
			continue
		}
		value := 0
		if d == dimCountry || d == dimCategory {
			value = n - 1 // all others, if they are among them
		}
		for !b[d].has(value) {
			value = (value + 1) % n
		}
		words = append(words, s.says(d, value))
	}
	return strings.TrimSpace("an item " + strings.Join(words, ", "))
}

func (s *space) says(dim, value int) string {
	pairs := [...][2]string{
		{"in stock", "out of stock"}, {"not virtual", "virtual"}, {"of a seller who takes no part", "of a seller who takes part"},
		{"after the traffic check", "during the traffic check"}, {"not reached by its hot link", "reached by its hot link"},
		{"without a campaign", "with a campaign"}, {"without a seller's rate", "with a seller's rate"},
		{"bought by a returning buyer", "bought by a new buyer"},
	}
	switch {
	case dim < len(pairs):
		return pairs[dim][value]
	case dim == dimCountry && s.countries[value] == "":
		return "delivered outside all markets"
	case dim == dimCountry:
		return "delivered to " + s.countries[value]
	case dim == dimTraffic:
		return "won by traffic of type " + program.TrafficType(value+1).String()
	case dim == dimCategory:
		return "of " + categoryName(s.categories[value])
	case value == yes:
		return fmt.Sprintf("of a store on the list %q", s.lists[dim-dimLists])
	}
	return fmt.Sprintf("of a store that is not on the list %q", s.lists[dim-dimLists])
}

// precedence finds entries that never give a rank, and clicks that no entry fits (T5).
func (c *checker) precedence() {
	entries := c.t.Attribution.Precedence
	if len(entries) == 0 {
		return
	}
	const kinds = int(program.LinkPage) + 1 // 0: no kind
	everything := box{fullSet(kinds), fullSet(2), fullSet(trafficTypes)}
	work := &budget{maxBoxes}
	var earlier []box
	for i, p := range entries {
		path := fmt.Sprintf("attribution.precedence[%d]", i)
		b := slices.Clone(everything)
		if len(p.Kinds) > 0 {
			b[0] = newSet(kinds)
			for _, k := range p.Kinds {
				b[0].add(int(k))
			}
		}
		if p.SameProduct {
			b[1] = newSet(2, yes)
			if len(p.Kinds) > 0 && !slices.Contains(p.Kinds, program.LinkProduct) && !slices.Contains(p.Kinds, program.LinkHot) {
				c.note(Fault, "unreachable", path, "the entry asks for the same product, but only product and hot links lead to a product", "add product or hot to its kinds, or remove same_product")
			}
		}
		for _, t := range p.NotFor {
			b[2] = b[2].without(newSet(trafficTypes, int(t)-1))
		}
		if rest, known := work.remains(b, earlier); known && len(rest) == 0 {
			c.note(Fault, "unreachable", path, "the entry never gives a rank: the entries before it fit every click that it fits", "move it up, or remove it")
		}
		earlier = append(earlier, b)
	}
	if rest, known := work.remains(everything, earlier); known && len(rest) > 0 {
		c.note(Warning, "gap", "attribution.precedence", "clicks that no entry fits have rank 0, below all others", "end with an entry that has a rank only, such as {rank: 1}, if that is not meant")
	}
}
