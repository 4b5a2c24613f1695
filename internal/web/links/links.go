// Package links is where publishers make their affiliate links, one or many at a time, with QR codes and disclosure texts, check
// addresses, and stop links (L1, L2, L5, L8).
package links

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// Pages are the pages of links.
type Pages struct {
	Links    *links.Service
	Reports  *reports.Service
	Programs func() []program.ID
	Names    *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/links", Permission: people.SeeReports, Handle: p.list},
		{Pattern: "POST /publisher/links", Permission: people.MakeLinks, Handle: p.make},
		{Pattern: "GET /publisher/links/{code}", Permission: people.SeeReports, Handle: p.one},
		{Pattern: "POST /publisher/links/{code}", Permission: people.MakeLinks, Handle: p.change},
		{Pattern: "GET /publisher/links/{code}/qr.png", Permission: people.SeeReports, Handle: func(r *page.Request) (page.Answer, error) { return p.qr(r, "png") }},
		{Pattern: "GET /publisher/links/{code}/qr.svg", Permission: people.SeeReports, Handle: func(r *page.Request) (page.Answer, error) { return p.qr(r, "svg") }},
		{Pattern: "GET /links/{code}", Permission: people.SeeEverything, Handle: p.any},
		{Pattern: "GET /publisher/check", Permission: people.SeeReports, Handle: p.check},
		{Pattern: "POST /publisher/check", Permission: people.SeeReports, Handle: p.checkMany},
	}
}

// view is the list, the form and what was just made.
type view struct {
	links            []links.Link
	programs         []program.ID
	spaces           []*publisher.AdSpace // that links can be made for
	filter           links.Filter
	words            string
	first, next, csv string
	url              func(code string) string
	may              bool
	form             form
	granted          []links.Granted
	made             int
	problem          string
	wrong            page.Problem // with the file
}

// filtered reports whether the list shows some links only.
func (v *view) filtered() bool {
	return v.words != "" || v.filter != links.Filter{Publisher: v.filter.Publisher}
}

// form is what was entered.
type form struct {
	program, kind, addresses, space, tracking string
}

const perPage, maxAtOnce = 50, 200

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	// Other pages lead here with a page that is to have a link.
	return p.show(r, &view{form: form{program: q.Get("program"), kind: q.Get("kind"), addresses: q.Get("to")}}, 0)
}

