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
		if campaign := p.CampaignAt(c.when); campaign != nil {
			got = campaign.Rate.String()
		}
		if got != c.want {
			t.Errorf("at %v: %q, want %q", c.when, got, c.want)
		}
	}
	var unknown *catalog.Product
	if unknown.CampaignAt(start) != nil || (&catalog.Product{}).CampaignAt(start) != nil {
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
		if r := c.product.RateAt(c.store); r != nil {
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
