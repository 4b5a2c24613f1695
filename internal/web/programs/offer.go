package programs

import (
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/program"
)

// offer is what a program's page says to the publisher who looks at it: how it joins, and what is like it.
type offer struct {
	rank    int // the publisher's, in the affiliate ranking (A9); 0: none yet
	spaces  []spaceOffer
	similar []program.Likeness
	may     bool
	joined  bool
}

// spaceOffer is an ad space of the publisher beside the program.
type spaceOffer struct {
	place  joining.Place
	policy program.Policy // for its traffic type
	state  string         // of its newest application; "joined" where it is in the program without one; empty: it did not apply
	reason string
}

// similarMost is how many similar programs a page names.
const similarMost = 4

func (p *Pages) offer(r *page.Request, terms *program.Terms) (*offer, error) {
	mine := r.Viewer.Organisation.Publisher
	o := &offer{may: r.Viewer.Can(people.ManageSpaces), similar: terms.Similar(p.terms(r))}
	o.similar = o.similar[:min(len(o.similar), similarMost)]
	if mine == "" {
		return o, nil
	}
	ranking, err := p.Reports.Ranking(r.Context())
	if err != nil {
		return nil, err
	}
	o.rank = ranking.Of(mine)
	places, err := p.Joining.Places(r.Context(), mine)
	if err != nil {
		return nil, err
	}
	applications, _, err := p.Joining.Applications(r.Context(), joining.Filter{Publisher: mine, Program: terms.Program}, "", 200)
	if err != nil {
		return nil, err
	}
	for _, x := range places {
		s := spaceOffer{place: x, policy: terms.Traffic.For(x.TrafficType)}
		if i := slices.IndexFunc(applications, func(a joining.Application) bool { return a.Place == x.ID }); i >= 0 { // the newest first
			s.state, s.reason = applications[i].State, applications[i].Reason
		}
		members, err := p.Joining.Memberships(r.Context(), mine, x.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(members, func(m joining.Membership) bool { return m.Program == terms.Program }) {
			s.state, o.joined = joining.Approved, true
		}
		o.spaces = append(o.spaces, s)
	}
	return o, nil
}

// open says that an ad space can apply now.
func (s *spaceOffer) open() bool {
	return !s.place.VerifiedAt.IsZero() && s.policy != program.Forbidden && (s.state == "" || s.state == joining.Declined)
}

// row is what a category earns, from returning and from new buyers.
type row struct{ category, returning, fresh string }

// matrix is the rate card by category (C1, C7): what a rate step for all delivers, before sellers' own rates and the like. newFor are
// the traffic types that new buyers count for; none: all, or there is no such rate.
func matrix(t *text.Texts, terms *program.Terms) (rows []row, newFor []string) {
	var fresh *program.RateStep
	var usual []*program.RateStep
	for i := range terms.Rates.Steps {
		switch s := &terms.Rates.Steps[i]; s.Kind {
		case program.StepNewBuyer:
			fresh = s
			for _, k := range s.TrafficTypes {
				newFor = append(newFor, text.Name(t.Programs.TrafficTypes, k.String()))
			}
		case program.StepCategory, program.StepDefault:
			usual = append(usual, s)
		}
	}
	rate := func(category string) row {
		x := row{category: strings.ReplaceAll(category, "_", " "), returning: "–", fresh: "–"}
		if category == "" {
			x.category = t.Programs.AllOthers
		}
		for _, s := range usual {
			if r, ok := s.RateOf(category); ok {
				x.returning = t.Percent(r.String())
				break
			}
		}
		x.fresh = x.returning
		if fresh != nil {
			if r, ok := fresh.RateOf(category); ok {
				x.fresh = t.Percent(r.String())
			}
		}
		return x
	}
	for _, c := range terms.CategoryNames() {
		rows = append(rows, rate(c))
	}
	return append(rows, rate("")), newFor
}

// kinds are the traffic types with what the program makes of each, the allowed ones first (A3).
func kinds(terms *program.Terms) []program.TrafficType {
	all := program.TrafficTypes()
	slices.SortStableFunc(all, func(a, b program.TrafficType) int { return int(terms.Traffic.For(b)) - int(terms.Traffic.For(a)) })
	return all
}

func policyTone(p program.Policy) string {
	switch p {
	case program.Allowed:
		return "tone-good"
	case program.NeedsApproval:
		return "tone-warn"
	}
	return "tone-bad"
}

// why says what a similar program has in common with this one, in words (P6).
func why(t *text.Texts, l *program.Likeness) string {
	var parts []string
	if n := len(l.Countries); n > 0 {
		parts = append(parts, t.Offer.Countries(int64(n)))
	} else if l.Everywhere {
		parts = append(parts, t.Offer.Everywhere)
	}
	if n := len(l.Categories); n > 0 {
		parts = append(parts, t.Offer.Categories(int64(n)))
	}
	if n := len(l.NearRates); n > 0 {
		parts = append(parts, t.Offer.Near(int64(n)))
	}
	return strings.Join(parts, " · ")
}
