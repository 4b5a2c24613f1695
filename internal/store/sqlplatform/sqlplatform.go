// Package sqlplatform is the roles of store.Platform in SQL, the same for each engine.
package sqlplatform

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlaccounts"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// New returns the roles over a transaction.
func New(tx *sqltx.Tx) store.Platform { return platform{tx} }

type platform struct{ *sqltx.Tx }

func (p platform) Links() store.Links   { return links(p) }
func (p platform) Visits() store.Visits { return visits(p) }

func (p platform) Joining() store.Joining { return joining(p) }

func (p platform) Sellers() store.Sellers { return sellers(p) }

func (p platform) Postbacks() store.Postbacks { return postbacks(p) }

func (p platform) Care() store.Care { return care(p) }

// Reports implements store.Platform.
func (p platform) Reports() store.Reports { return sqlreport.New(p.Tx) }

// Accounts implements store.Platform.
func (p platform) Accounts() store.Accounts { return sqlaccounts.New(p.Tx) }

// FactsVersion implements store.Platform.
func (p platform) FactsVersion(ctx context.Context) (version int64, err error) {
	_, err = p.One(ctx, sqltx.Statement{
		SQL: `-- platform.FactsVersion
SELECT last FROM counters WHERE name = 'facts'`,
	}, &version)
	if err != nil {
		return 0, fmt.Errorf("reading the version of the facts: %w", err)
	}
	return version, nil
}

// behind asks for what stands behind the cursor of a page whose numbers fall.
func behind(w *sqltx.Where, column, after string) error {
	if after == "" {
		return nil
	}
	var id int64
	if err := sqltx.DecodeCursor(after, &id); err != nil {
		return err
	}
	w.Conditions = append(w.Conditions, column+" < "+w.Arg(id))
	return nil
}

// way is the order of a page by number, the newest first unless the oldest are wanted, and asks for what stands behind its cursor.
func way(w *sqltx.Where, column, after string, oldest bool) (order string, err error) {
	if !oldest {
		return " ORDER BY " + column + " DESC", behind(w, column, after)
	}
	if after != "" {
		var id int64
		if err := sqltx.DecodeCursor(after, &id); err != nil {
			return "", err
		}
		w.Conditions = append(w.Conditions, column+" > "+w.Arg(id))
	}
	return " ORDER BY " + column, nil
}
