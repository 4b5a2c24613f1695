-- What sellers set for their stores (S1, S2), what they sold through publishers (S3), and the publishers under a subnetwork (A8).

-- +goose Up
CREATE TABLE seller_offers (
    store      TEXT COLLATE "C" NOT NULL,
    product    TEXT COLLATE "C" NOT NULL, -- empty: the whole store
    campaign   TEXT COLLATE "C" NOT NULL, -- its name; empty: the standing rate
    from_at    BIGINT NOT NULL,
    to_at      BIGINT,       -- null: open
    rate       TEXT COLLATE "C" NOT NULL, -- an exact decimal, percent
    entered_at BIGINT NOT NULL,
    entered_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, product, campaign, from_at)
);

-- Publishers look at what begins last first.
CREATE INDEX seller_offers_by_time ON seller_offers (from_at DESC, store, product, campaign);

-- Who changed what of a store; never changed itself.
CREATE TABLE seller_changes (
    id       BIGINT PRIMARY KEY,
    store    TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    by_whom  TEXT COLLATE "C" NOT NULL,
    what     TEXT COLLATE "C" NOT NULL,
    product  TEXT COLLATE "C" NOT NULL,
    campaign TEXT COLLATE "C" NOT NULL,
    rate     TEXT COLLATE "C" NOT NULL,
    from_at  BIGINT,
    to_at    BIGINT
);
CREATE INDEX seller_changes_by_store ON seller_changes (store, id DESC);

CREATE INDEX products_by_store ON products (store, id);

CREATE TABLE sub_publishers (
    publisher    TEXT COLLATE "C" NOT NULL, -- the subnetwork
    id           TEXT COLLATE "C" NOT NULL, -- the ad space that stands for it in programs
    parent       TEXT COLLATE "C" NOT NULL, -- the subnetwork's own ad space that it works under
    name         TEXT COLLATE "C" NOT NULL,
    site         TEXT COLLATE "C" NOT NULL,
    traffic_type TEXT COLLATE "C" NOT NULL,
    note         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    blocked_at   BIGINT,       -- null: not blocked
    blocked_by   TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (publisher, id)
);

-- Items by the store that sold them, and the network's fee on them.
ALTER TABLE newest_records ADD COLUMN store TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE newest_records ADD COLUMN fee BIGINT NOT NULL DEFAULT 0;
CREATE INDEX newest_by_store ON newest_records (store, placed_at DESC, program, order_id, item) WHERE store <> '';
