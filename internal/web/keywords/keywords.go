// Package keywords is where publishers read and download the keywords that a program forbids, and check ad texts and keyword lists
// against them (F3).
package keywords

import (
	"errors"
	"io"
	"strings"

	"github.com/clickledger/clickledger/internal/app/keywords"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/linktabs"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of keywords.
type Pages struct {
	Keywords *keywords.Service
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/keywords", Permission: people.SeeReports, Handle: p.show},
		{Pattern: "POST /publisher/keywords", Permission: people.SeeReports, Handle: p.check},
		{Pattern: "GET /publisher/keywords/{program}/{format}", Permission: people.SeeReports, Handle: p.download},
	}
}

// view is what the page shows.
type view struct {
	programs []program.ID
	banned   keywords.Banned
	text     string // that was checked
	list     bool   // it is a list of keywords
	checked  bool
	hits     []keywords.Hit
	lines    []keywords.Line
	bad      int // lines that must go
	problem  string
}

func (p *Pages) show(r *page.Request) (page.Answer, error) {
	return p.page(r, &view{}, program.ID(r.URL.Query().Get("program")), 0)
}

func (p *Pages) page(r *page.Request, v *view, id program.ID, status int) (page.Answer, error) {
	var err error
	if v.programs, err = p.Keywords.Programs(r.Context()); err != nil {
		return page.Answer{}, err
	}
	if id == "" && len(v.programs) > 0 {
		id = v.programs[0]
	}
	if id != "" {
		if v.banned, err = p.Keywords.Banned(r.Context(), id); err != nil {
			return page.Answer{}, missing(err)
		}
	}
	return page.Answer{Title: r.T.Tools.Keywords.Title, Area: linktabs.Links, Status: status, Body: show(r.T, v)}, nil
}

func missing(err error) error {
	if errors.Is(err, keywords.ErrNotFound) {
		return page.ErrNotFound
	}
	return err
}

// maxUpload is how much of a file is read.
const maxUpload = keywords.MaxText + 1

// check checks what was typed in or sent as a file, and shows the result or sends it as a table.
func (p *Pages) check(r *page.Request) (page.Answer, error) {
	id := program.ID(r.PostFormValue("program"))
	v := &view{text: strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"), list: r.PostFormValue("as") == "list"}
	if file, _, err := r.FormFile("file"); err == nil {
		defer file.Close()
		data, err := io.ReadAll(io.LimitReader(file, maxUpload))
		if err != nil {
			return page.Answer{}, &page.Refused{Why: r.T.Tools.BadFile}
		}
		if len(data) > 0 {
			v.text = strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
		}
	}
	var err error
	if v.list {
		v.lines, err = p.Keywords.CheckList(r.Context(), id, v.text)
	} else {
		v.hits, err = p.Keywords.Check(r.Context(), id, v.text)
	}
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, missing(err)
	}
	if wrong.Any() {
		v.problem, v.text = wrong.Why, ""
		return p.page(r, v, id, wrong.Status())
	}
	v.checked = true
	for i := range v.lines {
		if v.lines[i].Bad() {
			v.bad++
		}
	}
	if v.list && r.PostFormValue("do") == "csv" {
		data, err := keywords.ResultCSV(v.lines)
		if err != nil {
			return page.Answer{}, err
		}
		return page.Answer{File: &page.File{Name: "checked-keywords-" + string(id) + ".csv", Type: "text/csv; charset=utf-8", Data: data}}, nil
	}
	return p.page(r, v, id, 0)
}

// download sends the list of a program as a table or as text.
func (p *Pages) download(r *page.Request) (page.Answer, error) {
	b, err := p.Keywords.Banned(r.Context(), program.ID(r.PathValue("program")))
	if err != nil {
		return page.Answer{}, missing(err)
	}
	f := &page.File{Name: "banned-keywords-" + string(b.Program) + "." + r.PathValue("format")}
	switch r.PathValue("format") {
	case "csv":
		f.Type = "text/csv; charset=utf-8"
		if f.Data, err = b.CSV(); err != nil {
			return page.Answer{}, err
		}
	case "txt":
		f.Type, f.Data = "text/plain; charset=utf-8", b.Text()
	default:
		return page.Answer{}, page.ErrNotFound
	}
	return page.Answer{File: f}, nil
}

func address(id program.ID, format string) string {
	return ui.Address([]string{"publisher", "keywords", string(id), format})
}
