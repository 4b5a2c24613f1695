-- What decisions look up. Times are microseconds since 1970, UTC, in every table.

-- +goose Up
CREATE TABLE documents (
    program        TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    effective_from BIGINT NOT NULL,
    body           TEXT COLLATE "C" NOT NULL, -- the YAML as published
    published_at   BIGINT NOT NULL,
    PRIMARY KEY (program, version)
);

CREATE TABLE ad_spaces (
    program      TEXT COLLATE "C" NOT NULL,
    publisher    TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    traffic_type TEXT COLLATE "C" NOT NULL,
    approved_at  BIGINT NOT NULL,
    blocked_at   BIGINT,          -- null: not blocked
    parent       TEXT COLLATE "C" NOT NULL,
    tracking_ids TEXT COLLATE "C" NOT NULL, -- a JSON array, as in all columns that hold a list
    coupons      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (program, publisher, id)
);

CREATE TABLE products (
    id          TEXT COLLATE "C" PRIMARY KEY,
    store       TEXT COLLATE "C" NOT NULL,
    category    TEXT COLLATE "C" NOT NULL,
    affiliate   BOOLEAN NOT NULL,
    virtual     BOOLEAN NOT NULL,
    hot_rate    TEXT COLLATE "C" NOT NULL, -- an exact decimal; empty: none
    seller_rate TEXT COLLATE "C" NOT NULL,
    campaigns   TEXT COLLATE "C" NOT NULL
);

CREATE TABLE stores (
    id      TEXT COLLATE "C" PRIMARY KEY,
    name    TEXT COLLATE "C" NOT NULL,
    lists   TEXT COLLATE "C" NOT NULL,
    rate    TEXT COLLATE "C" NOT NULL,
    periods TEXT COLLATE "C" NOT NULL
);

CREATE TABLE quotes (
    base   TEXT COLLATE "C" NOT NULL,
    quoted TEXT COLLATE "C" NOT NULL,
    day    TEXT COLLATE "C" NOT NULL,
    rate   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (base, quoted, day)
);
