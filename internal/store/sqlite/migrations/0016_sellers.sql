-- What sellers set for their stores (S1, S2), what they sold through publishers (S3), and the publishers under a subnetwork (A8).

-- +goose Up
CREATE TABLE seller_offers (
    store      TEXT NOT NULL,
    product    TEXT NOT NULL, -- empty: the whole store
    campaign   TEXT NOT NULL, -- its name; empty: the standing rate
    from_at    INTEGER NOT NULL,
    to_at      INTEGER,       -- null: open
    rate       TEXT NOT NULL, -- an exact decimal, percent
    entered_at INTEGER NOT NULL,
    entered_by TEXT NOT NULL,
    PRIMARY KEY (store, product, campaign, from_at)
) WITHOUT ROWID, STRICT;

-- Publishers look at what begins last first.
CREATE INDEX seller_offers_by_time ON seller_offers (from_at DESC, store, product, campaign);

-- Who changed what of a store; never changed itself.
CREATE TABLE seller_changes (
    id       INTEGER PRIMARY KEY,
    store    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    by_whom  TEXT NOT NULL,
    what     TEXT NOT NULL,
    product  TEXT NOT NULL,
    campaign TEXT NOT NULL,
    rate     TEXT NOT NULL,
    from_at  INTEGER,
    to_at    INTEGER
) STRICT;
CREATE INDEX seller_changes_by_store ON seller_changes (store, id DESC);

CREATE INDEX products_by_store ON products (store, id);

CREATE TABLE sub_publishers (
    publisher    TEXT NOT NULL, -- the subnetwork
    id           TEXT NOT NULL, -- the ad space that stands for it in programs
    parent       TEXT NOT NULL, -- the subnetwork's own ad space that it works under
    name         TEXT NOT NULL,
    site         TEXT NOT NULL,
    traffic_type TEXT NOT NULL,
    note         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    blocked_at   INTEGER,       -- null: not blocked
    blocked_by   TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (publisher, id)
) WITHOUT ROWID, STRICT;

-- Items by the store that sold them, and the network's fee on them.
ALTER TABLE newest_records ADD COLUMN store TEXT NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN fee INTEGER NOT NULL DEFAULT 0;
CREATE INDEX newest_by_store ON newest_records (store, placed_at DESC, program, order_id, item) WHERE store <> '';
