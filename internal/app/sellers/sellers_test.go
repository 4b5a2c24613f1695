package sellers_test

import (
	"bytes"
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
	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

const eu program.ID = "global-eu"

// Midnight of the last zone, that of the portals, in winter.
const dawnHour = 8

func rate(s string) *money.Rate { r := money.MustRate(s); return &r }

func on(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }

// world is a marketplace with two stores that take part, in a program whose sellers set the rate for orders from the CIS, and whose
// network takes 10 % of a commission.
type world struct {
	testing.TB
	ctx     context.Context
	db      store.Store
	now     time.Time
	settle  *settle.Service
	sellers *sellers.Service
	reports *reports.Service
	links   *links.Service
	placed  int
}

func (w *world) clock() time.Time { return w.now }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func newWorld(t *testing.T) *world {
	w := &world{TB: t, now: on(10, 12)}
	ctx, stop := context.WithCancel(t.Context())
	w.ctx = ctx
	var err error
	w.db, err = sqlite.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	w.must(err)
	text, ok := program.ReferenceDocument(eu)
	if !ok || !bytes.Contains(text, []byte(`network_fee: "0"`)) {
		t.Fatal("the reference program has another fee")
	}
	text = bytes.Replace(text, []byte(`network_fee: "0"`), []byte(`network_fee: "10"`), 1)
	terms, err := program.Parse("terms", text)
	w.must(err)
	w.must(w.db.Update(ctx, func(tx store.Tx) error {
		d := store.Document{Program: eu, Version: terms[0].Version, EffectiveFrom: terms[0].EffectiveFrom, Text: string(text), PublishedAt: terms[0].EffectiveFrom}
		if err := tx.Facts().PutDocument(ctx, d); err != nil {
			return err
		}
		spaces := []*publisher.AdSpace{
			{ID: "blog", Publisher: "ann", Program: eu, TrafficType: program.PriceComparison, ApprovedAt: on(1, 0)},
			{ID: "shop", Publisher: "bob", Program: eu, TrafficType: program.PriceComparison, ApprovedAt: on(1, 0)},
		}
		if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
			return err
		}
		p := func(id, of string) *catalog.Product {
			return &catalog.Product{ID: id, Store: of, Category: "toys", Affiliate: true}
		}
		return tx.Facts().PutCatalog(ctx, []*catalog.Product{p("p1", "s1"), p("p2", "s1"), p("q1", "s2")},
			[]*seller.Store{{ID: "s1", Name: "One", Rate: rate("5"), Periods: []seller.Period{{From: on(1, 0)}}}, {ID: "s2", Rate: rate("8")}})
	}))
	w.settle, err = settle.New(ctx, w.db, w.clock)
	w.must(err)
	ended := make(chan error, 1)
	go func() { ended <- w.settle.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		w.must(<-ended)
		w.must(w.db.Close())
	})
	codes, err := link.NewCodes(bytes.Repeat([]byte{7}, 32))
	w.must(err)
	w.sellers, w.reports, w.links = sellers.New(w.db, w.clock), reports.New(w.db, w.clock), links.New(w.db, codes, "https://s.example", w.clock)
	return w
}

// order reports that a buyer from Russia, whom a publisher sent, bought products for 100.00 each, paid at once and received them three
// days later.
func (w *world) order(by string, at time.Time, products ...string) order.Key {
	w.Helper()
	w.placed++
	k := order.Key{Program: eu, Order: fmt.Sprintf("o%03d", w.placed)}
	visitor := "v" + k.Order
	_, err := w.settle.ImportClicks(w.ctx, []*click.Click{{
		ID: "c" + k.Order, At: at.Add(-time.Minute), Program: eu, Visitor: visitor, Channel: click.Affiliate, Publisher: by, Session: visitor,
		Target: click.Target{Kind: program.LinkHome},
	}})
	w.must(err)
	pl := &order.Placement{Visitor: visitor, Session: visitor, BuyerID: visitor, ShipTo: "RU", Currency: "USD"}
	for i, p := range products {
		pl.Items = append(pl.Items, order.Item{ID: fmt.Sprint(i + 1), Product: p, Store: "unknown", Category: "toys", Quantity: 1, Amount: 10_000, InStock: true})
	}
	w.report(order.Event{Key: k, Kind: order.Placed, At: at, Placed: pl}, order.Event{Key: k, Kind: order.Paid, At: at.Add(time.Second)})
	return k
}

