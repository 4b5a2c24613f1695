package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/order"
	"github.com/clickledger/clickledger/program"
)

type journal struct{ *Tx }

// account is a row of accounts.
type account struct {
	id, balance, turnover int64
	fresh                 bool // not in the table yet
}

// Post implements store.Ledger. One transaction at a time books: so places in the journal have no gaps and become visible in
// their order, and a balance that was read stays what it is until it is written.
func (t journal) Post(ctx context.Context, ts []ledger.Transaction) error {
	if len(ts) == 0 {
		return nil
	}
	if err := checkTransactions(ts); err != nil {
		return err
	}
	if err := t.LockName(ctx, "journal"); err != nil {
		return fmt.Errorf("waiting for the journal: %w", err)
	}
	if err := t.unbooked(ctx, ts); err != nil {
		return err
	}
	keys := concerned(ts)
	accounts, err := t.accounts(ctx, keys)
	if err != nil {
		return fmt.Errorf("reading balances: %w", err)
	}
	var book ledger.Book
	for k, a := range accounts {
		book.Set(k.Account, k.Currency, a.balance)
	}
	for i := range ts {
		if err := book.Post(&ts[i]); err != nil {
			return err
		}
	}
	seq, id, err := t.last(ctx)
	if err != nil {
		return fmt.Errorf("reading the end of the journal: %w", err)
	}
	entering := enterStatement(ts, seq)
	if err := t.Check(&entering); err != nil { // nothing is written where something is invalid
		return err
	}
	for _, k := range keys {
		a := accounts[k]
		if a == nil {
			id++
			a = &account{id: id, fresh: true}
			accounts[k] = a
		}
		a.balance = book.Balance(k.Account, k.Currency)
	}
	if err := turn(accounts, ts); err != nil {
		return err
	}
	if err := t.keepAccounts(ctx, keys, accounts); err != nil {
		return fmt.Errorf("keeping balances: %w", err)
	}
	if err := t.Enter(ctx, entering); err != nil {
		return fmt.Errorf("entering transactions: %w", err)
	}
	if err := t.enterMovements(ctx, ts, seq, accounts); err != nil {
		return fmt.Errorf("entering movements: %w", err)
	}
	return sqlreport.TallyIncome(ctx, t.Tx.Tx, ts)
}

