// Package stores is where sellers join and leave, set rates and plan campaigns for their stores, and see what was sold and what it cost;
// the operator sees and does the same for them, and publishers see what sellers offer (S1-S3).
package stores

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/app/sellers"
	"github.com/clickledger/clickledger/internal/web/page"
	"github.com/clickledger/clickledger/internal/web/text"
	"github.com/clickledger/clickledger/internal/web/ui"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/seller"
)

// Pages are the pages of stores.
type Pages struct {
	Sellers  *sellers.Service
	Reports  *reports.Service
	Programs func() []program.ID
	Names    *page.Names
}

// side is from where a store is looked at: its seller's or the operator's.
type side struct {
	home string   // the list of stores
	base []string // the first segments of a store's addresses
	own  bool
	edit people.Permission
}

func bySeller() side {
	return side{"/seller", []string{"seller", "stores"}, true, people.EditStores}
}

func byOperator() side {
	return side{"/sellers", []string{"sellers"}, false, people.ManageSellers}
}

func (s side) address(id string, more ...string) string {
	return ui.Address(slices.Concat(s.base, []string{id}, more))
}

// Routes are the pages.
func (p *Pages) Routes() []page.Route {
	routes := []page.Route{
		{Pattern: "GET /seller", Permission: people.SeeStores, Handle: p.mine},
		{Pattern: "GET /sellers", Permission: people.SeeEverything, Handle: p.all},
		{Pattern: "GET /publisher/offers", Permission: people.SeeReports, Handle: p.promotions},
	}
	for _, x := range []struct {
		side
		see people.Permission
	}{{bySeller(), people.SeeStores}, {byOperator(), people.SeeEverything}} {
		s := x.side
		to := func(do func(*page.Request, side) (page.Answer, error)) func(*page.Request) (page.Answer, error) {
			return func(r *page.Request) (page.Answer, error) {
				if s.own && !slices.Contains(r.Viewer.Organisation.Stores, r.PathValue("store")) {
					return page.Answer{}, page.ErrNotFound
				}
				return do(r, s)
			}
		}
		at := "/" + strings.Join(s.base, "/") + "/{store}"
		routes = append(routes,
			page.Route{Pattern: "GET " + at, Permission: x.see, Handle: to(p.one)},
			page.Route{Pattern: "GET " + at + "/report", Permission: x.see, Handle: to(p.report)},
			page.Route{Pattern: "GET " + at + "/orders/{program}/{order}", Permission: x.see, Handle: to(p.order)},
			page.Route{Pattern: "GET " + at + "/rates.csv", Permission: x.see, Handle: to(p.template)},
			page.Route{Pattern: "GET " + at + "/part", Permission: s.edit, Handle: to(p.confirm)},
			page.Route{Pattern: "POST " + at + "/part", Permission: s.edit, Handle: to(p.part)},
			page.Route{Pattern: "POST " + at + "/rate", Permission: s.edit, Handle: to(p.rate)},
			page.Route{Pattern: "POST " + at + "/campaign", Permission: s.edit, Handle: to(p.campaign)},
			page.Route{Pattern: "POST " + at + "/end", Permission: s.edit, Handle: to(p.end)},
			page.Route{Pattern: "POST " + at + "/upload", Permission: s.edit, Handle: to(p.upload)},
		)
	}
	return routes
}

const perPage = 50

// card is a store in a list, with what it sold in the last days.
type card struct {
	sellers.Outlook
	sums []sum
}

// sum is what was sold in a program.
type sum struct{ program, currency, items, sold, cost, back, share string }

