package publisher

import "time"

// Inherit returns ad spaces as they count: one that stands for a sub-publisher is under the rules of its parent, the subnetwork's own ad
// space, whatever it says of itself (A8). It has the parent's traffic type, so that no hot rate and no non-affiliate commission reaches
// it; it joined no earlier than the parent, and is blocked when the parent is (F5). What was given is not changed.
func Inherit(spaces []*AdSpace) []*AdSpace {
	byKey := make(map[spaceKey]*AdSpace, len(spaces))
	for _, s := range spaces {
		byKey[keyOf(s)] = s
	}
	out := make([]*AdSpace, len(spaces))
	for i, s := range spaces {
		out[i] = s
		above := byKey[spaceKey{s.Program, s.Publisher, s.Parent}]
		if s.Parent == "" || above == nil || above == s {
			continue
		}
		one := *s
		one.TrafficType = above.TrafficType
		one.ApprovedAt = later(s.ApprovedAt, above.ApprovedAt)
		if s.BlockedAt.IsZero() || !above.BlockedAt.IsZero() && above.BlockedAt.Before(s.BlockedAt) {
			one.BlockedAt = above.BlockedAt
		}
		out[i] = &one
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
