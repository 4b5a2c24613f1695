package joining

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// Membership is an ad space in a program.
type Membership struct {
	Program   program.ID
	Place     string // id of the ad space
	Traffic   program.TrafficType
	Since     time.Time
	BlockedAt time.Time // zero: it is not blocked
	// CheckUntil is when the traffic check ends or ended (A5); zero: the program has none.
	CheckUntil time.Time
	// InCheck says that it runs: hot rates and, where the program says so, non-affiliate products earn nothing meanwhile.
	InCheck bool
}

// Memberships are the programs that a publisher's ad space joined, by program; without an id, those of all its ad spaces.
func (v *Service) Memberships(ctx context.Context, publisher, place string) (all []Membership, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		all = nil
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		all = members(f, publisher, place, v.now())
		return nil
	})
	return all, err
}

func members(f *facts.Facts, publisher, place string, now time.Time) (all []Membership) {
	for _, s := range f.AdSpaces {
		if s.Publisher != publisher || place != "" && s.ID != place {
			continue
		}
		m := Membership{Program: s.Program, Place: s.ID, Traffic: s.TrafficType, Since: s.ApprovedAt, BlockedAt: s.BlockedAt}
		if t := f.Terms(s.Program, now); t != nil && t.Settlement.TrafficCheck > 0 {
			m.CheckUntil = s.ApprovedAt.Add(t.Settlement.TrafficCheck)
			m.InCheck = s.InTrafficCheck(now, t.Settlement.TrafficCheck)
		}
		all = append(all, m)
	}
	return all
}

// Dossier is what a reviewer looks at beside an application (A2).
type Dossier struct {
	Application Application
	Place       Place
	Name        string                // of the publisher's organisation; empty: it has none here
	Profile     store.Profile         // what the publisher says of itself (A1)
	Rank        int                   // the publisher's affiliate ranking; 0: it has none
	Policy      program.Policy        // the program's for the ad space's traffic type (A3)
	Reasons     []string              // with which the program declines
	UpTo        int                   // ranks up to this are accepted at once; 0: none
	Earlier     []Application         // the publisher's other applications, the newest first; 20 at the most
	Held        []program.TrafficType // of its ad spaces that joined a program
	Joined      []Membership          // the programs that this ad space joined, with their traffic checks (A5)
	Second      bool                  // the ad space has another traffic type than those, so support must agree first (A6)
}

// Dossier returns what there is to know of an application.
func (v *Service) Dossier(ctx context.Context, id int64) (*Dossier, error) {
	d := &Dossier{}
	err := v.store.View(ctx, func(tx store.Tx) (err error) {
		*d = Dossier{}
		role := tx.Platform().Joining()
		if d.Application, err = role.Application(ctx, id); err != nil {
			return err
		}
		if d.Place, err = find(ctx, tx, d.Application.Publisher, d.Application.Place); err != nil {
			return err
		}
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		if t := f.Terms(d.Application.Program, v.now()); t != nil {
			d.Policy, d.Reasons, d.UpTo = t.Traffic.For(d.Place.TrafficType), t.Joining.DeclineReasons, t.Joining.RankingUpTo
		}
		d.Joined = members(f, d.Application.Publisher, d.Application.Place, v.now())
		for _, s := range f.AdSpaces {
			if s.Publisher == d.Application.Publisher && s.JoinedAt(v.now()) && !slices.Contains(d.Held, s.TrafficType) {
				d.Held = append(d.Held, s.TrafficType)
			}
		}
		slices.Sort(d.Held)
		switch o, err := organisation(ctx, tx, d.Application.Publisher); {
		case err == nil:
			d.Name, d.Profile = o.Name, o.Profile
		case !errors.Is(err, ErrNotFound):
			return err
		}
		d.Second = len(d.Held) > 0 && !slices.Contains(d.Held, d.Place.TrafficType)
		all, _, err := role.Applications(ctx, Filter{Publisher: d.Application.Publisher}, "", 21)
		for _, a := range all {
			if a.ID != id && len(d.Earlier) < 20 {
				d.Earlier = append(d.Earlier, a)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if d.Rank, err = v.rank(ctx, d.Application.Program, d.Application.Publisher); err != nil {
		return nil, fmt.Errorf("asking for the ranking of %q: %w", d.Application.Publisher, err)
	}
	return d, nil
}
