package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
)

// paid makes a publisher with orders of every state in global-eu: the clock stands in June.
func paid(c *client) {
	c.t.Helper()
	c.now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	c.must("POST", "/v1/ad-spaces:import", strings.Replace(fmt.Sprintf(space, "ann", "blog", ""), "portals", "global-eu", 1)+"\n"+strings.Replace(fmt.Sprintf(space, "bob", "shop", ""), "portals", "global-eu", 1))
	c.must("POST", "/v1/clicks:import", `{"click":"c1","at":"2026-03-10T10:00:00Z","program":"global-eu","visitor":"v","channel":"affiliate","publisher":"ann","ad_space":"blog","target":{"kind":"home"}}
{"click":"c2","at":"2026-03-10T10:00:00Z","program":"global-eu","visitor":"w","channel":"affiliate","publisher":"bob","ad_space":"shop","target":{"kind":"home"}}`)
	var events []string
	for i := range 12 {
		order := fmt.Sprintf("o%d", i)
		visitor := "v"
		if i%4 == 3 {
			visitor = "w"
		}
		events = append(events, fmt.Sprintf(`{"order":%q,"event":"placed","at":"2026-03-10T11:00:%02dZ","program":"global-eu","visitor":%q,"buyer":{"id":"b","new":false},"ship_to":"RO","currency":"USD","items":[{"item":"1","product":"p","store":"s","category":"toys","amount":"1%d0.00"},{"item":"2","product":"p","store":"s","category":"toys","amount":"20.00"}]}`, order, i, visitor, i))
		if i%3 > 0 {
			events = append(events, fmt.Sprintf(`{"order":%q,"event":"paid","at":"2026-03-10T12:00:00Z","program":"global-eu"}`, order))
		}
		if i%3 > 1 {
			events = append(events, fmt.Sprintf(`{"order":%q,"event":"completed","at":"2026-03-20T12:00:00Z","program":"global-eu"}`, order))
		}
	}
	if answer := c.must("POST", "/v1/orders:batch", strings.Join(events, "\n")); !strings.Contains(answer, `"refused":0`) {
		c.t.Fatal(answer)
	}
}

