// Package sqlplatform is the roles of store.Platform in SQL, the same for each engine.
package sqlplatform

import (
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// New returns the roles over a transaction.
func New(tx *sqltx.Tx) store.Platform { return platform{tx} }

type platform struct{ *sqltx.Tx }

func (p platform) Links() store.Links   { return links(p) }
func (p platform) Visits() store.Visits { return visits(p) }
