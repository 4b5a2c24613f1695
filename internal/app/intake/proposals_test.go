package intake

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/program"
)

// world is a service over a database where publishing takes two people.
type world struct {
	*Service
	t     *testing.T
	db    store.Store
	clock time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // the test is over
	w := &world{t: t, db: db, clock: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	w.Service = New(db, func() time.Time { return w.clock })
	w.TakeTwoPeople()
	return w
}

// as is a context in which somebody is signed in; by is one in which an app calls whose key somebody made.
func (w *world) as(person string) context.Context {
	return audit.With(w.t.Context(), audit.By{Person: person, Via: "session of " + person})
}

func (w *world) by(key, maker string) context.Context {
	return audit.With(w.t.Context(), audit.By{Via: key, Maker: maker})
}

// next is the next version of a reference program's document.
func (w *world) next() []byte {
	text, ok := program.ReferenceDocument("tr")
	if !ok {
		w.t.Fatal("there is no reference program tr")
	}
	text = regexp.MustCompile(`(?m)^version:.*$`).ReplaceAll(text, []byte("version: 2"))
	return regexp.MustCompile(`(?m)^effective_from:.*$`).ReplaceAll(text, []byte("effective_from: 2026-05-03T00:00:00Z"))
}

func (w *world) versions() (out []int) {
	w.t.Helper()
	docs, err := w.Documents(w.t.Context(), "tr")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range docs {
		out = append(out, d.Version)
	}
	return out
}

func (w *world) actions() (out []string) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), func(tx store.Tx) error {
		all, err := tx.Platform().Accounts().Audit().After(w.t.Context(), 0, 100)
		for _, e := range all {
			out = append(out, e.Action+" "+e.Person)
		}
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// ASVS 2.3.5, P1: whoever proposes new rates cannot approve them, neither signed in nor with a key, neither with its own key nor with one that
// it made for an app of a colleague; nothing is published before another person approved it.
func TestP1_PublishingTakesTwoPeople(t *testing.T) {
	w := newWorld(t)
	text := w.next()
	if err := w.Publish(w.as("ada"), "tr", text); !errors.Is(err, ErrTwoPeople) {
		t.Fatalf("one person published: %v", err)
	}
	for name, c := range map[string]struct{ proposes, refused context.Context }{
		"in the console":                {w.as("ada"), w.as("ada")},
		"by an app with a key of its":   {w.by("key 1", "ada"), w.as("ada")},
		"by an app, approved by a key":  {w.as("ada"), w.by("key 1", "ada")},
		"approved by a colleague's key": {w.as("ada"), w.by("key 2", "deniz")},
		"by a key, approved by the key": {w.by("key 3", ""), w.by("key 3", "")},
		"approved by a command":         {w.as("ada"), audit.With(t.Context(), audit.By{Via: "command"})},
		"approved by nobody":            {w.as("ada"), t.Context()},
	} {
		p, published, err := w.Submit(c.proposes, "tr", text, "More for books")
		if err != nil || published || p.State != Open {
			t.Fatalf("%s: %+v, %v, %v", name, p, published, err)
		}
		if _, err := w.Approve(c.refused, p.ID, "fine"); !errors.Is(err, ErrSamePerson) && !errors.Is(err, ErrNobody) {
			t.Errorf("%s: the approval says %v", name, err)
		}
		if got := w.versions(); !slices.Equal(got, []int{1}) {
			t.Fatalf("%s: versions %v are there", name, got)
		}
		if _, err := w.Reject(w.as("deniz"), p.ID, ""); err == nil {
			t.Error("it was rejected without a reason")
		}
		if _, err := w.Withdraw(w.as("deniz"), p.ID, ""); err == nil {
			t.Error("somebody else took it back")
		}
		if _, err := w.Reject(w.as("deniz"), p.ID, "too much"); err != nil {
			t.Error(err)
		}
	}
	p, _, err := w.Submit(w.as("ada"), "tr", text, "More for books")
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := w.Submit(w.as("deniz"), "tr", text, "The same")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = w.Approve(w.as("deniz"), p.ID, "I counted it too"); err != nil || p.State != Approved || p.DecidedBy != "deniz" {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := w.versions(); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("versions %v are there, want 2 and 1", got)
	}
	if _, err := w.Approve(w.as("deniz"), p.ID, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("it was approved again: %v", err)
	}
	w.clock = w.clock.AddDate(0, 0, 9)
	var field *field.Error
	if _, err := w.Approve(w.as("ada"), second.ID, ""); !errors.As(err, &field) || field.Field != "effective_from" {
		t.Errorf("terms were approved that begin in the past: %v", err)
	}
	if _, err := w.Withdraw(w.as("deniz"), second.ID, ""); err != nil {
		t.Error(err)
	}
	log := w.actions()
	for _, want := range []string{"program.proposed ada", "program.proposal_rejected deniz", "program.published deniz", "program.proposal_withdrawn deniz"} {
		if !slices.Contains(log, want) {
			t.Errorf("the audit log has no %q: %v", want, log)
		}
	}
	// Red control: where the installation lets one person publish alone, it does, and the log says so.
	alone := New(w.db, func() time.Time { return w.clock })
	third := regexp.MustCompile(`(?m)^version:.*$`).ReplaceAll(text, []byte("version: 3"))
	third = regexp.MustCompile(`(?m)^effective_from:.*$`).ReplaceAll(third, []byte("effective_from: 2026-06-03T00:00:00Z"))
	if _, published, err := alone.Submit(w.as("ada"), "tr", third, ""); err != nil || !published {
		t.Errorf("one person may publish here, and it did not: %v", err)
	}
	if log := w.actions(); log[len(log)-1] != "program.published ada" {
		t.Errorf("the last entry is %q", log[len(log)-1])
	}
}

// A document that cannot be published is refused when it is proposed, so nobody is asked to approve it.
func TestP1_NobodyIsAskedForNonsense(t *testing.T) {
	w := newWorld(t)
	if _, _, err := w.Submit(w.as("ada"), "global-eu", w.next(), ""); !errors.Is(err, ErrRefused) {
		t.Errorf("a document of another program: %v", err)
	}
	if _, _, err := w.Submit(w.as("ada"), "tr", []byte("version: 2"), ""); err == nil {
		t.Error("half a document was proposed")
	}
	if all, err := w.Proposals(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
