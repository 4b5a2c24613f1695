// Package subnetworks is publishers under a publisher (A8): a subnetwork enters its sub-publishers, sends their traffic under their
// names, and sees what each brought and what part of each payout is theirs. The operator can block one of them.
//
// A sub-publisher has no account of its own. In each program that its parent, an ad space of the subnetwork, joined, an ad space of the
// subnetwork stands for it, under its id and under the parent's rules (publisher.Inherit). So links, clicks, decisions and reports
// tell it apart as they do with ad spaces, and the money is the subnetwork's.
package subnetworks

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/audit"
	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/table"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Sub is a sub-publisher.
type Sub = store.SubPublisher

// What services return.
var (
	ErrNotFound = store.ErrNotFound
	ErrConflict = store.ErrConflict
)

// Service keeps sub-publishers.
type Service struct {
	store store.Store
	now   func() time.Time
	facts facts.Cache
}

// New returns a service over a store.
func New(s store.Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

func (v *Service) at() time.Time { return v.now().UTC().Truncate(time.Microsecond) }

// update runs do as the only one that changes facts.
func (v *Service) update(ctx context.Context, do func(tx store.Tx, f *facts.Facts) error) error {
	return v.store.Update(ctx, func(tx store.Tx) error {
		// No program has an empty name, so this waits for other changes of facts and for no settling.
		if err := tx.Orders().Lock(ctx, ""); err != nil {
			return fmt.Errorf("waiting for other changes of facts: %w", err)
		}
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		return do(tx, f)
	})
}

// parents are the ad spaces of a publisher that are subnetworks, with the programs that they joined.
func parents(f *facts.Facts, of string) map[string][]program.ID {
	found := make(map[string][]program.ID)
	for _, s := range f.AdSpaces {
		if s.Publisher == of && s.Parent == "" && s.TrafficType == program.Subnetwork {
			found[s.ID] = append(found[s.ID], s.Program)
		}
	}
	return found
}

// Parents are the ad spaces of a publisher that may have sub-publishers, ordered.
func (v *Service) Parents(ctx context.Context, of string) (ids []string, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		ids = nil
		for id := range parents(f, of) {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return nil
	})
	return ids, err
}

// List returns the sub-publishers of a publisher, by id.
func (v *Service) List(ctx context.Context, of string) (subs []Sub, err error) {
	err = v.store.View(ctx, func(tx store.Tx) (err error) {
		subs, err = tx.Platform().Joining().SubPublishers(ctx, of)
		return err
	})
	return subs, err
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// check says what is wrong with a description, and writes its site in one way.
func check(s *Sub) error {
	if !idPattern.MatchString(s.ID) {
		return field.Wrong("id", "%.70q is none: use up to 64 letters, digits, dots, hyphens and underscores, such as site-17", s.ID)
	}
	if s.Name = strings.TrimSpace(s.Name); s.Name == "" || len(s.Name) > 200 {
		return field.Wrong("name", "give a name of up to 200 characters")
	}
	u, err := url.Parse(strings.TrimSpace(s.Site))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || len(s.Site) > 1000 {
		return field.Wrong("site", "%.80q is no public address: it begins with https:// and a host, such as https://blog.example/", s.Site)
	}
	u.Fragment, u.Host = "", strings.ToLower(u.Host)
	s.Site = u.String()
	if s.TrafficType == 0 {
		return field.Wrong("traffic_type", "it is missing: say how the sub-publisher brings visitors")
	}
	if len(s.Note) > 2000 {
		return field.Wrong("note", "it has %d characters, and 2,000 are the most", len(s.Note))
	}
	return nil
}

// Enter enters sub-publishers or changes what was said of them, all or none. What cannot be kept is a *field.Error; a block stays.
func (v *Service) Enter(ctx context.Context, of string, subs ...Sub) error {
	for i := range subs {
		if err := v.checked(&subs[i], of); err != nil {
			return err
		}
	}
	return v.update(ctx, func(tx store.Tx, f *facts.Facts) error { return v.enter(ctx, tx, f, of, subs) })
}

func (v *Service) checked(s *Sub, of string) error {
	if of == "" {
		return field.Wrong("publisher", "it is missing")
	}
	s.Publisher = of
	return check(s)
}

func (v *Service) enter(ctx context.Context, tx store.Tx, f *facts.Facts, of string, subs []Sub) error {
	above := parents(f, of)
	known, err := tx.Platform().Joining().SubPublishers(ctx, of)
	if err != nil {
		return err
	}
	places, err := tx.Platform().Joining().Places(ctx, of)
	if err != nil {
		return err
	}
	now := v.at()
	var spaces []*publisher.AdSpace
	var acts []audit.Act
	for i := range subs {
		s := &subs[i]
		joined := above[s.Parent]
		if joined == nil {
			return field.Wrong("parent", "%.70q is no ad space of the traffic type subnetwork that joined a program: name one that did", s.Parent)
		}
		if slices.ContainsFunc(places, func(p store.Place) bool { return p.ID == s.ID }) {
			return field.Wrong("id", "%.70q is an ad space of your own: take another id", s.ID)
		}
		s.CreatedAt, s.BlockedAt, s.BlockedBy, s.Reason = now, time.Time{}, "", ""
		if n := slices.IndexFunc(known, func(k Sub) bool { return k.ID == s.ID }); n >= 0 {
			k := known[n]
			if k.Parent != s.Parent {
				return field.Wrong("parent", "the sub-publisher works under %.70q: what it sold stays there, so enter it under another id", k.Parent)
			}
			s.CreatedAt, s.BlockedAt, s.BlockedBy, s.Reason = k.CreatedAt, k.BlockedAt, k.BlockedBy, k.Reason
		}
		for _, p := range joined {
			was := f.Space(p, of, s.ID)
			switch {
			case was == nil:
				spaces = append(spaces, &publisher.AdSpace{ID: s.ID, Publisher: of, Program: p, TrafficType: program.Subnetwork, ApprovedAt: now, BlockedAt: s.BlockedAt, Parent: s.Parent})
			case was.Parent != s.Parent:
				return field.Wrong("id", "%.70q is an ad space of your own: take another id", s.ID)
			}
		}
		acts = append(acts, audit.Act{Action: "sub_publisher.entered", Object: "sub-publisher " + of + " " + s.ID, After: audit.Values{"name": s.Name, "site": s.Site, "parent": s.Parent}})
	}
	if err := tx.Platform().Joining().PutSubPublishers(ctx, subs); err != nil {
		return err
	}
	if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
		return err
	}
	return audit.Note(ctx, tx, now, acts...)
}

