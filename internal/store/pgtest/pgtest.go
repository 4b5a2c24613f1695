// Package pgtest gives tests a PostgreSQL database of their own.
package pgtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Variable names the server that tests may make databases on.
const Variable = "CLICKLEDGER_TEST_POSTGRES"

// Address is where the tests' PostgreSQL is. Without one the test fails: what is left out proves nothing.
func Address(t testing.TB) *url.URL {
	t.Helper()
	dsn := os.Getenv(Variable)
	if dsn == "" {
		t.Fatalf("no PostgreSQL: run `make test`, or scripts/with-postgres.sh go test (%s names a server)", Variable)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	return u
}

// Database makes an empty database, which goes away with the test, and returns its address.
func Database(t testing.TB) string {
	t.Helper()
	u := Address(t)
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = conn.Close(context.Background()) // the test is over
	})
	own := *u
	own.Path = "/" + name
	return own.String()
}
