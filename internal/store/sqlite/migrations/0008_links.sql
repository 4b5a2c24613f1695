-- Affiliate links (L1), what edges saw of clicks (L3), and how far their logs were read.

-- +goose Up
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE links (
    id          INTEGER PRIMARY KEY,
    code        TEXT NOT NULL,
    program     TEXT NOT NULL,
    publisher   TEXT NOT NULL,
    ad_space    TEXT NOT NULL,
    tracking_id TEXT NOT NULL,
    target      TEXT NOT NULL, -- JSON
    substitute  TEXT NOT NULL, -- JSON, or empty
    state       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    change      INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX links_by_code ON links (code);
-- Edges follow the changes.
CREATE INDEX links_by_change ON links (change);
CREATE INDEX links_by_publisher ON links (publisher, id);

CREATE TABLE visits (
    program    TEXT NOT NULL,
    click      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    publisher  TEXT NOT NULL,
    link       INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    flags      INTEGER NOT NULL,
    repeat     INTEGER NOT NULL,
    consent    TEXT NOT NULL,
    country    TEXT NOT NULL,
    device     TEXT NOT NULL,
    agent      TEXT NOT NULL,
    os         TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    referrer   TEXT NOT NULL,
    network    TEXT NOT NULL,
    PRIMARY KEY (click, program) -- ids sort by time
) WITHOUT ROWID, STRICT;

CREATE INDEX visits_by_time ON visits (program, at);

CREATE TABLE log_positions (
    log      TEXT PRIMARY KEY,
    position TEXT NOT NULL
) WITHOUT ROWID, STRICT;