// summary reads the sums of a store in the last 30 days.
func (p *Pages) summary(r *page.Request, id string) ([]sum, error) {
	day := r.Now.Truncate(24 * time.Hour)
	t := &taken{}
	err := p.Reports.OfStore(r.Context(), id, reports.Query{From: day.AddDate(0, 0, 1-days), To: day.AddDate(0, 0, 1)}, t)
	var all []sum
	for _, row := range t.rows {
		all = append(all, sum{t.cell(row, "program"), t.cell(row, "currency"), t.cell(row, "items"), t.cell(row, "sold"), t.cell(row, "cost"), t.cell(row, "return_on_cost"), t.cell(row, "cost_of_sale")})
	}
	return all, err
}

// mine shows the stores of the viewer's organisation, and no others.
func (p *Pages) mine(r *page.Request) (page.Answer, error) {
	stores, err := p.Sellers.Stores(r.Context(), r.Viewer.Organisation.Stores)
	if err != nil {
		return page.Answer{}, err
	}
	cards := make([]card, len(stores))
	for i, s := range stores {
		cards[i].Outlook = s
		if cards[i].sums, err = p.summary(r, s.Store.ID); err != nil {
			return page.Answer{}, err
		}
	}
	return page.Answer{Title: r.T.Shell.Stores, Area: "/seller", Body: minePage(r.T, cards, r.Now)}, nil
}

// view is a store's page.
type view struct {
	side
	store       sellers.Outlook
	sums        []sum
	offers      []sellers.Offer
	changes     []sellers.Change
	first, next string
	may         bool
	now         time.Time
	form        form
	wrong       page.Problem
	in          string // which form it is about
	done        string // what was done
}

// form is what was entered.
type form struct {
	product, rate, from                           string
	name, products, campaignRate, begins, endsDay string
}

// bad is what is wrong with a field of one of the forms.
func (v *view) bad(in, field string) string {
	if v.in != in {
		return ""
	}
	return v.wrong.Of(field)
}

func (p *Pages) one(r *page.Request, s side) (page.Answer, error) {
	v := &view{side: s}
	switch q := r.URL.Query(); {
	case q.Get("taken") != "":
		v.done = r.T.Sellers.Taken
	case q.Get("at") != "":
		if at, err := time.Parse(time.RFC3339, q.Get("at")); err == nil {
			v.done = r.T.Sellers.Effective + " " + r.T.Time(at) + " UTC"
		}
	}
	return p.show(r, v, 0)
}

// found reads the store that an address names.
func (p *Pages) found(r *page.Request) (sellers.Outlook, error) {
	o, err := p.Sellers.Store(r.Context(), r.PathValue("store"))
	if errors.Is(err, sellers.ErrNotFound) {
		err = page.ErrNotFound
	}
	return o, err
}

func name(s *seller.Store) string {
	if s.Name == "" {
		return s.ID
	}
	return s.Name
}

func (s side) crumbs(t *text.Texts, more ...ui.Crumb) []ui.Crumb {
	title := t.Shell.Stores
	if !s.own {
		title = t.Sellers.All
	}
	return append([]ui.Crumb{{Href: s.home, Label: title}}, more...)
}

