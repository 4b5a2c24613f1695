package joining

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/rest/call"
)

func (s *Area) registerProfile(a *call.API, reads, makes call.Policy) {
	call.Handle(a, "GET /v1/publishers/{publisher}/profile", "get-profile", "What a publisher says of itself", reads, s.profile)
	call.Handle(a, "PUT /v1/publishers/{publisher}/profile", "put-profile", "Say whom a publisher reaches, with what, how, and in which languages", makes, s.putProfile)
	call.Handle(a, "GET /v1/publishers/{publisher}/checklist", "get-checklist", "How far a publisher came on its way to the first click", reads, s.checklist)
}

type profileFields struct {
	Audience  string   `json:"audience" maxLength:"2000" doc:"Whom it reaches."`
	Sources   string   `json:"sources" maxLength:"2000" doc:"Where its visitors come from."`
	Methods   []string `json:"methods" nullable:"false" maxItems:"20" enum:"reviews,price_comparison,coupons,cashback,social_posts,messenger_channel,video,newsletter,search_ads,display_ads,app,other"`
	Languages []string `json:"languages" nullable:"false" maxItems:"50" doc:"ISO 639-1."`
	Countries []string `json:"countries,omitempty" nullable:"false" maxItems:"250" doc:"ISO 3166-1."`
	Website   string   `json:"website,omitempty" maxLength:"500"`
	Contact   string   `json:"contact,omitempty" maxLength:"300" doc:"Whom to write to."`
}

type profileOutput struct {
	Body struct {
		Publisher string        `json:"publisher"`
		Name      string        `json:"name" doc:"Of its organisation."`
		Profile   profileFields `json:"profile"`
		Whole     bool          `json:"whole" doc:"It says what reviewers look for."`
	}
}

func viewOfProfile(publisher, name string, p joining.Profile) *profileOutput {
	some := func(all []string) []string { return append([]string{}, all...) }
	out := &profileOutput{}
	out.Body.Publisher, out.Body.Name, out.Body.Whole = publisher, name, joining.Told(p)
	out.Body.Profile = profileFields{p.Audience, p.Sources, some(p.Methods), some(p.Languages), some(p.Countries), p.Website, p.Contact}
	return out
}

func (s *Area) profile(ctx context.Context, in *placesInput) (*profileOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	name, p, err := s.Joining.Profile(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return viewOfProfile(in.Publisher, name, p), nil
}

type putProfileInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Body      profileFields
}

func (s *Area) putProfile(ctx context.Context, in *putProfileInput) (*profileOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	b := &in.Body
	p, err := s.Joining.SetProfile(ctx, in.Publisher, joining.Profile{
		Audience: b.Audience, Sources: b.Sources, Methods: b.Methods, Languages: b.Languages, Countries: b.Countries, Website: b.Website, Contact: b.Contact,
	})
	if err != nil {
		return nil, err
	}
	name, _, err := s.Joining.Profile(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	return viewOfProfile(in.Publisher, name, p), nil
}

type checklistOutput struct {
	Body struct {
		Profile  bool `json:"profile" doc:"It says what reviewers look for."`
		Space    bool `json:"ad_space" doc:"It entered an ad space."`
		Verified bool `json:"verified" doc:"Of which one is verified."`
		Applied  bool `json:"applied" doc:"And one applied to a program, or joined one."`
	}
}

func (s *Area) checklist(ctx context.Context, in *placesInput) (*checklistOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	b, err := s.Joining.Begun(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &checklistOutput{}
	out.Body.Profile, out.Body.Space, out.Body.Verified, out.Body.Applied = b.Profile, b.Space, b.Verified, b.Applied
	return out, nil
}

type membershipView struct {
	Program     string     `json:"program"`
	AdSpace     string     `json:"ad_space"`
	TrafficType string     `json:"traffic_type"`
	Since       time.Time  `json:"since"`
	BlockedAt   *time.Time `json:"blocked_at,omitempty"`
	CheckUntil  *time.Time `json:"check_until,omitempty" doc:"When the traffic check ends or ended; none: the program has none."`
	InCheck     bool       `json:"in_check" doc:"It runs: hot rates earn nothing meanwhile."`
}

func viewsOfMemberships(all []joining.Membership) []membershipView {
	out := make([]membershipView, len(all))
	for i, m := range all {
		out[i] = membershipView{string(m.Program), m.Place, m.Traffic.String(), m.Since, call.Time(m.BlockedAt), call.Time(m.CheckUntil), m.InCheck}
	}
	return out
}

type membershipsOutput struct {
	Body struct {
		Memberships []membershipView `json:"memberships" nullable:"false"`
	}
}

func (s *Area) memberships(ctx context.Context, in *placesInput) (*membershipsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	all, err := s.Joining.Memberships(ctx, in.Publisher, "")
	if err != nil {
		return nil, err
	}
	out := &membershipsOutput{}
	out.Body.Memberships = viewsOfMemberships(all)
	return out, nil
}

type dossierInput struct {
	Application int64 `path:"application" minimum:"1"`
}

type dossierOutput struct {
	Body struct {
		Application *applicationView   `json:"application"`
		AdSpace     *placeView         `json:"ad_space"`
		Name        string             `json:"name,omitempty" doc:"Of the publisher's organisation."`
		Profile     profileFields      `json:"profile"`
		Rank        int                `json:"rank,omitempty" doc:"Of the publisher in the ranking; none: it has none."`
		RankingUpTo int                `json:"ranking_up_to,omitempty" doc:"Ranks up to this are accepted at once."`
		Policy      string             `json:"policy,omitempty" enum:"allowed,needs_approval,forbidden" doc:"The program's for the ad space's traffic type."`
		Declines    []string           `json:"decline_reasons" nullable:"false"`
		Second      bool               `json:"second_type" doc:"The ad space has another traffic type than the publisher's that joined, so support must agree first."`
		Held        []string           `json:"held_types" nullable:"false" doc:"Traffic types of the publisher's ad spaces that joined a program."`
		Joined      []membershipView   `json:"memberships" nullable:"false" doc:"Of this ad space."`
		Earlier     []*applicationView `json:"earlier" nullable:"false" doc:"The publisher's other applications, the newest first."`
	}
}

func (s *Area) dossier(ctx context.Context, in *dossierInput) (*dossierOutput, error) {
	d, err := s.Joining.Dossier(ctx, in.Application)
	if err != nil {
		return nil, err
	}
	out := &dossierOutput{}
	b := &out.Body
	b.Application, b.AdSpace, b.Name, b.Profile = viewOfApplication(&d.Application), viewOfPlace(&d.Place), d.Name, viewOfProfile("", "", d.Profile).Body.Profile
	b.AdSpace.Verify = nil // how to verify it is between the publisher and its page
	b.Rank, b.RankingUpTo, b.Declines, b.Second = d.Rank, d.UpTo, append([]string{}, d.Reasons...), d.Second
	if d.Policy != 0 {
		b.Policy = d.Policy.String()
	}
	b.Joined, b.Held, b.Earlier = viewsOfMemberships(d.Joined), []string{}, []*applicationView{}
	for _, t := range d.Held {
		b.Held = append(b.Held, t.String())
	}
	for i := range d.Earlier {
		b.Earlier = append(b.Earlier, viewOfApplication(&d.Earlier[i]))
	}
	return out, nil
}
