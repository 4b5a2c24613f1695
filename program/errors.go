package program

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/program/spelling"
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

// maxErrors bounds the report on a file that is wrong throughout, maxFaults what is gathered for it in one document.
const maxErrors, maxFaults = 200, 10_000

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

// meant is the fix for a name that is not among the known ones.
func meant(name string, known []string, otherwise string) string {
	if c := spelling.Closest(name, known); c != "" {
		return fmt.Sprintf("did you mean %q?", c)
	}
	return otherwise
}

// list writes names for people: `"a", "b"`; "none" where there are none.
func list(names []string) string {
	const most = 30
	if len(names) == 0 {
		return "none"
	}
	q := make([]string, 0, most+1)
	for _, n := range names[:min(len(names), most)] {
		q = append(q, quoted(n))
	}
	if more := len(names) - most; more > 0 {
		q = append(q, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(q, ", ")
}
