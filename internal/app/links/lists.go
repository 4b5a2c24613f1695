package links

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/table"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Entry is a line of a list of wishes (L1).
type Entry struct {
	Line int    // from 1, in what was entered or in the file
	Text string // what the line asks for, as people read it
	Wish Wish
	Err  error // a *field.Error: the line is no wish
}

// Granted is what became of an entry: a link, or the reason why there is none.
type Granted struct {
	Entry
	Link *Link
	Why  *field.Error
}

// ReadLines reads a list with a wish a line; empty lines are passed over. What all have in common comes from common, with the kind in its
// target. Where that kind names something, a line is its id, or the address of its page, or both: first the id, then the address.
// The home page alone needs no line.
func ReadLines(list string, common Wish) (all []Entry) {
	n := 0
	for line := range strings.Lines(list) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		e := Entry{Line: n, Text: line, Wish: common}
		e.Wish.Target = lineTarget(common.Target.Kind, line)
		all = append(all, e)
	}
	if len(all) == 0 && common.Target.Kind == program.LinkHome {
		all = []Entry{{Line: 1, Text: program.LinkHome.String(), Wish: common}}
	}
	return all
}

func lineTarget(kind program.LinkKind, line string) link.Target {
	switch kind {
	case 0, program.LinkHome, program.LinkPage:
		return link.Target{Kind: kind, URL: line}
	}
	words := strings.Fields(line)
	if last := words[len(words)-1]; strings.Contains(last, "://") {
		return link.NewTarget(kind, strings.Join(words[:len(words)-1], " "), last)
	}
	return link.NewTarget(kind, line, "")
}

// ReadTable reads a table of wishes (CSV with commas, semicolons or tabs): the first line names the columns, in any order: address, or
// kind and id, or all three; ad_space, tracking_id and program, where they differ from common. A table whose first line is an address
// has addresses only. A table that cannot be read is a *field.FileError; a line that is no wish has its own reason.
func ReadTable(data []byte, common Wish) (all []Entry, err error) {
	form := table.Form{Columns: []string{"address", "kind", "id", "ad_space", "tracking_id", "program"}, Needed: [][]string{{"address", "kind"}}, Bare: "address", Most: MaxBulk}
	err = form.Read(bytes.NewReader(data), func(r *table.Row, wrong error) error {
		all = append(all, entry(r, wrong, common))
		return nil
	})
	return all, err
}

// entry reads a line of a table; wrong is what is wrong with it already.
func entry(r *table.Row, wrong error, common Wish) Entry {
	e := Entry{Line: r.Line, Wish: common, Err: wrong}
	kind, id := strings.ToLower(r.Get("kind")), r.Get("id")
	e.Wish.Target.URL = cmp.Or(r.Get("address"), e.Wish.Target.URL)
	e.Wish.AdSpace = cmp.Or(r.Get("ad_space"), e.Wish.AdSpace)
	e.Wish.TrackingID = cmp.Or(r.Get("tracking_id"), e.Wish.TrackingID)
	e.Wish.Program = cmp.Or(program.ID(r.Get("program")), e.Wish.Program)
	var named []string
	for _, s := range []string{kind, id, e.Wish.Target.URL} {
		if s != "" {
			named = append(named, s)
		}
	}
	e.Text = strings.Join(named, " ")
	if e.Err != nil {
		return e
	}
	k := common.Target.Kind
	if kind != "" {
		var err error
		if k, err = program.ParseLinkKind(kind); err != nil {
			e.Err = &field.Error{Field: "kind", Reason: err.Error()}
			return e
		}
	}
	if k == 0 && e.Wish.Target.URL == "" {
		e.Err = &field.Error{Field: "address", Reason: "the line has neither an address nor a kind: give the address of the page, or what it is and its id"}
		return e
	}
	e.Wish.Target = link.NewTarget(k, id, e.Wish.Target.URL)
	return e
}

// Grant makes the links of a list, each entry by itself, and says of each what became of it.
func (v *Service) Grant(ctx context.Context, list []Entry) ([]Granted, error) {
	out := make([]Granted, len(list))
	var wishes []Wish
	var places []int
	for i := range list {
		out[i].Entry = list[i]
		if list[i].Err != nil {
			if !errors.As(list[i].Err, &out[i].Why) {
				return nil, list[i].Err
			}
			continue
		}
		wishes, places = append(wishes, list[i].Wish), append(places, i)
	}
	if len(wishes) == 0 {
		return out, nil
	}
	made, err := v.Make(ctx, wishes)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		if made[n].Err == nil {
			out[i].Link = &made[n].Link
		} else if !errors.As(made[n].Err, &out[i].Why) {
			return nil, made[n].Err
		}
	}
	return out, nil
}

// GrantedCSV is what became of a list as a table: of each line its link, or why there is none.
func (v *Service) GrantedCSV(all []Granted) ([]byte, error) {
	rows := [][]string{{"line", "wish", "link", "code", "program", "ad_space", "tracking_id", "kind", "id", "leads_to", "why_not"}}
	for i := range all {
		g := &all[i]
		row := []string{strconv.Itoa(g.Line), wire.SafeCell(g.Text)}
		if l := g.Link; l != nil {
			row = append(row, v.URL(l.Code), l.Code, string(l.Program), wire.SafeCell(l.AdSpace), wire.SafeCell(l.TrackingID), l.Target.Kind.String(), wire.SafeCell(l.Target.ID()), l.Target.URL, "")
		} else {
			row = append(row, "", "", wire.SafeCell(string(g.Wish.Program)), wire.SafeCell(g.Wish.AdSpace), wire.SafeCell(g.Wish.TrackingID), "", "", "", wire.SafeCell(g.Why.Error()))
		}
		rows = append(rows, row)
	}
	return spreadsheet(rows)
}

