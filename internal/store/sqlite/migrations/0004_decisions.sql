-- Decision records: all of them with their explanation, and of the newest of each item what is searched and added up.

-- +goose Up
CREATE TABLE records (
    id           INTEGER PRIMARY KEY,
    program      TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    item         TEXT NOT NULL,
    sequence     INTEGER NOT NULL, -- counts the records of the item, from 1
    line         INTEGER NOT NULL,
    state        TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    ad_space     TEXT NOT NULL,
    rule         TEXT NOT NULL,
    currency     TEXT NOT NULL,
    amount       INTEGER NOT NULL, -- minor units
    value        INTEGER NOT NULL, -- minor units
    hidden       INTEGER NOT NULL,
    placed_at    INTEGER NOT NULL,
    completed_at INTEGER,
    settled_at   INTEGER,
    decided_at   INTEGER NOT NULL,
    body         TEXT NOT NULL, -- the whole record as JSON
    UNIQUE (program, order_id, item, sequence)
) STRICT;

CREATE TABLE newest_records (
    program    TEXT NOT NULL,
    order_id   TEXT NOT NULL,
    item       TEXT NOT NULL,
    sequence   INTEGER NOT NULL,
    state      TEXT NOT NULL,
    publisher  TEXT NOT NULL,
    currency   TEXT NOT NULL,
    amount     INTEGER NOT NULL,
    hidden     INTEGER NOT NULL,
    placed_at  INTEGER NOT NULL,
    settled_at INTEGER,
    digest     BLOB NOT NULL, -- SHA-256 of all but the time of deciding, so an equal record is known without reading it
    PRIMARY KEY (program, order_id, item)
) WITHOUT ROWID, STRICT;

-- Pages go from the newest order to the oldest: of everything, of a program, of a publisher.
CREATE INDEX newest_by_time ON newest_records (placed_at DESC, program, order_id, item);
CREATE INDEX newest_by_program ON newest_records (program, placed_at DESC, order_id, item);
CREATE INDEX newest_by_publisher ON newest_records (publisher, placed_at DESC, program, order_id, item);
