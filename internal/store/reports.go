package store

import (
	"context"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/ledger"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Reports are the figures of reports (R1–R4). They come from sums by day and, for days that changed since they were added up, from
// the rows; what is written marks its day in the same transaction, so figures always agree with the rows. Days are those of UTC, as in the ledger. Touches of other channels are no clicks here.
type Reports interface {
	// Clicks adds clicks up, and Items the newest decision records of items: one figure for each combination of the query's
	// dimensions, currency and state, in any order. No figure is zero in all its members.
	Clicks(ctx context.Context, q Figures, each func(Figure) error) error
	Items(ctx context.Context, q Figures, each func(Figure) error) error
	// Income adds up what was booked on publishers' accounts, by day of effect: each posting once.
	Income(ctx context.Context, q Figures, each func(IncomeFigure) error) error
	// List calls each for items, the latest first by the day of the query, then by key. after is the cursor that List returned
	// before, "" at the beginning; next is "" at the end. A limit of 0 is none.
	List(ctx context.Context, q Figures, after string, limit int, each func(*ItemRow) error) (next string, err error)
	// Stale returns the days that are over at a time and whose sums do not say what the rows say: their rows are read instead, which takes
	// longer. The day of that time is among them as far as its clicks are not added up until then. After the days come the months that are
	// over and are to be added up from their days, so that a year is read in twelve pieces.
	Stale(ctx context.Context, at time.Time) ([]StaleDay, error)
	// Roll adds a day's rows up anew, or a month's days. Of a day whose clicks are stale and that is not over at the time until, the clicks before it
	// are added up: later ones are read as rows, as long as none before it is entered or changed.
	Roll(ctx context.Context, d StaleDay, until time.Time) error
	// Complete says how far the data is taken in.
	Complete(ctx context.Context, now time.Time) (Complete, error)
	// Feed is what an engine beside the store is fed from.
	Feed() Feed
}

// Basis is the day that counts for an item.
type Basis string

// The days of an item.
const (
	ByOrder       Basis = "order"       // it was ordered
	ByTransaction Basis = "transaction" // the buyer confirmed receipt, which releases the payment; other items have no such day
)

// Dim is what figures can be broken down by (R2).
type Dim string

// The dimensions. Items have those of the click that won them; clicks have no category.
const (
	DimDay        Dim = "day" // YYYY-MM-DD
	DimProgram    Dim = "program"
	DimPublisher  Dim = "publisher"
	DimAdSpace    Dim = "ad_space"
	DimTrackingID Dim = "tracking_id"
	DimAF         Dim = "af" // the sub-IDs (L2)
	DimCN         Dim = "cn"
	DimCV         Dim = "cv"
	DimDP         Dim = "dp"
	DimKind       Dim = "kind"    // of the link, which is the type of promotion
	DimProduct    Dim = "product" // of an item the one that was bought, of a click the one that its link led to
	DimCategory   Dim = "category"
	DimCountry    Dim = "country"
	DimDevice     Dim = "device"
	DimLink       Dim = "link"   // the link's id
	DimRule       Dim = "rule"   // of an item: the rate rule
	DimReason     Dim = "reason" // why it earns nothing; of a click the verdict, and behind a colon what it rests on
	DimState      Dim = "state"  // of an item
	DimStore      Dim = "store"  // of an item the store that sold it (S3)
)

// How many dimensions and filters a query may have.
const (
	MaxDims    = 4
	MaxFilters = 6
)

// DimChars is how many characters of a value figures tell apart.
const DimChars = 120

// Figures asks for figures.
type Figures struct {
	Publisher string     // "": all, and nobody
	Program   program.ID // "": all
	From, To  time.Time  // From inclusive, To exclusive; zero: no bound. Whole days are answered from sums, other times from rows.
	Basis     Basis      // of items; "": ByOrder
	By        []Dim
	Where     []Match
	// Recount reads the rows even where the sums would do. Clicks that retention took out are missing then.
	Recount bool
}

// Match asks for a dimension's value. DimDay, DimProgram and DimPublisher are asked for by members of their own.
type Match struct {
	Dim   Dim
	Value string
}

// Figure is a sum of clicks or of items. Hidden items count in Items and the amounts, but are no actions.
type Figure struct {
	Keys     [MaxDims]string // the values of the dimensions
	Currency money.Currency  // of items: the program's
	State    string          // of items

	Clicks   int64 // valid ones
	Rejected int64 // other ones

	Items   int64
	Actions int64 // those that statistics count
	Value   int64 // what was sold, minor units: the base of the commission
	Amount  int64 // the commission, minor units
	Fee     int64 // the network's own fee on it, minor units (M6)
	Held    int64 // actions that were approved or declined
	HeldFor int64 // from ordering to that, in whole seconds
}

// Add adds another sum with the same keys, currency and state.
func (f *Figure) Add(o *Figure) error {
	for _, a := range [...]struct{ to, by *int64 }{{&f.Value, &o.Value}, {&f.Amount, &o.Amount}, {&f.Fee, &o.Fee}} {
		sum := *a.to + *a.by
		if (*a.to < 0) == (*a.by < 0) && (sum < 0) != (*a.to < 0) {
			return fmt.Errorf("a sum of %d and %d minor units: %w", *a.to, *a.by, money.ErrOverflow)
		}
		*a.to = sum
	}
	f.Clicks += o.Clicks
	f.Rejected += o.Rejected
	f.Items += o.Items
	f.Actions += o.Actions
	f.Held += o.Held
	f.HeldFor += o.HeldFor
	return nil
}

// IncomeFigure is a sum of postings on publishers' accounts. Keys are days, programs and publishers only.
type IncomeFigure struct {
	Keys     [MaxDims]string
	Currency money.Currency
	Reason   ledger.Reason
	Kind     ledger.Kind
	Amount   int64 // what came in less what went out, minor units
}

// ItemRow is the newest decision record of an item with its dimensions.
type ItemRow struct {
	Record // without Line, DecidedAt, JSON and its own Origin
	Origin
}

// Origin is where an item came from, beside what its record says.
type Origin struct {
	TrackingID string
	Click      string // the id of the click that won it; "": none
	Sub        click.Sub
	Kind       string // of the click's link
	Product    string
	Category   string
	Store      string // that sold it
	Fee        int64  // the network's own fee, minor units of the record's currency
	Held       bool   // a trust case keeps it back (M4); then it is pending
	Reason     string // why it earns nothing: declined, or won by nobody
	Country    string // of the click; the store looks it up, as it does with Device and Link
	Device     string
	Link       int64
}

// StaleDay is a day of a program whose rows changed since they were added up, or a month whose days did.
type StaleDay struct {
	Kind    string // click, or the Basis of items; of a month with "months:" before it
	Program program.ID
	Day     int64 // since 1970, UTC; of a month the first
}

// Complete says how far the data is taken in.
type Complete struct {
	// Orders is the earliest time at which an order was to be decided anew and is not yet; where there is none, it is now.
	Orders time.Time
	// Clicks is when the newest touch was; zero: there is none.
	Clicks time.Time
	// Logs are how far the logs of edges are read, by name.
	Logs []LogPosition
}

// LogPosition is how far a log is read.
type LogPosition struct{ Log, Position string }
