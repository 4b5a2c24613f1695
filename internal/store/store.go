// Package store is the contract between the use cases and the engines that keep their data. What an engine must do stands
// in the comments; internal/store/storetest proves it on each engine.
//
// All times are UTC with microseconds; what is finer is cut off. All money is minor units. Text compares byte by byte in
// every engine. JSON is kept byte for byte.
//
// Text is UTF-8 without the character 0, ids and other keys have at most MaxKey bytes, and times lie in the years 1 to 9999:
// what one engine cannot keep, none keeps. Everything else is ErrInvalid.
//
// A method that fails with ErrInvalid, ErrNotFound, ErrConflict or a *ledger.LimitError has changed nothing, and the
// transaction may go on. After any other error it can only be undone.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// The kinds of failure. Engines wrap them with what was being done.
var (
	// ErrNotFound says that what was asked for is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that something else stands under the same key already.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that no engine can keep what was given, or that a cursor or a limit is none.
	ErrInvalid = errors.New("invalid")
)

// The longest keys in bytes. An index of PostgreSQL takes some 2,700 bytes for all its columns.
const (
	MaxKey   = 500
	MaxCause = 4 * MaxKey // a cause is put together from other keys
)

// Store is a database.
type Store interface {
	// Update runs do in a transaction that is committed, durably, when do returns nil, and is undone otherwise: then nothing
	// of it is ever seen. do may run again when the engine asks for it, so it must have no effect outside. Transactions do
	// not nest.
	Update(ctx context.Context, do func(Tx) error) error
	// View runs do on one consistent state of the data, whatever is committed meanwhile. do must not write: that is an error.
	View(ctx context.Context, do func(Tx) error) error
	// Tidy makes room for the coming days and forgets what a policy does not keep. It is to run once a day.
	Tidy(ctx context.Context, now time.Time, keep Retention) (Tidied, error)
	// Scrub does what the engine can so that nothing of what was deleted or replaced is left in the files of the database. It is to run
	// after somebody was erased, outside of a transaction. Backups, and logs that were shipped elsewhere, are not within its reach.
	Scrub(ctx context.Context) error
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Close waits for the transactions that run. After it everything but Close fails.
	Close() error
}

// Retention is how long touches and visits are kept. Zero keeps them for ever.
type Retention struct {
	// Clicks is how long touches are kept that no order names and whose visitor ordered nothing. The others stay: an order is
	// always decided anew as a whole.
	Clicks time.Duration
	// Visits is how long it is kept what edges saw of clicks: network, user agent, referrer and so on (L3).
	Visits time.Duration
}

// Tidied is what Tidy did.
type Tidied struct{ Clicks, Visits int64 }

// Tx is an open transaction, for one goroutine. Used after the function that it was given to has returned, it fails.
type Tx interface {
	Facts() Facts
	Clicks() Clicks
	Orders() Orders
	Decisions() Decisions
	Ledger() Ledger
	Payouts() Payouts
	Keys() Keys
	Platform() Platform
}

// Facts are what decisions look up: program documents, ad spaces, products, stores and exchange rates.
type Facts interface {
	// PutDocument keeps one version of a program document as it was published. The same version with the same text again is
	// no error; with another text it is ErrConflict: a version that was in force is never changed (P1).
	PutDocument(ctx context.Context, d Document) error
	// Documents returns all versions of all programs, by program and version.
	Documents(ctx context.Context) ([]Document, error)
	// PutAdSpaces enters ad spaces or replaces those with the same program, publisher and id; of several in one call the last
	// counts.
	PutAdSpaces(ctx context.Context, spaces []*publisher.AdSpace) error
	// PutCatalog enters products and stores or replaces those with the same id; of several in one call the last counts.
	PutCatalog(ctx context.Context, products []*catalog.Product, stores []*seller.Store) error
	// PutQuotes enters exchange rates. The same rate for the same day and pair again is no error; another one is ErrConflict,
	// and nothing is entered. Rates compare by value.
	PutQuotes(ctx context.Context, quotes []Quote) error
	// AdSpaces returns all ad spaces, by program, publisher and id.
	AdSpaces(ctx context.Context) ([]*publisher.AdSpace, error)
	// Catalog returns the products with the given ids, and the stores with the given ids and those of the products. Unknown
	// ids are left out, and each is returned once, by id.
	Catalog(ctx context.Context, products, stores []string) ([]*catalog.Product, []*seller.Store, error)
	// Quotes returns all exchange rates, by base, quote and day.
	Quotes(ctx context.Context) ([]Quote, error)
}

