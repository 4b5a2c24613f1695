package sqlplatform

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqltx"
	"github.com/clickledger/clickledger/program"
)

type care struct{ *sqltx.Tx }

// Audits implements store.Care.
func (c care) Audits() store.Audits { return audits(c) }

// Targets implements store.Care.
func (c care) Targets() store.Targets { return targets(c) }

type audits struct{ *sqltx.Tx }

// PutPlan implements store.Audits.
func (t audits) PutPlan(ctx context.Context, p store.AuditPlan) error {
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- audits.PutPlan
WITH r AS ({rows})
INSERT INTO audit_plans (publisher, subject, every, next_at, changed_at) SELECT publisher, subject, every, next_at, changed_at FROM r WHERE true
ON CONFLICT (publisher, subject) DO UPDATE SET every = excluded.every, next_at = excluded.next_at, changed_at = excluded.changed_at`,
		Rows: planColumns([]store.AuditPlan{p}),
	})
	if err != nil {
		return fmt.Errorf("keeping a plan: %w", err)
	}
	return nil
}

func planColumns(ps []store.AuditPlan) []sqltx.Column {
	n := len(ps)
	return []sqltx.Column{
		sqltx.Key("publisher", n, func(i int) string { return ps[i].Publisher }),
		sqltx.Key("subject", n, func(i int) string { return ps[i].Subject }),
		sqltx.TextOf("every", n, func(i int) string { return ps[i].Every }),
		sqltx.Maybe("next_at", n, func(i int) time.Time { return ps[i].Next }),
		sqltx.When("changed_at", n, func(i int) time.Time { return ps[i].ChangedAt }),
	}
}

func collectPlans(into *[]store.AuditPlan) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var p store.AuditPlan
		var next *int64
		var changed int64
		err := scan(&p.Publisher, &p.Subject, &p.Every, &next, &changed)
		p.Next, p.ChangedAt = sqltx.Optional(next), sqltx.Instant(changed)
		*into = append(*into, p)
		return err
	}
}

// Plans implements store.Audits.
func (t audits) Plans(ctx context.Context, publisher string) ([]store.AuditPlan, error) {
	var all []store.AuditPlan
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- audits.Plans
SELECT publisher, subject, every, next_at, changed_at FROM audit_plans WHERE publisher = $1 ORDER BY subject`,
		Args: []any{publisher},
	}, collectPlans(&all))
	if err != nil {
		return nil, fmt.Errorf("reading plans: %w", err)
	}
	return all, nil
}

