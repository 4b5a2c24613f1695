// Package keywords hands out the keywords that programs forbid and looks for them in ad texts and keyword lists (F3).
package keywords

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickledger/clickledger/internal/facts"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/program/keyword"
)

// ErrNotFound says that there is no such program, or that none of its terms are in force.
var ErrNotFound = store.ErrNotFound

// Banned are the keywords that a program forbids: in the texts of ads, and as what ads are shown for.
type Banned struct {
	Program  program.ID
	Version  int       // of the program document
	Since    time.Time // when that version came into force
	Keywords []string  // in the order of the document; none: the program forbids none
}

// Hit is a place that holds a keyword.
type Hit = keyword.Hit

// Line is a line of a keyword list with what is found in it.
type Line struct {
	Number int    // from 1
	Text   string // without white space around it
	// Negative says that the line begins with a minus: ads are not shown for it, so a banned keyword may stand there, and should.
	Negative bool
	Hits     []Hit
}

// Bad reports whether the line must go.
func (l *Line) Bad() bool { return !l.Negative && len(l.Hits) > 0 }

// Limits of what is checked in one call.
const (
	MaxText  = 200_000 // bytes
	MaxLines = 20_000
)

// Service tells of keywords.
type Service struct {
	store store.Store
	now   func() time.Time
	facts facts.Cache
}

// New returns a service.
func New(s store.Store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// Programs are the programs whose terms are in force, by id.
func (v *Service) Programs(ctx context.Context) (ids []program.ID, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		ids = nil
		for _, id := range f.Programs() {
			if f.Terms(id, v.now()) != nil {
				ids = append(ids, id)
			}
		}
		return nil
	})
	return ids, err
}

// Banned are the keywords that a program forbids now. A program that is not there is ErrNotFound.
func (v *Service) Banned(ctx context.Context, id program.ID) (b Banned, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		t := f.Terms(id, v.now())
		if t == nil {
			return fmt.Errorf("program %.70q: %w", id, ErrNotFound)
		}
		b = Banned{id, t.Version, t.EffectiveFrom, t.Page.Keywords}
		return nil
	})
	return b, err
}

// Check looks for a program's banned keywords in the text of an ad.
func (v *Service) Check(ctx context.Context, id program.ID, text string) ([]Hit, error) {
	if err := readable(text); err != nil {
		return nil, err
	}
	b, err := v.Banned(ctx, id)
	if err != nil {
		return nil, err
	}
	return keyword.New(b.Keywords).Find(text), nil
}

// CheckList looks for a program's banned keywords in a list of keywords that ads are to be shown for, one a line. Lines that are empty
// are left out; all others come back, also those in which nothing is found.
func (v *Service) CheckList(ctx context.Context, id program.ID, list string) ([]Line, error) {
	if err := readable(list); err != nil {
		return nil, err
	}
	if n := strings.Count(list, "\n"); n > MaxLines {
		return nil, field.Wrong("list", "it has %d lines, and 20,000 are the most: split it", n)
	}
	b, err := v.Banned(ctx, id)
	if err != nil {
		return nil, err
	}
	banned := keyword.New(b.Keywords)
	var lines []Line
	n := 0
	for text := range strings.Lines(list) {
		n++
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		lines = append(lines, Line{n, text, strings.HasPrefix(text, "-"), banned.Find(text)})
	}
	return lines, nil
}

func readable(text string) error {
	if len(text) > MaxText {
		return field.Wrong("text", "it has %d bytes, and 200,000 are the most: split it", len(text))
	}
	if !utf8.ValidString(text) {
		return &field.Error{Field: "text", Reason: "it is not UTF-8: save the file as UTF-8"}
	}
	return nil
}

// Text is the list as text, a keyword a line, as advertising systems take it in.
func (b *Banned) Text() []byte {
	var out bytes.Buffer
	for _, k := range b.Keywords {
		out.WriteString(k + "\n")
	}
	return out.Bytes()
}

// CSV is the list as a table.
func (b *Banned) CSV() ([]byte, error) {
	rows := [][]string{{"program", "keyword", "version", "in_force_since"}}
	for _, k := range b.Keywords {
		rows = append(rows, []string{string(b.Program), wire.SafeCell(k), fmt.Sprint(b.Version), b.Since.UTC().Format(time.RFC3339)})
	}
	return table(rows)
}

// ResultCSV is a checked list as a table: each line, whether it may stay, and why not.
func ResultCSV(lines []Line) ([]byte, error) {
	rows := [][]string{{"line", "keyword", "ok", "banned", "how", "column"}}
	for i := range lines {
		l := &lines[i]
		row := []string{fmt.Sprint(l.Number), wire.SafeCell(l.Text), "yes", "", "", ""}
		if l.Bad() {
			row[2] = "no"
		}
		if len(l.Hits) == 0 {
			rows = append(rows, row)
			continue
		}
		for _, h := range l.Hits {
			rows = append(rows, []string{row[0], row[1], row[2], wire.SafeCell(h.Keyword), string(h.How), fmt.Sprint(h.Column)})
		}
	}
	return table(rows)
}

func table(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("writing a table: %w", err)
	}
	return out.Bytes(), nil
}
