package seller

import (
	"fmt"
	"time"

	"github.com/clickledger/clickledger/money"
)

// Offer is a rate that a seller set for a time, for the whole store or for one product (S2). An offer that began is never changed but
// for its end, and that only to a time to come: so the rate of a past order is always found again.
type Offer struct {
	Rate     money.Rate
	From, To time.Time // To is exclusive; zero: open
	Campaign string    // the campaign's name; empty: it is the standing rate
}

// At reports whether the offer is in force at a time.
func (o *Offer) At(t time.Time) bool {
	return !t.Before(o.From) && (o.To.IsZero() || t.Before(o.To))
}

// State is how far the offer has come at a time: upcoming, running or over.
func (o *Offer) State(at time.Time) string {
	switch {
	case at.Before(o.From):
		return "upcoming"
	case o.At(at):
		return "running"
	}
	return "over"
}

// LowerNotice is how long before its beginning a lower rate must be announced: publishers who promote the store at the higher one
// have that long to react.
const LowerNotice = 7 * 24 * time.Hour

// MaxCampaign is how long a campaign may last.
const MaxCampaign = 366 * 24 * time.Hour

// offerAt returns the first offer of a kind in force at a time, or nil.
func offerAt(offers []Offer, t time.Time, campaign bool) *Offer {
	for i := range offers {
		if o := &offers[i]; (o.Campaign != "") == campaign && o.At(t) {
			return o
		}
	}
	return nil
}

// CampaignOf returns the first campaign among offers in force at a time, or nil.
func CampaignOf(offers []Offer, t time.Time) *Offer { return offerAt(offers, t, true) }

// StandingOf returns the standing rate among offers in force at a time, or nil.
func StandingOf(offers []Offer, t time.Time) *Offer { return offerAt(offers, t, false) }

// Out reports whether the store is known not to take part at a time; then what it set counts for nothing (S1).
func (s *Store) Out(t time.Time) bool {
	takesPart, known := s.ParticipatesAt(t)
	return known && !takesPart
}

// RateAt returns the store's standing rate at a time: the one that the seller set, else the one that was reported, else nil (S2).
func (s *Store) RateAt(t time.Time) *money.Rate {
	if s == nil {
		return nil
	}
	if o := StandingOf(s.Offers, t); o != nil {
		return &o.Rate
	}
	return s.Rate
}

// Dawn is the time at which a day has begun in every zone: the day of a seller whose store is in programs of several zones. Without
// zones it is the midnight of UTC.
func Dawn(day time.Time, zones []*time.Location) time.Time {
	y, m, d := day.Date()
	dawn := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for i, z := range zones {
		if at := time.Date(y, m, d, 0, 0, 0, 0, z).UTC(); i == 0 || at.After(dawn) {
			dawn = at
		}
	}
	return dawn
}

// NextDay is when the day of now has ended in every zone. What a seller changes takes effect then at the earliest (S1, S2).
func NextDay(now time.Time, zones []*time.Location) time.Time {
	if len(zones) == 0 {
		zones = []*time.Location{time.UTC}
	}
	var next time.Time
	for _, z := range zones {
		y, m, d := now.In(z).Date()
		if at := time.Date(y, m, d+1, 0, 0, 0, 0, z).UTC(); at.After(next) {
			next = at
		}
	}
	return next
}

// Change is a plan for the offers of one store or one product of it: those to keep or to enter, and those to take away, which never
// began. Both are empty where nothing changes.
type Change struct{ Put, Drop []Offer }

// A RuleError says which rule of sellers' rates a change breaks, and from when on it would be allowed.
type RuleError struct {
	Reason   string
	Earliest time.Time // zero: at no time
}

// Error is the reason.
func (e *RuleError) Error() string { return e.Reason }

// SetRate plans a standing rate from a time on, in the place of what was planned for after it. rate nil ends the seller's own
// rate, so that the one beneath it counts: below is that of the store for a product, or the reported one. First is the earliest
// time at which changes take effect. A rate below the one that is in force then needs LowerNotice (S2).
func SetRate(offers []Offer, below, rate *money.Rate, from, now, first time.Time) (Change, error) {
	var c Change
	if from.Before(first) {
		return c, &RuleError{fmt.Sprintf("a rate takes effect on the next day at the earliest, at %s", stamp(first)), first}
	}
	was := below
	if o := StandingOf(offers, from); o != nil {
		was = &o.Rate
	}
	becomes := below
	if rate != nil {
		becomes = rate
	}
	notice := now.Add(LowerNotice)
	if was != nil && (becomes == nil || becomes.Cmp(*was) < 0) && from.Before(notice) {
		return c, &RuleError{fmt.Sprintf("a rate below %v %% needs %d days of notice: it may take effect from %s on", *was, int(LowerNotice.Hours()/24), stamp(notice)), notice}
	}
	for _, o := range offers {
		if o.Campaign != "" {
			continue
		}
		switch {
		case !o.From.Before(from):
			if rate == nil || !o.From.Equal(from) {
				c.Drop = append(c.Drop, o)
			}
		case o.To.IsZero() || o.To.After(from):
			o.To = from
			c.Put = append(c.Put, o)
		}
	}
	if rate != nil {
		c.Put = append(c.Put, Offer{Rate: *rate, From: from})
	}
	return c, nil
}

// SetCampaign plans a campaign. Two campaigns of one store or product may not overlap, and a campaign must pay more than the
// standing rate, below, pays at its beginning (S2).
func SetCampaign(offers []Offer, below *money.Rate, name string, rate money.Rate, from, to, first time.Time) (Change, error) {
	var c Change
	switch {
	case from.Before(first):
		return c, &RuleError{fmt.Sprintf("a campaign begins on the next day at the earliest, at %s", stamp(first)), first}
	case !from.Before(to):
		return c, &RuleError{"a campaign ends after it began", time.Time{}}
	case to.Sub(from) > MaxCampaign:
		return c, &RuleError{"a campaign lasts a year at the most: set the standing rate instead", time.Time{}}
	case below != nil && rate.Cmp(*below) <= 0:
		return c, &RuleError{fmt.Sprintf("a campaign pays more than the rate of %v %% that stands without it", *below), time.Time{}}
	}
	for _, o := range offers {
		if o.Campaign != "" && o.From.Before(to) && (o.To.IsZero() || from.Before(o.To)) {
			return c, &RuleError{fmt.Sprintf("it overlaps with the campaign %q from %s to %s", o.Campaign, stamp(o.From), stamp(o.To)), o.To}
		}
	}
	c.Put = []Offer{{Rate: rate, From: from, To: to, Campaign: name}}
	return c, nil
}

// EndCampaign plans the end of a campaign: one that has not begun is taken away, one that runs ends after LowerNotice, on a day's
// beginning, or on its own end where that is sooner (S2). One that is over is a RuleError.
func EndCampaign(offers []Offer, name string, from, now time.Time, zones []*time.Location) (Change, error) {
	var c Change
	for _, o := range offers {
		if o.Campaign != name || !o.From.Equal(from) || name == "" {
			continue
		}
		switch {
		case now.Before(o.From):
			c.Drop = append(c.Drop, o)
		case !o.To.IsZero() && !now.Before(o.To):
			return c, &RuleError{"the campaign is over", time.Time{}}
		default:
			if end := NextDay(now.Add(LowerNotice), zones); o.To.IsZero() || end.Before(o.To) {
				o.To = end
				c.Put = append(c.Put, o)
			}
		}
		return c, nil
	}
	return c, &RuleError{"there is no such campaign", time.Time{}}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
