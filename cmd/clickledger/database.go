package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clickledger/clickledger/cmd/clickledger/files"
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
var errNoDatabase = files.Bad("name the database: --data DIR for SQLite, or --postgres DSN")

// open opens the database that the flags name.
func (f databaseFlags) open(ctx context.Context) (store.Store, error) {
	switch {
	case f.Postgres != "":
		if _, err := pgxpool.ParseConfig(f.Postgres); err != nil {
			return nil, files.Bad("--postgres: it is no address of a database, such as postgres://user@host/database: %w", err)
		}
		db, err := postgres.Open(ctx, f.Postgres)
		if err != nil {
			return nil, fmt.Errorf("--postgres: %w", err)
		}
		return db, nil
	case f.Data != "":
		if err := files.CanBeFolder("--data", f.Data); err != nil {
			return nil, err
		}
		return sqlite.Open(ctx, filepath.Join(f.Data, databaseFile))
	}
	return nil, errNoDatabase
}

// existing is open for commands that look at what is there, or change it: a folder without a database is not the one that was meant.
func (f databaseFlags) existing(ctx context.Context) (store.Store, error) {
	if f.Postgres == "" && f.Data != "" {
		path := filepath.Join(f.Data, databaseFile)
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return nil, files.Bad("--data: there is no database %s: name the data folder of a server", path)
		}
	}
	return f.open(ctx)
}

// databaseFile is the SQLite database in a data folder.
const databaseFile = "clickledger.db"
