package commission_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/commission"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
	"pgregory.net/rapid"
)

var march = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func reference(t testing.TB, id program.ID) *program.Terms {
	t.Helper()
	v, ok := program.Reference(id)
	if !ok {
		t.Fatalf("no program %s", id)
	}
	return v[len(v)-1]
}

func percent(s string) *money.Rate {
	r := money.MustRate(s)
	return &r
}

// plain is an item of nothing special: an affiliate product in stock, sold to an old buyer in Romania.
func plain(category string) commission.Facts {
	return commission.Facts{
		Product: &catalog.Product{ID: "p", Store: "s", Category: category, Affiliate: true}, Store: &seller.Store{ID: "s"},
		Category: category, ItemProduct: "p", InStock: true, TrafficType: program.Content, LinkKind: program.LinkHome, ShipTo: "RO", PlacedAt: march,
	}
}

// C1, C7: the figures of the four reference programs, category by category, as their page has them.
func TestC1_FiguresOfTheReferencePrograms(t *testing.T) {
	electronics := []string{"mobile_phones", "computer_peripherals", "tablets", "desktops", "laptops", "home_audio_video", "external_storage", "internal_storage"}
	accessories := []string{"mobile_phone_accessories", "interior_accessories", "garden_supplies"}
	clothing := []string{"womens_clothing", "mens_clothing", "childrens_clothing", "jewellery"}
	figures := func(e, a, c, other string) map[string]string {
		m := map[string]string{"toys": other, "": other, "gift_wrap": other}
		for names, figure := range map[*[]string]string{&electronics: e, &accessories: a, &clothing: c} {
			for _, n := range *names {
				m[n] = figure
			}
		}
		return m
	}
	with := func(m map[string]string, pairs ...string) map[string]string {
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	shared := figures("2.40", "7.20", "7.20", "5.60")
	for _, c := range []struct {
		program  program.ID
		traffic  program.TrafficType
		old, new map[string]string
		newRule  bool
	}{
		{"portals", program.Content, with(figures("4.00", "8.00", "9.00", "5.00"), "mobile_phones", "3.00", "home_audio_video", "5.00"), figures("5.00", "9.00", "9.00", "7.00"), true},
		{"portals-session", program.Content, figures("8.00", "8.00", "8.00", "8.00"), figures("8.00", "8.00", "8.00", "8.00"), false},
		{"global-eu", program.Cashback, shared, shared, false},
		{"tr", program.Content, shared, shared, false},
		{"tr", program.Cashback, shared, figures("3.40", "10.30", "10.30", "8.00"), true},
		{"tr", program.Extension, shared, figures("3.40", "10.30", "10.30", "8.00"), true},
	} {
		table := commission.Compile(reference(t, c.program))
		for isNew, want := range map[bool]map[string]string{false: c.old, true: c.new} {
			for category, figure := range want {
				f := plain(category)
				f.TrafficType, f.NewBuyer = c.traffic, isNew
				got := table.Rate(&f)
				if got.Percent.String() != figure || (got.Rule == "new_buyer") != (isNew && c.newRule) || got.Event {
					t.Errorf("%s, %v, new %v, %q: %s %% by %s, want %s %%", c.program, c.traffic, isNew, category, got.Percent, got.Rule, figure)
				}
				if got.Rule == "new_buyer" && got.OldPercent.String() != c.old[category] {
					t.Errorf("%s, %q: an old buyer would bring %s %%, want %s %%", c.program, category, got.OldPercent, c.old[category])
				}
				if limit := map[program.ID]int64{"tr": 400}[c.program]; got.Rule == "new_buyer" && got.UpliftCap != limit { // C7: 4.00 dollars
					t.Errorf("%s: the uplift is capped at %d, want %d", c.program, got.UpliftCap, limit)
				}
			}
		}
	}
	for id, limit := range map[program.ID]int64{"portals": 0, "portals-session": 0, "global-eu": 3800, "tr": 3800} { // C8
		if got := reference(t, id).Rates.OrderCap; got != limit {
			t.Errorf("%s: the order cap is %d, want %d", id, got, limit)
		}
	}
}

// C2-C6: each step of the program `tr` where it applies and where it just does not. A case changes the plain item of category
// toys, which earns 5.60 % by default.
func TestC2toC6_StepsOfTr(t *testing.T) {
	table := commission.Compile(reference(t, "tr"))
	on := func(lists ...string) func(*commission.Facts) {
		return func(f *commission.Facts) { f.Store = &seller.Store{ID: "s", Lists: lists} }
	}
	hot := func(f *commission.Facts) {
		f.Product.HotRate, f.LinkKind, f.LinkProduct = percent("15.00"), program.LinkHot, "p"
	}
	nonAffiliate := func(f *commission.Facts) { f.Product.Affiliate = false }
	unknown := func(f *commission.Facts) { f.Product = nil }
	cis := func(f *commission.Facts) { f.ShipTo = "KZ" }
	rate := func(s string) func(*commission.Facts) {
		return func(f *commission.Facts) { f.Product.SellerRate = percent(s) }
	}
	campaign := func(f *commission.Facts) {
		f.Product.Campaigns = []catalog.Campaign{{Rate: money.MustRate("12"), From: march, To: march.Add(time.Hour)}}
	}
	traffic := func(tt program.TrafficType) func(*commission.Facts) {
		return func(f *commission.Facts) { f.TrafficType = tt }
	}
	check := func(f *commission.Facts) { f.TrafficCheck = true }
	left := func(f *commission.Facts) {
		f.Store = &seller.Store{ID: "s", Periods: []seller.Period{{From: march.AddDate(-1, 0, 0), To: march}}}
	}
	all := func(changes ...func(*commission.Facts)) []func(*commission.Facts) { return changes }
	for _, c := range []struct {
		name    string
		changes []func(*commission.Facts)
		rule    string
		percent string
	}{
		{"plain", nil, "default", "5.60"},
		{"O4 out of stock", all(func(f *commission.Facts) { f.InStock = false }, hot, cis, rate("9")), "out_of_stock", "0.00"},
		{"C2 virtual", all(func(f *commission.Facts) { f.Product.Virtual = true }, hot, cis, rate("9"), on("chuwi")), "virtual", "0.00"},
		{"C3 listed, whatever else", all(on("no_commission"), hot, cis, rate("9")), "store_list:no_commission", "0.00"},
		{"C3 the list that the document names first", all(on("all_types_075", "electronics_brands", "chuwi")), "store_list:chuwi", "1.50"},
		{"C3 and first of all nothing", all(on("chuwi", "no_commission")), "store_list:no_commission", "0.00"},
		{"C3 electronics", all(on("electronics_brands", "all_types_075"), cis), "store_list:electronics_brands", "0.75"},
		{"C3 all types", all(on("all_types_075"), traffic(program.Cashback)), "store_list:all_types_075", "0.75"},
		{"C3 a list without a rate", all(on("no_non_affiliate")), "default", "5.60"},
		{"C3 an unknown list", all(on("friends")), "default", "5.60"},
		{"C3 an unknown store", all(func(f *commission.Facts) { f.Store = nil }), "default", "5.60"},
		{"C4 seller's rate", all(cis, rate("10")), "market:cis", "10.00"},
		{"C4 at the lower end", all(cis, rate("0.40")), "market:cis", "0.40"},
		{"C4 below the range", all(cis, rate("0.39")), "market:cis", "0.40"},
		{"C4 above the range", all(cis, rate("69.01")), "market:cis", "69.00"},
		{"C4 campaign first", all(cis, rate("10"), campaign), "market:cis", "12.00"},
		{"C4 no rate", all(cis), "market:cis", "0.00"},
		{"C4 the store's rate", all(cis, func(f *commission.Facts) { f.Store.Rate = percent("7") }), "market:cis", "7.00"},
		{"C4 non-affiliate", all(cis, rate("10"), nonAffiliate), "market:cis", "0.00"},
		{"C4 unknown product", all(cis, unknown), "market:cis", "0.00"},
		{"C4 before a hot rate", all(cis, rate("10"), hot), "market:cis", "10.00"},
		{"C4 not outside: no seller's rate there", all(rate("10"), campaign), "default", "5.60"},
		{"C5 ordinary publishers", all(nonAffiliate), "default", "5.60"},
		{"C5 unknown product", all(unknown), "default", "5.60"},
		{"C5 cashback", all(nonAffiliate, traffic(program.Cashback)), "non_affiliate", "0.00"},
		{"C5 extension", all(nonAffiliate, traffic(program.Extension)), "non_affiliate", "0.00"},
		{"C5 dropshipping", all(nonAffiliate, traffic(program.Dropshipping)), "non_affiliate", "0.00"},
		{"C5 subnetwork", all(nonAffiliate, traffic(program.Subnetwork)), "non_affiliate", "0.00"},
		{"C5 cashback on an affiliate product", all(traffic(program.Cashback)), "default", "5.60"},
		{"C5 listed shop", all(nonAffiliate, on("no_non_affiliate")), "non_affiliate", "0.00"},
		{"S1 a seller that left", all(left, traffic(program.Cashback)), "non_affiliate", "0.00"},
		{"A5 traffic check", all(nonAffiliate, check), "non_affiliate", "0.00"},
		{"A5 traffic check, affiliate product", all(check), "default", "5.60"},
		{"C6 hot", all(hot), "hot", "15.00"},
		{"C6 before new buyers", all(hot, traffic(program.Cashback), func(f *commission.Facts) { f.NewBuyer = true }), "hot", "15.00"},
		{"C6 the hot link of another product", all(hot, func(f *commission.Facts) { f.LinkProduct = "q" }), "default", "5.60"},
		{"C6 a product link", all(hot, func(f *commission.Facts) { f.LinkKind = program.LinkProduct }), "default", "5.60"},
		{"C6 not hot", all(hot, func(f *commission.Facts) { f.Product.HotRate = nil }), "default", "5.60"},
		{"C6 an unknown product", all(hot, unknown), "default", "5.60"},
		{"C6 dropshipping", all(hot, traffic(program.Dropshipping)), "default", "5.60"},
		{"C6 subnetwork", all(hot, traffic(program.Subnetwork)), "default", "5.60"},
		{"A5 no hot rate during the traffic check", all(hot, check), "default", "5.60"},
		{"C6 a coupon has no link", all(hot, func(f *commission.Facts) { f.LinkKind, f.LinkProduct = 0, "" }), "default", "5.60"},
	} {
		f := plain("toys")
		for _, change := range c.changes {
			change(&f)
		}
		if got := table.Rate(&f); got.Rule != c.rule || got.Percent.String() != c.percent {
			t.Errorf("%s: %s %% by %s, want %s %% by %s", c.name, got.Percent, got.Rule, c.percent, c.rule)
		}
	}
}

// S2, C1: `portals` takes the seller's campaign, then its rate, then new buyers, then the category.
func TestS2_StepsOfPortals(t *testing.T) {
	table := commission.Compile(reference(t, "portals"))
	f := plain("mobile_phones")
	f.NewBuyer = true
	f.Product.SellerRate = percent("20")
	f.Product.Campaigns = []catalog.Campaign{{Rate: money.MustRate("0.10"), From: march, To: march.Add(time.Hour)}}
	for _, want := range []string{"campaign 0.10", "seller_rate 20.00", "new_buyer 5.00", "category 3.00"} {
		if got := table.Rate(&f); got.Rule+" "+got.Percent.String() != want {
			t.Errorf("%s %s, want %s", got.Rule, got.Percent, want)
		}
		switch want {
		case "campaign 0.10":
			f.PlacedAt = march.Add(time.Hour)
		case "seller_rate 20.00":
			f.Product.SellerRate = nil
		default:
			f.NewBuyer = false
		}
	}
	// All products count as affiliate products there.
	f.Product.Affiliate, f.TrafficType = false, program.Cashback
	if got := table.Rate(&f); got.Rule != "category" {
		t.Errorf("a non-affiliate product is rated by %s", got.Rule)
	}
}

// P4: points of a sale event are added to rates of the program, not to those of sellers and lists, and to the old buyer's too.
func TestP4_EventPoints(t *testing.T) {
	points := &program.SaleEvent{Name: "x", Points: money.MustRate("2.00")}
	for _, c := range []struct {
		program program.ID
		change  func(*commission.Facts)
		want    string
		old     string
	}{
		{"portals", func(f *commission.Facts) {}, "category 10.00 true", "0.00"},
		{"portals", func(f *commission.Facts) { f.Category = "toys" }, "default 7.00 true", "0.00"},
		{"portals", func(f *commission.Facts) { f.NewBuyer = true }, "new_buyer 11.00 true", "10.00"},
		{"portals", func(f *commission.Facts) { f.Category, f.NewBuyer = "toys", true }, "new_buyer 9.00 true", "7.00"},
		{"portals", func(f *commission.Facts) { f.Product.SellerRate = percent("3") }, "seller_rate 3.00 false", "0.00"},
		{"tr", func(f *commission.Facts) { f.Store.Lists = []string{"chuwi"} }, "store_list:chuwi 1.50 false", "0.00"},
		{"tr", func(f *commission.Facts) { f.ShipTo = "RU"; f.Product.SellerRate = percent("3") }, "market:cis 3.00 false", "0.00"},
		{"tr", func(f *commission.Facts) { f.InStock = false }, "out_of_stock 0.00 false", "0.00"},
		{"tr", func(f *commission.Facts) { f.NewBuyer, f.TrafficType = true, program.Cashback }, "new_buyer 12.30 true", "9.20"},
	} {
		f := plain("womens_clothing")
		if c.program == "portals" {
			f.Category = "mobile_phone_accessories"
		}
		f.Event = points
		c.change(&f)
		got := commission.Compile(reference(t, c.program)).Rate(&f)
		if s := fmt.Sprint(got.Rule, " ", got.Percent, " ", got.Event); s != c.want || got.OldPercent.String() != c.old {
			t.Errorf("%s: %s, old %s; want %s, old %s", c.program, s, got.OldPercent, c.want, c.old)
		}
	}
}

// C1: a document whose steps do not cover everything rates the rest at nothing.
func TestC1_NoStepMatches(t *testing.T) {
	terms := &program.Terms{TimeZone: time.UTC, Rates: program.Rates{Steps: []program.RateStep{
		{Kind: program.StepCategory, Rates: []program.CategoryRate{{Categories: []string{"tablets"}, Percent: money.MustRate("4")}}},
	}}}
	table := commission.Compile(terms)
	if table.Terms() != terms {
		t.Error("the table has other terms than it was made from")
	}
	f := plain("toys")
	if got := table.Rate(&f); got.Rule != "none" || got.Step != -1 || !got.Percent.IsZero() {
		t.Errorf("%+v", got)
	}
	f.Category = "tablets"
	if got := table.Rate(&f); got.Rule != "category" || got.Step != 0 || got.Percent.String() != "4.00" {
		t.Errorf("%+v", got)
	}
	terms.Rates.Steps = append(terms.Rates.Steps, program.RateStep{Kind: program.StepDefault})
	f.Category = "toys"
	if got := commission.Compile(terms).Rate(&f); got.Rule != "default" || got.Step != 1 || !got.Percent.IsZero() {
		t.Errorf("%+v", got)
	}
	// A new buyer for whom no later step has a rate: an old one would bring nothing.
	terms.Rates.Steps = []program.RateStep{{Kind: program.StepNewBuyer, Otherwise: percent("5"), UpliftCap: 3}}
	f.NewBuyer = true
	if got := commission.Compile(terms).Rate(&f); got.Rule != "new_buyer" || !got.OldPercent.IsZero() || got.UpliftCap != 3 {
		t.Errorf("%+v", got)
	}
}

// Things that random documents and items are made of: few of each, so that they meet.
var (
	someCategories = []string{"tablets", "toys", "jewellery", ""}
	someLists      = []string{"a", "b", "c"}
	someTypes      = []program.TrafficType{program.Content, program.Cashback, program.Dropshipping}
	somePercents   = []string{"0", "0.40", "5", "12.345", "69", "100"}
)

func drawPercent(t *rapid.T) money.Rate {
	return money.MustRate(rapid.SampledFrom(somePercents).Draw(t, "percent"))
}

func maybePercent(t *rapid.T) *money.Rate {
	if rapid.Bool().Draw(t, "none") {
		return nil
	}
	r := drawPercent(t)
	return &r
}

func some[T comparable](t *rapid.T, of []T, what string) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[T]).Draw(t, what)
}

