-- Idempotency keys, with the answers that calls were given.

-- +goose Up
CREATE TABLE idempotency_keys (
    scope      TEXT NOT NULL,
    key        TEXT NOT NULL,
    hash       BLOB NOT NULL, -- of the call
    answer     BLOB,          -- null: none yet
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID, STRICT;
