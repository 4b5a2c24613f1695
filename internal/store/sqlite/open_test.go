package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/clickledger/clickledger/internal/store"
)

// put writes something that seen finds again.
func put(t *testing.T, s *Store, key string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		_, _, err := tx.Keys().Claim(t.Context(), "test", key, []byte("hash"), day)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func seen(t *testing.T, s *Store, key string) bool {
	t.Helper()
	var found bool
	err := s.Update(t.Context(), func(tx store.Tx) (err error) {
		_, found, err = tx.Keys().Claim(t.Context(), "test", key, []byte("hash"), day)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "text.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, message string }{
		{"no name", "", "name a file"},
		{"memory", ":memory:", "name a file"},
		{"no folder", filepath.Join(dir, "nowhere", "store.db"), "does not exist: make it"},
		{"a file for a folder", filepath.Join(file, "store.db"), "text.db"},
		{"a folder for a file", dir, "is a directory"},
		{"no database", file, "not a SQLite database; name another one"},
	} {
		s, err := Open(t.Context(), c.path)
		if err == nil {
			s.Close()
			t.Errorf("%s: %q was opened", c.name, c.path)
		} else if !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: the error is %q, want one with %q", c.name, err, c.message)
		}
	}
	if text, _ := os.ReadFile(file); !strings.HasPrefix(string(text), "this is not") {
		t.Errorf("a file that is no database was changed")
	}
}

func TestOpenRefusesNewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	put(t, s, "k")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + left); err == nil {
			t.Errorf("closing left %s%s behind: a connection is still open", filepath.Base(path), left)
		}
	}
	raw(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	_, err := Open(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "a newer version of the program wrote it: its schema is at step 9999") {
		t.Errorf("the error is %v", err)
	}
	raw(t, path, "DELETE FROM goose_db_version WHERE version_id = 9999")
	if !seen(t, open(t, path), "k") {
		t.Errorf("what was kept is gone")
	}
}

