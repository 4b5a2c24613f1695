package sqlite

import (
	"context"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
)

// M5: the payouts of runs that were kept before they could be found by their publisher are found as well.
func TestM5_OpenTakesOverRunPayouts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	text, err := fs.ReadFile(migrations, "migrations/0019_run_payouts.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, step, found := strings.Cut(string(text), "-- +goose Up")
	if !found {
		t.Fatal("the step has no beginning")
	}
	paid := payout.Payout{ID: "r1-1", Publisher: "yayıncı", Method: "iban", Payee: payout.Party{Name: "Ada \"<Ş>\""}, Gross: 1000, Fee: 10, Net: 990, Status: payout.Paid,
		Answers: []payout.Answer{{Payout: "r1-1", Status: payout.Paid, Ref: "x", At: time.Unix(7, 0).UTC()}}}
	other := payout.Payout{ID: "r1-0", Publisher: "other", Net: 5, Status: payout.Sent}
	runs := []payout.Run{
		{ID: "r1", Program: "tr", Currency: "TRY", Payouts: []payout.Payout{other, paid}, Drafted: payout.Mark{At: time.Unix(5, 0).UTC()}},
		{ID: "r2", Program: "tr", Currency: "TRY", Payouts: []payout.Payout{}, Drafted: payout.Mark{At: time.Unix(6, 0).UTC()}},
		{ID: "r3", Program: "tr", Currency: "TRY", Drafted: payout.Mark{At: time.Unix(7, 0).UTC()}}, // its payouts are null
	}
	err = s.Update(t.Context(), func(tx store.Tx) error {
		for _, r := range runs {
			if err := tx.Payouts().PutRun(t.Context(), r, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := connect(path, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// The step is taken once more, over runs that are there.
	if _, err := db.Exec("DROP TABLE run_payouts;" + step); err != nil {
		t.Fatal(err)
	}
	want := []store.RunPayout{{Run: "r1", Program: "tr", Currency: "TRY", DraftedAt: time.Unix(5, 0).UTC(), Payout: paid}}
	for _, filter := range []store.PayoutFilter{{Publisher: "yayıncı"}, {ID: "r1-1"}} {
		err = s.View(t.Context(), func(tx store.Tx) error {
			got, err := tx.Payouts().Of(t.Context(), filter)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v: %+v, wanted %+v", filter, got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// The place of each is the run's own, so that the next answer of the bank changes the right one.
	runs[0].Payouts[1].Status = payout.Returned
	want[0].Status = payout.Returned
	err = s.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.Payouts().PutRun(t.Context(), runs[0], 1); err != nil {
			return err
		}
		got, err := tx.Payouts().Of(t.Context(), store.PayoutFilter{Publisher: "yayıncı"})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("after an answer: %+v, wanted %+v", got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// M5: what lists tell of runs that were kept before it stood beside them is what the runs say.
func TestM5_OpenTakesOverRunSummaries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	text, err := fs.ReadFile(migrations, "migrations/0022_run_summaries.sql")
	if err != nil {
		t.Fatal(err)
	}
	begin, end := strings.Index(string(text), "UPDATE"), strings.Index(string(text), "CREATE INDEX")
	if begin < 0 || end < begin {
		t.Fatal("the step fills nothing in")
	}
	runs := summedRuns()
	if err := s.Update(t.Context(), func(tx store.Tx) error { return putRuns(t.Context(), tx, runs) }); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "UPDATE payout_runs SET currency = 'x', execute_on = 'x', payments = -1, net = -1")
	raw(t, path, string(text)[begin:end])
	checkSummaries(t, s, runs)
}

// summedRuns are runs with payouts of all kinds, and without.
func summedRuns() []payout.Run {
	one := func(status payout.Status, net int64) payout.Payout {
		return payout.Payout{ID: string(status), Publisher: "p" + string(status), Method: "iban", Gross: net + 3, Fee: 3, Net: net, Status: status}
	}
	mixed := []payout.Payout{one(payout.Reserved, 1), one(payout.Excluded, 10), one(payout.Sent, 100), one(payout.NotSent, 1000), one(payout.Returned, 1<<40)}
	return []payout.Run{
		{ID: "r1", Program: "tr", Currency: "TRY", ExecuteOn: "2026-03-04", State: payout.Released, Payouts: mixed, Drafted: payout.Mark{At: time.Unix(7, 0).UTC()}},
		{ID: "r2", Program: "pl", Currency: "PLN", State: payout.Closed, Payouts: []payout.Payout{}, Drafted: payout.Mark{At: time.Unix(6, 0).UTC()}},
		{ID: "r3", Program: "tr", State: payout.Draft, Drafted: payout.Mark{At: time.Unix(5, 0).UTC()}}, // its payouts are null
	}
}

func putRuns(ctx context.Context, tx store.Tx, runs []payout.Run) error {
	for _, r := range runs {
		if err := tx.Payouts().PutRun(ctx, r, 0); err != nil {
			return err
		}
	}
	return nil
}

// checkSummaries holds what lists tell against the runs.
func checkSummaries(t *testing.T, s store.Store, runs []payout.Run) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) error {
		got, next, err := tx.Payouts().Page(t.Context(), store.RunFilter{}, "", 10)
		if err != nil || next != "" || len(got) != len(runs) {
			t.Fatalf("%d runs, cursor %q, %v", len(got), next, err)
		}
		for i := range runs {
			if want := store.SummaryOf(&runs[i]); got[i] != want {
				t.Errorf("listed %+v, wanted %+v", got[i], want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
