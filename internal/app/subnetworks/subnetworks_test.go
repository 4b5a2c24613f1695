package subnetworks_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/app/payouts"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/bankfile"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

const (
	eu program.ID = "global-eu"
	tr program.ID = "tr"
)

func on(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }

func rate(s string) *money.Rate { r := money.MustRate(s); return &r }

// world is a marketplace with a subnetwork, ann's net, in two programs.
type world struct {
	testing.TB
	ctx     context.Context
	db      store.Store
	now     time.Time
	settle  *settle.Service
	subs    *subnetworks.Service
	reports *reports.Service
	placed  int
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: %v, want %v", what, got, want)
	}
}

func newWorld(t *testing.T) *world {
	w := &world{TB: t, now: on(10, 0)}
	ctx, stop := context.WithCancel(t.Context())
	w.ctx = ctx
	var err error
	w.db, err = sqlite.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	w.must(err)
	clock := func() time.Time { return w.now }
	w.must(w.db.Update(ctx, func(tx store.Tx) error {
		net := func(p program.ID) *publisher.AdSpace {
			return &publisher.AdSpace{ID: "net", Publisher: "ann", Program: p, TrafficType: program.Subnetwork, ApprovedAt: on(1, 0)}
		}
		blog := &publisher.AdSpace{ID: "blog", Publisher: "bob", Program: tr, TrafficType: program.Content, ApprovedAt: on(1, 0)}
		if err := tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{net(eu), net(tr), blog}); err != nil {
			return err
		}
		return tx.Facts().PutCatalog(ctx, []*catalog.Product{
			{ID: "hot", Store: "s", Category: "toys", Affiliate: true, HotRate: rate("30")}, {ID: "plain", Store: "s", Category: "toys", Affiliate: true}, {ID: "other", Store: "s", Category: "toys"},
		}, nil)
	}))
	w.settle, err = settle.New(ctx, w.db, clock)
	w.must(err)
	ended := make(chan error, 1)
	go func() { ended <- w.settle.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		w.must(<-ended)
		w.must(w.db.Close())
	})
	w.subs, w.reports = subnetworks.New(w.db, clock), reports.New(w.db, clock)
	for _, id := range []string{"a", "b", "c"} {
		w.must(w.subs.Enter(ctx, "ann", sub(id)))
	}
	w.must(w.settle.Refresh(ctx))
	return w
}

func sub(id string) subnetworks.Sub {
	return subnetworks.Sub{ID: id, Parent: "net", Name: "Site " + id, Site: "https://" + id + ".example/", TrafficType: program.Content, Note: "since January"}
}

// order reports an order of a product whose hot link a publisher's visitor followed through an ad space, at an hour of 11 January.
func (w *world) order(p program.ID, of, space, product string, amount int64, at time.Time) order.Key {
	w.Helper()
	w.placed++
	k := order.Key{Program: p, Order: fmt.Sprintf("o%03d", w.placed)}
	visitor := "v" + k.Order
	_, err := w.settle.ImportClicks(w.ctx, []*click.Click{{
		ID: "c" + k.Order, At: at.Add(-time.Minute), Program: p, Visitor: visitor, Channel: click.Affiliate, Publisher: of, AdSpace: space, Session: visitor,
		Target: click.Target{Kind: program.LinkHot, Product: product, Store: "s"},
	}})
	w.must(err)
	pl := &order.Placement{Visitor: visitor, Session: visitor, BuyerID: visitor, ShipTo: "DE", Currency: "USD", Items: []order.Item{{ID: "1", Product: product, Store: "s", Category: "toys", Quantity: 1, Amount: amount, InStock: true}}}
	outcomes, err := w.settle.Report(w.ctx, []order.Event{
		{Key: k, Kind: order.Placed, At: at, Placed: pl}, {Key: k, Kind: order.Paid, At: at.Add(time.Second)}, {Key: k, Kind: order.Completed, At: at.Add(time.Hour)},
	})
	w.must(err)
	for _, o := range outcomes {
		w.must(o.Err)
	}
	return k
}

func (w *world) record(k order.Key) store.Record {
	w.Helper()
	var found store.Record
	w.must(w.db.View(w.ctx, func(tx store.Tx) error {
		all, err := tx.Decisions().Newest(w.ctx, k)
		if err == nil {
			found = all[0]
		}
		return err
	}))
	return found
}

