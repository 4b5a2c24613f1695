package storetest

import (
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/payout"
)

func payoutChecks() []Check {
	return []Check{
		{"payout runs come back as they were kept, with their revision", runsComeBack},
		{"a payout run is replaced at its revision only (M5)", runsRevision},
		{"Payouts.Runs returns the runs from the one drafted last", runsNewestFirst},
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
