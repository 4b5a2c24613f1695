-- The newest rejected calls of each API key (I1).

-- +goose Up
CREATE TABLE rejected_calls (
    number    INTEGER PRIMARY KEY,
    key       TEXT NOT NULL,
    at        INTEGER NOT NULL,
    operation TEXT NOT NULL,
    path      TEXT NOT NULL,
    status    INTEGER NOT NULL,
    type      TEXT NOT NULL, -- empty: single events were refused
    refused   INTEGER NOT NULL,
    errors    TEXT NOT NULL  -- a JSON array of objects
) STRICT;

CREATE INDEX rejected_calls_by_key ON rejected_calls (key, number);
CREATE INDEX rejected_calls_by_age ON rejected_calls (at);