func (p *Pages) show(r *page.Request, v *view, status int) (page.Answer, error) {
	mine := r.Viewer.Organisation.Publisher
	if mine == "" {
		return page.Answer{}, page.ErrNotFound
	}
	q := r.URL.Query()
	v.filter = links.Filter{Publisher: mine, Program: program.ID(q.Get("program")), AdSpace: q.Get("ad_space"), State: q.Get("state")}
	if q.Get("to") != "" { // the program is that of the link to make
		v.filter.Program = ""
	}
	v.words = strings.TrimSpace(q.Get("words"))
	if q.Get("format") == "csv" {
		return page.Answer{File: &page.File{Name: "links.csv", Type: csvType, Write: func(w io.Writer) error {
			return p.Links.WriteCSV(r.Context(), w, v.filter, v.words)
		}}}, nil
	}
	var next string
	var err error
	if v.links, next, err = p.Links.Search(r.Context(), v.filter, v.words, q.Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	if v.spaces, err = p.Links.Spaces(r.Context(), mine); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	v.csv = ui.Address([]string{"publisher", "links"}, "program", string(v.filter.Program), "ad_space", v.filter.AdSpace, "state", v.filter.State, "words", v.words, "format", "csv")
	v.programs, v.url, v.may = p.Programs(), p.Links.URL, r.Viewer.Can(people.MakeLinks)
	if v.form.program == "" && len(v.spaces) > 0 {
		v.form.program = string(v.spaces[0].Program)
	}
	return page.Answer{Title: r.T.Shell.Links, Area: "/publisher/links", Status: status, Body: listPage(r.T, v)}, nil
}

const (
	csvType = "text/csv; charset=utf-8; header=present"
	maxFile = 4 << 20 // bytes of a table of wishes
)

// make makes a link for each line. A line that cannot have one is told why and does not hold the others up.
func (p *Pages) make(r *page.Request) (page.Answer, error) {
	v := &view{form: form{
		program: r.PostFormValue("program"), kind: r.PostFormValue("kind"), addresses: strings.ReplaceAll(r.PostFormValue("addresses"), "\r\n", "\n"),
		space: strings.TrimSpace(r.PostFormValue("space")), tracking: strings.TrimSpace(r.PostFormValue("tracking")),
	}}
	var kind program.LinkKind
	if v.form.kind != "" {
		var err error
		if kind, err = program.ParseLinkKind(v.form.kind); err != nil {
			return page.Answer{}, &page.Refused{Why: err.Error()}
		}
	}
	common := links.Wish{
		Program: program.ID(v.form.program), Publisher: r.Viewer.Organisation.Publisher, AdSpace: v.form.space, TrackingID: v.form.tracking, Target: link.Target{Kind: kind},
	}
	data, err := upload(r)
	if err != nil {
		return page.Answer{}, err
	}
	var wishes []links.Entry
	if len(data) > 0 {
		wishes, err = links.ReadTable(data, common)
		if v.wrong, err = r.Problem(err); err != nil {
			return page.Answer{}, err
		}
		if v.wrong.Any() {
			return p.show(r, v, v.wrong.Status())
		}
	} else if wishes = links.ReadLines(v.form.addresses, common); len(wishes) > maxAtOnce {
		v.problem = r.T.Links.TooMany(maxAtOnce)
	}
	if v.problem == "" && len(wishes) == 0 {
		v.problem = r.T.Links.NoAddress
	}
	if v.problem != "" {
		return p.show(r, v, http.StatusUnprocessableEntity)
	}
	if v.granted, err = p.Links.Grant(r.Context(), wishes); err != nil {
		return page.Answer{}, err
	}
	if r.PostFormValue("do") == "csv" {
		table, err := p.Links.GrantedCSV(v.granted)
		if err != nil {
			return page.Answer{}, err
		}
		return page.Answer{File: &page.File{Name: "made-links.csv", Type: csvType, Data: table}}, nil
	}
	status := 0
	for i := range v.granted {
		if v.granted[i].Link != nil {
			v.made++
		} else {
			status = http.StatusUnprocessableEntity
		}
	}
	if status == 0 {
		v.form.addresses = ""
	} else if len(data) == 0 { // what is made need not be made again
		var left []string
		for i := range v.granted {
			if v.granted[i].Link == nil {
				left = append(left, v.granted[i].Text)
			}
		}
		v.form.addresses = strings.Join(left, "\n")
	}
	return p.show(r, v, status)
}

// upload is the file that was sent with a form, empty where there is none.
func upload(r *page.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, nil // there is none
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil || len(data) > maxFile {
		return nil, &page.Refused{Why: r.T.Tools.BadFile}
	}
	return data, nil
}

// own reads a link of the viewer's publisher; others' are not there.
func (p *Pages) own(r *page.Request) (links.Link, error) {
	l, err := p.Links.ByCode(r.Context(), r.PathValue("code"))
	switch mine := r.Viewer.Organisation.Publisher; {
	case errors.Is(err, links.ErrNotFound), err == nil && (mine == "" || l.Publisher != mine):
		return l, page.ErrNotFound
	}
	return l, err
}

// detail is a link with all that is told of it.
type detail struct {
	link        links.Link
	url         string
	subs        [4]string
	long        [4]bool // sub-IDs that would be cut
	built       string  // the address with the sub-IDs; empty: none was asked for
	may         bool
	cause       *links.Change // what the platform did to it last; nil: nothing, or it is not what holds now
	answer      links.Answer
	tally       tally
	report      string
	png, svg    string // addresses of the QR code
	disclosures []link.Disclosure
	publisher   string // what its publisher is called, for the operator
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	d, err := p.told(r, l, "publisher", "reports")
	if err != nil {
		return page.Answer{}, err
	}
	d.subs, d.may, d.disclosures = subs(r.URL.Query()), r.Viewer.Can(people.MakeLinks), link.Disclosures()
	query := []string{}
	for i, s := range d.subs {
		query = append(query, link.SubName(i), s)
		d.long[i] = len(s) > link.MaxSubID
	}
	if d.subs != [4]string{} && !slices.Contains(d.long[:], true) {
		d.built = link.WithSubs(d.url, d.subs)
	} else {
		query = nil
	}
	d.png, d.svg = ui.Address([]string{"publisher", "links", l.Code, "qr.png"}, query...), ui.Address([]string{"publisher", "links", l.Code, "qr.svg"}, query...)
	return page.Answer{
		Title: l.Code, Area: "/publisher/links", Crumbs: []ui.Crumb{{Href: "/publisher/links", Label: r.T.Shell.Links}}, Body: onePage(r.T, d),
	}, nil
}

// any shows the operator a link: whose it is, where it leads and in what state, what it earns now and what it brought.
func (p *Pages) any(r *page.Request) (page.Answer, error) {
	l, err := p.Links.ByCode(r.Context(), r.PathValue("code"))
	if errors.Is(err, links.ErrNotFound) {
		err = page.ErrNotFound
	}
	if err != nil {
		return page.Answer{}, err
	}
	d, err := p.told(r, l, "reports")
	if err != nil {
		return page.Answer{}, err
	}
	d.publisher = p.Names.Publishers(r.Context(), l.Publisher)[l.Publisher]
	return page.Answer{Title: r.T.Search.Link + " " + l.Code, Area: "/publishers", Crumbs: []ui.Crumb{{Href: "/publishers", Label: r.T.Shell.Publishers}}, Body: anyPage(r.T, d)}, nil
}

// ofOthers are the words of links for somebody whose they are not.
func ofOthers(t *text.Texts) *text.Texts {
	w := *t
	w.Links.Earns, w.Linking.StateHelp = t.Linking.TheyEarn, nil
	w.Links.Findings = maps.Clone(t.Links.Findings)
	w.Links.Findings["link_revoked"] = t.Linking.TheyStopped
	return &w
}

// told is what is told of a link: why it is in its state, what it earns now, and what it brought in the last days. Its report lies at the address
// given.
func (p *Pages) told(r *page.Request, l links.Link, reporting ...string) (*detail, error) {
	d := &detail{link: l, url: p.Links.URL(l.Code)}
	if cause, err := p.Links.Why(r.Context(), &l); err == nil && cause.To == l.State {
		d.cause = &cause
	} else if err != nil && !errors.Is(err, links.ErrNotFound) {
		return nil, err
	}
	answers, err := p.Links.Check(r.Context(), []links.Question{{Address: d.url, Publisher: l.Publisher}})
	if err != nil {
		return nil, err
	}
	d.answer = answers[0]
	today := r.Now.Truncate(24 * time.Hour)
	from := today.AddDate(0, 0, 1-statsDays)
	id := strconv.FormatInt(l.ID, 10)
	if err := p.Reports.Run(r.Context(), reports.Query{
		Kind: reports.Orders, Publisher: l.Publisher, From: from, To: today.AddDate(0, 0, 1), Where: []reports.Match{{Dim: "link", Value: id}}, Limit: 1,
	}, &d.tally); err != nil {
		return nil, err
	}
	d.report = ui.Address(reporting, "report", string(reports.Orders), "by", "day", "link", id, "from", from.Format(time.DateOnly), "to", today.Format(time.DateOnly))
	return d, nil
}

const statsDays = 30

// tally takes the totals of a report: a row for each program and currency.
type tally struct {
	columns []reports.Column
	totals  [][]string
}

// Begin implements reports.Sink.
func (s *tally) Begin(h *reports.Head) error { s.columns, s.totals = h.Columns, h.Totals; return nil }

// Row implements reports.Sink.
func (s *tally) Row([]string) error { return nil }

// End implements reports.Sink.
func (s *tally) End(string) error { return nil }

// figure is a figure of a total; empty: the report has none.
func (s *tally) figure(total []string, column string) string {
	if i := slices.IndexFunc(s.columns, func(c reports.Column) bool { return c.Name == column }); i >= 0 {
		return total[i]
	}
	return ""
}

// tiles are the figures of the last days.
func (s *tally) tiles(t *text.Texts) (all []ui.Tile) {
	totals := s.totals
	if len(totals) == 0 {
		totals = [][]string{make([]string, len(s.columns))}
	}
	for _, total := range totals {
		count := func(column string) string {
			n, err := strconv.ParseInt(s.figure(total, column), 10, 64)
			if err != nil {
				n = 0 // nothing happened
			}
			return t.Number(n)
		}
		all = append(all, ui.Tile{Label: t.Words.Clicks, Value: count("clicks"), Note: count("rejected_clicks") + " " + t.Linking.Rejected},
			ui.Tile{Label: t.Words.Actions, Value: count("actions"), Note: count("approved") + " " + t.Linking.Approved})
		earned := ui.Tile{Label: t.Words.Commission, Value: t.Number(0)}
		if c := s.figure(total, "commission"); c != "" {
			earned.Value, earned.Unit = t.Decimal(c), s.figure(total, "currency")
		}
		all = append(all, earned)
	}
	return all
}

// change stops a link or starts it again.
func (p *Pages) change(r *page.Request) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	state := r.PostFormValue("state")
	if !slices.Contains([]string{links.Live, links.Revoked}, state) {
		return page.Answer{}, page.ErrNotFound
	}
	_, err = p.Links.SetState(r.Context(), l.Code, l.Publisher, state)
	return r.Done(err, ui.Address([]string{"publisher", "links", l.Code}))
}

