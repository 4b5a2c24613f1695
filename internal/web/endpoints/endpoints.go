// Package endpoints is where publishers say which of their own systems are told of what happens, and see what became of each message (L9).
package endpoints

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/postback"
)

// Pages are the pages of a publisher's endpoints.
type Pages struct {
	Postbacks *postbacks.Service
}

// area is the address of the list.
const area = "/publisher/endpoints"

// Routes are the pages. Addresses decide whom we call and secrets what is believed, so both take an owner's recent proof; trying, sending again and
// turning off are daily work.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /publisher/endpoints", Permission: people.UseEndpoints, Handle: p.list},
		{Pattern: "POST /publisher/endpoints", Permission: people.ManageEndpoints, Handle: p.enter},
		{Pattern: "GET /publisher/endpoints/{endpoint}", Permission: people.UseEndpoints, Handle: p.one},
		{Pattern: "POST /publisher/endpoints/{endpoint}", Permission: people.ManageEndpoints, Handle: p.change},
		{Pattern: "POST /publisher/endpoints/{endpoint}/secret", Permission: people.ManageEndpoints, Handle: p.rotate},
		{Pattern: "POST /publisher/endpoints/{endpoint}/remove", Permission: people.ManageEndpoints, Handle: p.remove},
		{Pattern: "POST /publisher/endpoints/{endpoint}/state", Permission: people.UseEndpoints, Handle: p.turn},
		{Pattern: "POST /publisher/endpoints/{endpoint}/test", Permission: people.UseEndpoints, Handle: p.test},
		{Pattern: "POST /publisher/endpoints/{endpoint}/again", Permission: people.UseEndpoints, Handle: p.again},
		{Pattern: "POST /publisher/endpoints/{endpoint}/replay", Permission: people.UseEndpoints, Handle: p.replay},
	}
}

// perPage is how many deliveries stand on a page of the log.
const perPage = 50

// line is an endpoint in the list, with its newest delivery.
type line struct {
	postbacks.Endpoint
	last *postbacks.Delivery
}

// form is an endpoint as it is typed in, with what is wrong with it and what its address becomes.
type form struct {
	postbacks.Endpoint
	wrong   page.Problem
	preview string
}

// view is what the list shows.
type view struct {
	all  []line
	form form
	may  bool
}

func (p *Pages) list(r *page.Request) (page.Answer, error) {
	return p.show(r, form{Endpoint: postbacks.Endpoint{Kind: postbacks.Postback}}, 0)
}

func (p *Pages) show(r *page.Request, f form, status int) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	all, err := p.Postbacks.List(r.Context(), id)
	if err != nil {
		return page.Answer{}, err
	}
	v := &view{form: f, may: r.Viewer.Can(people.ManageEndpoints)}
	for _, e := range all {
		_, last, err := p.Postbacks.One(r.Context(), id, e.ID)
		if err != nil && !errors.Is(err, postbacks.ErrNotFound) { // it may be removed just now
			return page.Answer{}, err
		}
		v.all = append(v.all, line{e, last})
	}
	return page.Answer{Title: r.T.Endpoints.Title, Area: area, Status: status, Body: listPage(r.T, v)}, nil
}

// typed is the endpoint that a form holds.
func typed(r *page.Request, publisher, id string) postbacks.Endpoint {
	_ = r.ParseForm() // PostFormValue says what can be read
	return postbacks.Endpoint{
		Publisher: publisher, ID: id, Kind: r.PostFormValue("kind"), Address: strings.TrimSpace(r.PostFormValue("address")), Events: r.PostForm["event"], State: postbacks.On,
	}
}

// preview is what the address of a postback becomes for the example.
func preview(address string) (string, error) {
	t, err := postback.ParseTemplate(address)
	if err != nil {
		return "", &field.Error{Field: "address", Reason: err.Error()}
	}
	m := postback.Example()
	return t.Expand(&m), nil
}

// asked is whether a form only asks what its address becomes.
func asked(r *page.Request) bool {
	return r.PostFormValue("do") == "preview" && r.PostFormValue("kind") == postbacks.Postback
}

func (p *Pages) enter(r *page.Request) (page.Answer, error) {
	id, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	f := form{Endpoint: typed(r, id, strings.TrimSpace(r.PostFormValue("id")))}
	var made postbacks.Endpoint
	secret := ""
	if asked(r) {
		f.preview, err = preview(f.Address)
	} else {
		made, secret, err = p.Postbacks.Enter(r.Context(), f.Endpoint)
	}
	if f.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	switch {
	case f.wrong.Any():
		return p.show(r, f, f.wrong.Status())
	case secret != "":
		return p.detail(r, made.ID, detail{secret: secret}, 0)
	case made.ID != "":
		return page.Answer{Redirect: ui.Address([]string{"publisher", "endpoints", made.ID})}, nil
	}
	return p.show(r, f, 0)
}

// detail is what the page of an endpoint shows.
type detail struct {
	postbacks.Endpoint
	log           []sent
	state         string // of the log that is shown
	first, next   string
	form          form
	secret        string // shown this once
	done, problem string
	since         string // of the replay, as it was typed
	may           bool
}

// sent is a delivery with what was told.
type sent struct {
	postbacks.Delivery
	told postback.Message
}

// timeForm is how browsers send a time, which we take for UTC.
const timeForm = "2006-01-02T15:04"