// Document is one version of a program document.
type Document struct {
	Program       program.ID
	Version       int
	EffectiveFrom time.Time
	Text          string // the YAML as published
	PublishedAt   time.Time
}

// Quote is an exchange rate: on a day one unit of Base was worth Rate units of Quoted.
type Quote struct {
	Day          money.Day
	Base, Quoted money.Currency
	Rate         money.Rate
}

// Clicks are the touches.
type Clicks interface {
	// Insert enters touches and returns those that were not there before, each once. A touch with the id and program of another
	// one but other contents is ErrConflict, and nothing is entered. A touch that is known from its token only gives way to the same
	// one in full, which is new then; the other way round nothing changes (L4).
	Insert(ctx context.Context, clicks []*click.Click) (fresh []*click.Click, err error)
	// ForOrders returns, for each wish, the touches of its visitor and the one with its click id in its program, each once, in
	// any order. An empty visitor or click id matches nothing.
	ForOrders(ctx context.Context, wishes []TouchWish) ([][]*click.Click, error)
	// Count returns the number of valid affiliate clicks of each publisher of a program, at or before a time.
	Count(ctx context.Context, p program.ID, until time.Time) (map[string]int64, error)
}

// TouchWish says which touches an order needs.
type TouchWish struct {
	Program        program.ID
	Visitor, Click string
}

// Orders are the order events as they were reported.
type Orders interface {
	// InsertEvents enters events and reports for each whether it was fresh. An event whose order and Fingerprint are there is
	// not fresh, and no error (O1).
	InsertEvents(ctx context.Context, events []order.Event, receivedAt time.Time) (fresh []bool, err error)
	// Events returns, for each key, all events of that order, by time and, at the same time, in an order that does not depend on
	// the order of arrival; none for an order that is not known.
	Events(ctx context.Context, keys []order.Key) ([][]order.Event, error)
	// SetNext notes what a deciding found: the visitor and click that the order waits for (so that late clicks find it), and
	// when it must be decided again without news; a zero Next means never. It replaces what was noted before.
	SetNext(ctx context.Context, next []OrderNext) error
	// Due returns up to limit orders whose Next is at or before a time, the earliest first, then by key.
	Due(ctx context.Context, at time.Time, limit int) ([]order.Key, error)
	// Touched returns the orders that the given touches could change, by key, each once: those of their visitors and those that
	// name them. An empty visitor is nobody.
	Touched(ctx context.Context, clicks []*click.Click) ([]order.Key, error)
	// Lock makes this transaction the only one that settles orders of a program until it ends.
	Lock(ctx context.Context, p program.ID) error
	// PinFacts keeps the catalogue facts an order was first decided with, as JSON, unless it has some already; it returns those
	// that count from now on, for each key, or nil where there are none. So a product that moves to another category changes
	// no past order.
	PinFacts(ctx context.Context, pins []FactPin) ([][]byte, error)
}

// OrderNext is when an order must be looked at again.
type OrderNext struct {
	order.Key
	Visitor, Click string
	PlacedAt       time.Time
	Next           time.Time
}

// FactPin is the catalogue facts of an order. With no JSON it only asks.
type FactPin struct {
	order.Key
	JSON []byte
}

// Decisions are what was decided about orders: the newest and all before it.
type Decisions interface {
	// Put keeps decision records and gives each its Sequence. A record that equals the newest one of its item in all but DecidedAt
	// changes nothing.
	Put(ctx context.Context, records []Record) error
	// Newest returns the newest record of each item of an order, in the order of the items; ErrNotFound where there is none.
	Newest(ctx context.Context, k order.Key) ([]Record, error)
	// Items returns the newest record of each item of an order, as Newest does, with where it came from, in the order of the items; none for an order that
	// is not known.
	Items(ctx context.Context, k order.Key) ([]ItemRow, error)
	// History returns all records of an order in the order they were put in; none for an order that is not known.
	History(ctx context.Context, k order.Key) ([]Record, error)
	// Page returns up to limit newest records that match a filter, by placing time descending, then key and item; after is the
	// cursor that the page before returned, "" for the first page; next is "" on the last one. Records that come in between
	// shift no page.
	Page(ctx context.Context, f RecordFilter, after string, limit int) (records []Record, next string, err error)
	// Open calls each for the newest records of a publisher in a program that are tracked or pending, in any order. It must not take
	// longer with those that are neither.
	Open(ctx context.Context, p program.ID, publisher string, each func(OpenItem) error) error
	// Sums adds up the newest records by program, publisher, state and currency, in that order.
	Sums(ctx context.Context) ([]StateSum, error)
}

