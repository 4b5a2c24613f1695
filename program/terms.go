package program

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/money"
)

// ID names a program: a slug such as "global-eu".
type ID string

// Text is a text in several languages, by ISO 639-1 code (P2).
type Text map[string]string

// In returns the text in a language, or in English, or in any language it has (the first by code).
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	if s, ok := t["en"]; ok {
		return s
	}
	first := ""
	for l := range t {
		if first == "" || l < first {
			first = l
		}
	}
	return t[first]
}

// Terms are one version of a program document: everything that decides who wins an order and what it earns (P1). They are
// made by Parse, which validates them, and never change afterwards.
type Terms struct {
	Program       ID
	Version       int       // counts from 1; a later version has a later EffectiveFrom
	EffectiveFrom time.Time // the first instant that these terms are in force, UTC

	Page        Page
	Currency    money.Currency      // what commissions are rated, booked and paid in
	TimeZone    *time.Location      // whose midnight begins sale events, days and payout periods
	Markets     map[string][]string // named groups of delivery countries, ISO 3166-1 alpha-2 (P3)
	StoreLists  []StoreList         // in the order that decides between the lists of one store
	Attribution Attribution
	Rates       Rates
	SaleEvents  []SaleEvent
	Settlement  Settlement
	Statistics  Statistics
	Payout      Payout
	Bonuses     []Bonus
	Joining     Joining
	Traffic     TrafficPolicy
	Tracking    Tracking

	source *source // where Parse read them; nil otherwise
}

// Page is what the program's page tells publishers (P2).
type Page struct {
	Name         Text
	Advertiser   string
	Site         string   // the landing site, an https URL
	Hosts        []string // the hosts that links may lead to; "*.example.com" stands for every host below example.com (L1)
	Languages    []string
	Countries    []string // markets the program is meant for, names of Terms.Markets
	Description  Text
	Advantages   Text
	Restrictions Text
	Keywords     []string // banned keywords (F3)
}

// Tracking says how clicks are tracked and where links lead (L1, L3). It is what edges look at and changes no decision.
type Tracking struct {
	TokenParameter string      // the query parameter of the click token; empty: the usual one
	Consent        string      // what needs a visitor's consent: cookies_only, strict or off
	StrictIn       []string    // countries whose visitors are treated as under strict
	VisitorKey     *VisitorKey // nil: no cookie
	// Targets are the addresses that kinds of links lead to, with {id} in the place of what the link names.
	Targets map[LinkKind]string
}

// VisitorKey is a first-party cookie that redirect and shop share.
type VisitorKey struct {
	Cookie string
	Domain string
	MaxAge time.Duration
}

// Address is where a link of a kind leads that names a product, a store, a category and so on; ok is false where the program
// has no address for the kind.
func (t *Tracking) Address(kind LinkKind, id string) (address string, ok bool) {
	if kind == LinkHot {
		kind = LinkProduct
	}
	template, ok := t.Targets[kind]
	if !ok {
		return "", false
	}
	before, after, _ := strings.Cut(template, "{id}")
	if strings.Contains(before, "?") {
		return before + url.QueryEscape(id) + after, true
	}
	return before + url.PathEscape(id) + after, true
}

// Named is what an address of the program names, read by the same patterns that Address writes with: a product's page is a link to the
// product, however much of a query stands behind it. ok is false where no pattern fits (L1).
func (t *Tracking) Named(address string) (kind LinkKind, id string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, "", false
	}
	for kind := LinkHome; kind <= LinkPage; kind++ {
		before, after, found := strings.Cut(t.Targets[kind], "{id}")
		if !found {
			continue
		}
		if path, parameters, inQuery := strings.Cut(before, "?"); inQuery {
			name := parameters[strings.LastIndexByte(parameters, '&')+1:]
			if p, err := url.Parse(path); err == nil && strings.EqualFold(p.Host, u.Host) && p.Path == u.Path {
				id = u.Query().Get(strings.TrimSuffix(name, "="))
			}
		} else if p, err := url.Parse(before); err == nil && strings.EqualFold(p.Host, u.Host) {
			rest, ok := strings.CutPrefix(u.EscapedPath(), p.EscapedPath())
			name, fits := strings.CutSuffix(rest, after)
			if name, err = url.PathUnescape(name); ok && fits && err == nil && !strings.Contains(name, "/") {
				id = name
			}
		}
		if id != "" {
			return kind, id, true
		}
	}
	return 0, "", false
}