// checkTransactions refuses what cannot be booked, whatever the journal holds.
func checkTransactions(ts []ledger.Transaction) error {
	causes := make(map[string]bool, len(ts))
	for i := range ts {
		x := &ts[i]
		if err := x.Validate(); err != nil {
			return fmt.Errorf("%w: %w", err, store.ErrInvalid)
		}
		if x.ID == "" {
			return fmt.Errorf("transaction %s has no id: %w", x.Cause, store.ErrInvalid)
		}
		if causes[x.Cause] {
			return alreadyBooked(x.Cause)
		}
		causes[x.Cause] = true
		for _, cause := range [...]string{x.Cause, x.Corrects} {
			if err := sqltx.CheckKey("cause", cause, store.MaxCause); err != nil {
				return err
			}
		}
		for _, m := range x.Movements {
			for _, a := range [2]ledger.Account{m.From, m.To} {
				for _, s := range [2]string{string(a.Program), a.Owner} {
					if err := sqltx.CheckKey("account", s, store.MaxKey); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func alreadyBooked(cause string) error {
	return fmt.Errorf("transaction %s is booked already: %w", cause, store.ErrConflict)
}

// concerned are the accounts that transactions touch, in the order of the ledger's lines.
func concerned(ts []ledger.Transaction) []ledger.Key {
	var book ledger.Book
	for i := range ts {
		for _, m := range ts[i].Movements {
			book.Set(m.From, ts[i].Currency, 0)
			book.Set(m.To, ts[i].Currency, 0)
		}
	}
	return book.Lines()
}

// turn adds up what transactions moved from approved to available and back. A debt stands for the available balance that it
// makes up for: what a reversal takes as a debt was taken back all the same.
func turn(accounts map[ledger.Key]*account, ts []ledger.Transaction) error {
	for i := range ts {
		for _, m := range ts[i].Movements {
			approved, amount := m.From, m.Amount
			if onBalance(m.From.Kind) && m.To.Kind == ledger.Approved {
				approved, amount = m.To, -m.Amount
			} else if m.From.Kind != ledger.Approved || !onBalance(m.To.Kind) {
				continue
			}
			a := accounts[ledger.Key{Account: approved, Currency: ts[i].Currency}]
			sum, err := money.Add(a.turnover, amount)
			if err != nil {
				return fmt.Errorf("turnover of %v: %w", approved, err)
			}
			a.turnover = sum
		}
	}
	return nil
}

func onBalance(k ledger.Kind) bool { return k == ledger.Available || k == ledger.Clawback }

// unbooked refuses transactions whose cause is booked.
func (t journal) unbooked(ctx context.Context, ts []ledger.Transaction) error {
	var booked string
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.unbooked
WITH r AS ({rows})
SELECT t.cause FROM r CROSS JOIN transactions t WHERE t.cause = r.cause`,
		Rows: []sqltx.Column{sqltx.TextOf("cause", len(ts), func(i int) string { return ts[i].Cause })},
	}, func(scan func(...any) error) error { return scan(&booked) })
	if err != nil {
		return fmt.Errorf("looking for causes: %w", err)
	}
	if booked != "" {
		return alreadyBooked(booked)
	}
	return nil
}

// accountColumns name accounts.
func accountColumns(keys []ledger.Key) []sqltx.Column {
	n := len(keys)
	return []sqltx.Column{
		sqltx.TextOf("kind", n, func(i int) string { return keys[i].Account.Kind.String() }),
		sqltx.Key("program", n, func(i int) program.ID { return keys[i].Account.Program }),
		sqltx.Key("owner", n, func(i int) string { return keys[i].Account.Owner }),
		sqltx.TextOf("currency", n, func(i int) money.Currency { return keys[i].Currency }),
	}
}

// accounts are the rows of accounts that were posted to before.
func (t journal) accounts(ctx context.Context, keys []ledger.Key) (map[ledger.Key]*account, error) {
	found := make(map[ledger.Key]*account, len(keys))
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.accounts
WITH r AS ({rows})
SELECT r.n, a.id, a.balance, a.turnover FROM r CROSS JOIN accounts a
WHERE a.kind = r.kind AND a.program = r.program AND a.owner = r.owner AND a.currency = r.currency`,
		Rows: accountColumns(keys),
	}, func(scan func(...any) error) error {
		var n int64
		var a account
		err := scan(&n, &a.id, &a.balance, &a.turnover)
		found[keys[n]] = &a
		return err
	})
	return found, err
}

// last is the last place of the journal and the last id of an account.
func (t journal) last(ctx context.Context) (seq, id int64, err error) {
	_, err = t.One(ctx, sqltx.Statement{
		SQL: `-- journal.last
SELECT COALESCE((SELECT MAX(seq) FROM transactions), 0), COALESCE((SELECT MAX(id) FROM accounts), 0)`,
	}, &seq, &id)
	return seq, id, err
}

func (t journal) keepAccounts(ctx context.Context, keys []ledger.Key, accounts map[ledger.Key]*account) error {
	var fresh, known []ledger.Key
	for _, k := range keys {
		if accounts[k].fresh {
			fresh = append(fresh, k)
		} else {
			known = append(known, k)
		}
	}
	columns := func(keys []ledger.Key) []sqltx.Column {
		n := len(keys)
		return []sqltx.Column{
			sqltx.Number("id", n, func(i int) int64 { return accounts[keys[i]].id }),
			sqltx.Number("balance", n, func(i int) int64 { return accounts[keys[i]].balance }),
			sqltx.Number("turnover", n, func(i int) int64 { return accounts[keys[i]].turnover }),
		}
	}
	if len(fresh) > 0 {
		err := t.Enter(ctx, sqltx.Statement{
			SQL: `-- journal.keepAccounts
WITH r AS ({rows})
INSERT INTO accounts (id, kind, program, owner, currency, balance, turnover)
SELECT id, kind, program, owner, currency, balance, turnover FROM r WHERE true
ON CONFLICT DO NOTHING`,
			Rows: append(accountColumns(fresh), columns(fresh)...),
		})
		if err != nil {
			return err
		}
	}
	if len(known) == 0 {
		return nil
	}
	return t.Enter(ctx, sqltx.Statement{
		SQL: `-- journal.keepAccounts
WITH r AS ({rows})
UPDATE accounts SET balance = r.balance, turnover = r.turnover FROM r WHERE accounts.id = r.id`,
		Rows: columns(known),
	})
}

func enterStatement(ts []ledger.Transaction, seq int64) sqltx.Statement {
	n := len(ts)
	return sqltx.Statement{
		SQL: `-- journal.Post
WITH r AS ({rows})
INSERT INTO transactions (seq, id, cause, reason, program, publisher, order_id, item, currency, effective_at, recorded_at, corrects)
SELECT seq, id, cause, reason, program, publisher, order_id, item, currency, effective_at, recorded_at, corrects FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Number("seq", n, func(i int) int64 { return seq + 1 + int64(i) }),
			sqltx.TextOf("id", n, func(i int) string { return ts[i].ID }),
			sqltx.TextOf("cause", n, func(i int) string { return ts[i].Cause }),
			sqltx.TextOf("reason", n, func(i int) ledger.Reason { return ts[i].Reason }),
			sqltx.Key("program", n, func(i int) program.ID { return ts[i].Program }),
			sqltx.Key("publisher", n, func(i int) string { return ts[i].Publisher }),
			sqltx.Key("order_id", n, func(i int) string { return ts[i].Order }),
			sqltx.TextOf("item", n, func(i int) string { return ts[i].Item }),
			sqltx.TextOf("currency", n, func(i int) money.Currency { return ts[i].Currency }),
			sqltx.When("effective_at", n, func(i int) time.Time { return ts[i].EffectiveAt }),
			sqltx.When("recorded_at", n, func(i int) time.Time { return ts[i].RecordedAt }),
			sqltx.TextOf("corrects", n, func(i int) string { return ts[i].Corrects }),
		},
	}
}

func (t journal) enterMovements(ctx context.Context, ts []ledger.Transaction, seq int64, accounts map[ledger.Key]*account) error {
	type movement struct{ seq, position, from, to, amount int64 }
	var ms []movement
	for i := range ts {
		id := func(a ledger.Account) int64 { return accounts[ledger.Key{Account: a, Currency: ts[i].Currency}].id }
		for j, m := range ts[i].Movements {
			ms = append(ms, movement{seq + 1 + int64(i), int64(j), id(m.From), id(m.To), m.Amount})
		}
	}
	n := len(ms)
	return t.Enter(ctx, sqltx.Statement{
		SQL: `-- journal.enterMovements
WITH r AS ({rows})
INSERT INTO movements (seq, position, from_account, to_account, amount)
SELECT seq, position, from_account, to_account, amount FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Number("seq", n, func(i int) int64 { return ms[i].seq }),
			sqltx.Number("position", n, func(i int) int64 { return ms[i].position }),
			sqltx.Number("from_account", n, func(i int) int64 { return ms[i].from }),
			sqltx.Number("to_account", n, func(i int) int64 { return ms[i].to }),
			sqltx.Number("amount", n, func(i int) int64 { return ms[i].amount }),
		},
	})
}

// transactionColumns is what scanTransaction reads, of transactions as t with movements as m between accounts f and g.
const transactionColumns = `t.seq, t.id, t.cause, t.reason, t.program, t.publisher, t.order_id, t.item, t.currency, t.effective_at, t.recorded_at,
	t.corrects, f.kind, f.program, f.owner, g.kind, g.program, g.owner, m.amount`

// transactionJoins bind movements and accounts to transactions.
const transactionJoins = `m.seq = t.seq AND f.id = m.from_account AND g.id = m.to_account`

// entry is a transaction with one of its movements, as a row has them.
type entry struct {
	seq int64
	ledger.Transaction
	movement ledger.Movement
}

// scanEntry reads an entry that stands behind the first destinations.
func scanEntry(scan func(...any) error, first ...any) (entry, error) {
	var e entry
	var effective, recorded int64
	var from, to string
	m := &e.movement
	err := scan(append(first, &e.seq, &e.ID, &e.Cause, &e.Reason, &e.Program, &e.Publisher, &e.Order, &e.Item, &e.Currency, &effective, &recorded,
		&e.Corrects, &from, &m.From.Program, &m.From.Owner, &to, &m.To.Program, &m.To.Owner, &m.Amount)...)
	if err != nil {
		return e, err
	}
	if m.From.Kind, err = ledger.ParseKind(from); err != nil {
		return e, err
	}
	m.To.Kind, err = ledger.ParseKind(to)
	e.EffectiveAt, e.RecordedAt = sqltx.Instant(effective), sqltx.Instant(recorded)
	return e, err
}

// entries puts transactions together from rows that stand in the order of their places.
type entries struct {
	ts  []ledger.Transaction
	seq []int64 // their places
}

func (es *entries) add(e *entry) {
	if n := len(es.seq); n == 0 || es.seq[n-1] != e.seq {
		es.ts, es.seq = append(es.ts, e.Transaction), append(es.seq, e.seq)
	}
	last := &es.ts[len(es.ts)-1]
	last.Movements = append(last.Movements, e.movement)
}

// OfOrders implements store.Ledger.
func (t journal) OfOrders(ctx context.Context, keys []order.Key) ([][]ledger.Transaction, error) {
	n := len(keys)
	out := make([][]ledger.Transaction, n)
	if n == 0 {
		return out, nil
	}
	found := make([]entries, n)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.OfOrders
WITH r AS ({rows})
SELECT r.n, ` + transactionColumns + `
FROM r CROSS JOIN transactions t CROSS JOIN movements m CROSS JOIN accounts f CROSS JOIN accounts g
WHERE t.program = r.program AND t.order_id = r.order_id AND ` + transactionJoins + `
ORDER BY r.n, t.seq, m.position`,
		Rows: keyColumns(n, func(i int) order.Key { return keys[i] }),
	}, func(scan func(...any) error) error {
		var i int64
		e, err := scanEntry(scan, &i)
		if err == nil {
			found[i].add(&e)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the journal of orders: %w", err)
	}
	for i := range found {
		out[i] = found[i].ts
	}
	return out, nil
}

// Balances implements store.Ledger.
func (t journal) Balances(ctx context.Context, c money.Currency, accounts []ledger.Account) ([]int64, error) {
	balances := make([]int64, len(accounts))
	if len(accounts) == 0 {
		return balances, nil
	}
	keys := make([]ledger.Key, len(accounts))
	for i, a := range accounts {
		keys[i] = ledger.Key{Account: a, Currency: c}
	}
	found, err := t.accounts(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading balances: %w", err)
	}
	for i, k := range keys {
		if a := found[k]; a != nil {
			balances[i] = a.balance
		}
	}
	return balances, nil
}

// Book implements store.Ledger.
func (t journal) Book(ctx context.Context) (*ledger.Book, error) {
	return t.book(ctx, "reading balances", `-- journal.Book
SELECT kind, program, owner, currency, balance >> 32, balance & 4294967295 FROM accounts`)
}

// Rebuild implements store.Ledger.
func (t journal) Rebuild(ctx context.Context) (*ledger.Book, error) {
	return t.book(ctx, "adding up the journal", `-- journal.Rebuild
WITH p (account, high, low) AS (
	SELECT account, `+halves("amount")+` FROM (
		SELECT to_account AS account, amount FROM movements
		UNION ALL
		SELECT from_account, -amount FROM movements
	) AS postings GROUP BY account
)
SELECT a.kind, a.program, a.owner, a.currency, p.high, p.low FROM p JOIN accounts a ON a.id = p.account`)
}

// book reads balances, each in two halves.
func (t journal) book(ctx context.Context, doing, sql string) (*ledger.Book, error) {
	var book ledger.Book
	err := t.Query(ctx, sqltx.Statement{SQL: sql}, func(scan func(...any) error) error {
		var k ledger.Key
		var kind string
		var high, low int64
		err := scan(&kind, &k.Account.Program, &k.Account.Owner, &k.Currency, &high, &low)
		if err != nil {
			return err
		}
		if k.Account.Kind, err = ledger.ParseKind(kind); err != nil {
			return err
		}
		minor, err := whole(high, low)
		if err != nil {
			return fmt.Errorf("account %v: %w", k.Account, err)
		}
		book.Set(k.Account, k.Currency, minor)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return &book, nil
}

// ByCause implements store.Ledger.
func (t journal) ByCause(ctx context.Context, cause string) (ledger.Transaction, error) {
	var es entries
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.ByCause
SELECT ` + transactionColumns + ` FROM transactions t CROSS JOIN movements m CROSS JOIN accounts f CROSS JOIN accounts g
WHERE t.cause = $1 AND ` + transactionJoins + ` ORDER BY m.position`,
		Args: []any{cause},
	}, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		if err == nil {
			es.add(&e)
		}
		return err
	})
	if err != nil {
		return ledger.Transaction{}, fmt.Errorf("reading transaction %s: %w", cause, err)
	}
	if len(es.ts) == 0 {
		return ledger.Transaction{}, fmt.Errorf("transaction %s: %w", cause, store.ErrNotFound)
	}
	return es.ts[0], nil
}