// drawTerms makes a document of any steps in any order.
func drawTerms(t *rapid.T) *program.Terms {
	terms := &program.Terms{TimeZone: time.UTC, Markets: map[string][]string{"m": {"RO", "RU"}, "n": {"RU", "DE"}}}
	for range rapid.IntRange(0, 8).Draw(t, "steps") {
		s := program.RateStep{Kind: program.StepKind(rapid.IntRange(1, int(program.StepDefault)).Draw(t, "kind"))}
		switch s.Kind {
		case program.StepStoreList:
			for _, l := range some(t, someLists, "lists") {
				s.Lists = append(s.Lists, program.ListRate{List: l, Percent: drawPercent(t)})
			}
		case program.StepMarket:
			s.Market = rapid.SampledFrom([]string{"m", "n"}).Draw(t, "market")
			s.Min, s.Max = money.MustRate("0.40"), money.MustRate("69")
		case program.StepNonAffiliate:
			s.TrafficTypes, s.StoreLists = some(t, someTypes, "types"), some(t, someLists, "lists")
			s.DuringTrafficCheck = rapid.Bool().Draw(t, "check")
		case program.StepHot:
			s.NotFor, s.NotDuringTrafficCheck = some(t, someTypes, "not for"), rapid.Bool().Draw(t, "check")
		case program.StepNewBuyer, program.StepCategory, program.StepDefault:
			s.Otherwise = maybePercent(t)
			if s.Kind == program.StepDefault {
				break
			}
			if s.Kind == program.StepNewBuyer {
				s.TrafficTypes, s.UpliftCap = some(t, someTypes, "types"), rapid.Int64Range(0, 500).Draw(t, "cap")
			}
			for _, c := range some(t, someCategories, "categories") {
				s.Rates = append(s.Rates, program.CategoryRate{Categories: []string{c}, Percent: drawPercent(t)})
			}
		}
		terms.Rates.Steps = append(terms.Rates.Steps, s)
	}
	return terms
}

