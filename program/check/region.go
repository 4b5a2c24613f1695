package check

import "math/bits"

// The conflict checker asks which items a rule can still meet after the rules before it. It answers exactly: a rule is a
// box, one set of possibilities for each thing it asks about, and boxes are subtracted from each other.

// set is a set of small numbers.
type set []uint64

func fullSet(n int) set {
	s := make(set, (n+63)/64)
	for i := range n {
		s.add(i)
	}
	return s
}

func newSet(n int, members ...int) set {
	s := make(set, (n+63)/64)
	for _, m := range members {
		s.add(m)
	}
	return s
}

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s set) and(o set) set {
	r := make(set, len(s))
	for i := range s {
		r[i] = s[i] & o[i]
	}
	return r
}

func (s set) without(o set) set {
	r := make(set, len(s))
	for i := range s {
		r[i] = s[i] &^ o[i]
	}
	return r
}

func (s set) meets(o set) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

// box is the product of one set for each dimension.
type box []set

// minus returns boxes that together hold what a has and b has not.
func (a box) minus(b box) []box {
	for d := range a {
		if !a[d].meets(b[d]) {
			return []box{a}
		}
	}
	var rest []box
	inside := append(box(nil), a...)
	for d := range a {
		if out := a[d].without(b[d]); !out.empty() {
			piece := append(box(nil), inside...)
			piece[d] = out
			rest = append(rest, piece)
		}
		inside[d] = a[d].and(b[d])
	}
	return rest
}

// budget bounds the work on a document with thousands of rules.
type budget struct{ left int }

// left returns what of a no earlier box holds; false where the budget ran out.
func (u *budget) remains(a box, earlier []box) ([]box, bool) {
	rest := []box{a}
	for _, e := range earlier {
		var next []box
		for _, r := range rest {
			if u.left--; u.left < 0 {
				return rest, false
			}
			next = append(next, r.minus(e)...)
		}
		if rest = next; len(rest) == 0 {
			break
		}
	}
	return rest, true
}
