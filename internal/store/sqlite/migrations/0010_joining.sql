-- Ad spaces as publishers describe them (A1), and their applications to programs (A2).

-- +goose Up
CREATE TABLE places (
    publisher    TEXT NOT NULL,
    id           TEXT NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    url          TEXT NOT NULL,
    traffic_type TEXT NOT NULL,
    languages    TEXT NOT NULL,
    countries    TEXT NOT NULL,
    description  TEXT NOT NULL,
    tracking_ids TEXT NOT NULL,
    proof        TEXT NOT NULL,
    verified_at  INTEGER, -- null: not yet
    verified_by  TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (publisher, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE applications (
    id         INTEGER PRIMARY KEY,
    program    TEXT NOT NULL,
    publisher  TEXT NOT NULL,
    place      TEXT NOT NULL,
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

-- One application of a place to a program is open at a time.
CREATE UNIQUE INDEX applications_open ON applications (publisher, place, program) WHERE state IN ('pending', 'question', 'approved');
CREATE INDEX applications_by_state ON applications (state, id);
