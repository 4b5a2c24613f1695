package sqlreport

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/cover"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// column is how a dimension is read of a row; what the sums have no column for, both kinds of rows may have under other names.
type column struct {
	dim          store.Dim
	click, items string // SQL; empty: rows of this kind do not have it
}

// columns are the dimensions in the order of their numbers, from 1. Sums are kept under these numbers: a new dimension comes last, and none moves.
var columns = [sheet.Dims]column{
	{store.DimDay, "CAST(" + dayOf("c.at") + " AS TEXT)", "CAST(" + dayOf("{at}") + " AS TEXT)"},
	{store.DimProgram, "c.program", "w.program"},
	{store.DimPublisher, "c.publisher", "w.publisher"},
	{store.DimAdSpace, "c.ad_space", "w.ad_space"},
	{store.DimTrackingID, "c.tracking_id", "w.tracking_id"},
	{store.DimAF, "c.sub_af", "w.sub_af"},
	{store.DimCN, "c.sub_cn", "w.sub_cn"},
	{store.DimCV, "c.sub_cv", "w.sub_cv"},
	{store.DimDP, "c.sub_dp", "w.sub_dp"},
	{store.DimKind, "c.target_kind", "w.kind"},
	{store.DimProduct, "c.target_product", "w.product"},
	{store.DimCountry, "COALESCE(v.country, '')", "w.country"},
	{store.DimDevice, "COALESCE(v.device, '')", "w.device"},
	{store.DimLink, "CASE WHEN COALESCE(v.link, 0) = 0 THEN '' ELSE CAST(v.link AS TEXT) END", "CASE WHEN w.link = 0 THEN '' ELSE CAST(w.link AS TEXT) END"},
	{store.DimReason, "CASE WHEN c.verdict = 'valid' THEN '' WHEN COALESCE(v.reason, '') = '' THEN c.verdict ELSE c.verdict || ':' || v.reason END", "w.reason"},
	{store.DimCategory, "", "w.category"},
	{store.DimRule, "", "w.rule"},
	{store.DimState, "", "w.state"},
	{store.DimStore, "", "w.store"},
}

// number is the number of a dimension, or an error where rows of the kind do not have it.
func number(d store.Dim, clicks bool) (int64, error) {
	n := dimNumber(d)
	if n == 0 {
		return 0, fmt.Errorf("%q is not a dimension: %w", d, store.ErrInvalid)
	}
	if clicks && columns[n-1].click == "" {
		return 0, fmt.Errorf("clicks have no %s: %w", d, store.ErrInvalid)
	}
	return int64(n), nil
}

// pick is the SQL for the value of a dimension. Each question has a text of its own: one text for all would choose the column of each
// dimension anew for each row, which takes longer than everything else that is done with it.
func pick(d store.Dim, clicks bool, at string) (string, error) {
	n, err := number(d, clicks)
	if err != nil {
		return "", err
	}
	c := columns[n-1]
	sql := c.items
	if clicks {
		sql = c.click
	}
	if d != store.DimDay {
		sql = "substr(" + sql + ", 1, " + strconv.Itoa(store.DimChars) + ")"
	}
	return strings.ReplaceAll(sql, "{at}", at), nil
}

// bounds are the times of a query in microseconds, and whether they are whole days.
func bounds(q store.Figures) (from, to int64, whole bool, err error) {
	from, to = math.MinInt64/2, math.MaxInt64/2
	if !q.From.IsZero() {
		if from, err = sqltx.Micros("from", q.From); err != nil {
			return 0, 0, false, err
		}
	}
	if !q.To.IsZero() {
		if to, err = sqltx.Micros("to", q.To); err != nil {
			return 0, 0, false, err
		}
	}
	whole = (q.From.IsZero() || from%microsPerDay == 0) && (q.To.IsZero() || to%microsPerDay == 0)
	return from, to, whole, nil
}

