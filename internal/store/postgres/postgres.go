// Package postgres keeps the store in a PostgreSQL database.
//
// Updates run at READ COMMITTED: each statement sees what others committed before it, so what is read behind a lock is never
// older than the lock. What two transactions could spoil for each other is guarded by locks and unique keys; the one that was
// overtaken runs again. Views run at REPEATABLE READ, on one state.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlstore"
	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// Store is a pool of connections to a database. It implements store.Store.
type Store struct {
	pool   *pgxpool.Pool
	schema string
	texts  *texts
}

// Open connects to the database that a DSN names, a postgres:// address or key=value pairs, and brings its schema up to date.
// It refuses one that a newer version of the program wrote, and one whose settings would break the store's promises. The
// tables stand in the first schema of the search path.
func Open(ctx context.Context, dsn string) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", err) // the error has the password blacked out
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		// A plan is made for the rows at hand. One that was made while the tables were empty, and kept, would read them from
		// end to end for ever.
		_, err := conn.Exec(ctx, "SET plan_cache_mode = force_custom_plan")
		return err
	}
	place := fmt.Sprintf("opening the database %q on %s", config.ConnConfig.Database, config.ConnConfig.Host)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	s := &Store{pool: pool, texts: new(texts)}
	if err := s.prepare(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	return s, nil
}

// prepare checks the settings and brings the schema up to date.
func (s *Store) prepare(ctx context.Context) error {
	var encoding, synchronous string
	var schema *string
	err := s.pool.QueryRow(ctx, "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'), current_schema()").
		Scan(&encoding, &synchronous, &schema)
	switch {
	case err != nil:
		return err
	case encoding != "UTF8":
		return fmt.Errorf("its encoding is %s: make a database with the encoding UTF8", encoding)
	case synchronous == "off":
		return errors.New("synchronous_commit is off, so a commit could be lost after it was acknowledged: turn it on for this database")
	case schema == nil:
		return errors.New("no schema of the search path exists: make one, or name another one")
	}
	s.schema = *schema
	if err := migrate(ctx, s.pool, s.schema); err != nil {
		return err
	}
	return sqlstore.Adopt(ctx, s)
}

// attempts is how often an update is run when others overtake it.
const attempts = 12

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, do func(store.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.run(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, do)
		if err == nil || !overtaken(err) {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("overtaken by other transactions %d times: %w", attempts, err)
		}
		// Longer each time, and not all at once.
		wait := time.Duration(rand.Int64N(int64(time.Millisecond) << min(attempt, 8)))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// overtaken reports whether a transaction failed because of another one, so that running it again may succeed.
func overtaken(err error) bool {
	if errors.Is(err, sqltx.ErrOvertaken) {
		return true
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	}
	return false
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, do func(store.Tx) error) error {
	return s.run(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

func (s *Store) run(ctx context.Context, options pgx.TxOptions, do func(store.Tx) error) (err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("waiting for a connection to the database: %w", err)
	}
	defer conn.Release()
	under, err := conn.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := sqlstore.New(&connection{s, under})
	ended := false
	defer func() {
		tx.End()
		if !ended { // also when do panics
			err = errors.Join(err, undo(under))
		}
	}()
	if err := do(tx); err != nil {
		if failure := tx.Failure(); failure != nil && overtaken(failure) && !overtaken(err) {
			err = fmt.Errorf("%w (%w)", err, failure) // do kept the reason to itself
		}
		return err
	}
	if err := tx.Failure(); err != nil {
		return fmt.Errorf("the transaction had failed and is undone: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ended = true
	err = under.Commit(ctx)
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused), errors.Is(err, pgx.ErrTxCommitRollback):
		return fmt.Errorf("committing: %w", err)
	}
	return fmt.Errorf("committing; whether it was committed is not known, so ask before you try again: %w", err)
}

// undo rolls a transaction back, also where the context has ended. A connection that does not answer is closed, which undoes
// it as well.
func undo(tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := tx.Rollback(ctx)
	if errors.Is(err, pgx.ErrTxClosed) || tx.Conn().IsClosed() {
		return nil
	}
	return err
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("asking the database: %w", err)
	}
	return nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// connection runs the statements of one transaction. It implements sqltx.Conn.
type connection struct {
	store *Store
	tx    pgx.Tx
}

// Query implements sqltx.Conn.
func (c *connection) Query(ctx context.Context, s sqltx.Statement, each func(func(...any) error) error) error {
	found, err := c.tx.Query(ctx, c.store.texts.of(&s), arguments(&s)...)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := each(found.Scan); err != nil {
			return err
		}
	}
	found.Close()
	return found.Err()
}

// Exec implements sqltx.Conn.
func (c *connection) Exec(ctx context.Context, s sqltx.Statement) (int64, error) {
	done, err := c.tx.Exec(ctx, c.store.texts.of(&s), arguments(&s)...)
	return done.RowsAffected(), err
}

// Lock implements sqltx.Conn. Two stores in one database, each in a schema of its own, do not wait for each other.
func (c *connection) Lock(ctx context.Context, name string) error {
	_, err := c.tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey(c.store.schema, name))
	return err
}

// arguments are the scalar arguments and behind them the columns, each as an array.
func arguments(s *sqltx.Statement) []any {
	args := make([]any, 0, len(s.Args)+len(s.Rows))
	args = append(args, s.Args...)
	for i := range s.Rows {
		args = append(args, s.Rows[i].Values)
	}
	return args
}
