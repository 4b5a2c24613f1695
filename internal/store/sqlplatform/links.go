package sqlplatform

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

type links struct{ *sqltx.Tx }

// linkColumns is what scanLink reads, of the table links as l.
const linkColumns = `l.id, l.code, l.program, l.publisher, l.ad_space, l.tracking_id, l.target, l.substitute, l.state, l.created_at, l.changed_at,
	l.change`

// place is a target as it is kept.
type place struct {
	Kind    string `json:"kind,omitempty"`
	Product string `json:"product,omitempty"`
	Store   string `json:"store,omitempty"`
	Ref     string `json:"ref,omitempty"`
	URL     string `json:"url,omitempty"`
}

// placeText is a target as JSON; the zero target is empty.
func placeText(t link.Target) string {
	if t == (link.Target{}) {
		return ""
	}
	b, err := json.Marshal(place{t.Kind.String(), t.Product, t.Store, t.Ref, t.URL})
	if err != nil {
		panic(err) // texts always have JSON
	}
	return string(b)
}

func parsePlace(text string) (t link.Target, err error) {
	if text == "" {
		return t, nil
	}
	var p place
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return t, fmt.Errorf("reading a link's target: %w", err)
	}
	if t.Kind, err = program.ParseLinkKind(p.Kind); err != nil {
		return t, err
	}
	t.Product, t.Store, t.Ref, t.URL = p.Product, p.Store, p.Ref, p.URL
	return t, nil
}

func scanLink(scan func(...any) error) (l store.Link, err error) {
	var target, substitute string
	var created, changed int64
	err = scan(&l.ID, &l.Code, &l.Program, &l.Publisher, &l.AdSpace, &l.TrackingID, &target, &substitute, &l.State, &created, &changed, &l.Change)
	if err != nil {
		return l, err
	}
	l.CreatedAt, l.ChangedAt = sqltx.Instant(created), sqltx.Instant(changed)
	if l.Target, err = parsePlace(target); err != nil {
		return l, err
	}
	l.Substitute, err = parsePlace(substitute)
	return l, err
}

// take moves a counter on by n and returns where it stood.
func take(ctx context.Context, t *sqltx.Tx, counter string, n int) (int64, error) {
	var last int64
	_, err := t.One(ctx, sqltx.Statement{
		SQL: `-- platform.take
INSERT INTO counters (name, last) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET last = counters.last + excluded.last RETURNING last`,
		Args: []any{counter, int64(n)},
	}, &last)
	return last - int64(n), err
}

// Reserve implements store.Links.
func (t links) Reserve(ctx context.Context, n int) (int64, error) {
	if n < 1 {
		return 0, fmt.Errorf("reserving %d link ids: ask for 1 at least: %w", n, store.ErrInvalid)
	}
	before, err := take(ctx, t.Tx, "link", n)
	if err != nil {
		return 0, fmt.Errorf("reserving link ids: %w", err)
	}
	return before + 1, nil
}