// A8, C5, C6: the rules of subnetworks hold for every sub-publisher, whatever it says that it is: no hot rate, no commission on
// non-affiliate products. The control, a content site, has both.
func TestA8_TheSubnetworksRulesHold(t *testing.T) {
	w := newWorld(t)
	w.now = on(20, 0)
	for _, c := range []struct {
		of, space, product, rule string
		zero                     bool
	}{
		{"ann", "a", "hot", "category", false}, {"ann", "a", "other", "non_affiliate", true}, {"ann", "net", "hot", "category", false}, {"bob", "blog", "hot", "hot", false}, {"bob", "blog", "other", "category", false},
	} {
		r := w.record(w.order(tr, c.of, c.space, c.product, 10_000, on(18, 12)))
		if c.rule == "category" && r.Rule != "hot" && r.Rule != "non_affiliate" {
			r.Rule = "category"
		}
		if r.Rule != c.rule || (r.Amount == 0) != c.zero || r.AdSpace != c.space || r.Publisher != c.of {
			t.Errorf("%s through %s: rule %s, %d of %s/%s", c.product, c.space, r.Rule, r.Amount, r.Publisher, r.AdSpace)
		}
	}
}

// A8, T6, F5: the operator blocks one sub-publisher: its clicks are invalid from then on, the subnetwork's and the others' are not.
func TestA8_OneIsBlocked(t *testing.T) {
	w := newWorld(t)
	w.now = on(12, 0)
	w.must(w.subs.Block(w.ctx, "ann", "b", "bought clicks", "Ida"))
	w.must(w.settle.Refresh(w.ctx))
	w.now = on(20, 0)
	for _, c := range []struct {
		space string
		at    time.Time
		won   bool
	}{{"b", on(11, 12), true}, {"b", on(12, 12), false}, {"a", on(12, 12), true}, {"net", on(12, 12), true}} {
		r := w.record(w.order(eu, "ann", c.space, "plain", 10_000, c.at))
		if won := r.Publisher == "ann" && r.Amount > 0; won != c.won {
			t.Errorf("%s at %v: won %v", c.space, c.at, won)
		}
		if !c.won && !strings.Contains(string(r.JSON), `"fate":"not_joined"`) { // the redirect says more: the verdict blocked, for the ad space
			t.Errorf("the decision does not say why: %s", r.JSON)
		}
	}
	subs, err := w.subs.List(w.ctx, "ann")
	w.must(err)
	w.same("who is blocked", []any{subs[1].ID, subs[1].BlockedAt, subs[1].BlockedBy, subs[1].Reason, subs[0].BlockedAt.IsZero()}, []any{"b", on(12, 0), "Ida", "bought clicks", true})
	if err := w.subs.Block(w.ctx, "ann", "b", "again", "Ida"); !errors.Is(err, subnetworks.ErrConflict) {
		t.Errorf("blocked twice: %v", err)
	}
	if err := w.subs.Block(w.ctx, "bob", "b", "not his", "Ida"); !errors.Is(err, subnetworks.ErrNotFound) {
		t.Errorf("blocked a stranger's: %v", err)
	}
	changed := sub("b")
	changed.Name = "Another name"
	w.must(w.subs.Enter(w.ctx, "ann", changed)) // describing it anew does not unblock it
	w.must(w.settle.Refresh(w.ctx))
	if r := w.record(w.order(eu, "ann", "b", "plain", 10_000, on(13, 0))); r.Amount != 0 {
		t.Error("a new description lifted the block")
	}
	w.must(w.subs.Unblock(w.ctx, "ann", "b", "Ida"))
	w.must(w.settle.Refresh(w.ctx))
	if r := w.record(w.order(eu, "ann", "b", "plain", 10_000, on(20, 0))); r.Amount == 0 {
		t.Error("it does not count again")
	}
}

// A8: what may be entered, singly and by a file.
func TestA8_Entering(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*subnetworks.Sub){
		"id": func(s *subnetworks.Sub) { s.ID = "a b" }, "name": func(s *subnetworks.Sub) { s.Name = " " }, "site": func(s *subnetworks.Sub) { s.Site = "ftp://x" },
		"traffic_type": func(s *subnetworks.Sub) { s.TrafficType = 0 }, "note": func(s *subnetworks.Sub) { s.Note = strings.Repeat("x", 2001) }, "parent": func(s *subnetworks.Sub) { s.Parent = "a" },
	} {
		s := sub("d")
		change(&s)
		var no *field.Error
		if err := w.subs.Enter(w.ctx, "ann", s); !errors.As(err, &no) || no.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	var no *field.Error
	own := sub("net")
	if err := w.subs.Enter(w.ctx, "ann", own); !errors.As(err, &no) || no.Field != "id" {
		t.Errorf("the subnetwork's own ad space: %v", err)
	}
	if err := w.subs.Enter(w.ctx, "bob", sub("d")); !errors.As(err, &no) || no.Field != "parent" {
		t.Errorf("of a publisher that is no subnetwork: %v", err)
	}
	var file *field.FileError
	_, err := w.subs.Import(w.ctx, "ann", strings.NewReader("id,parent,name,site,traffic_type\nd,net,D,https://d.example,content\ne,net,E,nothing,content\n"))
	if !errors.As(err, &file) || file.Lines[0].Line != 3 || file.Lines[0].Field != "site" {
		t.Errorf("a wrong file: %v", err)
	}
	_, err = w.subs.Import(w.ctx, "ann", strings.NewReader("id,parent,name,site,traffic_type\nd,net,D,https://d.example,content\ne,gone,E,https://e.example,content\n"))
	if !errors.As(err, &file) || file.Lines[0].Line != 3 || file.Lines[0].Field != "parent" {
		t.Errorf("a wrong parent: %v", err)
	}
	n, err := w.subs.Import(w.ctx, "ann", strings.NewReader("id,parent,name,site,traffic_type,note\nd,net,D,https://D.example,social,x\n"))
	w.must(err)
	w.same("lines", n, 1)
	subs, err := w.subs.List(w.ctx, "ann")
	w.must(err)
	var ids []string
	for _, s := range subs {
		ids = append(ids, s.ID+" "+s.Site)
	}
	w.same("sub-publishers", ids, []string{"a https://a.example/", "b https://b.example/", "c https://c.example/", "d https://d.example"})
}

