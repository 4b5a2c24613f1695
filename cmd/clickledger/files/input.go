package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/replay"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/program"
)

// badInput is something that a command was given and cannot take.
type badInput struct{ err error }

func (e *badInput) Error() string { return e.err.Error() }

func (e *badInput) Unwrap() error { return e.err }

// Bad says that a command cannot take what it was given: the flag or the file, what is wrong, and the way out.
func Bad(format string, args ...any) error { return &badInput{fmt.Errorf(format, args...)} }

// IsBadInput reports whether an error is about what the user gave.
func IsBadInput(err error) bool {
	var bad *badInput
	var input *replay.InputError
	var doc program.Errors
	var line *wire.Error
	var fault *wire.Fault
	var wrong *field.Error
	var person *people.InputError
	return errors.As(err, &bad) || errors.As(err, &input) || errors.As(err, &doc) || errors.As(err, &line) || errors.As(err, &fault) || errors.As(err, &wrong) || errors.As(err, &person)
}

// Folder makes the folder that a flag names, where there is none.
func Folder(flag, dir string, mode os.FileMode) error {
	if err := CanBeFolder(flag, dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("%s: making the folder: %w", flag, err)
	}
	return nil
}

// CanBeFolder says whether a folder stands where a flag names one, or may be made there. It makes nothing: a command that finds bad input
// leaves nothing behind.
func CanBeFolder(flag, dir string) error {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err == nil && info.IsDir() || at == filepath.Dir(at) {
			return nil
		}
		if err == nil {
			return Bad("%s: %s is a file: name a folder", flag, at)
		}
	}
}

// hasInput says whether a folder holds a replay input.
func hasInput(dir string) error {
	if !replay.Holds(dir) {
		return Bad("--in: %s holds no replay input: it has orders.jsonl, clicks.jsonl, publishers.jsonl and the like, each also as .gz or .zst", dir)
	}
	return nil
}
