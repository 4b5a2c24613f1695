package sheet

import "slices"

// Key is what sums are brought together by before they become figures, by numbers: a year's report has a hundred thousand cells. What the
// query does not tell apart is 0.
type Key struct {
	Value, Program, Split uint32 // the value's 0 is none
	Day                   int64
}

// Sums are what sheets add up to, by key. Where days are not told apart, they stand under their values' numbers: no other way is as fast.
type Sums struct {
	dense [][][]*Measures // by program, split and value; nil where keys is used
	keys  map[Key]*Measures
	Tables
}

// NewSums returns sums of nothing. The value 0 is none.
func NewSums(byDay bool) *Sums {
	s := new(Sums)
	if byDay {
		s.keys = make(map[Key]*Measures)
	}
	s.Values.Number(nil)
	return s
}

// At is the sum of a key; it is made where it is not there.
func (s *Sums) At(k Key) *Measures {
	if s.keys != nil {
		sum := s.keys[k]
		if sum == nil {
			sum = s.Sum()
			s.keys[k] = sum
		}
		return sum
	}
	splits := reach(&s.dense, k.Program)
	values := reach(splits, k.Split)
	sum := reach(values, k.Value)
	if *sum == nil {
		*sum = s.Sum()
	}
	return *sum
}

// reach is a place of a list, which grows up to it.
func reach[T any](list *[]T, at uint32) *T {
	if n := int(at) + 1; n > len(*list) {
		*list = slices.Grow(*list, n-len(*list))[:n]
	}
	return &(*list)[at]
}

// All calls each for all sums.
func (s *Sums) All(each func(Key, *Measures) error) error {
	for k, sum := range s.keys {
		if err := each(k, sum); err != nil {
			return err
		}
	}
	for program, splits := range s.dense {
		for split, values := range splits {
			for value, sum := range values {
				if sum == nil {
					continue
				}
				if err := each(Key{Value: uint32(value), Program: uint32(program), Split: uint32(split)}, sum); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Tables are what numbers in keys stand for.
type Tables struct {
	Values, Programs Numbering
	Splits           []Split
	last             int        // the place of the split that was asked for last
	spare            []Measures // that sums are taken from
}

// SplitOf is the number of a split.
func (t *Tables) SplitOf(sp Split) uint32 {
	if t.last < len(t.Splits) && t.Splits[t.last] == sp { // of neighbours most have the same
		return uint32(t.last)
	}
	i := slices.Index(t.Splits, sp)
	if i < 0 {
		i = len(t.Splits)
		t.Splits = append(t.Splits, sp)
	}
	t.last = i
	return uint32(i)
}

// Sum is a new sum.
func (t *Tables) Sum() *Measures {
	if len(t.spare) == 0 {
		t.spare = make([]Measures, 256)
	}
	m := &t.spare[0]
	t.spare = t.spare[1:]
	return m
}

// Numbering gives each text a number.
type Numbering struct {
	of    map[string]uint32
	Names []string
}

// Number is the number of a text.
func (n *Numbering) Number(name []byte) uint32 {
	if i, ok := n.of[string(name)]; ok {
		return i
	}
	if n.of == nil {
		n.of = make(map[string]uint32)
	}
	s, i := string(name), uint32(len(n.Names))
	n.of[s], n.Names = i, append(n.Names, s)
	return i
}