// StoreList is a named list of stores; which stores are on it is a fact, not a term.
type StoreList struct {
	Name        string
	Description Text
}

// Attribution says who wins an item (T1-T6).
type Attribution struct {
	Window      Window
	ClockSkew   time.Duration   // how far after `placed` a touch may be stamped when there is no other
	CouponWins  bool            // a coupon code tied to an ad space wins over every click
	Channels    map[string]bool // other channels that the marketplace reports; true: paid, so it displaces (T1)
	Precedence  []Precedence    // empty: all clicks have rank 0 (T5)
	Restriction []Restriction
}

// Window is how long a click counts (L4).
type Window struct {
	Session   bool          // the click's session must be the order's; Length is then not used
	Length    time.Duration // the deadline is the anchor plus Length, inclusive
	FromFirst bool          // the anchor is the first click of the run, else the click itself
	ToPayment bool          // the deadline is held against the payment, else against `placed`
}

// Precedence ranks clicks: the first entry that matches a click gives its rank, a greater rank wins (T5).
type Precedence struct {
	Kinds       []LinkKind    // empty: any
	SameProduct bool          // the click's product must be the item's
	NotFor      []TrafficType // the entry passes over clicks of these traffic types
	Rank        int
}

// Restriction limits which items a traffic type's clicks can win (T4).
type Restriction struct {
	TrafficTypes []TrafficType
	SameStore    bool // only product and hot clicks, on a product of the item's store
}

// StepKind is one way to find an item's rate.
type StepKind uint8

// The rate steps. A program document lists those it uses, in its own order; the first that matches an item gives its rate.
const (
	StepOutOfStock   StepKind = iota + 1 // 0 for items that were not in stock (O4)
	StepVirtual                          // 0 for virtual products (C2)
	StepStoreList                        // a rate for the stores of a list (C3)
	StepMarket                           // the seller's rate, for delivery to a market (C4)
	StepNonAffiliate                     // 0 for non-affiliate products, where the step says so (C5)
	StepHot                              // the product's hot rate, for its own hot link (C6)
	StepCampaign                         // the seller's campaign in force at `placed` (S2)
	StepSellerRate                       // the seller's rate for the product (S2)
	StepNewBuyer                         // by category, for new buyers (C7)
	StepCategory                         // by category (C1)
	StepDefault                          // everything else
)

var stepKindSlugs = [...]string{"", "out_of_stock", "virtual", "store_list", "market", "non_affiliate", "hot", "campaign", "seller_rate",
	"new_buyer", "category", "default"}

// String is the step's slug, which is also its rule code where the step has only one.
func (k StepKind) String() string { return stepKindSlugs[k] }

// ParseStepKind returns the step kind of a slug.
func ParseStepKind(slug string) (StepKind, error) {
	i, err := parseSlug("rate step", slug, stepKindSlugs[:])
	return StepKind(i), err
}

// Rates is the rate card: percentages of an item's base (C1-C8).
type Rates struct {
	Groups   map[string][]string // named groups of categories
	Steps    []RateStep
	OrderCap int64 // greatest commission of an order, minor units of the program currency; 0: none (C8)
}