// payouts is the service that the client's server pays through.
func (c *client) payouts() *payouts.Service {
	payer := payout.Party{Name: "Marketplace", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX"}
	return payouts.New(c.db, c.settle.Terms, bankfile.Files, payer, func() time.Time { return c.now })
}

// payable says how ann is paid, so long ago that the account is not fresh.
func (c *client) payable() { c.payableBy("bank_transfer") }

func (c *client) payableBy(method string) {
	c.t.Helper()
	details := payouts.Details{Method: method, Country: "DE", Account: payout.Party{
		Name: "Ann", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Address: payout.Address{Street: "Kaiserstrasse", Building: "1", PostCode: "60311", Town: "Frankfurt", Country: "DE"},
	}}
	today := c.now
	c.now = today.Add(-2 * payout.DetailsFreeze) // fresh details are not paid to
	defer func() { c.now = today }()
	if err := c.payouts().SetDetails(c.t.Context(), "ann", details); err != nil {
		c.t.Fatal(err)
	}
}

// run drafts and freezes a payout run and returns its id.
func (c *client) run() string {
	c.t.Helper()
	c.payable()
	r, err := c.payouts().Start(c.t.Context(), "global-eu", payout.Manual, nil, "maria")
	if err != nil {
		c.t.Fatal(err)
	}
	return r.ID
}

type page struct {
	Decisions    []decision
	Transactions []struct {
		Cause    string
		Postings []struct{ Account, Amount string }
	}
	Runs []runSummary
	Next string
}

// pages reads a list to its end.
func pages(c *client, key, target string, limit int) (all []page) {
	c.t.Helper()
	for after := ""; ; {
		status, answer := c.do(c.request(key, "GET", fmt.Sprintf("%s&limit=%d&after=%s", target, limit, url.QueryEscape(after)), ""))
		var p page
		if err := json.Unmarshal([]byte(answer), &p); status != 200 || err != nil {
			c.t.Fatalf("GET %s after %q: %d %s", target, after, status, answer)
		}
		all = append(all, p)
		if after = p.Next; after == "" {
			return all
		}
	}
}

// I1, R1: a list of orders has each decision once, in any size of pages, and its sums are those of the balance; a publisher's key reads
// its own only.
func TestR1_OrdersAddUpToTheBalance(t *testing.T) {
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			c := newClient(t, e.make(t), march)
			paid(c)
			read := func(key, target string, limit int) (out []decision) {
				for _, p := range pages(c, key, target, limit) {
					if len(p.Decisions) > limit {
						t.Errorf("a page of %d has %d", limit, len(p.Decisions))
					}
					out = append(out, p.Decisions...)
				}
				return out
			}
			all := read("k", "/v1/orders?program=global-eu", 1000)
			if len(all) != 24 {
				t.Fatalf("%d decisions about 24 items", len(all))
			}
			same := func(a, b decision) bool {
				return a.Order == b.Order && a.Item == b.Item && a.Amount == b.Amount && a.State == b.State
			}
			if small := read("k", "/v1/orders?program=global-eu", 5); !slices.EqualFunc(all, small, same) {
				t.Errorf("in small pages: %v, want %v", small, all)
			}
			keep := func(f func(decision) bool) []decision {
				return slices.DeleteFunc(slices.Clone(all), func(d decision) bool { return !f(d) })
			}
			at := time.Date(2026, 3, 10, 11, 0, 6, 0, time.UTC)
			for target, f := range map[string]func(decision) bool{
				"/v1/orders?publisher=ann&": func(d decision) bool { return d.Publisher == "ann" }, "/v1/orders?state=approved&": func(d decision) bool { return d.State == "approved" },
				"/v1/orders?from=2026-03-10T11:00:06Z&": func(d decision) bool { return !d.PlacedAt.Before(at) }, "/v1/orders?to=2026-03-10T11:00:06Z&": func(d decision) bool { return d.PlacedAt.Before(at) },
				"/v1/orders?program=tr&": func(decision) bool { return false },
			} {
				if got, want := read("k", target, 7), keep(f); !slices.EqualFunc(got, want, same) {
					t.Errorf("%s: %d decisions, want %d", target, len(got), len(want))
				}
			}
			own := read("ann", "/v1/orders?program=global-eu", 100)
			if want := keep(func(d decision) bool { return d.Publisher == "ann" }); !slices.EqualFunc(own, want, same) || len(own) == len(all) {
				t.Errorf("ann's key reads %d of %d decisions, want %d", len(own), len(all), len(want))
			}
			if status, _ := c.do(c.request("ann", "GET", "/v1/orders?publisher=bob", "")); status != 404 {
				t.Errorf("ann asks for bob's orders: %d", status)
			}
			if status, _ := c.do(c.request("ann", "GET", "/v1/publishers/bob/journal?program=global-eu", "")); status != 404 {
				t.Errorf("ann asks for bob's journal: %d", status)
			}
			sums := make(map[string]int64)
			for _, d := range own {
				sums[d.State] += minor(t, d.Amount)
			}
			var balance map[string]any
			if err := json.Unmarshal([]byte(c.must("GET", "/v1/publishers/ann/balance?program=global-eu", "")), &balance); err != nil {
				t.Fatal(err)
			}
			for state, sum := range map[string]int64{"tracked": sums["tracked"], "pending": sums["pending"], "approved": sums["approved"], "available": sums["approved"]} {
				if got := minor(t, balance[state].(string)); got != sum || sum == 0 {
					t.Errorf("%s: the balance is %d, the orders say %d", state, got, sum)
				}
			}
			journal(t, c, balance)
			run := c.run()
			runs := pages(c, "k", "/v1/payout-runs?program=global-eu", 1)
			if len(runs) != 1 || len(runs[0].Runs) != 1 || runs[0].Runs[0].ID != run || runs[0].Runs[0].State != "frozen" {
				t.Errorf("the payout runs: %+v", runs)
			}
			if one := c.must("GET", "/v1/payout-runs/"+url.PathEscape(run), ""); strings.Contains(one, "DE89") || !strings.Contains(one, `"parts":[{"publisher":"ann","method":"bank_transfer","gross":"`+balance["available"].(string)+`"`) {
				t.Errorf("the payout run: %s", one)
			}
		})
	}
}

// journal adds a publisher's journal up and holds it against the balance.
func journal(t *testing.T, c *client, balance map[string]any) {
	t.Helper()
	sums := make(map[string]int64)
	causes := make(map[string]bool)
	for _, p := range pages(c, "ann", "/v1/publishers/ann/journal?program=global-eu", 3) {
		for _, x := range p.Transactions {
			if causes[x.Cause] {
				t.Errorf("%s comes twice", x.Cause)
			}
			causes[x.Cause] = true
			for _, p := range x.Postings {
				sums[p.Account] += minor(t, p.Amount)
			}
		}
	}
	for _, state := range []string{"tracked", "pending", "available"} {
		found := false
		for account, sum := range sums {
			if strings.Contains(account, state) && strings.Contains(account, "ann") {
				found = true
				if got := minor(t, balance[state].(string)); got != sum {
					t.Errorf("%s: the balance is %d, the journal says %d", account, got, sum)
				}
			}
		}
		if !found {
			t.Errorf("no %s account in %v", state, sums)
		}
	}
}

func minor(t *testing.T, s string) int64 {
	t.Helper()
	n, err := money.ParseMinor(s, 2)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// files are the addresses of the bank files of all runs.
func (c *client) files() (all []string) {
	c.t.Helper()
	runs, err := c.payouts().Runs(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range runs {
		for _, f := range runs[i].Files {
			all = append(all, "/v1/payout-runs/"+url.PathEscape(runs[i].ID)+"/files/"+url.PathEscape(f.Name))
		}
	}
	return all
}