// Record is the decision record of one item. JSON is the whole record as it stands in commissions.jsonl; the other members
// are what is searched by.
type Record struct {
	order.Key
	Item      string
	Line      int // position of the item in the order, from 0
	Sequence  int // counts the records of the item, from 1; Put gives it
	State     string
	Publisher string
	AdSpace   string
	Rule      string
	Currency  money.Currency // the program's
	Amount    int64
	Value     int64 // the base in the program's currency, which bonuses count (C9)
	Hidden    bool  // left out of statistics
	PlacedAt  time.Time
	Completed time.Time // when receipt was confirmed; zero: it was not
	SettledAt time.Time // when it was approved or declined; zero: it is open
	DecidedAt time.Time
	JSON      []byte
	// Origin is for reports: it is kept of the newest record only, and only Reports and Items return it.
	Origin Origin
}

// OpenItem is what a balance tells of an item that is neither approved nor declined.
type OpenItem struct {
	State     string
	Held      bool // a trust case keeps it back
	Completed time.Time
	Amount    int64
}

// RecordFilter selects records; zero members select all.
type RecordFilter struct {
	Program   program.ID
	Publisher string
	State     string
	From, To  time.Time // placing time; To exclusive
}

// StateSum is a sum of records.
type StateSum struct {
	Program   program.ID
	Publisher string
	State     string
	Currency  money.Currency
	Items     int64
	Shown     int64 // of Items, those that statistics count
	Amount    int64
	Held      int64 // of Shown, those with a SettledAt
	HeldFor   int64 // of those, SettledAt less PlacedAt in whole seconds, added up
}

// Ledger is the journal and the balances that it adds up to.
type Ledger interface {
	// Post books transactions, in their order, and updates the balances in the same database transaction. A transaction that is
	// not valid or has no id is ErrInvalid, a cause that is booked already is ErrConflict, an account that must not pass zero
	// and would after one of them is a *ledger.LimitError: then none is booked. IDs are given by the caller. Transactions
	// become visible in the order they are booked in, so whoever reads on from a cursor misses none.
	Post(ctx context.Context, ts []ledger.Transaction) error
	// OfOrders returns the transactions of each order, in the order they were booked in. A key without an order asks for those of
	// its program that belong to none.
	OfOrders(ctx context.Context, keys []order.Key) ([][]ledger.Transaction, error)
	// Balances returns the balances of accounts in a currency; accounts never posted to are zero.
	Balances(ctx context.Context, c money.Currency, accounts []ledger.Account) ([]int64, error)
	// Book returns the balances of all accounts that were ever posted to.
	Book(ctx context.Context) (*ledger.Book, error)
	// Rebuild adds all postings up anew (invariant I7): what the balances must be.
	Rebuild(ctx context.Context) (*ledger.Book, error)
	// ByCause returns a transaction, or ErrNotFound.
	ByCause(ctx context.Context, cause string) (ledger.Transaction, error)
	// Page returns up to limit transactions that match a filter, in the order they were booked in; after is the cursor that the
	// page before returned, "" for the first page; next is "" on the last one.
	Page(ctx context.Context, f JournalFilter, after string, limit int) (ts []ledger.Transaction, next string, err error)
	// Turnover returns what was approved on balance for each publisher of a program who was ever approved anything: movements from
	// the publisher's approved account to an available one less those back; a debt counts as the available balance that it stands for.
	Turnover(ctx context.Context, p program.ID) (map[string]int64, error)
}

// JournalFilter selects transactions; zero members select all.
type JournalFilter struct {
	Program   program.ID
	Publisher string
	Reason    ledger.Reason
	From, To  time.Time // effective time; To exclusive
}

