package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clickledger/clickledger/internal/store/sqlaccounts"
)

// Scrub implements store.Store. PostgreSQL keeps a row's old versions until VACUUM takes them out; then nothing leads to them, and their
// bytes are used again. A log that is archived, standbys and backups keep them as long as their own rules say.
func (s *Store) Scrub(ctx context.Context) error {
	tables := []string{"people", "memberships", "sessions", "tickets", "outbox", "announcement_reads", "acceptances", "audit", "idempotency_keys", "deliveries", "endpoints", "payout_details"}
	for _, t := range sqlaccounts.WrittenTexts() {
		tables = append(tables, t.Table)
	}
	slices.Sort(tables)
	if _, err := s.pool.Exec(ctx, "VACUUM "+strings.Join(slices.Compact(tables), ", ")); err != nil {
		return fmt.Errorf("scrubbing the database: %w", err)
	}
	return nil
}
