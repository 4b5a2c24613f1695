package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// The steps to the schema, numbered as SQLite's.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings a database to the schema of this version of the program. Servers that start at the same time wait for each
// other.
func migrate(ctx context.Context, pool *pgxpool.Pool, schema string) (err error) {
	// A connection beside the pool, which may have one only.
	guard, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close(context.WithoutCancel(ctx))) }() // gives the lock back
	if _, err := guard.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey(schema, "schema")); err != nil {
		return fmt.Errorf("waiting for other servers to bring the schema up to date: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	steps, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	is, known, err := steps.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if is > known {
		return fmt.Errorf("a newer version of the program wrote it: its schema is at step %d and this version knows %d; run that version, or restore a backup", is, known)
	}
	if is == known {
		return nil
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema from step %d to %d: %w", is, known, err)
	}
	return nil
}
