package catalog_test

import (
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/seller"
)

var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func rate(s string) *money.Rate {
	r := money.MustRate(s)
	return &r
}

// S2: a campaign is in force from its first instant to the one before its end; of two the first named counts.
func TestS2_Campaigns(t *testing.T) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	p := &catalog.Product{Campaigns: []catalog.Campaign{
		{Rate: money.MustRate("10"), From: day(5), To: day(10)},
		{Rate: money.MustRate("20"), From: day(0), To: day(7)},
	}}
	for _, c := range []struct {
		when time.Time
		want string
	}{
		{day(0).Add(-time.Microsecond), ""}, {day(0), "20.00"}, {day(5).Add(-time.Microsecond), "20.00"}, {day(5), "10.00"}, {day(7), "10.00"},
		{day(10).Add(-time.Microsecond), "10.00"}, {day(10), ""},
	} {
		got := ""
		if campaign, ok := p.CampaignAt(nil, c.when); ok {
			got = campaign.Rate.String()
		}
		if got != c.want {
			t.Errorf("at %v: %q, want %q", c.when, got, c.want)
		}
	}
	var unknown *catalog.Product
	_, ofUnknown := unknown.CampaignAt(nil, start)
	if _, ofBare := (&catalog.Product{}).CampaignAt(nil, start); ofUnknown || ofBare {
		t.Error("a product without campaigns has one")
	}
}

// S2: the product's rate comes before the store's.
func TestS2_RateOfProductThenStore(t *testing.T) {
	var unknown *catalog.Product
	store := &seller.Store{Rate: rate("3")}
	for _, c := range []struct {
		product *catalog.Product
		store   *seller.Store
		want    string
	}{
		{&catalog.Product{SellerRate: rate("5")}, store, "5.00"}, {&catalog.Product{SellerRate: rate("0")}, store, "0.00"}, {&catalog.Product{}, store, "3.00"},
		{unknown, store, "3.00"}, {&catalog.Product{SellerRate: rate("5")}, nil, "5.00"}, {&catalog.Product{}, nil, ""}, {unknown, nil, ""}, {unknown, &seller.Store{}, ""},
	} {
		got := ""
		if r := c.product.RateAt(c.store, start); r != nil {
			got = r.String()
		}
		if got != c.want {
			t.Errorf("%+v of %+v: %q, want %q", c.product, c.store, got, c.want)
		}
	}
}

// S1: a product earns as an affiliate product if it is one and its store takes part, where that is known.
func TestS1_AffiliateProducts(t *testing.T) {
	var unknown *catalog.Product
	yes, no := &catalog.Product{Affiliate: true}, &catalog.Product{}
	in := &seller.Store{Periods: []seller.Period{{From: start}}}
	out := &seller.Store{Periods: []seller.Period{{From: start, To: start.Add(time.Hour)}}}
	when := start.Add(2 * time.Hour)
	for i, c := range []struct {
		product *catalog.Product
		store   *seller.Store
		want    bool
	}{
		{yes, nil, true}, {yes, &seller.Store{}, true}, {yes, in, true}, {yes, out, false}, {no, nil, false}, {no, in, false}, {unknown, nil, false}, {unknown, in, false},
	} {
		if got := c.product.AffiliateAt(c.store, when); got != c.want {
			t.Errorf("case %d: %v, want %v", i, got, c.want)
		}
	}
	if !yes.AffiliateAt(out, start) {
		t.Error("the time of the order does not decide")
	}
}

// S2: what the seller set here comes before what was reported of the product, and the product's before the store's; each counts at its
// own time, so a change of today leaves the rate of yesterday's orders alone.
func TestS2_OffersByTheirTime(t *testing.T) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	r := money.MustRate
	p := &catalog.Product{
		SellerRate: rate("5"), Campaigns: []catalog.Campaign{{Rate: r("20"), From: day(0), To: day(30)}},
		Offers: []seller.Offer{
			{Rate: r("6"), From: day(2), To: day(4)}, {Rate: r("7"), From: day(4)}, {Rate: r("25"), From: day(10), To: day(12), Campaign: "spring"},
		},
	}
	s := &seller.Store{Rate: rate("3"), Offers: []seller.Offer{{Rate: r("4"), From: day(1)}, {Rate: r("30"), From: day(0), To: day(40), Campaign: "all"}}}
	for _, c := range []struct {
		product        *catalog.Product
		when           time.Time
		rate, campaign string
	}{
		{p, day(2).Add(-time.Microsecond), "5.00", "20.00"}, {p, day(2), "6.00", "20.00"}, {p, day(4).Add(-time.Microsecond), "6.00", "20.00"}, {p, day(4), "7.00", "20.00"},
		{p, day(10), "7.00", "25.00"}, {p, day(12), "7.00", "20.00"}, {p, day(30), "7.00", "30.00"}, {p, day(40), "7.00", ""},
		{&catalog.Product{}, day(0), "3.00", "30.00"}, {&catalog.Product{}, day(1), "4.00", "30.00"}, {nil, day(1), "4.00", ""},
	} {
		got, campaign := "", ""
		if r := c.product.RateAt(s, c.when); r != nil {
			got = r.String()
		}
		if x, ok := c.product.CampaignAt(s, c.when); ok {
			campaign = x.Rate.String()
		}
		if got != c.rate || campaign != c.campaign {
			t.Errorf("at %v: rate %q, campaign %q; want %q and %q", c.when, got, campaign, c.rate, c.campaign)
		}
	}
	// S1: after the store left, nothing that it set counts.
	s.Periods = []seller.Period{{From: day(0), To: day(5)}}
	if _, ok := p.CampaignAt(s, day(11)); ok || p.RateAt(s, day(11)) != nil {
		t.Error("a store that left still pays what it set")
	}
	if p.RateAt(s, day(4)) == nil {
		t.Error("a store pays nothing while it takes part")
	}
}
