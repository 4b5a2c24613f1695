package links

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/seal"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// The things that are looked at: the audits of a publisher (L6), and the operator's sweeps of a program's targets (L7).
const (
	SubjectLinks = "links"  // all live links of a publisher
	subjectSpace = "space/" // and the id of a verified ad space: its pages
	subjectSweep = "sweep/" // and the id of a program: the targets of its links
)

// SubjectOfSpace is the subject of the pages of an ad space.
func SubjectOfSpace(id string) string { return subjectSpace + id }

// SubjectOfSweep is the operator's subject for a program.
func SubjectOfSweep(p program.ID) string { return subjectSweep + string(p) }

// How often something is looked at.
const (
	Daily  = "daily"
	Weekly = "weekly"
)

// Plan says what is looked at and when, Audit what was found, Change why the platform changed a link's state.
type (
	Plan    = store.AuditPlan
	Audit   = store.LinkAudit
	Flaw    = store.AuditFinding
	Change  = store.LinkChange
	Fetched struct {
		Status int
		URL    string // after redirects
		Type   string // the media type
		Body   []byte
	}
)

// Fetch reads an address politely: it reaches no private network and keeps calls of one host apart. What is longer than it reads is cut
// off.
type Fetch func(ctx context.Context, address string) (Fetched, error)

// ErrStayAway says that a site asks robots to leave a page alone: what a Fetch of pages returns then.
var ErrStayAway = errors.New("the site asks robots to stay away")

// The findings of an audit beside those of the checker.
const (
	DeadTarget    Finding = "dead_target"        // the page is gone: it answered 404 or 410
	Unreachable   Finding = "target_unreachable" // it could not be seen now; that may be over soon
	LeadsAway     Finding = "target_leads_away"  // it leads on to a host that is not the program's
	Untracked     Finding = "page_untracked"     // a page of a joined program is linked without tracking: that earns nothing
	NoDisclosure  Finding = "no_disclosure"      // a page with affiliate links says nowhere that they are (F4)
	PageFailed    Finding = "page_failed"        // the ad space's own page cannot be read
	PageForbidden Finding = "page_robots"        // its robots.txt keeps us out, so it was not looked at
)

// The notes on an audit: what was not looked at.
const (
	NoPrices  = "no_prices"      // the catalogue has no prices, so changes of prices are not seen
	MoreLinks = "more_links"     // there are more live links than one audit looks at
	MorePages = "more_pages"     // and more pages
	Later     = "targets_later"  // some targets were left for the next time
	MoreFlaws = "more_findings"  // there are more findings than are kept
	SomeFail  = "pages_failed"   // some pages behind the first could not be read
	SomeStay  = "pages_robots"   // some pages were left out because of robots.txt
	Finished  = "sweep_finished" // a sweep came to the last link
)

// Limits of one audit or one round of a sweep.
const (
	maxAuditLinks = 2000
	maxAuditPages = 25
	maxFetches    = 300
	maxFlaws      = 1000
	maxSweepLinks = 5000
	sweepPage     = 500
)

const (
	// claimed is how long a plan that somebody is at work on is nobody else's.
	claimed = time.Hour
	// believed is how long what was seen of a target counts for an audit.
	believed = 20 * time.Hour
	// A target that is fine is looked at again after a day; one that is not, sooner.
	lookAgain, lookSooner = 24 * time.Hour, 6 * time.Hour
	// A sweep that did not come to the end goes on soon.
	sweepOn, sweepAgain = time.Minute, time.Hour
	careEvery           = 20 * time.Second
)

// Care looks after links: it audits what publishers have (L6) and marks links whose targets are gone (L7). Several processes may run it.
type Care struct {
	links   *Service
	targets Fetch
	pages   Fetch
	box     *seal.Box
	site    string
	log     *slog.Logger
	rule    link.HealthRule
}

// CareParts are what Care stands on.
type CareParts struct {
	Targets Fetch     // reads the programs' own pages
	Pages   Fetch     // reads pages of publishers; it asks robots.txt first
	Box     *seal.Box // seals e-mails; nil: none are written
	Site    string    // where the pages of the console are, for e-mails
	Log     *slog.Logger
}

// NewCare returns a service that looks after the links of another.
func NewCare(v *Service, p CareParts) *Care {
	return &Care{links: v, targets: p.Targets, pages: p.Pages, box: p.Box, site: strings.TrimSuffix(p.Site, "/"), log: p.Log, rule: link.Careful()}
}

func (c *Care) at() time.Time { return c.links.now().UTC().Truncate(time.Microsecond) }

// Plans returns a publisher's plans, by subject: one for its links and one for each of its verified ad spaces, whether they were ever set
// or not.
func (c *Care) Plans(ctx context.Context, publisher string) (plans []Plan, err error) {
	if publisher == "" {
		return nil, &field.Error{Field: "publisher", Reason: "it is missing"}
	}
	err = c.links.store.View(ctx, func(tx store.Tx) error {
		plans, err = c.plans(ctx, tx, publisher)
		return err
	})
	return plans, err
}

