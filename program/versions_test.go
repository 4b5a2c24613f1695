package program

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// document is the small program in some version, in force from a year on.
func documentOf(t *testing.T, version, year int) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/good/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("version: 1\n"), fmt.Appendf(nil, "version: %d\n", version), 1)
	return bytes.Replace(data, []byte("2024-01-01"), fmt.Appendf(nil, "%d-01-01", year), 1)
}

func parseAll(t *testing.T, docs ...[]byte) []*Terms {
	t.Helper()
	var all []*Terms
	for i, d := range docs {
		terms, err := Parse(fmt.Sprintf("v%d.yaml", i+1), d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, terms...)
	}
	return all
}

// P1: every past version is kept, and an event has the version in force at its own time, in whatever order files are read.
func TestP1_AnEventHasTheVersionInForceAtItsTime(t *testing.T) {
	two := append(documentOf(t, 2, 2025), append([]byte("---\n"), documentOf(t, 3, 2026)...)...)
	grouped, err := Group(parseAll(t, two, documentOf(t, 1, 2024)))
	if err != nil || len(grouped) != 1 || len(grouped["small"]) != 3 {
		t.Fatal(grouped, err)
	}
	v := grouped["small"]
	for at, want := range map[string]int{
		"2020-06-01T00:00:00Z": 1, // before the first version, the first
		"2024-01-01T00:00:00Z": 1, "2024-12-31T23:59:59.999999Z": 1, "2025-01-01T00:00:00Z": 2, "2025-12-31T23:59:59.999999Z": 2,
		"2026-01-01T00:00:00Z": 3, "2035-01-01T00:00:00Z": 3,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.At(when).Version; got != want {
			t.Errorf("at %s version %d is in force, want %d", at, got, want)
		}
	}
}

// P1: what cannot be a history is refused, with both places.
func TestP1_GroupRefusesWhatIsNoHistory(t *testing.T) {
	for what, c := range map[string]struct {
		docs [][]byte
		want []string
	}{
		"the same version twice": {[][]byte{documentOf(t, 1, 2024), documentOf(t, 1, 2025)},
			[]string{"v2.yaml:3:1: version: version 1 of program small is there twice (see v1.yaml:3)"}},
		"a version is missing":  {[][]byte{documentOf(t, 1, 2024), documentOf(t, 3, 2025)}, []string{"v2.yaml:3:1: version: version 3 of program small follows version 1"}},
		"the first is missing":  {[][]byte{documentOf(t, 2, 2024)}, []string{"v1.yaml:3:1: version: version 2 of program small follows version 0", "version 1: versions count from 1"}},
		"in force earlier":      {[][]byte{documentOf(t, 1, 2024), documentOf(t, 2, 2023)}, []string{"v2.yaml:4:1: effective_from: version 2 is in force from 2023-01-01T00:00:00Z on, version 1 from 2024"}},
		"in force at once":      {[][]byte{documentOf(t, 1, 2024), documentOf(t, 2, 2024)}, []string{"v2.yaml:4:1: effective_from"}},
		"two faults, both said": {[][]byte{documentOf(t, 1, 2024), documentOf(t, 2, 2023), documentOf(t, 4, 2026)}, []string{"v2.yaml:4:1", "v3.yaml:3:1"}},
	} {
		grouped, err := Group(parseAll(t, c.docs...))
		if err == nil || grouped != nil {
			t.Errorf("%s: accepted", what)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q in it", what, err, want)
			}
		}
	}
	// Terms that no file was read for are named by their program.
	if _, err := Group([]*Terms{{Program: "made", Version: 2}}); err == nil || !strings.HasPrefix(err.Error(), "made:1:1: ") {
		t.Error(err)
	}
}
