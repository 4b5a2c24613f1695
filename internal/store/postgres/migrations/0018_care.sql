-- How links are looked after: audits (L6), what is known of targets, and why links were marked dead or live again (L7).

-- +goose Up
CREATE TABLE audit_plans (
    publisher  TEXT COLLATE "C" NOT NULL, -- empty: the operator
    subject    TEXT COLLATE "C" NOT NULL,
    every      TEXT COLLATE "C" NOT NULL,
    next_at    BIGINT, -- null: when somebody asks for it
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (publisher, subject)
);

CREATE INDEX audit_plans_due ON audit_plans (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE audits (
    id BIGINT PRIMARY KEY,
    publisher  TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    links      BIGINT NOT NULL,
    pages      BIGINT NOT NULL,
    notes      TEXT COLLATE "C" NOT NULL, -- a JSON array
    found      BIGINT NOT NULL,
    fresh      BIGINT NOT NULL,
    gone       BIGINT NOT NULL,
    findings   TEXT COLLATE "C" NOT NULL  -- a JSON array of objects
);

CREATE INDEX audits_by_subject ON audits (publisher, subject, id);
CREATE INDEX audits_by_publisher ON audits (publisher, id);

CREATE TABLE targets (
    program    TEXT COLLATE "C" NOT NULL,
    hash       TEXT COLLATE "C" NOT NULL, -- SHA-256 of the address, in hex
    url        TEXT COLLATE "C" NOT NULL,
    status     BIGINT NOT NULL,
    error      TEXT COLLATE "C" NOT NULL,
    failures   BIGINT NOT NULL,
    failed_at  BIGINT, -- null: it did not fail
    checked_at BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    PRIMARY KEY (program, hash)
);

CREATE TABLE link_changes (
    number BIGINT PRIMARY KEY,
    link       BIGINT NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    program    TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    was        TEXT COLLATE "C" NOT NULL,
    became     TEXT COLLATE "C" NOT NULL,
    cause      TEXT COLLATE "C" NOT NULL,
    detail     TEXT COLLATE "C" NOT NULL,
    substitute TEXT COLLATE "C" NOT NULL
);

CREATE INDEX link_changes_by_link ON link_changes (link, number);
CREATE INDEX link_changes_by_program ON link_changes (program, number);

-- A link whose target is gone may lead to a product of the same category.
CREATE INDEX products_by_category ON products (category, id);
