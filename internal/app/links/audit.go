package links

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Look audits a publisher's links or the pages of one of its ad spaces now, keeps what was found, and writes to the publisher's people if
// there is something new (L6, F4).
func (c *Care) Look(ctx context.Context, publisher, subject string) (Audit, error) {
	a := Audit{Publisher: publisher, Subject: subject, StartedAt: c.at(), Notes: []string{NoPrices}}
	space, pages := strings.CutPrefix(subject, subjectSpace)
	var flaws []Flaw
	var err error
	switch {
	case pages:
		flaws, err = c.lookAtPages(ctx, &a, space)
	case subject == SubjectLinks:
		flaws, err = c.lookAtLinks(ctx, &a)
	default:
		err = fmt.Errorf("subject %.70q: %w", subject, ErrNotFound)
	}
	if err != nil {
		return a, err
	}
	slices.SortFunc(flaws, byPlace)
	flaws = slices.CompactFunc(flaws, func(x, y Flaw) bool { return byPlace(x, y) == 0 })
	a.EndedAt, a.Found = c.at(), len(flaws)
	if len(flaws) > maxFlaws {
		flaws, a.Notes = flaws[:maxFlaws], append(a.Notes, MoreFlaws)
	}
	a.Findings = flaws
	err = c.links.store.Update(ctx, func(tx store.Tx) error {
		before, err := tx.Platform().Care().Audits().Latest(ctx, publisher, subject)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		compare(&a, &before)
		if a, err = tx.Platform().Care().Audits().PutAudit(ctx, a); err != nil || a.New == 0 {
			return err
		}
		return c.tell(ctx, tx, &a)
	})
	return a, err
}

// compare says what is new in an audit, and how much of the one before is gone. What was seen of a page or target may differ in its
// detail from time to time and is the same flaw all the same.
func compare(a, before *Audit) {
	key := func(f *Flaw) Flaw { return Flaw{Code: f.Code, Link: f.Link, Page: f.Page, Target: f.Target} }
	known := make(map[Flaw]bool, len(before.Findings))
	for i := range before.Findings {
		known[key(&before.Findings[i])] = true
	}
	a.New, a.Gone = 0, 0
	for i := range a.Findings {
		k := key(&a.Findings[i])
		if a.Findings[i].New = !known[k]; a.Findings[i].New {
			a.New++
		}
		delete(known, k)
	}
	a.Gone = len(known)
}

// lookAtLinks looks at all live links of a publisher, the newest first.
func (c *Care) lookAtLinks(ctx context.Context, a *Audit) ([]Flaw, error) {
	var flaws []Flaw
	budget := maxFetches
	for after := ""; ; {
		var page []Link
		var next string
		err := c.links.store.View(ctx, func(tx store.Tx) (err error) {
			page, next, err = tx.Platform().Links().Page(ctx, Filter{Publisher: a.Publisher, State: Live}, after, sweepPage)
			return err
		})
		if err != nil {
			return nil, err
		}
		found, err := c.judgeLinks(ctx, a, page, "", &budget)
		if err != nil {
			return nil, err
		}
		flaws = append(flaws, found...)
		if a.Links += len(page); next == "" {
			return flaws, nil
		}
		if after = next; a.Links >= maxAuditLinks {
			a.Notes = append(a.Notes, MoreLinks)
			return flaws, nil
		}
	}
}

