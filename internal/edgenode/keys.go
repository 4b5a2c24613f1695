package edgenode

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/link"
)

// Keys are an installation's keys: the one that makes codes from link ids, which never changes, and those that sign click tokens. Every
// edge and worker has the same.
type Keys struct {
	Code   *link.Codes
	Tokens *token.Keyring

	code   string
	tokens []tokenKey
}

type tokenKey struct {
	ID     uint8     `json:"id"`
	Secret string    `json:"secret"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until,omitzero"`
}

type keyFile struct {
	Code   string     `json:"code_key"`
	Tokens []tokenKey `json:"token_keys"`
}

// ReadKeys reads a key file.
func ReadKeys(path string) (*Keys, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the edge's keys: %w", err)
	}
	var f keyFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("reading the edge's keys: %s is not a key file: %w", path, err)
	}
	k, err := keysOf(f)
	if err != nil {
		return nil, fmt.Errorf("reading the edge's keys: %s: %w", path, err)
	}
	return k, nil
}

func keysOf(f keyFile) (*Keys, error) {
	k := &Keys{code: f.Code, tokens: f.Tokens}
	code, err := hex.DecodeString(f.Code)
	if err != nil {
		return nil, errors.New("code_key is not hexadecimal")
	}
	if k.Code, err = link.NewCodes(code); err != nil {
		return nil, fmt.Errorf("code_key: %w", err)
	}
	keys := make([]token.Key, len(f.Tokens))
	for i, t := range f.Tokens {
		secret, err := hex.DecodeString(t.Secret)
		if err != nil || len(secret) != len(token.Secret{}) {
			return nil, fmt.Errorf("token_keys[%d].secret is not %d hexadecimal bytes", i, len(token.Secret{}))
		}
		keys[i] = token.Key{ID: t.ID, Secret: token.Secret(secret), From: t.From, Until: t.Until}
	}
	if k.Tokens, err = token.NewKeyring(keys...); err != nil {
		return nil, fmt.Errorf("token_keys: %w", err)
	}
	return k, nil
}

// NewKeys makes the keys of a new installation.
func NewKeys(now time.Time) *Keys {
	k, err := keysOf(keyFile{Code: secret(), Tokens: []tokenKey{{ID: 1, Secret: secret(), From: now.UTC().Truncate(time.Second)}}})
	if err != nil {
		panic(err) // they are made as they are read
	}
	return k
}

func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Rotate returns the keys with a new one that signs from a time on. The older ones verify until keep after it.
func (k *Keys) Rotate(from time.Time, keep time.Duration) (*Keys, error) {
	from = from.UTC().Truncate(time.Second)
	f := keyFile{Code: k.code}
	taken := make(map[uint8]bool)
	for _, t := range k.tokens {
		if t.Until.IsZero() {
			t.Until = from.Add(keep)
		}
		if t.Until.Before(from) {
			continue // nobody accepts it any more
		}
		taken[t.ID] = true
		f.Tokens = append(f.Tokens, t)
	}
	id := f.Tokens[len(f.Tokens)-1].ID + 1
	for taken[id] {
		id++
	}
	f.Tokens = append(f.Tokens, tokenKey{ID: id, Secret: secret(), From: from})
	return keysOf(f)
}

// Write keeps the keys in a file that only its owner reads.
func (k *Keys) Write(path string) error {
	data, err := json.MarshalIndent(keyFile{k.code, k.tokens}, "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the edge's keys: %w", err)
	}
	if err := writeFile(path, func(f *os.File) error {
		_, err := f.Write(append(data, '\n'))
		return err
	}); err != nil {
		return fmt.Errorf("keeping the edge's keys: %w", err)
	}
	return nil
}

// List says which token keys there are, without their secrets.
func (k *Keys) List() []string {
	lines := make([]string, len(k.tokens))
	for i, t := range k.tokens {
		lines[i] = fmt.Sprintf("token key %d signs from %s", t.ID, t.From.Format(time.RFC3339))
		if !t.Until.IsZero() {
			lines[i] += ", is accepted until " + t.Until.Format(time.RFC3339)
		}
	}
	return lines
}

// writeFile writes a file as a whole or not at all: to a new one, which is synced and takes the name.
func writeFile(path string, write func(f *os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the renaming
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