// TakePlans implements store.Audits.
func (t audits) TakePlans(ctx context.Context, at, until time.Time, limit int) ([]store.AuditPlan, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	us, err := sqltx.Micros("at", at)
	if err != nil {
		return nil, err
	}
	// Whoever takes the counter makes the others wait until this transaction ends.
	if _, err := take(ctx, t.Tx, "plans_taken", 1); err != nil {
		return nil, fmt.Errorf("waiting to take plans: %w", err)
	}
	var due []store.AuditPlan
	err = t.Query(ctx, sqltx.Statement{
		SQL: `-- audits.due
SELECT publisher, subject, every, next_at, changed_at FROM audit_plans WHERE next_at <= $1 ORDER BY next_at, publisher, subject LIMIT $2`,
		Args: []any{us, int64(limit)},
	}, collectPlans(&due))
	if err != nil {
		return nil, fmt.Errorf("reading plans that are due: %w", err)
	}
	if len(due) == 0 {
		return nil, nil
	}
	taken := slices.Clone(due)
	for i := range taken {
		taken[i].Next = until
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- audits.take
WITH r AS ({rows})
INSERT INTO audit_plans (publisher, subject, every, next_at, changed_at) SELECT publisher, subject, every, next_at, changed_at FROM r WHERE true
ON CONFLICT (publisher, subject) DO UPDATE SET next_at = excluded.next_at`,
		Rows: planColumns(taken),
	})
	if err != nil {
		return nil, fmt.Errorf("taking plans: %w", err)
	}
	return due, nil
}

// PutAudit implements store.Audits.
func (t audits) PutAudit(ctx context.Context, a store.LinkAudit) (store.LinkAudit, error) {
	before, err := take(ctx, t.Tx, "audit", 1)
	if err != nil {
		return a, fmt.Errorf("numbering an audit: %w", err)
	}
	a.ID = before + 1
	for _, f := range a.Findings {
		for _, text := range []string{f.Code, f.Link, f.Page, f.Target, f.Detail} {
			if err := sqltx.CheckText("finding", text); err != nil { // JSON would silently replace what is not UTF-8
				return a, err
			}
		}
	}
	number := func(name string, n int) sqltx.Column { return sqltx.Number(name, 1, func(int) int { return n }) }
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- audits.PutAudit
WITH r AS ({rows})
INSERT INTO audits (id, publisher, subject, started_at, ended_at, links, pages, notes, found, fresh, gone, findings)
SELECT id, publisher, subject, started_at, ended_at, links, pages, notes, found, fresh, gone, findings FROM r WHERE true`,
		Rows: []sqltx.Column{
			sqltx.Number("id", 1, func(int) int64 { return a.ID }),
			sqltx.Key("publisher", 1, func(int) string { return a.Publisher }),
			sqltx.Key("subject", 1, func(int) string { return a.Subject }),
			sqltx.When("started_at", 1, func(int) time.Time { return a.StartedAt }),
			sqltx.When("ended_at", 1, func(int) time.Time { return a.EndedAt }),
			number("links", a.Links), number("pages", a.Pages),
			sqltx.Lists("notes", 1, func(int) []string { return a.Notes }),
			number("found", a.Found), number("fresh", a.New), number("gone", a.Gone),
			sqltx.JSONOf("findings", 1, func(int) []store.AuditFinding { return a.Findings }),
		},
	})
	if err != nil {
		return a, fmt.Errorf("keeping an audit: %w", err)
	}
	return a, nil
}

const auditColumns = `id, publisher, subject, started_at, ended_at, links, pages, notes, found, fresh, gone`

func scanAudit(scan func(...any) error, more ...any) (a store.LinkAudit, err error) {
	var started, ended int64
	var notes []byte
	err = scan(append([]any{&a.ID, &a.Publisher, &a.Subject, &started, &ended, &a.Links, &a.Pages, &notes, &a.Found, &a.New, &a.Gone}, more...)...)
	if err != nil {
		return a, err
	}
	a.StartedAt, a.EndedAt = sqltx.Instant(started), sqltx.Instant(ended)
	if err := json.Unmarshal(notes, &a.Notes); err != nil {
		return a, fmt.Errorf("reading the notes of an audit: %w", err)
	}
	return a, nil
}

// whole reads one audit with its findings.
func (t audits) whole(ctx context.Context, s sqltx.Statement) (a store.LinkAudit, err error) {
	found := false
	err = t.Query(ctx, s, func(scan func(...any) error) (err error) {
		found = true
		var findings []byte
		if a, err = scanAudit(scan, &findings); err != nil {
			return err
		}
		if err := json.Unmarshal(findings, &a.Findings); err != nil {
			return fmt.Errorf("reading the findings of an audit: %w", err)
		}
		return nil
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("reading an audit: %w", err)
	}
	return a, nil
}

// Audit implements store.Audits.
func (t audits) Audit(ctx context.Context, id int64) (store.LinkAudit, error) {
	return t.whole(ctx, sqltx.Statement{
		SQL: `-- audits.Audit
SELECT ` + auditColumns + `, findings FROM audits WHERE id = $1`,
		Args: []any{id},
	})
}

// Latest implements store.Audits.
func (t audits) Latest(ctx context.Context, publisher, subject string) (store.LinkAudit, error) {
	return t.whole(ctx, sqltx.Statement{
		SQL: `-- audits.Latest
SELECT ` + auditColumns + `, findings FROM audits WHERE publisher = $1 AND subject = $2 ORDER BY id DESC LIMIT 1`,
		Args: []any{publisher, subject},
	})
}

// AuditPage implements store.Audits.
func (t audits) AuditPage(ctx context.Context, publisher, subject, after string, limit int) ([]store.LinkAudit, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Conditions = append(w.Conditions, "publisher = "+w.Arg(publisher))
	w.Equal("subject", subject)
	if err := behind(&w, "id", after); err != nil {
		return nil, "", err
	}
	var found []store.LinkAudit
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- audits.AuditPage
SELECT ` + auditColumns + ` FROM audits ` + w.String() + ` ORDER BY id DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, func(scan func(...any) error) error {
		a, err := scanAudit(scan)
		found = append(found, a)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing audits: %w", err)
	}
	return sqltx.Cut(found, limit, func(a *store.LinkAudit) any { return a.ID })
}

type targets struct{ *sqltx.Tx }

func hashOf(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:])
}

