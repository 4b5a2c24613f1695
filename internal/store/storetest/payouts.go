package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/payout"
	"github.com/clickledger/clickledger/program"
)

func payoutChecks() []Check {
	return []Check{
		{"payout runs come back as they were kept, with their revision", runsComeBack},
		{"a payout run is replaced at its revision only (M5)", runsRevision},
		{"Payouts.Runs returns the runs from the one drafted last", runsNewestFirst},
		{"Payouts.Of returns a publisher's payouts of all runs (M5)", payoutsOf},
		{"Payouts.Of agrees with the runs, however they changed (M5)", payoutsAgree},
		{"Payouts.Page lists what the runs say, however they changed (M5)", runPages},
		{"a bank file never changes (M5)", fileStays},
		{"payout details come back with the time of their change", details},
	}
}

// keptRun is what Run returns.
type keptRun struct {
	Run      payout.Run
	Revision int
}

func keptRunOf(k *kit, id string) keptRun {
	k.Helper()
	return read(k, func(tx store.Tx) (keptRun, error) {
		r, revision, err := tx.Payouts().Run(k.ctx, id)
		return keptRun{r, revision}, err
	})
}

func putRun(k *kit, r payout.Run, revision int) error {
	return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Payouts().PutRun(k.ctx, r, revision) })
}

func runsComeBack(k *kit) {
	r := run("r1", at(1))
	k.must(putRun(k, r, 0))
	k.same("the run", keptRunOf(k, "r1"), keptRun{r, 1})
	changed := r
	changed.State, changed.Payouts = payout.Released, nil
	changed.ReleasedBy = payout.Mark{By: "bob", At: at(9)}
	k.must(putRun(k, changed, 1))
	k.same("the changed run", keptRunOf(k, "r1"), keptRun{changed, 2})
	for _, id := range []string{"r404", "R1", "r1 ", ""} {
		k.is(k.store.View(k.ctx, func(tx store.Tx) error {
			_, _, err := tx.Payouts().Run(k.ctx, id)
			return err
		}), store.ErrNotFound, "an unknown run")
	}
	k.reopen()
	k.same("the run after closing and opening", keptRunOf(k, "r1"), keptRun{changed, 2})
}

func runsRevision(k *kit) {
	r := run("r1", at(1))
	k.is(putRun(k, r, 1), store.ErrConflict, "replacing a run that is not there")
	k.must(putRun(k, r, 0))
	for _, revision := range []int{0, 2, -1} {
		k.is(putRun(k, run("r1", at(2)), revision), store.ErrConflict, "another revision")
	}
	k.same("the run", keptRunOf(k, "r1"), keptRun{r, 1})
	for i := range 3 {
		k.must(putRun(k, r, i+1))
	}
	k.is(putRun(k, r, 3), store.ErrConflict, "an older revision")
	k.same("the run", keptRunOf(k, "r1"), keptRun{r, 4})
}

func runsNewestFirst(k *kit) {
	want := []payout.Run{run("c", at(3)), run("A", at(2)), run("a", at(2)), run("b", at(2)), run("d", at(1))}
	for _, i := range []int{3, 0, 4, 2, 1} {
		k.must(putRun(k, want[i], 0))
	}
	k.same("the runs", read(k, func(tx store.Tx) ([]payout.Run, error) { return tx.Payouts().Runs(k.ctx) }), want)
	want[4].Drafted.At = at(4)
	k.must(putRun(k, want[4], 1))
	k.same("the first run after it was drafted anew", read(k, func(tx store.Tx) ([]payout.Run, error) { return tx.Payouts().Runs(k.ctx) })[0], want[4])
}

func payoutsFound(k *kit, f store.PayoutFilter) []store.RunPayout {
	k.Helper()
	return read(k, func(tx store.Tx) ([]store.RunPayout, error) { return tx.Payouts().Of(k.ctx, f) })
}

