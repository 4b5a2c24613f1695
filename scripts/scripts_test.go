// Package scripts_test proves what the scripts promise to the tests that run inside them.
package scripts_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The cluster goes away with the script, whatever ends the script: nothing listens any more, and no folder stays.
func TestClusterGoesAway(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, script *exec.Cmd, release func()){
		"the command ends":   func(_ *testing.T, _ *exec.Cmd, release func()) { release() },
		"SIGTERM":            func(t *testing.T, s *exec.Cmd, _ func()) { kill(t, s, syscall.SIGTERM) },
		"SIGKILL":            func(t *testing.T, s *exec.Cmd, _ func()) { kill(t, s, syscall.SIGKILL) },
		"the terminal hangs": func(t *testing.T, s *exec.Cmd, _ func()) { kill(t, s, syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			script := exec.Command("./with-postgres.sh", "bash", "-c", `echo "$PGHOST"; read -r _ || true`)
			stdin, err := script.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := script.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			script.Stderr = os.Stderr
			if err := script.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(stdout).ReadString('\n')
			if err != nil {
				t.Fatalf("the command did not run: %v", err)
			}
			dir := strings.TrimSpace(line)
			conn, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.5432"))
			if err != nil {
				t.Fatalf("the cluster does not listen: %v", err)
			}
			defer conn.Close()

			end(t, script, func() { stdin.Close() })

			// The server closes the connection when it stops.
			if err := conn.SetReadDeadline(time.Now().Add(3 * time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
				t.Errorf("the cluster still runs: read %v", err)
			}
			stdin.Close()
			if err := script.Wait(); (err == nil) != (name == "the command ends") {
				t.Errorf("the script ended with %v", err)
			}
			if name != "SIGKILL" { // there the keeper removes the folder, a moment after the server is gone
				if _, err := os.Stat(dir); !os.IsNotExist(err) {
					t.Errorf("%s stays behind: %v", dir, err)
				}
			}
		})
	}
}

// The script's exit status is the command's.
func TestExitStatusIsTheCommands(t *testing.T) {
	err := exec.Command("./with-postgres.sh", "bash", "-c", "exit 7").Run()
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.ExitCode() != 7 {
		t.Errorf("exit 7 became %v", err)
	}
}

func kill(t *testing.T, c *exec.Cmd, s syscall.Signal) {
	t.Helper()
	if err := c.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
