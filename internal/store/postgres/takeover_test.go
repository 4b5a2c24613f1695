package postgres

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
)

// M5: the payouts of runs that were kept before they could be found by their publisher are found as well.
func TestM5_OpenTakesOverRunPayouts(t *testing.T) {
	dsn := new(schemas).dsn(t)
	s, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
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
	conn, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The step is taken once more, over runs that are there.
	if _, err := conn.Exec(t.Context(), "DROP TABLE run_payouts;"+step); err != nil {
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
