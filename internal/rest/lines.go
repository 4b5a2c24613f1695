package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/wire"
)

// maxLines bounds the lines of a call.
const maxLines = 50_000

// lineSet are the JSON values of a body, each with the number of its line, or of its place in an array.
type lineSet struct {
	raw    []json.RawMessage
	number []int
}

// lines reads a body: one object a line, or an object with one array of objects.
func lines(body []byte, member string) (lineSet, error) {
	var set lineSet
	var wrapped map[string][]json.RawMessage
	if json.Unmarshal(body, &wrapped) == nil && len(wrapped) == 1 && wrapped[member] != nil {
		for i, raw := range wrapped[member] {
			set.raw, set.number = append(set.raw, raw), append(set.number, i+1)
		}
	} else {
		number := 0
		for line := range bytes.Lines(body) {
			number++
			if line = bytes.TrimSpace(line); len(line) > 0 {
				set.raw, set.number = append(set.raw, line), append(set.number, number)
			}
			if len(set.raw) > maxLines {
				break
			}
		}
	}
	switch {
	case len(set.raw) == 0:
		return set, newProblem(invalidInput, ProblemError{Reason: "the body is empty", Fix: "send one JSON object a line, or {\"" + member + "\": [...]}"})
	case len(set.raw) > maxLines:
		return set, newProblem(tooLarge, ProblemError{Reason: fmt.Sprintf("the body has more than %d lines", maxLines), Fix: "send it in several calls"})
	}
	return set, nil
}

// read reads every line; the error names the line.
func read[T any](body []byte, member string, one func(r *wire.Reader, line []byte) (T, error)) ([]T, lineSet, error) {
	set, err := lines(body, member)
	if err != nil {
		return nil, set, err
	}
	all := make([]T, len(set.raw))
	var r wire.Reader
	for i, line := range set.raw {
		if all[i], err = one(&r, line); err != nil {
			var bad *wire.Error
			if errors.As(err, &bad) {
				err = &wire.Fault{Line: set.number[i], Member: bad.Member, Reason: bad.Reason, Fix: fixLine}
			}
			return nil, set, err
		}
	}
	return all, set, nil
}

// place puts the line of the body in the place of the element that a fault names.
func (set lineSet) place(err error) error {
	var f *wire.Fault
	if errors.As(err, &f) && f.Line > 0 && f.Line <= len(set.number) {
		return wire.OnLine(set.number[f.Line-1], err)
	}
	return err
}
