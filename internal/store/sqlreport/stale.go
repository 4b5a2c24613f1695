package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/cover"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// clickKind is the kind of stale days of clicks; those of items have their basis for a kind.
const clickKind = "click"

// months stands before the kind of a month that is not folded yet; Day is its first day then.
const months = "months:"

// staleDays are days that change, each with the earliest time of a row that does, or with all where that does not count.
type staleDays map[store.StaleDay]int64

// all is the earliest time of a change that may have met any row of its day.
const all = math.MinInt64

// set notes that a day changes from a time on.
func (s staleDays) set(d store.StaleDay, from int64) {
	if was, ok := s[d]; !ok || from < was {
		s[d] = from
	}
}

// mark is what is kept of a day whose sums do not say what all its rows say. The clicks of a day that is not over are added up until a
// time: that holds as long as no row before it changes. Of items the changes are kept.
type mark struct {
	store.StaleDay
	upto     int64 // of clicks: until when the sums were added up; of items changesKept; 0: there are no sums that hold
	earliest int64 // of clicks: the earliest time of a row that changed since
}

// part are the rows that must be read of a stale day; none where from and to are the same.
func (m *mark) part() rowRange {
	r := wholeDay(m.StaleDay)
	switch {
	case m.Kind != clickKind:
		if m.upto == changesKept {
			r.from = r.to
		}
	case m.upto > r.from && m.upto < r.to && m.earliest >= m.upto:
		r.from = m.upto
	}
	return r
}

// wholeDay are all rows of a day.
func wholeDay(d store.StaleDay) rowRange {
	return rowRange{d.Program, d.Day * microsPerDay, (d.Day + 1) * microsPerDay}
}

// rowRange are rows of a program from one time to another.
type rowRange struct {
	program  program.ID
	from, to int64
}

func compareDays(a, b store.StaleDay) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Day, b.Day))
}

// monthOf is the month of a day.
func monthOf(d store.StaleDay) store.StaleDay {
	return store.StaleDay{Kind: months + d.Kind, Program: d.Program, Day: cover.FirstOfMonth(d.Day)}
}

