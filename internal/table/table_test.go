package table_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/table"
)

func form() *table.Form {
	return &table.Form{Columns: []string{"product", "rate", "note"}, Needed: [][]string{{"product"}, {"rate", "note"}}, Most: 3}
}

// read is what a table says, a text for each line.
func read(f *table.Form, text string) (rows []string, err error) {
	err = f.Read(strings.NewReader(text), func(r *table.Row, wrong error) error {
		if wrong != nil {
			return wrong
		}
		rows = append(rows, fmt.Sprintf("%d %s=%s %s", r.Line, r.Get("product"), r.Get("rate"), r.Get("note")))
		return nil
	})
	return rows, err
}

// S2: a table is read as spreadsheets write it: columns in any order, commas, semicolons or tabs, with a mark at its beginning or without,
// and with empty lines.
func TestS2_TablesAsSpreadsheetsWriteThem(t *testing.T) {
	want := []string{"2 p1=7,5 a, b", "4 p2= "}
	for name, text := range map[string]string{
		"commas":      "product,rate,note\np1,\"7,5\",\"a, b\"\n,,\n p2 ,\n",
		"semicolons":  "product;rate;note\r\np1;7,5;a, b\r\n;;\r\np2\r\n",
		"tabs":        "product\trate\tnote\np1\t7,5\ta, b\n\t\t\np2\t\n",
		"any order":   "Note; RATE ;product\na, b;7,5;p1\n;;\n;;p2\n",
		"with a mark": "\ufeffproduct;rate;note\np1;7,5;a, b\n;;\np2;;\n",
	} {
		if got, err := read(form(), text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	f := form()
	f.Bare = "product"
	if got, err := read(f, "https://a.example/?x=1;2\nhttps://b.example/\n"); err != nil || !slices.Equal(got, []string{"1 https://a.example/?x=1;2= ", "2 https://b.example/= "}) {
		t.Errorf("addresses without a heading: %q, %v", got, err)
	}
}

// S2: what is wrong with a table is said with its line, its place and what to do.
func TestS2_WhatIsWrongWithATable(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "line 1: file: it has no lines: write a heading with product, rate, note, and a line for each",
		"product,rate\n":                       "line 1: file: it has no lines",
		"product,rate\n,\n":                    "line 1: file: it has no lines",
		"product,colour\np,red\n":              `line 1: heading: "colour" is no column: there are product, rate, note`,
		"product,rate,Product\n1,2,3\n":        `line 1: heading: the column "product" is there twice`,
		"rate\n7\n":                            "line 1: heading: it has no column product",
		"product\np1\n":                        "line 1: heading: it has no column rate or note",
		"product,rate\np1,7\n\"p2,8\n":         "line 3: file: it is no CSV",
		"product,rate\np1,\xff\n":              "line 2: file: it is not UTF-8 text: save the table as “CSV UTF-8”",
		"product,rate\n1,1\n2,2\n3,3\n4,4\n":   "line 5: file: it has more than 3 lines: split it",
		"product,rate\n1,1\n2,2,3\n":           "line 3: file: the line has 3 cells and the first one 2: put cells with commas in quotes",
		"https://a.example/\nhttps://b.test\n": `line 1: heading: "https://a.example/" is no column`,
	} {
		_, err := read(form(), text)
		if file := (*field.FileError)(nil); !errors.As(err, &file) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// S2: the errors of all lines are told at once, a hundred at the most; what is no error of a field ends the reading.
func TestS2_AllLinesAreTold(t *testing.T) {
	f := &table.Form{Columns: []string{"n"}, Needed: [][]string{{"n"}}, Most: 1000}
	text := "n\n" + strings.Repeat("x\n", 300)
	odd := func(r *table.Row, _ error) error {
		if r.Line%2 == 1 {
			return fmt.Errorf("reading: %w", field.Wrong("n", "%q is no number", r.Get("n")))
		}
		return nil
	}
	var file *field.FileError
	if err := f.Read(strings.NewReader(text), odd); !errors.As(err, &file) || len(file.Lines) != field.MaxLineErrors || file.Lines[1] != (field.LineError{Line: 5, Field: "n", Reason: `"x" is no number`}) {
		t.Errorf("%v", err)
	}
	broken := errors.New("the store is gone")
	calls := 0
	if err := f.Read(strings.NewReader(text), func(*table.Row, error) error { calls++; return broken }); !errors.Is(err, broken) || calls != 1 {
		t.Errorf("%v after %d lines", err, calls)
	}
}
