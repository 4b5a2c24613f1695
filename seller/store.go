// Package seller holds the stores of the marketplace: whether they take part, and the rates that they set (S1-S2).
package seller

import (
	"errors"
	"fmt"
	"time"

	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Store is a seller's store.
type Store struct {
	ID      string
	Name    string
	Lists   []string    // the names of the program's store lists that the store is on
	Rate    *money.Rate // the rate the seller set for the whole store, percent; nil: none (S2)
	Periods []Period    // when the store took part, in order; none: participation is said product by product
	// Offers are the rates and campaigns that the seller set here for the whole store (S2). The store keeps them apart from what is
	// reported of the seller, and gives them along with it.
	Offers []Offer `json:",omitempty"`
}

// Period is a time of taking part, To exclusive; a zero To is open.
type Period struct{ From, To time.Time }

// OnList reports whether the store is on a list. A nil store is on none.
func (s *Store) OnList(name string) bool {
	if s == nil {
		return false
	}
	for _, l := range s.Lists {
		if l == name {
			return true
		}
	}
	return false
}

// ParticipatesAt reports whether the store took part at a time, where known says that its periods are recorded at all.
func (s *Store) ParticipatesAt(t time.Time) (takesPart, known bool) {
	if s == nil || len(s.Periods) == 0 {
		return false, false
	}
	for _, p := range s.Periods {
		if !t.Before(p.From) && (p.To.IsZero() || t.Before(p.To)) {
			return true, true
		}
	}
	return false, true
}

// RejoinPause is how long a store that left stays out before it may join again.
const RejoinPause = 30 * 24 * time.Hour

// Join returns the store's periods with one that begins at now. A store that left may join again RejoinPause after its
// last period ended (S1).
func (s *Store) Join(now time.Time) ([]Period, error) {
	if n := len(s.Periods); n > 0 {
		last := s.Periods[n-1]
		if last.To.IsZero() || last.To.After(now) {
			return nil, errors.New("the store takes part already")
		}
		if again := last.To.Add(RejoinPause); now.Before(again) {
			return nil, fmt.Errorf("the store left on %s and may join again from %s on", last.To.Format(time.DateOnly), again.Format(time.DateOnly))
		}
	}
	return append(s.Periods[:len(s.Periods):len(s.Periods)], Period{From: now}), nil
}

// Leave returns the store's periods with the open one ended at the next midnight of the program's zone: a seller leaves
// with notice, so that links that were clicked today still pay (S1).
func (s *Store) Leave(now time.Time, zone *time.Location) ([]Period, error) {
	n := len(s.Periods)
	if n == 0 || !s.Periods[n-1].To.IsZero() {
		return nil, errors.New("the store does not take part, so it cannot leave")
	}
	periods := append([]Period(nil), s.Periods...)
	y, m, d := now.In(zone).Date()
	periods[n-1].To = time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
	return periods, nil
}

// CheckRate reports whether a seller may set a rate in a program: it must lie in the range of the program's market steps
// (S2). A program without such a step leaves rates to 0-100 %.
func CheckRate(terms *program.Terms, rate money.Rate) error {
	lo, hi := money.MustRate("0"), money.MustRate("100")
	for _, s := range terms.Rates.Steps {
		if s.Kind == program.StepMarket {
			lo, hi = s.Min, s.Max
		}
	}
	if rate.Cmp(lo) < 0 || rate.Cmp(hi) > 0 {
		return fmt.Errorf("a rate of %v %% is outside the range of program %s: %v %% to %v %%", rate, terms.Program, lo, hi)
	}
	return nil
}
