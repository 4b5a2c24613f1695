package program

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Change is one difference between two versions of a program, for consoles and announcements (A10).
type Change struct {
	Path   string // names what changed by meaning, such as "rates.category.mobile_phones"
	Before string // "" where it is new
	After  string // "" where it is gone
}

// Diff lists what differs between two terms: first what a has, in the order of the document, then what only b has. Rates
// are compared category by category, so that a changed group or another way of writing the same card is no difference.
func Diff(a, b *Terms) []Change {
	before, after := flatten(a), flatten(b)
	var changes []Change
	for _, path := range before.paths {
		if x, y := before.values[path], after.values[path]; x != y {
			changes = append(changes, Change{path, x, y})
		}
	}
	for _, path := range after.paths {
		if _, ok := before.values[path]; !ok {
			changes = append(changes, Change{path, "", after.values[path]})
		}
	}
	return changes
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// flat is terms as paths with texts. Values are never empty: what is not there has no path.
type flat struct {
	paths  []string
	values map[string]string
}

func (f *flat) put(path, value string) {
	if value == "" {
		return
	}
	if _, ok := f.values[path]; !ok {
		f.paths = append(f.paths, path)
	}
	f.values[path] = value
}

func (f *flat) flag(path string, on bool) { f.put(path, strconv.FormatBool(on)) }

func (f *flat) number(path string, n int) {
	if n != 0 {
		f.put(path, strconv.Itoa(n))
	}
}

func (f *flat) text(path string, t Text) {
	for _, l := range sortedKeys(t) {
		f.put(path+"."+l, t[l])
	}
}

func (f *flat) names(path string, names []string) { f.put(path, strings.Join(names, ", ")) }

// unordered are names whose order means nothing.
func (f *flat) unordered(path string, names []string) {
	f.names(path, slices.Sorted(slices.Values(names)))
}

func (f *flat) types(path string, types []TrafficType) { f.unordered(path, slugs(types)) }

func slugs[S fmt.Stringer](all []S) []string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.String()
	}
	return names
}

func percent(r money.Rate) string { return r.String() + " %" }

// duration writes whole days as days, and all else as Go does.
func duration(d time.Duration) string {
	if day := 24 * time.Hour; d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return d.String()
}

func flatten(t *Terms) *flat {
	f := &flat{values: make(map[string]string)}
	amount := func(minor int64) string {
		if minor == 0 || !t.Currency.Valid() {
			return ""
		}
		return money.New(minor, t.Currency).String()
	}
	f.put("program", string(t.Program))
	f.number("version", t.Version)
	f.put("effective_from", t.EffectiveFrom.UTC().Format(time.RFC3339Nano))
	f.page(&t.Page)
	f.put("currency", string(t.Currency))
	if t.TimeZone != nil {
		f.put("time_zone", t.TimeZone.String())
	}
	for _, m := range t.MarketNames() {
		f.unordered("markets."+m, t.Markets[m])
	}
	f.names("store_lists", t.StoreListNames())
	for _, l := range t.StoreLists {
		f.text("store_lists."+l.Name+".description", l.Description)
	}
	f.attribution(&t.Attribution)
	f.rates(t, amount)
	for _, e := range t.SaleEvents {
		path := "sale_events." + e.Name
		f.text(path+".title", e.Title)
		f.put(path+".from", e.From.String())
		f.put(path+".to", e.To.String())
		f.put(path+".points", percent(e.Points))
	}
	f.settlement(&t.Settlement)
	f.types("statistics.hidden_non_affiliate", t.Statistics.HiddenNonAffiliate)
	for _, c := range t.Statistics.Critical {
		limit := "no action"
		if !c.MinCR.IsZero() {
			limit = "conversion below " + percent(c.MinCR)
		}
		f.put("statistics.critical."+strconv.Itoa(c.Clicks), limit)
	}
	f.payout(&t.Payout, amount)
	for _, b := range t.Bonuses {
		f.put("bonuses.first_sale", amount(b.FirstSale))
		for _, tier := range b.Tiers {
			f.put("bonuses.tiers."+money.New(tier.From, t.Currency).Decimal(), percent(tier.Percent))
		}
	}
	f.joining(&t.Joining)
	for _, x := range TrafficTypes() {
		f.put("traffic."+x.String(), t.Traffic.For(x).String())
	}
	f.tracking(&t.Tracking)
	return f
}

func (f *flat) page(p *Page) {
	f.text("page.name", p.Name)
	f.put("page.advertiser", p.Advertiser)
	f.put("page.site", p.Site)
	f.unordered("page.hosts", p.Hosts)
	f.unordered("page.languages", p.Languages)
	f.unordered("page.countries", p.Countries)
	f.text("page.description", p.Description)
	f.text("page.advantages", p.Advantages)
	f.text("page.restrictions", p.Restrictions)
	f.unordered("page.keywords", p.Keywords)
}

func (f *flat) tracking(t *Tracking) {
	f.put("tracking.token_parameter", t.TokenParameter)
	f.put("tracking.consent", t.Consent)
	f.unordered("tracking.strict_in", t.StrictIn)
	if k := t.VisitorKey; k != nil {
		f.put("tracking.visitor_key", fmt.Sprintf("%s on %s for %s", k.Cookie, k.Domain, duration(k.MaxAge)))
	}
	for kind, address := range t.Targets {
		f.put("tracking.targets."+kind.String(), address)
	}
}

