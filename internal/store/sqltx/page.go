package sqltx

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
)

// CheckLimit refuses a limit that asks for nothing.
func CheckLimit(limit int) error {
	if limit < 1 {
		return fmt.Errorf("a limit of %d: ask for 1 at least: %w", limit, store.ErrInvalid)
	}
	return nil
}

// EncodeCursor makes a cursor of the place where a page ended. It is opaque, so that nobody builds one.
func EncodeCursor(place any) (string, error) {
	b, err := json.Marshal(place)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// Cut takes the row off that was read beyond a page, and makes the cursor of the place where the page ends.
func Cut[T any](found []T, limit int, place func(*T) any) (page []T, next string, err error) {
	if len(found) <= limit {
		return found, "", nil
	}
	found = found[:limit]
	next, err = EncodeCursor(place(&found[limit-1]))
	return found, next, err
}

// DecodeCursor reads the place that a cursor stands for.
func DecodeCursor(cursor string, place any) error {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, place)
	}
	if err != nil {
		return fmt.Errorf("%.80q is not a cursor of this list: take the one that the page before returned: %w", cursor, store.ErrInvalid)
	}
	return nil
}

// Where puts the conditions of a filter together.
type Where struct {
	Conditions []string
	Args       []any
}

// Arg adds an argument and returns how it is written.
func (w *Where) Arg(v any) string {
	w.Args = append(w.Args, v)
	return fmt.Sprintf("$%d", len(w.Args))
}

// Equal asks for a column's value, where one is given.
func (w *Where) Equal(column, value string) {
	if value != "" {
		w.Conditions = append(w.Conditions, column+" = "+w.Arg(value))
	}
}

// Holds asks for words in one of some columns, where words are given. Letters A to Z match a to z: both engines fold these, whatever
// the database's language is, where the columns compare byte by byte.
func (w *Where) Holds(words string, columns ...string) {
	if words == "" {
		return
	}
	if CheckText("words", words) != nil {
		w.Conditions = append(w.Conditions, "1 = 0") // no text holds them
		return
	}
	folded := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, words)
	like := w.Arg("%" + strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(folded) + "%")
	any := make([]string, len(columns))
	for i, c := range columns {
		any[i] = "lower(" + c + ") LIKE " + like + " ESCAPE '!'"
	}
	w.Conditions = append(w.Conditions, "("+strings.Join(any, " OR ")+")")
}

// Among asks for a column's value to be one of several, where any are given.
func (w *Where) Among(column string, values []string) {
	if len(values) == 0 {
		return
	}
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = w.Arg(v)
	}
	w.Conditions = append(w.Conditions, column+" IN ("+strings.Join(all, ", ")+")")
}

// Between asks for times of a column, from inclusive, to exclusive; zero times ask for nothing.
func (w *Where) Between(column string, from, to time.Time) error {
	for _, b := range [...]struct {
		t  time.Time
		op string
	}{{from, ">="}, {to, "<"}} {
		if b.t.IsZero() {
			continue
		}
		us, err := Micros("time", b.t)
		if err != nil {
			return err
		}
		w.Conditions = append(w.Conditions, column+" "+b.op+" "+w.Arg(us))
	}
	return nil
}

func (w *Where) String() string {
	if len(w.Conditions) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.Conditions, " AND ")
}
