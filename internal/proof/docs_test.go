package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// page is docs/proofs.md.
func page(t *testing.T) string {
	t.Helper()
	return document(t, "docs/proofs.md")
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sources are the texts of a folder's Go files.
func sources(t *testing.T, folder, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files %s (%v)", folder, pattern, err)
	}
	var all strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// named wants the tests that a page names to be there, and at least some of them.
func named(t *testing.T, text string, least int) {
	t.Helper()
	tests := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9_]+)`").FindAllStringSubmatch(text, -1)
	if len(tests) < least {
		t.Errorf("only %d tests were found on the page", len(tests))
	}
	for _, m := range tests {
		if !strings.Contains(sources(t, m[1], "*_test.go"), "func "+m[2]+"(") {
			t.Errorf("there is no %s in %s", m[2], m[1])
		}
	}
}

// The page of security names tests that exist.
func TestThePageOfSecurityNamesWhatExists(t *testing.T) {
	named(t, document(t, "docs/security.md"), 70)
}

// The page of proofs names tests that exist, each invariant once, and as many bugs as there are.
func TestThePageNamesWhatExists(t *testing.T) {
	text := page(t)
	named(t, text, 80)
	suite := sources(t, "internal/store/storetest", "*.go")
	for line := range strings.Lines(text + document(t, "docs/security.md")) {
		if !strings.HasPrefix(line, "| I") && !strings.Contains(line, "store: ") {
			continue
		}
		_, checks, _ := strings.Cut(line, "store: ")
		for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(checks, -1) {
			if !strings.Contains(suite, fmt.Sprintf("{%q,", m[1])) {
				t.Errorf("the stores are not checked for %q", m[1])
			}
		}
	}
	for i := 1; i <= 14; i++ {
		if n := strings.Count(text, fmt.Sprintf("\n| I%d |", i)); n != 1 {
			t.Errorf("invariant I%d stands on the page %d times", i, n)
		}
	}
	if want := fmt.Sprintf("holds %d bugs", len(readBugs(t))); !strings.Contains(text, want) {
		t.Errorf("the page does not say that testdata/bugs.txt %s", want)
	}
}

// Each vector of the catalogue has its place on the page, and those that are said to be in the file of vectors are there.
func TestThePageHasEveryVector(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "attribution/testdata/vectors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	there := string(text)
	_, table, found := strings.Cut(page(t), "| where | vectors |")
	if !found {
		t.Fatal("the page has no table of vectors")
	}
	times := make(map[string]int)
	for line := range strings.Lines(strings.TrimPrefix(table, "\n")) {
		if line[0] != '|' {
			break
		}
		cells := strings.Split(line, "|")
		for v := range strings.SplitSeq(strings.TrimSpace(cells[2]), ", ") {
			times[v]++
			if strings.HasSuffix(strings.TrimSpace(cells[1]), "under their numbers") && !strings.Contains(there, "vector "+v+" ") {
				t.Errorf("the file of vectors has no %s", v)
			}
		}
	}
	for i := 1; i <= 74; i++ {
		if v := fmt.Sprintf("V%02d", i); times[v] != 1 {
			t.Errorf("%s stands in the table %d times", v, times[v])
		}
	}
}
