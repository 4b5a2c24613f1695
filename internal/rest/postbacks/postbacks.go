// Package postbacks is the API of postbacks and webhooks.
package postbacks

import (
	"context"
	"time"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/postbacks"
	"github.com/clickledger/clickledger/internal/rest/call"
)

// Area is what the operations lead to.
type Area struct {
	Postbacks *postbacks.Service
}

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	reads := call.Policy{Scope: call.ScopeRead, Publishers: true, Needs: []people.Permission{people.UseEndpoints, people.SeeEverything}}
	uses := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.UseEndpoints}}
	manages := call.Policy{Scope: call.ScopeLinks, Publishers: true, Writes: true, Needs: []people.Permission{people.ManageEndpoints}}
	secret := manages
	secret.Secret = true
	const one = "/v1/publishers/{publisher}/endpoints/{endpoint}"
	call.Handle(a, "GET "+one, "get-endpoint", "A postback or webhook", reads, s.getEndpoint)
	call.Handle(a, "POST "+one+"/state", "set-endpoint-state", "Turn an endpoint on, also one that is gone, or off", uses, s.turn)
	call.Handle(a, "POST "+one+"/test", "test-endpoint", "Send an endpoint a message of the event test", uses, s.test)
	call.Handle(a, "POST "+one+"/again", "send-again", "Send one message of the log again, under the same id", uses, s.again)
	call.Handle(a, "POST "+one+"/remove", "remove-endpoint", "Take an endpoint away, and its secrets", manages, s.remove)
	call.Handle(a, "PUT /v1/publishers/{publisher}/endpoints/{endpoint}", "put-endpoint", "Enter a postback or webhook, or change it", secret, s.putEndpoint)
	call.Handle(a, "GET /v1/publishers/{publisher}/endpoints", "list-endpoints", "A publisher's postbacks and webhooks", reads, s.listEndpoints)
	call.Handle(a, "POST /v1/publishers/{publisher}/endpoints/{endpoint}/secret", "rotate-endpoint-secret", "Give a webhook a new secret, shown once", secret, s.rotateEndpoint)
	call.Handle(a, "GET /v1/publishers/{publisher}/endpoints/{endpoint}/deliveries", "list-deliveries", "What was sent, the newest first", reads, s.listDeliveries)
	call.Handle(a, "POST /v1/publishers/{publisher}/endpoints/{endpoint}/replay", "replay-deliveries", "Send everything again since a time, or after a message", uses, s.replayDeliveries)
}

type endpointInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
	Body      struct {
		Kind    string   `json:"kind" enum:"postback,webhook" doc:"A postback is a GET of an address with macros, a webhook a signed POST."`
		Address string   `json:"address" maxLength:"2000" doc:"https. Of a postback, macros such as {order} and {amount} may stand behind the host; see docs/postbacks.md."`
		Events  []string `json:"events,omitempty" maxItems:"20" doc:"Those that it gets; left out: all."`
		State   string   `json:"state,omitempty" enum:"on,off"`
	}
}

type endpointView struct {
	Publisher string    `json:"publisher"`
	Endpoint  string    `json:"endpoint"`
	Kind      string    `json:"kind"`
	Address   string    `json:"address"`
	Events    []string  `json:"events"`
	State     string    `json:"state" enum:"on,off,gone" doc:"gone: it answered 410 and gets nothing more until it is turned on again."`
	Secret    string    `json:"secret,omitempty" doc:"Of a new webhook, shown once."`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
}

func viewOfEndpoint(e *postbacks.Endpoint) *endpointView {
	return &endpointView{
		Publisher: e.Publisher, Endpoint: e.ID, Kind: e.Kind, Address: e.Address, Events: append([]string{}, e.Events...), State: e.State, CreatedAt: e.CreatedAt,
		ChangedAt: e.ChangedAt,
	}
}

type endpointOutput struct{ Body *endpointView }

func (s *Area) putEndpoint(ctx context.Context, in *endpointInput) (*endpointOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	// No saved answer: a secret is kept nowhere in the clear. Doing it again changes nothing.
	e, secret, err := s.Postbacks.Put(ctx, postbacks.Endpoint{
		Publisher: in.Publisher, ID: in.Endpoint, Kind: in.Body.Kind, Address: in.Body.Address, Events: in.Body.Events, State: in.Body.State,
	})
	if err != nil {
		return nil, err
	}
	out := &endpointOutput{viewOfEndpoint(&e)}
	out.Body.Secret = secret
	return out, nil
}

type endpointsInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
}

type endpointsOutput struct {
	Body struct {
		Endpoints []*endpointView `json:"endpoints"`
	}
}

func (s *Area) listEndpoints(ctx context.Context, in *endpointsInput) (*endpointsOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	all, err := s.Postbacks.List(ctx, in.Publisher)
	if err != nil {
		return nil, err
	}
	out := &endpointsOutput{}
	out.Body.Endpoints = make([]*endpointView, len(all))
	for i := range all {
		out.Body.Endpoints[i] = viewOfEndpoint(&all[i])
	}
	return out, nil
}

type endpointName struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
}

