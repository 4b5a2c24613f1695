// Package subnetworks is the API of publishers under a publisher (A8).
package subnetworks

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/settle"
	"github.com/clickledger/clickledger/internal/app/subnetworks"
	"github.com/clickledger/clickledger/internal/field"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/money"
	"github.com/clickledger/clickledger/program"
)

// Area is what the operations lead to.
type Area struct {
	Subs   *subnetworks.Service
	Settle *settle.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Publishers: true}
	enters := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.ManageSpaces, people.ManagePublishers}}
	blocks := call.Policy{Scope: call.ScopeFacts, Writes: true, Needs: []people.Permission{people.ManagePublishers}}
	parts := reads
	parts.Needs = []people.Permission{people.SeeBalance, people.SeeEverything}
	const at = "/v1/publishers/{publisher}/sub-publishers"
	call.Handle(a, "GET "+at, "list-sub-publishers", "A subnetwork's sub-publishers", reads, s.list)
	call.Handle(a, "PUT "+at+"/{sub_publisher}", "put-sub-publisher", "Enter a sub-publisher, or change what was said of it", enters, s.put)
	call.Handle(a, "POST "+at+":import", "import-sub-publishers", "Enter the sub-publishers of a file, all or none", enters, s.load)
	call.Handle(a, "POST "+at+"/{sub_publisher}/block", "block-sub-publisher", "Block a sub-publisher: its clicks are invalid from now on", blocks, s.block)
	call.Handle(a, "POST "+at+"/{sub_publisher}/unblock", "unblock-sub-publisher", "Let the clicks of a sub-publisher count again", blocks, s.unblock)
	call.Handle(a, "GET /v1/publishers/{publisher}/payout-parts", "list-payout-parts", "What part of each payout, and of the balance, each sub-publisher brought", parts, s.parts)
}

type subView struct {
	SubPublisher string     `json:"sub_publisher"`
	Parent       string     `json:"parent" doc:"The ad space of the subnetwork that it works under."`
	Name         string     `json:"name"`
	Site         string     `json:"site"`
	TrafficType  string     `json:"traffic_type"`
	Note         string     `json:"note,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	BlockedAt    *time.Time `json:"blocked_at,omitempty"`
	Reason       string     `json:"reason,omitempty" doc:"Why it is blocked."`
}

type subsInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
}

type subsOutput struct {
	Body struct {
		SubPublishers []*subView `json:"sub_publishers" nullable:"false"`
		Parents       []string   `json:"parents" nullable:"false" doc:"The ad spaces that may have sub-publishers."`
	}
}

func (s *Area) list(ctx context.Context, in *subsInput) (*subsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	subs, err := s.Subs.List(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	parents, err := s.Subs.Parents(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &subsOutput{}
	out.Body.Parents = append([]string{}, parents...)
	out.Body.SubPublishers = make([]*subView, len(subs))
	for i := range subs {
		out.Body.SubPublishers[i] = viewOf(&subs[i])
	}
	return out, nil
}

func viewOf(x *subnetworks.Sub) *subView {
	return &subView{x.ID, x.Parent, x.Name, x.Site, x.TrafficType.String(), x.Note, x.CreatedAt, call.Time(x.BlockedAt), x.Reason}
}

type putSubInput struct {
	Publisher    string `path:"publisher" maxLength:"200"`
	SubPublisher string `path:"sub_publisher" maxLength:"64"`
	Body         struct {
		Parent      string `json:"parent" maxLength:"64" doc:"An ad space of the traffic type subnetwork that joined a program."`
		Name        string `json:"name" maxLength:"200"`
		Site        string `json:"site" maxLength:"1000"`
		TrafficType string `json:"traffic_type" doc:"How it brings visitors, as in program documents."`
		Note        string `json:"note,omitempty" maxLength:"2000"`
	}
}

type subOutput struct{ Body *subView }

func (s *Area) put(ctx context.Context, in *putSubInput) (*subOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	b := &in.Body
	traffic, err := program.ParseTrafficType(b.TrafficType)
	if err != nil {
		return nil, &field.Error{Field: "traffic_type", Reason: err.Error()}
	}
	if err := s.Subs.Enter(ctx, in.Publisher, subnetworks.Sub{ID: in.SubPublisher, Parent: b.Parent, Name: b.Name, Site: b.Site, TrafficType: traffic, Note: b.Note}); err != nil {
		return nil, err
	}
	return s.changed(ctx, in.Publisher, in.SubPublisher)
}

// changed lets everybody know of a change, and answers with the sub-publisher.
func (s *Area) changed(ctx context.Context, of, id string) (*subOutput, error) {
	if err := s.Settle.Refresh(ctx); err != nil {
		return nil, err
	}
	subs, err := s.Subs.List(ctx, of)
	if err != nil {
		return nil, err
	}
	for i := range subs {
		if subs[i].ID == id {
			return &subOutput{viewOf(&subs[i])}, nil
		}
	}
	return nil, subnetworks.ErrNotFound
}

type loadSubsInput struct {
	Publisher string `path:"publisher" maxLength:"200"`
	RawBody   []byte `contentType:"text/csv" doc:"CSV with the columns id, parent, name, site, traffic_type and note."`
}

type loadedSubsOutput struct {
	Body struct {
		Received int `json:"received"`
	}
}

func (s *Area) load(ctx context.Context, in *loadSubsInput) (*loadedSubsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	n, err := s.Subs.Import(ctx, in.Publisher, bytes.NewReader(in.RawBody))
	if err == nil {
		err = s.Settle.Refresh(ctx)
	}
	if err != nil {
		return nil, err
	}
	out := &loadedSubsOutput{}
	out.Body.Received = n
	return out, nil
}

type blockSubInput struct {
	Publisher    string `path:"publisher" maxLength:"200"`
	SubPublisher string `path:"sub_publisher" maxLength:"64"`
	Body         struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"The subnetwork reads it."`
	}
}