// Check refuses queries that nothing can answer.
func Check(q store.Figures, clicks bool) error {
	if len(q.By) > store.MaxDims || len(q.Where) > store.MaxFilters {
		return fmt.Errorf("%d dimensions and %d filters: %d and %d are the most: %w", len(q.By), len(q.Where), store.MaxDims, store.MaxFilters, store.ErrInvalid)
	}
	for i, d := range q.By {
		if slices.Contains(q.By[:i], d) {
			return fmt.Errorf("the dimension %q comes twice: %w", d, store.ErrInvalid)
		}
		if _, err := number(d, clicks); err != nil {
			return err
		}
	}
	for _, m := range q.Where {
		switch m.Dim {
		case store.DimDay, store.DimProgram, store.DimPublisher:
			return fmt.Errorf("a filter by %q: ask by the period, the program or the publisher: %w", m.Dim, store.ErrInvalid)
		}
		if _, err := number(m.Dim, clicks); err != nil {
			return err
		}
		if err := sqltx.CheckText(string(m.Dim), m.Value); err != nil {
			return err
		}
	}
	switch q.Basis {
	case "", store.ByOrder, store.ByTransaction:
		return nil
	}
	return fmt.Errorf("%q is not a day of an item: %w", q.Basis, store.ErrInvalid)
}

// valued returns the one dimension whose values the sums must tell apart for a query, or false where there are several.
func valued(q store.Figures) (store.Dim, bool) {
	dim := store.Dim(everything)
	need := func(d store.Dim) bool {
		switch {
		case d == store.DimDay, d == store.DimProgram, d == store.DimState, d == store.DimPublisher && q.Publisher != "", d == dim:
			return true
		case dim != everything:
			return false
		}
		dim = d
		return true
	}
	for _, d := range q.By {
		if !need(d) {
			return "", false
		}
	}
	for _, m := range q.Where {
		if !need(m.Dim) {
			return "", false
		}
	}
	return dim, true
}

// ReadDays turns the days among keys, which are numbers, into dates.
func ReadDays(by []store.Dim, keys *[store.MaxDims]string) error {
	for i, d := range by {
		if d != store.DimDay {
			continue
		}
		n, err := strconv.ParseInt(keys[i], 10, 64)
		if err != nil {
			return fmt.Errorf("reading a day: %w", err)
		}
		keys[i] = time.Unix(n*24*60*60, 0).UTC().Format(time.DateOnly)
	}
	return nil
}

// source says which rows are added up.
type source struct {
	clicks bool
	sums   string // how they are added up
	split  string // what is told apart beside the keys
}

var clickSource = source{
	clicks: true,
	sums:   "CAST(SUM(clicks) AS BIGINT), CAST(SUM(rejected) AS BIGINT)",
}

var itemSource = source{
	sums: `CAST(SUM(items) AS BIGINT), CAST(SUM(actions) AS BIGINT), CAST(SUM(sold_high) AS BIGINT), CAST(SUM(sold_low) AS BIGINT),
	CAST(SUM(amount_high) AS BIGINT), CAST(SUM(amount_low) AS BIGINT), CAST(SUM(held) AS BIGINT), CAST(SUM(held_for) AS BIGINT),
	CAST(SUM(fee_high) AS BIGINT), CAST(SUM(fee_low) AS BIGINT)`,
	split: ", currency, state",
}

func (s source) name() string {
	if s.clicks {
		return "Clicks"
	}
	return "Items"
}

// kind is the kind of stale days that a query meets.
func (s source) kind(q store.Figures) string {
	switch {
	case s.clicks:
		return clickKind
	case q.Basis == "":
		return string(store.ByOrder)
	}
	return string(q.Basis)
}

// rowsWhere are the conditions on the rows that a query asks for.
func (s source) rowsWhere(q store.Figures, w *sqltx.Where, from, to int64, stale bool) (at string, err error) {
	t, at := "w", "w.placed_at"
	switch {
	case s.clicks:
		t, at = "c", "c.at"
		w.Conditions = append(w.Conditions, "c.channel = 'affiliate'")
	case q.Basis == store.ByTransaction:
		at = "w.completed_at"
		w.Conditions = append(w.Conditions, "w.completed_at IS NOT NULL")
	}
	if q.Publisher != "" {
		w.Conditions = append(w.Conditions, t+".publisher <> ''", t+".publisher = "+w.Arg(q.Publisher))
	}
	w.Equal(t+".program", string(q.Program))
	if stale { // not the bounds of the query: the planner would read all that lies between them, once for each part
		w.Conditions = append(w.Conditions, at+" >= r.since", at+" < r.until")
	} else {
		w.Conditions = append(w.Conditions, at+" >= "+w.Arg(from), at+" < "+w.Arg(to))
	}
	for _, m := range q.Where {
		sql, err := pick(m.Dim, s.clicks, at)
		if err != nil {
			return "", err
		}
		value := Cut(m.Value)
		if m.Dim == store.DimStore && value != "" && len(value) < store.DimChars { // an index has the rows of a store
			w.Conditions = append(w.Conditions, t+".store <> ''", t+".store = "+w.Arg(value))
		}
		w.Conditions = append(w.Conditions, sql+" = "+w.Arg(value))
	}
	return at, nil
}

