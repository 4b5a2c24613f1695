// Package sqlstore is the roles of the store in SQL, the same for each engine.
package sqlstore

import (
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlplatform"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// Tx is a transaction. It implements store.Tx.
type Tx struct{ *sqltx.Tx }

// New returns a transaction that runs its statements on conn.
func New(conn sqltx.Conn) *Tx { return &Tx{sqltx.New(conn)} }

// Facts and the methods below give the roles of the contract.
func (t *Tx) Facts() store.Facts         { return facts{t} }
func (t *Tx) Clicks() store.Clicks       { return clicks{t} }
func (t *Tx) Orders() store.Orders       { return orders{t} }
func (t *Tx) Decisions() store.Decisions { return decisions{t} }
func (t *Tx) Ledger() store.Ledger       { return journal{t} }
func (t *Tx) Payouts() store.Payouts     { return payouts{t} }
func (t *Tx) Keys() store.Keys           { return keys{t} }
func (t *Tx) Platform() store.Platform   { return sqlplatform.New(t.Tx) }
