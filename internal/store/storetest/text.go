package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

func textChecks() []Check {
	return []Check{
		{"text that looks alike is not the same, wherever it is looked up by", textKeys},
		{"text is ordered byte by byte", textOrder},
		{"any text comes back as it was", textRoundTrip},
		{"text that one engine cannot keep, none keeps", textInvalid},
		{"keys that one engine cannot keep, none keeps", textTooLong},
		{"times outside the years 1 to 9999 are refused", timesInvalid},
	}
}

func textKeys(k *kit) {
	all := awkward()
	k.update(func(tx store.Tx) error {
		for i, s := range all {
			d := document(program.ID(s), 1)
			if err := tx.Facts().PutDocument(k.ctx, d); err != nil {
				return fmt.Errorf("document of program %q: %w", s, err)
			}
			c := sampleClick(s, s)
			if fresh, err := tx.Clicks().Insert(k.ctx, []*click.Click{c}); err != nil || len(fresh) != 1 {
				return fmt.Errorf("click %q: it was taken for another one: %w", s, err)
			}
			fresh, err := tx.Orders().InsertEvents(k.ctx, []order.Event{{Key: order.Key{Program: tr, Order: s}, Kind: order.Paid, At: at(int64(i))}}, at(1))
			if err != nil || !fresh[0] {
				return fmt.Errorf("event of order %q: it was taken for another one: %w", s, err)
			}
			if err := tx.Orders().SetNext(k.ctx, []store.OrderNext{{Key: order.Key{Program: tr, Order: s}, Visitor: s, Click: s, PlacedAt: at(1)}}); err != nil {
				return err
			}
			r := record(order.Key{Program: tr, Order: "o"}, s)
			r.Publisher, r.Line = s, i
			if err := tx.Decisions().Put(k.ctx, []store.Record{r}); err != nil {
				return err
			}
			t := transaction(s, ledger.Fund, ledger.Pending, int64(i)+1)
			t.Publisher, t.Movements[0].To.Owner = s, s
			if err := tx.Ledger().Post(k.ctx, []ledger.Transaction{t}); err != nil {
				return fmt.Errorf("cause %q: %w", s, err)
			}
			if err := tx.Payouts().PutRun(k.ctx, run(s, at(1)), 0); err != nil {
				return fmt.Errorf("run %q: %w", s, err)
			}
			if _, found, err := tx.Keys().Claim(k.ctx, s, s, []byte(s), at(1)); err != nil || found {
				return fmt.Errorf("key %q: it was taken for another one: %w", s, err)
			}
		}
		return nil
	})
	k.view(func(tx store.Tx) error {
		for i, s := range all {
			touches, err := tx.Clicks().ForOrders(k.ctx, []store.TouchWish{{Program: tr, Visitor: s}, {Program: tr, Click: s}})
			if err != nil {
				return err
			}
			k.same("the touches of a visitor", ids(touches[0]), []string{s})
			k.same("the touch with an id", ids(touches[1]), []string{s})
			events, err := tx.Orders().Events(k.ctx, []order.Key{{Program: tr, Order: s}})
			if err != nil {
				return err
			}
			if len(events[0]) != 1 || !events[0][0].At.Equal(at(int64(i))) {
				k.Errorf("order %q has the events %s", s, show(events[0]))
			}
			touched, err := tx.Orders().Touched(k.ctx, []*click.Click{sampleClick("none", s), sampleClick(s, "none")})
			if err != nil {
				return err
			}
			k.same("the orders of a touch", touched, []order.Key{{Program: tr, Order: s}})
			records, _, err := tx.Decisions().Page(k.ctx, store.RecordFilter{Publisher: s}, "", 10)
			if err != nil {
				return err
			}
			if len(records) != 1 || records[0].Item != s {
				k.Errorf("publisher %q has the records %s", s, show(records))
			}
			ts, _, err := tx.Ledger().Page(k.ctx, store.JournalFilter{Publisher: s}, "", 10)
			if err != nil {
				return err
			}
			if len(ts) != 1 || ts[0].Cause != s {
				k.Errorf("publisher %q has the transactions %s", s, show(ts))
			}
			balances, err := tx.Ledger().Balances(k.ctx, "TRY", []ledger.Account{ledger.Of(ledger.Pending, tr, s)})
			if err != nil {
				return err
			}
			k.same("the balance of "+s, balances, []int64{int64(i) + 1})
		}
		count, err := tx.Clicks().Count(k.ctx, tr, at(10))
		k.same("the clicks", count, map[string]int64{"pub1": int64(len(all))})
		return err
	})
}

