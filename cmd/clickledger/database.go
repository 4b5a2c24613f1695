package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/postgres"
	"github.com/clickledger/clickledger/internal/store/sqlite"
)

// databaseFlags say where a command finds its database.
type databaseFlags struct {
	Data     string `type:"path" help:"Folder of the SQLite database." placeholder:"DIR"`
	Postgres string `help:"PostgreSQL connection string, in place of --data." placeholder:"DSN" env:"CLICKLEDGER_POSTGRES"`
}

// errNoDatabase says that neither engine was named.
var errNoDatabase = errors.New("name the database: --data DIR for SQLite, or --postgres DSN")

// open opens the database that the flags name.
func (f databaseFlags) open(ctx context.Context) (store.Store, error) {
	switch {
	case f.Postgres != "":
		return postgres.Open(ctx, f.Postgres)
	case f.Data != "":
		return sqlite.Open(ctx, filepath.Join(f.Data, databaseFile))
	}
	return nil, errNoDatabase
}

// databaseFile is the SQLite database in a data folder.
const databaseFile = "clickledger.db"
