package program

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/money"
)

// equal compares values by meaning: rates by number, empty and missing lists alike.
func equal(a, b any) bool {
	return reflect.DeepEqual(plain(reflect.ValueOf(a)), plain(reflect.ValueOf(b)))
}

// plain turns a value into maps, slices and texts.
func plain(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch x := v.Interface().(type) {
	case money.Rate:
		return x.String()
	case time.Time:
		return x.UTC().String()
	case *time.Location:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Struct:
		m := make(map[string]any)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				m[v.Type().Field(i).Name] = plain(v.Field(i))
			}
		}
		return m
	case reflect.Slice:
		all := []any{}
		for i := range v.Len() {
			all = append(all, plain(v.Index(i)))
		}
		return all
	case reflect.Map:
		m := make(map[string]any)
		for _, k := range v.MapKeys() {
			m[fmt.Sprint(k.Interface())] = plain(v.MapIndex(k))
		}
		return m
	}
	return v.Interface()
}

func parseFile(t *testing.T, file string) *Terms {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := Parse(file, data)
	if err != nil || len(terms) != 1 {
		t.Fatal(len(terms), err)
	}
	return terms[0]
}

// P1: every member of the format arrives in the terms.
func TestP1_EveryMemberArrives(t *testing.T) {
	rate := money.MustRate
	percent := func(s string) *money.Rate { r := rate(s); return &r }
	istanbul, err := time.LoadLocation("Europe/Istanbul")
	if err != nil {
		t.Fatal(err)
	}
	want := &Terms{
		Program: "full", Version: 1, EffectiveFrom: time.Date(2023, 12, 31, 21, 0, 0, 0, time.UTC),
		Page: Page{
			Name: Text{"en": "Full", "tr": "Tam"}, Advertiser: "Example", Site: "https://shop.example.com/",
			Hosts: []string{"shop.example.com", "*.example.org"}, Languages: []string{"en", "tr"}, Countries: []string{"cis"},
			Description: Text{"en": "A program.", "tr": "Bir program."}, Advantages: Text{"en": "Many.", "tr": "Birçok."},
			Restrictions: Text{"en": "Few.", "tr": "Az."}, Keywords: []string{"example", "example shop"},
		},
		Currency: "USD", TimeZone: istanbul, Markets: map[string][]string{"cis": {"RU", "AM"}, "eu": {"DE", "FR"}},
		StoreLists: []StoreList{{"no_commission", Text{"en": "Nothing", "tr": "Yok"}}, {Name: "brands"}, {Name: "strict"}},
		Attribution: Attribution{
			Window: Window{Length: 72 * time.Hour, FromFirst: true, ToPayment: true}, ClockSkew: 5 * time.Second, CouponWins: true,
			Channels: map[string]bool{"paid_search": true, "organic": false},
			Precedence: []Precedence{
				{[]LinkKind{LinkHot, LinkProduct}, true, []TrafficType{Dropshipping}, 3}, {Rank: 2},
			},
			Restriction: []Restriction{{[]TrafficType{Dropshipping}, true}},
		},
		Rates: Rates{
			Groups: map[string][]string{"electronics": {"mobile_phones", "tablets"}, "clothing": {"womens_clothing"}},
			Steps: []RateStep{
				{Kind: StepOutOfStock}, {Kind: StepVirtual},
				{Kind: StepStoreList, Lists: []ListRate{{"no_commission", rate("0")}, {"brands", rate("0.75")}}},
				{Kind: StepMarket, Market: "cis", Min: rate("0.40"), Max: rate("69")},
				{Kind: StepNonAffiliate, TrafficTypes: []TrafficType{Cashback}, StoreLists: []string{"strict"}, DuringTrafficCheck: true},
				{Kind: StepHot, NotFor: []TrafficType{Subnetwork}, NotDuringTrafficCheck: true},
				{Kind: StepCampaign}, {Kind: StepSellerRate},
				{Kind: StepNewBuyer, TrafficTypes: []TrafficType{Cashback, Extension}, Otherwise: percent("8"), UpliftCap: 400,
					Rates: []CategoryRate{{[]string{"mobile_phones", "tablets"}, rate("3.40")}}},
				{Kind: StepCategory, Rates: []CategoryRate{{[]string{"mobile_phones", "tablets", "laptops"}, rate("2.40")}, {[]string{"womens_clothing"}, rate("7.20")}}},
				{Kind: StepDefault, Otherwise: percent("5.60")},
			},
			OrderCap: 3800,
		},
		SaleEvents: []SaleEvent{
			{"new_year", Text{"en": "New Year", "tr": "Yeni Yıl"}, Date{Month: 12, Day: 28}, Date{Month: 1, Day: 3}, rate("1.5")},
			{"black_friday", Text{"en": "Black Friday", "tr": "Efsane Cuma"}, Date{Month: 11, Nth: 4, Weekday: time.Thursday, Plus: 1},
				Date{Month: 11, Nth: 4, Weekday: time.Thursday, Plus: 5}, rate("2")},
		},
		Settlement: Settlement{60 * day, 14 * day, 5 * day, true, rate("12.5")},
		Statistics: Statistics{[]TrafficType{Cashback}, []CriticalTraffic{{5000, rate("0.30")}, {Clicks: 1000}}},
		Payout: Payout{Monthly, time.Sunday, 25, 1600, true,
			[]PayoutMethod{{"paypal", []string{"eu"}, 50}, {Method: "international_bank_transfer", Fee: 1500}}},
		Bonuses: []Bonus{{FirstSale: 1000}, {Tiers: []Tier{{1000000, rate("1")}, {5000000, rate("2")}}}},
		Joining: Joining{RankingUpTo: 200, DeclineReasons: []string{"no_content"}},
		Traffic: TrafficPolicy{NeedsApproval, map[TrafficType]Policy{Content: Allowed, Adult: Forbidden}},
		Tracking: Tracking{"clk", "strict", []string{"DE"}, &VisitorKey{"visitor", "example.org", 30 * day},
			map[LinkKind]string{LinkProduct: "https://shop.example.com/p/{id}", LinkSearch: "https://shop.example.com/?q={id}"}},
	}
	got := parseFile(t, "testdata/good/full.yaml")
	if !equal(got, want) {
		for _, c := range Diff(want, got) {
			t.Errorf("%s: want %q, got %q", c.Path, c.Before, c.After)
		}
		t.Errorf("got %+v", plain(reflect.ValueOf(got)))
	}
}

