package sqlstore

import (
	"fmt"

	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// Sums of amounts are added up in two halves, because SQLite refuses a sum that passes 63 bits on its way, even where the
// end fits. An amount is half(…)·2^32 + rest(…), for negative ones too.

// halves is the SQL for the two sums of an amount.
func halves(amount string) string {
	return fmt.Sprintf("CAST(SUM(%s >> 32) AS BIGINT), CAST(SUM(%s & 4294967295) AS BIGINT)", amount, amount)
}

// whole is the sum of which the database gave the two halves.
func whole(high, low int64) (int64, error) { return sqltx.Whole(high, low) }
