package sqlreport

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/internal/store"
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

// clickPlace is the key of a sum of clicks.
type clickPlace struct {
	publisher string
	dim       store.Dim
	day       int64
	program   program.ID
	value     string
}

type clickSum struct{ clicks, rejected int64 }

// clickTally adds clicks up before they are written.
type clickTally map[clickPlace]clickSum

// add enters a click, or takes it out where by is -1.
func (t clickTally) add(c *click.Click, s seen, by int64) {
	if c.Channel != click.Affiliate {
		return
	}
	sum := clickSum{clicks: by}
	reason := ""
	if c.Verdict != click.Valid {
		sum = clickSum{rejected: by}
		reason = c.Verdict.String()
		if s.reason != "" {
			reason += ":" + s.reason
		}
	}
	kind, link := "", ""
	if c.Target.Kind != 0 {
		kind = c.Target.Kind.String()
	}
	if s.link != 0 {
		link = strconv.FormatInt(s.link, 10)
	}
	p := clickPlace{day: day(c.At.UnixMicro()), program: c.Program}
	enter := func(d store.Dim, value string) {
		if value == "" && d != everything {
			return
		}
		p.dim, p.value = d, cut(value)
		if c.Publisher != "" && d != store.DimPublisher {
			p.publisher = c.Publisher
			t.sum(p, sum)
		}
		if crossPublisher(d) {
			p.publisher = everybody
			t.sum(p, sum)
		}
	}
	enter(everything, "")
	enter(store.DimPublisher, c.Publisher)
	enter(store.DimAdSpace, c.AdSpace)
	enter(store.DimTrackingID, c.TrackingID)
	enter(store.DimAF, c.Sub.AF)
	enter(store.DimCN, c.Sub.CN)
	enter(store.DimCV, c.Sub.CV)
	enter(store.DimDP, c.Sub.DP)
	enter(store.DimKind, kind)
	enter(store.DimProduct, c.Target.Product)
	enter(store.DimCountry, s.country)
	enter(store.DimDevice, s.device)
	enter(store.DimLink, link)
	enter(store.DimReason, reason)
}

func (t clickTally) sum(p clickPlace, s clickSum) {
	was := t[p]
	was.clicks += s.clicks
	was.rejected += s.rejected
	t[p] = was
}

// write adds the tally to the sums that are kept, in the order of their keys: so transactions wait for each other in one direction
// only.
func (t clickTally) write(ctx context.Context, tx *sqltx.Tx) error {
	places := make([]clickPlace, 0, len(t))
	for p, s := range t {
		if s != (clickSum{}) {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b clickPlace) int {
		return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.dim, b.dim), cmp.Compare(a.day, b.day),
			cmp.Compare(a.program, b.program), cmp.Compare(a.value, b.value))
	})
	n := len(places)
	if n == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqltx.Statement{
		SQL: `-- reports.addClicks
WITH r AS ({rows})
INSERT INTO click_sums (publisher, dim, day, program, value, clicks, rejected)
SELECT publisher, dim, day, program, value, clicks, rejected FROM r WHERE true
ON CONFLICT (publisher, dim, day, program, value) DO UPDATE
SET clicks = click_sums.clicks + excluded.clicks, rejected = click_sums.rejected + excluded.rejected`,
		Rows: []sqltx.Column{
			sqltx.Key("publisher", n, func(i int) string { return places[i].publisher }),
			sqltx.TextOf("dim", n, func(i int) store.Dim { return places[i].dim }),
			sqltx.Number("day", n, func(i int) int64 { return places[i].day }),
			sqltx.Key("program", n, func(i int) program.ID { return places[i].program }),
			sqltx.Key("value", n, func(i int) string { return places[i].value }),
			sqltx.Number("clicks", n, func(i int) int64 { return t[places[i]].clicks }),
			sqltx.Number("rejected", n, func(i int) int64 { return t[places[i]].rejected }),
		},
	})
	return err
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
		if err := tallyLate(ctx, tx, late); err != nil {
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
	if d := day(c.At.UnixMicro()); d < sealed {
		late[c] = by
	} else {
		s[store.StaleDay{Kind: clickKind, Program: c.Program, Day: d}] = struct{}{}
	}
}

func tallyLate(ctx context.Context, tx *sqltx.Tx, late map[*click.Click]int64) error {
	keys := make([]visitKey, 0, len(late))
	for c := range late {
		keys = append(keys, visitKey{c.Program, c.ID})
	}
	found, err := seenOf(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("looking for the visits of clicks: %w", err)
	}
	t := make(clickTally)
	for c, by := range late {
		t.add(c, found[visitKey{c.Program, c.ID}], by)
	}
	return t.write(ctx, tx)
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
	t := make(clickTally)
	for i, c := range clicks {
		if c == nil {
			continue
		}
		late := make(map[*click.Click]int64)
		if stale.click(c, sealed, late, 1); len(late) > 0 {
			v := &fresh[i]
			t.add(c, seen{}, -1)
			t.add(c, seen{v.Link, v.Reason, v.Country, v.Device}, 1)
		}
	}
	if err := t.write(ctx, tx); err != nil {
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