// C11: an explanation can name the line of the step.
func TestC11_TermsKnowTheLinesOfTheirSteps(t *testing.T) {
	terms := parseFile(t, "testdata/good/full.yaml")
	data, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for i, s := range terms.Rates.Steps {
		n := terms.StepLine(i)
		if n < 1 || n > len(lines) || !strings.Contains(lines[n-1], "step: "+s.Kind.String()) {
			t.Errorf("step %d (%v) is in line %d", i, s.Kind, n)
		}
	}
	p, ok := terms.Position("rates.steps[9].rates[0].percent")
	if !ok || p.Column < 5 || !strings.HasPrefix(lines[p.Line-1][p.Column-1:], `percent: "2.40"`) {
		t.Errorf("the percentage of laptops stands at %v, %v", p, ok)
	}
	if _, ok := terms.Position("rates.steps[99]"); ok || terms.StepLine(99) != 0 || (&Terms{}).StepLine(0) != 0 || (&Terms{}).File() != "" {
		t.Error("places are known that are not there")
	}
	if terms.File() != "testdata/good/full.yaml" {
		t.Errorf("the file is %q", terms.File())
	}
}

// P1: the schema that editors use names what the code knows, neither more nor less.
func TestP1_SchemaKnowsTheSameNames(t *testing.T) {
	var schema struct {
		Defs map[string]struct {
			Enum       []string
			Properties map[string]json.RawMessage
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var types, steps []string
	for _, x := range TrafficTypes() {
		types = append(types, x.String())
	}
	for k := StepOutOfStock; k <= StepDefault; k++ {
		steps = append(steps, k.String())
		if _, ok := schema.Defs["step_"+k.String()]; !ok {
			t.Errorf("the schema does not say what the step %v has", k)
		}
	}
	if got := schema.Defs["traffic_type"].Enum; !slices.Equal(got, types) {
		t.Errorf("traffic types are %v, want %v", got, types)
	}
	var step struct{ Enum []string }
	if err := json.Unmarshal(schema.Defs["step"].Properties["step"], &step); err != nil || !slices.Equal(step.Enum, steps) {
		t.Errorf("steps are %v (%v), want %v", step.Enum, err, steps)
	}
	if got := schema.Defs["policy"].Enum; !slices.Equal(got, []string{"allowed", "needs_approval", "forbidden"}) {
		t.Errorf("policies are %v", got)
	}
	var byType struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal(schema.Defs["traffic"].Properties["by_type"], &byType); err != nil || len(byType.Properties) != len(types) {
		t.Errorf("by_type knows %d traffic types (%v), want %d", len(byType.Properties), err, len(types))
	}
	for _, x := range types {
		if _, ok := byType.Properties[x]; !ok {
			t.Errorf("by_type does not know %s", x)
		}
	}
}

// P1: limits of size, count and depth hold, and a bomb of aliases is refused without being expanded.
func TestP1_LimitsHold(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), ", "))
	}
	for what, c := range map[string]struct{ doc, want string }{
		"size":    {"# " + strings.Repeat("x", maxBytes), "at most 1048576"},
		"values":  {"a: [" + strings.Repeat("1,", maxNodes) + "]", "more than 50000 values"},
		"depth":   {strings.Repeat("[", 1000), "16 levels"},
		"aliases": {bomb, "found an alias"},
	} {
		start := time.Now()
		_, err := Parse("limit.yaml", []byte(c.doc))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v, want %q in it", what, err, c.want)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: took %v", what, d)
		}
	}
}

// P1: a file that is wrong throughout gives a report that can be read.
func TestP1_ReportsAreBounded(t *testing.T) {
	var doc strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&doc, "member%d: 1\n", i)
	}
	_, err := Parse("wrong.yaml", []byte(doc.String()))
	errs, _ := err.(Errors)
	if len(errs) != maxErrors+1 || !strings.Contains(errs[maxErrors].Problem, "more errors follow") {
		t.Errorf("%d errors, the last is %v", len(errs), errs[len(errs)-1])
	}
}

