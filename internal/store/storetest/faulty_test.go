package storetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
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

// broken is a store with deliberate faults: functions that are there replace what the sound store does.
type broken struct {
	store.Store
	update func(ctx context.Context, s store.Store, do func(store.Tx) error) error
	view   func(ctx context.Context, s store.Store, do func(store.Tx) error) error
	ping   func(ctx context.Context, s store.Store) error
	scrub  func(ctx context.Context, s store.Store) error
	close  func(s store.Store) error
	tx     func(s store.Store, tx store.Tx) store.Tx
}

func (b *broken) Update(ctx context.Context, do func(store.Tx) error) error {
	do = b.wrap(do)
	if b.update != nil {
		return b.update(ctx, b.Store, do)
	}
	return b.Store.Update(ctx, do)
}

func (b *broken) View(ctx context.Context, do func(store.Tx) error) error {
	do = b.wrap(do)
	if b.view != nil {
		return b.view(ctx, b.Store, do)
	}
	return b.Store.View(ctx, do)
}

func (b *broken) wrap(do func(store.Tx) error) func(store.Tx) error {
	if b.tx == nil {
		return do
	}
	return func(tx store.Tx) error { return do(b.tx(b.Store, tx)) }
}

func (b *broken) Ping(ctx context.Context) error {
	if b.ping != nil {
		return b.ping(ctx, b.Store)
	}
	return b.Store.Ping(ctx)
}

func (b *broken) Scrub(ctx context.Context) error {
	if b.scrub != nil {
		return b.scrub(ctx, b.Store)
	}
	return b.Store.Scrub(ctx)
}

func (b *broken) Close() error {
	if b.close != nil {
		return b.close(b.Store)
	}
	return b.Store.Close()
}

// brokenTx is a transaction of which some roles are replaced.
type brokenTx struct {
	store.Tx
	facts     store.Facts
	clicks    store.Clicks
	orders    store.Orders
	decisions store.Decisions
	ledger    store.Ledger
	payouts   store.Payouts
	keys      store.Keys
	platform  store.Platform
}

func or[T comparable](replaced, sound T) T {
	var none T
	if replaced != none {
		return replaced
	}
	return sound
}

func (t *brokenTx) Facts() store.Facts         { return or(t.facts, t.Tx.Facts()) }
func (t *brokenTx) Clicks() store.Clicks       { return or(t.clicks, t.Tx.Clicks()) }
func (t *brokenTx) Orders() store.Orders       { return or(t.orders, t.Tx.Orders()) }
func (t *brokenTx) Decisions() store.Decisions { return or(t.decisions, t.Tx.Decisions()) }
func (t *brokenTx) Ledger() store.Ledger       { return or(t.ledger, t.Tx.Ledger()) }
func (t *brokenTx) Payouts() store.Payouts     { return or(t.payouts, t.Tx.Payouts()) }
func (t *brokenTx) Keys() store.Keys           { return or(t.keys, t.Tx.Keys()) }
func (t *brokenTx) Platform() store.Platform   { return or(t.platform, t.Tx.Platform()) }

