package edgenode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/click/token"
)

// L3: after a rotation new clicks are signed with the new key, tokens of the old one are still accepted, and codes stay what they are.
func TestL3_KeysRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const keep = 90 * 24 * time.Hour
	first := NewKeys(now)
	if err := first.Write(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v", info.Mode(), err)
	}
	change := now.Add(24 * time.Hour)
	second, err := first.Rotate(change, keep)
	if err == nil {
		err = second.Write(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := first.Code.Code(7); true {
		if b, _ := read.Code.Code(7); a != b {
			t.Errorf("link 7 had the code %v and has %v", a, b)
		}
	}
	sign := func(k *Keys, at time.Time) string {
		text, err := k.Tokens.Append(nil, &token.Claims{Click: token.NewID(at, token.Nonce{1}), Link: 1})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before, after := sign(first, now), sign(read, change.Add(time.Minute))
	if _, err := read.Tokens.Parse(before, change.Add(time.Hour)); err != nil {
		t.Errorf("a token of the old key after the rotation: %v", err)
	}
	if _, err := first.Tokens.Parse(after, change.Add(time.Hour)); err == nil {
		t.Error("an edge that was not told of the new key accepts its tokens")
	}
	if _, err := read.Tokens.Parse(before, change.Add(keep+time.Hour)); err == nil {
		t.Error("a token of the old key is accepted after its time")
	}
	// The next rotation, long after, leaves the key out that nobody accepts any more, and a year of rotations never runs out of ids.
	k := read
	for i := range 300 {
		if k, err = k.Rotate(change.Add(time.Duration(i+1)*40*24*time.Hour), keep); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(k.List()); n > 5 {
		t.Errorf("%d keys are kept: %v", n, k.List())
	}
	for _, line := range k.List() {
		if strings.Contains(line, k.tokens[0].Secret) {
			t.Error("the list shows a secret")
		}
	}
}

// A key file that is damaged is refused with the member that is wrong.
func TestBadKeyFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":      {"x", "not a key file"},
		"code":         {`{"code_key":"zz","token_keys":[]}`, "code_key"},
		"short code":   {`{"code_key":"00","token_keys":[]}`, "code_key"},
		"short secret": {`{"code_key":"` + strings.Repeat("11", 32) + `","token_keys":[{"id":1,"secret":"00","from":"2026-01-01T00:00:00Z"}]}`, "token_keys[0].secret"},
		"same id":      {`{"code_key":"` + strings.Repeat("11", 32) + `","token_keys":[{"id":1,"secret":"` + strings.Repeat("22", 32) + `","from":"2026-01-01T00:00:00Z"},{"id":1,"secret":"` + strings.Repeat("33", 32) + `","from":"2026-02-01T00:00:00Z"}]}`, "token_keys"},
	} {
		path := filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKeys(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want one that names %s", name, err, c.want)
		}
	}
}
