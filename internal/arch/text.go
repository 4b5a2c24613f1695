package arch

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
)

// texts checks every line that people wrote: nothing left open, no path of somebody's machine, no invisible character.
func (h House) texts(t *Tree, report func(Violation)) {
	// Put together here, so that the rule does not find itself.
	open := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b|\b(not|un) ?` + `implemented\b`)
	machine := regexp.MustCompile(`(^|[^A-Za-z0-9_./-])/(root|tmp|work|home/[a-z0-9_-]+|Users/[A-Za-z0-9_-]+)/[A-Za-z0-9]`)
	for _, text := range t.Texts {
		ext := path.Ext(text.Path)
		code := ext == ".go" || ext == ".templ" || ext == ".sh" || ext == ".sql" || ext == ".js"
		for i, line := range text.Lines {
			if m := open.FindString(line); m != "" && code {
				report(Violation{"unfinished", text.Path, i + 1, fmt.Sprintf("%q: finish it, or write an issue", m)})
			}
			if m := machine.FindString(line); m != "" {
				report(Violation{"machine-path", text.Path, i + 1, fmt.Sprintf("%q is a path of one machine", strings.TrimSpace(m))})
			}
			if r, ok := invisible(line); ok && (code || ext == ".yaml") {
				report(Violation{"invisible", text.Path, i + 1, fmt.Sprintf("%U cannot be seen or looks like another character: write it as an escape", r)})
			}
		}
	}
}

// invisible finds the first character that a reader cannot see, or takes for a hyphen or a space.
func invisible(line string) (rune, bool) {
	for _, r := range line {
		switch {
		case r == 0xA0, r == 0xAD, r == 0x2010, r == 0x2011, r == 0x202F, r == 0xFEFF,
			r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069:
			return r, true
		}
	}
	return 0, false
}

// migrations checks that the migrations of the two engines go side by side: the same number and name on both, each number
// once, none left out.
func (h House) migrations(t *Tree, report func(Violation)) {
	numbered := regexp.MustCompile(`^([0-9]+)_(.+)\.sql$`)
	engines := []string{"sqlite", "postgres"}
	found := map[string]map[string][]string{} // engine -> number -> paths
	numbers := map[string]bool{}
	for _, text := range t.Texts {
		m := numbered.FindStringSubmatch(path.Base(text.Path))
		if m == nil || !within(text.Path, "internal/store") {
			continue
		}
		number := strings.TrimLeft(m[1], "0")
		for _, engine := range engines {
			if strings.Contains(text.Path, engine) {
				if found[engine] == nil {
					found[engine] = map[string][]string{}
				}
				found[engine][number] = append(found[engine][number], text.Path)
				numbers[number] = true
			}
		}
	}
	ordered := make([]string, 0, len(numbers))
	for n := range numbers {
		ordered = append(ordered, n)
	}
	sort.Slice(ordered, func(i, j int) bool {
		return len(ordered[i]) < len(ordered[j]) || len(ordered[i]) == len(ordered[j]) && ordered[i] < ordered[j]
	})
	for i, n := range ordered {
		names := map[string]string{}
		for _, engine := range engines {
			switch files := found[engine][n]; len(files) {
			case 0:
				report(Violation{"migrations", "internal/store", 0, fmt.Sprintf("migration %s is missing for %s: the engines go side by side", n, engine)})
			case 1:
				names[engine] = numbered.FindStringSubmatch(path.Base(files[0]))[2]
			default:
				report(Violation{"migrations", files[1], 0, fmt.Sprintf("migration %s of %s stands twice: also in %s", n, engine, files[0])})
			}
		}
		if len(names) == len(engines) && trimEngine(names["sqlite"]) != trimEngine(names["postgres"]) {
			report(Violation{"migrations", found["postgres"][n][0], 0, fmt.Sprintf("migration %s is %q on SQLite and %q on PostgreSQL", n, names["sqlite"], names["postgres"])})
		}
		if n != fmt.Sprint(i+1) {
			report(Violation{"migrations", "internal/store", 0, fmt.Sprintf("after migration %d comes %s: numbers have no gaps, so that nobody slips one in between", i, n)})
			break
		}
	}
}

// trimEngine takes the engine's name off a migration's: "create.sqlite" and "create.postgres" are the same migration.
func trimEngine(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".sqlite"), ".postgres")
}
