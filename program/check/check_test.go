package check

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// parse reads the document that uses every member once, with some texts replaced (old and new in turn).
func parse(t *testing.T, replaced ...string) program.Versions {
	t.Helper()
	data, err := os.ReadFile("../testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for i := 0; i+1 < len(replaced); i += 2 {
		if strings.Count(doc, replaced[i]) != 1 {
			t.Fatalf("%q stands %d times in the document", replaced[i], strings.Count(doc, replaced[i]))
		}
		doc = strings.Replace(doc, replaced[i], replaced[i+1], 1)
	}
	terms, err := program.Parse("full.yaml", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	grouped, err := program.Group(terms)
	if err != nil {
		t.Fatal(err)
	}
	return grouped["full"]
}

// P1: the checker finds nothing in the reference programs, so each of its findings elsewhere means something.
func TestP1_NothingIsFoundInTheReferencePrograms(t *testing.T) {
	for _, id := range program.ReferenceIDs() {
		v, _ := program.Reference(id)
		for _, f := range Versions(v, Facts{}) {
			t.Errorf("%v", f)
		}
	}
}

const (
	dflt     = `    - {step: default, percent: "5.60"}`
	category = `    - step: category
      rates:
        - {groups: [electronics], categories: [laptops], percent: "2.40"}
        - {groups: [clothing], percent: "7.20"}
`
)

// P1: gaps, rules out of reach, conflicts and suspicious figures are found, each with its place and a fix.
func TestP1_FindingsBeforePublishing(t *testing.T) {
	may := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		replaced []string
		facts    Facts
		want     []string
	}{
		{name: "nothing"},
		{name: "no default step", replaced: []string{dflt + "\n", ""}, want: []string{
			`full.yaml:40: error: rates.steps: no step rates an item in stock, not virtual, of a seller who takes part, during the traffic check, without a campaign, without a seller's rate, bought by a returning buyer, delivered outside all markets, of all other categories, of a store that is not on the list "no_commission", of a store that is not on the list "brands", so it would earn nothing without a rule that says so; fix: end the steps with a default step, such as {step: default, percent: "5.00"}`,
		}},
		{name: "default first", replaced: []string{"    - step: out_of_stock\n", dflt + "\n    - step: out_of_stock\n", category + dflt, ""}, want: []string{
			`full.yaml:39: warning: rates.groups.clothing: no step rates a category of the group "clothing"; fix: remove it, or rate it in a step`,
			"full.yaml:42: error: rates.steps[1]: the step out_of_stock never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:43: error: rates.steps[2]: the step virtual never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:44: error: rates.steps[3]: the step store_list never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:48: error: rates.steps[4]: the step market cis never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:49: error: rates.steps[5]: the step non_affiliate never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:50: error: rates.steps[6]: the step hot never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:51: error: rates.steps[7]: the step campaign never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:52: error: rates.steps[8]: the step seller_rate never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
			"full.yaml:53: error: rates.steps[9]: the step new_buyer never applies: the step default (rates.steps[0], line 41) before it takes every item that it could rate; fix: move the step up, or remove it",
		}},
		{name: "the same market again", replaced: []string{"    - step: campaign\n", "    - step: campaign\n    - {step: market, market: cis, min: \"1\", max: \"2\"}\n"}, want: []string{
			"full.yaml:51: error: rates.steps[7]: the step market cis never applies: the step market cis (rates.steps[3], line 47) before it takes every item that it could rate; fix: move the step up, or remove it",
		}},
		{name: "a store list again", replaced: []string{"    - step: campaign\n", "    - {step: non_affiliate, store_lists: [no_commission, strict]}\n    - step: campaign\n"}, want: []string{
			"full.yaml:50: error: rates.steps[6]: the step non_affiliate never applies: the steps before it together take every item that it could rate; fix: move the step up, or remove it",
		}},
		{name: "categories behind those of all buyers", replaced: []string{dflt, "    - {step: new_buyer, rates: [{categories: [laptops, shoes], percent: \"9\"}]}\n" + dflt}, want: []string{
			`full.yaml:62: error: rates.steps[10].rates[0]: the category "laptops" in the step new_buyer never applies: the step category (rates.steps[9], line 58) before it takes every such item; fix: move the step up, or take it out`,
		}},
		{name: "forestalled by several steps together", replaced: []string{dflt, "    - {step: category, rates: [{groups: [electronics, clothing], percent: \"1\"}]}\n" + dflt}, want: []string{
			"full.yaml:62: error: rates.steps[10]: the step category never applies: the step category (rates.steps[9], line 58) before it takes every item that it could rate; fix: move the step up, or remove it",
		}},
		{name: "precedence behind one for all", replaced: []string{"    - {rank: 2}\n", "    - {rank: 2}\n    - {kinds: [home], rank: 1}\n"}, want: []string{
			"full.yaml:34: error: attribution.precedence[2]: the entry never gives a rank: the entries before it fit every click that it fits; fix: move it up, or remove it",
		}},
		{name: "precedence that leaves clicks out", replaced: []string{"    - {rank: 2}\n", ""}, want: []string{
			"full.yaml:31: warning: attribution.precedence: clicks that no entry fits have rank 0, below all others; fix: end with an entry that has a rank only, such as {rank: 1}, if that is not meant",
		}},
		{name: "same product on a home link", replaced: []string{"    - {rank: 2}\n", "    - {kinds: [home, store], same_product: true, rank: 5}\n    - {rank: 2}\n"}, want: []string{
			"full.yaml:33: error: attribution.precedence[1]: the entry asks for the same product, but only product and hot links lead to a product; fix: add product or hot to its kinds, or remove same_product",
		}},
		{name: "events overlap in some years", replaced: []string{"  - name: black_friday\n", "  - {name: cyber, title: {en: Cyber, tr: Siber}, from: {month: november, day: 28}, to: {month: november, day: 30}, points: \"1\"}\n  - name: black_friday\n"}, want: []string{
			`full.yaml:71: error: sale_events[2]: the sale events "cyber" and "black_friday" overlap in 2010; only the points of the one that stands first would be added; fix: change the dates, or make one event of the two`,
		}},
		{name: "events overlap over New Year", replaced: []string{"  - name: black_friday\n", "  - {name: first, title: {en: First, tr: Bir}, from: {month: january, day: 1}, to: {month: january, day: 2}, points: \"1\"}\n  - name: black_friday\n"}, want: []string{
			`full.yaml:70: error: sale_events[1]: the sale events "new_year" and "first" overlap in 2010; only the points of the one that stands first would be added; fix: change the dates, or make one event of the two`,
		}},
		{name: "event points above 100", replaced: []string{`points: "1.5"`, `points: "92.5"`}, want: []string{
			"full.yaml:69: error: sale_events[0].points: with the points of the event a rate is 100.50 %, more than the buyer paid; fix: lower the points",
		}},
		{name: "event without points", replaced: []string{`points: "1.5"`, `points: "0"`}, want: []string{
			"full.yaml:69: warning: sale_events[0].points: the event adds nothing to any rate; fix: set its points, or remove the event",
		}},
		{name: "new buyers bring less", replaced: []string{"        - {groups: [electronics], percent: \"3.40\"}\n", "        - {groups: [electronics, clothing], percent: \"3.40\"}\n"}, want: []string{
			"full.yaml:52: warning: rates.steps[8]: new buyers bring less than old ones in womens_clothing (3.40 instead of 7.20); fix: raise the new-buyer rates, or swap the two steps' figures",
		}},
		{name: "no uplift to cap", replaced: []string{"        - {groups: [electronics], percent: \"3.40\"}\n", "        - {groups: [electronics], percent: \"2.40\"}\n", `otherwise: "8.00"`, `otherwise: "5.60"`}, want: []string{
			"full.yaml:52: warning: rates.steps[8]: new buyers bring less than old ones in womens_clothing (5.60 instead of 7.20); fix: raise the new-buyer rates, or swap the two steps' figures",
		}},
		{name: "uplift cap above the order cap", replaced: []string{`uplift_cap: "4.00"`, `uplift_cap: "38.00"`}, want: []string{
			"full.yaml:57: warning: rates.steps[8].uplift_cap: the uplift cap is not below the order cap, so it limits nothing; fix: lower it, or remove it",
		}},
		{name: "two uplift caps", replaced: []string{"    - step: category\n", "    - {step: new_buyer, traffic_types: [content], otherwise: \"9\", uplift_cap: \"3.00\"}\n    - step: category\n"}, want: []string{
			"full.yaml:58: error: rates.steps[9].uplift_cap: two new_buyer steps have different uplift caps, but an order has one cap for all its items; fix: give both the same uplift_cap",
		}},
		{name: "names without a part", replaced: []string{"    - {step: market, market: cis, min: \"0.40\", max: \"69.00\"}\n", "", "  countries: [cis]\n", "", "        - {list: brands, percent: \"0.75\"}\n", "", "        - {groups: [clothing], percent: \"7.20\"}\n", ""}, want: []string{
			`full.yaml:18: warning: markets.cis: nothing refers to the market "cis"; fix: remove it, or name it in a step, a payout method or page.countries`,
			`full.yaml:23: warning: store_lists[1]: no step refers to the store list "brands"; fix: remove it, or rate it in a step`,
			`full.yaml:38: warning: rates.groups.clothing: no step rates a category of the group "clothing"; fix: remove it, or rate it in a step`,
		}},
		{name: "no traffic check", replaced: []string{"traffic_check: 5d, ", ""}, want: []string{
			"full.yaml:75: error: settlement: a rate step asks for the traffic check, but there is none; fix: set settlement.traffic_check, such as 5d, or change the step",
		}},
		{name: "traffic check for nothing", replaced: []string{", during_traffic_check: true", "", ", not_during_traffic_check: true", "", "hidden_non_affiliate: [cashback]", "hidden_non_affiliate: [cashback, extension]", ", store_lists: [strict]", "", "  - name: strict\n", ""}, want: []string{
			"full.yaml:74: warning: settlement.traffic_check: no rate step asks for the traffic check; fix: remove it, or set during_traffic_check or not_during_traffic_check in a step",
			"full.yaml:76: warning: statistics.hidden_non_affiliate: no non_affiliate step applies to extension, so there is nothing to hide from it; fix: add it to the traffic_types of the step, or take it out here",
		}},
		{name: "forbidden traffic types in rules", replaced: []string{"{content: allowed, adult: forbidden}", "{content: allowed, dropshipping: forbidden, extension: forbidden}"}, want: []string{
			"full.yaml:32: warning: attribution.precedence[0].not_for: dropshipping is a forbidden traffic type, so the rule never meets it; fix: allow it in traffic, or take it out of the rule",
			"full.yaml:35: warning: attribution.restrictions[0].traffic_types: dropshipping is a forbidden traffic type, so the rule never meets it; fix: allow it in traffic, or take it out of the rule",
			"full.yaml:53: warning: rates.steps[8].traffic_types: extension is a forbidden traffic type, so the rule never meets it; fix: allow it in traffic, or take it out of the rule",
		}},
		{name: "a fee that eats the payout", replaced: []string{`fee: "15.00"`, `fee: "16.01"`}, want: []string{
			"full.yaml:88: error: payout.methods[1].fee: the fee of 16.01 USD takes all of the smallest payout; fix: raise payout.minimum above the fee, or lower the fee",
		}},
		{name: "a method twice", replaced: []string{"    - {method: paypal, regions: [eu], fee: \"0.50\"}\n", "    - {method: paypal, regions: [eu], fee: \"0.50\"}\n    - {method: paypal, regions: [cis], fee: \"1.00\"}\n    - {method: paypal, fee: \"2.00\"}\n"}, want: []string{
			"full.yaml:89: error: payout.methods[2]: paypal is offered twice in the same country (see payout.methods[0]), so its fee is open; fix: make one entry of the two, or keep their regions apart",
			"full.yaml:89: error: payout.methods[2]: paypal is offered twice in the same country (see payout.methods[1]), so its fee is open; fix: make one entry of the two, or keep their regions apart",
		}},
		{name: "a language is missing", replaced: []string{"languages: [en, tr]", "languages: [en, tr, de]", "advantages: {en: Many., tr: Birçok.}\n", "advantages: {en: Many., de: Viele.}\n"}, want: []string{
			"full.yaml:6: warning: page.name: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:12: warning: page.description: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:13: warning: page.advantages: the text is missing in tr, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:14: warning: page.restrictions: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:23: warning: store_lists[0].description: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:66: warning: sale_events[0].title: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
			"full.yaml:71: warning: sale_events[1].title: the text is missing in de, so readers of that language see English; fix: add it, or take the language out of page.languages",
		}},
		{name: "a slip of the pen", replaced: []string{"categories: [laptops]", "categories: [laptops, tablet]"}, want: []string{
			`full.yaml:55: warning: rates.steps[8].rates[0]: the categories "tablet" and "tablets" differ in one letter; fix: correct the wrong one, if they are the same`,
		}},
		{name: "held against the catalogue", facts: Facts{Categories: []string{"mobile_phones", "tablets", "laptop", "womens_clothing"}}, want: []string{
			`full.yaml:60: warning: rates.steps[9].rates[0]: the catalogue has no category "laptops"; fix: did you mean "laptop"?`,
		}},
		{name: "held against the stores", facts: Facts{StoreLists: []string{"brands", "no_comission", "other"}}, want: []string{
			`full.yaml:21: warning: store_lists: stores are on a list "no_comission" that the document does not have; fix: did you mean "no_commission"?`,
			`full.yaml:21: warning: store_lists: stores are on a list "other" that the document does not have; fix: add the list, or correct it at the stores`,
		}},
		{name: "held against campaigns", facts: Facts{Campaigns: []CampaignFact{
			{"p1", money.MustRate("0.10"), may, may.AddDate(0, 1, 0)}, {"p2", money.MustRate("5"), may, may}, {"p3", money.MustRate("5"), may, may.AddDate(0, 1, 0)}}}, want: []string{
			`full.yaml:36: error: rates: the campaign of product "p2" ends at 2024-05-01T00:00:00Z and begins at 2024-05-01T00:00:00Z; fix: correct the campaign's dates`,
			`full.yaml:47: warning: rates.steps[3]: the campaign of product "p1" has 0.10 %, which is outside 0.40 to 69.00 and would be paid as 0.40; fix: correct the campaign's rate, or widen the range`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range Versions(parse(t, c.replaced...), c.facts) {
				got = append(got, f.String())
				if f.Kind == "" || f.Program != "full" || f.Version < 1 || f.Line < 1 {
					t.Errorf("incomplete: %#v", f)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// Terms that were not read from a document are checked too; what Parse would refuse is found here.
func TestP1_TermsMadeInCodeAreChecked(t *testing.T) {
	rate := money.MustRate("3")
	terms := &program.Terms{
		Program: "made", Version: 1, Currency: "USD", TimeZone: time.UTC,
		Rates: program.Rates{Steps: []program.RateStep{
			{Kind: program.StepStoreList},
			{Kind: program.StepCategory, UpliftCap: 5, Rates: []program.CategoryRate{{Categories: []string{"laptops", "tablets"}, Percent: rate}, {Categories: []string{"laptops"}, Percent: rate}}},
			{Kind: program.StepDefault, Otherwise: &rate},
		}},
	}
	want := []string{
		"made version 1: error: rates.steps[0]: the step store_list names nothing that it applies to; fix: say what it rates, or remove it",
		"made version 1: error: rates.steps[1]: an uplift cap on the step category has no effect; fix: move it to the new_buyer step",
		`made version 1: error: rates.steps[1].rates[1]: the category "laptops" has two rates in one step; fix: remove one of the two`,
	}
	var got []string
	for _, f := range Versions(program.Versions{terms}, Facts{}) {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// A step that takes no points makes an event idle.
	terms.Rates.Steps = []program.RateStep{{Kind: program.StepOutOfStock}}
	terms.SaleEvents = []program.SaleEvent{{Name: "e", Points: rate, From: program.Date{Month: 5, Day: 1}, To: program.Date{Month: 5, Day: 2}}}
	if found := Versions(program.Versions{terms}, Facts{}); !slices.ContainsFunc(found, func(f Finding) bool { return f.Kind == "unused" && f.Path == "sale_events[0]" }) {
		t.Errorf("found %v", found)
	}
}

// Every version is checked, and one that changes nothing is reported.
func TestP1_VersionsAreCheckedOneByOne(t *testing.T) {
	first := parse(t)[0]
	second := *first
	second.Version, second.EffectiveFrom = 2, first.EffectiveFrom.AddDate(1, 0, 0)
	third := second
	third.Version, third.EffectiveFrom = 3, second.EffectiveFrom.AddDate(1, 0, 0)
	third.Rates.OrderCap++
	third.SaleEvents = append(slices.Clone(third.SaleEvents), third.SaleEvents[0])
	found := Versions(program.Versions{first, &second, &third}, Facts{})
	if len(found) != 2 || found[0].Version != 2 || found[0].Path != "version" || found[0].Severity != Warning ||
		found[1].Version != 3 || found[1].Kind != "conflict" || found[1].Severity != Fault {
		t.Errorf("found %v", found)
	}
}

// Whatever Parse accepts, the checker ends without a panic.
func FuzzVersions(f *testing.F) {
	for _, id := range program.ReferenceIDs() {
		doc, _ := program.ReferenceDocument(id)
		f.Add(doc)
	}
	data, err := os.ReadFile("../testdata/good/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := program.Parse("fuzz.yaml", data)
		if err != nil {
			return
		}
		for _, x := range Versions(all, Facts{Categories: []string{"laptops"}, StoreLists: []string{"brands"}}) {
			if x.Severity == 0 || x.Kind == "" || x.Path == "" || x.Problem == "" || x.Fix == "" {
				t.Fatalf("%#v", x)
			}
		}
	})
}
