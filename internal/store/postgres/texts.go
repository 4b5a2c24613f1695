package postgres

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"github.com/clickledger/clickledger/internal/store/sqltx"
)

// texts remembers how statements with a batch are written for PostgreSQL.
type texts struct{ written sync.Map } // of strings

// of returns the text of a statement. A batch comes as arrays, one for each column, whatever the number of its rows.
func (t *texts) of(s *sqltx.Statement) string {
	if len(s.Rows) == 0 {
		return s.SQL
	}
	if w, ok := t.written.Load(s.SQL); ok {
		return w.(string)
	}
	w := strings.ReplaceAll(s.SQL, sqltx.Marker, rows(s.Rows, len(s.Args)))
	t.written.Store(s.SQL, w)
	return w
}

// rows writes a SELECT of the rows whose columns are the arguments behind the first ones.
func rows(columns []sqltx.Column, args int) string {
	arrays, names := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		arrays[i] = fmt.Sprintf("$%d::%s[]", args+1+i, typeOf(c))
		names[i] = c.Name
	}
	list := strings.Join(names, ", ")
	return fmt.Sprintf("SELECT %s, ordinal - 1 AS n FROM unnest(%s) WITH ORDINALITY AS u(%s, ordinal)", list, strings.Join(arrays, ", "), list)
}

func typeOf(c sqltx.Column) string {
	switch c.Values.(type) {
	case []string:
		return "text"
	case []bool:
		return "boolean"
	case [][]byte:
		return "bytea"
	}
	return "bigint"
}

// lockKey is the number of a lock: PostgreSQL's advisory locks have no names. Two names with the same number would only wait
// for each other.
func lockKey(schema, name string) int64 {
	sum := sha256.Sum256([]byte("clickledger\x00" + schema + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}
