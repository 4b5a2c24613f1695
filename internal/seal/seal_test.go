package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBox(t *testing.T) {
	b, err := New("k1", map[string][]byte{"k1": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("the secret")
	sealed := b.Seal(secret, "app 1")
	if got, err := b.Open(sealed, "app 1"); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("opened: %q, %v", got, err)
	}
	if bytes.Contains(sealed, secret) || bytes.Equal(sealed, b.Seal(secret, "app 1")) {
		t.Error("what is sealed shows what it is")
	}
	if _, err := b.Open(sealed, "app 2"); !errors.Is(err, ErrSealed) {
		t.Errorf("in another place: %v", err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := b.Open(changed, "app 1"); !errors.Is(err, ErrSealed) {
			t.Errorf("with byte %d changed: %v", i, err)
		}
		if _, err := b.Open(sealed[:i], "app 1"); !errors.Is(err, ErrSealed) {
			t.Errorf("cut off after %d bytes: %v", i, err)
		}
	}
	other, err := New("k2", map[string][]byte{"k2": bytes.Repeat([]byte{2}, 32), "k1": bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := other.Open(sealed, "app 1"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened with an old key: %q, %v", got, err)
	}
	if _, err := b.Open(other.Seal(secret, "app 1"), "app 1"); !errors.Is(err, ErrSealed) {
		t.Errorf("opened without the key: %v", err)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	first, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(first.Seal([]byte("s"), "p"), "p"); err != nil || string(got) != "s" {
		t.Errorf("the key of the second start is another one: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the key file: %v, %v", info.Mode(), err)
	}
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	for text, says := range map[string]string{
		"": "no key", "k1\n": ":1:", "k1 a b\n": ":1:", "k1 " + key + "\nk2 !" + key + "\n": ":2:", "k1 YQ==\n": "32 bytes",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), key) {
			t.Errorf("a key file with %q: %v", text, err)
		}
	}
}
