// Package links makes affiliate links, lists them and stops them (L1).
package links

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/deeplink"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// ErrNotFound says that there is no such link.
var ErrNotFound = store.ErrNotFound

// The states of a link.
const (
	Live    = "live"
	Dead    = "dead"    // its target is gone, or its seller does not take part any more (L7)
	Revoked = "revoked" // withdrawn by its publisher
	Blocked = "blocked" // stopped by the operator (F5)
)

// Link is an affiliate link.
type Link = store.Link

// Filter selects links; zero members select all.
type Filter = store.LinkFilter

// Wish is a link that somebody wants.
type Wish struct {
	Program    program.ID
	Publisher  string
	AdSpace    string // empty: the publisher's only one in the program
	TrackingID string // empty, or one of the ad space's
	// Target is what the link leads to: what it names, the address of the page, or both. Without an address the program's own for the
	// kind is taken; with an address and no kind it is what the address names: a product, a store, or that page.
	Target     link.Target
	Substitute link.Target // where the link leads when its target is gone (L7); zero: the program's home page
}

// Made is what became of a wish: a link, or the reason why there is none.
type Made struct {
	Link Link
	Err  error // a *field.Error
}

// MaxBulk is how many links one call makes at most.
const MaxBulk = 5000

// Service makes links.
type Service struct {
	store store.Store
	codes *link.Codes
	base  string
	now   func() time.Time
	facts facts.Cache
}

// New returns a service. Links begin with base, such as "https://s.example.com".
func New(s store.Store, codes *link.Codes, base string, now func() time.Time) *Service {
	return &Service{store: s, codes: codes, base: strings.TrimSuffix(base, "/"), now: now}
}

// URL is the address of a link, as publishers use it.
func (v *Service) URL(code string) string { return v.base + "/e/" + code }

// Make makes links, each wish by itself: one that cannot be granted is told why and does not hold the others up.
func (v *Service) Make(ctx context.Context, wishes []Wish) ([]Made, error) {
	if len(wishes) > MaxBulk {
		return nil, field.Wrong("links", "there are %d, and one call makes %d at most: split them, or import a file", len(wishes), MaxBulk)
	}
	var out []Made
	err := v.store.Update(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		out = make([]Made, len(wishes))
		var good []int
		now := v.now().UTC().Truncate(time.Microsecond)
		sites := make(map[program.ID]*link.Site)
		for i := range wishes {
			if out[i].Link, err = check(f, sites, wishes[i], now); err != nil {
				out[i] = Made{Err: err}
				continue
			}
			good = append(good, i)
		}
		if len(good) == 0 {
			return nil
		}
		first, err := tx.Platform().Links().Reserve(ctx, len(good))
		if err != nil {
			return err
		}
		fresh := make([]Link, len(good))
		for n, i := range good {
			l := &out[i].Link
			l.ID = first + int64(n)
			code, err := v.codes.Code(uint64(l.ID))
			if err != nil {
				return fmt.Errorf("making the code of link %d: %w", l.ID, err)
			}
			l.Code = code.String()
			fresh[n] = *l
		}
		return tx.Platform().Links().Put(ctx, fresh)
	})
	return out, err
}

// check grants a wish or says what is wrong with it.
func check(f *facts.Facts, sites map[program.ID]*link.Site, w Wish, now time.Time) (Link, error) {
	wrong := func(member, reason string, args ...any) (Link, error) {
		return Link{}, field.Wrong(member, reason, args...)
	}
	terms := f.Terms(w.Program, now)
	if terms == nil {
		return wrong("program", "there is no program %q, or none in force: take the id of one that you joined", w.Program)
	}
	space, reason := joined(f, w, now)
	if space == nil {
		return wrong("ad_space", "%s", reason)
	}
	if w.TrackingID != "" && !has(space.TrackingIDs, w.TrackingID) {
		return wrong("tracking_id", "%q is none of the ad space's: it has %s", w.TrackingID, list(space.TrackingIDs))
	}
	site := sites[w.Program]
	if site == nil {
		var err error
		if site, err = SiteOf(terms); err != nil {
			return wrong("program", "its landing site cannot be linked to: %v", err)
		}
		sites[w.Program] = site
	}
	target, err := place(terms, site, w.Target)
	if err != nil {
		return wrong("target", "%s", addressReason(err))
	}
	substitute := w.Substitute
	if substitute != (link.Target{}) {
		if substitute, err = place(terms, site, substitute); err != nil {
			return wrong("substitute", "%s", addressReason(err))
		}
	}
	return Link{
		Program: w.Program, Publisher: w.Publisher, AdSpace: space.ID, TrackingID: w.TrackingID, Target: target, Substitute: substitute, State: Live,
		CreatedAt: now, ChangedAt: now,
	}, nil
}

