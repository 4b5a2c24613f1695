package page

import (
	"context"

	"github.com/clickledger/clickledger/internal/app/desk"
)

// Names are what people, publishers and sellers are called, for those who read ids all day. Where nobody is known by an id, and where
// the look-up fails, the id stands for itself: a page never fails for want of a name.
type Names struct {
	Person func(ctx context.Context, id string) string
	Desk   *desk.Service // knows the organisations; nil: nobody does
}

// Publishers are the names of some publishers by their ids; those without one are left out.
func (n *Names) Publishers(ctx context.Context, ids ...string) map[string]string {
	if n.Desk == nil {
		return nil
	}
	names, err := n.Desk.PublisherNames(ctx, ids)
	if err != nil {
		return nil
	}
	return names
}

// Organisations are the names of some organisations by their ids.
func (n *Names) Organisations(ctx context.Context, ids ...string) map[string]string {
	if n.Desk == nil {
		return nil
	}
	names, err := n.Desk.OrganisationNames(ctx, ids)
	if err != nil {
		return nil
	}
	return names
}
