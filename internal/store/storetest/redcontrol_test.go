package storetest_test

import (
	"cmp"
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
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/store/storetest"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/publisher"
	"github.com/clickledger/clickledger/seller"
)

// A fault is something that a store may get wrong, and the checks that must find it, by how their names begin.
type fault struct {
	name   string
	caught []string
	break_ func(s store.Store) *broken
	forget bool // each opening gives an empty database
}

// role breaks roles of each transaction.
func role(change func(s store.Store, tx *brokenTx)) func(store.Store) *broken {
	return func(s store.Store) *broken {
		return &broken{Store: s, tx: func(s store.Store, tx store.Tx) store.Tx {
			t := &brokenTx{Tx: tx}
			change(s, t)
			return t
		}}
	}
}

func inFacts(f factFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Facts = tx.Tx.Facts(); tx.facts = &f })
}

func inClicks(f clickFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Clicks = tx.Tx.Clicks(); tx.clicks = &f })
}

func inOrders(f orderFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Orders = tx.Tx.Orders(); tx.orders = &f })
}

func inDecisions(f decisionFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Decisions = tx.Tx.Decisions(); tx.decisions = &f })
}

func inLedger(f ledgerFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Ledger = tx.Tx.Ledger(); tx.ledger = &f })
}

func inPayouts(f payoutFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Payouts = tx.Tx.Payouts(); tx.payouts = &f })
}

func inKeys(f keyFaults) func(store.Store) *broken {
	return role(func(_ store.Store, tx *brokenTx) { f := f; f.Keys = tx.Tx.Keys(); tx.keys = &f })
}

func faults() []fault {
	return slices.Concat(transactionFaults(), factAndClickFaults(), orderAndDecisionFaults(), moneyFaults(), platformFaultList(), careFaultList(), sellerFaultList(), deskFaultList(), reportFaultList(), accountFaultList())
}

var errFault = errors.New("a fault")

func transactionFaults() []fault {
	return []fault{
		{name: "forgets everything when it is closed", caught: []string{"Update keeps everything", "the facts that an order was first decided with", "a large record"}, forget: true},
		{name: "commits what failed", caught: []string{"Update undoes everything when its function fails", "Update undoes everything when its context ends", "a key whose transaction was undone"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, update: func(ctx context.Context, s store.Store, do func(store.Tx) error) error {
					var failed error
					err := s.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { failed = do(tx); return nil })
					return errors.Join(failed, err, ctx.Err())
				}}
			}},
		{name: "commits what panicked", caught: []string{"Update undoes everything when its function panics"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, update: func(ctx context.Context, s store.Store, do func(store.Tx) error) error {
					var p any
					err := s.Update(ctx, func(tx store.Tx) error {
						defer func() { p = recover() }()
						return do(tx)
					})
					if p != nil {
						panic(p)
					}
					return err
				}}
			}},
		{name: "goes on after an error of the database", caught: []string{"Update commits nothing after an error that was kept"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				return s.Insert(ctx, cs)
			}})},
		{name: "enters clicks one by one", caught: []string{"a method that fails with a kind of error", "a known click with other contents"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				var all []*click.Click
				for _, c := range cs {
					fresh, err := s.Insert(ctx, []*click.Click{c})
					if err != nil {
						return nil, err
					}
					all = append(all, fresh...)
				}
				return all, nil
			}})},
		{name: "writes in views", caught: []string{"View does not write"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, view: func(ctx context.Context, s store.Store, do func(store.Tx) error) error { return s.Update(ctx, do) }}
			}},
		{name: "reads each time what was committed last", caught: []string{"View sees one state"},
			break_: role(func(s store.Store, tx *brokenTx) {
				tx.ledger = &ledgerFaults{Ledger: tx.Tx.Ledger(), book: func(ctx context.Context, _ store.Ledger) (b *ledger.Book, err error) {
					err = s.View(ctx, func(tx store.Tx) error {
						b, err = tx.Ledger().Book(ctx)
						return err
					})
					return b, err
				}}
			})},
		{name: "hands a transaction out after its end", caught: []string{"a transaction cannot be used after its end"},
			break_: role(func(s store.Store, tx *brokenTx) {
				tx.ledger = &ledgerFaults{Ledger: tx.Tx.Ledger(), book: func(ctx context.Context, l store.Ledger) (*ledger.Book, error) {
					if b, err := l.Book(ctx); err == nil {
						return b, nil
					}
					return new(ledger.Book), nil
				}}
			})},
		{name: "works when it is closed", caught: []string{"after Close everything fails", "Close waits"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, close: func(store.Store) error { return nil }}
			}},
		{name: "does not answer", caught: []string{"Ping answers"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, ping: func(context.Context, store.Store) error { return errFault }}
			}},
		{name: "runs a function twice and commits both", caught: []string{"of writers that enter the same order event", "writers that enter the same clicks", "a lock keeps others out"},
			break_: func(s store.Store) *broken {
				return &broken{Store: s, update: func(ctx context.Context, s store.Store, do func(store.Tx) error) error {
					if err := s.Update(ctx, do); err != nil {
						return err
					}
					return s.Update(ctx, do)
				}}
			}},
	}
}

