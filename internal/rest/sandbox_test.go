package rest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/clickledger/clickledger/internal/app/intake"
	"github.com/clickledger/clickledger/internal/rest/sandbox"
	"github.com/clickledger/clickledger/program"
	"github.com/clickledger/clickledger/publisher"
)

// tried is a sandbox over the client's own server; package internal/sandbox has real ones.
type tried struct{ c *client }

func (s tried) Now() time.Time                    { return s.c.now }
func (s tried) Ahead() time.Duration              { return 0 }
func (s tried) Tell(context.Context) (int, error) { return 0, nil }

func (s tried) Move(ctx context.Context, by time.Duration) (sandbox.Moved, error) {
	s.c.now = s.c.now.Add(by)
	n, err := s.c.settle.Tick(ctx)
	return sandbox.Moved{Settled: n}, err
}

func (s tried) Space(ctx context.Context, p program.ID, owner string) (string, error) {
	space := &publisher.AdSpace{ID: "sandbox", Publisher: owner, Program: p, TrafficType: program.Content, ApprovedAt: s.c.now.Add(-time.Hour)}
	if err := intake.New(s.c.db, s.Now).AdSpaces(ctx, []*publisher.AdSpace{space}); err != nil {
		return "", err
	}
	return "sandbox", s.c.settle.Refresh(ctx)
}

// I1: the marketplace has no clock to move and takes no test orders.
func TestI1_TheMarketplaceIsNoSandbox(t *testing.T) {
	c := newCounted(t)
	c.real = true
	c.restart()
	for _, w := range []struct{ method, target, body string }{
		{"GET", "/v1/sandbox/clock", ""}, {"POST", "/v1/sandbox/clock", `{"hours":24}`}, {"POST", "/v1/sandbox/orders", `{"order":"t","program":"global-eu","publisher":"ann","amount":"1.00"}`},
		{"POST", "/v1/sandbox/orders/t/steps", `{"program":"global-eu","event":"paid"}`},
	} {
		c.refused(http.StatusNotFound, w.method, w.target, w.body, "under /sandbox")
	}
}
