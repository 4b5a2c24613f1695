package sqlreport

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport/sheet"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

// seen is what an edge saw of a click, as far as reports tell.
type seen struct {
	link                    int64
	reason, country, device string
}

// visitKey names a click.
type visitKey struct {
	program program.ID
	click   string
}

// seenOf reads what edges saw of clicks.
func seenOf(ctx context.Context, tx *sqltx.Tx, keys []visitKey) (map[visitKey]seen, error) {
	n := len(keys)
	found := make(map[visitKey]seen)
	if n == 0 {
		return found, nil
	}
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- reports.seenOf
WITH r AS ({rows})
SELECT v.program, v.click, v.link, v.reason, v.country, v.device FROM r CROSS JOIN visits v WHERE v.click = r.click AND v.program = r.program`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return keys[i].program }),
			sqltx.Key("click", n, func(i int) string { return keys[i].click }),
		},
	}, func(scan func(...any) error) error {
		var k visitKey
		var s seen
		err := scan(&k.program, &k.click, &s.link, &s.reason, &s.country, &s.device)
		found[k] = s
		return err
	})
	return found, err
}

// addClick enters a click into the sheets of a day, or takes it out where by is -1.
func (t sheets) addClick(c *click.Click, s seen, by int64) {
	if c.Channel != click.Affiliate {
		return
	}
	once := clickSum(c)
	var sum measures
	sum.AddTimes(&once, by)
	t.enter(c.Publisher, split{}, &sum, clickValues(c, s))
}

func clickSum(c *click.Click) measures {
	if c.Verdict == click.Valid {
		return measures{sheet.Clicks: 1}
	}
	return measures{sheet.Rejected: 1}
}

func clickValues(c *click.Click, s seen) []dimValue {
	reason, kind := "", ""
	if c.Verdict != click.Valid {
		reason = c.Verdict.String()
		if s.reason != "" {
			reason += ":" + s.reason
		}
	}
	if c.Target.Kind != 0 {
		kind = c.Target.Kind.String()
	}
	return []dimValue{
		{store.DimPublisher, c.Publisher}, {store.DimAdSpace, c.AdSpace}, {store.DimTrackingID, c.TrackingID},
		{store.DimAF, c.Sub.AF}, {store.DimCN, c.Sub.CN}, {store.DimCV, c.Sub.CV}, {store.DimDP, c.Sub.DP}, {store.DimKind, kind},
		{store.DimProduct, c.Target.Product}, {store.DimCountry, s.country}, {store.DimDevice, s.device}, {store.DimLink, linkValue(s.link)},
		{store.DimReason, reason},
	}
}

func linkValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// TallyClicks takes notice of clicks that were entered, and of those that were taken out before.
func TallyClicks(ctx context.Context, tx *sqltx.Tx, fresh, before []*click.Click) error {
	sealed, err := sealedDay(ctx, tx)
	if err != nil {
		return err
	}
	stale := make(staleDays)
	late := make(map[*click.Click]int64)
	for _, c := range fresh {
		stale.click(c, sealed, late, 1)
	}
	for _, c := range before {
		stale.click(c, sealed, late, -1)
	}
	if len(late) > 0 {
		if err := tallyLate(ctx, tx, late, stale); err != nil {
			return err
		}
	}
	return stale.mark(ctx, tx)
}

// click marks the day of a click. Days that are sealed have lost rows, so their sums are changed instead: such clicks are late.
func (s staleDays) click(c *click.Click, sealed int64, late map[*click.Click]int64, by int64) {
	if c.Channel != click.Affiliate {
		return
	}
	at := c.At.UnixMicro()
	if d := day(at); d < sealed {
		late[c] = by
	} else {
		s.set(store.StaleDay{Kind: clickKind, Program: c.Program, Day: d}, at)
	}
}

// tallyLate adds clicks to the sums of days that are sealed.
func tallyLate(ctx context.Context, tx *sqltx.Tx, late map[*click.Click]int64, stale staleDays) error {
	keys := make([]visitKey, 0, len(late))
	for c := range late {
		keys = append(keys, visitKey{c.Program, c.ID})
	}
	found, err := seenOf(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("looking for the visits of clicks: %w", err)
	}
	t := make(lateSheets)
	for c, by := range late {
		t.of(c).addClick(c, found[visitKey{c.Program, c.ID}], by)
	}
	return t.write(ctx, tx, stale)
}

// lateSheets are what is added to the sums of days.
type lateSheets map[store.StaleDay]sheets

func (l lateSheets) of(c *click.Click) sheets {
	d := store.StaleDay{Kind: clickKind, Program: c.Program, Day: day(c.At.UnixMicro())}
	if l[d].by == nil {
		l[d] = newSheets()
	}
	return l[d]
}

// write adds them, day by day in one order, so that transactions wait for each other in one direction only.
func (l lateSheets) write(ctx context.Context, tx *sqltx.Tx, stale staleDays) error {
	for _, d := range slices.SortedFunc(maps.Keys(l), compareDays) {
		if err := l[d].addTo(ctx, tx, spanDay, d); err != nil {
			return err
		}
		stale[monthOf(d)] = all
		stale[fed(d)] = all
	}
	return nil
}

// TallyVisits takes notice of what edges saw of clicks, where the clicks are known already. All visits are new.
func TallyVisits(ctx context.Context, tx *sqltx.Tx, fresh []store.Visit) error {
	clicks, err := clicksOf(ctx, tx, fresh)
	if err != nil {
		return fmt.Errorf("looking for the clicks of visits: %w", err)
	}
	sealed, err := sealedDay(ctx, tx)
	if err != nil {
		return err
	}
	stale := make(staleDays)
	t := make(lateSheets)
	for i, c := range clicks {
		if c == nil {
			continue
		}
		late := make(map[*click.Click]int64)
		if stale.click(c, sealed, late, 1); len(late) > 0 {
			v := &fresh[i]
			t.of(c).addClick(c, seen{}, -1)
			t.of(c).addClick(c, seen{v.Link, v.Reason, v.Country, v.Device}, 1)
		}
	}
	if err := t.write(ctx, tx, stale); err != nil {
		return err
	}
	return stale.mark(ctx, tx)
}

// clicksOf reads the clicks that visits are of, as far as sums need them; nil where one is not kept.
func clicksOf(ctx context.Context, tx *sqltx.Tx, visits []store.Visit) ([]*click.Click, error) {
	n := len(visits)
	found := make([]*click.Click, n)
	err := tx.Query(ctx, sqltx.Statement{
		SQL: `-- reports.clicksOf
WITH r AS ({rows})
SELECT r.n, c.at, c.channel, c.publisher, c.ad_space, c.tracking_id, c.target_kind, c.target_product, c.sub_af, c.sub_cn, c.sub_cv, c.sub_dp, c.verdict
FROM r CROSS JOIN clicks c WHERE c.program = r.program AND c.id = r.id`,
		Rows: []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return visits[i].Program }),
			sqltx.TextOf("id", n, func(i int) string { return visits[i].Click }),
		},
	}, func(scan func(...any) error) (err error) {
		var c click.Click
		var i, at int64
		var kind, verdict string
		err = scan(&i, &at, &c.Channel, &c.Publisher, &c.AdSpace, &c.TrackingID, &kind, &c.Target.Product, &c.Sub.AF, &c.Sub.CN, &c.Sub.CV, &c.Sub.DP, &verdict)
		if err != nil {
			return err
		}
		c.At, c.Program = sqltx.Instant(at), visits[i].Program
		if c.Target.Kind, c.Verdict, err = parseClick(kind, verdict); err != nil {
			return err
		}
		found[i] = &c
		return nil
	})
	return found, err
}

// FreshVisits are the visits that are not kept yet, each once.
func FreshVisits(ctx context.Context, tx *sqltx.Tx, visits []store.Visit) ([]store.Visit, error) {
	keys := make([]visitKey, len(visits))
	for i := range visits {
		keys[i] = visitKey{visits[i].Program, visits[i].Click}
	}
	known, err := seenOf(ctx, tx, keys)
	if err != nil {
		return nil, fmt.Errorf("looking for visits: %w", err)
	}
	fresh := make([]store.Visit, 0, len(visits))
	for i := range visits {
		if _, ok := known[keys[i]]; !ok {
			known[keys[i]] = seen{}
			fresh = append(fresh, visits[i])
		}
	}
	return fresh, nil
}