// Put implements store.Targets.
func (t targets) Put(ctx context.Context, all []store.Target) error {
	if len(all) == 0 {
		return nil
	}
	ts := slices.SortedFunc(slices.Values(all), func(a, b store.Target) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.URL, b.URL))
	})
	n := len(ts)
	_, err := t.Exec(ctx, sqltx.Statement{
		SQL: `-- targets.Put
WITH r AS ({rows})
INSERT INTO targets (program, hash, url, status, error, failures, failed_at, checked_at, next_at)
SELECT program, hash, url, status, error, failures, failed_at, checked_at, next_at FROM r WHERE true
ON CONFLICT (program, hash) DO UPDATE SET status = excluded.status, error = excluded.error, failures = excluded.failures,
	failed_at = excluded.failed_at, checked_at = excluded.checked_at, next_at = excluded.next_at`,
		Rows: []sqltx.Column{
			sqltx.Key("program", n, func(i int) program.ID { return ts[i].Program }),
			sqltx.TextOf("hash", n, func(i int) string { return hashOf(ts[i].URL) }),
			sqltx.TextOf("url", n, func(i int) string { return ts[i].URL }),
			sqltx.Number("status", n, func(i int) int { return ts[i].Status }),
			sqltx.TextOf("error", n, func(i int) string { return ts[i].Error }),
			sqltx.Number("failures", n, func(i int) int { return ts[i].Failures }),
			sqltx.Maybe("failed_at", n, func(i int) time.Time { return ts[i].FailedAt }),
			sqltx.When("checked_at", n, func(i int) time.Time { return ts[i].CheckedAt }),
			sqltx.When("next_at", n, func(i int) time.Time { return ts[i].Next }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping targets: %w", err)
	}
	return nil
}

// Get implements store.Targets.
func (t targets) Get(ctx context.Context, p program.ID, urls []string) ([]store.Target, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(urls)))
	n := len(wanted)
	if n == 0 {
		return nil, nil
	}
	var found []store.Target
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- targets.Get
WITH r AS ({rows})
SELECT x.url, x.status, x.error, x.failures, x.failed_at, x.checked_at, x.next_at
FROM r CROSS JOIN targets x WHERE x.program = $1 AND x.hash = r.hash`,
		Args: []any{string(p)},
		Rows: []sqltx.Column{sqltx.TextOf("hash", n, func(i int) string { return hashOf(wanted[i]) })},
	}, func(scan func(...any) error) error {
		x := store.Target{Program: p}
		var failed *int64
		var checked, next int64
		err := scan(&x.URL, &x.Status, &x.Error, &x.Failures, &failed, &checked, &next)
		x.FailedAt, x.CheckedAt, x.Next = sqltx.Optional(failed), sqltx.Instant(checked), sqltx.Instant(next)
		found = append(found, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading targets: %w", err)
	}
	slices.SortFunc(found, func(a, b store.Target) int { return cmp.Compare(a.URL, b.URL) })
	return found, nil
}

// PutChanges implements store.Targets.
func (t targets) PutChanges(ctx context.Context, cs []store.LinkChange) error {
	n := len(cs)
	if n == 0 {
		return nil
	}
	before, err := take(ctx, t.Tx, "link_state", n)
	if err != nil {
		return fmt.Errorf("numbering changes of links: %w", err)
	}
	_, err = t.Exec(ctx, sqltx.Statement{
		SQL: `-- targets.PutChanges
WITH r AS ({rows})
INSERT INTO link_changes (number, link, code, program, at, was, became, cause, detail, substitute)
SELECT $1 + seq, link, code, program, at, was, became, cause, detail, substitute FROM r WHERE true`,
		Args: []any{before},
		Rows: []sqltx.Column{
			sqltx.Number("seq", n, func(i int) int { return i + 1 }),
			sqltx.Number("link", n, func(i int) int64 { return cs[i].Link }),
			sqltx.TextOf("code", n, func(i int) string { return cs[i].Code }),
			sqltx.Key("program", n, func(i int) program.ID { return cs[i].Program }),
			sqltx.When("at", n, func(i int) time.Time { return cs[i].At }),
			sqltx.TextOf("was", n, func(i int) string { return cs[i].From }),
			sqltx.TextOf("became", n, func(i int) string { return cs[i].To }),
			sqltx.TextOf("cause", n, func(i int) string { return cs[i].Cause }),
			sqltx.TextOf("detail", n, func(i int) string { return cs[i].Detail }),
			sqltx.TextOf("substitute", n, func(i int) string { return cs[i].Substitute }),
		},
	})
	if err != nil {
		return fmt.Errorf("keeping changes of links: %w", err)
	}
	return nil
}

const changeColumns = `c.number, c.link, c.code, c.program, c.at, c.was, c.became, c.cause, c.detail, c.substitute`

func collectChanges(into *[]store.LinkChange) func(func(...any) error) error {
	return func(scan func(...any) error) error {
		var c store.LinkChange
		var at int64
		err := scan(&c.Number, &c.Link, &c.Code, &c.Program, &at, &c.From, &c.To, &c.Cause, &c.Detail, &c.Substitute)
		c.At = sqltx.Instant(at)
		*into = append(*into, c)
		return err
	}
}

// Changes implements store.Targets.
func (t targets) Changes(ctx context.Context, links []int64) ([]store.LinkChange, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(links)))
	n := len(wanted)
	if n == 0 {
		return nil, nil
	}
	var found []store.LinkChange
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- targets.Changes
WITH r AS ({rows})
SELECT ` + changeColumns + ` FROM r CROSS JOIN link_changes c
WHERE c.link = r.link AND c.number = (SELECT MAX(x.number) FROM link_changes x WHERE x.link = r.link)`,
		Rows: []sqltx.Column{sqltx.Number("link", n, func(i int) int64 { return wanted[i] })},
	}, collectChanges(&found))
	if err != nil {
		return nil, fmt.Errorf("reading changes of links: %w", err)
	}
	slices.SortFunc(found, func(a, b store.LinkChange) int { return cmp.Compare(a.Link, b.Link) })
	return found, nil
}