func factAndClickFaults() []fault {
	folded := func(s string) bool { return s != fold(s) }
	return []fault{
		{name: "orders versions of documents as text", caught: []string{"documents come back"},
			break_: inFacts(factFaults{documents: func(ds []store.Document) []store.Document {
				slices.SortFunc(ds, func(a, b store.Document) int {
					return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(fmt.Sprint(a.Version), fmt.Sprint(b.Version)))
				})
				return ds
			}})},
		{name: "lets a published version change", caught: []string{"a published version never changes", "of writers that publish different texts"},
			break_: inFacts(factFaults{putDocument: func(ctx context.Context, s store.Facts, d store.Document) error {
				return swallow(s.PutDocument(ctx, d), store.ErrConflict)
			}})},
		{name: "forgets when an ad space was blocked", caught: []string{"ad spaces come back", "any text comes back"},
			break_: inFacts(factFaults{spaces: func(all []*publisher.AdSpace) []*publisher.AdSpace {
				for _, s := range all {
					s.BlockedAt = time.Time{}
				}
				return all
			}})},
		{name: "keeps the first of two ad spaces", caught: []string{"ad spaces replace"},
			break_: inFacts(factFaults{putSpaces: reversed[*publisher.AdSpace]})},
		{name: "forgets a product's campaigns", caught: []string{"the catalogue comes back"},
			break_: inFacts(factFaults{offered: func(all []*catalog.Product) []*catalog.Product {
				for _, p := range all {
					p.Campaigns = nil
				}
				return all
			}})},
		{name: "keeps the first of two products", caught: []string{"products and stores replace"},
			break_: inFacts(factFaults{products: reversed[*catalog.Product]})},
		{name: "rounds exchange rates", caught: []string{"exchange rates come back"},
			break_: inFacts(factFaults{quotes: func(qs []store.Quote) []store.Quote {
				for i := range qs {
					if s := qs[i].Rate.String(); len(s) > 15 {
						qs[i].Rate = money.MustRate(s[:15])
					}
				}
				return qs
			}})},
		{name: "compares exchange rates as text", caught: []string{"an exchange rate never changes"},
			break_: inFacts(factFaults{putQuotes: func(ctx context.Context, s store.Facts, qs []store.Quote) error {
				for _, a := range qs {
					for _, b := range qs {
						if a.Day == b.Day && a.Base == b.Base && a.Quoted == b.Quoted && a.Rate.String() != b.Rate.String() {
							return store.ErrConflict
						}
					}
				}
				return s.PutQuotes(ctx, qs)
			}})},
		{name: "orders stores as people do", caught: []string{"text is ordered byte by byte"},
			break_: inFacts(factFaults{stores: func(all []*seller.Store) []*seller.Store {
				slices.SortStableFunc(all, func(a, b *seller.Store) int { return cmp.Compare(fold(a.ID), fold(b.ID)) })
				return all
			}})},
		{name: "calls every click fresh", caught: []string{"Clicks.Insert returns those that were not there", "10,000 clicks"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				_, err := s.Insert(ctx, cs)
				return cs, err
			}})},
		{name: "rounds the time of clicks to milliseconds", caught: []string{"Clicks.Insert returns those that were not there", "a known click with other contents"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.At = c.At.Round(time.Millisecond) }))
			}})},
		{name: "finds a click twice", caught: []string{"Clicks.ForOrders finds"},
			break_: inClicks(clickFaults{found: func(ws []store.TouchWish, found [][]*click.Click) {
				for i, w := range ws {
					for _, c := range found[i] {
						if c.ID == w.Click {
							found[i] = append(found[i], c)
							break
						}
					}
				}
			}})},
		{name: "takes nobody for a visitor", caught: []string{"an empty visitor or click id"},
			break_: inClicks(clickFaults{
				insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
					return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.Visitor = cmp.Or(c.Visitor, "nobody") }))
				},
				wishes: func(ws []store.TouchWish) []store.TouchWish {
					ws = slices.Clone(ws)
					for i := range ws {
						ws[i].Visitor = cmp.Or(ws[i].Visitor, "nobody")
					}
					return ws
				},
			})},
		{name: "counts clicks before a time only", caught: []string{"Clicks.Count counts"},
			break_: inClicks(clickFaults{until: func(t time.Time) time.Time { return t.Add(-time.Microsecond) }})},
		{name: "compares visitors without case", caught: []string{"text that looks alike"},
			break_: inClicks(clickFaults{
				insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
					return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.Visitor = fold(c.Visitor) }))
				},
				wishes: func(ws []store.TouchWish) []store.TouchWish {
					ws = slices.Clone(ws)
					for i := range ws {
						ws[i].Visitor = fold(ws[i].Visitor)
					}
					return ws
				},
			})},
		{name: "takes click ids for equal that end in spaces", caught: []string{"text that looks alike"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.ID = strings.TrimRight(c.ID, " ") }))
			}})},
		{name: "replaces text that is not UTF-8", caught: []string{"text that one engine cannot keep"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.ID = strings.ToValidUTF8(c.ID, "?") }))
			}})},
		{name: "cuts keys off", caught: []string{"keys that one engine cannot keep"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				return s.Insert(ctx, changedClicks(cs, func(c *click.Click) { c.ID = c.ID[:min(len(c.ID), store.MaxKey)] }))
			}})},
		{name: "takes times as they wrap around", caught: []string{"times outside the years"},
			break_: inClicks(clickFaults{insert: func(ctx context.Context, s store.Clicks, cs []*click.Click) ([]*click.Click, error) {
				return s.Insert(ctx, changedClicks(cs, func(c *click.Click) {
					if y := c.At.Year(); y < 1 || y > 9999 {
						c.At = time.Unix(0, 0)
					}
				}))
			}})},
		{name: "folds any text", caught: []string{"any text comes back"},
			break_: inFacts(factFaults{documents: func(ds []store.Document) []store.Document {
				for i := range ds {
					if folded(ds[i].Text) {
						ds[i].Text = fold(ds[i].Text)
					}
				}
				return ds
			}})},
	}
}

