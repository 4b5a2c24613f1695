// Package keyfile keeps API keys in a file beside the database: those of the operator's own systems, which are there before anybody
// can sign in.
package keyfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// In is the file with the API keys in a data folder.
func In(data string) string { return filepath.Join(data, "keys.json") }

// Read reads the API keys; no file means no keys.
func Read(path string) ([]call.Key, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading API keys: %w", err)
	}
	var keys []call.Key
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("reading API keys: %s: %w", path, err)
	}
	return keys, nil
}

// Write keeps keys, readable by their owner only. The file appears when it is complete.
func Write(path string, keys []call.Key) error {
	data, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return fmt.Errorf("keeping the API keys: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("keeping the API keys: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("keeping the API keys: %w", err)
	}
	return nil
}