// fromRows is the statement that adds rows up: all, or those of some parts of it.
func (s source) fromRows(q store.Figures, from, to int64, parts []rowRange) (sqltx.Statement, error) {
	var w sqltx.Where
	at, err := s.rowsWhere(q, &w, from, to, len(parts) > 0)
	if err != nil {
		return sqltx.Statement{}, err
	}
	with, each := "", ""
	var batch []sqltx.Column
	if n := len(parts); n > 0 {
		t := "w"
		if s.clicks {
			t = "c"
		}
		with, each = "WITH r AS ({rows})\n", "r CROSS JOIN "
		w.Conditions = append(w.Conditions, t+".program = r.program")
		batch = []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return parts[i].program }),
			sqltx.Number("since", n, func(i int) int64 { return parts[i].from }),
			sqltx.Number("until", n, func(i int) int64 { return parts[i].to }),
		}
	}
	keys, groups, outer := []string{"'' AS k0"}, []string{"k0"}, [store.MaxDims]string{"k0", "''", "''", "''"}
	for i, d := range q.By {
		sql, err := pick(d, s.clicks, at)
		if err != nil {
			return sqltx.Statement{}, err
		}
		outer[i] = fmt.Sprintf("k%d", i)
		if i > 0 {
			keys, groups = append(keys, ""), append(groups, outer[i])
		}
		keys[i] = sql + " AS " + outer[i]
	}
	rows := "CASE WHEN c.verdict = 'valid' THEN 1 ELSE 0 END AS clicks, CASE WHEN c.verdict = 'valid' THEN 0 ELSE 1 END AS rejected\n" +
		"\tFROM " + each + "clicks c"
	if asked := strings.Join(keys, "") + w.String(); strings.Contains(asked, "v.") { // what edges saw is elsewhere, and most questions do not ask for it
		rows += " LEFT JOIN visits v ON v.click = c.id AND v.program = c.program"
	}
	if !s.clicks {
		settled := "w.hidden OR w.publisher = '' OR w.settled_at IS NULL"
		rows = `w.currency, w.state, 1 AS items, CASE WHEN w.hidden OR w.publisher = '' OR w.state = 'unattributed' THEN 0 ELSE 1 END AS actions,
	w.value >> 32 AS sold_high, w.value & 4294967295 AS sold_low, w.amount >> 32 AS amount_high, w.amount & 4294967295 AS amount_low,
	CASE WHEN ` + settled + ` THEN 0 ELSE 1 END AS held, CASE WHEN ` + settled + ` THEN 0 ELSE (w.settled_at - w.placed_at) / 1000000 END AS held_for,
	w.fee >> 32 AS fee_high, w.fee & 4294967295 AS fee_low
	FROM ` + each + `newest_records w`
	}
	return sqltx.Statement{
		SQL: "-- reports." + s.name() + " from rows\n" + with + "SELECT " + strings.Join(outer[:], ", ") + s.split + ", " + s.sums + " FROM (\n\tSELECT " + strings.Join(keys, ",\n\t") + ",\n\t" + rows + " " + w.String() +
			"\n) AS s GROUP BY " + strings.Join(groups, ", ") + s.split,
		Args: w.Args,
		Rows: batch,
	}, nil
}

// figureKey is what a figure is about.
type figureKey struct {
	keys     [store.MaxDims]string
	currency money.Currency
	state    string
}

// figureSet are figures by what they are about.
type figureSet map[figureKey]*store.Figure

func (m figureSet) add(f *store.Figure) error {
	k := figureKey{f.Keys, f.Currency, f.State}
	if was := m[k]; was != nil {
		return was.Add(f)
	}
	kept := *f
	m[k] = &kept
	return nil
}

