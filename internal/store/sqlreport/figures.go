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
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// column is how a dimension is read of a row; what the sums have no column for, both kinds of rows may have under other names.
type column struct {
	dim          store.Dim
	click, items string // SQL; empty: rows of this kind do not have it
}

// columns are the dimensions in the order of their numbers, from 1.
var columns = [...]column{
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
}

// number is the number of a dimension, or an error where rows of the kind do not have it.
func number(d store.Dim, clicks bool) (int64, error) {
	i := slices.IndexFunc(columns[:], func(c column) bool { return c.dim == d })
	if i < 0 {
		return 0, fmt.Errorf("%q is not a dimension: %w", d, store.ErrInvalid)
	}
	if clicks && columns[i].click == "" {
		return 0, fmt.Errorf("clicks have no %s: %w", d, store.ErrInvalid)
	}
	return int64(i + 1), nil
}

// pick is the SQL for the value of the dimension whose number is an argument, so that one text serves all dimensions.
func pick(arg string, clicks bool, at string) string {
	var b strings.Builder
	b.WriteString("CASE CAST(" + arg + " AS BIGINT)")
	for i, c := range columns {
		sql := c.items
		if clicks {
			sql = c.click
		}
		if sql == "" {
			continue
		}
		if c.dim != store.DimDay {
			sql = "substr(" + sql + ", 1, " + strconv.Itoa(store.DimChars) + ")"
		}
		fmt.Fprintf(&b, " WHEN %d THEN %s", i+1, strings.ReplaceAll(sql, "{at}", at))
	}
	b.WriteString(" ELSE '' END")
	return b.String()
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

// check refuses queries that nothing can answer.
func check(q store.Figures, clicks bool) error {
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

// valued returns the one dimension whose values the sums must tell apart for a query, or false where the rows must be read.
func valued(q store.Figures, whole bool) (store.Dim, bool) {
	if q.Recount || !whole {
		return "", false
	}
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
	return dim, q.Publisher != everybody || crossPublisher(dim)
}

// readDays turns the days among keys, which are numbers, into dates.
func readDays(by []store.Dim, keys *[store.MaxDims]string) error {
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

// source says which sums or rows are added up.
type source struct {
	clicks   bool
	measures string // what is added up, of the sums
	negative string // the same, to be taken off
	sums     string // how they are added up
	split    string // what is told apart beside the keys
}

var clickSource = source{
	clicks: true, measures: "clicks, rejected", negative: "-clicks, -rejected",
	sums: "CAST(SUM(clicks) AS BIGINT), CAST(SUM(rejected) AS BIGINT)",
}

var itemSource = source{
	measures: "currency, state, items, actions, sold_high, sold_low, amount_high, amount_low, held, held_for",
	negative: "currency, state, -items, -actions, -sold_high, -sold_low, -amount_high, -amount_low, -held, -held_for",
	sums: `CAST(SUM(items) AS BIGINT), CAST(SUM(actions) AS BIGINT), CAST(SUM(sold_high) AS BIGINT), CAST(SUM(sold_low) AS BIGINT),
	CAST(SUM(amount_high) AS BIGINT), CAST(SUM(amount_low) AS BIGINT), CAST(SUM(held) AS BIGINT), CAST(SUM(held_for) AS BIGINT)`,
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

// fromSums is the statement that reads the sums of a dimension.
func (s source) fromSums(q store.Figures, dim store.Dim, from, to int64, stale bool) step {
	keys := [store.MaxDims]string{"''", "''", "''", "''"}
	var w sqltx.Where
	valueAt := -1
	for i, d := range q.By {
		switch {
		case d == store.DimDay:
			keys[i] = "CAST(day AS TEXT)"
		case d == store.DimProgram:
			keys[i] = "program"
		case d == store.DimState:
			keys[i] = "state"
		case d == store.DimPublisher && q.Publisher != "":
			keys[i] = "CAST(" + w.Arg(q.Publisher) + " AS TEXT)"
		default:
			keys[i], valueAt = "value", i
		}
	}
	table := "click_sums"
	w.Conditions = append(w.Conditions, "publisher = "+w.Arg(q.Publisher))
	if !s.clicks {
		table = "item_sums"
		w.Conditions = append(w.Conditions, "basis = "+w.Arg(s.kind(q)))
	}
	w.Conditions = append(w.Conditions, "day >= "+w.Arg(day(from)), "day < "+w.Arg(day(to)))
	w.Equal("program", string(q.Program))
	if stale {
		w.Conditions = append(w.Conditions, "NOT EXISTS (SELECT 1 FROM stale_days d WHERE d.kind = "+w.Arg(s.kind(q))+" AND d.program = "+table+".program AND d.day = "+table+".day)")
	}
	wanted := "" // the value that is asked for
	only := false
	for _, m := range q.Where {
		if m.Dim == store.DimState {
			w.Conditions = append(w.Conditions, "state = "+w.Arg(m.Value))
			continue
		}
		wanted, only = cut(m.Value), true
	}
	w.Conditions = append(w.Conditions, "") // the dimension's
	own, all := w, w
	own.Conditions, all.Conditions = slices.Clone(w.Conditions), slices.Clone(w.Conditions)
	dimArg := w.Arg(string(dim))
	own.Conditions[len(own.Conditions)-1] = "dim = " + dimArg
	all.Conditions[len(all.Conditions)-1] = "dim = ''"
	var parts []string
	if !only || wanted != "" {
		having := own
		if only {
			having.Conditions = append(slices.Clone(own.Conditions), "value = "+w.Arg(wanted))
		}
		parts = append(parts, "SELECT day, program, value, "+s.measures+" FROM "+table+" "+having.String())
	}
	blank := -1
	if dim != everything && wanted == "" {
		parts = append(parts, "SELECT day, program, '' AS value, "+s.measures+" FROM "+table+" "+all.String())
		if only {
			parts = append(parts, "SELECT day, program, '' AS value, "+s.negative+" FROM "+table+" "+own.String())
		} else {
			blank = valueAt
		}
	}
	return step{sqltx.Statement{
		SQL: "-- reports." + s.name() + ` from sums
SELECT ` + strings.Join(keys[:], ", ") + s.split + ", " + s.sums + " FROM (\n\t" + strings.Join(parts, "\n\tUNION ALL ") + "\n) AS s" + s.groups(keys),
		Args: w.Args,
	}, blank}
}

// step is a statement of an answer. Where blank is the place of a key, the figures with an empty value there are sums of all, of which
// those of the other values are to be taken off.
type step struct {
	sqltx.Statement
	blank int
}

// groups is the end of a statement over sums: an empty sum is left out.
func (s source) groups(keys [store.MaxDims]string) string {
	var by []string
	for _, k := range keys {
		if k != "''" && !strings.HasPrefix(k, "CAST($") {
			by = append(by, k)
		}
	}
	if s.split != "" {
		by = append(by, "currency", "state")
	}
	nonzero := " HAVING SUM(items) <> 0"
	if s.clicks {
		nonzero = " HAVING SUM(clicks) <> 0 OR SUM(rejected) <> 0"
	}
	if len(by) == 0 {
		return nonzero
	}
	return " GROUP BY " + strings.Join(by, ", ") + nonzero
}

// rowsWhere are the conditions on the rows that a query asks for.
func (s source) rowsWhere(q store.Figures, w *sqltx.Where, from, to int64) (at string, err error) {
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
	w.Conditions = append(w.Conditions, at+" >= "+w.Arg(from), at+" < "+w.Arg(to))
	for i := range store.MaxFilters {
		dim, value := int64(0), ""
		if i < len(q.Where) {
			if dim, err = number(q.Where[i].Dim, s.clicks); err != nil {
				return "", err
			}
			value = cut(q.Where[i].Value)
		}
		arg := w.Arg(dim)
		w.Conditions = append(w.Conditions, "(CAST("+arg+" AS BIGINT) = 0 OR "+pick(arg, s.clicks, at)+" = "+w.Arg(value)+")")
	}
	return at, nil
}

// fromRows is the statement that adds rows up: all, or those of some days.
func (s source) fromRows(q store.Figures, from, to int64, days []store.StaleDay) (sqltx.Statement, error) {
	var w sqltx.Where
	at, err := s.rowsWhere(q, &w, from, to)
	if err != nil {
		return sqltx.Statement{}, err
	}
	with, each := "", ""
	var batch []sqltx.Column
	if n := len(days); n > 0 {
		t := "w"
		if s.clicks {
			t = "c"
		}
		with, each = "WITH r AS ({rows})\n", "r CROSS JOIN "
		w.Conditions = append(w.Conditions, t+".program = r.program", at+" >= r.day * 86400000000", at+" < (r.day + 1) * 86400000000")
		batch = []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return days[i].Program }),
			sqltx.Number("day", n, func(i int) int64 { return days[i].Day }),
		}
	}
	var keys [store.MaxDims]string
	for i := range keys {
		dim := int64(0)
		if i < len(q.By) {
			if dim, err = number(q.By[i], s.clicks); err != nil {
				return sqltx.Statement{}, err
			}
		}
		keys[i] = pick(w.Arg(dim), s.clicks, at) + fmt.Sprintf(" AS k%d", i)
	}
	rows := "CASE WHEN c.verdict = 'valid' THEN 1 ELSE 0 END AS clicks, CASE WHEN c.verdict = 'valid' THEN 0 ELSE 1 END AS rejected\n" +
		"\tFROM " + each + "clicks c LEFT JOIN visits v ON v.click = c.id AND v.program = c.program"
	if !s.clicks {
		settled := "w.hidden OR w.publisher = '' OR w.settled_at IS NULL"
		rows = `w.currency, w.state, 1 AS items, CASE WHEN w.hidden OR w.publisher = '' OR w.state = 'unattributed' THEN 0 ELSE 1 END AS actions,
	w.value >> 32 AS sold_high, w.value & 4294967295 AS sold_low, w.amount >> 32 AS amount_high, w.amount & 4294967295 AS amount_low,
	CASE WHEN ` + settled + ` THEN 0 ELSE 1 END AS held, CASE WHEN ` + settled + ` THEN 0 ELSE (w.settled_at - w.placed_at) / 1000000 END AS held_for
	FROM ` + each + `newest_records w`
	}
	return sqltx.Statement{
		SQL: "-- reports." + s.name() + " from rows\n" + with + `SELECT k0, k1, k2, k3` + s.split + ", " + s.sums + " FROM (\n\tSELECT " + strings.Join(keys[:], ",\n\t") + ",\n\t" + rows + " " + w.String() +
			"\n) AS s GROUP BY k0, k1, k2, k3" + s.split,
		Args: w.Args,
		Rows: batch,
	}, nil
}

// statements are what answers a query: added up, their figures are the answer.
func (s source) statements(ctx context.Context, tx *sqltx.Tx, q store.Figures) ([]step, error) {
	if err := check(q, s.clicks); err != nil {
		return nil, err
	}
	from, to, whole, err := bounds(q)
	if err != nil {
		return nil, err
	}
	dim, ok := valued(q, whole)
	if !ok {
		rows, err := s.fromRows(q, from, to, nil)
		return []step{{rows, -1}}, err
	}
	stale, err := staleWithin(ctx, tx, s.kind(q), q.Program, day(from), day(to))
	if err != nil {
		return nil, err
	}
	all := []step{s.fromSums(q, dim, from, to, len(stale) > 0)}
	if len(stale) == 0 {
		return all, nil
	}
	rows, err := s.fromRows(q, from, to, stale)
	return append(all, step{rows, -1}), err
}

// sum answers a query. scan reads a figure.
func (s source) sum(ctx context.Context, tx *sqltx.Tx, q store.Figures, read func(scan func(...any) error, f *store.Figure) error, each func(store.Figure) error) error {
	all, err := s.statements(ctx, tx, q)
	if err != nil {
		return err
	}
	type key struct {
		keys     [store.MaxDims]string
		currency money.Currency
		state    string
	}
	merged := make(map[key]*store.Figure)
	add := func(f store.Figure) error {
		k := key{f.Keys, f.Currency, f.State}
		if was := merged[k]; was != nil {
			return was.Add(&f)
		}
		merged[k] = &f
		return nil
	}
	for _, st := range all {
		err := tx.Query(ctx, st.Statement, func(scan func(...any) error) error {
			var f store.Figure
			if err := read(scan, &f); err != nil {
				return err
			}
			if st.blank >= 0 && f.Keys[st.blank] != "" {
				if err := add(less(f, st.blank)); err != nil {
					return err
				}
			}
			return add(f)
		})
		if err != nil {
			return fmt.Errorf("adding %s up: %w", s.name(), err)
		}
	}
	for _, f := range merged {
		if f.Clicks == 0 && f.Rejected == 0 && f.Items == 0 {
			continue
		}
		if err := readDays(q.By, &f.Keys); err != nil {
			return err
		}
		if err := each(*f); err != nil {
			return err
		}
	}
	return nil
}

// less is what a figure takes off the one whose value is empty.
func less(f store.Figure, blank int) store.Figure {
	f.Keys[blank] = ""
	f.Clicks, f.Rejected, f.Items, f.Actions = -f.Clicks, -f.Rejected, -f.Items, -f.Actions
	f.Value, f.Amount, f.Held, f.HeldFor = -f.Value, -f.Amount, -f.Held, -f.HeldFor
	return f
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
		var soldHigh, soldLow, high, low int64
		err := scan(&f.Keys[0], &f.Keys[1], &f.Keys[2], &f.Keys[3], &f.Currency, &f.State, &f.Items, &f.Actions, &soldHigh, &soldLow, &high, &low, &f.Held, &f.HeldFor)
		if err != nil {
			return err
		}
		if f.Value, err = sqltx.Whole(soldHigh, soldLow); err != nil {
			return err
		}
		f.Amount, err = sqltx.Whole(high, low)
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
	if err := check(q, false); err != nil {
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
	at, err := itemSource.rowsWhere(q, &w, from, to)
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
