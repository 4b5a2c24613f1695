package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlreport"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type clicks struct{ *Tx }

// clickColumns is what scanClick reads, of the table clicks as c.
const clickColumns = `c.program, c.id, c.at, c.visitor, c.channel, c.publisher, c.ad_space, c.tracking_id, c.target_kind, c.target_product,
	c.target_store, c.sub_af, c.sub_cn, c.sub_cv, c.sub_dp, c.session, c.verdict, c.token_only`

// scanClick reads a click that stands behind the first destinations.
func scanClick(scan func(...any) error, first ...any) (*click.Click, error) {
	var c click.Click
	var at int64
	var kind, verdict string
	err := scan(append(first, &c.Program, &c.ID, &at, &c.Visitor, &c.Channel, &c.Publisher, &c.AdSpace, &c.TrackingID, &kind, &c.Target.Product,
		&c.Target.Store, &c.Sub.AF, &c.Sub.CN, &c.Sub.CV, &c.Sub.DP, &c.Session, &verdict, &c.TokenOnly)...)
	if err != nil {
		return nil, err
	}
	c.At = sqltx.Instant(at)
	if kind != "" {
		if c.Target.Kind, err = program.ParseLinkKind(kind); err != nil {
			return nil, err
		}
	}
	if c.Verdict, err = click.ParseVerdict(verdict); err != nil {
		return nil, err
	}
	return &c, nil
}

type clickKey struct {
	program program.ID
	id      string
}

func keyOfClick(c *click.Click) clickKey { return clickKey{c.Program, c.ID} }

// sameClick compares clicks as they are kept.
func sameClick(a, b *click.Click) bool {
	if a.At.UnixMicro() != b.At.UnixMicro() {
		return false
	}
	x := *a
	x.At = b.At
	return x == *b
}

// Insert implements store.Clicks.
func (t clicks) Insert(ctx context.Context, all []*click.Click) ([]*click.Click, error) {
	if !slices.ContainsFunc(all, func(c *click.Click) bool { return !timed(c) }) {
		return t.insert(ctx, all)
	}
	// PostgreSQL keeps touches by day, so its unique key holds within a day. Edges' ids tell their time; for other ids the rest of
	// the key is kept by one transaction waiting for another.
	if err := t.LockName(ctx, "touches"); err != nil {
		return nil, fmt.Errorf("waiting to enter touches: %w", err)
	}
	return t.insert(ctx, all)
}

// timed reports whether the id of a click tells its time.
func timed(c *click.Click) bool {
	id, err := token.ParseID(c.ID)
	return err == nil && id.Micro() == c.At.UnixMicro()
}

func (t clicks) insert(ctx context.Context, all []*click.Click) ([]*click.Click, error) {
	known, err := t.find(ctx, all)
	if err != nil {
		return nil, fmt.Errorf("looking for clicks: %w", err)
	}
	fresh := make([]*click.Click, 0, len(all))
	kept := maps.Clone(known)
	var completed []*click.Click // those that were known from their token only
	for _, c := range all {
		k := keyOfClick(c)
		was := known[k]
		switch {
		case was == nil:
			fresh = append(fresh, c)
		case was.TokenOnly && !c.TokenOnly:
			if kept[k] != nil {
				completed = append(completed, was)
			} else {
				fresh = slices.DeleteFunc(fresh, func(f *click.Click) bool { return f == was })
			}
			fresh = append(fresh, c)
		case c.TokenOnly && !was.TokenOnly, sameClick(c, was):
			continue
		default:
			return nil, fmt.Errorf("click %q of program %q is known with other contents: %w", c.ID, c.Program, store.ErrConflict)
		}
		known[k] = c
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if err := t.remove(ctx, completed); err != nil {
		return nil, fmt.Errorf("completing clicks: %w", err)
	}
	if err := t.enter(ctx, fresh); err != nil {
		return nil, fmt.Errorf("entering clicks: %w", err)
	}
	if err := t.tally(ctx, fresh, completed); err != nil {
		return nil, fmt.Errorf("counting clicks: %w", err)
	}
	if err := sqlreport.TallyClicks(ctx, t.Tx.Tx, fresh, completed); err != nil {
		return nil, fmt.Errorf("adding clicks up: %w", err)
	}
	return fresh, nil
}

// remove takes clicks out that come again in full.
func (t clicks) remove(ctx context.Context, cs []*click.Click) error {
	n := len(cs)
	if n == 0 {
		return nil
	}
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- clicks.remove
WITH r AS ({rows})
DELETE FROM clicks WHERE (id, program) IN (SELECT id, program FROM r)`,
		Rows: []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return cs[i].Program }),
			sqltx.TextOf("id", n, func(i int) string { return cs[i].ID }),
		},
	})
	return err
}

func (t clicks) find(ctx context.Context, all []*click.Click) (map[clickKey]*click.Click, error) {
	n := len(all)
	known := make(map[clickKey]*click.Click)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- clicks.find
WITH r AS ({rows})
SELECT ` + clickColumns + ` FROM r CROSS JOIN clicks c WHERE c.program = r.program AND c.id = r.id`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return all[i].Program }),
			sqltx.Key("id", n, func(i int) string { return all[i].ID }),
		},
	}, func(scan func(...any) error) error {
		c, err := scanClick(scan)
		if err == nil {
			known[keyOfClick(c)] = c
		}
		return err
	})
	return known, err
}

