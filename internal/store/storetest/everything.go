package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// A write is one method that changes something, called so that it does.
type write struct {
	name string
	do   func(ctx context.Context, tx store.Tx) error
}

// writes are all methods that change something. Done in their order, all succeed.
func writes() []write {
	return append([]write{
		{"Facts.PutDocument", func(ctx context.Context, tx store.Tx) error { return tx.Facts().PutDocument(ctx, document(tr, 1)) }},
		{"Facts.PutAdSpaces", func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutAdSpaces(ctx, []*publisher.AdSpace{space("pub1", "site")})
		}},
		{"Facts.PutCatalog", func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutCatalog(ctx, []*catalog.Product{product("p1", "s1")}, []*seller.Store{sampleStore("s1")})
		}},
		{"Facts.PutQuotes", func(ctx context.Context, tx store.Tx) error {
			return tx.Facts().PutQuotes(ctx, []store.Quote{quote("2026-03-01", "45.12")})
		}},
		{"Clicks.Insert", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Clicks().Insert(ctx, []*click.Click{sampleClick("c1", "v1")})
			return err
		}},
		{"Orders.InsertEvents", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().InsertEvents(ctx, eventsOf(key(1)), at(5))
			return err
		}},
		{"Orders.SetNext", func(ctx context.Context, tx store.Tx) error {
			return tx.Orders().SetNext(ctx, []store.OrderNext{{Key: key(1), Visitor: "v1", Click: "c1", PlacedAt: at(10), Next: at(99)}})
		}},
		{"Orders.PinFacts", func(ctx context.Context, tx store.Tx) error {
			_, err := tx.Orders().PinFacts(ctx, []store.FactPin{{Key: key(1), JSON: []byte(`{"a": 1}`)}})
			return err
		}},
		{"Decisions.Put", func(ctx context.Context, tx store.Tx) error {
			settled := record(key(1), "2")
			settled.State, settled.SettledAt = "approved", at(1000)
			return tx.Decisions().Put(ctx, []store.Record{record(key(1), "1"), settled})
		}},
		{"Ledger.Post", func(ctx context.Context, tx store.Tx) error {
			approve := transaction("e2", ledger.Pending, ledger.Approved, 50)
			approve.Movements = append(approve.Movements, ledger.Movement{From: ledger.Of(ledger.Approved, tr, "pub1"), To: ledger.Of(ledger.Available, tr, "pub1"), Amount: 50})
			return tx.Ledger().Post(ctx, []ledger.Transaction{transaction("e1", ledger.Fund, ledger.Pending, 100), approve})
		}},
		{"Payouts.PutRun", func(ctx context.Context, tx store.Tx) error {
			empty := paying("r0", tr, at(0))
			empty.State = payout.Closed
			if err := tx.Payouts().PutRun(ctx, empty, 0); err != nil {
				return err
			}
			return tx.Payouts().PutRun(ctx, run("r1", at(1)), 0)
		}},
		{"Payouts.PutFile", func(ctx context.Context, tx store.Tx) error {
			return tx.Payouts().PutFile(ctx, "r1", "a.xml", []byte("<a/>"))
		}},
		{"Payouts.PutDetails", func(ctx context.Context, tx store.Tx) error {
			return tx.Payouts().PutDetails(ctx, "pub1", []byte(`{"method": "iban"}`), at(4))
		}},
		{"Keys.Claim", func(ctx context.Context, tx store.Tx) error {
			_, _, err := tx.Keys().Claim(ctx, "orders", "k1", []byte("hash"), at(1))
			return err
		}},
		{"Keys.Answer", func(ctx context.Context, tx store.Tx) error {
			return tx.Keys().Answer(ctx, "orders", "k1", []byte("answer"))
		}},
	}, slices.Concat(platformWrites(), sellerWrites(), accountWrites(), postbackWrites(), careWrites(), deskWrites(), caseWrites())...)
}

// everything is all that a store shows of the checks' data, by the method that shows it.
type everything map[string]any