// P4: an event may run over New Year.
func TestP4_AnEventRunsOverNewYear(t *testing.T) {
	terms := parseFile(t, "testdata/good/full.yaml")
	for at, want := range map[string]bool{ // Istanbul is three hours ahead
		"2023-12-27T20:59:59Z": false, "2023-12-27T21:00:00Z": true, "2023-12-31T21:00:00Z": true, "2024-01-02T20:59:59.999999Z": true,
		"2024-01-02T21:00:00Z": false,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if e := terms.PointsAt(when); (e != nil && e.Name == "new_year") != want {
			t.Errorf("at %s the event is %v, want new_year: %v", at, e, want)
		}
	}
}

// P2: a reader gets the text in their language, or in English, or in any.
func TestP2_TextsFallBack(t *testing.T) {
	for _, c := range []struct {
		text Text
		want string
	}{{Text{"tr": "Tam", "en": "Full"}, "Tam"}, {Text{"en": "Full", "de": "Voll"}, "Full"}, {Text{"fr": "Plein", "de": "Voll"}, "Voll"}, {nil, ""}} {
		if got := c.text.In("tr"); got != c.want {
			t.Errorf("%v in Turkish is %q, want %q", c.text, got, c.want)
		}
	}
}

// A3: every slug is read as what it prints, and nothing else is read.
func TestA3_SlugsRoundTrip(t *testing.T) {
	for _, x := range TrafficTypes() {
		var y TrafficType
		b, err := x.MarshalText()
		if err != nil || y.UnmarshalText(b) != nil || y != x {
			t.Errorf("%v is read as %v (%v)", x, y, err)
		}
	}
	for k := LinkHome; k <= LinkPage; k++ {
		var y LinkKind
		b, err := k.MarshalText()
		if err != nil || y.UnmarshalText(b) != nil || y != k {
			t.Errorf("%v is read as %v (%v)", k, y, err)
		}
	}
	for _, slug := range []string{"", "Content", "blog"} {
		if x, err := ParseTrafficType(slug); err == nil {
			t.Errorf("%q is read as %v", slug, x)
		}
	}
}

// L1: the kinds of links lead to the program's pages, with what they name escaped where it stands.
func TestL1_AddressesOfLinkKinds(t *testing.T) {
	tracking := parseFile(t, "testdata/good/full.yaml").Tracking
	for _, c := range []struct {
		kind     LinkKind
		id, want string
	}{
		{LinkProduct, "100/5?a", "https://shop.example.com/p/100%2F5%3Fa"},
		{LinkHot, "1", "https://shop.example.com/p/1"},
		{LinkSearch, "red shoes & more", "https://shop.example.com/?q=red+shoes+%26+more"},
		{LinkStore, "1", ""},
	} {
		if got, ok := tracking.Address(c.kind, c.id); got != c.want || ok != (c.want != "") {
			t.Errorf("%v %q leads to %q, %v; want %q", c.kind, c.id, got, ok, c.want)
		}
	}
}

// L1: whoever pastes the address of a product's page means the product.
func TestL1_AddressesNameWhatTheyLeadTo(t *testing.T) {
	tracking := Tracking{Targets: map[LinkKind]string{
		LinkProduct: "https://www.shop.example/item/{id}.html", LinkStore: "https://www.shop.example/store/{id}", LinkSearch: "https://www.shop.example/find?lang=en&q={id}",
	}}
	for _, c := range []struct {
		address string
		kind    LinkKind
		id      string
	}{
		{"https://www.shop.example/item/1005006.html", LinkProduct, "1005006"},
		{"http://WWW.shop.example/item/1005006.html?spm=a.b#top", LinkProduct, "1005006"},
		{"https://www.shop.example/item/a%2Fb.html", 0, ""}, // a slash is no part of a name here
		{"https://www.shop.example/item/.html", 0, ""},
		{"https://www.shop.example/item/1/2.html", 0, ""},
		{"https://evil.example/item/1005006.html", 0, ""},
		{"https://www.shop.example/store/s%201", LinkStore, "s 1"},
		{"https://www.shop.example/find?q=red+shoes", LinkSearch, "red shoes"},
		{"https://www.shop.example/find?x=red", 0, ""},
		{"https://www.shop.example/", 0, ""},
		{"%", 0, ""},
	} {
		kind, id, ok := tracking.Named(c.address)
		if kind != c.kind || id != c.id || ok != (c.id != "") {
			t.Errorf("%s names %v %q", c.address, kind, id)
		}
	}
	for _, id := range []string{"1", "a b", "ü?&=+%"} { // what Address writes, Named reads
		for kind := range tracking.Targets {
			if address, _ := tracking.Address(kind, id); address != "" {
				if k, got, _ := tracking.Named(address); k != kind || got != id {
					t.Errorf("%s names %v %q, want %v %q", address, k, got, kind, id)
				}
			}
		}
	}
}
