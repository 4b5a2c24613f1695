package sqlstore

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

func checkLimit(limit int) error {
	if limit < 1 {
		return fmt.Errorf("a limit of %d: ask for 1 at least: %w", limit, store.ErrInvalid)
	}
	return nil
}

// encodeCursor makes a cursor of the place where a page ended. It is opaque, so that nobody builds one.
func encodeCursor(place any) (string, error) {
	b, err := json.Marshal(place)
	return base64.RawURLEncoding.EncodeToString(b), err
}

func decodeCursor(cursor string, place any) error {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, place)
	}
	if err != nil {
		return fmt.Errorf("%.80q is not a cursor of this list: take the one that the page before returned: %w", cursor, store.ErrInvalid)
	}
	return nil
}

// where puts the conditions of a filter together.
type where struct {
	conditions []string
	args       []any
}

// arg adds an argument and returns how it is written.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

// equal asks for a column's value, where one is given.
func (w *where) equal(column, value string) {
	if value != "" {
		w.conditions = append(w.conditions, column+" = "+w.arg(value))
	}
}

// between asks for times of a column, from inclusive, to exclusive; zero times ask for nothing.
func (w *where) between(column string, from, to time.Time) error {
	for _, b := range [...]struct {
		t  time.Time
		op string
	}{{from, ">="}, {to, "<"}} {
		if b.t.IsZero() {
			continue
		}
		us, err := micros("time", b.t)
		if err != nil {
			return err
		}
		w.conditions = append(w.conditions, column+" "+b.op+" "+w.arg(us))
	}
	return nil
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.conditions, " AND ")
}
