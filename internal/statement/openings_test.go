package statement

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/clickledger/clickledger/ledger"
)

// M5: a statement that goes on from what is kept is the one that is drawn up of everything, whatever was booked and whichever months were
// asked for before; and it does not read everything.
func TestM5_OpeningsAreTheWholeJournal(t *testing.T) {
	h := rand.New(rand.NewPCG(11, 12))
	kinds := []string{"fund", "tracked", "pending", "approved", "available", "hold", "reserved", "clearing", "paid", "clawback", "fees", "bonus", "bank", "writeoff"}
	reasons := []ledger.Reason{ledger.ReasonApprove, ledger.ReasonReversal, ledger.ReasonAntispam, ledger.ReasonHold, ledger.ReasonUnhold, ledger.ReasonReject, ledger.ReasonRelease}
	for range 20 {
		var journal []ledger.Transaction
		at := march
		for i := range 600 {
			at = at.Add(time.Duration(h.IntN(20)) * time.Hour)
			booked := at
			if h.IntN(50) == 0 {
				booked = at.Add(-23 * time.Hour) // the clock was set
			}
			tx := ledger.Transaction{Cause: fmt.Sprintf("x/%d", i), Reason: reasons[h.IntN(len(reasons))], Program: "tr", Publisher: "p", Currency: "USD", RecordedAt: booked,
				EffectiveAt: booked.Add(-time.Hour), Order: "o" + strconv.Itoa(h.IntN(9)), Item: "1"}
			if h.IntN(20) == 0 {
				tx.Currency = "EUR"
			}
			for range 1 + h.IntN(3) {
				a, b := h.IntN(len(kinds)), h.IntN(len(kinds)-1)
				if b >= a {
					b++
				}
				tx.Movements = append(tx.Movements, ledger.Movement{From: account(t, kinds[a], "p"), To: account(t, kinds[b], "p"), Amount: 1 + h.Int64N(1000)})
			}
			journal = append(journal, tx)
		}
		var kept Openings
		size := 1 + h.IntN(40)
		read := 0
		page := func(_ context.Context, after string) ([]ledger.Transaction, string, error) {
			from := 0
			if after != "" {
				from, _ = strconv.Atoi(after)
			}
			to := min(len(journal), from+size)
			read += to - from
			if to == len(journal) {
				return slices.Clone(journal[from:to]), "", nil
			}
			return slices.Clone(journal[from:to]), strconv.Itoa(to), nil
		}
		for n := range 30 {
			in := Input{Number: "n", Terms: terms(), Publisher: "p", From: march.AddDate(0, h.IntN(10)-1, 0), Transactions: func(yield func(*ledger.Transaction) bool) {
				for i := range journal {
					if !yield(&journal[i]) {
						return
					}
				}
			}}
			in.To = in.From.AddDate(0, 1, 0)
			want, err := New(in)
			must(t, err)
			read = 0
			got, known, err := kept.Draw(t.Context(), in, page)
			must(t, err)
			if !known || !reflect.DeepEqual(got, want) {
				t.Fatalf("draw %d, from %s, %d on a page: %+v, wanted %+v", n, in.From, size, got, want)
			}
			if n > 20 && in.From.After(march.AddDate(0, 2, 0)) && read > 250 {
				t.Errorf("the statement from %s read %d of %d transactions", in.From, read, len(journal))
			}
		}
	}
	var kept Openings
	none := func(context.Context, string) ([]ledger.Transaction, string, error) { return nil, "", nil }
	if _, known, err := kept.Draw(t.Context(), Input{Terms: terms(), Publisher: "p", From: march, To: april}, none); err != nil || known {
		t.Errorf("a statement of nothing: known %t, %v", known, err)
	}
	if _, _, err := kept.Draw(t.Context(), Input{Terms: terms(), Publisher: "p", From: april, To: march}, none); err == nil {
		t.Error("a statement of a period that ends before it begins was drawn up")
	}
}