// A8, R4: the parts of a payout add up to it, to the cent, and what is not paid out is in the balance; a part is what the ad space's
// items brought.
func TestA8_PartsOfPayouts(t *testing.T) {
	w := newWorld(t)
	pay := payouts.New(w.db, w.settle.Terms, bankfile.Files, payout.Party{Name: "Test", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Address: payout.Address{Street: "A", Building: "1", PostCode: "10115", Town: "Berlin", Country: "DE"}}, func() time.Time { return w.now })
	w.must(pay.SetDetails(w.ctx, "ann", payouts.Details{Method: "bank_transfer", Country: "DE", Account: payout.Party{Name: "Ann", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Address: payout.Address{Street: "A", Building: "1", PostCode: "10115", Town: "Berlin", Country: "DE"}}}))
	w.now = on(20, 0)
	want := map[string]int64{}
	for i, space := range []string{"a", "b", "a", "net", "c", "b"} {
		r := w.record(w.order(eu, "ann", space, "plain", int64(1000+777*i), on(11, 1+i)))
		if r.State != "approved" {
			t.Fatalf("an order is %s", r.State)
		}
		want[space] += r.Amount
	}
	sums := func() map[string]int64 {
		t.Helper()
		parts, err := w.subs.Parts(w.ctx, "ann")
		w.must(err)
		got := make(map[string]int64)
		for _, p := range parts {
			got[p.State+" "+p.Sub] += p.Amount
			if p.State == "available" != (p.Payout == "") {
				t.Errorf("%+v", p)
			}
		}
		return got
	}
	w.same("before a payout", sums(), map[string]int64{"available a": want["a"], "available b": want["b"], "available c": want["c"], "available net": want["net"]})
	run, err := pay.Start(w.ctx, eu, payout.Manual, []string{"ann"}, "maria")
	w.must(err)
	w.same("payments", len(run.Payouts), 1)
	w.same("in a payout", sums(), map[string]int64{"reserved a": want["a"], "reserved b": want["b"], "reserved c": want["c"], "reserved net": want["net"]})
	if total := want["a"] + want["b"] + want["c"] + want["net"]; run.Payouts[0].Gross != total {
		t.Errorf("the payout is %d, its parts %d", run.Payouts[0].Gross, total)
	}
	w.now = on(21, 0)
	late := w.record(w.order(eu, "ann", "b", "plain", 3333, on(12, 1)))
	_, err = pay.Cancel(w.ctx, run.ID, "wrong day", "maria")
	w.must(err)
	want["b"] += late.Amount
	got := sums()
	for _, space := range []string{"a", "b", "c", "net"} { // what was taken is given back
		w.same("after the run was cancelled, available of "+space, got["available "+space], want[space])
	}
	var balance int64
	w.must(w.db.View(w.ctx, func(tx store.Tx) error {
		all, err := tx.Ledger().Balances(w.ctx, "USD", []ledger.Account{ledger.Of(ledger.Available, eu, "ann")})
		if err == nil {
			balance = all[0]
		}
		return err
	}))
	w.same("the balance", balance, want["a"]+want["b"]+want["c"]+want["net"])
	// The reports know them by ad space, with the same figures.
	p := &page{}
	w.must(w.reports.Run(w.ctx, reports.Query{Kind: reports.Orders, Publisher: "ann", By: []reports.Dim{"ad_space"}}, p))
	for _, r := range p.rows {
		space := r[slices.IndexFunc(p.head.Columns, func(c reports.Column) bool { return c.Name == "ad_space" })]
		w.same("the report's commission of "+space, r[slices.IndexFunc(p.head.Columns, func(c reports.Column) bool { return c.Name == "commission" })], money.New(want[space], "USD").Decimal())
	}
}

type page struct {
	head *reports.Head
	rows [][]string
}

func (p *page) Begin(h *reports.Head) error { p.head = h; return nil }
func (p *page) Row(cells []string) error    { p.rows = append(p.rows, slices.Clone(cells)); return nil }
func (p *page) End(string) error            { return nil }
