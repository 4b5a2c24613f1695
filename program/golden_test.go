package program

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before committing it")

// P1: a document that is wrong is refused with file, line, column, member, what was expected and what to do. Each file in
// testdata/bad proves one message; those that begin with "several" prove that all faults are reported at once.
func TestP1_BadDocumentsAreRefusedWithPlaceAndFix(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d bad documents, %v; want at least 40", len(files), err)
	}
	messages := make(map[string]string)
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		terms, err := Parse(name, data)
		if err == nil || terms != nil {
			t.Errorf("%s is accepted (%d terms, error %v)", name, len(terms), err)
			continue
		}
		golden := strings.TrimSuffix(file, ".yaml") + ".txt"
		got := err.Error() + "\n"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err2 := os.ReadFile(golden)
		if err2 != nil || got != string(want) {
			t.Errorf("%s: got\n%swant (%v)\n%s", name, got, err2, want)
		}
		var errs Errors
		if !errors.As(err, &errs) {
			t.Fatalf("%s: the error is a %T", name, err)
		}
		if several := strings.HasPrefix(name, "several"); several != (len(errs) > 1) {
			t.Errorf("%s has %d errors:\n%v", name, len(errs), err)
		}
		for _, e := range errs {
			if e.File != name || e.Line < 1 || e.Line > strings.Count(string(data), "\n")+1 || e.Column < 1 || e.Problem == "" || e.Expected == "" || e.Fix == "" {
				t.Errorf("%s: an error without place, problem, expectation or fix: %#v", name, e)
			}
			if len(errs) > 1 {
				continue
			}
			message := e.Path + e.Problem + e.Expected
			if other := messages[message]; other != "" {
				t.Errorf("%s proves the same as %s: %v", name, other, e)
			}
			messages[message] = name
		}
	}
}

// The documents that the bad ones were made of are good, so that each bad one is bad for its one reason.
func TestP1_GoodDocumentsAreAccepted(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no good documents", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		terms, err := Parse(filepath.Base(file), data)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := Group(terms); err != nil {
			t.Error(err)
		}
	}
}
