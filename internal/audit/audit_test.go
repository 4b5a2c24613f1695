package audit_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// I6: an entry says who, from where, what, from what to what and why; it stands exactly if the effect does.
func TestI6_NotesWhatWasDoneWithItsEffect(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ctx := audit.With(t.Context(), audit.By{Person: "per_1", Organisation: "org_1", Via: "session abc", Network: "192.0.2.0/24"})
	note := func(fail error, act audit.Act) error {
		return db.Update(ctx, func(tx store.Tx) error {
			if err := audit.Note(ctx, tx, at, act); err != nil {
				return err
			}
			return fail
		})
	}
	act := audit.Act{
		Action: "case.decided", Object: "case 1", Reason: "The clicks came from one machine.\x00",
		Before: audit.Values{"state": "open", "publisher": "p1"}, After: audit.Values{"state": "deducted", "publisher": "p1", "amount": "12.50 EUR"},
	}
	undone := errors.New("the effect failed")
	if err := note(undone, act); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := note(nil, act); err != nil {
		t.Fatal(err)
	}
	if err := note(nil, audit.Act{Action: "x.done", Object: strings.Repeat("ş", 400), Reason: strings.Repeat("ş", 2000)}); err != nil {
		t.Fatalf("a long text: %v", err)
	}
	err = db.Update(t.Context(), func(tx store.Tx) error {
		return audit.Note(t.Context(), tx, at, audit.Act{Action: "job.done", Object: "job 1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []store.AuditEntry
	if err := db.View(t.Context(), func(tx store.Tx) (err error) {
		all, err = tx.Platform().Accounts().Audit().After(t.Context(), 0, 10)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Fatalf("%d entries, want 3: what was undone is not in the log", len(all))
	}
	e := all[0]
	if e.Person != "per_1" || e.Organisation != "org_1" || e.Via != "session abc" || e.Network != "192.0.2.0/24" || e.Action != "case.decided" || e.Object != "case 1" || !e.At.Equal(at) {
		t.Errorf("%+v", e)
	}
	d := audit.Read(e)
	if len(d.Before) != 1 || d.Before["state"] != "open" || len(d.After) != 2 || d.After["state"] != "deducted" || d.After["amount"] != "12.50 EUR" || d.Reason != "The clicks came from one machine." {
		t.Errorf("%+v", d)
	}
	if all[2].Via != audit.Ourselves || all[2].Person != "" || all[2].Detail != "" {
		t.Errorf("what nobody asked for: %+v", all[2])
	}
	if d := audit.Read(store.AuditEntry{Detail: `{"role":"admin","reason":"new"}`}); d.After["role"] != "admin" || d.Reason != "new" {
		t.Errorf("an entry of accounts: %+v", d)
	}
	if got := audit.Ending("DE89370400440532013000"); got != "…3000" || audit.Ending("1234") != "••••" {
		t.Errorf("the ending of an account: %q", got)
	}
}