// look reads everything. Asking for the answer of a key claims it, so that is looked at in a transaction that is undone.
func look(k *kit) everything {
	k.Helper()
	seen := everything{}
	err := k.store.Update(k.ctx, func(tx store.Tx) error {
		clear(seen)
		if err := lookAt(k.ctx, tx, seen); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		k.Fatalf("reading everything: %v", err)
	}
	return seen
}

func lookAt(ctx context.Context, tx store.Tx, seen everything) error {
	var failed error
	note := func(name string, v any, err error) {
		if errors.Is(err, store.ErrNotFound) {
			v, err = "not found", nil
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", name, err)
		}
		seen[name] = v
	}
	keys := []order.Key{key(1), key(2), {Program: tr}}
	documents, err := tx.Facts().Documents(ctx)
	note("Documents", documents, err)
	spaces, err := tx.Facts().AdSpaces(ctx)
	note("AdSpaces", spaces, err)
	products, stores, err := tx.Facts().Catalog(ctx, []string{"p1", "p2"}, []string{"s1", "s2"})
	note("Catalog", []any{products, stores}, err)
	quotes, err := tx.Facts().Quotes(ctx)
	note("Quotes", quotes, err)
	touches, err := tx.Clicks().ForOrders(ctx, []store.TouchWish{{Program: tr, Visitor: "v1", Click: "c1"}})
	note("ForOrders", touches, err)
	count, err := tx.Clicks().Count(ctx, tr, day0.AddDate(1, 0, 0))
	note("Count", count, err)
	events, err := tx.Orders().Events(ctx, keys)
	note("Events", events, err)
	due, err := tx.Orders().Due(ctx, day0.AddDate(1, 0, 0), 10)
	note("Due", due, err)
	touched, err := tx.Orders().Touched(ctx, []*click.Click{sampleClick("c1", "v1")})
	note("Touched", touched, err)
	pins, err := tx.Orders().PinFacts(ctx, []store.FactPin{{Key: key(1)}})
	note("PinFacts", pins, err)
	newest, err := tx.Decisions().Newest(ctx, key(1))
	note("Newest", newest, err)
	items, err := tx.Decisions().Items(ctx, key(1))
	note("Items", items, err)
	history, err := tx.Decisions().History(ctx, key(1))
	note("History", history, err)
	records, _, err := tx.Decisions().Page(ctx, store.RecordFilter{}, "", 100)
	note("Decisions.Page", records, err)
	sums, err := tx.Decisions().Sums(ctx)
	note("Sums", sums, err)
	settled, _, err := tx.Decisions().Page(ctx, store.RecordFilter{State: "approved", Program: tr}, "", 10)
	note("Page of a state", settled, err)
	var open []store.OpenItem
	err = tx.Decisions().Open(ctx, tr, "pub1", func(o store.OpenItem) error {
		open = append(open, o)
		return nil
	})
	note("Open", open, err)
	journal, _, err := tx.Ledger().Page(ctx, store.JournalFilter{}, "", 100)
	note("Ledger.Page", journal, err)
	ofOrders, err := tx.Ledger().OfOrders(ctx, keys)
	note("OfOrders", ofOrders, err)
	cause, err := tx.Ledger().ByCause(ctx, "e1")
	note("ByCause", cause, err)
	balances, err := tx.Ledger().Balances(ctx, "TRY", []ledger.Account{ledger.Of(ledger.Available, tr, "pub1"), ledger.Of(ledger.Pending, tr, "pub1")})
	note("Balances", balances, err)
	book, err := tx.Ledger().Book(ctx)
	note("Book", linesOf(book), err)
	rebuilt, err := tx.Ledger().Rebuild(ctx)
	note("Rebuild", linesOf(rebuilt), err)
	turnover, err := tx.Ledger().Turnover(ctx, tr)
	note("Turnover", turnover, err)
	type kept struct {
		Run      payout.Run
		Revision int
	}
	r, revision, err := tx.Payouts().Run(ctx, "r1")
	note("Run", kept{r, revision}, err)
	runs, err := tx.Payouts().Runs(ctx)
	note("Runs", runs, err)
	summaries, _, err := tx.Payouts().Page(ctx, store.RunFilter{}, "", 10)
	note("Payouts.Page", summaries, err)
	summaries, _, err = tx.Payouts().Page(ctx, store.RunFilter{Program: tr}, "", 10)
	note("Payouts.Page of a program", summaries, err)
	for _, f := range []store.RunFilter{{Filled: true}, {Filled: true, Program: tr}} {
		filled, _, err := tx.Payouts().Page(ctx, f, "", 10)
		note("Payouts.Page of filled ones "+string(f.Program), filled, err)
		empty, err := tx.Payouts().Empty(ctx, f.Program)
		note("Payouts.Empty "+string(f.Program), empty, err)
	}
	paid, err := tx.Payouts().Of(ctx, store.PayoutFilter{Publisher: "pub1", Program: tr})
	note("Payouts.Of", paid, err)
	named, err := tx.Payouts().Of(ctx, store.PayoutFilter{ID: "r1-1"})
	note("Payouts.Of an id", named, err)
	file, err := tx.Payouts().File(ctx, "r1", "a.xml")
	note("File", file, err)
	details, err := tx.Payouts().Details(ctx)
	note("Details", details, err)
	answer, found, err := tx.Keys().Claim(ctx, "orders", "k1", []byte("hash"), time.Unix(0, 0))
	note("Claim", []any{string(answer), found}, err)
	lookAtAccounts(ctx, tx.Platform().Accounts(), note)
	lookAtPlatform(ctx, tx, note)
	lookAtPostbacks(ctx, tx, note)
	lookAtDesk(ctx, tx, note)
	lookAtCases(ctx, tx, note)
	lookAtCare(ctx, tx, note)
	return failed
}

// line is a balance.
type line struct {
	Account  string
	Currency string
	Minor    int64
}

func linesOf(b *ledger.Book) []line {
	if b == nil {
		return nil
	}
	var lines []line
	for _, k := range b.Lines() {
		lines = append(lines, line{k.Account.String(), string(k.Currency), b.Balance(k.Account, k.Currency)})
	}
	return lines
}

// Everything calls each method of a transaction: all that write, then all that read.
func Everything(ctx context.Context, tx store.Tx) error {
	if err := writeAll(ctx, tx); err != nil {
		return err
	}
	if err := lookAt(ctx, tx, everything{}); err != nil {
		return err
	}
	// The pages behind the first ones, by each filter.
	if err := tx.Decisions().Put(ctx, []store.Record{record(key(2), "1")}); err != nil {
		return err
	}
	for _, f := range []store.RecordFilter{{}, {Program: tr}, {Publisher: "pub1", State: "pending"}} {
		_, next, err := tx.Decisions().Page(ctx, f, "", 1)
		if err == nil {
			_, _, err = tx.Decisions().Page(ctx, f, next, 1)
		}
		if err != nil {
			return err
		}
	}
	for _, f := range []store.JournalFilter{{}, {Program: tr}, {Publisher: "pub1", Program: tr, From: at(1)}, {Program: tr, Reason: ledger.ReasonRelease}} {
		_, next, err := tx.Ledger().Page(ctx, f, "", 1)
		if err == nil && f.Reason == "" {
			_, _, err = tx.Ledger().Page(ctx, f, next, 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
