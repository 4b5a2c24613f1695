package proof

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// root is the folder of the module, seen from this package's.
const root = "../.."

// bug is a mistake that somebody could have made; testdata/bugs.txt says how it is written down.
type bug struct {
	line     int
	name     string
	breaks   string // invariants and rules
	file     string
	old, new string
	pkg, run string
}

func readBugs(t *testing.T) []*bug {
	t.Helper()
	const name = "testdata/bugs.txt"
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var bugs []*bug
	var b *bug
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		n++
		line := lines.Text()
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
		case word == "bug":
			b = &bug{line: n, name: rest}
			bugs = append(bugs, b)
		case b == nil:
			t.Fatalf("%s:%d: this belongs to no bug", name, n)
		case word == "breaks":
			b.breaks = rest
		case word == "file":
			b.file = rest
		case word == "caught":
			b.pkg, b.run, _ = strings.Cut(rest, " ")
		case line[0] == ' ':
			b.old, b.new = b.old+line[1:]+"\n", b.new+line[1:]+"\n"
		case line[0] == '-':
			b.old += line[1:] + "\n"
		case line[0] == '+':
			b.new += line[1:] + "\n"
		default:
			t.Fatalf("%s:%d: %q is no line of a bug", name, n, line)
		}
	}
	for _, b := range bugs {
		if b.breaks == "" || b.file == "" || b.old == "" || b.old == b.new || b.pkg == "" || b.run == "" {
			t.Fatalf("%s:%d: bug %q is not told whole", name, b.line, b.name)
		}
	}
	return bugs
}

// overlay writes the file with the bug in it and says to the go command where it is.
func (b *bug) overlay(t *testing.T, dir string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, b.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), b.old); n != 1 {
		t.Fatalf("%s has the text of testdata/bugs.txt:%d %d times; it must be there once:\n%s", b.file, b.line, n, b.old)
	}
	wrong := filepath.Join(dir, "wrong.go")
	if err := os.WriteFile(wrong, []byte(strings.Replace(string(source), b.old, b.new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {path: wrong}})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// compile makes the test program of a package.
func compile(t *testing.T, pkg, program string, flags ...string) {
	t.Helper()
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", program}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, "./"+pkg)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s does not compile, so nothing can be said about its tests: %v\n%s", pkg, err, out)
	}
}

// try runs some tests of a test program and returns what it printed and whether they passed.
func try(t *testing.T, pkg, program, run string) (string, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"-test.run=" + run, "-test.v", "-test.timeout=90s"}
	if usesRapid(t, pkg) { // the same cases each time, nothing written into the tree, no time spent on a small example
		args = append(args, "-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=0s")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = filepath.Join(root, pkg)
	// Few worlds are enough for a bug that is there in each.
	cmd.Env = append(os.Environ(), "CLICKLEDGER_SEEDS=300", "CLICKLEDGER_MARKETS=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("running the tests of %s: %v", pkg, err)
	}
	return out.String(), err == nil
}

func usesRapid(t *testing.T, pkg string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(name string) bool {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return rapid.Match(text)
	})
}

var (
	rapid  = regexp.MustCompile(`(?m)^\s*"pgregory\.net/rapid"$`)
	passed = regexp.MustCompile(`(?m)^\s*--- PASS: `)
	failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
)

// Every seeded bug is noticed by the tests that are there for it, and without the bug the same tests pass.
func TestSeededBugsAreCaught(t *testing.T) {
	bugs := readBugs(t)
	if len(bugs) < 25 {
		t.Errorf("only %d bugs are seeded", len(bugs))
	}
	byPackage := make(map[string][]*bug)
	names := make(map[string]bool)
	for _, b := range bugs {
		if names[b.name] {
			t.Errorf("two bugs are called %q", b.name)
		}
		names[b.name] = true
		byPackage[b.pkg] = append(byPackage[b.pkg], b)
	}
	for pkg, bugs := range byPackage {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			sound := filepath.Join(t.TempDir(), "sound.test")
			compile(t, pkg, sound)
			tried := make(map[string]bool)
			for _, b := range bugs {
				if tried[b.run] {
					continue
				}
				tried[b.run] = true
				if out, ok := try(t, pkg, sound, b.run); !ok || !passed.MatchString(out) {
					t.Fatalf("without any bug, the tests %s must be there and pass:\n%s", b.run, end(out))
				}
			}
			for _, b := range bugs {
				t.Run(b.name, func(t *testing.T) {
					dir := t.TempDir()
					program := filepath.Join(dir, "wrong.test")
					compile(t, pkg, program, "-overlay="+b.overlay(t, dir))
					out, ok := try(t, pkg, program, b.run)
					switch {
					case ok:
						t.Errorf("%s is broken in %s and the tests %s of %s pass", b.breaks, b.file, b.run, pkg)
					case !failed.MatchString(out):
						t.Errorf("the tests %s of %s ended without a test that failed:\n%s", b.run, pkg, end(out))
					default:
						t.Logf("breaks %s; noticed by %s", b.breaks, failed.FindStringSubmatch(out)[1])
					}
				})
			}
		})
	}
}

// end is the end of an output.
func end(out string) string {
	const most = 2000
	if len(out) > most {
		out = fmt.Sprintf("... %s", out[len(out)-most:])
	}
	return out
}
