package arch

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// The tree keeps the rules of the house.
func TestHouse(t *testing.T) {
	tree, err := Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Dirs()) < 10 {
		t.Fatalf("only %d packages were read: is this the project?", len(tree.Dirs()))
	}
	for _, v := range Ours().Check(tree) {
		t.Error(v)
	}
}

// Every rule is seen to fail: each fixture is a small bad tree with the violations that must be found in it, no more and no fewer.
// A line of the fixture's comment is the rule, the place and a part of the message.
func TestRulesFindWhatIsWrong(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	proved := map[string]bool{}
	for _, name := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tree := plant(t, archive.Files)
			house := Ours()
			// The fixtures show a corner of the house; what is missing has a test of its own.
			house.NotYet = nil
			got := slices.DeleteFunc(house.Check(tree), func(v Violation) bool { return v.Rule == "missing-package" })
			for line := range strings.Lines(string(archive.Comment)) {
				if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				rule, rest, _ := strings.Cut(line, " ")
				place, message, _ := strings.Cut(rest, " ")
				i := slices.IndexFunc(got, func(v Violation) bool {
					return v.Rule == rule && strings.HasPrefix(v.String(), place+":") && strings.Contains(v.Message, message)
				})
				if i < 0 {
					t.Errorf("not found: %s", line)
					continue
				}
				got = slices.Delete(got, i, i+1)
				proved[rule] = true
			}
			for _, v := range got {
				t.Errorf("not expected: %s", v)
			}
		})
	}
	for _, rule := range rules(t) {
		if !proved[rule] && !slices.Contains([]string{"missing-package", "not-yet", "budget-lines"}, rule) { // these have tests of their own
			t.Errorf("no fixture shows that the rule %q can fail", rule)
		}
	}
}

// A package that is renamed or deleted is noticed, and the list of what is not there yet cannot outlive its use.
func TestMissingPackages(t *testing.T) {
	tree := plant(t, []txtar.File{
		{Name: "money/money.go", Data: []byte("package money\n")},
		{Name: "order/order_test.go", Data: []byte("package order\n")}, // tests alone are no package
		{Name: "internal/store/sqlite/sqlite.go", Data: []byte("package sqlite\n")},
	})
	house := House{
		Core:       []string{"money", "order", "ledger", "payout"},
		Machinery:  []Area{{Dir: "internal/store", Kind: Contract}, {Dir: "internal/store/sqlite", Kind: Engine}},
		NotYet:     []string{"money", "payout", "trust"},
		MaxLines:   3000,
		MaxMethods: 8,
	}
	want := []string{
		"internal/store missing-package", // a subfolder with a place of its own does not stand in for its parent
		"ledger missing-package",
		"money not-yet",
		"order missing-package",
		"trust not-yet",
	}
	var got []string
	for _, v := range house.Check(tree) {
		got = append(got, v.Path+" "+v.Rule)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// A package has 3,000 lines at the most, tests and generated pages apart.
func TestBudgetOfLines(t *testing.T) {
	lines := func(n int) []byte { return []byte("package order\n" + strings.Repeat("\n", n-1)) }
	for _, c := range []struct {
		first, second int
		wrong         bool
	}{{1500, 1500, false}, {1500, 1502, true}} {
		tree := plant(t, []txtar.File{
			{Name: "order/a.go", Data: lines(c.first)},
			{Name: "order/b.go", Data: lines(c.second)},
			{Name: "order/b_test.go", Data: lines(5000)},
			{Name: "order/page_templ.go", Data: lines(5000)},
		})
		got := slices.ContainsFunc(Ours().Check(tree), func(v Violation) bool { return v.Rule == "budget-lines" && v.Path == "order" })
		if got != c.wrong {
			t.Errorf("%d + %d lines: over the budget = %v, want %v", c.first, c.second, got, c.wrong)
		}
	}
}

// The page that tells the house in words names every package of it, and the core in the order of the road.
func TestArchitecturePageIsTrue(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	house := Ours()
	at := 0
	for _, c := range house.Core {
		i := regexp.MustCompile(`(?m)^` + c + `/ `).FindIndex(page[at:])
		if i == nil {
			t.Errorf("docs/architecture.md: no line \"%s/ …\" in the tree, after the packages that stand before it", c)
			continue
		}
		at += i[1]
	}
	for _, a := range house.Machinery {
		if !strings.Contains(string(page), strings.TrimPrefix(a.Dir, "internal/")+"/") {
			t.Errorf("docs/architecture.md does not name %s/", a.Dir)
		}
	}
	for _, c := range house.Commands {
		if !regexp.MustCompile(`(?m)^` + c + `/`).Match(page) {
			t.Errorf("docs/architecture.md does not name %s/", c)
		}
	}
}

// Code and its generator are of one version: the tools' module and ours name the same templ.
func TestGeneratorMatchesItsLibrary(t *testing.T) {
	version := func(file string) string {
		mod, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`github.com/a-h/templ v\S+`).FindString(string(mod))
	}
	// Before the first generated page the library is not needed.
	if lib, tool := version("../../go.mod"), version("../../tools/go.mod"); lib != "" && lib != tool {
		t.Errorf("go.mod has %q, tools/go.mod has %q", lib, tool)
	}
}

// rules are the names of all rules, read from the sources of this package.
func rules(t *testing.T) []string {
	t.Helper()
	var names []string
	sources, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Violation\{"([a-z-]+)"|return "(import-[a-z]+)"`)
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(src), -1) {
			names = append(names, cmp.Or(m[1], m[2]))
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 15 {
		t.Fatalf("only %d rules were found: %q", len(names), names)
	}
	return names
}

// plant makes a tree of files.
func plant(t *testing.T, files []txtar.File) *Tree {
	t.Helper()
	root := fstest.MapFS{"go.mod": {Data: []byte("module example.org/x\n")}}
	for _, f := range files {
		root[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	tree, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
