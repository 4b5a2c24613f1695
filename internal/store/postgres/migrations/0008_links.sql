-- Affiliate links (L1), what edges saw of clicks (L3), and how far their logs were read.

-- +goose Up
CREATE TABLE counters (
    name TEXT COLLATE "C" PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE links (
    id          BIGINT PRIMARY KEY,
    code        TEXT COLLATE "C" NOT NULL,
    program     TEXT COLLATE "C" NOT NULL,
    publisher   TEXT COLLATE "C" NOT NULL,
    ad_space    TEXT COLLATE "C" NOT NULL,
    tracking_id TEXT COLLATE "C" NOT NULL,
    target      TEXT COLLATE "C" NOT NULL, -- JSON
    substitute  TEXT COLLATE "C" NOT NULL, -- JSON, or empty
    state       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    change      BIGINT NOT NULL
);

CREATE UNIQUE INDEX links_by_code ON links (code);
-- Edges follow the changes.
CREATE INDEX links_by_change ON links (change);
CREATE INDEX links_by_publisher ON links (publisher, id);

CREATE TABLE visits (
    program    TEXT COLLATE "C" NOT NULL,
    click      TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    publisher  TEXT COLLATE "C" NOT NULL,
    link       BIGINT NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    flags      BIGINT NOT NULL,
    repeat     BIGINT NOT NULL,
    consent    TEXT COLLATE "C" NOT NULL,
    country    TEXT COLLATE "C" NOT NULL,
    device     TEXT COLLATE "C" NOT NULL,
    agent      TEXT COLLATE "C" NOT NULL,
    os         TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL,
    referrer   TEXT COLLATE "C" NOT NULL,
    network    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (click, program, at) -- ids sort by time
) PARTITION BY RANGE (at);

CREATE TABLE visits_rest PARTITION OF visits DEFAULT;

CREATE INDEX visits_by_time ON visits (program, at);

CREATE TABLE log_positions (
    log      TEXT COLLATE "C" PRIMARY KEY,
    position TEXT COLLATE "C" NOT NULL
);
