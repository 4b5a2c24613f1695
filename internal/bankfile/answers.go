package bankfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/payout"
)

// answerColumns are the columns of a CSV answer; those with false may be left out.
func answerColumns() map[string]bool {
	return map[string]bool{
		"payout": true, "status": true, "amount": false, "currency": false, "reason": false, "text": false, "reference": false, "date": false,
	}
}

// readCSV reads a CSV answer: a header that names the columns in any order, then a line for each payout. The separator is a
// comma or a semicolon, as in the header.
func readCSV(r *meter, lim Limits, emit func(Record) error) (Summary, error) {
	out := &collector{emit: emit, lim: lim, summary: Summary{Format: "csv", Other: make(map[string]int)}}
	if err := readLines(r, bufio.NewReader(r), lim, out); err != nil {
		return out.summary, fmt.Errorf("reading the bank's answer: %w", err)
	}
	return out.summary, nil
}

func readLines(piece *meter, r *bufio.Reader, lim Limits, out *collector) error {
	if bom, _ := r.Peek(3); bytes.Equal(bom, []byte("\uFEFF")) {
		if _, err := r.Discard(3); err != nil {
			return fmt.Errorf("reading: %w", err)
		}
	}
	first, _ := r.Peek(4096)
	first, _, _ = bytes.Cut(bytes.TrimLeft(first, "\r\n"), []byte("\n"))
	in := csv.NewReader(r)
	in.ReuseRecord = true
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		in.Comma = ';'
	}
	header, err := in.Read()
	if err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	column, err := columns(header)
	if err != nil {
		return err
	}
	for {
		piece.next()
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the CSV is broken: %w", err)
		}
		line, _ := in.FieldPos(0)
		if err := out.entry(); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		for i, f := range row {
			if len(f) > lim.Text {
				return fmt.Errorf("line %d, column %d: the text has more than %d characters", line, i+1, lim.Text)
			}
		}
		get := func(name string) string {
			i, ok := column[name]
			if !ok {
				return ""
			}
			// The apostrophe that keeps spreadsheets from computing is not part of the text.
			return strings.TrimPrefix(strings.TrimSpace(row[i]), "'")
		}
		rec, err := answerOf(get)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		rec.Where = fmt.Sprintf("line %d", line)
		if !payout.ValidID(rec.Answer.Payout) {
			return fmt.Errorf("line %d: payout: %q is not the id of a payout, such as P20260302-ABCDEFGHIJKLMNOP: take it from the bank file", line, rec.Answer.Payout)
		}
		if err := out.put(rec); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// columns finds the columns by their names.
func columns(header []string) (map[string]int, error) {
	known := answerColumns()
	column := make(map[string]int)
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		if _, ok := known[name]; !ok {
			continue // banks add columns
		}
		if _, twice := column[name]; twice {
			return nil, fmt.Errorf("the header names the column %q twice", name)
		}
		column[name] = i
	}
	var missing []string
	for name, required := range known {
		if _, ok := column[name]; required && !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("the header does not name %s; the columns are payout, status, amount, currency, reason, text, reference and date",
			strings.Join(missing, " and "))
	}
	return column, nil
}

func answerOf(get func(string) string) (Record, error) {
	a := payout.Answer{Payout: get("payout"), Reason: get("reason"), Text: get("text"), Ref: get("reference")}
	switch status := strings.ToLower(get("status")); status {
	case "paid", "booked":
		a.Status = payout.Paid
	case "rejected":
		a.Status = payout.Rejected
	case "returned":
		a.Status = payout.Returned
	case "unknown":
		a.Status = payout.Unknown
	default:
		return Record{}, fmt.Errorf("status: %q is not paid, booked, rejected, returned or unknown", status)
	}
	if value := get("amount"); value != "" || get("currency") != "" {
		var err error
		if a.Amount, err = parseAmount(value, get("currency")); err != nil {
			return Record{}, err
		}
	}
	if date := get("date"); date != "" {
		t, err := bankTime(date)
		if err != nil {
			return Record{}, fmt.Errorf("date: %w", err)
		}
		a.At = t.Truncate(time.Microsecond)
	}
	return Record{Answer: a}, nil
}