func textOrder(k *kit) {
	all := awkward()
	back := make([]string, len(all))
	for i, s := range all {
		back[len(all)-1-i] = s
	}
	k.update(func(tx store.Tx) error {
		for i, s := range back {
			if err := tx.Facts().PutDocument(k.ctx, document(program.ID(s), 1)); err != nil {
				return err
			}
			if err := tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{space(s, "x")}); err != nil {
				return err
			}
			if err := tx.Facts().PutCatalog(k.ctx, []*catalog.Product{product(s, s)}, []*seller.Store{sampleStore(s)}); err != nil {
				return err
			}
			key := order.Key{Program: tr, Order: s}
			if err := tx.Orders().SetNext(k.ctx, []store.OrderNext{{Key: key, Visitor: "v1", PlacedAt: at(1), Next: at(2)}}); err != nil {
				return err
			}
			r := record(key, "1")
			r.Publisher = s
			r.PlacedAt = at(int64(i % 3)) // three times, so that ties are by key
			if err := tx.Decisions().Put(k.ctx, []store.Record{r}); err != nil {
				return err
			}
			if err := tx.Payouts().PutRun(k.ctx, run(s, at(1)), 0); err != nil {
				return err
			}
		}
		return nil
	})
	k.view(func(tx store.Tx) error {
		var got []string
		check := func(what string, err error) {
			k.Helper()
			k.must(err)
			k.same(what, got, all)
			got = nil
		}
		documents, err := tx.Facts().Documents(k.ctx)
		for _, d := range documents {
			got = append(got, string(d.Program))
		}
		check("the programs of documents", err)
		spaces, err := tx.Facts().AdSpaces(k.ctx)
		for _, s := range spaces {
			got = append(got, s.Publisher)
		}
		check("the publishers of ad spaces", err)
		products, stores, err := tx.Facts().Catalog(k.ctx, back, back)
		for _, p := range products {
			got = append(got, p.ID)
		}
		check("the products", err)
		for _, s := range stores {
			got = append(got, s.ID)
		}
		check("the stores", err)
		due, err := tx.Orders().Due(k.ctx, at(2), 1000)
		for _, o := range due {
			got = append(got, o.Order)
		}
		check("the orders that are due", err)
		touched, err := tx.Orders().Touched(k.ctx, []*click.Click{visit("c", "v1")})
		for _, o := range touched {
			got = append(got, o.Order)
		}
		check("the orders that are touched", err)
		sums, err := tx.Decisions().Sums(k.ctx)
		for _, s := range sums {
			got = append(got, s.Publisher)
		}
		check("the publishers of sums", err)
		runs, err := tx.Payouts().Runs(k.ctx)
		for _, r := range runs {
			got = append(got, r.ID)
		}
		check("the runs", err)
		return nil
	})
	// Pages are by placing time, then by key: cut anywhere, they are the whole.
	whole := pages(k, store.RecordFilter{}, 1000)
	for i := 1; i < len(whole); i++ {
		a, b := whole[i-1], whole[i]
		if a.PlacedAt.Before(b.PlacedAt) || (a.PlacedAt.Equal(b.PlacedAt) && a.Order >= b.Order) {
			k.Errorf("order %q stands before order %q", a.Order, b.Order)
		}
	}
	k.same("how many records", len(whole), len(all))
	k.same("pages of 2", pages(k, store.RecordFilter{}, 2), whole)
}

