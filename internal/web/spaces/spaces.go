// Package spaces is where publishers describe and verify their ad spaces and apply to programs, and where reviewers decide (A1-A4).
package spaces

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
)

// Terms tells the terms of programs.
type Terms interface {
	Programs() []program.ID
	// Refresh makes an ad space that joined known at once.
	Refresh(ctx context.Context) error
}

// Pages are the pages of ad spaces and applications.
type Pages struct {
	Joining *joining.Service
	Terms   Terms
	// Reasons are the codes that a program declines with.
	Reasons func(p program.ID) []string
	Names   *page.Names
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/spaces", Permission: people.SeeReports, Handle: p.list},
		{Pattern: "POST /publisher/spaces", Permission: people.ManageSpaces, Handle: p.describe},
		{Pattern: "GET /publisher/profile", Permission: people.SeeReports, Handle: p.profile},
		{Pattern: "POST /publisher/profile", Permission: people.ManageSpaces, Handle: p.setProfile},
		{Pattern: "GET /publisher/spaces/{space}", Permission: people.SeeReports, Handle: p.one},
		{Pattern: "POST /publisher/spaces/{space}/verify", Permission: people.ManageSpaces, Handle: p.verify},
		{Pattern: "POST /publisher/spaces/{space}/apply", Permission: people.ManageSpaces, Handle: p.apply},
		{Pattern: "POST /publisher/applications/{application}", Permission: people.ManageSpaces, Handle: p.answer},
		{Pattern: "GET /applications", Permission: people.ReviewApplications, Handle: p.queue},
		{Pattern: "GET /applications/{application}", Permission: people.ReviewApplications, Handle: p.dossier},
		{Pattern: "POST /applications/{application}", Permission: people.ReviewApplications, Handle: p.decide},
	}
}

// view is what a publisher sees.
type view struct {
	places       []joining.Place
	applications []joining.Application
	programs     []program.ID
	form         joining.Place
	wrong        page.Problem // with the form
	may          bool
}

const perPage = 50

func (p *Pages) list(r *page.Request) (page.Answer, error) { return p.show(r, &view{}, 0) }

func (p *Pages) show(r *page.Request, v *view, status int) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	if v.places, err = p.Joining.Places(r.Context(), id); err != nil {
		return page.Answer{}, err
	}
	if v.applications, _, err = p.Joining.Applications(r.Context(), joining.Filter{Publisher: id}, "", perPage); err != nil {
		return page.Answer{}, err
	}
	v.programs, v.may = p.Terms.Programs(), r.Viewer.Can(people.ManageSpaces)
	return page.Answer{Title: r.T.Spaces.Title, Area: "/publisher/spaces", Status: status, Body: listPage(r.T, v)}, nil
}

// commas splits a list that was typed in.
func commas(text string) []string {
	var all []string
	for _, s := range strings.Split(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

func (p *Pages) describe(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	traffic, err := program.ParseTrafficType(r.PostFormValue("traffic_type"))
	if err != nil {
		traffic = 0 // the service says that it is missing
	}
	v := &view{form: joining.Place{
		Publisher: id, ID: strings.TrimSpace(r.PostFormValue("id")), Kind: r.PostFormValue("kind"), Name: r.PostFormValue("name"), URL: r.PostFormValue("url"), TrafficType: traffic,
		Languages: commas(r.PostFormValue("languages")), Description: r.PostFormValue("description"), TrackingIDs: commas(r.PostFormValue("tracking_ids")),
	}}
	made, err := p.Joining.Describe(r.Context(), v.form)
	if v.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	if v.wrong.Any() {
		return p.show(r, v, v.wrong.Status())
	}
	return page.Answer{Redirect: ui.Address([]string{"publisher", "spaces", made.ID})}, nil
}

// own is an ad space of the viewer's publisher; others' are not there.
func (p *Pages) own(r *page.Request) (joining.Place, error) {
	id, err := r.Publisher()
	if err != nil {
		return joining.Place{}, err
	}
	all, err := p.Joining.Places(r.Context(), id)
	if err != nil {
		return joining.Place{}, err
	}
	for _, x := range all {
		if x.ID == r.PathValue("space") {
			return x, nil
		}
	}
	return joining.Place{}, page.ErrNotFound
}

func (p *Pages) one(r *page.Request) (page.Answer, error) { return p.space(r, "", nil, 0) }

func (p *Pages) space(r *page.Request, problem string, second *joining.SecondTypeError, status int) (page.Answer, error) {
	place, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	joined, err := p.Joining.Memberships(r.Context(), place.Publisher, place.ID)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{
		Title: place.Name, Area: "/publisher/spaces", Crumbs: []ui.Crumb{{Href: "/publisher/spaces", Label: r.T.Spaces.Title}}, Status: status,
		Body: onePage(r.T, &place, p.Terms.Programs(), problem, second, joined, r.Viewer.Can(people.ManageSpaces)),
	}, nil
}

// tried answers an action on an ad space: what is wrong stands on its page.
func (p *Pages) tried(r *page.Request, err error) (page.Answer, error) {
	var second *joining.SecondTypeError
	if errors.As(err, &second) {
		return p.space(r, r.T.Spaces.SecondType, second, http.StatusUnprocessableEntity)
	}
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		return p.space(r, wrong.Why, nil, wrong.Status())
	}
	return page.Answer{Redirect: "/publisher/spaces"}, nil
}

func (p *Pages) verify(r *page.Request) (page.Answer, error) {
	place, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Joining.Verify(r.Context(), place.Publisher, place.ID, r.PostFormValue("method"))
	return p.tried(r, err)
}

func (p *Pages) apply(r *page.Request) (page.Answer, error) {
	place, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	a, err := p.Joining.Apply(r.Context(), program.ID(r.PostFormValue("program")), place.Publisher, place.ID)
	if err == nil && a.State == joining.Approved {
		err = p.Terms.Refresh(r.Context())
	}
	return p.tried(r, err)
}

// number is the application that an address names.
func number(r *page.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("application"), 10, 64)
	if err != nil {
		return 0, page.ErrNotFound
	}
	return id, nil
}

