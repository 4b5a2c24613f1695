// Package check looks a valid program document over before it is published: for items that no rule rates, rules that can
// never apply, rules that contradict each other, and figures that were hardly meant (P1).
package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/program/spelling"
)

// Severity says whether a finding stands in the way of publishing.
type Severity uint8

// The severities.
const (
	Warning Severity = iota + 1 // it may be meant, but look at it
	Fault                       // the document does not say what it seems to say; do not publish it
)

var severitySlugs = [...]string{"", "warning", "error"}

// String is the severity's slug: "warning" or "error".
func (s Severity) String() string { return severitySlugs[s] }

// Finding is something that the checker noticed in a document that is valid.
type Finding struct {
	Severity Severity
	Kind     string // "gap", "unreachable", "conflict", "unused" or "suspicious"
	Program  program.ID
	Version  int
	File     string // "" for terms that were not read from a document
	Line     int    // 0 where it is not known
	Path     string
	Problem  string // a sentence without its full stop
	Fix      string // what to do about it
}

// String is one line: "file:line: error: path: problem; fix: ...".
func (f Finding) String() string {
	at := f.File
	if at == "" {
		at = fmt.Sprintf("%s version %d", f.Program, f.Version)
	}
	if f.Line > 0 {
		at += fmt.Sprintf(":%d", f.Line)
	}
	return fmt.Sprintf("%s: %v: %s: %s; fix: %s", at, f.Severity, f.Path, f.Problem, f.Fix)
}

// Facts are what the checker can hold a document against beside the document itself. What is nil is not known.
type Facts struct {
	Categories []string // the catalogue's category slugs
	StoreLists []string // the lists that stores are on
	Campaigns  []CampaignFact
}

// CampaignFact is a seller's campaign.
type CampaignFact struct {
	Product  string
	Rate     money.Rate
	From, To time.Time
}

// Versions looks for gaps, rules that can never apply, conflicts and suspicious figures in all versions of a program, before
// one of them is published. The findings stand in the order of versions and lines.
func Versions(v program.Versions, facts Facts) []Finding {
	var all []Finding
	for i, t := range v {
		c := &checker{t: t, facts: facts}
		c.reachability()
		c.precedence()
		c.newBuyers()
		c.saleEvents()
		c.unused()
		c.trafficTypes()
		c.payout()
		c.texts()
		c.categories()
		c.sellers()
		if i > 0 {
			c.changes(v[i-1])
		}
		slices.SortStableFunc(c.found, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path)) })
		all = append(all, c.found...)
	}
	return all
}

type checker struct {
	t     *program.Terms
	facts Facts
	found []Finding
}

func (c *checker) note(s Severity, kind, path, problem, fix string) {
	p, _ := c.t.Position(path)
	c.found = append(c.found, Finding{
		Severity: s, Kind: kind, Program: c.t.Program, Version: c.t.Version, File: c.t.File(), Line: p.Line, Path: path, Problem: problem, Fix: fix,
	})
}

// changes warns of a version that is the same as the one before.
func (c *checker) changes(before *program.Terms) {
	for _, change := range program.Diff(before, c.t) {
		if change.Path != "version" && change.Path != "effective_from" {
			return
		}
	}
	c.note(Warning, "suspicious", "version", fmt.Sprintf("version %d says the same as version %d", c.t.Version, before.Version),
		"leave it out, or make the change that was meant")
}

// categoryNames are all categories that rate steps name, and "" for all others.
func categoryNames(t *program.Terms) []string { return append(t.CategoryNames(), "") }

// meant is the fix for a name that is not among the known ones.
func meant(name string, known []string, otherwise string) string {
	if c := spelling.Closest(name, known); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	return otherwise
}