// Page implements store.Ledger.
func (t journal) Page(ctx context.Context, f store.JournalFilter, after string, limit int) ([]ledger.Transaction, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	if after != "" {
		var seq int64
		if err := sqltx.DecodeCursor(after, &seq); err != nil {
			return nil, "", err
		}
		w.Conditions = append(w.Conditions, "seq > "+w.Arg(seq))
	}
	w.Equal("program", string(f.Program))
	if f.Publisher != "" {
		w.Equal("publisher", f.Publisher)
		w.Conditions = append(w.Conditions, "publisher <> ''") // the index is of these
	}
	w.Equal("reason", string(f.Reason))
	if f.Publisher == "" && (f.Reason == ledger.ReasonRelease || f.Reason == ledger.ReasonPayout) {
		w.Conditions = append(w.Conditions, "reason IN ('release', 'payout')") // the index is of these
	}
	if err := w.Between("effective_at", f.From, f.To); err != nil {
		return nil, "", err
	}
	var es entries
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.Page
SELECT ` + transactionColumns + ` FROM (
	SELECT * FROM transactions ` + w.String() + ` ORDER BY seq LIMIT ` + w.Arg(int64(limit)+1) + `
) AS t CROSS JOIN movements m CROSS JOIN accounts f CROSS JOIN accounts g
WHERE ` + transactionJoins + ` ORDER BY t.seq, m.position`,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		if err == nil {
			es.add(&e)
		}
		return err
	})
	if err != nil || len(es.ts) <= limit {
		return es.ts, "", wrap(err, "reading a page of the journal")
	}
	next, err := sqltx.EncodeCursor(es.seq[limit-1])
	return slices.Delete(es.ts, limit, len(es.ts)), next, err
}

// Turnover implements store.Ledger.
func (t journal) Turnover(ctx context.Context, p program.ID) (map[string]int64, error) {
	sums := make(map[string]int64)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- journal.Turnover
SELECT owner, turnover FROM accounts WHERE kind = $1 AND program = $2`,
		Args: []any{ledger.Approved.String(), string(p)},
	}, func(scan func(...any) error) error {
		var publisher string
		var minor int64
		err := scan(&publisher, &minor)
		sums[publisher] = minor // a program has one currency
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was approved in program %q: %w", p, err)
	}
	return sums, nil
}
