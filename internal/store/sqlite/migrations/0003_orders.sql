-- Order events as they were reported, the catalogue facts that orders were first decided with, and what orders wait for.

-- +goose Up
CREATE TABLE order_events (
    program     TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    at          INTEGER NOT NULL,
    fingerprint BLOB NOT NULL, -- SHA-256 of the event's content, so the same event is kept once
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL, -- what the kind has beside the time, as JSON
    received_at INTEGER NOT NULL,
    PRIMARY KEY (program, order_id, at, fingerprint)
) WITHOUT ROWID, STRICT;

CREATE TABLE order_facts (
    program  TEXT NOT NULL,
    order_id TEXT NOT NULL,
    facts    TEXT NOT NULL, -- JSON
    PRIMARY KEY (program, order_id)
) WITHOUT ROWID, STRICT;

CREATE TABLE orders (
    program   TEXT NOT NULL,
    order_id  TEXT NOT NULL,
    visitor   TEXT NOT NULL,
    click     TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    next_at   INTEGER, -- when it must be decided again without news; null: never
    PRIMARY KEY (program, order_id)
) WITHOUT ROWID, STRICT;

-- Late clicks ask for the orders of their visitor and for those that name them.
CREATE INDEX orders_by_visitor ON orders (program, visitor) WHERE visitor <> '';
CREATE INDEX orders_by_click ON orders (program, click) WHERE click <> '';
CREATE INDEX orders_due ON orders (next_at, program, order_id) WHERE next_at IS NOT NULL;