func orderAndDecisionFaults() []fault {
	return []fault{
		{name: "calls every event fresh", caught: []string{"an event that was reported before", "of writers that enter the same order event", "10,000 order events"},
			break_: inOrders(orderFaults{insert: func(ctx context.Context, s store.Orders, events []order.Event, at time.Time) ([]bool, error) {
				_, err := s.InsertEvents(ctx, events, at)
				return slices.Repeat([]bool{true}, len(events)), err
			}})},
		{name: "gives events the latest first", caught: []string{"order events come back"}, break_: inOrders(orderFaults{events: reversed[order.Event]})},
		{name: "gives events as they came", caught: []string{"the order of events does not depend"},
			break_: func(s store.Store) *broken {
				var came []string
				place := func(e order.Event) int { return slices.Index(came, e.Fingerprint()) }
				return role(func(_ store.Store, tx *brokenTx) {
					tx.orders = &orderFaults{
						Orders: tx.Tx.Orders(),
						insert: func(ctx context.Context, s store.Orders, events []order.Event, at time.Time) ([]bool, error) {
							for _, e := range events {
								came = append(slices.DeleteFunc(came, func(f string) bool { return f == e.Fingerprint() }), e.Fingerprint())
							}
							return s.InsertEvents(ctx, events, at)
						},
						events: func(events []order.Event) []order.Event {
							return slices.SortedStableFunc(slices.Values(events), func(a, b order.Event) int {
								return cmp.Or(a.At.Compare(b.At), cmp.Compare(place(a), place(b)))
							})
						},
					}
				})(s)
			}},
		{name: "finds orders due only after their time", caught: []string{"Orders.Due returns"},
			break_: inOrders(orderFaults{due: func(ctx context.Context, s store.Orders, at time.Time, limit int) ([]order.Key, error) {
				return s.Due(ctx, at.Add(-time.Microsecond), limit)
			}})},
		{name: "keeps the first note of an order", caught: []string{"Orders.SetNext replaces"}, break_: inOrders(orderFaults{setNext: reversed[store.OrderNext]})},
		{name: "forgets the click that an order names", caught: []string{"Orders.Touched returns", "Orders.SetNext replaces"},
			break_: inOrders(orderFaults{setNext: func(next []store.OrderNext) []store.OrderNext {
				next = slices.Clone(next)
				for i := range next {
					next[i].Click = ""
				}
				return next
			}})},
		{name: "takes an order's facts as they are now", caught: []string{"the facts that an order was first decided with", "of writers that pin facts"},
			break_: inOrders(orderFaults{pin: func(ctx context.Context, s store.Orders, pins []store.FactPin) ([][]byte, error) {
				out, err := s.PinFacts(ctx, pins)
				for i := range out {
					if pins[i].JSON != nil {
						out[i] = pins[i].JSON
					}
				}
				return out, err
			}})},
		{name: "reads items by their names", caught: []string{"decision records come back"},
			break_: inDecisions(decisionFaults{newest: func(rs []store.Record) []store.Record {
				slices.SortFunc(rs, func(a, b store.Record) int { return cmp.Compare(a.Item, b.Item) })
				return rs
			}})},
		{name: "takes a record for news that was only decided later", caught: []string{"a record that says nothing new"},
			break_: inDecisions(decisionFaults{put: func(ctx context.Context, s store.Decisions, rs []store.Record) error {
				rs = slices.Clone(rs)
				for i := range rs {
					rs[i].JSON = append(slices.Clone(rs[i].JSON), rs[i].DecidedAt.String()...)
				}
				return s.Put(ctx, rs)
			}})},
		{name: "forgets which store sold an item", caught: []string{"Decisions.Items says"},
			break_: inDecisions(decisionFaults{items: func(rs []store.ItemRow) []store.ItemRow {
				for i := range rs {
					rs[i].Origin.Store = ""
				}
				return rs
			}})},
		{name: "orders history by the time of deciding", caught: []string{"Decisions.History returns"},
			break_: inDecisions(decisionFaults{history: func(rs []store.Record) []store.Record {
				slices.SortStableFunc(rs, func(a, b store.Record) int { return a.DecidedAt.Compare(b.DecidedAt) })
				return rs
			}})},
		{name: "loses the history", caught: []string{"writers that decide one item"},
			break_: inDecisions(decisionFaults{history: func(rs []store.Record) []store.Record { return rs[max(0, len(rs)-1):] }})},
		{name: "begins a page with the last record of the one before", caught: []string{"Decisions.Page goes", "10,000 decision records"},
			break_: func(s store.Store) *broken {
				var last []store.Record
				return inDecisions(decisionFaults{page: func(ctx context.Context, s store.Decisions, f store.RecordFilter, after string, limit int) ([]store.Record, string, error) {
					rs, next, err := s.Page(ctx, f, after, limit)
					if after != "" && len(last) > 0 && len(rs) > 0 {
						rs[0] = last[len(last)-1]
					}
					last = rs
					return rs, next, err
				}})(s)
			}},
		{name: "ignores the end of a filter", caught: []string{"Decisions.Page filters"},
			break_: inDecisions(decisionFaults{page: func(ctx context.Context, s store.Decisions, f store.RecordFilter, after string, limit int) ([]store.Record, string, error) {
				f.To = time.Time{}
				return s.Page(ctx, f, after, limit)
			}})},
		{name: "counts pages in records", caught: []string{"no page shifts"},
			break_: inDecisions(decisionFaults{page: func(ctx context.Context, s store.Decisions, f store.RecordFilter, after string, limit int) ([]store.Record, string, error) {
				var skip int
				fmt.Sscan(after, &skip)
				rs, _, err := s.Page(ctx, f, "", skip+limit+1)
				rs = rs[min(skip, len(rs)):]
				if len(rs) <= limit {
					return rs, "", err
				}
				return rs[:limit], fmt.Sprint(skip + limit), err
			}})},
		{name: "forgets what cases keep back", caught: []string{"Decisions.Open is"}, break_: inDecisions(decisionFaults{open: func(o *store.OpenItem) { o.Held = false }})},
		{name: "counts hidden items", caught: []string{"Decisions.Sums adds up"},
			break_: inDecisions(decisionFaults{sums: func(all []store.StateSum) []store.StateSum {
				for i := range all {
					all[i].Shown = all[i].Items
				}
				return all
			}})},
		{name: "adds up in floating point", caught: []string{"sums of decisions are exact"},
			break_: inDecisions(decisionFaults{sums: func(all []store.StateSum) []store.StateSum {
				for i := range all {
					all[i].Amount = int64(float64(all[i].Amount))
				}
				return all
			}})},
	}
}

