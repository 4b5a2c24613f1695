package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clickledger/clickledger/explain"
)

// Explanation reads the steps of a decision record, as AppendCommission wrote it.
func Explanation(record []byte) ([]explain.Step, error) {
	var r struct {
		Explanation []explain.Step `json:"explanation"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, fmt.Errorf("decision record: %w", err)
	}
	return r.Explanation, nil
}

// WithExplanation returns a decision record, as AppendCommission wrote it, with another explanation in the place of its own. Every
// other byte stays.
func WithExplanation(record []byte, steps []explain.Step) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(record))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("a decision record is a JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("decision record: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("decision record, member %v: %w", name, err)
		}
		if name != "explanation" {
			continue
		}
		end := int(d.InputOffset())
		out := append([]byte(nil), record[:end-len(value)]...)
		out = append(out, '[')
		for i, s := range steps {
			if i > 0 {
				out = append(out, ',')
			}
			out = s.AppendJSON(out)
		}
		return append(append(out, ']'), record[end:]...), nil
	}
	return nil, errors.New("the decision record has no explanation")
}
