package clickhouse

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// fresh is an engine in a database of its own. Without a server the tests fail: a suite that is left out proves nothing.
func fresh(t testing.TB) *Engine {
	t.Helper()
	address := os.Getenv("CLICKLEDGER_TEST_CLICKHOUSE")
	if address == "" {
		t.Fatal("no ClickHouse: run `make test`, or scripts/with-clickhouse.sh go test ./internal/store/clickhouse (CLICKLEDGER_TEST_CLICKHOUSE names a server)")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	root, err := Open(t.Context(), address, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := root.conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.conn.Exec(context.WithoutCancel(t.Context()), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	e, err := Open(t.Context(), u.String(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestContract(t *testing.T) {
	dir := t.TempDir()
	n := 0
	storetest.RunAnalytics(t, func(ctx context.Context) (store.Store, error) {
		n++
		return sqlite.Open(ctx, filepath.Join(dir, strings.Repeat("x", n)+".db"))
	}, func(t testing.TB) store.Analytics { return fresh(t) })
}

// What counts no more is deleted when there is more of it than of the rest, and the figures stay.
func TestTidyDeletesWhatCountsNoMore(t *testing.T) {
	e := fresh(t)
	defer e.Close()
	day := []store.StaleDay{{Kind: clickKind, Program: "tr", Day: 20000}}
	rows := func(_ store.StaleDay, each func(*store.Fact) error) (bool, error) {
		for range atOnce {
			if err := each(&store.Fact{ID: "c", At: 20000 * microsPerDay, Sum: store.Figure{Clicks: 1}}); err != nil {
				return false, err
			}
		}
		return true, nil
	}
	for range 3 {
		if err := e.Take(t.Context(), day, rows, store.Fed{At: time.Unix(1, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Take(t.Context(), day, rows, store.Fed{At: time.Unix(1, 0)}); err != nil { // it finds three dead for each that lives
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute) // the server deletes in its own time
	for {
		var all uint64
		if err := e.conn.QueryRow(t.Context(), "SELECT count() FROM clickledger_clicks_1").Scan(&all); err != nil {
			t.Fatal(err)
		}
		if all == atOnce {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d rows are left of %d that count", all, atOnce)
		}
	}
	var clicks int64
	if err := e.Clicks(t.Context(), store.Figures{}, func(f store.Figure) error { clicks = f.Clicks; return nil }); err != nil || clicks != atOnce {
		t.Errorf("%d clicks: %v", clicks, err)
	}
}

// An address that leads nowhere is an error that says so, without the password.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, address := range []string{"clickhouse://user:secret@127.0.0.1:1/x?dial_timeout=1s", "nonsense://user:secret@[::1", "clickhouse://user:secret@127.0.0.1:1/x?dial_timeout=never"} {
		_, err := Open(t.Context(), address, time.Now)
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "ClickHouse") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