// newBuyers compares new-buyer rates with what an old buyer brings (C7).
func (c *checker) newBuyers() {
	steps, limit := c.t.Rates.Steps, int64(0)
	for i := range steps {
		s := &steps[i]
		if s.Kind != program.StepNewBuyer {
			if s.UpliftCap > 0 {
				c.note(Fault, "conflict", program.StepPath(i), fmt.Sprintf("an uplift cap on the step %v has no effect", s.Kind), "move it to the new_buyer step")
			}
			continue
		}
		c.newBuyer(i)
		if s.UpliftCap == 0 {
			continue
		}
		if limit != 0 && limit != s.UpliftCap {
			c.note(Fault, "conflict", program.StepPath(i)+".uplift_cap", "two new_buyer steps have different uplift caps, but an order has one cap for all its items",
				"give both the same uplift_cap")
		}
		limit = s.UpliftCap
		if order := c.t.Rates.OrderCap; order > 0 && limit >= order {
			c.note(Warning, "suspicious", program.StepPath(i)+".uplift_cap", "the uplift cap is not below the order cap, so it limits nothing", "lower it, or remove it")
		}
	}
}

func (c *checker) newBuyer(i int) {
	steps := c.t.Rates.Steps
	s, uplift := &steps[i], false
	var lower []string
	for _, category := range categoryNames(c.t) {
		rate, ok := s.RateOf(category)
		if !ok {
			continue
		}
		var old money.Rate
		for j := i + 1; j < len(steps); j++ {
			if k := steps[j].Kind; k == program.StepCategory || k == program.StepDefault {
				if r, ok := steps[j].RateOf(category); ok {
					old = r
					break
				}
			}
		}
		switch d := rate.Cmp(old); {
		case d > 0:
			uplift = true
		case d < 0:
			lower = append(lower, fmt.Sprintf("%s (%v instead of %v)", categoryName(category), rate, old))
		}
	}
	if len(lower) > 0 {
		c.note(Warning, "suspicious", program.StepPath(i), "new buyers bring less than old ones in "+strings.Join(lower, ", "), "raise the new-buyer rates, or swap the two steps' figures")
	}
	if s.UpliftCap > 0 && !uplift {
		c.note(Warning, "suspicious", program.StepPath(i)+".uplift_cap", "no new-buyer rate is above the old-buyer rate, so there is no uplift to cap", "remove uplift_cap, or raise the rates")
	}
}

func categoryName(category string) string {
	if category == "" {
		return "all other categories"
	}
	return category
}

// Sale events are held against each other in the years that orders have.
const firstCheckedYear, lastCheckedYear = 2010, 2040

func (c *checker) saleEvents() {
	events := c.t.SaleEvents
	path := func(i int) string { return fmt.Sprintf("sale_events[%d]", i) }
	for i := range events {
		for j := range i {
			if year, ok := c.overlap(&events[j], &events[i]); ok {
				c.note(Fault, "conflict", path(i), fmt.Sprintf("the sale events %q and %q overlap in %d; only the points of the one that stands first would be added",
					events[j].Name, events[i].Name, year), "change the dates, or make one event of the two")
			}
		}
		highest, takes := money.Rate{}, false
		for _, s := range c.t.Rates.Steps {
			if s.Kind != program.StepNewBuyer && s.Kind != program.StepCategory && s.Kind != program.StepDefault {
				continue
			}
			takes = true
			for _, r := range s.Rates {
				highest = r.Percent.Clamp(highest, hundred())
			}
			if s.Otherwise != nil {
				highest = s.Otherwise.Clamp(highest, hundred())
			}
		}
		if !takes {
			c.note(Warning, "unused", path(i), "no step takes the points of sale events: they are added to new_buyer, category and default rates only",
				"add such a step, or remove the event")
		}
		if sum, err := highest.Add(events[i].Points); err == nil && sum.Cmp(hundred()) > 0 {
			c.note(Fault, "conflict", path(i)+".points", fmt.Sprintf("with the points of the event a rate is %v %%, more than the buyer paid", sum), "lower the points")
		}
		if events[i].Points.IsZero() {
			c.note(Warning, "suspicious", path(i)+".points", "the event adds nothing to any rate", "set its points, or remove the event")
		}
	}
}

func hundred() money.Rate { return money.MustRate("100") }

// overlap finds the first year in which two events run at the same time.
func (c *checker) overlap(a, b *program.SaleEvent) (int, bool) {
	for year := firstCheckedYear; year <= lastCheckedYear; year++ {
		from, to := a.Period(year, c.t.TimeZone)
		for y := year - 1; y <= year+1; y++ {
			if f, t := b.Period(y, c.t.TimeZone); f.Before(to) && from.Before(t) {
				return year, true
			}
		}
	}
	return 0, false
}

