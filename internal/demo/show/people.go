package show

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/demo"
	"github.com/clickledger/clickledger/internal/web/lookas"
)

// People are those through whose eyes visitors of the demo look: the publisher with the most traffic, a seller, and the operator's
// people, of whom two are needed to pay anybody. Each is known by a token.
func People(m *demo.Market, token func() string, now func() time.Time) *lookas.People {
	p := &lookas.People{Now: now}
	add := func(id, name string, o people.Organisation, role people.Role, story string) {
		p.All = append(p.All, lookas.Person{
			Token: token(), Story: story,
			Viewer: people.Viewer{Person: id, Name: name, Organisation: o, Role: role, Session: "demo_" + id},
		})
	}
	operator := people.Organisation{ID: "org_operator", Kind: people.Operator, Name: "Clickledger Demo Marketplace"}
	add("per_ada", "Ada", operator, people.Admin, "Runs the programs: sees everything, changes rates, and approves payouts that others built.")
	add("per_deniz", "Deniz", operator, people.Admin, "Runs the programs with Ada: new terms that one of them proposes, the other one approves.")
	add("per_mehmet", "Mehmet", operator, people.Finance, "Builds payout runs and sends them to the bank once somebody else approved them.")
	add("per_ida", "Ida", operator, people.Reviewer, "Looks after publishers. Cannot touch money.")
	if busiest := busiestPublisher(m); busiest != "" {
		o := people.Organisation{ID: "org_" + busiest, Kind: people.Publisher, Name: called(busiest), Publisher: busiest}
		add("per_elif", "Elif", o, people.Owner, "Sends the most clicks of all publishers here. Sees what they earned and why, and withdraws it.")
	}
	for _, a := range m.Spaces {
		if a.Publisher == demo.Subnetwork && a.Parent != "" {
			o := people.Organisation{ID: "org_" + demo.Subnetwork, Kind: people.Publisher, Name: called(demo.Subnetwork), Publisher: demo.Subnetwork}
			add("per_derya", "Derya", o, people.Owner, "Runs a subnetwork: three publishers send traffic under her. Sees what each brought and what part of each payout is theirs.")
			break
		}
	}
	if stores := demo.SellerStores(m); len(stores) > 0 {
		o := people.Organisation{ID: "org_" + stores[0].ID, Kind: people.Seller, Name: cmp.Or(stores[0].Name, stores[0].ID)}
		for _, s := range stores {
			o.Stores = append(o.Stores, s.ID)
		}
		add("per_kemal", "Kemal", o, people.Owner, "Sells on the marketplace in two stores. Sets rates, plans campaigns, and sees what publishers sold and what it cost.")
	}
	return p
}

// called is what a publisher of the simulated marketplace is called; the publishers of real data keep their ids.
func called(publisher string) string {
	names := [...]string{
		"Fırsat Günlüğü", "Kupon Deposu", "Tech Under 100", "Evde Stil", "Deal Radar", "Cüzdan Dostu", "Gadget Corner", "Reise & Rabatt Network", "İndirim Avcısı",
		"Smart Shopper Daily", "Anne Tavsiyesi", "Budget Runner", "Moda Notları", "Cashback Haus", "Oyun Kutusu", "Price Pilot", "Mutfak Defteri", "Flash Coupons", "Bahçe ve Ev",
		"The Unboxing Room", "Gezgin Sepet", "Shop & Save RO", "Kitap Köşesi", "Style Ledger",
	}
	n, ok := strings.CutPrefix(publisher, "pub-")
	i, err := strconv.Atoi(n)
	if !ok || err != nil || i < 0 || i >= len(names) {
		return publisher
	}
	return names[i]
}

// busiestPublisher is the publisher with the most clicks, the first by name of several; "" where there is none.
func busiestPublisher(m *demo.Market) (busiest string) {
	clicks := make(map[string]int)
	for _, c := range m.Clicks {
		if c.Publisher != "" {
			clicks[c.Publisher]++
		}
	}
	for name, n := range clicks {
		if n > clicks[busiest] || n == clicks[busiest] && name < busiest {
			busiest = name
		}
	}
	return busiest
}
