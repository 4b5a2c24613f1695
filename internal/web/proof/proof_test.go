package proof

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickledger/clickledger/payout"
)

// M5: nobody waits longer than a moment for the proof of large books; one is made at a time, and it is there when it is done.
func TestM5_NobodyWaitsForLargeBooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int64
		k := NewKeeper(func(context.Context) (*payout.ProofReport, error) {
			time.Sleep(time.Minute)
			made.Add(1)
			return &payout.ProofReport{At: time.Now()}, nil
		}, time.Now)
		for i := range 3 {
			began := time.Now()
			p, err := k.Latest(t.Context())
			if took := time.Since(began); p != nil || err != nil || took > patience || i > 0 && took > 0 || !k.Making() {
				t.Fatalf("the first proof is being made: got %v, %v after %s", p, err, took)
			}
		}
		if err := k.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		first, err := k.Latest(t.Context())
		if first == nil || err != nil || made.Load() != 1 || k.Making() {
			t.Fatalf("%d proofs were made: %v, %v", made.Load(), first, err)
		}
		if err := k.Renew(t.Context()); err != nil || made.Load() != 1 {
			t.Fatalf("a proof of the last day was made again: %v", err)
		}
		if err := k.Again(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p, _ := k.Latest(t.Context()); p != first || !k.Making() {
			t.Error("the last proof is not shown while a newer one is made")
		}
		time.Sleep(2 * time.Minute)
		if p, _ := k.Latest(t.Context()); p == first || k.Making() {
			t.Error("the newer proof is not shown")
		}
	})
}

// M5: a proof that cannot be made says so to everybody who waits, is not remembered, and leaves the one before it.
func TestM5_AProofThatCannotBeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the disk is gone")
		fail := true
		k := NewKeeper(func(ctx context.Context) (*payout.ProofReport, error) {
			if fail {
				return nil, broken
			}
			return &payout.ProofReport{At: time.Now()}, ctx.Err()
		}, time.Now)
		if _, err := k.Latest(t.Context()); !errors.Is(err, broken) {
			t.Errorf("the error is %v", err)
		}
		fail = false
		ended, end := context.WithCancel(t.Context())
		if p, err := k.Latest(ended); p == nil || err != nil {
			t.Errorf("afterwards: %v, %v", p, err)
		}
		end()
		fail = true
		if err := k.Again(t.Context()); !errors.Is(err, broken) {
			t.Errorf("the error is %v", err)
		}
		if p, err := k.Latest(t.Context()); p == nil || err != nil {
			t.Errorf("the proof before: %v, %v", p, err)
		}
	})
}
