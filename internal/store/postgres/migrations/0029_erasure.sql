-- Who a person was can be forgotten (ADR 0011): the audit log runs over commitments to its details, so that these can be cut.

-- +goose Up
ALTER TABLE people ADD COLUMN erased_at BIGINT; -- null: not erased
ALTER TABLE audit ADD COLUMN salt BYTEA NOT NULL DEFAULT ''; -- empty: the detail was cut
ALTER TABLE audit ADD COLUMN commitment BYTEA NOT NULL DEFAULT ''; -- SHA-256 of salt and detail as it was written; empty: an entry from before