func (c *Care) plans(ctx context.Context, tx store.Tx, publisher string) ([]Plan, error) {
	kept, err := tx.Platform().Care().Audits().Plans(ctx, publisher)
	if err != nil {
		return nil, err
	}
	places, err := tx.Platform().Joining().Places(ctx, publisher)
	if err != nil {
		return nil, err
	}
	subjects := []string{SubjectLinks}
	for i := range places {
		if !places[i].VerifiedAt.IsZero() { // else anybody could send us to anybody's site
			subjects = append(subjects, SubjectOfSpace(places[i].ID))
		}
	}
	plans := make([]Plan, len(subjects))
	for i, s := range subjects {
		plans[i] = Plan{Publisher: publisher, Subject: s}
		for _, k := range kept {
			if k.Subject == s {
				plans[i] = k
			}
		}
	}
	return plans, nil
}

// SetPlan says how often something is looked at: daily, weekly, or "" for never by itself. now asks for a look at once.
func (c *Care) SetPlan(ctx context.Context, publisher, subject, every string, now bool) (p Plan, err error) {
	switch every {
	case Daily, Weekly, "":
	default:
		return p, field.Wrong("every", "%.20q is none: write daily or weekly, or leave it empty", every)
	}
	if publisher == "" {
		return p, &field.Error{Field: "publisher", Reason: "it is missing"}
	}
	err = c.links.store.Update(ctx, func(tx store.Tx) error {
		plans, err := c.plans(ctx, tx, publisher)
		if err != nil {
			return err
		}
		for _, known := range plans {
			if known.Subject != subject {
				continue
			}
			p = known
			p.Every, p.ChangedAt = every, c.at()
			switch {
			case now:
				p.Next = c.at()
			case every == "":
				p.Next = time.Time{}
			case known.Every != every || known.Next.IsZero():
				p.Next = c.at().Add(period(every))
			}
			return tx.Platform().Care().Audits().PutPlan(ctx, p)
		}
		return fmt.Errorf("subject %.70q: %w", subject, ErrNotFound)
	})
	return p, err
}

func period(every string) time.Duration {
	switch every {
	case Daily:
		return 24 * time.Hour
	case Weekly:
		return 7 * 24 * time.Hour
	}
	return 0
}

// Audits returns a page of a publisher's audits without their findings, the newest first; an empty subject is all. For "" it returns the
// operator's sweeps.
func (c *Care) Audits(ctx context.Context, publisher, subject, after string, limit int) (as []Audit, next string, err error) {
	err = c.links.store.View(ctx, func(tx store.Tx) (err error) {
		as, next, err = tx.Platform().Care().Audits().AuditPage(ctx, publisher, subject, after, limit)
		return err
	})
	return as, next, err
}

// Audit returns an audit of a publisher with its findings, or ErrNotFound.
func (c *Care) Audit(ctx context.Context, publisher string, id int64) (a Audit, err error) {
	err = c.links.store.View(ctx, func(tx store.Tx) (err error) {
		if a, err = tx.Platform().Care().Audits().Audit(ctx, id); err == nil && a.Publisher != publisher {
			a, err = Audit{}, fmt.Errorf("audit %d: %w", id, ErrNotFound)
		}
		return err
	})
	return a, err
}

// Changes returns a page of what the platform did to links of a program ("": all), the newest first (L7).
func (c *Care) Changes(ctx context.Context, p program.ID, after string, limit int) (cs []Change, next string, err error) {
	err = c.links.store.View(ctx, func(tx store.Tx) (err error) {
		cs, next, err = tx.Platform().Care().Targets().ChangePage(ctx, p, after, limit)
		return err
	})
	return cs, next, err
}

// Why returns the newest change that the platform made to a link itself, or ErrNotFound where it made none (L7).
func (v *Service) Why(ctx context.Context, l *Link) (c Change, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		cs, err := tx.Platform().Care().Targets().Changes(ctx, []int64{l.ID})
		if err != nil {
			return err
		}
		if len(cs) == 0 {
			return fmt.Errorf("changes of link %s: %w", l.Code, ErrNotFound)
		}
		c = cs[0]
		return nil
	})
	return c, err
}

