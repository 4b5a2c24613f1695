package storetest

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
)

// Old is a database as an older version left it.
type Old struct {
	Opener
	// Exec runs statements beside the store.
	Exec func(ctx context.Context, statements string) error
	// Steps are the engine's migrations.
	Steps fs.FS
}

// RunTakeovers proves that a database of an older version is taken over with all that is in it. fresh makes an empty one.
func RunTakeovers(t *testing.T, fresh func(t testing.TB) Old) {
	for _, c := range []struct {
		name string
		run  func(k *kit, o *Old)
	}{
		{"the payouts of runs that were kept before they could be found by their publisher are found as well (M5)", takesOverRunPayouts},
		{"what lists tell of runs that were kept before it stood beside them is what the runs say (M5)", takesOverRunSummaries},
		{"days that were added up without the rows of which reports about several dimensions are made are answered, and added up anew (R4)", takesOverDaysWithoutGrids},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := fresh(t)
			k := &kit{TB: t, ctx: t.Context(), open: o.Opener}
			k.store = k.opened()
			defer func() { k.must(k.store.Close()) }()
			c.run(k, &o)
		})
	}
}

// exec runs statements of an older version, or of a step.
func (o *Old) exec(k *kit, statements string) {
	k.Helper()
	k.must(o.Exec(k.ctx, statements))
}

// step is what a migration does, from a mark to another one or to the end.
func (o *Old) step(k *kit, name, from, to string) string {
	k.Helper()
	text, err := fs.ReadFile(o.Steps, "migrations/"+name)
	k.must(err)
	_, does, found := strings.Cut(string(text), from)
	if to != "" && found {
		does, _, found = strings.Cut(does, to)
	}
	if !found {
		k.Fatalf("%s has no %q with %q behind it", name, from, to)
	}
	return does
}

func putRuns(k *kit, revision int, runs ...payout.Run) {
	k.Helper()
	k.update(func(tx store.Tx) error {
		for _, r := range runs {
			if err := tx.Payouts().PutRun(k.ctx, r, revision); err != nil {
				return err
			}
		}
		return nil
	})
}

func takesOverRunPayouts(k *kit, o *Old) {
	paid := payout.Payout{
		ID: "r1-1", Publisher: "yayıncı", Method: "iban", Payee: payout.Party{Name: "Ada \"<Ş>\""}, Gross: 1000, Fee: 10, Net: 990, Status: payout.Paid,
		Answers: []payout.Answer{{Payout: "r1-1", Status: payout.Paid, Ref: "x", At: time.Unix(7, 0).UTC()}},
	}
	other := payout.Payout{ID: "r1-0", Publisher: "other", Net: 5, Status: payout.Sent}
	runs := []payout.Run{
		{ID: "r1", Program: "tr", Currency: "TRY", Payouts: []payout.Payout{other, paid}, Drafted: payout.Mark{At: time.Unix(5, 0).UTC()}},
		{ID: "r2", Program: "tr", Currency: "TRY", Payouts: []payout.Payout{}, Drafted: payout.Mark{At: time.Unix(6, 0).UTC()}},
		{ID: "r3", Program: "tr", Currency: "TRY", Drafted: payout.Mark{At: time.Unix(7, 0).UTC()}}, // its payouts are null
	}
	putRuns(k, 0, runs...)
	// The step is taken once more, over runs that are there.
	o.exec(k, "DROP TABLE run_payouts;"+o.step(k, "0019_run_payouts.sql", "-- +goose Up", ""))
	of := func(f store.PayoutFilter) []store.RunPayout {
		return read(k, func(tx store.Tx) ([]store.RunPayout, error) { return tx.Payouts().Of(k.ctx, f) })
	}
	want := []store.RunPayout{{Run: "r1", Program: "tr", Currency: "TRY", DraftedAt: time.Unix(5, 0).UTC(), Payout: paid}}
	for _, f := range []store.PayoutFilter{{Publisher: "yayıncı"}, {ID: "r1-1"}} {
		k.same("payouts", of(f), want)
	}
	// The place of each is the run's own, so that the next answer of the bank changes the right one.
	runs[0].Payouts[1].Status = payout.Returned
	want[0].Status = payout.Returned
	putRuns(k, 1, runs[0])
	k.same("after an answer", of(store.PayoutFilter{Publisher: "yayıncı"}), want)
}

