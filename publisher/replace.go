package publisher

import (
	"fmt"
	"slices"
)

// ClashError says that an ad space does not fit to the others: which one of those that come in, or -1 where two that are there
// already contradict each other, and which of its coupon codes is tied to another one.
type ClashError struct {
	Index  int // in what comes in, from 0; -1: none of it
	Coupon int // index of the code in the ad space's list
	Space  *AdSpace
	Other  *AdSpace // the ad space that has the code already
}

func (e *ClashError) Error() string {
	return fmt.Sprintf("coupon code %q of program %q is tied to ad space %q of publisher %q already", e.Space.Coupons[e.Coupon], e.Space.Program, e.Other.ID, e.Other.Publisher)
}

// Replaced returns the ad spaces that there are after some have come in: each replaces the one of the same program, publisher and
// id, of several the last counts. A coupon code that would be tied to two ad spaces of a program is a *ClashError (T1).
func Replaced(kept, coming []*AdSpace) ([]*AdSpace, error) {
	last := make(map[spaceKey]int, len(coming))
	for i, s := range coming {
		last[keyOf(s)] = i
	}
	type entry struct {
		*AdSpace
		index int
	}
	entries := make([]entry, 0, len(kept)+len(last))
	for _, s := range kept {
		if _, gone := last[keyOf(s)]; !gone {
			entries = append(entries, entry{s, -1})
		}
	}
	for i, s := range coming {
		if last[keyOf(s)] == i {
			entries = append(entries, entry{s, i})
		}
	}
	tied := make(map[couponKey]*AdSpace)
	all := make([]*AdSpace, 0, len(entries))
	for _, e := range entries {
		for n, code := range e.Coupons {
			k := couponKey{e.Program, code}
			if o := tied[k]; o != nil && o != e.AdSpace {
				return nil, &ClashError{e.index, n, e.AdSpace, o}
			}
			tied[k] = e.AdSpace
		}
		all = append(all, e.AdSpace)
	}
	return slices.Clip(all), nil
}

func keyOf(s *AdSpace) spaceKey { return spaceKey{s.Program, s.Publisher, s.ID} }