// Run looks at what is due until the context ends.
func (c *Care) Run(ctx context.Context) {
	t := time.NewTicker(careEvery)
	defer t.Stop()
	for {
		err := c.ensureSweeps(ctx)
		for n := 1; err == nil && n > 0; {
			n, err = c.RunDue(ctx)
		}
		if err != nil && ctx.Err() == nil {
			c.log.Error("links are not looked after", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// ensureSweeps makes a plan for each program that has none.
func (c *Care) ensureSweeps(ctx context.Context) error {
	var missing []Plan
	err := c.links.store.View(ctx, func(tx store.Tx) error {
		missing = nil
		f, err := c.links.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		plans, err := tx.Platform().Care().Audits().Plans(ctx, "")
		if err != nil {
			return err
		}
		known := make(map[string]bool)
		for _, p := range plans {
			known[p.Subject] = true
		}
		for _, id := range f.Programs() {
			if s := SubjectOfSweep(id); !known[s] && f.Terms(id, c.at()) != nil {
				missing = append(missing, Plan{Subject: s, Every: Daily, Next: c.at().Add(sweepAgain), ChangedAt: c.at()})
			}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	return c.links.store.Update(ctx, func(tx store.Tx) error {
		for _, p := range missing {
			if err := tx.Platform().Care().Audits().PutPlan(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// RunDue takes one plan that is due and carries it out, and returns how many it took. What a process that ended had taken comes up again.
func (c *Care) RunDue(ctx context.Context) (int, error) {
	var due []Plan
	err := c.links.store.Update(ctx, func(tx store.Tx) (err error) {
		due, err = tx.Platform().Care().Audits().TakePlans(ctx, c.at(), c.at().Add(claimed), 1)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	p := due[0]
	next := time.Time{}
	if every := period(p.Every); every > 0 {
		next = c.at().Add(every)
	}
	id, sweep := strings.CutPrefix(p.Subject, subjectSweep)
	switch {
	case sweep && p.Publisher == "":
		var done bool
		done, err = c.Sweep(ctx, program.ID(id))
		if next = c.at().Add(sweepOn); done {
			next = c.at().Add(sweepAgain)
		}
	default:
		_, err = c.Look(ctx, p.Publisher, p.Subject)
	}
	if ctx.Err() != nil {
		return 0, ctx.Err() // it comes up again
	}
	if err != nil { // tried again in its turn; the others need not wait for it
		c.log.Error("links were not looked at", "publisher", p.Publisher, "subject", p.Subject, "error", err)
	}
	return 1, c.links.store.Update(ctx, func(tx store.Tx) error {
		plans, err := tx.Platform().Care().Audits().Plans(ctx, p.Publisher)
		if err != nil {
			return err
		}
		for _, now := range plans {
			if now.Subject == p.Subject && now.ChangedAt.Equal(p.ChangedAt) { // else somebody set it anew meanwhile
				now.Next = next
				return tx.Platform().Care().Audits().PutPlan(ctx, now)
			}
		}
		return nil
	})
}

// see looks at targets of a program: at those of which nothing is known that is fresh enough, and of those at as many as the budget
// allows. It returns what is known of each.
func (c *Care) see(ctx context.Context, p program.ID, site *link.Site, urls []string, fresh func(*store.Target) bool, budget *int) (map[string]store.Target, error) {
	known := make(map[string]store.Target, len(urls))
	err := c.links.store.View(ctx, func(tx store.Tx) error {
		all, err := tx.Platform().Care().Targets().Get(ctx, p, urls)
		for _, t := range all {
			known[t.URL] = t
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, u := range urls {
		t, ok := known[u]
		if ok && fresh(&t) {
			continue
		}
		if *budget <= 0 {
			break
		}
		if checked, err := site.Check(u); err != nil || checked != u { // the program gave that host up
			continue
		}
		*budget--
		if t, err = c.visit(ctx, site, t, p, u); err != nil {
			return nil, err
		}
		known[u] = t
		// Kept one by one: what was seen counts even if the process ends.
		if err := c.links.store.Update(ctx, func(tx store.Tx) error { return tx.Platform().Care().Targets().Put(ctx, []store.Target{t}) }); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// awayError begins the error of a target that leads on to another host.
const awayError = "leads away: "

// visit looks at one target.
func (c *Care) visit(ctx context.Context, site *link.Site, t store.Target, p program.ID, u string) (store.Target, error) {
	got, err := c.targets(ctx, u)
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	now := c.at()
	t.Program, t.URL, t.Status, t.Error, t.CheckedAt, t.Next = p, u, got.Status, "", now, now.Add(lookSooner)
	if err != nil {
		t.Status, t.Error = 0, clip(err.Error(), 300)
		return t, nil
	}
	if got.URL != "" {
		if _, err := site.Check(got.URL); err != nil {
			t.Error = awayError + clip(got.URL, 300)
		}
	}
	h := c.rule.See(link.Health{Failures: t.Failures, FailedAt: t.FailedAt}, got.Status, now)
	t.Failures, t.FailedAt = h.Failures, h.FailedAt
	if c.rule.Outcome(got.Status) == link.Fine {
		t.Next = now.Add(lookAgain)
	}
	return t, nil
}

// clip shortens a text to some bytes, between characters.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

func byPlace(a, b Flaw) int {
	return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Target, b.Target))
}
