-- Files that people put to trust cases (M4).

-- +goose Up
CREATE TABLE case_files (
    case_id        TEXT NOT NULL REFERENCES trust_cases (id),
    number         INTEGER NOT NULL,
    name           TEXT NOT NULL,
    type           TEXT NOT NULL,
    size           INTEGER NOT NULL,
    sha256         TEXT NOT NULL,
    put_by         TEXT NOT NULL,
    from_publisher INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    data           BLOB NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT;
