-- The touches, and how many valid affiliate clicks each publisher had on each day, so that counting reads days and not clicks.

-- +goose Up
CREATE TABLE clicks (
    program        TEXT NOT NULL,
    id             TEXT NOT NULL,
    at             INTEGER NOT NULL,
    visitor        TEXT NOT NULL,
    channel        TEXT NOT NULL,
    publisher      TEXT NOT NULL,
    ad_space       TEXT NOT NULL,
    tracking_id    TEXT NOT NULL,
    target_kind    TEXT NOT NULL,
    target_product TEXT NOT NULL,
    target_store   TEXT NOT NULL,
    sub_af         TEXT NOT NULL,
    sub_cn         TEXT NOT NULL,
    sub_cv         TEXT NOT NULL,
    sub_dp         TEXT NOT NULL,
    session        TEXT NOT NULL,
    verdict        TEXT NOT NULL,
    token_only     INTEGER NOT NULL, -- it came as the token of an order, and its row did not (yet)
    PRIMARY KEY (id, program) -- ids sort by time
) WITHOUT ROWID, STRICT;

-- Deciding an order asks for the touches of its visitor.
CREATE INDEX clicks_by_visitor ON clicks (program, visitor, at);
-- Counting asks for the clicks of one day.
CREATE INDEX clicks_by_time ON clicks (program, at);

CREATE TABLE click_days (
    program   TEXT NOT NULL,
    publisher TEXT NOT NULL,
    day       INTEGER NOT NULL, -- days since 1970, UTC
    clicks    INTEGER NOT NULL,
    PRIMARY KEY (program, publisher, day)
) WITHOUT ROWID, STRICT;