// swallow hides an error's kind.
func swallow(err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

// The roles with their faults. Each embeds the sound role.

type factFaults struct {
	store.Facts
	putDocument func(ctx context.Context, s store.Facts, d store.Document) error
	documents   func([]store.Document) []store.Document
	putSpaces   func([]*publisher.AdSpace) []*publisher.AdSpace
	spaces      func([]*publisher.AdSpace) []*publisher.AdSpace
	products    func([]*catalog.Product) []*catalog.Product
	offered     func([]*catalog.Product) []*catalog.Product
	stores      func([]*seller.Store) []*seller.Store
	putQuotes   func(ctx context.Context, s store.Facts, qs []store.Quote) error
	quotes      func([]store.Quote) []store.Quote
}

func (f *factFaults) PutDocument(ctx context.Context, d store.Document) error {
	if f.putDocument != nil {
		return f.putDocument(ctx, f.Facts, d)
	}
	return f.Facts.PutDocument(ctx, d)
}

func (f *factFaults) Documents(ctx context.Context) ([]store.Document, error) {
	ds, err := f.Facts.Documents(ctx)
	return through(f.documents, ds), err
}

// through applies a fault, where there is one.
func through[T any](fault func(T) T, v T) T {
	if fault == nil {
		return v
	}
	return fault(v)
}

func (f *factFaults) PutAdSpaces(ctx context.Context, s []*publisher.AdSpace) error {
	return f.Facts.PutAdSpaces(ctx, through(f.putSpaces, s))
}

func (f *factFaults) AdSpaces(ctx context.Context) ([]*publisher.AdSpace, error) {
	s, err := f.Facts.AdSpaces(ctx)
	return through(f.spaces, s), err
}

func (f *factFaults) PutCatalog(ctx context.Context, ps []*catalog.Product, ss []*seller.Store) error {
	return f.Facts.PutCatalog(ctx, through(f.products, ps), ss)
}

func (f *factFaults) Catalog(ctx context.Context, products, stores []string) ([]*catalog.Product, []*seller.Store, error) {
	ps, ss, err := f.Facts.Catalog(ctx, products, stores)
	return through(f.offered, ps), through(f.stores, ss), err
}

func (f *factFaults) PutQuotes(ctx context.Context, qs []store.Quote) error {
	if f.putQuotes != nil {
		return f.putQuotes(ctx, f.Facts, qs)
	}
	return f.Facts.PutQuotes(ctx, qs)
}

func (f *factFaults) Quotes(ctx context.Context) ([]store.Quote, error) {
	qs, err := f.Facts.Quotes(ctx)
	return through(f.quotes, qs), err
}

type clickFaults struct {
	store.Clicks
	insert func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error)
	wishes func([]store.TouchWish) []store.TouchWish
	found  func(ws []store.TouchWish, found [][]*click.Click)
	until  func(time.Time) time.Time
}

func (f *clickFaults) Insert(ctx context.Context, cs []*click.Click) ([]*click.Click, error) {
	if f.insert != nil {
		return f.insert(ctx, f.Clicks, cs)
	}
	return f.Clicks.Insert(ctx, cs)
}

func (f *clickFaults) ForOrders(ctx context.Context, ws []store.TouchWish) ([][]*click.Click, error) {
	found, err := f.Clicks.ForOrders(ctx, through(f.wishes, ws))
	if f.found != nil && err == nil {
		f.found(ws, found)
	}
	return found, err
}

func (f *clickFaults) Count(ctx context.Context, p program.ID, until time.Time) (map[string]int64, error) {
	return f.Clicks.Count(ctx, p, through(f.until, until))
}

type orderFaults struct {
	store.Orders
	insert  func(ctx context.Context, s store.Orders, events []order.Event, at time.Time) ([]bool, error)
	events  func([]order.Event) []order.Event
	setNext func([]store.OrderNext) []store.OrderNext
	due     func(ctx context.Context, s store.Orders, at time.Time, limit int) ([]order.Key, error)
	touched func([]*click.Click) []*click.Click
	pin     func(ctx context.Context, s store.Orders, pins []store.FactPin) ([][]byte, error)
}

func (f *orderFaults) InsertEvents(ctx context.Context, events []order.Event, at time.Time) ([]bool, error) {
	if f.insert != nil {
		return f.insert(ctx, f.Orders, events, at)
	}
	return f.Orders.InsertEvents(ctx, events, at)
}

func (f *orderFaults) Events(ctx context.Context, keys []order.Key) ([][]order.Event, error) {
	all, err := f.Orders.Events(ctx, keys)
	for i := range all {
		all[i] = through(f.events, all[i])
	}
	return all, err
}

func (f *orderFaults) SetNext(ctx context.Context, next []store.OrderNext) error {
	return f.Orders.SetNext(ctx, through(f.setNext, next))
}

func (f *orderFaults) Due(ctx context.Context, at time.Time, limit int) ([]order.Key, error) {
	if f.due != nil {
		return f.due(ctx, f.Orders, at, limit)
	}
	return f.Orders.Due(ctx, at, limit)
}

