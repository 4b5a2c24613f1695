package scripts_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// tiny is a repository with a small program, and the release scripts of this one.
func tiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"scripts/release.sh", "scripts/lib.sh", "scripts/files.sh", "tools/go.mod", "tools/go.sum", "tools/sbom/main.go"} {
		b, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), string(b), 0o755)
	}
	put(t, filepath.Join(dir, "go.mod"), "module example.org/tiny\n\ngo 1.26.0\n", 0o644)
	put(t, filepath.Join(dir, "cmd/clickledger/main.go"), "package main\n\nvar version string\n\nfunc main() { println(\"tiny \" + version) }\n", 0o644)
	put(t, filepath.Join(dir, ".gitignore"), "/dist/\n/.cache/\n", 0o644)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "All"}} {
		run(t, dir, nil, "git", args...)
	}
	return dir
}

func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// tried runs a command in a folder and returns what it printed.
func tried(t *testing.T, dir string, env []string, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return string(out), err
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	out, err := tried(t, dir, env, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// 15.1.1, 15.2.1: a release is the same bytes wherever it is built, says of what it is made, and is signed so that any change shows. A build that
// has something of the machine in it is refused: the red control of the comparison.
func TestReleaseCanBeChecked(t *testing.T) {
	dir := tiny(t)
	platform := "linux/" + runtime.GOARCH
	env := []string{"RELEASE_PLATFORMS=" + platform}
	keys := t.TempDir()
	run(t, keys, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "releases", "-f", "key")
	run(t, dir, env, "scripts/release.sh", "1.2.3", "--twice", "--sign", filepath.Join(keys, "key"))
	dist := filepath.Join(dir, "dist/1.2.3")
	binary := "clickledger-1.2.3-linux-" + runtime.GOARCH
	if out := run(t, dist, nil, "./"+binary); out != "tiny 1.2.3\n" {
		t.Errorf("the binary says %q", out)
	}
	var bom struct {
		SpecVersion string
		Metadata    struct {
			Component struct{ Version string }
		}
		Components []struct{ Name, Version string }
	}
	b, err := os.ReadFile(filepath.Join(dist, binary+".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &bom); err != nil || bom.SpecVersion != "1.6" || bom.Metadata.Component.Version != "1.2.3" || len(bom.Components) != 1 || bom.Components[0].Name != "std" {
		t.Errorf("the parts: %v %+v", err, bom)
	}

	// As docs/releases.md tells others.
	public, err := os.ReadFile(filepath.Join(keys, "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(keys, "signers"), "releases@clickledger "+string(public), 0o644)
	signed := func() error {
		_, err := tried(t, dist, nil, "bash", "-c", "ssh-keygen -Y verify -f "+filepath.Join(keys, "signers")+" -I releases@clickledger -n clickledger-release -s SHA256SUMS.sig <SHA256SUMS")
		return err
	}
	summed := func() error {
		_, err := tried(t, dist, nil, "sha256sum", "--check", "--strict", "SHA256SUMS")
		return err
	}
	if err := signed(); err != nil {
		t.Errorf("a sound signature: %v", err)
	}
	if err := summed(); err != nil {
		t.Errorf("sound files: %v", err)
	}
	sums, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	if err != nil || strings.Count(string(sums), "\n") != 3 {
		t.Fatalf("the sums: %v %s", err, sums)
	}
	put(t, filepath.Join(dist, binary+".cdx.json"), string(b)+" ", 0o644)
	if summed() == nil {
		t.Error("a file that was changed fits its sum")
	}
	put(t, filepath.Join(dist, "SHA256SUMS"), strings.Replace(string(sums), "0", "1", 1), 0o644)
	if signed() == nil {
		t.Error("sums that were changed fit the signature")
	}

	// The same again, and what must not become a release.
	if out, err := tried(t, dir, append(env, "RELEASE_PATHS="), "scripts/release.sh", "1.2.3", "--twice"); err == nil || !strings.Contains(out, "differs when it is built again") {
		t.Errorf("a build with paths of the machine: %v %s", err, out)
	}
	for _, args := range [][]string{{}, {"v1"}, {"1.2.3", "--sign", "/nowhere"}, {"1.2.3", "--later"}} {
		if out, err := tried(t, dir, env, "scripts/release.sh", args...); err == nil {
			t.Errorf("%v: %s", args, out)
		}
	}
	put(t, filepath.Join(dir, "new.go"), "package tiny\n", 0o644)
	if out, err := tried(t, dir, env, "scripts/release.sh", "1.2.3"); err == nil || !strings.Contains(out, "commit") {
		t.Errorf("with a file that nobody committed: %v %s", err, out)
	}
}