// raw changes a database behind the store's back.
func raw(t *testing.T, path, statement string) {
	t.Helper()
	db, err := connect(path, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// older makes a database of an older version, after some step, in which statements put something.
func older(t *testing.T, step int64, statements ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	db, err := connect(path, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), step); err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A database of an older version is brought up to date, with all that is in it.
func TestOpenMigrates(t *testing.T) {
	path := older(t, 1, "INSERT INTO quotes (base, quoted, day, rate) VALUES ('EUR', 'TRY', '2026-03-01', '45.12')")
	s := open(t, path)
	put(t, s, "k")
	err := s.View(t.Context(), func(tx store.Tx) error {
		quotes, err := tx.Facts().Quotes(t.Context())
		if len(quotes) != 1 || quotes[0].Rate.String() != "45.12" {
			t.Errorf("the exchange rates are %v", quotes)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// R4: sums of days whose clicks were forgotten outlive the change of their form, and days whose clicks are there are added up anew.
func TestR4_OpenTakesOverSealedSums(t *testing.T) {
	path := older(t, 12,
		"INSERT INTO counters (name, last) VALUES ('clicks_sealed', 20100)",
		`INSERT INTO click_sums (publisher, dim, day, program, value, clicks, rejected) VALUES
			('', '', 20000, 'tr', '', 5, 2), ('pub1', '', 20000, 'tr', '', 5, 2), ('pub1', 'af', 20000, 'tr', 'x', 3, 1), ('pub1', '', 20001, 'tr', '', 7, 0),
			('', '', 20200, 'tr', '', 90, 90), ('pub1', '', 20200, 'tr', '', 90, 90)`,
		`INSERT INTO item_sums (publisher, basis, dim, day, program, currency, state, value, items, actions, sold_high, sold_low, amount_high, amount_low, held, held_for)
			VALUES ('', 'order', '', 20000, 'tr', 'TRY', 'approved', '', 1, 1, 0, 1, 0, 1, 0, 0)`,
	)
	for range 2 { // opened again, nothing is added a second time
		s := open(t, path)
		err := s.View(t.Context(), func(tx store.Tx) error {
			r := tx.Platform().Reports()
			for _, c := range []struct {
				q    store.Figures
				want map[string][2]int64
			}{
				{store.Figures{Publisher: "pub1", By: []store.Dim{store.DimAF}}, map[string][2]int64{"x": {3, 1}, "": {9, 1}}},
				{store.Figures{By: []store.Dim{store.DimDay}}, map[string][2]int64{"2024-10-04": {5, 2}}},
			} {
				got := make(map[string][2]int64)
				if err := r.Clicks(t.Context(), c.q, func(f store.Figure) error { got[f.Keys[0]] = [2]int64{f.Clicks, f.Rejected}; return nil }); err != nil {
					return err
				}
				if !maps.Equal(got, c.want) {
					t.Errorf("%+v: %v, wanted %v", c.q, got, c.want)
				}
			}
			stale, err := r.Stale(t.Context(), time.Unix(20300*86400, 0))
			for _, d := range []store.StaleDay{{Kind: "click", Program: "tr", Day: 20200}, {Kind: "order", Program: "tr", Day: 20000}} {
				if !slices.Contains(stale, d) {
					t.Errorf("%+v is not to be added up: %+v", d, stale)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Several processes may open a database at once, also one that is not there yet.
func TestOpenTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	stores := make([]*Store, 4)
	errs := make([]error, len(stores))
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() { stores[i], errs[i] = Open(t.Context(), path) })
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		defer stores[i].Close()
	}
	// They write in turn and see what the others wrote.
	for i, s := range stores {
		put(t, s, string(rune('a'+i)))
	}
	for i := range stores {
		if !seen(t, stores[len(stores)-1-i], string(rune('a'+i))) {
			t.Errorf("store %d does not see what store %d wrote", len(stores)-1-i, i)
		}
	}
}

// The name of a file is taken as it is, whatever signs of an address it has.
func TestOpenAnyName(t *testing.T) {
	for _, name := range []string{"a b.db", "100%.db", "x?mode=ro.db", "#1.db", "ışık.db", "a&b=c.db", "%41.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		put(t, s, "k")
		info, err := os.Stat(path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q: others may read the bank accounts in it: %v", name, info.Mode())
		}
	}
}

// The promises rest on these settings: what is committed is on the disk, and readers do not write.
func TestSettings(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	for _, c := range []struct {
		pool    chan *session
		setting string
		want    string
	}{
		{s.writer, "journal_mode", "wal"}, {s.writer, "synchronous", "2"}, {s.writer, "foreign_keys", "1"}, {s.writer, "query_only", "0"},
		{s.writer, "busy_timeout", "10000"}, {s.readers, "journal_mode", "wal"}, {s.readers, "query_only", "1"}, {s.readers, "foreign_keys", "1"},
	} {
		for range cap(c.pool) {
			session := <-c.pool
			var is string
			if err := session.conn.QueryRowContext(t.Context(), "PRAGMA "+c.setting).Scan(&is); err != nil || is != c.want {
				t.Errorf("%s is %q, want %q (%v)", c.setting, is, c.want, err)
			}
			c.pool <- session
		}
	}
}

// What Update has returned from is on the disk: files that are copied there and then, as a power cut would leave them, hold it,
// and hold nothing of a transaction that is under way.
func TestPowerCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := open(t, path)
	for i := range 20 {
		put(t, s, string(rune('a'+i)))
		saved := t.TempDir()
		err := s.Update(t.Context(), func(tx store.Tx) error {
			if _, _, err := tx.Keys().Claim(t.Context(), "test", "under way", nil, day); err != nil {
				return err
			}
			return os.CopyFS(saved, os.DirFS(dir))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(saved, "store.db-shm")); err != nil { // memory, not disk
			t.Fatal(err)
		}
		after, err := Open(t.Context(), filepath.Join(saved, "store.db"))
		if err != nil {
			t.Fatal(err)
		}
		for j := range i + 1 {
			if !seen(t, after, string(rune('a'+j))) {
				t.Errorf("after power cut %d, what was acknowledged as number %d is gone", i, j)
			}
		}
		if seen(t, after, "under way") {
			t.Errorf("after power cut %d, half a transaction is there", i)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
		// It was committed after the cut; take it back for the next round.
		raw(t, path, "DELETE FROM idempotency_keys WHERE key = 'under way'")
	}
}

// Readers do not wait for a writer, nor a writer for readers.
func TestReadersBesideAWriter(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	err := s.Update(t.Context(), func(store.Tx) error {
		for range 2 * cap(s.readers) {
			if err := s.View(t.Context(), func(tx store.Tx) error {
				_, err := tx.Facts().Documents(t.Context())
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx store.Tx) error {
		put(t, s, "k")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who waits for the writer can give up.
func TestWaitingEnds(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(t.Context(), func(store.Tx) error {
		ended := make(chan error)
		go func() { ended <- s.Update(ctx, func(store.Tx) error { return nil }) }()
		cancel()
		if err := <-ended; err == nil {
			t.Errorf("a second writer did not wait")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The guards behind the guards: the journal is never changed, and no balance passes its limit, whoever writes.
func TestSecondGuards(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	if err := s.Update(t.Context(), bookOne(t.Context())); err != nil {
		t.Fatal(err)
	}
	db, err := connect(path, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range secondGuards() {
		if _, err := db.Exec(c.statement); err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: the error is %v, want one with %q", c.statement, err, c.message)
		}
	}
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM movements").Scan(&n); err != nil || n != 1 {
		t.Errorf("there are %d movements, want 1 (%v)", n, err)
	}
}

// Reports have a statement for each question: a connection keeps so many of them prepared, and no more.
func TestPreparedStatementsAreGivenUp(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	for i := range 3*mostPrepared + 7 {
		session := <-s.readers
		err := errors.Join(session.tidy(), session.run(fmt.Sprintf("SELECT %d", i)))
		s.readers <- session
		if err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, "after it")
	for range cap(s.readers) {
		session := <-s.readers
		if n := len(session.prepared); n > mostPrepared+1 {
			t.Errorf("%d statements are prepared", n)
		}
		s.readers <- session
	}
}