func (w *world) report(events ...order.Event) {
	w.Helper()
	outcomes, err := w.settle.Report(w.ctx, events)
	w.must(err)
	for _, o := range outcomes {
		w.must(o.Err)
	}
}

func (w *world) amounts(k order.Key) (amounts []int64) {
	w.Helper()
	w.must(w.db.View(w.ctx, func(tx store.Tx) error {
		records, err := tx.Decisions().Newest(w.ctx, k)
		for _, r := range records {
			amounts = append(amounts, r.Amount)
		}
		return err
	}))
	return amounts
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: %v, want %v", what, got, want)
	}
}

// S2: a rate takes effect on the next day and changes no order that was placed before, however late the news of it comes in.
func TestS2_RatesLeavePastOrdersAlone(t *testing.T) {
	w := newWorld(t)
	dawn := on(11, dawnHour)
	at, err := w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s1", Percent: rate("10"), By: "Kemal"})
	w.must(err)
	w.same("it takes effect", at, dawn)
	_, err = w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s1", Product: "p2", Percent: rate("20"), From: on(12, 0), By: "Kemal"})
	w.must(err)
	w.must(w.sellers.SetCampaign(w.ctx, sellers.Wish{Store: "s1", Name: "Winter", Percent: rate("15"), From: on(14, 0), To: on(15, 0), By: "Kemal"}))
	early := w.order("ann", on(10, 13), "p1")
	w.same("before the change", w.amounts(early), []int64{500})
	w.now = on(20, 0)
	for _, c := range []struct {
		at   time.Time
		want []int64 // of p1 and p2
	}{
		{dawn.Add(-time.Microsecond), []int64{500, 500}}, {dawn, []int64{1000, 1000}}, {on(12, dawnHour), []int64{1000, 2000}},
		{on(14, dawnHour).Add(-time.Microsecond), []int64{1000, 2000}}, {on(14, dawnHour), []int64{1500, 2000}}, // a campaign of the whole store lowers nothing
		{on(16, dawnHour).Add(-time.Microsecond), []int64{1500, 2000}}, {on(16, dawnHour), []int64{1000, 2000}},
	} {
		w.same("an order of "+c.at.String(), w.amounts(w.order("ann", c.at, "p1", "p2")), c.want)
	}
	w.report(order.Event{Key: early, Kind: order.Completed, At: on(13, 0)})
	w.same("the past order, decided anew", w.amounts(early), []int64{500})
}

// S2: rates lie in the range that every program allows; the error names the range and the program. Lowering has notice.
func TestS2_RangeAndNotice(t *testing.T) {
	w := newWorld(t)
	set := func(r sellers.Rate) *field.Error {
		t.Helper()
		r.By = "Kemal"
		_, err := w.sellers.SetRate(w.ctx, r)
		var wrong *field.Error
		if !errors.As(err, &wrong) {
			t.Fatalf("%v is no field.Error", err)
		}
		return wrong
	}
	for _, percent := range []string{"0.39", "69.01"} {
		e := set(sellers.Rate{Store: "s1", Percent: rate(percent)})
		if e.Field != "rate" || !strings.Contains(e.Reason, "global-eu") || !strings.Contains(e.Reason, "0.40 % to 69.00 %") {
			t.Errorf("%s: %v", percent, e)
		}
	}
	if e := set(sellers.Rate{Store: "s1", Percent: rate("4"), From: on(15, 0)}); e.Field != "from" || !strings.Contains(e.Reason, "7 days") {
		t.Errorf("lowered too early: %v", e)
	}
	if e := set(sellers.Rate{Store: "s1", Percent: rate("6"), From: on(10, 0)}); e.Field != "from" || !strings.Contains(e.Reason, "next day") {
		t.Errorf("today: %v", e)
	}
	if e := set(sellers.Rate{Store: "s1", Product: "q1", Percent: rate("6")}); e.Field != "product" {
		t.Errorf("a product of another store: %v", e)
	}
	at, err := w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s1", Percent: rate("4"), By: "Kemal"})
	w.must(err)
	w.same("a lower rate, as soon as the rules allow", at, on(18, dawnHour))
	if _, err := w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s9", Percent: rate("4"), By: "Kemal"}); !errors.Is(err, sellers.ErrNotFound) {
		t.Errorf("an unknown store: %v", err)
	}
	if _, err := w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s1", Percent: rate("4")}); err == nil {
		t.Error("nobody changed a rate")
	}
}

