package sqltx

import (
	"fmt"
	"math/big"

	"github.com/clickledger/clickledger/money"
)

// Whole is the sum of which the database gave two halves, high·2^32 + low: SQLite refuses a sum that passes 63 bits on its way,
// even where the end fits.
func Whole(high, low int64) (int64, error) {
	if high > -1<<30 && high < 1<<30 && low >= 0 && low < 1<<62 { // as nearly all are
		return high<<32 + low, nil
	}
	sum := new(big.Int).Lsh(big.NewInt(high), 32)
	sum.Add(sum, big.NewInt(low))
	if !sum.IsInt64() {
		return 0, fmt.Errorf("a sum of %v minor units: %w", sum, money.ErrOverflow)
	}
	return sum.Int64(), nil
}

// Halves takes an amount apart, so that sums of many pass no bound: high·2^32 + low.
func Halves(amount int64) (high, low int64) { return amount >> 32, amount & (1<<32 - 1) }

// Carry brings the halves of a sum into the form in which zero is zero twice.
func Carry(high, low int64) (int64, int64) { return high + low>>32, low & (1<<32 - 1) }