func (p *Pages) show(r *page.Request, v *view, status int) (page.Answer, error) {
	var err error
	if v.store, err = p.found(r); err != nil {
		return page.Answer{}, err
	}
	id := v.store.Store.ID
	if v.sums, err = p.summary(r, id); err != nil {
		return page.Answer{}, err
	}
	var next string
	if v.offers, next, err = p.Sellers.Offers(r.Context(), id, r.URL.Query().Get("after"), perPage); err != nil {
		return page.Answer{}, refuse(err)
	}
	if v.changes, _, err = p.Sellers.Changes(r.Context(), id, "", 20); err != nil {
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	v.may, v.now = r.Viewer.Can(v.edit), r.Now
	return page.Answer{Title: name(v.store.Store), Area: v.home, Crumbs: v.crumbs(r.T), Status: status, Body: storePage(r.T, v)}, nil
}

// refuse tells who asked with a cursor that is none.
func refuse(err error) error {
	if errors.Is(err, sellers.ErrCursor) {
		return page.ErrNotFound
	}
	return err
}

// confirm says what would happen when, before anything does.
func (p *Pages) confirm(r *page.Request, s side) (page.Answer, error) {
	o, err := p.found(r)
	if err != nil {
		return page.Answer{}, err
	}
	do := r.URL.Query().Get("do")
	switch {
	case do != "":
	case o.MayLeave:
		do = sellers.Left
	default:
		do = sellers.Joined
	}
	if (do != sellers.Left || !o.MayLeave) && (do != sellers.Joined || !o.MayJoin) {
		return page.Answer{Redirect: s.address(o.Store.ID)}, nil
	}
	title := r.T.Sellers.Join
	if do == sellers.Left {
		title = r.T.Sellers.Leave
	}
	return page.Answer{
		Title: title, Area: s.home, Crumbs: s.crumbs(r.T, ui.Crumb{Href: s.address(o.Store.ID), Label: name(o.Store)}), Body: confirmPage(r.T, s, &o, do == sellers.Left),
	}, nil
}

// by is who is kept with a change.
func by(r *page.Request) string {
	if r.Viewer.Name != "" {
		return r.Viewer.Name
	}
	return r.Viewer.Person
}

func (p *Pages) part(r *page.Request, s side) (page.Answer, error) {
	id := r.PathValue("store")
	var err error
	switch r.PostFormValue("do") {
	case sellers.Joined:
		_, err = p.Sellers.Join(r.Context(), id, by(r))
	case sellers.Left:
		_, err = p.Sellers.Leave(r.Context(), id, by(r))
	default:
		return page.Answer{}, page.ErrNotFound
	}
	return p.tried(r, &view{side: s, in: "part"}, err, s.address(id)+"?taken=1")
}

// tried answers an action: what is wrong stands on the store's page.
func (p *Pages) tried(r *page.Request, v *view, err error, then string) (page.Answer, error) {
	if v.wrong, err = r.Problem(err); err != nil {
		return page.Answer{}, err
	}
	if v.wrong.Any() {
		return p.show(r, v, v.wrong.Status())
	}
	return page.Answer{Redirect: then}, nil
}

func (p *Pages) rate(r *page.Request, s side) (page.Answer, error) {
	v := &view{side: s, in: "rate", form: form{product: strings.TrimSpace(r.PostFormValue("product")), rate: r.PostFormValue("rate"), from: r.PostFormValue("from")}}
	w := sellers.Rate{Store: r.PathValue("store"), Product: v.form.product, By: by(r)}
	var err error
	if w.Percent, err = sellers.ParsePercent("rate", v.form.rate); err == nil {
		w.From, err = sellers.ParseDay("from", v.form.from)
	}
	var at time.Time
	if err == nil {
		at, err = p.Sellers.SetRate(r.Context(), w)
	}
	return p.tried(r, v, err, ui.Address(slices.Concat(s.base, []string{w.Store}), "at", at.Format(time.RFC3339)))
}

// words splits a list that was typed in.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}

func (p *Pages) campaign(r *page.Request, s side) (page.Answer, error) {
	v := &view{side: s, in: "campaign", form: form{
		name: r.PostFormValue("name"), products: r.PostFormValue("products"), campaignRate: r.PostFormValue("percent"), begins: r.PostFormValue("begins"), endsDay: r.PostFormValue("ends"),
	}}
	w := sellers.Wish{Store: r.PathValue("store"), Name: v.form.name, Products: words(v.form.products), By: by(r)}
	var err error
	if w.Percent, err = sellers.ParsePercent("rate", v.form.campaignRate); err == nil {
		if w.From, err = sellers.ParseDay("from", v.form.begins); err == nil {
			w.To, err = sellers.ParseDay("to", v.form.endsDay)
		}
	}
	if err == nil {
		err = p.Sellers.SetCampaign(r.Context(), w)
	}
	return p.tried(r, v, err, s.address(w.Store)+"?taken=1")
}

func (p *Pages) end(r *page.Request, s side) (page.Answer, error) {
	id := r.PathValue("store")
	err := p.Sellers.EndCampaign(r.Context(), id, r.PostFormValue("campaign"), by(r))
	return p.tried(r, &view{side: s, in: "end"}, err, s.address(id)+"?taken=1")
}

// upload takes a file of rates.
func (p *Pages) upload(r *page.Request, s side) (page.Answer, error) {
	v := &view{side: s, in: "upload"}
	f, _, err := r.FormFile("file")
	if err != nil {
		v.wrong = r.NoFile()
		return p.show(r, v, v.wrong.Status())
	}
	defer f.Close()
	n, err := p.Sellers.Import(r.Context(), r.PathValue("store"), f, by(r))
	if err == nil {
		v.done = r.T.Sellers.TookLines(int64(n))
		return p.show(r, v, 0)
	}
	return p.tried(r, v, err, "")
}

// template is the store's products with the rates that stand, as a file to fill in and upload.
func (p *Pages) template(r *page.Request, s side) (page.Answer, error) {
	o, err := p.found(r)
	if err != nil {
		return page.Answer{}, err
	}
	return page.Answer{File: &page.File{Name: "rates-" + o.Store.ID + ".csv", Type: "text/csv; charset=utf-8; header=present", Write: func(w io.Writer) error {
		return p.Sellers.WriteRates(r.Context(), o.Store.ID, w)
	}}}, nil
}

func states(t *text.Texts) map[string]string {
	return map[string]string{"upcoming": t.Sellers.Upcoming, "running": t.Sellers.Running, "over": t.Sellers.Over}
}

func toneOf(state string) string {
	switch state {
	case "running":
		return "tone-good"
	case "upcoming":
		return "tone-info"
	}
	return "tone-plain"
}

// since is the beginning of a period; of one that has none it says so.
func since(t *text.Texts, at time.Time) string {
	if at.Unix() <= 0 {
		return t.Sellers.Always
	}
	return t.Time(at)
}

// makeLink is where the links page is filled in with a program and a page of it.
func makeLink(id program.ID, kind, address string) string {
	return ui.Address([]string{"publisher", "links"}, "program", string(id), "kind", kind, "to", address)
}

// promotionList is what sellers offer in a program.
type promotionList struct {
	program     program.ID
	programs    []program.ID
	featured    bool
	offers      []sellers.Promotion
	first, next string
}

func (p *Pages) promotions(r *page.Request) (page.Answer, error) {
	if r.Viewer.Organisation.Publisher == "" {
		return page.Answer{}, page.ErrNotFound
	}
	v := &promotionList{programs: p.Programs(), featured: r.URL.Query().Get("what") == "featured"}
	v.program = program.ID(r.URL.Query().Get("program"))
	if v.program == "" && len(v.programs) > 0 {
		v.program = v.programs[0]
	}
	var next string
	var err error
	v.offers, next, err = p.Sellers.Promotions(r.Context(), v.program, v.featured, r.URL.Query().Get("after"), perPage)
	switch {
	case errors.Is(err, sellers.ErrNotFound), errors.Is(err, sellers.ErrCursor):
		return page.Answer{}, page.ErrNotFound
	case err != nil:
		return page.Answer{}, err
	}
	v.first, v.next = r.More(next)
	return page.Answer{
		Title: r.T.Sellers.Promotions, Area: "/publisher/offers", Crumbs: []ui.Crumb{{Href: "/publisher/programs", Label: r.T.Shell.Programs}}, Body: promotionsPage(r.T, v),
	}, nil
}

func (v *promotionList) what() string {
	if v.featured {
		return "featured"
	}
	return "campaigns"
}

// kind is the kind of link that leads to an offer.
func kind(o *sellers.Promotion) string {
	if o.Product == "" {
		return program.LinkStore.String()
	}
	return program.LinkProduct.String()
}

const pause = seller.RejoinPause
