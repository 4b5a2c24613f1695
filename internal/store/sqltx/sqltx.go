// Package sqltx runs SQL that SQLite and PostgreSQL both understand, inside a transaction of either: statements, batches of rows,
// cursors, and the checks of what is kept. An engine opens databases, runs transactions and gives a Conn; the roles of the
// store (sqlstore, sqlplatform) stand on it, each text beside the code that reads its rows.
//
// Batches are one statement: the word {rows}, once in a text and before its arguments, stands for a SELECT of the batch's rows,
// with their columns and with n, the place of the row in the batch, from 0. PostgreSQL gets all rows at once as arrays; SQLite, where a statement costs
// next to nothing, may get them in several runs. So a text treats each row by itself, and what holds between the rows of a
// batch (which of two equal ones counts, the order of the whole) is settled before or after it.
package sqltx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/store"
)

// Conn runs statements inside a transaction.
type Conn interface {
	// Query runs a statement and calls each with a function that scans the next row, for all rows of its result.
	Query(ctx context.Context, s Statement, each func(scan func(dst ...any) error) error) error
	// Exec runs a statement and returns how many rows it changed.
	Exec(ctx context.Context, s Statement) (int64, error)
	// Lock waits until no other transaction holds the lock of a name, and holds it until this transaction ends.
	Lock(ctx context.Context, name string) error
}

// Statement is a text with its arguments: $1, $2 and so on, and the rows that {rows} stands for.
type Statement struct {
	SQL  string // begins with a comment that names the function it stands in
	Args []any  // string, int64, bool or []byte
	Rows []Column
}

// Marker is the word that stands for a batch's rows.
const Marker = "{rows}"

// Len is the number of rows of the batch.
func (s *Statement) Len() int {
	if len(s.Rows) == 0 {
		return 0
	}
	return s.Rows[0].len()
}

// Column is a column of a batch. Values is a []string, []int64, []*int64, []bool or [][]byte.
type Column struct {
	Name   string
	Values any
	err    error
}

func (c *Column) len() int {
	switch v := c.Values.(type) {
	case []string:
		return len(v)
	case []int64:
		return len(v)
	case []*int64:
		return len(v)
	case []bool:
		return len(v)
	case [][]byte:
		return len(v)
	}
	panic(fmt.Sprintf("column %s: a batch has no column of %T", c.Name, c.Values))
}

// At is the value in a row: a string, int64, bool, []byte, or nil.
func (c *Column) At(row int) any {
	switch v := c.Values.(type) {
	case []string:
		return v[row]
	case []int64:
		return v[row]
	case []*int64:
		if v[row] == nil {
			return nil
		}
		return *v[row]
	case []bool:
		return v[row]
	case [][]byte:
		return v[row]
	}
	panic(fmt.Sprintf("column %s: a batch has no column of %T", c.Name, c.Values))
}

// ErrOvertaken says that another transaction wrote what this one was about to write. The engine runs it again from its
// beginning; then it sees what the other one wrote.
var ErrOvertaken = errors.New("another transaction was faster")

// Tx is a transaction on a Conn, for the roles to run their statements in.
type Tx struct {
	conn    Conn
	failure error
	ended   bool
}

// New returns a transaction that runs its statements on conn.
func New(conn Conn) *Tx { return &Tx{conn: conn} }

// End makes all further use of the transaction fail. It must be called when its function has returned.
func (t *Tx) End() { t.ended = true }

// Failure is the first error after which the transaction can only be undone, if there was one. An engine asks before it
// commits: a function that hides such an error must not commit half of what it did.
func (t *Tx) Failure() error { return t.failure }

// Fail notes an error of the database.
func (t *Tx) Fail(err error) error {
	if err != nil && t.failure == nil {
		t.failure = err
	}
	return err
}

var errEnded = errors.New("the transaction has ended: use it only inside the function that it was given to")

// Query runs a statement and calls each for each row.
func (t *Tx) Query(ctx context.Context, s Statement, each func(scan func(dst ...any) error) error) error {
	if err := t.Check(&s); err != nil {
		return err
	}
	return t.Fail(t.conn.Query(ctx, s, each))
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, s Statement) (int64, error) {
	if err := t.Check(&s); err != nil {
		return 0, err
	}
	n, err := t.conn.Exec(ctx, s)
	return n, t.Fail(err)
}

// LockName waits for the lock of a name.
func (t *Tx) LockName(ctx context.Context, name string) error {
	if t.ended {
		return errEnded
	}
	return t.Fail(t.conn.Lock(ctx, name))
}

// Enter runs a statement that must enter every row of its batch. Conflicts were looked for before, so a row that is not
// entered was entered by somebody else meanwhile.
func (t *Tx) Enter(ctx context.Context, s Statement) error {
	n, err := t.Exec(ctx, s)
	if err == nil && n != int64(s.Len()) {
		return t.Fail(ErrOvertaken)
	}
	return err
}

