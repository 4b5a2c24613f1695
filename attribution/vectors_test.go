package attribution_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/attribution"
	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// A vector file has blocks of lines: "vector NAME", then facts, then "expect ITEM WINNER" (a publisher or a reason). Times
// are relative to the placing of the order.
//
//	terms    window=72h from=last|first until=order|payment session coupon precedence dropship
//	space    PUBLISHER TYPE approved=TIME blocked=TIME coupon=CODE
//	product  ID STORE
//	click    ID PUBLISHER TIME kind=KIND product=ID store=ID verdict=V session=S visitor=V program=P
//	touch    ID CHANNEL TIME session=S
//	order    visitor=V session=S click=ID coupon=CODE paid=TIME asof=TIME
//	item     ID PRODUCT STORE
//	expect   ITEM PUBLISHER-OR-REASON
//	fates    ITEM CLICK=FATE ...   (T7: all candidates of the item, how far each came)
type vector struct {
	name   string
	terms  program.Terms
	spaces map[string]*publisher.AdSpace
	prods  map[string]*catalog.Product
	clicks []*click.Click
	placed order.Placement
	paid   time.Time
	asOf   time.Time
	expect [][2]string
	fates  map[string]map[string]string // by item, then click
}

var placedAt = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t, "testdata/vectors.txt") {
		t.Run(v.name, func(t *testing.T) {
			// The order in which touches arrive must not matter (T1, architecture: any order of arrival).
			for seed := range uint64(8) {
				got := v.decide(t, seed)
				for i, e := range v.expect {
					if got[e[0]] != e[1] {
						t.Fatalf("item %s (expectation %d): %s, want %s", e[0], i, got[e[0]], e[1])
					}
				}
				for item, want := range v.fates {
					if got := strings.TrimSpace(got[item+" fates"]); got != sortedFates(want) {
						t.Fatalf("item %s: %s, want %s", item, got, sortedFates(want))
					}
				}
			}
		})
	}
}