func (f *orderFaults) Touched(ctx context.Context, cs []*click.Click) ([]order.Key, error) {
	return f.Orders.Touched(ctx, through(f.touched, cs))
}

func (f *orderFaults) PinFacts(ctx context.Context, pins []store.FactPin) ([][]byte, error) {
	if f.pin != nil {
		return f.pin(ctx, f.Orders, pins)
	}
	return f.Orders.PinFacts(ctx, pins)
}

type decisionFaults struct {
	store.Decisions
	put     func(ctx context.Context, s store.Decisions, rs []store.Record) error
	newest  func([]store.Record) []store.Record
	items   func([]store.ItemRow) []store.ItemRow
	history func([]store.Record) []store.Record
	page    func(ctx context.Context, s store.Decisions, f store.RecordFilter, after string, limit int) ([]store.Record, string, error)
	open    func(*store.OpenItem)
	sums    func([]store.StateSum) []store.StateSum
}

func (f *decisionFaults) Put(ctx context.Context, rs []store.Record) error {
	if f.put != nil {
		return f.put(ctx, f.Decisions, rs)
	}
	return f.Decisions.Put(ctx, rs)
}

func (f *decisionFaults) Newest(ctx context.Context, k order.Key) ([]store.Record, error) {
	rs, err := f.Decisions.Newest(ctx, k)
	return through(f.newest, rs), err
}

func (f *decisionFaults) Items(ctx context.Context, k order.Key) ([]store.ItemRow, error) {
	rs, err := f.Decisions.Items(ctx, k)
	return through(f.items, rs), err
}

func (f *decisionFaults) History(ctx context.Context, k order.Key) ([]store.Record, error) {
	rs, err := f.Decisions.History(ctx, k)
	return through(f.history, rs), err
}

func (f *decisionFaults) Page(ctx context.Context, filter store.RecordFilter, after string, limit int) ([]store.Record, string, error) {
	if f.page != nil {
		return f.page(ctx, f.Decisions, filter, after, limit)
	}
	return f.Decisions.Page(ctx, filter, after, limit)
}

func (f *decisionFaults) Open(ctx context.Context, p program.ID, publisher string, each func(store.OpenItem) error) error {
	return f.Decisions.Open(ctx, p, publisher, func(o store.OpenItem) error {
		if f.open != nil {
			f.open(&o)
		}
		return each(o)
	})
}

func (f *decisionFaults) Sums(ctx context.Context) ([]store.StateSum, error) {
	s, err := f.Decisions.Sums(ctx)
	return through(f.sums, s), err
}

type ledgerFaults struct {
	store.Ledger
	post     func(ctx context.Context, s store.Ledger, ts []ledger.Transaction) error
	ofOrders func([][]ledger.Transaction) [][]ledger.Transaction
	currency func(money.Currency) money.Currency
	book     func(ctx context.Context, s store.Ledger) (*ledger.Book, error)
	page     func(ctx context.Context, s store.Ledger, f store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error)
	turnover func(map[string]int64)
}

func (f *ledgerFaults) Post(ctx context.Context, ts []ledger.Transaction) error {
	if f.post != nil {
		return f.post(ctx, f.Ledger, ts)
	}
	return f.Ledger.Post(ctx, ts)
}

func (f *ledgerFaults) OfOrders(ctx context.Context, keys []order.Key) ([][]ledger.Transaction, error) {
	ts, err := f.Ledger.OfOrders(ctx, keys)
	return through(f.ofOrders, ts), err
}

func (f *ledgerFaults) Balances(ctx context.Context, c money.Currency, accounts []ledger.Account) ([]int64, error) {
	return f.Ledger.Balances(ctx, through(f.currency, c), accounts)
}

func (f *ledgerFaults) Book(ctx context.Context) (*ledger.Book, error) {
	if f.book != nil {
		return f.book(ctx, f.Ledger)
	}
	return f.Ledger.Book(ctx)
}

