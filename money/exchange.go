package money

import (
	"cmp"
	"fmt"
	"slices"
)

// Day is a calendar day in UTC as it is written in files: "2026-11-20". Days compare as strings do.
type Day string

// Exchange is a table of dated exchange rates. The zero value is empty. Add everything first, then look rates up.
type Exchange struct {
	pairs map[pair][]quote
}

type pair struct{ base, quote Currency }

type quote struct {
	day  Day
	rate Rate
}

// MissingRateError says that no exchange rate is known on or before a day.
type MissingRateError struct {
	Base, Quote Currency
	Day         Day
}

func (e *MissingRateError) Error() string {
	return fmt.Sprintf("no exchange rate from %s to %s on or before %s; add one with that or an earlier date", e.Base, e.Quote, e.Day)
}

// Add enters that one unit of base was worth rate units of quote on a day. The same rate may be added again; another rate
// for the same day is an error.
func (x *Exchange) Add(day Day, base, quoted Currency, rate Rate) error {
	if rate.IsZero() {
		return fmt.Errorf("the exchange rate from %s to %s on %s is zero", base, quoted, day)
	}
	if x.pairs == nil {
		x.pairs = make(map[pair][]quote)
	}
	p := pair{base, quoted}
	i, found := slices.BinarySearchFunc(x.pairs[p], day, func(q quote, d Day) int { return cmp.Compare(q.day, d) })
	if found {
		if was := x.pairs[p][i].rate; was.Cmp(rate) != 0 {
			return fmt.Errorf("two exchange rates from %s to %s on %s: %v and %v", base, quoted, day, was, rate)
		}
		return nil
	}
	x.pairs[p] = slices.Insert(x.pairs[p], i, quote{day, rate})
	return nil
}

// On returns the last rate on or before a day, with the day it is of. Between a currency and itself it is 1, on any day.
// Only rates that were added in this direction are used: an inverse would be rounded (C10).
func (x *Exchange) On(day Day, base, quoted Currency) (Rate, Day, error) {
	if base == quoted {
		return One(), day, nil
	}
	qs := x.pairs[pair{base, quoted}]
	i, found := slices.BinarySearchFunc(qs, day, func(q quote, d Day) int { return cmp.Compare(q.day, d) })
	if !found {
		i--
	}
	if i < 0 {
		return Rate{}, "", &MissingRateError{base, quoted, day}
	}
	return qs[i].rate, qs[i].day, nil
}