// unused warns of names that are defined and then play no part.
func (c *checker) unused() {
	t := c.t
	markets, lists := map[string]bool{}, map[string]bool{}
	for _, m := range t.Page.Countries {
		markets[m] = true
	}
	for _, m := range t.Payout.Methods {
		for _, r := range m.Regions {
			markets[r] = true
		}
	}
	check, rated := false, map[string]bool{}
	for _, s := range t.Rates.Steps {
		markets[s.Market] = true
		for _, l := range s.Lists {
			lists[l.List] = true
		}
		for _, l := range s.StoreLists {
			lists[l] = true
		}
		for _, r := range s.Rates {
			for _, category := range r.Categories {
				rated[category] = true
			}
		}
		check = check || s.DuringTrafficCheck || s.NotDuringTrafficCheck
	}
	for _, m := range t.MarketNames() {
		if !markets[m] {
			c.note(Warning, "unused", "markets."+m, fmt.Sprintf("nothing refers to the market %q", m), "remove it, or name it in a step, a payout method or page.countries")
		}
	}
	for i, l := range t.StoreLists {
		if !lists[l.Name] {
			c.note(Warning, "unused", fmt.Sprintf("store_lists[%d]", i), fmt.Sprintf("no step refers to the store list %q", l.Name), "remove it, or rate it in a step")
		}
	}
	for _, g := range slices.Sorted(maps.Keys(t.Rates.Groups)) {
		if !slices.ContainsFunc(t.Rates.Groups[g], func(category string) bool { return rated[category] }) {
			c.note(Warning, "unused", "rates.groups."+g, fmt.Sprintf("no step rates a category of the group %q", g), "remove it, or rate it in a step")
		}
	}
	switch {
	case check && t.Settlement.TrafficCheck == 0:
		c.note(Fault, "unreachable", "settlement", "a rate step asks for the traffic check, but there is none", "set settlement.traffic_check, such as 5d, or change the step")
	case !check && t.Settlement.TrafficCheck > 0:
		c.note(Warning, "unused", "settlement.traffic_check", "no rate step asks for the traffic check", "remove it, or set during_traffic_check or not_during_traffic_check in a step")
	}
}

// trafficTypes warns of rules for traffic types that the program does not let in, and of statistics that hide nothing.
func (c *checker) trafficTypes() {
	t := c.t
	forbidden := func(path string, types []program.TrafficType) {
		for _, x := range types {
			if t.Traffic.For(x) == program.Forbidden {
				c.note(Warning, "suspicious", path, fmt.Sprintf("%v is a forbidden traffic type, so the rule never meets it", x), "allow it in traffic, or take it out of the rule")
			}
		}
	}
	for i, r := range t.Attribution.Restriction {
		forbidden(fmt.Sprintf("attribution.restrictions[%d].traffic_types", i), r.TrafficTypes)
	}
	for i, p := range t.Attribution.Precedence {
		forbidden(fmt.Sprintf("attribution.precedence[%d].not_for", i), p.NotFor)
	}
	var nothing []program.TrafficType
	for i, s := range t.Rates.Steps {
		forbidden(program.StepPath(i)+".traffic_types", s.TrafficTypes)
		forbidden(program.StepPath(i)+".not_for", s.NotFor)
		if s.Kind == program.StepNonAffiliate {
			nothing = append(nothing, s.TrafficTypes...)
			if s.DuringTrafficCheck || len(s.StoreLists) > 0 {
				nothing = program.TrafficTypes()
			}
		}
	}
	forbidden("statistics.hidden_non_affiliate", t.Statistics.HiddenNonAffiliate)
	for _, x := range t.Statistics.HiddenNonAffiliate {
		if !slices.Contains(nothing, x) {
			c.note(Warning, "unused", "statistics.hidden_non_affiliate", fmt.Sprintf("no non_affiliate step applies to %v, so there is nothing to hide from it", x),
				"add it to the traffic_types of the step, or take it out here")
		}
	}
}

