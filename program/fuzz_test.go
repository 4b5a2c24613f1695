package program

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever the file holds, Parse ends soon, without a panic, with terms or with errors that have a place in the file.
func FuzzParse(f *testing.F) {
	for _, id := range ReferenceIDs() {
		doc, _ := ReferenceDocument(id)
		f.Add(doc)
	}
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		all, err := Parse("fuzz.yaml", data)
		if d := time.Since(start); d > 10*time.Second {
			t.Fatalf("took %v", d)
		}
		if err != nil {
			var errs Errors
			if !errors.As(err, &errs) || len(errs) == 0 || len(all) > 0 {
				t.Fatalf("%d terms with %v", len(all), err)
			}
			lines := strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data)), "\n") + 1
			for _, e := range errs {
				if e.Line < 1 || e.Line > lines+1 || e.Column < 1 || e.Problem == "" || e.Expected == "" || e.Fix == "" {
					t.Fatalf("of %d lines: %#v", lines, e)
				}
			}
			return
		}
		for _, terms := range all {
			if changes := Diff(terms, terms); len(changes) > 0 {
				t.Fatalf("differs from itself: %v", changes)
			}
			if len(terms.Rates.Steps) == 0 || terms.TimeZone == nil || terms.Version < 1 || !terms.Currency.Valid() {
				t.Fatalf("accepted: %+v", terms)
			}
			terms.PointsAt(terms.EffectiveFrom)
		}
	})
}
