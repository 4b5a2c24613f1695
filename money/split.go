package money

import (
	"fmt"
	"math/bits"
	"slices"
)

// Split shares total out in proportion to weights so that the shares add up to total to the minor unit: each share is
// rounded down, the missing units go to the largest remainders, ties to the earlier weight (C10). Where all weights are
// zero every share is zero, and nothing is shared out. Neither total nor a weight may be negative.
func Split(total int64, weights []int64) ([]int64, error) {
	shares := make([]int64, len(weights))
	if err := SplitInto(shares, total, weights); err != nil {
		return nil, err
	}
	return shares, nil
}

// SplitInto is Split into a slice of the caller, which must be as long as weights.
func SplitInto(shares []int64, total int64, weights []int64) error {
	if total < 0 {
		return fmt.Errorf("sharing out the negative amount %d", total)
	}
	var sum int64
	for _, w := range weights {
		if w < 0 {
			return fmt.Errorf("sharing out by the negative weight %d", w)
		}
		var err error
		if sum, err = Add(sum, w); err != nil {
			return fmt.Errorf("adding up the weights: %w", err)
		}
	}
	clear(shares)
	if sum == 0 || total == 0 {
		return nil
	}
	remainders := make([]uint64, len(weights))
	missing := total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		q, r := bits.Div64(hi, lo, uint64(sum)) // w <= sum, so q <= total and hi < sum
		shares[i], remainders[i] = int64(q), r
		missing -= int64(q)
	}
	// missing < len(weights): hand one unit each to the largest remainders, the earlier weight first.
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:missing] {
		shares[i]++
	}
	return nil
}