func moneyFaults() []fault {
	return []fault{
		{name: "forgets which transaction is undone", caught: []string{"transactions come back"},
			break_: inLedger(ledgerFaults{page: func(ctx context.Context, s store.Ledger, f store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error) {
				ts, next, err := s.Page(ctx, f, after, limit)
				for i := range ts {
					ts[i].Corrects = ""
				}
				return ts, next, err
			}})},
		{name: "forgets that causes are unique", caught: []string{"a cause is booked once", "of writers that book the same cause"},
			break_: inLedger(ledgerFaults{post: func(ctx context.Context, s store.Ledger, ts []ledger.Transaction) error {
				return swallow(s.Post(ctx, ts), store.ErrConflict)
			}})},
		{name: "books one by one", caught: []string{"transactions that cannot be booked", "a method that fails with a kind of error"},
			break_: inLedger(ledgerFaults{post: func(ctx context.Context, s store.Ledger, ts []ledger.Transaction) error {
				for i := range ts {
					if err := s.Post(ctx, ts[i:i+1]); err != nil {
						return err
					}
				}
				return nil
			}})},
		{name: "books in another order", caught: []string{"transactions come back", "10,000 transactions"},
			break_: inLedger(ledgerFaults{post: func(ctx context.Context, s store.Ledger, ts []ledger.Transaction) error {
				return s.Post(ctx, reversed(ts))
			}})},
		{name: "knows no limits", caught: []string{"no account passes its limit", "a balance cannot be spent twice"},
			break_: inLedger(ledgerFaults{post: func(ctx context.Context, s store.Ledger, ts []ledger.Transaction) error {
				err := s.Post(ctx, ts)
				var limit *ledger.LimitError
				if errors.As(err, &limit) {
					return nil
				}
				return err
			}})},
		{name: "has one balance for all currencies", caught: []string{"balances follow the journal"},
			break_: inLedger(ledgerFaults{currency: func(money.Currency) money.Currency { return "TRY" }})},
		{name: "lets a balance drift", caught: []string{"balances are right whoever books"},
			break_: inLedger(ledgerFaults{book: func(ctx context.Context, s store.Ledger) (*ledger.Book, error) {
				b, err := s.Book(ctx)
				if err == nil {
					for _, k := range b.Lines()[:1] {
						b.Set(k.Account, k.Currency, b.Balance(k.Account, k.Currency)+1)
					}
				}
				return b, err
			}})},
		{name: "adds balances up in floating point", caught: []string{"balances are exact"},
			break_: inLedger(ledgerFaults{book: func(ctx context.Context, s store.Ledger) (*ledger.Book, error) {
				b, err := s.Book(ctx)
				if err == nil {
					for _, k := range b.Lines() {
						b.Set(k.Account, k.Currency, int64(float64(b.Balance(k.Account, k.Currency))))
					}
				}
				return b, err
			}})},
		{name: "gives the transactions of all orders together", caught: []string{"Ledger.OfOrders returns"},
			break_: inLedger(ledgerFaults{ofOrders: func(all [][]ledger.Transaction) [][]ledger.Transaction {
				for i := range all {
					all[i] = slices.Concat(all...)
				}
				return all
			}})},
		{name: "takes the end of a period for inclusive", caught: []string{"Ledger.Page filters"},
			break_: inLedger(ledgerFaults{page: func(ctx context.Context, s store.Ledger, f store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error) {
				if !f.To.IsZero() {
					f.To = f.To.Add(time.Microsecond)
				}
				return s.Page(ctx, f, after, limit)
			}})},
		{name: "skips a transaction of each page", caught: []string{"whoever follows the journal"},
			break_: inLedger(ledgerFaults{page: func(ctx context.Context, s store.Ledger, f store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error) {
				ts, next, err := s.Page(ctx, f, after, limit)
				return ts[min(1, len(ts)):], next, err
			}})},
		{name: "counts a reversal as approved", caught: []string{"Ledger.Turnover is"},
			break_: inLedger(ledgerFaults{turnover: func(m map[string]int64) {
				for k := range m {
					m[k] += 60
				}
			}})},
		{name: "forgets the answers of the bank", caught: []string{"payout runs come back"},
			break_: inPayouts(payoutFaults{run: func(r payout.Run) payout.Run {
				for i := range r.Payouts {
					r.Payouts[i].Answers = nil
				}
				return r
			}})},
		{name: "takes any revision", caught: []string{"a payout run is replaced at its revision", "of writers that replace the same revision", "of writers that open the same payout run"},
			break_: inPayouts(payoutFaults{putRun: func(ctx context.Context, s store.Payouts, r payout.Run, revision int) error {
				return swallow(s.PutRun(ctx, r, revision), store.ErrConflict)
			}})},
		{name: "gives runs the oldest first", caught: []string{"Payouts.Runs returns"}, break_: inPayouts(payoutFaults{runs: reversed[payout.Run]})},
		{name: "counts runs as empty that are not closed", caught: []string{"Payouts.Page lists"}, break_: inPayouts(payoutFaults{empty: func(n int64) int64 { return n + 1 }})},
		{name: "lists runs with one payment more", caught: []string{"Payouts.Page lists"}, break_: inPayouts(payoutFaults{page: func(r *store.RunSummary) { r.Payments++ }})},
		{name: "gives payouts the oldest first", caught: []string{"Payouts.Of returns"}, break_: inPayouts(payoutFaults{of: reversed[store.RunPayout]})},
		{name: "keeps a publisher's payouts as they were first", caught: []string{"Payouts.Of agrees"},
			break_: inPayouts(payoutFaults{of: func(ps []store.RunPayout) []store.RunPayout {
				for i := range ps {
					ps[i].Status = payout.Sent
				}
				return ps
			}})},
		{name: "lets a bank file change", caught: []string{"a bank file never changes"},
			break_: inPayouts(payoutFaults{putFile: func(ctx context.Context, s store.Payouts, run, name string, data []byte) error {
				return swallow(s.PutFile(ctx, run, name, data), store.ErrConflict)
			}})},
		{name: "rounds the time of a change to seconds", caught: []string{"payout details come back"},
			break_: inPayouts(payoutFaults{details: func(m map[string]store.PayoutDetails) {
				for k, d := range m {
					d.ChangedAt = d.ChangedAt.Truncate(time.Second)
					m[k] = d
				}
			}})},
		{name: "finds no key", caught: []string{"a key is new once", "of writers that claim the same key"},
			break_: inKeys(keyFaults{claim: func(ctx context.Context, s store.Keys, scope, key string, hash []byte, at time.Time) ([]byte, bool, error) {
				_, _, err := s.Claim(ctx, scope, key, hash, at)
				return nil, false, err
			}})},
		{name: "forgets what call a key was for", caught: []string{"a key of another call"},
			break_: inKeys(keyFaults{claim: func(ctx context.Context, s store.Keys, scope, key string, _ []byte, at time.Time) ([]byte, bool, error) {
				return s.Claim(ctx, scope, key, nil, at)
			}})},
	}
}

