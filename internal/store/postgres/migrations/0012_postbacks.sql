-- Messages to publishers' own systems (L9).

-- +goose Up
CREATE TABLE endpoints (
    publisher  TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    address    TEXT COLLATE "C" NOT NULL,
    events     TEXT COLLATE "C" NOT NULL, -- a JSON array
    secrets    TEXT COLLATE "C" NOT NULL, -- a JSON array of what is sealed, in base64
    state      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (publisher, id)
);

CREATE TABLE deliveries (
    publisher  TEXT COLLATE "C" NOT NULL,
    endpoint   TEXT COLLATE "C" NOT NULL,
    message    TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    next_at    BIGINT, -- null: it is tried no more
    status     BIGINT NOT NULL,
    error      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (publisher, endpoint, message)
);

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_time ON deliveries (publisher, endpoint, created_at, message);

CREATE TABLE message_cursors (
    program TEXT COLLATE "C" PRIMARY KEY,
    number  BIGINT NOT NULL
);

-- Messages follow the decisions of a program.
CREATE INDEX records_by_program ON records (program, id);