func (t clicks) enter(ctx context.Context, fresh []*click.Click) error {
	// In the order of their keys, so that transactions that enter the same clicks wait for each other in one direction only.
	cs := slices.SortedFunc(slices.Values(fresh), func(a, b *click.Click) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.ID, b.ID))
	})
	n := len(cs)
	return t.Enter(ctx, sqltx.Statement{
		SQL: `-- clicks.enter
WITH r AS ({rows})
INSERT INTO clicks (program, id, at, visitor, channel, publisher, ad_space, tracking_id, target_kind, target_product, target_store, sub_af,
	sub_cn, sub_cv, sub_dp, session, verdict, token_only)
SELECT program, id, at, visitor, channel, publisher, ad_space, tracking_id, target_kind, target_product, target_store, sub_af, sub_cn, sub_cv,
	sub_dp, session, verdict, token_only
FROM r WHERE true
ON CONFLICT DO NOTHING`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return cs[i].Program }),
			sqltx.Key("id", n, func(i int) string { return cs[i].ID }),
			sqltx.When("at", n, func(i int) time.Time { return cs[i].At }),
			sqltx.Key("visitor", n, func(i int) string { return cs[i].Visitor }),
			sqltx.TextOf("channel", n, func(i int) string { return cs[i].Channel }),
			sqltx.Key("publisher", n, func(i int) string { return cs[i].Publisher }),
			sqltx.TextOf("ad_space", n, func(i int) string { return cs[i].AdSpace }),
			sqltx.TextOf("tracking_id", n, func(i int) string { return cs[i].TrackingID }),
			sqltx.TextOf("target_kind", n, func(i int) string { return linkKind(cs[i].Target.Kind) }),
			sqltx.TextOf("target_product", n, func(i int) string { return cs[i].Target.Product }),
			sqltx.TextOf("target_store", n, func(i int) string { return cs[i].Target.Store }),
			sqltx.TextOf("sub_af", n, func(i int) string { return cs[i].Sub.AF }),
			sqltx.TextOf("sub_cn", n, func(i int) string { return cs[i].Sub.CN }),
			sqltx.TextOf("sub_cv", n, func(i int) string { return cs[i].Sub.CV }),
			sqltx.TextOf("sub_dp", n, func(i int) string { return cs[i].Sub.DP }),
			sqltx.TextOf("session", n, func(i int) string { return cs[i].Session }),
			sqltx.TextOf("verdict", n, func(i int) string { return cs[i].Verdict.String() }),
			sqltx.Flag("token_only", n, func(i int) bool { return cs[i].TokenOnly }),
		},
	})
}

