package statement

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/wire"
)

// WriteCSV writes the statement as CSV: a line with the opening balance, the statement's lines, a line with the closing
// balance. Amounts are in major units, times in UTC.
func (s *Statement) WriteCSV(w io.Writer, lang string) error {
	words := wordsOf(lang)
	out := csv.NewWriter(w)
	write := func(at time.Time, effective string, kind, what, order, item, payout string, amount, balance, cause string) error {
		row := []string{s.Number, string(s.Program), s.Publisher, stamp(at), effective, kind, what, order, item, payout, amount, balance, string(s.Currency), cause}
		for i, text := range row {
			if i != 10 && i != 11 { // amounts are numbers
				row[i] = wire.SafeCell(text)
			}
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing a statement as CSV: %w", err)
		}
		return nil
	}
	if err := out.Write([]string{"statement", "program", "publisher", "booked_at", "effective_at", "kind", "description", "order", "item", "payout", "amount",
		"balance", "currency", "cause"}); err != nil {
		return fmt.Errorf("writing a statement as CSV: %w", err)
	}
	if err := write(s.From, "", "opening", words.opening, "", "", "", "", s.amount(s.Opening.Balance()), ""); err != nil {
		return err
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		what := words.kinds(l.Kind)
		if about := s.about(l, &words); about != "" {
			what += ": " + about
		}
		if err := write(l.BookedAt, stamp(l.EffectiveAt), string(l.Kind), what, l.Order, l.Item, l.Payout, s.amount(l.Amount), s.amount(l.Balance), l.Cause); err != nil {
			return err
		}
	}
	if err := write(s.To, "", "closing", words.closing, "", "", "", "", s.amount(s.Closing.Balance()), ""); err != nil {
		return err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing a statement as CSV: %w", err)
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }

// FileName is a name for the statement's file with an ending such as "pdf", of letters that every system takes.
func (s *Statement) FileName(ending string) string {
	name := make([]byte, 0, len(s.Number)+len(ending)+1)
	for i := range len(s.Number) {
		switch c := s.Number[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			name = append(name, c)
		default:
			name = append(name, '_')
		}
	}
	if len(name) == 0 {
		name = strconv.AppendInt([]byte("statement-"), s.From.Unix(), 10)
	}
	return string(name) + "." + ending
}