type endpointSecretOutput struct {
	Body struct {
		Secret string `json:"secret" doc:"Shown once. Messages are signed with the one before it as well, until the next rotation."`
	}
}

func (s *Area) rotateEndpoint(ctx context.Context, in *endpointName) (*endpointSecretOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	secret, err := s.Postbacks.Rotate(ctx, in.Publisher, in.Endpoint)
	if err != nil {
		return nil, err
	}
	out := &endpointSecretOutput{}
	out.Body.Secret = secret
	return out, nil
}

type deliveriesInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
	State     string `query:"state" enum:"waiting,delivered,failed"`
	After     string `query:"after" maxLength:"500" doc:"The cursor that the page before returned."`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type deliveryView struct {
	Message   string     `json:"message"`
	State     string     `json:"state" enum:"waiting,delivered,failed"`
	Attempts  int        `json:"attempts"`
	Next      *time.Time `json:"next,omitempty"`
	Status    int        `json:"status,omitempty" doc:"Of the last answer."`
	Error     string     `json:"error,omitempty"`
	Told      string     `json:"told" doc:"What is told, as JSON."`
	CreatedAt time.Time  `json:"created_at"`
	ChangedAt time.Time  `json:"changed_at"`
}

type deliveriesOutput struct {
	Body struct {
		Deliveries []deliveryView `json:"deliveries"`
		Next       string         `json:"next,omitempty" doc:"The cursor of the next page; none on the last one."`
	}
}

func (s *Area) listDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	ds, next, err := s.Postbacks.DeliveriesIn(ctx, in.Publisher, in.Endpoint, in.State, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{}
	out.Body.Next = next
	out.Body.Deliveries = make([]deliveryView, len(ds))
	for i, d := range ds {
		v := deliveryView{Message: d.Message, State: d.State, Attempts: d.Attempts, Status: d.Status, Error: d.Error, Told: string(d.JSON), CreatedAt: d.CreatedAt, ChangedAt: d.ChangedAt}
		if !d.Next.IsZero() {
			v.Next = &d.Next
		}
		out.Body.Deliveries[i] = v
	}
	return out, nil
}

type replayInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
	Body      struct {
		Since time.Time `json:"since,omitzero" required:"false" doc:"Everything that was told since then is told again, under the same ids."`
		After string    `json:"after,omitempty" required:"false" maxLength:"200" doc:"Instead of since: the id of the last message that you have. Everything that was told after it is told again."`
	}
}

type replayOutput struct {
	Body struct {
		Messages int `json:"messages"`
	}
}

func (s *Area) replayDeliveries(ctx context.Context, in *replayInput) (*replayOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	n, err := s.Postbacks.Replay(ctx, in.Publisher, in.Endpoint, postbacks.From{Since: in.Body.Since, After: in.Body.After})
	if err != nil {
		return nil, err
	}
	out := &replayOutput{}
	out.Body.Messages = n
	return out, nil
}

func (s *Area) getEndpoint(ctx context.Context, in *endpointName) (*endpointOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	e, _, err := s.Postbacks.One(ctx, in.Publisher, in.Endpoint)
	if err != nil {
		return nil, err
	}
	return &endpointOutput{viewOfEndpoint(&e)}, nil
}

type endpointStateInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
	Body      struct {
		State string `json:"state" enum:"on,off" doc:"While it is off it gets nothing: what waits for it is given up, and can be sent again afterwards."`
	}
}

func (s *Area) turn(ctx context.Context, in *endpointStateInput) (*endpointOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	if err := s.Postbacks.Switch(ctx, in.Publisher, in.Endpoint, in.Body.State == postbacks.On); err != nil {
		return nil, err
	}
	return s.getEndpoint(ctx, &endpointName{in.Publisher, in.Endpoint})
}

type messageOutput struct {
	Body struct {
		Message string `json:"message" doc:"Its id in the log of deliveries."`
	}
}

func (s *Area) test(ctx context.Context, in *endpointName) (*messageOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	out := &messageOutput{}
	var err error
	if out.Body.Message, err = s.Postbacks.Test(ctx, in.Publisher, in.Endpoint); err != nil {
		return nil, err
	}
	return out, nil
}

type sendAgainInput struct {
	Publisher string `path:"publisher" maxLength:"500"`
	Endpoint  string `path:"endpoint" maxLength:"64"`
	Body      struct {
		Message string `json:"message" minLength:"1" maxLength:"200"`
	}
}

func (s *Area) again(ctx context.Context, in *sendAgainInput) (*messageOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	if err := s.Postbacks.SendAgain(ctx, in.Publisher, in.Endpoint, in.Body.Message); err != nil {
		return nil, err
	}
	out := &messageOutput{}
	out.Body.Message = in.Body.Message
	return out, nil
}

type removedOutput struct {
	Body struct {
		Removed bool `json:"removed"`
	}
}

func (s *Area) remove(ctx context.Context, in *endpointName) (*removedOutput, error) {
	if _, err := call.Own(ctx, in.Publisher); err != nil {
		return nil, err
	}
	if err := s.Postbacks.Remove(ctx, in.Publisher, in.Endpoint); err != nil {
		return nil, err
	}
	out := &removedOutput{}
	out.Body.Removed = true
	return out, nil
}
