package storetest

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// tr and ro are the checks' programs.
const tr, ro program.ID = "tr", "ro"

func sampleClick(id, visitor string) *click.Click {
	return &click.Click{
		ID: id, At: at(1), Program: tr, Visitor: visitor, Channel: click.Affiliate, Publisher: "pub1", AdSpace: "site", TrackingID: "blog",
		Target: click.Target{Kind: program.LinkProduct, Product: "p1", Store: "s1"},
		Sub:    click.Sub{AF: "a", CN: "b", CV: "c", DP: "d"}, Session: "ses", Verdict: click.Valid,
	}
}

func key(n int) order.Key { return order.Key{Program: tr, Order: fmt.Sprintf("o%d", n)} }

func placed(k order.Key, when time.Time) order.Event {
	return order.Event{Key: k, Kind: order.Placed, At: when, Placed: &order.Placement{
		Visitor: "v1", Session: "ses", Click: "c1", CouponCode: "SAVE", CouponAmount: 150, BuyerID: "b1", NewBuyer: true, ShipTo: "TR", Currency: "TRY",
		Items: []order.Item{
			{ID: "1", Product: "p1", Store: "s1", Category: "shoes", Quantity: 2, Amount: 12345, InStock: true},
			{ID: "2", Product: "p2", Store: "s2", Category: "phones", Quantity: 1, Amount: 1},
		},
	}}
}

// eventsOf are events of every kind, by time.
func eventsOf(k order.Key) []order.Event {
	return []order.Event{
		placed(k, at(10)),
		{Key: k, Kind: order.Paid, At: at(20)},
		{Key: k, Kind: order.Cancelled, At: at(30), Items: []string{"2"}},
		{Key: k, Kind: order.Completed, At: at(40)},
		{Key: k, Kind: order.Refunded, At: at(50), Refunds: []order.Refund{{Item: "1", Amount: "12.34"}, {Item: "2", Amount: "0"}}},
		{Key: k, Kind: order.Fraud, At: at(60), Evidence: "the \"same\" card\u2028twice"},
	}
}

// record is a decision record.
func record(k order.Key, item string) store.Record {
	return store.Record{
		Key: k, Item: item, State: "pending", Publisher: "pub1", AdSpace: "site", Rule: "v1/categories/shoes", Currency: "TRY", Amount: 123, Value: 4567,
		PlacedAt: at(10), DecidedAt: at(1000), JSON: []byte("{\"order\": \"" + k.Order + "\",  \"item\":\"" + item + "\"}\n"),
	}
}

// transaction moves an amount between two accounts of a publisher.
func transaction(cause string, from, to ledger.Kind, amount int64) ledger.Transaction {
	account := func(k ledger.Kind) ledger.Account {
		if k == ledger.Fund {
			return ledger.Account{Kind: k, Program: tr}
		}
		return ledger.Of(k, tr, "pub1")
	}
	return ledger.Transaction{
		ID: ledger.EntryID(at(100), cause), Cause: cause, Reason: ledger.ReasonPend, Program: tr, Publisher: "pub1", Order: "o1", Item: "1", Currency: "TRY",
		EffectiveAt: at(100), RecordedAt: at(200), Movements: []ledger.Movement{{From: account(from), To: account(to), Amount: amount}},
	}
}

func run(id string, drafted time.Time) payout.Run {
	return payout.Run{
		ID: id, Program: tr, Version: 3, Currency: "TRY", Period: payout.Period{Way: payout.Scheduled, Key: "2026-03-02", Number: 1}, State: payout.Frozen,
		Payer: payout.Party{Name: "Pazar A.Ş.", IBAN: "TR330006100519786457841326"}, ExecuteOn: "2026-03-03",
		Payouts: []payout.Payout{{
			ID: id + "-1", Publisher: "pub1", Method: "iban", Payee: payout.Party{Name: "Ada"}, Gross: 1000, Fee: 10, Net: 990, Status: payout.Sent,
			Answers: []payout.Answer{{Payout: id + "-1", Status: payout.Unknown, Amount: money.New(990, "TRY"), At: at(7)}},
		}},
		Passed:  []payout.Passed{{Publisher: "pub2", Refusal: payout.Refusal{Code: payout.FraudHold}}},
		Files:   []payout.File{{Name: "a.xml", SHA256: "ab", Methods: []string{"iban"}, Payments: 1, Total: 990}},
		Drafted: payout.Mark{By: "ada", At: drafted}, FrozenBy: payout.Mark{By: "ada", At: drafted.Add(time.Microsecond)},
	}
}

func document(p program.ID, version int) store.Document {
	return store.Document{Program: p, Version: version, EffectiveFrom: at(int64(version)), Text: fmt.Sprintf("program: %s\nversion: %d\n", p, version), PublishedAt: at(3)}
}

func space(publisherID, id string) *publisher.AdSpace {
	return &publisher.AdSpace{
		ID: id, Publisher: publisherID, Program: tr, TrafficType: program.Content, ApprovedAt: at(1), BlockedAt: at(2), Parent: "net",
		TrackingIDs: []string{"t1", "t2"}, Coupons: []string{"SAVE"},
	}
}

func rate(s string) *money.Rate {
	r := money.MustRate(s)
	return &r
}

func product(id, storeID string) *catalog.Product {
	return &catalog.Product{
		ID: id, Store: storeID, Category: "shoes", Affiliate: true, Virtual: true, HotRate: rate("12.50"), SellerRate: rate("7.125"),
		Campaigns: []catalog.Campaign{{Rate: money.MustRate("20.00"), From: at(1), To: at(2)}, {Rate: money.MustRate("30.00"), From: at(3), To: at(4)}},
	}
}

func sampleStore(id string) *seller.Store {
	return &seller.Store{
		ID: id, Name: "Mağaza", Lists: []string{"strict", "b"}, Rate: rate("5.00"),
		Periods: []seller.Period{{From: at(1), To: at(2)}, {From: at(3)}},
	}
}

func quote(day string, rate string) store.Quote {
	return store.Quote{Day: money.Day(day), Base: "EUR", Quoted: "TRY", Rate: money.MustRate(rate)}
}
