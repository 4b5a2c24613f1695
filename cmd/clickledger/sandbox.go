package main

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"github.com/clickledger/clickledger/internal/app/joining"
	"github.com/clickledger/clickledger/internal/app/reports"
	"github.com/clickledger/clickledger/internal/rest/call"
	"github.com/clickledger/clickledger/internal/sandbox"
	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// sandboxFlags say where sandboxes lie.
type sandboxFlags struct {
	Sandboxes string `type:"path" help:"Folder of the sandboxes in which callers of the API try things; default: sandboxes in the data folder. Without either there are none." placeholder:"DIR"`
}

// sandboxes are everybody's sandboxes, or nil where there is no room for any.
func (p *platform) sandboxes(ctx context.Context, c *serveCmd, guard *call.Guard) *sandbox.Sandboxes {
	dir := c.Sandboxes
	if c.Data != "" {
		dir = cmp.Or(dir, filepath.Join(c.Data, "sandboxes"))
	}
	if dir == "" {
		return nil
	}
	return sandbox.New(ctx, sandbox.Options{
		Dir: dir, Open: func(ctx context.Context, path string) (store.Store, error) { return sqlite.Open(ctx, path) },
		Real: p.db, Guard: guard, Codes: p.edgeKeys.Code, Box: p.box, Caller: caller(p.env), Log: p.log, Now: p.now,
		Joins: func(db store.Store, now func() time.Time) *joining.Service {
			return joiningOf(p.env, db, reports.New(db, now), now)
		},
	})
}