// place checks a target. One without an address gets the program's own for what it names, and one that names nothing is what its
// address says: without a kind it becomes the link to that product or store, or to that page.
func place(terms *program.Terms, site *link.Site, t link.Target) (link.Target, error) {
	if t.URL != "" && t.ID() == "" {
		kind, id, ok := terms.Tracking.Named(t.URL)
		switch {
		case t.Kind == 0 && ok:
			t = link.NewTarget(kind, id, t.URL)
		case t.Kind == 0:
			t.Kind = program.LinkPage
		case ok && (t.Kind == kind || t.Kind == program.LinkHot && kind == program.LinkProduct):
			t = link.NewTarget(t.Kind, id, t.URL)
		}
	}
	if t.URL == "" && t.Kind != program.LinkHome {
		id := t.ID()
		if id == "" {
			return t, fmt.Errorf("a link of kind %s needs what it leads to: give its id, or the address of the page", t.Kind)
		}
		var ok bool
		if t.URL, ok = terms.Tracking.Address(t.Kind, id); !ok {
			return t, fmt.Errorf("the program has no address for links of kind %s: give the address of the page", t.Kind)
		}
	}
	return deeplink.Target(site, t)
}

// SiteOf is where the links of a program may lead.
func SiteOf(t *program.Terms) (*link.Site, error) {
	return link.NewSite(t.Page.Hosts, t.Page.Site, t.Tracking.TokenParameter)
}

func addressReason(err error) string {
	var a *link.AddressError
	if errors.As(err, &a) {
		return a.Error()
	}
	return err.Error()
}

// joined is the ad space that a wish is for, or the reason why there is none (A4).
func joined(f *facts.Facts, w Wish, now time.Time) (*publisher.AdSpace, string) {
	if w.AdSpace == "" {
		var only *publisher.AdSpace
		for _, s := range f.AdSpaces {
			if s.Program == w.Program && s.Publisher == w.Publisher {
				if only != nil {
					return nil, "the publisher has several ad spaces in the program: name one"
				}
				only = s
			}
		}
		if only == nil {
			return nil, "the publisher has no ad space in the program: apply with one first"
		}
		w.AdSpace = only.ID
	}
	s := f.Space(w.Program, w.Publisher, w.AdSpace)
	switch {
	case s != nil && s.BlockedBy(now):
		return nil, fmt.Sprintf("%q is blocked in the program since %s", w.AdSpace, s.BlockedAt.Format(time.DateOnly))
	case s == nil || !s.JoinedAt(now):
		return nil, fmt.Sprintf("%q has not joined the program: links are made for ad spaces that have", w.AdSpace)
	}
	return s, ""
}

func has(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func list(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// ByCode returns the link of a code, or ErrNotFound.
func (v *Service) ByCode(ctx context.Context, code string) (l Link, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		l, err = v.byCode(ctx, tx, code)
		return err
	})
	return l, err
}

func (v *Service) byCode(ctx context.Context, tx store.Tx, code string) (Link, error) {
	missing := fmt.Errorf("link %.20q: %w", code, ErrNotFound)
	c, ok := link.ParseCode(code)
	if !ok {
		return Link{}, missing
	}
	id, ok := v.codes.ID(c)
	if !ok {
		return Link{}, missing
	}
	found, err := tx.Platform().Links().ByID(ctx, []int64{int64(id)})
	if err != nil {
		return Link{}, err
	}
	if len(found) == 0 {
		return Link{}, missing
	}
	return found[0], nil
}

// List returns a page of links, the newest first.
func (v *Service) List(ctx context.Context, f Filter, after string, limit int) (ls []Link, next string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		ls, next, err = tx.Platform().Links().Page(ctx, f, after, limit)
		return err
	})
	return ls, next, err
}

// SetState changes what a link is good for. A publisher, where one is named, changes its own links only, revokes live ones and
// revives what it revoked; to it other people's links do not exist.
func (v *Service) SetState(ctx context.Context, code, publisher, state string) (l Link, err error) {
	switch state {
	case Live, Dead, Revoked, Blocked:
	default:
		return l, field.Wrong("state", "%q is none: write live, dead, revoked or blocked", state)
	}
	err = v.store.Update(ctx, func(tx store.Tx) (err error) {
		if l, err = v.byCode(ctx, tx, code); err != nil {
			return err
		}
		if publisher != "" {
			if l.Publisher != publisher {
				return fmt.Errorf("link %.20q: %w", code, ErrNotFound)
			}
			if !(l.State == Live || l.State == Revoked) || !(state == Live || state == Revoked) {
				return field.Wrong("state", "the link is %s; a publisher revokes links and revives those that it revoked", l.State)
			}
		}
		if l.State == state {
			return nil
		}
		before := l.State
		l.State, l.ChangedAt = state, v.now().UTC().Truncate(time.Microsecond)
		if err := tx.Platform().Links().Put(ctx, []Link{l}); err != nil || publisher != "" {
			return err // what publishers do with their own links is theirs
		}
		return audit.Note(ctx, tx, l.ChangedAt, audit.Act{
			Action: "link." + state, Object: "link " + l.Code, Before: audit.Values{"state": before},
			After: audit.Values{"state": state, "publisher": l.Publisher, "program": string(l.Program)},
		})
	})
	return l, err
}
