// Package links is where publishers make their affiliate links, one or many at a time, with QR codes and disclosure texts, check
// addresses, and stop links (L1, L5, L8).
package links

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Pages are the pages of links.
type Pages struct {
	Links    *links.Service
	Programs func() []program.ID
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/links", Permission: people.SeeReports, Handle: p.list},
		{Pattern: "POST /publisher/links", Permission: people.MakeLinks, Handle: p.make},
		{Pattern: "GET /publisher/links/{code}", Permission: people.SeeReports, Handle: p.one},
		{Pattern: "POST /publisher/links/{code}", Permission: people.MakeLinks, Handle: p.change},
		{Pattern: "GET /publisher/links/{code}/qr.png", Permission: people.SeeReports, Handle: p.qr},
		{Pattern: "GET /publisher/check", Permission: people.SeeReports, Handle: p.check},
	}
}

// view is the list, the form and what was just made.
type view struct {
	links       []links.Link
	programs    []program.ID
	filter      links.Filter
	first, next string
	url         func(code string) string
	may         bool
	form        form
	made        []result
	problem     string
}

// form is what was entered.
type form struct {
	program, kind, addresses, space, tracking string
}

// result is what became of an address.
type result struct {
	address string
	link    *links.Link
	why     string
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
	v.filter = links.Filter{Publisher: mine, Program: program.ID(q.Get("program")), State: q.Get("state")}
	var next string
	var err error
	if v.links, next, err = p.Links.List(r.Context(), v.filter, q.Get("after"), perPage); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	v.programs, v.url, v.may = p.Programs(), p.Links.URL, r.Viewer.Can(people.MakeLinks)
	return page.Answer{Title: r.T.Shell.Links, Area: "/publisher/links", Status: status, Body: listPage(r.T, v)}, nil
}

// make makes a link for each line. A line that cannot have one is told why and does not hold the others up.
func (p *Pages) make(r *page.Request) (page.Answer, error) {
	v := &view{form: form{
		program: r.PostFormValue("program"), kind: r.PostFormValue("kind"), addresses: r.PostFormValue("addresses"),
		space: strings.TrimSpace(r.PostFormValue("space")), tracking: strings.TrimSpace(r.PostFormValue("tracking")),
	}}
	var kind program.LinkKind
	if v.form.kind != "" {
		var err error
		if kind, err = program.ParseLinkKind(v.form.kind); err != nil {
			return page.Answer{}, &page.Refused{Why: err.Error()}
		}
	}
	var wishes []links.Wish
	var lines []string
	for line := range strings.Lines(v.form.addresses) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		lines = append(lines, line)
		wishes = append(wishes, links.Wish{
			Program: program.ID(v.form.program), Publisher: r.Viewer.Organisation.Publisher, AdSpace: v.form.space, TrackingID: v.form.tracking,
			Target: link.Target{Kind: kind, URL: line},
		})
	}
	switch {
	case len(wishes) == 0:
		v.problem = r.T.Links.NoAddress
	case len(wishes) > maxAtOnce:
		v.problem = r.T.Links.TooMany(maxAtOnce)
	}
	if v.problem != "" {
		return p.show(r, v, http.StatusUnprocessableEntity)
	}
	made, err := p.Links.Make(r.Context(), wishes)
	if err != nil {
		return page.Answer{}, err
	}
	status := 0
	for i, m := range made {
		x := result{address: lines[i]}
		var wrong *links.WishError
		switch {
		case errors.As(m.Err, &wrong):
			x.why, status = wrong.Reason, http.StatusUnprocessableEntity
		case m.Err != nil:
			return page.Answer{}, m.Err
		default:
			x.link = &m.Link
		}
		v.made = append(v.made, x)
	}
	if status == 0 {
		v.form.addresses = ""
	}
	return p.show(r, v, status)
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

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{
		Title: l.Code, Area: "/publisher/links", Crumbs: []ui.Crumb{{Href: "/publisher/links", Label: r.T.Shell.Links}},
		Body: onePage(r.T, &l, p.Links.URL(l.Code), r.Viewer.Can(people.MakeLinks)),
	}, nil
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
	if _, err := p.Links.SetState(r.Context(), l.Code, l.Publisher, state); err != nil {
		var wrong *links.WishError
		if errors.As(err, &wrong) {
			return page.Answer{}, &page.Refused{Why: wrong.Reason}
		}
		return page.Answer{}, err
	}
	return page.Answer{Redirect: ui.Address([]string{"publisher", "links", l.Code})}, nil
}

const qrSize = 480

// qr draws a link's QR code.
func (p *Pages) qr(r *page.Request) (page.Answer, error) {
	l, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	code, err := qr.Encode(p.Links.URL(l.Code), qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, qrSize, qrSize)
	}
	var b bytes.Buffer
	if err == nil {
		err = png.Encode(&b, code)
	}
	if err != nil {
		return page.Answer{}, fmt.Errorf("drawing the QR code of link %s: %w", l.Code, err)
	}
	return page.Answer{File: &page.File{Name: "link-" + l.Code + ".png", Type: "image/png", Data: b.Bytes()}}, nil
}

// checked is an address and what the checker says of it.
type checked struct {
	address, shipTo string
	answer          *links.Answer
}

func (p *Pages) check(r *page.Request) (page.Answer, error) {
	q := r.URL.Query()
	c := checked{address: strings.TrimSpace(q.Get("address")), shipTo: strings.ToUpper(strings.TrimSpace(q.Get("ship_to")))}
	if c.address != "" {
		got, err := p.Links.Check(r.Context(), []links.Question{{Address: c.address, Publisher: r.Viewer.Organisation.Publisher, ShipTo: c.shipTo}})
		if err != nil {
			return page.Answer{}, err
		}
		c.answer = &got[0]
	}
	return page.Answer{
		Title: r.T.Links.Check, Area: "/publisher/links", Crumbs: []ui.Crumb{{Href: "/publisher/links", Label: r.T.Shell.Links}}, Body: checkPage(r.T, &c),
	}, nil
}
