-- Files that people put to trust cases (M4).

-- +goose Up
CREATE TABLE case_files (
    case_id        TEXT COLLATE "C" NOT NULL REFERENCES trust_cases (id),
    number         BIGINT NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    type           TEXT COLLATE "C" NOT NULL,
    size           BIGINT NOT NULL,
    sha256         TEXT COLLATE "C" NOT NULL,
    put_by         TEXT COLLATE "C" NOT NULL,
    from_publisher BOOLEAN NOT NULL,
    at             BIGINT NOT NULL,
    data           BYTEA NOT NULL,
    PRIMARY KEY (case_id, number)
);
