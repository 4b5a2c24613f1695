-- Passkeys, publishers' profiles, and what people agree to: terms, and each other's proposals.

-- +goose Up
ALTER TABLE people ADD COLUMN passkeys TEXT NOT NULL DEFAULT '[]'; -- JSON
ALTER TABLE organisations ADD COLUMN profile TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE app_keys ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

CREATE TABLE network_terms (
    version      INTEGER PRIMARY KEY,
    texts        TEXT NOT NULL, -- JSON, by language
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL
) STRICT;

CREATE TABLE acceptances (
    person       TEXT NOT NULL,
    organisation TEXT NOT NULL,
    document     TEXT NOT NULL, -- network, or program and its id
    version      INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    network      TEXT NOT NULL,
    PRIMARY KEY (person, organisation, document, version)
) WITHOUT ROWID, STRICT;

CREATE INDEX acceptances_by_organisation ON acceptances (organisation, at);

CREATE TABLE proposals (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    object      TEXT NOT NULL,
    text        TEXT NOT NULL,
    why         TEXT NOT NULL,
    state       TEXT NOT NULL, -- open, approved, rejected or withdrawn
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by  TEXT NOT NULL,
    decided_at  INTEGER,
    reason      TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX proposals_by_time ON proposals (proposed_at, id);
CREATE INDEX audit_by_action ON audit (action, sequence);
CREATE INDEX audit_by_time ON audit (at, sequence);
