-- Trust cases (M4, F5): the whole of a case is its body, the columns are what it is found by.

-- +goose Up
CREATE TABLE trust_cases (
    id        TEXT NOT NULL PRIMARY KEY,
    program   TEXT NOT NULL,
    publisher TEXT NOT NULL,
    state     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    category  TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    next_at   INTEGER, -- null: it does not go on by itself
    revision  INTEGER NOT NULL,
    body      TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX trust_cases_opened ON trust_cases (opened_at);
CREATE INDEX trust_cases_of_publisher ON trust_cases (publisher, opened_at);
CREATE INDEX trust_cases_due ON trust_cases (next_at) WHERE next_at IS NOT NULL;
