// Package sqlite keeps the store in a SQLite file, through a driver in pure Go.
//
// It has a write-ahead log and synchronises fully: what Update has returned from is on the disk. One connection writes, several
// read beside it, each on the state in which its transaction began. The file belongs to one server; another process, such as
// an import, waits for its turn to write.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlstore"
)

// Store is an open database. It implements store.Store.
type Store struct {
	path    string
	writing *sql.DB
	reading *sql.DB
	writer  chan *session // holds the one connection that writes
	readers chan *session // holds those that read
	closed  chan struct{}
	closing sync.Once
}

// Open opens the database in a file, or makes it where there is none; its folder must exist. It brings an older database up to
// date, and refuses one that a newer version of the program wrote.
func Open(ctx context.Context, path string) (*Store, error) {
	abs, err := prepare(path)
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", path, err)
	}
	s := &Store{path: path, closed: make(chan struct{})}
	if err := s.open(ctx, abs); err != nil {
		_ = s.release() // what went wrong first is what counts
		return nil, fmt.Errorf("opening the database %s: %w", path, explain(err))
	}
	return s, nil
}

// prepare checks the place of the file and makes it where it is missing, for its owner's eyes only: it holds bank accounts.
func prepare(path string) (string, error) {
	if path == "" || path == ":memory:" {
		return "", errors.New("name a file: a store keeps what was acknowledged")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(abs)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("the folder %s does not exist: make it, or name another one", dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder", dir)
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return "", fmt.Errorf("this user may not write there: %w", err)
	}
	if err != nil {
		return "", err
	}
	// The log stands beside the file, so the folder must be writable too.
	probe, err := os.CreateTemp(dir, ".clickledger-*")
	if err != nil {
		return "", errors.Join(fmt.Errorf("the folder %s is not writable: %w", dir, err), f.Close())
	}
	return abs, errors.Join(f.Close(), probe.Close(), os.Remove(probe.Name()))
}

// settings are what each connection is set to.
func settings(readOnly bool) url.Values {
	pragmas := []string{
		"busy_timeout(10000)", // another process writes
		"synchronous(FULL)",
		"foreign_keys(ON)",
		"temp_store(MEMORY)",
		"trusted_schema(OFF)",
		"wal_autocheckpoint(4000)", // pages
	}
	if readOnly {
		pragmas = append(pragmas, "cache_size(-16384)", "query_only(ON)") // KiB
	} else {
		pragmas = append(pragmas, "cache_size(-65536)", "journal_size_limit(67108864)",
			"secure_delete(FAST)") // what is deleted or replaced in a page is overwritten; whole pages that become free, Scrub overwrites
	}
	return url.Values{"_pragma": pragmas, "_dqs": {"0"}}
}

func connect(abs string, readOnly bool, connections int) (*sql.DB, error) {
	file := filepath.ToSlash(abs)
	if !strings.HasPrefix(file, "/") {
		file = "/" + file // C:/...
	}
	name := url.URL{Scheme: "file", Path: file, RawQuery: settings(readOnly).Encode()}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	return db, nil
}

func (s *Store) open(ctx context.Context, abs string) (err error) {
	if s.writing, err = connect(abs, false, 1); err != nil {
		return err
	}
	var mode string
	if err := s.writing.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("a write-ahead log is not possible there (the journal mode stays %q): put the file on a local disk", mode)
	}
	if err := migrate(ctx, s.writing); err != nil {
		return err
	}
	if s.writer, err = sessions(ctx, s.writing, 1); err != nil {
		return err
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	if s.reading, err = connect(abs, true, readers); err != nil {
		return err
	}
	if s.readers, err = sessions(ctx, s.reading, readers); err != nil {
		return err
	}
	return sqlstore.Adopt(ctx, s)
}

// sessions takes all connections of a pool.
func sessions(ctx context.Context, db *sql.DB, n int) (chan *session, error) {
	all := make(chan *session, n)
	for len(all) < n {
		conn, err := db.Conn(ctx)
		if err != nil {
			for range len(all) {
				_ = (<-all).close()
			}
			return nil, err
		}
		all <- newSession(conn)
	}
	return all, nil
}

var errClosed = errors.New("the store is closed")

// take waits for a session.
func (s *Store) take(ctx context.Context, from chan *session) (*session, error) {
	select {
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	default:
	}
	select {
	case session := <-from:
		return session, nil
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, do func(store.Tx) error) error {
	return s.run(ctx, s.writer, "BEGIN IMMEDIATE", "COMMIT", do)
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, do func(store.Tx) error) error {
	return s.run(ctx, s.readers, "BEGIN", "ROLLBACK", do)
}

func (s *Store) run(ctx context.Context, from chan *session, begin, end string, do func(store.Tx) error) (err error) {
	session, err := s.take(ctx, from)
	if err != nil {
		return fmt.Errorf("waiting for the database: %w", err)
	}
	defer func() { from <- session }()
	if err := errors.Join(session.tidy(), session.run(begin)); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := sqlstore.New(&connection{session})
	ended := false
	defer func() {
		tx.End()
		if !ended { // also when do panics
			err = errors.Join(err, session.rollBack())
		}
	}()
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Failure(); err != nil {
		return fmt.Errorf("the transaction had failed and is undone: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := session.run(end); err != nil {
		return fmt.Errorf("ending the transaction: %w", err)
	}
	ended = true
	return nil
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	session, err := s.take(ctx, s.readers)
	if err != nil {
		return fmt.Errorf("waiting for the database: %w", err)
	}
	defer func() { s.readers <- session }()
	return session.run("SELECT COUNT(*) FROM goose_db_version")
}

// Close implements store.Store.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.closed)
		var errs []error
		for _, all := range []chan *session{s.readers, s.writer} {
			for range cap(all) {
				errs = append(errs, (<-all).close())
			}
		}
		err = errors.Join(append(errs, s.release())...)
	})
	return err
}

// release gives up what was opened. The last connection moves the log into the file.
func (s *Store) release() error {
	var errs []error
	for _, db := range []*sql.DB{s.reading, s.writing} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