func (p *Pages) answer(r *page.Request) (page.Answer, error) {
	publisher, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	id, err := number(r)
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Joining.Answer(r.Context(), id, publisher, r.PostFormValue("answer"))
	return r.Done(err, "/publisher/spaces")
}

// waiting is what reviewers see.
type waiting struct {
	applications []joining.Application
	places       map[int64]joining.Place
	reasons      map[program.ID][]string
	names        map[string]string // of publishers
	state        string
	oldest       bool // who waits longest comes first
	first, next  string
}

func (p *Pages) queue(r *page.Request) (page.Answer, error) {
	w := &waiting{places: make(map[int64]joining.Place), reasons: make(map[program.ID][]string), state: r.URL.Query().Get("state")}
	if w.state == "" {
		w.state = joining.Pending
	}
	w.oldest = w.state == joining.Pending || w.state == joining.Question
	var next string
	var err error
	w.applications, next, err = p.Joining.Applications(r.Context(), joining.Filter{State: w.state, Oldest: w.oldest}, r.URL.Query().Get("after"), perPage)
	if err != nil {
		return page.Answer{}, err
	}
	w.first, w.next = r.More(next)
	var publishers []string
	for _, a := range w.applications {
		publishers = append(publishers, a.Publisher)
	}
	w.names = p.Names.Publishers(r.Context(), publishers...)
	for _, a := range w.applications {
		all, err := p.Joining.Places(r.Context(), a.Publisher)
		if err != nil {
			return page.Answer{}, err
		}
		for _, x := range all {
			if x.ID == a.Place {
				w.places[a.ID] = x
			}
		}
		if w.reasons[a.Program] == nil {
			w.reasons[a.Program] = p.Reasons(a.Program)
		}
	}
	return page.Answer{Title: r.T.Spaces.Queue, Area: "/applications", Body: queuePage(r.T, w)}, nil
}

// dossier is an application with everything that a reviewer looks at.
func (p *Pages) dossier(r *page.Request) (page.Answer, error) {
	id, err := number(r)
	if err != nil {
		return page.Answer{}, err
	}
	d, err := p.Joining.Dossier(r.Context(), id)
	if errors.Is(err, joining.ErrNotFound) {
		return page.Answer{}, page.ErrNotFound
	}
	if err != nil {
		return page.Answer{}, err
	}
	publisher := cmp.Or(p.Names.Publishers(r.Context(), d.Application.Publisher)[d.Application.Publisher], d.Application.Publisher)
	return page.Answer{
		Title: publisher + " · " + d.Place.Name, Area: "/applications", Crumbs: []ui.Crumb{{Href: "/applications", Label: r.T.Spaces.Queue}}, Body: dossierPage(r.T, d, publisher),
	}, nil
}

func (p *Pages) decide(r *page.Request) (page.Answer, error) {
	id, err := number(r)
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Joining.Decide(r.Context(), id, joining.Decision{
		State: r.PostFormValue("state"), Reason: r.PostFormValue("reason"), Note: r.PostFormValue("note"), By: r.Viewer.Name,
	})
	if err == nil {
		err = p.Terms.Refresh(r.Context())
	}
	return r.Done(err, "/applications")
}
