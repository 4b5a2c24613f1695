// Package reports answers the reports of publishers and operators: orders, traffic, income and live orders (R1–R4), the figures of
// program pages (P2) and the ranking of publishers (A9). It only reads.
package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Service answers reports. It is safe for use by several goroutines.
type Service struct {
	store     store.Store
	now       func() time.Time
	facts     facts.Cache
	ranking   atomic.Pointer[Ranking]
	analytics store.Analytics // nil: the store answers everything

	mu         sync.Mutex
	statistics map[program.ID]Statistics
	paid       map[program.ID]paidOn
}

// New returns a service over a store.
func New(s store.Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, statistics: make(map[program.ID]Statistics), paid: make(map[program.ID]paidOn)}
}

// Kind is a report.
type Kind string

// The reports.
const (
	Orders  Kind = "orders"      // items by where they came from, with the clicks beside them
	Traffic Kind = "traffic"     // clicks, with those that were rejected and why
	Income  Kind = "income"      // what was booked on publishers' accounts, by day
	Live    Kind = "live-orders" // each item, the latest first
)

// Kinds are all reports.
func Kinds() []Kind { return []Kind{Orders, Traffic, Income, Live} }

// The dimensions and filters of the store, under the names that fronts use.
type (
	Dim   = store.Dim
	Match = store.Match
	Basis = store.Basis
)

// Dims are the dimensions that a report can be broken down by (R2).
func Dims(k Kind) []Dim {
	common := []Dim{
		store.DimDay, store.DimProgram, store.DimPublisher, store.DimAdSpace, store.DimTrackingID, store.DimAF, store.DimCN, store.DimCV, store.DimDP,
		store.DimKind, store.DimProduct, store.DimCountry, store.DimDevice, store.DimLink, store.DimReason,
	}
	switch k {
	case Orders:
		return append(common, store.DimCategory, store.DimRule, store.DimState)
	case Traffic:
		return common
	case Income:
		return []Dim{store.DimDay, store.DimProgram}
	}
	return nil
}

// Filters are the dimensions whose values a report can be asked for, beside program, publisher and period.
func Filters(k Kind) []Dim {
	of := k
	if k == Live {
		of = Orders
	}
	return slices.DeleteFunc(Dims(of), func(d Dim) bool { return d == store.DimDay || d == store.DimProgram || d == store.DimPublisher })
}

// MaxBy is how many dimensions a report has at the most.
const MaxBy = store.MaxDims - 1

// Query asks for a report.
type Query struct {
	Kind      Kind
	Publisher string // the one whose report it is; "": all, which is for operators only
	Program   program.ID
	From, To  time.Time // days of UTC, From inclusive, To exclusive; zero: no bound
	Basis     Basis     // the day of an item: of its order, or of the transaction, which is when receipt was confirmed
	By        []Dim     // not of live orders
	Where     []Match
	Sort      string // a column, with "-" in front for the greatest first; "": by the dimensions. Not of live orders
	Limit     int    // 0: all
	After     string // the cursor that the page before ended with
}

// A QueryError says what is wrong with a query.
type QueryError = field.Error

// ErrCursor says that a cursor is of another report.
var ErrCursor = &QueryError{Field: "after", Reason: "is not a cursor of this report: take the one that the page before returned"}

// CellKind says what the cells of a column are.
type CellKind int

// The kinds of cells. All are text that is exact; an empty one says that there is no such figure.
const (
	Text    CellKind = iota
	Count            // a whole number
	Amount           // a decimal in the row's currency
	Percent          // a decimal
	Time             // RFC 3339, UTC
)

// Column is a column of a report.
type Column struct {
	Name string
	Kind CellKind
}

// Complete says as of when a report is true (R4).
type Complete struct {
	AsOf      time.Time // the state of the data that it was read from
	OrdersTo  time.Time // every decision that was due by then is in it
	LastClick time.Time // the newest click in it; zero: none
	Logs      []store.LogPosition
}

// Head is what stands before the rows of a report.
type Head struct {
	Query    Query
	Columns  []Column
	Totals   [][]string // of all rows, also of those on other pages: a row for each program and currency; of live orders on the first page only
	Complete Complete
}

// Sink takes a report.
type Sink interface {
	Begin(h *Head) error
	// Row takes a row. The slice is used again for the next one.
	Row(cells []string) error
	// End says that the report is complete; next is the cursor of the next page, "" on the last one.
	End(next string) error
}

