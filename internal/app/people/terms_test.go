package people

import (
	"errors"
	"slices"
	"testing"

	"github.com/clickledger/clickledger/internal/store"
)

// A1: whoever signs up agrees to the terms of the day; a new version asks again; what was agreed to, by whom and when, stays.
func TestA1_TermsAreAcceptedByVersion(t *testing.T) {
	w := newWorld(t)
	w.publisher("ann@example.org")
	v, _ := w.signIn("ann@example.org")
	agreed, err := w.Agreed(w.ctx, v)
	w.must(err)
	if len(agreed.All) != 1 || agreed.Asks || agreed.All[0].Version != 1 || agreed.All[0].Document != "network" || agreed.All[0].Name != "Ada" || !agreed.All[0].At.Equal(w.clock) {
		t.Fatalf("after sign-up: %+v", agreed)
	}
	signedUp := w.clock
	if _, err := w.PublishTerms(w.ctx, v, map[string]string{"en": "x", "tr": "y"}); !errors.Is(err, ErrForbidden) {
		t.Errorf("a publisher publishes terms: %v", err)
	}
	boss := Viewer{Person: "per_boss", Organisation: Organisation{ID: "org_op", Kind: Operator}, Role: Admin, ProvedAt: w.clock, Session: "0123456789abcdef"}
	var input *InputError
	if _, err := w.PublishTerms(w.ctx, boss, map[string]string{"en": "Only English."}); !errors.As(err, &input) || input.Field != "text_tr" {
		t.Errorf("terms in one language: %v", err)
	}
	w.pass(SessionIdleFor / 2)
	boss.ProvedAt = w.clock
	n, err := w.PublishTerms(w.ctx, boss, map[string]string{"en": "New.", "tr": "Yeni."})
	w.must(err)
	if n.Version != 2 {
		t.Errorf("version %d, want 2", n.Version)
	}
	if agreed, err = w.Agreed(w.ctx, v); err != nil || !agreed.Asks {
		t.Errorf("nobody is asked for the new version: %+v, %v", agreed, err)
	}
	if err := w.AcceptTerms(w.ctx, v, 1); !errors.As(err, &input) {
		t.Errorf("an old version was accepted: %v", err)
	}
	w.must(w.AcceptTerms(w.ctx, v, 2))
	if agreed, err = w.Agreed(w.ctx, v); err != nil || agreed.Asks || len(agreed.All) != 2 || agreed.All[0].Version != 2 || !agreed.All[1].At.Equal(signedUp) {
		t.Errorf("after accepting: %+v, %v", agreed, err)
	}
	all, err := w.Terms(w.ctx)
	w.must(err)
	if len(all) != 2 || all[0].Texts["en"] != "New." || all[1].Texts["tr"] != firstTerms().Texts["tr"] {
		t.Errorf("what was agreed to is gone: %+v", all)
	}
	var actions []string
	w.must(w.store.View(w.ctx, func(tx store.Tx) error {
		log, err := tx.Platform().Accounts().Audit().After(w.ctx, 0, 100)
		for _, e := range log {
			actions = append(actions, e.Action)
		}
		return err
	}))
	for _, want := range []string{"terms.published", "terms.accepted"} {
		if !slices.Contains(actions, want) {
			t.Errorf("the log has no %s: %v", want, actions)
		}
	}
}
