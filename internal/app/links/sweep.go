package links

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/catalog"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// The causes for which the platform changes a link itself (L7).
const (
	TargetGone = "target_gone" // the page was gone again and again
	SellerLeft = "seller_left" // its product's seller takes no part any more, and there is something similar to lead to
	TargetBack = "target_back" // the page is there again
	SellerBack = "seller_back" // the seller takes part again
)

func sweepMark(p program.ID) string { return "sweep of " + string(p) }

// Sweep looks at targets of a program's links, goes on where the sweep before it stopped, and marks links dead or live again (L7). done
// says that it came to the last link. Edges learn of it as of every change.
func (c *Care) Sweep(ctx context.Context, p program.ID) (done bool, err error) {
	began := c.at()
	a := Audit{Subject: SubjectOfSweep(p), StartedAt: began}
	budget := maxFetches
	after := ""
	err = c.links.store.View(ctx, func(tx store.Tx) (err error) {
		after, err = tx.Platform().Visits().Position(ctx, sweepMark(p))
		return err
	})
	if err != nil {
		return false, err
	}
	for a.Links < maxSweepLinks && budget > 0 {
		var page []Link
		var next string
		var terms *program.Terms
		err := c.links.store.View(ctx, func(tx store.Tx) error {
			f, err := c.links.facts.Current(ctx, tx)
			if err != nil {
				return err
			}
			terms = f.Terms(p, c.at())
			page, next, err = tx.Platform().Links().Page(ctx, Filter{Program: p}, after, sweepPage)
			return err
		})
		if err != nil {
			return false, err
		}
		if terms == nil { // nothing of the program counts now
			return true, nil
		}
		site, err := SiteOf(terms)
		if err != nil {
			return false, fmt.Errorf("the site of program %q: %w", p, err)
		}
		page = slices.DeleteFunc(page, func(l Link) bool { return l.State != Live && l.State != Dead })
		a.Links += len(page)
		known, err := c.see(ctx, p, site, addresses(page), func(t *store.Target) bool { return c.at().Before(t.Next) }, &budget)
		if err != nil {
			return false, err
		}
		changes, err := c.mark(ctx, p, site, page, known, next)
		if err != nil {
			return false, err
		}
		for _, x := range changes {
			a.Findings = append(a.Findings, Flaw{Code: x.Cause, Link: x.Code, Target: x.Substitute, Detail: x.Detail, New: true})
		}
		if after = next; next == "" {
			done = true
			break
		}
	}
	if len(a.Findings) == 0 && !done {
		return done, nil
	}
	if done {
		a.Notes = []string{Finished}
	}
	a.EndedAt, a.Found, a.New = c.at(), len(a.Findings), len(a.Findings)
	a.Findings = a.Findings[:min(len(a.Findings), maxFlaws)]
	return done, c.links.store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Platform().Care().Audits().PutAudit(ctx, a)
		return err
	})
}

// addresses are the different addresses that links lead to, in the order of the links.
func addresses(ls []Link) []string {
	var urls []string
	seen := make(map[string]bool)
	for i := range ls {
		if u := ls[i].Target.URL; !seen[u] {
			seen[u] = true
			urls = append(urls, u)
		}
	}
	return urls
}

// mark changes the states of links by what is known of their targets, and notes how far the sweep came, in one transaction.
func (c *Care) mark(ctx context.Context, p program.ID, site *link.Site, page []Link, known map[string]store.Target, position string) (changes []Change, err error) {
	ids := make([]int64, len(page))
	var products []string
	for i := range page {
		ids[i] = page[i].ID
		if id := page[i].Target.Product; id != "" {
			products = append(products, id)
		}
	}
	err = c.links.store.Update(ctx, func(tx store.Tx) error {
		changes = nil
		f, err := c.links.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		fresh, err := tx.Platform().Links().ByID(ctx, ids) // somebody may have changed them since
		if err != nil {
			return err
		}
		listed, err := catalogue(ctx, tx, products)
		if err != nil {
			return err
		}
		before, err := tx.Platform().Care().Targets().Changes(ctx, ids)
		if err != nil {
			return err
		}
		last := make(map[int64]Change, len(before))
		for _, x := range before {
			last[x.Link] = x
		}
		s := sweeper{c, tx, f.Terms(p, c.at()), site, f, listed, c.at()}
		var changed []Link
		for i := range fresh {
			l := fresh[i]
			target, seen := known[l.Target.URL]
			if !seen {
				target = store.Target{}
			}
			x, err := s.judge(ctx, &l, &target, last[l.ID])
			if err != nil {
				return err
			}
			if x.Cause == "" {
				continue
			}
			changed, changes = append(changed, l), append(changes, x)
		}
		if err := tx.Platform().Links().Put(ctx, changed); err != nil {
			return err
		}
		if err := tx.Platform().Care().Targets().PutChanges(ctx, changes); err != nil {
			return err
		}
		return tx.Platform().Visits().SetPosition(ctx, sweepMark(p), position)
	})
	return changes, err
}

