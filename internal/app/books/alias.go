package books

import "github.com/clickledger/clickledger/internal/store"

// Record is the decision record of one item, as it is kept.
type Record = store.Record

// ErrNotFound says that what was asked for is not there.
var ErrNotFound = store.ErrNotFound

// ErrConflict says that something else stands there already, or was changed meanwhile.
var ErrConflict = store.ErrConflict

// ErrInvalid says that something was asked for that cannot be, such as a page behind a cursor that is none.
var ErrInvalid = store.ErrInvalid