// payout finds fees that eat a payout up, and methods that are there twice.
func (c *checker) payout() {
	p := &c.t.Payout
	least := p.Minimum
	if p.MustExceed {
		least++
	}
	for i, m := range p.Methods {
		path := fmt.Sprintf("payout.methods[%d]", i)
		if m.Fee > 0 && m.Fee >= least {
			c.note(Fault, "conflict", path+".fee", fmt.Sprintf("the fee of %s takes all of the smallest payout", money.New(m.Fee, c.t.Currency)), "raise payout.minimum above the fee, or lower the fee")
		}
		for j, o := range p.Methods[:i] {
			if m.Method == o.Method && c.sameRegion(m.Regions, o.Regions) {
				c.note(Fault, "conflict", path, fmt.Sprintf("%s is offered twice in the same country (see payout.methods[%d]), so its fee is open", m.Method, j),
					"make one entry of the two, or keep their regions apart")
			}
		}
	}
}

func (c *checker) sameRegion(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, m := range a {
		for _, country := range c.t.Markets[m] {
			if slices.ContainsFunc(b, func(o string) bool { return c.t.InMarket(o, country) }) {
				return true
			}
		}
	}
	return false
}

// texts warns of texts that lack a language of the page (P2).
func (c *checker) texts() {
	t := c.t
	has := func(path string, text program.Text) {
		var missing []string
		for _, l := range t.Page.Languages {
			if text != nil && text[l] == "" {
				missing = append(missing, l)
			}
		}
		if len(missing) > 0 {
			c.note(Warning, "gap", path, "the text is missing in "+strings.Join(missing, ", ")+", so readers of that language see English", "add it, or take the language out of page.languages")
		}
	}
	has("page.name", t.Page.Name)
	has("page.description", t.Page.Description)
	has("page.advantages", t.Page.Advantages)
	has("page.restrictions", t.Page.Restrictions)
	for i, l := range t.StoreLists {
		has(fmt.Sprintf("store_lists[%d].description", i), l.Description)
	}
	for i, e := range t.SaleEvents {
		has(fmt.Sprintf("sale_events[%d].title", i), e.Title)
	}
}

// categories warns of category names that look like slips of the pen, or that the catalogue does not have.
func (c *checker) categories() {
	names := c.t.CategoryNames()
	for i, a := range names {
		for _, b := range names[:min(i, 2000)] {
			if len(a) > 3 && spelling.Distance(a, b) == 1 {
				c.note(Warning, "suspicious", c.namedAt(a), fmt.Sprintf("the categories %q and %q differ in one letter", b, a), "correct the wrong one, if they are the same")
			}
		}
		if c.facts.Categories != nil && !slices.Contains(c.facts.Categories, a) {
			c.note(Warning, "suspicious", c.namedAt(a), fmt.Sprintf("the catalogue has no category %q", a), meant(a, c.facts.Categories, "correct the name, or remove the category"))
		}
	}
}

// namedAt is the path of the first step that names a category.
func (c *checker) namedAt(category string) string {
	for i, s := range c.t.Rates.Steps {
		for j, r := range s.Rates {
			if slices.Contains(r.Categories, category) {
				return fmt.Sprintf("%s.rates[%d]", program.StepPath(i), j)
			}
		}
	}
	return "rates"
}

// sellers holds what sellers and stores bring against the document (S2).
func (c *checker) sellers() {
	t := c.t
	for _, l := range c.facts.StoreLists {
		if names := t.StoreListNames(); len(names) > 0 && !slices.Contains(names, l) {
			c.note(Warning, "suspicious", "store_lists", fmt.Sprintf("stores are on a list %q that the document does not have", l), meant(l, names, "add the list, or correct it at the stores"))
		}
	}
	for _, f := range c.facts.Campaigns {
		if !f.From.Before(f.To) {
			c.note(Fault, "conflict", "rates", fmt.Sprintf("the campaign of product %q ends at %s and begins at %s", f.Product, f.To.UTC().Format(time.RFC3339), f.From.UTC().Format(time.RFC3339)),
				"correct the campaign's dates")
		}
		for i, s := range t.Rates.Steps {
			if s.Kind == program.StepMarket && f.Rate.Cmp(f.Rate.Clamp(s.Min, s.Max)) != 0 {
				c.note(Warning, "suspicious", program.StepPath(i), fmt.Sprintf("the campaign of product %q has %v %%, which is outside %v to %v and would be paid as %v", f.Product, f.Rate, s.Min, s.Max, f.Rate.Clamp(s.Min, s.Max)),
					"correct the campaign's rate, or widen the range")
			}
		}
	}
}