// mark keeps the days. A mark that is there is changed, so that whoever takes it away waits for all that set it.
func (s staleDays) mark(ctx context.Context, tx *sqltx.Tx) error {
	days := slices.SortedFunc(maps.Keys(s), compareDays)
	n := len(days)
	if n == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.mark
WITH r AS ({rows})
INSERT INTO stale_days (kind, program, day, changes, upto, earliest) SELECT kind, program, day, 1, upto, earliest FROM r WHERE true
ON CONFLICT (kind, program, day) DO UPDATE SET changes = stale_days.changes + 1,
	earliest = CASE WHEN excluded.earliest < stale_days.earliest THEN excluded.earliest ELSE stale_days.earliest END`,
		Rows: []sqltx.Column{
			sqltx.TextOf("kind", n, func(i int) string { return days[i].Kind }),
			sqltx.Key("program", n, func(i int) program.ID { return days[i].Program }),
			sqltx.Number("day", n, func(i int) int64 { return days[i].Day }),
			sqltx.Number("upto", n, func(i int) int64 {
				if k := days[i].Kind; k == string(store.ByOrder) || k == string(store.ByTransaction) {
					return changesKept // there was no mark: what the sums say held until now
				}
				return 0
			}),
			sqltx.Number("earliest", n, func(i int) int64 { return s[days[i]] }),
		},
	})
	if err != nil {
		return fmt.Errorf("marking stale days: %w", err)
	}
	return nil
}

// staleWithin reads the stale days and months of a kind that a query touches: all of the months that its days are in.
func staleWithin(ctx context.Context, tx *sqltx.Tx, kind string, p program.ID, from, to int64) ([]mark, error) {
	w := sqltx.Where{Conditions: []string{"kind IN ($1, $2)"}, Args: []any{kind, months + kind}}
	w.Equal("program", string(p))
	w.Conditions = append(w.Conditions, "day >= "+w.Arg(cover.FirstOfMonth(max(from, cover.FirstDay))), "day < "+w.Arg(cover.FirstOfNext(min(to, cover.EndOfDay)-1)))
	return listStale(ctx, tx, w)
}

func listStale(ctx context.Context, tx *sqltx.Tx, w sqltx.Where) (marks []mark, err error) {
	err = tx.Query(ctx, sqltx.Statement{
		SQL: "-- reports.stale\nSELECT kind, program, day, upto, earliest FROM stale_days " + w.String() + " ORDER BY kind, program, day", Args: w.Args,
	}, func(scan func(...any) error) error {
		var m mark
		err := scan(&m.Kind, &m.Program, &m.Day, &m.upto, &m.earliest)
		marks = append(marks, m)
		return err
	})
	return marks, wrap(err, "looking for stale days")
}

// markOf reads the mark of a day or month; nil where there is none.
func markOf(ctx context.Context, tx *sqltx.Tx, d store.StaleDay) (*mark, error) {
	marks, err := listStale(ctx, tx, sqltx.Where{Conditions: []string{"kind = $1", "program = $2", "day = $3"}, Args: []any{d.Kind, string(d.Program), d.Day}})
	if err != nil || len(marks) == 0 {
		return nil, err
	}
	return &marks[0], nil
}

// besideSums are the rows that must be read of days from one to another, for each that is marked and has some.
func besideSums(marks []mark, from, to int64) map[store.StaleDay]rowRange {
	rows := make(map[store.StaleDay]rowRange)
	for i := range marks {
		if m := &marks[i]; !strings.HasPrefix(m.Kind, months) && m.Day >= from && m.Day < to {
			if r := m.part(); r.from < r.to {
				rows[m.StaleDay] = r
			}
		}
	}
	return rows
}

// inOrder are the rows of days in the order of the days.
func inOrder(rows map[store.StaleDay]rowRange) []rowRange {
	all := make([]rowRange, 0, len(rows))
	for _, d := range slices.SortedFunc(maps.Keys(rows), compareDays) {
		all = append(all, rows[d])
	}
	return all
}

// Stale implements store.Reports.
func (t reports) Stale(ctx context.Context, at time.Time) ([]store.StaleDay, error) {
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	marks, err := listStale(ctx, t.Tx, sqltx.Where{Conditions: []string{"day <= $1", "kind IN ($2, $3, $4, $5, $6, $7)"}, Args: []any{
		day(us), clickKind, string(store.ByOrder), string(store.ByTransaction), months + clickKind, months + string(store.ByOrder), months + string(store.ByTransaction),
	}})
	if err != nil {
		return nil, err
	}
	days := make([]store.StaleDay, 0, len(marks))
	for i := range marks {
		if m := &marks[i]; m.Kind != clickKind || m.Day < day(us) || m.part().from < us {
			days = append(days, m.StaleDay)
		}
	}
	if days, err = t.withoutGrids(ctx, day(us), days); err != nil {
		return nil, err
	}
	// Months come after their days.
	isMonth := func(d store.StaleDay) bool { return strings.HasPrefix(d.Kind, months) }
	slices.SortStableFunc(days, func(a, b store.StaleDay) int {
		switch am, bm := isMonth(a), isMonth(b); {
		case am == bm:
			return 0
		case am:
			return 1
		}
		return -1
	})
	return days, nil
}

// withoutGrids adds the days that an older version added up, without grids, to those that are stale.
func (t reports) withoutGrids(ctx context.Context, before int64, days []store.StaleDay) ([]store.StaleDay, error) {
	sealed, err := sealedDay(ctx, t.Tx)
	if err != nil {
		return nil, err
	}
	known := make(map[store.StaleDay]bool, len(days))
	for _, d := range days {
		known[d] = true
	}
	names := map[int64]string{sheet.KindClicks: clickKind, sheet.KindOrders: string(store.ByOrder), sheet.KindTransactions: string(store.ByTransaction)}
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- reports.withoutGrids
SELECT s.kind, s.program, s.day FROM report_sums s WHERE s.publisher = '' AND s.kind IN (1, 2, 3) AND s.span = 1 AND s.part = 0 AND s.day < $1
	AND NOT EXISTS (SELECT 1 FROM report_sums g WHERE g.publisher = '' AND g.kind = s.kind AND g.span = 1 AND g.part = $2 AND g.day = s.day AND g.program = s.program)`,
		Args: []any{before, int64(sheet.GridPart)},
	}, func(scan func(...any) error) error {
		var kind int64
		var d store.StaleDay
		if err := scan(&kind, &d.Program, &d.Day); err != nil {
			return err
		}
		if d.Kind = names[kind]; (kind != sheet.KindClicks || d.Day >= sealed) && !known[d] {
			days = append(days, d)
		}
		return nil
	})
	return days, wrap(err, "looking for days without rows")
}