// take takes what is there about the same as a figure out; nil for nothing.
func (m figureSet) take(f *store.Figure) *store.Figure {
	if len(m) == 0 {
		return nil
	}
	k := figureKey{f.Keys, f.Currency, f.State}
	was := m[k]
	delete(m, k)
	return was
}

// sum answers a query. read reads a figure of rows.
func (s source) sum(ctx context.Context, tx *sqltx.Tx, q store.Figures, read func(scan func(...any) error, f *store.Figure) error, each func(store.Figure) error) error {
	if err := Check(q, s.clicks); err != nil {
		return err
	}
	from, to, whole, err := bounds(q)
	if err != nil {
		return err
	}
	recount := q.Recount || !whole
	var sums gathered
	var parts []rowRange
	switch dim, one := valued(q); {
	case recount:
	case one:
		sums, parts, err = s.fromSums(ctx, tx, q, dim, day(from), day(to))
	default:
		sums, parts, err = s.fromGrids(ctx, tx, q, max(day(from), cover.FirstDay), min(day(to), cover.EndOfDay))
	}
	if err != nil {
		return fmt.Errorf("adding %s up: %w", s.name(), err)
	}
	// What the sums do not say is little, as a rule: it is gathered first, and the sums are handed over without being gathered again.
	beside := make(figureSet)
	if !s.clicks && !recount {
		if err := s.fromChanges(ctx, tx, q, max(day(from), cover.FirstDay), min(day(to), cover.EndOfDay), parts, beside); err != nil {
			return fmt.Errorf("adding %s up: %w", s.name(), err)
		}
	}
	if recount || len(parts) > 0 {
		rows, err := s.fromRows(q, from, to, parts)
		if err != nil {
			return err
		}
		if err := tx.Query(ctx, rows, func(scan func(...any) error) error {
			var f store.Figure
			if err := read(scan, &f); err != nil {
				return err
			}
			if err := ReadDays(q.By, &f.Keys); err != nil {
				return err
			}
			return beside.add(&f)
		}); err != nil {
			return fmt.Errorf("adding %s up: %w", s.name(), err)
		}
	}
	hand := func(f *store.Figure) error {
		if f.Clicks == 0 && f.Rejected == 0 && f.Items == 0 {
			return nil
		}
		return each(*f)
	}
	if sums != nil {
		if err := sums.figures(q, s.clicks, func(f *store.Figure) error {
			if more := beside.take(f); more != nil {
				if err := f.Add(more); err != nil {
					return err
				}
			}
			return hand(f)
		}); err != nil {
			return fmt.Errorf("adding %s up: %w", s.name(), err)
		}
	}
	for _, f := range beside {
		if err := hand(f); err != nil {
			return err
		}
	}
	return nil
}

// gathered are sums that were read for a query. figures calls each for one figure of each combination of dimensions, currency and state; the
// figure is used again.
type gathered interface {
	figures(q store.Figures, clicks bool, each func(*store.Figure) error) error
}

// dayTexts are dates of days, each written once.
type dayTexts map[int64]string

func (t dayTexts) of(d int64) string {
	s, ok := t[d]
	if !ok {
		s = time.Unix(d*24*60*60, 0).UTC().Format(time.DateOnly)
		t[d] = s
	}
	return s
}

// Clicks implements store.Reports.
func (t reports) Clicks(ctx context.Context, q store.Figures, each func(store.Figure) error) error {
	return clickSource.sum(ctx, t.Tx, q, func(scan func(...any) error, f *store.Figure) error {
		return scan(&f.Keys[0], &f.Keys[1], &f.Keys[2], &f.Keys[3], &f.Clicks, &f.Rejected)
	}, each)
}

// Items implements store.Reports.
func (t reports) Items(ctx context.Context, q store.Figures, each func(store.Figure) error) error {
	return itemSource.sum(ctx, t.Tx, q, func(scan func(...any) error, f *store.Figure) error {
		var soldHigh, soldLow, high, low, feeHigh, feeLow int64
		err := scan(&f.Keys[0], &f.Keys[1], &f.Keys[2], &f.Keys[3], &f.Currency, &f.State, &f.Items, &f.Actions, &soldHigh, &soldLow, &high, &low, &f.Held, &f.HeldFor, &feeHigh, &feeLow)
		if err != nil {
			return err
		}
		if f.Value, err = sqltx.Whole(soldHigh, soldLow); err != nil {
			return err
		}
		if f.Amount, err = sqltx.Whole(high, low); err != nil {
			return err
		}
		f.Fee, err = sqltx.Whole(feeHigh, feeLow)
		return err
	}, each)
}

