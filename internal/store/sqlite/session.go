package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// session is a connection with the statements that were prepared on it.
type session struct {
	conn     *sql.Conn
	prepared map[text]*sql.Stmt
}

// text is a statement as it is prepared: for a number of rows of its batch.
type text struct {
	sql  string
	rows int
}

func newSession(conn *sql.Conn) *session {
	return &session{conn, make(map[text]*sql.Stmt)}
}

// close gives the connection up with all that is prepared on it.
func (s *session) close() error {
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// run runs a statement that has no arguments and whose result does not matter.
func (s *session) run(statement string) error {
	stmt, err := s.prepare(text{statement, 0}, nil)
	if err == nil {
		_, err = stmt.ExecContext(context.Background())
	}
	return explain(err)
}

// rollBack undoes the transaction. SQLite may have done so itself, when the disk was full for one.
func (s *session) rollBack() error {
	err := s.run("ROLLBACK")
	var e *sqlite.Error
	if errors.As(err, &e) && strings.Contains(e.Error(), "no transaction is active") {
		return nil
	}
	return err
}

// mostPrepared is how many statements stay prepared. Reports have one for each question, and there are many of those.
const mostPrepared = 400

// tidy gives up what is prepared where there is too much of it. No statement may be running.
func (s *session) tidy() error {
	if len(s.prepared) <= mostPrepared {
		return nil
	}
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	clear(s.prepared)
	return errors.Join(errs...)
}

func (s *session) prepare(t text, columns []sqltx.Column) (*sql.Stmt, error) {
	if stmt := s.prepared[t]; stmt != nil {
		return stmt, nil
	}
	// The values of the rows come first and have no numbers: the driver looks numbers up one by one. The arguments follow.
	values := 0
	if t.rows > 0 {
		values = t.rows * (len(columns) + 1)
	}
	written := numbered.ReplaceAllStringFunc(t.sql, func(arg string) string {
		n, _ := strconv.Atoi(arg[1:])
		return "?" + strconv.Itoa(values+n)
	})
	if t.rows > 0 {
		written = strings.Replace(written, sqltx.Marker, rows(columns, t.rows), 1)
	}
	stmt, err := s.conn.PrepareContext(context.Background(), written)
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", strings.SplitN(t.sql, "\n", 2)[0], err)
	}
	s.prepared[t] = stmt
	return stmt, nil
}

// numbered finds the arguments of a text.
var numbered = regexp.MustCompile(`\$[0-9]+`)

// rows writes a SELECT of n rows.
func rows(columns []sqltx.Column, n int) string {
	names := make([]string, 0, len(columns)+1)
	for i, c := range columns {
		names = append(names, fmt.Sprintf("column%d AS %s", i+1, c.Name))
	}
	names = append(names, fmt.Sprintf("column%d AS n", len(names)+1))
	row := "(" + strings.Repeat("?,", len(names)-1) + "?)"
	return "SELECT " + strings.Join(names, ", ") + " FROM (VALUES " + strings.Repeat(row+",", n-1) + row + ")"
}

// part is how many of the rows that are left one run of a statement takes. Few sizes, so that few statements are prepared;
// more rows at once than the largest gain nothing.
func part(left int) int {
	for _, n := range [...]int{64, 8} {
		if left >= n {
			return n
		}
	}
	return 1
}

// connection runs the statements of one transaction. It implements sqltx.Conn.
type connection struct{ *session }

// each runs a statement for all rows of its batch.
func (c *connection) each(ctx context.Context, s sqltx.Statement, run func(*sql.Stmt, []any) error) error {
	n := s.Len()
	if len(s.Rows) == 0 {
		stmt, err := c.prepare(text{s.SQL, 0}, nil)
		if err != nil {
			return explain(err)
		}
		return explain(run(stmt, s.Args))
	}
	args := make([]any, 0, part(n)*(len(s.Rows)+1)+len(s.Args)) // no part has more
	for done := 0; done < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		k := part(n - done)
		stmt, err := c.prepare(text{s.SQL, k}, s.Rows)
		if err != nil {
			return explain(err)
		}
		args = args[:0]
		for i := done; i < done+k; i++ {
			for j := range s.Rows {
				args = append(args, s.Rows[j].At(i))
			}
			args = append(args, int64(i))
		}
		args = append(args, s.Args...)
		if err := run(stmt, args); err != nil {
			return explain(err)
		}
		done += k
	}
	return nil
}

// Query implements sqltx.Conn.
func (c *connection) Query(ctx context.Context, s sqltx.Statement, each func(func(...any) error) error) error {
	return c.each(ctx, s, func(stmt *sql.Stmt, args []any) error {
		found, err := stmt.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			if err := each(found.Scan); err != nil {
				return err
			}
		}
		return errors.Join(found.Err(), found.Close())
	})
}

// Exec implements sqltx.Conn.
func (c *connection) Exec(ctx context.Context, s sqltx.Statement) (int64, error) {
	var changed int64
	err := c.each(ctx, s, func(stmt *sql.Stmt, args []any) error {
		result, err := stmt.ExecContext(ctx, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		changed += n
		return err
	})
	return changed, err
}

// Lock implements sqltx.Conn: there is one writer, so it holds every lock.
func (c *connection) Lock(context.Context, string) error { return nil }

// explain adds what to do about an error that its user can do something about.
func explain(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another process has been writing for too long; let it end, and try again: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full; make room: %w", err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file is not a SQLite database; name another one: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged; restore it from a backup: %w", err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("only Update writes: %w", err)
	}
	return err
}
