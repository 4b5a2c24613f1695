-- Ad spaces as publishers describe them (A1), and their applications to programs (A2).

-- +goose Up
CREATE TABLE places (
    publisher    TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    url          TEXT COLLATE "C" NOT NULL,
    traffic_type TEXT COLLATE "C" NOT NULL,
    languages    TEXT COLLATE "C" NOT NULL,
    countries    TEXT COLLATE "C" NOT NULL,
    description  TEXT COLLATE "C" NOT NULL,
    tracking_ids TEXT COLLATE "C" NOT NULL,
    proof        TEXT COLLATE "C" NOT NULL,
    verified_at  BIGINT, -- null: not yet
    verified_by  TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (publisher, id)
);

CREATE TABLE applications (
    id         BIGINT PRIMARY KEY,
    program    TEXT COLLATE "C" NOT NULL,
    publisher  TEXT COLLATE "C" NOT NULL,
    place      TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    note       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL
);

-- One application of a place to a program is open at a time.
CREATE UNIQUE INDEX applications_open ON applications (publisher, place, program) WHERE state IN ('pending', 'question', 'approved');
CREATE INDEX applications_by_state ON applications (state, id);
