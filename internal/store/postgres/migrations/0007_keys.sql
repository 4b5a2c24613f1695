-- Idempotency keys, with the answers that calls were given.

-- +goose Up
CREATE TABLE idempotency_keys (
    scope      TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    hash       BYTEA NOT NULL, -- of the call
    answer     BYTEA,          -- null: none yet
    claimed_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