func (s *Area) block(ctx context.Context, in *blockSubInput) (*subOutput, error) {
	by, err := call.Name(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Subs.Block(ctx, in.Publisher, in.SubPublisher, in.Body.Reason, by); err != nil {
		return nil, refused(err, "it is blocked already")
	}
	return s.changed(ctx, in.Publisher, in.SubPublisher)
}

type unblockSubInput struct {
	Publisher    string `path:"publisher" maxLength:"200"`
	SubPublisher string `path:"sub_publisher" maxLength:"64"`
}

func (s *Area) unblock(ctx context.Context, in *unblockSubInput) (*subOutput, error) {
	by, err := call.Name(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Subs.Unblock(ctx, in.Publisher, in.SubPublisher, by); err != nil {
		return nil, refused(err, "it is not blocked")
	}
	return s.changed(ctx, in.Publisher, in.SubPublisher)
}

// refused says what a step contradicts.
func refused(err error, why string) error {
	if errors.Is(err, subnetworks.ErrConflict) {
		return call.NewProblem(call.Conflict, call.ProblemError{Field: "sub_publisher", Reason: why, Fix: "read the sub-publishers: they say what is blocked"})
	}
	return err
}

type payoutPartView struct {
	Payout       string    `json:"payout,omitempty" doc:"None: it is in the balance."`
	State        string    `json:"state" doc:"Of the payout; available: of the balance."`
	At           time.Time `json:"at"`
	Program      string    `json:"program"`
	SubPublisher string    `json:"sub_publisher,omitempty" doc:"The ad space that brought it; none: what no item brought, such as bonuses and deductions."`
	Amount       string    `json:"amount"`
	Currency     string    `json:"currency"`
}

type payoutPartsOutput struct {
	Body struct {
		Parts []payoutPartView `json:"parts" nullable:"false" doc:"The newest first. The parts of a payout add up to what was taken out of the balance for it."`
	}
}

func (s *Area) parts(ctx context.Context, in *subsInput) (*payoutPartsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	all, err := s.Subs.Parts(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &payoutPartsOutput{}
	out.Body.Parts = make([]payoutPartView, len(all))
	for i := range all {
		x := &all[i]
		out.Body.Parts[i] = payoutPartView{x.Payout, x.State, x.At, string(x.Program), x.Sub, money.New(x.Amount, x.Currency).Decimal(), string(x.Currency)}
	}
	return out, nil
}
