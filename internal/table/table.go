// Package table reads the tables that people send as files: CSV, the first line of which names the columns. What is wrong is said with
// its line, all lines at once.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/field"
)

// Form is what a table looks like.
type Form struct {
	Columns []string   // those that there are, as the heading names them in any order
	Needed  [][]string // of each of these the heading names one at least
	Bare    string     // the column of a table without a heading, which is known by the address in its first cell; empty: a heading is needed
	Most    int        // lines, beside the heading
}

// Row is a line of a table.
type Row struct {
	Line    int // from 1, with the heading
	columns []string
	cells   []string
}

// Get is the cell of a column, without the space around it; empty where the line or the table has none.
func (r *Row) Get(column string) string {
	if i := slices.Index(r.columns, column); i >= 0 && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// bare is whether nothing stands on the line, as below the last line of a spreadsheet.
func (r *Row) bare() bool {
	return !slices.ContainsFunc(r.cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// wrong is what is wrong with the line, whatever its cells say.
func (r *Row) wrong() error {
	for _, c := range r.cells[min(len(r.columns), len(r.cells)):] {
		if strings.TrimSpace(c) != "" {
			return field.Wrong("file", "the line has %d cells and the first one %d: put cells with commas in quotes", len(r.cells), len(r.columns))
		}
	}
	return nil
}

// Read reads a table with commas, or with semicolons or tabs, as spreadsheets write it where the comma is for decimals. take gets each
// line that is not empty, and what is wrong with it whatever its cells say, or nil; a *field.Error that it returns is told with the line,
// beside those of other lines. What is wrong with the table is a *field.FileError.
func (f *Form) Read(in io.Reader, take func(r *Row, wrong error) error) error {
	buffered := bufio.NewReader(in)
	r := csv.NewReader(buffered)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	r.Comma = comma(buffered)
	var columns []string
	var bad field.Lines
	for lines := 0; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if lines == 0 {
				return whole(1, field.Wrong("file", "it has no lines: write a heading with %s, and a line for each", strings.Join(f.Columns, ", ")))
			}
			return bad.Err()
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return whole(broken.Line, field.Wrong("file", "it is no CSV: %v", broken.Err))
		}
		if err != nil {
			return fmt.Errorf("reading a table: %w", err)
		}
		row := Row{columns: columns, cells: cells}
		row.Line, _ = r.FieldPos(0)
		if slices.ContainsFunc(cells, func(c string) bool { return !utf8.ValidString(c) }) {
			return whole(row.Line, field.Wrong("file", "it is not UTF-8 text: save the table as “CSV UTF-8”"))
		}
		if columns == nil && f.Bare != "" && strings.Contains(cells[0], "://") {
			columns = []string{f.Bare}
			row.columns = columns
		}
		if columns == nil {
			if columns, err = f.heading(&row); err != nil {
				return err
			}
			continue
		}
		if row.bare() {
			continue
		}
		if lines++; lines > f.Most {
			return whole(row.Line, field.Wrong("file", "it has more than %d lines: split it", f.Most))
		}
		if full, err := bad.Add(row.Line, take(&row, row.wrong())); err != nil {
			return err
		} else if full {
			return bad.Err()
		}
	}
}

// comma is what stands between cells, as the first line has it. It takes away the mark that some programs begin a file with.
func comma(r *bufio.Reader) rune {
	mark := []byte("\ufeff")
	if first, _ := r.Peek(len(mark)); bytes.Equal(first, mark) {
		_, _ = r.Discard(len(mark)) // it was peeked at
	}
	first, _ := r.Peek(1024)
	first, _, _ = bytes.Cut(first, []byte("\n"))
	for _, c := range ";\t" {
		if !bytes.ContainsRune(first, ',') && bytes.ContainsRune(first, c) && !bytes.Contains(first, []byte("://")) {
			return c
		}
	}
	return ','
}

// heading is the columns as the first line names them.
func (f *Form) heading(r *Row) ([]string, error) {
	columns := make([]string, len(r.cells))
	for i, c := range r.cells {
		columns[i] = strings.ToLower(strings.TrimSpace(c))
		if !slices.Contains(f.Columns, columns[i]) {
			return nil, whole(r.Line, field.Wrong("heading", "%.40q is no column: there are %s", columns[i], strings.Join(f.Columns, ", ")))
		}
		if slices.Contains(columns[:i], columns[i]) {
			return nil, whole(r.Line, field.Wrong("heading", "the column %q is there twice", columns[i]))
		}
	}
	for _, one := range f.Needed {
		if !slices.ContainsFunc(one, func(c string) bool { return slices.Contains(columns, c) }) {
			return nil, whole(r.Line, field.Wrong("heading", "it has no column %s", strings.Join(one, " or ")))
		}
	}
	return columns, nil
}

// whole is what is wrong with the table as a whole, at a line.
func whole(line int, wrong *field.Error) error {
	return &field.FileError{Lines: []field.LineError{{Line: line, Field: wrong.Field, Reason: wrong.Reason}}}
}
