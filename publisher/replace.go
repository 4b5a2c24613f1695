package publisher

import "fmt"

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

// CheckReplace says whether some ad spaces may come in: each replaces the one of the same program, publisher and id, of several the
// last counts. A coupon code that would be tied to two ad spaces of a program is a *ClashError (T1).
func CheckReplace(kept, coming []*AdSpace) error {
	last := make(map[spaceKey]int, len(coming))
	for i, s := range coming {
		last[keyOf(s)] = i
	}
	tied := make(map[couponKey]*AdSpace)
	tie := func(s *AdSpace, index int) error {
		for n, code := range s.Coupons {
			k := couponKey{s.Program, code}
			if o := tied[k]; o != nil && o != s {
				return &ClashError{index, n, s, o}
			}
			tied[k] = s
		}
		return nil
	}
	for _, s := range kept {
		if _, gone := last[keyOf(s)]; gone {
			continue
		}
		if err := tie(s, -1); err != nil {
			return err
		}
	}
	for i, s := range coming {
		if last[keyOf(s)] != i {
			continue
		}
		if err := tie(s, i); err != nil {
			return err
		}
	}
	return nil
}

func keyOf(s *AdSpace) spaceKey { return spaceKey{s.Program, s.Publisher, s.ID} }