func drawFacts(t *rapid.T) commission.Facts {
	f := commission.Facts{
		Category: rapid.SampledFrom(someCategories).Draw(t, "category"), ItemProduct: "p", InStock: rapid.IntRange(0, 9).Draw(t, "stock") > 0,
		TrafficType: rapid.SampledFrom(someTypes).Draw(t, "type"), LinkKind: program.LinkKind(rapid.IntRange(0, 9).Draw(t, "kind")),
		LinkProduct: rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "link product"), TrafficCheck: rapid.Bool().Draw(t, "check"),
		NewBuyer: rapid.Bool().Draw(t, "new"), ShipTo: rapid.SampledFrom([]string{"RO", "RU", "DE", "US"}).Draw(t, "to"), PlacedAt: march,
	}
	if rapid.IntRange(0, 4).Draw(t, "known") > 0 {
		f.Product = &catalog.Product{ID: "p", Affiliate: rapid.Bool().Draw(t, "affiliate"), Virtual: rapid.IntRange(0, 5).Draw(t, "virtual") == 0, HotRate: maybePercent(t), SellerRate: maybePercent(t)}
		if rapid.Bool().Draw(t, "campaign") {
			from := march.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "from")) * time.Hour)
			f.Product.Campaigns = []catalog.Campaign{{Rate: drawPercent(t), From: from, To: from.Add(time.Hour)}}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "store") > 0 {
		f.Store = &seller.Store{ID: "s", Lists: some(t, someLists, "on lists"), Rate: maybePercent(t)}
		if rapid.IntRange(0, 3).Draw(t, "periods") == 0 {
			f.Store.Periods = []seller.Period{{From: march.Add(time.Duration(rapid.IntRange(-2, 1).Draw(t, "since")) * time.Hour)}}
		}
	}
	if rapid.Bool().Draw(t, "event") {
		f.Event = &program.SaleEvent{Name: "e", Points: drawPercent(t)}
	}
	return f
}

