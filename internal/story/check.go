package story

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write writes the story as an input directory of replay.
func (s *Story) Write(dir string) error {
	for name, lines := range s.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return fmt.Errorf("writing the story: %w", err)
		}
	}
	return nil
}

// Outcome is what came of a story: output lines by what they are about, as decoded JSON.
type Outcome struct {
	Items, Balances, Statistics map[string]map[string]any
}

// NewOutcome is an empty outcome.
func NewOutcome() Outcome {
	return Outcome{make(map[string]map[string]any), make(map[string]map[string]any), make(map[string]map[string]any)}
}

// ReadOutcome reads the output directory of replay.
func ReadOutcome(dir string) (Outcome, error) {
	o := NewOutcome()
	for _, f := range []struct {
		name string
		into map[string]map[string]any
		key  []string
	}{
		{"commissions.jsonl", o.Items, []string{"program", "order", "item"}},
		{"balances.jsonl", o.Balances, []string{"program", "publisher"}},
		{"statistics.jsonl", o.Statistics, []string{"program", "publisher"}},
	} {
		data, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			return o, fmt.Errorf("reading the outcome: %w", err)
		}
		for line := range strings.Lines(string(data)) {
			if err := Add(f.into, []byte(line), f.key...); err != nil {
				return o, fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	return o, nil
}

// Add decodes a line into a map under the values of its key members.
func Add(into map[string]map[string]any, line []byte, key ...string) error {
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		return fmt.Errorf("decoding %s: %w", line, err)
	}
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i], _ = m[k].(string)
		if k == "publisher" && m[k] == nil {
			parts[i] = "all"
		}
	}
	into[strings.Join(parts, "\x00")] = m
	return nil
}

// Check compares an outcome with what the story expects and returns what differs.
func (s *Story) Check(o Outcome) []string {
	var wrong []string
	for _, e := range s.Expects {
		from := map[string]map[string]map[string]any{"item": o.Items, "balance": o.Balances, "statistics": o.Statistics}[e.Kind]
		got, ok := from[strings.Join(e.Key, "\x00")]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s:%d: nothing came of %s %s", s.File, e.Line, e.Kind, strings.Join(e.Key, " ")))
			continue
		}
		for name, want := range e.Fields {
			v, known := got[name]
			text := fmt.Sprint(v)
			if v == nil {
				text = ""
			}
			if !known || text != want {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s of %s is %q, want %q", s.File, e.Line, name, strings.Join(e.Key, " "), text, want))
			}
		}
	}
	return wrong
}
