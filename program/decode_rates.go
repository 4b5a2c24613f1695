package program

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
)

func (v value) rates(t *Terms) Rates {
	r := Rates{OrderCap: v.get("order_cap").limit(t.Currency)}
	for _, e := range v.get("groups").entries() {
		if r.Groups == nil {
			r.Groups = make(map[string][]string)
		}
		r.Groups[e.name] = e.texts()
	}
	ranked := 0 // how many of the document's store lists stand before the last one that a step named
	for _, item := range v.get("steps").items() {
		kind, err := ParseStepKind(item.get("step").text())
		if err != nil {
			r.Steps = append(r.Steps, RateStep{}) // refused by the schema; it keeps the numbers of the others right
			continue
		}
		s := RateStep{Kind: kind}
		switch kind {
		case StepStoreList:
			s.Lists = item.get("lists").listRates(t, &ranked)
		case StepMarket:
			item.marketStep(t, &s)
		case StepNonAffiliate:
			item.nonAffiliateStep(t, &s)
		case StepHot:
			s.NotFor = item.get("not_for").trafficTypes()
			s.NotDuringTrafficCheck = item.get("not_during_traffic_check").boolean()
		case StepNewBuyer:
			s.TrafficTypes = item.get("traffic_types").trafficTypes()
			s.Rates = item.get("rates").categoryRates(r.Groups)
			s.Otherwise = item.get("otherwise").optionalPercent()
			s.UpliftCap = item.get("uplift_cap").limit(t.Currency)
			if !item.get("rates").given() && !item.get("otherwise").given() {
				item.fail("a new_buyer step without rates", "rates, otherwise, or both", "add them, or remove the step")
			}
		case StepCategory:
			s.Rates = item.get("rates").categoryRates(r.Groups)
		case StepDefault:
			s.Otherwise = item.get("percent").optionalPercent()
		}
		r.Steps = append(r.Steps, s)
	}
	return r
}

func (v value) optionalPercent() *money.Rate {
	if !v.usable() {
		return nil
	}
	p := v.percent()
	return &p
}

// listRates reads the lists of a store_list step. They must stand in the order of store_lists, which decides between the
// lists of one store: a document says it once.
func (v value) listRates(t *Terms, ranked *int) []ListRate {
	var rates []ListRate
	names := t.StoreListNames()
	for _, item := range v.items() {
		name := item.get("list").known(names, "a store list", "store_lists")
		rates = append(rates, ListRate{name, item.get("percent").percent()})
		at := slices.Index(names, name)
		switch {
		case at < 0:
		case at+1 == *ranked:
			item.get("list").fail(fmt.Sprintf("the store list %q is rated twice", name), "one rate for each list", "remove one of the two rates")
		case at+1 < *ranked:
			item.get("list").fail(fmt.Sprintf("the store list %q stands behind %q", name, names[*ranked-1]),
				"the lists in the order of store_lists, which decides for a store on several lists: "+list(names), "put them in the same order in both places")
		default:
			*ranked = at + 1
		}
	}
	return rates
}

func (v value) marketStep(t *Terms, s *RateStep) {
	s.Market = v.get("market").known(t.MarketNames(), "a market", "markets")
	lo, hi := v.get("min"), v.get("max")
	s.Min, s.Max = lo.percent(), hi.percent()
	if lo.usable() && hi.usable() && s.Min.Cmp(s.Max) > 0 {
		lo.fail(fmt.Sprintf("the least rate %v is above the greatest, %v", s.Min, s.Max), "min not above max", "swap them")
	}
}

func (v value) nonAffiliateStep(t *Terms, s *RateStep) {
	s.TrafficTypes = v.get("traffic_types").trafficTypes()
	s.StoreLists = v.get("store_lists").allKnown(t.StoreListNames(), "a store list", "store_lists")
	s.DuringTrafficCheck = v.get("during_traffic_check").boolean()
	if !v.get("traffic_types").given() && !v.get("store_lists").given() && !s.DuringTrafficCheck {
		v.fail("a non_affiliate step that never applies", "traffic_types, store_lists or during_traffic_check: true",
			"say when non-affiliate products pay nothing, or remove the step")
	}
}

