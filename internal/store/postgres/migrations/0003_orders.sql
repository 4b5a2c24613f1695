-- Order events as they were reported, the catalogue facts that orders were first decided with, and what orders wait for.

-- +goose Up
CREATE TABLE order_events (
    program     TEXT COLLATE "C" NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL, -- SHA-256 of the event's content, so the same event is kept once
    kind        TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL, -- what the kind has beside the time, as JSON
    received_at BIGINT NOT NULL,
    PRIMARY KEY (program, order_id, at, fingerprint)
);

CREATE TABLE order_facts (
    program  TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    facts    TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (program, order_id)
);

CREATE TABLE orders (
    program   TEXT COLLATE "C" NOT NULL,
    order_id  TEXT COLLATE "C" NOT NULL,
    visitor   TEXT COLLATE "C" NOT NULL,
    click     TEXT COLLATE "C" NOT NULL,
    placed_at BIGINT NOT NULL,
    next_at   BIGINT, -- when it must be decided again without news; null: never
    PRIMARY KEY (program, order_id)
) WITH (fillfactor = 70);

-- Late clicks ask for the orders of their visitor and for those that name them.
CREATE INDEX orders_by_visitor ON orders (program, visitor) WHERE visitor <> '';
CREATE INDEX orders_by_click ON orders (program, click) WHERE click <> '';
CREATE INDEX orders_due ON orders (next_at, program, order_id) WHERE next_at IS NOT NULL;