// Put implements store.Links.
func (t links) Put(ctx context.Context, all []store.Link) error {
	if len(all) == 0 {
		return nil
	}
	ls := slices.SortedFunc(slices.Values(all), func(a, b store.Link) int { return cmp.Compare(a.ID, b.ID) })
	n := len(ls)
	for i := range ls {
		if ls[i].ID < 1 || ls[i].ID > link.MaxID {
			return fmt.Errorf("link id %d: ids run from 1 to %d: %w", ls[i].ID, int64(link.MaxID), store.ErrInvalid)
		}
		if i > 0 && ls[i].ID == ls[i-1].ID {
			return fmt.Errorf("link id %d comes twice in one call: %w", ls[i].ID, store.ErrInvalid)
		}
	}
	if taken, err := t.codesTaken(ctx, ls); err != nil {
		return fmt.Errorf("looking for links: %w", err)
	} else if taken != "" {
		return fmt.Errorf("another link has the code %q: %w", taken, store.ErrConflict)
	}
	// Whoever takes the counter makes the others wait until this transaction ends: so changes become visible in their order.
	before, err := take(ctx, t.Tx, "link_change", n)
	if err != nil {
		return fmt.Errorf("numbering link changes: %w", err)
	}
	err = t.Enter(ctx, sqltx.Statement{
		SQL: `-- links.Put
WITH r AS ({rows})
INSERT INTO links (id, code, program, publisher, ad_space, tracking_id, target, substitute, state, created_at, changed_at, change)
SELECT id, code, program, publisher, ad_space, tracking_id, target, substitute, state, created_at, changed_at, $1 + seq FROM r WHERE true
ON CONFLICT (id) DO UPDATE SET target = excluded.target, substitute = excluded.substitute, state = excluded.state,
	changed_at = excluded.changed_at, change = excluded.change`,
		Args: []any{before},
		Rows: []sqltx.Column{
			sqltx.Number("id", n, func(i int) int64 { return ls[i].ID }),
			sqltx.Key("code", n, func(i int) string { return ls[i].Code }),
			sqltx.Key("program", n, func(i int) program.ID { return ls[i].Program }),
			sqltx.Key("publisher", n, func(i int) string { return ls[i].Publisher }),
			sqltx.Key("ad_space", n, func(i int) string { return ls[i].AdSpace }),
			sqltx.Key("tracking_id", n, func(i int) string { return ls[i].TrackingID }),
			sqltx.TextOf("target", n, func(i int) string { return placeText(ls[i].Target) }),
			sqltx.TextOf("substitute", n, func(i int) string { return placeText(ls[i].Substitute) }),
			sqltx.TextOf("state", n, func(i int) string { return ls[i].State }),
			sqltx.When("created_at", n, func(i int) time.Time { return ls[i].CreatedAt }),
			sqltx.When("changed_at", n, func(i int) time.Time { return ls[i].ChangedAt }),
			sqltx.Number("seq", n, func(i int) int { return i + 1 }),
		},
	})
	if err != nil {
		return fmt.Errorf("entering links: %w", err)
	}
	return nil
}

// codesTaken returns a code that a link with another id has, if there is one.
func (t links) codesTaken(ctx context.Context, ls []store.Link) (taken string, err error) {
	codes := make(map[string]bool, len(ls))
	for i := range ls {
		if codes[ls[i].Code] {
			return ls[i].Code, nil
		}
		codes[ls[i].Code] = true
	}
	n := len(ls)
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- links.codesTaken
WITH r AS ({rows})
SELECT l.code FROM r CROSS JOIN links l WHERE l.code = r.code AND l.id <> r.id`,
		Rows: []sqltx.Column{
			sqltx.Key("code", n, func(i int) string { return ls[i].Code }),
			sqltx.Number("id", n, func(i int) int64 { return ls[i].ID }),
		},
	}, func(scan func(...any) error) error { return scan(&taken) })
	return taken, err
}

// ByID implements store.Links.
func (t links) ByID(ctx context.Context, ids []int64) ([]store.Link, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(ids)))
	n := len(wanted)
	found := make([]store.Link, 0, n)
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- links.ByID
WITH r AS ({rows})
SELECT ` + linkColumns + ` FROM r CROSS JOIN links l WHERE l.id = r.id`,
		Rows: []sqltx.Column{sqltx.Number("id", n, func(i int) int64 { return wanted[i] })},
	}, collect(&found))
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	slices.SortFunc(found, func(a, b store.Link) int { return cmp.Compare(a.ID, b.ID) })
	return found, nil
}

func collect(into *[]store.Link) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		l, err := scanLink(scan)
		if err == nil {
			*into = append(*into, l)
		}
		return err
	}
}

// Changes implements store.Links.
func (t links) Changes(ctx context.Context, after int64, limit int) ([]store.Link, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var found []store.Link
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- links.Changes
SELECT ` + linkColumns + ` FROM links l WHERE l.change > $1 ORDER BY l.change LIMIT $2`,
		Args: []any{after, int64(limit)},
	}, collect(&found))
	if err != nil {
		return nil, fmt.Errorf("reading link changes: %w", err)
	}
	return found, nil
}

// Page implements store.Links.
func (t links) Page(ctx context.Context, f store.LinkFilter, after string, limit int) ([]store.Link, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("l.program", string(f.Program))
	w.Equal("l.publisher", f.Publisher)
	w.Equal("l.ad_space", f.AdSpace)
	w.Equal("l.tracking_id", f.TrackingID)
	w.Equal("l.state", f.State)
	if err := behind(&w, "l.id", after); err != nil {
		return nil, "", err
	}
	var found []store.Link
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- links.Page
SELECT ` + linkColumns + ` FROM links l ` + w.String() + ` ORDER BY l.id DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, collect(&found))
	if err != nil {
		return nil, "", fmt.Errorf("listing links: %w", err)
	}
	return sqltx.Cut(found, limit, func(x *store.Link) any { return x.ID })
}
