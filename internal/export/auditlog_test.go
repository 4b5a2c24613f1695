package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
)

// The audit log as a file has every entry of every page once, with what was changed, and no cell that a spreadsheet takes for a formula.
func TestTheAuditLogAsAFile(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var asked []string
	read := func(after string) (all []people.AuditEntry, next string, err error) {
		asked = append(asked, after)
		from := 6
		if after != "" {
			from, _ = strconv.Atoi(after)
		}
		for n := from; n > from-2; n-- {
			all = append(all, people.AuditEntry{
				Sequence: int64(n), At: at, Person: "per-" + strconv.Itoa(n%2), Via: "session", Action: "rate.set", Object: "=HYPERLINK(1)",
				Detail: fmt.Sprintf(`{"before":{"rate":"5"},"after":{"rate":"%d","name":"a"},"reason":"@now, at \"once\""}`, n), Hash: []byte{0xab, byte(n)},
			})
		}
		if from > 2 {
			next = strconv.Itoa(from - 2)
		}
		return all, next, nil
	}
	named := 0
	var b bytes.Buffer
	if err := AuditLog(&b, read, func(person string) string { named++; return "+" + person }); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := fmt.Sprint(asked); got != "[ 4 2]" || named != 2 {
		t.Errorf("the pages behind %s were read, and %d names", got, named)
	}
	for i, row := range rows[1:] {
		n := 6 - i
		want := []string{
			strconv.Itoa(n), "2026-03-01T12:00:00Z", "per-" + strconv.Itoa(n%2), "'+per-" + strconv.Itoa(n%2), "", "session", "", "rate.set", "'=HYPERLINK(1)", "rate: 5",
			"name: a; rate: " + strconv.Itoa(n), `'@now, at "once"`, fmt.Sprintf("ab%02x", n),
		}
		if fmt.Sprint(row) != fmt.Sprint(want) {
			t.Errorf("row %d is\n%q, want\n%q", i, row, want)
		}
	}
	broken := errors.New("the disk is gone")
	b.Reset()
	if err := AuditLog(&b, func(string) ([]people.AuditEntry, string, error) { return nil, "", broken }, nil); !errors.Is(err, broken) || b.Len() > 0 {
		t.Errorf("%v, and %q was written", err, strings.TrimSpace(b.String()))
	}
}