// paying is a run that pays some publishers of a program.
func paying(id string, p program.ID, drafted time.Time, publishers ...string) payout.Run {
	r := run(id, drafted)
	r.Program = p
	one := r.Payouts[0]
	r.Payouts = nil
	for i, name := range publishers {
		x := one
		x.ID, x.Publisher, x.Gross, x.Net = fmt.Sprintf("%s-%d", id, i), name, int64(1000+i), int64(990+i)
		x.Answers = slices.Clone(one.Answers)
		r.Payouts = append(r.Payouts, x)
	}
	return r
}

// inRun is a payout as Of returns it.
func inRun(r payout.Run, i int) store.RunPayout {
	return store.RunPayout{Run: r.ID, Program: r.Program, Currency: r.Currency, DraftedAt: r.Drafted.At, Payout: r.Payouts[i]}
}

func payoutsOf(k *kit) {
	a, b := paying("a", tr, at(1), "pub1", "pub2", "PUB1"), paying("b", program.ID("pl"), at(2), "pub1")
	c, d := paying("c", tr, at(2), "pub2", "pub1"), paying("d", tr, at(3))
	b.Currency = "PLN"
	for _, r := range []payout.Run{c, a, d, b} {
		k.must(putRun(k, r, 0))
	}
	look := func() {
		k.Helper()
		for _, w := range []struct {
			what string
			f    store.PayoutFilter
			want []store.RunPayout
		}{
			{"of a publisher", store.PayoutFilter{Publisher: "pub1"}, []store.RunPayout{inRun(b, 0), inRun(c, 1), inRun(a, 0)}},
			{"of another publisher", store.PayoutFilter{Publisher: "pub2"}, []store.RunPayout{inRun(c, 0), inRun(a, 1)}},
			{"of a publisher in a program", store.PayoutFilter{Publisher: "pub1", Program: tr}, []store.RunPayout{inRun(c, 1), inRun(a, 0)}},
			{"with an id", store.PayoutFilter{ID: "c-1"}, []store.RunPayout{inRun(c, 1)}},
			{"with an id, of its publisher", store.PayoutFilter{ID: "c-1", Publisher: "pub1"}, []store.RunPayout{inRun(c, 1)}},
			{"with an id, of another publisher", store.PayoutFilter{ID: "c-1", Publisher: "pub2"}, nil},
			{"with an id, in another program", store.PayoutFilter{ID: "c-1", Program: program.ID("pl")}, nil},
			{"of nobody", store.PayoutFilter{Program: tr}, nil},
			{"of an unknown publisher", store.PayoutFilter{Publisher: "pub"}, nil},
		} {
			k.same("the payouts "+w.what, payoutsFound(k, w.f), w.want)
		}
	}
	look()
	k.reopen()
	look()
}

// listed turns the pages of runs, each with so many.
func listed(k *kit, f store.RunFilter, limit int) []store.RunSummary {
	k.Helper()
	var all []store.RunSummary
	for after := ""; ; {
		type page struct {
			runs []store.RunSummary
			next string
		}
		p := read(k, func(tx store.Tx) (page, error) {
			runs, next, err := tx.Payouts().Page(k.ctx, f, after, limit)
			return page{runs, next}, err
		})
		if len(p.runs) > limit || len(p.runs) < limit && p.next != "" {
			k.Errorf("a page of %d runs where %d were asked for, with the cursor %q", len(p.runs), limit, p.next)
		}
		all = append(all, p.runs...)
		if after = p.next; after == "" || len(all) > 1000 {
			return all
		}
	}
}

