// Package seal keeps secrets that must be read again, such as those that calls are signed with, from whoever reads the database or a
// backup of it. They are sealed with AES-256-GCM under a key that stands in a file of its own.
//
// The file holds a line for each key: its name and 32 bytes in base64. The first one seals; all open. To change keys, put a new
// line in front and keep the old ones until everything that they sealed is gone.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Box seals and opens.
type Box struct {
	newest string
	keys   map[string]cipher.AEAD
}

// version is the first byte of what is sealed.
const version = 1

// ErrSealed says that something cannot be opened: it was changed, stands in another place than it was sealed for, or its key is gone.
var ErrSealed = errors.New("it cannot be opened: it was changed or moved, or its key is not in the key file")

// New returns a box with keys of 32 bytes by name; newest is the one that seals.
func New(newest string, keys map[string][]byte) (*Box, error) {
	b := &Box{newest, make(map[string]cipher.AEAD, len(keys))}
	for name, key := range keys {
		if len(key) != 32 || name == "" || len(name) > 255 {
			return nil, fmt.Errorf("key %q: a key has a name and 32 bytes", name)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if b.keys[name], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, err
		}
	}
	if b.keys[newest] == nil {
		return nil, fmt.Errorf("there is no key %q", newest)
	}
	return b, nil
}

// Seal seals a secret for a place, such as a table and an id: it opens for that place only.
func (b *Box) Seal(secret []byte, place string) []byte {
	out := append([]byte{version, byte(len(b.newest))}, b.newest...)
	return b.keys[b.newest].Seal(out, nil, secret, []byte(place))
}

// Open returns a secret that was sealed for a place.
func (b *Box) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != version || len(sealed) < 2+int(sealed[1]) {
		return nil, ErrSealed
	}
	rest := sealed[2:]
	key := b.keys[string(rest[:sealed[1]])]
	if key == nil {
		return nil, ErrSealed
	}
	secret, err := key.Open(nil, nil, rest[sealed[1]:], []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}

// Load reads the key file, or makes one with a new key where there is none. Others than its owner may not read it.
func Load(path string) (*Box, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if text, err = create(path); err != nil {
			return nil, fmt.Errorf("making the key file: %w", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	newest, keys := "", map[string][]byte{}
	for n, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("reading the key file: %s:%d: a line holds the name of a key and the key", path, n+1)
		}
		key, err := base64.StdEncoding.DecodeString(fields[1])
		if err != nil {
			return nil, fmt.Errorf("reading the key file: %s:%d: the key is not base64", path, n+1) // the error would show part of it
		}
		if newest == "" {
			newest = fields[0]
		}
		keys[fields[0]] = key
	}
	b, err := New(newest, keys)
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %s: %w", path, err)
	}
	return b, nil
}

// create writes a new key file. Of two processes that do so at once, both use the same file.
func create(path string) ([]byte, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	text := []byte("k1 " + base64.StdEncoding.EncodeToString(key) + "\n")
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // readable by its owner only
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