func sameRated(a, b commission.Rated) bool {
	return a.Rule == b.Rule && a.Step == b.Step && a.Event == b.Event && a.UpliftCap == b.UpliftCap && a.Percent.Cmp(b.Percent) == 0 && a.OldPercent.Cmp(b.OldPercent) == 0
}

// C1: the compiled table says what a walk over the document's steps says, for any document and any item.
func TestC1_TableEqualsWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := drawTerms(t)
		table := commission.Compile(terms)
		for range 5 {
			f := drawFacts(t)
			if got, want := table.Rate(&f), walk(terms, &f); !sameRated(got, want) {
				t.Fatalf("%+v\nthe table says %+v\nthe walk says %+v", f, got, want)
			}
		}
	})
}

// P4: the table finds the sale event that the document finds, also over New Year, over leap days and where events overlap.
func TestP4_TableFindsTheEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]*time.Location{time.UTC, time.FixedZone("east", 9*3600), time.FixedZone("west", -8*3600)}).Draw(t, "zone")
		terms := &program.Terms{TimeZone: zone}
		date := func(what string) program.Date {
			if rapid.Bool().Draw(t, what+" by weekday") {
				return program.Date{
					Month: time.Month(rapid.IntRange(1, 12).Draw(t, what+" month")), Nth: rapid.IntRange(1, 4).Draw(t, what+" nth"),
					Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, what+" weekday")), Plus: rapid.IntRange(0, 5).Draw(t, what+" plus"),
				}
			}
			return program.Date{Month: time.Month(rapid.IntRange(1, 12).Draw(t, what+" month")), Day: rapid.IntRange(1, 28).Draw(t, what+" day")}
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "events") {
			terms.SaleEvents = append(terms.SaleEvents, program.SaleEvent{Name: fmt.Sprint(i), From: date("from"), To: date("to"), Points: money.MustRate("1")})
		}
		table := commission.Compile(terms)
		name := func(e *program.SaleEvent) string {
			if e == nil {
				return "no event"
			}
			return e.Name
		}
		var moments []time.Time
		for i := range terms.SaleEvents {
			for year := 2023; year <= 2026; year++ {
				from, to := terms.SaleEvents[i].Period(year, zone)
				moments = append(moments, from, from.Add(-time.Microsecond), to, to.Add(-time.Microsecond))
			}
		}
		moments = append(moments, time.Date(2024, 1, 1, 0, 0, 0, 0, zone).Add(time.Duration(rapid.IntRange(0, 2*366*24).Draw(t, "hour"))*time.Hour))
		for _, at := range moments {
			if got, want := name(table.EventAt(at)), name(terms.PointsAt(at)); got != want {
				t.Fatalf("at %v the table finds %s, the document %s", at, got, want)
			}
		}
	})
}

