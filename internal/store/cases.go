package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/program"
)

// CaseRow is a trust case as it is kept (M4, F5): JSON is the whole of it, the other members are what is searched by.
type CaseRow struct {
	ID        string
	Program   program.ID
	Publisher string
	State     string
	Outcome   string
	Category  string
	OpenedAt  time.Time
	Next      time.Time // when it goes on by itself; zero: it does not
	JSON      []byte
}

// CaseFile is a file that somebody put to a case.
type CaseFile struct {
	Case          string
	Number        int // from 1
	Name          string
	Type          string // media type, as its first bytes say
	Size          int64
	SHA256        string // in hex
	By            string // who put it there
	FromPublisher bool
	At            time.Time
	Data          []byte
}

// CaseFilter selects cases; zero members select all.
type CaseFilter struct {
	Program   program.ID
	Publisher string
	State     string
	Category  string
	Words     string // the id or the publisher holds it; letters A to Z match a to z, all others only themselves
}

// Cases are the trust cases.
type Cases interface {
	// Put keeps a case or replaces it, if the kept one has the given revision (0: none is kept); otherwise ErrConflict. The first
	// revision is 1, each replacing counts one up. Program, publisher and opening time of a kept case stay as they are.
	Put(ctx context.Context, c CaseRow, revision int) error
	// Get returns a case and its revision, or ErrNotFound.
	Get(ctx context.Context, id string) (CaseRow, int, error)
	// Page returns up to limit cases that match a filter, the one opened last first, then by id; after and next as in all pages.
	Page(ctx context.Context, f CaseFilter, after string, limit int) (cs []CaseRow, next string, err error)
	// PutFile keeps a file of a case, which must be kept already (ErrNotFound). A number that is taken is ErrConflict.
	PutFile(ctx context.Context, f CaseFile) error
	// Files returns the files of a case by number, without their data; of one that is not there, none.
	Files(ctx context.Context, id string) ([]CaseFile, error)
	// File returns a file of a case with its data, or ErrNotFound.
	File(ctx context.Context, id string, number int) (CaseFile, error)
	// Due returns up to limit cases whose Next is at or before a time, the earliest first, then by id.
	Due(ctx context.Context, at time.Time, limit int) ([]CaseRow, error)
}
