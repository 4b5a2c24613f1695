package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/importer"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// SellerStores are the two stores of the demo's seller: those on no list with the most products; the
// real shop, whose orders are of one day, is not among them.
func SellerStores(m *Market) []*seller.Store {
	products := make(map[string]int)
	for _, p := range m.Products {
		products[p.Store]++
	}
	stores := slices.DeleteFunc(slices.Clone(m.Stores), func(s *seller.Store) bool { return len(s.Lists) > 0 || s.ID == importer.RetailStore })
	slices.SortStableFunc(stores, func(a, b *seller.Store) int { return products[b.ID] - products[a.ID] })
	return stores[:min(2, len(stores))]
}

// seller is who decides for the stores.
const sellerName = "Kemal"

// Seller does what the demo's seller decides: rates, campaigns, a store that leaves and comes back (S1, S2).
type Seller struct {
	Sellers *sellers.Service
	Market  *Market
}

// Day does the seller's work of a day.
func (s *Seller) Day(ctx context.Context, end time.Time) error {
	stores := SellerStores(s.Market)
	if len(stores) < 2 {
		return nil
	}
	first, second := stores[0].ID, stores[1].ID
	var own []string
	for _, p := range s.Market.Products {
		if p.Store == first && p.Affiliate && p.SellerRate == nil && len(own) < 3 {
			own = append(own, p.ID)
		}
	}
	percent := func(text string) *money.Rate { r := money.MustRate(text); return &r }
	campaign := func(name, rate string, from, days int, products ...string) error {
		day := end.AddDate(0, 0, from)
		return s.Sellers.SetCampaign(ctx, sellers.Wish{Store: first, Name: name, Products: products, Percent: percent(rate), From: day, To: day.AddDate(0, 0, days-1), By: sellerName})
	}
	var err error
	switch day := int(end.Sub(s.Market.From().Truncate(24*time.Hour)).Hours() / 24); day {
	case 4:
		_, err = s.Sellers.SetRate(ctx, sellers.Rate{Store: first, Percent: percent("6"), By: sellerName})
	case 12:
		err = campaign("Winter sale", "14", 2, 7)
	case 20:
		for _, id := range own {
			if _, err = s.Sellers.SetRate(ctx, sellers.Rate{Store: first, Product: id, Percent: percent("9.5"), By: sellerName}); err != nil {
				break
			}
		}
	case 30:
		_, err = s.Sellers.Leave(ctx, second, sellerName)
	case 63:
		_, err = s.Sellers.Join(ctx, second, sellerName)
	case 70:
		_, err = s.Sellers.SetRate(ctx, sellers.Rate{Store: first, Percent: percent("5"), By: sellerName})
	case 84:
		if err = campaign("Spring deals", "15", 2, 14); err == nil && len(own) > 0 {
			err = campaign("Product of the month", "22", 18, 12, own...)
		}
	}
	if err != nil {
		return fmt.Errorf("what the seller decided: %w", err)
	}
	return nil
}

// Subnetwork is the publisher of a simulated marketplace under whom others publish (A8).
const Subnetwork = "pub-07"

// SubPublishers are the publishers under it.
func SubPublishers() []subnetworks.Sub {
	return []subnetworks.Sub{
		{ID: "deal-hunter", Name: "Deal Hunter", Site: "https://deal-hunter.example/", TrafficType: program.Coupon, Note: "Newsletter and coupons"},
		{ID: "gadget-notes", Name: "Gadget Notes", Site: "https://gadget-notes.example/", TrafficType: program.Review, Note: "Reviews of electronics"},
		{ID: "home-ideas", Name: "Home Ideas", Site: "https://home-ideas.example/", TrafficType: program.Content, Note: "A magazine about interiors"},
	}
}

// Network does what the demo's subnetwork and its operator decide of sub-publishers.
type Network struct {
	Subs   *subnetworks.Service
	Market *Market
}

// Enter enters the sub-publishers. A market that has no subnetwork has none.
func (n *Network) Enter(ctx context.Context) error {
	parent := ""
	for _, a := range n.Market.Spaces {
		if a.Publisher == Subnetwork && a.Parent != "" {
			parent = a.Parent
		}
	}
	if parent == "" {
		return nil
	}
	subs := SubPublishers()
	for i := range subs {
		subs[i].Parent = parent
	}
	return n.Subs.Enter(ctx, Subnetwork, subs...)
}

// blockedOn is the day on which the operator blocks a sub-publisher.
const blockedOn = 80

// Day does the operator's work of a day: one sub-publisher is blocked, and the others go on.
func (n *Network) Day(ctx context.Context, end time.Time) error {
	if int(end.Sub(n.Market.From().Truncate(24*time.Hour)).Hours()/24) != blockedOn {
		return nil
	}
	subs, err := n.Subs.List(ctx, Subnetwork)
	if err != nil || len(subs) == 0 {
		return err
	}
	return n.Subs.Block(ctx, Subnetwork, subs[0].ID, "Its newsletter was sent to bought addresses. Write to us if you see it otherwise.", "Ida")
}