// Run answers a query. Everything it says is from one state of the data.
func (v *Service) Run(ctx context.Context, q Query, to Sink) error {
	if err := q.check(); err != nil {
		return err
	}
	err := v.store.View(ctx, func(tx store.Tx) error {
		now := v.now().UTC().Truncate(time.Microsecond)
		c, err := tx.Platform().Reports().Complete(ctx, now)
		if err != nil {
			return err
		}
		h := &Head{Query: q, Complete: Complete{AsOf: now, OrdersTo: c.Orders, LastClick: c.Clicks, Logs: c.Logs}}
		switch q.Kind {
		case Live:
			return runLive(ctx, tx, h, to)
		case Income:
			return runIncome(ctx, tx, h, to)
		}
		known, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		var from source = tx.Platform().Reports()
		if engine, f := v.fed(ctx); engine != nil {
			from = engine
			h.Complete = Complete{AsOf: f.At, OrdersTo: f.Complete.Orders, LastClick: f.Complete.Clicks, Logs: f.Complete.Logs}
		}
		return runFigures(ctx, from, h, to, func(p program.ID) money.Currency {
			if t := known.Terms(p, now); t != nil {
				return t.Currency
			}
			return ""
		})
	})
	if errors.Is(err, store.ErrInvalid) {
		return ErrCursor // everything else was checked before
	}
	if err != nil {
		return fmt.Errorf("report of %s: %w", q.Kind, err)
	}
	return nil
}

func (q *Query) check() error {
	if !slices.Contains(Kinds(), q.Kind) {
		return &QueryError{Field: "kind", Reason: fmt.Sprintf("%q is not a report; there are orders, traffic, income and live-orders", q.Kind)}
	}
	if len(q.By) > MaxBy {
		return &QueryError{Field: "by", Reason: fmt.Sprintf("has %d dimensions; %d are the most", len(q.By), MaxBy)}
	}
	for i, d := range q.By {
		if !slices.Contains(Dims(q.Kind), d) {
			return &QueryError{Field: "by", Reason: fmt.Sprintf("%q is not a dimension of this report%s", d, orList(Dims(q.Kind)))}
		}
		if slices.Contains(q.By[:i], d) {
			return &QueryError{Field: "by", Reason: fmt.Sprintf("names %q twice", d)}
		}
	}
	if len(q.Where) > store.MaxFilters {
		return &QueryError{Field: "filters", Reason: fmt.Sprintf("are %d; %d are the most", len(q.Where), store.MaxFilters)}
	}
	for _, m := range q.Where {
		if !slices.Contains(Filters(q.Kind), m.Dim) {
			return &QueryError{Field: string(m.Dim), Reason: "is not a filter of this report" + orList(Filters(q.Kind))}
		}
		if !plain(m.Value) {
			return &QueryError{Field: string(m.Dim), Reason: "is not text in UTF-8"}
		}
	}
	for _, s := range [...]struct{ member, value string }{{"program", string(q.Program)}, {"publisher", q.Publisher}} {
		if !plain(s.value) {
			return &QueryError{Field: s.member, Reason: "is not text in UTF-8"}
		}
	}
	switch q.Basis {
	case "", store.ByOrder, store.ByTransaction:
	default:
		return &QueryError{Field: "date", Reason: fmt.Sprintf("%q is not a day of an order; it is order or transaction", q.Basis)}
	}
	for _, d := range [...]struct {
		member string
		at     time.Time
	}{{"from", q.From}, {"to", q.To}} {
		if !d.at.IsZero() && (!d.at.Equal(d.at.UTC().Truncate(24*time.Hour)) || d.at.Year() < 1 || d.at.Year() > 9999) {
			return &QueryError{Field: d.member, Reason: "is not a day"}
		}
	}
	if q.Limit < 0 {
		return &QueryError{Field: "limit", Reason: "is below 0"}
	}
	return nil
}

func plain(s string) bool { return strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, 0) }

func orList(ds []Dim) string {
	if len(ds) == 0 {
		return "; it has none"
	}
	names := make([]string, len(ds))
	for i, d := range ds {
		names[i] = string(d)
	}
	return "; it is one of " + strings.Join(names, ", ")
}

// figures is the query of the store.
func (q *Query) figures() store.Figures {
	return store.Figures{Publisher: q.Publisher, Program: q.Program, From: q.From, To: q.To, Basis: q.Basis, By: q.By, Where: q.Where}
}

// Roll adds up the days that changed and are over, and today's clicks until some minutes ago, so that reports about them are fast. It returns
// how many days and months there were.
func (v *Service) Roll(ctx context.Context) (int, error) { return v.roll(ctx, v.now().Add(-inTime)) }

// inTime is how old clicks are at the most when they reach the store, as a rule: one that takes longer has the clicks of its day added up anew.
const inTime = 2 * time.Minute

func (v *Service) roll(ctx context.Context, until time.Time) (int, error) {
	var days []store.StaleDay
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		days, err = tx.Platform().Reports().Stale(ctx, until)
		return err
	})
	if err != nil {
		return 0, err
	}
	for i, d := range days {
		if err := v.store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Reports().Roll(ctx, d, until) }); err != nil {
			return i, fmt.Errorf("adding up a day of program %q: %w", d.Program, err)
		}
	}
	return len(days), nil
}
