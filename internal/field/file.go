package field

import (
	"errors"
	"fmt"
)

// LineError says what is wrong with a line of a file.
type LineError struct {
	Line   int // from 1, with the heading
	Field  string
	Reason string
}

// FileError is what is wrong with a file, of which nothing was taken.
type FileError struct{ Lines []LineError }

// Error is the first line's.
func (e *FileError) Error() string {
	return fmt.Sprintf("line %d: %s: %s", e.Lines[0].Line, e.Lines[0].Field, e.Lines[0].Reason)
}

// MaxLineErrors is how many errors of a file are told at once.
const MaxLineErrors = 100

// Lines collects what is wrong with a file.
type Lines struct{ bad []LineError }

// Add notes an Error of a line; full says that no more are told at once. Another error than an Error comes back.
func (l *Lines) Add(line int, err error) (full bool, _ error) {
	var wrong *Error
	if errors.As(err, &wrong) {
		l.bad = append(l.bad, LineError{line, wrong.Field, wrong.Reason})
		return len(l.bad) >= MaxLineErrors, nil
	}
	return false, err
}

// Err is a FileError of what was noted, or nil.
func (l *Lines) Err() error {
	if len(l.bad) == 0 {
		return nil
	}
	return &FileError{l.bad}
}
