// Package joining is the API of joining: ad spaces, their verification, and applications to programs.
package joining

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Joining *joining.Service
	Settle  *settle.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Publishers: true}
	makes := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.ManageSpaces, people.ManagePublishers}}
	reviews := call.Policy{Scope: call.ScopeFacts, Writes: true, Needs: []people.Permission{people.ReviewApplications}}
	s.registerProfile(a, reads, makes)
	call.Handle(a, "PUT /v1/publishers/{publisher}/ad-spaces/{ad_space}", "put-ad-space", "Describe an ad space", makes, s.putPlace)
	call.Handle(a, "GET /v1/publishers/{publisher}/ad-spaces", "list-ad-spaces", "A publisher's ad spaces, and how to verify them", reads, s.listPlaces)
	call.Handle(a, "POST /v1/publishers/{publisher}/ad-spaces/{ad_space}/verify", "verify-ad-space", "Verify that an ad space is the publisher's", makes, s.verifyPlace)
	call.Handle(a, "POST /v1/publishers/{publisher}/applications", "apply", "Apply to a program with an ad space", makes, s.apply)
	queue, looks := reads, call.Policy{Scope: call.ScopeRead, Needs: []people.Permission{people.ReviewApplications}}
	queue.Needs = []people.Permission{people.SeeReports, people.ReviewApplications}
	call.Handle(a, "GET /v1/applications", "list-applications", "Applications, the newest first", queue, s.listApplications)
	call.Handle(a, "GET /v1/applications/{application}", "get-application", "An application with what a reviewer looks at beside it", looks, s.dossier)
	call.Handle(a, "GET /v1/publishers/{publisher}/memberships", "list-memberships", "The programs that a publisher's ad spaces joined, with their traffic checks", reads, s.memberships)
	call.Handle(a, "POST /v1/applications/{application}/decision", "decide-application", "Approve, decline, or ask for more", reviews, s.decideApplication)
	call.Handle(a, "POST /v1/applications/{application}/answer", "answer-application", "Answer a reviewer's question", makes, s.answerApplication)
}

type placeInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	AdSpace   string `path:"ad_space" maxLength:"64"`
	Body      struct {
		Kind        string   `json:"kind" enum:"website,blog,social,messenger,app,extension,cashback,dropshipping,subnetwork,video,email,other"`
		Name        string   `json:"name" maxLength:"200"`
		URL         string   `json:"url" maxLength:"2000" doc:"A new URL must be verified anew."`
		TrafficType string   `json:"traffic_type" doc:"How it brings visitors, as in program documents."`
		Languages   []string `json:"languages" minItems:"1" maxItems:"50"`
		Countries   []string `json:"countries,omitempty" maxItems:"250"`
		Description string   `json:"description,omitempty" maxLength:"5000"`
		TrackingIDs []string `json:"tracking_ids,omitempty" maxItems:"1000"`
	}
}

type instruction struct {
	Method string `json:"method" enum:"meta,file,dns"`
	Where  string `json:"where"`
	What   string `json:"what"`
}

type placeView struct {
	Publisher   string        `json:"publisher"`
	AdSpace     string        `json:"ad_space"`
	Kind        string        `json:"kind"`
	Name        string        `json:"name"`
	URL         string        `json:"url"`
	TrafficType string        `json:"traffic_type"`
	Languages   []string      `json:"languages" nullable:"false"`
	Countries   []string      `json:"countries" nullable:"false"`
	Description string        `json:"description"`
	TrackingIDs []string      `json:"tracking_ids" nullable:"false"`
	VerifiedAt  *time.Time    `json:"verified_at,omitempty"`
	VerifiedBy  string        `json:"verified_by,omitempty"`
	Verify      []instruction `json:"verify,omitempty" doc:"What shows that the ad space is the publisher's, any one of these; none once it is verified."`
	CreatedAt   time.Time     `json:"created_at"`
}

func viewOfPlace(p *joining.Place) *placeView {
	some := func(all []string) []string { return append([]string{}, all...) }
	v := &placeView{
		Publisher: p.Publisher, AdSpace: p.ID, Kind: p.Kind, Name: p.Name, URL: p.URL, TrafficType: p.TrafficType.String(), Languages: some(p.Languages),
		Countries: some(p.Countries), Description: p.Description, TrackingIDs: some(p.TrackingIDs), VerifiedBy: p.VerifiedBy, CreatedAt: p.CreatedAt,
	}
	if !p.VerifiedAt.IsZero() {
		v.VerifiedAt = &p.VerifiedAt
		return v
	}
	for _, i := range joining.Instructions(p) {
		v.Verify = append(v.Verify, instruction{i.Method, i.Where, i.What})
	}
	return v
}

type placeOutput struct{ Body *placeView }

func (s *Area) putPlace(ctx context.Context, in *placeInput) (*placeOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	b := &in.Body
	traffic, err := program.ParseTrafficType(b.TrafficType)
	if err != nil {
		return nil, &field.Error{Field: "traffic_type", Reason: err.Error()}
	}
	p, err := s.Joining.Describe(ctx, joining.Place{
		Publisher: in.Publisher, ID: in.AdSpace, Kind: b.Kind, Name: b.Name, URL: b.URL, TrafficType: traffic, Languages: b.Languages, Countries: b.Countries,
		Description: b.Description, TrackingIDs: b.TrackingIDs,
	})
	if err != nil {
		return nil, err
	}
	return &placeOutput{viewOfPlace(&p)}, nil
}

type placesInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
}

type placesOutput struct {
	Body struct {
		AdSpaces []*placeView `json:"ad_spaces" nullable:"false"`
	}
}

func (s *Area) listPlaces(ctx context.Context, in *placesInput) (*placesOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	all, err := s.Joining.Places(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &placesOutput{}
	out.Body.AdSpaces = make([]*placeView, len(all))
	for i := range all {
		out.Body.AdSpaces[i] = viewOfPlace(&all[i])
	}
	return out, nil
}

type verifyAdSpaceInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	AdSpace   string `path:"ad_space" maxLength:"64"`
	Body      struct {
		Method string `json:"method" enum:"meta,file,dns"`
	}
}

func (s *Area) verifyPlace(ctx context.Context, in *verifyAdSpaceInput) (*placeOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	p, err := s.Joining.Verify(ctx, in.Publisher, in.AdSpace, in.Body.Method)
	if err != nil {
		return nil, err
	}
	return &placeOutput{viewOfPlace(&p)}, nil
}

type applyInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	Body      struct {
		Program string `json:"program" maxLength:"64"`
		AdSpace string `json:"ad_space" maxLength:"64"`
	}
}

type applicationView struct {
	ID        int64     `json:"id"`
	Program   string    `json:"program"`
	Publisher string    `json:"publisher"`
	AdSpace   string    `json:"ad_space"`
	State     string    `json:"state" enum:"pending,question,approved,declined"`
	Reason    string    `json:"reason,omitempty" doc:"Why it was declined: a code of the program's list."`
	Note      string    `json:"note,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
	ChangedBy string    `json:"changed_by,omitempty" doc:"Who decided; rule where the program's rules did."`
}

func viewOfApplication(a *joining.Application) *applicationView {
	return &applicationView{
		ID: a.ID, Program: string(a.Program), Publisher: a.Publisher, AdSpace: a.Place, State: a.State, Reason: a.Reason, Note: a.Note, CreatedAt: a.CreatedAt,
		ChangedAt: a.ChangedAt, ChangedBy: a.ChangedBy,
	}
}

type applicationOutput struct{ Body *applicationView }

// applied answers with an application, and lets everybody know of an ad space that joined with it.
func (s *Area) applied(ctx context.Context, a joining.Application, err error) (*applicationOutput, error) {
	if err == nil && a.State == joining.Approved {
		err = s.Settle.Refresh(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &applicationOutput{viewOfApplication(&a)}, nil
}

func (s *Area) apply(ctx context.Context, in *applyInput) (*applicationOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	a, err := s.Joining.Apply(ctx, program.ID(in.Body.Program), in.Publisher, in.Body.AdSpace)
	return s.applied(ctx, a, err)
}

type applicationsInput struct {
	Program   string `query:"program" maxLength:"64"`
	Publisher string `query:"publisher" maxLength:"200"`
	State     string `query:"state" enum:"pending,question,approved,declined"`
	After     string `query:"after" maxLength:"200" doc:"The cursor that the page before returned."`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type applicationsOutput struct {
	Body struct {
		Applications []*applicationView `json:"applications" nullable:"false"`
		Next         string             `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) listApplications(ctx context.Context, in *applicationsInput) (*applicationsOutput, error) {
	own, err := call.Own(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	f := joining.Filter{Program: program.ID(in.Program), Publisher: in.Publisher, State: in.State}
	if own != "" {
		f.Publisher = own
	}
	found, next, err := s.Joining.Applications(ctx, f, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &applicationsOutput{}
	out.Body.Next = next
	out.Body.Applications = make([]*applicationView, len(found))
	for i := range found {
		out.Body.Applications[i] = viewOfApplication(&found[i])
	}
	return out, nil
}

type decideApplicationInput struct {
	Application int64 `path:"application" minimum:"1"`
	Body        struct {
		State  string `json:"state" enum:"approved,declined,question"`
		Reason string `json:"reason,omitempty" maxLength:"64" doc:"Of a declined one, a code of the program's list."`
		Note   string `json:"note,omitempty" maxLength:"5000" doc:"For the publisher."`
		By     string `json:"by,omitempty" maxLength:"200" doc:"The reviewer. Of a call of an app it is the app's person, whatever stands here; of others it must be there."`
	}
}

func (s *Area) decideApplication(ctx context.Context, in *decideApplicationInput) (*applicationOutput, error) {
	by := in.Body.By
	if call.Of(ctx).Key.App != "" {
		var err error
		if by, err = call.Name(ctx); err != nil {
			return nil, err
		}
	}
	a, err := s.Joining.Decide(ctx, in.Application, joining.Decision{State: in.Body.State, Reason: in.Body.Reason, Note: in.Body.Note, By: by})
	return s.applied(ctx, a, err)
}

type answerApplicationInput struct {
	Application int64 `path:"application" minimum:"1"`
	Body        struct {
		Publisher string `json:"publisher" maxLength:"200"`
		Answer    string `json:"answer" minLength:"1" maxLength:"5000"`
	}
}

func (s *Area) answerApplication(ctx context.Context, in *answerApplicationInput) (*applicationOutput, error) {
	if _, err := call.Own(ctx, in.Body.Publisher); err != nil {
		return nil, err
	}
	a, err := s.Joining.Answer(ctx, in.Application, in.Body.Publisher, in.Body.Answer)
	return s.applied(ctx, a, err)
}