// checked are addresses and what the checker says of them.
type checked struct {
	address, shipTo string
	addresses, to   string // many
	answer          *links.Answer
	answers         []links.Answer
	earn            int
	problem         string
}

func (p *Pages) check(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	c := checked{address: strings.TrimSpace(q.Get("address")), shipTo: country(q, "ship_to")}
	if c.address != "" {
		got, err := p.Links.Check(r.Context(), []links.Question{{Address: c.address, Publisher: r.Viewer.Organisation.Publisher, ShipTo: c.shipTo}})
		if err != nil {
			return page.Answer{}, err
		}
		c.answer = &got[0]
	}
	return p.showChecked(r, &c, 0)
}

func country(q url.Values, name string) string {
	return strings.ToUpper(strings.TrimSpace(q.Get(name)))
}

func (p *Pages) showChecked(r *page.Request, c *checked, status int) (page.Answer, error) {
	return page.Answer{
		Title: r.T.Links.Check, Area: "/publisher/links", Status: status, Crumbs: []ui.Crumb{{Href: "/publisher/links", Label: r.T.Shell.Links}}, Body: checkPage(r.T, c),
	}, nil
}

// checkMany checks many addresses at once, and shows the answers or sends them as a table (L5).
func (p *Pages) checkMany(r *page.Request) (page.Answer, error) {
	if err := r.ParseForm(); err != nil {
		return page.Answer{}, &page.Refused{Why: r.T.Tools.BadFile}
	}
	c := checked{addresses: strings.ReplaceAll(r.PostForm.Get("addresses"), "\r\n", "\n"), to: country(r.PostForm, "country")}
	var qs []links.Question
	for line := range strings.Lines(c.addresses) {
		if line = strings.TrimSpace(line); line != "" {
			qs = append(qs, links.Question{Address: line, Publisher: r.Viewer.Organisation.Publisher, ShipTo: c.to})
		}
	}
	switch {
	case len(qs) == 0:
		c.problem = r.T.Links.NoAddress
	case len(qs) > maxAtOnce:
		c.problem = r.T.Linking.TooMany(maxAtOnce)
	}
	if c.problem != "" {
		return p.showChecked(r, &c, http.StatusUnprocessableEntity)
	}
	var err error
	if c.answers, err = p.Links.Check(r.Context(), qs); err != nil {
		return page.Answer{}, err
	}
	if r.PostForm.Get("do") == "csv" {
		data, err := links.AnswersCSV(c.answers)
		if err != nil {
			return page.Answer{}, err
		}
		return page.Answer{File: &page.File{Name: "checked-addresses.csv", Type: csvType, Data: data}}, nil
	}
	for i := range c.answers {
		if c.answers[i].Earns {
			c.earn++
		}
	}
	return p.showChecked(r, &c, 0)
}