// linkKind is empty for a touch that followed no link.
func linkKind(k program.LinkKind) string {
	if k == 0 {
		return ""
	}
	return k.String()
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// day is the day of a time as it is kept, counting from 1970.
func day(us int64) int64 {
	d := us / microsPerDay
	if us%microsPerDay < 0 {
		d--
	}
	return d
}

// tally adds new clicks to the days that Count reads, less those that were counted before.
func (t clicks) tally(ctx context.Context, fresh, before []*click.Click) error {
	type place struct {
		program   program.ID
		publisher string
		day       int64
	}
	counts := make(map[place]int64)
	count := func(cs []*click.Click, by int64) {
		for _, c := range cs {
			if c.Channel == click.Affiliate && c.Verdict == click.Valid {
				counts[place{c.Program, c.Publisher, day(c.At.UnixMicro())}] += by
			}
		}
	}
	count(fresh, 1)
	count(before, -1)
	if len(counts) == 0 {
		return nil
	}
	places := make([]place, 0, len(counts))
	for p := range counts {
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.publisher, b.publisher), cmp.Compare(a.day, b.day))
	})
	n := len(places)
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- clicks.tally
WITH r AS ({rows})
INSERT INTO click_days (program, publisher, day, clicks) SELECT program, publisher, day, clicks FROM r WHERE true
ON CONFLICT (program, publisher, day) DO UPDATE SET clicks = click_days.clicks + excluded.clicks`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return places[i].program }),
			sqltx.Key("publisher", n, func(i int) string { return places[i].publisher }),
			sqltx.Number("day", n, func(i int) int64 { return places[i].day }),
			sqltx.Number("clicks", n, func(i int) int64 { return counts[places[i]] }),
		},
	})
	return err
}

// ForOrders implements store.Clicks.
func (t clicks) ForOrders(ctx context.Context, wishes []store.TouchWish) ([][]*click.Click, error) {
	n := len(wishes)
	found := make([][]*click.Click, n)
	if n == 0 {
		return found, nil
	}
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- clicks.ForOrders
WITH r AS ({rows})
SELECT r.n, ` + clickColumns + ` FROM r CROSS JOIN clicks c
WHERE r.visitor <> '' AND c.program = r.program AND c.visitor = r.visitor
UNION ALL
SELECT r.n, ` + clickColumns + ` FROM r CROSS JOIN clicks c
WHERE r.click <> '' AND c.program = r.program AND c.id = r.click AND (r.visitor = '' OR c.visitor <> r.visitor)`,
		Rows: []sqltx.Column{
			sqltx.TextOf("program", n, func(i int) program.ID { return wishes[i].Program }),
			sqltx.TextOf("visitor", n, func(i int) string { return wishes[i].Visitor }),
			sqltx.TextOf("click", n, func(i int) string { return wishes[i].Click }),
		},
	}, func(scan func(...any) error) error {
		var wish int64
		c, err := scanClick(scan, &wish)
		if err == nil {
			found[wish] = append(found[wish], c)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading clicks of orders: %w", err)
	}
	return found, nil
}

// Count implements store.Clicks: whole days from the tally, the last one click by click.
func (t clicks) Count(ctx context.Context, p program.ID, until time.Time) (map[string]int64, error) {
	us, err := sqltx.Micros("until", until)
	if err != nil {
		return nil, err
	}
	last := day(us)
	counts := make(map[string]int64)
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- clicks.Count
SELECT publisher, CAST(SUM(clicks) AS BIGINT) FROM (
	SELECT publisher, clicks FROM click_days WHERE program = $1 AND day < $2
	UNION ALL
	SELECT publisher, 1 FROM clicks
	WHERE program = $1 AND at >= $3 AND at <= $4 AND channel = $5 AND verdict = $6
) AS counted GROUP BY publisher`,
		Args: []any{string(p), last, last * microsPerDay, us, click.Affiliate, click.Valid.String()},
	}, func(scan func(...any) error) error {
		var publisher string
		var n int64
		err := scan(&publisher, &n)
		counts[publisher] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting clicks: %w", err)
	}
	return counts, nil
}
