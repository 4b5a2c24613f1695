package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// Scrub implements store.Store. What was deleted or replaced within a page is overwritten at once (see settings). Pages that became free
// keep what they held until they are used again, so they are used once, for zeros; then the write-ahead log, which holds pages as
// they were, is moved into the file and cut to nothing.
func (s *Store) Scrub(ctx context.Context) (err error) {
	session, err := s.take(ctx, s.writer)
	if err != nil {
		return fmt.Errorf("waiting for the database: %w", err)
	}
	defer func() { s.writer <- session }()
	if err := session.tidy(); err != nil {
		return fmt.Errorf("scrubbing the database: %w", err)
	}
	if err := session.scrub(ctx); err != nil {
		return fmt.Errorf("scrubbing the database: %w", err)
	}
	return nil
}

// scrubAtOnce is how many bytes of zeros are written as one value.
const scrubAtOnce = 16 << 20

func (s *session) scrub(ctx context.Context) (err error) {
	if err := s.run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended {
			err = errors.Join(err, s.rollBack())
		}
	}()
	var free, size int64
	if err := errors.Join(
		s.conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free),
		s.conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size),
	); err != nil {
		return err
	}
	if err := s.run("CREATE TABLE scrub (zeros BLOB)"); err != nil {
		return err
	}
	for left := free * size; left > 0; left -= scrubAtOnce {
		if _, err := s.conn.ExecContext(ctx, "INSERT INTO scrub VALUES (zeroblob(?))", min(left, scrubAtOnce)); err != nil {
			return err
		}
	}
	if err := errors.Join(s.run("DROP TABLE scrub"), s.run("COMMIT")); err != nil {
		return err
	}
	ended = true
	var busy, pages, moved int64
	if err := s.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the log could not be emptied, because somebody read the database all the while: run it again")
	}
	return nil
}
