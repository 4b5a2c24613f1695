// Package links is the API of affiliate links.
package links

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/qr"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/wire"
	"github.com/clickledger/clickledger/link"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Links *links.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Publishers: true}
	makes := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.MakeLinks, people.ManagePublishers}}
	call.Handle(a, "POST /v1/links", "make-links", "Make affiliate links", makes, s.makeLinks)
	call.Handle(a, "GET /v1/links", "list-links", "Affiliate links, the newest first", reads, s.listLinks)
	call.Handle(a, "POST /v1/links:check", "check-links", "What links lead to, and what they earn", reads, s.checkLinks)
	call.Handle(a, "GET /v1/links/{code}", "get-link", "An affiliate link", reads, s.getLink)
	call.Handle(a, "GET /v1/links/{code}/qr", "get-link-qr", "The QR code of a link, with sub-IDs if wanted", reads, s.qr, func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{Description: "The code, black on white.", Content: map[string]*huma.MediaType{
			"image/png": {Schema: &huma.Schema{Type: "string", Format: "binary"}}, "image/svg+xml": {Schema: &huma.Schema{Type: "string"}},
		}}
	})
	call.Handle(a, "GET /v1/link-aids", "get-link-aids", "Disclosure texts to put beside links, and the names of sub-IDs", reads, s.aids)
	call.Handle(a, "POST /v1/links/{code}/state", "set-link-state", "Revoke a link, block it, or let it live again", makes, s.setLinkState)
}

// linkTarget is what a link leads to.
type linkTarget struct {
	Kind string `json:"kind" enum:"home,product,hot,store,category,search,campaign,coupon,page" doc:"What the link leads to."`
	ID   string `json:"id,omitempty" maxLength:"500" doc:"The product, store, category, campaign or coupon, or the words that are searched for."`
	URL  string `json:"url,omitempty" maxLength:"2000" doc:"The address of the page, on one of the program's hosts. Needed where the program has no address for the kind."`
}

func (t *linkTarget) target() (link.Target, error) {
	kind, err := program.ParseLinkKind(t.Kind)
	if err != nil {
		return link.Target{}, &field.Error{Field: "kind", Reason: err.Error()}
	}
	return link.NewTarget(kind, t.ID, t.URL), nil
}

func targetOf(t link.Target) *linkTarget {
	if t == (link.Target{}) {
		return nil
	}
	return &linkTarget{Kind: t.Kind.String(), ID: t.ID(), URL: t.URL}
}

type linkWish struct {
	Program    string      `json:"program" maxLength:"64"`
	Publisher  string      `json:"publisher,omitempty" maxLength:"500" doc:"Whose link it is. A publisher's key makes that publisher's."`
	AdSpace    string      `json:"ad_space,omitempty" maxLength:"500" doc:"Left out: the publisher's only one in the program."`
	TrackingID string      `json:"tracking_id,omitempty" maxLength:"500" doc:"One of the ad space's."`
	Target     linkTarget  `json:"target"`
	Substitute *linkTarget `json:"substitute,omitempty" doc:"Where the link leads when its target is gone; left out: the program's home page."`
}

type linkView struct {
	Code       string      `json:"code"`
	URL        string      `json:"url" doc:"The link, as it is published. Sub-IDs may follow: ?af=…&cn=…&cv=…&dp=…"`
	Program    string      `json:"program"`
	Publisher  string      `json:"publisher"`
	AdSpace    string      `json:"ad_space"`
	TrackingID string      `json:"tracking_id,omitempty"`
	Target     linkTarget  `json:"target"`
	Substitute *linkTarget `json:"substitute,omitempty"`
	State      string      `json:"state" enum:"live,dead,revoked,blocked"`
	CreatedAt  time.Time   `json:"created_at"`
	ChangedAt  time.Time   `json:"changed_at"`
}