// judgeLinks says what is wrong with links of a publisher, by the checker and by looking at their targets.
func (c *Care) judgeLinks(ctx context.Context, a *Audit, ls []Link, page string, budget *int) ([]Flaw, error) {
	if len(ls) == 0 {
		return nil, nil
	}
	qs := make([]Question, len(ls))
	of := make(map[program.ID][]Link)
	for i := range ls {
		qs[i] = Question{Address: c.links.URL(ls[i].Code), Publisher: a.Publisher}
		of[ls[i].Program] = append(of[ls[i].Program], ls[i])
	}
	answers, err := c.links.Check(ctx, qs)
	if err != nil {
		return nil, err
	}
	var flaws []Flaw
	for i := range answers {
		for _, f := range answers[i].Findings {
			if f != UnknownProduct { // that is how links to pages are
				flaws = append(flaws, Flaw{Code: string(f), Link: ls[i].Code, Page: page, Target: ls[i].Target.URL})
			}
		}
	}
	for id, some := range of {
		terms, err := c.terms(ctx, id)
		if err != nil {
			return nil, err
		}
		if terms == nil {
			continue // the checker has said so
		}
		site, err := SiteOf(terms)
		if err != nil {
			return nil, fmt.Errorf("the site of program %q: %w", id, err)
		}
		known, err := c.see(ctx, id, site, addresses(some), func(t *store.Target) bool { return c.at().Sub(t.CheckedAt) < believed }, budget)
		if err != nil {
			return nil, err
		}
		for i := range some {
			t, ok := known[some[i].Target.URL]
			if !ok {
				if !slices.Contains(a.Notes, Later) {
					a.Notes = append(a.Notes, Later)
				}
				continue
			}
			if code, detail := c.flaw(&t); code != "" {
				flaws = append(flaws, Flaw{Code: string(code), Link: some[i].Code, Page: page, Target: t.URL, Detail: detail})
			}
		}
	}
	return flaws, nil
}

func (c *Care) terms(ctx context.Context, id program.ID) (t *program.Terms, err error) {
	err = c.links.store.View(ctx, func(tx store.Tx) error {
		f, err := c.links.facts.Current(ctx, tx)
		if err == nil {
			t = f.Terms(id, c.at())
		}
		return err
	})
	return t, err
}

// flaw is what is wrong with a target, if anything is.
func (c *Care) flaw(t *store.Target) (Finding, string) {
	switch c.rule.Outcome(t.Status) {
	case link.Gone:
		return DeadTarget, fmt.Sprint(t.Status)
	case link.Fine:
		if away, ok := strings.CutPrefix(t.Error, awayError); ok {
			return LeadsAway, away
		}
		return "", ""
	}
	if t.Status == 0 {
		return Unreachable, t.Error
	}
	return Unreachable, fmt.Sprint(t.Status)
}