// Roll implements store.Reports.
func (t reports) Roll(ctx context.Context, d store.StaleDay, until time.Time) error {
	kind, month := strings.CutPrefix(d.Kind, months)
	number, err := kindNumber(kind)
	if err != nil {
		return err
	}
	us, err := sqltx.Micros("until", until)
	if err != nil {
		return err
	}
	if d.Kind == clickKind && us < (d.Day+1)*microsPerDay {
		return t.rollUntil(ctx, number, d, us)
	}
	if err := lockSums(ctx, t.Tx, d); err != nil {
		return err
	}
	if !month && kind != clickKind {
		if merged, err := t.merge(ctx, number, d); err != nil || merged {
			return wrap(err, "adding changes to sums")
		}
	}
	// The mark goes first: that waits for those who set it and have not committed yet, and what is read after it is theirs as well.
	if err := t.unmark(ctx, d); err != nil {
		return err
	}
	if month {
		return wrap(t.fold(ctx, number, d), "adding up the days of a month")
	}
	var sums sheets
	if d.Kind == clickKind {
		sealed, err := sealedDay(ctx, t.Tx)
		if err != nil || d.Day < sealed {
			return err
		}
		sums, err = t.clicksIn(ctx, wholeDay(d))
		if err != nil {
			return err
		}
	} else if err = t.forgetChanges(ctx, number, d); err != nil {
		return err
	} else if sums, err = t.itemsOn(ctx, d); err != nil {
		return err
	}
	if err := sums.replace(ctx, t.Tx, number, d); err != nil {
		return wrap(err, "keeping sums")
	}
	return fedAnew(ctx, t.Tx, d)
}

// unmark takes the mark of a day or month away.
func (t reports) unmark(ctx context.Context, d store.StaleDay) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL:  "-- reports.unmark\nDELETE FROM stale_days WHERE kind = $1 AND program = $2 AND day = $3",
		Args: []any{d.Kind, string(d.Program), d.Day},
	})
	return wrap(err, "taking a stale day")
}

// rollUntil adds up the clicks of a day that is not over until a time, so that whoever looks reads the rows of some minutes only. What was
// added up before is taken on where it still holds.
func (t reports) rollUntil(ctx context.Context, kind int64, d store.StaleDay, until int64) error {
	if err := lockSums(ctx, t.Tx, d); err != nil {
		return err
	}
	// As in Roll, the mark is taken before the rows are read. Those who set it afterwards see until when the rows were read.
	m, err := t.takeMark(ctx, d)
	if err != nil || m == nil || m.part().from >= until {
		return err
	}
	from := m.part().from
	sums, err := t.clicksIn(ctx, rowRange{d.Program, from, until})
	if err != nil {
		return err
	}
	if from > d.Day*microsPerDay {
		err = sums.extend(ctx, t.Tx, d)
	} else {
		err = sums.replace(ctx, t.Tx, kind, d)
	}
	if err != nil {
		return wrap(err, "keeping sums")
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL:  "-- reports.addedUpUntil\nUPDATE stale_days SET upto = $4, earliest = $5 WHERE kind = $1 AND program = $2 AND day = $3",
		Args: []any{d.Kind, string(d.Program), d.Day, until, int64(math.MaxInt64)},
	})
	return wrap(err, "noting until when a day is added up")
}

// clicksIn adds up clicks.
func (t reports) clicksIn(ctx context.Context, in rowRange) (sheets, error) {
	tally := newSheets()
	return tally, t.eachClick(ctx, in, func(c *click.Click, s seen) error {
		tally.addClick(c, s, 1)
		return nil
	})
}