const (
	eachPage   = 500
	maxScanned = 20_000 // links that one search looks at
)

// Search returns links that match a filter and have every one of some words in their code, their address or what they name, whatever
// the case; the newest first. It returns at least limit of them where there are so many among the 20,000 that it looks at, and may
// return some more; next goes on behind the last link that was looked at, found or not.
func (v *Service) Search(ctx context.Context, f Filter, words, after string, limit int) (ls []Link, next string, err error) {
	needles := strings.Fields(strings.ToLower(words))
	if len(needles) == 0 {
		return v.List(ctx, f, after, limit)
	}
	err = v.store.View(ctx, func(tx store.Tx) error {
		ls = nil
		next = after
		for looked := 0; looked < maxScanned && len(ls) < limit; looked += eachPage {
			var page []Link
			var err error
			if page, next, err = tx.Platform().Links().Page(ctx, f, next, eachPage); err != nil {
				return err
			}
			for i := range page {
				if says(&page[i], needles) {
					ls = append(ls, page[i])
				}
			}
			if next == "" {
				break
			}
		}
		return nil
	})
	return ls, next, err
}

// says reports whether a link has all words, which are in lower case.
func says(l *Link, words []string) bool {
	t := &l.Target
	text := strings.ToLower(strings.Join([]string{l.Code, t.URL, t.Product, t.Store, t.Ref, l.AdSpace, l.TrackingID}, "\n"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// WriteCSV writes all links that match a filter and words (see Search) as a table, the newest first, as they are read.
func (v *Service) WriteCSV(ctx context.Context, to io.Writer, f Filter, words string) error {
	w := csv.NewWriter(to)
	if err := w.Write([]string{"code", "link", "program", "ad_space", "tracking_id", "kind", "id", "leads_to", "state", "made_at", "changed_at"}); err != nil {
		return err
	}
	for after := ""; ; {
		ls, next, err := v.Search(ctx, f, words, after, eachPage)
		if err != nil {
			return err
		}
		for i := range ls {
			l := &ls[i]
			if err := w.Write([]string{
				l.Code, v.URL(l.Code), string(l.Program), wire.SafeCell(l.AdSpace), wire.SafeCell(l.TrackingID), l.Target.Kind.String(), wire.SafeCell(l.Target.ID()), wire.SafeCell(l.Target.URL), l.State,
				l.CreatedAt.UTC().Format(time.RFC3339), l.ChangedAt.UTC().Format(time.RFC3339),
			}); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			w.Flush()
			return w.Error()
		}
	}
}

// Spaces are the ad spaces that a publisher can make links for now, by program and id (A4).
func (v *Service) Spaces(ctx context.Context, whose string) (all []*publisher.AdSpace, err error) {
	err = v.store.View(ctx, func(tx store.Tx) error {
		f, err := v.facts.Current(ctx, tx)
		if err != nil {
			return err
		}
		all = nil
		now := v.now()
		for _, s := range f.AdSpaces {
			if s.Publisher == whose && s.JoinedAt(now) && f.Terms(s.Program, now) != nil {
				all = append(all, s)
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b *publisher.AdSpace) int {
		return strings.Compare(string(a.Program)+"\n"+a.ID, string(b.Program)+"\n"+b.ID)
	})
	return all, err
}

// Whose link an answer of the checker is about, as codes.
const (
	Yours   = "yours"
	Others  = "another_publisher"
	Nobodys = "nobody"
)

// Whose says whose link the address is, to a publisher who asked.
func (a *Answer) Whose() string {
	switch {
	case a.Link != nil:
		return Yours
	case slices.Contains(a.Findings, ForeignLink):
		return Others
	}
	return Nobodys
}

// Listed reports whether the catalogue has the product, so that it is known whether its seller takes part.
func (a *Answer) Listed() bool {
	return a.Link != nil && a.Product != "" && !slices.Contains(a.Findings, NotInCatalogue)
}

// AnswersCSV is what the checker says to a publisher as a table, an address a line. What is not known is empty.
func AnswersCSV(all []Answer) ([]byte, error) {
	rows := [][]string{{"address", "valid", "earns", "whose", "code", "program", "leads_to", "product", "store", "affiliate", "rate", "rule", "rate_new_buyer", "rule_new_buyer", "until", "findings"}}
	word := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	for i := range all {
		a := &all[i]
		var code, affiliate, until string
		if a.Link != nil {
			code = a.Link.Code
		}
		if a.Listed() {
			affiliate = word(a.Affiliate)
		}
		if !a.Until.IsZero() {
			until = a.Until.Format(time.RFC3339)
		}
		var why []string
		for _, f := range a.Findings {
			why = append(why, string(f))
		}
		rows = append(rows, []string{
			wire.SafeCell(a.Address), word(a.Valid), word(a.Earns), a.Whose(), code, string(a.Program), wire.SafeCell(a.LeadsTo), wire.SafeCell(a.Product), wire.SafeCell(a.Store), affiliate,
			a.Rate.Percent, wire.SafeCell(a.Rate.Rule), a.NewBuyer.Percent, wire.SafeCell(a.NewBuyer.Rule), until, strings.Join(why, " "),
		})
	}
	return spreadsheet(rows)
}