func textRoundTrip(k *kit) {
	for i, s := range awkward() {
		c := sampleClick(fmt.Sprint("c", i), "v1")
		c.Publisher, c.AdSpace, c.TrackingID, c.Session, c.Channel = s, s, s, s, s
		c.Target.Product, c.Target.Store, c.Sub = s, s, click.Sub{AF: s, CN: s, CV: s, DP: s}
		insert(k, c)
		k.same("a click", forOrder(k, store.TouchWish{Program: tr, Click: c.ID})[0], []*click.Click{c})
		e := placed(key(i), at(1))
		p := e.Placed
		p.Visitor, p.Session, p.Click, p.CouponCode, p.BuyerID, p.ShipTo = s, s, s, s, s, s
		p.Items[0] = order.Item{ID: s, Product: s, Store: s, Category: s, Quantity: -1 << 63, Amount: 1<<63 - 1}
		fraud := order.Event{Key: key(i), Kind: order.Fraud, At: at(2), Items: []string{s, "b"}, Evidence: s}
		refund := order.Event{Key: key(i), Kind: order.Refunded, At: at(3), Refunds: []order.Refund{{Item: s, Amount: s}}}
		enter(k, e, fraud, refund)
		k.same("order events", events(k, key(i))[0], []order.Event{e, fraud, refund})
		r := record(key(i), s)
		r.State, r.AdSpace, r.Rule, r.JSON = s, s, s, []byte(show(s)+"\n")
		put(k, r)
		k.same("a decision record", newest(k, key(i)), []store.Record{numbered(r, 1)})
		t := transaction(s, ledger.Fund, ledger.Pending, 1)
		t.ID, t.Reason, t.Item, t.Corrects, t.Movements[0].From.Owner = s, ledger.Reason(s), s, s, s
		post(k, t)
		k.same("a transaction", read(k, func(tx store.Tx) (ledger.Transaction, error) { return tx.Ledger().ByCause(k.ctx, s) }), t)
		a, st, pr := space("pub", s), sampleStore(s), product(s, s)
		a.Parent, a.TrackingIDs, a.Coupons = s, []string{s}, []string{s, ""}
		st.Name, st.Lists, pr.Category = s, []string{s}, s
		k.update(func(tx store.Tx) error {
			if err := tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{a}); err != nil {
				return err
			}
			return tx.Facts().PutCatalog(k.ctx, []*catalog.Product{pr}, []*seller.Store{st})
		})
		k.same("the catalogue", offered(k, []string{s}, nil), offer{[]*catalog.Product{pr}, []*seller.Store{st}})
		k.same("an ad space", spaces(k)[i], a)
		d := document("p", i)
		d.Text = s
		k.update(func(tx store.Tx) error { return tx.Facts().PutDocument(k.ctx, d) })
		k.same("a document", read(k, func(tx store.Tx) ([]store.Document, error) { return tx.Facts().Documents(k.ctx) })[i], d)
		payment := run(s, at(int64(i)))
		payment.Payer.Name, payment.CancelWhy = s, s
		k.must(putRun(k, payment, 0))
		k.same("a payout run", keptRunOf(k, s), keptRun{payment, 1})
	}
}

// badTexts are calls with one text in a place of each kind.
func badTexts(bad string) map[string]func(ctx context.Context, tx store.Tx) error {
	return map[string]func(ctx context.Context, tx store.Tx) error{
		"PutDocument": func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutDocument(ctx, document(program.ID(bad), 1))
		},
		"PutAdSpaces": func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{space("pub2", "a"), space("pub1", bad)})
		},
		"PutCatalog, product": func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutCatalog(ctx, []*catalog.Product{product("p2", "s1"), product(bad, "s1")}, nil)
		},
		"PutCatalog, store": func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutCatalog(ctx, []*catalog.Product{product("p2", "s2")}, []*seller.Store{sampleStore(bad)})
		},
		"Insert, id": func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Clicks().Insert(ctx, []*click.Click{sampleClick("c2", "v1"), sampleClick(bad, "v1")})
			return err
		},
		"Insert, visitor": func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Clicks().Insert(ctx, []*click.Click{sampleClick("c2", "v1"), sampleClick("c3", bad)})
			return err
		},
		"Insert, publisher": func(ctx context.Context, tx store.Tx) error {
			c := sampleClick("c3", "v1")
			c.Publisher = bad
			_, err := tx.Clicks().Insert(ctx, []*click.Click{sampleClick("c2", "v1"), c})
			return err
		},
		"InsertEvents": func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().InsertEvents(ctx, []order.Event{placed(key(2), at(1)), placed(order.Key{Program: tr, Order: bad}, at(1))}, at(1))
			return err
		},
		"SetNext": func(ctx context.Context, tx store.Tx) error {
			return tx.Orders().SetNext(ctx, []store.OrderNext{{Key: key(2), Next: at(1), PlacedAt: at(1)}, {Key: key(1), Visitor: bad, PlacedAt: at(1), Next: at(2)}})
		},
		"PinFacts": func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().PinFacts(ctx, []store.FactPin{{Key: key(2), JSON: []byte("{}")}, {Key: order.Key{Program: tr, Order: bad}, JSON: []byte("{}")}})
			return err
		},
		"Put, item": func(ctx context.Context, tx store.Tx) error {
			return tx.Decisions().Put(ctx, []store.Record{record(key(1), "2"), record(key(1), bad)})
		},
		"Put, publisher": func(ctx context.Context, tx store.Tx) error {
			r := record(key(2), "1")
			r.Publisher = bad
			return tx.Decisions().Put(ctx, []store.Record{record(key(1), "2"), r})
		},
		"Post, owner": func(ctx context.Context, tx store.Tx) error {
			t := transaction("e9", ledger.Fund, ledger.Pending, 1)
			t.Movements[0].To.Owner = bad
			return tx.Ledger().Post(ctx, []ledger.Transaction{transaction("e8", ledger.Fund, ledger.Pending, 1), t})
		},
		"Post, publisher": func(ctx context.Context, tx store.Tx) error {
			t := transaction("e9", ledger.Fund, ledger.Pending, 1)
			t.Publisher = bad
			return tx.Ledger().Post(ctx, []ledger.Transaction{transaction("e8", ledger.Fund, ledger.Pending, 1), t})
		},
		"PutRun":  func(ctx context.Context, tx store.Tx) error { return tx.Payouts().PutRun(ctx, run(bad, at(1)), 0) },
		"PutFile": func(ctx context.Context, tx store.Tx) error { return tx.Payouts().PutFile(ctx, "r1", bad, []byte("x")) },
		"PutDetails": func(ctx context.Context, tx store.Tx) error {
			return tx.Payouts().PutDetails(ctx, bad, []byte("{}"), at(1))
		},
		"Claim": func(ctx context.Context, tx store.Tx) error {
			_, _, err := tx.Keys().Claim(ctx, "orders", bad, []byte("h"), at(1))
			return err
		},
	}
}