// sortedFates prints fates by click.
func sortedFates(fates map[string]string) string {
	lines := make([]string, 0, len(fates))
	for c, f := range fates {
		lines = append(lines, c+"="+f)
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// decide returns the winner of each item or the reason why nobody won, and its fates.
func (v *vector) decide(t *testing.T, seed uint64) map[string]string {
	events := []order.Event{{Key: order.Key{Program: "p", Order: "o"}, Kind: order.Placed, At: placedAt, Placed: &v.placed}}
	if !v.paid.IsZero() {
		events = append(events, order.Event{Key: events[0].Key, Kind: order.Paid, At: v.paid})
	}
	h, err := order.NewHistory(events)
	if err != nil {
		t.Fatal(err)
	}
	in := attribution.Input{Terms: &v.terms, Order: h, At: v.asOf}
	for _, c := range v.clicks {
		in.Touches = append(in.Touches, attribution.Touch{Click: c, Space: v.spaces[c.Publisher], Product: v.prods[c.Target.Product]})
	}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(in.Touches), func(i, j int) { in.Touches[i], in.Touches[j] = in.Touches[j], in.Touches[i] })
	for _, s := range v.spaces {
		for _, code := range s.Coupons {
			if code == v.placed.CouponCode {
				in.Coupon = s
			}
		}
	}
	for i := range v.placed.Items {
		in.Stores = append(in.Stores, v.placed.Items[i].Store)
		if p := v.prods[v.placed.Items[i].Product]; p != nil {
			in.Stores[i] = p.Store
		}
	}
	r := attribution.Decide(&in)
	got := make(map[string]string)
	for i, it := range r.Items {
		id := v.placed.Items[i].ID
		fates := make(map[string]string)
		for n, f := range it.Fates {
			fates[r.Candidates[n].Click.ID] = f.String()
		}
		got[id+" fates"] = sortedFates(fates)
		if (it.Winner >= 0 || r.Coupon != nil) != (it.Reason == attribution.Won) || (it.Winner >= 0 && it.Fates[it.Winner] != attribution.Won) {
			t.Fatalf("item %s: winner %d, reason %v, fates %v", id, it.Winner, it.Reason, it.Fates)
		}
		switch {
		case r.Coupon != nil:
			got[id] = r.Coupon.Publisher
		case it.Winner >= 0:
			got[id] = r.Candidates[it.Winner].Click.Publisher
		default:
			got[id] = it.Reason.String()
		}
	}
	return got
}

func readVectors(t *testing.T, path string) []*vector {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []*vector
	var v *vector
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(strings.SplitN(sc.Text(), "#", 2)[0])
		if line == "" {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if word == "vector" {
			v = newVector(rest)
			all = append(all, v)
			continue
		}
		if err := v.line(word, strings.Fields(rest)); err != nil {
			t.Fatalf("%s:%d: %v", path, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func newVector(name string) *vector {
	v := &vector{
		name: name, spaces: map[string]*publisher.AdSpace{}, prods: map[string]*catalog.Product{}, asOf: placedAt.Add(365 * 24 * time.Hour),
		placed: order.Placement{Visitor: "v", Currency: "USD", ShipTo: "RO"},
	}
	v.terms.Program, v.terms.Currency = "p", "USD"
	v.terms.Attribution = program.Attribution{
		Window: program.Window{Length: 72 * time.Hour}, ClockSkew: 5 * time.Second,
		Channels: map[string]bool{"paid_search": true, "display": true, "organic": false, "email": false},
	}
	for _, p := range []string{"A", "B", "C"} {
		v.spaces[p] = &publisher.AdSpace{ID: "s" + p, Publisher: p, Program: "p", TrafficType: program.Content, ApprovedAt: placedAt.Add(-1000 * time.Hour)}
	}
	return v
}

func (v *vector) line(word string, args []string) error {
	opts := map[string]string{}
	var pos []string
	for _, a := range args {
		if k, val, ok := strings.Cut(a, "="); ok {
			opts[k] = val
		} else {
			pos = append(pos, a)
		}
	}
	at := func(s string) time.Time {
		d, err := time.ParseDuration(s)
		if err != nil {
			panic(err)
		}
		return placedAt.Add(d)
	}
	a := &v.terms.Attribution
	switch word {
	case "terms":
		for k, val := range opts {
			switch k {
			case "window":
				d, err := time.ParseDuration(val)
				if err != nil {
					return err
				}
				a.Window.Length = d
			case "from":
				a.Window.FromFirst = val == "first"
			case "until":
				a.Window.ToPayment = val == "payment"
			default:
				return fmt.Errorf("unknown option %q", k)
			}
		}
		for _, p := range pos {
			switch p {
			case "session":
				a.Window = program.Window{Session: true}
			case "coupon":
				a.CouponWins = true
			case "precedence":
				a.Precedence = []program.Precedence{
					{Kinds: []program.LinkKind{program.LinkHot}, SameProduct: true, Rank: 4},
					{Kinds: []program.LinkKind{program.LinkProduct}, SameProduct: true, NotFor: []program.TrafficType{program.Dropshipping}, Rank: 3},
					{Kinds: []program.LinkKind{program.LinkHome}, Rank: 1},
					{Rank: 2},
				}
			case "dropship":
				a.Restriction = []program.Restriction{{TrafficTypes: []program.TrafficType{program.Dropshipping}, SameStore: true}}
			default:
				return fmt.Errorf("unknown option %q", p)
			}
		}
	case "space":
		tt, err := program.ParseTrafficType(pos[1])
		if err != nil {
			return err
		}
		s := &publisher.AdSpace{ID: "s" + pos[0], Publisher: pos[0], Program: "p", TrafficType: tt, ApprovedAt: placedAt.Add(-1000 * time.Hour)}
		if x := opts["approved"]; x != "" {
			s.ApprovedAt = at(x)
		}
		if x := opts["blocked"]; x != "" {
			s.BlockedAt = at(x)
		}
		if x := opts["coupon"]; x != "" {
			s.Coupons = []string{x}
		}
		v.spaces[pos[0]] = s
	case "product":
		v.prods[pos[0]] = &catalog.Product{ID: pos[0], Store: pos[1], Category: "x", Affiliate: true}
	case "click", "touch":
		c := &click.Click{ID: pos[0], At: at(pos[2]), Program: "p", Visitor: "v", Channel: pos[1], Session: opts["session"]}
		if word == "click" {
			c.Channel, c.Publisher, c.AdSpace = click.Affiliate, pos[1], "s"+pos[1]
			c.Target = click.Target{Kind: program.LinkHome, Product: opts["product"], Store: opts["store"]}
			if k := opts["kind"]; k != "" {
				kind, err := program.ParseLinkKind(k)
				if err != nil {
					return err
				}
				c.Target.Kind = kind
			}
		}
		if x, ok := opts["visitor"]; ok {
			c.Visitor = x
		}
		if x, ok := opts["program"]; ok {
			c.Program = program.ID(x)
		}
		if x := opts["verdict"]; x != "" {
			verdict, err := click.ParseVerdict(x)
			if err != nil {
				return err
			}
			c.Verdict = verdict
		}
		v.clicks = append(v.clicks, c)
	case "order":
		for k, val := range opts {
			switch k {
			case "visitor":
				v.placed.Visitor = val
			case "session":
				v.placed.Session = val
			case "click":
				v.placed.Click = val
			case "coupon":
				v.placed.CouponCode = val
			case "paid":
				v.paid = at(val)
			case "asof":
				v.asOf = at(val)
			default:
				return fmt.Errorf("unknown option %q", k)
			}
		}
	case "item":
		v.placed.Items = append(v.placed.Items, order.Item{ID: pos[0], Product: pos[1], Store: pos[2], Category: "x", Amount: 1000, Quantity: 1, InStock: true})
	case "expect":
		if len(v.placed.Items) == 0 {
			v.placed.Items = []order.Item{{ID: "i1", Product: "p1", Store: "s1", Category: "x", Amount: 1000, Quantity: 1, InStock: true}}
		}
		v.expect = append(v.expect, [2]string{pos[0], pos[1]})
	case "fates":
		if v.fates == nil {
			v.fates = make(map[string]map[string]string)
		}
		v.fates[pos[0]] = opts
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}
