-- Payout runs, their bank files, and how publishers are paid.

-- +goose Up
CREATE TABLE payout_runs (
    id         TEXT COLLATE "C" PRIMARY KEY,
    revision   BIGINT NOT NULL, -- counts the changes, from 1
    program    TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    drafted_at BIGINT NOT NULL,
    body       TEXT COLLATE "C" NOT NULL -- the run as JSON
);

CREATE TABLE payout_files (
    run  TEXT COLLATE "C" NOT NULL REFERENCES payout_runs (id),
    name TEXT COLLATE "C" NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run, name)
);

CREATE TABLE payout_details (
    publisher  TEXT COLLATE "C" PRIMARY KEY,
    details    TEXT COLLATE "C" NOT NULL, -- JSON
    changed_at BIGINT NOT NULL
);
