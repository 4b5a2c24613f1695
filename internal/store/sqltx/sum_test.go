package sqltx

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// I2: halves come to what they were taken from, and a sum that no amount can hold is an error, on the short way as on the long one.
func TestI2_Whole(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	edges := []int64{0, 1, -1, 1<<30 - 1, 1 << 30, -1 << 30, 1<<31 - 1, 1 << 31, -1 << 31, 1<<32 - 1, 1 << 32, 1<<62 - 1, 1 << 62, math.MaxInt64, math.MinInt64}
	refused := 0
	check := func(high, low int64) {
		want := new(big.Int).Lsh(big.NewInt(high), 32)
		want.Add(want, big.NewInt(low))
		got, err := Whole(high, low)
		switch {
		case !want.IsInt64():
			if refused++; err == nil {
				t.Fatalf("%d and %d come to %d, want an error", high, low, got)
			}
		case err != nil || got != want.Int64():
			t.Fatalf("%d and %d come to %d (%v), want %v", high, low, got, err, want)
		}
	}
	for _, high := range edges {
		for _, low := range edges {
			check(high, low)
		}
	}
	for range 20_000 {
		check(r.Int64()>>r.IntN(64)*(1-2*r.Int64N(2)), r.Int64()>>r.IntN(64)*(1-2*r.Int64N(2)))
		amount := r.Int64() >> r.IntN(64) * (1 - 2*r.Int64N(2))
		if got, err := Whole(Halves(amount)); err != nil || got != amount {
			t.Fatalf("the halves of %d come to %d: %v", amount, got, err)
		}
	}
	if refused == 0 {
		t.Error("no sum was too great")
	}
}