// sweeper judges links in a transaction.
type sweeper struct {
	*Care
	tx     store.Tx
	terms  *program.Terms
	site   *link.Site
	facts  *facts.Facts
	listed listed
	now    time.Time
}

// judge changes a link where there is a cause. Links that a publisher or the operator stopped stay as they are, and so do dead ones that
// somebody else marked: only what was done here is taken back here.
func (s *sweeper) judge(ctx context.Context, l *Link, t *store.Target, last Change) (Change, error) {
	x := Change{Link: l.ID, Code: l.Code, Program: l.Program, At: s.now, From: l.State}
	product := s.listed.products[l.Target.Product]
	left := product != nil && hasLeft(s.listed.stores[product.Store], s.now)
	gone := s.rule.Dead(link.Health{Failures: t.Failures, FailedAt: t.FailedAt})
	switch {
	case l.State == Live && gone:
		x.Cause, x.Detail = TargetGone, fmt.Sprintf("%d, %d times, the last at %s", t.Status, t.Failures, t.FailedAt.Format(time.RFC3339))
	case l.State == Live && left:
		x.Cause, x.Detail = SellerLeft, product.Store
	case l.State == Dead && last.To == Dead && last.At.Equal(l.ChangedAt):
		switch {
		case last.Cause == TargetGone && t.CheckedAt.After(last.At) && s.rule.Outcome(t.Status) == link.Fine && !left:
			x.Cause, x.Detail = TargetBack, fmt.Sprint(t.Status)
		case last.Cause == SellerLeft && product != nil && !left && !gone:
			x.Cause, x.Detail = SellerBack, product.Store
		default:
			return Change{}, nil
		}
		x.To = Live
		if l.Substitute.URL == last.Substitute { // it was chosen here
			l.Substitute = link.Target{}
		}
		l.State, l.ChangedAt = Live, s.now
		return x, nil
	default:
		return Change{}, nil
	}
	if l.Substitute == (link.Target{}) && product != nil {
		similar, err := s.similar(ctx, product)
		if err != nil {
			return Change{}, err
		}
		l.Substitute, x.Substitute = similar, similar.URL
	}
	if x.Cause == SellerLeft && l.Substitute == (link.Target{}) {
		return Change{}, nil // the page is there, and nothing would be won by leading to the home page
	}
	x.To = Dead
	l.State, l.ChangedAt = Dead, s.now
	return x, nil
}

// hasLeft reports whether a store took part once and does not any more (S1).
func hasLeft(s *seller.Store, now time.Time) bool {
	if takes, known := s.ParticipatesAt(now); takes || !known {
		return false
	}
	return slices.ContainsFunc(s.Periods, func(p seller.Period) bool { return !now.Before(p.From) })
}

// candidates is how many products of a category are looked at for one to lead to.
const candidates = 50

// similar is a product to lead to in place of another: of the same category, of a seller who takes part, with a rate, behind it in the
// catalogue or at its beginning. The zero target: there is none.
func (s *sweeper) similar(ctx context.Context, p *catalog.Product) (link.Target, error) {
	if _, ok := s.terms.Tracking.Address(program.LinkProduct, p.ID); !ok {
		return link.Target{}, nil
	}
	table := s.facts.Table(s.terms.Program, s.now)
	for _, after := range []string{p.ID, ""} {
		ids, err := s.tx.Platform().Care().Targets().Similar(ctx, p.Category, after, candidates)
		if err != nil {
			return link.Target{}, err
		}
		found, err := catalogue(ctx, s.tx, ids)
		if err != nil {
			return link.Target{}, err
		}
		for _, id := range ids {
			other := found.products[id]
			if other == nil || other.ID == p.ID || other.Virtual || !other.AffiliateAt(found.stores[other.Store], s.now) {
				continue
			}
			if r := other.RateAt(found.stores[other.Store], s.now); table == nil || r != nil && r.IsZero() {
				continue
			}
			t, err := place(s.terms, s.site, link.Target{Kind: program.LinkProduct, Product: other.ID, Store: other.Store})
			if err == nil {
				return t, nil
			}
		}
	}
	return link.Target{}, nil
}
