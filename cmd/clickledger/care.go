package main

import (
	"context"
	"errors"
	"time"

	"github.com/clickledger/clickledger/internal/app/links"
	"github.com/clickledger/clickledger/internal/outbound"
)

// fetcher reads pages with the client that no stranger can lead into this network, one call a second and host.
func fetcher(o outbound.Options, robots bool, now func() time.Time) links.Fetch {
	client := outbound.New(o).Polite(outbound.Manners{Robots: robots, Now: now})
	return func(ctx context.Context, address string) (links.Fetched, error) {
		a, err := client.Get(ctx, address)
		if errors.Is(err, outbound.ErrRobots) {
			return links.Fetched{}, links.ErrStayAway
		}
		if err != nil {
			return links.Fetched{}, err
		}
		return links.Fetched{Status: a.Status, URL: a.URL.String(), Type: a.Header.Get("Content-Type"), Body: a.Body}, nil
	}
}

// fetchers read the programs' own pages, of which the status is enough, and pages of publishers, whose robots.txt is asked first.
func fetchers(now func() time.Time) (targets, pages links.Fetch) {
	return fetcher(outbound.Options{Redirects: 5, Timeout: 15 * time.Second, MaxBytes: 64 << 10, Truncate: true}, false, now),
		fetcher(outbound.Options{Redirects: 3, Timeout: 15 * time.Second, MaxBytes: 2 << 20, Truncate: true}, true, now)
}