// place is where a list ended.
type place struct {
	At                   int64
	Program, Order, Item string
}

// List implements store.Reports.
func (t reports) List(ctx context.Context, q store.Figures, after string, limit int, each func(*store.ItemRow) error) (string, error) {
	if err := Check(q, false); err != nil {
		return "", err
	}
	if limit < 0 {
		return "", fmt.Errorf("a limit of %d: %w", limit, store.ErrInvalid)
	}
	from, to, _, err := bounds(q)
	if err != nil {
		return "", err
	}
	var w sqltx.Where
	at, err := itemSource.rowsWhere(q, &w, from, to, false)
	if err != nil {
		return "", err
	}
	if after != "" {
		var p place
		if err := sqltx.DecodeCursor(after, &p); err != nil {
			return "", err
		}
		a := w.Arg(p.At)
		w.Conditions = append(w.Conditions, fmt.Sprintf("%s <= %s AND (%s < %s OR (w.program, w.order_id, w.item) > (%s, %s, %s))",
			at, a, at, a, w.Arg(p.Program), w.Arg(p.Order), w.Arg(p.Item)))
	}
	end := ""
	if limit > 0 {
		end = " LIMIT " + w.Arg(int64(limit)+1)
	}
	var row, last store.ItemRow
	n, more := 0, false
	err = t.Query(ctx, sqltx.Statement{
		SQL:  "-- reports.List\nSELECT " + itemColumns + " FROM newest_records w " + w.String() + " ORDER BY " + at + " DESC, w.program, w.order_id, w.item" + end,
		Args: w.Args,
	}, func(scan func(...any) error) error {
		if n++; limit > 0 && n > limit {
			more = true
			return nil
		}
		row = store.ItemRow{}
		if err := scanItem(scan, &row); err != nil {
			return err
		}
		if limit > 0 {
			last = row
		}
		return each(&row)
	})
	if err != nil || !more {
		return "", wrap(err, "listing items")
	}
	p := place{last.PlacedAt.UnixMicro(), string(last.Program), last.Order, last.Item}
	if q.Basis == store.ByTransaction {
		p.At = last.Completed.UnixMicro()
	}
	return sqltx.EncodeCursor(p)
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Complete implements store.Reports.
func (t reports) Complete(ctx context.Context, now time.Time) (c store.Complete, err error) {
	us, err := sqltx.Micros("now", now)
	if err != nil {
		return c, err
	}
	c.Orders = sqltx.Instant(us)
	var due *int64
	if _, err = t.One(ctx, sqltx.Statement{
		SQL:  "-- reports.due\nSELECT MIN(next_at) FROM orders WHERE next_at IS NOT NULL AND next_at <= $1",
		Args: []any{us},
	}, &due); err != nil {
		return c, fmt.Errorf("looking for orders that are due: %w", err)
	}
	if due != nil {
		c.Orders = sqltx.Instant(*due)
	}
	for p := ""; ; {
		var next *string
		if _, err = t.One(ctx, sqltx.Statement{SQL: "-- reports.nextProgram\nSELECT MIN(program) FROM clicks WHERE program > $1", Args: []any{p}}, &next); err != nil {
			return c, fmt.Errorf("looking for the newest click: %w", err)
		}
		if next == nil {
			break
		}
		p = *next
		var newest *int64
		if _, err = t.One(ctx, sqltx.Statement{SQL: "-- reports.newestClick\nSELECT MAX(at) FROM clicks WHERE program = $1", Args: []any{p}}, &newest); err != nil {
			return c, fmt.Errorf("looking for the newest click: %w", err)
		}
		if at := sqltx.Optional(newest); at.After(c.Clicks) {
			c.Clicks = at
		}
	}
	err = t.Query(ctx, sqltx.Statement{SQL: "-- reports.logs\nSELECT log, position FROM log_positions ORDER BY log"}, func(scan func(...any) error) error {
		var l store.LogPosition
		err := scan(&l.Log, &l.Position)
		c.Logs = append(c.Logs, l)
		return err
	})
	return c, wrap(err, "reading how far logs are read")
}
