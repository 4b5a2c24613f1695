-- Messages to publishers' own systems (L9).

-- +goose Up
CREATE TABLE endpoints (
    publisher  TEXT NOT NULL,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    address    TEXT NOT NULL,
    events     TEXT NOT NULL, -- a JSON array
    secrets    TEXT NOT NULL, -- a JSON array of what is sealed, in base64
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (publisher, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE deliveries (
    publisher  TEXT NOT NULL,
    endpoint   TEXT NOT NULL,
    message    TEXT NOT NULL,
    body       TEXT NOT NULL,
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    next_at    INTEGER, -- null: it is tried no more
    status     INTEGER NOT NULL,
    error      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (publisher, endpoint, message)
) WITHOUT ROWID, STRICT;

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_time ON deliveries (publisher, endpoint, created_at, message);

CREATE TABLE message_cursors (
    program TEXT PRIMARY KEY,
    number  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Messages follow the decisions of a program.
CREATE INDEX records_by_program ON records (program, id);