// refused checks that calls are ErrInvalid and change nothing.
func (k *kit) refused(calls map[string]func(ctx context.Context, tx store.Tx) error) {
	k.Helper()
	before := look(k)
	for name, do := range calls {
		k.update(func(tx store.Tx) error {
			k.is(do(k.ctx, tx), store.ErrInvalid, name)
			return nil
		})
	}
	k.sameState("after calls that were refused", look(k), before)
}

func textInvalid(k *kit) {
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	for _, bad := range []string{"a\x00b", "\x00", "\xff", "a\xed\xa0\x80", "\xc3"} {
		calls := badTexts(bad)
		calls["PutDocument, text"] = func(ctx context.Context, tx store.Tx) error {
			d := document(ro, 1)
			d.Text = bad
			return tx.Facts().PutDocument(ctx, d)
		}
		calls["PutAdSpaces, coupons"] = func(ctx context.Context, tx store.Tx) error {
			s := space("pub1", "site")
			s.Coupons = []string{"a", bad}
			return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{s})
		}
		calls["PutCatalog, lists"] = func(ctx context.Context, tx store.Tx) error {
			s := sampleStore("s1")
			s.Lists = []string{bad}
			return tx.Facts().PutCatalog(ctx, []*catalog.Product{product("p2", "s2")}, []*seller.Store{s})
		}
		calls["InsertEvents, contents"] = func(ctx context.Context, tx store.Tx) error {
			e := placed(key(2), at(1))
			e.Placed.Items[1].Category = bad
			_, err := tx.Orders().InsertEvents(ctx, []order.Event{placed(key(2), at(2)), e}, at(1))
			return err
		}
		calls["InsertEvents, evidence"] = func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().InsertEvents(ctx, []order.Event{{Key: key(2), Kind: order.Fraud, At: at(1), Evidence: bad}}, at(1))
			return err
		}
		calls["Put, JSON"] = func(ctx context.Context, tx store.Tx) error {
			r := record(key(1), "1")
			r.JSON = []byte(bad)
			return tx.Decisions().Put(ctx, []store.Record{r})
		}
		calls["PutDetails, JSON"] = func(ctx context.Context, tx store.Tx) error {
			return tx.Payouts().PutDetails(ctx, "pub1", []byte(bad), at(9))
		}
		// What is only looked for.
		calls["ByCause"] = func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Ledger().ByCause(ctx, bad)
			return err
		}
		calls["Newest"] = func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Decisions().Newest(ctx, order.Key{Program: tr, Order: bad})
			return err
		}
		calls["Page"] = func(ctx context.Context, tx store.Tx) error {
			_, _, err := tx.Decisions().Page(ctx, store.RecordFilter{Publisher: bad}, "", 1)
			return err
		}
		calls["Events"] = func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().Events(ctx, []order.Key{{Program: tr, Order: bad}})
			return err
		}
		k.refused(calls)
	}
}

