-- The newest rejected calls of each API key (I1).

-- +goose Up
CREATE TABLE rejected_calls (
    number    BIGINT PRIMARY KEY,
    key       TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    path      TEXT COLLATE "C" NOT NULL,
    status    BIGINT NOT NULL,
    type      TEXT COLLATE "C" NOT NULL, -- empty: single events were refused
    refused   BIGINT NOT NULL,
    errors    TEXT COLLATE "C" NOT NULL  -- a JSON array of objects
);

CREATE INDEX rejected_calls_by_key ON rejected_calls (key, number);
CREATE INDEX rejected_calls_by_age ON rejected_calls (at);
