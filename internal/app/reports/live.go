package reports

import (
	"context"
	"strconv"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

func liveColumns(q *Query) []Column {
	cols := []Column{{"ordered_at", Time}, {"received_at", Time}, {"program", Text}}
	if q.Publisher == "" {
		cols = append(cols, Column{"publisher", Text})
	}
	return append(cols,
		Column{"order", Text}, Column{"item", Text}, Column{"state", Text}, Column{"reason", Text}, Column{"product", Text}, Column{"category", Text},
		Column{"ad_space", Text}, Column{"tracking_id", Text}, Column{"kind", Text}, Column{"af", Text}, Column{"cn", Text}, Column{"cv", Text}, Column{"dp", Text},
		Column{"click", Text}, Column{"link", Text}, Column{"country", Text}, Column{"device", Text}, Column{"currency", Text}, Column{"sold", Amount},
		Column{"commission", Amount}, Column{"rule", Text}, Column{"settled_at", Time})
}

func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func linkCell(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func liveCells(q *Query, dst []string, r *store.ItemRow) []string {
	dst = append(dst, timeCell(r.PlacedAt), timeCell(r.Completed), string(r.Program))
	if q.Publisher == "" {
		dst = append(dst, r.Publisher)
	}
	return append(dst, r.Order, r.Item, r.State, r.Reason, r.Product, r.Category, r.AdSpace, r.TrackingID, r.Kind, r.Sub.AF, r.Sub.CN, r.Sub.CV, r.Sub.DP,
		r.Click, linkCell(r.Link), r.Country, r.Device, string(r.Currency), money.New(r.Value, r.Currency).Decimal(), money.New(r.Amount, r.Currency).Decimal(),
		r.Rule, timeCell(r.SettledAt))
}

// runLive answers live orders: rows are handed on as they are read, so a report of any size needs little memory.
func runLive(ctx context.Context, tx store.Tx, h *Head, to Sink) error {
	q := &h.Query
	if q.Sort != "" {
		return &QueryError{Field: "sort", Reason: "is not for live orders: the latest come first"}
	}
	h.Columns = liveColumns(q)
	if q.After == "" { // the other pages have the same
		totals, err := liveTotals(ctx, tx, q)
		if err != nil {
			return err
		}
		h.Totals = totals
	}
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		return to.Begin(h)
	}
	cells := make([]string, 0, len(h.Columns))
	next, err := tx.Platform().Reports().List(ctx, q.figures(), q.After, q.Limit, func(r *store.ItemRow) error {
		if err := begin(); err != nil { // not before: a cursor may be refused
			return err
		}
		cells = liveCells(q, cells[:0], r)
		return to.Row(cells)
	})
	if err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	return to.End(next)
}

// liveTotals are the sums of what is sold and earned of each program and currency; the other cells are empty.
func liveTotals(ctx context.Context, tx store.Tx, q *Query) ([][]string, error) {
	f := q.figures()
	f.By = []Dim{store.DimProgram}
	sums := make(map[place]*figure)
	err := tx.Platform().Reports().Items(ctx, f, func(s store.Figure) error {
		p := place{s.Keys, s.Currency}
		if sums[p] == nil {
			sums[p] = &figure{}
		}
		// Here all items are sold, whatever became of them: so does the column say.
		var err error
		if sums[p].sold, err = money.Add(sums[p].sold, s.Value); err != nil {
			return err
		}
		sums[p].tally.Earnings, err = money.Add(sums[p].tally.Earnings, s.Amount)
		return err
	})
	if err != nil {
		return nil, err
	}
	var totals [][]string
	for p, s := range sums {
		r := store.ItemRow{Record: store.Record{Currency: p.currency, Value: s.sold, Amount: s.tally.Earnings}}
		r.Program = program.ID(p.keys[0])
		row := liveCells(q, nil, &r)
		row[0] = "" // a sum has no time
		totals = append(totals, row)
	}
	sortRows(totals)
	return totals, nil
}