func (s *Area) viewOfLink(l *links.Link) *linkView {
	return &linkView{
		Code: l.Code, URL: s.Links.URL(l.Code), Program: string(l.Program), Publisher: l.Publisher, AdSpace: l.AdSpace, TrackingID: l.TrackingID,
		Target: *targetOf(l.Target), Substitute: targetOf(l.Substitute), State: l.State, CreatedAt: l.CreatedAt, ChangedAt: l.ChangedAt,
	}
}

type makeLinksInput struct {
	Body struct {
		Links []linkWish `json:"links" minItems:"1" maxItems:"5000"`
	}
}

// linkOutcome is what became of a wish.
type linkOutcome struct {
	Link   *linkView `json:"link,omitempty"`
	Member string    `json:"member,omitempty" doc:"What is wrong with the wish, where there is no link."`
	Reason string    `json:"reason,omitempty"`
}

type makeLinksOutput struct {
	Body struct {
		Made    int           `json:"made"`
		Refused int           `json:"refused"`
		Links   []linkOutcome `json:"links" nullable:"false" doc:"In the order of the wishes."`
	}
}

func (s *Area) makeLinks(ctx context.Context, in *makeLinksInput) (*makeLinksOutput, error) {
	return s.makeAll(ctx, in)
}

// check says whether what a wish names can be kept.
func (w *linkWish) check() error {
	named := [][2]string{{"program", w.Program}, {"publisher", w.Publisher}, {"ad_space", w.AdSpace}, {"tracking_id", w.TrackingID}, {"target", w.Target.ID}, {"target", w.Target.URL}}
	if w.Substitute != nil {
		named = append(named, [2]string{"substitute", w.Substitute.ID}, [2]string{"substitute", w.Substitute.URL})
	}
	for _, n := range named {
		most := wire.MaxText
		if n[0] != "target" && n[0] != "substitute" {
			most = wire.MaxID
		}
		var bad *wire.Fault
		if err := wire.CheckText(n[0], n[1], most); errors.As(err, &bad) {
			return &field.Error{Field: bad.Member, Reason: bad.Reason}
		}
	}
	return nil
}

// makeAll makes the links of the wishes that can be granted.
func (s *Area) makeAll(ctx context.Context, in *makeLinksInput) (*makeLinksOutput, error) {
	wishes := make([]links.Wish, len(in.Body.Links))
	wrong := make(map[int]*field.Error)
	for i := range in.Body.Links {
		w := &in.Body.Links[i]
		own, err := call.Own(ctx, w.Publisher)
		if err != nil {
			return nil, err
		}
		wishes[i] = links.Wish{Program: program.ID(w.Program), Publisher: w.Publisher, AdSpace: w.AdSpace, TrackingID: w.TrackingID}
		if own != "" {
			wishes[i].Publisher = own
		}
		if err = w.check(); err == nil {
			err = call.Of(ctx).Key.Carries(w.TrackingID)
		}
		if err == nil {
			wishes[i].Target, err = w.Target.target()
		}
		if err == nil && w.Substitute != nil {
			wishes[i].Substitute, err = w.Substitute.target()
		}
		if err != nil && !errors.As(err, new(*field.Error)) {
			return nil, err
		}
		var bad *field.Error
		if errors.As(err, &bad) {
			wrong[i] = bad
		}
	}
	var good []links.Wish
	for i := range wishes {
		if wrong[i] == nil {
			good = append(good, wishes[i])
		}
	}
	made, err := s.Links.Make(ctx, good)
	if err != nil {
		return nil, err
	}
	out := &makeLinksOutput{}
	out.Body.Links = make([]linkOutcome, len(wishes))
	for i := range wishes {
		bad := wrong[i]
		if bad == nil {
			m := made[0]
			made = made[1:]
			if !errors.As(m.Err, &bad) {
				out.Body.Links[i].Link = s.viewOfLink(&m.Link)
				out.Body.Made++
				continue
			}
		}
		out.Body.Links[i].Member, out.Body.Links[i].Reason = bad.Field, bad.Reason
		out.Body.Refused++
	}
	return out, nil
}

