package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clickledger/clickledger/internal/store"
	"github.com/clickledger/clickledger/internal/store/sqlstore"
)

// ahead is how many days get their partitions before they begin.
const ahead = 7

// Tidy implements store.Store. Touches and visits lie in a partition for each day; a day that is over is forgotten by dropping
// its partition, after what orders need was moved to the rest.
func (s *Store) Tidy(ctx context.Context, now time.Time, keep store.Retention) (done store.Tidied, err error) {
	for _, table := range []string{"clicks", "visits"} {
		for d := range ahead + 1 {
			if err := s.addDay(ctx, table, now.UTC().AddDate(0, 0, d)); err != nil {
				return done, err
			}
		}
	}
	if err := sqlstore.Seal(ctx, s, now, keep); err != nil {
		return done, err
	}
	if done.Clicks, err = s.forget(ctx, "clicks", sqlstore.Touches, now, keep.Clicks, "SELECT c.* FROM %s c WHERE "+sqlstore.Needed); err != nil {
		return done, err
	}
	done.Visits, err = s.forget(ctx, "visits", sqlstore.Visits, now, keep.Visits, "")
	return done, err
}

// forget drops the days that are over, and takes what is left out of the rest.
func (s *Store) forget(ctx context.Context, table string, what sqlstore.Kept, now time.Time, keep time.Duration, stays string) (int64, error) {
	if keep <= 0 {
		return 0, nil
	}
	var dropped int64
	if err := s.dropDays(ctx, table, now.Add(-keep), stays, &dropped); err != nil {
		return dropped, err
	}
	n, err := sqlstore.Forget(ctx, s, what, now.Add(-keep))
	return dropped + n, err
}

func partition(table string, day time.Time) string { return table + "_" + day.Format("20060102") }

// addDay makes a day's partition. A day that has rows in the rest already stays there.
func (s *Store) addDay(ctx context.Context, table string, at time.Time) error {
	day := at.Truncate(24 * time.Hour)
	_, err := s.pool.Exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM (%d) TO (%d)",
		partition(table, day), table, day.UnixMicro(), day.AddDate(0, 0, 1).UnixMicro()))
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "23514" || refused.Code == "42P07") { // rows in the rest; somebody was faster
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the partition of %s for %s: %w", table, day.Format(time.DateOnly), err)
	}
	return nil
}

// dropDays drops the partitions of the days that ended before a time. keep selects what stays; empty: nothing.
func (s *Store) dropDays(ctx context.Context, table string, before time.Time, keep string, count *int64) error {
	names, err := s.partitions(ctx, table)
	if err != nil {
		return fmt.Errorf("listing the partitions of %s: %w", table, err)
	}
	for _, name := range names {
		day, err := time.Parse("20060102", strings.TrimPrefix(name, table+"_"))
		if err != nil || day.AddDate(0, 0, 1).After(before) {
			continue // the rest, or a day that is still to be kept
		}
		var had, stay int64
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM "+name).Scan(&had); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "ALTER TABLE "+table+" DETACH PARTITION "+name); err != nil {
				return err
			}
			if keep != "" {
				moved, err := tx.Exec(ctx, "INSERT INTO "+table+" "+fmt.Sprintf(keep, name))
				if err != nil {
					return err
				}
				stay = moved.RowsAffected()
			}
			_, err := tx.Exec(ctx, "DROP TABLE "+name)
			return err
		})
		if err != nil {
			return fmt.Errorf("dropping partition %s: %w", name, err)
		}
		*count += had - stay
	}
	return nil
}

func (s *Store) partitions(ctx context.Context, table string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_class t ON t.oid = i.inhparent
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.relname = $1 AND n.nspname = $2 ORDER BY p.relname`, table, s.schema)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
