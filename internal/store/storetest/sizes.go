package storetest

import (
	"fmt"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
)

func sizeChecks() []Check {
	return []Check{
		{"10,000 clicks in one call", manyClicks},
		{"10,000 order events in one call", manyEvents},
		{"10,000 decision records in one call", manyRecords},
		{"10,000 transactions in one call", manyTransactions},
		{"a large record, file and document come back as they were", large},
	}
}

const many = 10_000

func manyClicks(k *kit) {
	cs := make([]*click.Click, many)
	wishes := make([]store.TouchWish, many)
	for i := range cs {
		// Not in the order of their ids, and each visitor twice.
		cs[i] = sampleClick(fmt.Sprint("c", i*7919%many), fmt.Sprint("v", i/2))
		wishes[i] = store.TouchWish{Program: tr, Visitor: cs[i].Visitor, Click: cs[i].ID}
	}
	if n := len(insert(k, cs...)); n != many {
		k.Fatalf("%d clicks of %d were fresh", n, many)
	}
	if n := len(insert(k, cs...)); n != 0 {
		k.Fatalf("%d clicks were fresh the second time", n)
	}
	for i, found := range forOrder(k, wishes...) {
		if len(found) != 2 || found[0].Visitor != cs[i].Visitor || found[1].Visitor != cs[i].Visitor {
			k.Fatalf("wish %d found the touches %v", i, ids(found))
		}
	}
	count := read(k, func(tx store.Tx) (map[string]int64, error) { return tx.Clicks().Count(k.ctx, tr, at(1)) })
	k.same("the count", count, map[string]int64{"pub1": many})
}

func manyEvents(k *kit) {
	all := make([]order.Event, 0, many)
	keys := make([]order.Key, 0, many/2)
	next := make([]store.OrderNext, 0, many/2)
	pins := make([]store.FactPin, 0, many/2)
	for i := range many / 2 {
		o := key(i * 7919 % many)
		all = append(all, order.Event{Key: o, Kind: order.Paid, At: at(int64(i))}, placed(o, at(0)))
		keys = append(keys, o)
		next = append(next, store.OrderNext{Key: o, Visitor: fmt.Sprint("v", i), PlacedAt: at(0), Next: at(int64(i))})
		pins = append(pins, store.FactPin{Key: o, JSON: fmt.Append(nil, i)})
	}
	for i, fresh := range enter(k, all...) {
		if !fresh {
			k.Fatalf("event %d was not fresh", i)
		}
	}
	for i, fresh := range enter(k, all...) {
		if fresh {
			k.Fatalf("event %d was fresh the second time", i)
		}
	}
	for i, got := range events(k, keys...) {
		if len(got) != 2 || got[0].Key != keys[i] || got[0].Kind != order.Placed && i > 0 {
			k.Fatalf("order %d has the events %s", i, show(got))
		}
	}
	setNext(k, next...)
	k.same("how many are due", len(due(k, at(many), many)), many/2)
	k.same("the last that is due", due(k, at(many), many)[many/2-1], keys[many/2-1])
	k.update(func(tx store.Tx) error {
		for range 2 {
			facts, err := tx.Orders().PinFacts(k.ctx, pins)
			if err != nil {
				return err
			}
			for i, f := range facts {
				if string(f) != fmt.Sprint(i) {
					return fmt.Errorf("order %d has the facts %s", i, f)
				}
			}
		}
		return nil
	})
}

func manyRecords(k *kit) {
	all := make([]store.Record, many)
	var sum int64
	for i := range all {
		all[i] = record(key(i/2), fmt.Sprint(i%2))
		all[i].Amount, all[i].PlacedAt = int64(i), at(int64(i/2*7919%many))
		sum += int64(i)
	}
	put(k, all...)
	put(k, all...)
	sums := read(k, func(tx store.Tx) ([]store.StateSum, error) { return tx.Decisions().Sums(k.ctx) })
	k.same("the sums", sums, []store.StateSum{{Program: tr, Publisher: "pub1", State: "pending", Currency: "TRY", Items: many, Shown: many, Amount: sum}})
	paged := pages(k, store.RecordFilter{}, 999)
	k.same("how many records are in all pages", len(paged), many)
	seen := make(map[string]bool)
	for _, r := range paged {
		seen[r.Order+"/"+r.Item] = true
	}
	k.same("how many of them are different", len(seen), many)
	for i := 1; i < len(paged); i++ {
		if paged[i].PlacedAt.After(paged[i-1].PlacedAt) {
			k.Fatalf("record %d was placed after the one before it", i)
		}
	}
	k.same("one of them", newest(k, key(many/2-1)), []store.Record{numbered(all[many-2], 1), numbered(all[many-1], 1)})
}

func manyTransactions(k *kit) {
	all := make([]ledger.Transaction, many)
	keys := make([]order.Key, many)
	for i := range all {
		t := transaction(fmt.Sprint("c", i*7919%many), ledger.Fund, ledger.Pending, 1)
		if i%2 == 1 {
			t = transaction(t.Cause, ledger.Pending, ledger.Hold, 1)
		}
		owner := fmt.Sprint("pub", i/2%1000)
		for j := range t.Movements {
			m := &t.Movements[j]
			if m.From.Kind != ledger.Fund {
				m.From.Owner = owner
			}
			m.To.Owner = owner
		}
		t.Publisher, t.Order = owner, fmt.Sprint("o", i)
		all[i], keys[i] = t, order.Key{Program: tr, Order: t.Order}
	}
	post(k, all...)
	k.same("the journal", wholeJournal(k, store.JournalFilter{}, 3000), all)
	for i, ts := range read(k, func(tx store.Tx) ([][]ledger.Transaction, error) { return tx.Ledger().OfOrders(k.ctx, keys) }) {
		if len(ts) != 1 || ts[0].Cause != all[i].Cause {
			k.Fatalf("order %d has the transactions %s", i, show(ts))
		}
	}
	k.soundBooks()
	k.same("a balance", balances(k, "TRY", ledger.Of(ledger.Hold, tr, "pub7"), ledger.Of(ledger.Pending, tr, "pub7")), []int64{5, 0})
}

func large(k *kit) {
	// Some 4 MB of text that does not repeat.
	text := make([]byte, 0, 4<<20)
	for i := 0; len(text) < cap(text)-32; i++ {
		text = fmt.Appendf(text, "%x,", i*i)
	}
	r := record(key(1), "1")
	r.JSON = text
	put(k, r)
	d := document(tr, 1)
	d.Text = string(text)
	k.update(func(tx store.Tx) error {
		if err := tx.Facts().PutDocument(k.ctx, d); err != nil {
			return err
		}
		if err := tx.Payouts().PutRun(k.ctx, run("r1", at(1)), 0); err != nil {
			return err
		}
		return tx.Payouts().PutFile(k.ctx, "r1", "a.xml", text)
	})
	k.reopen()
	if string(newest(k, key(1))[0].JSON) != string(text) {
		k.Errorf("a large record came back with other bytes")
	}
	if read(k, func(tx store.Tx) ([]store.Document, error) { return tx.Facts().Documents(k.ctx) })[0].Text != string(text) {
		k.Errorf("a large document came back with other text")
	}
	if string(read(k, func(tx store.Tx) ([]byte, error) { return tx.Payouts().File(k.ctx, "r1", "a.xml") })) != string(text) {
		k.Errorf("a large file came back with other bytes")
	}
}
