// Package search is the API of the one box that finds things by what they are called (I6). Who finds what is decided by the use case.
package search

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clickledger/clickledger/internal/app/people"
	"github.com/clickledger/clickledger/internal/app/search"
	"github.com/clickledger/clickledger/internal/rest/call"
)

// Area is what the operation leads to.
type Area struct {
	Search *search.Service
}

// Register registers the operation.
func (s *Area) Register(a *call.API) {
	call.Handle(a, "GET /v1/search", "search", "Orders, clicks, links, publishers, payouts and their runs, programs, stores, tickets and trust cases by their names",
		call.Policy{Scope: call.ScopeRead, Publishers: true, Sellers: true}, s.search)
}

type searchInput struct {
	Q string `query:"q" required:"true" minLength:"1" maxLength:"500" doc:"An id, a name or a part of one, or a whole link."`
}

// kind is search.Kind with its values for the description.
type kind search.Kind

// Schema implements huma.SchemaProvider.
func (kind) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, k := range search.Kinds() {
		s.Enum = append(s.Enum, string(k))
	}
	return s
}

type foundView struct {
	Kind      kind       `json:"kind"`
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty" doc:"Of a program, a publisher or a store; of a ticket its subject."`
	Program   string     `json:"program,omitempty"`
	Publisher string     `json:"publisher,omitempty"`
	Store     string     `json:"store,omitempty" doc:"Of an order, to a seller: its store that sold of it."`
	State     string     `json:"state,omitempty"`
	Run       string     `json:"run,omitempty"`
	At        *time.Time `json:"at,omitempty"`
}

type searchOutput struct {
	Body struct {
		Found []foundView `json:"found" nullable:"false" doc:"Nothing that the caller may not read."`
	}
}

// actor is who calls.
func actor(ctx context.Context) search.Actor {
	key := call.Of(ctx).Key
	a := search.Actor{Kind: people.Operator, Publisher: key.Publisher, Seller: key.Seller, Stores: key.Stores, Can: func(p people.Permission) bool { return call.Can(ctx, p) }}
	switch {
	case key.Publisher != "":
		a.Kind = people.Publisher
	case key.Seller != "":
		a.Kind = people.Seller
	}
	return a
}

func (s *Area) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	found, err := s.Search.Find(ctx, actor(ctx), in.Q, "en")
	if err != nil {
		return nil, err
	}
	out := &searchOutput{}
	out.Body.Found = make([]foundView, len(found))
	for i := range found {
		h := &found[i]
		out.Body.Found[i] = foundView{kind(h.Kind), h.ID, h.Name, string(h.Program), h.Publisher, h.Store, h.State, h.Run, call.Time(h.At)}
	}
	return out, nil
}
