package program

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
)

// The categories of the rate tables, as the seeds name them.
var (
	electronics = strings.Fields("mobile_phones computer_peripherals tablets desktops laptops home_audio_video external_storage internal_storage")
	clothing    = strings.Fields("mobile_phone_accessories interior_accessories garden_supplies womens_clothing mens_clothing childrens_clothing jewellery")
)

func reference(t *testing.T, id ID) *Terms {
	t.Helper()
	v, ok := Reference(id)
	if !ok || len(v) != 1 {
		t.Fatalf("Reference(%q) has %d versions, %v", id, len(v), ok)
	}
	return v[0]
}

// each builds a rate table: one rate for several categories.
func each(percent string, categories ...string) map[string]string {
	m := make(map[string]string)
	for _, c := range categories {
		m[c] = percent
	}
	return m
}

func table(parts ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

// figures are a reference program as the table of the reference programs has it, written down apart from the documents.
type figures struct {
	window         Window
	couponWins     bool
	precedence     []Precedence
	restriction    []Restriction
	steps          string
	lists          []string // list:percent, in order
	market         string   // name min-max
	category       map[string]string
	newBuyer       map[string]string
	newBuyerOther  string
	newBuyerTypes  []TrafficType
	upliftCap      int64
	other          string
	orderCap       int64
	events         int
	limit, hold    time.Duration
	check          time.Duration
	payout         Payout
	bonuses        []Bonus
	joining        Joining // without reasons
	everybodyElse  Policy
	policy         map[TrafficType]Policy
	hidden         []TrafficType
	critical       []CriticalTraffic
	nonAffiliate   *RateStep
	hot            *RateStep
	storeListNames []string
}

const day = 24 * time.Hour

func referenceFigures() map[ID]figures {
	cashbackLike := []TrafficType{Cashback, Extension, Dropshipping, Subnetwork}
	cardEU := table(each("2.40", electronics...), each("7.20", clothing...))
	return map[ID]figures{
		"portals": {
			window: Window{Length: 30 * day}, couponWins: true,
			steps: "out_of_stock campaign seller_rate new_buyer category default",
			category: table(each("3.00", "mobile_phones"),
				each("4.00", "computer_peripherals", "tablets", "desktops", "laptops", "external_storage", "internal_storage"),
				each("5.00", "home_audio_video"), each("9.00", "womens_clothing", "mens_clothing", "childrens_clothing", "jewellery"),
				each("8.00", "mobile_phone_accessories", "interior_accessories", "garden_supplies")),
			newBuyer:      table(each("5.00", electronics...), each("9.00", clothing...)),
			newBuyerOther: "7.00", other: "5.00", events: 2, limit: 60 * day, hold: 14 * day,
			payout: Payout{Schedule: Monthly, Day: 25, Minimum: 1600,
				Methods: []PayoutMethod{{Method: "bank_transfer"}, {Method: "paypal", Regions: []string{"paypal"}}}},
			bonuses:       []Bonus{{FirstSale: 1000}, {Tiers: []Tier{{1000000, money.MustRate("1")}, {5000000, money.MustRate("2")}}}},
			everybodyElse: NeedsApproval, policy: map[TrafficType]Policy{Content: Allowed, Review: Allowed, SEM: Allowed},
		},
		"portals-session": {
			window: Window{Session: true}, steps: "out_of_stock default", other: "8.00", limit: 60 * day, hold: 14 * day,
			payout: Payout{Schedule: OnRequest, Minimum: 1600, MustExceed: true,
				Methods: []PayoutMethod{{Method: "international_bank_transfer", Fee: 1500}}},
			joining: Joining{Everybody: true}, everybodyElse: NeedsApproval,
			policy: map[TrafficType]Policy{Messenger: Allowed, Content: Allowed, Forum: Allowed, Email: Allowed, Social: Allowed,
				Review: Allowed, SEM: Allowed},
		},
		"global-eu": {
			window: Window{Length: 72 * time.Hour}, steps: "out_of_stock virtual store_list market category default",
			lists: []string{"no_commission:0.00", "chuwi:1.50", "electronics_brands:0.75"}, market: "cis 0.40-69.00",
			category: cardEU, other: "5.60", orderCap: 3800,
			payout:  Payout{Schedule: Weekly, Weekday: time.Monday, Methods: []PayoutMethod{{Method: "bank_transfer"}}},
			joining: Joining{RankingUpTo: 200}, everybodyElse: NeedsApproval,
			policy: map[TrafficType]Policy{SEM: Allowed, PriceComparison: Allowed, Cashback: Allowed, Content: Allowed,
				Extension: NeedsApproval, Toolbar: Forbidden, Popup: Forbidden, Incentive: Forbidden, BrandBidding: Forbidden},
			storeListNames: []string{"no_commission", "chuwi", "electronics_brands"},
		},
		"tr": {
			window: Window{Length: 72 * time.Hour, FromFirst: true, ToPayment: true},
			precedence: []Precedence{
				{Kinds: []LinkKind{LinkHot}, SameProduct: true, Rank: 4},
				{Kinds: []LinkKind{LinkProduct}, SameProduct: true, NotFor: []TrafficType{Dropshipping}, Rank: 3},
				{Kinds: []LinkKind{LinkHome}, Rank: 1}, {Rank: 2},
			},
			restriction: []Restriction{{[]TrafficType{Dropshipping}, true}},
			steps:       "out_of_stock virtual store_list market non_affiliate hot new_buyer category default",
			lists:       []string{"no_commission:0.00", "chuwi:1.50", "electronics_brands:0.75", "all_types_075:0.75"}, market: "cis 0.40-69.00",
			category: cardEU, newBuyer: table(each("3.40", electronics...), each("10.30", clothing...)), newBuyerOther: "8.00",
			newBuyerTypes: []TrafficType{Cashback, Extension}, upliftCap: 400, other: "5.60", orderCap: 3800,
			limit: 60 * day, hold: 25 * day, check: 5 * day,
			payout:        Payout{Schedule: Weekly, Weekday: time.Monday, Minimum: 1600, Methods: []PayoutMethod{{Method: "bank_transfer"}}},
			everybodyElse: Allowed,
			policy: map[TrafficType]Policy{Popup: Forbidden, Mobile: Allowed, Content: Allowed, Other: Allowed, PriceComparison: Allowed,
				Forum: Allowed, Loyalty: Allowed, Messenger: Allowed, Coupon: Allowed, Video: Allowed, Social: Allowed, Cashback: Allowed,
				Adult: Forbidden, Toolbar: Forbidden, Incentive: Forbidden, BrandBidding: Forbidden, Email: NeedsApproval,
				Display: NeedsApproval, SEM: NeedsApproval},
			hidden: cashbackLike, critical: []CriticalTraffic{{5000, money.MustRate("0.30")}, {Clicks: 1000}},
			nonAffiliate:   &RateStep{Kind: StepNonAffiliate, TrafficTypes: cashbackLike, StoreLists: []string{"no_non_affiliate"}, DuringTrafficCheck: true},
			hot:            &RateStep{Kind: StepHot, NotFor: []TrafficType{Dropshipping, Subnetwork}, NotDuringTrafficCheck: true},
			storeListNames: []string{"no_commission", "chuwi", "electronics_brands", "all_types_075", "no_non_affiliate"},
		},
	}
}

func (t *Terms) step(kind StepKind) *RateStep {
	for i := range t.Rates.Steps {
		if t.Rates.Steps[i].Kind == kind {
			return &t.Rates.Steps[i]
		}
	}
	return nil
}

// card is a step's rates as category -> percentage.
func card(s *RateStep) map[string]string {
	m := make(map[string]string)
	if s != nil {
		for _, r := range s.Rates {
			for _, c := range r.Categories {
				m[c] = r.Percent.String()
			}
		}
	}
	return m
}

// P1, C1-C9: each figure of each reference program is that of the table.
func TestP1_ReferenceProgramsHaveTheFiguresOfTheTable(t *testing.T) {
	want := referenceFigures()
	if ids := ReferenceIDs(); !slices.Equal(ids, []ID{"global-eu", "portals", "portals-session", "tr"}) {
		t.Fatalf("the reference programs are %v", ids)
	}
	for id, w := range want {
		t.Run(string(id), func(t *testing.T) {
			got := reference(t, id)
			same := func(what string, got, want any) {
				t.Helper()
				if !equal(got, want) {
					t.Errorf("%s is %+v, want %+v", what, got, want)
				}
			}
			same("currency", got.Currency, money.Currency("USD"))
			same("window", got.Attribution.Window, w.window)
			same("clock skew", got.Attribution.ClockSkew, 5*time.Second)
			same("coupon wins", got.Attribution.CouponWins, w.couponWins)
			same("channels", got.Attribution.Channels, map[string]bool{"paid_search": true, "display": true, "paid_social": true,
				"organic": false, "direct": false, "email": false, "referral": false})
			same("precedence", got.Attribution.Precedence, w.precedence)
			same("restrictions", got.Attribution.Restriction, w.restriction)
			var steps, lists []string
			for _, s := range got.Rates.Steps {
				steps = append(steps, s.Kind.String())
				for _, l := range s.Lists {
					lists = append(lists, l.List+":"+l.Percent.String())
				}
				if s.Kind == StepMarket {
					same("market", s.Market+" "+s.Min.String()+"-"+s.Max.String(), w.market)
				}
			}
			same("steps", strings.Join(steps, " "), w.steps)
			same("lists", lists, w.lists)
			same("names of store lists", got.StoreListNames(), w.storeListNames)
			same("categories", card(got.step(StepCategory)), orEmpty(w.category))
			same("default", got.step(StepDefault).Otherwise.String(), w.other)
			same("new buyers", card(got.step(StepNewBuyer)), orEmpty(w.newBuyer))
			if n := got.step(StepNewBuyer); n != nil {
				same("other categories of new buyers", n.Otherwise.String(), w.newBuyerOther)
				same("traffic types of new buyers", n.TrafficTypes, w.newBuyerTypes)
				same("uplift cap", n.UpliftCap, w.upliftCap)
			}
			same("order cap", got.Rates.OrderCap, w.orderCap)
			same("non_affiliate", got.step(StepNonAffiliate), w.nonAffiliate)
			same("hot", got.step(StepHot), w.hot)
			same("sale events", len(got.SaleEvents), w.events)
			same("completion limit", got.Settlement.CompletionLimit, w.limit)
			same("hold", got.Settlement.Hold, w.hold)
			same("traffic check", got.Settlement.TrafficCheck, w.check)
			same("payout", got.Payout, w.payout)
			same("bonuses", got.Bonuses, w.bonuses)
			joining := got.Joining
			if !joining.Everybody && len(joining.DeclineReasons) < 5 {
				t.Errorf("decline reasons are %v", joining.DeclineReasons)
			}
			joining.DeclineReasons = nil
			same("joining", joining, w.joining)
			for _, x := range TrafficTypes() {
				policy, ok := w.policy[x]
				if !ok {
					policy = w.everybodyElse
				}
				same("policy for "+x.String(), got.Traffic.For(x), policy)
			}
			same("hidden from", got.Statistics.HiddenNonAffiliate, w.hidden)
			same("critical traffic", got.Statistics.Critical, w.critical)
			if got.EffectiveFrom.Year() > 2009 {
				t.Errorf("in force from %v, later than the real orders", got.EffectiveFrom)
			}
		})
	}
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// P3: the country groups.
func TestP3_MarketsAreThoseOfTheSeeds(t *testing.T) {
	cis := strings.Fields("RU AM AZ BY GE KZ KG MD TJ TM UZ")
	eu := strings.Fields("RO BG PL SI SK CZ HU DE FR ES PT GB")
	for id, markets := range map[ID]map[string][]string{"global-eu": {"cis": cis, "eu": eu}, "tr": {"cis": cis, "turkey": {"TR"}}} {
		terms := reference(t, id)
		for name, want := range markets {
			if got := terms.Markets[name]; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
				t.Errorf("%s: market %s is %v, want %v", id, name, got, want)
			}
		}
	}
	terms := reference(t, "tr")
	if !terms.InMarket("cis", "KZ") || terms.InMarket("cis", "TR") || terms.InMarket("cis", "UA") || terms.InMarket("none", "RU") {
		t.Error("InMarket is wrong about KZ, TR, UA or an unknown market")
	}
}

// P4: the sale events of portals, with the midnights of Los Angeles.
func TestP4_SaleEventsBeginAndEndAtTheProgramsMidnight(t *testing.T) {
	terms := reference(t, "portals")
	for _, c := range []struct{ at, event string }{
		{"2023-11-11T07:59:59.999999Z", ""}, {"2023-11-11T08:00:00Z", "11_11"},
		{"2023-11-18T07:59:59.999999Z", "11_11"}, {"2023-11-18T08:00:00Z", ""},
		// The fourth Thursday of November 2023 is the 23rd: Friday the 24th to Tuesday the 28th.
		{"2023-11-24T07:59:59.999999Z", ""}, {"2023-11-24T08:00:00Z", "black_friday"},
		{"2023-11-28T07:59:59.999999Z", "black_friday"}, {"2023-11-28T08:00:00Z", ""},
		// In 2018 it is the 22nd, the earliest, in 2012 too; in 2019 the 28th, the latest: the event ends in December.
		{"2018-11-23T08:00:00Z", "black_friday"}, {"2018-11-27T08:00:00Z", ""},
		{"2019-11-28T08:00:00Z", ""}, {"2019-11-29T08:00:00Z", "black_friday"}, {"2019-12-03T07:59:59Z", "black_friday"}, {"2019-12-03T08:00:00Z", ""},
		{"2010-12-01T08:26:00Z", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		if e := terms.PointsAt(at); e != nil {
			name = e.Name
			if e.Points.String() != "2.00" {
				t.Errorf("%s adds %v points, want 2.00", name, e.Points)
			}
		}
		if name != c.event {
			t.Errorf("at %s the event is %q, want %q", c.at, name, c.event)
		}
	}
	if reference(t, "tr").PointsAt(time.Date(2023, 11, 12, 0, 0, 0, 0, time.UTC)) != nil {
		t.Error("tr has no sale events")
	}
}

// P2: the pages speak English and Turkish, all of their texts, and say something.
func TestP2_PagesAreInEnglishAndTurkish(t *testing.T) {
	for _, id := range ReferenceIDs() {
		p := reference(t, id).Page
		for what, text := range map[string]Text{"name": p.Name, "description": p.Description, "advantages": p.Advantages, "restrictions": p.Restrictions} {
			en, tr := text["en"], text["tr"]
			if en == "" || tr == "" || (what != "name" && (en == tr || len(en) < 150 || len(tr) < 150)) {
				t.Errorf("%s: %s is %q in English and %q in Turkish", id, what, en, tr)
			}
		}
		if !p.Owns("www.aliexpress.com") || !p.Owns("aliexpress.com") || p.Owns("notaliexpress.com") || p.Owns("aliexpress.com.example") || p.Owns(".aliexpress.com") {
			t.Errorf("%s: links may lead to %v", id, p.Hosts)
		}
		for _, brand := range []string{"Alibaba Group", "Taobao", "Tmall", "Tmall Global", "AliExpress", "Alimama", "AliCloud", "Aliyun", "eTao", "Juhuasuan"} {
			if !slices.Contains(p.Keywords, brand) {
				t.Errorf("%s: the keyword %q is not banned", id, brand)
			}
		}
	}
}

// Each document says what (A) stands for, and marks its assumptions so: what is marked was not taken from the program's terms.
func TestP1_ReferenceDocumentsSayTheirAssumptions(t *testing.T) {
	for _, id := range ReferenceIDs() {
		doc, ok := ReferenceDocument(id)
		if !ok {
			t.Fatalf("%s has no document", id)
		}
		head, rest, _ := strings.Cut(string(doc), "\nprogram:")
		if !strings.Contains(strings.ReplaceAll(head, "\n# ", " "), "marked (A) are assumptions") || strings.Count(rest, "(A)") < 3 {
			t.Errorf("the document of %s does not say what it assumes", id)
		}
	}
	if _, ok := ReferenceDocument("../schema"); ok {
		t.Error("ReferenceDocument leaves its folder")
	}
}