// opener opens databases of a test, broken where a fault is given.
func opener(t testing.TB, f *fault) storetest.Opener {
	dir, n := t.TempDir(), 0
	return func(ctx context.Context) (store.Store, error) {
		name := "store.db"
		if f != nil && f.forget {
			n++
			name = fmt.Sprint("store", n, ".db")
		}
		s, err := sqlite.Open(ctx, filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if f == nil || f.break_ == nil {
			return s, nil
		}
		b := f.break_(s)
		t.Cleanup(func() { s.Close() }) // where Close is what is broken
		return b, nil
	}
}

// Every check is seen to fail: on a store with a fault that it must find.
func TestRedControls(t *testing.T) {
	proved := map[string]bool{}
	for _, f := range faults() {
		for _, prefix := range f.caught {
			var found []storetest.Check
			for _, c := range storetest.Checks() {
				if strings.HasPrefix(c.Name, prefix) {
					found = append(found, c)
				}
			}
			if len(found) != 1 {
				t.Errorf("%d checks begin with %q, want 1", len(found), prefix)
				continue
			}
			proved[found[0].Name] = true
			t.Run(f.name+"/"+prefix, func(t *testing.T) {
				t.Parallel()
				failures := found[0].Failures(t, opener(t, &f))
				if len(failures) == 0 {
					t.Errorf("the check %q does not find that the store %s", found[0].Name, f.name)
				} else if testing.Verbose() {
					t.Logf("found: %.200s", failures[0])
				}
			})
		}
	}
	for _, c := range storetest.Checks() {
		if !proved[c.Name] {
			t.Errorf("no fault shows that the check %q can fail", c.Name)
		}
	}
}

// A sound store passes a check that is run for its failures.
func TestFailuresOfASoundStore(t *testing.T) {
	for _, c := range storetest.Checks()[:3] {
		if failures := c.Failures(t, opener(t, nil)); len(failures) > 0 {
			t.Errorf("%s: %v", c.Name, failures)
		}
	}
}
