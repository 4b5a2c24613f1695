// Package own is the API of the caller itself.
package own

import (
	"context"

	"github.com/clickledger/clickledger/internal/rest/call"
)

// Area is what the operations lead to.
type Area struct{ api *call.API }

// Register registers the operations.
func (s *Area) Register(a *call.API) {
	s.api = a
	call.Handle(a, "GET /v1/rejected-calls", "list-rejected-calls", "The key's own calls that were rejected, since the server started", call.Policy{Scope: call.ScopeRead, Publishers: true}, s.getRejected)
}

type rejectedOutput struct {
	Body struct {
		Calls []call.Rejected `json:"calls" nullable:"false" doc:"The newest first."`
	}
}

func (s *Area) getRejected(ctx context.Context, _ *struct{}) (*rejectedOutput, error) {
	out := &rejectedOutput{}
	out.Body.Calls = s.api.Rejected(call.Of(ctx).Key.ID)
	if out.Body.Calls == nil {
		out.Body.Calls = []call.Rejected{}
	}
	return out, nil
}