func (f *flat) attribution(a *Attribution) {
	if w := a.Window; w.Session {
		f.put("attribution.window", "session")
	} else {
		from, until := "last_click", "order"
		if w.FromFirst {
			from = "first_click"
		}
		if w.ToPayment {
			until = "payment"
		}
		f.put("attribution.window", fmt.Sprintf("%s from %s until %s", duration(w.Length), from, until))
	}
	f.put("attribution.clock_skew", duration(a.ClockSkew))
	f.flag("attribution.coupon_wins", a.CouponWins)
	for _, c := range sortedKeys(a.Channels) {
		kind := "unpaid"
		if a.Channels[c] {
			kind = "paid"
		}
		f.put("attribution.channels."+c, kind)
	}
	entries := make([]string, 0, len(a.Precedence))
	for _, p := range a.Precedence {
		s := "any"
		if len(p.Kinds) > 0 {
			s = strings.Join(slugs(p.Kinds), "/")
		}
		if p.SameProduct {
			s += " of the same product"
		}
		if len(p.NotFor) > 0 {
			s += " except " + strings.Join(slugs(p.NotFor), "/")
		}
		entries = append(entries, fmt.Sprintf("%s: %d", s, p.Rank))
	}
	f.put("attribution.precedence", strings.Join(entries, "; "))
	for _, r := range a.Restriction {
		for _, t := range r.TrafficTypes {
			if r.SameStore {
				f.put("attribution.restrictions."+t.String(), "same store only")
			}
		}
	}
}

func (f *flat) rates(t *Terms, amount func(int64) string) {
	var order []string
	count := make(map[string]int)
	for i := range t.Rates.Steps {
		s := &t.Rates.Steps[i]
		name := s.Kind.String()
		if s.Kind == StepMarket {
			name += "." + s.Market
		}
		// A second step of the same kind has a name of its own.
		if count[name]++; count[name] > 1 {
			name += "#" + strconv.Itoa(count[name])
		}
		order = append(order, name)
		f.step("rates."+name, s, amount)
	}
	f.put("rates.order_of_steps", strings.Join(order, ", "))
	f.put("rates.order_cap", amount(t.Rates.OrderCap))
}

func (f *flat) step(path string, s *RateStep, amount func(int64) string) {
	for _, l := range s.Lists {
		f.put(path+"."+l.List, percent(l.Percent))
	}
	if s.Kind == StepMarket {
		f.put(path, fmt.Sprintf("%v to %s", s.Min, percent(s.Max)))
	}
	f.types(path+".traffic_types", s.TrafficTypes)
	f.unordered(path+".store_lists", s.StoreLists)
	if s.DuringTrafficCheck {
		f.flag(path+".during_traffic_check", true)
	}
	f.types(path+".not_for", s.NotFor)
	if s.NotDuringTrafficCheck {
		f.flag(path+".not_during_traffic_check", true)
	}
	for _, r := range s.Rates {
		for _, c := range r.Categories {
			f.put(path+"."+c, percent(r.Percent))
		}
	}
	if s.Otherwise != nil {
		f.put(path+".otherwise", percent(*s.Otherwise))
	}
	f.put(path+".uplift_cap", amount(s.UpliftCap))
}

func (f *flat) settlement(s *Settlement) {
	limit, funding := "none", "invoiced"
	if s.CompletionLimit > 0 {
		limit = duration(s.CompletionLimit)
	}
	if s.Prefunded {
		funding = "prefunded"
	}
	f.put("settlement.completion_limit", limit)
	f.put("settlement.hold", duration(s.Hold))
	f.put("settlement.traffic_check", duration(s.TrafficCheck))
	f.put("settlement.funding", funding)
	f.put("settlement.network_fee", percent(s.NetworkFee))
}

func (f *flat) payout(p *Payout, amount func(int64) string) {
	schedule := p.Schedule.String()
	switch p.Schedule {
	case Weekly:
		schedule += " on " + strings.ToLower(p.Weekday.String())
	case Monthly:
		schedule += fmt.Sprintf(" on day %d", p.Day)
	}
	f.put("payout.schedule", schedule)
	f.put("payout.minimum", amount(p.Minimum))
	f.flag("payout.must_exceed", p.MustExceed)
	for _, m := range p.Methods {
		fee := "no fee"
		if x := amount(m.Fee); x != "" {
			fee = "fee " + x
		}
		where := "everywhere"
		if len(m.Regions) > 0 {
			where = strings.Join(m.Regions, "+")
		}
		f.put("payout.methods."+m.Method+"."+where, fee)
	}
}

func (f *flat) joining(j *Joining) {
	accept := "after_review"
	if j.Everybody {
		accept = "everybody"
	} else if j.RankingUpTo > 0 {
		accept = "by_ranking"
	}
	f.put("joining.accept", accept)
	f.number("joining.ranking_up_to", j.RankingUpTo)
	f.unordered("joining.decline_reasons", j.DeclineReasons)
}

// String is the date in words, such as "11 November" or "1 day after Thursday 4 of November".
func (d Date) String() string {
	s := fmt.Sprintf("%d %v", d.Day, d.Month)
	if d.Day == 0 {
		s = fmt.Sprintf("%v %d of %v", d.Weekday, d.Nth, d.Month)
	}
	switch d.Plus {
	case 0:
		return s
	case 1:
		return "1 day after " + s
	}
	return fmt.Sprintf("%d days after %s", d.Plus, s)
}
