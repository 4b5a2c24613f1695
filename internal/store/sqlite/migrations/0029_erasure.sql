-- Who a person was can be forgotten (ADR 0011): the audit log runs over commitments to its details, so that these can be cut.

-- +goose Up
ALTER TABLE people ADD COLUMN erased_at INTEGER; -- null: not erased
ALTER TABLE audit ADD COLUMN salt BLOB NOT NULL DEFAULT x''; -- empty: the detail was cut
ALTER TABLE audit ADD COLUMN commitment BLOB NOT NULL DEFAULT x''; -- SHA-256 of salt and detail as it was written; empty: an entry from before