// ChangePage implements store.Targets.
func (t targets) ChangePage(ctx context.Context, p program.ID, after string, limit int) ([]store.LinkChange, string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, "", err
	}
	var w sqltx.Where
	w.Equal("c.program", string(p))
	if err := behind(&w, "c.number", after); err != nil {
		return nil, "", err
	}
	var found []store.LinkChange
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- targets.ChangePage
SELECT ` + changeColumns + ` FROM link_changes c ` + w.String() + ` ORDER BY c.number DESC LIMIT ` + w.Arg(int64(limit)+1),
		Args: w.Args,
	}, collectChanges(&found))
	if err != nil {
		return nil, "", fmt.Errorf("listing changes of links: %w", err)
	}
	return sqltx.Cut(found, limit, func(c *store.LinkChange) any { return c.Number })
}

// Similar implements store.Targets.
func (t targets) Similar(ctx context.Context, category, after string, limit int) ([]string, error) {
	if err := sqltx.CheckLimit(limit); err != nil {
		return nil, err
	}
	var ids []string
	err := t.Query(ctx, sqltx.Statement{
		SQL: `-- targets.Similar
SELECT id FROM products WHERE category = $1 AND id > $2 AND affiliate = $3 ORDER BY id LIMIT $4`,
		Args: []any{category, after, true, int64(limit)},
	}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for similar products: %w", err)
	}
	return ids, nil
}
