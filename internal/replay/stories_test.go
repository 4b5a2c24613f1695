package replay

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/story"
)

// The stories of the business, on the pure core. Each runs as told, and shuffled with every line twice: the result is the
// same (replay contract; O1).
func TestStories(t *testing.T) {
	stories, err := story.Read("../../testdata/stories")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		t.Run(s.File+"/"+s.Name, func(t *testing.T) {
			t.Parallel()
			in := t.TempDir()
			if err := s.Write(in); err != nil {
				t.Fatal(err)
			}
			as := runDir(t, in, s.AsOf)
			o, err := story.ReadOutcome(as)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range s.Check(o) {
				t.Error(w)
			}
			r := rand.New(rand.NewPCG(1, uint64(len(s.Name))))
			for name, lines := range s.Files {
				twice := append(append([]string(nil), lines...), lines...)
				r.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
				s.Files[name] = twice
			}
			in2 := t.TempDir()
			if err := s.Write(in2); err != nil {
				t.Fatal(err)
			}
			same(t, as, runDir(t, in2, s.AsOf))
		})
	}
}

func runDir(t *testing.T, in string, asOf time.Time) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if _, err := Run(Options{In: in, Out: out, AsOf: asOf, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	return out
}

// same fails the test where two output directories differ.
func same(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range []string{CommissionsFile, LedgerFile, BalancesFile, StatisticsFile} {
		x, err := os.ReadFile(filepath.Join(a, name))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(b, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(x) != string(y) {
			t.Errorf("%s differs:\n%s\n%s", name, x, y)
		}
	}
}
