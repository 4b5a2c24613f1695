package settle

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/click"
	"github.com/clickledger/clickledger/click/token"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/order"
)

// UseKeys swaps the keyring in that checks the tokens of orders. Without one a token is a click id that nobody has.
func (v *Service) UseKeys(k *token.Keyring) { v.keys.Store(k) }

// readTokens puts the click's id in the place of each valid token that a placement carries, and returns what the tokens claim (L4). A
// forged or altered token stays as it is: no click has it for an id, so it wins nothing.
func (v *Service) readTokens(events []order.Event) []token.Claims {
	keys := v.keys.Load()
	if keys == nil {
		return nil
	}
	var found []token.Claims
	for i := range events {
		p := events[i].Placed
		if p == nil || len(p.Click) != token.Len {
			continue
		}
		c, err := keys.Parse(p.Click, v.now())
		if err != nil {
			continue
		}
		found = append(found, c)
		named := *p
		named.Click = c.Click.String()
		events[i].Placed = &named
	}
	return found
}

// keepClaimed enters the clicks that tokens tell of, as far as their rows are not there yet. What a token does not tell, its link
// does; a token of a link that is not kept tells nothing.
func keepClaimed(ctx context.Context, tx store.Tx, claims []token.Claims) error {
	if len(claims) == 0 {
		return nil
	}
	ids := make([]int64, len(claims))
	for i := range claims {
		ids[i] = int64(claims[i].Link)
	}
	found, err := tx.Platform().Links().ByID(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading the links of tokens: %w", err)
	}
	byID := make(map[int64]*store.Link, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	clicks := make([]*click.Click, 0, len(claims))
	for i := range claims {
		if l := byID[int64(claims[i].Link)]; l != nil {
			clicks = append(clicks, claimed(&claims[i], l))
		}
	}
	if _, err := tx.Clicks().Insert(ctx, clicks); err != nil {
		return fmt.Errorf("keeping the clicks of tokens: %w", err)
	}
	return nil
}

// claimed is the click of a token: what the token and its link say of it.
func claimed(c *token.Claims, l *store.Link) *click.Click {
	return &click.Click{
		ID: c.Click.String(), At: c.Click.Time(), Program: l.Program, Channel: click.Affiliate, Publisher: l.Publisher, AdSpace: l.AdSpace,
		TrackingID: l.TrackingID, Target: click.Target{Kind: l.Target.Kind, Product: l.Target.Product, Store: l.Target.Store},
		Verdict: c.Verdict, TokenOnly: true,
	}
}