func takesOverRunSummaries(k *kit, o *Old) {
	one := func(status payout.Status, net int64) payout.Payout {
		return payout.Payout{ID: string(status), Publisher: "p" + string(status), Method: "iban", Gross: net + 3, Fee: 3, Net: net, Status: status}
	}
	// Runs with payouts of all kinds, and without.
	mixed := []payout.Payout{one(payout.Reserved, 1), one(payout.Excluded, 10), one(payout.Sent, 100), one(payout.NotSent, 1000), one(payout.Returned, 1<<40)}
	runs := []payout.Run{
		{ID: "r1", Program: "tr", Currency: "TRY", ExecuteOn: "2026-03-04", State: payout.Released, Payouts: mixed, Drafted: payout.Mark{At: time.Unix(7, 0).UTC()}},
		{ID: "r2", Program: "pl", Currency: "PLN", State: payout.Closed, Payouts: []payout.Payout{}, Drafted: payout.Mark{At: time.Unix(6, 0).UTC()}},
		{ID: "r3", Program: "tr", State: payout.Draft, Drafted: payout.Mark{At: time.Unix(5, 0).UTC()}}, // its payouts are null
	}
	putRuns(k, 0, runs...)
	o.exec(k, "UPDATE payout_runs SET currency = 'x', execute_on = 'x', payments = -1, net = -1")
	o.exec(k, "UPDATE"+o.step(k, "0022_run_summaries.sql", "UPDATE", "CREATE INDEX"))
	k.view(func(tx store.Tx) error {
		got, next, err := tx.Payouts().Page(k.ctx, store.RunFilter{}, "", 10)
		if err != nil || next != "" || len(got) != len(runs) {
			k.Fatalf("%d runs, cursor %q, %v", len(got), next, err)
		}
		for i := range runs {
			k.same("listed", got[i], store.SummaryOf(&runs[i]))
		}
		return nil
	})
}

func takesOverDaysWithoutGrids(k *kit, o *Old) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later := noon.AddDate(0, 0, 5)
	visit := func(id, publisher string, at time.Time, space string) *click.Click {
		return &click.Click{ID: id, Program: "tr", At: at, Visitor: id, Channel: click.Affiliate, Publisher: publisher, AdSpace: space, TrackingID: "t" + space, Verdict: click.Valid}
	}
	k.update(func(tx store.Tx) error {
		_, err := tx.Clicks().Insert(k.ctx, []*click.Click{visit("c1", "p1", noon, "a"), visit("c2", "p1", noon, "b"), visit("c3", "p2", noon, "a"), visit("c4", "p1", noon.AddDate(0, 0, 1), "a")})
		return err
	})
	roll := func() (n int) {
		k.update(func(tx store.Tx) error {
			days, err := tx.Platform().Reports().Stale(k.ctx, later)
			for _, d := range days {
				if err == nil {
					err = tx.Platform().Reports().Roll(k.ctx, d, later)
				}
			}
			n = len(days)
			return err
		})
		return n
	}
	k.same("days that were added up", roll(), 2)
	check := func(when string) {
		k.Helper()
		for _, q := range []store.Figures{{}, {Publisher: "p1"}, {Publisher: "p2"}} {
			q.By = []store.Dim{store.DimAdSpace, store.DimTrackingID}
			surplus := make(map[string]int64)
			for _, recount := range []bool{false, true} {
				q.Recount = recount
				k.update(func(tx store.Tx) error {
					return tx.Platform().Reports().Clicks(k.ctx, q, func(f store.Figure) error {
						if recount {
							f.Clicks = -f.Clicks
						}
						surplus[f.Keys[0]+f.Keys[1]] += f.Clicks
						return nil
					})
				})
			}
			for key, n := range surplus {
				if n != 0 {
					k.Errorf("%s: %d too many of %s for %q", when, n, key, q.Publisher)
				}
			}
			if len(surplus) == 0 {
				k.Errorf("%s: nothing was found for %q", when, q.Publisher)
			}
		}
	}
	check("at first")
	o.exec(k, "DELETE FROM report_sums WHERE part >= 100 AND day = 20513") // the first of the two days
	check("without the rows of a day")
	o.exec(k, "DELETE FROM report_sums WHERE part >= 100 AND publisher = 'p1'") // a part of the other one is there
	check("without those of a publisher")
	o.exec(k, "DELETE FROM report_sums WHERE part >= 100")
	check("without any")
	k.same("days that were added up anew", roll(), 2)
	check("added up anew")
	k.same("days that were added up once more", roll(), 0)
}
