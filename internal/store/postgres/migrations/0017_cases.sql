-- Trust cases (M4, F5): the whole of a case is its body, the columns are what it is found by.

-- +goose Up
CREATE TABLE trust_cases (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    program   TEXT COLLATE "C" NOT NULL,
    publisher TEXT COLLATE "C" NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    outcome   TEXT COLLATE "C" NOT NULL,
    category  TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    next_at   BIGINT, -- null: it does not go on by itself
    revision  BIGINT NOT NULL,
    body      TEXT COLLATE "C" NOT NULL
);

CREATE INDEX trust_cases_opened ON trust_cases (opened_at);
CREATE INDEX trust_cases_of_publisher ON trust_cases (publisher, opened_at);
CREATE INDEX trust_cases_due ON trust_cases (next_at) WHERE next_at IS NOT NULL;
