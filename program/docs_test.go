package program

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each example of the operators' page is read by Parse: whole documents as they stand, sections in place of those of the
// document that uses every member, steps in its list of steps.
func TestP1_ExamplesOfThePageAreValid(t *testing.T) {
	page, err := os.ReadFile("../docs/program-document.md")
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(examples) < 20 {
		t.Fatalf("the page has %d examples", len(examples))
	}
	kinds := make(map[string]bool)
	for _, e := range examples {
		doc := e[1]
		switch {
		case strings.HasPrefix(doc, "program:"):
		case strings.HasPrefix(doc, "- "):
			steps := "  " + strings.ReplaceAll(strings.TrimSuffix(doc, "\n"), "\n", "\n  ") + "\n"
			if !strings.Contains(steps, "step: default") {
				steps += "  - {step: default, percent: \"1\"}\n"
			}
			doc = withSection(t, string(full), "rates:\n  groups: {electronics: [tablets], clothing: [womens_clothing]}\n  steps:\n"+steps)
		default:
			doc = withSection(t, string(full), doc)
		}
		terms, err := Parse("example.yaml", []byte(doc))
		if err != nil {
			t.Errorf("%v\nin the example\n%s", err, e[1])
			continue
		}
		for _, s := range terms[0].Rates.Steps {
			if strings.Contains(e[1], "step: "+s.Kind.String()) {
				kinds[s.Kind.String()] = true
			}
		}
	}
	for k := StepOutOfStock; k <= StepDefault; k++ {
		if !kinds[k.String()] {
			t.Errorf("the page has no example of the step %v", k)
		}
	}
}

// withSection replaces a top-level member of a document.
func withSection(t *testing.T, doc, section string) string {
	t.Helper()
	name, _, _ := strings.Cut(section, ":")
	old := regexp.MustCompile(`(?m)^` + name + `:.*\n(?:[ -].*\n)*`)
	if len(old.FindAllString(doc, -1)) != 1 {
		t.Fatalf("the document has no member %q", name)
	}
	return old.ReplaceAllLiteralString(doc, section)
}
