-- People, the organisations that they act for, sessions, tickets, API apps, the audit log and e-mail that is to be sent.

-- +goose Up
CREATE TABLE people (
    id          TEXT PRIMARY KEY,
    email       TEXT NOT NULL,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL,
    password    TEXT NOT NULL, -- argon2id, or empty
    checked_at  INTEGER,
    locked_at   INTEGER,
    created_at  INTEGER NOT NULL,
    totp_secret BLOB NOT NULL, -- sealed, or empty
    totp_since  INTEGER,
    totp_step   INTEGER NOT NULL,
    recovery    TEXT NOT NULL  -- hashes, as JSON
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX people_by_email ON people (email);

CREATE TABLE organisations (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    publisher  TEXT NOT NULL, -- or empty
    stores     TEXT NOT NULL, -- JSON
    created_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX organisations_by_publisher ON organisations (publisher) WHERE publisher <> '';
CREATE INDEX organisations_by_kind ON organisations (kind, id);

CREATE TABLE memberships (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    person       TEXT NOT NULL REFERENCES people (id),
    role         TEXT NOT NULL,
    since        INTEGER NOT NULL,
    PRIMARY KEY (organisation, person)
) WITHOUT ROWID, STRICT;

CREATE INDEX memberships_by_person ON memberships (person, since, organisation);

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY, -- hash of the token
    person       TEXT NOT NULL REFERENCES people (id),
    organisation TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    proved_at    INTEGER,
    network      TEXT NOT NULL,
    agent        TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_creation ON sessions (created_at);
CREATE INDEX sessions_by_use ON sessions (seen_at);

CREATE TABLE tickets (
    hash         TEXT PRIMARY KEY,
    purpose      TEXT NOT NULL,
    person       TEXT NOT NULL,
    email        TEXT NOT NULL,
    organisation TEXT NOT NULL,
    role         TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) WITHOUT ROWID, STRICT;

CREATE INDEX tickets_by_organisation ON tickets (organisation, purpose);
CREATE INDEX tickets_by_person ON tickets (person, purpose);

CREATE TABLE apps (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    name         TEXT NOT NULL,
    scopes       TEXT NOT NULL, -- JSON
    tracking_ids TEXT NOT NULL, -- JSON
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    revoked_at   INTEGER
) WITHOUT ROWID, STRICT;

CREATE INDEX apps_by_organisation ON apps (organisation, created_at, id);

CREATE TABLE app_keys (
    id         TEXT PRIMARY KEY,
    app        TEXT NOT NULL REFERENCES apps (id),
    secret     BLOB NOT NULL, -- sealed
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE INDEX app_keys_by_app ON app_keys (app, created_at, id);

-- Each entry holds the hash of the one before; see AuditEntry.Chain.
CREATE TABLE audit (
    sequence     INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    person       TEXT NOT NULL,
    organisation TEXT NOT NULL,
    via          TEXT NOT NULL,
    network      TEXT NOT NULL,
    action       TEXT NOT NULL,
    object       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    hash         BLOB NOT NULL
) STRICT;

CREATE INDEX audit_by_person ON audit (person, sequence);
CREATE INDEX audit_by_organisation ON audit (organisation, sequence);
CREATE INDEX audit_by_object ON audit (object, sequence);

CREATE TABLE outbox (
    id         TEXT PRIMARY KEY,
    recipient  TEXT NOT NULL,
    body       BLOB NOT NULL, -- sealed, empty when it was sent
    created_at INTEGER NOT NULL,
    next_at    INTEGER,       -- null: it is sent or given up
    attempts   INTEGER NOT NULL,
    sent_at    INTEGER,
    failure    TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX outbox_by_next ON outbox (next_at, id);
