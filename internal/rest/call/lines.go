package call

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/internal/wire"
)

// MaxLines bounds the lines of a call.
const MaxLines = 50_000

// Lines are the JSON values of a body, each with the number of its line, or of its place in an array.
type Lines struct {
	Raw    []json.RawMessage
	Number []int
}

// LinesMedia is the content type of bodies with one JSON object a line.
const LinesMedia = "application/x-ndjson"

// BodyInput is the body of a call that takes lines.
type BodyInput struct {
	RawBody []byte `contentType:"application/x-ndjson" doc:"One JSON object a line, as in the files of a replay."`
}

// SplitLines reads a body: one object a line, or an object with one array of objects.
func SplitLines(body []byte, member string) (Lines, error) {
	var set Lines
	var wrapped map[string][]json.RawMessage
	if json.Unmarshal(body, &wrapped) == nil && len(wrapped) == 1 && wrapped[member] != nil {
		for i, raw := range wrapped[member] {
			set.Raw, set.Number = append(set.Raw, raw), append(set.Number, i+1)
		}
	} else {
		number := 0
		for line := range bytes.Lines(body) {
			number++
			if line = bytes.TrimSpace(line); len(line) > 0 {
				set.Raw, set.Number = append(set.Raw, line), append(set.Number, number)
			}
			if len(set.Raw) > MaxLines {
				break
			}
		}
	}
	switch {
	case len(set.Raw) == 0:
		return set, NewProblem(invalidInput, ProblemError{Reason: "the body is empty", Fix: "send one JSON object a line, or {\"" + member + "\": [...]}"})
	case len(set.Raw) > MaxLines:
		return set, NewProblem(TooLarge, ProblemError{Reason: fmt.Sprintf("the body has more than %d lines", MaxLines), Fix: "send it in several calls"})
	}
	return set, nil
}

// ReadLines reads every line; the error names the line.
func ReadLines[T any](body []byte, member string, one func(r *wire.Reader, line []byte) (T, error)) ([]T, Lines, error) {
	set, err := SplitLines(body, member)
	if err != nil {
		return nil, set, err
	}
	all := make([]T, len(set.Raw))
	var r wire.Reader
	for i, line := range set.Raw {
		if all[i], err = one(&r, line); err != nil {
			var bad *wire.Error
			if errors.As(err, &bad) {
				err = &wire.Fault{Line: set.Number[i], Member: bad.Member, Reason: bad.Reason, Fix: FixLine}
			}
			return nil, set, err
		}
	}
	return all, set, nil
}

// Place puts the line of the body in the place of the element that a fault names.
func (set Lines) Place(err error) error {
	var f *wire.Fault
	if errors.As(err, &f) && f.Line > 0 && f.Line <= len(set.Number) {
		return wire.OnLine(set.Number[f.Line-1], err)
	}
	return err
}
