package main

import (
	"context"
	"net"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/outbound"
	"github.com/clickledger/clickledger/program"
)

// joining is the service that ad spaces join through. It looks at their pages with the client that no stranger can lead into this
// network.
func (p *platform) joining() *joining.Service {
	client := outbound.New(outbound.Options{Redirects: 3, Timeout: 10 * time.Second})
	return joining.New(p.db, joining.Prover{
		Page: func(ctx context.Context, address string) ([]byte, string, error) {
			a, err := client.Get(ctx, address)
			if err != nil {
				return nil, "", err
			}
			return a.Body, a.URL.Hostname(), nil
		},
		TXT: net.DefaultResolver.LookupTXT,
	}, p.rank, func() string { return random(16) }, p.now)
}

// rank is a publisher's place in the affiliate ranking, which is the same for all programs: who applies has earned elsewhere.
func (p *platform) rank(ctx context.Context, _ program.ID, publisher string) (int, error) {
	r, err := p.reports.Ranking(ctx)
	if err != nil {
		return 0, err
	}
	return r.Of(publisher), nil
}
