-- Passkeys, publishers' profiles, and what people agree to: terms, and each other's proposals.

-- +goose Up
ALTER TABLE people ADD COLUMN passkeys TEXT COLLATE "C" NOT NULL DEFAULT '[]'; -- JSON
ALTER TABLE organisations ADD COLUMN profile TEXT COLLATE "C" NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE app_keys ADD COLUMN created_by TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE network_terms (
    version      BIGINT PRIMARY KEY,
    texts        TEXT COLLATE "C" NOT NULL, -- JSON, by language
    published_at BIGINT NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE acceptances (
    person       TEXT COLLATE "C" NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    document     TEXT COLLATE "C" NOT NULL, -- network, or program and its id
    version      BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    network      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, organisation, document, version)
);

CREATE INDEX acceptances_by_organisation ON acceptances (organisation, at);

CREATE TABLE proposals (
    id          TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    object      TEXT COLLATE "C" NOT NULL,
    text        TEXT COLLATE "C" NOT NULL,
    why         TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL, -- open, approved, rejected or withdrawn
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT COLLATE "C" NOT NULL,
    decided_at  BIGINT,
    reason      TEXT COLLATE "C" NOT NULL
);

CREATE INDEX proposals_by_time ON proposals (proposed_at, id);
CREATE INDEX audit_by_action ON audit (action, sequence);
CREATE INDEX audit_by_time ON audit (at, sequence);