// C1: rating takes nothing from the heap.
func TestC1_RatingAllocatesNothing(t *testing.T) {
	for _, id := range program.ReferenceIDs() {
		table := commission.Compile(reference(t, id))
		for name, f := range benchFacts() {
			if got := testing.AllocsPerRun(100, func() { table.Rate(&f) }); got != 0 {
				t.Errorf("%s, %s: %v allocations", id, name, got)
			}
		}
	}
	table := commission.Compile(reference(t, "portals"))
	if got := testing.AllocsPerRun(100, func() { table.EventAt(march) }); got != 0 {
		t.Errorf("looking for a sale event: %v allocations", got)
	}
}

// benchFacts are items that a marketplace sells, from those rated early in the document to those rated last.
func benchFacts() map[string]commission.Facts {
	facts := make(map[string]commission.Facts)
	add := func(name, category string, change func(*commission.Facts)) {
		f := plain(category)
		change(&f)
		facts[name] = f
	}
	event := &program.SaleEvent{Name: "x", Points: money.MustRate("2.00")}
	add("category", "jewellery", func(*commission.Facts) {})
	add("default", "toys", func(*commission.Facts) {})
	add("listed", "toys", func(f *commission.Facts) { f.Store.Lists = []string{"all_types_075"} })
	add("market", "toys", func(f *commission.Facts) { f.ShipTo, f.Product.SellerRate = "UZ", percent("12.5") })
	add("unknown", "toys", func(f *commission.Facts) { f.Product, f.Store = nil, nil })
	add("hot", "toys", func(f *commission.Facts) {
		f.Product.HotRate, f.LinkKind, f.LinkProduct = percent("15"), program.LinkHot, "p"
	})
	add("new buyer, sale event", "jewellery", func(f *commission.Facts) { f.NewBuyer, f.TrafficType, f.Event = true, program.Cashback, event })
	return facts
}

// BenchmarkRate compares the table with a walk over the document's steps, in one run: ns/op is of one item.
func BenchmarkRate(b *testing.B) {
	terms := reference(b, "tr")
	table := commission.Compile(terms)
	for _, name := range []string{"category", "default", "listed", "market", "unknown", "hot", "new buyer, sale event"} {
		f := benchFacts()[name]
		b.Run(name+"/table", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Rate(&f)
			}
		})
		b.Run(name+"/walk", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				walk(terms, &f)
			}
		})
	}
}
