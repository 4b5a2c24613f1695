package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// command runs a command line and returns what it printed.
func command(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var b bytes.Buffer
	code = run(t.Context(), args, &b, &b, time.Now)
	return b.String(), code
}

// An entry that is altered, taken out or cut off is found and named; a sound log is not.
func TestAuditVerify(t *testing.T) {
	data := t.TempDir()
	for _, email := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		out, code := command(t, "people", "add", "--operator", "--role", "finance", "--email", email, "--data", data, "--public-url", "https://aff.example")
		if code != 0 || !strings.Contains(out, "https://aff.example/reset?token=") {
			t.Fatalf("people add: %d %s", code, out)
		}
	}
	out, code := command(t, "audit", "verify", "--data", data)
	newest := regexp.MustCompile(`newest: ([0-9a-f]{64})`).FindStringSubmatch(out)
	if code != 0 || newest == nil || !strings.HasPrefix(out, "3 entries, none altered") {
		t.Fatalf("a sound log: %d %s", code, out)
	}
	if out, code := command(t, "audit", "verify", "--data", data, "--newest", newest[1]); code != 0 {
		t.Errorf("a sound log, held against its newest entry: %s", out)
	}
	db, err := sql.Open("sqlite", filepath.Join(data, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(says string, args ...string) {
		t.Helper()
		if out, code := command(t, append([]string{"audit", "verify", "--data", data}, args...)...); code != 1 || !strings.Contains(out, says) {
			t.Errorf("%d %s; want 1 and %q", code, out, says)
		}
	}
	exec("CREATE TABLE kept AS SELECT * FROM audit")
	for _, c := range []struct{ statement, says string }{
		{"UPDATE audit SET detail = replace(detail, 'b@', 'x@') WHERE sequence = 2", "broken at entry 2"},
		{"UPDATE audit SET at = at + 1 WHERE sequence = 1", "broken at entry 1"},
		{"UPDATE audit SET hash = zeroblob(32) WHERE sequence = 3", "broken at entry 3"},
		{"DELETE FROM audit WHERE sequence = 2", "broken at entry 2"},
		{"UPDATE audit SET sequence = 9 WHERE sequence = 3", "broken at entry 3"},
	} {
		exec(c.statement)
		verify(c.says)
		exec("DELETE FROM audit")
		exec("INSERT INTO audit SELECT * FROM kept")
	}
	exec("DELETE FROM audit WHERE sequence = 3") // what is left is a chain, so only the hash that was kept shows it
	verify("were cut off", "--newest", newest[1])
}

func TestBehind(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		peer, header, want string
	}{
		{"192.0.2.1:5", "198.51.100.7", "192.0.2.1:5"}, // nobody's proxy: what it says is not believed
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7:0"},
		{"10.0.0.1:5", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7:0"},
		{"10.0.0.1:5", "1.2.3.4, junk", "10.0.0.1:5"},
		{"10.0.0.1:5", "", "10.0.0.1:5"},
		{"10.0.0.1:5", "2001:db8::1", "[2001:db8::1]:0"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.header)
		got := ""
		behind(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s saying %q is %s, want %s", c.peer, c.header, got, c.want)
		}
	}
}

// 14.2.4: from the command line somebody gets what is kept, and is forgotten; the last admin stays.
func TestPeopleExportAndErase(t *testing.T) {
	data := t.TempDir()
	for _, email := range []string{"a@example.org", "b@example.org"} {
		if out, code := command(t, "people", "add", "--operator", "--email", email, "--name", "Ada of "+email, "--data", data); code != 0 {
			t.Fatalf("people add: %d %s", code, out)
		}
	}
	out, code := command(t, "people", "export", "--email", "A@example.org", "--data", data)
	if code != 0 || !strings.Contains(out, `"name": "Ada of a@example.org"`) || strings.Contains(out, "b@example.org") {
		t.Errorf("people export: %d %s", code, out)
	}
	out, code = command(t, "people", "erase", "--email", "a@example.org", "--data", data)
	if code != 0 || !strings.Contains(out, "erased; what the person did stays under per_") {
		t.Errorf("people erase: %d %s", code, out)
	}
	for _, what := range []string{"export", "erase"} {
		if out, code := command(t, "people", what, "--email", "a@example.org", "--data", data); code != 2 || !strings.Contains(out, "nobody has the address a@example.org") {
			t.Errorf("people %s of nobody: %d %s", what, code, out)
		}
	}
	if out, code := command(t, "people", "erase", "--email", "b@example.org", "--data", data); code != 1 || !strings.Contains(out, "the last who answers for Operator") {
		t.Errorf("the last admin: %d %s", code, out)
	}
	if out, code := command(t, "audit", "verify", "--data", data); code != 0 || !strings.Contains(out, "the details of 1 were cut when somebody was erased") {
		t.Errorf("audit verify: %d %s", code, out)
	}
}
