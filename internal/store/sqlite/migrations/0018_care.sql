-- How links are looked after: audits (L6), what is known of targets, and why links were marked dead or live again (L7).

-- +goose Up
CREATE TABLE audit_plans (
    publisher  TEXT NOT NULL, -- empty: the operator
    subject    TEXT NOT NULL,
    every      TEXT NOT NULL,
    next_at    INTEGER, -- null: when somebody asks for it
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (publisher, subject)
) WITHOUT ROWID, STRICT;

CREATE INDEX audit_plans_due ON audit_plans (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE audits (
    id INTEGER PRIMARY KEY,
    publisher  TEXT NOT NULL,
    subject    TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    links      INTEGER NOT NULL,
    pages      INTEGER NOT NULL,
    notes      TEXT NOT NULL, -- a JSON array
    found      INTEGER NOT NULL,
    fresh      INTEGER NOT NULL,
    gone       INTEGER NOT NULL,
    findings   TEXT NOT NULL  -- a JSON array of objects
) STRICT;

CREATE INDEX audits_by_subject ON audits (publisher, subject, id);
CREATE INDEX audits_by_publisher ON audits (publisher, id);

CREATE TABLE targets (
    program    TEXT NOT NULL,
    hash       TEXT NOT NULL, -- SHA-256 of the address, in hex
    url        TEXT NOT NULL,
    status     INTEGER NOT NULL,
    error      TEXT NOT NULL,
    failures   INTEGER NOT NULL,
    failed_at  INTEGER, -- null: it did not fail
    checked_at INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    PRIMARY KEY (program, hash)
) WITHOUT ROWID, STRICT;

CREATE TABLE link_changes (
    number INTEGER PRIMARY KEY,
    link       INTEGER NOT NULL,
    code       TEXT NOT NULL,
    program    TEXT NOT NULL,
    at         INTEGER NOT NULL,
    was        TEXT NOT NULL,
    became     TEXT NOT NULL,
    cause      TEXT NOT NULL,
    detail     TEXT NOT NULL,
    substitute TEXT NOT NULL
) STRICT;

CREATE INDEX link_changes_by_link ON link_changes (link, number);
CREATE INDEX link_changes_by_program ON link_changes (program, number);

-- A link whose target is gone may lead to a product of the same category.
CREATE INDEX products_by_category ON products (category, id);