// runPages holds the pages of runs against the runs themselves.
func runPages(k *kit) {
	k.same("pages of no runs", len(listed(k, store.RunFilter{}, 3)), 0)
	revisions := make(map[string]int)
	change := func(r payout.Run) {
		k.Helper()
		k.must(putRun(k, r, revisions[r.ID]))
		revisions[r.ID]++
		runs := read(k, func(tx store.Tx) ([]payout.Run, error) { return tx.Payouts().Runs(k.ctx) })
		for _, p := range []program.ID{"", tr, "pl", "none"} {
			var want, filled []store.RunSummary
			for i := range runs {
				if p == "" || p == runs[i].Program {
					want = append(want, store.SummaryOf(&runs[i]))
					if !want[len(want)-1].Empty() {
						filled = append(filled, want[len(want)-1])
					}
				}
			}
			k.same(fmt.Sprintf("how many runs of %q are empty", p), read(k, func(tx store.Tx) (int64, error) { return tx.Payouts().Empty(k.ctx, p) }), int64(len(want)-len(filled)))
			k.same(fmt.Sprintf("the runs of %q that are not empty", p), listed(k, store.RunFilter{Program: p, Filled: true}, 2), filled)
			for _, limit := range []int{1, 2, len(want) + 1} {
				k.same(fmt.Sprintf("runs of %q, %d on a page", p, limit), listed(k, store.RunFilter{Program: p}, limit), want)
			}
		}
	}
	b := paying("b", "pl", at(2), "pub1")
	b.Currency, b.ExecuteOn = "PLN", "2026-03-04"
	a := paying("a", tr, at(2), "pub1", "pub2", "pub3")
	change(a)
	change(b)
	change(paying("c", tr, at(2)))
	change(paying("A", tr, at(1), "pub2"))
	change(paying("d", tr, at(3), "pub2", "pub1"))
	var named []string
	for _, r := range listed(k, store.RunFilter{Words: "A"}, 2) {
		named = append(named, r.ID)
	}
	k.same("the runs whose id holds a letter, small or great", named, []string{"a", "A"})
	k.same("those of another program", len(listed(k, store.RunFilter{Words: "A", Program: "pl"}, 2)), 0)
	a.Payouts = slices.Clone(a.Payouts)
	a.Payouts[1].Status, a.State = payout.Excluded, payout.Built
	change(a)
	a.Payouts[0].Status, a.Payouts[2].Status, a.State = payout.NotSent, payout.NotSent, payout.Cancelled
	change(a)
	b.Drafted.At, b.Payouts, b.ExecuteOn = at(4), nil, ""
	change(b)
	b.State = payout.Closed // now it is empty
	change(b)
	c, d := paying("c", tr, at(2)), paying("d", tr, at(3), "pub2", "pub1")
	c.State, d.State = payout.Closed, payout.Closed
	change(c)
	change(d)
	for i := range d.Payouts {
		d.Payouts[i].Status = payout.Excluded
	}
	change(d)
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, _, err := tx.Payouts().Page(k.ctx, store.RunFilter{}, "no cursor", 1)
		return err
	}), store.ErrInvalid, "a page behind what is no cursor")
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, _, err := tx.Payouts().Page(k.ctx, store.RunFilter{}, "", 0)
		return err
	}), store.ErrInvalid, "a page of nothing")
}

// payoutsAgree changes runs in every way and counts the payouts of each publisher anew from the runs.
func payoutsAgree(k *kit) {
	publishers := []string{"pub1", "pub2", "pub3"}
	revisions := make(map[string]int)
	change := func(r payout.Run) {
		k.Helper()
		k.must(putRun(k, r, revisions[r.ID]))
		revisions[r.ID]++
		runs := read(k, func(tx store.Tx) ([]payout.Run, error) { return tx.Payouts().Runs(k.ctx) })
		for _, name := range publishers {
			var want []store.RunPayout
			for _, r := range runs {
				for i, p := range r.Payouts {
					if p.Publisher == name {
						want = append(want, inRun(r, i))
					}
				}
			}
			k.same(fmt.Sprintf("the payouts of %s after run %s was kept as %d", name, r.ID, revisions[r.ID]), payoutsFound(k, store.PayoutFilter{Publisher: name}), want)
		}
	}
	change(paying("r1", tr, at(1), "pub1", "pub2", "pub3"))
	change(paying("r2", tr, at(2), "pub3"))
	answered := paying("r1", tr, at(1), "pub1", "pub2", "pub3")
	answered.Payouts[1].Status = payout.Paid
	answered.Payouts[1].Answers = append(answered.Payouts[1].Answers, payout.Answer{Payout: "r1-1", Status: payout.Paid, Amount: money.New(991, "TRY"), At: at(9)})
	change(answered)
	change(paying("r1", tr, at(4), "pub2", "pub3")) // the others move up, and the run is drafted later
	change(paying("r1", tr, at(4)))
	change(paying("r1", tr, at(4), "pub1"))
	change(paying("r2", program.ID("pl"), at(2), "pub3", "pub1"))
	// A change that is undone leaves no payouts.
	failed := errors.New("changed their mind")
	k.is(k.store.Update(k.ctx, func(tx store.Tx) error {
		if err := tx.Payouts().PutRun(k.ctx, paying("r3", tr, at(9), "pub1"), 0); err != nil {
			return err
		}
		return failed
	}), failed, "an update that fails")
	change(paying("r2", program.ID("pl"), at(2), "pub1"))
	k.is(putRun(k, paying("r2", program.ID("pl"), at(2), "pub2"), 1), store.ErrConflict, "an older revision")
	change(paying("r4", tr, at(1), "pub2"))
}

