package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Violation is one place that breaks a rule.
type Violation struct {
	Rule, Path string
	Line       int // 0: the folder or the file as a whole
	Message    string
}

func (v Violation) String() string {
	if v.Line == 0 {
		return fmt.Sprintf("%s: %s [%s]", v.Path, v.Message, v.Rule)
	}
	return fmt.Sprintf("%s:%d: %s [%s]", v.Path, v.Line, v.Message, v.Rule)
}

// within reports whether dir is folder or below it.
func within(dir, folder string) bool {
	return dir == folder || strings.HasPrefix(dir, folder+"/")
}

// rank is the place of a folder on the road, or -1 for a folder that is not of the core.
func (h House) rank(dir string) int {
	return slices.IndexFunc(h.Core, func(c string) bool { return within(dir, c) })
}

// command reports whether a folder belongs to a program.
func (h House) command(dir string) bool {
	return slices.ContainsFunc(h.Commands, func(c string) bool { return within(dir, c) })
}

// area is the machinery that a folder belongs to: the longest path wins.
func (h House) area(dir string) (Area, bool) {
	var best Area
	for _, a := range h.Machinery {
		if within(dir, a.Dir) && len(a.Dir) > len(best.Dir) {
			best = a
		}
	}
	return best, best.Dir != ""
}

// places checks that every package stands in the house and every package of the house stands in the tree.
func (h House) places(t *Tree, report func(Violation)) {
	dirs := t.Dirs()
	for _, dir := range dirs {
		_, known := h.area(dir)
		if !known && h.rank(dir) < 0 && !h.command(dir) {
			report(Violation{"unknown-package", dir, 0, "this package has no place in the house: give it one in internal/arch/house.go and docs/architecture.md"})
		}
	}
	exists := func(folder string) bool {
		return slices.ContainsFunc(dirs, func(dir string) bool {
			a, _ := h.area(dir)
			return within(dir, folder) && (h.rank(dir) >= 0 || a.Dir == folder)
		})
	}
	planned := slices.Clone(h.Core)
	for _, a := range h.Machinery {
		planned = append(planned, a.Dir)
	}
	for _, folder := range planned {
		notYet := slices.Contains(h.NotYet, folder)
		switch {
		case exists(folder) && notYet:
			report(Violation{"not-yet", folder, 0, "this package exists: take it off the NotYet list, so that its absence is noticed from now on"})
		case !exists(folder) && !notYet:
			report(Violation{"missing-package", folder, 0, "the house has a place for this package and the tree has no such package: was it renamed?"})
		}
	}
	for _, folder := range h.NotYet {
		if !slices.Contains(planned, folder) {
			report(Violation{"not-yet", folder, 0, "the NotYet list names a package that the house has no place for"})
		}
	}
}

// imports checks the import rule on every file.
func (h House) imports(t *Tree, report func(Violation)) {
	for dir, p := range t.Packages {
		for _, f := range p.Files {
			for _, spec := range f.AST.Imports {
				target := strings.Trim(spec.Path.Value, "`\"")
				if rule, why := h.judge(t, dir, f.Test, target); why != "" {
					report(Violation{rule, f.Path, t.line(spec), fmt.Sprintf("imports %s: %s", target, why)})
				}
			}
		}
	}
}

// judge says which rule an import breaks and why; no reason, no rule broken.
func (h House) judge(t *Tree, dir string, test bool, target string) (rule, why string) {
	own, ours := strings.CutPrefix(target, t.Module+"/")
	standard := !ours && !strings.Contains(strings.SplitN(target, "/", 2)[0], ".")
	if ours && h.command(own) && !h.command(dir) {
		return "import-cmd", "nothing imports a command"
	}
	rank := h.rank(dir)
	if test {
		// Tests bring the world along as they need it, but what proves the core must not need the machinery.
		if rank >= 0 && (ours && within(own, "internal") || target == "net/http" || within(target, "database/sql")) {
			return "import-core", "a test of the core proves the core alone"
		}
		return "", ""
	}
	if rank >= 0 {
		return h.judgeCore(dir, rank, own, target, ours, standard)
	}
	a, known := h.area(dir)
	if !known {
		return "", ""
	}
	if ours {
		return h.judgeOwn(a, own)
	}
	if standard {
		return judgeStandard(a.Kind, target)
	}
	extended := within(target, "golang.org/x") && a.Kind != Published
	if a.Kind != Rest && !extended && !slices.ContainsFunc(a.Libs, func(m string) bool { return within(target, m) }) {
		return a.Kind.rule(), fmt.Sprintf("this third-party package is not among those of %s", a.Dir)
	}
	return "", ""
}

func (h House) judgeCore(dir string, rank int, own, target string, ours, standard bool) (rule, why string) {
	switch {
	case ours:
		switch r := h.rank(own); {
		case r < 0:
			return "import-core", "the core does not know the machinery"
		case r > rank:
			return "import-order", fmt.Sprintf("%s stands after %s on the road", path.Base(h.Core[r]), path.Base(h.Core[rank]))
		}
	case standard:
		if !coreStandard(target) {
			return "import-core", "the core does no I/O and knows no clock, no randomness, no context and no log"
		}
	default:
		if !slices.ContainsFunc(h.Parsers[h.Core[rank]], func(m string) bool { return within(target, m) }) {
			return "import-core", fmt.Sprintf("this third-party package is not one of %s's", dir)
		}
	}
	return "", ""
}

func (h House) judgeOwn(a Area, own string) (rule, why string) {
	if a.Kind == Published {
		return a.Kind.rule(), "whoever takes this in takes in nothing else of ours"
	}
	if h.rank(own) >= 0 {
		return "", ""
	}
	b, _ := h.area(own)
	if b.Kind == Engine && b.Dir != a.Dir {
		return "import-engine", "engines are wired by the command; everybody else knows the contract"
	}
	switch a.Kind {
	case Rest:
		return "", ""
	case App:
		if b.Dir == a.Dir {
			return "import-app", "use cases do not import each other"
		}
	default:
		if b.Dir == a.Dir {
			return "", ""
		}
	}
	if !slices.Contains(a.May, b.Dir) {
		return a.Kind.rule(), fmt.Sprintf("%s may import the core and: %s", a.Dir, strings.Join(append([]string{"nothing else"}, a.May...)[min(1, len(a.May)):], ", "))
	}
	return "", ""
}

func judgeStandard(k Kind, target string) (rule, why string) {
	sql, http := within(target, "database/sql"), within(target, "net/http")
	switch {
	case k == App && (sql || http):
		return "import-app", "use cases speak neither HTTP nor SQL"
	case k == Front && sql:
		return "import-front", "what speaks to the outside asks use cases, not the database"
	case k == Contract && (sql || http):
		return "import-store", "the contract says what must be true, not how"
	case k == Engine && http:
		return "import-store", "an engine speaks to its database and to nothing else"
	}
	return "", ""
}

func (k Kind) rule() string {
	switch k {
	case App:
		return "import-app"
	case Front:
		return "import-front"
	case Published:
		return "import-published"
	default:
		return "import-store"
	}
}
