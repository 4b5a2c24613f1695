-- Payout runs, their bank files, and how publishers are paid.

-- +goose Up
CREATE TABLE payout_runs (
    id         TEXT PRIMARY KEY,
    revision   INTEGER NOT NULL, -- counts the changes, from 1
    program    TEXT NOT NULL,
    state      TEXT NOT NULL,
    drafted_at INTEGER NOT NULL,
    body       TEXT NOT NULL -- the run as JSON
) WITHOUT ROWID, STRICT;

CREATE TABLE payout_files (
    run  TEXT NOT NULL REFERENCES payout_runs (id),
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, name)
) STRICT;

CREATE TABLE payout_details (
    publisher  TEXT PRIMARY KEY,
    details    TEXT NOT NULL, -- JSON
    changed_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
