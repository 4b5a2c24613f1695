package store

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Analytics is an engine of its own beside the store, which answers the figures of clicks and items as Reports do (R1–R4), from the days that
// it took. It answers any breakdown from the rows; the store has sums for one dimension.
type Analytics interface {
	// Clicks and Items answer as those of Reports do. Recount changes nothing.
	Clicks(ctx context.Context, q Figures, each func(Figure) error) error
	Items(ctx context.Context, q Figures, each func(Figure) error) error
	// Take puts the rows of days in the place of those that it had of them: of all days at once, so whoever asks sees all of what was
	// before or all of what is now. rows calls each for the rows of a day; where it returns that a day is not whole, rows that the engine has
	// of it and that did not come again stay. State is what Fed returns from then on.
	Take(ctx context.Context, days []StaleDay, rows func(d StaleDay, each func(*Fact) error) (whole bool, err error), state Fed) error
	// Fed says how far the engine is; the zero Fed: it took nothing.
	Fed(ctx context.Context) (Fed, error)
	Close() error
}

// Fed is the state of the data that an engine was fed from.
type Fed struct {
	At       time.Time
	Complete Complete
}

// Feed is what an engine is fed from: days that changed since it took them. Kinds of days are click and ByOrder: an item comes with both of
// its days, on that of its order.
type Feed interface {
	// Changed returns the days whose sums changed, in the order of their kind, program and day. A day is among them when it was rolled.
	Changed(ctx context.Context) ([]FeedDay, error)
	// Rows calls each for the rows of a day; whole is false where some of its clicks were forgotten. The fact is used again.
	Rows(ctx context.Context, d StaleDay, each func(*Fact) error) (whole bool, err error)
	// Took takes days off the list, but for those that changed again since.
	Took(ctx context.Context, days []FeedDay) error
	// All puts all days on the list that there are sums of: an engine may be new.
	All(ctx context.Context) error
}

// FeedDay is a day, and how often it changed.
type FeedDay struct {
	StaleDay
	Changes int64
}

// FactDims are the dimensions of a fact, in the order of its values. Day, program and state have members of their own.
func FactDims() []Dim {
	return []Dim{
		DimPublisher, DimAdSpace, DimTrackingID, DimAF, DimCN, DimCV, DimDP, DimKind, DimProduct, DimCountry, DimDevice, DimLink, DimReason,
		DimCategory, DimRule, DimStore,
	}
}

// Fact is a click or an item as reports add it up.
type Fact struct {
	ID       string // of a click; of an item its order and its own, apart by a line break
	At       int64  // in microseconds since 1970, UTC
	Received int64  // of an item: when receipt was confirmed
	HasDay   bool   // there is a Received
	Values   [16]string
	Currency money.Currency
	State    string
	Sum      Figure // without keys
}
