package main

import (
	"context"
	"net"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/outbound"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/program"
)

// joiningOf is the service that ad spaces join through. It looks at their pages with the client that no stranger can lead into this
// network.
func joiningOf(e *env, db store.Store, r *reports.Service, now func() time.Time) *joining.Service {
	client := e.outbound(outbound.Options{Redirects: 3, Timeout: 10 * time.Second})
	return joining.New(db, joining.Prover{
		Page: func(ctx context.Context, address string) ([]byte, string, error) {
			a, err := client.Get(ctx, address)
			if err != nil {
				return nil, "", err
			}
			return a.Body, a.URL.Hostname(), nil
		},
		TXT: net.DefaultResolver.LookupTXT,
	}, func(ctx context.Context, _ program.ID, publisher string) (int, error) {
		// The ranking is the same for all programs: who applies has earned elsewhere.
		ranking, err := r.Ranking(ctx)
		if err != nil {
			return 0, err
		}
		return ranking.Of(publisher), nil
	}, func() string { return random(16) }, now)
}
