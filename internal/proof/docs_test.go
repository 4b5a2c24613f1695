package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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

// itemsOfASVS are the items of levels 1 and 2 of ASVS 5.0.0.
const itemsOfASVS = `1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1 3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2 4.1.1-3 4.2.1 4.3.1-2
4.4.1-4 5.1.1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2
8.2.1-3 8.3.1 8.4.1 9.1.1-3 9.2.1-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1
12.1.1-3 12.2.1-2 12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3
16.5.1-3 17.1.1 17.2.1-4 17.3.1-2`

// numbers are all items that a text names, ranges written out.
func numbers(text string, each func(item string)) {
	for _, m := range regexp.MustCompile(`\b(\d+\.\d+)\.(\d+)(?:(?:-|–(?:\d+\.\d+\.)?)(\d+))?`).FindAllStringSubmatch(text, -1) {
		first, _ := strconv.Atoi(m[2])
		last := first
		if m[3] != "" {
			last, _ = strconv.Atoi(m[3])
		}
		for i := first; i <= last; i++ {
			each(fmt.Sprint(m[1], ".", i))
		}
	}
}

// Every item of ASVS of levels 1 and 2 is judged: with its test on the page of security, or on the page of all items, once there, and its tests exist.
func TestEveryItemOfASVSIsJudged(t *testing.T) {
	var table strings.Builder
	for line := range strings.Lines(document(t, "docs/asvs.md")) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			table.WriteString(cells[1] + "\n")
		}
	}
	named(t, document(t, "docs/asvs.md"), 10)
	judged, known := make(map[string]int), make(map[string]bool)
	numbers(table.String(), func(item string) { judged[item]++ })
	onSecurity := make(map[string]bool)
	numbers(document(t, "docs/security.md"), func(item string) { onSecurity[item] = true })
	n := 0
	numbers(itemsOfASVS, func(item string) {
		known[item] = true
		n++
		if judged[item] == 0 && !onSecurity[item] {
			t.Errorf("item %s is judged nowhere", item)
		}
	})
	for item, times := range judged {
		if times > 1 || !known[item] {
			t.Errorf("item %s stands %d times among all items; of levels 1 and 2: %v", item, times, known[item])
		}
	}
	if n != 253 {
		t.Errorf("there are %d items", n)
	}
}
