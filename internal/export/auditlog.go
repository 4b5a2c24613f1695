package export

import (
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/audit"
)

// AuditLog writes entries of the audit log as CSV, as they are read: read returns those behind a cursor and the next cursor, "" at the
// beginning and at the end. name is what a person is called. The first error of read ends the file.
func AuditLog(w io.Writer, read func(after string) ([]people.AuditEntry, string, error), name func(person string) string) error {
	all, next, err := read("")
	if err != nil {
		return err // nothing was written yet
	}
	to, err := New(CSV, w)
	if err != nil {
		return err
	}
	head := &reports.Head{}
	for _, name := range []string{"entry", "at", "person", "name", "organisation", "via", "network", "action", "object", "before", "after", "reason", "hash"} {
		head.Columns = append(head.Columns, reports.Column{Name: name, Kind: reports.Text})
	}
	if err := to.Begin(head); err != nil {
		return err
	}
	names := map[string]string{"": ""}
	for {
		for _, e := range all {
			if _, known := names[e.Person]; !known {
				names[e.Person] = name(e.Person)
			}
			d := audit.Read(e)
			if err := to.Row([]string{
				strconv.FormatInt(e.Sequence, 10), e.At.UTC().Format(time.RFC3339), e.Person, names[e.Person], e.Organisation, e.Via, e.Network, e.Action, e.Object,
				strings.Join(Pairs(d.Before), "; "), strings.Join(Pairs(d.After), "; "), d.Reason, hex.EncodeToString(e.Hash),
			}); err != nil {
				return err
			}
		}
		if next == "" {
			return to.End("")
		}
		if all, next, err = read(next); err != nil {
			return err
		}
	}
}

// Pairs are values as people read them, by name.
func Pairs(v audit.Values) (out []string) {
	for _, k := range slices.Sorted(maps.Keys(v)) {
		out = append(out, k+": "+v[k])
	}
	return out
}