func fileStays(k *kit) {
	k.must(putRun(k, run("r1", at(1)), 0))
	k.must(putRun(k, run("r2", at(1)), 0))
	putFile := func(run, name string, data []byte) error {
		return k.store.Update(k.ctx, func(tx store.Tx) error { return tx.Payouts().PutFile(k.ctx, run, name, data) })
	}
	all := make([]byte, 256) // every byte
	for i := range all {
		all[i] = byte(i)
	}
	k.must(putFile("r1", "a.xml", all))
	k.must(putFile("r1", "a.xml", all))
	k.must(putFile("r2", "a.xml", all[1:]))
	k.must(putFile("r1", "A.xml", nil))
	k.must(putFile("r1", "A.xml", []byte{}))
	k.is(putFile("r1", "a.xml", all[:255]), store.ErrConflict, "other bytes")
	k.is(putFile("r1", "a.xml", nil), store.ErrConflict, "no bytes")
	k.is(putFile("r1", "A.xml", all), store.ErrConflict, "bytes after none")
	k.is(putFile("r404", "a.xml", all), store.ErrNotFound, "a file of an unknown run")
	k.reopen()
	for _, w := range []struct {
		run, name string
		data      []byte
	}{{"r1", "a.xml", all}, {"r2", "a.xml", all[1:]}, {"r1", "A.xml", []byte{}}} {
		got := read(k, func(tx store.Tx) ([]byte, error) { return tx.Payouts().File(k.ctx, w.run, w.name) })
		k.same("the file "+w.name+" of "+w.run, string(got), string(w.data))
	}
	k.is(k.store.View(k.ctx, func(tx store.Tx) error {
		_, err := tx.Payouts().File(k.ctx, "r2", "A.xml")
		return err
	}), store.ErrNotFound, "an unknown file")
}

func details(k *kit) {
	put := func(publisherID, json string, when time.Time) {
		k.update(func(tx store.Tx) error { return tx.Payouts().PutDetails(k.ctx, publisherID, []byte(json), when) })
	}
	get := func() map[string]store.PayoutDetails {
		return read(k, func(tx store.Tx) (map[string]store.PayoutDetails, error) { return tx.Payouts().Details(k.ctx) })
	}
	k.same("no details", get(), map[string]store.PayoutDetails{})
	put("pub1", "{\"a\":  1}\n", at(1))
	put("PUB1", `{"a": "ş"}`, at(2))
	k.same("details", get(), map[string]store.PayoutDetails{"pub1": {JSON: []byte("{\"a\":  1}\n"), ChangedAt: at(1)}, "PUB1": {JSON: []byte(`{"a": "ş"}`), ChangedAt: at(2)}})
	put("pub1", "{}", at(3))
	k.same("changed details", get()["pub1"], store.PayoutDetails{JSON: []byte("{}"), ChangedAt: at(3)})
}
