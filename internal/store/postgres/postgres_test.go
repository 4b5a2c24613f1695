package postgres

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/pgtest"
	"github.com/clickledger/clickledger/internal/store/storetest"
)

// schemas counts the schemas of this process.
type schemas struct{ n atomic.Int64 }

// dsn makes an empty schema, which goes away with the test, and returns an address whose search path it is.
func (s *schemas) dsn(t testing.TB) string {
	t.Helper()
	u := pgtest.Address(t)
	name := fmt.Sprintf("t%d_%d", os.Getpid(), s.n.Add(1))
	run := func(statement string) {
		t.Helper()
		conn, err := pgx.Connect(context.Background(), u.String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE SCHEMA " + name)
	t.Cleanup(func() { run("DROP SCHEMA " + name + " CASCADE") })
	q := u.Query()
	q.Set("search_path", name)
	q.Set("pool_max_conns", "6")
	q.Set("deadlock_timeout", "20ms") // checks make deadlocks on purpose; a second for each is long
	own := *u
	own.RawQuery = q.Encode()
	return own.String()
}

// fresh makes an empty database.
func (s *schemas) fresh(t testing.TB) storetest.Opener {
	dsn := s.dsn(t)
	return func(ctx context.Context) (store.Store, error) {
		opened, err := Open(ctx, dsn)
		if err != nil {
			return nil, err
		}
		return opened, nil
	}
}

func TestContract(t *testing.T) { storetest.Run(t, new(schemas).fresh) }