// categoryRates takes groups apart and refuses a category that has two rates.
func (v value) categoryRates(groups map[string][]string) []CategoryRate {
	names := sortedKeys(groups)
	rates := make([]CategoryRate, 0, len(v.items()))
	seen := make(map[string]string) // category -> by what it was named
	for _, item := range v.items() {
		r := CategoryRate{Percent: item.get("percent").percent()}
		name := func(at value, category, as string) {
			if before, twice := seen[category]; twice {
				at.fail(fmt.Sprintf("the category %q has a rate already, by %s", category, before), "one rate for each category in a step",
					"take it out of one of the two")
				return
			}
			seen[category] = as
			r.Categories = append(r.Categories, category)
		}
		for _, g := range item.get("groups").items() {
			group := g.known(names, "a group of categories", "rates.groups")
			for _, c := range groups[group] {
				name(g, c, fmt.Sprintf("group %q in line %d", group, g.n.Line))
			}
		}
		for _, c := range item.get("categories").items() {
			if c.usable() {
				name(c, c.text(), fmt.Sprintf("line %d", c.n.Line))
			}
		}
		if !item.get("groups").given() && !item.get("categories").given() && item.usable() {
			item.fail("a rate without categories", "groups, categories, or both", "say which categories have this rate")
		}
		rates = append(rates, r)
	}
	if len(rates) == 0 {
		return nil
	}
	return rates
}

// Sale events are checked for the years that orders can have.
const firstEventYear, lastEventYear = 1990, 2100

// maxEventDays is how long a sale event may run. A longer one was meant the other way round.
const maxEventDays = 100

func (v value) saleEvents() []SaleEvent {
	var events []SaleEvent
	for _, item := range v.items() {
		e := SaleEvent{
			Name: item.get("name").text(), Title: item.get("title").words(), From: item.get("from").date(), To: item.get("to").date(),
			Points: item.get("points").percent(),
		}
		if slices.ContainsFunc(events, func(o SaleEvent) bool { return o.Name == e.Name }) && e.Name != "" {
			item.get("name").fail(fmt.Sprintf("the sale event %q stands twice", e.Name), "a name for each event", "rename one of the two")
		}
		if e.From.Month != 0 && e.To.Month != 0 {
			item.checkPeriod(&e)
		}
		events = append(events, e)
	}
	return events
}

// checkPeriod refuses an event that in some year does not begin before it ends.
func (v value) checkPeriod(e *SaleEvent) {
	for year := firstEventYear; year <= lastEventYear; year++ {
		from, to := e.Period(year, time.UTC)
		if days := int(to.Sub(from) / (24 * time.Hour)); days < 1 || days > maxEventDays {
			v.get("to").fail(fmt.Sprintf("the event would run from %s to %s, %d days", from.Format(time.DateOnly), to.Format(time.DateOnly), days),
				fmt.Sprintf("an end 1 to %d days after the begin (the end is the first midnight outside the event)", maxEventDays),
				"swap from and to, or correct them")
			return
		}
	}
}

// Period is when the event runs in the year that it begins in: from the first instant to the one after the last.
func (e *SaleEvent) Period(year int, zone *time.Location) (from, to time.Time) {
	from, to = e.From.In(year, zone), e.To.In(year, zone)
	if to.Before(from) { // it runs over New Year
		to = e.To.In(year+1, zone)
	}
	return from, to
}

// date reads a day of each year; the month is 0 where it was refused.
func (v value) date() Date {
	d := Date{Day: v.get("day").integer(), Nth: v.get("nth").integer(), Weekday: v.get("weekday").weekday(), Plus: v.get("plus_days").integer()}
	month := v.get("month")
	for m := time.January; m <= time.December; m++ {
		if strings.ToLower(m.String()) == month.text() {
			d.Month = m
		}
	}
	if !v.get("day").usable() && (!v.get("nth").usable() || !v.get("weekday").usable()) {
		return Date{}
	}
	if d.Day > 0 && d.Month > 0 {
		// 2001 is no leap year, so 29 February is refused too: it is not a day of each year.
		if last := time.Date(2001, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day(); d.Day > last {
			v.get("day").fail(fmt.Sprintf("%s has no day %d in each year", d.Month, d.Day), fmt.Sprintf("1 to %d", last), "correct the day or the month")
			return Date{}
		}
	}
	return d
}