// Block stops a sub-publisher: its clicks are invalid from now on (T6, F5). The subnetwork and its other publishers go on. The reason is
// shown to the subnetwork. One that is blocked is ErrConflict.
func (v *Service) Block(ctx context.Context, of, id, reason, by string) error {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > 2000 {
		return field.Wrong("reason", "say why, in up to 2,000 characters: the subnetwork reads it")
	}
	return v.set(ctx, of, id, by, func(s *Sub, at time.Time) error {
		if !s.BlockedAt.IsZero() {
			return fmt.Errorf("sub-publisher %q is blocked already: %w", id, ErrConflict)
		}
		s.BlockedAt, s.BlockedBy, s.Reason = at, by, reason
		return nil
	})
}

// Unblock lets the clicks of a sub-publisher count again from now on; those in between were judged and stay invalid. One that is not
// blocked is ErrConflict.
func (v *Service) Unblock(ctx context.Context, of, id, by string) error {
	return v.set(ctx, of, id, by, func(s *Sub, _ time.Time) error {
		if s.BlockedAt.IsZero() {
			return fmt.Errorf("sub-publisher %q is not blocked: %w", id, ErrConflict)
		}
		s.BlockedAt, s.BlockedBy, s.Reason = time.Time{}, "", ""
		return nil
	})
}

func (v *Service) set(ctx context.Context, of, id, by string, do func(s *Sub, at time.Time) error) error {
	if by == "" {
		return field.Wrong("by", "it is missing: blocks have a name")
	}
	return v.update(ctx, func(tx store.Tx, _ *facts.Facts) error {
		subs, err := tx.Platform().Joining().SubPublishers(ctx, of)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(subs, func(s Sub) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("sub-publisher %.70q: %w", id, ErrNotFound)
		}
		s, now := &subs[i], v.at()
		why, action := s.Reason, "sub_publisher.unblocked"
		if err := do(s, now); err != nil {
			return err
		}
		if !s.BlockedAt.IsZero() {
			why, action = s.Reason, "sub_publisher.blocked"
		}
		if err := tx.Platform().Joining().PutSubPublishers(ctx, subs[i:i+1]); err != nil {
			return err
		}
		kept, err := tx.Facts().AdSpaces(ctx) // as they are kept, without what they inherit
		if err != nil {
			return err
		}
		var spaces []*publisher.AdSpace
		for _, a := range kept {
			if a.Publisher == of && a.ID == id && a.Parent != "" {
				a.BlockedAt = s.BlockedAt
				spaces = append(spaces, a)
			}
		}
		if err := tx.Facts().PutAdSpaces(ctx, spaces); err != nil {
			return err
		}
		return audit.Note(ctx, tx, now, audit.Act{Action: action, Object: "sub-publisher " + of + " " + id, Reason: why, After: audit.Values{"by": by}})
	})
}

// maxLines is how many sub-publishers one file enters.
const maxLines = 10_000

// Import enters the sub-publishers of a file of CSV with the columns id, parent, name, site, traffic_type and note, all or none. It
// returns how many it took; lines that cannot be taken are a *field.FileError.
func (v *Service) Import(ctx context.Context, of string, in io.Reader) (int, error) {
	form := table.Form{Columns: []string{"id", "parent", "name", "site", "traffic_type", "note"}, Needed: [][]string{{"id"}}, Most: maxLines}
	var subs []Sub
	var lines []int
	err := form.Read(in, func(r *table.Row, wrong error) error {
		if wrong != nil {
			return wrong
		}
		s := Sub{ID: r.Get("id"), Parent: r.Get("parent"), Name: r.Get("name"), Site: r.Get("site"), Note: r.Get("note")}
		if t, err := program.ParseTrafficType(r.Get("traffic_type")); err == nil {
			s.TrafficType = t // otherwise it is missing
		}
		err := v.checked(&s, of)
		subs, lines = append(subs, s), append(lines, r.Line)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = v.update(ctx, func(tx store.Tx, f *facts.Facts) error {
		var bad field.Lines
		for i := range subs {
			full, err := bad.Add(lines[i], v.enter(ctx, tx, f, of, subs[i:i+1]))
			if err != nil {
				return err
			}
			if full {
				break
			}
		}
		return bad.Err()
	})
	if err != nil {
		return 0, err
	}
	return len(subs), nil
}
