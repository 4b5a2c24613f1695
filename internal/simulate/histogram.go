package simulate

import (
	"math/bits"
	"time"
)

// Histogram counts how long things took, in memory that does not grow: microseconds up to 64, then 32 steps to each doubling, so a
// quantile is right to three in a hundred. What took longer than nineteen hours counts as that. The zero value is empty.
type Histogram struct {
	counts [32 * 32]uint64
	n      uint64
	max    time.Duration
}

// step is the place of a time.
func step(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	shift := max(0, bits.Len64(us)-6)
	return min(len(Histogram{}.counts)-1, shift*32+int(us>>shift))
}

// end is the longest time of a place.
func end(step int) time.Duration {
	shift := max(0, step/32-1)
	return time.Duration(((step-shift*32+1)<<shift)-1) * time.Microsecond
}

// Add counts a time.
func (h *Histogram) Add(d time.Duration) {
	h.counts[step(d)]++
	h.n++
	h.max = max(h.max, d)
}

// Count is how many times were added.
func (h *Histogram) Count() uint64 { return h.n }

// Quantile is how long the given share of the times were at most; zero where there is none.
func (h *Histogram) Quantile(share float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := min(h.n, uint64(share*float64(h.n))+1)
	for i, n := range h.counts {
		if n >= rank {
			return min(h.max, end(i))
		}
		rank -= n
	}
	return h.max
}
