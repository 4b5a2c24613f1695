package payouts

import (
	"context"
	"fmt"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// suspended are the publishers of a program who are not paid at all while a case asks who they are, with the case: only doubts about the
// account itself keep the whole balance back (M4). Every other case keeps back the commissions that it is about.
func suspended(ctx context.Context, tx store.Tx, p program.ID) (map[string]string, error) {
	out := make(map[string]string)
	for _, state := range []string{"held", "notified", "proposed"} {
		for after := ""; ; {
			rows, next, err := tx.Platform().Desk().Cases().Page(ctx, store.CaseFilter{Program: p, State: state, Category: "account"}, after, 500)
			if err != nil {
				return nil, fmt.Errorf("reading cases about accounts: %w", err)
			}
			for _, c := range rows {
				out[c.Publisher] = c.ID
			}
			if after = next; next == "" {
				break
			}
		}
	}
	return out, nil
}