func textTooLong(k *kit) {
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	k.refused(badTexts(strings.Repeat("x", store.MaxKey+1)))
	k.refused(map[string]func(ctx context.Context, tx store.Tx) error{
		"Post, cause": func(ctx context.Context, tx store.Tx) error {
			return tx.Ledger().Post(ctx, []ledger.Transaction{transaction(strings.Repeat("x", store.MaxCause+1), ledger.Fund, ledger.Pending, 1)})
		},
	})
	// The longest ones fit, all at once, and text that cannot be compressed.
	long := ""
	for i := 0; len(long) < store.MaxKey; i++ {
		long += fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i)}))
	}
	long = long[:store.MaxKey-2]
	one, two := long+"1", long+"22"
	key := order.Key{Program: program.ID(one), Order: two}
	c := sampleClick(one, two)
	c.Program, c.Publisher = program.ID(two), two
	insert(k, c)
	k.same("a click", forOrder(k, store.TouchWish{Program: c.Program, Visitor: two})[0], []*click.Click{c})
	e := placed(key, at(1))
	enter(k, e)
	k.same("an order event", events(k, key)[0], []order.Event{e})
	r := record(key, long)
	r.Publisher = one
	put(k, r)
	k.same("a decision record", newest(k, key), []store.Record{numbered(r, 1)})
	k.same("a page", pages(k, store.RecordFilter{Program: key.Program, Publisher: one}, 1), []store.Record{numbered(r, 1)})
	t := transaction(strings.Repeat(long+"12", 4), ledger.Fund, ledger.Pending, 1)
	t.Program, t.Publisher, t.Order = key.Program, two, key.Order
	t.Movements[0].To = ledger.Of(ledger.Pending, key.Program, two)
	post(k, t)
	k.same("a transaction", read(k, func(tx store.Tx) ([][]ledger.Transaction, error) {
		return tx.Ledger().OfOrders(k.ctx, []order.Key{key})
	}), [][]ledger.Transaction{{t}})
	k.update(func(tx store.Tx) error {
		s := space(two, long)
		s.Program = key.Program
		if err := tx.Facts().PutAdSpaces(k.ctx, []*publisher.AdSpace{s}); err != nil {
			return err
		}
		_, _, err := tx.Keys().Claim(k.ctx, one, two, []byte("h"), at(1))
		return err
	})
}

func timesInvalid(k *kit) {
	k.update(func(tx store.Tx) error { return writeAll(k.ctx, tx) })
	for _, bad := range []time.Time{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), time.Unix(1<<62, 0)} {
		k.refused(map[string]func(ctx context.Context, tx store.Tx) error{
			"PutDocument": func(ctx context.Context, tx store.Tx) error {
				d := document(ro, 1)
				d.EffectiveFrom = bad
				return tx.Facts().PutDocument(ctx, d)
			},
			"Insert": func(ctx context.Context, tx store.Tx) error {
				c := sampleClick("c9", "v1")
				c.At = bad
				_, err := tx.Clicks().Insert(ctx, []*click.Click{c})
				return err
			},
			"InsertEvents": func(ctx context.Context, tx store.Tx) error {
				_, err := tx.Orders().InsertEvents(ctx, []order.Event{{Key: key(1), Kind: order.Paid, At: bad}}, at(1))
				return err
			},
			"SetNext": func(ctx context.Context, tx store.Tx) error {
				return tx.Orders().SetNext(ctx, []store.OrderNext{{Key: key(1), PlacedAt: at(1), Next: bad}})
			},
			"Put": func(ctx context.Context, tx store.Tx) error {
				r := record(key(1), "1")
				r.SettledAt = bad
				return tx.Decisions().Put(ctx, []store.Record{r})
			},
			"Post": func(ctx context.Context, tx store.Tx) error {
				t := transaction("e9", ledger.Fund, ledger.Pending, 1)
				t.RecordedAt = bad
				return tx.Ledger().Post(ctx, []ledger.Transaction{t})
			},
			"PutDetails": func(ctx context.Context, tx store.Tx) error {
				return tx.Payouts().PutDetails(ctx, "pub1", []byte("{}"), bad)
			},
		})
	}
}