func (f *ledgerFaults) Page(ctx context.Context, filter store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error) {
	if f.page != nil {
		return f.page(ctx, f.Ledger, filter, after, limit)
	}
	return f.Ledger.Page(ctx, filter, after, limit)
}

func (f *ledgerFaults) Turnover(ctx context.Context, p program.ID) (map[string]int64, error) {
	m, err := f.Ledger.Turnover(ctx, p)
	if f.turnover != nil {
		f.turnover(m)
	}
	return m, err
}

type payoutFaults struct {
	store.Payouts
	putRun  func(ctx context.Context, s store.Payouts, r payout.Run, revision int) error
	run     func(payout.Run) payout.Run
	runs    func([]payout.Run) []payout.Run
	page    func(*store.RunSummary)
	of      func([]store.RunPayout) []store.RunPayout
	putFile func(ctx context.Context, s store.Payouts, run, name string, data []byte) error
	details func(map[string]store.PayoutDetails)
	empty   func(int64) int64
}

func (f *payoutFaults) PutRun(ctx context.Context, r payout.Run, revision int) error {
	if f.putRun != nil {
		return f.putRun(ctx, f.Payouts, r, revision)
	}
	return f.Payouts.PutRun(ctx, r, revision)
}

func (f *payoutFaults) Run(ctx context.Context, id string) (payout.Run, int, error) {
	r, revision, err := f.Payouts.Run(ctx, id)
	return through(f.run, r), revision, err
}

func (f *payoutFaults) Runs(ctx context.Context) ([]payout.Run, error) {
	rs, err := f.Payouts.Runs(ctx)
	return through(f.runs, rs), err
}

func (f *payoutFaults) Empty(ctx context.Context, p program.ID) (int64, error) {
	n, err := f.Payouts.Empty(ctx, p)
	return through(f.empty, n), err
}

func (f *payoutFaults) Page(ctx context.Context, filter store.RunFilter, after string, limit int) ([]store.RunSummary, string, error) {
	rs, next, err := f.Payouts.Page(ctx, filter, after, limit)
	for i := range rs {
		if f.page != nil {
			f.page(&rs[i])
		}
	}
	return rs, next, err
}

func (f *payoutFaults) Of(ctx context.Context, filter store.PayoutFilter) ([]store.RunPayout, error) {
	ps, err := f.Payouts.Of(ctx, filter)
	return through(f.of, ps), err
}

func (f *payoutFaults) PutFile(ctx context.Context, run, name string, data []byte) error {
	if f.putFile != nil {
		return f.putFile(ctx, f.Payouts, run, name, data)
	}
	return f.Payouts.PutFile(ctx, run, name, data)
}

func (f *payoutFaults) Details(ctx context.Context) (map[string]store.PayoutDetails, error) {
	m, err := f.Payouts.Details(ctx)
	if f.details != nil {
		f.details(m)
	}
	return m, err
}

type keyFaults struct {
	store.Keys
	claim  func(ctx context.Context, s store.Keys, scope, key string, hash []byte, at time.Time) ([]byte, bool, error)
	answer func(ctx context.Context, s store.Keys, scope, key string, answer []byte) error
}

func (f *keyFaults) Claim(ctx context.Context, scope, key string, hash []byte, at time.Time) ([]byte, bool, error) {
	if f.claim != nil {
		return f.claim(ctx, f.Keys, scope, key, hash, at)
	}
	return f.Keys.Claim(ctx, scope, key, hash, at)
}

func (f *keyFaults) Answer(ctx context.Context, scope, key string, answer []byte) error {
	if f.answer != nil {
		return f.answer(ctx, f.Keys, scope, key, answer)
	}
	return f.Keys.Answer(ctx, scope, key, answer)
}

// reversed turns a list round.
func reversed[T any](all []T) []T {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

// changedClicks are copies of clicks with a change.
func changedClicks(cs []*click.Click, change func(*click.Click)) []*click.Click {
	out := make([]*click.Click, len(cs))
	for i, c := range cs {
		d := *c
		change(&d)
		out[i] = &d
	}
	return out
}

func fold(s string) string { return strings.ToLower(s) }
