package simulate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A quantile is not below the exact one, and no more than three in a hundred above; steps come one after the other.
func TestHistogramIsNearlyExact(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("of nothing there is a quantile")
	}
	r := rand.New(rand.NewPCG(1, 1))
	all := make([]time.Duration, 50_000)
	for i := range all {
		all[i] = time.Duration(r.ExpFloat64() * r.ExpFloat64() * float64(20*time.Millisecond)).Truncate(time.Microsecond)
		h.Add(all[i])
	}
	slices.Sort(all)
	for _, share := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[min(len(all)-1, int(share*float64(len(all))))]
		if got := h.Quantile(share); got < want || float64(got) > 1.033*float64(want)+float64(time.Microsecond) {
			t.Errorf("%v of them took %v at most, the histogram says %v", share, want, got)
		}
	}
	for i := 1; i < len(h.counts); i++ {
		if end(i) <= end(i-1) || step(end(i)) != i || step(end(i-1)+time.Microsecond) != i {
			t.Fatalf("step %d ends at %v", i, end(i))
		}
	}
	h.Add(-time.Second)
	h.Add(1000 * time.Hour)
	if h.Count() != 50_002 || h.Quantile(1) > 1000*time.Hour {
		t.Errorf("%d, at most %v", h.Count(), h.Quantile(1))
	}
}
