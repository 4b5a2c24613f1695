package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// The steps to the schema, numbered as PostgreSQL's.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings a database to the schema of this version of the program.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	last, attempt := int64(-1), 0
	for {
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
		// Another process may be at it too: whoever comes second finds the step done, once for each step at the worst.
		if attempt++; is > last {
			last, attempt = is, 1
		}
		if _, err := steps.Up(ctx); err != nil && attempt == 3 {
			return fmt.Errorf("bringing the schema from step %d to %d: %w", is, known, err)
		}
	}
}
