-- What decisions look up. Times are microseconds since 1970, UTC, in every table.

-- +goose Up
CREATE TABLE documents (
    program        TEXT NOT NULL,
    version        INTEGER NOT NULL,
    effective_from INTEGER NOT NULL,
    body           TEXT NOT NULL, -- the YAML as published
    published_at   INTEGER NOT NULL,
    PRIMARY KEY (program, version)
) WITHOUT ROWID, STRICT;

CREATE TABLE ad_spaces (
    program      TEXT NOT NULL,
    publisher    TEXT NOT NULL,
    id           TEXT NOT NULL,
    traffic_type TEXT NOT NULL,
    approved_at  INTEGER NOT NULL,
    blocked_at   INTEGER,          -- null: not blocked
    parent       TEXT NOT NULL,
    tracking_ids TEXT NOT NULL, -- a JSON array, as in all columns that hold a list
    coupons      TEXT NOT NULL,
    PRIMARY KEY (program, publisher, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE products (
    id          TEXT PRIMARY KEY,
    store       TEXT NOT NULL,
    category    TEXT NOT NULL,
    affiliate   INTEGER NOT NULL,
    virtual     INTEGER NOT NULL,
    hot_rate    TEXT NOT NULL, -- an exact decimal; empty: none
    seller_rate TEXT NOT NULL,
    campaigns   TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE stores (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    lists   TEXT NOT NULL,
    rate    TEXT NOT NULL,
    periods TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE quotes (
    base   TEXT NOT NULL,
    quoted TEXT NOT NULL,
    day    TEXT NOT NULL,
    rate   TEXT NOT NULL,
    PRIMARY KEY (base, quoted, day)
) WITHOUT ROWID, STRICT;
