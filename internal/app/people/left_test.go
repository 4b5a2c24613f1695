package people

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// A7: keys that somebody knows end with the membership, or are named as known to somebody who left, and replaced in one step. That a key reads on
// where nobody ends it is the red control.
func TestA7_KeysOfWhoLeft(t *testing.T) {
	w := newWorld(t)
	w.publisher("ada@example.org")
	ada, _ := w.signIn("ada@example.org")
	bob := w.join(ada, "bob@example.org", Owner)
	eve := w.join(ada, "eve@example.org", Owner)
	of := func(v Viewer, name string) Credentials {
		c, err := w.MakeApp(w.ctx, v, name, []string{"read", "links:write"}, nil)
		w.must(err)
		return c
	}
	bobs, second, eves, adas := of(bob, "Bob's"), of(bob, "Bob's other"), of(eve, "Eve's"), of(ada, "Ada's")
	rotated, err := w.RotateKey(w.ctx, eve, second.App) // two know this app's keys
	w.must(err)
	w.publisher("stranger@example.org")
	stranger, _ := w.signIn("stranger@example.org")
	others := of(stranger, "Foreign")
	live := func(c Credentials) bool {
		_, ok, err := w.Caller(w.ctx, c.Key)
		w.must(err)
		return ok
	}
	left := func() string {
		all, err := w.Apps(w.ctx, ada)
		w.must(err)
		var out []string
		for _, app := range all {
			for _, k := range app.Keys {
				if k.Left && k.Live(w.clock) && app.RevokedAt.IsZero() {
					out = append(out, app.Name+" by "+k.Name)
				}
			}
		}
		slices.Sort(out) // made at the same time, they stand in the order of their ids
		return strings.Join(out, ", ")
	}
	knows := func(person string) int {
		all, _, err := w.Members(w.ctx, ada)
		w.must(err)
		for _, c := range all {
			if c.Person == person {
				return c.Keys
			}
		}
		return -1
	}
	if knows(bob.Person) != 2 || knows(eve.Person) != 2 || knows(ada.Person) != 1 || left() != "" {
		t.Errorf("they know %d, %d and %d keys; left: %q", knows(bob.Person), knows(eve.Person), knows(ada.Person), left())
	}
	reader := w.join(ada, "reader@example.org", Reader)
	if all, _, err := w.Members(w.ctx, reader); err != nil || all[0].Keys+all[1].Keys+all[2].Keys+all[3].Keys != 0 {
		t.Errorf("a reader sees who knows keys: %+v, %v", all, err)
	}

	// Eve goes, and her keys with her; those of others stay.
	w.must(w.RemoveMember(w.ctx, ada, eve.Person, true))
	if live(eves) || live(rotated) || !live(bobs) || !live(second) || !live(adas) || left() != "" {
		t.Errorf("the keys of who was removed, or those of others: left %q", left())
	}
	// Bob goes and his keys stay: they call on, in nobody's name, and are named.
	w.must(w.RemoveMember(w.ctx, ada, bob.Person, false))
	if c, ok, err := w.Caller(w.ctx, bobs.Key); err != nil || !ok || c.Person != "" {
		t.Errorf("a key that was left: %v, %+v, %v", ok, c, err)
	}
	if got := left(); got != "Bob's by New, Bob's other by New" {
		t.Errorf("left: %q", got)
	}
	if _, err := w.ReplaceLeftKeys(w.ctx, reader); err == nil {
		t.Error("a reader replaces keys")
	}
	stale := ada
	stale.ProvedAt = w.clock.Add(-time.Hour)
	_, err = w.ReplaceLeftKeys(w.ctx, stale)
	w.is(err, ErrStepUp, "without a proof")
	small := ada
	small.App, small.Scopes = "app_1", []string{"read", "accounts:write"}
	if _, err := w.ReplaceLeftKeys(w.ctx, small); codeOf(err) != "scopes beyond" {
		t.Errorf("an app that may less: %v", err)
	}
	if none, err := w.ReplaceLeftKeys(w.ctx, stranger); err != nil || len(none) != 0 {
		t.Errorf("a stranger gets %v, %v", none, err)
	}
	fresh, err := w.ReplaceLeftKeys(w.ctx, ada)
	w.must(err)
	if len(fresh) != 2 || !live(fresh[0]) || !live(fresh[1]) || !live(bobs) || !live(second) || fresh[0].Secret == bobs.Secret {
		t.Errorf("replaced: %+v", fresh)
	}
	w.pass(LeftOverlap)
	ada, _ = w.signIn("ada@example.org")
	if live(bobs) || live(second) || !live(fresh[0]) || !live(fresh[1]) || !live(adas) || !live(others) || left() != "" {
		t.Errorf("after the overlap: left %q", left())
	}
	if again, err := w.ReplaceLeftKeys(w.ctx, ada); err != nil || len(again) != 0 {
		t.Errorf("a second time: %v, %v", again, err)
	}
	if log := w.actions(); strings.Count(log, "app.key_replaced") != 2 || strings.Count(log, "member.removed") != 2 {
		t.Errorf("the log: %s", log)
	}
	// Whoever is kept out counts as one who left; so does somebody of whom nothing is known any more.
	admin := w.operatorAs("admin@example.org", Admin)
	carol := w.join(ada, "carol@example.org", Owner)
	of(carol, "Carol's")
	w.must(w.Lock(w.ctx, admin, carol.Person))
	if got := left(); got != "Carol's by New" {
		t.Errorf("left: %q", got)
	}
	w.must(w.store.Update(w.ctx, func(tx store.Tx) error {
		keys, err := tx.Platform().Accounts().Apps().Keys(w.ctx, adas.App)
		if err != nil {
			return err
		}
		keys[0].CreatedBy = "per_unknown"
		return tx.Platform().Accounts().Apps().PutKey(w.ctx, keys[0])
	}))
	if got := left(); !strings.Contains(got, "Ada's by per_unknown") {
		t.Errorf("left: %q", got)
	}
}

// 6.5.2: recovery codes hold more than 112 bits, so that a plain hash of one is as good as a slow one.
func TestRecoveryCodesAreLong(t *testing.T) {
	codes, hashes := newRecovery()
	seen := map[string]bool{}
	for i, c := range codes {
		plain := strings.ReplaceAll(c.Reveal(), "-", "")
		if len(plain)*5 < 112 || seen[plain] || hashOf(plain) != hashes[i] {
			t.Errorf("the code %q", c.Reveal())
		}
		seen[plain] = true
	}
}