type listLinksInput struct {
	Program    string `query:"program" maxLength:"64"`
	Publisher  string `query:"publisher" maxLength:"500"`
	AdSpace    string `query:"ad_space" maxLength:"500"`
	TrackingID string `query:"tracking_id" maxLength:"500"`
	State      string `query:"state" enum:"live,dead,revoked,blocked"`
	call.PageInput
}

type listLinksOutput struct {
	Body struct {
		Links []*linkView `json:"links" nullable:"false"`
		Next  string      `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) listLinks(ctx context.Context, in *listLinksInput) (*listLinksOutput, error) {
	own, err := call.Own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	f := links.Filter{Program: program.ID(in.Program), Publisher: in.Publisher, AdSpace: in.AdSpace, TrackingID: in.TrackingID, State: in.State}
	if own != "" {
		f.Publisher = own
	}
	found, next, err := s.Links.List(ctx, f, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listLinksOutput{}
	out.Body.Next = next
	out.Body.Links = make([]*linkView, len(found))
	for i := range found {
		out.Body.Links[i] = s.viewOfLink(&found[i])
	}
	return out, nil
}

type linkInput struct {
	Code string `path:"code" maxLength:"20"`
}

type linkOutput struct{ Body *linkView }

// own is a link that the caller may see: other people's links do not exist.
func (s *Area) own(ctx context.Context, code string) (links.Link, error) {
	l, err := s.Links.ByCode(ctx, code)
	if err == nil {
		if own, _ := call.Own(ctx, ""); own != "" && l.Publisher != own {
			err = fmt.Errorf("link %s: %w", code, links.ErrNotFound)
		}
	}
	return l, err
}

func (s *Area) getLink(ctx context.Context, in *linkInput) (*linkOutput, error) {
	l, err := s.own(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return &linkOutput{s.viewOfLink(&l)}, nil
}

type qrInput struct {
	Code   string `path:"code" maxLength:"20"`
	Format string `query:"format" enum:"png,svg" default:"png"`
	AF     string `query:"af" maxLength:"128" doc:"A sub-ID that the printed link carries; so are cn, cv and dp."`
	CN     string `query:"cn" maxLength:"128"`
	CV     string `query:"cv" maxLength:"128"`
	DP     string `query:"dp" maxLength:"128"`
}

func (s *Area) qr(ctx context.Context, in *qrInput) (*huma.StreamResponse, error) {
	l, err := s.own(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	code, err := qr.Of(link.WithSubs(s.Links.URL(l.Code), [4]string{in.AF, in.CN, in.CV, in.DP}))
	if err != nil {
		return nil, call.NewProblem(call.InvalidParameter, call.ProblemError{Field: "af", Reason: "the sub-IDs are longer than a code can hold", Fix: "make them shorter"})
	}
	if in.Format == "svg" {
		return call.File("image/svg+xml", "link-"+l.Code+".svg", code.SVG()), nil
	}
	picture, err := code.PNG()
	if err != nil {
		return nil, fmt.Errorf("drawing the QR code of link %s: %w", l.Code, err)
	}
	return call.File("image/png", "link-"+l.Code+".png", picture), nil
}

type disclosure struct {
	Lang string `json:"lang"`
	Name string `json:"name" doc:"Of the language, in that language."`
	Text string `json:"text"`
}

type linkAidsOutput struct {
	Body struct {
		Disclosures []disclosure `json:"disclosures" nullable:"false" doc:"Put one where visitors see it before they follow a link."`
		SubIDs      []string     `json:"sub_ids" nullable:"false" doc:"The parameters that may follow a link; reports have them as dimensions."`
		MaxSubID    int          `json:"max_sub_id" doc:"Bytes; what is longer is cut."`
	}
}

func (s *Area) aids(context.Context, *struct{}) (*linkAidsOutput, error) {
	out := &linkAidsOutput{}
	out.Body.MaxSubID = link.MaxSubID
	for _, d := range link.Disclosures() {
		out.Body.Disclosures = append(out.Body.Disclosures, disclosure(d))
	}
	for i := range 4 {
		out.Body.SubIDs = append(out.Body.SubIDs, link.SubName(i))
	}
	return out, nil
}

type linkStateInput struct {
	Code string `path:"code" maxLength:"20"`
	Body struct {
		State string `json:"state" enum:"live,dead,revoked,blocked" doc:"A publisher's key revokes its links and lets those live again that it revoked."`
	}
}

func (s *Area) setLinkState(ctx context.Context, in *linkStateInput) (*linkOutput, error) {
	own, _ := call.Own(ctx, "")
	l, err := s.Links.SetState(ctx, in.Code, own, in.Body.State)
	if err != nil {
		return nil, err
	}
	return &linkOutput{s.viewOfLink(&l)}, nil
}

type checkLinksInput struct {
	Body struct {
		Addresses []string `json:"addresses" minItems:"1" maxItems:"1000" doc:"Links, or pages of a program."`
		ShipTo    string   `json:"ship_to,omitempty" pattern:"^([A-Z]{2})?$" doc:"The delivery country that the rates are for."`
	}
}

type rateView struct {
	Percent string `json:"percent"`
	Rule    string `json:"rule"`
}

func viewOfRate(r links.Rate) *rateView {
	if r == (links.Rate{}) {
		return nil
	}
	return &rateView{r.Percent, r.Rule}
}

type checkedLink struct {
	Address   string          `json:"address"`
	Valid     bool            `json:"valid" doc:"Following it counts for its publisher."`
	Earns     bool            `json:"earns" doc:"And what it names earns a commission."`
	Findings  []links.Finding `json:"findings" nullable:"false" doc:"Why it earns nothing, or less than it seems: stable codes, explained in docs/api.md."`
	Link      *linkView       `json:"link,omitempty" doc:"The link, if it is the caller's."`
	Program   string          `json:"program,omitempty"`
	LeadsTo   string          `json:"leads_to,omitempty"`
	Product   string          `json:"product,omitempty"`
	Store     string          `json:"store,omitempty"`
	Affiliate bool            `json:"affiliate" doc:"The product's seller takes part now."`
	Rate      *rateView       `json:"rate,omitempty" doc:"What a returning buyer's order earns."`
	NewBuyer  *rateView       `json:"new_buyer,omitempty" doc:"What a new buyer's order earns."`
	Until     *time.Time      `json:"until,omitempty" doc:"When the rate or the taking part ends, as far as it is known."`
}

type checkLinksOutput struct {
	Body struct {
		Links []checkedLink `json:"links" nullable:"false" doc:"In the order of the addresses."`
	}
}

func (s *Area) checkLinks(ctx context.Context, in *checkLinksInput) (*checkLinksOutput, error) {
	own, _ := call.Own(ctx, "") // whoever is limited to nobody may ask for all
	questions := make([]links.Question, len(in.Body.Addresses))
	for i, a := range in.Body.Addresses {
		questions[i] = links.Question{Address: a, Publisher: own, ShipTo: in.Body.ShipTo}
	}
	answers, err := s.Links.Check(ctx, questions)
	if err != nil {
		return nil, err
	}
	out := &checkLinksOutput{}
	out.Body.Links = make([]checkedLink, len(answers))
	for i := range answers {
		a := &answers[i]
		out.Body.Links[i] = checkedLink{
			Address: a.Address, Valid: a.Valid, Earns: a.Earns, Findings: a.Findings, Program: string(a.Program), LeadsTo: a.LeadsTo, Product: a.Product,
			Store: a.Store, Affiliate: a.Affiliate, Rate: viewOfRate(a.Rate), NewBuyer: viewOfRate(a.NewBuyer),
		}
		c := &out.Body.Links[i]
		if c.Findings == nil {
			c.Findings = []links.Finding{}
		}
		if a.Link != nil {
			c.Link = s.viewOfLink(a.Link)
		}
		if !a.Until.IsZero() {
			c.Until = &a.Until
		}
	}
	return out, nil
}