// One runs a statement that returns one row at the most and scans it; found is false where there is none.
func (t *Tx) One(ctx context.Context, s Statement, dst ...any) (found bool, err error) {
	err = t.Query(ctx, s, func(scan func(dst ...any) error) error {
		found = true
		return scan(dst...)
	})
	return found, err
}

// Check refuses a statement whose values no engine can keep.
func (t *Tx) Check(s *Statement) error {
	if t.ended {
		return errEnded
	}
	for i := range s.Rows {
		if s.Rows[i].err != nil {
			return s.Rows[i].err
		}
	}
	for _, a := range s.Args {
		if text, ok := a.(string); ok {
			if err := CheckText("text", text); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckText refuses text that PostgreSQL cannot keep.
func CheckText(what, s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s %q is not UTF-8: %w", what, s, store.ErrInvalid)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("%s %q holds the character 0: %w", what, s, store.ErrInvalid)
	}
	return nil
}

// CheckKey refuses keys that do not fit into an index of PostgreSQL.
func CheckKey(what, s string, most int) error {
	if len(s) > most {
		return fmt.Errorf("%s %.40q... has %d bytes, and %d are the most: %w", what, s, len(s), most, store.ErrInvalid)
	}
	return nil
}

// The earliest and the last instant that is kept, in seconds since 1970: the years 1 to 9999, as in RFC 3339.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// Micros is a time as it is kept: microseconds since 1970, so that both engines keep, compare and add it up exactly and
// no time zone of a server plays a part.
func Micros(what string, t time.Time) (int64, error) {
	if s := t.Unix(); s < firstSecond || s > lastSecond {
		return 0, fmt.Errorf("%s %v is not in the years 1 to 9999: %w", what, t, store.ErrInvalid)
	}
	return t.UnixMicro(), nil
}

func Instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// Optional is the time of a column that may be null.
func Optional(us *int64) time.Time {
	if us == nil {
		return time.Time{}
	}
	return Instant(*us)
}

// The makers of columns. of gives the value of a row; n is the number of rows.

// TextOf is a column of text.
func TextOf[S ~string](name string, n int, of func(int) S) Column {
	c := Column{Name: name}
	values := make([]string, n)
	for i := range values {
		values[i] = string(of(i))
		if err := CheckText(name, values[i]); err != nil {
			c.err = err
		}
	}
	c.Values = values
	return c
}

// Key is a column of text that an index holds.
func Key[S ~string](name string, n int, of func(int) S) Column {
	c := TextOf(name, n, of)
	for _, v := range c.Values.([]string) {
		if err := CheckKey(name, v, store.MaxKey); err != nil {
			c.err = err
		}
	}
	return c
}

// Number is a column of integers.
func Number[N ~int | ~int64](name string, n int, of func(int) N) Column {
	values := make([]int64, n)
	for i := range values {
		values[i] = int64(of(i))
	}
	return Column{Name: name, Values: values}
}

// Flag is a column of yes or no.
func Flag(name string, n int, of func(int) bool) Column {
	values := make([]bool, n)
	for i := range values {
		values[i] = of(i)
	}
	return Column{Name: name, Values: values}
}

// Data is a column of bytes; there may be none, but they are not null.
func Data(name string, n int, of func(int) []byte) Column {
	values := make([][]byte, n)
	for i := range values {
		if values[i] = of(i); values[i] == nil {
			values[i] = []byte{}
		}
	}
	return Column{Name: name, Values: values}
}

// When is a column of times.
func When(name string, n int, of func(int) time.Time) Column {
	c := Column{Name: name}
	values := make([]int64, n)
	for i := range values {
		var err error
		if values[i], err = Micros(name, of(i)); err != nil {
			c.err = err
		}
	}
	c.Values = values
	return c
}

// Maybe is a column of times in which the zero time is null.
func Maybe(name string, n int, of func(int) time.Time) Column {
	c := Column{Name: name}
	values := make([]*int64, n)
	for i := range values {
		t := of(i)
		if t.IsZero() {
			continue
		}
		us, err := Micros(name, t)
		if err != nil {
			c.err = err
		}
		values[i] = &us
	}
	c.Values = values
	return c
}

// Lists is a column of lists, kept as JSON arrays.
func Lists(name string, n int, of func(int) []string) Column {
	c := JSONOf(name, n, of)
	for i := range n {
		for _, s := range of(i) {
			if err := CheckText(name, s); err != nil { // JSON would silently replace what is not UTF-8
				c.err = err
			}
		}
	}
	return c
}

// JSONOf is a column of lists of anything, kept as JSON arrays.
func JSONOf[T any](name string, n int, of func(int) []T) Column {
	values := make([]string, n)
	c := Column{Name: name, Values: values}
	for i := range values {
		b, err := json.Marshal(of(i))
		if err != nil {
			c.err = fmt.Errorf("%s: %w", name, err)
		}
		values[i] = string(b)
	}
	return c
}
