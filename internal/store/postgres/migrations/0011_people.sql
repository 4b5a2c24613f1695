-- People, the organisations that they act for, sessions, tickets, API apps, the audit log and e-mail that is to be sent.

-- +goose Up
CREATE TABLE people (
    id          TEXT COLLATE "C" PRIMARY KEY,
    email       TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    language    TEXT COLLATE "C" NOT NULL,
    password    TEXT COLLATE "C" NOT NULL, -- argon2id, or empty
    checked_at  BIGINT,
    locked_at   BIGINT,
    created_at  BIGINT NOT NULL,
    totp_secret BYTEA NOT NULL, -- sealed, or empty
    totp_since  BIGINT,
    totp_step   BIGINT NOT NULL,
    recovery    TEXT COLLATE "C" NOT NULL  -- hashes, as JSON
);

CREATE UNIQUE INDEX people_by_email ON people (email);

CREATE TABLE organisations (
    id         TEXT COLLATE "C" PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    publisher  TEXT COLLATE "C" NOT NULL, -- or empty
    stores     TEXT COLLATE "C" NOT NULL, -- JSON
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX organisations_by_publisher ON organisations (publisher) WHERE publisher <> '';
CREATE INDEX organisations_by_kind ON organisations (kind, id);

CREATE TABLE memberships (
    organisation TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    person       TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    role         TEXT COLLATE "C" NOT NULL,
    since        BIGINT NOT NULL,
    PRIMARY KEY (organisation, person)
);

CREATE INDEX memberships_by_person ON memberships (person, since, organisation);

CREATE TABLE sessions (
    id           TEXT COLLATE "C" PRIMARY KEY, -- hash of the token
    person       TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    organisation TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    proved_at    BIGINT,
    network      TEXT COLLATE "C" NOT NULL,
    agent        TEXT COLLATE "C" NOT NULL
);

CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_creation ON sessions (created_at);
CREATE INDEX sessions_by_use ON sessions (seen_at);

CREATE TABLE tickets (
    hash         TEXT COLLATE "C" PRIMARY KEY,
    purpose      TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    email        TEXT COLLATE "C" NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    made_by      TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);

CREATE INDEX tickets_by_organisation ON tickets (organisation, purpose);
CREATE INDEX tickets_by_person ON tickets (person, purpose);

CREATE TABLE apps (
    id           TEXT COLLATE "C" PRIMARY KEY,
    organisation TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    name         TEXT COLLATE "C" NOT NULL,
    scopes       TEXT COLLATE "C" NOT NULL, -- JSON
    tracking_ids TEXT COLLATE "C" NOT NULL, -- JSON
    created_at   BIGINT NOT NULL,
    created_by   TEXT COLLATE "C" NOT NULL,
    revoked_at   BIGINT
);

CREATE INDEX apps_by_organisation ON apps (organisation, created_at, id);

CREATE TABLE app_keys (
    id         TEXT COLLATE "C" PRIMARY KEY,
    app        TEXT COLLATE "C" NOT NULL REFERENCES apps (id),
    secret     BYTEA NOT NULL, -- sealed
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE INDEX app_keys_by_app ON app_keys (app, created_at, id);

-- Each entry holds the hash of the one before; see AuditEntry.Chain.
CREATE TABLE audit (
    sequence     BIGINT PRIMARY KEY,
    at           BIGINT NOT NULL,
    person       TEXT COLLATE "C" NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    via          TEXT COLLATE "C" NOT NULL,
    network      TEXT COLLATE "C" NOT NULL,
    action       TEXT COLLATE "C" NOT NULL,
    object       TEXT COLLATE "C" NOT NULL,
    detail       TEXT COLLATE "C" NOT NULL,
    hash         BYTEA NOT NULL
);

CREATE INDEX audit_by_person ON audit (person, sequence);
CREATE INDEX audit_by_organisation ON audit (organisation, sequence);
CREATE INDEX audit_by_object ON audit (object, sequence);

CREATE TABLE outbox (
    id         TEXT COLLATE "C" PRIMARY KEY,
    recipient  TEXT COLLATE "C" NOT NULL,
    body       BYTEA NOT NULL, -- sealed, empty when it was sent
    created_at BIGINT NOT NULL,
    next_at    BIGINT,       -- null: it is sent or given up
    attempts   BIGINT NOT NULL,
    sent_at    BIGINT,
    failure    TEXT COLLATE "C" NOT NULL
);

CREATE INDEX outbox_by_next ON outbox (next_at, id);