// lookAtPages reads the page of an ad space and pages that it leads to on the same host, and looks for our links, for pages of programs
// that are linked without tracking, and for a disclosure.
func (c *Care) lookAtPages(ctx context.Context, a *Audit, space string) ([]Flaw, error) {
	var home string
	err := c.links.store.View(ctx, func(tx store.Tx) error {
		places, err := tx.Platform().Joining().Places(ctx, a.Publisher)
		for i := range places {
			if places[i].ID == space && !places[i].VerifiedAt.IsZero() {
				home = places[i].URL
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	first, err := url.Parse(home)
	if err != nil || home == "" {
		return nil, fmt.Errorf("a verified ad space %.70q: %w", space, ErrNotFound)
	}
	waiting := []*url.URL{first}
	seen := map[string]bool{address(first): true}
	budget := maxFetches
	var flaws []Flaw
	note := func(n string) {
		if !slices.Contains(a.Notes, n) {
			a.Notes = append(a.Notes, n)
		}
	}
	for tried := 0; len(waiting) > 0; tried++ {
		if tried >= maxAuditPages {
			note(MorePages)
			break
		}
		at := waiting[0]
		waiting = waiting[1:]
		got, err := c.pages(ctx, address(at))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if bad, why := pageFlaw(&got, err); bad != "" {
			if tried == 0 {
				flaws = append(flaws, Flaw{Code: string(bad), Page: address(at), Detail: why})
			} else if bad == PageForbidden {
				note(SomeStay)
			} else {
				note(SomeFail)
			}
			continue
		}
		if final, err := url.Parse(got.URL); err == nil && final.Host != "" {
			if tried == 0 { // the site may prefer another of its names
				first = final
			}
			at = final
		}
		if !sameHost(first, at) {
			continue // led elsewhere: that page is not the ad space's
		}
		seen[address(at)] = true
		a.Pages++
		doc := readPage(got.Body, at)
		for _, u := range doc.links {
			if sameHost(first, u) && readable(u) && !seen[address(u)] {
				seen[address(u)] = true
				waiting = append(waiting, u)
			}
		}
		found, err := c.judgePage(ctx, a, address(at), &doc, &budget)
		if err != nil {
			return nil, err
		}
		flaws = append(flaws, found...)
	}
	return flaws, nil
}

func pageFlaw(got *Fetched, err error) (Finding, string) {
	switch {
	case errors.Is(err, ErrStayAway):
		return PageForbidden, ""
	case err != nil:
		return PageFailed, clip(err.Error(), 300)
	case got.Status < 200 || got.Status > 299:
		return PageFailed, fmt.Sprint(got.Status)
	}
	return "", ""
}

// judgePage says what is wrong on one page.
func (c *Care) judgePage(ctx context.Context, a *Audit, page string, doc *document, budget *int) ([]Flaw, error) {
	var addresses []string
	for _, u := range doc.links {
		addresses = append(addresses, u.String())
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	joined, err := c.joined(ctx, a.Publisher)
	if err != nil {
		return nil, err
	}
	var flaws []Flaw
	var own []Link
	paid := false
	for part := range slices.Chunk(addresses, MaxCheck) {
		qs := make([]Question, len(part))
		for i := range part {
			qs[i] = Question{Address: part[i], Publisher: a.Publisher}
		}
		answers, err := c.links.Check(ctx, qs)
		if err != nil {
			return nil, err
		}
		for i := range answers {
			x := &answers[i]
			switch {
			case x.Link != nil:
				own, paid = append(own, *x.Link), true
			case slices.Contains(x.Findings, PlainPage) && joined[x.Program]:
				flaws = append(flaws, Flaw{Code: string(Untracked), Page: page, Target: clip(part[i], 500), Detail: string(x.Program)})
			case slices.Contains(x.Findings, UnknownLink), slices.Contains(x.Findings, ForeignLink):
				flaws = append(flaws, Flaw{Code: string(x.Findings[0]), Page: page, Target: clip(part[i], 500)})
			}
		}
	}
	a.Links += len(own)
	found, err := c.judgeLinks(ctx, a, own, page, budget)
	if err != nil {
		return nil, err
	}
	flaws = append(flaws, found...)
	if paid && !disclosed(doc.text) {
		flaws = append(flaws, Flaw{Code: string(NoDisclosure), Page: page})
	}
	return flaws, nil
}

// joined are the programs that an ad space of a publisher has joined.
func (c *Care) joined(ctx context.Context, publisher string) (map[program.ID]bool, error) {
	out := make(map[program.ID]bool)
	err := c.links.store.View(ctx, func(tx store.Tx) error {
		var f *facts.Facts
		f, err := c.links.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		for _, s := range f.AdSpaces {
			if s.Publisher == publisher && s.JoinedAt(c.at()) {
				out[s.Program] = true
			}
		}
		return nil
	})
	return out, err
}

// address is a page's address without what no server sees.
func address(u *url.URL) string {
	bare := *u
	bare.Fragment, bare.RawFragment = "", ""
	if bare.Path == "" {
		bare.Path = "/"
	}
	return bare.String()
}

func sameHost(a, b *url.URL) bool {
	bare := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Host), "www.") }
	return bare(a) == bare(b)
}

// readable reports whether an address may be a page: by its ending.
func readable(u *url.URL) bool {
	switch strings.ToLower(path.Ext(u.Path)) {
	case "", ".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".xhtml":
		return len(u.String()) <= 2000
	}
	return false
}

// AuditCSV is an audit as a table, a finding a line.
func AuditCSV(a *Audit) ([]byte, error) {
	rows := [][]string{{"finding", "new", "link", "page", "target", "detail"}}
	for i := range a.Findings {
		f := &a.Findings[i]
		fresh := "no"
		if f.New {
			fresh = "yes"
		}
		rows = append(rows, []string{f.Code, fresh, f.Link, wire.SafeCell(f.Page), wire.SafeCell(f.Target), wire.SafeCell(f.Detail)})
	}
	return spreadsheet(rows)
}

func spreadsheet(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("writing a table: %w", err)
	}
	return out.Bytes(), nil
}
