package program

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one fault of a program document: where it is, what is wrong, what was expected and what to do about it (P1).
type Error struct {
	File     string
	Line     int    // counts from 1
	Column   int    // counts from 1, in characters
	Path     string // such as "rates.steps[3].lists[0].percent"; empty for the document as a whole
	Problem  string
	Expected string // a noun phrase, or empty
	Fix      string // an instruction
}

// Error is one line: "file:line:column: path: problem; expected ...; fix: ...".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Problem)
	if e.Expected != "" {
		b.WriteString("; expected " + e.Expected)
	}
	if e.Fix != "" {
		b.WriteString("; fix: " + e.Fix)
	}
	return b.String()
}

// Errors are all faults of the documents that were read, by place.
type Errors []*Error

// Error lists the faults, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As and errors.Is each fault.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// maxErrors bounds the report on a file that is wrong throughout.
const maxErrors = 200

// sorted puts the faults in the order of the text, drops those that say the same again, and cuts the list off at maxErrors.
func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Expected, b.Expected))
	})
	e = slices.CompactFunc(e, func(a, b *Error) bool { return *a == *b })
	if more := len(e) - maxErrors; more > 0 {
		last := *e[maxErrors]
		last.Path, last.Expected = "", ""
		last.Problem = fmt.Sprintf("%d more errors follow from here on", more)
		last.Fix = "correct those above first"
		e = append(e[:maxErrors:maxErrors], &last)
	}
	return e
}

// closest returns the candidate that a misspelt name was probably meant to be, or "".
func closest(name string, candidates []string) string {
	best, found := len(name)/3+1, ""
	if len(name) > 64 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(name, c); d < best {
			best, found = d, c
		}
	}
	return found
}

// distance is the number of letters to change, add or drop between two names; two letters that changed places count once.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// meant is the fix for a name that is not among the known ones.
func meant(name string, known []string, otherwise string) string {
	if c := closest(name, known); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	return otherwise
}

// list writes names for people: `"a", "b"`; "none" where there are none.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}