// eachClick calls each for affiliate clicks. The click is used again.
func (t reports) eachClick(ctx context.Context, in rowRange, each func(*click.Click, seen) error) error {
	return wrap(t.Query(ctx, sqltx.Statement{
		SQL: `-- reports.clicksOn
SELECT c.id, c.at, c.publisher, c.ad_space, c.tracking_id, c.target_kind, c.target_product, c.sub_af, c.sub_cn, c.sub_cv, c.sub_dp, c.verdict,
	COALESCE(v.link, 0), COALESCE(v.reason, ''), COALESCE(v.country, ''), COALESCE(v.device, '')
FROM clicks c LEFT JOIN visits v ON v.click = c.id AND v.program = c.program
WHERE c.program = $1 AND c.at >= $2 AND c.at < $3 AND c.channel = 'affiliate'`,
		Args: []any{string(in.program), in.from, in.to},
	}, func(scan func(...any) error) (err error) {
		c := click.Click{Channel: click.Affiliate, Program: in.program}
		var at int64
		var kind, verdict string
		var s seen
		if err := scan(&c.ID, &at, &c.Publisher, &c.AdSpace, &c.TrackingID, &kind, &c.Target.Product, &c.Sub.AF, &c.Sub.CN, &c.Sub.CV, &c.Sub.DP, &verdict,
			&s.link, &s.reason, &s.country, &s.device); err != nil {
			return err
		}
		c.At = sqltx.Instant(at)
		if c.Target.Kind, c.Verdict, err = parseClick(kind, verdict); err != nil {
			return err
		}
		return each(&c, s)
	}), "reading the clicks of a day")
}

func parseClick(kind, verdict string) (k program.LinkKind, v click.Verdict, err error) {
	if kind != "" {
		if k, err = program.ParseLinkKind(kind); err != nil {
			return k, v, err
		}
	}
	v, err = click.ParseVerdict(verdict)
	return k, v, err
}

// itemsOn adds up the items of a day.
func (t reports) itemsOn(ctx context.Context, d store.StaleDay) (sheets, error) {
	tally := newSheets()
	return tally, t.eachItem(ctx, d, func(r *store.ItemRow) error {
		tally.addItem(r)
		return nil
	})
}

// eachItem calls each for the items of a day. The item is used again.
func (t reports) eachItem(ctx context.Context, d store.StaleDay, each func(*store.ItemRow) error) error {
	at := "w.placed_at"
	if d.Kind == string(store.ByTransaction) {
		at = "w.completed_at"
	}
	var r store.ItemRow
	return wrap(t.Query(ctx, sqltx.Statement{
		SQL: "-- reports.itemsOn\nSELECT " + itemColumns + " FROM newest_records w WHERE w.program = $1 AND " + at + " IS NOT NULL AND " +
			at + " >= $2 AND " + at + " < $3",
		Args: []any{string(d.Program), d.Day * microsPerDay, (d.Day + 1) * microsPerDay},
	}, func(scan func(...any) error) error {
		if err := scanItem(scan, &r); err != nil {
			return err
		}
		return each(&r)
	}), "reading the items of a day")
}

// sealedCounter counts the days since 1970 whose clicks were partly forgotten.
const sealedCounter = "clicks_sealed"

// sealedDay is the first day whose clicks are all kept.
func sealedDay(ctx context.Context, tx *sqltx.Tx) (d int64, err error) {
	_, err = tx.One(ctx, sqltx.Statement{SQL: "-- reports.sealedDay\nSELECT last FROM counters WHERE name = $1", Args: []any{sealedCounter}}, &d)
	return d, wrap(err, "reading which days are sealed")
}

// Seal adds up all days that lose clicks or visits when what lies before a time is forgotten, and notes that they may not be added
// up anew.
func Seal(ctx context.Context, s store.Store, tx func(store.Tx) *sqltx.Tx, before time.Time) error {
	us, err := sqltx.Micros("before", before)
	if err != nil {
		return err
	}
	first := day(us) + 1
	for {
		done := false
		err := s.Update(ctx, func(under store.Tx) error {
			t := reports{tx(under)}
			days, err := listStale(ctx, t.Tx, sqltx.Where{Conditions: []string{"kind = $1", "day < $2"}, Args: []any{clickKind, first}})
			if err != nil {
				return err
			}
			if len(days) > 0 {
				return t.Roll(ctx, days[0].StaleDay, sqltx.Instant(first*microsPerDay))
			}
			done = true
			_, err = t.Exec(ctx, sqltx.Statement{
				SQL: `-- reports.seal
INSERT INTO counters (name, last) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET last = CASE WHEN counters.last > excluded.last THEN counters.last ELSE excluded.last END`,
				Args: []any{sealedCounter, first},
			})
			return err
		})
		if err != nil {
			return fmt.Errorf("sealing days: %w", err)
		}
		if done {
			return nil
		}
	}
}
