package sqltx

import (
	"fmt"
	"math/big"

	"github.com/clickledger/clickledger/money"
)

// Whole is the sum of which the database gave two halves, high·2^32 + low: SQLite refuses a sum that passes 63 bits on its way,
// even where the end fits.
func Whole(high, low int64) (int64, error) {
	sum := new(big.Int).Lsh(big.NewInt(high), 32)
	sum.Add(sum, big.NewInt(low))
	if !sum.IsInt64() {
		return 0, fmt.Errorf("a sum of %v minor units: %w", sum, money.ErrOverflow)
	}
	return sum.Int64(), nil
}
