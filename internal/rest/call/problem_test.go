package call

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Each kind of problem has a status, a title of its own and a description in docs/api.md, and nothing is described that is none.
func TestProblemsAreDescribed(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	described := make(map[string]string)
	heading := ""
	lines := bufio.NewScanner(strings.NewReader(string(doc)))
	for lines.Scan() {
		if h, ok := strings.CutPrefix(lines.Text(), "### "); ok {
			heading = h
		} else if heading != "" && described[heading] == "" {
			described[heading] = lines.Text()
		}
	}
	titles := make(map[string]Type)
	for _, kind := range []Type{
		invalidInput, InvalidParameter, invalidDocument, badFraming, wrongMedia, Conflict, keyReused, NotFound, wrongMethod, notSigned, NotAllowed, TooLarge, TooManyCalls,
		unavailable, internalError,
	} {
		status, title := kind.about()
		if !strings.HasPrefix(described[string(kind)], fmt.Sprint(status)+". ") {
			t.Errorf("docs/api.md says of %s %q; it has the status %d", kind, described[string(kind)], status)
		}
		delete(described, string(kind))
		if other, ok := titles[title]; ok {
			t.Errorf("%s and %s have one title", kind, other)
		}
		titles[title] = kind
	}
	if len(described) > 0 {
		t.Errorf("docs/api.md describes what no call is answered with: %v", described)
	}
}
