package sqlite

import (
	"context"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
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

// R4: days that an older version added up, without the rows of which reports about several dimensions are made, are answered from the rows;
// they are added up anew with all others that need it, and then they have them.
func TestR4_OpenTakesOverDaysWithoutGrids(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	visit := func(id, publisher string, at time.Time, space string) *click.Click {
		return &click.Click{ID: id, Program: "tr", At: at, Visitor: id, Channel: click.Affiliate, Publisher: publisher, AdSpace: space, TrackingID: "t" + space, Verdict: click.Valid}
	}
	update := func(do func(tx store.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx store.Tx) error {
		_, err := tx.Clicks().Insert(t.Context(), []*click.Click{visit("c1", "p1", at, "a"), visit("c2", "p1", at, "b"), visit("c3", "p2", at, "a"), visit("c4", "p1", at.AddDate(0, 0, 1), "a")})
		return err
	})
	roll := func() (n int) {
		update(func(tx store.Tx) error {
			days, err := tx.Platform().Reports().Stale(t.Context(), at.AddDate(0, 0, 5))
			for _, d := range days {
				if err == nil {
					err = tx.Platform().Reports().Roll(t.Context(), d, at.AddDate(0, 0, 5))
				}
			}
			n = len(days)
			return err
		})
		return n
	}
	if n := roll(); n != 2 {
		t.Fatalf("%d days were added up", n)
	}
	check := func(when string) {
		t.Helper()
		for _, q := range []store.Figures{{}, {Publisher: "p1"}, {Publisher: "p2"}} {
			q.By = []store.Dim{store.DimAdSpace, store.DimTrackingID}
			got := make(map[string]int64)
			for _, recount := range []bool{false, true} {
				q.Recount = recount
				update(func(tx store.Tx) error {
					return tx.Platform().Reports().Clicks(t.Context(), q, func(f store.Figure) error {
						if recount {
							got[f.Keys[0]+f.Keys[1]] -= f.Clicks
						} else {
							got[f.Keys[0]+f.Keys[1]] += f.Clicks
						}
						return nil
					})
				})
			}
			for k, n := range got {
				if n != 0 {
					t.Errorf("%s: %d too many of %s for %q", when, n, k, q.Publisher)
				}
			}
			if len(got) == 0 {
				t.Errorf("%s: nothing was found for %q", when, q.Publisher)
			}
		}
	}
	check("at first")
	raw(t, path, "DELETE FROM report_sums WHERE part >= 100 AND day = 20513") // the first of the two days
	check("without the rows of a day")
	raw(t, path, "DELETE FROM report_sums WHERE part >= 100 AND publisher = 'p1'") // a part of the other one is there
	check("without those of a publisher")
	raw(t, path, "DELETE FROM report_sums WHERE part >= 100")
	check("without any")
	if n := roll(); n != 2 {
		t.Errorf("%d days were added up anew", n)
	}
	check("added up anew")
	if n := roll(); n != 0 {
		t.Errorf("%d days were added up once more", n)
	}
}
