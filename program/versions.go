package program

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Group sorts terms into the versions of each program. It refuses what cannot be a history: a version that is there
// twice, one that is missing (they count from 1), one that is in force before its predecessor (P1).
func Group(terms []*Terms) (map[ID]Versions, error) {
	grouped := make(map[ID]Versions)
	for _, t := range terms {
		grouped[t.Program] = append(grouped[t.Program], t)
	}
	var errs Errors
	for id, v := range grouped {
		slices.SortStableFunc(v, func(a, b *Terms) int { return cmp.Compare(a.Version, b.Version) })
		before := 0
		for i, t := range v {
			switch {
			case t.Version == before:
				errs = append(errs, t.fault("version", fmt.Sprintf("version %d of program %s is there twice%s", t.Version, id, v[i-1].elsewhere()),
					"each version once", "remove one of the two, or give the later one the next number"))
			case t.Version != before+1:
				errs = append(errs, t.fault("version", fmt.Sprintf("version %d of program %s follows version %d", t.Version, id, before),
					fmt.Sprintf("version %d: versions count from 1 and every one is kept", before+1),
					fmt.Sprintf("add the missing version, or call this one %d", before+1)))
			case i > 0 && !t.EffectiveFrom.After(v[i-1].EffectiveFrom):
				errs = append(errs, t.notLater(v[i-1]))
			}
			before = t.Version
		}
	}
	if len(errs) > 0 {
		return nil, errs.sorted()
	}
	return grouped, nil
}

// rising refuses documents of one file that do not stand in the order of their versions.
func rising(all []*Terms) Errors {
	var errs Errors
	last := make(map[ID]*Terms)
	for _, t := range all {
		if t.Program == "" || t.Version == 0 {
			continue
		}
		before := last[t.Program]
		last[t.Program] = t
		switch {
		case before == nil:
		case t.Version == before.Version:
			errs = append(errs, t.fault("version", fmt.Sprintf("version %d of program %s is there twice%s", t.Version, t.Program, before.elsewhere()),
				"each version once", "remove one of the two, or give the later one the next number"))
		case t.Version < before.Version:
			errs = append(errs, t.fault("version", fmt.Sprintf("version %d stands behind version %d%s", t.Version, before.Version, before.elsewhere()),
				"the versions of a program in rising order", "put the documents in order, each version once"))
		case !t.EffectiveFrom.IsZero() && !t.EffectiveFrom.After(before.EffectiveFrom):
			errs = append(errs, t.notLater(before))
		}
	}
	return errs
}

func (t *Terms) notLater(before *Terms) *Error {
	return t.fault("effective_from", fmt.Sprintf("version %d is in force from %s on, version %d from %s", t.Version,
		t.EffectiveFrom.Format(time.RFC3339Nano), before.Version, before.EffectiveFrom.Format(time.RFC3339Nano)),
		"a later version in force later", "correct one of the two times")
}

// fault is an error at a member of the document.
func (t *Terms) fault(path, problem, expected, fix string) *Error {
	p, ok := t.Position(path)
	if !ok {
		p = Position{1, 1}
	}
	file := t.File()
	if file == "" {
		file = string(t.Program)
	}
	return &Error{File: file, Line: p.Line, Column: p.Column, Path: path, Problem: problem, Expected: expected, Fix: fix}
}

// elsewhere says where the terms stand.
func (t *Terms) elsewhere() string {
	if p, ok := t.Position("version"); ok {
		return fmt.Sprintf(" (see %s:%d)", t.File(), p.Line)
	}
	return ""
}