// S2: a file of rates is taken whole or not at all, and says what is wrong with which line.
func TestS2_ManyRates(t *testing.T) {
	w := newWorld(t)
	_, err := w.sellers.Import(w.ctx, "s1", strings.NewReader("product,rate,from\np1,7,\nq1,8,\np2,70,\np1,x,\n"), "Kemal")
	var file *field.FileError
	if !errors.As(err, &file) || len(file.Lines) != 1 || file.Lines[0].Line != 5 || file.Lines[0].Field != "rate" {
		t.Fatalf("what cannot be read: %v", err)
	}
	_, err = w.sellers.Import(w.ctx, "s1", strings.NewReader("product,rate,from\np1,7,\nq1,8,\np2,70,\n"), "Kemal")
	if !errors.As(err, &file) || len(file.Lines) != 2 || file.Lines[0].Line != 3 || file.Lines[0].Field != "product" || file.Lines[1].Line != 4 || file.Lines[1].Field != "rate" {
		t.Fatalf("what breaks the rules: %v", err)
	}
	offers, _, err := w.sellers.Offers(w.ctx, "s1", "", 10)
	w.must(err)
	w.same("taken of a wrong file", len(offers), 0)
	n, err := w.sellers.Import(w.ctx, "s1", strings.NewReader("\ufeffrate,product,to,from,campaign\n\"7,5\",p1,,2026-01-12,\n12 %,p2,2026-01-20,2026-01-15,Winter\n"), "Kemal")
	w.must(err)
	w.same("lines", n, 2)
	offers, _, err = w.sellers.Offers(w.ctx, "s1", "", 10)
	w.must(err)
	var got []string
	for _, o := range offers {
		got = append(got, fmt.Sprint(o.Product, " ", o.Rate, " ", o.Campaign, " ", o.From.Format(time.DateTime), " ", o.EnteredBy))
	}
	w.same("offers", got, []string{"p2 12.00 Winter 2026-01-15 08:00:00 Kemal", "p1 7.50  2026-01-12 08:00:00 Kemal"})
	for _, bad := range []string{"", "product\np1\n", "product,rate,colour\np1,1,red\n", "product,rate\n\"p1,7\n"} {
		if _, err := w.sellers.Import(w.ctx, "s1", strings.NewReader(bad), "Kemal"); !errors.As(err, &file) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// S2: the file of a store's products is taken again as it is, whatever their ids; in a spreadsheet none of them is a formula.
func TestS2_TheFileOfRatesGoesRound(t *testing.T) {
	w := newWorld(t)
	w.must(w.db.Update(w.ctx, func(tx store.Tx) error {
		return tx.Facts().PutCatalog(w.ctx, []*catalog.Product{
			{ID: "=1+1", Store: "s1", Category: "toys", SellerRate: rate("7")}, {ID: "'quoted", Store: "s1", Category: "toys"},
		}, nil)
	}))
	var b bytes.Buffer
	w.must(w.sellers.WriteRates(w.ctx, "s1", &b))
	w.same("the file", b.String(), "product,rate,from,to,campaign\n'quoted,,,,\n'=1+1,7.00,,,\np1,,,,\np2,,,,\n")
	n, err := w.sellers.Import(w.ctx, "s1", strings.NewReader(strings.Replace(b.String(), "7.00", "8", 1)), "Kemal")
	w.must(err)
	w.same("lines", n, 4)
	offers, _, err := w.sellers.Offers(w.ctx, "s1", "", 10)
	w.must(err)
	if len(offers) != 1 || offers[0].Product != "=1+1" || offers[0].Rate.String() != "8.00" {
		t.Errorf("%+v", offers)
	}
}

// S1: a store that leaves pays until the end of the day, and the link checker says so; from then on its links lead nowhere that pays;
// it may join again after its pause. Orders of before stay as they were.
func TestS1_LeaveAndRejoin(t *testing.T) {
	w := newWorld(t)
	made, err := w.links.Make(w.ctx, []links.Wish{{Program: eu, Publisher: "ann", Target: link.Target{Kind: program.LinkProduct, Product: "p1"}}})
	w.must(err)
	w.must(made[0].Err)
	check := func() links.Answer {
		t.Helper()
		got, err := w.links.Check(w.ctx, []links.Question{{Address: w.links.URL(made[0].Link.Code), Publisher: "ann", ShipTo: "RU"}})
		w.must(err)
		return got[0]
	}
	if a := check(); !a.Earns || len(a.Findings) != 0 || a.Rate.Percent != "5.00" {
		t.Errorf("while it takes part: %+v", a)
	}
	before := w.order("ann", on(10, 11), "p1")
	o, err := w.sellers.Leave(w.ctx, "s1", "Kemal")
	w.must(err)
	dawn := on(11, dawnHour)
	if !o.TakesPart || !o.EndsAt.Equal(dawn) || o.MayLeave || o.MayJoin {
		t.Errorf("after the notice: %+v", o)
	}
	if a := check(); !a.Earns || !slices.Contains(a.Findings, links.SellerLeaves) || !a.Until.Equal(dawn) {
		t.Errorf("during the notice: %+v", a)
	}
	for _, err := range []error{
		func() error { _, err := w.sellers.Leave(w.ctx, "s1", "Kemal"); return err }(), func() error { _, err := w.sellers.Join(w.ctx, "s1", "Kemal"); return err }(),
	} {
		if !errors.Is(err, sellers.ErrConflict) {
			t.Errorf("during the notice: %v", err)
		}
	}
	w.now = dawn
	if a := check(); a.Earns || !slices.Contains(a.Findings, links.NonAffiliate) {
		t.Errorf("after it left: %+v", a)
	}
	w.same("on the last instant", w.amounts(w.order("ann", dawn.Add(-time.Microsecond), "p1")), []int64{500})
	w.same("on the next day", w.amounts(w.order("ann", dawn, "p1")), []int64{0})
	w.same("of another store", w.amounts(w.order("ann", dawn, "q1")), []int64{800})
	w.report(order.Event{Key: before, Kind: order.Completed, At: dawn})
	w.same("before it left, decided anew", w.amounts(before), []int64{500})
	again := dawn.Add(seller.RejoinPause)
	w.now = again.Add(-time.Microsecond)
	o, err = w.sellers.Store(w.ctx, "s1")
	w.must(err)
	if o.MayJoin || !o.JoinFrom.Equal(again) {
		t.Errorf("during the pause: %+v", o)
	}
	w.now = again
	o, err = w.sellers.Join(w.ctx, "s1", "Ida")
	w.must(err)
	if !o.TakesPart || !o.EndsAt.IsZero() {
		t.Errorf("joined again: %+v", o)
	}
	if a := check(); !a.Earns {
		t.Errorf("joined again: %+v", a)
	}
	w.same("joined again", w.amounts(w.order("ann", again, "p1")), []int64{500})
	changes, _, err := w.sellers.Changes(w.ctx, "s1", "", 10)
	w.must(err)
	var got []string
	for _, c := range changes {
		got = append(got, c.What+" "+c.By+" "+c.From.Format(time.DateTime))
	}
	w.same("the history", got, []string{"join Ida 2026-02-10 08:00:00", "leave Kemal 2026-01-11 08:00:00"})
}

// S1: a store of which only its products say whether they take part may leave as well, and nothing of its past changes.
func TestS1_LeavingWithoutPeriods(t *testing.T) {
	w := newWorld(t)
	_, err := w.sellers.Leave(w.ctx, "s2", "Kemal")
	w.must(err)
	w.now = on(12, 0)
	w.same("placed before it left", w.amounts(w.order("ann", on(2, 0), "q1")), []int64{800})
	w.same("placed after it left", w.amounts(w.order("ann", on(12, 0), "q1")), []int64{0})
}

// S2: publishers see what sellers offer, at what the program pays of it; what was withdrawn or left is not there.
func TestS2_Promotions(t *testing.T) {
	w := newWorld(t)
	w.must(w.sellers.SetCampaign(w.ctx, sellers.Wish{Store: "s1", Name: "Winter", Products: []string{"p2", "p1"}, Percent: rate("15"), From: on(12, 0), To: on(15, 0), By: "Kemal"}))
	w.must(w.sellers.SetCampaign(w.ctx, sellers.Wish{Store: "s2", Name: "Spring", Percent: rate("25"), From: on(20, 0), To: on(25, 0), By: "Kemal"}))
	_, err := w.sellers.SetRate(w.ctx, sellers.Rate{Store: "s1", Product: "p1", Percent: rate("9"), By: "Kemal"})
	w.must(err)
	list := func(featured bool) (got []string) {
		t.Helper()
		all, next, err := w.sellers.Promotions(w.ctx, eu, featured, "", 10)
		w.must(err)
		w.same("more", next, "")
		for _, x := range all {
			got = append(got, fmt.Sprint(x.Store, " ", x.Product, " ", x.Campaign, " ", x.Percent, " ", x.Running))
		}
		return got
	}
	w.same("announced", list(false), []string{"s2  Spring 25.00 false", "s1 p1 Winter 15.00 false", "s1 p2 Winter 15.00 false"})
	w.same("featured", list(true), []string{"s1 p1  9.00 false"})
	w.now = on(13, 0)
	w.must(w.sellers.EndCampaign(w.ctx, "s2", "Spring", "Kemal"))
	w.same("running", list(false), []string{"s1 p1 Winter 15.00 true", "s1 p2 Winter 15.00 true"})
	_, err = w.sellers.Leave(w.ctx, "s1", "Kemal")
	w.must(err)
	w.now = on(14, 12)
	w.same("after the store left", len(list(false)), 0)
	if err := w.sellers.EndCampaign(w.ctx, "s2", "Spring", "Kemal"); !errors.Is(err, sellers.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	if _, _, err := w.sellers.Promotions(w.ctx, "nowhere", false, "", 10); !errors.Is(err, sellers.ErrNotFound) {
		t.Errorf("of an unknown program: %v", err)
	}
}

// page is a report that was taken in.
type page struct {
	head *reports.Head
	rows [][]string
}

func (p *page) Begin(h *reports.Head) error { p.head = h; return nil }
func (p *page) Row(cells []string) error    { p.rows = append(p.rows, slices.Clone(cells)); return nil }
func (p *page) End(string) error            { return nil }

func (p *page) cell(row []string, name string) string {
	return row[slices.IndexFunc(p.head.Columns, func(c reports.Column) bool { return c.Name == name })]
}

func (p *page) sum(t testing.TB, name string) (all int64) {
	t.Helper()
	for _, r := range p.rows {
		n, err := money.ParseMinor(p.cell(r, name), 2)
		if err != nil {
			t.Fatal(err)
		}
		all += n
	}
	return all
}

// R4, S3: what a store's report says that it paid is what was taken from the fund for its items, to the cent, with the network's fee,
// however it is broken down. The red control counts another store's item.
func TestR4_AStoresCostIsWhatTheLedgerTook(t *testing.T) {
	w := newWorld(t)
	w.must(w.sellers.SetCampaign(w.ctx, sellers.Wish{Store: "s1", Name: "Winter", Products: []string{"p1"}, Percent: rate("33.33"), From: on(12, 0), To: on(15, 0), By: "Kemal"}))
	w.now = on(20, 0)
	var keys []order.Key
	for i := range 24 {
		k := w.order([]string{"bob", "ann"}[i%2], on(10+i/3, 1+i%3), [][]string{{"p1"}, {"p2", "q1"}, {"p1", "p2", "q1"}}[i%3]...)
		keys = append(keys, k)
		switch i % 4 {
		case 0:
			w.report(order.Event{Key: k, Kind: order.Completed, At: on(19, 0)})
		case 1:
			w.report(order.Event{Key: k, Kind: order.Completed, At: on(19, 0)}, order.Event{Key: k, Kind: order.Refunded, At: on(19, 5), Refunds: []order.Refund{{Item: "1", Amount: "33.33"}}})
		case 2:
			w.report(order.Event{Key: k, Kind: order.Cancelled, At: on(19, 0), Items: []string{"1"}})
		}
	}
	// What the ledger took, by the store of the item.
	ofStore := make(map[string]int64)
	var fund int64
	w.must(w.db.View(w.ctx, func(tx store.Tx) error {
		all, err := tx.Ledger().OfOrders(w.ctx, keys)
		if err != nil {
			return err
		}
		for i, ts := range all {
			records, err := tx.Decisions().Newest(w.ctx, keys[i])
			if err != nil {
				return err
			}
			for _, x := range ts {
				product := [][]string{{"p1"}, {"p2", "q1"}, {"p1", "p2", "q1"}}[i%3][slices.IndexFunc(records, func(r store.Record) bool { return r.Item == x.Item })]
				of := map[string]string{"p1": "s1", "p2": "s1", "q1": "s2"}[product]
				for _, m := range x.Movements {
					if m.From.Kind == ledger.Fund {
						ofStore[of] += m.Amount
					}
					if m.To.Kind == ledger.Fund {
						ofStore[of] -= m.Amount
					}
				}
			}
		}
		book, err := tx.Ledger().Book(w.ctx)
		if err != nil {
			return err
		}
		fund = -book.Balance(ledger.Account{Kind: ledger.Fund, Program: eu}, "USD")
		return nil
	}))
	if ofStore["s1"] == 0 || ofStore["s2"] == 0 || ofStore["s1"]+ofStore["s2"] != fund {
		t.Fatalf("the ledger took %v, in all %d", ofStore, fund)
	}
	report := func(id string, by ...reports.Dim) *page {
		t.Helper()
		p := &page{}
		if id == "" {
			w.must(w.reports.AcrossStores(w.ctx, reports.Query{By: by}, p))
		} else {
			w.must(w.reports.OfStore(w.ctx, id, reports.Query{By: by}, p))
		}
		return p
	}
	check := func(want map[string]int64) (wrong []string) {
		for id, taken := range want {
			for _, by := range append(reports.SellerDims(), "") {
				dims := []reports.Dim{by}
				if by == "" {
					dims = nil
				}
				p := report(id, dims...)
				got := int64(0)
				if by == reports.ByItem {
					got = p.sum(t, "commission") + p.sum(t, "network_fee")
				} else {
					got = p.sum(t, "cost")
					if fee := p.sum(t, "network_fee"); fee == 0 || got != p.sum(t, "commission_open")+p.sum(t, "commission_approved")+fee {
						wrong = append(wrong, fmt.Sprintf("%s by %q: the cost is not its parts", id, by))
					}
				}
				if got != taken {
					wrong = append(wrong, fmt.Sprintf("%s by %q: %d, the ledger took %d", id, by, got, taken))
				}
			}
		}
		return wrong
	}
	for _, rolled := range []bool{false, true} {
		if wrong := check(ofStore); len(wrong) > 0 {
			t.Errorf("rolled %v: %q", rolled, wrong)
		}
		for _, by := range append(reports.OperatorDims(), "") {
			dims := []reports.Dim{by}
			if by == "" {
				dims = nil
			}
			w.same(fmt.Sprintf("across stores by %q", by), report("", dims...).sum(t, "cost"), fund)
		}
		_, err := w.reports.Roll(w.ctx)
		w.must(err)
	}
	// The red control: one item of another store makes every breakdown wrong.
	if wrong := check(map[string]int64{"s1": ofStore["s1"] + 500}); len(wrong) != len(reports.SellerDims())+1 {
		t.Errorf("the control is missed: %q", wrong)
	}
	// Sellers do not learn who sends them buyers.
	sources := report("s1", reports.BySource)
	var names []string
	for _, r := range sources.rows {
		names = append(names, sources.cell(r, "source"))
		for _, c := range r {
			if strings.Contains(c, "ann") || strings.Contains(c, "bob") {
				t.Errorf("a seller sees %q", c)
			}
		}
	}
	w.same("publishers", names, []string{"0001", "0002"})
	campaigns := report("s1", reports.ByCampaign)
	names = nil
	for _, r := range campaigns.rows {
		names = append(names, campaigns.cell(r, "campaign"))
	}
	w.same("campaigns", names, []string{"", "Winter"})
	var wrong *reports.QueryError
	for _, q := range []reports.Query{{By: []reports.Dim{"publisher"}}, {By: []reports.Dim{"day", "product"}}, {Where: []reports.Match{{Dim: "store", Value: "s2"}}}, {Publisher: "ann"}} {
		if err := w.reports.OfStore(w.ctx, "s1", q, &page{}); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if err := w.reports.OfStore(w.ctx, "", reports.Query{}, &page{}); !errors.As(err, &wrong) {
		t.Errorf("of no store: %v", err)
	}
}
