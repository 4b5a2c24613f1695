// Package clicklog keeps clicks on disk before anybody is told that they were counted. A record is appended, one writer
// commits whatever has come together with one sync, and then everybody who waits is told. A loader moves what is synced into
// a store, exactly once, and is never in the writer's way. To the log a record is a row of bytes.
//
// README.md says what an acknowledgement means and which invariants hold.
package clicklog

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxRecord is the length of the longest record, in bytes.
const MaxRecord = 64 << 10

// Every error of an append is an ErrUnlogged: the record was not acknowledged, and the caller goes on without it. It may
// still be found in the log later, when the disk turns out to have kept it.
var (
	ErrUnlogged = errors.New("the click is not logged")
	ErrFailed   = fmt.Errorf("%w: the disk refused the last commit; a new segment is tried after a pause", ErrUnlogged)
	ErrStalled  = fmt.Errorf("%w: the disk has not answered in time", ErrUnlogged)
	ErrFull     = fmt.Errorf("%w: too many records wait for the disk", ErrUnlogged)
	ErrTooLarge = fmt.Errorf("%w: it is empty or longer than %d bytes", ErrUnlogged, MaxRecord)
	ErrClosed   = fmt.Errorf("%w: the log is closed", ErrUnlogged)
)

// A position may not fit the log that it is used on.
var (
	ErrGone     = errors.New("the records at this position were deleted")
	ErrAhead    = errors.New("the position lies behind the end of the log")
	ErrOtherLog = errors.New("the position belongs to another log")
)

// Mode says when an append is acknowledged.
type Mode uint8

const (
	// Durable acknowledges after the sync that holds the record. It is the default.
	Durable Mode = iota
	// Fast acknowledges at once and syncs soon after: a power cut loses at most the loss window of Options.
	Fast
)

// String is the mode's name in the configuration.
func (m Mode) String() string {
	if m == Fast {
		return "fast"
	}
	return "durable"
}

// ParseMode reads a mode's name.
func ParseMode(name string) (Mode, error) {
	for _, m := range [...]Mode{Durable, Fast} {
		if name == m.String() {
			return m, nil
		}
	}
	return 0, fmt.Errorf("click log mode %q: it is durable or fast", name)
}

// ID names a log: it is drawn when the log's first segment is made. A folder that was emptied becomes another log.
type ID [16]byte

// String is the ID in hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Position is a place between two records of a log. The zero Position is the place before the first record ever.
type Position struct {
	Log ID
	// Seq is the sequence number of the record that comes next. The first record of a log has number 1, and there are no gaps.
	Seq uint64
	// Segment and Offset are where that record stood when the position was taken: a short cut, not needed.
	Segment uint64
	Offset  int64
}

// String is the position as ParsePosition reads it.
func (p Position) String() string {
	return fmt.Sprintf("%s/%d/%d/%d", p.Log, p.Seq, p.Segment, p.Offset)
}

// ParsePosition reads what String wrote. The empty text is the zero Position.
func ParsePosition(text string) (Position, error) {
	if text == "" {
		return Position{}, nil
	}
	bad := func() (Position, error) {
		return Position{}, fmt.Errorf("click log position %q: it is written log/sequence/segment/offset", text)
	}
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return bad()
	}
	var p Position
	if n, err := hex.Decode(p.Log[:], []byte(parts[0][:min(len(parts[0]), 2*len(p.Log))])); err != nil || n != len(p.Log) || len(parts[0]) != 2*n {
		return bad()
	}
	numbers := [3]uint64{}
	for i := range numbers {
		n, err := strconv.ParseUint(parts[i+1], 10, 63)
		if err != nil {
			return bad()
		}
		numbers[i] = n
	}
	p.Seq, p.Segment, p.Offset = numbers[0], numbers[1], int64(numbers[2])
	return p, nil
}

// Record is one record of the log.
type Record struct {
	Seq     uint64
	Payload []byte
}

// State is what the log can do at the moment.
type State uint8

// The states.
const (
	Running State = iota // appends are logged
	Stalled              // a commit has been with the disk for too long; appends are refused until it comes back
	Failed               // the disk refused a commit; appends are refused until a new segment works
	Closed
)

// String is the state's name in metrics.
func (s State) String() string {
	return [...]string{"running", "stalled", "failed", "closed"}[s]
}

// Stats is the state of a log at a moment. Counters begin at zero when the log is opened.
type Stats struct {
	Mode  Mode
	State State
	Err   error // why the log failed or stalled, and the last error of housekeeping; nil if all is well

	Records  uint64        // records that were synced
	Bytes    uint64        // bytes that were synced, with their frames
	Syncs    uint64        // commits
	SyncTime time.Duration // time that commits took, added up
	Unlogged uint64        // records that were refused, or not synced when their waiter was told
	Failures uint64        // times that a segment was given up
	Faults   uint64        // errors of the file system, housekeeping included
	Stalls   uint64        // times that the disk did not answer in time

	Queue      int // records that wait for the next commit
	QueueBytes int

	// The loss window of fast mode: the bound, and what is acknowledged and not synced now. Zero in durable mode.
	LossRecords int
	LossTime    time.Duration
	Unsynced    int
	UnsyncedAge time.Duration

	Segments int      // segments on disk
	Synced   Position // the end of what is synced
}

// Recovery is what Open found and did.
type Recovery struct {
	// Segments are how many there were. Records are those of the last segment, which alone is read at the start.
	Segments int
	Records  uint64
	// CutBytes of a bad tail were cut from segment CutSegment: the rest of a commit that a power cut interrupted.
	CutSegment uint64
	CutBytes   int64
	// Carried records of the last commit were copied into the new segment, since nothing proves that their sync had come back.
	Carried int
	// Removed are files that a failure or a power cut had left behind.
	Removed []string
}

// DamageError says that a record which had been on the disk cannot be read any more. Nothing is skipped on its own account.
type DamageError struct {
	File   string // the segment's path
	Number uint64 // the segment's number
	Offset int64  // where the damage begins
	After  uint64 // the sequence number of the last good record before it
	Reason string
}

// Error says what is damaged and what to do.
func (e *DamageError) Error() string {
	return fmt.Sprintf("click log %s: damaged at byte %d, after record %d: %s; nothing was changed: "+
		"restore the file from a copy, or give up the damaged records (see docs/click-log.md, Damage)",
		e.File, e.Offset, e.After, e.Reason)
}