// RateStep is one step with its parameters; which of them it has depends on Kind.
type RateStep struct {
	Kind StepKind

	Lists                 []ListRate     // store_list
	Market                string         // market: a name of Terms.Markets
	Min, Max              money.Rate     // market: the range sellers may choose from
	TrafficTypes          []TrafficType  // non_affiliate, new_buyer: for these only; new_buyer with none: for all
	StoreLists            []string       // non_affiliate: for products of stores on these lists
	DuringTrafficCheck    bool           // non_affiliate: during the traffic check too (A5)
	NotFor                []TrafficType  // hot: not for these
	NotDuringTrafficCheck bool           // hot: not during the traffic check (A5)
	Rates                 []CategoryRate // new_buyer, category
	Otherwise             *money.Rate    // new_buyer: for all other categories; default: the rate
	UpliftCap             int64          // new_buyer: greatest uplift of an order over the old-buyer rates, minor units; 0: none (C7)
}

// ListRate is the rate of a store list.
type ListRate struct {
	List    string
	Percent money.Rate
}

// CategoryRate is the rate of some categories.
type CategoryRate struct {
	Categories []string // category slugs; groups are already taken apart
	Percent    money.Rate
}

// SaleEvent adds points to the rates of new buyers, categories and the default while it runs, each year anew (P4).
type SaleEvent struct {
	Name     string
	Title    Text
	From, To Date // midnight in the program's time zone; To is exclusive
	Points   money.Rate
}

// Date is a day of each year: a day of a month, or days after the nth weekday of a month.
type Date struct {
	Month   time.Month
	Day     int // 1-31, or 0 for the nth weekday
	Nth     int // 1-5
	Weekday time.Weekday
	Plus    int // days later
}

// In returns the midnight that begins the date in a year.
func (d Date) In(year int, zone *time.Location) time.Time {
	day := d.Day
	if day == 0 {
		first := time.Date(year, d.Month, 1, 0, 0, 0, 0, zone).Weekday()
		day = 1 + (int(d.Weekday)-int(first)+7)%7 + 7*(d.Nth-1)
	}
	return time.Date(year, d.Month, day+d.Plus, 0, 0, 0, 0, zone)
}

// Settlement says when a commission is declined, approved and how it is funded (O2, M2, M6).
type Settlement struct {
	CompletionLimit time.Duration // from `placed` to `completed`; 0: no limit
	Hold            time.Duration // from `completed` to approval
	TrafficCheck    time.Duration // from an ad space's approval; 0: no check (A5)
	Prefunded       bool          // the advertiser pays ahead; otherwise it is invoiced
	NetworkFee      money.Rate    // percentage of an approved commission that the advertiser owes the network
}

// Statistics says what a program's statistics leave out (C5).
type Statistics struct {
	HiddenNonAffiliate []TrafficType // items that rule `non_affiliate` rated are not shown to these
	Critical           []CriticalTraffic
}

// CriticalTraffic is a limit of F2: a day with more than Clicks clicks and a conversion below MinCR percent, or without
// an action where MinCR is 0, is critical.
type CriticalTraffic struct {
	Clicks int
	MinCR  money.Rate
}

// Schedule is when a program pays.
type Schedule uint8

// The payout schedules.
const (
	OnRequest Schedule = iota + 1
	Weekly
	Monthly
)

var scheduleSlugs = [...]string{"", "on_request", "weekly", "monthly"}

// String is the schedule's slug.
func (s Schedule) String() string { return scheduleSlugs[s] }

// ParseSchedule returns the schedule of a slug.
func ParseSchedule(slug string) (Schedule, error) {
	i, err := parseSlug("payout schedule", slug, scheduleSlugs[:])
	return Schedule(i), err
}

// Payout says how publishers are paid (M3). Amounts are minor units of the program currency.
type Payout struct {
	Schedule   Schedule
	Weekday    time.Weekday // weekly: the day of the run
	Day        int          // monthly: the day of the run
	Minimum    int64
	MustExceed bool // the balance must exceed Minimum; otherwise it must reach it
	Methods    []PayoutMethod
}

