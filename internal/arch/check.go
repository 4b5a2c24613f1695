package arch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Check returns every place of the tree that breaks a rule and carries no exception, sorted by place.
//
// An exception stands on the line it excuses or on the line above, and gives its reason:
//
//	//arch:allow clock the watchdog measures the wall clock itself
func (h House) Check(t *Tree) []Violation {
	var all []Violation
	report := func(v Violation) { all = append(all, v) }
	h.places(t, report)
	h.imports(t, report)
	h.budgets(t, report)
	h.purity(t, report)
	h.state(t, report)
	h.skips(t, report)
	h.headers(t, report)
	h.texts(t, report)
	h.migrations(t, report)
	all = excuse(t, all)
	slices.SortFunc(all, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// excuse drops the violations that have an exception beside them, and reports exceptions without a reason or without a use.
func excuse(t *Tree, all []Violation) []Violation {
	type place struct {
		path string
		line int
	}
	at := map[place][]Violation{}
	for _, v := range all {
		p := place{v.Path, v.Line}
		at[p] = append(at[p], v)
	}
	excused := map[Violation]bool{}
	var wrong []Violation
	for _, p := range t.Packages {
		for _, f := range p.Files {
			for _, group := range f.AST.Comments {
				for _, c := range group.List {
					rest, ok := strings.CutPrefix(c.Text, "//arch:allow")
					if !ok {
						continue
					}
					line := t.line(c)
					rule, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
					if len(strings.Fields(reason)) < 3 {
						wrong = append(wrong, Violation{"exception", f.Path, line, "an exception gives its reason: //arch:allow rule because of this and that"})
						continue
					}
					used := false
					for _, v := range append(at[place{f.Path, line}], at[place{f.Path, line + 1}]...) {
						if v.Rule == rule {
							excused[v], used = true, true
						}
					}
					if !used {
						wrong = append(wrong, Violation{"exception", f.Path, line, fmt.Sprintf("nothing here breaks the rule %q: take the exception away", rule)})
					}
				}
			}
		}
	}
	return append(slices.DeleteFunc(all, func(v Violation) bool { return excused[v] }), wrong...)
}
