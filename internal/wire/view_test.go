package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickledger/clickledger/explain"
	"github.com/clickledger/clickledger/internal/wire"
)

// T7: a record with its own explanation is the same bytes, with another one it differs in that member only; what is no record is refused.
func TestT7_ARecordWithAnotherExplanation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := func(name string) explain.Step {
			return explain.New("rule", "rule", rapid.String().Draw(t, name), "percent", `"explanation":[`)
		}
		write := func(steps ...explain.Step) string {
			parts := make([]string, len(steps))
			for i, s := range steps {
				parts[i] = string(s.AppendJSON(nil))
			}
			return `{"order":"o \"explanation\":[]","sub":{"explanation":["x"]},"explanation":[` + strings.Join(parts, ",") + `],"held":null}`
		}
		was, is := step("was"), step("is")
		for _, steps := range [][]explain.Step{{was}, {is}, {is, was}, nil} {
			got, err := wire.WithExplanation([]byte(write(was)), steps)
			if want := write(steps...); err != nil || string(got) != want || !json.Valid(got) {
				t.Fatalf("%s, %v, want %s", got, err, want)
			}
		}
	})
	for _, bad := range []string{"", "[]", "{", `{"order":1}`, `{"explanation":`, `{"explanation"`} {
		if got, err := wire.WithExplanation([]byte(bad), nil); err == nil {
			t.Errorf("%q became %s", bad, got)
		}
	}
}