func (p *Pages) detail(r *page.Request, id string, d detail, status int) (page.Answer, error) {
	publisher, err := r.Publisher()
	if err != nil {
		return page.Answer{}, err
	}
	d.Endpoint, _, err = p.Postbacks.One(r.Context(), publisher, id)
	if errors.Is(err, postbacks.ErrNotFound) {
		return page.Answer{}, page.ErrNotFound
	}
	if err != nil {
		return page.Answer{}, err
	}
	d.state = r.URL.Query().Get("state")
	log, next, err := p.Postbacks.DeliveriesIn(r.Context(), publisher, id, d.state, r.URL.Query().Get("after"), perPage)
	if err != nil {
		return page.Answer{}, err
	}
	for _, x := range log {
		s := sent{Delivery: x}
		if err := json.Unmarshal(x.JSON, &s.told); err != nil {
			return page.Answer{}, err
		}
		d.log = append(d.log, s)
	}
	if r.Method == http.MethodGet {
		d.first, d.next = r.More(next)
	} else if next != "" { // the page stands under the address of an action, which nobody can get
		d.next = ui.Address([]string{"publisher", "endpoints", id}, "after", next)
	}
	if d.form.ID == "" {
		d.form = form{Endpoint: d.Endpoint}
	}
	if d.since == "" {
		d.since = r.Now.AddDate(0, 0, -1).Format(timeForm)
	}
	d.may = r.Viewer.Can(people.ManageEndpoints)
	return page.Answer{Title: d.ID, Area: area, Crumbs: []ui.Crumb{{Href: area, Label: r.T.Endpoints.Title}}, Status: status, Body: onePage(r.T, &d)}, nil
}

func (p *Pages) one(r *page.Request) (page.Answer, error) {
	return p.detail(r, r.PathValue("endpoint"), detail{}, 0)
}

// own is the endpoint of the viewer's publisher that an address names; others' are not there.
func (p *Pages) own(r *page.Request) (postbacks.Endpoint, error) {
	publisher, err := r.Publisher()
	if err != nil {
		return postbacks.Endpoint{}, err
	}
	e, _, err := p.Postbacks.One(r.Context(), publisher, r.PathValue("endpoint"))
	if errors.Is(err, postbacks.ErrNotFound) {
		err = page.ErrNotFound
	}
	return e, err
}

// tried answers an action on an endpoint: what is wrong, or what was done, stands on its page.
func (p *Pages) tried(r *page.Request, d detail, err error) (page.Answer, error) {
	wrong, err := r.Problem(err)
	if err != nil {
		return page.Answer{}, err
	}
	if wrong.Any() {
		d.done, d.problem = "", wrong.Why
	}
	return p.detail(r, r.PathValue("endpoint"), d, wrong.Status())
}

func (p *Pages) change(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	d := detail{form: form{Endpoint: typed(r, e.Publisher, e.ID)}, done: r.T.Endpoints.Changed}
	if d.form.Kind != "" && d.form.Kind != e.Kind {
		return page.Answer{}, &page.Refused{Why: "a postback stays one, and so does a webhook: enter another endpoint"}
	}
	d.form.Kind = e.Kind
	if e.State == postbacks.Off {
		d.form.State = e.State // a new address does not turn it on
	}
	if asked(r) {
		d.done = ""
		d.form.preview, err = preview(d.form.Address)
	} else {
		_, _, err = p.Postbacks.Put(r.Context(), d.form.Endpoint)
	}
	if d.form.wrong, err = r.Problem(err); err == nil && d.form.wrong.Any() {
		d.done = ""
		return p.detail(r, e.ID, d, d.form.wrong.Status())
	}
	return p.tried(r, d, err)
}

func (p *Pages) rotate(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	secret, err := p.Postbacks.Rotate(r.Context(), e.Publisher, e.ID)
	return p.tried(r, detail{secret: secret}, err)
}

func (p *Pages) remove(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	if err := p.Postbacks.Remove(r.Context(), e.Publisher, e.ID); err != nil {
		return p.tried(r, detail{}, err)
	}
	return page.Answer{Redirect: area}, nil
}

func (p *Pages) turn(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	state := r.PostFormValue("state")
	if state != postbacks.On && state != postbacks.Off {
		return page.Answer{}, &page.Refused{Why: "an endpoint can be turned on or off"}
	}
	return p.tried(r, detail{done: r.T.Endpoints.Changed}, p.Postbacks.Switch(r.Context(), e.Publisher, e.ID, state == postbacks.On))
}

func (p *Pages) test(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	_, err = p.Postbacks.Test(r.Context(), e.Publisher, e.ID)
	return p.tried(r, detail{done: r.T.Endpoints.Tested}, err)
}

func (p *Pages) again(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	return p.tried(r, detail{done: r.T.Endpoints.SentAgain}, p.Postbacks.SendAgain(r.Context(), e.Publisher, e.ID, r.PostFormValue("message")))
}

func (p *Pages) replay(r *page.Request) (page.Answer, error) {
	e, err := p.own(r)
	if err != nil {
		return page.Answer{}, err
	}
	d := detail{since: r.PostFormValue("since")}
	since, err := time.Parse(timeForm, d.since)
	if err != nil {
		d.problem = r.T.Endpoints.WhichTime
		return p.detail(r, e.ID, d, http.StatusUnprocessableEntity)
	}
	n, err := p.Postbacks.Replay(r.Context(), e.Publisher, e.ID, postbacks.From{Since: since})
	d.done = r.T.Endpoints.Replayed(int64(n))
	return p.tried(r, d, err)
}