// PayoutMethod is a way to be paid, where it is offered and what it costs the publisher.
type PayoutMethod struct {
	Method  string   // "bank_transfer", "international_bank_transfer", "paypal"
	Regions []string // names of Terms.Markets; empty: everywhere
	Fee     int64
}

// Bonus is a reward beside the commission (C9).
type Bonus struct {
	FirstSale int64 // once for a publisher's first approved order; 0: none
	Tiers     []Tier
}

// Tier is a monthly performance tier: from a month's completed order value on, a percentage of it.
type Tier struct {
	From    int64
	Percent money.Rate
}

// Joining says how ad spaces are accepted (A2).
type Joining struct {
	Everybody      bool
	RankingUpTo    int      // ranks up to this are accepted at once; 0: none
	DeclineReasons []string // codes a reviewer chooses from
}

// Policy is what a program makes of a traffic type (A3).
type Policy uint8

// The policies.
const (
	Forbidden Policy = iota + 1
	NeedsApproval
	Allowed
)

var policySlugs = [...]string{"", "forbidden", "needs_approval", "allowed"}

// String is the policy's slug.
func (p Policy) String() string { return policySlugs[p] }

// ParsePolicy returns the policy of a slug.
func ParsePolicy(slug string) (Policy, error) {
	i, err := parseSlug("traffic policy", slug, policySlugs[:])
	return Policy(i), err
}

// TrafficPolicy is the program's policy for each traffic type.
type TrafficPolicy struct {
	Default Policy
	ByType  map[TrafficType]Policy
}

// For returns the policy for a traffic type.
func (p TrafficPolicy) For(t TrafficType) Policy {
	if x, ok := p.ByType[t]; ok {
		return x
	}
	return p.Default
}

// PointsAt returns the sale event in force at a time and its points, or nil.
func (t *Terms) PointsAt(at time.Time) *SaleEvent {
	local := at.In(t.TimeZone)
	for i := range t.SaleEvents {
		e := &t.SaleEvents[i]
		// An event may run over New Year, so the one that began last year counts too.
		for year := local.Year(); year >= local.Year()-1; year-- {
			if from, to := e.Period(year, t.TimeZone); !at.Before(from) && at.Before(to) {
				return e
			}
		}
	}
	return nil
}

// MarketNames are the names of all markets, sorted.
func (t *Terms) MarketNames() []string { return sortedKeys(t.Markets) }

// StoreListNames are the names of all store lists, in the order that decides between the lists of one store.
func (t *Terms) StoreListNames() []string {
	names := make([]string, 0, len(t.StoreLists))
	for _, l := range t.StoreLists {
		names = append(names, l.Name)
	}
	return names
}

// CategoryNames are the categories that rate steps name, sorted.
func (t *Terms) CategoryNames() []string {
	var names []string
	for _, s := range t.Rates.Steps {
		for _, r := range s.Rates {
			names = append(names, r.Categories...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// RateOf is a category's rate by a new_buyer, category or default step, where it has one. A category that no step names, such
// as "", has the rate of all others.
func (s *RateStep) RateOf(category string) (money.Rate, bool) {
	for _, r := range s.Rates {
		if slices.Contains(r.Categories, category) {
			return r.Percent, true
		}
	}
	if s.Otherwise != nil {
		return *s.Otherwise, true
	}
	return money.Rate{}, false
}

// InMarket reports whether a delivery country belongs to a named market.
func (t *Terms) InMarket(market, country string) bool {
	for _, c := range t.Markets[market] {
		if c == country {
			return true
		}
	}
	return false
}

// Versions are all versions of one program, the earliest first (P1).
type Versions []*Terms

// At returns the version in force at a time; before the first version, the first.
func (v Versions) At(at time.Time) *Terms {
	for i := len(v) - 1; i > 0; i-- {
		if !at.Before(v[i].EffectiveFrom) {
			return v[i]
		}
	}
	return v[0]
}
