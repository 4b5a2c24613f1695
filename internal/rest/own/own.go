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
	call.Handle(a, "GET /v1/rejected-calls", "list-rejected-calls", "The key's own calls that were rejected, the newest hundred", call.Policy{Scope: call.ScopeRead, Publishers: true, Sellers: true}, s.getRejected)
}

type rejectedOutput struct {
	Body struct {
		Calls []call.Rejected `json:"calls" nullable:"false" doc:"The newest first."`
	}
}

func (s *Area) getRejected(ctx context.Context, _ *struct{}) (*rejectedOutput, error) {
	calls, err := s.api.Rejected(ctx, call.Of(ctx).Key.ID)
	if err != nil {
		return nil, err
	}
	out := &rejectedOutput{}
	out.Body.Calls = calls
	return out, nil
}