// RunPages lists payout runs without reading them.
type RunPages interface {
	// Page returns up to limit runs that match a filter as lists tell them, the one drafted last first, then by id; after is the cursor
	// that Page returned before, "" at the beginning, next is "" at the end. It must not take longer with runs that it does not return.
	Page(ctx context.Context, f RunFilter, after string, limit int) (page []RunSummary, next string, err error)
	// Empty returns how many runs are empty, of a program where one is named. It must not take longer with runs that are not.
	Empty(ctx context.Context, p program.ID) (int64, error)
}

// RunFilter selects payout runs; zero members select all.
type RunFilter struct {
	Program program.ID
	Words   string // the id holds it; letters A to Z match a to z, all others only themselves
	Filled  bool   // no empty ones, see RunSummary
}

// RunSummary is what a list tells of a payout run. A run is empty that is closed and paid nobody.
type RunSummary struct {
	ID        string
	Program   program.ID
	State     payout.State
	Currency  money.Currency
	ExecuteOn string // the day the bank is asked to pay on; "": not known yet
	DraftedAt time.Time
	Payments  int   // publishers that are paid: those that were excluded or not sent do not count
	Net       int64 // what the bank is asked to pay, minor units
}

// Empty reports whether the run is closed and paid nobody.
func (r *RunSummary) Empty() bool { return r.State == payout.Closed && r.Payments == 0 }

// SummaryOf is what a list tells of a run.
func SummaryOf(r *payout.Run) RunSummary {
	t := r.Totals()
	return RunSummary{ID: r.ID, Program: r.Program, State: r.State, Currency: r.Currency, ExecuteOn: r.ExecuteOn, DraftedAt: r.Drafted.At, Payments: t.Payments, Net: t.Net}
}

// Payouts are payout runs, their bank files and the bank's answers (M5).
type Payouts interface {
	RunPages
	// PutRun keeps a run or replaces it, if the kept one has the given revision (0: none is kept); otherwise ErrConflict. The
	// first revision is 1, each replacing counts one up.
	PutRun(ctx context.Context, r payout.Run, revision int) error
	// Run returns a run and its revision, or ErrNotFound.
	Run(ctx context.Context, id string) (payout.Run, int, error)
	// Runs returns all runs, the one drafted last first, then by id.
	Runs(ctx context.Context) ([]payout.Run, error)
	// Of returns the payouts of the kept runs that match a filter, those of the run drafted last first, then by run, in the order
	// that they have in it. It must not take longer with the payouts of others.
	Of(ctx context.Context, f PayoutFilter) ([]RunPayout, error)
	// PutFile keeps a bank file of a run, which must be kept already (ErrNotFound); the same file again is no error, the same
	// name with other bytes is ErrConflict.
	PutFile(ctx context.Context, run, name string, data []byte) error
	// File returns a bank file, or ErrNotFound.
	File(ctx context.Context, run, name string) ([]byte, error)
	// PutDetails keeps a publisher's payout details as JSON, with the time of the change, in the place of earlier ones.
	PutDetails(ctx context.Context, publisher string, details []byte, changedAt time.Time) error
	// Details returns all publishers' payout details.
	Details(ctx context.Context) (map[string]PayoutDetails, error)
}

// PayoutFilter selects payouts by their publisher, by their id, or by both; without either it selects none.
type PayoutFilter struct {
	Publisher string
	ID        string
	Program   program.ID // none: of all
}

// RunPayout is a payout as it stands in its run.
type RunPayout struct {
	Run       string
	Program   program.ID
	Currency  money.Currency
	DraftedAt time.Time
	payout.Payout
}

// PayoutDetails are a publisher's payout details as JSON.
type PayoutDetails struct {
	JSON      []byte
	ChangedAt time.Time
}

// Keys are idempotency keys: a call that comes twice is answered as it was the first time.
type Keys interface {
	// Claim looks a key up. Where it is new it is kept with the hash of the call, and found is false. Where it is known with the
	// same hash, the saved answer is returned, or nil where none is saved yet; with another hash it is ErrConflict. Of two
	// transactions that claim a key at once, one waits for the other.
	Claim(ctx context.Context, scope, key string, hash []byte, at time.Time) (answer []byte, found bool, err error)
	// Answer saves the answer of a claimed key; a key that nobody claimed is ErrNotFound.
	Answer(ctx context.Context, scope, key string, answer []byte) error
}
